"""What the rules make of the ways in which clerks write motions and votes down."""

import pytest

from clerk.demo import town
from clerk.model import DocumentKind, Extraction, Motion, Span
from tests.minutes import extract

ROLL = (
    "PRESENT: Mayor Ann Archer, Councilmember Bo Baker, Councilmember Cy Cooper,"
    " Councilmember Di Dyer, Councilmember Ed Early\nABSENT: Councilmember Flo Fuller\n\n"
)


def the_motion(text: str, roll: str = ROLL) -> Motion:
    (motion,) = extract(roll + text).motions
    return motion


def casts(motion: Motion) -> dict[str, str]:
    assert motion.vote is not None
    return {cast.name.split()[-1]: cast.option for cast in motion.vote.casts}


# -- who moved, who seconded, what, and how it went ----------------------------------------------

FORMS = [
    (
        "Moved by Councilmember Baker, seconded by Councilmember Cooper, to pave Elm"
        " Street. Motion carried 5-0."
    ),
    (
        "Councilmember Baker moved to pave Elm Street; Councilmember Cooper seconded."
        " The motion passed 5-0."
    ),
    "MOTION by Baker, second by Cooper, to pave Elm Street. Carried 5-0.",
    (
        "On motion of Councilmember Baker, seconded by Councilmember Cooper, it was"
        " voted to pave Elm Street. Approved 5-0."
    ),
    (
        "It was moved by Baker and seconded by Cooper to pave Elm Street. The motion was"
        " approved by a vote of 5 to 0."
    ),
    "It was moved and seconded (Baker/Cooper) to pave Elm Street. Motion carried 5-0.",
    (
        "A motion was made by Bo Baker and seconded by Cy Cooper to pave Elm Street."
        " Motion passed with 5 ayes and 0 nays."
    ),
    (
        "A motion to pave Elm Street was made by Baker, seconded by Cooper. Ayes: 5."
        " Nays: 0. Motion carried."
    ),
    ("Baker made a motion to pave Elm Street. Cooper seconded the motion. The motion carried 5-0."),
    "Baker moved, seconded by Cooper, to pave Elm Street. The vote was 5-0. Motion carried.",
    "Mr. Baker moved to pave Elm Street, seconded by Ms. Cooper. Vote: 5-0.",
    (
        "Upon motion duly made by Baker and seconded by Cooper to pave Elm Street, the"
        " motion was adopted, 5 ayes, 0 nays."
    ),
    "Motion: Baker moved to pave Elm Street. Second: Cooper. Passed 5-0.",
    "M/S/C Baker/Cooper to pave Elm Street. 5-0",
    (
        "Moved by: Councillor Baker\nSeconded by: Councillor Cooper\nTHAT Council pave Elm"
        " Street.\nCARRIED 5-0"
    ),
    (
        "Resolution 2024-17\nMoved By Councillor B. Baker\nSeconded By Councillor C."
        " Cooper\nThat Council pave Elm Street.\nCarried (5 to 0)"
    ),
    "MOVED BY BAKER, SECONDED BY COOPER, TO PAVE ELM STREET. MOTION CARRIED 5-0.",
    (
        "Councilmember Baker moved to pave Elm Street. The motion was seconded by"
        " Councilmember Cooper and carried by a vote of 5-0."
    ),
    (
        "A motion was made to pave Elm Street by Councilmember Baker and seconded by"
        " Councilmember Cooper. The motion passed, 5 yes and 0 no."
    ),
    "Bo Baker, seconded by Cy Cooper, moved to pave Elm Street. Motion carried, 5-0.",
    (
        "Baker moved that the Council pave Elm Street; second by Cooper; motion carried"
        " five ayes, zero nays."
    ),
    (
        "Motion to pave Elm Street\n\nRESULT: APPROVED [5 TO 0]\nMOVER: Bo Baker,"
        " Councilmember\nSECONDER: Cy Cooper, Councilmember"
    ),
    (
        "Councilmember Baker made the motion to pave Elm Street, with a second from"
        " Councilmember Cooper. The motion carried with 5 in favor and 0 opposed."
    ),
    "Cm. Baker moved and Cm. Cooper seconded to pave Elm Street. Motion carried 5-0.",
    (
        "Moved by Baker to pave Elm Street. Seconded by Cooper. Discussion followed"
        " about drains. The motion carried 5-0."
    ),
]


