"""Who was there, as many towns write it down: right, or not told at all."""

import re

import pytest

from tests.minutes import extract


def attendance(text: str) -> dict[str, str]:
    return {item.name: item.status for item in extract(text).attendance}


TOLD = {
    "Roll call: Adams, present; Brown, absent; Clark, here.": "Adams+ Brown- Clark+",
    "MEMBERS:\nAlan Adams, Absent\nBetty Brown, Present\n": "Adams- Brown+",
    "Members Present: Adams, Brown\nMembers Not Attending: Clark\n": "Adams+ Brown+ Clark-",
    "IN ATTENDANCE: Adams\nNOT IN ATTENDANCE: Clark\n": "Adams+ Clark-",
    "Present: 2 - Adams and Brown\nAbsent: 1 - Clark\n": "Adams+ Brown+ Clark-",
    "ROLL CALL: PRESENT - Adams, Brown\nABSENT - Clark\n": "Adams+ Brown+ Clark-",
    "Those present were Adams and Brown. Those absent were Clark and Dunn.": (
        "Adams+ Brown+ Clark- Dunn-"
    ),
    "Present: Adams, Brown. Ed Clark was absent.": "Adams+ Brown+ Clark-",
    "Present: Adams\nAbsent: Brown\nBrown arrived at 7:15 p.m.\n": "Adams+ Brown~",
    "Board Members: Adams, Brown, Clark\nROLL CALL: Present: Adams, Brown\nAbsent: Clark\n": (
        "Adams+ Brown+ Clark-"
    ),
    "Present: Adams\nExcused:\nGus Gray, City Manager\nHal Hill, City Clerk\n": "Adams+",
    "Present: Adams\nAbsent:\nOthers present: Gus Gray, Clerk\n": "Adams+",
    "Present: Betty Brown, Frank\nDunn, Al Adams\nAbsent: None\n": "Brown+ Dunn+ Adams+",
    "Present: Betty Brown, Al Adams, Frank\nDunn. Absent: Ed Clark.": "Brown+ Adams+ Dunn+ Clark-",
    "Present: Adams, Brown\nClark, Dunn\n": "Adams+ Brown+ Clark+ Dunn+",
    "MEMBERS PRESENT\nAl Adams\nBetty Brown\n\nMEMBERS ABSENT\nEd Clark\n": "Adams+ Brown+ Clark-",
    "PRESENT      Al Adams, Betty Brown\nABSENT       Ed Clark\n": "Adams+ Brown+ Clark-",
    "Members Present\nAl Adams\nBetty Brown\nAbsent\nEd Clark\nStaff\nGus Gray\n": "Adams+ Brown+",
    "Present:\nAl Adams   Betty Brown\nEd Clark  Frank Dunn\n": "Adams+ Brown+ Clark+ Dunn+",
    "Present: Mayor  Al  Adams, Trustee Betty  Brown\n": "Adams+ Brown+",
    "ROLL CALL:\nAl Adams   Present\nEd Clark   Absent\n": "Adams+ Clark-",
    "We met at 9:00 a.m. Commissioners Al Adams and Bo Brown were present.": "Adams+ Brown+",
    "Mayor Al Adams called to order with Betty Brown, Ed Clark present. Bo Fox and Di Dunn were "
    "absent.": "Brown+ Clark+ Fox- Dunn-",
    "Trustees: Al Adams, Betty Brown\nPresent: Al Adams. Betty Brown was unable to attend.": (
        "Adams+ Brown-"
    ),
    "Present: Trustees Al Adams, Betty Brown (arrived 7:10), Ed Dunn - absent\nDirector: Eve Elm": (
        "Adams+ Brown~ Dunn- Elm+"
    ),
    "Mayor Elm called to order with Al Adams and Bo Brown present and Ed Clark absent.": (
        "Adams+ Brown+ Clark-"
    ),
    "We met at 6 pm with Commissioners Adams, Brown, and Dunn present and Commissioner Clark being "
    "absent, and a quorum being present.": "Adams+ Brown+ Dunn+ Clark-",
    "With Mayor Elm presiding and Trustees Adams and Brown present and Clark absent, we met.": (
        "Adams+ Brown+ Clark-"
    ),
    "Roll call showed members Al Adams, Bo Brown present; Ed Clark and Di Dunn absent.": (
        "Adams+ Brown+ Clark- Dunn-"
    ),
    "Called to order with Al Adams present and Bo Brown and Ed Clark absent.": "Brown- Clark-",
    "Called to order with Al Adams absent and Bo Brown and Ed Clark present.": "Brown+ Clark+",
    "Called to order with a report to present and Ed Clark absent.": "",
    "Present: Al Adams\nAbsent: Ed Clark\nMo Hall, Manager, and Bo Fox, Clerk, were present.": (
        "Adams+ Clark-"
    ),
    "Present: Al Adams\nAbsent: Ed Clark\nManager Mo Hall and Clerk Bo Fox were also present.": (
        "Adams+ Clark-"
    ),
    "Roll call: Adams, here; Clark, absent (excused); Dunn, absent with notice; Bo Fox, here.": (
        "Adams+ Clark- Dunn- Fox+"
    ),
    "Present:  Councilpersons:  Al Adams, Betty Brown\n": "Adams+ Brown+",
    "Present: Al Adams, RN; Betty Brown\n": "Adams+ Brown+",
    "Members present:\nJudge Al Adams\nTrustee Pct. 1 Bo Brown\nTrustee Pct. 2 was absent.": (
        "Adams+ Brown+"
    ),
    "Present:\nAl Adams\nBo Brown,\nand Ed Clark were absent.": "Adams+ Brown- Clark-",
    "Roll: Present - Adams, Brown. Absent - Chambers.": "Adams+ Brown+ Chambers-",
    "OZ\n\nPRESENT\nAl Adams\nBo Brown\n\nABSENT\nEd Clark\n": "Adams+ Brown+ Clark-",
    "Present in person: Al Adams. Present remotely: Bo Brown. Not present: Ed Clark.": (
        "Adams+ Brown+ Clark-"
    ),
    "Those in attendance included Al Adams, Bo Brown and Di Dunn. Absent were Ed Clark, Bo Fox.": (
        "Adams+ Brown+ Dunn+ Clark- Fox-"
    ),
    "Board present: J. Adams, chair; A. Brown, vice chair; E. Clark\n": "Adams+ Brown+ Clark+",
    "Members Present:\n1. Al Adams\n2. Bo Brown, Chair\nAbsent:\n3. Ed Clark\n\n1. BUDGET": (
        "Adams+ Brown+ Clark-"
    ),
    "Mayor Adams opened the meeting. Councilmember Brown arrived at 7:15 p.m.": "Brown~",
    "Members Present:          Members Absent:\nAlan Adams               Dana Davis\n": (
        "Adams+ Davis-"
    ),
    "PRESENT                  ABSENT\nAlan Adams               Dana Davis\n": "Adams+ Davis-",
}


