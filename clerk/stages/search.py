"""A query and some meetings.db files in, ranked hits out.

What people type is never handed to FTS5 as it is: bare words are quoted, and only a small grammar
(phrases, AND, OR, NOT, parentheses, `word*`, `-word`) is passed on, if FTS5 itself finds it well
formed. Everything else is searched for word by word, but for what leaves pages out: words of which
pages are to be free must not find them, so such a query is refused.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from itertools import pairwise
from pathlib import Path

from clerk.errors import InvalidInput, Unreadable
from clerk.model import DocumentKind
from clerk.stages.sqlite import damaged, reading, storable

_TABLES = {DocumentKind.MINUTES: "minutes", DocumentKind.AGENDA: "agendas"}
_SNIPPET_TOKENS = 24
# Beyond this a query is no question; FTS5's parser and its time both grow with the terms.
_MAX_CHARACTERS, _MAX_TERMS = 2000, 64
# Private-use characters; a page that holds them only gets its highlighting wrong.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"

_TOKEN = re.compile(
    r"""
    (?P<minus>-?)"(?P<phrase>[^"]*)"(?P<phrase_star>\*?)
    | (?P<paren>[()])
    | (?P<word_minus>-?)(?P<word>[^\s"()]+)
    """,
    re.VERBOSE,
)
_OPERATORS = frozenset({"AND", "OR", "NOT"})

# The bm25 of SQLite is more negative the better a page matches: sqlite.org/fts5.html
_QUERY = """
SELECT p.id, p.meeting, p.date, d.date_estimated, p.page, d.url, d.id, -bm25({table}_fts),
       snippet({table}_fts, 0, ?, ?, '…', {tokens})
FROM {table}_fts
JOIN {table} p ON p.rowid = {table}_fts.rowid
JOIN pages g ON g.id = p.id
JOIN documents d ON d.id = g.document
WHERE {table}_fts MATCH ?
ORDER BY {table}_fts.rank LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A stretch of a snippet, without control or direction-changing characters, on one line.

    Safe to print on a terminal; HTML still has to escape it.
    """

    text: str
    matched: bool
    """Whether it is what the query asked for, to be highlighted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One page that matches."""

    site: str
    kind: DocumentKind
    body: str
    date: date
    date_estimated: bool
    """Whether the document does not say the day."""
    page: int
    id: str
    document: str
    url: str
    """Where the document is published by the town."""
    score: float
    """Higher is better; comparable within one query only."""
    snippet: tuple[Fragment, ...]


def search(
    databases: Mapping[str, Path],
    query: str,
    *,
    limit: int = 20,
    kind: DocumentKind | None = None,
    skip: Callable[[str, Unreadable], object] | None = None,
) -> list[Hit]:
    """The `limit` best pages of all `databases` (site -> meetings.db), best first.

    Any query is fine but one without a word to find (InvalidInput). A site without a file has no
    hits. A file that cannot be read raises Unreadable, or, where `skip` is given, is left out and
    `skip` told its site and why. Ties go by site, date and page, so answers repeat.
    """
    expression = match_expression(query)
    if expression is None:
        raise InvalidInput(_refusal(query))
    if limit < 1:
        return []
    hits = (
        hit
        for site, path in databases.items()
        for hit in _search_or_skip(site, path, expression, limit, kind, skip)
    )
    return nsmallest(limit, hits, key=lambda h: (-h.score, h.site, h.date, h.page, h.id))


def unclosed(query: str) -> bool:
    """Whether a quote is not closed. Which one nobody can tell, so none makes a phrase then."""
    return query.count('"') % 2 == 1


def match_expression(query: str) -> str | None:
    """What to MATCH for a query; always well formed. None: it says nothing that can be found."""
    tokens = _tokens(query)
    structured = _structured(tokens)
    if _well_formed(structured):
        return structured
    if _excludes(tokens):
        return None
    plain = " ".join(_quoted(term) for term in _terms(tokens))
    return plain or None


def _refusal(query: str) -> str:
    """Why nothing can be searched for, and what to write instead."""
    if _excludes(_tokens(query)):
        return (
            "NOT and -word only leave pages out of those that other words find; "
            "say first what to find, as in: budget NOT boat"
        )
    return 'nothing to search for; give words or a "quoted phrase"'


def _tokens(query: str) -> list[re.Match[str]]:
    if unclosed(query):
        query = query.replace('"', " ")
    return list(_TOKEN.finditer(storable(query[:_MAX_CHARACTERS])))[:_MAX_TERMS]


def _excludes(tokens: list[re.Match[str]]) -> bool:
    """Whether any word is one that pages shall not hold."""
    searchable = [_searchable(_term(token)) for token in tokens]
    return any(
        (token["word"] == "NOT" and any(searchable[index + 1 :]))
        or (bool(token["minus"] or token["word_minus"]) and searchable[index])
        for index, token in enumerate(tokens)
    )


def _structured(tokens: list[re.Match[str]]) -> str:
    """The query in FTS5's grammar; whether it is well formed is for FTS5 to say.

    Neighbours are joined by AND, written out since FTS5 wants it beside parentheses. Exclusions
    go to the end, where they bind to all of the rest.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for token in tokens:
        excluded = bool(token["minus"] or token["word_minus"])
        if token["word"] == "NOT" and wanted[-1:] == ["AND"]:
            wanted.pop()  # FTS5 has `budget NOT tax` and no `budget AND NOT tax`
        if token["paren"] or (token["word"] in _OPERATORS and not excluded):
            wanted.append(token[0])
        elif _searchable(text := _term(token)):
            starred = token["phrase_star"] or (token["word"] or "").endswith("*")
            (unwanted if excluded else wanted).append(_quoted(text) + ("*" if starred else ""))
    joined = " ".join(_with_and(wanted))
    return " NOT ".join([f"({joined})", *unwanted]) if unwanted else joined


def _with_and(items: list[str]) -> Iterator[str]:
    """Put AND between an item that ends an operand and one that begins the next."""
    for before, item in pairwise(["(", *items]):
        ends = before != "(" and before not in _OPERATORS
        begins = item != ")" and item not in _OPERATORS
        if ends and begins:
            yield "AND"
        yield item


def _term(token: re.Match[str]) -> str:
    return token["phrase"] if token["phrase"] is not None else (token["word"] or "").rstrip("*")


def _terms(tokens: list[re.Match[str]]) -> Iterator[str]:
    """Every word and phrase of the query, operators taken for what they are: no words."""
    for token in tokens:
        if token["word"] not in _OPERATORS and _searchable(text := _term(token)):
            yield text


def _searchable(text: str) -> bool:
    """Whether FTS5 finds a token in `text`; a phrase of none would make the whole query empty."""
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _well_formed(expression: str) -> bool:
    """Ask FTS5's own parser, on an empty index. An empty expression is not well formed."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        try:
            db.execute("SELECT 1 FROM probe WHERE probe MATCH ?", [expression]).fetchall()
        except sqlite3.OperationalError:
            return False
    return True


def _search_or_skip(
    site: str,
    path: Path,
    expression: str,
    limit: int,
    kind: DocumentKind | None,
    skip: Callable[[str, Unreadable], object] | None,
) -> Iterator[Hit]:
    try:
        yield from _search_site(site, path, expression, limit, kind)
    except Unreadable as error:
        if skip is None:
            raise
        skip(site, error)


def _search_site(
    site: str, path: Path, expression: str, limit: int, kind: DocumentKind | None
) -> Iterator[Hit]:
    try:
        with reading(path) as db:
            for wanted in [kind] if kind else _TABLES:
                yield from _search_table(db, site, wanted, expression, limit)
    except FileNotFoundError:
        return
    except sqlite3.DatabaseError as error:
        if "no such column" in str(error):
            raise Unreadable(
                "another version",
                f"{path} was published by another version of clerk; "
                f"publish {site} again with `clerk enqueue {site}`",
            ) from error
        # An empty file has no tables; one that may not be opened is no better to readers.
        if not (damaged(error) or isinstance(error, sqlite3.OperationalError)):
            raise
        raise Unreadable(
            "corrupt",
            f"{path} cannot be read ({error}); publish {site} again with `clerk enqueue {site}`",
        ) from error


def _search_table(
    db: sqlite3.Connection, site: str, kind: DocumentKind, expression: str, limit: int
) -> Iterator[Hit]:
    sql = _QUERY.format(table=_TABLES[kind], tokens=_SNIPPET_TOKENS)
    for row in db.execute(sql, [_OPEN, _CLOSE, expression, limit]):
        page_id, body, day, estimated, page, url, document, score, snippet = row
        yield Hit(
            site=site,
            kind=kind,
            body=body,
            date=date.fromisoformat(day),
            date_estimated=bool(estimated),
            page=page,
            id=page_id,
            document=document,
            url=url,
            score=score,
            snippet=tuple(_fragments(snippet)),
        )


def _fragments(snippet: str) -> Iterator[Fragment]:
    """Split a snippet at its markers; what the query matched comes between OPEN and CLOSE."""
    matched = False
    for piece in re.split(f"([{_OPEN}{_CLOSE}])", _printable(snippet)):
        if piece in (_OPEN, _CLOSE):
            matched = piece == _OPEN
        elif piece:
            yield Fragment(text=piece, matched=matched)


def _printable(text: str) -> str:
    """One line without controls (they steer terminals) and format marks (they turn text around)."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or not _steers(c))
    return re.sub(" +", " ", "".join(kept))


def _steers(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
