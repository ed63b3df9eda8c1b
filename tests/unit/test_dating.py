"""Dates, kinds and bodies told from names: the documented forms, and any text at all."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk.model import DocumentKind
from clerk.stages import dating, naming

TODAY = date(2026, 11, 22)
FIFTH = date(2024, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024-3-5 Minutes",
        "2024_03_05-agenda",
        "2024.03.05",
        "2024/03/05",
        "2024 03 05",
        "2024-03-05-2",
        "20240305",
        "03052024",
        "_03052024-809",
        "03-05-2024",
        "3/5/2024",
        "3.5.2024",
        "03 05 2024",
        "03-05-24",
        "3-5-24",
        "March 5, 2024",
        "MARCH 5TH 2024",
        "Tuesday, March 5, 2024 at 7:00 PM",
        "Mar. 5, 2024",
        "Mar-05-2024",
        "March_5__2024",
        "MinutesMarch5,2024",
        "March_052024_Minutes",
        "5 March 2024",
        "5th of March, 2024",
        "05-Mar-2024",
        "05-Mar-24",
        "March 5, '24",
        "2024 March 5",
        "2024-Mar-05",
        "2023 March 5, 2024",
        "March\u00a05,\u00a02024",
        "２０２４-０３-０５",
        "March 5, 2024 (approved April 2, 2024)",
        "Approved on April 2, 2024: March 5, 2024",
        "Posted February 27, 2024 4:29 PM | March 5, 2024",
    ],
)
def test_documented_forms_are_read(text):
    assert dating.find_date(text, today=TODAY) == FIFTH


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ordinance 16",
        "2024",
        "March 2024",
        "March 5",
        "2024-13-05",
        "2024-02-30",
        "1849-12-31",
        "2028-01-01",
        "20241305",
        "120240305",
        "030524",
        "agenda 112233",
        "192.168.10.24",
        "1-800-555-0199",
        "7:00-8:30",
        "\0" * 50,
    ],
)
def test_a_wrong_date_is_worse_than_none(text):
    assert dating.find_date(text, today=TODAY) is None


def test_the_order_of_day_and_month_is_american_unless_told_or_impossible():
    assert dating.find_date("4/3/2024", today=TODAY) == date(2024, 4, 3)
    assert dating.find_date("4/3/2024", today=TODAY, day_first=True) == date(2024, 3, 4)
    assert dating.find_date("25/3/2024", today=TODAY) == date(2024, 3, 25)
    assert dating.find_date("3/25/2024", today=TODAY, day_first=True) == date(2024, 3, 25)


def test_a_year_of_two_digits_is_the_latest_possible():
    assert dating.find_date("03-05-27", today=TODAY) == date(2027, 3, 5)
    assert dating.find_date("03-05-28", today=TODAY) == date(1928, 3, 5)


@pytest.mark.parametrize(
    "path",
    [
        "2024/March/5",
        "2024/03/05/agenda",
        "City Council/2024/March 5 Minutes",
        "Minutes 2024/03-05",
        "wp-content/uploads/2024/02/Minutes-3-5-24",
        "uploads/2024/02/03-05-2024",
        "2019-01-01 archive/2024-03-05",
    ],
)
def test_folders_complete_what_the_name_leaves_out(path):
    assert dating.date_of_path(path, today=TODAY) == FIFTH


def test_a_text_with_several_meetings_has_no_sole_date():
    assert dating.sole_date("March 5, 2024\nAgenda\nPosted March 1, 2024", today=TODAY) == FIFTH
    assert dating.sole_date("March 5, 2024 Agenda March 12, 2024 Agenda", today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("Sitzung 05.03.2024", "%d.%m.%Y"),
        ("agenda-240305", "%y%m%d"),
        ("M24065", "M%y%j"),
        ("Tue  5 Mar 2024", "%a %d %b %Y"),
        ("99.99.9999 then 05.03.2024", "%d.%m.%Y"),
    ],
)
def test_the_users_format_is_found_inside_a_text(text, date_format):
    assert dating.format_problem(date_format) is None
    assert dating.find_formatted(text, date_format, today=TODAY) == FIFTH


@pytest.mark.parametrize(
    "date_format", ["", "%Y", "%Y-%m", "%d %B", "%Q%Y%m%d", "%Y-%m-%d %", "x" * 101]
)
def test_an_unusable_format_is_explained(date_format):
    assert dating.format_problem(date_format)


@given(st.text(max_size=300), st.booleans(), st.sampled_from([None, 1850, 2024]))
def test_any_text_gives_a_plausible_date_or_none(text, day_first, year):
    for found in (
        dating.find_date(text, today=TODAY, day_first=day_first, year=year),
        dating.date_of_path(text, today=TODAY, day_first=day_first),
        dating.sole_date(text, today=TODAY),
    ):
        assert found is None or date(1850, 1, 1) <= found <= date(2027, 12, 31)


@given(st.text(alphabet="0123456789-/. MarchJune,_thof'", max_size=80))
@settings(max_examples=300)
def test_datelike_noise_gives_a_plausible_date_or_none(text):
    found = dating.find_date(text, today=TODAY, year=2024)
    assert found is None or date(1850, 1, 1) <= found <= date(2027, 12, 31)


@given(
    st.dates(date(1850, 1, 1), date(2027, 12, 31)),
    st.sampled_from(
        ["%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m%d%Y", "%B %d, %Y", "%d %b %Y", "%A, %B %d, %Y"]
    ),
)
def test_what_strftime_writes_is_read_back(day, date_format):
    assert dating.find_date(f"Minutes {day.strftime(date_format)} signed", today=TODAY) == day


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1-",
        "2024-",
        "2024-03-05-",
        "March ",
        "March 5, ",
        "a",
        " ",
        "_",
        "aA",
        "minutes ",
        "&",
        "((",
        "1 of ",
        "posted on ",
        "City Council of the ",
        "\ufdfa",
        "0:00 ",
        "special ",
    ],
)
def test_hundred_kilobytes_of_anything_end_quickly(unit):
    text = unit * (100_000 // len(unit))
    # The suite's own time limit is what fails here if a pattern backtracks without end.
    dating.find_date(text, today=TODAY, year=2024)
    dating.date_of_path(text, today=TODAY)
    dating.find_formatted(text, "%Y-%m-%d", today=TODAY)
    naming.find_kind(text)
    naming.body_named(text)
    naming.body_hinted(text)
    assert len(naming.clean(text)) <= naming.MAX_NAME


# -- kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("City Council Minutes", DocumentKind.MINUTES),
        ("2024-03-05-minutes", DocumentKind.MINUTES),
        ("cc_min_20240305", DocumentKind.MINUTES),
        ("AgendaPacket", DocumentKind.AGENDA),
        ("Agenda (approval of minutes)", DocumentKind.AGENDA),
        ("Agendas & Minutes", None),
        ("minutes, agendas", None),
        ("Administration", None),
        ("a break of 10 min", None),
        ("Agenda Item 8 - Updates", None),
        ("Agenda items 1-4", DocumentKind.AGENDA),
        ("", None),
    ],
)
def test_kinds(text, kind):
    assert naming.find_kind(text) is kind


def test_a_row_that_offers_both_tells_nothing_of_each_link():
    assert naming.sole_kind("March 5 Agenda Minutes") is None
    assert naming.sole_kind("March 5 Minutes PDF") is DocumentKind.MINUTES


# -- bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("2024-03-05-city-council-agenda", "City Council"),
        ("Minutes of the City Council Regular Meeting of March 5, 2024", "City Council"),
        ("CityCouncilMinutes_03052024", "City Council"),
        ("CITY COUNCIL AGENDA PACKET 1.9.2024", "City Council"),
        ("Zoning Board of Appeals 05-Mar-2023", "Zoning Board of Appeals"),
        ("March 5, 2024 | Parks & Recreation Commission | Agenda", "Parks & Recreation Commission"),
        (
            "Committee on Landmarks, Public Siting and Parks",
            "Committee on Landmarks, Public Siting and Parks",
        ),
        ("Selectboard 3/5/2024", "Selectboard"),
        ("Advisory Board July 2024 Agenda", "Advisory Board"),
        ("Harbor January Board Meeting", "Harbor Board"),
        ("June Lake Advisory Board", "June Lake Advisory Board"),
        ("Audit Committee Meeting Notice and Agenda", "Audit Committee"),
        ("Board_of_Health_Minutes.pdf", "Board of Health"),
        ("Board of Supervisors, Board Room, 5th Floor", "Board of Supervisors"),
        ("Check back soon for board agendas", None),
        ("Planning board agenda", "Planning board"),
        ("Town of Alder board of selectmen", "Town of Alder board of selectmen"),
        ("Alder-Birch Regional planning commission", "Alder Birch Regional planning commission"),
        ("check back soon for board agendas", None),
        ("Links to board policies", None),
        ("The minutes of the planning board are available", None),
        ("3/5/2024 Kent County Road Commission", "Kent County Road Commission"),
        ("3/5/2024 Port St. Lucie City Council", "Port St Lucie City Council"),
        ("Board of Health, 12 N Main Street", "Board of Health"),
        ("Chamber of Commerce Board", "Chamber of Commerce Board"),
        ("Cape May Commission", "Cape May Commission"),
        ("General Plan Update Advisory Committee", "General Plan Update Advisory Committee"),
        ("Library Materials Committee", "Library Materials Committee"),
        ("City Council Meeting Materials", "City Council"),
        ("Report of the Planning Board", "Planning Board"),
        ("Board Packet", None),
        ("Budget Workshop", None),
        ("", None),
    ],
)
def test_bodies(text, body):
    assert naming.body_named(text) == body


@given(st.text(max_size=400))
def test_names_are_one_printable_line(text):
    for name in (naming.clean(text), naming.body_hinted(text), naming.body_named(text)):
        assert name is None or (len(name) <= naming.MAX_NAME and "\n" not in name)
        assert name is None or not set(name) & set("\0\u202e\u200f\u2066\ud800")
        if name:
            name.encode()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Staff Report, Planning Board", True),
        ("Presentation to the City Council", True),
        ("Notice of Planning Board Meeting", True),
        ("Ordinance Review Committee", False),
        ("Reports Committee Agenda", False),
        ("March 5, 2024", False),
    ],
)
def test_other_papers_are_told_from_bodies_that_are_called_like_them(text, other):
    assert naming.is_other_paper(text) is other


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Meeting Notice", DocumentKind.AGENDA),
        ("Special Notice", DocumentKind.AGENDA),
        ("Action Summary", DocumentKind.MINUTES),
        ("Public Hearing Notice", None),
        ("Notice of Public Hearing", None),
        ("Cancellation Notice", None),
        ("Report Summary", None),
        ("Notice and Summary", None),
        ("Report", None),
    ],
)
def test_a_notice_stands_for_an_agenda_and_a_summary_for_minutes(text, kind):
    assert naming.kind_in_place(text) is kind


# -- the day of a heading --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("ALDER CITY COUNCIL\nMinutes\nTuesday, July 9, 2024", date(2024, 7, 9)),
        ("ALDER CITY COUNCIL\nMinutes\nTuesday, March 5, 2024", None),
        ("Meeting of 5/3/2024", None),
        ("Meeting of 5/4/2024", None),
        ("Meeting of 7/19/2024", date(2024, 7, 19)),
        ("Agenda\nMarch 12, 2024 and March 5, 2024", None),
        ("Agenda\nMarch 12, 2024 and April 2", None),
        ("Minutes\nApproved March 19, 2024", None),
        ("RECEIVED\nMarch 19, 2024\nMinutes", None),
        ("Agenda\nRescheduled from February 27, 2024", None),
        ("Minutes", None),
    ],
)
def test_a_heading_contradicts_a_day_only_if_it_says_one_other(heading, told):
    assert dating.other_day(heading, FIFTH, today=TODAY) == told


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("July 2019", {(2019, 7)}),
        ("2019 - July Minutes", {(2019, 7)}),
        ("2021JuneBoardAgenda", {(2021, 6)}),
        ("January 2016, Feb. 2016", {(2016, 1), (2016, 2)}),
        ("June Minutes", {(0, 6)}),
        ("March 5, 2024", set()),
        ("5 March 2024", set()),
        ("2023 March 5, 2024", set()),
        ("Del Mar City Council may meet", set()),
    ],
)
def test_months_without_a_day_are_told(text, months):
    assert dating.months(text) == months
