"""The PDF child over small sound files: text, verdicts, rasters, pictures, and its reuse."""

import os

import pytest
from PIL import Image

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from clerk.model import Decision
from clerk.ports import PdfSandbox
from clerk.stages.ink import Ink, ink
from tests.fuzz import samples


@pytest.fixture(scope="module")
def sandbox():
    child = PdfChild()
    yield child
    child.close()


@pytest.fixture
def file(tmp_path):
    def write(content: bytes, name: str = "file.pdf"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def only(sandbox: PdfSandbox, path):
    (item,) = sandbox.layers(path, 1, 1)
    if isinstance(item, Exception):
        raise item
    return item


def greys(raster):
    return Image.frombytes("L", (raster.width, raster.height), raster.pixels)


def test_a_text_page_gives_its_text_and_size(sandbox, file):
    layer = only(sandbox, file(samples.text_page()))
    assert layer.text.splitlines() == list(samples.LINES)
    assert (layer.decision, layer.reason) == (Decision.TEXT, "good text layer")
    assert (layer.width, layer.height) == (612, 792)


def test_pages_come_in_order_one_item_each(sandbox, file):
    layers = list(sandbox.layers(file(samples.many_pages(30)), 11, 20))
    assert [layer.number for layer in layers] == list(range(11, 21))


def test_the_text_of_two_columns_is_read_one_after_the_other(sandbox, file):
    left, right = [f"left line {n}" for n in range(9)], [f"right line {n}" for n in range(9)]
    columns = samples.page(samples.show(left) + samples.show(right, x=330))
    assert only(sandbox, file(columns)).text.splitlines() == left + right


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["the reso-", "lution was read"], "the resolution\nwas read"),
        (["Member SMITH-", "JONES moved"], "Member SMITH-\nJONES moved"),
        (["Member Garcia-", "Lopez moved"], "Member Garcia-\nLopez moved"),
        (["relief for COVID-", "19 was asked"], "relief for COVID-\n19 was asked"),
        (["the lot in zone R-", "1 was sold"], "the lot in zone R-\n1 was sold"),
    ],
)
def test_hyphens_at_a_lines_end_go_where_they_split_a_word(sandbox, file, lines, expected):
    page = file(samples.text_page([*lines, "and so the council went home for the day."]))
    text = only(sandbox, page).text
    assert text.removesuffix("\nand so the council went home for the day.") == expected


WIDE = samples.FONT.replace(b">>", b"/FirstChar 32 /LastChar 90 /Widths [%s] >>" % (b"900 " * 59))


def set_in(words, *, gap):
    """Capitals of 10.8 points; each word and each space by itself, spaces squeezed to `gap`."""
    shown, x = [], 30.0
    for word in words:
        shown.append(b"BT /F 12 Tf %f 700 Td (%s) Tj ET" % (x, word.encode()))
        x += 10.8 * len(word)
        shown.append(b"BT /F 12 Tf %f 700 Td ( ) Tj ET" % x)
        x += gap
    return samples.page(b" ".join(shown), font=WIDE)


TITLE = "AN ORDINANCE ON ZONING AND TREES"


def test_a_space_between_narrowly_set_words_is_found(sandbox, file):
    assert only(sandbox, file(set_in(TITLE.split(), gap=1.7))).text == TITLE


def last_line(sandbox, file, shown, **options):
    """What a page with a text of Helvetica ends with, where `shown` is below that."""
    page = samples.page(samples.show(samples.LINES) + shown, **options)
    return only(sandbox, file(page)).text.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "gap", "expected"),
    [
        ((b"Crete Township", b"Community"), 1.1, "Crete Township Community"),
        ((b"BOD", b"Regular"), 1.1, "BOD Regular"),
        ((b"all", b"regulations"), 1.5, "all regulations"),
        ((b"Mc", b"Donald"), 0.6, "McDonald"),
        ((b"AW", b"AY"), 1.5, "AWAY"),
        ((b"show", b"n"), 1.5, "shown"),
    ],
)
def test_a_narrow_gap_is_a_space_where_the_word_has_no_other(sandbox, file, words, gap, expected):
    """`gap`: points, of a line of some 13."""
    shown = b"BT /F 12 Tf 72 400 Td [(%s) %f (%s)] TJ ET" % (words[0], -gap / 0.012, words[1])
    assert last_line(sandbox, file, shown) == expected


@pytest.mark.parametrize(
    ("before", "note", "behind", "expected"),
    [
        (b"Net revenues", b"3", b"", "Net revenues 3"),
        (b"in all $5,000", b"12", b"", "in all $5,000 12"),
        (b"", b"13", b"We estimated it", "13 We estimated it"),
        (b"some 4 km", b"2", b"", "some 4 km2"),
    ],
)
def test_a_footnotes_number_is_no_part_of_the_word_beside_it(
    sandbox, file, before, note, behind, expected
):
    line = b"BT /F 11 Tf 72 400 Td (%s) Tj /F 7 Tf 5 Ts (%s) Tj /F 11 Tf 0 Ts (%s) Tj ET"
    assert last_line(sandbox, file, line % (before, note, behind)) == expected


