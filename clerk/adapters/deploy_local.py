"""Publishing into a folder that Datasette or a web server reads: databases in, served ones out.

    <publish_dir>/<subdomain>/meetings.db                      what readers see
    <publish_dir>/<subdomain>/generations/00000012.db          what can be served again
    <publish_dir>/<subdomain>/generations/00000013.withdrawn   rolled back; never served again

The served generation is the kept one that *is* `meetings.db` (one inode, or a copy with its size
and time), so nothing beside the files can disagree with what readers see. Each step leaves a state
from which the next deploy or rollback goes on; `meetings.db` is only ever replaced by a rename.
Accepted: with hard links, whoever writes into `meetings.db` writes into the kept generation too.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clerk.adapters.locks import file_lock
from clerk.errors import InvalidInput
from clerk.files import link_or_copy, looks_copied, replacing, same_file
from clerk.keys import valid_subdomain
from clerk.model import Deployed, Site

_SERVED = "meetings.db"
_LOCK = ".lock"
_KEPT = re.compile(r"(\d{8,})\.db")
_WITHDRAWN = re.compile(r"(\d{8,})\.withdrawn")


class _Shelf:
    """One site's published folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served = folder / _SERVED
        self.generations = folder / "generations"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other deploys and rollbacks of this site out; raises Busy after some seconds."""
        with file_lock(self.folder / _LOCK):
            yield

    def kept(self, generation: int) -> Path:
        return self.generations / f"{generation:08d}.db"

    def tombstone(self, generation: int) -> Path:
        return self.generations / f"{generation:08d}.withdrawn"

    def kept_generations(self) -> list[int]:
        """Generations whose file is here, oldest first."""
        return self._numbers(_KEPT)

    def withdrawn_generations(self) -> list[int]:
        """Generations that were rolled back, oldest first."""
        return self._numbers(_WITHDRAWN)

    def _numbers(self, pattern: re.Pattern[str]) -> list[int]:
        names = [p.name for p in self.generations.iterdir()] if self.generations.is_dir() else []
        return sorted(int(match[1]) for name in names if (match := pattern.fullmatch(name)))

    def serving(self) -> Deployed | None:
        """What readers see; generation 0 where the file is none that this deployer put there."""
        if not self.served.is_file():
            return None
        generation = self._served_generation()
        return Deployed(location=str(self.served), generation=generation, replaced=None)

    def _served_generation(self) -> int:
        kept = self.kept_generations()
        linked = [n for n in kept if same_file(self.kept(n), self.served)]
        copied = [n for n in kept if looks_copied(self.kept(n), self.served)]
        return max(linked or copied, default=0)

    def serve(self, generation: int) -> Deployed:
        """Put a kept generation before readers."""
        before = self.serving()
        link_or_copy(self.kept(generation), self.served)
        return Deployed(
            location=str(self.served),
            generation=generation,
            replaced=before.generation if before else None,
        )

    def accepts(self, generation: int) -> bool:
        """Whether `generation` is news: newer than the served one and than any ever seen.

        Where nothing is served, everything but a withdrawn one is. The newest kept one counts as
        news while it is not served and was not rolled back: its deploy was killed half-way.
        """
        serving = self.serving()
        if generation in self.withdrawn_generations():
            return False
        return serving is None or (generation >= self.newest() and generation > serving.generation)

    def differs(self, database: Path, generation: int) -> bool:
        """Whether `generation` is served, and its file is not (any more) that `database`."""
        serving = self.serving()
        if serving is None or serving.generation != generation:
            return False
        return not (same_file(database, self.served) or looks_copied(database, self.served))

    def newest(self) -> int:
        """The highest number that was ever here and matters still; 0 for none."""
        return max([0, *self.kept_generations(), *self.withdrawn_generations()])

    def clear(self) -> bool:
        """Remove everything, the served database first, the pictures too; False: nothing was there.

        The lock stays, as somebody may wait for it.
        """
        there = [path for path in self.folder.iterdir() if path.name != _LOCK]
        self.served.unlink(missing_ok=True)
        for path in there:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return bool(there)

    def prune(self, served: int, keep: int) -> None:
        """Remove all but `keep` generations before `served`, and tombstones no longer needed."""
        earlier = [n for n in self.kept_generations() if n < served]
        for generation in earlier[: max(0, len(earlier) - keep)]:
            self.kept(generation).unlink(missing_ok=True)
        for generation in self.withdrawn_generations():
            if generation < served:
                self.tombstone(generation).unlink(missing_ok=True)
                self.kept(generation).unlink(missing_ok=True)


class LocalDeployer:
    """Deployer into `publish_dir`, with `keep` earlier generations of each site for rollback."""

    def __init__(self, *, publish_dir: Path, keep: int) -> None:
        self._publish_dir = publish_dir
        self._keep = keep

    def deploy(self, site: Site, database: Path, generation: int) -> Deployed:
        """Serve `database` as `generation`; readers see the old file or the new one.

        A generation that is not newer than every one seen so far (a late or second delivery, or
        one that was rolled back) is left aside: the answer is what is served, `replaced` None. The
        served one is put there again where its file was changed by somebody else.
        Raises StorageFull (the old file stays), Busy, FileNotFoundError.
        """
        shelf = self._shelf(site.subdomain)
        with shelf.locked():
            if not (shelf.accepts(generation) or shelf.differs(database, generation)):
                return self._left_aside(shelf, generation)
            link_or_copy(database, shelf.kept(generation))
            shelf.kept(generation).chmod(0o644)  # readers run as someone else
            deployed = shelf.serve(generation)
            shelf.prune(generation, self._keep)
            return deployed

    def rollback(self, site: Site) -> Deployed:
        """Serve the kept generation before the served one, and never the served one again.

        Raises InvalidInput where nothing earlier is kept, Busy.
        """
        shelf = self._shelf(site.subdomain)
        with shelf.locked():
            now = shelf.serving()
            withdrawn = shelf.withdrawn_generations()
            earlier = [
                n
                for n in shelf.kept_generations()
                if now and n < now.generation and n not in withdrawn
            ]
            if now is None or not earlier:
                raise InvalidInput(
                    f"{site.subdomain} has no earlier generation to go back to; publish a new one"
                    f" with `clerk enqueue {site.subdomain} --force`"
                )
            # The tombstone first: killed after it, the next deploy of this number is still refused.
            with replacing(shelf.tombstone(now.generation)):
                pass
            deployed = shelf.serve(earlier[-1])
            shelf.kept(now.generation).unlink(missing_ok=True)
            return deployed

    def withdraw(self, subdomain: str) -> bool:
        """Remove a site's databases, served and kept, and its pictures. Raises Busy.

        False: there was nothing.
        """
        shelf = self._shelf(subdomain)
        if not shelf.folder.is_dir():
            return False
        with shelf.locked():
            return shelf.clear()

    def served(self, site: Site) -> Deployed | None:
        """What readers see now; None before the first deploy."""
        return self._shelf(site.subdomain).serving()

    def newest(self, site: Site) -> int:
        """The highest generation ever deployed, rolled back ones too; 0 before the first."""
        return self._shelf(site.subdomain).newest()

    def _left_aside(self, shelf: _Shelf, generation: int) -> Deployed:
        serving = shelf.serving()
        if serving is None:
            raise InvalidInput(
                f"generation {generation} of {shelf.folder.name} was rolled back, and"
                f" {shelf.served} is missing; publish a new generation"
            )
        return serving

    def _shelf(self, subdomain: str) -> _Shelf:
        if not valid_subdomain(subdomain):
            raise InvalidInput(f"{subdomain!r} cannot name a published site")
        return _Shelf(self._publish_dir / subdomain)
