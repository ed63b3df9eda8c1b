"""Web pages that list PDFs -> documents. Rules and options: docs/fetching.md.

A page is fetched here, taken apart in a child process (`outline`), and judged here: which links are
documents, and of which body, day and kind. User and password of the source never leave it: links
are stored without, and get them back only for a download from the same origin.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import unquote

import httpx
from pydantic import AfterValidator, Field, field_validator

from clerk.errors import BreakerOpen, SourceRefused, SourceUnavailable
from clerk.fetchers import addresses, onward
from clerk.fetchers import options as opt
from clerk.fetchers.outline import Link, Outline, Row, Selectors, read_outline, selector_problem
from clerk.fetchers.robots import Robots
from clerk.model import (
    DiscoveredDocument,
    DocumentKind,
    Download,
    Site,
    UndatedDocument,
    Validators,
)
from clerk.ports import NO_PAGE, Http
from clerk.stages import dating, naming, sessions
from clerk.text import without_credentials

MAX_PAGES = 500
MAX_URL = 2000
MAX_RIVALS = 50
"""Links of one row that are compared with each other."""

_LINKS_OF_MEETING = 6
"""A row with more links is a region of the page."""
_FEW = 20
"""A page with fewer links is not finished when it comes."""
_FULL = "not read: the option max_pages is reached; raise it"
_LED_TO = "a page that others lead on to"
_CLOSED = "robots.txt asks not to read it; name it in the option pages if you may"
_OFFICE = "not a PDF but an office file (Word or the like), which is not read; ask for a PDF"

T = TypeVar("T")
Found = DiscoveredDocument | UndatedDocument
Labels = Mapping[int, Sequence[tuple[str, DocumentKind | None]]]

_ID = re.compile(r"(?i)(?<![a-z])[a-z]+id=")
_MINUTES_OF = re.compile(r"(?i)^\s*minutes\s+of\s")
"""Before a day it says whose minutes are approved, but not where a link is called so."""
_PAGE = re.compile(r"(?i)(?<![a-z])html(?![a-z])|previous\s?versions?")
"""Says that a link leads to a web page: the agenda as HTML, a list of earlier versions."""


def _is_selector(text: str) -> str:
    problem = selector_problem(text) if len(text) <= opt.MAX_PATTERN else "is too long; shorten it"
    if problem:
        raise ValueError(problem)
    return text


Selector = Annotated[str, AfterValidator(_is_selector)]


class ListingOptions(opt.Options):
    """Options of the `listing` fetcher."""

    link: Selector | None = None
    """The links that are documents; default: links that look like PDFs, agendas or minutes."""
    row: Selector | None = None
    """The element around a link that tells its date and body; default: the nearest that does."""
    body_selector: Selector | None = None
    """The element that names the body: in the row, else the last one before the link."""
    next: Selector | None = None
    """The link to the next page."""
    pages: list[Annotated[str, Field(max_length=MAX_URL)]] = Field(
        default_factory=list, max_length=MAX_PAGES
    )
    """More pages; `{year}` and `{page}` stand for every year and for 1, 2, 3, …"""
    follow: bool = True
    """Whether to go on to the next page, the pages of years and frames without being told."""
    max_pages: int = Field(default=50, ge=1, le=MAX_PAGES)
    """The most pages read in one run."""
    date_pattern: opt.Pattern | None = None
    """Finds the date in link, row and URL: its group `date`, else all of it."""
    kind_pattern: opt.Pattern | None = None
    """Finds the kind in link text and URL: the group `agenda` or `minutes` that matches."""
    exclude: list[str] = Field(default_factory=list, max_length=100)
    """Globs of URLs or link texts to leave out."""

    @field_validator("kind_pattern")
    @classmethod
    def _has_groups(cls, pattern: str | None) -> str | None:
        found = opt.groups(pattern) if pattern else {"agenda"}
        if not found or found - {"agenda", "minutes"}:
            raise ValueError("name its groups agenda and minutes, like (?P<minutes>Protokoll)")
        return pattern

    def excludes(self, text: str, url: str) -> bool:
        """Whether a link that is called `text` is to be left out."""
        names = (url.lower(), text.lower())
        return any(fnmatch(name, glob.lower()) for glob in self.exclude for name in names)

    @property
    def selectors(self) -> Selectors:
        """What the page child needs to know."""
        return Selectors(link=self.link, row=self.row, body=self.body_selector, next=self.next)


class ListingFetcher:
    """Fulfils `ports.Fetcher` for `source` = the http(s) URL of a page with links to PDFs."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def problems(self, site: Site) -> list[str]:
        """Everything wrong with the URLs and the options."""
        problems = opt.check(ListingOptions, site.options)
        more = site.options.get("pages")
        pages = [site.source, *(more if isinstance(more, list) else [])]
        templates = [page for page in pages if isinstance(page, str)]
        problems += filter(None, map(_page_problem, templates))
        if any("{year}" in page for page in templates) and site.start_year is None:
            problems.append("start_year is missing; {year} counts from it, so give one")
        return problems

    def discover(self, site: Site, *, since: int | None) -> Iterator[Found]:
        """Every document that the pages link to; see `ports.Fetcher`."""
        reading = _Reading(self._http, site, opt.parse(ListingOptions, site), since)
        undated: dict[str, UndatedDocument] = {}
        given: set[str] = set()
        for found in reading.documents():
            if found.source_id in given:
                continue
            if isinstance(found, UndatedDocument):
                undated.setdefault(found.source_id, found)
                continue
            given.add(found.source_id)
            if since is None or found.date.year >= since:
                yield found
        # A link without a date here may have one there; only what has none anywhere is reported.
        yield from (item for name, item in undated.items() if name not in given)
        if not given and not undated:
            yield reading.nothing()

    def fetch(self, site: Site, url: str, into: Path, known: Validators | None) -> Download | None:
        """Download one document; raises as `ports.Fetcher` says."""
        address = addresses.download_address(_with_credentials(url, site.source))
        return self._http.download(address, into, known)