@pytest.mark.parametrize(("text", "expected"), TOLD.items())
def test_who_was_there(text, expected):
    signs = {"present": "+", "absent": "-", "late": "~"}
    found = attendance(text)

    assert " ".join(name.split()[-1] + signs[status] for name, status in found.items()) == expected


UNTOLD = [
    "Board of Directors: Ann Pratt, Bob Quill\n",
    "The Mayor appointed:\nCommittee Members: Henry Ott, Ann Pratt\n",
    "Present: All members except Councilmember Brown.\n",
    "ROLL CALL:\nAdams  P\nBrown  A\nClark  P\n",
    "Roll Call: Adams-P, Brown-A, Clark-P\n",
    "ROLL CALL:\nAlan Adams    Yes\nBetty Brown   No\n",
    "Moved Adams, seconded Brown, to rest. Roll call: yes: Adams; no: Brown, Clark, Dunn.",
    "Motion Adams, second Brown to rest. Roll call: Adams-y, Brown-y, Clark-n.",
    "Moved by Adams. Aye: Adams, Brown. No: Clark. Absent: Dunn.",
    "Roll call: Adams yes, Brown no, Clark - absent. Motion lost.",
    "Motion by Adams, second by Brown, to rest. Carried 4-0 with Clark and Dunn absent.",
    "PRESENT                  ABSENT\nAlan Adams         Dana Davis\n",
    "PRESENT\n\nABSENT\n\nAlan Adams\nBetty Brown\n\nDana Davis\n",
    "Moved by Adams.\n\nAYES\nBetty Brown\n\nABSENT\nDana Davis\n",
    "A reception followed. Guests included Alan Adams.\n",
    "Attendance included 30 residents of Elm Street and Oak Park.\n",
    "Absent was any mention of Alan Adams and Betty Brown.\n",
    "Present:\n1. Approval of Minutes\n2. Public Hearing\n",
    "ROLL CALL:\nAlan Adams\nPresent\nDana Davis\nAbsent\n",
    "Present: Adams  Brown\nClark  Dunn\n",
    "By vote of the\nMembers present\nAlan Adams thanked Dana Davis.\n",
    "Members Present:\nMembers Absent:\nStaff Present:\nAlan Adams\nBetty Brown\nGus Gray, Clerk\n",
]


