"""Entry points: a group and a name in, the object that a distribution put there out.

Groups: `clerk.fetchers`, `clerk.deployers`, `clerk.ocr_engines`, `clerk.extractors`. Built-in parts
are registered like everybody else's. Nothing is imported before it is asked for by name.
"""

from importlib.metadata import entry_points
from typing import Any

from clerk.errors import InvalidInput, UnsupportedEngine
from clerk.ports import OcrEngine

ENGINES = "clerk.ocr_engines"
TESSERACT = ("tesserocr", "pytesseract")
"""What `tesseract` means: in-process where its wheel is installed, else the binary."""


def names(group: str) -> list[str]:
    """Everything registered in `group`, sorted."""
    return sorted({entry.name for entry in entry_points(group=group)})


def load(group: str, name: str) -> Any:
    """The class or function registered as `name`.

    Raises InvalidInput listing the known names, or saying which plug-in cannot be imported.
    """
    found = [entry for entry in entry_points(group=group) if entry.name == name]
    kind = group.rpartition(".")[2].replace("_", " ").removesuffix("s")
    if not found:
        known = ", ".join(names(group)) or "none"
        raise InvalidInput(f"There is no {kind} called {name!r}.", [f"known: {known}"])
    try:
        return found[0].load()
    except (ImportError, AttributeError) as error:
        raise InvalidInput(
            f"The {kind} {name!r} ({found[0].value}) cannot be loaded.",
            [f"{error}; install or update the package that brings it"],
        ) from error


def load_engine(name: str) -> OcrEngine:
    """A ready engine for `--ocr-backend NAME`; `tesseract` takes the best one installed.

    Raises UnsupportedEngine with the remedy; for an unknown name it lists the known ones.
    """
    if name == "tesseract":
        return _first_that_works()
    known = names(ENGINES)
    if name not in known:
        choices = ", ".join(["tesseract", *known])
        raise UnsupportedEngine(f"There is no OCR engine called {name!r}.", [f"known: {choices}"])
    try:
        engine: OcrEngine = load(ENGINES, name)()
    except UnsupportedEngine:
        raise
    except InvalidInput as error:  # a plug-in that cannot be imported
        raise UnsupportedEngine(str(error).partition("\n")[0], error.problems) from error
    return engine


def _first_that_works() -> OcrEngine:
    problems: list[str] = []
    for name in TESSERACT:
        try:
            return load_engine(name)
        except UnsupportedEngine as error:
            problems += [f"{name}: {problem}" for problem in error.problems]
    raise UnsupportedEngine("Tesseract is not installed in any form.", problems)
