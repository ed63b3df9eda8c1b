"""One document's pages as one text whose every offset leads back to a page."""

import bisect
import re
from collections import Counter
from collections.abc import Sequence

from clerk.model import Span

# Same length after as before, so that an offset means the same in both.
_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "`": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\ufffe": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\t": " ",
        "\r": " ",
        "\v": " ",
    }
)


class PagesText:
    """`text` is all pages with a form feed between them, typography made plain."""

    def __init__(self, pages: Sequence[tuple[int, str]]) -> None:
        """`pages` are (number, text) in order."""
        self._pages = list(pages)
        self._starts: list[int] = []
        start = 0
        for _, page in self._pages:
            self._starts.append(start)
            start += len(page) + 1
        self.original = "\f".join(page for _, page in self._pages)
        margins = _running([page for _, page in pages])
        self.text = "\f".join(_joined([_plain(page) for _, page in pages], margins))
        self._running = [
            (start + low, start + high)
            for start, lines in zip(self._starts, margins, strict=True)
            for low, high in lines
        ]

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`; what runs over a page end is cut off there."""
        index = max(0, bisect.bisect_right(self._starts, start) - 1)
        number, page = self._pages[index]
        offset = self._starts[index]
        return Span(page=number, start=start - offset, end=min(end - offset, len(page)))

    def words(self, start: int, end: int, limit: int = 4000) -> str:
        """The original words, white space folded, at most `limit` characters of the source."""
        return " ".join(self.original[start : min(end, start + limit)].split())

    def running_words(self, start: int, end: int) -> str:
        """The original words, white space folded, without the pages' heads and feet among them."""
        kept, at = [], start
        low = bisect.bisect_left(self._running, (start, start))
        for head, foot in self._running[low : bisect.bisect_left(self._running, (end, end))]:
            if foot < end:
                kept.append(self.original[at:head])
                at = foot
        return " ".join(" ".join([*kept, self.original[at:end]]).split())


_EDGE = 4
"""Lines with something on them, at a page's top or bottom, among which its head and foot are."""
_LINE = re.compile(r"(?m)^[^\S\n]*+\S[^\n]*")
_ONLY_A_NUMBER = re.compile(
    r"(?i)[\s|-]*(?:page\s*)?\|?\s*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?[\s|-]*"
)
_OF_A_VOTE = re.compile(
    r"(?i)\b(?:ayes?|yeas?|yes|nays?|noes|no|none|abstain\w*|absent|present|excused|motions?|moved|second\w*"
    r"|carried|passed|approved|adopted|failed|defeated|denied|vot(?:e|es|ed|ing)|in\s+favou?r)\b"
)
"""Two pages may end alike with `Noes: None`."""
_LONGEST_HEAD = 150
"""Characters of a line that may be a page's head."""


def _running(pages: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Of each page the lines at its edges that another page has there, too, but for numbers.

    A bare number is a page's where it is the page's own, or as far from it as another page's.
    """
    edges = [_edges(page, index) for index, page in enumerate(pages)]
    pages_with = Counter(said for lines in edges for said in {said for _, _, said in lines})
    return [
        [(low, high) for low, high, said in lines if pages_with[said] > 1 or said == _NUMBERED]
        for lines in edges
    ]


_GOES_ON = re.compile(r"[a-z,]\s*\Z")
"""How a page ends whose last sentence goes on, on the next."""


def _joined(pages: list[str], margins: list[list[tuple[int, int]]]) -> list[str]:
    """The pages with blanks for heads and feet, and lines around them, that part a sentence."""
    bodies = [_body(page, lines) for page, lines in zip(pages, margins, strict=True)]
    joined = list(pages)
    for index in range(1, len(pages)):
        (_, stop, foot), (start, _, head) = bodies[index - 1], bodies[index]
        before = joined[index - 1][:stop]
        if (foot or head) and _GOES_ON.search(before[-80:]):
            joined[index - 1] = before.rstrip().ljust(len(pages[index - 1]))
            last = joined[index][max(0, start - 1) : start]
            joined[index] = " " * (start - len(last)) + last + joined[index][start:]
    return joined


def _body(page: str, margins: list[tuple[int, int]]) -> tuple[int, int, bool]:
    """Where what stands between head and foot starts and stops, and whether there is either."""
    start, stop = 0, len(page)
    for low, high in margins:
        start = high if not page[start:low].strip() else start
    for low, high in reversed(margins):
        stop = low if low >= start and not page[high:stop].strip() else stop
    edged = start > 0 or stop < len(page)
    return start + len(page[start:]) - len(page[start:].lstrip()), stop, edged


_NUMBERED = "page"


def _edges(page: str, index: int) -> list[tuple[int, int, str]]:
    """The first and last lines: (start, end, where and what it says, numbers aside)."""
    lines = list(_LINE.finditer(page))
    heads = lines[: min(_EDGE, (len(lines) + 1) // 2)]
    feet = lines[max(len(heads), len(lines) - _EDGE) :]
    return [
        (
            line.start(),
            line.end(),
            _said(line[0], index, edge, outermost=line in (lines[0], lines[-1])),
        )
        for edge, near in (("head", heads), ("foot", feet))
        for line in near
        if len(line[0].strip()) <= _LONGEST_HEAD and _OF_A_VOTE.search(line[0]) is None
    ]


def _said(line: str, index: int, edge: str, *, outermost: bool) -> str:
    """What another page's line has to be like, too: a bare number as far from its page's own."""
    if _ONLY_A_NUMBER.fullmatch(line.strip()):
        if not line.strip().isdigit():
            return _NUMBERED
        ahead = int(line) - index - 1
        return (
            (_NUMBERED if ahead == 0 else f"page {ahead}") if outermost else f"cell {line}{index}"
        )
    return f"{edge} {re.sub(r'[0-9]+', '0', ' '.join(line.split()))}"


_LEADERS = re.compile(r"(?:\.[ ]?){5,}+")
"""The dots between the two columns of a list."""


def _plain(page: str) -> str:
    """A page with plain typography, of the same length."""
    text = page.translate(_PLAIN).replace("\f", " ")
    return _LEADERS.sub(lambda dots: " " * len(dots[0]), text)


# After these a full stop ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Z]|[Mm]rs?|[Mm]s|[Dd]r|[Jj]r|[Ss]r|[Ss]t|[Nn]os?|[Ii]nc|[Cc]o|[Aa]ve|[Rr]d|[Bb]lvd"
    r"|[Aa]pt|[Ss]ec|[Rr]es|[Oo]rd|[Aa]ld|[Rr]ev|[Hh]on|[Cc]llrs?|[Cc]rs?|[Ff]t|[Vv]s|[Aa]pprox|[Ll]td"
    r"|[Dd]ept|[Pp]ct|[Gg]ov|[Ee]st|[Ss]tats?|[Ww]is|[Mm]inn|[Mm]ich|[Ii]nd|[Tt]ex|[Cc]al|[Ss]ubd|[Cc]apt"
    r"|[Ll]t|[Ss]gt|[Ss]upt|[Tt]wp|[Bb]ldg|[Hh]wy|[Ss]upv|[Ss]upvr|[Cc]lm|[Aa]tty|[Aa]sst|[Jj]an|[Ff]eb|[Aa]ug|[Ss]ept|[Oo]ct|[Nn]ov|[Dd]ec|[Cc]omm|[Bb]ros|[Ii]\.e|[Ee]\.g|[PpAa]\.[Mm]|U\.S))\Z"
)
_NUMBER_NEXT = re.compile(r"\s{0,60}+[#A-Z]{0,4}[-.]?\d")
_STOP = re.compile(r"[.!?](?=[\"')\]]{0,2}(?:[\s\f]|\Z))|\n[ ]{0,80}+\n(?=\s{0,80}+[A-Z0-9(])")


def sentence_end(text: str, start: int, limit: int) -> int:
    """Where the sentence that is under way at `start` ends, at most at `limit`."""
    for match in _STOP.finditer(text, start, limit):
        if _ends(text, match, start):
            return match.start()
    return limit


def sentence_start(text: str, before: int, limit: int) -> int:
    """Where the sentence that holds `before` begins, at least at `limit`."""
    start = limit
    for match in _STOP.finditer(text, limit, before):
        if _ends(text, match, limit):
            start = match.end()
    while start < before and text[start].isspace():
        start += 1
    return start


def _ends(text: str, stop: re.Match[str], low: int) -> bool:
    """Whether a stop ends a sentence: `voted no.` does, `Res. No. 5` does not."""
    if stop[0] != ".":
        return True
    short = _ABBREVIATED.search(text, max(low, stop.start() - 8), stop.start())
    if short is not None and short[0].casefold() == "no":
        return _NUMBER_NEXT.match(text, stop.end()) is None
    return short is None
