"""Minutes of parishes, counties, districts, tribes and schools: who is named, and what they are."""

import pytest

from tests.minutes import extract


def people(text: str) -> dict[str, str | None]:
    return {person.name: person.role for person in extract(text).people}


def attendance(text: str) -> dict[str, str]:
    return {item.name: item.status for item in extract(text).attendance}


INITIALS = {
    "Present: Cllr J Edge, Cllr A Hill and Cllr C Lamb.": ["J Edge", "A Hill", "C Lamb"],
    "Present: Cllrs J Edge, A Hill and I Reed.": ["J Edge", "A Hill", "I Reed"],
    "COUNCILLORS PRESENT:\nC. Amor\nI. Reed\nA.M. Hill\nA. Eastman\n": [
        "C. Amor", "I. Reed", "A.M. Hill", "A. Eastman",
    ],
    'Present: James "Jim" Bond, R. D. "Mick" Hay, Ray \'Skip\' Moon.': [
        'James "Jim" Bond', 'R. D. "Mick" Hay', "Ray 'Skip' Moon",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), INITIALS.items())
def test_initials_that_could_be_articles_and_what_people_are_called_are_parts_of_names(
    text, expected
):
    assert list(attendance(text)) == expected


@pytest.mark.parametrize(
    "made",
    [
        "MOVED BY COUNCILLOR A. EASTMAN that we rest.\nCARRIED",
        "Moved by Cllr A Eastman, seconded by Cllr B Low, to rest. Carried.",
        "Cllr A Eastman moved to rest. Cllr B Low seconded. Carried.",
    ],
)
def test_an_initial_a_behind_an_office_is_the_movers(made):
    (motion,) = extract(made).motions
    assert motion.mover is not None
    assert motion.mover.casefold().replace(".", "") == "a eastman"


def test_what_somebody_is_called_names_them():
    found = extract(
        'Present: James "Jim" Bond, R. D. "Mick" Hay, Al Fox.\n'
        "Motion by Jim to rest, seconded by Mick Hay. Carried.\n"
    )
    assert [person.name for person in found.people] == [
        'James "Jim" Bond', 'R. D. "Mick" Hay', "Al Fox",
    ]  # fmt: skip
    (motion,) = found.motions
    assert (motion.mover, motion.seconder) == ('James "Jim" Bond', 'R. D. "Mick" Hay')


def test_a_heading_in_capitals_before_a_mover_is_no_name():
    found = extract("Present: Rey Leo, Val Gray.\nMINUTES APPROVE Rey Leo moved, Val Gray seconded")
    assert [person.name for person in found.people] == ["Rey Leo", "Val Gray"]


OFFICES = {
    "MEMBERS PRESENT:\n- Councillor Baker,\n- Councillor Bree.\n": {
        "Baker": "Councillor", "Bree": "Councillor",
    },
    "Present: Cllr Mrs T Mann, Cllr P Low. Also present: Mrs C Hardy (Clerk), 16 members of the "
    "public.": {"T Mann": "Cllr", "P Low": "Cllr", "C Hardy": "Clerk"},
    "OFFICIALS IN ATTENDANCE:\nMr H. Kern, County Manager\nMs O. Camp, Clerical Officer\n": {
        "H. Kern": "County Manager", "O. Camp": "Clerical Officer",
    },
    "Staff Present: General Manager Mark Watt, Asst. GM Administration\nand Finance Gus Alva, "
    "Asst. GM Engineering and\nWater Operations Manny Maga, General Counsel Yuri Cald": {
        "Mark Watt": "General Manager", "Gus Alva": None, "Manny Maga": None,
        "Yuri Cald": "General Counsel",
    },
    "Also Attending: W. Doug Cask, County Administrator\n"
    "E. Wayne Roundtree, P.E., Assistant County Administrator\nCary Storm, Recording Secretary\n": {
        "W. Doug Cask": "County Administrator",
        "E. Wayne Roundtree": "Assistant County Administrator",
        "Cary Storm": "Recording Secretary",
    },
    "Present were: Roy Glove, District Six; Ann Bron, District Ten; Sue May, District Eleven.": {
        "Roy Glove": "District Six", "Ann Bron": "District Ten", "Sue May": "District Eleven",
    },
    "Members Present (2)\nToni Bean District A\nJim Tyne District B\nMembers Absent (0)\n\n": {
        "Toni Bean": "District A", "Jim Tyne": "District B",
    },
    "PRESENT: AL PAYNE, COMMISSIONER, PRECINCT #1 JIM CLAW, COMMISSIONER, PRECINCT #2": {
        "AL PAYNE": "COMMISSIONER", "JIM CLAW": "COMMISSIONER",
    },
    "Al Sole / Mayor\nWade Hand / Deputy Mayor\nWendy Wild / CAO\nCarol Fost / Office Manager\n"
    "Mayor Sole called to order.": {"Sole": "Mayor"},
    "PLEDGE ALLEGIANCE Judge Will convened the court.": {"Will": "Judge"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), OFFICES.items())
def test_an_office_is_that_of_the_name_it_belongs_to(text, expected):
    assert people(text) == expected


CAME = {
    "Present: Cllr J Edge, Cllr B Hill.\nIn attendance: County Cllr Di Harp, Tracy Knight.\n": (
        {"J Edge": "present", "B Hill": "present"}
    ),
    "Members Present\nCouncillors Al Bone, Bo Shell.\nOfficials in Attendance\n"
    "Directors: Ken Stew, Ted Dunn.\nApologies\nCouncillors Cy Bobb, Di Farr\n": {
        "Al Bone": "present", "Bo Shell": "present", "Cy Bobb": "absent", "Di Farr": "absent",
    },
    "Present: Cllr J Edge.\nApologies for absence were received from Cllr Purvis.\n": {
        "J Edge": "present", "Purvis": "absent",
    },
    "Present: Cllr J Edge.\nApologies: Sgt Bo Law, Ann Lee\n": {"J Edge": "present"},
    "COUNCILLORS PRESENT: C. Amor\nOTHERS IN   S. Stan, Brook Bulletin\n"
    "ATTENDANCE: C. Lind, Brook & County Chronicle\n": {"C. Amor": "present"},
    "Present: Mayor Gill, Trustees Bors and Donn, Chief Boyce, Treasurer Silb, Attorney Marc, "
    "Clerk Mann\n": {"Gill": "present", "Bors": "present", "Donn": "present"},
    "Selectman Ann Dre was present. The hearing opened. John Vack was present. He had a card.": {
        "Ann Dre": "present",
    },
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CAME.items())
def test_officials_guests_and_who_is_heard_are_no_members_who_came(text, expected):
    assert attendance(text) == expected


def test_a_guest_need_not_be_the_member_of_that_surname():
    found = people(
        "Present: Mayor Gill, Trustees Bors and Donn.\nOthers: Linda Bors, Jenny Stein\n"
    )
    assert found == {"Gill": "Mayor", "Bors": "Trustee", "Donn": "Trustee", "Jenny Stein": None}
