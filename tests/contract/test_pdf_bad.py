"""Bad PDFs: each ends in text or a named reason within its limits, and the next file is read."""

import io
import time
import zlib

import pytest

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from clerk.model import Decision
from tests.fuzz import samples

SECONDS = 1.0


@pytest.fixture(scope="module")
def sandbox():
    child = PdfChild(page_seconds=SECONDS, memory=768 * 1024 * 1024)
    yield child
    child.close()


@pytest.fixture(scope="module")
def patient():
    """For sound pages, which a busy machine may need longer for than SECONDS."""
    child = PdfChild()
    yield child
    child.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.pdf"

    def write(content: bytes):
        path.write_bytes(content)
        return path

    return write


def outcome(sandbox, path):
    """(pages or reason, first page's verdict or reason, raster or reason)."""
    answers = []
    for ask in (
        lambda: sandbox.info(path).pages,
        lambda: next(iter(sandbox.layers(path, 1, 1))),
        lambda: sandbox.render(path, 1, 150),
    ):
        try:
            answer = ask()
        except Unreadable as error:
            answer = error
        answers.append(answer.reason if isinstance(answer, Unreadable) else answer)
    return answers


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(samples.no_pages(), "empty", id="zero pages"),
        pytest.param(b"", "empty", id="zero bytes"),
        pytest.param(b"<!doctype html><title>404</title>" * 50, "not a pdf", id="html"),
        pytest.param(b"<html>No %PDF-1.4 is here</html>", "not a pdf", id="html about a pdf"),
        pytest.param(b"\0" * 5000, "not a pdf", id="zeros"),
        pytest.param(b"%PDF-1.7\n", "corrupt", id="header only"),
        pytest.param(samples.text_page()[:600], "corrupt", id="truncated"),
        pytest.param(samples.encrypted(user=b"secret"), "encrypted", id="user password"),
    ],
)
def test_a_file_that_gives_nothing_says_why(sandbox, file, content, reason):
    assert outcome(sandbox, file(content)) == [reason] * 3


def test_a_page_tree_loop_ends(sandbox, file):
    pages, layer, raster = outcome(sandbox, file(samples.page_tree_loop()))
    assert pages in (1, 2, "corrupt", "empty")
    assert {layer, raster} <= {"corrupt", "empty", "missing page"}


def test_an_owner_password_does_not_keep_readers_out(sandbox, file):
    pages, layer, _ = outcome(sandbox, file(samples.encrypted()))
    assert pages == 1
    assert layer.text.splitlines() == list(samples.LINES)


def test_an_endless_stream_is_read_as_far_as_it_goes(sandbox, file):
    _, layer, _ = outcome(sandbox, file(samples.endless_stream()))
    assert samples.LINES[0] in layer.text


def test_the_last_of_5000_pages_costs_as_little_as_the_first(file):
    sandbox = PdfChild()
    path = file(samples.many_pages(5000))
    assert sandbox.info(path).pages == 5000
    child = sandbox.pid
    layers = list(sandbox.layers(path, 4991, 5000))
    assert [layer.decision for layer in layers] == [Decision.TEXT] * 10
    assert sandbox.pid == child
    sandbox.close()


@pytest.mark.parametrize("box", [b"0 0 0 0", b"612 792 0 0", b"0 0 1e38 1e38", b"-9 -9 nan inf"])
def test_a_senseless_page_box_gets_a_page_or_a_reason(sandbox, file, box):
    _, layer, raster = outcome(sandbox, file(samples.text_page(box=box)))
    assert raster == "corrupt" or len(raster.pixels) == raster.width * raster.height
    assert layer == "corrupt" or layer.text


@pytest.mark.parametrize("name", [b"JBIG2Decode", b"JPXDecode", b"DCTDecode"])
def test_a_picture_that_cannot_be_decoded_is_not_taken_for_a_blank_page(sandbox, file, name):
    assert outcome(sandbox, file(samples.broken_filter(name)))[2] == "corrupt"


