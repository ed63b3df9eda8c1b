"""Votes that another vote, a remark or a layout could be taken for: right, or not told at all."""

import pytest

from clerk.model import Extraction, Motion
from tests import minutes

ROLL = "PRESENT: Mayor Jane Smith, Bob Jones, Carol Kim, David Lopez, and Erin Marsh.\n\n"
MOVED = "Jones moved to approve the plat. Kim seconded. "


def extract(text: str) -> Extraction:
    """A meeting of five with this text below the roll."""
    return minutes.extract(*(ROLL + text).split("\f"))


def told(motion: Motion) -> tuple[str, int | None, int | None] | None:
    """Result, ayes and noes; None where no vote is told."""
    return motion.vote and (motion.vote.result, motion.vote.yes, motion.vote.no)


def casts(motion: Motion) -> str:
    """`Smith+ Jones-`: who said aye and who said no."""
    signs = {"yes": "+", "no": "-"}
    listed = motion.vote.casts if motion.vote else []
    return " ".join(cast.name.split()[-1] + signs.get(cast.option, "?") for cast in listed)


# -- motions that nobody voted on ----------------------------------------------------------------

NO_VOTE = [
    "The motion was tabled until June 3. The permit was approved as presented.",
    "Jones withdrew his motion. The request was approved 3-2.",
    "Jones rescinded his motion. Resolution 2024-7 was adopted on a 4-1 vote.",
    "No vote was taken.\n\nThe request was granted.",
    "The Chair ruled the motion out of order. The application was approved.",
    "Motion withdrawn. Motion to adjourn passed 5-0.",
    "Staff will report back.\nThe minutes of the April meeting were approved.",
    "\n5.1 Variance for 12 Elm\nThe application was denied.",
    "It was late.\nItem 5. Variance for 12 Elm. The application was denied.",
    "\nOld Business:\nThe grant application was denied.",
    "\nCity Manager Report\nThe grant application was approved by the State.",
    "The Council returned at 9:00. Motion to settle the claim failed 2-3.",
]


@pytest.mark.parametrize("then", NO_VOTE)
def test_a_motion_that_was_not_voted_on_has_no_vote(then):
    assert told(extract(MOVED + then).motions[0]) is None


@pytest.mark.parametrize(
    "then", ["Motion lacked a second. The plat was approved.", "There was no second. Approved 5-0."]
)
def test_what_nobody_seconds_fails(then):
    (motion,) = extract(f"Jones moved to approve the plat. {then}").motions

    assert (motion.seconder, told(motion)) == (None, ("failed", None, None))


# -- what is said of other votes -----------------------------------------------------------------

REMARKS = [
    "Lopez said the same ordinance was defeated last year.",
    "Mr. Ott stated that the permit was denied by the County in 2019.",
    "Marsh asked what happens if the motion failed.",
    "If the resolution is not approved the grant would be lost.",
    "The Planning Commission vote was 4-3 and the motion passed there.",
    "The planner noted that the item was unanimously approved at the Commission.",
    "The agenda item was previously approved on March 3.",
    "City Planner Ed Ott said the motion was approved by the Zoning Board.",
    "The committee had unanimous support for this.",
    "The Mayor called for all in favor.",
    "Lopez offered a friendly amendment, which was accepted by Jones.",
]


@pytest.mark.parametrize("remark", REMARKS)
@pytest.mark.parametrize(
    ("result", "expected"),
    [("Motion carried 4-1.", ("passed", 4, 1)), ("Motion failed 1-4.", ("failed", 1, 4))],
)
def test_a_result_that_somebody_speaks_of_is_not_the_votes(remark, result, expected):
    assert told(extract(f"{MOVED}{remark} {result}").motions[0]) == expected


@pytest.mark.parametrize(
    "remark",
    [
        "Marsh opposed the widening of Elm Street and spoke.",
        "Councilmember Marsh voted against the tax in 2019.",
        "Kim voted no at the last meeting.",
        "Lopez abstained from the prior vote.",
    ],
)
def test_how_somebody_voted_elsewhere_is_no_cast(remark):
    assert casts(extract(f"{MOVED}Motion carried 4-1. {remark}").motions[0]) == ""


