"""The PDF child: the only process in which bytes of a PDF are parsed. Run by `pdf.PdfChild`.

Imports the standard library, pypdfium2, pikepdf, Pillow, `confine` and the other `pdf_…` modules,
nothing else of clerk, so that it starts in a third of a second and stays small. It speaks over one
Unix socket (descriptor 0):

    request:  4-byte big-endian length, JSON, and the PDF as an open descriptor (SCM_RIGHTS)
    answer:   4-byte length, JSON with `size`, then `size` raw bytes

One request, one answer, in turn. The PDF comes as a descriptor because this process may not open
files. The last document stays open: a 5,000-page file is parsed once, not once a page. An answer
with `error` holds a reason of errors.Unreadable; everything worse (abort, limit, hang) the parent
sees as silence.
"""

import contextlib
import ctypes
import io
import json
import math
import mmap
import os
import re
import resource
import socket
import struct
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from clerk.adapters import pdf_faults
from clerk.adapters.confine import confine
from clerk.adapters.pdf_accents import composed
from clerk.adapters.pdf_glyphs import Glyphs, Named, doubtful, named
from clerk.adapters.pdf_objects import (
    FORM,
    MAX_ANNOTATIONS,
    SCAN_COVER,
    Objects,
    annotations,
    free_of_layers,
    holds_text,
    note_text,
)
from clerk.adapters.pdf_spaces import behind_ligatures, parted, within_words
from clerk.adapters.pdf_unseen import ink_beside, unseen

PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
"""Loaded before the locks close: afterwards no module can be read."""

MAX_CHARACTERS = 200_000  # the densest gazette page measured holds 13,000
SILENT, MAX_SILENT = "\0", 1_000
"""Stands for a character that pdfium counts and leaves out of a page's text, such as a control
character; it never says NUL itself. To place more of them than this would take too long."""
MAX_CODES = 20_000  # likewise, where there is time to look at them
MAX_NOTES = 100_000  # letters of a page's typed notes that it does not draw
SAMPLED = 200  # characters asked whether their font maps to Unicode
FORM_SECONDS = 2
"""CPU seconds for a request that pages can do without: for the document's form, for its layers,
where each takes a drawing of the page, and for its faults (EXTRAS). pdfium takes 2.6 for 10,000
fields, and four times as long for twice as many."""
EXTRAS = ("leaves", "faults")
BLANK_DPI = 40
SHEET_PIXELS, ANY = 340 * 440, sys.maxsize  # of a letter sheet at 40 dpi, and of no sheet
LOOK_DPI, LEAST_LOOK_DPI = 144, 72  # to see whether a letter is there; coarser says nothing of it
LOOK_PIXELS = 4_000_000  # of such a drawing
FEW_CHARACTERS = 25  # as in text_layer.py, which this process does not load
SHORT_CHARACTERS = 400  # likewise
BLANK_INK = 0.0003  # likewise
FAINTEST = 8
"""Grey levels that ink differs from the paper at 40 dpi, where thin strokes are pale; nothing here
has a scanner's noise."""
UNSEEN = c.FPDF_ANNOT_FLAG_HIDDEN | c.FPDF_ANNOT_FLAG_NOVIEW
BEYOND = 1e6  # points; no page reaches so far
MAX_LAYERS = 16  # a page's, looked at whether they are switched off; more count as shown
SEARCHED = 32 * 1024 * 1024  # bytes of a file, for forms that belong to layers
LONGEST_SIDE = {"png": 30_000, "jpeg": 30_000, "webp": 16_383}
"""Pixels a raster; Tesseract stops at 32,767 and WebP at 16,383."""

SMALL, SHEET = 432, 792
"""Points: a scan whose longest side is shorter than the first is drawn as if it were as long as the
other one, as far as its picture goes. Scanners that note a wrong resolution make pages of 2 inches,
and pdfium does not obey /UserUnit."""

LARGE = 8_000_000  # pixels of a raster past which its images are asked for their size
SHRINKING = 80 * 1024 * 1024
"""Bytes pdfium may hold while it shrinks an image: the image's height times the raster's width. A
fax of 35,000 x 35,000 pixels took the child to 339 MB on its way to 20 megapixels."""

