"""What settings name by a word: settings in, a problem for each name that means nothing here out.

`settings` knows how names are written; which plug-ins and which trained data there are, only the
machine knows. So commands that are about to start something ask here.
"""

from collections.abc import Iterator
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


def require(found: Loaded) -> None:
    """Raise InvalidSettings with everything that is wrong with the settings, here and anywhere."""
    problems = [*found.problems, *unusable(found)]
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
    for path, error in _faults(found, engine_known="ocr.backend" not in errors):
        errors.setdefault(path, error)
    return [_told(found, path, error) for path, error in errors.items() if path not in found.faulty]


def _unknown(found: Loaded) -> Iterator[tuple[str, InvalidInput]]:
    for path, group in _PARTS.items():
        if error := plugins.unknown(group, found.written(path)):
            yield path, error


def _faults(found: Loaded, *, engine_known: bool) -> Iterator[tuple[str, InvalidInput]]:
    """Setting -> why it does not work here."""
    settings = found.settings
    for path, group, name in (
        ("deployer", plugins.DEPLOYERS, settings.deployer),
        ("extractor", plugins.EXTRACTORS, settings.extractor),
    ):
        try:
            plugins.load(group, name)
        except InvalidInput as error:
            yield path, error
    if not settings.workers.ocr:
        return
    # Beside a misspelt engine the languages are Tesseract's: that is what most people mean.
    backend = settings.ocr.backend if engine_known else plugins.BEST_TESSERACT
    try:
        engine = plugins.load_engine(backend)
    except UnsupportedEngine as error:
        yield "ocr.backend", error
        return
    try:
        engine.model(settings.ocr.languages)
    except InvalidInput as error:
        yield "ocr.languages", error


def _told(found: Loaded, path: str, error: InvalidInput) -> str:
    return found.problem(path, error.in_a_line())
