"""read_page over a scripted engine and a sandbox that serves one made-up page."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Decision, PageLayer, PageSource, PdfInfo, Raster, Recognition, Word
from clerk.ports import OcrEngine, PdfSandbox
from clerk.stages.ink import (
    Ink,
    cleared,
    deepened,
    in_front,
    ink,
    is_small_print,
    levelled,
    slope,
    unread_share,
    unshaded,
)
from clerk.stages.read import affordable, never, read_page, sorted_lines, unseen_lines
from tests.fuzz.samples import LINES, drawn

PAGE = Path("page.pdf")
GOOD = Recognition(text="The motion carried unanimously.", confidence=91.0)
NOISE = Recognition(text="ǝɥ┴ uoıʇoɯ pǝıɹɹɐɔ", confidence=34.0)
NOTHING = Recognition(text="", confidence=0.0)
SMALL = Recognition(text="The motlon carrled", confidence=55.0)


class OnePage:
    """A sandbox whose only page has one line, `ink` grey levels dark."""

    def __init__(self, layer: PageLayer | Exception, ink: int = 200) -> None:
        self.layer = layer
        self.ink = ink
        self.rendered: list[tuple[int, int]] = []

    def info(self, pdf):
        return PdfInfo(pages=1)

    def layers(self, pdf, first, last):
        yield self.layer

    def render(self, pdf, number, dpi, rotate=0):
        self.rendered.append((dpi, rotate))
        pixels = bytearray(b"\xff" * 10_000)
        pixels[5000:5100] = bytes([255 - self.ink]) * 100
        return Raster(width=100, height=100, dpi=dpi, pixels=bytes(pixels))

    def picture(self, pdf, number, into):
        into.write_bytes(b"")

    def close(self):
        pass


class Scripted:
    """An engine that gives its answers in turn and says how the page is turned."""

    version = "scripted 1"

    def __init__(
        self, *answers: Recognition | Exception, turn: int | Exception | None = None
    ) -> None:
        self.answers = list(answers)
        self.turn = turn
        self.line: list[int] = []

    def model(self, languages):
        return f"{languages}-made-up"

    def recognise(self, raster, languages, *, timeout):
        self.line.append(raster.pixels[5050])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def orientation(self, raster, *, timeout):
        if isinstance(self.turn, Exception):
            raise self.turn
        return self.turn


def layer(decision=Decision.OCR, reason="no text layer", text=""):
    return PageLayer(number=1, decision=decision, reason=reason, text=text)


def read(sandbox: PdfSandbox, engine: OcrEngine, **options):
    settings = {"dpi": 200, "languages": "eng", "timeout": 60.0} | options
    return read_page(sandbox, engine, PAGE, 1, **settings)


def test_a_good_scan_is_read_once():
    sandbox = OnePage(layer())
    reading = read(sandbox, Scripted(GOOD))

    assert reading.text == GOOD.text
    assert (reading.source, reading.confidence) == (PageSource.OCR, 91.0)
    assert reading.reason == "no text layer"
    assert reading.engine == "scripted 1 eng-made-up 200dpi r10"
    assert sandbox.rendered == [(200, 0)]


class ShowsNothing(OnePage):
    """A sandbox whose page draws nothing, as a picture on it is damaged."""

    def render(self, pdf, number, dpi, rotate=0):
        raise Unreadable("corrupt")


def test_where_the_page_shows_nothing_for_damage_its_layer_is_all_there_is():
    header = layer(reason="scan with a short text layer", text="Minutes of March 4")
    reading = read(ShowsNothing(header), Scripted())

    assert (reading.source, reading.text) == (PageSource.TEXT_LAYER, "Minutes of March 4")
    assert reading.reason == "scan with a short text layer: 0 lines added"
    with pytest.raises(Unreadable):
        read(ShowsNothing(layer()), Scripted())


class Lacks(OnePage):
    """A sandbox whose page has a picture that cannot be drawn."""

    def render(self, pdf, number, dpi, rotate=0):
        return replace(super().render(pdf, number, dpi), lacks=("and a picture is damaged",))


@pytest.mark.parametrize("reason", ["no text layer", "no text layer, and a picture is damaged"])
def test_what_the_raster_lacks_is_said_once(reason):
    reading = read(Lacks(layer()), Scripted(GOOD), layer_text="", reason=reason)
    assert reading.reason == "no text layer, and a picture is damaged"


def test_a_page_upside_down_is_turned_and_read_again():
    sandbox = OnePage(layer())
    reading = read(sandbox, Scripted(NOISE, GOOD, turn=180))

    assert reading.text == GOOD.text
    assert "turned 180 degrees" in reading.reason
    assert sandbox.rendered == [(200, 0), (200, 180)]
    assert "best look at 200 dpi, turned" in reading.reason


def test_small_print_is_read_again_more_finely():
    sandbox = OnePage(layer())
    reading = read(sandbox, Scripted(SMALL, GOOD, turn=0))

    assert reading.text == GOOD.text
    assert reading.reason.endswith("best look at 300 dpi")
    assert sandbox.rendered == [(200, 0), (300, 0)]


def test_a_page_of_middling_confidence_is_read_once_more_softer_but_not_turned():
    middling = Recognition(text="Tho motion carried unanimously.", confidence=84.0)
    sandbox = OnePage(layer())
    engine = Scripted(middling, GOOD, turn=180)
    reading = read(sandbox, engine)

    assert reading.text == GOOD.text
    assert sandbox.rendered == [(200, 0), (300, 0)]
    sharp, soft = engine.line
    assert 55 < sharp < soft  # each blur makes the line lighter


def test_the_better_of_two_weak_looks_is_kept():
    assert read(OnePage(layer()), Scripted(SMALL, NOISE, NOISE)).text == SMALL.text


def test_a_second_look_that_fails_leaves_the_first_and_is_told():
    slow = Unreadable("timeout")
    reading = read(OnePage(layer()), Scripted(SMALL, slow))

    assert reading.text == SMALL.text
    assert reading.reason.endswith("; second look cut short: timeout")
    assert reading.engine == "scripted 1 eng-made-up 200dpi r10, first look only"


def test_a_page_whose_orientation_cannot_be_guessed_gets_its_finer_look():
    engine = Scripted(SMALL, GOOD, turn=UnsupportedEngine("osd is missing", []))
    reading = read(OnePage(layer()), engine)

    assert reading.text == GOOD.text
    assert reading.reason.endswith("; orientation not known: no trained data (osd)")
    assert reading.engine == "scripted 1 eng-made-up 200dpi r10"


def test_a_weak_page_costs_at_most_three_more_recognitions():
    engine = Scripted(NOISE, NOISE, NOISE, NOISE, GOOD, turn=90)
    read(OnePage(layer()), engine)
    assert engine.answers == [GOOD]


def test_no_second_look_where_the_run_has_no_budget_for_it():
    sandbox = OnePage(layer())
    reading = read(sandbox, Scripted(NOISE, GOOD, turn=180), afford=never)

    assert sandbox.rendered == [(200, 0)]
    assert reading.text == NOISE.text
    assert "no second look" in reading.reason
    assert reading.engine == "scripted 1 eng-made-up 200dpi r10, first look only"


def test_the_run_is_asked_for_a_second_look_only_where_the_first_is_weak():
    asked: list[float] = []
    read(OnePage(layer()), Scripted(GOOD), afford=asked.append)
    assert asked == []


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 4))
def test_second_looks_end_when_the_share_and_the_free_seconds_are_spent(first, more, share):
    assert affordable(first, more, share) == (share > 0 and more < 30 + share * first)


def test_pixels_that_were_read_before_are_not_read_again():
    first = read(OnePage(layer()), Scripted(GOOD))
    again = read(OnePage(layer()), Scripted(), recall={first.raster: first}.get)

    assert (again.text, again.engine, again.confidence) == (first.text, first.engine, 91.0)
    assert (again.first_seconds, again.more_seconds) == (0.0, 0.0)


def test_other_pixels_are_read():
    known = read(OnePage(layer()), Scripted(GOOD))
    other = read(
        OnePage(layer(), ink=201), Scripted(SMALL, SMALL, SMALL), recall={known.raster: known}.get
    )
    assert other.text == SMALL.text


def test_pixels_that_are_known_from_elsewhere_keep_this_pages_own_reason():
    first = read(OnePage(layer()), Scripted(SMALL, GOOD))
    again = read(
        OnePage(layer()), Scripted(), recall={first.raster: first}.get, reason="garbled text layer"
    )
    assert first.reason == "no text layer; best look at 300 dpi"
    assert again.reason == "garbled text layer; best look at 300 dpi"


def test_pale_writing_is_read():
    sandbox = Drawn(layer(), ink=20)
    reading = read(sandbox, Scripted(lines_found(range(12))))
    assert (reading.source, reading.text.count("line")) == (PageSource.OCR, 12)


@pytest.mark.parametrize("turn", [None, 180])
def test_a_page_on_uneven_paper_is_looked_at_with_all_ink_made_black(turn):
    sandbox = Drawn(layer(), ink=20)
    nothing = Recognition(text="", confidence=0.0)
    reading = read(sandbox, Scripted(nothing, lines_found(range(12)), turn=turn))

    assert reading.text.count("line") == 12
    assert "pale ink made black" in reading.reason


def test_a_faded_page_that_the_run_cannot_afford_to_look_at_again_is_found_by_reread():
    nothing = Recognition(text="", confidence=0.0)
    reading = read(Drawn(layer(), ink=20), Scripted(nothing), afford=never)
    assert reading.source is PageSource.BLANK
    assert "no second look" in reading.reason
    assert reading.engine.endswith("first look only")


def test_a_back_side_that_shines_through_is_blank():
    sandbox = Drawn(layer(), ink=20)
    scrawl = page_of(SCRAWL, SCRAWL, confidence=20.0)
    mirrored = page_of(SCRAWL, [("tot", 61.0)], confidence=31.0)
    reading = read(sandbox, Scripted(scrawl, mirrored))

    assert (reading.source, reading.text) == (PageSource.BLANK, "")
    assert reading.reason == "blank page: pale marks, no words"
    assert reading.engine == "scripted 1 eng-made-up 200dpi r10"
    assert sandbox.rendered == [(200, 0)]


def test_a_blank_raster_is_not_given_to_the_engine():
    reading = read(OnePage(layer(), ink=0), Scripted())
    assert (reading.source, reading.text, reading.confidence) == (PageSource.BLANK, "", None)
    assert reading.engine == "pdfium 200dpi r10"


def test_a_good_layer_keeps_its_text_and_gains_what_the_picture_says():
    seen = "The regular meeting was held in the chamber."
    ocr = Recognition(text=f"{seen}\nRIVERSIDE PARK SITE PLAN\n", confidence=80.0)
    sandbox = OnePage(layer())
    reading = read(sandbox, Scripted(ocr), layer_text=seen, reason="beside a picture")

    assert reading.text == f"{seen}\n\nRIVERSIDE PARK SITE PLAN"
    assert reading.source is PageSource.TEXT_LAYER
    assert reading.reason == "beside a picture: 1 line added"
    assert sandbox.rendered == [(200, 0)]


def test_a_page_that_cannot_be_inspected_is_unreadable_with_its_reason():
    with pytest.raises(Unreadable) as caught:
        read(OnePage(Unreadable("encrypted")), Scripted(GOOD))
    assert caught.value.reason == "encrypted"


def test_an_engine_out_of_time_is_unreadable():
    with pytest.raises(Unreadable) as caught:
        read(OnePage(layer()), Scripted(Unreadable("timeout")))
    assert caught.value.reason == "timeout"


def test_no_time_left_is_a_timeout_before_the_engine_starts():
    with pytest.raises(Unreadable) as caught:
        read(OnePage(layer()), Scripted(GOOD), timeout=0.0)
    assert caught.value.reason == "timeout"


def test_text_of_the_engine_is_cleaned():
    hostile = Recognition(text="Motion\x1b[2J carried\0\ud800\r\n", confidence=90.0)
    assert read(OnePage(layer()), Scripted(hostile)).text == "Motion carried"


def page_of(*lines, confidence=80.0):
    """Lines of (word, confidence)."""
    scored = [
        Word(number, *word, box=(0, 0, 1, 1)) for number, line in enumerate(lines) for word in line
    ]
    text = "\n".join(" ".join(word for word, _ in line) for line in lines)
    return Recognition(text=text, confidence=confidence, words=tuple(scored))


MOTION = [("The", 96.0), ("motion", 91.0), ("carried.", 88.0)]
SCRAWL = [("Yack", 46.0), ("Melee", 5.0), ("Zh", 35.0), ("ob", 16.0)]


def test_a_signature_read_as_letters_is_left_out_and_told():
    reading = read(OnePage(layer()), Scripted(page_of(MOTION, SCRAWL, confidence=89.0)))

    assert reading.text == "The motion carried."
    assert "1 line left out as illegible" in reading.reason


def test_a_bad_line_with_a_legible_word_stays():
    half = [("sa", 19.0), ("aay", 19.0), ("of", 61.0), ("(fycgudst»", 0.0)]
    reading = read(OnePage(layer()), Scripted(page_of(MOTION, half, confidence=89.0)))
    assert reading.text == "The motion carried.\nsa aay of (fycgudst»"
    assert "illegible" not in reading.reason


def test_a_page_that_is_bad_all_over_keeps_what_there_is():
    page = page_of(SCRAWL, [*SCRAWL, ("motion", 70.0)], confidence=26.0)
    reading = read(OnePage(layer()), Scripted(page, page, page, turn=0))
    assert reading.text == page.text


def test_noise_without_any_legible_word_is_no_text():
    page = page_of(SCRAWL, SCRAWL, confidence=26.0)
    reading = read(OnePage(layer()), Scripted(page, page, page, turn=0))
    assert (reading.source, reading.text) == (PageSource.OCR, "")
    assert "2 lines left out as illegible" in reading.reason


WEAK_PAGE = page_of([("a7", 65.0)] * 12, confidence=40.0)
BACK = page_of([("carried", 95.0)] * 12, confidence=95.0)


@pytest.mark.parametrize(
    ("own", "source", "text"),
    [
        (page_of([("Exhibit", 95.0)], confidence=95.0), PageSource.OCR, "Exhibit"),
        (NOTHING, PageSource.BLANK, ""),
    ],
)
def test_a_page_read_better_in_a_mirror_has_only_what_is_darker_than_its_back_side(
    own, source, text
):
    looks = [WEAK_PAGE, WEAK_PAGE, BACK, own]
    reading = read(OnePage(layer()), Scripted(*looks, turn=0))
    assert (reading.source, reading.text) == (source, text)
    said = "without the back side" if text else "blank page: its back side shows, no words"
    assert said in reading.reason


def test_ink_in_front_of_the_back_side_is_all_that_stays():
    image = Image.new("L", (200, 100), 250)
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 40, 160, 60), fill=190)
    draw.rectangle((20, 40, 60, 44), fill=20)
    own = in_front(raster_of(image), [(39, 40, 80, 60)])
    left = Image.frombytes("L", (200, 100), own.pixels)
    assert left.getpixel((140, 50)) == 255
    assert left.getpixel((40, 42)) == 20


@pytest.mark.parametrize(
    ("claim", "found", "source", "text"),
    [
        ("Page 2 of 9", page_of([("6", 50.0), ("Jo", 50.0)]), PageSource.TEXT_LAYER, "Page 2 of 9"),
        ("Hello World", page_of([("HelloW", 92.0), ("orld", 92.0)], confidence=92.0),
         PageSource.TEXT_LAYER, "Hello World"),
        ("Wkh Flwb", page_of([("The", 95.0), ("City", 95.0)], confidence=95.0),
         PageSource.OCR, "The City"),
        ("Bates 0001", page_of([("Bates", 95.0), ("0001", 95.0)], [("carried", 95.0)] * 4,
         confidence=95.0), PageSource.OCR, None),
    ],
)  # fmt: skip
def test_a_few_words_of_a_layer_stand_unless_the_page_surely_shows_others(
    claim, found, source, text
):
    sandbox = OnePage(layer(reason="hardly any text layer", text=claim))
    reading = read(sandbox, Scripted(*[found] * 4, turn=0))
    assert (reading.source, reading.text) == (source, found.text if text is None else text)


def test_beside_a_layer_in_another_script_latin_noise_is_not_added():
    script = "Заседание городского совета"
    noise = page_of([("3ACE", 75.0), ("AAHME", 20.0), ("TOP", 15.0)], confidence=35.0)
    reading = read(OnePage(layer(text=script)), Scripted(noise))
    assert reading.text == script


@given(st.lists(st.lists(st.tuples(st.text("ab7", min_size=1), st.floats(0, 100)), max_size=3)))
def test_no_legible_word_is_left_out(lines):
    found = page_of(*lines)
    kept, noise = sorted_lines(found)
    assert len(kept) + noise == len(found.text.split("\n"))
    for line, text in zip(lines, found.text.split("\n"), strict=True) if lines else ():
        if any(len(word) > 1 and score >= 60 for word, score in line):
            assert text in kept


class Drawn(OnePage):
    """A sandbox whose only page has twelve lines of text."""

    image = drawn(LINES * 2)

    def render(self, pdf, number, dpi, rotate=0):
        super().render(pdf, number, dpi, rotate)
        width, height = self.image.size
        paled = self.image.point(lambda grey: 235 - (255 - grey) * self.ink // 235)
        return Raster(width=width, height=height, dpi=dpi, pixels=paled.tobytes())


def lines_found(numbers):
    """What an engine says that found these lines of Drawn, each as one word."""
    texts = [f"line{number}" for number in numbers]
    boxes = [(110, 125 + 45 * number, 1000, 155 + 45 * number) for number in numbers]
    found = zip(texts, boxes, strict=True)
    words = tuple(Word(line, text, 93.0, box) for line, (text, box) in enumerate(found))
    return Recognition(text="\n".join(texts), confidence=93.0, words=words)


def test_a_page_of_which_all_lines_were_found_is_read_once():
    engine = Scripted(lines_found(range(12)))
    assert read(Drawn(layer()), engine).text.count("line") == 12
    assert engine.answers == []


def test_a_page_of_which_lines_were_left_out_is_read_again_sharp():
    sandbox = Drawn(layer())
    engine = Scripted(lines_found([*range(4), *range(7, 12)]), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert sandbox.rendered == [(200, 0)]
    assert reading.reason.endswith("best look at 200 dpi, unsoftened")


def test_lines_left_out_do_not_pay_for_a_look_that_the_run_cannot_afford():
    engine = Scripted(lines_found(range(6)), lines_found(range(12)))
    reading = read(Drawn(layer()), engine, afford=never)
    assert reading.text.count("line") == 6
    assert "no second look" in reading.reason


def test_an_engine_that_does_not_tell_words_apart_leaves_nothing_unread():
    raster = Drawn(layer()).render(PAGE, 1, 200)
    assert unread_share(raster, GOOD) == 0.0
    assert unread_share(raster, lines_found(range(12))) < 0.05
    assert unread_share(raster, lines_found(range(6))) > 0.4


def test_a_share_is_never_above_one():
    image = Image.new("L", (1600, 1600), 255)
    for top in range(0, 1600, 16):
        image.paste(0, (0, top, 1600, top + 12))
    boxes = [(0, top, 800, top + 16) for top in range(0, 1600, 16)]
    words = tuple(Word(0, "bars", 90.0, box) for box in boxes)
    raster = Raster(width=1600, height=1600, dpi=200, pixels=image.tobytes())
    for pale in (True, False):
        found = Recognition(text="bars", confidence=90.0, words=words)
        assert 0 <= unread_share(raster, found, pale=pale) <= 1


def test_a_photograph_and_a_black_border_are_not_unread_text():
    image = drawn(LINES * 2)
    image.paste(0, (0, 0, 40, image.height))
    image.paste(60, (200, 800, 1000, 1500))
    raster = Raster(width=image.width, height=image.height, dpi=200, pixels=image.tobytes())
    assert unread_share(raster, lines_found(range(12))) < 0.1


def half_faded(faded: int) -> Image.Image:
    """Twelve lines, of which the last six are so many grey levels darker than the paper."""
    image = drawn(LINES * 2)
    middle = 120 + 6 * 45 - 8
    lower = image.crop((0, middle, image.width, image.height))
    image.paste(lower.point(lambda grey: 255 - (255 - grey) * faded // 235), (0, middle))
    return image


@pytest.mark.parametrize("faded", [45, 60, 75])
def test_faded_lines_below_dark_ones_are_looked_at_with_all_ink_made_black(faded):
    sandbox = Drawn(layer())
    sandbox.image = half_faded(faded)
    engine = Scripted(lines_found(range(6)), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert reading.reason.endswith("best look at 200 dpi, pale ink made black")
    assert sandbox.rendered == [(200, 0)]


def test_a_page_that_is_still_mostly_unread_is_looked_at_so_too():
    """Inside a black border grey letters are no pale ink, and paper to the engine all the same."""
    engine = Scripted(*(lines_found(range(count)) for count in (3, 4, 12)))
    reading = read(Drawn(layer()), engine)

    assert reading.text.count("line") == 12
    assert reading.reason.endswith("best look at 200 dpi, pale ink made black")


def test_ink_made_black_leaves_the_paper_white():
    image = half_faded(30)
    raster = Raster(width=image.width, height=image.height, dpi=200, pixels=image.tobytes())
    counts = Image.frombytes("L", image.size, deepened(raster).pixels).histogram()
    dark = sum(drawn(LINES * 2).histogram()[:100])
    assert sum(counts[:40]) > dark / 2
    assert counts[255] > 0.8 * sum(counts)


def test_a_page_in_which_nothing_was_found_is_unread_if_there_is_anything():
    nothing = Recognition(text="", confidence=0.0)
    assert unread_share(Drawn(layer()).render(PAGE, 1, 200), nothing) == 1.0
    empty = Raster(width=100, height=100, dpi=200, pixels=b"\xff" * 10_000)
    assert unread_share(empty, nothing) == 0.0


words = st.lists(st.text("abcde", min_size=3, max_size=5), min_size=1, max_size=4)


@given(st.lists(words.map(" ".join), max_size=8))
def test_a_layer_gains_nothing_from_its_own_lines(lines):
    text = "\n".join(lines)
    assert unseen_lines(text, text) == []


@given(st.lists(words.map(" ".join), max_size=8), st.lists(words.map(" ".join), max_size=8))
def test_added_lines_are_lines_of_the_ocr(known, found):
    assert set(unseen_lines("\n".join(known), "\n".join(found))) <= set(found)


@given(st.integers(0, 255), st.integers(0, 3))
def test_paper_of_any_grey_with_a_few_specks_is_blank(paper, specks):
    pixels = bytearray([paper]) * 20_000
    pixels[:specks] = bytes([255 - paper]) * specks
    assert ink(Raster(width=200, height=100, dpi=200, pixels=bytes(pixels))) is not Ink.PLAIN


def seen(image: Image.Image) -> Ink:
    return ink(Raster(width=image.width, height=image.height, dpi=200, pixels=image.tobytes()))


@pytest.mark.parametrize(("darker", "found"), [(120, Ink.PLAIN), (30, Ink.PALE), (20, Ink.PALE)])
def test_ink_is_told_from_paper_by_how_dark_it_is(darker, found):
    assert seen(drawn().point(lambda grey: 235 - (255 - grey) * darker // 235)) is found


@pytest.mark.parametrize("deviation", [0, 4, 8])
def test_a_scanners_noise_and_shadow_are_no_ink(deviation):
    noise = Image.effect_noise((1275, 1650), deviation)
    shadow = Image.linear_gradient("L").resize(noise.size).point(lambda grey: 90 + grey // 8)
    assert seen(ImageChops.add(noise, shadow, offset=-20)) is Ink.NONE


JAPANESE = "令和五年度 予算 案 について 審議 した"


def test_a_line_without_spaces_in_the_layer_is_known_however_the_engine_parts_it():
    layer_text = "第三回定例会\n" + JAPANESE.replace(" ", "")
    assert unseen_lines(layer_text, JAPANESE) == []
    assert unseen_lines(layer_text, "案 に つ い て") == []
    assert unseen_lines(layer_text, "公園 の 樹木 台帳") == ["公園 の 樹木 台帳"]


LAYER = """The Council met on March 4, 2019. The motion carried with five ayes.
Ortega and Whitfield and Pham and Drake were present. The total due is $48,213.77."""


@pytest.mark.parametrize(
    ("picture", "added"),
    [
        ("Ortega Y\nPham N", ["Ortega Y", "Pham N"]),  # a roll call of names that the text has, too
        ("5 - 2\n| - -", ["5 - 2"]),
        ("March 11", ["March 11"]),
        ("Motion carried", ["Motion carried"]),  # what the text says, said once more
        ("The Council\nThe Council", ["The Council", "The Council"]),
        ("ayes", []),  # short
        ("The total due is $48,218.77", []),  # misread
        ("Ortega and Pham", []),
    ],
)
def test_a_picture_beside_a_layer_says_what_the_layer_does_not(picture, added):
    assert unseen_lines(LAYER, f"{LAYER}\n{picture}") == added


def raster_of(image: Image.Image) -> Raster:
    return Raster(width=image.width, height=image.height, dpi=200, pixels=image.tobytes())


@pytest.mark.parametrize("turned", [-9, -5, -2, 2, 6])
def test_the_slope_of_a_page_is_found_and_taken_away(turned):
    image = drawn(LINES * 3).rotate(turned, fillcolor=255)
    assert slope(raster_of(image)) == pytest.approx(-turned, abs=0.5)
    assert slope(levelled(raster_of(image), -turned)) == 0.0


def test_a_level_page_and_one_without_lines_have_no_slope():
    assert slope(raster_of(drawn(LINES * 3))) == 0.0
    assert slope(raster_of(Image.new("L", (800, 1000), 255))) == 0.0


def test_a_page_whose_lines_slope_is_levelled_where_lines_were_lost():
    sandbox = Drawn(layer())
    sandbox.image = drawn(LINES * 2).rotate(-4, fillcolor=255)
    engine = Scripted(lines_found(range(3)), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert reading.reason.endswith("best look at 200 dpi, levelled by 4 degrees")
    assert sandbox.rendered == [(200, 0)]


def shaded(grey: int, mode: str = "L") -> Image.Image:
    """Twelve lines, of which the last six are on a band of this grey, or of dots that give it."""
    image = drawn(LINES * 2)
    middle, end = 120 + 6 * 45 - 8, 120 + 12 * 45
    lower = image.crop((0, middle, image.width, end))
    image.paste(ImageChops.darker(lower, Image.new("L", lower.size, grey)), (0, middle))
    return image.convert(mode).convert("L")


@pytest.mark.parametrize("mode", ["L", "1"], ids=["grey", "dots"])
@pytest.mark.parametrize("grey", [130, 170, 200])
def test_lines_on_shading_are_looked_at_without_it(grey, mode):
    sandbox = Drawn(layer())
    sandbox.image = shaded(grey, mode)
    engine = Scripted(lines_found(range(6)), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert reading.reason.endswith("best look at 200 dpi, shading made white")


@pytest.mark.parametrize("mode", ["L", "1"], ids=["grey", "dots"])
def test_shading_made_white_leaves_the_letters(mode):
    white = unshaded(raster_of(shaded(170, mode)), lost=False)
    assert white is not None
    plain = Image.frombytes("L", (white.width, white.height), white.pixels).histogram()
    letters = drawn(LINES * 2).histogram()
    assert sum(plain[:100]) == pytest.approx(sum(letters[:100]), rel=0.3)
    assert sum(plain[240:]) > 0.9 * sum(plain)


def test_a_page_of_letters_alone_has_no_shading():
    assert unshaded(raster_of(drawn(LINES * 3)), lost=False) is None
    assert unshaded(raster_of(drawn(LINES * 3).convert("1").convert("L")), lost=False) is None


def test_shaded_lines_that_were_read_take_no_other_look():
    sandbox = Drawn(layer())
    sandbox.image = shaded(170)
    assert "best look" not in read(sandbox, Scripted(lines_found(range(12)))).reason


def test_rows_of_several_greys_are_all_made_white():
    image = drawn(LINES * 2)
    for row, grey in enumerate([110, 200, 160]):
        box = (0, 120 + row * 90 - 8, image.width, 120 + row * 90 + 37)
        band = image.crop(box)
        image.paste(ImageChops.darker(band, Image.new("L", band.size, grey)), box[:2])
    white = unshaded(raster_of(image), lost=False)

    assert white is not None
    plain = Image.frombytes("L", (white.width, white.height), white.pixels).histogram()
    assert sum(plain[100:240]) < 0.05 * sum(plain)


def shadowed() -> Image.Image:
    """Twelve lines, the last two in a shadow from grey to white, so that no grey is common."""
    image = drawn(LINES * 2)
    box = (0, 120 + 10 * 45 - 8, image.width, 120 + 12 * 45)
    band = image.crop(box)
    shadow = (
        Image.linear_gradient("L").rotate(90).resize(band.size).point(lambda at: 60 + at * 3 // 4)
    )
    image.paste(ImageChops.multiply(band, shadow), box[:2])
    return image


def test_lines_in_shadows_of_many_greys_are_looked_at_without_them():
    sandbox = Drawn(layer())
    sandbox.image = shadowed()
    engine = Scripted(lines_found(range(10)), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert "shading made white" in reading.reason


def test_a_shaded_page_whose_lines_slope_is_levelled_too():
    sandbox = Drawn(layer())
    sandbox.image = shaded(170).rotate(-4, fillcolor=255)
    engine = Scripted(lines_found(range(6)), lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert reading.reason.endswith(
        "best look at 200 dpi, shading made white, levelled by 4 degrees"
    )


def test_a_page_whose_shadows_were_not_whitened_is_looked_at_with_all_ink_black():
    sandbox = Drawn(layer())
    sandbox.image = shadowed()
    engine = Scripted(*[lines_found(range(9))] * 2, lines_found(range(12)))
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert "pale ink made black" in reading.reason


def shining_through(level: int = 60) -> Image.Image:
    """Twelve lines, and more than as much of a back side, so many grey levels dark."""
    image = drawn(LINES * 2)
    back = drawn([line + line for line in LINES] * 6).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return ImageChops.darker(image, back.point(lambda grey: 255 - (255 - grey) * level // 235))


def test_the_back_side_that_shines_through_writing_is_made_white():
    sandbox = Drawn(layer())
    sandbox.image = shining_through()
    weak = replace(lines_found(range(12)), confidence=70.0)
    reading = read(sandbox, Scripted(weak, lines_found(range(12)), weak))

    assert reading.reason.endswith("best look at 200 dpi, pale marks made white")
    assert sandbox.rendered == [(200, 0)]


def test_pale_marks_beside_a_shadow_do_not_outweigh_lines_that_were_read():
    image = drawn(LINES * 2)
    back = drawn([line + line for line in LINES] * 2).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pale = back.point(lambda grey: 255 - (255 - grey) * 40 // 235).crop((0, 100, 1275, 400))
    for top in (900, 1200):
        image.paste(pale, (0, top))
    gutter = Image.linear_gradient("L").rotate(90).resize((120, 1650))
    dark = gutter.point(lambda grey: 110 + grey // 2)
    image.paste(ImageChops.multiply(image.crop((0, 0, 120, 1650)), dark), (0, 0))
    sandbox = Drawn(layer())
    sandbox.image = image
    engine = Scripted(lines_found(range(12)), *[lines_found(range(9))] * 2)

    assert read(sandbox, engine).text.count("line") == 12


def test_letters_stay_as_they_are_where_pale_marks_are_made_white():
    clear = cleared(raster_of(shining_through()))
    assert clear is not None
    plain = Image.frombytes("L", (clear.width, clear.height), clear.pixels)
    letters = drawn(LINES * 2)
    assert sum(plain.histogram()[:128]) == sum(letters.histogram()[:128])
    assert cleared(raster_of(letters)) is None


def small_print() -> Recognition:
    """Twelve sure words of ten letters, 7 pixels each."""
    words = [
        Word(row, "resolution", 93.0, (110, 125 + 45 * row, 180, 155 + 45 * row))
        for row in range(12)
    ]
    text = "\n".join(word.text for word in words)
    return Recognition(text=text, confidence=93.0, words=tuple(words))


def test_small_print_is_read_again_more_finely_and_sharp():
    engine = Scripted(small_print(), lines_found(range(12)))
    sandbox = Drawn(layer())
    reading = read(sandbox, engine)

    assert reading.text.count("line") == 12
    assert sandbox.rendered == [(200, 0), (300, 0)]
    assert is_small_print(small_print(), 200)
    assert not is_small_print(small_print(), 100)
    assert not is_small_print(NOTHING, 200)


def test_holes_and_a_black_border_alone_are_a_blank_page():
    image = Image.new("L", (1275, 1650), 255)
    image.paste(0, (0, 0, 90, 1650))
    ImageDraw.Draw(image).ellipse((140, 300, 180, 340), fill=0)
    sandbox = Drawn(layer())
    sandbox.image = image
    reading = read(sandbox, Scripted(*[NOTHING] * 3))

    assert (reading.source, reading.text) == (PageSource.BLANK, "")
    assert reading.reason == "blank page: marks, no words"


def test_a_good_layer_stays_where_the_engine_finds_no_word():
    text = "Городской совет утвердил бюджет"
    reading = read(OnePage(layer(Decision.OCR, text=text)), Scripted(NOTHING))

    assert (reading.source, reading.text) == (PageSource.TEXT_LAYER, text)


def test_ruled_lines_are_no_unread_writing():
    image = drawn(LINES)
    for row in range(12):
        ImageDraw.Draw(image).line((100, 700 + row * 40, 1100, 700 + row * 40), fill=0, width=4)

    assert unread_share(raster_of(image), lines_found(range(len(LINES)))) == 0.0


def test_writing_that_gave_no_words_is_told():
    sandbox = Drawn(layer())
    sandbox.image = drawn(LINES * 2)
    reading = read(sandbox, Scripted(lines_found(range(6)), lines_found(range(6))))

    assert reading.unread
    assert f"{reading.unread:.0f}% of what looks like writing gave no words" in reading.reason
