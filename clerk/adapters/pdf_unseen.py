"""Letters of a page that a reader cannot see: under a black box, white on white, transparent.

Part of the PDF child (`pdf_child`): imports the standard library, pypdfium2, Pillow and
`pdf_objects` only. What is suspect is looked at in a drawing of the page, and left out only where
that shows no ink at all: a box that a highlighter left lets its words shine through.
"""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as c
from PIL import Image

from clerk.adapters.pdf_objects import Box, Suspects, address, char_box

UNIFORM = 8  # grey levels: the faintest ink that counts, as on pages with little text
FEWEST = 2  # letters of a word
MOST = 200  # letters taken out of a drawing
MARGIN = 1  # pixels around a letter: a dash fills its own box


def unseen(
    page: pdfium.PdfPage,
    text: pdfium.PdfTextPage,
    suspects: Suspects,
    draw: Callable[[], pdfium.PdfBitmap | None],
) -> set[int]:
    """Which characters of `text` cannot be seen. Has the page drawn, in grey, if any may be."""
    words = [word for word in _words(text, suspects) if word.doubtful]
    bitmap = draw() if words else None
    if bitmap is None:
        return set()
    drawing: Image.Image = bitmap.to_pil()
    unseen: set[int] = set()
    for word in words:
        empty = {at for at, box in word.doubtful.items() if _is_empty(drawing, page, box)}
        # A letter alone may stand elsewhere than its font says.
        if len(empty) >= max(FEWEST, word.letters / 2):
            unseen |= empty
    return unseen


@dataclass(slots=True)
class _Word:
    letters: int = 0
    doubtful: dict[int, Box] = field(default_factory=dict)
    """Where each letter stands that may be unseen."""


def _words(text: pdfium.PdfTextPage, suspects: Suspects) -> Iterator[_Word]:
    word = _Word()
    for index in range(text.count_chars()):
        if chr(c.FPDFText_GetUnicode(text, index)).isspace():
            yield word
            word = _Word()
            continue
        word.letters += 1
        if box := _suspect(text, index, suspects):
            word.doubtful[index] = box
    yield word


def _suspect(text: pdfium.PdfTextPage, index: int, suspects: Suspects) -> Box | None:
    """Where a character stands, if it may be unseen."""
    item = c.FPDFText_GetTextObject(text, index)
    if not item:
        return None
    at = address(item)
    if at in suspects.texts:
        return char_box(text, index)
    if not suspects.covers or at not in suspects.order:
        return None
    box = char_box(text, index)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    drawn = suspects.order[at]
    for later, (left, bottom, right, top) in suspects.covers:
        if later > drawn and left <= x <= right and bottom <= y <= top:
            return box
    return None


def ink_beside(drawing: Image.Image, page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> Image.Image:
    """A drawing of the page, in grey, without the letters of `text` (the first MOST of them)."""
    greys: list[int] = drawing.histogram()
    rest = drawing.copy()
    for index in range(min(text.count_chars(), MOST)):
        area = _area(drawing, page, char_box(text, index))
        if area[0] < area[2] and area[1] < area[3]:
            rest.paste(greys.index(max(greys)), area)
    return rest


def _is_empty(drawing: Image.Image, page: pdfium.PdfPage, box: Box) -> bool:
    """Whether a place of the page is of one grey. What lies beside the page is not judged here."""
    area = _area(drawing, page, box)
    if area[0] >= area[2] or area[1] >= area[3]:
        return False
    greys: list[int] = drawing.crop(area).histogram()
    present = [grey for grey, count in enumerate(greys) if count]
    return present[-1] - present[0] <= UNIFORM


def _area(drawing: Image.Image, page: pdfium.PdfPage, box: Box) -> tuple[int, int, int, int]:
    """Pixels of a place of the page and MARGIN around it; senseless where that is beside it."""
    left, top = _pixel(drawing, page, box[0], box[3])
    right, bottom = _pixel(drawing, page, box[2], box[1])
    return (
        max(min(left, right) - MARGIN, 0),
        max(min(top, bottom) - MARGIN, 0),
        min(max(left, right) + MARGIN + 1, drawing.width),
        min(max(top, bottom) + MARGIN + 1, drawing.height),
    )


def _pixel(drawing: Image.Image, page: pdfium.PdfPage, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    c.FPDF_PageToDevice(page, 0, 0, drawing.width, drawing.height, 0, x, y, across, down)
    return across.value, down.value