@pytest.mark.parametrize("form", FORMS)
def test_common_forms_give_mover_seconder_text_and_counts(form):
    motion = the_motion(form)
    assert (motion.mover, motion.seconder) == ("Bo Baker", "Cy Cooper")
    assert "pave elm street" in motion.text.casefold()
    assert len(motion.text) < 40
    assert motion.vote is not None
    assert motion.vote.result == "passed"
    assert (motion.vote.yes, motion.vote.no) == (5, 0)


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("Motion carried.", "passed"),
        ("The motion passed unanimously.", "passed"),
        ("All in favor.", "passed"),
        ("Unanimously approved.", "passed"),
        ("Carried.", "passed"),
        ("The ayes have it.", "passed"),
        ("Motion failed.", "failed"),
        ("The motion was defeated.", "failed"),
        ("Motion did not carry.", "failed"),
        ("The motion died for lack of support.", "failed"),
        ("Motion lost 2-3.", "failed"),
        ("DEFEATED", "failed"),
    ],
)
def test_results_in_words(words, result):
    motion = the_motion(f"Moved by Baker, seconded by Cooper, to pave Elm Street. {words}")
    assert motion.vote is not None
    assert motion.vote.result == result


def test_no_recorded_outcome_is_no_vote():
    assert (
        the_motion("Baker moved to pave Elm Street. Cooper seconded.\n\nNext topic.").vote is None
    )


def test_unanimous_says_that_nobody_voted_no_but_not_how_many_voted_yes():
    vote = the_motion("Moved by Baker, seconded by Cooper, to rest. Carried unanimously.").vote
    assert vote is not None
    assert (vote.yes, vote.no, vote.unanimous) == (None, 0, True)


def test_a_count_that_is_not_said_is_none_and_not_zero():
    vote = the_motion("Moved by Baker, seconded by Cooper, to rest. Motion carried.").vote
    assert vote is not None
    assert (vote.yes, vote.no, vote.abstain, vote.absent) == (None, None, None, None)


def test_numbers_of_resolutions_and_dates_are_no_counts():
    vote = the_motion(
        "Moved by Baker, seconded by Cooper, to adopt Resolution No. 10-21 of 3-4-24. Motion"
        " carried. Ordinance 7-2 was read on 6-1-24 at 5-6 p.m."
    ).vote
    assert vote is not None
    assert (vote.yes, vote.no) == (None, None)


# -- who voted how -------------------------------------------------------------------------------

ROLL_CALLS = [
    "AYES: Archer, Baker, Cooper\nNAYS: Dyer\nABSTAIN: Early\nABSENT: Fuller\nMotion carried.",
    (
        "Motion carried.\nAyes: Archer, Baker and Cooper. Nays: Dyer. Abstain: Early."
        " Absent: Fuller."
    ),
    (
        "AYES: 3 - Archer, Baker, Cooper\nNOES: 1 - Dyer\nABSTAINED: 1 - Early\nABSENT: 1 -"
        " Fuller\nThe motion passed 3-1."
    ),
    (
        "Roll call: Archer yes, Baker yes, Cooper yes, Dyer no, Early abstain, Fuller"
        " absent. The motion passed 3-1."
    ),
    (
        "Roll call vote: Mayor Archer - aye, Councilmember Baker - aye, Councilmember"
        " Cooper - aye, Councilmember Dyer - nay, Councilmember Early - abstain,"
        " Councilmember Fuller - absent. Motion carried."
    ),
    (
        "Roll Call Vote:\nAnn Archer    Yes\nBo Baker      Yes\nCy Cooper     Yes\nDi Dyer  "
        "     No\nEd Early      Abstain\nFlo Fuller    Absent\nMotion carried."
    ),
    (
        "Motion carried 3-1 with Archer, Baker and Cooper voting aye, Dyer voting no,"
        " Early abstaining, and Fuller absent."
    ),
    (
        "AYES:     Archer, Baker,\n          Cooper\nNAYS:     Dyer\nABSTAIN: "
        " Early\nABSENT:   Fuller\nMotion carried."
    ),
]


