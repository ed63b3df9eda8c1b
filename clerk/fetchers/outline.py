"""HTML -> its links, each with the table row or list item, headings and column it stands in.

Run as a module it is the *page child*: a request (JSON) on stdin, an outline (JSON) on stdout, in a
process that is locked in and killed on time, because the parser is C code and hostile markup can
keep it busy for hours. Only `read_outline` is called by others, from worker children.

All texts of a page are kept once, in reading order, line ends between blocks; every element is a
stretch of them. So the work is linear in the page, however deep it is nested.
"""

import json
import os
import re
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from clerk.adapters.confine import confine
from clerk.errors import SourceRefused

MAX_ROW = 1500
"""Characters; a container with more text is a region of the page, not one meeting's row."""
MAX_LINKS = 10_000
MAX_CHOICES = 500
MAX_DEPTH = 8
"""Containers looked at around one link."""
MAX_LABEL = 300
MAX_OUTPUT = 16_000_000
"""Characters of all rows together."""

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 60.0

_ROWS = frozenset({"tr", "li", "article", "section", "p", "div", "td", "dd", "dl", "details"})
_BLOCKS = _ROWS | {"ul", "ol", "table", "tbody", "thead", "th", "dt", "br", "hr", "form"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "caption", "legend", "summary", "header"}
_BLOCKS |= {"footer", "main", "nav", "aside", "option", "button"}
# A later heading ends those of its own level and below.
_HEADINGS = {f"h{n}": n for n in range(1, 7)} | {"caption": 7, "summary": 7, "legend": 7, "dt": 8}
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "select"})
_NO_LINK = re.compile(r"(?i)\s*(?:#|(?:javascript|data|file|mailto|tel|sms|about|blob|vbscript):)")
_ADDRESS = re.compile(r"\s*(?:https?://|/|\?|[\w./-]{1,200}\?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors of a site; None: the defaults."""

    link: str | None = None
    row: str | None = None
    body: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A container around a link. `whole`: a table row or configured row, surely of one meeting."""

    text: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link; `rows` (nearest first) are indexes into the outline's rows.

    The first is the line it stands in, between two blocks or line breaks.
    """

    href: str
    text: str
    rows: list[int]
    headings: list[str]
    """Nearest first; the page's title last."""
    column: str = ""
    """The heading of the table column that the link stands in."""
    body: str = ""
    """What the body selector found in its row, or before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A page's links in reading order."""

    links: list[Link] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    base: str = ""
    next: list[str] = field(default_factory=list)
    """What the selector `next` found; without one, what the page marks as its next page."""
    frames: list[str] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    """Addresses in menus to choose from, with their texts."""
    scripted: int = 0
    """Links that work by script only."""
    complete: bool = True
    """False: there were more links or text than are looked at."""


def selector_problem(selector: str) -> str | None:
    """What is wrong with a CSS selector; None: nothing."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except SelectolaxError:
        return "is not a CSS selector; write it like table.meetings td a[href]"
    return None


# -- the walk --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """An element whose end has not been reached."""

    node_id: int
    tag: str
    start: int
    """Index of its first text piece."""
    end: int = -1
    row: bool = False
    nested: bool = False
    """Holds a table row of its own: laid out by tables, not one meeting."""
    cells: int = 0
    columns: list[tuple[int, int]] = field(default_factory=list)
    """Of a table: the stretches of its header cells."""


@dataclass(slots=True)
class _Seen:
    """A link as met on the walk, to be completed when all text is known."""

    href: str
    label: str
    around: list[_Open]
    headings: list[tuple[int, int]]
    column: tuple[int, int] | None
    line: int
    """Index of the first text piece of its line."""
    body_before: tuple[int, int] | None
    element: _Open


class _Walk:
    """One pass over the tree in reading order."""

    def __init__(self, tree: LexborHTMLParser, selectors: Selectors) -> None:
        self._selectors = selectors
        self._links = _matched(tree, selectors.link)
        self._rows = _matched(tree, selectors.row)
        self._bodies = _matched(tree, selectors.body)
        self._stack: list[_Open] = []
        self._headings: list[tuple[int, int, int]] = []  # level, start, end
        self._found_bodies: list[_Open] = []
        self.breaks: list[int] = []
        """Indexes of the text pieces that end a line."""
        self.pieces: list[str] = []
        self.seen: list[_Seen] = []
        self.complete = True
        for entering, node in _steps(tree):
            if entering:
                self._enter(node)
            else:
                self._leave()

    def _enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self.pieces.append(re.sub(r"\s+", " ", (node.text_content or "")[: 4 * MAX_ROW]))
            return
        if tag in _BLOCKS:
            self._break()
        element = _Open(node.mem_id, tag, len(self.pieces))
        element.row = self._is_row(element)
        self._count_cell(element)
        self._stack.append(element)
        if self._is_link(element):
            self._note(node, element)

    def _break(self) -> None:
        self.breaks.append(len(self.pieces))
        self.pieces.append("\n")

    def _is_row(self, element: _Open) -> bool:
        if self._selectors.row is not None:
            return element.node_id in self._rows
        return element.tag in _ROWS

    def _is_link(self, element: _Open) -> bool:
        if self._selectors.link is not None:
            return element.node_id in self._links
        return element.tag == "a"

    def _count_cell(self, element: _Open) -> None:
        if element.tag in {"td", "th"}:
            outer = self._nearest("tr")
            if outer is not None:
                outer.cells += 1
        elif element.tag == "tr":
            outer = self._nearest("tr")
            if outer is not None:
                outer.nested = True

    def _nearest(self, tag: str) -> _Open | None:
        return next((item for item in reversed(self._stack[-50:]) if item.tag == tag), None)

    def _note(self, node: LexborNode, element: _Open) -> None:
        href = node.attributes.get("href") or ""
        if not href.strip() or _NO_LINK.match(href):
            href = node.attributes.get("data-href") or node.attributes.get("data-url") or ""
        if not href and self._selectors.link is not None:
            inner = node.css_first("a[href]")
            href = (inner.attributes.get("href") or "") if inner is not None else ""
        if not href.strip() or _NO_LINK.match(href):
            return
        if len(self.seen) >= MAX_LINKS:
            self.complete = False
            return
        label = _line(_label(node))
        around = [item for item in reversed(self._stack[-60:]) if item.row][:MAX_DEPTH]
        headings = [(start, end) for _, start, end in reversed(self._headings)]
        last_body = self._found_bodies[-1] if self._found_bodies else None
        self.seen.append(
            _Seen(
                href[:4000],
                label,
                around,
                headings,
                self._column(),
                self.breaks[-1] + 1 if self.breaks else 0,
                (last_body.start, last_body.end) if last_body else None,
                element,
            )
        )

    def _column(self) -> tuple[int, int] | None:
        row, table = self._nearest("tr"), self._nearest("table")
        if row is None or table is None or not 0 < row.cells <= len(table.columns):
            return None
        return table.columns[row.cells - 1]

    def _leave(self) -> None:
        element = self._stack.pop()
        element.end = len(self.pieces)
        if element.tag in _BLOCKS:
            self._break()
        if element.node_id in self._bodies:
            self._found_bodies.append(element)
        level = _HEADINGS.get(element.tag)
        if level is not None:
            self._headings = [item for item in self._headings if item[0] < level]
            self._headings.append((level, element.start, element.end))
        if element.tag == "th":
            table = self._nearest("table")
            if table is not None and len(table.columns) < 50:
                table.columns.append((element.start, element.end))

    def bodies(self) -> list[tuple[int, int]]:
        """Where the body selector matched, in reading order."""
        return sorted((item.start, item.end) for item in self._found_bodies)

    @property
    def row_is_chosen(self) -> bool:
        """Whether the site's owner says what a row is."""
        return self._selectors.row is not None


def _label(node: LexborNode) -> str:
    """What a link is called besides its text; the picture of a link that has none."""
    label = node.attributes.get("title") or node.attributes.get("aria-label")
    picture = node.css_first("img[alt]") if not label else None
    return label or (picture.attributes.get("alt") if picture is not None else "") or ""


def _matched(tree: LexborHTMLParser, selector: str | None) -> set[int]:
    return {node.mem_id for node in tree.css(selector)} if selector else set()


def _steps(tree: LexborHTMLParser) -> Iterator[tuple[bool, LexborNode]]:
    """(True, node) on the way in, (False, node) on the way out of elements; no recursion."""
    node = tree.root
    while node is not None:
        shown = _is_element(node) and node.tag not in _SILENT
        if shown or node.tag == "-text":
            yield True, node
        if shown and node.first_child is not None:
            node = node.first_child
            continue
        if shown:
            yield False, node
        while node is not None and node.next is None:
            node = node.parent
            if node is not None and _is_element(node):
                yield False, node
        node = node.next if node is not None else None


def _is_element(node: LexborNode) -> bool:
    # Lexbor names what is not an element -text, -comment, -document, …
    return not (node.tag or "-").startswith("-")


# -- the outline -----------------------------------------------------------------------------------


def outline(html: str, selectors: Selectors) -> Outline:
    """All links of a page. Raises SelectolaxError for a bad selector."""
    # NUL ends nothing in HTML but confuses C code; a lone surrogate cannot become UTF-8.
    tree = LexborHTMLParser(html.replace("\0", "").encode("utf-8", "replace"))
    walk = _Walk(tree, selectors)
    found = _Assembly(walk, _title(tree)).outline(_base(tree))
    marked = selectors.next or "link[rel~=next][href], a[rel~=next][href]"
    return replace(
        found,
        next=_hrefs(tree, marked, "href"),
        frames=_hrefs(tree, "iframe[src], frame[src]", "src"),
        choices=_choices(tree),
        scripted=len(tree.css("a[href^='javascript:' i]")),
    )


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return _line(node.text()) if node is not None else ""


def _base(tree: LexborHTMLParser) -> str:
    node = tree.css_first("base[href]")
    return (node.attributes.get("href") or "")[:4000] if node is not None else ""


def _hrefs(tree: LexborHTMLParser, selector: str, attribute: str) -> list[str]:
    hrefs = [(node.attributes.get(attribute) or "")[:4000] for node in tree.css(selector)[:5]]
    return [href for href in hrefs if href.strip() and not _NO_LINK.match(href)]


def _choices(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """The options of menus whose values are addresses: `/minutes/2023`, `?year=2023`."""
    nodes = tree.css("select > option[value]")[:MAX_CHOICES]
    pairs = [((node.attributes.get("value") or "")[:4000], _line(node.text())) for node in nodes]
    return [pair for pair in pairs if _ADDRESS.match(pair[0])]


def _line(text: str) -> str:
    return " ".join(text[: 2 * MAX_LABEL].split())[:MAX_LABEL]


class _Assembly:
    """Stretches -> texts, each made once."""

    def __init__(self, walk: _Walk, title: str) -> None:
        self._walk = walk
        self._title = title
        self._bodies = walk.bodies()
        self._lengths = [0, *accumulate(len(piece) for piece in walk.pieces)]
        self._index: dict[tuple[int, int], int] = {}
        self._rows: list[Row] = []
        self._written = 0

    def outline(self, base: str) -> Outline:
        links = []
        complete = self._walk.complete
        for seen in self._walk.seen:
            links.append(self._link(seen))
            if self._written > MAX_OUTPUT:
                complete = False
                break
        return Outline(links=links, rows=self._rows, base=base, complete=complete)

    def _link(self, seen: _Seen) -> Link:
        text = self._text((seen.element.start, seen.element.end), MAX_LABEL)
        headings = [self._text(stretch, MAX_LABEL) for stretch in seen.headings]
        link = Link(
            href=seen.href,
            text=_line(seen.label if _line(text) in seen.label else f"{text} {seen.label}"),
            rows=self._around(seen),
            headings=[*map(_line, headings), self._title],
            column=_line(self._text(seen.column, MAX_LABEL)) if seen.column else "",
            body=_line(self._body(seen)),
        )
        self._written += len(link.href) + len(link.text) + sum(map(len, link.headings))
        return link

    def _text(self, stretch: tuple[int, int], limit: int) -> str:
        start, end = stretch
        # Every piece but the empty ones has a character, so `limit` pieces are enough.
        return "".join(self._walk.pieces[start : min(end, start + 4 * limit)])[:limit]

    def _size(self, stretch: tuple[int, int]) -> int:
        return self._lengths[stretch[1]] - self._lengths[stretch[0]]

    def _around(self, seen: _Seen) -> list[int]:
        found = [] if self._walk.row_is_chosen else self._of_line(seen)
        for item in seen.around:
            stretch = (item.start, item.end)
            if self._size(stretch) > 4 * MAX_ROW:
                break  # what lies around it is larger still
            if stretch not in self._index:
                whole = (item.tag == "tr" and not item.nested) or self._walk.row_is_chosen
                self._add(stretch, whole=whole)
            found.append(self._index[stretch])
        return found

    def _of_line(self, seen: _Seen) -> list[int]:
        """The line around a link; a link that goes over several stands in none."""
        breaks = self._walk.breaks
        following = bisect_left(breaks, seen.line)
        end = breaks[following] if following < len(breaks) else len(self._walk.pieces)
        stretch = (seen.line, end)
        if end < seen.element.end or self._size(stretch) > MAX_ROW:
            return []
        if stretch not in self._index:
            self._add(stretch, whole=False)
        return [self._index[stretch]]

    def _add(self, stretch: tuple[int, int], *, whole: bool) -> None:
        lines = (line.strip() for line in self._text(stretch, 4 * MAX_ROW).split("\n"))
        text = "\n".join(line for line in lines if line)[:MAX_ROW]
        self._index[stretch] = len(self._rows)
        self._rows.append(Row(text, whole))
        self._written += len(text)

    def _body(self, seen: _Seen) -> str:
        for item in seen.around:
            first = bisect_left(self._bodies, (item.start, 0))
            if first < len(self._bodies) and self._bodies[first][0] < item.end:
                return self._text(self._bodies[first], MAX_LABEL)
        return self._text(seen.body_before, MAX_LABEL) if seen.body_before else ""


# -- the page child --------------------------------------------------------------------------------


def read_outline(html: str, selectors: Selectors, *, name: str) -> Outline:
    """The outline of a page, made in a locked-in child; `name` says in errors which page it is.

    Raises SourceRefused("page unreadable") when the child dies or takes too long.
    """
    request = json.dumps({"html": html, "selectors": asdict(selectors), "parent": os.getpid()})
    try:
        answer = subprocess.run(
            [sys.executable, "-P", "-B", "-m", "clerk.fetchers.outline"],
            input=request.encode(),
            env=_environment(),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=True,
        ).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise SourceRefused(
            "page unreadable",
            f"{name} could not be parsed in {CPU_SECONDS} s and {MEMORY // 2**20} MB;"
            " its markup is broken or hostile, so use another page as the source",
        ) from error
    return _from_json(json.loads(answer))


def _environment() -> dict[str, str]:
    """No secret of ours; only where Python finds the same modules as here."""
    return {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _from_json(tree: dict[str, Any]) -> Outline:
    links = [Link(**link) for link in tree.pop("links")]
    rows = [Row(**row) for row in tree.pop("rows")]
    return Outline(links=links, rows=rows, **tree)


def main() -> None:
    """Serve one request; everything needed is imported by now, so the locks can close."""
    request = json.loads(sys.stdin.buffer.read())
    confine(memory=MEMORY, cpu_seconds=CPU_SECONDS, parent=request["parent"])
    found = outline(request["html"], Selectors(**request["selectors"]))
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
