"""The text layer's rule: facts in, decision and reason out."""

import dataclasses
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.adapters import pdf_child, text_layer
from clerk.adapters.text_layer import LayerFacts, decide
from clerk.model import Decision

GOOD = LayerFacts(
    text="The council approved the budget for the coming year. " * 20,
    unmapped=0.0,
    invisible=0.0,
    cover=0.0,
    segments=0,
    ink=1.0,
)
HIDDEN = {"invisible": 0.8}
PROSE = "Commissioners heard residents on water rates, then continued the hearing. " * 20
SHIFTED = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[3:] + "abc")
CIPHER = (GOOD.text + PROSE).translate(SHIFTED)
SHORT = {"text": "Received by the clerk, 3 March 2020"}


@pytest.mark.parametrize(
    ("change", "decision", "reason"),
    [
        ({}, Decision.TEXT, "good text layer"),
        ({"text": ""}, Decision.OCR, "no text layer"),
        ({"text": "- 3 -"}, Decision.OCR, "hardly any text layer"),
        ({"text": "", "ink": 0.0}, Decision.BLANK, "blank page"),
        ({"text": "- * -", "ink": 0.0}, Decision.BLANK, "blank page"),
        ({"text": "Exhibit A", "ink": 0.0}, Decision.TEXT, "few words and nothing else"),
        ({"text": "\x01\x02\ue000\ufffdab" * 20}, Decision.OCR, "garbled text layer"),
        ({"unmapped": 0.5}, Decision.OCR, "font without letters"),
        ({"text": "%&/()=#'+~ " * 30}, Decision.OCR, "text layer without words"),
        ({"text": CIPHER}, Decision.OCR, "text layer of letters that make no words"),
        ({"text": "Mr. XXXXXXXX, born XXXX, of XXXXX. " * 20}, Decision.TEXT, "good text layer"),
        ({"text": "Exhibit A", "ink": 0.0, "invisible": 1.0}, Decision.BLANK, "blank page"),
        ({"unmapped": 0.01}, Decision.OCR, "text layer beside a font without letters"),
        (HIDDEN | {"cover": 1.0}, Decision.OCR, "old invisible text over a scan"),
        (HIDDEN, Decision.TEXT, "good text layer"),
        (HIDDEN | {"cover": 0.4}, Decision.OCR, "text layer beside a large picture"),
        ({"invisible": 1.0, "cover": 0.4}, Decision.OCR, "old invisible text over a scan"),
        ({"invisible": 1.0}, Decision.OCR, "invisible text"),
        (SHORT | {"cover": 0.9}, Decision.OCR, "scan with a short text layer"),
        (SHORT | {"cover": 0.2}, Decision.OCR, "picture with a caption"),
        (SHORT | {"segments": 4_000}, Decision.OCR, "text layer beside a drawing"),
        (SHORT | {"segments": 400}, Decision.TEXT, "good text layer"),
        ({"segments": 90_000}, Decision.TEXT, "good text layer"),
    ],
)  # fmt: skip
def test_the_rule(change, decision, reason):
    assert decide(dataclasses.replace(GOOD, **change))[:2] == (decision, reason)


def test_a_page_of_contents_with_dot_leaders_is_text():
    contents = "\n".join(f"Item {n} {'.' * 70} {n}" for n in range(1, 40))
    assert decide(dataclasses.replace(GOOD, text=contents))[0] is Decision.TEXT


def test_line_end_hyphens_of_pdfium_are_no_garbage():
    text = "reso\ufffelution or\ufffedinance mo\ufffetion " * 10
    assert decide(dataclasses.replace(GOOD, text=text))[0] is Decision.TEXT


@pytest.mark.parametrize(
    "sentence",
    [
        "Городской совет утвердил бюджет на следующий год. ",
        "Cynhaliwyd cyfarfod o Gyngor Tref y Bala nos Fawrth yn y Neuadd; bydd ymgynghoriad. ",
        "Trg bana, crkva, smrt, brzo, prvi, tvrtka i hrvatski vrhovni sud; sjednica vijeca. ",
    ],
    ids=["Russian", "Welsh", "Croatian"],
)
def test_a_layer_in_another_language_is_no_cipher(sentence):
    assert decide(dataclasses.replace(GOOD, text=sentence * 20))[0] is Decision.TEXT


RUSSIAN = {"text": "Городской совет утвердил"}


@pytest.mark.parametrize(
    ("change", "decision", "kept"),
    [
        (RUSSIAN | {"beside": 0.0}, Decision.TEXT, True),
        (RUSSIAN, Decision.OCR, True),
        (RUSSIAN | {"cover": 1.0}, Decision.OCR, True),
        (RUSSIAN | {"cover": 1.0, "invisible": 1.0}, Decision.OCR, False),
        (RUSSIAN | {"text": RUSSIAN["text"] * 3, "cover": 0.9}, Decision.OCR, True),
        (RUSSIAN | {"text": "Exhibit", "beside": 0.0}, Decision.OCR, True),
        (RUSSIAN | {"text": "Exhibit", "invisible": 1.0}, Decision.OCR, False),
        (RUSSIAN | {"text": "Ϯϲ ϭϬ͕ϮϬϮϭ", "beside": 0.0}, Decision.OCR, False),
    ],
)
def test_a_short_layer_is_kept_for_ocr_to_bear_out_or_fail_at(change, decision, kept):
    found, _, keep = decide(dataclasses.replace(GOOD, **change))
    assert (found, keep) == (decision, kept)


def test_only_a_good_layer_beside_a_picture_is_kept_for_merging():
    decision, reason, keep = decide(dataclasses.replace(GOOD, cover=0.4))
    assert (decision, keep) == (Decision.OCR, True)
    assert reason == "text layer beside a large picture"
    assert decide(dataclasses.replace(GOOD, unmapped=0.5, cover=0.4))[2] is False


@given(
    text=st.text(st.characters(categories=None)),
    unmapped=st.floats(0, 1),
    invisible=st.floats(0, 1),
    cover=st.floats(0, 1),
    segments=st.integers(0, 100_000),
    ink=st.floats(0, 1),
)
def test_every_page_gets_a_decision_with_a_reason(**facts):
    decision, reason, _ = decide(LayerFacts(**facts))
    assert reason
    if decision is Decision.BLANK:
        assert facts["ink"] < text_layer.BLANK_INK


def test_the_child_measures_ink_by_the_rules_own_numbers():
    assert pdf_child.FEW_CHARACTERS == text_layer.FEW_CHARACTERS
    assert pdf_child.BLANK_INK == text_layer.BLANK_INK
    assert pdf_child.SHORT_CHARACTERS == text_layer.DRAWN_CHARACTERS