@pytest.mark.parametrize("words", ROLL_CALLS)
def test_roll_calls_tell_who_voted_how(words):
    motion = the_motion(f"Moved by Baker, seconded by Cooper, to pave Elm Street. {words}")
    assert casts(motion) == {
        "Archer": "yes",
        "Baker": "yes",
        "Cooper": "yes",
        "Dyer": "no",
        "Early": "abstain",
        "Fuller": "absent",
    }
    assert motion.vote is not None
    assert (motion.vote.result, motion.vote.yes, motion.vote.no) == ("passed", 3, 1)


@pytest.mark.parametrize(
    "words",
    [
        "AYES: Archer, Baker, Cooper\nNAYS: None\nMotion carried 5-0.",
        "AYES: Archer\nNAYS: Baker, Cooper\nMotion carried.",
        "AYES: Archer, Baker, Cooper\nNAYS: Baker\nMotion carried.",
        "AYES: Archer, Baker, Stranger\nNAYS: None\nMotion carried.",
    ],
    ids=["count differs", "result differs", "one votes twice", "not in the roster"],
)
def test_a_vote_that_contradicts_itself_keeps_its_words_but_no_casts(words):
    motion = the_motion(f"Moved by Baker, seconded by Cooper, to pave Elm Street. {words}")
    assert motion.vote is not None
    assert motion.vote.casts == []
    assert "AYES: Archer" in motion.raw_text


def test_nobody_seconds_their_own_motion():
    motion = the_motion("Moved by Baker, seconded by Baker, to pave Elm Street. Carried 5-0.")
    assert (motion.mover, motion.seconder) == ("Bo Baker", None)


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ("Ayes 5, Nays 0. Motion carried.", (5, 0)),
        ("AYES 5\nNAYS 0\nMotion carried.", (5, 0)),
        ("Passed. Yeas 20. Nays 1.", (20, 1)),
        ("The vote was yes 3, no 2. Motion carried.", (3, 2)),
        ("4 Ayes 1 Nay. Motion carried.", (4, 1)),
        ("Five ayes one nay two absent. Motion carried.", (5, 1)),
        ("Ayes 4 Nays 1 Absent 2. Ordinance No. 5 carried.", (4, 1)),
    ],
)
def test_a_number_belongs_to_the_word_that_its_row_puts_beside_it(told, counts):
    motion = the_motion(f"Moved by Baker, seconded by Cooper, to pave Elm Street. {told}")
    assert motion.vote is not None
    assert (motion.vote.yes, motion.vote.no) == counts


# -- more than one motion ------------------------------------------------------------------------


def test_each_motion_keeps_its_own_vote():
    found = extract(
        ROLL + "Baker moved to pave Elm Street. Cooper seconded. Motion carried 5-0.\n\n"
        "Dyer moved to sell the truck. Early seconded. Motion failed 1-4.\n\n"
        "Baker moved to adjourn. Dyer seconded. All in favor."
    ).motions
    assert [(m.mover, m.vote and m.vote.result) for m in found] == [
        ("Bo Baker", "passed"),
        ("Di Dyer", "failed"),
        ("Bo Baker", "passed"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "At its March meeting the Council voted 6-0-1 to end the program.",
        "The Planning Commission unanimously approved the proposal last year.",
        "Councilmember Baker moved to the area in 1990 and likes it.",
        "A presentation was made by Chief Cooper about hydrants.",
        "Motion sensors were installed by Baker Electric.",
        "The meeting was called to order by Mayor Archer.",
    ],
)
def test_reports_and_stories_are_no_motions(text):
    assert extract(ROLL + text).motions == []


# -- people --------------------------------------------------------------------------------------


def statuses(found: Extraction) -> dict[str, str]:
    return {item.name: item.status for item in found.attendance}


