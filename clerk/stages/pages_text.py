"""One document's pages as one text whose every offset leads back to a page."""

import bisect
import re
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
        self.text = "\f".join(_plain(page) for _, page in self._pages)

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`; what runs over a page end is cut off there."""
        index = max(0, bisect.bisect_right(self._starts, start) - 1)
        number, page = self._pages[index]
        offset = self._starts[index]
        return Span(page=number, start=start - offset, end=min(end - offset, len(page)))

    def words(self, start: int, end: int, limit: int = 4000) -> str:
        """The original words, white space folded, at most `limit` characters of the source."""
        return " ".join(self.original[start : min(end, start + limit)].split())


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
