"""What a page draws: its text, pictures and drawings, counted for the text layer's rule.

Part of the PDF child (`pdf_child`): imports the standard library, pypdfium2 and Pillow only.
"""

import ctypes
import math
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c
from PIL import Image

MAX_OBJECTS = 20_000  # counting objects past this tells nothing new about a page
MAX_DEPTH = 6  # forms within forms; a bomb nests them without end
SCAN_COVER = 0.5  # share of a page under images, past which it is called a scan
MAX_MARKS = 32  # an object's, looked at for its layer
MAX_DECODED = 8  # pictures of a page that are decoded to know more about them
MAX_POINTS = (
    4_000_000  # area of such a picture on its page; a sheet of 36 x 24 inches has 4.5 million
)
SPECK = 0.01  # of a page's area; a smaller picture holds no text of it
PLATE = 0.05  # of a page's area; so large a picture is looked at in a drawing of the page
BANDS = 16  # of a picture's place; a page of text leaves few without ink
MAX_BYTES = 40_000_000  # of a picture's pixels, held at once: a sheet in colour at 300 dpi has 25
FORM = "form "  # begins the name that a form has which may belong to a layer
OPTIONAL = "OC"  # the tag of marked content in layers (ISO 32000-1, 8.11.3.2)
MAX_COVERS = 2_000  # of a page, looked at whether they hide text
MAX_MEETINGS = 300_000  # of a text and a box, looked at one by one
COVER_SIDE = 4  # points; a smaller box or thinner line hides no word
MAX_ANNOTATIONS = 2_000  # a page's; the fullest tax form of a test collection has 250
MAX_NOTE = 10_000  # letters of a typed note
HIDING = (
    c.FPDF_ANNOT_SQUARE,
    c.FPDF_ANNOT_REDACT,
    c.FPDF_ANNOT_FREETEXT,
    c.FPDF_ANNOT_STAMP,
    c.FPDF_ANNOT_POLYGON,
    c.FPDF_ANNOT_INK,
)
PALE = 230  # of 255, each colour: text so light is hard to see on white
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
        return [self.at(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lands."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


# Where pdfium writes what is asked of every text.
_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
_SIDES = tuple(ctypes.c_float() for _ in range(4))

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class Cover:
    """How much of a page its images cover, painted on a coarse grid so that overlaps count once."""

    def __init__(self, box: Box) -> None:
        self._left, self._bottom, self._right, self._top = box
        self._width = max(self._right - self._left, 1e-6)
        self._height = max(self._top - self._bottom, 1e-6)
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

    def misses(self, box: Box) -> bool:
        """Whether a box lies beside the page; none does where that has no size."""
        left, bottom, right, top = box
        beside = (
            left > self._right or right < self._left or bottom > self._top or top < self._bottom
        )
        return beside and self._width >= 1 and self._height >= 1

    def share(self) -> float:
        """0 to 1."""
        return sum(self._cells) / len(self._cells)


def _cells(values: list[float]) -> tuple[int, int]:
    """Half-open range of cells whose middle lies between the least and greatest value."""
    first = min(max(math.floor(min(values) + 0.5), 0), GRID)
    return first, max(min(max(math.floor(max(values) + 0.5), 0), GRID), first)


class Suspects(NamedTuple):
    """What of a page's text may be unseen."""

    texts: set[int]
    """Addresses of text objects that draw nothing, or in the colour of paper."""
    covers: list[tuple[int, Box]]
    """What was drawn over some text and may hide it: when, and where."""
    order: dict[int, int]
    """Address of a text object under one of them -> when it was drawn."""

    def __bool__(self) -> bool:
        return bool(self.texts or self.covers)


class Objects:
    """What a page holds: text seen and unseen, pictures, drawings, layers.

    Counts are of what is active (`SetIsActive`) when they are first asked for. `layered`: whether
    forms of this file may belong to layers.
    """

    def __init__(self, page: pdfium.PdfPage, *, layered: bool = False) -> None:
        self.layers: dict[str, list[Any]] = {}
        """Name -> text, pictures, and forms with text, of optional content: it may be switched off.
        Objects in several layers have a name of all."""
        self._page = page
        self._box = page.get_bbox()
        self._layered = layered
        self._paths: list[Any] = []
        self._laid: list[tuple[int, Any, Matrix]] = []
        self._texts: list[tuple[int, Any, Matrix]] = []
        self._pictures: list[_Picture] = []
        self._hidden: list[tuple[Any, Matrix]] = []
        self._shown: list[tuple[Any, Matrix]] = []
        self._left = MAX_OBJECTS
        self._walk(c.FPDFPage_CountObjects(page), c.FPDFPage_GetObject, page, Matrix(), 0)

    @cached_property
    def cover(self) -> float:
        """Share of the page under pictures."""
        cover = Cover(self._box)
        for picture in self._pictures:
            if _is_active(picture.image):
                cover.paint(picture.corners)
        return cover.share()

    def invisible_share(self, text: pdfium.PdfTextPage) -> float:
        """Of the page's characters, those that draw nothing or, on a scan, lie under a picture."""
        hidden = {address(item) for item, _ in self._hidden}
        hidden |= {address(self._shown[at][0]) for at in self._unseen}
        if not hidden:
            return 0.0
        asked = (address(c.FPDFText_GetTextObject(text, at)) for at in range(text.count_chars()))
        drawn = [item in hidden for item in asked if item]  # pdfium's own spaces are nobody's
        return sum(drawn) / max(len(drawn), 1)

    def outside(self) -> list[Any]:
        """Text objects beside the page: its crop box hides them."""
        texts, page = self._shown + self._hidden, Cover(self._box)
        return [item for item, outer in texts if page.misses(self._place(item, outer))]

    @cached_property
    def suspects(self) -> Suspects:
        """Text that may be unseen. OCR of a scan or of outlines draws nothing and is no suspect."""
        texts: set[int] = set()
        scanned = self.cover > SCAN_COVER
        if not scanned:
            if len(self._hidden) < len(self._shown):
                texts = {address(item) for item, _ in self._hidden}
            texts |= {address(item) for item, _ in self._shown if _pale(item)}
        # `_left` counts down while the page is drawn.
        covers = [
            (-left, box)
            for left, item, outer in self._laid
            if _is_wide(box := self._place(item, outer))
            and _is_opaque(item)
            and not (scanned and c.FPDFPageObj_GetType(item) == c.FPDF_PAGEOBJ_IMAGE)
        ]
        covers += [(0, box) for box in _hiding(self._page) if _is_wide(box)]
        return Suspects(texts, *self._under(covers[-MAX_COVERS:]))

    def _under(self, covers: list[tuple[int, Box]]) -> tuple[list[tuple[int, Box]], dict[int, int]]:
        """Of these boxes and of the text those that meet, the text as `Suspects.order`."""
        if not covers:
            return [], {}
        if len(self._texts) * len(covers) > MAX_MEETINGS:
            return covers, {address(item): -left for left, item, _ in self._texts}
        order: dict[int, int] = {}
        meeting: set[int] = set()
        for left, item, outer in self._texts:
            if covers[-1][0] < -left:
                continue
            place = self._place(item, outer)
            over = {
                at
                for at, (drawn, box) in enumerate(covers)
                if drawn > -left and _overlap(place, box)
            }
            if over:
                order[address(item)] = -left
                meeting |= over
        return [covers[at] for at in sorted(meeting)], order

    def segments(self) -> int:
        """Lines and curves of the page's paths."""
        return sum(max(c.FPDFPath_CountSegments(path), 0) for path in self._paths)

    def tallest(self) -> int:
        """Pixels of the longest side of any picture."""
        return max((_longest(picture.image) for picture in self._pictures), default=1)

    def undecodable(self) -> bool:
        """Whether any image gives no pixels: pdfium then draws nothing, as if the page were blank.

        Slow, since it decodes them: for pages that look blank, and for the largest few pictures
        that are more than a speck.
        """
        return any(not _decodes(picture.image) for picture in self._largest(SPECK))

    def undrawn(self, drawing: Image.Image, rotate: int) -> bool:
        """Whether a picture that cannot be decoded is missing in `drawing`, turned by `rotate`.

        Slow only where half of a large picture's place is of one grey: few scans are so clean.
        """
        return any(
            _is_bare(drawing, self._pixels(picture, drawing, rotate))
            and self._bytes(picture.image) <= MAX_BYTES
            and not _decodes(picture.image)
            for picture in self._largest(PLATE)
        )

    def _bytes(self, image: Any) -> int:
        """Of a picture's pixels, as pdfium holds them once decoded."""
        about = c.FPDF_IMAGEOBJ_METADATA()
        if not c.FPDFImageObj_GetImageMetadata(image, self._page, about):
            return 0
        return int(about.width * about.height * max(about.bits_per_pixel // 8, 1))

    def _largest(self, share: float) -> list["_Picture"]:
        """A few pictures that have at least this share of the page, the largest first."""
        areas = [(picture.area(), picture) for picture in self._pictures]
        least = share * _area(self._box)
        asked = sorted((pair for pair in areas if pair[0] >= least), key=lambda pair: -pair[0])
        return [picture for _, picture in asked[:MAX_DECODED]]

    def _pixels(self, picture: "_Picture", drawing: Image.Image, rotate: int) -> list[int]:
        """Left, top, right and bottom of a picture's place in a drawing of the page."""
        x, y = ctypes.c_int(), ctypes.c_int()
        size, turn = (0, 0, *drawing.size), rotate // 90
        places: list[tuple[float, float]] = []
        for corner in picture.corners:
            c.FPDF_PageToDevice(self._page, *size, turn, *corner, x, y)
            places.append((x.value, y.value))
        left, top, right, bottom = (int(side) for side in _bounding(places))
        return [max(left, 0), max(top, 0), min(right, drawing.width), min(bottom, drawing.height)]

    def _walk(self, count: int, get: Any, parent: Any, outer: Matrix, depth: int) -> None:
        for index in range(count):
            if self._left <= 0:
                return
            self._left -= 1
            self._see(get(parent, index), outer, depth)

    def _see(self, item: Any, outer: Matrix, depth: int) -> None:
        kind = c.FPDFPageObj_GetType(item)
        if kind == c.FPDF_PAGEOBJ_TEXT:
            # 3 draws nothing, 7 only clips: how scanners hide the text of their own OCR.
            hidden = c.FPDFTextObj_GetTextRenderMode(item) in (3, 7)
            (self._hidden if hidden else self._shown).append((item, outer))
            if not hidden:
                self._texts.append((self._left, item, outer))
            self._in_layer(item)
        elif kind == c.FPDF_PAGEOBJ_PATH:
            self._paths.append(item)
            self._lay(item, outer)
        elif kind == c.FPDF_PAGEOBJ_SHADING:
            self._lay(item, outer)
        elif kind == c.FPDF_PAGEOBJ_IMAGE:
            self._lay(item, outer)
            corners = outer.after(_matrix(item)).corners()
            self._pictures.append(_Picture(item, corners, len(self._shown)))
            self._in_layer(item)
        elif kind == c.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            self._form(item, outer.after(_matrix(item)), depth + 1)

    def _lay(self, item: Any, outer: Matrix) -> None:
        """Note what may hide the text before it."""
        if self._texts:
            self._laid.append((self._left, item, outer))

    def _form(self, item: Any, inner: Matrix, depth: int) -> None:
        before = len(self._shown) + len(self._hidden)
        self._walk(c.FPDFFormObj_CountObjects(item), c.FPDFFormObj_GetObject, item, inner, depth)
        if len(self._shown) + len(self._hidden) > before:
            # A form names its layer where pdfium does not show it: each stands for one of its own.
            self._in_layer(item, f"{FORM}{self._left}" if self._layered else "")

    def _in_layer(self, item: Any, otherwise: str = "") -> None:
        layer = (_layer(item) if c.FPDFPageObj_CountMarks(item) else "") or otherwise
        if layer:
            self.layers.setdefault(layer, []).append(item)

    def _place(self, item: Any, outer: Matrix) -> Box:
        """Where an object is on the page; senseless if pdfium does not know."""
        if not c.FPDFPageObj_GetBounds(item, *_SIDES):
            return math.nan, math.nan, math.nan, math.nan
        left, bottom, right, top = [side.value for side in _SIDES]
        return _bounding([outer.at(x, y) for x in (left, right) for y in (bottom, top)])

    @cached_property
    def _unseen(self) -> set[int]:
        """Which of `_shown` a scan hides by other means than their mode."""
        if self.cover <= SCAN_COVER:
            return set()
        unseen = {at for at, (text, _) in enumerate(self._shown) if _transparent(text)}
        laid = [each for each in self._pictures if each.before and _is_active(each.image)]
        middles = [_middle(self._place(*shown)) for shown in self._shown] if laid else []
        for picture in laid[:MAX_DECODED]:
            under = {at for at in range(picture.before) if picture.covers(middles[at])}
            if len(under) * 2 > picture.before and self._opaque(picture.image):
                unseen |= under
        return unseen

    def _opaque(self, image: Any) -> bool:
        """Whether nothing shows through a picture; decodes it, a pixel a point."""
        matrix = _matrix(image)
        if abs(matrix.a * matrix.d - matrix.b * matrix.c) > MAX_POINTS:
            return False
        if c.FPDFPageObj_HasTransparency(image):
            return False
        raw = c.FPDFImageObj_GetRenderedBitmap(self._page.pdf, self._page, image)
        if not raw:
            return False
        bitmap = pdfium.PdfBitmap.from_raw(raw)
        try:
            if bitmap.n_channels != 4 or bitmap.mode.endswith("X"):
                return True
            alpha: list[int] = bitmap.to_pil().getchannel("A").histogram()
            return alpha[255] >= 0.99 * sum(alpha)
        finally:
            bitmap.close()


class _Picture(NamedTuple):
    """An image on the page."""

    image: Any
    corners: list[tuple[float, float]]
    before: int
    """So many visible text objects were drawn before it."""

    def covers(self, place: tuple[float, float]) -> bool:
        left, bottom, right, top = _bounding(self.corners)
        return left <= place[0] <= right and bottom <= place[1] <= top

    def area(self) -> float:
        return _area(_bounding(self.corners)) if self._is_somewhere() else 0.0

    def _is_somewhere(self) -> bool:
        return all(math.isfinite(value) for corner in self.corners for value in corner)


def _is_active(item: Any) -> bool:
    active = ctypes.c_int()
    return not c.FPDFPageObj_GetIsActive(item, active) or bool(active.value)


def _area(box: Box) -> float:
    return abs((box[2] - box[0]) * (box[3] - box[1]))


def _longest(image: Any) -> int:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    c.FPDFImageObj_GetImagePixelSize(image, width, height)
    return max(width.value, height.value, 1)


def _bounding(corners: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _transparent(text: Any) -> bool:
    if not c.FPDFPageObj_GetFillColor(text, *_COLOUR) or _COLOUR[3].value:
        return False
    return bool(c.FPDFTextObj_GetTextRenderMode(text) == 0)


def address(item: Any) -> int:
    """Tells one of pdfium's objects from another."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _pale(text: Any) -> bool:
    """Whether text is filled with (almost) white, or with nothing."""
    red, green, blue, alpha = _COLOUR
    if not c.FPDFPageObj_GetFillColor(text, red, green, blue, alpha):
        return False
    light = alpha.value == 0 or min(red.value, green.value, blue.value) >= PALE
    return light and c.FPDFTextObj_GetTextRenderMode(text) in (0, 4)


def _is_opaque(item: Any) -> bool:
    """Whether it has no transparency of its own and, a path, fills or has a thick line."""
    if c.FPDFPageObj_GetType(item) == c.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not c.FPDFPath_GetDrawMode(item, fill, stroke):
            return False
        width = ctypes.c_float()
        thick = stroke.value and c.FPDFPageObj_GetStrokeWidth(item, width)
        if fill.value == c.FPDF_FILLMODE_NONE and not (thick and width.value >= COVER_SIDE):
            return False
    return not c.FPDFPageObj_HasTransparency(item)


def _hiding(page: pdfium.PdfPage) -> Iterator[Box]:
    """Where annotations stand that may hide text: a box of an editor's, or a mark to redact."""
    for annotation in annotations(page):
        box = c.FS_RECTF()
        if c.FPDFAnnot_GetSubtype(annotation) in HIDING and c.FPDFAnnot_GetRect(annotation, box):
            yield box.left, box.bottom, box.right, box.top


def annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    """The page's annotations in order, at most MAX_ANNOTATIONS; each is closed behind the next."""
    for index in range(min(c.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)):
        annotation = c.FPDFPage_GetAnnot(page, index)
        yield annotation
        c.FPDFPage_CloseAnnot(annotation)


def note_text(annotation: Any) -> str:
    """What a note says, at most MAX_NOTE letters."""
    buffer = (ctypes.c_ushort * (MAX_NOTE + 1))()
    size = ctypes.sizeof(buffer)
    length: int = c.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace") if 2 < length <= size else ""


def char_box(text: pdfium.PdfTextPage, index: int) -> Box:
    """Where a character is drawn."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    c.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_wide(box: Box) -> bool:
    return box[2] - box[0] >= COVER_SIDE and box[3] - box[1] >= COVER_SIDE


def _layer(item: Any) -> str:
    """The layers (optional content groups) of an object by its marks; empty: of none."""
    names = []
    for index in range(min(c.FPDFPageObj_CountMarks(item), MAX_MARKS)):
        mark = c.FPDFPageObj_GetMark(item, index)
        if _string(c.FPDFPageObjMark_GetName, mark) == OPTIONAL:
            names.append(_string(c.FPDFPageObjMark_GetParamStringValue, mark, b"Name") or "unnamed")
    return " / ".join(names)


def free_of_layers(item: Any) -> None:
    """Take an object out of its layers, until the page is closed: as if they were switched on."""
    for index in reversed(range(c.FPDFPageObj_CountMarks(item))):
        mark = c.FPDFPageObj_GetMark(item, index)
        if _string(c.FPDFPageObjMark_GetName, mark) == OPTIONAL:
            c.FPDFPageObj_RemoveMark(item, mark)


def holds_text(item: Any, depth: int = 0) -> bool:
    """Whether an object is text, or a form with some."""
    kind = c.FPDFPageObj_GetType(item)
    if kind != c.FPDF_PAGEOBJ_FORM or depth == MAX_DEPTH:
        return bool(kind == c.FPDF_PAGEOBJ_TEXT)
    count = c.FPDFFormObj_CountObjects(item)
    return any(
        holds_text(c.FPDFFormObj_GetObject(item, index), depth + 1) for index in range(count)
    )


def _string(ask: Any, *about: Any) -> str:
    """A name of pdfium's, at most 99 letters."""
    buffer, length = (ctypes.c_ushort * 100)(), ctypes.c_ulong()
    ask(*about, buffer, ctypes.sizeof(buffer), length)
    return bytes(buffer)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")


def _is_bare(drawing: Image.Image, place: list[int]) -> bool:
    """Whether over half of a place, by bands along or across it, is of one grey."""
    left, top, right, bottom = place
    if min(right - left, bottom - top) < BANDS:
        return False
    across = [(left, above, right, below) for above, below in _bands(top, bottom)]
    along = [(before, top, after, bottom) for before, after in _bands(left, right)]
    return any(sum(_is_plain(drawing, band) for band in way) * 2 > BANDS for way in (across, along))


def _bands(start: int, end: int) -> Iterator[tuple[int, int]]:
    return pairwise(start + (end - start) * at // BANDS for at in range(BANDS + 1))


def _is_plain(drawing: Image.Image, box: tuple[int, int, int, int]) -> bool:
    low, high = drawing.crop(box).getextrema()
    return low == high


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