@pytest.mark.parametrize(
    "lines",
    [
        "PRESENT: Mayor Ann Archer, Councilmember Bo Baker\nABSENT: Councilmember Cy Cooper\n",
        "Members present: Ann Archer, Bo Baker. Members absent: Cy Cooper.",
        "Council members present were Mayor Ann Archer and Bo Baker. Absent: Cy Cooper.",
        "Roll call: Ann Archer - present, Bo Baker - present, Cy Cooper - absent.",
        (
            "Members Present:   Ann Archer, Chair\n                   Bo Baker\n\n"
            "Members Absent:    Cy Cooper\n\n"
        ),
        "Present: Mayor Ann Archer and Councillor Bo Baker.\nRegrets: Councillor Cy Cooper.\n",
        "Present: Ann Archer, Bo Baker    Absent: Cy Cooper\n",
    ],
)
def test_attendance_lines(lines):
    assert statuses(extract(lines + "\nThe meeting began.")) == {
        "Ann Archer": "present",
        "Bo Baker": "present",
        "Cy Cooper": "absent",
    }


def test_roles_are_told_and_titles_are_no_part_of_names():
    found = extract(
        ROLL + "ALSO PRESENT: City Manager Gus Gray, Hal Hunt, Fire Chief\n\n"
        "City Attorney Ivy Ingram explained the matter."
    )
    roles = {person.name: person.role for person in found.people}
    assert roles["Ann Archer"] == "Mayor"
    assert roles["Gus Gray"] == "City Manager"
    assert roles["Hal Hunt"] == "Fire Chief"
    assert roles["Ivy Ingram"] == "City Attorney"


def test_a_name_broken_by_a_line_end_is_one_name():
    found = extract("PRESENT: Chair Ann Archer, Commissioner Bo\nBaker, Commissioner Cy Cooper\n\n")
    assert [person.name for person in found.people] == ["Ann Archer", "Bo Baker", "Cy Cooper"]


def test_a_heading_right_after_the_list_takes_nobody_away():
    found = extract(
        "PRESENT: Mayor Ann Archer, Councilmember Bo Baker, Councilmember Cy Cooper, Clerk Di\n"
        "Dyer\nApproval of Minutes\nThe minutes of the last meeting were read."
    )
    roles = {person.name: person.role for person in found.people}
    assert roles["Cy Cooper"] == "Councilmember"
    assert roles["Di Dyer"] == "Clerk"


def test_people_of_one_surname_are_kept_apart():
    found = extract(
        "PRESENT: Ann Archer, Bo Archer, Cy Cooper\n\n"
        "Moved by B. Archer, seconded by Ann Archer, to rest. Carried 3-0.\n\n"
        "Moved by Archer, seconded by Cooper, to go on. Carried 3-0."
    )
    first, second = found.motions
    assert (first.mover, first.seconder) == ("Bo Archer", "Ann Archer")
    assert second.mover is None, "either Archer"


def test_likeness_of_spelling_never_merges_people():
    found = extract(
        "PRESENT: Tom Sheahan, Marian Sheehan, Cy Cooper\n\n"
        "Moved by Sheehan, seconded by Sheahan, to rest. Carried 3-0."
    )
    assert (found.motions[0].mover, found.motions[0].seconder) == ("Marian Sheehan", "Tom Sheahan")


@pytest.mark.parametrize(
    "name",
    ["Mary O’Brien", "Jean-Luc Saint-Pierre", "C. V. Coppinger", "Zoë Núñez", "Peter Van Dyke",
     "Robert Smith Jr.", "Angus McLeod", "Maria de la Cruz"],
)  # fmt: skip
def test_names_of_many_kinds(name):
    found = extract(
        f"PRESENT: Mayor {name}, Councilmember Bo Baker\n\n"
        f"Moved by {name}, seconded by Baker, to rest. Motion carried 2-0."
    )
    assert found.people[0].name.replace("’", "'") == name.replace("’", "'")
    assert found.motions[0].mover == found.people[0].name


WORDY = (
    "PRESENT: Mayor Bill Lane, Councilmember Jane Park, Councilmember April West,"
    " Councilmember June Smith, Councilmember Tom Page\nABSENT: Councilmember August Church\n\n"
)


