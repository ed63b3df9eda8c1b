"""Results, rolls and dissents in the short forms that clerks write below a motion."""

import pytest

from clerk.model import Motion, Vote
from tests.minutes import extract

ROLL = "PRESENT: Mayor Ann Archer, Bo Baker, Cy Cooper, Di Dyer, Ed Early\n\n"
PAVE = "Moved by Baker, seconded by Cooper, to pave Elm Street. "


def motions(text: str) -> list[Motion]:
    return list(extract(ROLL + text).motions)


def vote_on(said: str) -> Vote:
    (motion,) = motions(PAVE + said)
    assert motion.vote is not None
    return motion.vote


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Motion carried 4-1 (Dyer opposed).", {"Dyer": "no"}),
        ("Motion carried 4-1, Mr. Dyer dissenting.", {"Dyer": "no"}),
        ("Motion carried 4-1, with Dyer voting no.", {"Dyer": "no"}),
        ("Motion carried with Mr. Dyer and Ms. Early voting no.", {"Dyer": "no", "Early": "no"}),
        ("Passed 3-1-1 (Dyer opposed, Early abstained).", {"Dyer": "no", "Early": "abstain"}),
    ],
)
def test_who_is_named_beside_a_count_voted_so(said, expected):
    assert {cast.name.split()[-1]: cast.option for cast in vote_on(said).casts} == expected


@pytest.mark.parametrize(
    ("roll", "result"),
    [
        ("Roll call:\n1. Baker - Aye\n2. Cooper - Aye\n3. Dyer - Nay\nMotion carried.", "passed"),
        ("\n- Baker: yes\n- Cooper: yes\n- Dyer: no\nCARRIED", "passed"),
        ("\n1. Dyer - No\n2. Early - No\n3. Baker - Yes\nDEFEATED", "failed"),
        ("\nAYES: Baker\nNAYS: Dyer, Early\nDEFEATED", "failed"),
        ("\nAYES: Council Members: Baker, Mayor Archer\nNOES: Council Members: Dyer\n", "passed"),
        ("Roll call: Baker-y, Cooper-y, Dyer-n. M/C", "passed"),
        ("\nFor (2): Mayor Archer, Baker\nAgainst (1): Dyer\n", "passed"),
    ],
)
def test_a_roll_on_lines_of_its_own_is_read_to_its_end(roll, result):
    vote = vote_on(roll)

    assert vote.result == result
    assert {vote.yes, vote.no} == {1, 2}
    assert len(vote.casts) == 3


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("Motion carried 5/0.", (5, 0)),
        ("M/C 4-1.", (4, 1)),
        ("M/C.", (None, None)),
        ("Motion carried 5/1/24.", (None, None)),
    ],
)
def test_short_forms_of_a_result(said, counts):
    vote = vote_on(said)

    assert (vote.result, vote.yes, vote.no) == ("passed", *counts)