def test_a_fax_picture_of_noise_is_left_to_ocr(sandbox, file):
    _, layer, _ = outcome(sandbox, file(samples.broken_filter(b"CCITTFaxDecode")))
    assert layer.decision is Decision.OCR


@pytest.mark.parametrize("code", [b"CCITTFaxDecode", b"JPXDecode"])
def test_a_scan_in_the_codes_of_faxes_and_archives_shows_its_ink(patient, file, code):
    _, layer, raster = outcome(patient, file(samples.coded(samples.drawn(), code)))
    assert layer.decision is Decision.OCR
    assert 0.005 < sum(level < 128 for level in raster.pixels) / len(raster.pixels) < 0.1


@pytest.mark.parametrize("font", [b"", b"/F 5 0 R", b"/F 88 0 R"])
def test_text_in_a_font_that_is_not_there_is_read(sandbox, file, font):
    _, layer, raster = outcome(sandbox, file(samples.fonts_missing(font)))
    assert layer.text.splitlines() == list(samples.LINES)
    assert raster.width == 1275


@pytest.mark.parametrize("font", [b"/F 6 0 R", b"/F 7 0 R"])
def test_a_font_without_letters_draws_nothing_and_ends(sandbox, file, font):
    _, layer, raster = outcome(sandbox, file(samples.fonts_missing(font)))
    assert (layer.decision, raster.width) == (Decision.BLANK, 1275)


def test_a_picture_of_impossible_size_is_refused(sandbox, file):
    assert outcome(sandbox, file(samples.huge_image()))[2] in ("corrupt", "memory")


def test_a_form_that_draws_itself_ends(sandbox, file):
    _, layer, raster = outcome(sandbox, file(samples.form_loop()))
    assert layer.decision is Decision.BLANK
    assert raster.width == 1275


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(samples.line_bomb(100_000), id="overlapping lines"),
        pytest.param(samples.nested_forms(), id="nested forms"),
    ],
)
def test_a_page_that_hangs_is_a_timeout(sandbox, file, bomb):
    with pytest.raises(Unreadable) as caught:
        sandbox.render(file(bomb), 1, 200)
    assert caught.value.reason == "timeout"
    assert sandbox.pid is None


def test_cpu_time_ends_a_page_even_when_the_wall_would_wait(file):
    sandbox = PdfChild(page_seconds=120, cpu_seconds=1)
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        sandbox.render(file(samples.nested_forms()), 1, 200)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < 100


def test_a_decompression_bomb_runs_into_the_memory_limit_alone(file):
    sandbox = PdfChild(memory=384 * 1024 * 1024)
    path = file(samples.flate_bomb(300))
    with pytest.raises(Unreadable) as caught:
        sandbox.render(path, 1, 200)
    assert caught.value.reason in ("memory", "crash")
    assert sandbox.info(file(samples.text_page())).pages == 1
    sandbox.close()


def test_more_output_than_allowed_is_refused(file):
    sandbox = PdfChild(output_bytes=10_000)
    with pytest.raises(Unreadable) as caught:
        sandbox.render(file(samples.text_page()), 1, 200)
    assert caught.value.reason == "too large"
    assert next(iter(sandbox.layers(file(samples.text_page()), 1, 1))).text
    sandbox.close()


def test_one_bad_page_does_not_cost_the_pages_around_it(file):
    """Page 2 of 3 hangs: it gets its reason, 1 and 3 their text."""
    sandbox = PdfChild(page_seconds=SECONDS)
    good = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R "
        b"/Resources << /Font << /F 4 0 R >> >> >>"
    )
    bad = good.replace(b"/Contents 3", b"/Contents 8")
    hanging = samples.line_bomb(400_000)
    body = hanging[hanging.index(b"4 0 obj\n") + 8 : hanging.index(b"\nendobj\n5 0 obj")]
    content = samples.pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [5 0 R 6 0 R 7 0 R] /Count 3 >>",
            samples.stream(samples.show(samples.LINES)),
            samples.FONT,
            good,
            bad,
            good,
            body,
        ]
    )
    first, second, third = sandbox.layers(file(content), 1, 3)
    assert first.text == third.text != ""
    assert isinstance(second, Unreadable)
    assert second.reason == "timeout"
    sandbox.close()