@pytest.mark.parametrize(
    ("words", "mover", "seconder", "voted"),
    [
        (
            (
                "Moved by Councilmember Park, seconded by April West, to pave Elm Street.\n"
                "AYES: Lane, Park, West, Smith and Page. NOES: None. Motion carried 5-0."
            ),
            "Jane Park",
            "April West",
            {"Lane": "yes", "Park": "yes", "West": "yes", "Smith": "yes", "Page": "yes"},
        ),
        (
            (
                "Jane Park moved to pave Oak Lane. Seconded by Bill Lane. Roll call: Lane yes,"
                " Park yes, West no, Smith yes, Page yes. Motion carried."
            ),
            "Jane Park",
            "Bill Lane",
            {"Lane": "yes", "Park": "yes", "West": "no", "Smith": "yes", "Page": "yes"},
        ),
        (
            "MOTION BY WEST, SECOND BY PARK TO REST. Carried with Lane and Park voting no.",
            "April West",
            "Jane Park",
            {"Lane": "no", "Park": "no"},
        ),
    ],
)
def test_people_may_be_called_what_else_is_a_month_or_a_place(words, mover, seconder, voted):
    found = extract(WORDY + words)
    assert statuses(found) == {
        "Bill Lane": "present",
        "Jane Park": "present",
        "April West": "present",
        "June Smith": "present",
        "Tom Page": "present",
        "August Church": "absent",
    }
    (motion,) = found.motions
    assert (motion.mover, motion.seconder) == (mover, seconder)
    assert casts(motion) == voted


@pytest.mark.parametrize(
    "words",
    [
        "The Lincoln Park moved to the list of sites. Residents of Maple Lane moved to approve.",
        "Park Board moved to approve. Bill 12 passed. April 5 minutes were approved.",
        "The First Church moved to table. House Bill 7 was introduced by title only.",
        "Motion: June Financials were approved.",
    ],
)
def test_places_months_and_bills_move_nothing(words):
    found = extract(WORDY + words)
    assert found.motions == []
    assert len(found.people) == 6


@pytest.mark.parametrize(
    "words",
    [
        "City Manager Reports\nCity Councilmember Comments\n",
        "Council Action Required by the Mayor Action Required\n",
        "Mayor Ray Jackson\nMayor Pro Tem\n",
        "The Commissioner Special Meeting, Chief Monthly Report and Mr. Golf Course Greens.\n",
        "Water Commissioner Utilities Control\nAirport Commissioner International Airport\n",
    ],
)
def test_headings_beside_an_office_are_no_people(words):
    assert {person.name for person in extract(ROLL + words).people} <= {
        person.name for person in extract(ROLL).people
    } | {"Ray Jackson"}


def test_the_words_of_an_office_end_before_the_name():
    found = extract("Mayor Pro Tem Ann Lee and Vice Mayor Bo Day spoke.")
    roles = {person.name: person.role for person in found.people}
    assert roles == {"Ann Lee": "Mayor Pro Tem", "Bo Day": "Vice Mayor"}


def test_a_page_number_after_a_name_is_no_part_of_it():
    found = extract(ROLL + "Moved by Baker, seconded by Cooper Page 3\nto rest. Carried 5-0.")
    assert found.motions[0].seconder == "Cy Cooper"


# -- places --------------------------------------------------------------------------------------


def cut(pages: tuple[str, ...], span: Span) -> str:
    return pages[span.page - 1][span.start : span.end]


def test_spans_lead_to_the_words_on_the_page():
    pages = (
        ROLL + "Good evening – “everyone”.",
        (
            "\nMoved by Councilmember Baker, seconded by Cooper, to pave Elm Street.\n"
            "AYES: Archer, Baker, Cooper\nNAYS: Dyer\nMotion carried 3-1."
        ),
    )
    found = extract(*pages)
    (motion,) = found.motions
    assert cut(pages, motion.span).startswith("Moved by Councilmember Baker")
    assert motion.vote is not None
    assert "carried 3-1" in cut(pages, motion.span)
    assert [cut(pages, cast.span) for cast in motion.vote.casts] == [
        "Archer",
        "Baker",
        "Cooper",
        "Dyer",
    ]
    assert all(cut(pages, mention.span) == mention.text for mention in found.mentions)
    assert [cut(pages, item.span) for item in found.attendance][:2] == ["Ann Archer", "Bo Baker"]


