"""Minutes of towns never seen before: what is told of another thing is told of none.

Each is a shape that was once read as a wrong fact, made small.
"""

import pytest

from clerk.model import Extraction, Motion
from tests import minutes

ROLL = "PRESENT: Mayor Jane Smith, Bob Jones, Carol Kim, David Lopez, and Erin Marsh.\n\n"
MOVED = "Jones moved to adopt the plan. Kim seconded. "


def extract(text: str) -> Extraction:
    """A meeting of five with this text below the roll."""
    return minutes.extract(*(ROLL + text).split("\f"))


def told(motion: Motion) -> tuple[str, int | None, int | None] | None:
    """Result, ayes and noes; None where no vote is told."""
    return motion.vote and (motion.vote.result, motion.vote.yes, motion.vote.no)


# -- how it sounded, and what was counted ---------------------------------------------------------


@pytest.mark.parametrize(
    "then",
    [
        "All in favor (2), opposed (3).",
        "All those in favor say aye. Ayes: Jones, Kim. Nays: Smith, Lopez, Marsh.",
        "All in favor, please raise hands. Ayes: Jones, Kim. Nays: Smith, Lopez, Marsh.",
        "All in favor. Ayes: Jones, Kim. Nays: Smith, Lopez, Marsh.",
    ],
)
def test_those_who_are_counted_outweigh_what_was_asked(then):
    assert told(extract(MOVED + then).motions[0]) == ("failed", 2, 3)


@pytest.mark.parametrize("then", ["In favor: all.", "In favour - All; opposed - none", "For: all"])
def test_all_behind_the_word_for_ayes_is_everybody(then):
    motion = extract(MOVED + then).motions[0]

    assert (told(motion), motion.vote.unanimous) == (("passed", None, 0), True)


@pytest.mark.parametrize(
    "then",
    [
        "The vote was unanimous against.",
        "The motion was unanimously opposed.",
        "The vote was unanimous to deny.",
    ],
)
def test_what_all_were_against_did_not_pass(then):
    assert told(extract(MOVED + then).motions[0]) is None


# -- votes in parts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "then",
    [
        "Part (a) CARRIED; Part (b) LOST",
        "Article 1: Carried 5-0.\nArticle 2: Failed 2-3.",
        "Item A carried 5-0. Item B failed 2-3.",
        "The first part carried. The second part was lost.",
        "\n1. Oak Paving - carried 5-0\n2. Elm Paving - failed 2-3\n",
        "Oak Paving: carried 5-0. Elm Paving: failed 2-3.",
        "The vote on the Oak contract carried 5-0. The vote on the Elm contract failed 2-3.",
        "Ann Lee was approved 5-0. Bo Ray was approved 3-2.",
        "Vote on item 1: 4-0. Vote on item 2: 2-2, failed.",
        "Voting on Part A: 5 ayes. Voting on Part B: 5 ayes.",
    ],
)
def test_of_parts_that_were_voted_on_no_result_is_the_wholes(then):
    assert told(extract(MOVED + then).motions[0]) is None


@pytest.mark.parametrize(
    "then",
    [
        "Vote on Resolution 5: passed 5-0.",
        "Resolution 5 passed 5-0.\n\nLopez moved to recess. Marsh seconded. Lost.",
        "Item 4 carried 5-0.\n\nItem 5. Paving. Item 5 was approved in May.",
        "The plan was approved 5-0. The motion carried.",
    ],
)
def test_what_is_told_of_one_thing_is_no_part(then):
    assert told(extract(MOVED + then).motions[0]) == ("passed", 5, 0)


def test_numbers_of_an_amendment_are_not_the_main_motions():
    motion = extract(f"{MOVED}On the amendment: Yes 2, No 3. On the main motion: Yes 4, No 1.")

    assert told(motion.motions[0]) == ("passed", 4, 1)


