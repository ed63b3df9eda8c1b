"""Who is a person of the meeting, and who only speaks, in layouts nobody wrote a rule for."""

import pytest

from tests.minutes import extract


@pytest.mark.parametrize("leader", [" . . . . . . . . . . ", "................. ", "          "])
def test_offices_and_names_in_two_columns_of_indented_lines_belong_together(leader):
    rows = (("Mayor", "Ida Roe"), ("Council Member", "Bo Doe"), ("City Recorder", "Cy Poe"))
    lines = "".join(f"      {office}{leader}{name}\n" for office, name in rows)
    found = extract(f"Those present were:\n{lines}\nThe meeting began.\n")
    assert [(who.name, who.role) for who in found.people] == [
        ("Ida Roe", "Mayor"),
        ("Bo Doe", "Council Member"),
        ("Cy Poe", "City Recorder"),
    ]
    assert [item.name for item in found.attendance] == ["Ida Roe", "Bo Doe"]


@pytest.mark.parametrize(
    "text",
    [
        "The hearing was opened. Pat Lee said that the road is bad.",
        "Pat Lee addressed the board on the road.",
        "Pat Lee, resident of Oak Street, spoke.",
        "Pat Lee, South Oz Resident\n",
    ],
)
def test_who_speaks_is_a_person_and_no_member(text):
    found = extract(text)
    assert [who.name for who in found.people] == ["Pat Lee"]
    assert found.attendance == []


@pytest.mark.parametrize(
    "text",
    [
        "The Planning Commission said that the road is bad.",
        "Former Councilmember Lee said that the road is bad.",
        "Oak Market said that it will close.",
    ],
)
def test_bodies_and_firms_that_speak_are_no_people(text):
    assert all(" " not in who.name for who in extract(text).people)


def test_a_speaker_is_not_taken_for_a_member_of_the_same_surname():
    text = (
        "Present: Brown, Roe\n\nSharon Brown said that the road is bad.\n\n"
        "Motion by Brown, second by Roe, to adjourn. Motion carried.\n"
    )
    found = extract(text)
    assert [motion.mover for motion in found.motions] == ["Brown"]
    assert [item.name for item in found.attendance] == ["Brown", "Roe"]


@pytest.mark.parametrize("words", ["Clerk Webinars", "State Auditor Financial System", "Legal"])
def test_things_behind_an_office_are_no_people(words):
    assert extract(f"The board spoke of {words} at length.").people == []