# -- URLs ------------------------------------------------------------------------------------------


def _page_problem(page: str) -> str | None:
    plain = page.replace("{year}", "2024").replace("{page}", "1")
    if re.search(r"[{}]", plain):
        return f"page {ascii(page)[:100]} has other braces than {{year}} and {{page}}; remove them"
    try:
        url = httpx.URL(plain)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if len(page) > MAX_URL or url.scheme not in {"http", "https"} or not url.host:
        return f"page {ascii(without_credentials(page))[:100]} is not an http(s) URL; correct it"
    return None


def _absolute(base: str, href: str) -> httpx.URL | None:
    """A link as it is stored: absolute, no fragment, no credentials; None if it leads nowhere."""
    try:
        url = httpx.URL(base).join(re.sub(r"[\x00-\x1f]", "", href).strip())
        url = httpx.URL(addresses.unwrapped(url) or url)
        url = url.copy_with(fragment=None, userinfo=b"")
    except (httpx.InvalidURL, ValueError):
        return None
    # httpx escapes what cannot stand in a host name: `http://[/` gets the host `%5b`.
    named = url.host and "%" not in url.host
    fits = named and url.scheme in {"http", "https"} and len(str(url)) <= MAX_URL
    return url if fits else None


def _base(read: Outline, page: str) -> str:
    """What the links of a page are relative to."""
    return str(_absolute(page, read.base) or page) if read.base else page


def _host(url: str) -> str:
    return httpx.URL(url).host.removeprefix("www.")


def _with_credentials(url: str, source: str) -> str:
    """`url` with the user and password of `source` if both have one origin."""
    try:
        target, home = httpx.URL(url), httpx.URL(source)
    except (httpx.InvalidURL, ValueError):
        return url  # the Http port refuses it, saying why
    same = (target.scheme, target.netloc) == (home.scheme, home.netloc)
    return str(target.copy_with(userinfo=home.userinfo)) if same and home.userinfo else url


# -- one run over the pages -----------------------------------------------------------------------


