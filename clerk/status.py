"""What is going on, for people and for programs: queues, runs in flight, one site's stages.

The two texts are promised word for word (REQUIREMENTS C14, C15).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy import Connection

from clerk import broker, halts, text
from clerk.errors import BrokerDown
from clerk.halts import Halts
from clerk.model import RunState, Stage
from clerk.store import audit, documents, runs, sites
from clerk.store.audit import Repaired
from clerk.store.documents import Gap, Vanished
from clerk.store.runs import Progress, Run
from clerk.store.sites import Publication
from clerk.wiring import Services

STAGES = tuple(Stage)

NOTHING_REPAIRED = Repaired(0, None, "")

LISTED = 20
"""Lines of a long list that people are shown."""
NAMED = 5
"""Of what is missing, how much is named below the end of a run."""

_DATED_BY = {
    "folder": (
        "rename them, or take the day each file was last changed, marked as estimated"
        " (`clerk site edit {site} -o undated=file-time`; docs/fetching.md)"
    ),
    "listing": "`clerk site edit {site} -o date_pattern=REGEX`, or see docs/fetching.md",
}
"""Fetcher -> how documents without a date get one."""

_STAGE_OF_STATE = {
    RunState.QUEUED: Stage.FETCH,
    RunState.FETCHING: Stage.FETCH,
    RunState.READING: Stage.OCR,
    RunState.DRAWING: Stage.DEPLOY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSite:
    """A run in flight and its stages."""

    run: Run
    progress: Mapping[str, Progress]

    @property
    def stage(self) -> Stage:
        """The stage the run is in."""
        if self.run.state in _STAGE_OF_STATE:
            return _STAGE_OF_STATE[self.run.state]
        extraction = self.progress.get(Stage.EXTRACTION)
        busy = extraction and extraction.completed + extraction.failed < extraction.total
        return Stage.EXTRACTION if busy else Stage.DEPLOY

    def line(self) -> str:
        """`pleasanton: ocr (23/50, 46.0%)`, or `oakland: fetch` before anything is counted."""
        return f"{self.run.site}: {self.stage.value}{_share(self.progress.get(self.stage))}"


def _share(progress: Progress | None) -> str:
    if progress is None or progress.total == 0:
        return ""
    done = progress.completed + progress.failed
    return f" ({done}/{progress.total}, {100 * done / progress.total:.1f}%)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`clerk status`."""

    queues: Mapping[str, int]
    active: Sequence[ActiveSite]
    repaired: Repaired = NOTHING_REPAIRED
    """What the reconciler mended within the last hour."""
    halted: Halts = halts.NONE

    def text(self) -> str:
        """The two tables."""
        lines = ["Queue Status", "============"]
        lines += [f"{name:<12} {count} jobs" for name, count in self.queues.items()]
        lines += ["", "Active Sites", "============"]
        lines += [site.line() for site in self.active] or ["(none)"]
        lines += self._ids()
        waiting = [f"{site.run.site}: {site.run.reason}" for site in self.active if site.run.reason]
        lines += ["", *map(text.plain, waiting)] if waiting else []
        lines += _below(self.halted)
        if self.repaired.count:
            times = text.counted(self.repaired.count, "time")
            last = f"{_when(self.repaired.at)}: {self.repaired.what[:200]}"
            lines += ["", f"Set going again by itself {times} in the last hour, last at {last}"]
        return "\n".join(lines)

    def _ids(self) -> list[str]:
        """What the runs in flight are called."""
        if not self.active:
            return []
        width = max(len(site.run.site) for site in self.active)
        ids = [f"  {site.run.site:<{width}}  {site.run.id}" for site in self.active]
        return ["", "Runs (`clerk cancel SITE` ends one):", *ids]

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "queues": dict(self.queues),
            "active": [_run_json(site) for site in self.active],
            "repaired_last_hour": {
                "count": self.repaired.count,
                "at": _iso(self.repaired.at),
                "what": self.repaired.what,
            },
            "halted": self.halted.as_json(),
        }