@pytest.mark.parametrize("text", UNTOLD)
def test_what_cannot_be_told_is_not_told(text):
    assert attendance(text) == {}


GRANICUS = """
Attendee Name        Organization  Title                Status   Arrived
Al Adams             City of Oz    Mayor                Present  6:00 PM
Betty Brown          City of Oz    Mayor Pro Tem        Late     6:15 PM
Ed Clark             City of Oz    Councilmember        Absent
Frank Dunn           City of Oz    Councilmember        Remote   6:00 PM
"""


@pytest.mark.parametrize("gap", ["  ", " "])
def test_a_table_of_attendees_tells_who_is_who_and_when_they_came(gap):
    found = extract(re.sub("[ ]{2,}", gap, GRANICUS))

    assert [(item.name, item.status) for item in found.attendance] == [
        ("Al Adams", "present"), ("Betty Brown", "late"),
        ("Ed Clark", "absent"), ("Frank Dunn", "present"),
    ]  # fmt: skip
    if gap == "  ":
        roles = [person.role for person in found.people]
        assert roles == ["Mayor", "Mayor Pro Tem", "Councilmember", "Councilmember"]


@pytest.mark.parametrize("form", ["{} ({})", "{} - {}", "{}, {}", "{}   {}"])
def test_an_office_behind_a_name_is_its_own_and_not_the_next_ones(form):
    first = form.format("Al Adams", "Vice Chair")
    people = extract(f"Present:\n{first}\nBetty Brown\n").people

    assert [(person.name, person.role) for person in people] == [
        ("Al Adams", "Vice Chair"), ("Betty Brown", None)
    ]  # fmt: skip


@pytest.mark.parametrize("gap", ["\n", "     "])
def test_an_office_behind_a_name_in_a_letterhead_is_not_the_next_persons(gap):
    people = extract(f"Ann Crespi, City Manager{gap}Joe Clemens, Works Director\n").people

    assert [person.role for person in people if person.name == "Joe Clemens"] in ([], [None])


def test_a_mayor_pro_tem_is_no_mayor():
    (person,) = extract("Present: Jenks\nThe meeting was opened by Mayor Pro-Tem Al Jenks.").people

    assert person.role == "Mayor Pro-Tem"


