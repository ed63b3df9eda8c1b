"""Small PDFs written by hand, good and bad. Bytes out; nothing is read from disk.

Raw objects instead of a PDF library: a library refuses to write most of these.
"""

import hashlib
import io
import re
import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

LINES = (
    "Minutes of the regular meeting of the town council",
    "held on the third day of March in the council chamber.",
    "Present were the mayor and four members of the council.",
    "Moved by Member Avery and seconded by Member Brook",
    "that the budget be approved. The motion carried.",
    "There being no further business the meeting was adjourned.",
)


def pdf(objects: Sequence[bytes], *, trailer: bytes = b"") -> bytes:
    """A file of `objects` (numbered from 1; the first is the catalog) with a right xref table."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def page(
    content: bytes,
    *,
    box: bytes = b"0 0 612 792",
    rotate: int = 0,
    resources: bytes = b"",
    more: Sequence[bytes] = (),
    stream_extra: bytes = b"",
    page_extra: bytes = b"",
    catalog_extra: bytes = b"",
    font: bytes = FONT,
) -> bytes:
    """One page; `more` objects are numbered from 6 and can be named in `resources`."""
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog_extra,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Rotate %d /Contents 4 0 R "
            b"/Resources << /Font << /F 5 0 R >> %s >> %s >>"
            % (box, rotate, resources, page_extra),
            stream(content, stream_extra),
            font,
            *more,
        ]
    )


def show(lines: Sequence[str], *, mode: int = 0, x: int = 72, top: int = 720) -> bytes:
    """Content that writes `lines` from the top; `mode` 3 is invisible."""
    shown = b"".join(
        b"(%s) Tj T* " % line.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)")
        for line in lines
    )
    return b"BT /F 11 Tf %d Tr 15 TL %d %d Td %s ET " % (mode, x, top, shown)


def text_page(lines: Sequence[str] = LINES, **options: object) -> bytes:
    return page(show(lines), **options)  # type: ignore[arg-type]


def drawn(
    lines: Sequence[str] = LINES, *, width: int = 1275, height: int = 1650, size: int = 30
) -> Image.Image:
    """The lines as a scanner sees them: grey, 150 dpi for a letter page."""
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    for index, line in enumerate(lines):
        draw.text((110, 120 + index * (size * 3 // 2)), line, font=font, fill=20)
    return image


def image_object(image: Image.Image) -> bytes:
    compressed = zlib.compress(image.tobytes())
    colours = b"/DeviceRGB" if image.mode == "RGB" else b"/DeviceGray"
    extra = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s "
        b"/BitsPerComponent 8 /Filter /FlateDecode" % (*image.size, colours)
    )
    return stream(compressed, extra)


def scan(
    image: Image.Image | None = None,
    *,
    over: bytes = b"",
    rotate: int = 0,
    box: bytes = b"0 0 612 792",
    place: bytes = b"612 0 0 792 0 0",
) -> bytes:
    """A page that is one picture, with `over` drawn on it."""
    return page(
        b"q %s cm /I Do Q %s" % (place, over),
        rotate=rotate,
        box=box,
        resources=b"/XObject << /I 6 0 R >>",
        more=[image_object(image or drawn())],
    )


def layered(content: bytes, form: bytes, *, off: bool) -> bytes:
    """`content` and a form in one layer, lines outside it in another that is on."""
    group = b"<< /Type /OCG /Name (%s) >>"
    xobject = stream(
        form,
        b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /OC 6 0 R "
        b"/Resources << /Font << /F 5 0 R >> >>",
    )
    shown = b"/OC /On BDC %s EMC " % show(LINES)
    return page(
        b"%s /OC /Off BDC %s EMC /X Do" % (shown, content),
        resources=b"/Properties << /Off 6 0 R /On 7 0 R >> /XObject << /X 8 0 R >>",
        more=[group % b"draft", group % b"final", xobject],
        catalog_extra=b"/OCProperties << /OCGs [6 0 R 7 0 R] /D << /%s [6 0 R] >> >>"
        % (b"OFF" if off else b"ON"),
    )


def coded(image: Image.Image, code: bytes) -> bytes:
    """A scan as fax machines (CCITTFaxDecode) and archives (JPXDecode) write it."""
    buffer = io.BytesIO()
    if code == b"JPXDecode":
        image.save(buffer, "JPEG2000")
        data, bits, extra = buffer.getvalue(), 8, b""
    else:
        # Tags: 278 rows a strip (all in one), 273 where it starts, 279 its length.
        image.convert("1").save(buffer, "TIFF", compression="group4", tiffinfo={278: image.height})
        with Image.open(buffer) as tiff:
            start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
        data = buffer.getvalue()[start:][:length]
        bits, extra = (
            1,
            b"/DecodeParms << /K -1 /BlackIs1 true /Columns %d /Rows %d >>" % image.size,
        )
    about = b"/Width %d /Height %d /BitsPerComponent %d " % (*image.size, bits)
    kind = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /Filter /" + code + b" "
    return page(
        b"q 612 0 0 792 0 0 cm /I Do Q",
        resources=b"/XObject << /I 6 0 R >>",
        more=[stream(data, kind + about + extra)],
    )


def fonts_missing(font: bytes) -> bytes:
    """Text in the font /F, which the page's resources explain by `font` or not at all.

    5: a name that no machine knows; 6: without the descendant that holds its letters; 7: an empty
    Type 3; 88: an object that is not there.
    """
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            leaf + b"/Resources << /Font << %s >> >> >>" % font,
            stream(show(LINES)),
            b"<< /Type /Font /Subtype /TrueType /BaseFont /NoSuchFont >>",
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Gone /DescendantFonts [99 0 R] >>",
            b"<< /Type /Font /Subtype /Type3 >>",
        ]
    )


# -- bad files ----------------------------------------------------------------------------------


def no_pages() -> bytes:
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


def many_pages(count: int) -> bytes:
    """All pages share one content stream."""
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    leaf = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R "
        b"/Resources << /Font << /F 4 0 R >> >> >>"
    )
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            stream(show(LINES)),
            FONT,
            *[leaf] * count,
        ]
    )


def page_tree_loop() -> bytes:
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
        ]
    )


def flate_bomb(megabytes: int = 200) -> bytes:
    """Twice compressed spaces: a few hundred bytes that unpack to `megabytes`."""
    deflate = zlib.compressobj(9)
    once = b"".join(
        [*(deflate.compress(b" " * 1_000_000) for _ in range(megabytes)), deflate.flush()]
    )
    return page(zlib.compress(once, 9), stream_extra=b"/Filter [/FlateDecode /FlateDecode]")


def form(
    filled: str, lines: Sequence[str] = LINES, *, drawn: bool = True, note: str = "", flag: int = 4
) -> bytes:
    """A page of `lines` with one text field, `filled` in, and perhaps a typed note.

    `drawn`: the field brings its own appearance; else the reader has to make it. `flag`: 4 is
    printed, 2 hidden.
    """
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /V (%s) /DA (/F 11 Tf 0 g) /F %d "
        b"/Rect [72 300 500 320] /P 3 0 R %s >>"
        % (filled.encode(), flag, b"/AP << /N 7 0 R >>" if drawn else b"")
    )
    typed = (
        b"<< /Type /Annot /Subtype /FreeText /Contents (%s) /DA (/F 11 Tf 0 g) /F 4 "
        b"/Rect [72 200 500 220] /P 3 0 R /AP << /N 8 0 R >> >>" % note.encode()
    )
    extra = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 428 20] /Resources << /Font << /F 5 0 R >> >>"
    )
    shown = [
        stream(b"BT /F 11 Tf 2 5 Td (%s) Tj ET" % each.encode(), extra) for each in (filled, note)
    ]
    return page(
        show(lines),
        more=[field, *shown, typed],
        page_extra=b"/Annots [6 0 R %s]" % (b"9 0 R" if note else b""),
        catalog_extra=b"/AcroForm << /Fields [6 0 R] /DA (/F 11 Tf 0 g) "
        b"/DR << /Font << /F 5 0 R >> >> >>",
    )


def many_fields(pages: int, fields: int) -> bytes:
    """Pages of text with `fields` filled-in fields each: pdfium's cost grows with their square."""
    first = 4
    objects, page_numbers, all_fields = [b"", b"", FONT], [], []
    for number in range(pages):
        content, *its = range(first, first + fields + 1)
        objects.append(stream(show([f"Page {number} of the minutes of the town council"])))
        objects += [
            b"<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /T (f%d) /V (x) /DA (/F 9 Tf) "
            b"/Rect [72 72 90 90] >>" % field
            for field in its
        ]
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F 3 0 R >> >> /Annots [%s] >>" % (content, _references(its))
        )
        all_fields += its
        first += fields + 2
        page_numbers.append(first - 1)
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%s] >> >>" % _references(
        all_fields
    )
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (_references(page_numbers), pages)
    return pdf(objects)


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def line_bomb(lines: int = 400_000) -> bytes:
    """Overlapping strokes, compressed: pdfium draws them for minutes."""
    body = b"q 30 w " + b"0 0 m 612 792 l 612 0 l 0 792 l S " * lines + b"Q"
    return page(zlib.compress(body, 9), stream_extra=b"/Filter /FlateDecode")