# -- denials, amendments, order ------------------------------------------------------------------


@pytest.mark.parametrize(
    "told_so", ["Denied 5-0.", "The application was denied 5-0.", "Vote 5-0. DENIED."]
)
def test_a_motion_to_deny_carries_when_it_is_denied(told_so):
    motion = extract(f"Jones moved to deny the application. Kim seconded. {told_so}").motions[0]

    assert told(motion) == ("passed", 5, 0)


def test_a_denial_with_more_ayes_tells_nothing_of_a_motion_that_is_not_known():
    motion = extract("RESULT: DENIED [UNANIMOUS]\nMOVER: Bob Jones\nAYES: Smith, Jones, Kim\n")

    assert told(motion.motions[0]) is None


@pytest.mark.parametrize(
    "then",
    [
        "Lopez withdrew his amendment. The original motion passed 5-0.",
        "The amendment was tabled. The main motion carried 5-0.",
    ],
)
def test_an_amendment_that_is_dropped_leaves_the_vote_to_the_main_motion(then):
    main, amendment = extract(
        f"{MOVED}Lopez moved to amend by $500. Marsh seconded. {then}"
    ).motions

    assert (told(main), told(amendment)) == (("passed", 5, 0), None)


def test_an_amendments_vote_is_not_the_motions():
    motion = extract(
        f"{MOVED}An amendment to cut the levy was approved 3-2. The plat as amended failed 2-3."
    ).motions[0]

    assert told(motion) == ("failed", 2, 3)


BEFORE = {
    "was adopted on motion": (
        "Resolution 5 was adopted on motion of Jones, seconded by Kim. "
        "Resolution 6 was defeated on motion of Lopez, seconded by Marsh."
    ),
    "label": (
        "Approved: Resolution 5, on motion by Jones, second by Kim.\n"
        "Defeated: Resolution 6, on motion by Lopez, second by Marsh.\n"
    ),
    "letters": (
        "M/S/C (Jones/Kim) to approve the minutes.\nM/S/F (Lopez/Marsh) to table the ordinance.\n"
    ),
    "block": (
        "MOVER: Jones\nSECONDER: Kim\nRESULT: CARRIED\n\n"
        "MOVER: Lopez\nSECONDER: Marsh\nRESULT: LOST\n"
    ),
    "carried on motion": (
        "Motion carried on motion by Jones, seconded by Kim, to approve the plat.\n"
        "Motion failed on motion by Lopez, seconded by Marsh, to deny the sign.\n"
    ),
}


@pytest.mark.parametrize("text", BEFORE.values(), ids=BEFORE)
def test_a_result_printed_before_or_beside_the_mover_is_that_movers(text):
    first, second = extract(text).motions

    assert (first.mover, first.seconder, told(first)) == (
        "Bob Jones", "Carol Kim", ("passed", None, None)
    )  # fmt: skip
    assert (second.mover, second.seconder, told(second)) == (
        "David Lopez", "Erin Marsh", ("failed", None, None)
    )  # fmt: skip


def test_a_result_without_a_mover_is_no_other_motions():
    (motion,) = extract(
        "1. Res 5\nRESULT: ADOPTED\n2. Res 6\nRESULT: DEFEATED [2 TO 3]\nMOVER: Bob Jones\n"
        "SECONDER: Carol Kim\nAYES: Jones, Kim\nNAYS: Smith, Lopez, Marsh\n"
    ).motions

    assert ("Res 6" in motion.text, "Res 5" in motion.text) == (True, False)
    assert told(motion) == ("failed", 2, 3)


# -- lists and rolls in layouts ------------------------------------------------------------------

