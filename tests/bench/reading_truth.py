"""What the reading benchmark reads, and how wrong a reading is.

Documents come with a person's transcription: those of `../shared/corpus` where it is there, else
scans drawn here. Words are compared, not markup: case and punctuation do not count, reading order
does (word recall apart, which ignores it).

A transcription is not all that stands on a page, nor does all of it stand there: the transcriber
puts stamps, footnotes and handwriting at the end, under headings and with remarks of their own.
`by the letter` takes it as it is, so even a faultless reading has errors. `placed` leaves out the
transcriber's own words and lets each note stand where it fits the reading best.
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

_NOTES = "## Document Notes"
_NOTE = re.compile(r"^### (?:Stamp|Footnotes?|Handwritten Notes?)\b.*$", re.MULTILINE)
_REMARK = re.compile(r"\{signature\}|\[illegible\]", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FILLED = re.compile(r"\{\{\s*filled\s*:(.*?)\}\}", re.DOTALL)
_MARK = re.compile(r"\{\{.*?\}\}|\[([^\]]*)\]\([^)]*\)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Sample:
    """A document and what a person read in it."""

    path: Path
    truth: str
    """By the letter."""
    body: str
    """Without notes and remarks."""
    notes: tuple[str, ...] = ()
    """What stands on the page somewhere."""


def real(names: Iterable[str]) -> list[Sample]:
    """Samples of the corpus; none where it is absent."""
    return [
        transcribed(CORPUS / f"{name}.pdf", (CORPUS / f"{name}.truth.md").read_text())
        for name in names
        if (CORPUS / f"{name}.pdf").exists()
    ]


def transcribed(path: Path, markdown: str) -> Sample:
    """A sample from its transcription."""
    body, _, notes = _REMARK.sub(" ", markdown).partition(_NOTES)
    return Sample(
        path=path,
        truth=plain(markdown),
        body=plain(body),
        notes=tuple(plain(note) for note in _NOTE.split(notes)[1:]),
    )


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
        text = "\n".join(lines)
        made.append(Sample(path, truth=text, body=text))
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
    placed_edits: int = 0
    placed_words: int = 0
    character_edits: int = 0
    characters: int = 0
    recalled: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.word_edits + other.word_edits,
            self.words + other.words,
            self.placed_edits + other.placed_edits,
            self.placed_words + other.placed_words,
            self.character_edits + other.character_edits,
            self.characters + other.characters,
            self.recalled + other.recalled,
        )

    @property
    def wer(self) -> float:
        """Word error rate by the letter, percent."""
        return 100 * self.word_edits / max(self.words, 1)

    @property
    def placed(self) -> float:
        """Word error rate without the transcriber's words and with notes placed, percent."""
        return 100 * self.placed_edits / max(self.placed_words, 1)

    @property
    def cer(self) -> float:
        """Character error rate over normalised text, percent."""
        return 100 * self.character_edits / max(self.characters, 1)

    @property
    def recall(self) -> float:
        """Percent of the words that were found, in whatever order."""
        return 100 * self.recalled / max(self.words, 1)


def score(read: str, sample: Sample) -> Score:
    """Errors of one reading."""
    found, expected = words(read), words(sample.truth)
    flat = " ".join(expected)
    fitted = placed(found, words(sample.body), [words(note) for note in sample.notes])
    return Score(
        word_edits=Levenshtein.distance(found, expected),
        words=len(expected),
        placed_edits=Levenshtein.distance(found, fitted),
        placed_words=len(fitted),
        character_edits=Levenshtein.distance(" ".join(found), flat),
        characters=len(flat),
        recalled=sum((Counter(found) & Counter(expected)).values()),
    )


def placed(found: list[str], body: list[str], notes: Iterable[list[str]]) -> list[str]:
    """`body` with each note, one after another, where it costs the fewest edits."""
    for note in notes:
        best = min(
            range(len(body) + 1),
            key=lambda at: Levenshtein.distance(found, body[:at] + note + body[at:]),
        )
        body = body[:best] + note + body[best:]
    return body