class _Reading:
    """Reads the source, its templates and next links; each page once, `max_pages` in all."""

    def __init__(self, http: Http, site: Site, options: ListingOptions, since: int | None) -> None:
        self._http = http
        self._site = site
        self._options = options
        self._today = date.today()
        self._first_year = max((y for y in (since, site.start_year) if y), default=self._today.year)
        self._since = since or site.start_year
        self._robots = Robots(http)
        self._visited: set[str] = set()
        self._pages = 0
        """How many were asked for; of one that leads to another both addresses are visited."""
        self._ahead: deque[str] = deque()
        """What pages lead on to, in the order in which it is met."""
        self._meetings: dict[str, date] = {}
        """Pages of single meetings that are still to be read, and when these are."""
        self._single: set[str] = set()
        """All pages of single meetings that were met."""
        self._known: set[str] = set()
        self._passed: set[str] = set()
        """Links of listings that are no documents: no page of a single meeting has them alone."""
        self._seen = self._scripted = 0
        self._turn = False

    def documents(self) -> Iterator[Found]:
        """What the pages list, repetitions included; those that nobody named come last.

        So they take no page from the others, and nothing new from the pages 2, 3, … of a series.
        """
        for template in (self._site.source, *self._options.pages):
            for series in self._years(template):
                yield from self._numbered(series)
        yield from self._followed()

    def _years(self, template: str) -> list[str]:
        if "{year}" not in template:
            return [template]
        years = range(self._today.year, self._first_year - 1, -1)
        return [template.replace("{year}", str(year)) for year in years]

    def _numbered(self, template: str) -> Iterator[Found]:
        """Pages 1, 2, 3, … until one lists nothing new."""
        if "{page}" not in template:
            yield from self._chain(template)
            return
        for number in range(1, self._options.max_pages + 1):
            before = len(self._known)
            yield from self._chain(template.replace("{page}", str(number)), may_miss=number > 1)
            if len(self._known) == before:
                return

    def _chain(self, page: str, *, may_miss: bool = False) -> Iterator[Found]:
        """A named page and those that its `next` links lead to."""
        url: str | None = page
        while url is not None and url not in self._visited:
            if self._pages >= self._options.max_pages:
                yield self._report(url, _FULL)
                return
            first = not self._visited
            try:
                read, where = self._read(url)
            except SourceRefused as error:
                if first:
                    raise
                if not may_miss:
                    yield self._report(url, f"this page of the listing: {error.reason}")
                return
            yield from self._listed(read, where, first=first)
            url = self._following(read, where)

    def _followed(self) -> Iterator[Found]:
        """The pages that others lead on to. One that cannot be had ends nothing.

        What is gone or closed for good leaves the listing whole: it would never be so again.
        """
        while following := self._followed_next():
            url, single = following
            if url in self._visited:
                continue
            if self._pages >= self._options.max_pages:
                yield self._report(url, f"{_FULL}, or set follow to false")
                return
            try:
                read, where = self._read(url, followed=True)
            except SourceRefused as error:
                if error.reason != NO_PAGE:
                    yield self._report(url, f"{_LED_TO}: {error.reason}", partial=False)
            except (SourceUnavailable, BreakerOpen) as error:
                yield self._report(url, f"{_LED_TO}: {error}")
                if error.wait:
                    self._leave_alone(_host(url))
            else:
                if _host(where) != _host(url):
                    continue
                yield from (
                    self._judged(self._judge(read, where), single=True)
                    if single
                    else self._listed(read, where)
                )

    def _followed_next(self) -> tuple[str, bool] | None:
        """The next address, and whether it is of a single meeting: listings and these in turn.

        So neither takes all of `max_pages`. Meetings come the newest first.
        """
        if self._meetings and (self._turn or not self._ahead):
            self._turn = False
            newest = max(self._meetings, key=lambda url: (self._meetings[url], url))
            del self._meetings[newest]
            return newest, True
        self._turn = True
        return (self._ahead.popleft(), False) if self._ahead else None

    def _leave_alone(self, host: str) -> None:
        self._ahead = deque(url for url in self._ahead if _host(url) != host)
        self._meetings = {url: day for url, day in self._meetings.items() if _host(url) != host}

    def _read(self, url: str, *, followed: bool = False) -> tuple[Outline, str]:
        """A page taken apart, and where it was found.

        `followed`: nobody named it, so that robots.txt has to let us go there.
        """
        self._visited.add(url)
        if followed and not self._robots.allow(url):
            raise SourceRefused(_CLOSED, f"{without_credentials(url)} is closed to robots")
        self._pages += 1
        fetched = self._http.page(url)
        self._visited.add(_with_credentials(fetched.url, self._site.source))
        read = read_outline(fetched.text, self._options.selectors, name="the page")
        return read, fetched.url

    def _listed(self, read: Outline, page: str, *, first: bool = False) -> Iterator[Found]:
        """What a page lists. If that is nothing new, it is not gone on from.

        A calendar has always a next month.
        """
        before = len(self._known) + len(self._single)
        judge = self._judge(read, page)
        yield from self._judged(judge)
        self._note_meetings(judge)
        if first or len(self._known) + len(self._single) > before:
            self._ahead.extend(self._onward(read, page))

    def _note_meetings(self, judge: "_Judge") -> None:
        """The pages of meetings that a listing links to instead of their documents.

        Where there are documents beside one of them, the listing shows what there is.
        """
        beside: set[int] = set()
        meetings: dict[str, tuple[date, set[int]]] = {}
        for link, url in judge.links():
            if str(url) in self._known:
                beside.update(judge.of_meeting(link))
            elif (day := judge.meeting_of_page(link, url)) and not self._is_of_others(link.text):
                meetings.setdefault(str(url), (day, set()))[1].update(judge.of_meeting(link))
            else:
                self._passed.add(str(url))
        if self._options.next is not None or not self._options.follow:
            return
        if any(rows & beside for _, rows in meetings.values()):
            return
        for name, (day, _) in meetings.items():
            address = _with_credentials(name, self._site.source)
            if day.year >= (self._since or 0) and address not in self._single:
                self._single.add(address)
                self._meetings[address] = day

    def _following(self, read: Outline, page: str) -> str | None:
        """What the option `next` selects."""
        if self._options.next is None:
            return None
        target = _first(self._joined(_base(read, page), read.next))
        return _with_credentials(str(target), self._site.source) if target else None

    def _onward(self, read: Outline, page: str) -> list[str]:
        """The pages that look like more of the listing."""
        if self._options.next is not None or not self._options.follow:
            return []
        base = _base(read, page)
        found = onward.pages(
            httpx.URL(page),
            marked=self._joined(base, read.next),
            frames=self._joined(base, read.frames),
            called=self._called(read, base),
            first_year=self._since,
            today=self._today,
        )
        named = (url for url in found if not self._options.excludes("", str(url)))
        return [_with_credentials(str(url), self._site.source) for url in named]

    def _joined(self, base: str, hrefs: Iterable[str]) -> list[httpx.URL]:
        return [url for href in hrefs if (url := _absolute(base, href))]

    def _called(self, read: Outline, base: str) -> Iterator[tuple[str, httpx.URL]]:
        """Links that are no documents, and what menus offer, by their texts."""
        links = [(link.text, link.href) for link in read.links]
        links += [(text, href) for href, text in read.choices]
        for text, href in links:
            url = _absolute(base, href)
            if url is None or str(url) in self._known or self._is_of_others(text):
                continue
            if not self._options.excludes(text, str(url)):
                yield text, url

    def _is_of_others(self, text: str) -> bool:
        """Whether a link names another body than the option `body`, which is told of all here."""
        named, own = naming.body_named(text, alone=True), self._options.body
        if not named or not own:
            return False
        one, other = self._options.called(named).casefold(), own.casefold()
        return one not in other and other not in one

    def _judge(self, read: Outline, page: str) -> "_Judge":
        url = httpx.URL(page)
        return _Judge(read, url, self._options, self._today, _labels(read.links))

    def _judged(self, judge: "_Judge", *, single: bool = False) -> Iterator[Found]:
        read = judge.read
        self._seen += len(read.links)
        self._scripted += read.scripted
        dated, office = set(), []
        for link, url in judge.links():
            if single and str(url) in self._passed and not addresses.is_pdf(url):
                continue
            found = judge.found(link, url)
            if found is not None:
                self._known.add(found.source_id)
                yield found
            elif meeting := judge.office_file(link, url):
                office.append((meeting, str(url)))
            if isinstance(found, DiscoveredDocument):
                dated.add((found.kind, found.date))
        for (kind, day), name in office:
            if (kind, day) not in dated:
                yield UndatedDocument(
                    kind=kind, source_id=name, url=name, reason=_OFFICE, dateless=False
                )
        if not read.complete:
            yield self._report(
                str(judge.page), "this page has more links than are read; narrow it with link"
            )

    def nothing(self) -> UndatedDocument:
        """What to say of a listing without any document."""
        why = f"no agenda or minutes among its {self._seen} links"
        if self._scripted:
            why += f"; {self._scripted} work by script in a browser only"
        elif self._seen < _FEW:
            why += "; it may be filled by script in a browser"
        why += ": use another page, or set the option link"
        return self._report(self._site.source, why, partial=False)

    def _report(self, url: str, reason: str, *, partial: bool = True) -> UndatedDocument:
        shown = without_credentials(url)
        kind = self._options.kind_or(None) or DocumentKind.MINUTES
        return UndatedDocument(
            kind=kind,
            source_id=shown,
            url=shown,
            reason=reason,
            dateless=False,
            partial=partial,
        )