@pytest.mark.parametrize(
    ("said", "unanimous"),
    [
        ("Motion carried.", None),
        ("Motion failed.", None),
        ("All in favor. Motion carried.", True),
        ("All in favor, none opposed.", True),
        ("Carried 5-0.", True),
        ("Carried 4-1.", False),
        ("Failed 2-3.", False),
        ("Carried 4-0-1.", False),
    ],
)
def test_whether_all_agreed_is_null_where_it_is_not_told(said, unanimous):
    assert vote_on(said).unanimous is unanimous


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("to amend it. Amendment passed 4-1. The ordinance as amended passed 3-2.", (3, 2)),
        ("to amend it. The amendment carried 4-1. Ordinance 5 as amended was adopted 3-2.", (3, 2)),
        ("to table. Motion to table failed 1-4. The vote on the main motion: carried 3-2.", (3, 2)),
        ("to table. Motion to table failed 1-4. Motion to adopt carried 3-2.", (3, 2)),
        ("to table. Motion to table carried 3-2.", None),
        ("to table. Motion to table failed 1-4. Motion to adopt the minutes carried 3-2.", None),
        ("to table it. Carried 3-2. The motion to adopt was carried 5-0.", None),
        ("to refer it to committee. Carried 3-2. The ordinance as amended passed 7-0.", None),
        ("to postpone it. Carried 3-2.\nThe original motion for the pool passed 5-0.", None),
        ("to amend it. Carried 3-2. The amended budget was approved 7-0.", None),
        ("to amend it. Carried 3-2. Ordinance 6 as amended was adopted 5-0.", None),
        ("to amend it. Carried 3-2. Dyer said the county's amended ordinance passed 7-0.", None),
        (
            "to amend it. Carried 4-1. Dyer read the main motion. The main motion lost 2-3.",
            (2, 3),
        ),
    ],
)
def test_the_main_motions_vote_is_told_below_what_came_between(below, expected):
    moved = "Baker moved to adopt Ordinance 5, seconded by Cooper."
    main, between = motions(f"{moved} Dyer moved {below}")

    assert between.vote is not None
    assert (main.vote and (main.vote.yes, main.vote.no)) == expected


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("moved its adoption", "Ordinance 5 was read. Mr. Baker moved its adoption"),
        ("moved passage of Ordinance 5", "passage of Ordinance 5"),
        ("moved the adoption of Ordinance 5", "adoption of Ordinance 5"),
    ],
)
def test_to_move_the_adoption_of_something_is_a_motion(said, text):
    (motion,) = motions(f"Ordinance 5 was read. Mr. Baker {said}, seconded by Cooper. Carried 4-1.")

    assert (motion.mover, motion.seconder, motion.text) == ("Bo Baker", "Cy Cooper", text)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ("Baker moved and Cooper seconded the motion to rest. Carried 3-0.", "rest"),
        ("On motion of Baker, seconded by Cooper, the plat was approved. Vote: 3-0.", "the plat"),
        ("Motion: To rest until May 9.\nMoved by: Baker     Seconded by: Cooper\nCarried 3-0.\n",
         "rest until May 9"),
        ("Moved by Baker, seconded by Cooper, to go at 8 P.M. All voted aye. 3-0.", "go at 8 P.M"),
        ("Moved by Baker, seconded by Cooper, to act under Wis. Stat. 19.85. Carried 3-0.",
         "act under Wis. Stat. 19.85"),
        ("Baker moved, Cooper second to rest. Carried 3-0.", "rest"),
        ("Baker moved, seconded by Cooper and carried 3-0 (Dyer absent), to rest.", "rest"),
        ("MOVED by Baker, SECONDED by Cooper and UNANIMOUSLY CARRIED 3-0, to rest.", "rest"),
        ("Moved Baker, seconded by Cooper, that the plat be approved. Carried 3-0.",
         "plat be approved"),
        ("Motion to adjourn made by Baker, second by Cooper. Carried 3-0.", "adjourn"),
        ("Moved By Baker\nSeconded By Cooper\nThat we rest.\nYeas (3): Baker, Cooper, Ed\nNays (0)",
         "we rest"),
        ("Baker moved to rest, C. Cooper 2nd. Carried 3-0.", "rest"),
        ("Resolution 5: A resolution on fees. Moved by Baker, seconded by Cooper. Carried 3-0.",
         "Resolution 5: A resolution on fees"),
        ("The motion by Baker, seconded by Cooper, to hire Hill Bros. for $5 passed 3-0.",
         "hire Hill Bros. for $5"),
        ("Motion by Baker, seconded by Cooper, to rest failed to be heard. Carried 3-0.",
         "rest failed to be heard"),
        ("Motion: Baker/Cooper to rest; passed 3-0.", "rest"),
        ("Plat 5 was offered by Mr. Baker, who moved its adoption, seconded by Mr. Cooper. 3-0.",
         "Plat 5 was offered by Mr. Baker, who moved its adoption"),
        ("Moved Baker to rest. Seconded Cooper. Roll call: yes: Baker, Cooper, Dyer; no: none.",
         "rest"),
        ("The plat was approved on Mr. Baker's motion, Ms. Cooper's second on a 3-0 vote.",
         "The plat"),
    ],
)  # fmt: skip
def test_what_was_moved_is_neither_lost_nor_runs_on(record, text):
    (motion,) = motions(record)

    assert (motion.mover, motion.seconder, motion.text) == ("Bo Baker", "Cy Cooper", text)
    assert motion.vote is not None
    assert (motion.vote.result, motion.vote.yes, motion.vote.no) == ("passed", 3, 0)