def nested_forms(depth: int = 12, width: int = 12) -> bytes:
    """Forms that draw the next form `width` times: width ** depth drawings."""
    forms = []
    for level in range(depth):
        number = 7 + level
        last = level == depth - 1
        body = show(["deep"]) if last else b"/X Do " * width
        inner = b"/Font << /F 5 0 R >>" if last else b"/XObject << /X %d 0 R >>" % number
        forms.append(
            stream(
                body,
                b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %s >>" % inner,
            )
        )
    return page(b"/X Do " * width, resources=b"/XObject << /X 6 0 R >>", more=forms)


def form_loop() -> bytes:
    """A form that draws itself."""
    form = stream(
        b"/X Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] "
        b"/Resources << /XObject << /X 6 0 R >> >>",
    )
    return page(b"/X Do", resources=b"/XObject << /X 6 0 R >>", more=[form])


def endless_stream() -> bytes:
    """Claims two gigabytes and never ends."""
    unended = text_page().replace(b"endstream", b"")
    return re.sub(rb"/Length \d+", b"/Length 2147483647", unended, count=1)


def huge_image() -> bytes:
    """A picture said to be 60,000 pixels square."""
    extra = (
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 /Filter /FlateDecode"
    )
    return page(
        b"q 612 0 0 792 0 0 cm /I Do Q",
        resources=b"/XObject << /I 6 0 R >>",
        more=[stream(zlib.compress(b"\0" * 5_000_000, 9), extra)],
    )