# -- who moved ------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["3. ASSIGNMENTS", "Assignments", "OAK SUBDIVISION"])
def test_a_heading_above_a_label_is_nobody(heading):
    found = extract(f"{heading}\nMoved: Cr Jones\nSeconded: Cr Kim\nThat it be so.\nLOST 2/3\n")

    assert [(motion.mover, motion.seconder) for motion in found.motions] == [
        ("Bob Jones", "Carol Kim")
    ]
    assert len(found.people) == 5


@pytest.mark.parametrize("moved", ["items A and B", "Exhibit B", "Phases A through B"])
def test_a_letter_that_ends_a_sentence_is_no_initial(moved):
    found = extract(f"Jones moved to approve {moved}. Kim seconded. Carried 5-0.")

    assert [(motion.text, motion.seconder) for motion in found.motions] == [
        (f"approve {moved}", "Carol Kim")
    ]


def test_a_name_that_is_an_ordinary_word_is_a_name():
    found = minutes.extract(
        "Present: Cr Bare, Cr Lined, Cr First, Cr Next\n\nCr Bare moved, Cr Lined seconded, to "
        "adopt. Carried.\nMoved Cr First, seconded Cr Next, that it be so. Carried.\n"
        "m/s Next/First to recess. Carried 4-0.\n"
    )

    assert [(motion.mover, motion.seconder) for motion in found.motions] == [
        ("Bare", "Lined"),
        ("First", "Next"),
        ("Next", "First"),
    ]


# -- who was there --------------------------------------------------------------------------------


def here(text: str) -> dict[str, str]:
    return {item.name: item.status for item in minutes.extract(text).attendance}


def test_who_of_the_staff_is_present_is_no_member():
    text = "Directors present:\nAl Adams\nBo Brown\n\nGeneral Manager present: Pat A. Lee\n"

    assert here(text) == {"Al Adams": "present", "Bo Brown": "present"}


def test_staff_members_are_no_members():
    text = "Members present: Al Adams, Bo Brown\nStaff members: Pat Lee, Ray Hill\n"

    assert here(text) == {"Al Adams": "present", "Bo Brown": "present"}


def test_apologies_of_others_are_no_members():
    text = (
        "Present: Cllrs. P Adams (Chair); C. Brown\nApologies: Cllr R Clark\n"
        "Other apologies: Cllr D. Dunn (County)\n"
    )

    assert here(text) == {"P Adams": "present", "C. Brown": "present", "R Clark": "absent"}


def test_two_people_with_initials_on_a_line_are_two():
    text = "Present: Councillors\nD Adams G Brown\nD. Clark J. Dunn\nN Evans\n"

    assert sorted(here(text)) == ["D Adams", "D. Clark", "G Brown", "J. Dunn", "N Evans"]


def test_names_that_nothing_parts_are_told_of_nobody():
    found = minutes.extract(
        "MEMBERS PRESENT: Al Adams, Chair Bo Brown Cy Clark Di Dunn, Ed Evans\n"
        "Also present: Pat Lee\n"
    )

    assert all(len(person.name.split()) < 4 for person in found.people)


@pytest.mark.parametrize(
    "came", ["entered the meeting at 7:20", "took her seat at 7:20", "came in at 7:20 p.m."]
)
def test_who_comes_after_the_roll_is_late(came):
    text = f"Present: Al Adams, Bo Brown\nAbsent: Di Dunn\n\nDunn {came}.\n"

    assert here(text) == {"Al Adams": "present", "Bo Brown": "present", "Di Dunn": "late"}


def test_those_present_and_absent_stand_side_by_side():
    text = (
        "Members Present          Not Present            Staff Present\n"
        "Al Adams, Chair          Di Dunn                Pat Lee, Planner\n"
        "Bo Brown                                        Ray Hill, Clerk\n\n1. Call to order\n"
    )

    assert here(text) == {"Al Adams": "present", "Bo Brown": "present", "Di Dunn": "absent"}


def test_a_name_between_two_columns_makes_both_untold():
    text = "Present                Absent\nAl Adams        Bo Brown\nCy Clark\n"

    assert here(text) == {}