def test_an_office_that_goes_on_below_is_told_whole():
    found = extract("Present: Al Adams, Mayor; Hal Hill, Director of Public\nWorks; Ivy Ink, Clerk")

    assert [(person.name, person.role) for person in found.people] == [
        ("Al Adams", "Mayor"), ("Hal Hill", "Director of Public Works"), ("Ivy Ink", "Clerk")
    ]  # fmt: skip


def test_junior_and_senior_are_two_people():
    found = extract(
        "PRESENT: Al Fox, Sr., Al Fox, Jr., Bo Ray\nMotion by Fox Jr., second by Ray, to adjourn. "
        "Ayes: Fox Jr., Ray. Nays: Fox Sr. Carried.\n"
    )
    (motion,) = found.motions

    assert len(found.people) == 3
    assert (motion.mover, motion.seconder) == ("Al Fox, Jr.", "Bo Ray")
    assert motion.vote is not None
    assert {cast.name: cast.option for cast in motion.vote.casts} == {
        "Al Fox, Jr.": "yes", "Bo Ray": "yes", "Al Fox, Sr.": "no"
    }  # fmt: skip


def test_two_people_printed_alike_have_no_deeds_of_their_own():
    found = extract(
        "PRESENT: Mayor Smith, Councilmembers Smith, Jones\n"
        "Motion by Smith, second by Jones, to adjourn. Ayes: Smith, Jones. Nays: Mayor Smith.\n"
    )
    (motion,) = found.motions

    assert (motion.mover, motion.seconder) == (None, "Jones")
    assert motion.vote is not None
    assert motion.vote.casts == []


def test_particles_belong_to_the_surname():
    found = extract(
        "PRESENT: Mayor Jan van der Berg, Councilors Maria de la Cruz, Ana Del Rio\n\n"
        "Moved by Van der Berg, seconded by De La Cruz, to rest. Carried.\n"
    )
    (motion,) = found.motions

    assert len(found.people) == 3
    assert (motion.mover, motion.seconder) == ("Jan van der Berg", "Maria de la Cruz")


@pytest.mark.parametrize(
    "text",
    [
        "City Treasurer         City Attorney\nKaren Novak            Patrick Donner\n",
        "City Manager Evaluation. Police Chief Recruitment. Director Human Resources.",
        "Visitors: Daily News, Girl Scouts, KXYZ Radio, John Dale, PE\n",
        "Acme Paving, 400 Oak Street, bid.\nFirst Baptist, 12 Church St, requests.\n",
    ],
)
def test_what_is_no_person(text):
    assert {person.name for person in extract(text).people} <= {"John Dale"}


ROLES = {
    "Al Adams, Ida Roe (secretary), Jo Tell (member), Bo Fox (vice-chair), Ed Ray": {
        "Al Adams": None, "Ida Roe": "secretary", "Jo Tell": "member", "Bo Fox": "vice-chair",
        "Ed Ray": None,
    },
    "Commissioner Pct. 1 Rita Sands, Commissioner Pct. 2 Leon Voss": {
        "Rita Sands": "Commissioner Pct. 1", "Leon Voss": "Commissioner Pct. 2",
    },
    "Councilmember District 1 Al Fox, District 2 Councilmember Bo Ray": {
        "Al Fox": "Councilmember District 1", "Bo Ray": "District 2 Councilmember",
    },
    "Place 1 Tom Sims, Place 2 Ana Gee, Mayor Kurt Bell": {
        "Tom Sims": "Place 1", "Ana Gee": "Place 2", "Kurt Bell": "Mayor",
    },
    "Ward 1 - Tom Sims; Ward 2 - Ana Gee; At-Large - Kurt Bell": {
        "Tom Sims": "Ward 1", "Ana Gee": "Ward 2", "Kurt Bell": "At-Large",
    },
    "Al Fox\nPRESENT VIA ZOOM: Member Bo Ray\n": {"Al Fox": None, "Bo Ray": "Member"},
}  # fmt: skip


