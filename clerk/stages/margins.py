"""What stands upright around a page that was turned: the header of a table laid sideways. Pure.

A page of a budget lies on its side between an upright header and footer. Read upright, the table is
noise; turned, header and footer are. The sure lines of the first look go to where they stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from clerk.model import Recognition, Word

SURE = 80.0
"""Mean confidence of a line of two words: table rows on their side gave none that reached it."""
LEGIBLE = 60.0
WORDS = 2
SIDEWAYS = (90, 270)


@dataclass(frozen=True, slots=True)
class Seen:
    """A recognition, and the size in pixels of the raster that it is of."""

    recognition: Recognition
    width: int
    height: int

    def place(self, box: tuple[int, int, int, int]) -> tuple[float, float]:
        """The middle of a box, as shares of width and height."""
        left, top, right, bottom = box
        return (left + right) / 2 / self.width, (top + bottom) / 2 / self.height


def with_margins(upright: Seen, turned: Seen, rotate: int) -> tuple[Recognition, int]:
    """What `turned`, the page turned by `rotate` degrees clockwise, says, with upright lines.

    The second is how many lines of `upright` were taken.
    """
    sure = list(filter(_is_sure, _lines(upright.recognition))) if rotate in SIDEWAYS else []
    if not sure:
        return turned.recognition, 0
    areas = [_area(line.words, upright) for line in sure]
    middle = upright.height / 2
    body = [
        line
        for line in _lines(turned.recognition)
        if not _lies_in(areas, [_upright(turned.place(word.box), rotate) for word in line.words])
    ]
    above = [line for line in sure if line.words[0].box[1] < middle]
    below = [line for line in sure if line.words[0].box[1] >= middle]
    return _joined([*above, *body, *below]), len(sure)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    words: Sequence[Word]
    """None in a line that parts paragraphs."""


def _lines(found: Recognition) -> list[_Line]:
    words = {line: list(its) for line, its in groupby(found.words, key=lambda word: word.line)}
    return [_Line(text, words.get(at, [])) for at, text in enumerate(found.text.split("\n"))]


def _is_sure(line: _Line) -> bool:
    legible = [word for word in line.words if word.confidence >= LEGIBLE and len(word.text) > 1]
    total = sum(word.confidence for word in line.words)
    return len(legible) >= WORDS and total >= SURE * len(line.words)


def _area(line: Sequence[Word], seen: Seen) -> tuple[float, float, float, float]:
    """Of a line: left, top, right and bottom, as shares, half a line wider all around."""
    left, top = min(word.box[0] for word in line), min(word.box[1] for word in line)
    right, bottom = max(word.box[2] for word in line), max(word.box[3] for word in line)
    more = (bottom - top) / 2
    return (
        (left - more) / seen.width,
        (top - more) / seen.height,
        (right + more) / seen.width,
        (bottom + more) / seen.height,
    )


def _upright(place: tuple[float, float], rotate: int) -> tuple[float, float]:
    """Where a place of the turned page is on the upright one."""
    x, y = place
    return (y, 1 - x) if rotate == SIDEWAYS[0] else (1 - y, x)


def _lies_in(
    areas: Sequence[tuple[float, float, float, float]], places: Sequence[tuple[float, float]]
) -> bool:
    """Whether most of these places lie in one of the areas."""
    within = sum(
        any(left < x < right and top < y < bottom for left, top, right, bottom in areas)
        for x, y in places
    )
    return within * 2 > len(places)


def _joined(lines: Sequence[_Line]) -> Recognition:
    words = [replace(word, line=at) for at, line in enumerate(lines) for word in line.words]
    return Recognition(
        text="\n".join(line.text for line in lines),
        confidence=sum(word.confidence for word in words) / len(words),
        words=tuple(words),
    )
