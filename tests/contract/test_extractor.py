"""What every extractor promises, run on each one that is registered."""

import importlib.metadata
from datetime import date

import pytest

from clerk.model import DocumentKind, Extraction, MeetingText
from clerk.ports import Extractor

PAGES = [
    (3, "PRESENT: Mayor Ann Archer, Councilmember Bo Baker, Councilmember Cy Cooper\n\n"),
    (
        4,
        (
            "Moved by Councilmember Baker, seconded by Councilmember Cooper, to pave Elm Street.\n"
            "AYES: Archer, Baker, Cooper\nNAYS: None\nMotion carried 3-0."
        ),
    ),
]
ENTRY_POINTS = importlib.metadata.entry_points(group="clerk.extractors")


@pytest.fixture(params=ENTRY_POINTS, ids=lambda point: point.name)
def extractor(request) -> Extractor:
    made: Extractor = request.param.load()()
    return made


def meeting(pages: list[tuple[int, str]]) -> MeetingText:
    return MeetingText(
        kind=DocumentKind.MINUTES, body="City Council", date=date(2024, 3, 5), pages=pages
    )


def test_at_least_the_built_in_one_is_registered():
    assert "rules" in {point.name for point in ENTRY_POINTS}


def test_it_names_itself_and_its_version(extractor):
    assert extractor.version
    assert extractor.extract(meeting(PAGES)).extractor == extractor.version


def test_it_may_be_prepared_again_and_answers_as_without(extractor):
    found = extractor.extract(meeting(PAGES))
    extractor.prepare()
    extractor.prepare()
    assert extractor.extract(meeting(PAGES)) == found


def test_pages_keep_the_numbers_they_came_with(extractor):
    found: Extraction = extractor.extract(meeting(PAGES))
    (motion,) = found.motions
    assert motion.span.page == 4
    assert {item.span.page for item in found.attendance} == {3}


def test_everybody_named_by_a_fact_is_among_the_people(extractor):
    found = extractor.extract(meeting(PAGES))
    people = {person.name for person in found.people}
    named = {item.name for item in [*found.attendance, *found.mentions]}
    for motion in found.motions:
        named |= {name for name in (motion.mover, motion.seconder) if name}
        named |= {cast.name for cast in motion.vote.casts} if motion.vote else set()
    assert named <= people
    assert len(found.people) == len(people)


def test_the_same_text_gives_the_same_answer(extractor):
    assert extractor.extract(meeting(PAGES)) == extractor.extract(meeting(PAGES))


@pytest.mark.parametrize("pages", [[], [(1, "")], [(1, "\x00\ufffe\u202e")], [(1, "Moved by")]])
def test_poor_text_gives_little_and_raises_nothing(extractor, pages):
    assert extractor.extract(meeting(pages)).extractor