def test_a_motion_over_a_page_end_belongs_to_the_page_where_it_begins():
    pages = (
        ROLL + "Moved by Baker, seconded by Cooper, to pave",
        "Elm Street from the bridge to the mill. Motion carried 5-0.",
    )
    (motion,) = extract(*pages).motions
    assert motion.span.page == 1
    assert cut(pages, motion.span) == "Moved by Baker, seconded by Cooper, to pave"
    assert motion.text == "pave Elm Street from the bridge to the mill"
    assert motion.raw_text.endswith("carried 5-0")
    assert motion.vote is not None
    assert motion.vote.span.page == 2


# -- the demo town -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [town.SEED, 5])
def test_the_fictional_town_is_read_completely(seed):
    for meeting in town.found(seed).meetings:
        found = extract(*(block.text for block in meeting.minutes))
        assert len(found.motions) == len(meeting.motions)
        present = {name for name, status in statuses(found).items() if status == "present"}
        assert {member.name for member in meeting.present} <= present
        for true, motion in zip(meeting.motions, found.motions, strict=True):
            assert motion.text == true.text
            assert (motion.mover or "").split()[-1] == true.mover
            assert (motion.seconder or "").split()[-1] == true.seconder
            vote = motion.vote
            assert vote is not None
            assert vote.result == true.result
            assert (vote.yes, vote.no, vote.abstain, vote.absent) == (
                true.yes,
                true.no,
                true.abstain,
                true.absent,
            )
            assert casts(motion) == dict(true.casts)


# -- where a motion's record ends ----------------------------------------------------------------

LATER = [
    "3. ORDINANCE 55-23. An ordinance to amend the code. Passed. Yeas 5. Nays 0.",
    "ADOPTION OF THE BUDGET\nAyes: Archer, Baker, Cooper, Dyer, Early. Nays: None.",
    "CONSENT AGENDA\nIt was adopted by the following vote:\nAYES: Archer, Baker\nNAYS: Dyer",
    "B. FINANCE REPORT\nThe report was accepted. Yeas: 1 Nays: 4",
    "Ord. No. 9-98.\nBy Councilman Baker.\nAn ordinance to mow. Failed. Yeas 1. Nays 4.",
]


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Motion carried.", ("passed", None, None)),
        ("The motion carried 3-2.", ("passed", 3, 2)),
        ("The motion failed 2-3.", ("failed", 2, 3)),
    ],
)
def test_the_vote_on_a_later_item_is_not_the_motions(told, expected, later):
    text = f"{ROLL}Baker moved to pave Elm. Cooper seconded. {told}\n\n{later}\n"
    first = extract(text).motions[0]

    assert first.vote is not None
    assert (first.vote.result, first.vote.yes, first.vote.no) == expected
    assert first.vote.casts == []


@pytest.mark.parametrize("later", [LATER[0], LATER[2], LATER[3], LATER[4]])
def test_a_motion_without_a_vote_takes_none_from_a_later_item(later):
    first = extract(f"{ROLL}Baker moved to pave Elm. Cooper seconded.\n\n{later}\n").motions[0]

    assert (first.mover, first.vote) == ("Bo Baker", None)


def test_a_list_of_voters_right_below_the_result_is_the_motions():
    motion = the_motion(
        "Baker moved to pave Elm. Cooper seconded. Motion carried.\n\n"
        "AYES: Archer, Baker, Cooper\nNAYS: Dyer, Early\n"
    )
    assert casts(motion) == {
        "Archer": "yes", "Baker": "yes", "Cooper": "yes", "Dyer": "no", "Early": "no"
    }  # fmt: skip


def test_named_votes_are_not_replaced_by_a_later_list():
    motion = extract(
        f"{ROLL}Baker moved to pave Elm. Cooper seconded. The motion carried 3-2, with Dyer and "
        f"Early voting no.\n\n{LATER[1]}\n"
    ).motions[0]

    assert casts(motion) == {"Dyer": "no", "Early": "no"}


@pytest.mark.parametrize("told", ["Motion failed. Yeas 5. Nays 0.", "Carried. Yeas 1. Nays 4."])
def test_numbers_that_contradict_the_result_are_left_out(told):
    vote = the_motion(f"Baker moved to pave Elm. Cooper seconded. {told}").vote

    assert vote is not None
    assert (vote.yes, vote.no, vote.casts) == (None, None, [])


