"""What of a page cannot be had whole: streams that break off, pictures cut short, missing objects.

pdfium draws of such a page what it can, be it nothing, and says nothing of it. Part of the PDF
child (`pdf_child`): imports the standard library and pikepdf (qpdf) only. Only what the page draws
is looked at: an attachment, or an object of another page, may be as broken as it likes.

Sound is what pdfium draws to its end: a stream without its checksum or with a false one, one that
was flushed and never ended, an empty one.
"""

import io
import re
import zlib
from functools import cached_property
from typing import Any, BinaryIO, NamedTuple

import pikepdf

MAX_DEPTH = 6  # forms within forms, as in pdf_objects.py
MAX_STREAMS = 2_000  # of a page
MAX_CONTENT = 16_000_000  # bytes of one stream that draws; most have some thousand
MAX_PICTURE = 64_000_000  # bytes that a picture decompresses to; the rest is not looked at
MAX_STORED = 16_000_000  # bytes of a stream in the file; of a larger one nothing is
LEAST_PICTURE = 1_024  # pixels; a smaller picture holds no text
PIECE = 65_536
MAX_WRITTEN = 65_536  # bytes of a page's own object

_FLATE = ("/FlateDecode", "/Fl")
_JPEG = ("/DCTDecode", "/DCT")
_OF_PICTURES = ("/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF")
_NO_CODE = ("/Crypt",)  # qpdf has decrypted already
_FLUSHED = b"\0\0\xff\xff"  # ends what a writer flushed, perhaps without ending the stream
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_USED = re.compile(rb"/([^\x00-\x20()<>\[\]{}/%]+)\s+(Do|scn|SCN)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAMES_CONTENT = re.compile(rb"/Contents\s*\d+\s+\d+\s+R\b")
_FAILURES = (pikepdf.PikepdfError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)
"""What pikepdf raises over objects that are not what they should be."""


class Faults(NamedTuple):
    """Of what a page draws, whether something cannot be had whole."""

    content: bool = False
    """Text, drawings, or forms of them."""
    picture: bool = False


class Structure:
    """A PDF's objects as qpdf reads them. Closes `file`. Raises ValueError where it cannot."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            # Not mapped: the address space is limited, and pdfium has the file in it already.
            self._pdf = pikepdf.Pdf.open(self._file, access_mode=pikepdf.AccessMode.stream)
            self.pages = len(self._pdf.pages)
        except _FAILURES as error:
            self._file.close()
            raise ValueError from error
        self._looked_at: dict[tuple[int, int], Faults] = {}

    def close(self) -> None:
        """Free what qpdf holds of it."""
        self._pdf.close()
        self._file.close()

    def faults(self, number: int) -> Faults:
        """Of page `number`, from 1; none of a page that qpdf does not find or understand."""
        if number > self.pages:
            return Faults()
        try:
            page = self._pdf.pages[number - 1]
            if "/Contents" not in page.obj:
                return Faults(content=self._names_content(page.obj))
            look = _Look(self._looked_at, page.resources)
            look.at_page(page.obj["/Contents"])
        except _FAILURES:
            return Faults()
        return Faults(look.content, look.picture)

    def resources(self, number: int) -> Any:
        """What page `number`, from 1, may draw; empty for one that qpdf does not find."""
        try:
            return self._pdf.pages[number - 1].resources
        except _FAILURES:
            return {}

    def _names_content(self, page: Any) -> bool:
        """Whether a page's object names content that is not there: qpdf does not show such keys."""
        entry = self._places.get(page.objgen)
        if entry is None:
            return False
        if entry.type == 1:
            written = self._read(entry.offset).partition(b"endobj")[0]
        else:
            written = _within(
                self._pdf.get_object(entry.obj_stream_number, 0), entry.obj_stream_index
            )
        return _NAMES_CONTENT.search(written) is not None

    def _read(self, offset: int) -> bytes:
        before = self._file.tell()
        self._file.seek(offset)
        written = self._file.read(MAX_WRITTEN)
        self._file.seek(before)  # qpdf may read on
        return written

    @cached_property
    def _places(self) -> dict[tuple[int, int], Any]:
        return self._pdf.get_xref_table()


def _within(stream: Any, index: int) -> bytes:
    """One object of an object stream (ISO 32000-1, 7.5.7)."""
    content, first = stream.read_bytes(), int(stream["/First"])
    starts = [int(offset) for offset in content[:first].split()[1::2]]
    end = starts[index + 1] if index + 1 < len(starts) else len(content)
    written: bytes = content[first:][starts[index] : end]
    return written


class _Look:
    """At all that one page draws."""

    def __init__(self, looked_at: dict[tuple[int, int], Faults], resources: Any) -> None:
        self.content = False
        self.picture = False
        self._looked_at = looked_at
        """Forms and pictures of other pages, too: most pages share some."""
        self._resources = resources
        self._left = MAX_STREAMS

    def at_page(self, contents: Any) -> None:
        parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        self._at_streams(parts[:MAX_STREAMS], self._resources, 0)

    def _at_streams(self, parts: list[Any], resources: Any, depth: int) -> None:
        contents = []
        for part in parts:
            if isinstance(part, pikepdf.Stream):
                content, whole = _decoded(part, MAX_CONTENT, keep=True)
                contents.append(content)
            else:
                whole = False
            self.content |= not whole
        self._at_used(b"\n".join(contents), resources, depth)

    def _at_used(self, content: bytes, resources: Any, depth: int) -> None:
        """Look at the forms, pictures and patterns that some content draws by name."""
        missing = set()
        for name, operator in set(_USED.findall(content)):
            kind = "/XObject" if operator == b"Do" else "/Pattern"
            key = "/" + _ESCAPED.sub(_unescaped, name).decode("utf-8", "replace")
            used = _named(resources, kind, key) or _named(self._resources, kind, key)
            if isinstance(used, pikepdf.Stream):
                self._at_used_once(used, resources, depth + 1)
            elif kind == "/XObject" and key.isascii():
                missing.add((name, operator))
        # `(and/or Do)` is text. To tell is slow, and something missing is rare.
        self.content |= bool(missing and missing & set(_USED.findall(_STRING.sub(b"", content))))

    def _at_used_once(self, stream: Any, resources: Any, depth: int) -> None:
        known = self._looked_at.get(stream.objgen)
        if known is None:
            self._left -= 1
            if self._left < 0 or depth > MAX_DEPTH:
                return
            self._looked_at[stream.objgen] = Faults()  # it may draw itself
            look = _Look(self._looked_at, self._resources)
            look._left = self._left
            if stream.get("/Subtype") == "/Image":
                look.picture = _is_damaged_picture(stream)
            else:
                look._at_streams([stream], stream.get("/Resources", resources), depth)
            self._left = look._left
            known = self._looked_at[stream.objgen] = Faults(look.content, look.picture)
        self.content |= known.content
        self.picture |= known.picture


def _dictionary(item: Any) -> Any:
    return item if isinstance(item, pikepdf.Dictionary) else {}


def _named(resources: Any, kind: str, key: str) -> Any:
    return _dictionary(_dictionary(resources).get(kind)).get(key)


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode())


