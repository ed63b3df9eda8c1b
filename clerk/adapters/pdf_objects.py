"""What a page draws: its text, pictures and drawings, counted for the text layer's rule.

Part of the PDF child (`pdf_child`): imports the standard library and pypdfium2 only.
"""

import math
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c

MAX_OBJECTS = 20_000  # counting objects past this tells nothing new about a page
MAX_DEPTH = 6  # forms within forms; a bomb nests them without end
GRID = 48  # cells a side on which image cover is painted; 1/48 of a page is a text line


class Matrix(NamedTuple):
    """A PDF transformation: x' = ax + cy + e, y' = bx + dy + f (ISO 32000-1, 8.3.3)."""

    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def after(self, inner: "Matrix") -> "Matrix":
        """The transformation that applies `inner` first and this one then."""
        return Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )

    def corners(self) -> list[tuple[float, float]]:
        """Where the unit square lands: an image is one."""
        return [
            (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
            for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
        ]


class Cover:
    """How much of a page its images cover, painted on a coarse grid so that overlaps count once."""

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        self._left, self._bottom, right, top = box
        self._width = max(right - self._left, 1e-6)
        self._height = max(top - self._bottom, 1e-6)
        self._cells = bytearray(GRID * GRID)

    def paint(self, corners: list[tuple[float, float]]) -> None:
        """Mark the cells whose middle lies in the bounding box of `corners`."""
        if not all(math.isfinite(value) for corner in corners for value in corner):
            return
        xs = [(x - self._left) / self._width * GRID for x, _ in corners]
        ys = [(y - self._bottom) / self._height * GRID for _, y in corners]
        first, last = _cells(xs)
        for row in range(*_cells(ys)):
            self._cells[row * GRID + first : row * GRID + last] = b"\1" * (last - first)

    def share(self) -> float:
        """0 to 1."""
        return sum(self._cells) / len(self._cells)


def _cells(values: list[float]) -> tuple[int, int]:
    """Half-open range of cells whose middle lies between the least and greatest value."""
    first = min(max(math.floor(min(values) + 0.5), 0), GRID)
    return first, max(min(max(math.floor(max(values) + 0.5), 0), GRID), first)


class Objects:
    """Counts of a page's visible and invisible text objects, and its image cover."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.visible = 0
        self.invisible = 0
        self.cover = Cover(page.get_bbox())
        self.images: list[Any] = []
        self._left = MAX_OBJECTS
        self._walk(c.FPDFPage_CountObjects(page), c.FPDFPage_GetObject, page, Matrix(), 0)

    def _walk(self, count: int, get: Any, parent: Any, outer: Matrix, depth: int) -> None:
        for index in range(count):
            if self._left <= 0:
                return
            self._left -= 1
            self._see(get(parent, index), outer, depth)

    def undecodable(self) -> bool:
        """Whether any image gives no pixels: pdfium then draws nothing, as if the page were blank.

        Slow, since it decodes them; for pages that look blank.
        """
        return any(not _decodes(image) for image in self.images)

    def _see(self, item: Any, outer: Matrix, depth: int) -> None:
        kind = c.FPDFPageObj_GetType(item)
        if kind == c.FPDF_PAGEOBJ_TEXT:
            # 3 draws nothing, 7 only clips: how scanners hide the text of their own OCR.
            if c.FPDFTextObj_GetTextRenderMode(item) in (3, 7):
                self.invisible += 1
            else:
                self.visible += 1
        elif kind == c.FPDF_PAGEOBJ_IMAGE:
            self.images.append(item)
            self.cover.paint(outer.after(_matrix(item)).corners())
        elif kind == c.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = outer.after(_matrix(item))
            self._walk(
                c.FPDFFormObj_CountObjects(item), c.FPDFFormObj_GetObject, item, inner, depth + 1
            )


def _decodes(image: Any) -> bool:
    bitmap = c.FPDFImageObj_GetBitmap(image)
    if not bitmap:
        return False
    c.FPDFBitmap_Destroy(bitmap)
    return True


def _matrix(item: Any) -> Matrix:
    raw = c.FS_MATRIX()
    if not c.FPDFPageObj_GetMatrix(item, raw):
        return Matrix()
    return Matrix(raw.a, raw.b, raw.c, raw.d, raw.e, raw.f)
