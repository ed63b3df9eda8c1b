"""`clerk pages`: how well a site was read."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from clerk import text
from clerk.cli import asking

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
@asking.as_json
def command(subdomain: str, *, worst: int, documents: bool, as_json: bool) -> None:
    """List the pages of SITE that failed, then those read with the least confidence.

    Confidence is OCR's own, 0 to 100; text layers and blank pages have none. A document's is the
    mean over its pages.

    \b
    Exit codes: 0 done; 2 there is no such site; 69 Postgres cannot be reached.

    Example: clerk pages pleasanton --worst 50
    """
    from clerk import rereading
    from clerk.wiring import services

    found = rereading.look(services(), subdomain, worst=worst)
    lines = [f"{subdomain}: {_mean(found.confidence)}"]
    if documents:
        lines += [_document(line) for line in found.documents]
    else:
        lines += [_page(line) for line in found.pages]
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


def _page(line: "PageLine") -> str:
    sure = "failed" if line.state == "failed" else f"{line.confidence:.1f}"
    read = f" [{line.source}: {line.engine}]" if line.source else ""
    return asking.plain(
        f"{sure:>6}  {line.date} {line.kind} {line.body} p. {line.page}  {line.id}  "
        f"{line.reason}{read}"
    )


def _document(line: "DocumentLine") -> str:
    sure = "-" if line.confidence is None else f"{line.confidence:.1f}"
    failed = f", {line.failed} failed" if line.failed else ""
    return asking.plain(
        f"{sure:>6}  {line.date} {line.kind} {line.body}  {text.counted(line.pages, 'page')}, "
        f"{line.ocr} by OCR"
        f"{failed}  {line.url}"
    )