@pytest.mark.parametrize(("back", "expected"), [(278, "the deficit"), (0, "the defi cit")])
def test_a_space_under_a_ligature_is_none(sandbox, file, back, expected):
    ligature = samples.stream(
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
        b"endcodespacerange 1 beginbfchar <77> <00660069> endbfchar endcmap end"
    )
    font = samples.FONT.replace(b">>", b"/ToUnicode 6 0 R >>")
    shown = b"BT /F 11 Tf 72 400 Td [(the dew) %d ( cit)] TJ ET" % back
    assert last_line(sandbox, file, shown, font=font, more=[ligature]) == expected


def test_a_character_that_pdfium_leaves_out_hides_no_gap(sandbox, file):
    """It counts such a character, which then stands between places and letters."""
    squeezed = b"[(Crete Township) -92 (Community)] TJ"
    shown = b"BT /F 12 Tf 72 420 Td (the sum \002 of all) Tj 0 -20 Td %s ET" % squeezed
    assert last_line(sandbox, file, shown) == "Crete Township Community"


def encoded(names: bytes) -> bytes:
    """Helvetica whose codes from 1 on are glyphs of these names."""
    return samples.FONT.replace(
        b"/WinAnsiEncoding", b"<< /Type /Encoding /Differences [1 %s] >>" % names
    )


def test_a_ligature_is_read_by_its_glyphs_name(sandbox, file):
    shown = b"BT /F 11 Tf 72 400 Td (de\001cit, o\002ce, \003e \004ord, a\005, \006x) Tj ET"
    font = encoded(b"/f_i /f_f_i.alt /T_h /f_j /ct /uni0066006C")
    layer = only(sandbox, file(samples.page(samples.show(samples.LINES) + shown, font=font)))
    assert layer.text.splitlines()[-1] == "deficit, office, The fjord, act, flx"
    assert (layer.decision, layer.reason) == (Decision.TEXT, "good text layer")


@pytest.mark.parametrize("name", [b"/g23", b"/f_q1", b"/uniD800", b"/u110000", b"/a__b"])
def test_a_glyphs_name_that_spells_nothing_is_not_guessed_at(sandbox, file, name):
    shown = b"BT /F 11 Tf 72 400 Td (de\001cit) Tj ET"
    assert last_line(sandbox, file, shown, font=encoded(name)).replace(" ", "") == "decit"


def test_a_glyphs_name_of_any_length_makes_no_page_of_any_length(sandbox, file):
    shown = b"BT /F 11 Tf 72 400 Td (de\001cit) Tj ET"
    font = encoded(b"/f" + b"_f" * 50_000)
    assert last_line(sandbox, file, shown, font=font) == "de cit"


def test_notes_without_a_drawing_are_read_up_to_a_bound(sandbox, file):
    note = b"<< /Type /Annot /Subtype /FreeText /F 4 /Contents (%s) /Rect [1 1 9 9] >>"
    page = samples.text_page(
        more=[note % (b"a " * 4_500)], page_extra=b"/Annots [%s]" % (b"6 0 R " * 99)
    )
    assert len(only(sandbox, file(page)).text) < 101_000


def test_a_name_in_a_font_of_a_form_counts_and_a_disputed_one_does_not(sandbox, file):
    form = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F %d 0 R >> >>"
    )
    words = b"BT /F 11 Tf 72 %d Td (de\001cit o\002er) Tj ET"
    fonts = [encoded(names).replace(b"Helvetica", b"Courier") for names in (b"/f_i /f_f", b"/f_i")]
    page = samples.page(
        samples.show(samples.LINES) + b"/A Do /B Do",
        resources=b"/XObject << /A 6 0 R /B 7 0 R >>",
        more=[
            samples.stream(words % 400, form % 8),
            samples.stream(words.replace(b" o\002er", b"") % 380, form % 9),
            fonts[0],
            fonts[1].replace(b"/f_i", b"/f_i /T_h"),
        ],
    )
    assert only(sandbox, file(page)).text.splitlines()[-2:] == ["deficit o er", "deficit"]


def test_a_code_that_is_drawn_blank_is_a_space(sandbox, file):
    shown = b"BT /F 11 Tf 72 400 Td (the\003council\003met\003and voted) Tj ET"
    layer = only(sandbox, file(samples.page(samples.show(samples.LINES) + shown)))
    assert layer.text.splitlines()[-1] == "the council met and voted"
    assert (layer.decision, layer.reason) == (Decision.TEXT, "good text layer")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("DOUGH", b"[(D) -300 (O) -300 (U) -300 (G) -300 (H)]"),
        ("TOWN OF DOW", b"[(T) -300 (O) -300 (W) -300 (N) -900 (O) -300 (F) -900 (D) -300 (OW)]"),
    ],
)
def test_letters_that_are_set_wide_make_words(sandbox, file, words, shown):
    assert last_line(sandbox, file, b"BT /F 11 Tf 72 400 Td %s TJ ET" % shown) == words


def test_typed_spaces_within_words_go(sandbox, file):
    shown = b"BT /F 11 Tf 72 400 Td (T O W N   C O U N C I L) Tj ET"
    assert last_line(sandbox, file, shown) == "TOWN COUNCIL"


@pytest.mark.parametrize("words", [b"a 4", b"a A", b"to a"])
def test_a_typed_space_is_kept_between_what_is_no_word(sandbox, file, words):
    first, last = words.rsplit(b" ", 1)
    shown = b"BT /F 11 Tf 72 400 Td [(%s) 0 ( ) 278 (%s)] TJ ET" % (first, last)
    assert last_line(sandbox, file, shown) == words.decode()


