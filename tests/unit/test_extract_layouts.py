"""Motions and votes in layouts of minutes that nobody wrote a rule for before."""

import pytest

from tests.minutes import extract

FIRST_AND_SECOND = (
    "MEMBERS PRESENT:   Ms. Ida Roe (2nd Vice Chairperson)\n"
    "                   Mr. Bo Doe\n"
    "                   Ms. Cy Poe\n"
    "                   Mr. Al Moe\n"
    "                   Ms. Di Low\n\n"
    "MOTION: CONTINUED                 1st: ROE 2nd: DOE\n"
    "Ms. Roe moved to continue the hearing.\n\n"
    "VOTE: 4/1                  AYES: DOE, LOW, POE\n"
    "                                 ROE\n"
    "                           NAYS: MOE\n"
)


def test_a_line_of_first_and_second_is_one_motion_with_the_sentence_below_it():
    [motion] = extract(FIRST_AND_SECOND).motions
    assert (motion.mover, motion.seconder) == ("Ida Roe", "Bo Doe")
    assert motion.text == "continue the hearing"


def test_surnames_that_a_line_end_parts_are_two_voters_where_all_have_one_name():
    [motion] = extract(FIRST_AND_SECOND).motions
    assert motion.vote
    assert (motion.vote.result, motion.vote.yes, motion.vote.no) == ("passed", 4, 1)
    assert [(cast.name, cast.option) for cast in motion.vote.casts] == [
        ("Bo Doe", "yes"),
        ("Di Low", "yes"),
        ("Cy Poe", "yes"),
        ("Ida Roe", "yes"),
        ("Al Moe", "no"),
    ]


def test_a_vote_as_labelled_that_its_lists_contradict_has_no_voters():
    text = FIRST_AND_SECOND.replace("VOTE: 4/1", "VOTE: 5/1")
    [motion] = extract(text).motions
    assert motion.vote
    assert (motion.vote.yes, motion.vote.casts) == (5, [])


def test_a_block_that_sums_up_the_motion_above_it_is_no_motion_of_its_own():
    text = (
        "Director Roe made the motion to adopt the policy.\nDirector Doe seconded the motion.\n\n"
        "The motion passed with 3 in favor (Roe, Doe, Poe) and 1 abstention (Moe).\n\n"
        "RESULT:   ACCEPTED [3 TO 0]\nMOVER:    Ida Roe, Director\n"
        "SECONDER: Bo Doe, Director\nAYES:     Roe, Doe, Poe\nABSTAIN:  Moe\n"
    )
    [motion] = extract(text).motions
    assert (motion.mover, motion.seconder, motion.text) == ("Ida Roe", "Bo Doe", "adopt the policy")
    assert motion.vote
    assert (motion.vote.yes, motion.vote.no, motion.vote.abstain) == (3, 0, 1)
    assert len(motion.vote.casts) == 4


def test_a_block_below_another_item_is_a_motion_of_its_own():
    text = (
        "Director Roe moved to adopt the policy. Director Doe seconded. Motion carried.\n\n"
        "5. PAVING OF OAK STREET\n\nRESULT:   APPROVED [3 TO 0]\nMOVER:    Roe, Director\n"
        "SECONDER: Doe, Director\n"
    )
    assert len(extract(text).motions) == 2


def test_names_in_brackets_behind_their_number_are_a_list_of_voters():
    text = (
        "Present: Roe, Doe, Poe, Moe\n\nRoe moved to adjourn, seconded by Doe.\n"
        "The motion passed with 3 in favor (Roe, Doe, Poe) and 1 opposed (Moe).\n"
    )
    [motion] = extract(text).motions
    assert motion.vote
    assert [cast.option for cast in motion.vote.casts] == ["yes", "yes", "yes", "no"]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (
            "A motion was made, seconded and unanimously approved to drain the lake.",
            "drain the lake",
        ),
        (
            "By motion duly made, seconded and unanimously approved, the Minutes were approved.",
            "the Minutes",
        ),
        (
            "A motion was made to sell the wood. It was seconded and unanimously approved.",
            "sell the wood",
        ),
        ("It was moved and seconded to adjourn. Motion carried unanimously.", "adjourn"),
    ],
)
def test_a_motion_that_nobody_is_named_for_is_one_if_its_vote_is_told(text, moved):
    [motion] = extract(text).motions
    assert (motion.mover, motion.seconder, motion.text) == (None, None, moved)
    assert motion.vote
    assert (motion.vote.result, motion.vote.unanimous) == ("passed", True)


