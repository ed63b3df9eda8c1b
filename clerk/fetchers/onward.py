"""Which links of a page lead to more of its listing: the next page, other years, frames. Pure.

Taken is what surely is more of the same, on the same host: too much would read half a website. What
needs a script (`javascript:`, `__doPostBack`, a button) cannot be told from here.
"""

import re
from collections.abc import Iterable
from datetime import date
from itertools import chain

import httpx

from clerk.fetchers import addresses
from clerk.stages import dating, naming
from clerk.stages.vocabulary import BODY, GATHERING, WORKSHOP

MAX_ONWARD = 100
"""Links taken from one page."""

_NEXT = re.compile(
    r"(?i)[\s›»→>]*+(?:(?:go\sto\s)?next(?:\spage)?|older(?:\s(?:posts|entries|meetings|items))?"
    r"|(?:view|show|load|see)\smore|more\s(?:agendas|minutes|meetings)"
    r"|(?:previous|prior|past)\s(?:years|meetings|agendas|minutes)"
    r"|(?:(?:agendas?|minutes|meetings?|documents?)\s)?archives?)?[\s›»→>]*+"
)
_MEETING = re.compile(rf"(?i)(?<![a-z])(?:{GATHERING}|hearings?|{WORKSHOP}|{BODY})(?![a-z])")
_DETAILS = re.compile(
    r"(?i)[\s›»→>]*+(?:(?:view|see|meeting|event|more|full)\s)*+(?:details?|info|information|more)[\s›»→>]*+"
)
_BESIDE_A_YEAR = re.compile(
    r"(?i)(?<![a-z])(?:archives?|archived|meetings?|business|papers?|and|or|of|the|from|for|in|view"
    r"|past|documents?)(?![a-z])|[0-9]{4}|[\W_]"
)
_HTML = re.compile(r"(?i)\.x?html?$")
_MEETINGS = re.compile(r"(?i)agenda|minutes|meeting|council|(?<!dash)board")


def leads_on(text: str, first_year: int | None, today: date) -> bool:
    """Whether a link is called `Next`, `Older`, `Archive`, or by a year: `2023`, `2023 Minutes`.

    Years before `first_year` are of no interest.
    """
    plain = naming.clean(text, 200)
    if not plain or _NEXT.fullmatch(plain):
        return bool(plain)
    years = {int(year) for year in re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", plain)}
    if not years or max(years) < (first_year or 0) or dating.names_a_day(plain, today=today):
        return False
    if naming.is_other_paper(plain):
        return False
    rest = naming.without_kind(plain)
    return not _BESIDE_A_YEAR.sub("", rest) or naming.body_named(plain, alone=True) is not None


def is_meeting(text: str, page: httpx.URL, url: httpx.URL) -> bool:
    """Whether a link of a day, on `page`, leads to what is told of one meeting.

    It is called a meeting or by its body, or `Details`.
    """
    if url.host != page.host or url.copy_with(fragment=None) == page or not _is_page(url):
        return False
    words = naming.plain(f"{text} {url.path.rpartition('/')[2]}")
    called = _MEETING.search(words) or _DETAILS.fullmatch(naming.clean(text))
    others = naming.is_other_paper(text) or _BESIDE_A_YEAR.sub("", naming.without_kind(text)) == ""
    return bool(called) and not others


def pages(
    page: httpx.URL,
    *,
    marked: Iterable[httpx.URL],
    frames: Iterable[httpx.URL],
    called: Iterable[tuple[str, httpx.URL]],
    first_year: int | None,
    today: date,
) -> list[httpx.URL]:
    """Addresses that go on from `page`, each once.

    `marked` by the page as next; `called`: links that are no documents and choices of menus, by
    their texts. A frame may be of another host if its address says meetings.
    """
    inner = (url for url in frames if url.host == page.host or _MEETINGS.search(str(url)))
    told = (
        url for text, url in called if url.host == page.host and leads_on(text, first_year, today)
    )
    here = (url for url in marked if url.host == page.host)
    found = (url for url in chain(inner, here, told) if _is_page(url))
    return list(dict.fromkeys(found))[:MAX_ONWARD]


def _is_page(url: httpx.URL) -> bool:
    file = addresses.is_pdf(url) or (addresses.is_other_file(url) and not _HTML.search(url.path))
    return not file and not addresses.holds_no_document(url)
