"""Which of a day's meetings a document is of: told from names and headings, numbered for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.stages.sessions import Paper, find_session, meetings_of, session_of_heading
from tests.documents import AGENDA, MINUTES

DAY = date(2024, 3, 5)
FIRST_RUN = datetime(2024, 4, 1, tzinfo=UTC)


def paper(name, kind=MINUTES, *, ordinal=1, session=None, weeks=0):
    return Paper(
        id=f"{kind} {name}",
        kind=kind,
        slug="city-council",
        date=DAY,
        ordinal=ordinal,
        title=name,
        session=find_session(name) if session is None else session,
        since=FIRST_RUN + timedelta(weeks=weeks),
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