def _run_json(site: ActiveSite) -> dict[str, object]:
    return {
        "site": site.run.site,
        "run": site.run.id,
        "state": site.run.state.value,
        "reason": site.run.reason,
        "priority": site.run.priority.value,
        "stage": site.stage.value,
        "stages": {name: stage_json(each) for name, each in site.progress.items()},
    }


def stage_json(progress: Progress) -> dict[str, object]:
    """One stage's counters."""
    return {
        "total": progress.total,
        "completed": progress.completed,
        "failed": progress.failed,
        "started_at": progress.started_at.isoformat() if progress.started_at else None,
        "updated_at": progress.updated_at.isoformat(),
    }


def _below(halted: Halts) -> list[str]:
    lines = halted.lines()
    return ["", *lines] if lines else []


def overview(at: Services) -> Overview:
    """Queues from the broker, sites from Postgres, what is halted from both."""
    with at.transaction() as connection:
        in_flight = runs.in_flight(connection)
        progress = runs.progress(connection, [run.site for run in in_flight])
        repaired = audit.repaired(connection, timedelta(hours=1))
    return Overview(
        queues=depths(at),
        active=[ActiveSite(run=run, progress=progress[run.site]) for run in in_flight],
        repaired=repaired,
        halted=halts.read(at),
    )


def queues(at: Services) -> list[str]:
    """The queues by their names in Redis, in the order in which people read them."""
    return list(at.settings.queues.names.values())


def depths(at: Services) -> dict[str, int]:
    """Messages that wait, by queue, over all priorities. Raises BrokerDown."""
    try:
        return {queue: broker.depth(at.redis, queue) for queue in queues(at)}
    except RedisError as error:
        raise broker_down(at, error) from error


def broker_down(at: Services, error: RedisError) -> BrokerDown:
    """The error for people: which server, and whether it refused us or is away."""
    known = at.redis.connection_pool.connection_kwargs
    where = known.get("path") or f"{known.get('host')}:{known.get('port')}"
    problem = (
        "refuses the password" if isinstance(error, AuthenticationError) else str(error).rstrip(".")
    )
    return BrokerDown(
        f"Redis at {where} cannot be used: {problem}. "
        "Check REDIS_URL, or start one with `clerk up`."
    )