def test_numbered_conditions_are_a_part_of_the_motion():
    motion = the_motion(
        "Baker moved, seconded by Cooper, to approve the following conditions:\n"
        "1. The lot shall be paved.\n2. HOURS OF OPERATION shall be posted.\n"
        "The motion passed 4-1, Early voting no."
    )
    assert motion.vote is not None
    assert (motion.vote.yes, motion.vote.no) == (4, 1)


def test_the_main_motion_has_the_vote_told_below_the_amendments():
    main, amendment = extract(
        f"{ROLL}Baker moved to adopt the budget. Cooper seconded. Dyer moved to amend the motion "
        "by striking item 4. Early seconded. The amendment failed 2-3. The main motion carried 4-1."
    ).motions

    assert main.vote is not None
    assert amendment.vote is not None
    assert (main.vote.result, main.vote.yes, main.vote.no) == ("passed", 4, 1)
    assert (amendment.vote.result, amendment.vote.yes, amendment.vote.no) == ("failed", 2, 3)


def test_an_amendment_that_the_mover_accepts_decides_nothing():
    motion = the_motion(
        "Baker moved to pave Elm. Cooper seconded. Dyer asked for a friendly amendment. That "
        "amendment was accepted. Early asked what it costs. The motion failed 2-3."
    )
    assert motion.vote is not None
    assert (motion.vote.result, motion.vote.yes, motion.vote.no) == ("failed", 2, 3)


def test_the_words_of_a_motion_reach_to_the_end_of_its_result():
    motion = the_motion("Baker moved to pave Elm. The motion died for lack of a second.")

    assert motion.raw_text.endswith("died for lack of a second")


def test_a_vote_of_no_ends_its_sentence():
    first, second = extract(
        f"{ROLL}Baker moved to table. Cooper seconded. Motion failed 2-3, with Archer, Dyer and "
        "Early voting no. Dyer then moved to pave Elm. Early seconded. Motion passed 3-2."
    ).motions

    assert first.text == "table"
    assert casts(first) == {"Archer": "no", "Dyer": "no", "Early": "no"}
    assert second.text == "pave Elm"


# -- journals of bills ---------------------------------------------------------------------------

JOURNAL = """Councilmen present: Archer, Baker, Cooper.
Ord. No. 1041-98.
By Mayor White.
An emergency ordinance approving an
agreement on noise.
Section 1. That the agreement is approved.
The rules were suspended. Yeas 3.
Nays 0. Read third time in full. Passed. Yeas 2. Nays 1.
Those voting yea: Councilmen
Archer, Baker.
Those voting nay: Councilman Cooper.
Ord. No. 1042-98.
By Councilman Baker (by departmental request).
An emergency ordinance to hang banners.
Referred to Committee.
Res. No. 7-98.
By Councilman Cooper.
An emergency resolution of thanks.
Adopted. Yeas 3. Nays 0.
"""


def test_a_bill_with_a_tally_is_a_motion_without_a_mover():
    first, second = extract(JOURNAL).motions

    assert first.mover is None
    assert first.text == (
        "Ord. No. 1041-98. By Mayor White. An emergency ordinance approving an agreement on noise"
    )
    assert first.vote is not None
    assert (first.vote.result, first.vote.yes, first.vote.no) == ("passed", 2, 1)
    assert casts(first) == {"Archer": "yes", "Baker": "yes", "Cooper": "no"}
    assert second.text.startswith("Res. No. 7-98.")
    assert second.vote is not None
    assert (second.vote.yes, second.vote.no, second.vote.unanimous) == (3, 0, True)


def test_the_record_of_a_long_bill_has_its_title_and_its_vote():
    long = JOURNAL.replace("Section 1.", "Section 1. That it is so. " * 200)
    motion = extract(long).motions[0]

    assert len(motion.raw_text) < 1000
    assert motion.raw_text.startswith("Ord. No. 1041-98. By Mayor White. An emergency ordinance")
    assert " … " in motion.raw_text
    assert "Passed. Yeas 2. Nays 1." in motion.raw_text


def test_a_bill_that_is_moved_is_no_second_motion():
    motion = the_motion(
        "Baker moved, seconded by Cooper, to adopt Resolution 2024-6.\n\nRESOLUTION NO. 2024-6\n"
        "BE IT RESOLVED that Elm be paved.\nAdopted. Ayes 4, Nays 1.\n"
    )
    assert motion.vote is not None
    assert (motion.mover, motion.vote.yes, motion.vote.no) == ("Bo Baker", 4, 1)


