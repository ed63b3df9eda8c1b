"""Small PDFs for tests: what each page says in, a file's bytes out. Small pages make OCR quick."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from tests.fuzz import samples

DPI = 150


def born_digital(*pages: str) -> bytes:
    """Each page's text in lines, as a word processor would write it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(612, 792), invariant=1)
    for text in pages:
        for number, line in enumerate(text.splitlines()):
            canvas.drawString(72, 720 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scanned(*pages: str) -> bytes:
    """The same as pictures only: every page needs OCR. Pages as large as their lines."""
    first, *rest = [_picture(text.splitlines()) for text in pages]
    buffer = io.BytesIO()
    first.save(buffer, "PDF", save_all=True, append_images=rest, resolution=DPI)
    return buffer.getvalue()


def _picture(lines: Sequence[str]) -> Image.Image:
    image = Image.new("L", (760, 60 + 44 * len(lines)), 255)
    font = ImageFont.load_default(28)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((30, 30 + 44 * number), line, font=font, fill=0)
    return image


def with_a_lost_page(*lines: str) -> bytes:
    """Three pages, of which the second one's object does not exist."""
    content = samples.stream(samples.show(lines))
    leaf = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
        b"/Resources << /Font << /F 6 0 R >> >> >>"
    )
    kids = b"<< /Type /Pages /Kids [3 0 R 99 0 R 4 0 R] /Count 3 >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return samples.pdf([b"<< /Type /Catalog /Pages 2 0 R >>", kids, leaf, leaf, content, font])
