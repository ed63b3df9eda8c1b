"""Names and offices as minutes of many towns print them, and people known by a part of theirs."""

import pytest

from tests.minutes import extract


def names(text: str) -> list[str]:
    return [person.name for person in extract(text).people]


def movers(text: str) -> list[tuple[str | None, str | None]]:
    return [(motion.mover, motion.seconder) for motion in extract(text).motions]


def test_an_initial_that_is_also_a_word_belongs_to_the_name():
    text = "Present: Jill A. Lawler, Carl I. Cook, D. A. Dunn and Bo Roe\n"
    assert names(text) == ["Jill A. Lawler", "Carl I. Cook", "D. A. Dunn", "Bo Roe"]


@pytest.mark.parametrize(
    "text",
    [
        "Moved by A. Adams, seconded by Betty A. Brown, to rest. Carried.",
        "Councilor A. Adams moved to rest. Betty A. Brown seconded. Carried.",
    ],
)
def test_an_initial_that_is_also_a_word_is_read_in_motions(text):
    assert movers(text) == [("A. Adams", "Betty A. Brown")]


def test_a_letter_before_an_item_is_no_initial():
    text = "NEW BUSINESS\nA. Baker moved to rest. Seconded by Cook. A. Approval of Bills\nCarried."
    assert movers(text) == [("Baker", "Cook")]


def test_an_office_that_ends_a_sentence_is_nobodys_behind_it():
    (motion,) = extract(
        "Commissioner Adams moved to name Mr. Brown as Chair. Commissioner Dunn seconded. Carried."
    ).motions
    assert (motion.text, motion.seconder) == ("name Mr. Brown as Chair", "Dunn")


@pytest.mark.parametrize("office", ["Committeeman", "Committeewoman", "Assemblymember", "Supv."])
def test_offices_of_other_bodies_are_no_part_of_the_name(office):
    text = f"ROLL CALL: {office} Adams, {office} Brown\nMoved by {office} Adams to rest. Carried."
    assert names(text) == ["Adams", "Brown"]
    assert movers(text) == [("Adams", None)]


def test_a_given_name_alone_is_the_one_member_who_is_called_so():
    found = extract(
        "Members present: Edee Roe, Zon Long.\nEdee moved to rest, Zon seconded. Carried.\n"
    )
    assert [person.name for person in found.people] == ["Edee Roe", "Zon Long"]
    assert [(m.mover, m.seconder) for m in found.motions] == [("Edee Roe", "Zon Long")]


@pytest.mark.parametrize(
    ("text", "mover"),
    [
        ("Members present: Bob Roe, Bob Long.\nBob moved to rest. Carried.\n", None),
        ("Members present: Thomas Roe, Al Long.\nMr. Thomas moved to rest. Carried.\n", "Thomas"),
        ("Present: Al Long\nGuests: Tom Doe.\nTom moved to rest. Carried.\n", "Tom"),
    ],
)
def test_a_given_name_of_two_or_behind_an_office_or_of_a_guest_is_no_members(text, mover):
    assert movers(text) == [(mover, None)]