def test_a_typed_space_that_takes_no_room_goes(sandbox, file):
    shown = b"BT /F 11 Tf 72 400 Td [(1) 0 ( ) 278 (0 J) 0 ( ) 278 (o) 0 ( ) 278 (hnson)] TJ ET"
    assert last_line(sandbox, file, shown) == "10 Johnson"


@pytest.mark.parametrize(
    "marks",
    [
        *("Y Y N Y A", "A B C D E", "5 0 0 2", "a of b to c", "S M T W T F S", "W I a q g"),
        *("P P A P", "P P E P A", "F A F F", "Y Y E Y"),
        *("Page 1 of 4", "il y a 1 an", "C O S DE"),
    ],
)
def test_marks_and_alphabets_are_no_words(sandbox, file, marks):
    shown = b"BT /F 11 Tf 72 400 Td (%s) Tj ET" % marks.encode()
    assert last_line(sandbox, file, shown) == marks


def test_a_row_of_a_table_is_no_word(sandbox, file):
    row = b"".join(
        b"BT /F 11 Tf %d 400 Td (%s) Tj ET " % (72 + 20 * at, letter)
        for at, letter in enumerate((b"D", b"A", b"D", b"O"))
    )
    assert last_line(sandbox, file, row) == "D A D O"


def test_an_accent_that_stands_over_its_letter_is_part_of_it(sandbox, file):
    def line(top: int, words: bytes) -> bytes:
        return b"BT /F 11 Tf 72 %d Td [%s] TJ ET " % (top, words)

    before = line(500, b"(sesi\\264) 333 (on)")
    behind = line(480, b"(Pe) 445 (\\264) 112 (rez)")
    apostrophe = line(460, b"(O\\264Brien\\264s)")
    page = samples.page(samples.show(samples.LINES) + before + behind + apostrophe)
    lines = only(sandbox, file(page)).text.splitlines()
    assert lines[-3:] == ["sesi\u00f3n", "P\u00e9rez", "O\u00b4Brien\u00b4s"]


def test_widely_set_letters_stay_one_word(sandbox, file):
    spread = samples.page(b"BT /F 12 Tf 3 Tc 30 700 Td (%s) Tj ET" % TITLE.encode(), font=WIDE)
    assert only(sandbox, file(spread)).text == TITLE


FILLED = "Ann Alder, 12 Elm Street"


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "left to the reader"])
def test_what_was_filled_in_is_text_and_ink(sandbox, file, drawn):
    path = file(samples.form(FILLED, drawn=drawn))
    assert only(sandbox, path).text.splitlines() == [*samples.LINES, FILLED]
    shown = greys(sandbox.render(path, 1, 72)).crop((72, 470, 500, 494))
    assert shown.getextrema()[0] < 100


def test_a_typed_note_is_text(sandbox, file):
    path = file(samples.form(FILLED, note="Continued to 5 May"))
    assert "Continued to 5 May" in only(sandbox, path).text


@pytest.mark.parametrize(("flag", "read"), [(4, True), (2, False), (36, False)])
def test_a_typed_note_without_a_drawing_is_text_where_it_is_shown(sandbox, file, flag, read):
    path = file(samples.form(FILLED, note="Continued to 5 May", flag=flag))
    path.write_bytes(path.read_bytes().replace(b"/AP << /N 8 0 R >>", b"/F %9d" % flag))
    layer = only(sandbox, path)
    assert ("Continued to 5 May" in layer.text) is read
    assert layer.text.startswith("\n".join(samples.LINES))


def test_fields_over_words_that_they_hide_are_read(sandbox, file):
    """The page's own text is not the same with and without them."""
    box = b"/BS << /W 1 >> /AP << /N 7 0 R >> /Rect [72 300 500 330]"
    note = b"<< /Type /Annot /Subtype /Stamp /F 4 /P 3 0 R %s >>" % box
    shown = samples.stream(
        b"1 g 0 0 428 30 re f 0 g BT /F 11 Tf 202 10 Td (RECEIVED) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [0 0 428 30] /Resources << /Font << /F 5 0 R >> >>",
    )
    words = samples.show(samples.LINES) + samples.show(["Click to stamp"], top=310)
    page = samples.page(words, more=[note, shown], page_extra=b"/Annots [6 0 R]")
    layer = only(sandbox, file(page))
    assert layer.text.splitlines() == [*samples.LINES, "RECEIVED"]
    assert layer.reason == "good text layer; 12 letters that nobody sees left out"


def test_a_hidden_field_is_neither(sandbox, file):
    path = file(samples.form(FILLED, flag=2))
    assert only(sandbox, path).text.splitlines() == list(samples.LINES)


def test_reading_the_fields_does_not_change_the_page(sandbox, file):
    path = file(samples.form(FILLED))
    before = sandbox.render(path, 1, 72)
    assert only(sandbox, path).text == only(sandbox, path).text
    assert sandbox.render(path, 1, 72) == before


def test_a_scan_is_for_ocr(sandbox, file):
    layer = only(sandbox, file(samples.scan()))
    assert (layer.decision, layer.reason, layer.text) == (Decision.OCR, "no text layer", "")


WORDS = ["Совет города", "Δημοτικό", "市議會會議紀錄", "시의회 회의록"]


