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
    "MEMBERS PRESENT: Chairman Al Grau; Vice-Chairman Ann E. Burt; Supervisor Bo Lind\n": {
        "Al Grau": "present", "Ann E. Burt": "present", "Bo Lind": "present",
    },
    "The board convened at 9 with Commissioners Al Froe, Chair; Bo Lind, Vice-Chair; and Lee Ross "
    "present.": {"Al Froe": "present", "Bo Lind": "present", "Lee Ross": "present"},
    "Chair Roe called to order with Al Froe, Bo Lind present. Town Clerk, Lee Ross was there.": {
        "Al Froe": "present", "Bo Lind": "present",
    },
    "Present: Bo Lind\nAbsentee: Brad Mark\nVisitors: none\n": {
        "Bo Lind": "present", "Brad Mark": "absent",
    },
    "Roll call was as follows, Commissioner Meyer answered present and Chair Zell answered "
    "present.": {"Meyer": "present", "Zell": "present"},
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


MOVED = {
    "Cllr Laura Wills proposed that Cllr Cain be Chairman and Cllr Rick Wade seconded it.": (
        "Laura Wills", "Rick Wade", "Cllr Cain be Chairman", None,
    ),
    "Cllr Mike Cain proposed and Cllr Jo Wills seconded that the hall be let. Carried.": (
        "Mike Cain", "Jo Wills", "hall be let", "passed",
    ),
    "ROADS\nProposed by Councillor M. Lyons\nSeconded by Councillor P. Barry\nAND AGREED\n": (
        "M. Lyons", "P. Barry", "ROADS", "passed",
    ),
    "Upon motion by Selectman Spat and seconded by Selectman Drew, the Board\n\n"
    "     VOTED:  To approve the Minutes of June 26.\n\nUnanimous Vote.\n": (
        "Spat", "Drew", "approve the Minutes of June 26", "passed",
    ),
    "Apologies\nCouncillors Bobb and Farr\n1.0 Election of Cathaoirleach\n"
    "Councillor Nick Kill was proposed by Councillor Leo and seconded by Councillor Fitz\n": (
        "Leo", "Fitz", "Councillor Nick Kill", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MOVED.items())
def test_motions_as_parishes_counties_and_selectmen_write_them(text, expected):
    (motion,) = extract(text).motions
    result = motion.vote.result if motion.vote else None
    assert (motion.mover, motion.seconder, motion.text, result) == expected


@pytest.mark.parametrize(
    "aside", ["It was agreed that a clause be added.", "Agreed to by the seconder."]
)
def test_what_else_is_agreed_carries_no_motion(aside):
    said = f"Motion by Roe, seconded by Poe, to sell the lot. {aside} The motion failed 2-3."
    (motion,) = extract(said).motions
    assert motion.vote is not None
    assert (motion.vote.result, motion.vote.yes, motion.vote.no) == ("failed", 2, 3)


def test_a_proposal_that_nobody_seconds_in_its_sentence_is_no_motion():
    found = extract("Mr. Roe proposed that the fence be green. Later Ms. Doe seconded that view.")
    assert found.motions == []


BODY = "Present: Supervisors Al Bray, Stan Clay, Tom Ivey and Jim Brow.\n"
CASTS = {
    "Supervisor Bray moved to rest. The motion was adopted by a vote of (3-0) with Supervisors "
    "Bray, Clay and Ivey voting in favor of the motion; no Supervisors voting against the motion; "
    "and, Supervisor Brow not present for the vote.": (3, 0, True, "Bray Clay Ivey"),
    "Upon motion by Bray, seconded by Clay, the agenda was approved, with roll call vote as "
    "follows: Ayes -Bray, Clay, Ivey. Nays-none. Absent- Brow.": (3, 0, True, "Bray Clay Ivey"),
    "Motion by Supervisor Bray\nSeconded by Supervisor Clay\nMove to pass Resolution 64 as "
    "amended*\nSupervisors Bray, Clay,\nand Ivey voted YES.\n*It had been read.": (
        3, None, None, "Bray Clay Ivey",
    ),
    "Motion by Bray, seconded by Clay, to rest. MOTION CARRIED on a roll call vote: Bray-yes, "
    "Clay-yes, Iveyyes (Brow-absent).": (None, None, None, ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASTS.items())
def test_who_voted_how_is_told_whole_or_not_at_all(text, expected):
    (motion,) = extract(BODY + text).motions
    vote = motion.vote
    assert vote is not None
    ayes = " ".join(cast.name.split()[-1] for cast in vote.casts if cast.option == "yes")
    assert (vote.yes, vote.no, vote.unanimous, ayes) == expected


@pytest.mark.parametrize(
    "text",
    [
        'Mr. Holl moved to rest. Mr. Crock seconded the motion. All voted "AYE". It carried.',
        "A MOTION by Mr.Holl and SECONDED by Mr.Crock was made to rest. CARRIED unanimously.",
    ],
)
def test_quoted_ayes_and_names_without_a_space_are_read(text):
    (motion,) = extract(text).motions
    assert (motion.mover, motion.seconder) == ("Holl", "Crock")
    assert motion.vote is not None
    assert (motion.vote.result, motion.vote.unanimous) == ("passed", True)


def test_a_motion_below_a_list_of_voters_leaves_them_to_the_one_above():
    lists = "YEAS: Bray, Clay and Ivey\nNAYS: None\nABSENT: Brow\n"
    found = extract(
        f"{BODY}Al Bray offered a motion, seconded by Stan Clay, to rest. The motion carried with "
        f"the following votes:\n{lists}Tom Ivey offered a motion, seconded by Al Bray, to pay. "
        f"The motion carried with the following votes:\n{lists}"
    )
    votes = [motion.vote for motion in found.motions]
    assert [vote and (vote.result, vote.yes, len(vote.casts)) for vote in votes] == [
        ("passed", 3, 4), ("passed", 3, 4),
    ]  # fmt: skip
