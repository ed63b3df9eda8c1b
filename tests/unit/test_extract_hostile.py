"""Any text at all: extraction ends soon, raises nothing, and every span is on its page."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk.model import Extraction, Span
from tests.minutes import extract

SIZE = 20_000
"""Characters: a quadratic pattern of groups needs six seconds, a linear one less than one."""
ENDLESS = 60_000
"""Characters of one kind: here a quadratic pattern of one class needs eight seconds."""
CPU_SECONDS = 4.5
"""Of CPU and not of the clock: what else the machine does must not decide."""

WORDS = [
    "Moved by", "moved", "seconded by", "seconded", "Motion", "motion to", "Mayor", "Baker",
    "B.", "O’Brien", "AYES:", "NAYS:", "None", "yes", "no", "voting aye", "absent", "PRESENT:",
    "carried", "failed", "unanimously", "5-0", "RESULT:", "MOVER:", "M/S", "/", "by", "to", "that",
    "and", "with", ",", ".", ";", ":", "-", "–", "(", ")", "\n", "\n\n", "\f", " " * 9, "\u202e",
    "\ufffe", "\x00", "İ", "ß", "Roll call", "R2023-01", "\u2028", "Jr.", "City Attorney",
    "all in favor", "Cooper", "Ord. No. 5-98", "Passed. Yeas 20. Nays 1.", "4. ORDINANCE",
    "NEW BUSINESS", "the main motion", "to amend",
]  # fmt: skip

HOSTILE = [
    "A",
    "Aa ",
    "A'",
    "Mayor-",
    "Chief Baker ",
    "Baker and ",
    "AYES: Baker, ",
    "PRESENT: Baker, ",
    "Moved by Baker ",
    "unanimously ",
    "5-0 ",
    "\n",
    " ",
    "(",
    "Ord. No. 1\n",
    "Ord. No. 1\nYeas 1. Nays 0. ",
    "Yeas 1. Nays 0. ",
    "Moved by Baker. Failed. ",
    "Moved by Baker to amend. The main motion ",
    "4. ORDINANCES\n",
    "Baker/Cooper moved ",
    "PAVING\nBaker moved ",
    "Director Baker.\n",
    "voted no. ",
    "Baker, present; ",
    "Baker was absent ",
    "Item 5. ",
    "RESULT: MOVER: Baker\n",
    "M/S/C (Baker/Cooper) ",
    "approved on motion of Baker. ",
    "Aye Baker, ",
    "Present  Absent\n",
    "Al Baker  ",
    "Part 1 carried. ",
    "On the amendment ",
    "Baker proposed Cooper. ",
    "Baker proposed Cooper as Chair. ",
    "Baker nominated Cooper for ",
    "Proposed: Baker Seconded: ",
    "Baker was approved 5-0. ",
    "1. Baker - approved ",
    "B. Cooper and B. ",
    "Cllr A Baker proposed that ",
    "Present: Baker District A - District A, ",
    "Apologies: Cllr A Baker, ",
    "OTHERS IN ATTENDANCE: A. Baker\n",
    "Al 'Mick' Baker, ",
    "as amended*\nTrustees Baker, voted ",
    "Ayes-Baker, Nays-none. ",
    ", Bakeryes ",
    "and of the New Business\n",
    "the motion was tabled ",
    "Mayor Van der ",
    "PRESENT: Baker  Cooper  ",
    "PRESENT: Al Baker, Cy\n",
    "Attendee Name Title Status\n",
    "Attendee Name Title Status\nAl Baker  Mayor  Present\n",
    "MEMBERS PRESENT\n",
    "Present: Al Baker (Chair) ",
    "Moved by Baker to adopt. Moved by Cooper to table. Failed. Motion to adopt ",
    "Mr. Baker moved its adoption ",
    "On motion of Baker, the plat ",
    "Baker, Cooper were present. ",
    "order with Baker and Cooper present and ",
    "Moved Baker to rest. Seconded Cooper. ",
    "Carried. Baker called for a division. ",
    "no one opposed, 3-2 against ",
    "NAYS: O ",
    "Present: Pct. 1 ",
    "\n\nPRESENT\nAl Baker",
    "1. Al Baker\n",
    "Ayes 2 (Al Baker, ",
    "Moved (Baker), seconded (Cooper ",
    "Made by: Baker\n",
    "Present: Ward 1 - Al Baker (chair) - ",
    "On motion of Baker, the Board of Oz ",
    "On motion of Baker, the Board approved \n\n",
    "PAVING\n\nMotion by Baker. ",
    "NAME  AYE  NAY\n",
    "NAME  AYE  NAY\nBaker  X\n",
    "Baker moved its adoption, seconded by Cooper:\nRESOLVED, that ",
    "Baker offered the above resolution ",
    "ROLL CALL\n",
    "ROLL CALL\nMayor Baker\n",
    "PRESENT: Mayor Baker\n\n",
    "Al Baker, Chair\n\n",
    "Present: Al Baker (Clerk) Bo Cooper (Mayor) ",
    "Ayes: Baker.\nMayor Cooper.\n",
    "Present: Al Baker. Al moved to rest. ",
    "Commissioner District 2 ",
    "Betty A. ",
    "M/s Baker - Cooper ",
    "A motion was made, seconded and approved to rest ",
    "It was moved and seconded to rest ",
    "1st: BAKER 2nd: COOPER\n",
    "1st: BAKER 2nd: COOPER\nMr. Baker moved to rest. ",
    "CARRIED 5-0\nMoved by Baker to rest.\n",
    "RESULT: PASSED\nMOVER: Baker\nBaker moved to rest. ",
    "Moved by Baker to rest. Vote on Motion: ",
    "3 in favor (Baker, ",
    "Baker: Yes\n 3\nOz\n\n",
    "Al Baker said ",
    "Al Baker, of Oz, Resident\n",
    ". . . ",
    "Present:\n      Mayor      Al Baker\n",
]


def spans(found: Extraction) -> list[Span]:
    votes = [motion.vote for motion in found.motions if motion.vote]
    return [
        *(mention.span for mention in found.mentions),
        *(item.span for item in found.attendance),
        *(motion.span for motion in found.motions),
        *(vote.span for vote in votes),
        *(cast.span for vote in votes for cast in vote.casts),
    ]


def extract_in_time(text: str) -> None:
    began = time.process_time()
    extract(text)
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_twenty_thousand_characters_of_anything_are_read_in_time(unit):
    extract_in_time(unit * (SIZE // len(unit)))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("lead", ["Moved by Baker, seconded by Cooper, to ", "PRESENT: ", "AYES: "])
@pytest.mark.parametrize("unit", ["A. ", "\n", " "])
def test_a_cue_before_endless_text_is_read_in_time(lead, unit):
    extract_in_time(lead + unit * (ENDLESS // len(unit)))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), max_size=4))
def test_words_of_minutes_in_any_order_give_spans_on_their_pages(pages):
    found = extract(*pages)
    for span in spans(found):
        assert 0 <= span.start <= span.end <= len(pages[span.page - 1])
    for mention in found.mentions:
        assert pages[mention.span.page - 1][mention.span.start : mention.span.end] in mention.text
    for motion in found.motions:
        if motion.vote:
            assert len({cast.name for cast in motion.vote.casts}) == len(motion.vote.casts)
        assert motion.seconder is None or motion.seconder != motion.mover


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=3))
def test_any_text_gives_an_answer_and_the_same_one_again(pages):
    assert extract(*pages) == extract(*pages)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(categories=["Lu", "Ll", "Zs", "Po", "Pd", "Cc", "Cf"]), max_size=400))
def test_any_name_after_a_cue_gives_an_answer(name):
    extract(f"PRESENT: {name}\nMoved by {name}, seconded by {name}, to rest.\nAYES: {name}\n")


def test_a_document_without_pages_or_words_has_nothing_in_it():
    assert extract().motions == ()
    assert extract("", "").people == []
