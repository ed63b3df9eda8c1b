"""Which of a day's meetings a document is of: told from names and headings, numbered for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.stages.meetings import Paper, meetings_of, superseded
from clerk.stages.sessions import find_session, session_of_heading
from tests.documents import AGENDA, MINUTES

DAY = date(2024, 3, 5)
FIRST_RUN = datetime(2024, 4, 1, tzinfo=UTC)


def paper(
    name,
    kind=MINUTES,
    *,
    ordinal=1,
    session=None,
    weeks=0,
    place="",
    day=DAY,
    content=None,
    extracted=True,
    estimated=False,
):
    return Paper(
        id=f"{kind} {place or name}",
        kind=kind,
        slug="city-council",
        date=day,
        ordinal=ordinal,
        title=name,
        place=place or f"{name}.pdf",
        session=find_session(name) if session is None else session,
        date_estimated=estimated,
        since=FIRST_RUN + timedelta(weeks=weeks),
        sha256=content or name,
        extracted=extracted,
    )


def numbers(*papers):
    found = meetings_of(papers)
    return [found[each.id].ordinal for each in papers]


@pytest.mark.parametrize(
    ("name", "session"),
    [
        ("2024-03-05 Special Meeting Minutes", "special meeting"),
        ("CC_Special_Called_Mtg_030524", "special meeting"),
        ("SpecialMeeting-2024-03-05", "special meeting"),
        ("2024-03-05 Special City Council Meeting", "special meeting"),
        ("2024-03-05-special-minutes", "special meeting"),
        ("special_2024-03-05", "special meeting"),
        ("City Council Work Session 3-5-24", "work session"),
        ("Budget Workshop", "work session"),
        ("Executive Session minutes", "executive session"),
        ("Emergency Meeting", "emergency meeting"),
        ("Joint Meeting with the School Board", "joint meeting"),
        ("Regular Meeting and Executive Session", "regular meeting"),
        ("Regular City Council Meeting", "regular meeting"),
        ("Special Committee on Parks Meeting 2024-03-05", ""),
        ("Especially minutes", ""),
        ("City Council 2024-03-05 minutes", ""),
    ],
)
def test_names_tell_the_session(name, session):
    assert find_session(name) == session


@pytest.mark.parametrize(
    ("page", "session"),
    [
        ("CITY OF ALDER\nCITY COUNCIL\nSPECIAL MEETING\nMarch 5, 2024\n", "special meeting"),
        ("MINUTES OF THE WORK SESSION\nMarch 5, 2024\n", "work session"),
        ("REGULAR MEETING\nExecutive Session at 6:00 p.m.\n", "regular meeting"),
        ("CITY COUNCIL\nMarch 5\n1. Call to order\n2. Minutes of the special meeting\n", ""),
        ("The council met in special session to speak of boats.", ""),
        ("", ""),
    ],
)
def test_the_heading_of_the_first_page_tells_the_session(page, session):
    assert session_of_heading(page) == session


@given(st.text(max_size=300))
def test_any_text_has_a_session_or_none(text):
    assert isinstance(find_session(text) + session_of_heading(text), str)


def test_agenda_and_minutes_of_a_day_are_one_meeting_whatever_they_are_called():
    assert numbers(paper("minutes"), paper("agenda", AGENDA)) == [1, 1]
    assert numbers(paper("Special Meeting"), paper("agenda packet", AGENDA)) == [1, 1]


def test_a_special_and_a_regular_meeting_are_two():
    special = paper("2024-03-05 Special Meeting Minutes")
    regular = paper("2024-03-05 Regular Meeting Agenda", AGENDA)

    found = meetings_of([special, regular])

    assert found[special.id].ordinal != found[regular.id].ordinal
    assert found[special.id].session == "special meeting"
    assert found[regular.id].session == "", "which is what a meeting is if nobody says otherwise"


def test_documents_find_their_meeting_in_whatever_order_they_come():
    regular, special = paper("minutes"), paper("special minutes", ordinal=2)
    its_agenda = paper("special agenda", AGENDA)
    regular_agenda = paper("agenda", AGENDA, ordinal=2)

    assert numbers(regular, special, its_agenda, regular_agenda) == [1, 2, 2, 1]


def test_the_first_meeting_of_a_day_keeps_its_number_when_others_come():
    special = paper("Special Meeting")
    regular = paper("Regular Meeting Agenda", AGENDA, weeks=1)
    work = paper("Work Session", ordinal=2, weeks=2)

    assert numbers(special) == [1]
    assert numbers(regular, special) == [2, 1]
    assert numbers(work, regular, special) == [3, 2, 1]


def test_meetings_that_no_word_tells_apart_go_by_their_order_as_documents():
    both = [paper("minutes a"), paper("minutes b", ordinal=2)]
    agendas = [paper("agenda a", AGENDA), paper("agenda b", AGENDA, ordinal=2)]

    assert numbers(*both, *agendas) == [1, 2, 1, 2]


def test_what_names_share_besides_the_session_pairs_them():
    evening = paper("2024-03-05 6pm minutes")
    agendas = [
        paper("2024-03-05 9am agenda", AGENDA),
        paper("2024-03-05 6pm agenda", AGENDA, ordinal=2),
    ]

    assert numbers(evening, *agendas) == [1, 2, 1]


def counting(*papers):
    """Names of the minutes whose votes count."""
    instead = superseded(papers, meetings_of(papers))
    return [each.title for each in papers if each.id not in instead]


@pytest.mark.parametrize(
    "names",
    [
        ["2024-03-05-DRAFT", "2024-03-05-approved"],
        ["Minutes (draft)", "Minutes"],
        ["Minutes", "Minutes revised"],
        ["Unapproved Minutes", "Council minutes signed"],
        ["Council minutes v2 draft", "Council minutes v10 draft"],
        ["Regular Meeting Minutes draft", "minutes_final"],
        ["minutes draft revised", "minutes approved"],
    ],
)
def test_of_versions_of_minutes_the_votes_of_one_count(names):
    weaker, stronger = names

    assert counting(paper(weaker), paper(stronger, ordinal=2)) == [stronger]
    assert counting(paper(weaker, weeks=1, ordinal=2), paper(stronger)) == [stronger]
    assert numbers(paper(weaker), paper(stronger, ordinal=2), paper("agenda", AGENDA)) == [1, 1, 1]


def test_folders_tell_drafts_too():
    draft = paper("2024-03-05", place="Draft/2024-03-05.pdf", content="a")
    approved = paper("2024-03-05", place="Approved/2024-03-05.pdf", content="b", ordinal=2)

    assert superseded([draft, approved], meetings_of([draft, approved])) == {draft.id: approved.id}


@pytest.mark.parametrize(
    "names",
    [
        ["Minutes part 1", "Minutes part 2"],
        ["Minutes 9am", "Minutes 6pm approved"],
        ["Minutes draft", "Special Meeting Minutes approved"],
        ["Minutes-1", "Minutes-2"],
    ],
)
def test_what_may_be_two_meetings_counts_twice(names):
    one, other = names

    assert counting(paper(one), paper(other, ordinal=2)) == names
    assert numbers(paper(one), paper(other, ordinal=2)) == [1, 2]


def test_two_files_of_one_name_are_of_two_meetings():
    both = [paper("Minutes", place="1", content="a"), paper("Minutes", place="2", content="b")]

    assert len(counting(*both)) == 2


def test_the_same_bytes_count_once_under_their_newest_name():
    wrong = paper("2024-03-06 minutes", day=date(2024, 3, 6), content="same")
    right = paper("2024-03-05 minutes", content="same", weeks=1)

    assert counting(wrong, right) == [right.title]
    assert counting(paper("a", content="same"), paper("b", content="same", ordinal=2)) == ["b"]


def test_a_copy_under_any_name_is_of_the_same_meeting():
    draft, copy = paper("draft"), paper("other name", content="same", ordinal=2)
    approved = paper("approved", content="same", ordinal=3)

    assert numbers(draft, copy, approved) == [1, 1, 1]
    assert counting(draft, copy, approved) == ["approved"]


def test_a_draft_counts_until_the_approved_minutes_were_understood():
    draft, approved = paper("draft"), paper("approved", ordinal=2, extracted=False)

    assert counting(draft, approved) == ["draft", "approved"]


def test_who_is_superseded_names_the_one_that_counts_in_the_end():
    draft = paper("draft")
    approved = paper("approved", ordinal=2, content="same")
    moved = paper("approved", place="x", content="same", weeks=1, day=date(2024, 3, 6))
    papers = [draft, approved, moved]

    assert superseded(papers, meetings_of(papers)) == {draft.id: moved.id, approved.id: moved.id}


@given(st.permutations(["draft", "approved", "v2", "v3 draft", "minutes", "agenda", "part 2"]))
def test_the_order_of_papers_decides_nothing(names):
    papers = [paper(name, ordinal=number) for number, name in enumerate(sorted(names), 1)]
    shuffled = sorted(papers, key=lambda each: names.index(each.title))

    found = meetings_of(shuffled)

    assert found == meetings_of(papers)
    assert superseded(shuffled, found) == superseded(papers, found)


def test_a_meetings_day_is_estimated_unless_one_of_its_documents_says_it():
    guessed = paper("minutes", estimated=True)
    told = paper("agenda", AGENDA)

    assert meetings_of([guessed])[guessed.id].date_estimated
    assert not meetings_of([guessed, told])[guessed.id].date_estimated