def in_codes(words: str, more: bytes = b"") -> bytes:
    """A page of a few large letters, whose font tells which they are."""
    letters = dict.fromkeys(words)
    codes = {letter: code for code, letter in enumerate(letters, 65)}
    told = b" ".join(b"<%02x> <%04x>" % (code, ord(letter)) for letter, code in codes.items())
    unicode = samples.stream(
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
        b"endcodespacerange %d beginbfchar %s endbfchar endcmap end" % (len(codes), told)
    )
    shown = b"BT /F 20 Tf 72 700 Td (%s) Tj ET " % bytes(map(codes.__getitem__, words))
    font = samples.FONT.replace(b">>", b"/ToUnicode 6 0 R >>")
    return samples.page(shown + more, font=font, more=[unicode])


@pytest.mark.parametrize("words", WORDS)
def test_a_few_words_in_another_script_are_text(sandbox, file, words):
    layer = only(sandbox, file(in_codes(words)))
    assert (layer.decision, layer.text) == (Decision.TEXT, words)


@pytest.mark.parametrize("words", WORDS)
def test_they_are_kept_beside_a_drawing_that_ocr_may_read(sandbox, file, words):
    strokes = b"".join(b"%d 400 m %d 390 l S " % (x, x + 4) for x in range(72, 500, 6))
    layer = only(sandbox, file(in_codes(words, strokes)))
    assert (layer.decision, layer.text) == (Decision.OCR, words)


def test_a_few_latin_words_are_a_claim_that_ocr_bears_out_or_not(sandbox, file):
    layer = only(sandbox, file(in_codes("Frxqflo")))
    assert (layer.decision, layer.text) == (Decision.OCR, "Frxqflo")


def test_old_invisible_text_over_a_scan_is_for_ocr(sandbox, file):
    hidden = samples.show(samples.LINES * 4, mode=3)
    layer = only(sandbox, file(samples.scan(over=hidden)))
    assert layer.reason == "old invisible text over a scan"
    assert layer.text == ""


def test_a_page_with_nothing_on_it_is_blank(sandbox, file):
    assert only(sandbox, file(samples.page(b""))).decision is Decision.BLANK


def test_a_small_empty_picture_leaves_a_page_blank(sandbox, file):
    paper = Image.new("L", (30, 40), 255)
    page = file(samples.scan(paper, place=b"300 0 0 300 9 9"))
    assert only(sandbox, page).decision is Decision.BLANK


def test_an_empty_scan_is_left_to_the_reader_who_renders_it_anyway(sandbox, file):
    page = file(samples.scan(Image.new("L", (300, 400), 235)))
    assert only(sandbox, page).decision is Decision.OCR
    assert ink(sandbox.render(page, 1, 200)) is Ink.NONE


def test_text_drawn_as_outlines_is_not_taken_for_blank(sandbox, file):
    strokes = b"".join(b"%d 700 m %d 690 l S " % (x, x + 4) for x in range(72, 500, 6))
    assert only(sandbox, file(samples.page(strokes))).decision is Decision.OCR


def test_letters_drawn_as_outlines_below_a_typed_header_are_for_both(sandbox, file):
    header = samples.show(
        ["Recorded in the official records of the county, no. 2020-0412"], top=760
    )
    letters = b"".join(
        b"%d %d m %d %d %d %d %d %d c %d %d l h f "
        % (x, y, x + 1, y + 9, x + 4, y + 9, x + 5, y, x + 2, y + 4)
        for y in range(200, 700, 20)
        for x in range(72, 500, 8)
    )
    layer = only(sandbox, file(samples.page(header + letters)))
    assert (layer.decision, layer.reason) == (Decision.OCR, "text layer beside a drawing")
    assert layer.text.startswith("Recorded in")


def test_the_rules_of_a_short_table_are_no_drawing(sandbox, file):
    rules = b"".join(b"72 %d m 540 %d l S " % (y, y) for y in range(100, 700, 12))
    layer = only(sandbox, file(samples.page(samples.show(samples.LINES) + rules)))
    assert layer.decision is Decision.TEXT


@pytest.mark.parametrize("rotate", [0, 90])
def test_text_outside_the_crop_box_is_not_the_pages(sandbox, file, rotate):
    slug = samples.show(["minutes_final_v3.indd  Page 17"], top=780)
    page = samples.page(
        samples.show(samples.LINES) + slug, rotate=rotate, page_extra=b"/CropBox [36 36 576 756]"
    )
    assert sorted(only(sandbox, file(page)).text.splitlines()) == sorted(samples.LINES)


@pytest.mark.parametrize("off", [True, False], ids=["off", "on"])
def test_text_of_a_layer_that_is_switched_off_is_not_the_pages(sandbox, file, off):
    draft = samples.show(["NOT APPROVED, DRAFT OF MAY"], top=300)
    watermark = samples.show(["FOR DISCUSSION ONLY"], top=200)
    layer = only(sandbox, file(samples.layered(draft, watermark, off=off)))
    hidden = [] if off else ["NOT APPROVED, DRAFT OF MAY", "FOR DISCUSSION ONLY"]
    assert layer.text.splitlines() == [*samples.LINES, *hidden]