_HTML = re.compile(rb"\s*+<(?:!doctype\s|html|\?xml)", re.IGNORECASE)
_FORM_LAYER = re.compile(rb"/OC\s*(?:\d|<<)")

_FPDF_ERR_SUCCESS, _FPDF_ERR_PASSWORD, _FPDF_ERR_SECURITY = 0, 4, 5


class ReadingError(Exception):
    """What the file cannot give; the argument is a reason of errors.Unreadable."""


class Settings(NamedTuple):
    """What the parent fixes for this child's life, as JSON in argv."""

    memory: int
    cpu_seconds: int
    life_cpu_seconds: int
    pixels: int
    picture_format: str
    picture_dpi: int
    picture_quality: int
    parent: int


class Shown(NamedTuple):
    """What a page holds."""

    objects: Objects
    text: pdfium.PdfTextPage
    found: str
    """Of its text what a reader sees."""
    unseen: int
    """Letters left out of it because nobody sees them."""
    nameless: bool = False
    """Whether it holds codes instead of letters."""
    known: frozenset[int] = frozenset()
    """Places of characters without a Unicode letter of which is known what they show."""


class Document:
    """An open PDF over a private memory map of the descriptor that came with the request."""

    def __init__(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        if size == 0:
            raise ReadingError("empty")
        # ACCESS_COPY: ctypes wants a writable buffer; nothing reaches the file.
        self._map = mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY)
        self._buffer = (ctypes.c_ubyte * size).from_buffer(self._map)
        try:
            self.pdf = pdfium.PdfDocument(self._buffer)
        except pdfium.PdfiumError as error:
            raise ReadingError(self._reason(error)) from error
        self._copies: dict[str, pdfium.PdfDocument] = {}
        self._flattened: set[int] = set()
        self._layered: bool | None = None
        self._structure: pdf_faults.Structure | None = None

    def shown(
        self,
        page: pdfium.PdfPage,
        *,
        as_seen: bool,
        alone: bool = False,
        fonts: Named | None = None,
    ) -> Shown:
        """What the page holds, and its text as far as a reader sees it: not beside the crop box.

        `as_seen`: nor in layers that are switched off, nor under boxes and the like, which costs
        some drawings of the page. `alone`: what it is drawn on was taken away, so that pale text
        says nothing. `fonts`: look at each character that has no Unicode letter.
        """
        objects = Objects(page, layered=self._has_layers())
        if as_seen and objects.layers:
            self._without_layers(page, objects.layers)
        text = _text(page)
        if _reaches_beyond(text, page):
            text.close()
            _switch(objects.outside(), on=False)
            text = _text(page)
        if text.count_chars() > MAX_CHARACTERS:
            raise ReadingError("too large")
        found = _as_counted(text.get_text_range()) if text.count_chars() else ""
        most = MAX_SILENT if fonts is None else MAX_CODES
        placed = _placed(text, found, most)
        if placed is None:
            return Shown(objects, text, _as_written(found), 0, nameless=True)
        nameless = doubtful(placed)
        known: frozenset[int] = frozenset()
        stand_ins: dict[int, str] = {}
        if fonts is not None:
            glyphs = Glyphs(text, fonts)
            known = frozenset(glyphs.blank.union(glyphs.spelt))
            placed, stand_ins = glyphs.put(placed)
        suspects = objects.suspects if as_seen else None
        if suspects and alone:
            suspects = suspects._replace(texts=set())
        hidden = unseen(page, text, suspects, lambda: _large(page)) if suspects else set()
        placed, accents = composed(text, placed)
        spaces = behind_ligatures(text, placed) | within_words(text, placed)
        spaced = parted(text, placed, hidden | accents | spaces)
        spaced = _as_written(spaced.replace(SILENT, "").translate(stand_ins))
        return Shown(objects, text, spaced, len(hidden), nameless, known)

    def structure(self, descriptor: int) -> pdf_faults.Structure:
        """The same file (`descriptor`) once more, as qpdf reads it."""
        if self._structure is None:
            try:
                self._structure = pdf_faults.Structure(os.fdopen(os.dup(descriptor), "rb"))
            except ValueError as error:
                raise ReadingError("corrupt") from error
        return self._structure

    def fonts(self, request: dict[str, Any]) -> Named:
        """Names that glyphs have in the fonts of the page that `request` is about."""
        try:
            return named(self.structure(request["descriptor"]).resources(request["number"]))
        except ReadingError:
            return {}

    def _has_layers(self) -> bool:
        """Whether forms may belong to layers: their dictionaries are never compressed."""
        if self._layered is None:
            self._layered = _FORM_LAYER.search(self._map, 0, SEARCHED) is not None
        return self._layered

    def _without_layers(self, page: pdfium.PdfPage, layers: dict[str, list[Any]]) -> None:
        """Switch off what a page does not show of its layers.

        pdfium does not tell which they are, but the drawing does: it stays the same without them,
        and would not if they were on. What cannot be drawn at all (its font is missing) stays.
        """
        whole = _packed(_small(page))
        for name, items in list(layers.items())[:MAX_LAYERS]:
            _switch(items, on=False)
            shown = _packed(_small(page)) != whole
            _switch(items, on=True)
            if shown:
                continue
            for item in items:
                free_of_layers(item)
            if name.startswith(FORM) or _packed(_small(page)) != whole:
                _switch(items, on=False)

    def _copy(self, use: str) -> pdfium.PdfDocument:
        """The same file once more, with its form: what is done with one would show in the other."""
        if use not in self._copies:
            self._copies[use] = copy = pdfium.PdfDocument(self._buffer)
            copy.init_forms()
        return self._copies[use]

    def close(self) -> None:
        """Free what pdfium holds of it."""
        for copy in (*self._copies.values(), self.pdf):
            copy.close()
        if self._structure is not None:
            self._structure.close()

    def _reason(self, error: pdfium.PdfiumError) -> str:
        if error.err_code == _FPDF_ERR_SECURITY:
            return "protected"
        if error.err_code == _FPDF_ERR_PASSWORD:
            return "encrypted"
        if error.err_code == _FPDF_ERR_SUCCESS:  # it opened, and has no page
            return "empty"
        # Readers accept the header anywhere in the first 1,024 bytes (ISO 32000-1, annex H).
        start = self._map[:1024]
        return "corrupt" if b"%PDF-" in start and not _HTML.match(start) else "not a pdf"

    def filled_in(self, number: int, *, as_seen: bool) -> str:
        """What the form fields, typed notes and stamps of page `number` show.

        pdfium tells their text only once they are flattened into the page, which changes a document
        for good. All else is taken off the page before, so that it is not mixed up with them.
        """
        flat = self._copy("flat")
        try:
            if number not in self._flattened:
                _flatten(flat, number)
                self._flattened.add(number)
            with _reopened(flat, number) as page:
                found = self.shown(page, as_seen=as_seen, alone=True).found
        except (pdfium.PdfiumError, IndexError) as error:
            raise ReadingError("corrupt") from error
        with self.page(number) as page:
            return "\n".join([found, "\n".join(_undrawn_notes(page))[:MAX_NOTES]])

    @contextlib.contextmanager
    def page(self, number: int, *, filled: bool = False) -> Iterator[pdfium.PdfPage]:
        """Page `number` (from 1), closed afterwards: an open page keeps its objects in memory.

        `filled`: drawn with its form fields.
        """
        try:
            page = (self._copy("fields") if filled else self.pdf)[number - 1]
        except (pdfium.PdfiumError, IndexError) as error:
            raise ReadingError("missing page") from error
        try:
            yield page
        finally:
            page.close()