UNTOLD = {
    "options first": "Vote: Aye Smith, Aye Jones, Nay Kim, Nay Lopez, Nay Marsh. Failed.",
    "options first, lines": "Roll call:\nNo Smith\nYes Jones\nYes Kim\nYes Lopez\nCarried.",
    "cut by a page": "AYES: Smith, Jones,\nMeeting Minutes\fPage 4\nKim, Lopez\nNAYS: Marsh",
    "cut at and": "AYES: Smith, Jones and\nCity Council Minutes\fKim\nNAYS: Lopez, Marsh",
    "columns": "AYES: Smith      NAYS: Lopez\n      Jones            Marsh\n      Kim",
    "empty labels": "Aye:\nNay:\nAbsent:\n4 -\n0\n1 -\nSmith, Jones, Kim, Lopez\nMarsh",
    "one label a name": "Yes: Smith. Yes: Jones. No: Kim. Yes: Lopez. Yes: Marsh.",
}


@pytest.mark.parametrize("layout", UNTOLD.values(), ids=UNTOLD)
def test_voters_in_a_layout_that_cannot_be_told_are_not_told(layout):
    motion = extract(f"{MOVED}\n{layout}\n").motions[0]

    assert casts(motion) == ""
    assert motion.vote is None or (motion.vote.yes, motion.vote.unanimous) == (None, None)


LAYOUTS = {
    "a line each": "Aye:\n3 -\nSmith\nJones\nKim\nNay:\n2 -\nLopez\nMarsh\nMotion carried.",
    "remarks": "AYES: Smith, Jones (by phone), Kim. NAYS: Lopez, Marsh. Motion carried.",
    "roll": "Roll call: Smith yes, Jones yes, Kim yes, Lopez no, Marsh no. Motion carried.",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_voters_in_other_layouts_are_told(layout):
    motion = extract(f"{MOVED}\n{layout}\n").motions[0]

    assert told(motion) == ("passed", 3, 2)
    assert casts(motion) == "Smith+ Jones+ Kim+ Lopez- Marsh-"


def test_a_first_voter_below_the_seconder_is_not_lost():
    motion = extract("Motion by Jones\nSecond by Kim\nSmith\nYes\nLopez\nNo\nMarsh\nNo\n").motions[
        0
    ]

    assert (motion.mover, motion.seconder, casts(motion)) == ("Bob Jones", "Carol Kim", "")


@pytest.mark.parametrize(
    "said",
    [
        "All voted aye except Marsh. Motion carried.",
        "The motion was approved unanimously except for Marsh.",
        "The vote was not unanimous. Motion passed.",
        "All in favor? Opposed? Marsh. Carried.",
    ],
)
def test_all_but_one_is_not_unanimous(said):
    vote = extract(f"{MOVED}{said}").motions[0].vote

    assert vote is not None
    assert (vote.result, vote.no) == ("passed", None)
    assert not vote.unanimous


def test_a_vote_with_noes_is_not_unanimous():
    vote = (
        extract(f"{MOVED}All in favor: Smith, Jones, Kim. Opposed: Lopez, Marsh.").motions[0].vote
    )

    assert vote is not None
    assert (vote.yes, vote.no, vote.unanimous) == (3, 2, False)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Motion carried.\n\n7-2 Zoning amendment\n", (None, None, None, None)),
        ("Motion carried.\n6-1. Public hearing\n", (None, None, None, None)),
        ("The vote on Item 4-2 was called. Motion carried.", (None, None, None, None)),
        ("Motion carried 4-0-1 (Marsh absent).", (4, 0, None, 1)),
        ("Motion carried 3-1-1, with Marsh abstaining.", (3, 1, 1, None)),
        ("Motion failed 3-2.", (None, None, None, None)),
        ("Motion failed 3-2; two thirds are required.", (3, 2, None, None)),
        ("Ayes: Jones, Kim. Nays: Lopez, Marsh. The Mayor broke the tie. Carried.", (None,) * 4),
        ("Vote: 4 Yes, 1 No, 0 Abstain. PASSED", (4, 1, 0, None)),
    ],
)
def test_numbers_are_the_votes_or_none(said, expected):
    vote = extract(MOVED + said).motions[0].vote

    assert vote is not None
    assert (vote.yes, vote.no, vote.abstain, vote.absent) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Henry Ott moved to the area in 1980. Motion carried.",
        "Chief Ann Pratt moved to Lakewood in 2009 and asked about the drain.",
    ],
)
def test_people_who_move_elsewhere_move_nothing(text):
    assert extract(text).motions == []


