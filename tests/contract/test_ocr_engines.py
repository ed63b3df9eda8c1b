"""Every OCR engine that works on this machine, over rasters of our own making."""

import sys

import pytest
from PIL import Image

from clerk.adapters.plugins import load_engine
from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Raster
from tests.fuzz.samples import LINES, drawn
from tests.servers import in_ci

ENGINES = ["tesserocr", "pytesseract", *(["vision"] if sys.platform == "darwin" else [])]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    try:
        return load_engine(request.param)
    except UnsupportedEngine as error:
        # Its wheel is a dependency of ours; the others need what a machine may not have.
        if request.param == "tesserocr" and in_ci():
            raise
        pytest.skip(str(error))


def raster(image: Image.Image) -> Raster:
    return Raster(width=image.width, height=image.height, dpi=150, pixels=image.tobytes())


# Four copies: telling the orientation takes more text than a few lines.
PAGE = drawn(LINES * 4)


def words(text):
    return [word.strip(".,").lower() for word in text.split()]


def test_text_is_recognised_with_a_high_confidence(engine):
    found = engine.recognise(raster(PAGE), "eng", timeout=60)
    expected = words(" ".join(LINES * 4))
    assert sum(word in words(found.text) for word in expected) >= 0.95 * len(expected)
    assert 80 <= found.confidence <= 100


def test_every_word_stands_in_the_line_that_it_names(engine):
    if engine.version.startswith("vision"):
        pytest.skip("Vision does not tell words apart")
    found = engine.recognise(raster(PAGE), "eng", timeout=60)
    lines = found.text.split("\n")
    said = [[word.text for word in found.words if word.line == line] for line in range(len(lines))]
    assert [" ".join(line) for line in said] == lines
    assert sum(map(len, said)) > 50


def test_a_ruled_line_is_no_word(engine):
    sheet = drawn(LINES)
    sheet.paste(0, (60, sheet.height - 200, sheet.width - 60, sheet.height - 196))
    found = engine.recognise(raster(sheet), "eng", timeout=60)
    assert all(line == "" or line.strip() for line in found.text.split("\n"))
    assert all(word.text.strip() for word in found.words)


def test_two_rasters_do_not_mix(engine):
    one, two = drawn(["The budget was approved today."]), drawn(["Nobody spoke against it."])
    first = engine.recognise(raster(one), "eng", timeout=60).text
    engine.recognise(raster(two), "eng", timeout=60)
    assert engine.recognise(raster(one), "eng", timeout=60).text == first


def test_paper_gives_no_words_and_no_confidence(engine):
    found = engine.recognise(raster(Image.new("L", (400, 500), 255)), "eng", timeout=60)
    assert (found.text.strip(), found.confidence) == ("", 0.0)


def test_one_pixel_is_survived(engine):
    found = engine.recognise(raster(Image.new("L", (1, 1), 0)), "eng", timeout=60)
    assert found.text.strip() == ""


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_orientation_tells_how_to_turn_a_page_upright(engine, turned):
    clockwise = PAGE.rotate(-turned, expand=True)
    if engine.version.startswith("vision"):
        pytest.skip("Vision turns pages by itself")
    assert engine.orientation(raster(clockwise), timeout=60) == 360 - turned


def test_a_deadline_ends_the_page_and_not_the_engine(engine):
    if engine.version.startswith("vision"):
        pytest.skip("Vision has no deadline")
    with pytest.raises(Unreadable) as caught:
        engine.recognise(raster(PAGE), "eng", timeout=0.01)
    assert caught.value.reason == "timeout"
    with pytest.raises(Unreadable) as caught:
        engine.orientation(raster(PAGE), timeout=0.01)
    assert caught.value.reason == "timeout"
    assert "budget" in engine.recognise(raster(PAGE), "eng", timeout=60).text


def test_missing_trained_data_is_named(engine):
    if engine.version.startswith("vision"):
        pytest.skip("Vision brings its own")
    with pytest.raises(UnsupportedEngine, match=r"tlh\.traineddata"):
        engine.recognise(raster(PAGE), "tlh", timeout=60)


def test_the_model_is_named_by_its_content_and_missing_data_by_its_file(engine):
    assert engine.model("eng").startswith("eng")
    with pytest.raises(UnsupportedEngine, match="tlh"):
        engine.model("eng+tlh")


def test_the_version_names_the_engine(engine):
    assert any(character.isdigit() for character in engine.version)