# -- what a page holds --------------------------------------------------------------------------


def _shows_text(page: pdfium.PdfPage) -> bool:
    """Whether annotations may show text of their own; unknown where there are too many."""
    return any(_ask_each_annotation(page, _may_show_text))


def _may_show_text(annotation: Any) -> bool:
    """Fields and typed notes may be drawn by pdfium; of others what their appearance holds."""
    kind = c.FPDFAnnot_GetSubtype(annotation)
    if kind in (c.FPDF_ANNOT_WIDGET, c.FPDF_ANNOT_FREETEXT, c.FPDF_ANNOT_STAMP):
        return True
    count = 0 if kind == c.FPDF_ANNOT_POPUP else c.FPDFAnnot_GetObjectCount(annotation)
    return any(holds_text(c.FPDFAnnot_GetObject(annotation, index)) for index in range(count))


def _undrawn_notes(page: pdfium.PdfPage) -> list[str]:
    """Typed notes without a drawing of their own: other viewers draw what they say, pdfium none."""
    return [
        note_text(annotation)
        for annotation in annotations(page)
        if c.FPDFAnnot_GetSubtype(annotation) == c.FPDF_ANNOT_FREETEXT
        and not c.FPDFAnnot_HasKey(annotation, b"AP")
        and not c.FPDFAnnot_GetFlags(annotation) & UNSEEN
    ]