@pytest.mark.parametrize("kind", [b"Watermark", b"Square", b"Line", b"Redact", b"Custom"])
@pytest.mark.parametrize("nested", [True, False])
def test_what_other_annotations_show_is_read(sandbox, file, kind, nested):
    extra = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 400 40] "
        b"/Resources << /Font << /F 5 0 R >> /XObject << /X 8 0 R >> >>"
    )
    words = samples.stream(b"BT /F 14 Tf 4 12 Td (REPEALED) Tj ET", extra)
    note = b"<< /Type /Annot /Subtype /%s /Rect [72 400 472 440] /F 4 /AP << /N 7 0 R >> >>" % kind
    shown = [samples.stream(b"/X Do", extra), words] if nested else [words]
    page = samples.page(
        samples.show(samples.LINES), more=[note, *shown], page_extra=b"/Annots [6 0 R]"
    )
    assert only(sandbox, file(page)).text.splitlines() == [*samples.LINES, "REPEALED"]


def test_a_form_that_only_another_viewer_shows_is_told(sandbox, file):
    xfa = samples.stream(b"<template/>")
    page = samples.text_page(
        more=[xfa], catalog_extra=b"/NeedsRendering true /AcroForm << /Fields [] /XFA 6 0 R >>"
    )
    assert only(sandbox, file(page)).reason == (
        "good text layer, its form needs another viewer (XFA)"
    )


def test_attached_files_are_counted_in_the_first_pages_reason(sandbox, file):
    attached = samples.stream(b"%PDF-1.4", b"/Type /EmbeddedFile")
    name = b"<< /Type /Filespec /F (a.pdf) /EF << /F 6 0 R >> >>"
    names = b"/Names << /EmbeddedFiles << /Names [(a.pdf) 7 0 R] >> >>"
    page = samples.text_page(more=[attached, name], catalog_extra=names)
    assert only(sandbox, file(page)).reason == "good text layer, 1 attached file not read"


def test_fields_are_read_below_a_page_that_ends_in_a_hyphen(sandbox, file):
    page = samples.form(FILLED, [*samples.LINES, "and adopted the reso-"])
    assert FILLED in only(sandbox, file(page)).text


def test_a_field_that_is_for_print_only_is_not_read(sandbox, file):
    assert FILLED not in only(sandbox, file(samples.form(FILLED, flag=36))).text


def optional(content: bytes, *, off: bool, more=(), resources: bytes = b"") -> bytes:
    """The usual lines, and `content` in a layer."""
    return samples.page(
        samples.show(samples.LINES * 3) + b"/OC /L BDC " + content + b" EMC",
        resources=b"/Properties << /L 6 0 R >> " + resources,
        more=[b"<< /Type /OCG /Name (layer) >>", *more],
        catalog_extra=b"/OCProperties << /OCGs [6 0 R] /D << /%s [6 0 R] >> >>"
        % (b"OFF" if off else b"ON"),
    )


@pytest.mark.parametrize("off", [True, False], ids=["off", "on"])
def test_text_of_a_layer_that_could_not_be_drawn_anyway_stays(sandbox, file, off):
    unseen = samples.show(["Recognised by a scanner."] * 20, mode=3)
    assert "Recognised by a scanner." in only(sandbox, file(optional(unseen, off=off))).text


def test_a_picture_in_a_layer_that_is_switched_off_hides_nothing(sandbox, file):
    draft = b"q 612 0 0 792 0 0 cm /I Do Q"
    page = optional(
        draft,
        off=True,
        more=[samples.image_object(samples.drawn())],
        resources=b"/XObject << /I 7 0 R >>",
    )
    layer = only(sandbox, file(page))
    assert (layer.decision, layer.reason) == (Decision.TEXT, "good text layer")


def test_hidden_text_is_counted_by_letters_and_not_by_pieces(sandbox, file):
    one_piece = samples.show([" ".join(samples.LINES * 4)], mode=3)
    header = b"".join(samples.show([word], top=770, x=60 * at + 9) for at, word in enumerate("abc"))
    layer = only(sandbox, file(samples.scan(over=one_piece + header)))
    assert (layer.decision, layer.reason) == (Decision.OCR, "old invisible text over a scan")


@pytest.mark.parametrize(
    ("side", "width"), [(61, 850), (153, 850), (300, 850), (612, 1700)], ids=str
)
def test_a_scan_on_a_page_of_few_inches_is_drawn_as_a_sheet(sandbox, file, side, width):
    height = side * 792 // 612
    picture = samples.drawn(width=850, height=1100)
    box, place = b"0 0 %d %d" % (side, height), b"%d 0 0 %d 0 0" % (side, height)
    raster = sandbox.render(file(samples.scan(picture, box=box, place=place)), 1, 200)
    assert raster.width == pytest.approx(width, rel=0.02)
    assert raster.dpi == 200


def test_a_finer_picture_on_such_a_page_is_drawn_no_finer_than_a_sheet(sandbox, file):
    picture = samples.drawn(width=2550, height=3300)
    page = samples.scan(picture, box=b"0 0 153 198", place=b"153 0 0 198 0 0")
    assert sandbox.render(file(page), 1, 200).width == pytest.approx(1700, rel=0.02)


def test_a_small_page_that_is_no_scan_is_drawn_as_it_is(sandbox, file):
    raster = sandbox.render(file(samples.text_page(box=b"0 0 144 144")), 1, 200)
    assert (raster.width, raster.height) == (400, 400)