# -- one site ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """`clerk status --subdomain X`."""

    site: str
    run: Run | None
    progress: Mapping[str, Progress]
    publication: Publication
    gaps: Sequence[Gap]
    vanished: Sequence[Vanished] = ()
    """What the source lists no longer."""
    fetcher: str = ""
    """Of the site."""
    halted: Halts = halts.NONE

    @property
    def current(self) -> str:
        """The stage that the newest run is in, or how it ended."""
        if self.run is None:
            return "none"
        if not self.run.active:
            return self.run.state.value
        return ActiveSite(run=self.run, progress=self.progress).stage.value

    def text(self) -> str:
        """The promised table, then what is published and what is missing."""
        title = f"Site Progress: {self.site}"
        lines = [title, "=" * len(title)]
        if self.run is None:
            return "\n".join([*lines, f"Never read. Start with `clerk enqueue {self.site}`."])
        lines += [
            f"Current Stage: {self.current}",
            f"Progress: {self._progress()}",
            f"Started: {_when(self.run.started_at)}",
            f"Last Updated: {_when(self._updated())}",
            "",
            "Pipeline Stages:",
            *(self._stage_line(stage) for stage in STAGES),
        ]
        return "\n".join([*lines, *self._outcome()])

    def _progress(self) -> str:
        assert self.run is not None  # noqa: S101 - text() asked already
        found = self._counted(self.current if self.run.active else None)
        said = "0/0 completed"
        if found is not None:
            done = found.completed + found.failed
            said = f"{done}/{found.total} completed ({100 * done / found.total:.1f}%)"
        if self.run.active:
            return said
        if found is None:
            well = self.run.state in (RunState.DONE, RunState.PARTIAL)
            said = "nothing new to read" if well else "nothing read"
        # What is done with is not all of it: the list below says what is missing.
        return f"{said}; {len(self.gaps)} could not be read" if self.gaps else said

    def _counted(self, stage: str | None) -> Progress | None:
        """The stage's counters; of an ended run, the pages or else the documents."""
        stages = [stage] if stage else [Stage.OCR.value, Stage.FETCH.value]
        found = (self.progress.get(each) for each in stages)
        return next((each for each in found if each is not None and each.total), None)

    def _updated(self) -> datetime | None:
        times = [each.updated_at for each in self.progress.values()]
        return max([*times, *([self.run.updated_at] if self.run else [])], default=None)

    def _stage_line(self, stage: Stage) -> str:
        mark, word = self._stage_state(stage)
        return f"  {mark} {stage.value:<8} - {word}"

    def _stage_state(self, stage: Stage) -> tuple[str, str]:
        assert self.run is not None  # noqa: S101 - text() asked already
        found = self.progress.get(stage)
        if not self.run.active:
            ended_well = self.run.state in (RunState.DONE, RunState.PARTIAL)
            return ("✓", "Complete") if ended_well else self._as_left(stage, found)
        at = STAGES.index(ActiveSite(run=self.run, progress=self.progress).stage)
        place = STAGES.index(stage)
        if place < at:
            return "✓", "Complete"
        if place > at:
            return " ", "Pending"
        return "→", f"In Progress{_done(found)}"

    def _as_left(self, stage: Stage, found: Progress | None) -> tuple[str, str]:
        assert self.run is not None  # noqa: S101 - text() asked already
        if found is not None and self.run.state is RunState.FAILED:
            # Some documents may fail; a generation that was not published is what a run fails by.
            enough = stage is Stage.DEPLOY or not found.completed
            if found.failed and enough:
                return "✗", "Failed"
        if found is not None and found.total:
            whole = found.completed + found.failed >= found.total
            return ("✓", "Complete") if whole else (" ", f"Stopped{_done(found)}")
        if self._came_past(stage):
            return "✓", "Complete"
        source = self.run.state is RunState.FAILED and stage is STAGES[0]
        return ("✗", "Failed") if source and not self._came_past(None) else (" ", "Stopped")

    def _came_past(self, stage: Stage | None) -> bool:
        """Whether there was work of a later stage than this one; None: of any."""
        later = STAGES if stage is None else STAGES[STAGES.index(stage) + 1 :]
        return any(each.total for name, each in self.progress.items() if name in later)

    def _outcome(self) -> list[str]:
        lines = []
        if self.run is not None and self.run.active:
            lines += ["", f"Run: {self.run.id} (`clerk cancel {self.site}` ends it)"]
            lines += ["", text.plain(self.run.reason)] if self.run.reason else []
            lines += _below(self.halted)
        if self.run is not None and not self.run.active:
            # The way to this very list is of no use in it.
            reason = self.run.reason.replace(f" (`clerk status --subdomain {self.site}`)", "")
            because = f": {reason}" if reason else ""
            lines += ["", f"Run {self.run.id} ended {self.run.state.value}{because}"]
        if self.publication.published:
            kind = (
                "full" if self.publication.published_full == self.publication.published else "fast"
            )
            number, when = self.publication.published, _when(self.publication.published_at)
            lines += [f"Published: generation {number} ({kind}), {when}"]
        lines += withdrawn_lines(self.site, self.publication)
        if self.gaps:
            rest = "--json lists all"
            lines += ["", "Could not be read:", *_first(map(_gap_line, self.gaps), LISTED, rest)]
            lines += self._dating()
        if self.vanished:
            lines += ["", "No longer listed at the source (what was read stays published):"]
            gone = [text.plain(each.url) for each in self.vanished]
            lines += _first(gone, LISTED, "--json lists all")
        return lines

    def _dating(self) -> list[str]:
        """How documents without a date get one; each fetcher has its own ways."""
        if not any(gap.reason == documents.UNDATED for gap in self.gaps):
            return []
        how = _DATED_BY.get(self.fetcher, "see its fetcher's options").format(site=self.site)
        return [f"Give undated documents a date: {how}."]

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "site": self.site,
            "current_stage": self.current,
            "run": run_json(self.run) if self.run else None,
            "stages": {name: stage_json(each) for name, each in self.progress.items()},
            "published": {
                "generation": self.publication.published,
                "full": self.publication.published_full,
                "at": _iso(self.publication.published_at),
                "withdrawn": list(self.publication.withdrawn),
            },
            "missing": missing_json(self.gaps),
            "vanished": [{"url": each.url, "since": _iso(each.since)} for each in self.vanished],
            "halted": self.halted.as_json(),
        }