def _is_crowded(page: pdfium.PdfPage) -> bool:
    count: int = c.FPDFPage_GetAnnotCount(page)
    return count > MAX_ANNOTATIONS


@contextlib.contextmanager
def _reopened(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """A page as it is after the last changes."""
    page = document[number - 1]
    try:
        yield page
    finally:
        page.close()


def _flatten(document: pdfium.PdfDocument, number: int) -> None:
    """Make a page of what its annotations show, and of nothing else."""
    with _reopened(document, number) as page:
        _without_unviewed(page)
        _clear(page)
    with _reopened(document, number) as page:
        if c.FPDFPage_CountObjects(page):
            raise ReadingError("corrupt")
        c.FPDFPage_Flatten(page, c.FLAT_NORMALDISPLAY)


def _clear(page: pdfium.PdfPage) -> None:
    """Take away all that a page draws but its annotations."""
    for index in reversed(range(c.FPDFPage_CountObjects(page))):
        item = c.FPDFPage_GetObject(page, index)
        if c.FPDFPage_RemoveObject(page, item):
            c.FPDFPageObj_Destroy(item)
    c.FPDFPage_GenerateContent(page)


def _without_unviewed(page: pdfium.PdfPage) -> None:
    """Take away what is for print only: flattening takes it for visible."""
    flags = _ask_each_annotation(page, c.FPDFAnnot_GetFlags)
    for index in reversed(range(len(flags))):
        if flags[index] & c.FPDF_ANNOT_FLAG_NOVIEW:
            c.FPDFPage_RemoveAnnot(page, index)


def _ask_each_annotation(page: pdfium.PdfPage, ask: Callable[[Any], int]) -> list[int]:
    """Answers in order; none where there are too many annotations."""
    return [] if _is_crowded(page) else [ask(annotation) for annotation in annotations(page)]


def _text(page: pdfium.PdfPage) -> pdfium.PdfTextPage:
    try:
        return page.get_textpage()
    except pdfium.PdfiumError as error:
        raise ReadingError("corrupt") from error


def _reaches_beyond(text: pdfium.PdfTextPage, page: pdfium.PdfPage) -> bool:
    """Whether there are characters beside the page: there usually are none, and this is quick."""
    left, bottom, right, top = page.get_bbox()
    within: int = c.FPDFText_GetBoundedText(text, left, top, right, bottom, None, 0)
    found: int = c.FPDFText_GetBoundedText(text, -BEYOND, BEYOND, BEYOND, -BEYOND, None, 0)
    return within < found


def _as_counted(text: str) -> str:
    """Two halves for each character outside the basic plane, as pdfium counts them."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    return "".join(map(chr, array("H", text.encode(f"utf-16-{sys.byteorder[0]}e"))))


def _as_written(text: str) -> str:
    """The opposite."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _placed(text: pdfium.PdfTextPage, found: str, most: int) -> str | None:
    """`found` with SILENT for each character that pdfium counts on the page and leaves out of it.

    So that places tell characters; None where they cannot, or `most` are left out.
    """
    count = text.count_chars()
    silent = count - len(found)
    if not silent:
        return found
    if not 0 < silent <= most:
        return None
    letters = [SILENT] * count
    for at, letter in enumerate(found):
        place = c.FPDFText_GetCharIndexFromTextIndex(text, at)
        if not 0 <= place < count:
            return None
        letters[place] = letter
    return "".join(letters)


def _switch(items: list[Any], *, on: bool) -> None:
    """Whether these objects are drawn and have text, until the page is closed."""
    for item in items:
        c.FPDFPageObj_SetIsActive(item, on)


def _unmapped(text: pdfium.PdfTextPage, count: int, known: frozenset[int]) -> float:
    """Share of sampled characters of which nothing says which letter they are."""
    step = max(count // SAMPLED, 1)
    sample = range(0, count, step)
    missing = [
        index
        for index in sample
        if c.FPDFText_HasUnicodeMapError(text, index) == 1 and index not in known
    ]
    return len(missing) / max(len(sample), 1)


def _small(page: pdfium.PdfPage) -> pdfium.PdfBitmap:
    """The page at 40 dpi, in grey."""
    return _bitmap(page, BLANK_DPI, 0, 4_000_000, LONGEST_SIDE["png"], grey=True)


def _large(page: pdfium.PdfPage) -> pdfium.PdfBitmap | None:
    """The page at 144 dpi or coarser, in grey; None where it is too large to see its letters."""
    cap, side = LOOK_PIXELS, LONGEST_SIDE["png"]
    if _page_dpi(page, LOOK_DPI, cap, side) < LEAST_LOOK_DPI:
        return None
    return _bitmap(page, LOOK_DPI, 0, cap, side, grey=True)


def _ink(drawing: Image.Image, most: int) -> float:
    """Share of pixels at 40 dpi, or of `most`, that differ from the paper, its commonest grey."""
    histogram: list[int] = drawing.histogram()
    paper = histogram.index(max(histogram))
    inked = sum(histogram[: max(paper - FAINTEST, 0)]) + sum(histogram[paper + FAINTEST + 1 :])
    return inked / max(min(sum(histogram), most), 1)


# -- rendering ----------------------------------------------------------------------------------


def _fit(width: float, height: float, dpi: float, pixels: int, side: int) -> float:
    """The dpi, at most `dpi`, at which `width` x `height` points keep to `pixels` and `side`."""
    if not (0 < width < 1e7 and 0 < height < 1e7):
        raise ReadingError("corrupt")
    within_area = math.sqrt(pixels / (width * height)) * 72
    within_side = side / max(width, height) * 72
    return min(dpi, within_area, within_side)


def _page_dpi(page: pdfium.PdfPage, dpi: float, pixels: int, side: int) -> float:
    """The dpi that keeps to the caps on pixels, on sides, and on memory for shrinking images."""
    width: float = page.get_width()
    height: float = page.get_height()
    fitting = _fit(width, height, _of_small(page, dpi), pixels, side)
    if width * height * (fitting / 72) ** 2 <= LARGE:
        return fitting
    return min(fitting, SHRINKING / Objects(page).tallest() / max(width, height) * 72)


def _of_small(page: pdfium.PdfPage, dpi: float) -> float:
    """`dpi`, or more for a scan on a page that is smaller than any sheet."""
    longest: float = max(page.get_width(), page.get_height())
    if not 0 < longest < SMALL:
        return dpi
    objects = Objects(page)
    if objects.cover <= SCAN_COVER:
        return dpi
    own = objects.tallest() / longest * 72
    return max(dpi, min(own, dpi * SHEET / longest))


def _bitmap(
    page: pdfium.PdfPage, dpi: float, rotate: int, pixels: int, side: int, *, grey: bool
) -> pdfium.PdfBitmap:
    """Render with one scale for both axes, so a page is never squashed; /Rotate is pdfium's.

    Grey is asked for by the raster's format: pdfium's own switch for grey decodes every image
    whole before it shrinks it (a page of 9,000 x 9,000 colours took 386 MB, so it takes 154).
    """
    # A hair less, or rounding up turns 1650.0000000000002 pixels into 1651.
    scale = _page_dpi(page, dpi, pixels, side) / 72 * (1 - 1e-9)
    try:
        return page.render(
            scale=scale,
            rotation=rotate,
            force_bitmap_format=c.FPDFBitmap_Gray if grey else None,
            rev_byteorder=not grey,
            may_draw_forms=True,
        )
    except (pdfium.PdfiumError, ValueError) as error:
        raise ReadingError("corrupt") from error


def _packed(bitmap: pdfium.PdfBitmap) -> bytes:
    """Rows without the padding that pdfium puts after each."""
    rows = memoryview(bitmap.buffer).cast("B")
    if bitmap.stride == bitmap.width:
        return bytes(rows[: bitmap.width * bitmap.height])
    starts = range(0, bitmap.stride * bitmap.height, bitmap.stride)
    return b"".join([rows[start : start + bitmap.width] for start in starts])


# -- requests -----------------------------------------------------------------------------------


class Child:
    """Answers requests until the socket closes."""

    def __init__(self, settings: Settings, statm: int | None) -> None:
        self._settings = settings
        self._statm = statm
        self._stamp: object = None
        self._document: Document | None = None
        self._operations = {
            "info": self._info,
            "layer": self._layer,
            "filled": self._filled,
            "fields": self._fields,
            "render": self._render,
            "picture": self._picture,
            "leaves": self._leaves,
            "faults": self._faults,
        }

    def answer(self, request: dict[str, Any], descriptor: int) -> tuple[dict[str, Any], bytes]:
        """Header and payload for one request."""
        extra = request["op"] in EXTRAS or any(map(request.get, ("filled", "as_seen", "by_name")))
        self._budget(FORM_SECONDS if extra else self._settings.cpu_seconds)
        try:
            document = self._open(request["stamp"], descriptor)
            request["descriptor"] = descriptor
            header, payload = self._operations[request["op"]](document, request)
        except ReadingError as error:
            header, payload = {"error": str(error)}, b""
        except MemoryError:
            header, payload = {"error": "memory"}, b""
        return {**header, "size": len(payload), "resident": self._resident()}, payload

    def _budget(self, seconds: int) -> None:
        """CPU seconds for this request; past them the kernel ends the process (SIGXCPU)."""
        used = math.ceil(time.process_time())
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = min(used + seconds, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

    def _open(self, stamp: object, descriptor: int) -> Document:
        if self._document is None or self._stamp != stamp:
            if self._document is not None:
                self._document.close()
            self._document = None
            self._document = Document(descriptor)
            self._stamp = stamp
        return self._document

    def _resident(self) -> int:
        """Bytes of memory in use now (peak, where the system does not tell)."""
        if self._statm is None:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pages = int(os.pread(self._statm, 128, 0).split()[1])
        return pages * mmap.PAGESIZE

    def _info(self, document: Document, _: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {"pages": len(document.pdf)}, b""

    def _layer(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The facts of a page from which text_layer.decide judges; the text is the payload."""
        with document.page(request["number"]) as page:
            fonts = document.fonts(request) if request["by_name"] else None
            shown = document.shown(page, as_seen=request["as_seen"], fonts=fonts)
            objects, text, found = shown.objects, shown.text, shown.found
            solid = len("".join(found.split()))
            width, height = page.get_size()
            cover = objects.cover
            # A scan has to be decoded to see its ink, a tenth of a second that rendering it for OCR
            # spends again; stages/ink.py looks at that raster.
            few = solid < FEW_CHARACTERS and cover <= SCAN_COVER
            # A drawn word has as many pixels on any sheet; what is written is known.
            ink = beside = 1.0
            if few:
                drawing = _small(page).to_pil()
                ink = _ink(drawing, ANY if solid else SHEET_PIXELS)
                beside = _ink(ink_beside(drawing, page, text), ANY) if solid else ink
            if ink < BLANK_INK and objects.undecodable():
                raise ReadingError("corrupt")
            unmapped = _unmapped(text, text.count_chars(), shown.known)
            facts = {
                "width": width if math.isfinite(width) else 0.0,
                "height": height if math.isfinite(height) else 0.0,
                "unmapped": unmapped,
                "nameless": shown.nameless or unmapped > 0,
                "invisible": objects.invisible_share(text),
                "unseen": shown.unseen,
                "cover": cover,
                "segments": objects.segments() if solid < SHORT_CHARACTERS else 0,
                "ink": ink,
                "beside": beside,
                "annotated": _shows_text(page),
                "crowded": _is_crowded(page),
                "hiding": bool(objects.layers or objects.suspects),
                "dynamic": c.FPDF_GetFormType(document.pdf) == c.FORMTYPE_XFA_FULL,
                "attached": max(c.FPDFDoc_GetAttachmentCount(document.pdf), 0),
            }
        return facts, found.encode("utf-8", "replace")

    def _filled(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {}, document.filled_in(request["number"], as_seen=request["as_seen"]).encode(
            "utf-8", "replace"
        )

    def _fields(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        with document.page(request["number"]) as page:
            kinds = _ask_each_annotation(page, c.FPDFAnnot_GetSubtype)
            return {"fields": c.FPDF_ANNOT_WIDGET in kinds}, b""

    def _render(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        with document.page(request["number"], filled=request["filled"]) as page:
            side = LONGEST_SIDE["png"]
            pixels = self._settings.pixels
            dpi = _page_dpi(page, request["dpi"], pixels, side)
            bitmap = _bitmap(page, request["dpi"], request["rotate"], pixels, side, grey=True)
            told = max(int(min(dpi, request["dpi"])), 1)  # a small scan counts as a sheet
            packed = _packed(bitmap)
            empty = packed.count(packed[:1]) == len(packed)
            objects = Objects(page)
            if empty and objects.undecodable():
                raise ReadingError("corrupt")
            undrawn = objects.undrawn(bitmap.to_pil(), request["rotate"])
            header = {"width": bitmap.width, "height": bitmap.height, "dpi": told}
            return {**header, "empty": empty, "undrawn": undrawn}, packed

    def _leaves(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Pages that the file holds, however many it says it does: pdfium believes what it says."""
        return {"pages": document.structure(request["descriptor"]).pages}, b""

    def _faults(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        faults = document.structure(request["descriptor"]).faults(request["number"])
        return faults._asdict(), b""

    def _picture(self, document: Document, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        settings = self._settings
        side = LONGEST_SIDE[settings.picture_format]
        with document.page(request["number"], filled=request["filled"]) as page:
            bitmap = _bitmap(page, settings.picture_dpi, 0, settings.pixels, side, grey=False)
            return {}, _encode(bitmap, settings.picture_format, settings.picture_quality)


def _encode(bitmap: pdfium.PdfBitmap, form: str, quality: int) -> bytes:
    size = (bitmap.width, bitmap.height)
    raw = (bitmap.buffer, "raw", "RGB", bitmap.stride, 1)
    image = Image.frombuffer("RGB", size, *raw)
    encoded = io.BytesIO()
    # `method` is WebP's effort: 0 costs a sixth of the default for a few more bytes.
    image.save(encoded, form, quality=quality, method=0)
    return encoded.getvalue()


# -- the process --------------------------------------------------------------------------------


def _warm() -> None:
    """Use everything once, so that no module or codec has to be read after the locks close."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(72, 72)
    page.get_textpage().get_text_range()
    _ink(_small(page).to_pil(), SHEET_PIXELS)
    for form in LONGEST_SIDE:
        _encode(_bitmap(page, 40, 0, 10_000, 1_000, grey=False), form, 75)
    pdf_faults.warm()
    "\ufffe".encode("utf-16-le").decode("utf-16-le", "ignore")
    document.close()


def _receive(channel: socket.socket) -> tuple[dict[str, Any], int] | None:
    """One request with its descriptor; None once the parent has gone."""
    start, descriptors, _, _ = socket.recv_fds(channel, 4, 1)
    if not start:
        return None
    length = struct.unpack("!I", start + _exactly(channel, 4 - len(start)))[0]
    return json.loads(_exactly(channel, length)), descriptors[0]


def _exactly(channel: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = channel.recv(length)
        if not part:
            raise SystemExit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _send(channel: socket.socket, header: dict[str, Any], payload: bytes) -> None:
    encoded = json.dumps(header).encode()
    channel.sendall(struct.pack("!I", len(encoded)) + encoded)
    channel.sendall(payload)


def _serve(channel: socket.socket, child: Child) -> None:
    while (received := _receive(channel)) is not None:
        request, descriptor = received
        try:
            header, payload = child.answer(request, descriptor)
        finally:
            os.close(descriptor)
        _send(channel, header, payload)


def main() -> None:
    """Lock in, say which locks hold, and serve."""
    settings = Settings(**json.loads(sys.argv[1]))
    statm = os.open("/proc/self/statm", os.O_RDONLY) if Path("/proc/self/statm").exists() else None
    silence = os.open(os.devnull, os.O_WRONLY)
    _warm()
    held = confine(
        memory=settings.memory, cpu_seconds=settings.life_cpu_seconds, parent=settings.parent
    )
    channel = socket.socket(fileno=0)
    _send(channel, {"locks": held, "size": 0}, b"")
    # Tracebacks of the start reach the worker's log; afterwards a PDF decides what is printed.
    os.dup2(silence, 2)
    _serve(channel, Child(settings, statm))


if __name__ == "__main__":
    main()