STATES = b"/ExtGState << /None << /ca 0 >> /Pale << /ca 0.4 >> /High << /BM /Multiply >> >>"
SHADE = b"""/Shading << /Black << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 1 0]
/Extend [true true] /Function << /FunctionType 2 /Domain [0 1] /N 1 /C0 [0] /C1 [0] >> >> >>"""
BOX = b" 70 190 300 26 re f "


def below(content: bytes, note: bytes = b"") -> bytes:
    """The usual lines, `content` around 72, 200, and an annotation there of an appearance."""
    return samples.page(
        samples.show(samples.LINES * 3) + content,
        resources=b"%s %s /XObject << /Dark 6 0 R >>" % (STATES, SHADE),
        more=[
            samples.image_object(Image.new("L", (8, 8), 0)),
            samples.stream(b"0 g 0 0 300 26 re f", b"/Subtype /Form /BBox [0 0 300 26]"),
        ],
        page_extra=b"/Annots [%s]" % note,
    )


def said(words: str, mode: int = 0) -> bytes:
    return samples.show([words], mode=mode, top=200)


@pytest.mark.parametrize(
    "content",
    [
        said("secret") + b"0 g" + BOX,
        said("secret") + b"1 g" + BOX,
        said("secret", mode=3),
        b"1 g " + said("secret"),
        b"/None gs " + said("secret"),
        said("secret") + b"q 300 0 0 26 70 190 cm /Dark Do Q",
        said("secret") + b"0 G 26 w 70 203 m 370 203 l S",
        said("secret") + b"q 70 190 300 26 re W n /Black sh Q",
        b"0 0 9 1 re f " * 300 + said("secret") + b"0 g" + BOX,
    ],
    ids=[
        *("black box", "white box", "no ink", "white on white", "transparent"),
        *("picture", "thick line", "shading", "after many rules"),
    ],
)
def test_letters_that_nobody_sees_are_not_the_pages(sandbox, file, content):
    assert "secret" not in only(sandbox, file(below(content))).text


@pytest.mark.parametrize("kind", [b"Square", b"Redact"])
def test_words_under_a_box_that_an_editor_put_there_are_not_the_pages(sandbox, file, kind):
    note = b"<< /Type /Annot /Subtype /%s /Rect [70 190 370 216] /F 4 /AP << /N 7 0 R >> >>" % kind
    assert "secret" not in only(sandbox, file(below(said("secret"), note))).text


def test_a_sign_outside_the_basic_plane_keeps_its_place_and_hides_nothing(sandbox, file):
    smile = samples.stream(
        b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <41> <D83DDE00> endbfchar"
    )
    page = samples.page(
        samples.show(samples.LINES * 3)
        + b"BT /G 11 Tf 72 240 Td (A) Tj ET "
        + said("secret")
        + b"0 g"
        + BOX,
        resources=b"/Font << /F 5 0 R /G 6 0 R >>",
        more=[samples.FONT.replace(b">>", b"/ToUnicode 7 0 R >>"), smile],
    )
    text = only(sandbox, file(page)).text
    assert "\U0001f600" in text
    assert "secret" not in text


def test_of_a_line_only_the_word_under_the_box_is_left_out(sandbox, file):
    line = said("Name Pat Lee number 123-45-6789 of Elm Street") + b"0 g 178 194 66 16 re f"
    assert "Name Pat Lee number" in (text := only(sandbox, file(below(line))).text)
    assert "123-45" not in text
    assert "of Elm Street" in text


def test_on_a_sheet_too_large_to_look_at_every_word_is_taken(sandbox, file):
    page = samples.page(
        samples.show(samples.LINES * 3) + said("secret", mode=3), box=b"0 0 9000 9000"
    )
    assert "secret" in only(sandbox, file(page)).text


def test_what_nobody_sees_is_counted_in_the_reason(sandbox, file):
    layer = only(sandbox, file(below(said("a secret") + b"0 g" + BOX)))
    assert layer.reason == "good text layer; 6 letters that nobody sees left out"


@pytest.mark.parametrize(
    "content",
    [
        b"0.8 g" + BOX + b"0 g " + said("seen - I l ."),
        b"0 g" + BOX + b"1 g " + said("seen - I l ."),
        said("seen - I l .") + b"/High gs 1 1 0 rg" + BOX,
        said("seen - I l .") + b"/Pale gs 1 1 0 rg" + BOX,
        said("seen - I l .") + b"q 500 9 9 9 re W n 0 g 0 0 612 792 re f Q",
        said("seen - I l .") + b"0 g 70 203 200 1 re f",
        said("seen - I l .") + b"70 190 300 26 re S",
        b"q 300 0 0 26 70 190 cm /Dark Do Q 1 g " + said("seen - I l ."),
    ],
    ids=[
        *("on grey", "white on black", "marked", "shaded", "clipped fill", "struck out", "framed"),
        "on a picture",
    ],
)
def test_letters_that_are_seen_beside_boxes_stay(sandbox, file, content):
    assert only(sandbox, file(below(content))).text.splitlines()[-1] == "seen - I l ."


def test_a_scanners_hidden_words_stay_on_a_page_with_little_else(sandbox, file):
    hidden = samples.show(samples.LINES * 2, mode=3, top=500)
    page = samples.page(samples.show(samples.LINES) + hidden)
    assert only(sandbox, file(page)).text.count(samples.LINES[0]) == 3