def _is_damaged_picture(stream: Any) -> bool:
    if stream.get("/Width", 0) * stream.get("/Height", 0) < LEAST_PICTURE:
        return False
    masks = (stream.get(key) for key in ("/SMask", "/Mask"))
    parts = [stream, *(mask for mask in masks if isinstance(mask, pikepdf.Stream))]
    return any(not _decoded(part, MAX_PICTURE, keep=False)[1] for part in parts)


def warm() -> None:
    """Use everything once, so that no module has to be read after the locks close."""
    sample = io.BytesIO()
    with pikepdf.Pdf.new() as new:
        page = new.add_blank_page().obj
        page["/Contents"] = new.make_stream(zlib.compress(b"/X Do"), Filter=pikepdf.Name(_FLATE[0]))
        new.save(sample)
    structure = Structure(sample)
    structure.faults(1)
    _by_qpdf(b"~", "/ASCII85Decode", None)
    structure.close()


# -- streams ------------------------------------------------------------------------------------


def _decoded(stream: Any, most: int, *, keep: bool) -> tuple[bytes, bool]:
    """What a stream decodes to, as far as that goes, and whether it is whole.

    Of pictures (not `keep`) the last code is only looked at.
    """
    if int(stream.get("/Length", 0)) > MAX_STORED:
        return b"", True
    data = stream.read_raw_bytes()
    codes = _codes(stream)
    for at, (name, parameters) in enumerate(codes):
        if not data.strip():
            return b"", True
        needed = keep or at < len(codes) - 1
        data, whole = _step(data, name, parameters, most, keep=needed)
        if not whole:
            return data, False
    return data, True


def _codes(stream: Any) -> list[tuple[str, Any]]:
    """A stream's filters and their parameters, first to last to undo."""
    names, parameters = stream.get("/Filter"), stream.get("/DecodeParms", stream.get("/DP"))
    if names is None:
        return []
    listed = list(names) if isinstance(names, pikepdf.Array) else [names]
    told = list(parameters) if isinstance(parameters, pikepdf.Array) else [parameters]
    told += [None] * (len(listed) - len(told))
    return [(str(name), its) for name, its in zip(listed, told, strict=False)]


def _step(data: bytes, name: str, parameters: Any, most: int, *, keep: bool) -> tuple[bytes, bool]:
    if name in _NO_CODE:
        return data, True
    if name in _FLATE:
        predicted = _dictionary(parameters).get("/Predictor", 1) > 1
        unpacked, whole = _inflated(data, most, keep=keep and not predicted)
        if whole and keep and predicted:
            return _by_qpdf(data, name, parameters)
        return unpacked, whole
    if name in _JPEG:
        # No other byte follows 0xFF in a JPEG's coded data but 0 and its restart marks.
        return b"", data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") > 0
    if name in _OF_PICTURES:
        return b"", True
    return _by_qpdf(data, name, parameters)


def _inflated(data: bytes, most: int, *, keep: bool) -> tuple[bytes, bool]:
    """Undo zlib's code (RFC 1950) without its checksum, which pdfium does not look at either."""
    if len(data) < 2 or data[0] & 15 != 8 or int.from_bytes(data[:2], "big") % 31:
        return b"", False
    stream, at, total = zlib.decompressobj(-zlib.MAX_WBITS), 2, 0
    kept: list[bytes] = []
    try:
        while not stream.eof and total < most:
            piece = stream.unconsumed_tail or data[at : at + PIECE]
            if not piece:
                return b"".join(kept), _FLUSHED in data[-12:]
            if not stream.unconsumed_tail:
                at += len(piece)
            unpacked = stream.decompress(piece, PIECE * 16)
            total += len(unpacked)
            if keep:
                kept.append(unpacked)
    except zlib.error:
        return b"".join(kept), False
    return b"".join(kept), True


def _by_qpdf(data: bytes, name: str, parameters: Any) -> tuple[bytes, bool]:
    with pikepdf.Pdf.new() as alone:
        stream = alone.make_stream(data)
        stream["/Filter"] = pikepdf.Name(name)
        if isinstance(parameters, pikepdf.Dictionary):
            stream["/DecodeParms"] = pikepdf.Dictionary(
                {key: value for key, value in parameters.items() if isinstance(value, int)}
            )
        try:
            return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized), True
        except _FAILURES:
            return b"", False