def test_what_was_denied_on_a_motion_may_be_what_was_moved():
    (motion,) = motions("On motion of Baker, seconded by Cooper, the application was denied.")

    assert motion.vote is None


def test_a_blank_line_ends_a_record_before_the_next_movers_name():
    first, second = motions(
        "Dyer MOVED to rest. Early SECONDED.\nAYES: Dyer, Early\nNAYS: 0\nMOTION CARRIED 2-0\n\n"
        "Baker MOVED to run. The motion FAILED for want of a second.\n"
    )

    assert first.vote is not None
    assert (first.vote.result, len(first.vote.casts)) == ("passed", 2)
    assert second.vote is not None
    assert second.vote.result == "failed"


@pytest.mark.parametrize(
    "said",
    [
        "Roll call: Ayes \u2013 Archer, Baker. Nays \u2013 Dyer. Motion carried.",
        "Vote 2-1. D. Dyer opposed.",
    ],
)
def test_votes_behind_dashes_and_numbers_alone_have_their_voters(said):
    vote = vote_on(said)

    assert (vote.result, vote.yes, vote.no) == ("passed", 2, 1)
    assert ("Di Dyer", "no") in [(cast.name, cast.option) for cast in vote.casts]


@pytest.mark.parametrize("said", ["Ayes: all. Carried.", "Ayes all.", "Carried without dissent."])
def test_ayes_all_is_unanimous(said):
    vote = vote_on(said)

    assert (vote.yes, vote.no, vote.unanimous) == (None, 0, True)


def test_a_list_below_the_next_heading_is_another_votes():
    vote = vote_on("Motion carried\nOld Business\nThe grant. Ayes: Early, Baker. Nays: Dyer.\n")

    assert (vote.result, vote.yes, vote.casts) == ("passed", None, [])


def test_a_substitute_leaves_the_original_motion_open():
    original, substitute = motions(
        "Baker moved to rest. Cooper seconded. Substitute motion: Dyer moved to wait. Early second."
        " The substitute motion failed 2-3. The original motion passed 3-2."
    )

    assert original.vote is not None
    assert (original.vote.result, original.vote.yes) == ("passed", 3)
    assert substitute.vote is not None
    assert (substitute.vote.result, substitute.vote.yes) == ("failed", 2)


def test_a_motion_that_passed_in_its_own_sentence_has_its_dissenters():
    (motion,) = motions(
        "The motion by Baker, seconded by Cooper to pave Elm passed with Dyer and Early voting nay."
    )

    assert motion.text == "pave Elm"
    assert motion.vote is not None
    assert [cast.name for cast in motion.vote.casts] == ["Di Dyer", "Ed Early"]


BODIES = {
    "Council voted 3-0 to approve the lease.": ("approve the lease", "passed", True),
    "Council voted 1-2 to approve the lease.": ("approve the lease", "failed", False),
    "the Board approved payment of bills.": ("approved payment of bills", "passed", None),
    "the Town Board of the Town of Oz hired Kim Poe.": ("hired Kim Poe", "passed", None),
    "the Board unanimously agreed to hire Kim Poe.": ("hire Kim Poe", "passed", True),
    "the Board unanimously agreed to rest. Dyer abstained.": ("rest", "passed", None),
    "it was unanimously agreed to hire Kim Poe.": ("hire Kim Poe", "passed", True),
    "the Board tabled the plat until May.": ("tabled the plat until May", "passed", None),
    "the Board rejected all bids.": ("rejected all bids", None, None),
    "the meeting adjourned at 9:10.": ("the meeting adjourned at 9:10", "passed", None),
    "and unanimously carried, the minutes were approved.": ("the minutes", "passed", True),
    "and by the following vote, the Council approved the lease:\n\nBaker  Aye\nCooper  Aye\n": (
        "approved the lease", "passed", True
    ),
    "the Council voted 2-1 to adopt the calendar (Dyer opposed).": (
        "adopt the calendar", "passed", False
    ),
}  # fmt: skip