def test_a_layer_that_takes_long_to_draw_costs_no_text(file):
    sandbox = PdfChild(page_seconds=20)
    slow = b"".join(b"%d 0 m %d 792 l S " % (n % 600, (n * 7) % 600) for n in range(400_000))
    lines = samples.show(samples.LINES)
    page = file(optional(slow + lines, off=False))
    assert samples.LINES[0] in only(sandbox, page).text
    sandbox.close()


def test_a_page_that_takes_long_costs_the_others_nothing(file):
    slow = b"".join(b"%d 0 m %d 792 l S " % (n % 600, (n * 7) % 600) for n in range(400_000))
    hidden = b"1 g " + said("secret") + b"0 g "
    lines = samples.show(samples.LINES * 3)
    leaf = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
        b"/Resources << /Font << /F 3 0 R >> >> >>"
    )
    pages = samples.pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R 5 0 R] /Count 2 >>",
            samples.FONT,
            leaf % 6,
            leaf % 7,
            samples.stream(hidden + lines + slow),
            samples.stream(hidden + lines),
        ]
    )
    sandbox = PdfChild(page_seconds=20)
    first, second = sandbox.layers(file(pages), 1, 2)
    assert first.reason == "good text layer, hidden letters not looked for: too slow"
    assert "secret" in first.text
    assert "secret" not in second.text
    sandbox.close()


def test_fonts_that_take_too_long_show_nothing_that_is_hidden(file):
    names = b" ".join([b"/u0041_u0041_u0041_u0041_u0041_u0041"] * 1_000)
    fonts = b"".join(b"/A%d << /BaseFont /X /Encoding 7 0 R >> " % at for at in range(1_000))
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << %s >> >>" % fonts
    page = samples.page(
        samples.show(samples.LINES)
        + b"BT /F 11 Tf 1 g 72 400 Td (secret) Tj 0 g 72 0 Td (in\003public) Tj ET",
        resources=b"/XObject << /A 6 0 R >>",
        more=[samples.stream(b"", form), b"<< /Differences [1 %s] >>" % names],
    )
    sandbox, path = PdfChild(page_seconds=20), file(page)
    once, again = (only(sandbox, path) for _ in range(2))
    assert "secret" not in once.text
    assert again == once
    sandbox.close()


def test_the_look_through_a_picture_of_any_size_stays_small(file):
    sandbox = PdfChild(memory=512 * 1024 * 1024)
    page = samples.page(
        samples.show(samples.LINES * 3) + b"q 14000 0 0 14000 -50 -50 cm /I Do Q",
        resources=b"/XObject << /I 6 0 R >>",
        more=[samples.image_object(Image.new("L", (60, 80), 255))],
    )
    assert samples.LINES[0] in only(sandbox, file(page)).text
    sandbox.close()


def test_a_few_words_on_a_large_sheet_are_text(sandbox, file):
    sheet = samples.text_page(["Exhibit A"], box=b"0 0 3024 2160")
    layer = only(sandbox, file(sheet))
    assert (layer.decision, layer.text) == (Decision.TEXT, "Exhibit A")


def test_a_drawn_word_on_a_large_sheet_is_no_blank_page(sandbox, file):
    letters = b"".join(b"%d 1500 6 20 re f " % (300 + 20 * place) for place in range(9))
    layer = only(sandbox, file(samples.page(letters, box=b"0 0 3024 2160")))
    assert layer.decision is Decision.OCR


@pytest.mark.parametrize("opaque", [True, False], ids=["a scan", "a watermark"])
def test_text_under_a_scan_is_old_and_under_a_watermark_is_not(sandbox, file, opaque):
    watermark = samples.image_object(Image.new("L", (60, 80), 0 if not opaque else 255))
    mask = samples.image_object(Image.new("L", (60, 80), 20))
    picture = watermark if opaque else watermark.replace(b"/Type", b"/SMask 7 0 R /Type", 1)
    page = samples.page(
        samples.show(samples.LINES * 3) + b"q 612 0 0 792 0 0 cm /I Do Q",
        resources=b"/XObject << /I 6 0 R >>",
        more=[picture, mask],
    )
    layer = only(sandbox, file(page))
    assert layer.decision is Decision.OCR
    if opaque:
        assert (layer.reason, layer.text) == ("old invisible text over a scan", "")
    else:
        assert layer.reason == "text layer beside a large picture"
        assert samples.LINES[0] in layer.text


def test_text_without_opacity_is_invisible(sandbox, file):
    page = samples.page(
        b"q 612 0 0 792 0 0 cm /I Do Q /G gs " + samples.show(samples.LINES * 3),
        resources=b"/XObject << /I 6 0 R >> /ExtGState << /G << /ca 0 >> >>",
        more=[samples.image_object(samples.drawn())],
    )
    assert only(sandbox, file(page)).reason == "old invisible text over a scan"


@pytest.mark.parametrize("grey", [0.5, 0.75, 0.9])
def test_pale_words_are_not_taken_for_a_blank_page(sandbox, file, grey):
    page = file(samples.page(b"%f g " % grey + samples.show(["Exhibit A"])))
    assert only(sandbox, page).decision is Decision.OCR


