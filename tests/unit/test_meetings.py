"""Which of a day's meetings a document is of: told from names and headings, numbered for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.stages.meetings import Found, Paper, meetings_of, superseded
from clerk.stages.sessions import find_session, session_of_heading
from tests.documents import AGENDA, MINUTES

DAY, OTHER_DAY = date(2024, 3, 5), date(2024, 3, 19)
FOUND = Found(motions=3, attendance=5)
NOTHING = Found(motions=0, attendance=0)
FIRST_RUN = datetime(2024, 4, 1, tzinfo=UTC)


def paper(
    name,
    kind=MINUTES,
    *,
    ordinal=1,
    told=None,
    weeks=0,
    place="",
    day=DAY,
    content=None,
    found=FOUND,
    estimated=False,
    vanished=False,
    heading="",
):
    return Paper(
        id=f"{kind} {place or name}",
        kind=kind,
        body="City Council",
        date=day,
        ordinal=ordinal,
        title=name,
        place=place or f"{name}.pdf",
        told=find_session(name, "City Council") if told is None else told,
        heading=heading,
        date_estimated=estimated,
        since=FIRST_RUN + timedelta(weeks=weeks),
        vanished=vanished,
        sha256=content or place or name,
        found=found,
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
        ("2024-03-05 Special Draft", "special meeting"),
        ("2024-03-05 Special - Draft", "special meeting"),
        ("Special Minutes (approved) 3-5-24", "special meeting"),
        ("Special Called Personnel Meeting", "special meeting"),
        ("Spec Mtg 3-5-24", "special meeting"),
        ("CC SP 3-5-24", "special meeting"),
        ("SP 24-101 Minutes of the hearing", ""),
        ("WS 3-5-24", "work session"),
        ("030524 Reg", "regular meeting"),
        ("Special Use Permit minutes", ""),
        ("Joint Powers Authority Meeting", ""),
        ("Emergency Services Board Meeting", ""),
        ("Special Assessment Board Meeting", ""),
        ("Special Services District Board Meeting", ""),
        ("City Council 2024-03-05 minutes", ""),
    ],
)
def test_names_tell_the_session(name, session):
    assert find_session(name, "City Council") == session


@pytest.mark.parametrize(
    ("name", "session"),
    [
        ("Joint Planning Board Meeting", ""),
        ("JPB SPECIAL MEETING", "special meeting"),
        ("Special Meeting of the Joint Planning Board", "special meeting"),
        ("Special Planning Board Meeting", "special meeting"),
    ],
)
def test_a_bodys_own_name_tells_no_session(name, session):
    assert find_session(name, "Joint Planning Board") == session


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
    assert isinstance(find_session(text, text) + session_of_heading(text), str)
    papers = [paper(text, content="a"), paper(f"{text} draft", content="b", ordinal=2)]
    assert set(superseded(papers, meetings_of(papers))) <= {papers[1].id}


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
        ["2024-03-05 Special Draft", "2024-03-05 Special Meeting"],
        ["Special (draft) 030524", "Special Meeting Tuesday March 5, 2024"],
        ["Minutes 5pm draft", "Minutes 5pm"],
    ],
)
def test_of_versions_of_minutes_the_votes_of_one_count(names):
    weaker, stronger = names

    assert counting(paper(weaker), paper(stronger, ordinal=2)) == [stronger]
    assert counting(paper(weaker, weeks=1, ordinal=2), paper(stronger)) == [stronger]
    assert numbers(paper(weaker), paper(stronger, ordinal=2), paper("agenda", AGENDA)) == [1, 1, 1]


def test_folders_tell_drafts_too():
    draft = paper("2024-03-05", place="2024/Draft/2024-03-05.pdf")
    approved = paper("2024-03-05", place="2024/Approved/2024-03-05.pdf", ordinal=2)

    assert superseded([draft, approved], meetings_of([draft, approved])) == {draft.id: approved.id}


@pytest.mark.parametrize(
    "names",
    [
        ["Minutes part 1", "Minutes part 2"],
        ["Minutes 9am", "Minutes 6pm approved"],
        ["Minutes draft", "Special Meeting Minutes approved"],
        ["Minutes-1", "Minutes-2"],
        ["Special Called Personnel Meeting", "Special Called Budget Meeting approved"],
        ["Joint Meeting with Planning", "Joint Meeting with School Board approved"],
        ["Work Session draft", "Study Session approved"],
        ["Proposed Budget Hearing", "Final Budget Hearing"],
        ["2024-03-05 Minutes", "2024-03-05 Retreat Minutes Approved"],
        ["2024-03-05 Minutes", "2024-03-05 Minutes supplemental final"],
        ["2024-03-05 1800 Minutes DRAFT", "2024-03-05 2000 Minutes Approved"],
        ["Minutes PZ 12-24-05", "Minutes PZ 12-24-03 final"],
        ["Minutes 240302", "Minutes 240301 final"],
        ["2024-03-05 Minutes", "2024-03-05a Minutes draft"],
        ["Minutes March 5", "Minutes March 5 and March 6 approved"],
    ],
)
def test_what_may_be_two_meetings_counts_twice(names):
    one, other = names

    assert counting(paper(one), paper(other, ordinal=2)) == names
    assert numbers(paper(one), paper(other, ordinal=2)) == [1, 2]


@pytest.mark.parametrize(
    "places",
    [
        ["https://a.example/0305-7pm.pdf", "https://a.example/0305-5pm-final.pdf"],
        ["Evening/2024-03-05 draft.pdf", "Morning/2024-03-05 final.pdf"],
        ["https://a.example/View/882/Draft", "https://a.example/View/881/Approved"],
        ["https://a.example/get?id=2&draft", "https://a.example/get?id=1&final"],
        ["a/Minutes.pdf", "b/Minutes.pdf"],
        ["2024-03-05 Minutes.pdf", "03-05-2024 Minutes.pdf"],
    ],
)
def test_places_that_differ_in_other_words_are_of_two_meetings(places):
    both = [paper("Minutes", place=place, ordinal=n) for n, place in enumerate(places, 1)]

    assert len(counting(*both)) == 2
    assert numbers(*both) == [1, 2]


def test_the_host_of_an_address_is_no_part_of_its_name():
    draft = paper("Minutes draft", place="https://a.example/minutes/0305")
    approved = paper("Minutes approved", place="https://files.b.example/minutes/0305", ordinal=2)

    assert counting(draft, approved) == ["Minutes approved"]


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        (NOTHING, 2),
        (Found(motions=1, attendance=5), 2),
        (Found(motions=2), 1),
        (Found(motions=9), 1),
        (None, 2),
    ],
)
def test_a_paper_that_tells_far_less_takes_no_votes_away(found, counted):
    approved = paper("Minutes approved", found=found, ordinal=2)

    assert len(counting(paper("Minutes"), approved)) == counted
    assert len(counting(paper("Minutes", found=NOTHING), approved)) == (2 if found is None else 1)


def test_a_signature_page_does_not_stand_between_a_draft_and_its_approved_minutes():
    papers = [paper("Minutes draft"), paper("Minutes"), paper("Minutes signed", found=NOTHING)]

    assert counting(*papers) == ["Minutes", "Minutes signed"]


@pytest.mark.parametrize(
    ("first", "second", "counted"),
    [
        ({}, {}, "first"),
        ({"vanished": True}, {}, "second"),
        ({}, {"vanished": True}, "first"),
        ({"vanished": True}, {"vanished": True}, "first"),
        ({}, {"heading": "COUNCIL\nMarch 19, 2024"}, "second"),
        ({}, {"heading": "COUNCIL\nMarch 5, 2024"}, "first"),
    ],
)
def test_the_same_bytes_under_two_days_count_once(first, second, counted):
    papers = [
        paper("first", content="same", **first),
        paper("second", content="same", day=OTHER_DAY, weeks=1, **second),
    ]

    assert counting(*papers) == [counted]


def test_the_same_bytes_under_two_sessions_count_once_and_are_two_meetings():
    both = [paper("Special Meeting", content="same"), paper("Regular Meeting", content="same")]

    assert len(counting(*both)) == 1
    assert len(set(numbers(*both))) == 2


@pytest.mark.parametrize("later", [{}, {"day": OTHER_DAY}])
def test_bytes_in_a_wrong_place_cost_no_other_meeting_its_votes(later):
    """One meeting's file was put where another's belongs, whose own is there, too."""
    morning = paper("9am approved", content="of the morning", **later)
    misplaced = paper("6pm approved", content="of the morning", ordinal=2)
    evening = paper("6pm draft", ordinal=3)
    assert counting(morning, misplaced, evening) == ["9am approved", "6pm draft"]

    misplaced = paper("6pm draft", content="of the morning", ordinal=2)
    evening = paper("6pm approved", ordinal=3)
    morning = paper("9am approved", content="of the morning", weeks=1, **later)
    assert counting(misplaced, evening, morning) == ["6pm draft", "6pm approved"]


def test_a_copy_under_any_name_is_of_the_same_meeting():
    draft, copy = paper("draft"), paper("other name", content="same", ordinal=2, vanished=True)
    approved = paper("approved", content="same", ordinal=3)

    assert numbers(draft, copy, approved) == [1, 1, 1]
    assert counting(draft, copy, approved) == ["approved"]


def test_what_vanished_is_a_former_version_of_what_is_called_the_same():
    former = paper("2024-03-05 Minutes", vanished=True)
    withdrawn = paper("2024-03-05 Minutes approved", vanished=True)
    listed = paper("03-05-2024 Minutes", weeks=1)

    assert counting(former, withdrawn, listed) == [listed.title]
    assert numbers(former, withdrawn, listed) == [1, 1, 1]
    assert len(counting(former, paper("March 5, 2024 9am"))) == 2
    assert len(counting(former, paper("Minutes", weeks=2, day=OTHER_DAY))) == 2


def test_a_draft_counts_until_the_approved_minutes_were_understood():
    draft, approved = paper("draft"), paper("approved", ordinal=2, found=None)

    assert counting(draft, approved) == ["draft", "approved"]


def test_who_is_superseded_names_the_one_that_counts_in_the_end():
    draft, approved = paper("draft"), paper("approved", ordinal=2)
    moved = paper("draft", place="x", content="draft", vanished=True, day=date(2024, 3, 6))
    papers = [draft, approved, moved]

    assert superseded(papers, meetings_of(papers)) == {
        draft.id: approved.id,
        moved.id: approved.id,
    }


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