# -- below a heading, and who is elected ----------------------------------------------------------


def test_a_heading_that_ends_like_a_phrase_hides_no_motion():
    found = extract("APPROVAL OF MINUTES\nMoved: Cr Jones\nSeconded: Cr Kim\nCARRIED 5/0\n")

    assert [(motion.mover, told(motion)) for motion in found.motions] == [
        ("Bob Jones", ("passed", 5, 0))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Bob Jones proposed Carol Kim as Chairman. This was seconded by Erin Marsh and agreed.",
        "Jones proposed that Kim continue as Chair. This was seconded by Marsh and agreed.",
        "Mr. Jones nominated Ms. Kim for Chair. Ms. Marsh seconded. Motion carried.",
    ],
)
def test_who_is_proposed_for_an_office_is_moved(text):
    found = extract(text)

    assert [(each.mover, each.seconder, each.vote.result) for each in found.motions] == [
        ("Bob Jones", "Erin Marsh", "passed")
    ]


def test_of_two_who_are_nominated_it_is_not_told_who_won():
    found = extract(
        "Jones nominated Kim for Chair. Marsh seconded. Lopez nominated Marsh for Chair. "
        "Smith seconded. All in favor of Kim. Motion carried."
    )

    assert [(motion.mover, told(motion)) for motion in found.motions] == [
        ("Bob Jones", None),
        ("David Lopez", None),
    ]


def test_two_offices_are_voted_on_apart():
    found = extract(
        "Jones nominated Kim for Chair. Marsh seconded. Motion carried 5-0.\n\n"
        "Lopez nominated Marsh for Vice Chair. Smith seconded. Motion carried 4-1.\n"
    )

    assert [told(motion) for motion in found.motions] == [("passed", 5, 0), ("passed", 4, 1)]


# -- pages ----------------------------------------------------------------------------------------


def test_what_runs_above_and_below_pages_is_not_what_was_moved():
    found = minutes.extract(
        f"Town of Alder\nCouncil Minutes\n{ROLL}Jones moved to lease the barn for two years from\n"
        "\nCouncil Minutes, 5 March                         Page 1 of 2\n",
        "Town of Alder\nCouncil Minutes\n\nJuly 1 at a rent of 200 dollars. Kim seconded. "
        "Carried 5-0.\n\nCouncil Minutes, 5 March                         Page 2 of 2\n",
    )

    assert [motion.text for motion in found.motions] == [
        "lease the barn for two years from July 1 at a rent of 200 dollars"
    ]


def test_an_office_in_brackets_holds_no_name():
    found = minutes.extract("Present: Cr Adams\nIn attendance: Mr P Dunn (Director Drainage)\n")

    assert [person.name for person in found.people] == ["Adams", "P Dunn"]


# -- what was denied ------------------------------------------------------------------------------


def test_a_motion_to_deny_that_is_denied_is_lost():
    motion = extract("Jones moved to deny the appeal. Kim seconded. Motion denied 2-3.").motions[0]

    assert told(motion) == ("failed", 2, 3)


def test_a_motion_to_deny_by_which_the_appeal_is_denied_is_carried():
    motion = extract("Jones moved to deny the appeal. Kim seconded. Appeal denied 3-2.").motions[0]

    assert told(motion) == ("passed", 3, 2)


@pytest.mark.parametrize(
    "then",
    ["The variance was denied by a vote of 3 to 2.", "By a vote of 4-1 the sign was rejected."],
)
def test_more_ayes_for_what_is_denied_carry_nothing(then):
    motion = extract(f"Jones moved to approve the variance. Kim seconded. {then}").motions[0]

    assert motion.vote is None


def test_what_is_said_of_the_last_motion_is_not_this_ones():
    motion = extract(f"{MOVED}Lopez said the last motion failed. Vote: 5-0.").motions[0]

    assert told(motion) == ("passed", 5, 0)