@pytest.mark.parametrize(("present", "expected"), ROLES.items())
def test_seats_and_offices_beside_a_name_are_no_names(present, expected):
    found = extract(f"Present: {present}")

    assert {person.name: person.role for person in found.people} == expected
    assert [item.status for item in found.attendance] == ["present"] * len(expected)


def test_where_somebody_comes_from_is_no_name():
    found = extract("Guests: Tina Farr - County Health; Mike Dunn - Chair\n")
    assert {person.name: person.role for person in found.people} == {
        "Tina Farr": None, "Mike Dunn": "Chair",
    }  # fmt: skip


@pytest.mark.parametrize(
    "others",
    [
        "Also present: Gus Gray, Bo Hill, City Manager\n",
        "STAFF/OFFICIALS PRESENT: Gus Gray (Clerk) Bo Hill (Town Manager)\n",
        "AUDIENCE IN ATTENDANCE: Gus Gray, Bo Hill\n",
        "Members of the Public: Gus Gray, Bo Hill\n",
        "City Manager Gus Gray; Town Clerk Bo Hill\n",
    ],
)
def test_the_staff_and_guests_are_people_and_no_roll_is_called_of_them(others):
    found = extract(f"Members present: Al Adams, Di Dunn (secretary)\n{others}")
    assert {person.name for person in found.people} == {
        "Al Adams", "Di Dunn", "Gus Gray", "Bo Hill",
    }  # fmt: skip
    assert [item.name for item in found.attendance] == ["Al Adams", "Di Dunn"]


def test_whoever_votes_is_a_member_whatever_the_office():
    found = extract(
        "Present: Supervisor Al Adams, Town Clerk Bo Hill\n"
        "Moved by Al Adams to rest. Ayes: Adams, Hill. Nays: None. Carried.\n"
    )
    assert [item.name for item in found.attendance] == ["Al Adams", "Bo Hill"]


LAID_OUT = {
    "4. ROLL CALL\nMayor Al Adams and Councilmembers Bo Brown, Kris Lawrence-\nClark and Ed Dunn. "
    "Also present were City Manager Gus Gray.\n": "Adams+ Brown+ Lawrence-Clark+ Dunn+",
    "ROLL CALL\nMayor Adams called the roll. Nobody spoke.\n": "",
    "with the following members present to-wit:\n\nCommissioner Al Adams, Chair\n\n"
    "Commissioner Brown, Vice-Chair\n\n(Commissioner Brown arrived at 5:10 p.m.)\n\n"
    "Others in attendance were: Gus Gray, Clerk\n": "Adams+ Brown~",
    "PRESENT:        Al Adams      Chairman\n\n       Bo Brown      Selectman\n\nAPOLOGIES\n": (
        "Adams+ Brown+"
    ),
    "PRESENT\nMayor       Al Adams\nCouncillors    Bo Brown\n              Ed Clark\n"
    "ABSENT\nCouncillor      Di Dunn (regrets)\n": "Adams+ Brown+ Clark+ Dunn-",
    "Chair Adams and Commissioners Brown and Clark, answered the roll. Dunn was absent.": (
        "Adams+ Brown+ Clark+ Dunn-"
    ),
    "Mayor Elm called to order with Trustee Al Adams, Trustee J. J. Brown responding to roll call. "
    "Mr. Ed Dunn was reported absent.": "Adams+ Brown+ Dunn-",
    "Those present and comprising a quorum: Mayor Adams (presiding), Commissioners Bo Brown, M.D., "
    "and Ed Clark.": "Adams+ Brown+ Clark+",
    "PRESENT: Mayor Adams presiding; Trustees Brown, Clark\n": "Adams+ Brown+ Clark+",
    "MEMBERS PRESENT:\nAl Adams-Supervisor\nBo Brown-Councilman\nDi Clark-Dunn\n": (
        "Adams+ Brown+ Clark-Dunn+"
    ),
    "Present: Adams, Brown\nBrown arrived at 7:15 p.m.\n": "Adams+ Brown~",
    "Absent: Comm. Adams arrives at 9:02 a.m.\nPresent: Brown\n": "Adams~ Brown+",
    "ROLL CALL\nAdams   Present (arrived at 7)\nBrown   Absent - late\nClark   Present\nLate": (
        "Adams~ Brown~ Clark+"
    ),
}