@pytest.mark.parametrize(
    "text",
    [
        "A motion was made to explore the options. This motion was withdrawn.",
        "Mr. Roe asked whether a motion was made and seconded to adjourn. Motion carried.",
    ],
)
def test_a_motion_that_nobody_is_named_for_is_none_without_a_vote_or_in_somebodys_words(text):
    assert extract(text).motions == []


def test_a_named_mover_behind_the_words_is_the_mover():
    text = "A motion was made to adopt the plan by Roe, seconded by Doe. Motion carried."
    [motion] = extract(text).motions
    assert (motion.mover, motion.seconder) == ("Roe", "Doe")


def test_results_that_are_printed_above_their_motions_stay_with_them():
    text = (
        "CARRIED 5-0-1\nTrustee Roe moved, seconded by Trustee Doe, to rest.\n\n"
        "CARRIED 6-0\nTrustee Poe moved, seconded by Trustee Moe, to adjourn.\n"
    )
    first, second = extract(text).motions
    assert first.vote
    assert second.vote
    assert (first.vote.yes, first.vote.abstain) == (5, 1)
    assert (second.vote.yes, second.vote.no) == (6, 0)


def test_results_that_are_printed_below_stay_with_the_motions_above_them():
    text = (
        "Trustee Roe moved, seconded by Trustee Doe, to rest.\nCARRIED 5-0\n\n"
        "Trustee Poe moved, seconded by Trustee Moe, to adjourn.\nCARRIED 6-0\n"
    )
    assert [motion.vote and motion.vote.yes for motion in extract(text).motions] == [5, 6]


def test_a_vote_that_is_labelled_as_the_motions_is_found_below_a_list_of_questions():
    questions = "".join(
        f"{n}. Is this new to us, and how much will it cost?\n" for n in range(1, 9)
    )
    text = (
        "Motion:\n\nDirector Roe made a motion to buy two buses.\n\nSecond:\n\n"
        f"Director Doe seconded the motion.\n\n{questions * 5}\n"
        "Vote on Motion:\n\nThe motion passed unanimously.\n"
    )
    [motion] = extract(text).motions
    assert motion.vote
    assert motion.vote.unanimous


def test_a_vote_below_a_long_list_of_what_is_moved_is_found():
    parts = "".join(
        f"{n}. Direct the staff to plow the streets of ward {n}.\n" for n in range(1, 60)
    )
    [motion] = extract(f"Moved by Roe to do as follows:\n{parts}\nMotion Carried 6-0.\n").motions
    assert motion.vote
    assert (motion.vote.yes, motion.vote.no) == (6, 0)


def test_a_roll_goes_on_below_a_pages_end():
    text = (
        "PRESENT: Roe, Doe, Poe\n\nMOTION: Ida Roe\nSECOND: Bo Doe\nRoll Call Vote:\nRoe:   Yes\n"
        "Doe:   Yes\n         3\nOz - Regular Meeting        May 4, 2022\n\n\n"
        "Poe:   Yes\n\n\n5. An Ordinance of the council of Oz on the streets and houses.\n"
    )
    [motion] = extract(text).motions
    assert motion.vote
    assert (motion.vote.yes, len(motion.vote.casts)) == (3, 3)
    assert "Ordinance" not in motion.raw_text


def test_unanimous_behind_a_semicolon_is_no_part_of_what_was_moved():
    text = "Moved by Roe, seconded by Doe, to rest; unanimous. The chair thanked all."
    [motion] = extract(text).motions
    assert motion.text == "rest"
    assert motion.vote
    assert motion.vote.unanimous


def test_ayes_alone_are_no_result_where_nays_are_told_that_are_not_understood():
    text = "Moved by Roe, seconded by Doe, to rest. Ayes: Roe, Doe\nThe nays were the others.\n"
    [motion] = extract(text).motions
    assert motion.vote is None


def test_whoever_votes_is_a_member_where_only_the_absent_are_told():
    text = (
        "Director Moe was absent.\n\nRoe moved to rest, seconded by Doe. The motion passed.\n"
        "AYES: Roe, Doe, Poe\nNAYS: None\nABSENT: Moe\n"
    )
    [motion] = extract(text).motions
    assert motion.vote
    assert len(motion.vote.casts) == 4