# -- labels of other countries, and lists without a stop ------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "RESOLVED: to buy the bench. Proposed: Cllr Jones. Seconded: Cllr Kim. Carried 3-2.",
        "It was resolved to buy the bench.\nProposed: Cllr Jones   Seconded: Cllr Kim\nCarried 3-2",
        "Proposer: Cllr Jones\nSeconder: Cllr Kim\nThat we buy the bench.\nCarried 3-2\n",
    ],
)
def test_who_proposes_by_a_label_moves(text):
    (motion,) = extract(text).motions

    assert (motion.mover, motion.seconder) == ("Bob Jones", "Carol Kim")
    assert told(motion) == ("passed", 3, 2)
    assert "buy the bench" in motion.text


def test_a_list_ends_where_the_next_one_begins_on_its_line():
    motion = extract(f"{MOVED}YES: Jones, Kim NO: Smith, Lopez, Marsh\nMOTION FAILED\n").motions[0]

    assert told(motion) == ("failed", 2, 3)
    assert len(motion.vote.casts) == 5


# -- columns and lines that were read as one ------------------------------------------------------


def test_present_in_the_middle_of_a_list_is_no_label():
    text = (
        "Council Present: Mayor Al Adams\nStaff Pat Lee, Administrator; Ray Hill, Director, "
        "Present: Finance; Sam Ode, Clerk; Also Tom Oak, Ann Elm, Present: Bo Ash, Cy Yew\n"
    )

    assert not here(text).keys() & {"Tom Oak", "Ann Elm", "Bo Ash", "Cy Yew", "Sam Ode"}


def test_halves_of_names_on_lines_of_their_own_are_nobody():
    found = minutes.extract(
        "Board Members Present: Ann Adams\nVictoria\nWells\nKen\nMarsh\n\n1. Open\n"
    )

    assert [person.name for person in found.people] == ["Ann Adams"]


def test_a_label_below_an_office_is_nobody():
    found = minutes.extract(
        "Present: Al Adams\nStaff Present: Pat Lee, Board Clerk Audience: None\n"
    )

    assert [person.name for person in found.people] == ["Al Adams", "Pat Lee"]


def test_a_result_without_a_stop_is_of_the_motion_above_it():
    found = extract(
        "Motioned by Jones, seconded\nby Kim to amend line 1.\nMotion Passed 5-0-0\n"
        "Motioned by Kim, seconded\nby Jones to amend line 2.\nMotion Failed 2-3-0\n"
    )

    assert [told(motion) for motion in found.motions] == [("passed", 5, 0), ("failed", 2, 3)]


def test_who_seconds_before_what_is_moved_is_told():
    (motion,) = extract("MOTION: Jones, second Kim to buy 17 books. Motion carried.").motions

    assert (motion.mover, motion.seconder) == ("Bob Jones", "Carol Kim")


def test_a_page_between_two_motions_takes_no_result_away():
    found = extract(
        "MOVED BY COUNCILLOR JONES that Marsh be\nexcused from the meeting.\nMOTION CARRIED\n"
        "Council Minutes Page 2\n5 March\nC-5 MOVED BY COUNCILLOR KIM that we rest.\nMOTION LOST\n"
    )

    assert [motion.vote.result for motion in found.motions] == ["passed", "failed"]


def test_a_vote_by_roll_call_stands_between_the_body_and_what_it_did():
    (motion,) = extract(
        "On a motion by Jones and seconded by Kim, the Board voted 4-1 by roll call vote to sell."
    ).motions

    assert (motion.text, told(motion)) == ("sell", ("passed", 4, 1))


def test_associate_members_are_a_label_and_no_name():
    text = "Members Present: Ann Adams and Bo Brown Associate Members Present: Cy Clark\n"

    assert set(here(text)) == {"Ann Adams", "Bo Brown", "Cy Clark"}


def test_a_result_on_the_next_line_is_no_word_of_what_was_moved():
    (motion,) = extract("Motion by Jones seconded by Kim to sell\nMotion failed 2-3\n").motions

    assert (motion.text, told(motion)) == ("sell", ("failed", 2, 3))