@pytest.mark.parametrize(
    "text",
    [
        "Moved Jones seconded Kim to approve the minutes. Carried.",
        "Motion Jones, second Kim, to approve the minutes. Carried.",
        "Motion by Jones, 2nd by Kim, to approve the minutes. Carried.",
        "MSC Jones/Kim to approve the minutes.",
    ],
)
def test_short_forms(text):
    (motion,) = extract(text).motions

    assert (motion.mover, motion.seconder, motion.text) == (
        "Bob Jones", "Carol Kim", "approve the minutes"
    )  # fmt: skip
    assert told(motion) == ("passed", None, None)


# -- what is told of one side, or half-way --------------------------------------------------------

FIRST = "Jones moved, Kim seconded, to approve. "


@pytest.mark.parametrize(
    "roll",
    [
        "Smith yes, Jones yes, Kim yes (with comment), Lopez no, Marsh no.",
        "Smith yes, Jones yes, Kim yes, Vice Mayor Lopez, who was on the phone, no, Marsh no.",
        "Smith yes, Jones yes, Kim yes, Lopez-pass, Marsh no.",
        "Smith yes, Jones yes, Kim yes, Lopez opposed, Marsh no.",
    ],
)
def test_a_roll_that_was_not_followed_to_its_end_is_not_told(roll):
    motion = extract(f"{FIRST}Roll call: {roll} Motion carried.").motions[0]

    assert (told(motion), casts(motion)) == (("passed", None, None), "")


@pytest.mark.parametrize(
    "one_side",
    [
        "Ayes: Jones, Kim\nNoes .. Smith, Lopez, Marsh\n",
        "Ayes: Jones, Kim. Voting against were Smith, Lopez and Marsh.",
        "Jones yes, Kim yes, Lopez (by phone) no, Marsh no, Smith no\n",
    ],
)
def test_no_result_follows_from_one_side_alone(one_side):
    assert told(extract(FIRST + one_side).motions[0]) is None


@pytest.mark.parametrize(
    "counts", ["Ayes: 2 Noes: 3", "AYES: 2 NAYS: 3 ABSENT: 0", "Ayes-2 Noes-3", "2 yes, 3\nno"]
)
def test_counts_on_a_line_are_both_told(counts):
    assert told(extract(f"{FIRST}\n{counts}\n").motions[0]) == ("failed", 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}The Mayor announced that the motion failed 2-3. The permit was approved.",
        "Jones moved to approve. Kim seconded the motion, which failed 2-3.\nThe plan passed.",
        "Motion by Jones, second by Kim, to hire Acme, Inc. Motion failed 2-3.\nIt was adopted.",
        f"{FIRST}Marsh asked if there was more; there being none, the motion failed 2-3.",
    ],
)
def test_a_motions_own_result_is_not_passed_over(text):
    assert told(extract(text).motions[0]) == ("failed", 2, 3)


def test_a_result_in_what_is_moved_is_an_older_one():
    motion = extract(
        "Jones moved to rescind the motion that carried 4-0. Kim seconded. Failed 1-3."
    )

    assert told(motion.motions[0]) == ("failed", 1, 3)


def test_voters_told_of_a_motion_do_not_make_it():
    found = extract(
        f"{FIRST}Voting for the motion: Jones, Kim. Voting against the motion: Lopez. Carried."
    )

    assert [motion.mover for motion in found.motions] == ["Bob Jones"]


def test_the_result_of_a_part_is_not_the_wholes():
    motion = extract(f"{FIRST}The parts: A: carried 4-0. B: carried 3-1. C: failed 0-4.").motions[0]

    assert told(motion) is None


