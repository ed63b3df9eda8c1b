"""What the reading benchmark reads, and how wrong a reading is.

Documents come with a person's transcription: those of `../shared/corpus` where it is there, else
scans drawn here. Words are compared, not markup: case and punctuation do not count, reading order
does (word recall apart, which ignores it).
"""

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein

from tests.fuzz import samples

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
SCANS = (
    "rg-1974-ord16",
    "rg-1976-res22",
    "rg-1984-res72",
    "rg-1993-ord57",
    "rg-1997-07-pc",
    "rg-1998-ord59",
    "rg-2001-05-pc",
    "rg-2002-ord71",
)
"""Real scans with a transcription: typewriter to laser print, CCITT, JBIG2, JPEG and JPEG 2000."""
MIXED = ("rg-2018-08-minutes", "rg-2018-ord89")
"""Born-digital, or with one scanned page, and transcribed too."""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FILLED = re.compile(r"\{\{\s*filled\s*:(.*?)\}\}", re.DOTALL)
_MARK = re.compile(r"\{\{.*?\}\}|\[([^\]]*)\]\([^)]*\)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Sample:
    """A document and what a person read in it."""

    path: Path
    truth: str


def real(names: Iterable[str]) -> list[Sample]:
    """Samples of the corpus; none where it is absent."""
    return [
        Sample(CORPUS / f"{name}.pdf", plain((CORPUS / f"{name}.truth.md").read_text()))
        for name in names
        if (CORPUS / f"{name}.pdf").exists()
    ]


def self_made(folder: Path, count: int = 8) -> list[Sample]:
    """Noisy, slightly turned scans of made-up minutes."""
    made = []
    for number in range(count):
        chance = random.Random(number)
        lines = [chance.choice(samples.LINES) for _ in range(28)]
        sheet = samples.drawn(lines)
        noise = Image.effect_noise(sheet.size, 60).filter(ImageFilter.GaussianBlur(1))
        sheet = Image.blend(sheet, noise, 0.25)
        sheet = sheet.rotate(chance.uniform(-1.5, 1.5), fillcolor=220)
        path = folder / f"made-{number}.pdf"
        path.write_bytes(samples.scan(sheet))
        made.append(Sample(path, "\n".join(lines)))
    return made


def plain(markdown: str) -> str:
    """A transcription without its markup: filled blanks keep their words, signatures go."""
    text = _FILLED.sub(r" \1 ", _COMMENT.sub(" ", markdown))
    return _MARK.sub(lambda found: f" {found.group(1) or ''} ", text)


def words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]


@dataclass(frozen=True)
class Score:
    """Errors against one or more transcriptions; add them up for a mean over words."""

    word_edits: int = 0
    words: int = 0
    character_edits: int = 0
    characters: int = 0
    recalled: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.word_edits + other.word_edits,
            self.words + other.words,
            self.character_edits + other.character_edits,
            self.characters + other.characters,
            self.recalled + other.recalled,
        )

    @property
    def wer(self) -> float:
        """Word error rate, percent."""
        return 100 * self.word_edits / max(self.words, 1)

    @property
    def cer(self) -> float:
        """Character error rate over normalised text, percent."""
        return 100 * self.character_edits / max(self.characters, 1)

    @property
    def recall(self) -> float:
        """Percent of the words that were found, in whatever order."""
        return 100 * self.recalled / max(self.words, 1)


def score(read: str, truth: str) -> Score:
    """Errors of one reading."""
    found, expected = words(read), words(truth)
    flat = " ".join(expected)
    return Score(
        word_edits=Levenshtein.distance(found, expected),
        words=len(expected),
        character_edits=Levenshtein.distance(" ".join(found), flat),
        characters=len(flat),
        recalled=sum((Counter(found) & Counter(expected)).values()),
    )
