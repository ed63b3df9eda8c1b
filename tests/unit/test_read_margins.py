"""Headers and footers that stand upright around a table on its side."""

import pytest

from clerk.model import Recognition, Word
from clerk.stages.margins import Seen, with_margins

WIDTH, HEIGHT = 1000, 1400
HEADER, FOOTER = "Adopted Budget", "Page 41"
HEADER_BOX, FOOTER_BOX = (300, 60, 560, 90), (400, 1340, 520, 1370)
BODY_BOX = (400, 500, 430, 900)  # upright: a row that runs up the page


def line(number: int, said: str, box: tuple[int, int, int, int], confidence: float) -> list[Word]:
    left, top, right, bottom = box
    words = said.split()
    step = (right - left) // len(words)
    return [
        Word(number, word, confidence, (left + at * step, top, left + (at + 1) * step, bottom))
        for at, word in enumerate(words)
    ]


def seen(width: int, height: int, *lines: tuple[str, tuple[int, int, int, int], float]) -> Seen:
    """The lines of one look, with a blank one after each."""
    words = [word for at, each in enumerate(lines) for word in line(2 * at, *each)]
    text = "\n\n".join(said for said, _, _ in lines)
    mean = sum(word.confidence for word in words) / len(words)
    return Seen(Recognition(text=text, confidence=mean, words=tuple(words)), width, height)


def turned_box(box: tuple[int, int, int, int], turn: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    if turn == 90:
        return HEIGHT - bottom, left, HEIGHT - top, right
    return top, WIDTH - right, bottom, WIDTH - left


@pytest.mark.parametrize("turn", [90, 270])
def test_the_header_and_footer_of_a_table_on_its_side_are_those_of_the_upright_look(turn):
    upright = seen(
        WIDTH,
        HEIGHT,
        (HEADER, HEADER_BOX, 95.0),
        ("JO eHeg", BODY_BOX, 31.0),
        (FOOTER, FOOTER_BOX, 92.0),
    )
    turned = seen(
        HEIGHT,
        WIDTH,
        ("ja6png poydope", turned_box(HEADER_BOX, turn), 40.0),
        ("Police 48,213 51,900", turned_box(BODY_BOX, turn), 96.0),
        ("Ly abed", turned_box(FOOTER_BOX, turn), 35.0),
    )
    found, lines = with_margins(upright, turned, turn)
    assert found.text.split("\n") == [HEADER, "", "Police 48,213 51,900", "", FOOTER]
    assert {word.line for word in found.words} == {0, 2, 4}
    assert lines == 2
    assert found.confidence > turned.recognition.confidence


@pytest.mark.parametrize(
    ("said", "confidence", "turn"),
    [(HEADER, 95.0, 180), (HEADER, 70.0, 90), ("Budget", 95.0, 90), ("a b c", 95.0, 90)],
    ids=["upside down", "unsure", "one word", "specks"],
)
def test_what_is_not_surely_upright_stays_out(said, confidence, turn):
    upright = seen(WIDTH, HEIGHT, (said, HEADER_BOX, confidence))
    turned = seen(HEIGHT, WIDTH, ("Police 48,213", (400, 500, 800, 530), 96.0))
    assert with_margins(upright, turned, turn) == (turned.recognition, 0)