# -- who is there, in other layouts --------------------------------------------------------------


def test_a_full_stop_ends_a_list_of_people():
    found = extract(
        "Councilmen present: Archer, Baker.\nAlso present were Directors Dyer, Early.\n"
        "Absent: Mayor White.\n"
    )
    assert {item.name: item.status for item in found.attendance} == {
        "Archer": "present", "Baker": "present", "White": "absent",
    }  # fmt: skip
    assert {person.name: person.role for person in found.people}["Early"] == "Director"


@pytest.mark.parametrize("role", ["Councilmembers", "Aldermen", "Trustees", "Commissioners"])
def test_an_office_in_the_plural_is_everybodys_and_a_mayors_is_nobody_elses(role):
    found = extract(f"PRESENT: Mayor Ann Archer, Bo Baker, {role} Cy Cooper, and Di Dyer.\n")

    roles = [person.role for person in found.people]
    assert roles[:2] == ["Mayor", None]
    assert roles[2] == roles[3] == {"Aldermen": "Alderman"}.get(role, role[:-1])


def test_a_list_without_a_full_stop_keeps_its_last_member():
    found = extract(
        "PRESENT: Mayor Ann Archer, Councilmembers Bo Baker, Cy Cooper, and Di Dyer\n"
        "Councilmember Baker moved to pave Elm. Cooper seconded.\n"
        "Ayes: Archer, Baker, Cooper, Dyer. Noes: None. Motion carried.\n"
    )
    assert [item.name for item in found.attendance][-1] == "Di Dyer"
    assert casts(found.motions[0])["Dyer"] == "yes"


@pytest.mark.parametrize("heading", ["PAVING", "Water Rates", "7. Street Lights", "New Business"])
def test_a_heading_above_a_surname_is_no_given_name(heading):
    found = extract(f"{ROLL}{heading}\nBaker moved to pave Elm. Seconded by Cooper\n{heading}\n")

    (motion,) = found.motions
    assert (motion.mover, motion.seconder) == ("Bo Baker", "Cy Cooper")
    assert len(found.people) == 6


def test_a_name_on_two_lines_is_one():
    motion = the_motion("It was moved by Councilmember Bo\nBaker to pave Elm. Carried 5-0.")

    assert motion.mover == "Bo Baker"


def test_where_no_attendance_was_taken_voters_are_members():
    motion = the_motion(
        "Moved by Baker, seconded by Cooper, to pave Elm.\n"
        "Ayes: Archer, Baker, Cooper. Noes: Dyer. Motion carried.",
        roll="",
    )
    assert casts(motion) == {"Archer": "yes", "Baker": "yes", "Cooper": "yes", "Dyer": "no"}


def test_an_agenda_says_nothing_of_who_came():
    found = extract(f"AGENDA\n{ROLL}Library Board: Mr. Gussow\n", kind=DocumentKind.AGENDA)
    assert found.attendance == []
    assert "Bo Baker" in [person.name for person in found.people]


def test_two_names_with_a_slash_before_moved_are_mover_and_seconder():
    motion = the_motion("Baker/Cooper moved to pave Elm. Approved 5-0.")

    assert (motion.mover, motion.seconder, motion.text) == ("Bo Baker", "Cy Cooper", "pave Elm")


def test_what_is_moved_moves_nothing():
    motion = the_motion(
        "Recommended motion: Move to approve the plat.\nMoved by Baker, seconded by Cooper. "
        "Approved 5-0."
    )
    assert (motion.mover, motion.text.endswith("approve the plat")) == ("Bo Baker", True)


def test_words_beside_an_office_that_are_no_names():
    found = extract(
        "By Councilman Baker. Tenants: Perfect Market, 12 Oak Street\nThe Chief Dog Warden left.\n"
        "Filed with the Director.\nRules were read at 7:00 P.M., Present: Archer.\n"
        "Commissioner Burke Lakefront Airport. Chair.\nCouncilmen met Judge\nMary E. Kilbane\n"
    )
    assert {person.name for person in found.people} == {"Baker", "Archer", "Mary E. Kilbane"}