def test_a_list_ends_where_the_result_is_told():
    motion = extract(f"{MOVED}Aye: Jones, Kim; Nay: Smith, Lopez, Marsh; Motion failed.").motions[0]

    assert told(motion) == ("failed", 2, 3)
    assert len(motion.vote.casts) == 5


def test_who_is_named_with_an_office_before_a_colon_is_a_person():
    found = minutes.extract(
        "Present: Ann Adams\nCouncillor Bo Brown: it was open.\nTax Collector Cy Clark left.\n"
    )

    assert [person.name for person in found.people] == ["Ann Adams", "Bo Brown", "Cy Clark"]


def test_a_member_on_the_line_above_a_verb_moves():
    (motion,) = extract("Councilor Jones\nMoved to sell. Seconded by Kim. Carried 5-0.\n").motions

    assert (motion.mover, motion.seconder) == ("Bob Jones", "Carol Kim")


def test_rows_below_two_labels_on_a_line_are_told_of_nobody():
    text = "PRESENT: Ann Adams  ABSENT: Di Dunn\n         Bo Brown           Ed Evans\n"

    assert here(text) == {"Ann Adams": "present", "Di Dunn": "absent"}


def test_a_list_that_goes_on_below_two_labels_on_a_line_is_the_last_ones():
    text = "PRESENT: Ann Adams  ABSENT: Di Dunn,\n         Ed Evans\n"

    assert here(text) == {"Ann Adams": "present", "Di Dunn": "absent", "Ed Evans": "absent"}


# -- what these rules must not take away ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (
            "Jones moved to buy\n120\n\ftons of salt. Kim seconded. Carried 5-0.",
            "buy 120 tons of salt",
        ),
        (
            "Jones moved to pay the\nParks Director\n\fParks Director\nup to 500. Kim seconded.",
            "pay the Parks Director Parks Director up to 500",
        ),
    ],
)
def test_words_of_the_motion_at_a_pages_end_stay(text, moved):
    found = extract(text)

    assert found.motions[0].text == moved


@pytest.mark.parametrize(
    ("roll", "present", "absent"),
    [
        (
            "Members Present: Mary Ann Van Buren, Anna Maria Lopez Garcia, Bob Jones",
            {"Mary Ann Van Buren", "Anna Maria Lopez Garcia", "Bob Jones"},
            set(),
        ),
        (
            "Members Present: Bob Jones, Excused: Carol Kim, Absent: David Lopez",
            {"Bob Jones"},
            {"Carol Kim", "David Lopez"},
        ),
        (
            "Members Present:\nJones\nKim\nLopez\nMarsh\nBob Smith\n\nJones moved. Kim seconded.",
            {"Jones", "Kim", "Lopez", "Marsh", "Bob Smith"},
            set(),
        ),
    ],
)
def test_ordinary_rolls_keep_everybody(roll, present, absent):
    found = minutes.extract(f"TOWN COUNCIL\nMINUTES\n\n{roll}\n")
    status = {each.name: each.status for each in found.attendance}
    assert {name for name, said in status.items() if said == "present"} == present
    assert {name for name, said in status.items() if said in ("absent", "excused")} == absent


@pytest.mark.parametrize(
    "then",
    [
        "The plan was approved 5-0. The minutes were approved 5-0.",
        "The vote was 5-0 in favor; staff noted the 2019 permit was denied.",
    ],
)
def test_a_vote_beside_another_is_told(then):
    assert told(extract(MOVED + then).motions[0]) == ("passed", 5, 0)


def test_a_motion_to_deny_that_is_denied_without_numbers_is_not_told():
    found = extract(f"{ROLL}Jones moved to deny the request. Kim seconded. Motion denied.")
    assert told(found.motions[0]) is None


def test_a_place_where_somebody_came_in_is_no_time():
    found = extract(f"{ROLL}Jones entered the meeting at 5 Oak Street and called it to order.")
    assert "late" not in {each.status for each in found.attendance}