def test_a_tally_above_the_roll():
    rolls = "Smith - Aye\nJones - Aye\nKim - Aye\nLopez - Nay\nMarsh - Nay\n"
    motion = extract(f"{FIRST}\nAyes: 3 Nays: 2\n{rolls}").motions[0]

    assert (told(motion), casts(motion)) == (
        ("passed", 3, 2), "Smith+ Jones+ Kim+ Lopez- Marsh-"
    )  # fmt: skip


@pytest.mark.parametrize(
    "said",
    ["All in favor, Marsh opposed.", "All in favor with Marsh against.", "5-0, Marsh abstaining."],
)
def test_a_dissent_beside_all_is_not_unanimous(said):
    vote = extract(f"{FIRST}Motion carried. {said}").motions[0].vote

    assert vote is not None
    assert not vote.unanimous


# -- words that read like a vote and are none -----------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Motion carried. No one opposed.",
        "Motion carried, no one voted nay.",
        "Carried with no one voting against.",
        "Carried. Nobody opposed.",
        "Carried, none opposed.",
        "Having no nays, the motion carried.",
        "All in favor, no one abstaining. Carried.",
    ],
)
def test_no_one_is_nobody_and_not_one(said):
    (motion,) = extract(MOVED + said).motions

    assert motion.vote is not None
    assert (motion.vote.no, motion.vote.unanimous) == (0, True)
    assert motion.vote.abstain in (None, 0)


@pytest.mark.parametrize("nobody", ["O", "Ø", "o", "(O)", "O."])
def test_a_lone_letter_o_is_a_zero(nobody):
    (motion,) = extract(f"{MOVED}\nAYES: Jones, Kim, Marsh\nNAYS: {nobody}\nCarried.").motions

    assert (told(motion), casts(motion)) == (("passed", 3, 0), "Jones+ Kim+ Marsh+")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("The vote was 3-2 against the motion.", ("failed", None, None)),
        ("The vote was 3 to 2 against.", ("failed", None, None)),
        ("Vote: 3-2 opposed.", None),
        ("The vote was 3-2 to deny.", None),
        ("The vote was 3-2 to approve.", ("passed", 3, 2)),
        ("Carried 3-2 against the advice of staff.", ("passed", 3, 2)),
        ("Vote: 3-2, against: Lopez, Marsh.", ("passed", 3, 2)),
        ("The vote was 3-2 with Lopez against.", ("passed", 3, 2)),
    ],
)
def test_a_vote_against_a_motion_does_not_carry_it(said, expected):
    (motion,) = extract(MOVED + said).motions

    assert told(motion) == expected


@pytest.mark.parametrize(
    "said",
    [
        "The Mayor ruled the motion passed; Lopez called for a division; motion failed 2-3.",
        "The motion carried. Lopez asked for a roll call.\nAYES: Kim\nNAYS: Jones, Lopez, Marsh",
    ],
)
def test_what_is_counted_again_went_as_the_count_says(said):
    (motion,) = extract(MOVED + said).motions

    assert told(motion) in [("failed", 2, 3), ("failed", 1, 3)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Carried. Lopez asked for a count of dogs. The permit was denied.",
            ("passed", None, None),
        ),
        ("Carried 3-2. Marsh called for a roll call on item 6. It failed 1-4.", ("passed", 3, 2)),
    ],
)
def test_what_is_counted_otherwise_changes_no_result(said, expected):
    assert told(extract(MOVED + said).motions[0]) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("No second was needed. Meeting adjourned.", None),
        ("No second is required. Motion carried.", ("passed", None, None)),
        ("There was no second reading. Motion carried.", ("passed", None, None)),
    ],
)
def test_where_no_second_is_needed_nothing_fails(said, expected):
    assert told(extract(f"Motion by Jones to adjourn. {said}").motions[0]) == expected


@pytest.mark.parametrize(
    "said",
    ["Hearing no objection, the motion was adopted.", "Seeing no discussion, motion carried."],
)
def test_no_objection_is_nobodys_no(said):
    (motion,) = extract(MOVED + said).motions

    assert motion.vote is not None
    assert (motion.vote.no, motion.vote.unanimous) == (None, None)