def withdrawn_lines(site: str, publication: Publication) -> list[str]:
    """What was rolled back and how readers get something newer; nothing if nothing was."""
    numbers = publication.withdrawn
    if not numbers:
        return []
    noun = "generation" if len(numbers) == 1 else "generations"
    which = f"{noun} {', '.join(map(str, numbers))}, rolled back and not served again"
    way = f"when a run finds something new, or by `clerk enqueue {site} --force`"
    return [f"Withdrawn: {which}. Readers get a newer one {way}"]


def run_json(run: Run) -> dict[str, object]:
    """A run for programs."""
    return {
        "id": run.id,
        "site": run.site,
        "state": run.state.value,
        "reason": run.reason,
        "priority": run.priority.value,
        "report": dict(run.report),
        "created_at": _iso(run.created_at),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "seconds": run.seconds,
    }


def ended(run: Run) -> str:
    """How an ended run ended, in a line."""
    cached = run.report.get("reading", {}).get("cached", 0)
    known = f"{text.counted(cached, 'page')} from cache" if cached else ""
    detail = "; ".join(filter(None, [run.reason, known]))
    return f"{run.site}: {run.state.value}{f' ({detail})' if detail else ''} in {run.seconds:.1f} s"


def missing(site: str, gaps: Sequence[Gap]) -> list[str]:
    """What a site's database lacks when a run has ended: a few lines, and where all of them are."""
    return _first(map(_gap_line, gaps), NAMED, f"`clerk status --subdomain {site}`")


def missing_json(gaps: Sequence[Gap]) -> list[dict[str, object]]:
    """The same for programs, all of it."""
    return [
        {"url": gap.url, "page": gap.page, "reason": gap.reason, "detail": gap.detail}
        for gap in gaps
    ]


def _first(found: Iterable[str], most: int, way: str) -> list[str]:
    """The first of many lines, indented; `way` to the others."""
    lines = list(found)
    more = len(lines) - most
    rest = [f"  … and {more} more ({way})"] if more > 0 else []
    return [*(f"  {line}" for line in lines[:most]), *rest]


def _gap_line(gap: Gap) -> str:
    where = f" page {gap.page}" if gap.page else ""
    said = f"{gap.url}{where}: {text.with_detail(gap.reason, gap.detail)}"
    return "".join(c if c.isprintable() else "�" for c in said)


def _done(found: Progress | None) -> str:
    if found is None or found.total == 0:
        return ""
    return f" ({found.completed + found.failed}/{found.total})"


def _when(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else "-"


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def of_site(connection: Connection, subdomain: str, halted: Halts = halts.NONE) -> SiteStatus:
    """One site's newest run, beside what is halted. Raises UnknownSite."""
    site = sites.get(connection, subdomain)
    return SiteStatus(
        site=subdomain,
        run=runs.latest(connection, subdomain),
        progress=runs.progress(connection, [subdomain])[subdomain],
        publication=sites.publication(connection, subdomain),
        gaps=documents.gaps(connection, subdomain),
        vanished=documents.vanished(connection, subdomain),
        fetcher=site.fetcher,
        halted=halted,
    )
