"""What settings name by a word: settings in, a problem for each name that means nothing here out.

`settings` knows how names are written; which plug-ins and which trained data there are, only the
machine knows. So commands that are about to start something ask here.
"""

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from clerk.adapters import plugins
from clerk.errors import InvalidInput, InvalidSettings, UnsupportedEngine
from clerk.settings import Loaded

_PARTS = MappingProxyType(
    {
        "deployer": plugins.DEPLOYERS,
        "extractor": plugins.EXTRACTORS,
        "ocr.backend": plugins.ENGINES,
    }
)


def require(problems: Sequence[str]) -> None:
    """Raise InvalidSettings, as for all that is wrong with settings, if there is a problem."""
    if problems:
        raise InvalidSettings("The configuration is wrong:", problems)


def unknown(found: Loaded) -> list[str]:
    """A problem for each name that nothing here is registered under."""
    return [_told(found, path, error) for path, error in _unknown(found)]


def unusable(found: Loaded) -> list[str]:
    """Those of `unknown`, and what cannot be loaded or read with here.

    A machine without workers of `ocr` needs neither an engine nor trained data.
    """
    errors = dict(_unknown(found))
    for path, works in _trials(found, engine_known="ocr.backend" not in errors):
        try:
            works()
        except InvalidInput as error:
            errors.setdefault(path, error)
    return [_told(found, path, error) for path, error in errors.items()]


def _unknown(found: Loaded) -> Iterator[tuple[str, InvalidInput]]:
    for path, group in _PARTS.items():
        if error := plugins.unknown(group, found.written(path)):
            yield path, error


def _trials(found: Loaded, *, engine_known: bool) -> Iterator[tuple[str, Callable[[], object]]]:
    """Setting -> what raises InvalidInput if it does not work here."""
    settings = found.settings
    yield "deployer", lambda: plugins.load(plugins.DEPLOYERS, settings.deployer)
    yield "extractor", lambda: plugins.load(plugins.EXTRACTORS, settings.extractor)
    if not settings.workers.ocr:
        return
    # Beside a misspelt engine the languages are Tesseract's: that is what most people mean.
    backend = settings.ocr.backend if engine_known else plugins.BEST_TESSERACT
    yield "ocr.backend", lambda: plugins.load_engine(backend)
    yield "ocr.languages", lambda: _read(backend, settings.ocr.languages)


def _read(backend: str, languages: str) -> None:
    try:
        engine = plugins.load_engine(backend)
    except UnsupportedEngine:  # told already
        return
    engine.model(languages)


def _told(found: Loaded, path: str, error: InvalidInput) -> str:
    headline = str(error).partition("\n")[0].rstrip(".")
    what = headline[0].lower() + headline[1:]
    return found.problem(path, "; ".join([what, *error.problems]))