@pytest.mark.parametrize(("text", "expected"), LAID_OUT.items())
def test_who_was_there_in_other_layouts(text, expected):
    signs = {"present": "+", "absent": "-", "late": "~"}
    found = attendance(text)

    assert " ".join(name.split()[-1] + signs[status] for name, status in found.items()) == expected


OFFICES = {
    "Al Adams, First Deputy Town Attorney\nBo Brown, Finance Director\nEd Clark, Clerk\n": {
        "Al Adams": "First Deputy Town Attorney", "Bo Brown": "Finance Director",
        "Ed Clark": "Clerk",
    },
    "Al Adams, Superintendent of Highways\nBo Brown, Clerk\n": {
        "Al Adams": "Superintendent of Highways", "Bo Brown": "Clerk",
    },
    "Al Adams, Chair\nCommissioner Bo Brown\n": {
        "Al Adams": "Chair", "Bo Brown": "Commissioner",
    },
    "Mary Mullen, TimeSaver Secretarial, Inc.\n": {"Mary Mullen": None},
}  # fmt: skip


@pytest.mark.parametrize(("also", "expected"), OFFICES.items())
def test_an_office_stays_with_the_name_before_it(also, expected):
    found = extract(f"Also present: {also}")
    assert {person.name: person.role for person in found.people} == expected


@pytest.mark.parametrize(
    "text",
    [
        "Commissioners Attending: Harold Wynn, Sue Lantz\n",
        "PRESENT VIA ZOOM Mayor Harold Wynn and Sue Lantz\n",
        "Present: Harold Wynn, Sue Lantz secretary\n",
    ],
)
def test_no_label_is_a_person_or_an_office_and_no_person_is_an_office(text):
    people = extract(text).people

    assert {person.name for person in people} <= {"Harold Wynn", "Sue Lantz"}
    assert {person.role for person in people} <= {None, "Mayor"}


@pytest.mark.parametrize(
    ("role", "sits"),
    [
        ("Director", True), ("Board Director", True), ("Finance Director", False),
        ("Town Supervisor", True), ("Supervisor of IT", False), ("Deputy City Attorney", False),
        ("Deputy Mayor", True), ("Planning Commissioner", True), ("Ward 2", True),
    ],
)  # fmt: skip
def test_whose_office_is_one_of_the_staffs_is_not_called_in_the_roll(role, sits):
    found = extract(f"Present: Mayor Al Adams\n{role} Bo Brown\n")
    assert ("Bo Brown" in {item.name for item in found.attendance}) == sits


def test_the_public_that_came_by_zoom_is_no_member():
    text = "BOARD MEMBERS PRESENT: Al Adams\n\nPRESENT via ZOOM: Bo Brown, Member Di Dunn\n"
    assert attendance(text) == {"Al Adams": "present", "Di Dunn": "present"}


def test_a_phrase_before_the_list_of_those_present_is_no_list():
    text = (
        "with the following being present, to-wit:\nPresent:\nAl Adams, Mayor\nBo Brown, Trustee\n"
    )
    assert attendance(text) == {"Al Adams": "present", "Bo Brown": "present"}


@pytest.mark.parametrize(
    "text",
    [
        "Met in the Commissioners Room.",
        "Roll Call: Mayor Al Adams-yes",
        "Staff present: Manager of Communications and Strategic Initiatives\n",
    ],
)
def test_rooms_votes_and_halves_of_an_office_are_nobody(text):
    names = {person.name for person in extract(text).people}
    assert not names & {"Room", "Al Adams-yes", "Strategic Initiatives"}