def broken_filter(name: bytes) -> bytes:
    """A page of one picture, whose data its filter cannot make sense of."""
    return page(
        b"q 612 0 0 792 0 0 cm /I Do Q",
        resources=b"/XObject << /I 6 0 R >>",
        more=[broken_picture(name)],
    )


def broken_picture(name: bytes) -> bytes:
    extra = (
        b"/Type /XObject /Subtype /Image /Width 800 /Height 1000 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /" + name
    )
    return stream(hashlib.sha256(name).digest() * 300, extra)


_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def encrypted(user: bytes = b"", owner: bytes = b"owner") -> bytes:
    """Standard security handler, revision 2, 40-bit RC4 (ISO 32000-1, 7.6.3)."""
    owner_key = hashlib.md5((owner + _PAD)[:32]).digest()[:5]
    o = _rc4(owner_key, (user + _PAD)[:32])
    permissions = (-4).to_bytes(4, "little", signed=True)
    identity = b"0123456789abcdef"
    key = hashlib.md5((user + _PAD)[:32] + o + permissions + identity).digest()[:5]
    u = _rc4(key, _PAD)

    def locked(number: int, data: bytes) -> bytes:
        part = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
        return _rc4(part, data)

    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
                b"/Resources << /Font << /F 5 0 R >> >> >>"
            ),
            stream(locked(4, show(LINES))),
            FONT,
            (
                b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>"
                % (o.hex().encode(), u.hex().encode())
            ),
        ],
        trailer=b"/Encrypt 6 0 R /ID [<%s> <%s>]" % ((identity.hex().encode(),) * 2),
    )