def test_a_form_of_too_many_fields_costs_its_fields_and_no_page(sandbox, file):
    path = file(samples.many_fields(pages=16, fields=1_500))
    layers = list(sandbox.layers(path, 1, 3))

    assert [layer.text for layer in layers] == [
        f"Page {number} of the minutes of the town council" for number in range(3)
    ]
    assert {layer.reason for layer in layers} == {"good text layer, form fields not read: too slow"}
    assert sandbox.render(path, 16, 50).width > 0


def test_a_page_of_too_many_notes_keeps_its_text(sandbox, file):
    lines = samples.show(samples.LINES)
    note = b"<< /Type /Annot /Subtype /FreeText /Contents (x) /Rect [72 72 90 90] >>"
    notes = b"/Annots [%s]" % (b"6 0 R " * 100_000)
    path = file(samples.page(lines, more=[note], page_extra=notes))
    (layer,) = sandbox.layers(path, 1, 1)
    assert layer.text.splitlines() == list(samples.LINES)
    assert layer.reason == "good text layer, form fields and notes not read: too many"


FLATE = b"/Filter /FlateDecode"
PACKED = zlib.compress(samples.show(samples.LINES))
FAULT = "good text layer, and {} damaged: text may be missing"


def drawing(form: bytes) -> bytes:
    return samples.page(b"/X Do", resources=b"/XObject << /X 6 0 R >>", more=[form])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(samples.page(b"\xff\xff" + PACKED[2:], stream_extra=FLATE), id="no header"),
        pytest.param(samples.page(PACKED[:4], stream_extra=FLATE), id="cut at its start"),
        pytest.param(
            samples.page(b"zzzzvvvv~>", stream_extra=b"/Filter [/ASCII85Decode /FlateDecode]"),
            id="two codes",
        ),
        pytest.param(
            samples.page(PACKED, stream_extra=b"/Filter /NoSuchDecode"), id="no such code"
        ),
        pytest.param(
            samples.text_page().replace(b"/Contents 4 0 R", b"/Contents 9 0 R"), id="not there"
        ),
        pytest.param(
            drawing(samples.stream(b"\xff\xff", FLATE + b"/Subtype /Form /BBox [0 0 612 792]")),
            id="form",
        ),
        pytest.param(drawing(b"null"), id="form not there"),
        pytest.param(samples.scan().replace(b"x\x9c", b"\xff\xff"), id="picture"),
    ],
)
def test_a_page_that_shows_nothing_of_what_it_has_is_not_taken_for_blank(sandbox, file, content):
    _, layer, raster = outcome(sandbox, file(content))
    assert raster == "corrupt"
    assert layer == "corrupt" or layer.decision is Decision.OCR


@pytest.mark.parametrize("name", [b"", b"/Filter /FlateDecode"])
def test_an_empty_stream_is_a_blank_page(sandbox, file, name):
    assert outcome(sandbox, file(samples.page(b"", stream_extra=name)))[1].reason == "blank page"


def test_a_page_whose_content_breaks_off_keeps_what_came_before_and_says_so(sandbox, file):
    lines = [f"{number} {'Ordinance on parks and streets ' * 2}" for number in range(40)]
    packed = zlib.compress(samples.show(lines), 0)
    broken = packed[: len(packed) // 2] + b"\xff" * 40
    (layer,) = sandbox.layers(file(samples.page(broken, stream_extra=FLATE)), 1, 1)

    assert layer.text.startswith(lines[0].strip())
    assert lines[-1].strip() not in layer.text
    assert layer.reason == FAULT.format("part of its content is")


def flushed() -> bytes:
    deflate = zlib.compressobj()
    return deflate.compress(samples.show(samples.LINES)) + deflate.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    "packed",
    [PACKED[:-4], PACKED[:-4] + b"abcd", flushed()],
    ids=["no checksum", "false checksum", "never ended"],
)
def test_a_stream_that_is_sloppily_written_is_no_damage(sandbox, file, packed):
    (layer,) = sandbox.layers(file(samples.page(packed, stream_extra=FLATE)), 1, 1)
    assert layer.text.splitlines() == list(samples.LINES)
    assert layer.reason == "good text layer"


