"""A page's text put together from Tesseract's words, the same for all ways of running it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from clerk.model import Recognition, Word


@dataclass(frozen=True, slots=True)
class Placed:
    """A word and where it stands; numbers grow in reading order."""

    paragraph: int
    line: int
    text: str
    confidence: float
    """0-100."""
    box: tuple[int, int, int, int]
    """As in model.Word."""


def recognition(words: Iterable[Placed]) -> Recognition:
    """Lines as they stand, an empty one between paragraphs; confidence is the words' mean.

    Pictures and ruled lines come as words of one space, with a high confidence: they do not count.
    """
    lines: list[str] = []
    scored: list[Word] = []
    printed = (word for word in words if word.text.strip())
    for _, paragraph in groupby(printed, key=lambda word: word.paragraph):
        if lines:
            lines.append("")
        for _, line in groupby(paragraph, key=lambda word: word.line):
            placed = list(line)
            scored += [Word(len(lines), word.text, word.confidence, word.box) for word in placed]
            lines.append(" ".join(word.text for word in placed))
    mean = sum(word.confidence for word in scored) / len(scored) if scored else 0.0
    return Recognition(text="\n".join(lines), confidence=mean, words=tuple(scored))
