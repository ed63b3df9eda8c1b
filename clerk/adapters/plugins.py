"""Entry points: a group and a name in, the object that a distribution put there out.

Groups: `clerk.fetchers`, `clerk.deployers`, `clerk.ocr_engines`, `clerk.extractors`. Built-in parts
are registered like everybody else's. Nothing is imported before it is asked for by name.
"""

from importlib.metadata import entry_points
from typing import Any

from clerk.errors import InvalidInput, UnsupportedEngine
from clerk.ports import OcrEngine
from clerk.text import near

ENGINES = "clerk.ocr_engines"
EXTRACTORS = "clerk.extractors"
DEPLOYERS = "clerk.deployers"
FETCHERS = "clerk.fetchers"
BEST_TESSERACT = "tesseract"
TESSERACT = ("tesserocr", "pytesseract")
"""What `tesseract` means: in-process where its wheel is installed, else the binary."""


def names(group: str) -> list[str]:
    """Everything registered in `group`, sorted."""
    return sorted({entry.name for entry in entry_points(group=group)})


def unknown(group: str, name: str) -> InvalidInput | None:
    """The error for a name that nothing in `group` has, with the known ones; None: it is known."""
    return None if name in _choices(group) else _no_such(group, name)


def _choices(group: str) -> list[str]:
    return [*([BEST_TESSERACT] if group == ENGINES else []), *names(group)]


def _no_such(group: str, name: str) -> InvalidInput:
    known = _choices(group)
    return InvalidInput(
        f"There is no {_kind(group)} called {name!r}.",
        [
            f"known: {', '.join(known) or 'none'}",
            *(f"did you mean {each}?" for each in near(name, known)),
        ],
    )


def _kind(group: str) -> str:
    """What people call a thing of `group`."""
    words = group.rpartition(".")[2].replace("_", " ").removesuffix("s")
    return words.replace("ocr", "OCR")


def load(group: str, name: str) -> Any:
    """The class or function registered as `name`. OCR engines: see `load_engine`.

    Raises InvalidInput listing the known names, or saying which plug-in cannot be imported.
    """
    found = next((entry for entry in entry_points(group=group) if entry.name == name), None)
    if found is None:
        raise _no_such(group, name)
    try:
        return found.load()
    except (ImportError, AttributeError) as error:
        raise InvalidInput(
            f"The {_kind(group)} {name!r} ({found.value}) cannot be loaded.",
            [f"{error}; install or update the package that brings it"],
        ) from error


def load_engine(name: str) -> OcrEngine:
    """A ready engine for `--ocr-backend NAME`; `tesseract` takes the best one installed.

    Raises UnsupportedEngine with the remedy; for an unknown name it lists the known ones.
    """
    if name == BEST_TESSERACT:
        return _first_that_works()
    try:
        engine: OcrEngine = load(ENGINES, name)()
    except UnsupportedEngine:
        raise
    except InvalidInput as error:  # an unknown name, or a plug-in that cannot be imported
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