@pytest.mark.parametrize(
    "told",
    [
        "Motion carried over to the next meeting.",
        "The motion passed to the Finance Committee for review.",
        "The item carried over to May without a vote.",
        "The vote was 2-2 with the Mayor breaking the tie in favor.",
        "Tie vote 2-2; Mayor Ruiz voted aye to break the tie.",
    ],
)
def test_what_goes_elsewhere_or_was_broken_by_another_is_no_vote(told):
    (motion,) = extract(f"Motion by Chen, seconded by Patel, to approve the plan. {told}").motions
    assert motion.vote is None


def test_what_passes_to_a_third_reading_has_passed():
    told = "Motion by Chen, seconded by Patel, to adopt it. It passed to third reading 5-0."
    (motion,) = extract(told).motions
    assert (motion.vote.result, motion.vote.yes) == ("passed", 5)


@pytest.mark.parametrize(
    ("told", "who"),
    [
        (
            "Lane moved to approve the mill. Wood seconded. Motion carried 3-2.",
            ("May Lane", "Ed Wood"),
        ),
        ("Motion by April, seconded by Lane, to adopt it. Carried.", ("Bill April", "May Lane")),
    ],
)
def test_surnames_that_are_words_move_and_second(told, who):
    (motion,) = extract(f"Present: Mayor Ruiz, Bill April, May Lane, Ed Wood.\n\n{told}").motions
    assert (motion.mover, motion.seconder) == who


# -- all in favor, and yet not -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("All in favor: Smith. Opposed: Jones, Kim, Lopez, Marsh. Motion failed 1-4.", (1, 4)),
        ("All in favor: 1. All opposed: 4. Motion failed.", (1, 4)),
        ("All in favor: 2. Opposed: 3.", (2, 3)),
        ("All in favor: Smith, Jones. Opposed: Kim, Lopez, Marsh.", (2, 3)),
        ("All those in favor: Smith. Opposed: Jones, Kim, Marsh. It did not pass.", (1, 3)),
        ("Not all in favor; motion failed on a show of hands, 2 to 3.", (2, 3)),
        ("All in favor say aye. Motion failed for lack of a majority.", (None, None)),
        ("All in favor. The motion did not pass.", (None, None)),
        ("The ayes have it, ruled the Chair. On a recount the motion failed.", (None, None)),
        ("Not unanimous. Motion failed 2-3.", (2, 3)),
        ("A unanimous vote was not obtained; the motion failed.", (None, None)),
        ("The motion does not pass.", (None, None)),
    ],
)
def test_what_is_said_to_have_failed_was_not_passed_by_all_in_favor(said, expected):
    assert told(extract(MOVED + said).motions[0]) == ("failed", *expected)


@pytest.mark.parametrize(
    ("said", "unanimous"),
    [
        ("All in favor. Motion carried.", True),
        ("All in favor. Motion to table failed.", True),
        ("All in favor. The old pump was tested; it failed.", True),
        ("All in favor: Aye. Opposed: none.", True),
        ("All in favor: 5. Opposed: 0. Motion carried.", True),
        ("All in favor: 3. Motion carried.", None),
        ("All in favor: 3. Opposed: 2.", False),
        ("All in favor: Smith, Jones, Kim. All opposed: Lopez, Marsh. Carried.", False),
        ("Not all were in favor. Motion carried 3-2.", False),
    ],
)
def test_all_in_favor_is_unanimous_unless_a_list_or_a_number_follows(said, unanimous):
    vote = extract(MOVED + said).motions[0].vote

    assert vote is not None
    assert (vote.result, vote.unanimous) == ("passed", unanimous)


def test_who_is_listed_behind_all_in_favor_said_aye():
    (motion,) = extract(f"{MOVED}All in favor: Smith. Opposed: Jones, Kim. Failed.").motions

    assert casts(motion) == "Smith+ Jones- Kim-"


