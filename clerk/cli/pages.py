"""`clerk pages`: how well a site was read."""

from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from clerk import text
from clerk.cli import asking

NAME_WIDTH = 48
"""Characters of a file's name: the line of a page is read at 120."""

WORST, ALL = 20, 100_000
"""Pages shown of a site, and of the files that somebody asked for."""

if TYPE_CHECKING:
    from clerk.store.readings import DocumentLine, PageLine, Tally, UnreadLine


@click.command("pages")
@click.argument("subdomain", metavar="SITE")
@click.option(
    "--worst",
    type=click.IntRange(1, ALL),
    default=None,
    help=f"How many pages (and documents) to show: {WORST}, or all of them with --of.",
)
@click.option("--documents", is_flag=True, help="Show documents instead of pages.")
@click.option(
    "--of",
    metavar="TEXT",
    default="",
    help="Only files with TEXT in their address; all of their pages.",
)
@click.option("--blank", is_flag=True, help="Only pages on which nothing was found.")
@asking.as_json
def command(
    subdomain: str, *, worst: int | None, documents: bool, of: str, blank: bool, as_json: bool
) -> None:
    """List what could not be read of SITE, then the pages that OCR read worst.

    Confidence is OCR's own, 0 to 100, of what it read; a page of which it left half unread, as its
    reason says, counts half as much. Text layers and blank pages have none: --of lists both,
    --blank the latter. A document's is the mean over its pages. Whole documents that could not be
    read come first, with their reasons.

    \b
    Exit codes: 0 done; 2 there is no such site, or no file with TEXT in its address;
    69 Postgres cannot be reached.

    Example: clerk pages pleasanton --worst 50
    """
    from clerk import rereading
    from clerk.wiring import services

    most = worst or (ALL if of else WORST)
    found = rereading.look(services(), subdomain, worst=most + 1, of=of, blank=blank)
    listed = found.documents if documents else found.pages
    unread = () if blank else found.unread[:most]
    if not (found.unread or found.documents):
        lines = [_nothing(subdomain, of)]
    else:
        lines = [f"{subdomain}: {_tally(found.tally)}", *map(unread_line, unread)]
        if documents:
            lines += map(_document, found.documents[:most])
        else:
            lines += map(line_of, found.pages[:most])
        if blank and not listed:
            lines += ["No page is blank."]
        if most < len(listed) or (not blank and most < len(found.unread)):
            lines += [f"There are more than these {most}: --worst N shows N."]
        lines += _hints(subdomain, unread=bool(unread), listed=bool(listed), documents=documents)
    asking.answer(
        {
            "site": subdomain,
            "confidence": found.tally.confidence,
            "tally": asdict(found.tally),
            "unread": [asdict(line) for line in unread],
            "pages": [asdict(line) for line in found.pages[:most]],
            "documents": [asdict(line) for line in found.documents[:most]],
        },
        "\n".join(lines),
        as_json=as_json,
    )


def _nothing(site: str, of: str) -> str:
    if of:
        return f"{site}: no file that was read has {asking.plain(of)!r} in its address."
    return f"{site}: nothing has been read yet. `clerk enqueue {site}` reads it."


def _hints(site: str, *, unread: bool, listed: bool, documents: bool) -> list[str]:
    hints = [f"More of what failed: `clerk failed list --site {site}`."] if unread else []
    if listed and documents:
        hints += [f"Pages of one: `clerk pages {site} --of FILE`."]
    elif listed:
        hints += [f"Read some again: `clerk reread {site} --pages ID`."]
    return hints


def _tally(found: "Tally") -> str:
    parts = {
        "by OCR": found.ocr,
        "from their text layer": found.layer,
        "blank": found.blank,
        "failed": found.failed,
        "not read yet": found.waiting,
    }
    said = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    sure = "" if found.confidence is None else f"; mean confidence of OCR {found.confidence:.1f}"
    return f"{text.counted(found.pages, 'page')}{': ' if said else ''}{said}{sure}"


def line_of(line: "PageLine") -> str:
    """How sure, the id, whose page it is, and why it was read as it was."""
    page = f"{_file(line.url)} p. {line.page}"
    return _columns(_sure(line), line.id, page, _meeting(line), line.reason)


def unread_line(line: "UnreadLine") -> str:
    """A document without pages: its file, meeting (if that can be told) and reason.

    The whole address, as the source lists it: no id tells two files of one name apart.
    """
    why = text.with_detail(line.reason, line.detail)
    return _columns("failed", unquote(line.url), _meeting(line), why)


def _meeting(line: "PageLine | UnreadLine | DocumentLine") -> str:
    """Day, kind and body, as far as they are known."""
    return f"{text.day(line.date, estimated=line.date_estimated)} {line.kind} {line.body}".strip()


def _sure(line: "PageLine") -> str:
    if line.state != "read":
        return "waits" if line.state == "pending" else line.state
    if line.confidence is not None:
        return f"{line.confidence:.1f}"
    return "blank" if line.source == "blank" else "layer"


def _columns(sure: str, *rest: str) -> str:
    return "  ".join([f"{sure:>6}", *filter(None, map(asking.plain, rest))])


def _file(url: str) -> str:
    """The file's name as its address ends, cut in its middle where it is long."""
    path, _, query = url.partition("?")
    name = unquote(path).rstrip("/").rpartition("/")[2] or url
    name = f"{name}?{query}" if query else name
    if len(name) <= NAME_WIDTH:
        return name
    return f"{name[: NAME_WIDTH - 13]}…{name[-12:]}"


def _document(line: "DocumentLine") -> str:
    sure = "-" if line.confidence is None else f"{line.confidence:.1f}"
    failed = f", {line.failed} failed" if line.failed else ""
    read = f"{text.counted(line.pages, 'page')}, {line.ocr} by OCR{failed}"
    return _columns(sure, _meeting(line), read, line.url)
