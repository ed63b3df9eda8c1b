"""A town's blocks of text -> a folder of PDFs, half of their pages scans, and an HTML index.

The same seed gives the same bytes. Risk accepted: `pypdfium2` opens PDFs in this process, but only
those that were drawn here a moment before.
"""

import hashlib
import html
import io
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from clerk.demo.town import (
    CORRUPT,
    REVISED,
    REVISION,
    SEED,
    TWO_COLUMNS,
    Block,
    DocumentName,
    Town,
    document_path,
    found,
)
from clerk.model import DocumentKind

_STAMP = ".town"
_DPI = 150  # what a town hall's copier is usually set to

_STYLES = {
    "title": ParagraphStyle("title", fontName="Times-Bold", fontSize=17, leading=21, alignment=1),
    "subtitle": ParagraphStyle(
        "subtitle", fontName="Times-Roman", fontSize=13, leading=17, alignment=1, spaceAfter=12
    ),
    "heading": ParagraphStyle(
        "heading",
        fontName="Helvetica-Bold",
        fontSize=12,
        leading=15,
        spaceBefore=10,
        spaceAfter=4,
        keepWithNext=1,
    ),
    "text": ParagraphStyle("text", fontName="Times-Roman", fontSize=12, leading=15, spaceAfter=7),
    "item": ParagraphStyle(
        "item", fontName="Times-Roman", fontSize=12, leading=15, leftIndent=18, spaceAfter=5
    ),
}


def build_town(folder: Path, seed: int = SEED) -> Town:
    """Write the town's website into `folder` and answer with the truth about it.

    A folder that already holds this town is left as it is, a revision included, so that files keep
    their validators. Each file appears whole.
    """
    town = found(seed)
    stamp = _fingerprint(town)
    if _read_stamp(folder) == stamp:
        return town
    for path, content, published in _files(town):
        _write(folder / path, content, published)
    # Written last: its presence says that everything else is there.
    _write(folder / _STAMP, stamp.encode(), _published(REVISED))
    return town


def _fingerprint(town: Town) -> str:
    """Changes with the town and with the code that draws it."""
    return hashlib.sha256(repr(town).encode() + Path(__file__).read_bytes()).hexdigest()


def _read_stamp(folder: Path) -> str | None:
    try:
        return (folder / _STAMP).read_text()
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes, published: datetime) -> None:
    """Replace `path` all at once, with `published` as its modification time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.utime(file.name, (published.timestamp(), published.timestamp()))
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def _published(name: DocumentName) -> datetime:
    """Agendas come out five days before the meeting, minutes ten days after it."""
    _, day, kind = name
    days = -5 if kind is DocumentKind.AGENDA else 10
    return datetime.combine(day, time(16), UTC) + timedelta(days=days)


# -- documents ----------------------------------------------------------------------------------


def _files(town: Town) -> Iterator[tuple[str, bytes, datetime]]:
    """Every file of the website: path, bytes, time of publication."""
    scanned = total = 0
    newest = max(_published(name) for name, _ in town.documents())
    for name, blocks in town.documents():
        content = _document(town, name, blocks)
        pages = _count(content) if name != CORRUPT else 0
        total += pages
        if name not in (CORRUPT, REVISED, TWO_COLUMNS) and 2 * scanned + pages <= total + 1:
            content = _scan(content, f"{town.seed} {name}", _published(name))
            scanned += pages
        yield document_path(name), content, _published(name)
    revised = _draw(town.revised_agenda, _footer(town, REVISED), columns=1)
    yield REVISION, revised, _published(REVISED) + timedelta(days=3)
    yield "index.html", _index(town).encode(), newest


def _document(town: Town, name: DocumentName, blocks: Sequence[Block]) -> bytes:
    """A born-digital PDF, or for `CORRUPT` something that only begins like one."""
    if name == CORRUPT:
        return b"%PDF-1.4\n" + random.Random(f"{town.seed} corrupt").randbytes(20_000)
    return _draw(blocks, _footer(town, name), columns=2 if name == TWO_COLUMNS else 1)


def _footer(town: Town, name: DocumentName) -> str:
    body, day, kind = name
    return f"{town.name} {body} {kind}, {day.isoformat()}"


def _draw(blocks: Sequence[Block], footer: str, *, columns: int) -> bytes:
    """Set `blocks` in one or two columns on letter pages, with page numbers."""
    width, height = letter
    margin, gap = inch, 0.3 * inch
    column = (width - 2 * margin - (columns - 1) * gap) / columns
    frames = [
        Frame(margin + i * (column + gap), margin, column, height - 2 * margin, 0, 0, 0, 0)
        for i in range(columns)
    ]

    def _number(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 9)
        canvas.drawCentredString(width / 2, inch / 2, f"{footer}, page {document.page}")

    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer, pagesize=letter, title=footer, author="", invariant=1, pageCompression=1
    )
    document.addPageTemplates(PageTemplate(frames=frames, onPage=_number))
    document.build([_paragraph(block) for block in blocks])
    return buffer.getvalue()


def _paragraph(block: Block) -> Paragraph:
    markup = html.escape(block.text, quote=False).replace("\n", "<br/>")
    return Paragraph(markup, _STYLES[block.style])


def _count(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


# -- scans --------------------------------------------------------------------------------------


def _scan(pdf: bytes, seed: str, scanned: datetime) -> bytes:
    """The same pages as a copier would return them: images only, crooked, grey and grainy."""
    chance = random.Random(seed)
    first, *rest = (_age(image, chance) for image in _render(pdf))
    buffer = io.BytesIO()
    first.save(
        buffer,
        "PDF",
        save_all=True,
        append_images=rest,
        resolution=_DPI,
        quality=55,
        creationDate=scanned.timetuple(),
        modDate=scanned.timetuple(),
    )
    return buffer.getvalue()


def _render(pdf: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=_DPI / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def _age(image: Image.Image, chance: random.Random) -> Image.Image:
    """Skew by 0.5 to 1.5 degrees, soften, shade one side, and add grain."""
    angle = chance.choice((-1, 1)) * chance.uniform(0.5, 1.5)
    image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    shade = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(image.size)
    grain = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
    return Image.blend(Image.blend(image, shade, 0.1), grain, 0.15)


# -- the listing page ---------------------------------------------------------------------------


def _index(town: Town) -> str:
    """A plain page as small towns have it: one table a year, one row per meeting, newest first."""
    tables = [
        f"<h2>{year}</h2>\n<table>\n"
        "<tr><th>Date</th><th>Meeting</th><th>Agenda</th><th>Minutes</th></tr>\n"
        + "\n".join(_row(meeting.body, meeting.date) for meeting in meetings)
        + "\n</table>"
        for year, meetings in groupby(reversed(town.meetings), lambda meeting: meeting.date.year)
    ]
    name = html.escape(town.name)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        f"<title>Town of {name}: Agendas and Minutes</title></head>\n<body>\n"
        f"<h1>Town of {name}</h1>\n<p>Agendas and minutes of our boards. Minutes are posted"
        " within two weeks of the meeting.</p>\n" + "\n".join(tables) + "\n</body>\n</html>\n"
    )


def _row(body: str, day: date) -> str:
    links = "".join(
        f'<td><a href="{document_path((body, day, kind))}">{kind.capitalize()}</a></td>'
        for kind in (DocumentKind.AGENDA, DocumentKind.MINUTES)
    )
    return f"<tr><td>{day:%B} {day.day}, {day.year}</td><td>{html.escape(body)}</td>{links}</tr>"