def test_what_the_page_does_not_draw_may_be_damaged(sandbox, file):
    attached = samples.stream(b"\xff\xff\xff", FLATE + b" /Type /EmbeddedFile")
    words = samples.show([*samples.LINES, "and/or Do"])
    (layer,) = sandbox.layers(file(samples.page(words, more=[attached])), 1, 1)
    assert layer.reason == "good text layer"


def jpeg_scan(*, cut: bool) -> bytes:
    coded = io.BytesIO()
    samples.drawn().save(coded, "JPEG")
    data = coded.getvalue()
    about = b"/Subtype /Image /Width 1275 /Height 1650 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return samples.page(
        b"q 612 0 0 300 0 0 cm /I Do Q" + samples.show(samples.LINES * 2),
        resources=b"/XObject << /I 6 0 R >>",
        more=[samples.stream(data[: len(data) // (cut + 1)], about + b" /Filter /DCTDecode")],
    )


@pytest.mark.parametrize("cut", [True, False])
def test_a_picture_that_is_cut_short_is_told(sandbox, file, cut):
    (layer,) = sandbox.layers(file(jpeg_scan(cut=cut)), 1, 1)
    assert ("and a picture on it is damaged: text may be missing" in layer.reason) is cut


@pytest.mark.parametrize("name", [b"JBIG2Decode", b"JPXDecode"])
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_picture_that_cannot_be_decoded_is_told_where_something_else_is_seen(
    sandbox, file, name, rotate
):
    undrawn = "and a picture on it is damaged: text may be missing"
    over = samples.show(samples.LINES)
    broken = samples.page(
        b"q 612 0 0 792 0 0 cm /I Do Q " + over,
        rotate=rotate,
        resources=b"/XObject << /I 6 0 R >>",
        more=[samples.broken_picture(name)],
    )
    assert sandbox.render(file(broken), 1, 100).lacks == (undrawn,)
    assert sandbox.render(file(samples.scan(over=over, rotate=rotate)), 1, 100).lacks == ()


def test_a_header_over_a_damaged_picture_is_kept(sandbox, file):
    header = "City of Heron Bay, Minutes of March 4, Page 3 of 9"
    page = samples.scan(over=samples.show([header])).replace(b"x\x9c", b"\xff\xff")
    (layer,) = sandbox.layers(file(page), 1, 1)
    assert (layer.decision, layer.text) == (Decision.OCR, header)


def test_pages_past_a_count_that_is_too_small_are_told_as_missing(sandbox, file):
    path = file(samples.many_pages(5).replace(b"/Count 5", b"/Count 2"))
    assert sandbox.info(path).pages == 5
    *_, last = sandbox.layers(path, 1, 5)
    assert last.reason == "missing page"


@pytest.mark.parametrize(
    ("security", "word"),
    [
        (b"/Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4", "certificate"),
        (b"/Filter /FOPN_foweb /V 1", "rights management"),
    ],
)
def test_a_lock_that_no_password_opens_is_not_told_as_one(sandbox, file, security, word):
    trailer = b"/Encrypt << %s >> /ID [<00> <00>]" % security
    locked = samples.text_page().replace(b"/Root 1 0 R", b"/Root 1 0 R " + trailer)
    with pytest.raises(Unreadable) as caught:
        sandbox.info(file(locked))
    assert caught.value.reason == "encrypted"
    assert word in str(caught.value)
    assert "password" not in str(caught.value)