def test_a_picture_beside_good_text_is_for_both(sandbox, file):
    page = samples.scan(over=samples.show(samples.LINES * 3), place=b"612 0 0 280 0 0")
    layer = only(sandbox, file(page))
    assert (layer.decision, layer.reason) == (Decision.OCR, "text layer beside a large picture")
    assert samples.LINES[0] in layer.text


def test_an_image_inside_a_scaled_form_counts_at_its_real_size(sandbox, file):
    form = samples.stream(
        b"q 1 0 0 1 0 0 cm /I Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /I 7 0 R >> >>",
    )
    page = samples.page(
        b"q 612 0 0 792 0 0 cm /X Do Q " + samples.show(samples.LINES[:2]),
        resources=b"/XObject << /X 6 0 R >>",
        more=[form, samples.image_object(samples.drawn())],
    )
    assert only(sandbox, file(page)).reason == "scan with a short text layer"


def test_control_characters_and_escapes_in_a_text_layer_are_gone(sandbox, file):
    lines = [*samples.LINES, "seen \x1b[2J\x07\x00gone"]
    text = only(sandbox, file(samples.text_page(lines))).text
    assert samples.LINES[0] in text
    assert not any(ord(character) < 32 and character != "\n" for character in text)


def test_a_render_has_the_asked_resolution(sandbox, file):
    raster = sandbox.render(file(samples.text_page()), 1, 100)
    assert (raster.width, raster.height, raster.dpi) == (850, 1100, 100)
    assert len(raster.pixels) == 850 * 1100
    assert min(raster.pixels) < 100


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_rotate_of_the_page_is_obeyed_and_nothing_is_squashed(sandbox, file, rotate):
    corner = b"0 792 m 100 792 l 100 692 l 0 692 l f"  # black, top left
    raster = sandbox.render(file(samples.page(corner, rotate=rotate)), 1, 72)
    upright = greys(raster).rotate(rotate, expand=True)
    assert upright.size == (612, 792)
    assert upright.getpixel((50, 50)) == 0
    assert upright.getpixel((150, 150)) == 255


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_an_additional_turn_is_clockwise(sandbox, file, turn):
    page = file(samples.page(b"0 792 m 100 792 l 100 692 l 0 692 l f"))
    turned = greys(sandbox.render(page, 1, 72, turn))
    assert turned.rotate(turn, expand=True).getpixel((50, 50)) == 0


def test_padding_of_odd_widths_does_not_shear_the_page(sandbox, file):
    bar = b"10 0 m 10 792 l 20 792 l 20 0 l f"
    raster = sandbox.render(file(samples.page(bar, box=b"0 0 101 792")), 1, 72)
    image = greys(raster)
    assert [image.getpixel((15, y)) for y in (5, 400, 785)] == [0, 0, 0]


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 14400 1", b"0 0 1 14400"])
def test_a_giant_page_is_rendered_coarser_within_the_cap(sandbox, file, box):
    raster = sandbox.render(file(samples.text_page(box=box)), 1, 200)
    assert raster.width * raster.height <= 20_100_000
    assert max(raster.width, raster.height) < 32_767
    assert raster.dpi < 200


@pytest.mark.parametrize("form", ["jpeg", "webp", "png"])
def test_a_picture_appears_whole_in_its_format(file, tmp_path, form):
    into = tmp_path / f"1.{form}"
    child = PdfChild(picture_format=form)
    child.picture(file(samples.scan()), 1, into)
    child.close()
    with Image.open(into) as image:
        image.load()
        assert (image.format, image.size) == (form.upper(), (1275, 1650))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"1.{form}", "file.pdf"]


def test_a_failed_picture_leaves_the_old_one(sandbox, file, tmp_path):
    into = tmp_path / "1.jpeg"
    into.write_bytes(b"old")
    with pytest.raises(Unreadable):
        sandbox.picture(file(samples.no_pages()), 1, into)
    assert into.read_bytes() == b"old"


def test_one_child_serves_many_files(sandbox, file):
    sandbox.info(file(samples.text_page(), "a.pdf"))
    first = sandbox.pid
    for number in range(20):
        sandbox.info(file(samples.many_pages(number + 1), f"{number}.pdf"))
    assert sandbox.pid == first


def test_a_file_that_was_replaced_is_opened_again(sandbox, file):
    assert sandbox.info(file(samples.many_pages(2))).pages == 2
    assert sandbox.info(file(samples.many_pages(3))).pages == 3


def test_hostile_names_reach_no_one(sandbox, file):
    path = file(samples.text_page(), "a\nb'\"$(x)\u202e;.pdf")
    assert sandbox.info(path).pages == 1


def test_a_name_that_is_no_text_is_opened(sandbox, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.pdf")
    path.write_bytes(samples.text_page())
    assert sandbox.info(path).pages == 1


def test_a_missing_file_is_not_blamed_on_the_pdf(sandbox, tmp_path):
    with pytest.raises(FileNotFoundError):
        sandbox.info(tmp_path / "nothing.pdf")


@pytest.mark.parametrize("number", [0, -1, 2, 10**12])
def test_a_page_that_is_not_there_is_unreadable(sandbox, file, number):
    with pytest.raises(Unreadable):
        sandbox.render(file(samples.text_page()), number, 100)
    assert sandbox.render(file(samples.text_page()), 1, 72).width == 612
