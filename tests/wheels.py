"""clerk as strangers get it: its wheel in a fresh environment without any developer's tool."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

TOP = Path(__file__).parent.parent

_CELERY = "#!{python}\nimport sys\nfrom celery.__main__ import main\nsys.exit(main())\n"


@dataclass(frozen=True)
class Installed:
    """An environment that holds clerk's wheel."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def environment(self, **settings: str) -> dict[str, str]:
        """Nothing of ours but a PATH, as in a stranger's shell."""
        path = os.pathsep.join([str(self.folder / "bin"), os.defpath])
        return {"PATH": path, "HOME": str(self.folder), **settings}

    def run(self, *argv: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            cwd=cwd,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def build(into: Path) -> Path:
    """The wheel of this checkout."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(argv, cwd=TOP, check=True, capture_output=True)
    (wheel,) = into.glob("*.whl")
    return wheel


def fresh(folder: Path) -> Installed:
    """An environment with nothing in it."""
    venv.create(folder, symlinks=True, system_site_packages=False)
    return Installed(folder)


def pip(at: Installed, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Our own pip, working on that environment."""
    argv = [sys.executable, "-m", "pip", "--python", str(at.python), "--quiet"]
    return subprocess.run([*argv, *arguments], capture_output=True, text=True, check=False)


def install_linked(folder: Path, wheel: Path, wanted: str = "clerk") -> Installed:
    """The wheel beside links to exactly what it depends on: a second instead of half a minute.

    `wanted` names its extras, too: `clerk[flower]`.
    """
    at = fresh(folder)
    pip(at, "install", "--no-deps", "--no-index", str(wheel)).check_returncode()
    site = next((folder / "lib").glob("python*")) / "site-packages"
    for distribution in _needed(Requirement(wanted)):
        if distribution.name != "clerk":
            _link(distribution, site)
    share = Path(sys.prefix) / "share"
    if share.is_dir():
        (folder / "share").symlink_to(share)
    script = folder / "bin" / "celery"
    script.write_text(_CELERY.format(python=at.python))
    script.chmod(0o755)
    return at


def _needed(wanted: Requirement, seen: set[str] | None = None) -> Iterator[metadata.Distribution]:
    """What is installed for a requirement, extras and markers considered, itself first."""
    seen = set() if seen is None else seen
    if str(wanted) in seen:
        return
    seen.add(str(wanted))
    distribution = metadata.distribution(wanted.name)
    yield distribution
    for line in distribution.requires or ():
        inner = Requirement(line)
        extras = [*wanted.extras, ""]
        if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in extras):
            yield from _needed(inner, seen)


def _link(distribution: metadata.Distribution, site: Path) -> None:
    tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
    for name in tops:
        if not (site / name).exists():
            (site / name).symlink_to(str(distribution.locate_file(name)))