@pytest.mark.parametrize(("did", "expected"), BODIES.items())
def test_what_a_body_did_on_a_motion_was_moved_and_carried(did, expected):
    (motion,) = motions(f"On motion of Baker, seconded by Cooper, {did}")

    vote = motion.vote
    assert (motion.text, vote and vote.result, vote and vote.unanimous) == expected


@pytest.mark.parametrize(
    ("above", "text"),
    [
        ("", ""),
        ("Mr. Poe thanked the Council\n\n", ""),
        ("The plat was reviewed.\n\n", ""),
        ("NEW BUSINESS: Street Lights\n\n", "NEW BUSINESS: Street Lights"),
        ("Street Lights\n\n", "Street Lights"),
        ("Resolution 12, to pave Elm Street\n\n", "Resolution 12, to pave Elm Street"),
        ("Motion to adjourn.\n\n", "adjourn"),
        ("Consider approval of the lease.\n\n", "Consider approval of the lease"),
        ("Approval was discussed. The road is bad.\n\n", ""),
    ],
)
def test_only_a_heading_or_a_proposal_above_a_blank_line_is_what_was_moved(above, text):
    (motion,) = motions(f"{above}Motion by Baker. Second by Cooper. Carried.")

    assert motion.text == text


FORMS = {
    "Dyer moved to rest. Baker seconded. Ayes 2 (Dyer, Baker); Noes 1 (Cooper).": ("passed", 2, 1),
    "Dyer moved to rest. Baker seconded. Yes: 2 (Dyer, Baker) No: 1 (Cooper).": ("passed", 2, 1),
    "Dyer moved to rest. Baker seconded. Yes votes: 3; No votes: 0": ("passed", 3, 0),
    "Dyer moved to rest. Baker seconded. Yes-2, No-1 (Cooper). PASSED": ("passed", 2, 1),
    "Dyer/Baker m/s to rest. Ayes: Dyer, Baker. Nays: Cooper. Passed.": ("passed", 2, 1),
    "Moved (Dyer) and seconded (Baker) to rest. Carried 3-0.": ("passed", 3, 0),
    "Motion: To rest\nMade by: Dyer\nSeconded by: Baker\nVote: 3-0\n": ("passed", 3, 0),
    "Motion by Dyer, second Baker to rest. Carried 3-0.": ("passed", 3, 0),
    "Moved by Dyer, seconded by Baker to rest.\nADOPTED  AYES 3 NAYS 0": ("passed", 3, 0),
    "Dyer moved to table it. Baker seconded. Motion tabled 3-0.": ("passed", 3, 0),
    "Dyer moved to keep No 5 (Hill Park). Baker seconded. Carried.": ("passed", None, None),
}


@pytest.mark.parametrize(("record", "expected"), FORMS.items())
def test_more_ways_to_write_a_motion_and_its_vote(record, expected):
    (motion,) = motions(record)

    vote = motion.vote
    assert vote is not None
    assert (motion.mover, motion.seconder) == ("Di Dyer", "Bo Baker")
    assert (vote.result, vote.yes, vote.no) == expected


def test_the_words_of_the_motion_before_are_not_this_ones():
    _, motion = motions("Motion by Baker, second Cooper to pave Elm. Carried. Motion by Dyer. 3-0.")

    assert (motion.mover, motion.text) == ("Di Dyer", "")


def test_to_adjourn_needs_no_second():
    (motion,) = motions("Dyer motioned to adjourn at 8:45 pm. No second was needed.")

    assert (motion.mover, motion.text, motion.vote) == ("Di Dyer", "adjourn at 8:45 pm", None)


def test_words_of_the_grammar_are_surnames_too():
    (motion,) = extract("M/S Ann First - Bo Next to pave Elm Street. Motion carried.").motions

    assert (motion.mover, motion.seconder) == ("Ann First", "Bo Next")