@pytest.mark.parametrize(
    "headings", ["Name Yes No Abstain", "Name No Yes Abstain", "Yes\nNo\nAbstain", "Aye No Absent"]
)
def test_headings_of_a_table_that_lost_its_columns_are_no_numbers(headings):
    marks = "\n".join(f"{name} X" for name in ("Smith", "Jones", "Kim", "Lopez", "Marsh"))
    vote = extract(f"{MOVED}\n{headings}\n{marks}\nMotion carried.").motions[0].vote

    assert vote is not None
    assert (vote.yes, vote.no, vote.abstain, vote.absent) == (None, None, None, None)


def test_no_abstentions_are_none():
    vote = extract(f"{MOVED}All voted yes.\nNo abstentions. Motion carried.").motions[0].vote

    assert vote is not None
    assert vote.abstain == 0


# -- other meetings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told_of",
    [
        "Mr. Doe reported that last year Jones moved to sell the barn, and the motion passed 6-0.",
        "At the January 9 meeting, Jones moved to sell the barn, Kim seconded. It passed 5-0.",
        "At the January 9, 2024 meeting Jones moved to sell the barn, Kim seconded. Passed 5-0.",
        "Kim noted that at the January meeting Jones moved to sell the barn and it passed 6-0.",
        "Kim noted that at the March meeting Jones moved to sell the barn and it passed 6-0.",
        "In January 2023 Jones moved to sell the barn, seconded by Kim. The motion carried 5-0.",
        "At its last meeting, on motion of Jones, seconded by Kim, the barn was sold. Carried 5-0.",
        "The Chair reminded the Council that at the previous regular meeting, Jones moved to wait.",
        "Kim recalled that in 2022 it was moved by Jones, seconded by Kim, to wait. Carried.",
    ],
)
def test_a_motion_made_at_another_meeting_is_none_of_this_one(told_of):
    assert extract(told_of).motions == []


@pytest.mark.parametrize(
    "own",
    [
        "At the regular meeting held March 5, 2024, Jones moved to sell the barn. Kim seconded.",
        "At the March meeting, Jones moved to sell the barn. Kim seconded. Carried.",
        "Jones moved to approve the minutes of the last meeting. Kim seconded. Carried.",
        "The minutes of the last meeting were read and Jones moved to approve them. Kim seconded.",
        "As discussed at the last meeting, Jones moved to sell the barn. Kim seconded. Carried.",
        "As discussed\nat the last meeting, Jones moved to sell the barn. Kim seconded. Carried.",
        "The County asked for plans last year. Jones moved to draw them. Kim seconded. Carried.",
        "The attorney said that it is legal and Jones moved to sell the barn. Kim seconded.",
        "Kim reported on the January 9 meeting. Jones moved to accept. Kim seconded. Carried.",
    ],
)
def test_a_meeting_spoken_of_beside_a_motion_does_not_take_it(own):
    (motion,) = extract(own).motions

    assert motion.mover == "Bob Jones"


def test_a_day_in_the_head_is_the_meetings_own_whatever_day_it_is_filed_under():
    said = "At the January 9 meeting, Jones moved to sell the barn. Kim seconded. Carried."

    assert len(minutes.extract(f"Minutes of January 9, 2024\n\n{said}").motions) == 1


def test_the_vote_told_of_another_meeting_is_not_that_of_the_motion_before():
    said = "At the January 9 meeting, Lopez moved to buy it, Kim seconded, and it passed 5-0."
    (motion,) = extract(f"{MOVED}{said}").motions

    assert (motion.mover, told(motion)) == ("Bob Jones", None)


@pytest.mark.parametrize(
    "listed",
    [
        "Absent: Councilmember Fitz Tolliver",
        "Members present: Fitz Tolliver",
        "Also present: Clerk Ida Roe,\nAttorney Fitz Tolliver",
    ],
)
def test_a_mover_below_a_list_of_those_there_has_no_name_from_that(listed):
    (motion,) = extract(f"{listed}\nJones moved approval. Kim seconded. Unanimous.").motions

    assert (motion.mover, motion.seconder) == ("Bob Jones", "Carol Kim")