# -- one link -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judge:
    """Tells documents from other links, and what they are."""

    read: Outline
    page: httpx.URL
    """Where the links stand."""
    options: ListingOptions
    today: date
    labels: Labels
    """The texts of the first links in each row and the kinds they name, by the row's index."""

    def links(self) -> Iterator[tuple[Link, httpx.URL]]:
        """The page's links and where they lead; not those that an option leaves out."""
        base = _base(self.read, str(self.page))
        for link in self.read.links:
            url = _absolute(base, link.href)
            if url is not None and not self.options.excludes(link.text, str(url)):
                yield link, url

    def found(self, link: Link, url: httpx.URL) -> Found | None:
        """The document behind a link; None if it is none."""
        if not self._may_be_document(link, url):
            return None
        day, kind = self._date(link, url), self._kind(link, url)
        name = str(url)
        if day is not None and kind is not None:
            body = self._body(link)
            return DiscoveredDocument(
                kind=kind,
                source_id=name,
                url=name,
                body=body,
                date=day,
                title=naming.clean(link.text),
                session=self._session(link, url, body),
            )
        sure = self.options.link is not None or addresses.is_pdf(url)
        other = kind is None and self._is_attachment(link, url)
        if not sure or other or (day is None and kind is None):
            return None
        return UndatedDocument(
            kind=kind or DocumentKind.MINUTES,
            source_id=name,
            url=name,
            reason="no date beside the link; set the option row, date_pattern or date_format"
            if day is None
            else "neither agenda nor minutes by its link; set the option kind or kind_pattern",
            dateless=day is None,
        )

    def office_file(self, link: Link, url: httpx.URL) -> tuple[DocumentKind, date] | None:
        """Kind and day of an agenda or minutes that are no PDF but a `.docx` or the like."""
        if not addresses.is_office_file(url):
            return None
        day, kind = self._date(link, url), self._kind(link, url)
        return (kind, day) if day and kind else None

    def _may_be_document(self, link: Link, url: httpx.URL) -> bool:
        if self.options.link is not None or addresses.is_pdf(url):
            return True
        if str(url) == str(self.page) or addresses.holds_no_document(url):
            return False
        if addresses.is_other_file(url) or _PAGE.search(f"{link.text} {_target(url)}"):
            return False
        says = (link.text, link.column, self._told_target(link, url))
        return any(naming.find_kind(text) is not None for text in says)

    def meeting_of_page(self, link: Link, url: httpx.URL) -> date | None:
        """The day of a meeting if the link leads to the page of that one."""
        if not onward.is_meeting(link.text, self.page, url):
            return None
        near = [at for at in self.of_meeting(link) if len(self.labels[at]) <= _LINKS_OF_MEETING]
        return (
            self._meeting_date(link.text)
            or _first(self._plain_date(self.read.rows[at].text) for at in near)
            or self._path_date(url, aside=False)
            or self._date_under_year(link, url)
        )

    # -- kind --

    def _kind(self, link: Link, url: httpx.URL) -> DocumentKind | None:
        target = self._told_target(link, url)
        name = target.rpartition("/")[2]
        told = [self._configured_kind(f"{link.text}\n{url}")]
        told += map(naming.find_kind, (link.text, link.column, name, target))
        if naming.is_other_file(name):
            return self.options.kind_or(_first(told))
        if not naming.is_other_paper(link.text):
            told += map(naming.sole_kind, (*self._meeting_rows(link), *link.headings))
        elif self._is_alone(link):
            kind = naming.kind_in_place(link.text)
            told += [kind for text in link.headings if kind and naming.sole_kind(text) is kind]
        return self.options.kind_or(_first(told))

    @staticmethod
    def _is_attachment(link: Link, url: httpx.URL) -> bool:
        file = url.path.rpartition("/")[2]
        return naming.is_attachment(f"{link.text}\n{file}")

    def _told_target(self, link: Link, url: httpx.URL) -> str:
        """`_target` without what it has from elsewhere.

        The path of the page itself tells of no link to it, unless that is called by a day, and
        folders of no attachment. Of an attachment `MinutesID=` tells whose it is: such a link has
        another name, and more in its address.
        """
        path, mark, query = _target(url).partition("?")
        here = (url.host, url.path) == (self.page.host, self.page.path)
        own = "" if here and self._plain_date(link.text) is None else path
        named = naming.body_hinted(link.text) and not naming.body_named(link.text, alone=True)
        other = named and "&" in query
        if self._is_attachment(link, url):
            own = own.rpartition("/")[2]
        return own + mark + (_ID.sub("", query) if other else query)

    def _is_alone(self, link: Link) -> bool:
        """Whether its meeting has no other link that may be its agenda or minutes."""
        labels = (self.labels.get(index, ()) for index in self.of_meeting(link))
        beside = {text for row in labels for text, _ in row if not naming.is_other_paper(text)}
        return not beside

    def _configured_kind(self, text: str) -> DocumentKind | None:
        match = opt.search(self.options.kind_pattern, text) if self.options.kind_pattern else None
        named = [name for name, value in match.groupdict().items() if value] if match else []
        return DocumentKind(named[0]) if named else None

    # -- session --

    def _session(self, link: Link, url: httpx.URL, body: str) -> str:
        """Of the link, its meeting's row or its address; headings stand above many meetings."""
        own = sessions.find_session(link.text, body)
        rows = (sessions.sole_session(row, body) for row in self._rows_without_rivals(link))
        path = sessions.find_session(_target(url).partition("?")[0], body)
        return own or _first(rows) or path

    def _rows_without_rivals(self, link: Link) -> Iterator[str]:
        """The meeting's rows without other documents of the link's kind.

        Beside `Special Minutes` in a row, `Minutes` are of another meeting. What names no kind, or
        another, may be the name of the meeting; but not if there is another of that kind, too.
        """
        kind = naming.find_kind(link.text)
        for index in self.of_meeting(link):
            text, labels = self.read.rows[index].text, self.labels.get(index, ())
            plain = {its_kind for rival, its_kind in labels if not sessions.find_session(rival)}
            for rival, its_kind in labels:
                doubtful = its_kind is kind or (its_kind in plain and sessions.find_session(rival))
                if kind and its_kind and doubtful and rival != link.text:
                    text = text.replace(rival, "\n", 1)
            yield text

    # -- date --

    def _date(self, link: Link, url: httpx.URL) -> date | None:
        if self.options.date_format or self.options.date_pattern:
            texts = (link.text, *self._rows(link), unquote(str(url)), *link.headings)
            return _first(map(self._configured_date, texts))
        told = self._meeting_date(_MINUTES_OF.sub("", link.text))
        return told or _first(
            day for day in self._dates_around(link, url) if day and _in_month(day, link.text)
        )

    def _dates_around(self, link: Link, url: httpx.URL) -> Iterator[date | None]:
        """What is said of a link without a day of its own, the surest first.

        What the file is called by speaks against the rows and headings of other meetings.
        """
        name = _file_name(url)
        row = self._row_date(link, self._meeting_date)
        own = self._meeting_date(name)
        if own and (not link.text or self._is_of_other_day(name, own, row)):
            yield own
        yield _unless_other_month(row, name)
        yield self._path_date(url, aside=False)
        yield from (_unless_other_month(self._meeting_date(text), name) for text in link.headings)
        yield self._plain_date(link.text)
        yield _unless_other_month(self._row_date(link, self._plain_date), name)
        yield self._path_date(url, aside=True)
        yield _unless_other_month(self._date_under_year(link, url), name)
        yield from (_unless_other_month(self._plain_date(text), name) for text in link.headings)

    @staticmethod
    def _is_of_other_day(name: str, own: date, day: date | None) -> bool:
        """Whether a file that is called agenda or minutes of `own` cannot be of `day`.

        Not within a month, nor where only the year differs: there one of the two is a slip.
        """
        if day is None or naming.find_kind(name) is None or naming.is_other_file(name):
            return False
        slip = own.month == day.month and (own.year == day.year or own.day == day.day)
        return not slip and not dating.may_say(name, day)

    def _configured_date(self, text: str) -> date | None:
        pattern, date_format = self.options.date_pattern, self.options.date_format
        if pattern:
            match = opt.search(pattern, text)
            text = (match.groupdict().get("date") or match[0]) if match else ""
        if date_format:
            return dating.find_formatted(text, date_format, today=self.today)
        return self._plain_date(text)

    def _plain_date(self, text: str) -> date | None:
        return dating.find_date(text, today=self.today, day_first=self.options.day_first)

    def _row_date(self, link: Link, says: Callable[[str], date | None]) -> date | None:
        """Of the nearest container with a date, unless that container lists several meetings."""
        rows = (self.read.rows[index] for index in link.rows)
        dated = next((row for row in rows if says(row.text)), None)
        return self._date_of_row(dated) if dated else None

    def _date_of_row(self, row: Row) -> date | None:
        if dating.names_many_months(row.text):
            return None
        if not row.whole:
            return self._sole_date(row.text)
        first = self._plain_date(row.text)
        # One row of a table may tell a deadline or the next meeting, but not a year's calendar.
        calendar = first is not None and len(dating.other_days(row.text, first)) > 2
        return None if calendar else first

    def _meeting_date(self, text: str) -> date | None:
        return dating.meeting_date(text, today=self.today, day_first=self.options.day_first)

    def _path_date(self, url: httpx.URL, *, aside: bool) -> date | None:
        path, day_first = _target(url).partition("?")[0], self.options.day_first
        return dating.date_of_path(path, today=self.today, day_first=day_first, aside=aside)

    def _date_under_year(self, link: Link, url: httpx.URL) -> date | None:
        """`March 5` below the heading `2024`."""
        year = _first(dating.find_year(text, self.today) for text in link.headings)
        name = _file_name(url)
        texts = (link.text, *self._rows(link)[:3], name)
        return _first(self._day_of_year(text, year) for text in texts) if year else None

    def _day_of_year(self, text: str, year: int) -> date | None:
        return dating.sole_day_of_year(
            text, today=self.today, day_first=self.options.day_first, year=year
        )

    # -- body --

    def _body(self, link: Link) -> str:
        chosen = naming.clean(link.body)
        near = (link.text, *self._meeting_rows(link))
        body = (
            (naming.body_hinted(chosen) or chosen)
            or _first(map(naming.body_named, (*near, *link.headings[:-1])))
            or self.options.body
            or naming.body_named(link.headings[-1])
            or _first(naming.body_named(text, alone=True) for text in near)
            or naming.NAMELESS_BODY
        )
        return self.options.called(body)

    def _meeting_rows(self, link: Link) -> list[str]:
        return [self.read.rows[index].text for index in self.of_meeting(link)]

    def of_meeting(self, link: Link) -> list[int]:
        """The containers of one meeting: what lists several says nothing of this link."""
        return list(takewhile(lambda index: self._of_one_meeting(self.read.rows[index]), link.rows))

    def _of_one_meeting(self, row: Row) -> bool:
        if row.whole:
            return not dating.names_many_months(row.text)
        if self._plain_date(row.text) is None:
            return not dating.names_several_days(row.text)
        return self._sole_date(row.text) is not None

    def _sole_date(self, text: str) -> date | None:
        return dating.sole_date(text, today=self.today, day_first=self.options.day_first)

    def _rows(self, link: Link) -> list[str]:
        return [self.read.rows[index].text for index in link.rows]


def _labels(links: Iterable[Link]) -> Labels:
    labels: dict[int, list[tuple[str, DocumentKind | None]]] = defaultdict(list)
    for link in links:
        kind = naming.find_kind(link.text)
        for index in link.rows:
            if len(labels[index]) < MAX_RIVALS:
                labels[index].append((link.text, kind))
    return labels


def _in_month(day: date, text: str) -> bool:
    """Whether `text` does not say another month: `July 2019`, or just `July`."""
    if called := dating.month_called(naming.without_kind(text)):
        return day.month == called
    named = {month for month in dating.months(text) if month[0]}
    return not named or (day.year, day.month) in named


def _unless_other_month(day: date | None, name: str) -> date | None:
    """`day`, but None where a file is called by another month: `2019-July-Minutes.pdf`."""
    return day if day and _in_month(day, name) else None


def _file_name(url: httpx.URL) -> str:
    return _target(url).partition("?")[0].rpartition("/")[2]


def _first(values: Iterable[T | None]) -> T | None:
    """The first that is something."""
    return next((value for value in values if value), None)


def _target(url: httpx.URL) -> str:
    """Path and query as people read them."""
    query = unquote(url.query.decode("ascii", "replace"))
    return f"{url.path}?{query}" if query else url.path
