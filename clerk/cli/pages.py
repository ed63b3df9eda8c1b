"""`clerk pages`: how well a site was read."""

from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from clerk import text
from clerk.cli import asking

NAME_WIDTH = 48
"""Characters of a file's name: the line of a page is read at 120."""

if TYPE_CHECKING:
    from clerk.store.readings import DocumentLine, PageLine


@click.command("pages")
@click.argument("subdomain", metavar="SITE")
@click.option(
    "--worst",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="How many pages (and documents) to show.",
)
@click.option("--documents", is_flag=True, help="Show documents instead of pages.")
@click.option("--of", metavar="TEXT", default="", help="Pages of files with TEXT in their address.")
@asking.as_json
def command(subdomain: str, *, worst: int, documents: bool, of: str, as_json: bool) -> None:
    """List the pages of SITE that failed, then those read with the least confidence.

    Confidence is OCR's own, 0 to 100; text layers and blank pages have none. A document's is the
    mean over its pages.

    \b
    Exit codes: 0 done; 2 there is no such site; 69 Postgres cannot be reached.

    Example: clerk pages pleasanton --worst 50
    """
    from clerk import rereading
    from clerk.wiring import services

    found = rereading.look(services(), subdomain, worst=worst, of=of)
    lines = [f"{subdomain}: {_mean(found.confidence)}"]
    if documents:
        lines += [_document(line) for line in found.documents]
        lines += [f"Pages of one: `clerk pages {subdomain} --of FILE`."] * bool(found.documents)
    else:
        lines += [line_of(line) for line in found.pages]
        lines += ["Read some again: `clerk reread " + subdomain + " --pages ID`."] * bool(
            found.pages
        )
    asking.answer(
        {
            "site": subdomain,
            "confidence": found.confidence,
            "pages": [asdict(line) for line in found.pages],
            "documents": [asdict(line) for line in found.documents],
        },
        "\n".join(lines),
        as_json=as_json,
    )


def _mean(confidence: float | None) -> str:
    if confidence is None:
        return "no page was read by OCR"
    return f"mean confidence {confidence:.1f} over the pages read by OCR"


def line_of(line: "PageLine") -> str:
    """How sure, the id, whose page it is, and why it was read as it was."""
    sure = "failed" if line.state == "failed" else f"{line.confidence:.1f}"
    meeting = f"{line.date} {line.kind} {line.body}"
    return _columns(sure, line.id, f"{_file(line.url)} p. {line.page}", meeting, line.reason)


def _columns(sure: str, *rest: str) -> str:
    return "  ".join([f"{sure:>6}", *map(asking.plain, rest)]).rstrip()


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
    return _columns(sure, f"{line.date} {line.kind} {line.body}", read, line.url)
