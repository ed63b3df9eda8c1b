"""What every fetcher keeps to, over a folder and over web pages; then what each does alone."""

import itertools
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from clerk.adapters.files import _settled, save_pdf
from clerk.errors import InvalidInput, SourceRefused, SourceUnavailable, Unreadable
from clerk.fetchers.folder import FolderFetcher
from clerk.fetchers.listing import ListingFetcher
from clerk.model import DiscoveredDocument, DocumentKind, Site, UndatedDocument
from clerk.ports import Fetcher
from tests.webserver import Reply, html, redirect

AGENDA, MINUTES = DocumentKind.AGENDA, DocumentKind.MINUTES
PDF = b"%PDF-1.7\n" + b"0" * 3000
FIFTH = date(2024, 3, 5)
SHARED = Path(__file__).parents[3] / "shared"


def site(fetcher: str, source: object, **options: object) -> Site:
    return Site(
        subdomain="x",
        name="X",
        fetcher=fetcher,
        source=str(source),
        options=options,
        start_year=2020,
    )


def put(folder: Path, *paths: str, body: bytes = PDF) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)


class Town:
    """Three documents behind one kind of source."""

    def __init__(self, fetcher: Fetcher, made: Site) -> None:
        self.fetcher = fetcher
        self.site = made

    def found(self, since: int | None = None):
        return list(self.fetcher.discover(self.site, since=since))

    def dated(self, since: int | None = None):
        return [item for item in self.found(since) if isinstance(item, DiscoveredDocument)]


@pytest.fixture(params=["folder", "listing"])
def town(request, tmp_path, http, web):
    paths = [
        "City Council/2023-01-10 Agenda.pdf",
        "City Council/2024-03-05 Minutes.pdf",
        "City Council/undated minutes.pdf",
        "Planning Commission/2024-03-05 Minutes.pdf",
    ]
    root = tmp_path / "town"
    put(root, *paths)
    web.put_folder(root)
    if request.param == "folder":
        return Town(FolderFetcher(http), site("folder", root))
    return Town(ListingFetcher(http), site("listing", web.url("/")))


# -- the contract ----------------------------------------------------------------------------------


def test_a_fetcher_finds_each_document_once_with_kind_body_and_date(town):
    assert {(item.kind, item.body, item.date) for item in town.dated()} == {
        (AGENDA, "City Council", date(2023, 1, 10)),
        (MINUTES, "City Council", FIFTH),
        (MINUTES, "Planning Commission", FIFTH),
    }
    names = [item.source_id for item in town.found()]
    assert len(names) == len(set(names)) == 4


def test_a_document_without_a_date_is_reported_with_the_remedy(town):
    (undated,) = [item for item in town.found() if isinstance(item, UndatedDocument)]
    assert "date_format" in undated.reason
    assert not undated.partial


def test_discovery_repeats_itself_exactly(town):
    assert town.found() == town.found()


def test_older_years_are_left_out(town):
    assert {item.date.year for item in town.dated(since=2024)} == {2024}


def test_a_found_document_can_be_fetched(town, tmp_path):
    for number, item in enumerate(town.dated()):
        into = tmp_path / f"{number}.pdf"
        got = town.fetcher.fetch(town.site, item.url, into, None)
        assert (into.read_bytes(), got.size) == (PDF, len(PDF))


def test_what_is_gone_is_refused_and_leaves_nothing(town, tmp_path):
    gone = town.dated()[0].url.replace("Agenda", "Gone")
    with pytest.raises(SourceRefused):
        town.fetcher.fetch(town.site, gone, tmp_path / "a.pdf", None)
    assert not (tmp_path / "a.pdf").exists()


def test_sound_sites_have_no_problems(town):
    assert town.fetcher.problems(town.site) == []
    assert isinstance(town.fetcher, Fetcher)


def test_every_wrong_option_is_told_at_once_with_its_remedy(town):
    wrong = {"colour": "red", "body": 7, "date_format": "%Q", "kind": "video", "day_first": "yes"}
    broken = Site(subdomain="x", name="X", fetcher="x", source=town.site.source, options=wrong)
    told = town.fetcher.problems(broken)
    assert len(told) == 5
    for name in wrong:
        assert any(f"option {name}" in line or f"'{name}'" in line for line in told), name
    with pytest.raises(InvalidInput, match="colour"):
        list(town.fetcher.discover(broken, since=None))


# -- folder ----------------------------------------------------------------------------------------


def folder_found(root, http, **options):
    return list(FolderFetcher(http).discover(site("folder", root, **options), since=None))


def test_a_folder_that_cannot_be_looked_into_makes_the_listing_partial(tmp_path, http):
    """Its path is longer than the system takes: a folder without rights is none to root."""
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(18):
        os.mkdir("x" * 250, dir_fd=place)
        deeper = os.open("x" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(place)

    found = folder_one(tmp_path, http)

    assert found.partial
    assert "this folder cannot be read" in found.reason


def folder_one(root, http, **options):
    (item,) = folder_found(root, http, **options)
    return item


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("Parks Board/2024/2024-03-05 Minutes.pdf", MINUTES, "Parks Board"),
        ("2024-03-05-city-council-agenda.PDF", AGENDA, "City Council"),
        ("agendas/City Council/20240305.pdf", AGENDA, "City Council"),
        ("CC_Minutes_March 5, 2024.pdf", MINUTES, "CC"),
        ("03-05-24.pdf", MINUTES, "Governing Body"),
        ("Council/2024/March/5 agenda.pdf", AGENDA, "Council"),
        (
            "Agendas & Minutes/Harbor Commission/2024-03-05 Minutes.pdf",
            MINUTES,
            "Harbor Commission",
        ),
    ],
)
def test_paths_tell_kind_body_and_date(tmp_path, http, path, kind, body):
    put(tmp_path, path)
    item = folder_one(tmp_path, http)
    assert (item.kind, item.body, item.date) == (kind, body, FIFTH)


def test_a_file_without_a_date_is_reported_or_takes_the_day_it_was_changed(tmp_path, http):
    put(tmp_path, "council minutes.pdf")
    changed = datetime(2024, 3, 5, 12, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "council minutes.pdf", (changed, changed))
    undated = folder_one(tmp_path, http)
    assert "undated=file-time" in undated.reason
    assert undated.dateless
    estimated = folder_one(tmp_path, http, undated="file-time")
    assert (estimated.date, estimated.date_estimated) == (FIFTH, True)


def test_a_date_that_the_path_tells_is_not_estimated(tmp_path, http):
    put(tmp_path, "2024-03-05 minutes.pdf")
    assert not folder_one(tmp_path, http, undated="file-time").date_estimated


def test_an_impossible_date_is_named_and_no_other_day_is_advised(tmp_path, http):
    put(tmp_path, "2024-02-31 minutes.pdf")
    reason = folder_one(tmp_path, http).reason
    assert "no body can have met on 2024-02-31" in reason
    assert "file-time" not in reason


def test_options_fill_what_paths_leave_out_and_rename_bodies(tmp_path, http):
    put(tmp_path, "CC 5.3.2024.pdf")
    item = folder_one(tmp_path, http, kind="agenda", day_first=True, bodies={"cc": "City Council"})
    assert (item.kind, item.body, item.date) == (AGENDA, "City Council", FIFTH)
    assert folder_one(tmp_path, http, body="Town Board", day_first=True).body == "Town Board"


def test_a_pattern_tells_all(tmp_path, http):
    put(tmp_path, "x/240305_A_zoning.pdf")
    pattern = r"(?P<date>\d{6})_(?:(?P<kind>A)|M)_(?P<body>\w+)\.pdf(?P<title>)"
    item = folder_one(tmp_path, http, pattern=pattern, date_format="%y%m%d", kind="agenda")
    assert (item.date, item.body, item.kind) == (FIFTH, "zoning", AGENDA)


def test_a_pattern_that_backtracks_without_end_becomes_an_error(tmp_path, http):
    put(tmp_path, "a" * 60 + ".pdf")
    with pytest.raises(InvalidInput, match="backtracks"):
        folder_found(tmp_path, http, pattern="(?P<date>(a|aa)+)+$")


def test_only_visible_pdfs_that_are_not_excluded_are_listed(tmp_path, http):
    put(tmp_path, "2024-03-05.pdf", ".hidden.pdf", "._2024-03-05.pdf", ".git/2024-03-05.pdf",
        "notes 2024-03-05.txt", "Drafts/2024-03-05.pdf", "2024-03-05 draft.pdf")  # fmt: skip
    found = folder_found(tmp_path, http, exclude=["drafts", "*draft.pdf"])
    assert [item.source_id for item in found] == ["2024-03-05.pdf"]


def test_a_changed_file_has_another_validator(tmp_path, http):
    put(tmp_path, "2024-03-05.pdf")
    before = folder_one(tmp_path, http).validator
    assert folder_one(tmp_path, http).validator == before
    put(tmp_path, "2024-03-05.pdf", body=PDF + b"revised")
    assert folder_one(tmp_path, http).validator != before


def test_links_lead_nowhere_outside_the_folder(tmp_path, http):
    root = tmp_path / "town"
    put(root, "2024-03-05.pdf")
    put(tmp_path, "secret.pdf", "outside/2024-03-06.pdf")
    (root / "2024-03-07.pdf").symlink_to(tmp_path / "secret.pdf")
    (root / "2024-03-08.pdf").symlink_to(root / "2024-03-05.pdf")
    (root / "2024-03-09.pdf").symlink_to(root / "2024-03-09.pdf")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "outside")
    found = {item.source_id: item for item in folder_found(root, http)}
    assert isinstance(found["2024-03-08.pdf"], DiscoveredDocument)
    assert "outside the folder" in found["2024-03-07.pdf"].reason
    assert "to nothing" in found["2024-03-09.pdf"].reason
    assert len(found) == 4


@pytest.mark.parametrize(
    "url", ["../secret.pdf", "%2e%2e/secret.pdf", "/etc/hosts", "", "a%00b", "2024-03-07.pdf"]
)
def test_fetching_stays_inside_the_folder(tmp_path, http, url):
    root = tmp_path / "town"
    put(tmp_path, "secret.pdf")
    put(root, "2024-03-05.pdf")
    (root / "2024-03-07.pdf").symlink_to(tmp_path / "secret.pdf")
    with pytest.raises(SourceRefused):
        FolderFetcher(http).fetch(site("folder", root), url, tmp_path / "into.pdf", None)
    assert not (tmp_path / "into.pdf").exists()


@pytest.mark.parametrize(
    "name",
    [b"2024-03-05 \xe2\x80\xaegnp.pdf", b"2024-03-05 \xff.pdf", b"2024-03-05\nx.pdf",
     b"2024-03-05 100%25.pdf",
     "2024-03-05 Señor 'quoted\".pdf".encode(), b"2024-03-05 " + b"x" * 240 + b".pdf"],
)  # fmt: skip
def test_strange_names_are_shown_safely_and_fetched(tmp_path, http, name):
    root = tmp_path / "town"
    root.mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(PDF)
    item = folder_one(root, http)
    for text in (item.source_id, item.url, item.title, item.body):
        text.encode()
        assert text.isprintable()
    into = tmp_path / "a.pdf"
    assert FolderFetcher(http).fetch(site("folder", root), item.url, into, None).size == len(PDF)


@pytest.mark.parametrize(
    ("body", "error", "reason"),
    [
        (b"hello", Unreadable, "not a pdf"),
        (b"", Unreadable, "empty"),
        (PDF * 10, SourceRefused, "too large"),
    ],
)
def test_a_file_that_is_no_fit_pdf_is_refused(tmp_path, http, body, error, reason):
    root = tmp_path / "town"
    put(root, "2024-03-05.pdf", body=body)
    with pytest.raises(error) as caught:
        FolderFetcher(http).fetch(site("folder", root), "2024-03-05.pdf", tmp_path / "a.pdf", None)
    assert caught.value.reason == reason
    assert not (tmp_path / "a.pdf").exists()


def test_a_file_that_changes_while_it_is_read_is_tried_later(tmp_path):
    source, into = tmp_path / "2024-03-05.pdf", tmp_path / "into.pdf"
    source.write_bytes(PDF)
    with source.open("rb") as file:
        parts = _settled(file, source.name)
        first = next(parts)
        source.write_bytes(PDF + b"more")
        with pytest.raises(SourceUnavailable, match="changed"):
            save_pdf(itertools.chain([first], parts), into, limit=20_000, name=source.name)
    assert not into.exists()


def test_a_pipe_among_the_files_hangs_nothing(tmp_path, http):
    os.mkfifo(tmp_path / "2024-03-05.pdf")
    pipe = folder_one(tmp_path, http)
    assert "not a regular file" in pipe.reason
    assert not pipe.dateless
    with pytest.raises(SourceRefused, match="not a regular file"):
        FolderFetcher(http).fetch(site("folder", tmp_path), "2024-03-05.pdf", tmp_path / "x", None)


def test_a_folder_that_is_not_there_is_explained(tmp_path, http):
    (relative,) = FolderFetcher(http).problems(site("folder", "town"))
    (missing,) = FolderFetcher(http).problems(site("folder", tmp_path / "gone"))
    assert "absolute" in relative
    assert "mount" in missing
    with pytest.raises(SourceUnavailable, match="mount"):
        folder_found(tmp_path / "gone", http)


# -- listing ---------------------------------------------------------------------------------------


def listing_found(web, http, page, **options):
    source = web.put("/index.html", html(page))
    return list(ListingFetcher(http).discover(site("listing", source, **options), since=None))


def told(found):
    return [(item.url.rpartition("/")[2], item.kind, item.body, item.date) for item in found]


def test_a_table_with_one_row_per_meeting(web, http):
    page = """<h1>Meetings</h1><table><tr><th>Date<th>Body<th>Documents
      <tr><td>March 5, 2024<td>City Council<td><a href=a>Agenda</a> <a href=b.pdf>Minutes</a>
      <tr><td>3/12/2024<td>Planning Commission<td><a href='c d.pdf'>Agenda</a> not posted</table>"""
    assert told(listing_found(web, http, page)) == [
        ("a", AGENDA, "City Council", FIFTH),
        ("b.pdf", MINUTES, "City Council", FIFTH),
        ("c%20d.pdf", AGENDA, "Planning Commission", date(2024, 3, 12)),
    ]


def test_rows_tell_special_meetings_from_regular_ones(web, http):
    page = """<h2>City Council</h2><table><tr><th>Date<th>Meeting<th>Documents
      <tr><td>March 5, 2024<td>Special Meeting<td><a href=a.pdf>Minutes</a>
      <tr><td>March 5, 2024<td>Regular Meeting<td><a href=b.pdf>Minutes</a>
      <tr><td>March 12, 2024<td>Regular Meeting, Special Meeting<td><a href=c.pdf>Minutes</a>
      <tr><td>March 19, 2024<td>Meeting<td><a href=d.pdf>Work Session Minutes</a></table>"""
    assert [item.session for item in listing_found(web, http, page)] == [
        "special meeting",
        "regular meeting",
        "",
        "work session",
    ]


def test_folders_and_names_tell_special_meetings(tmp_path, http):
    put(tmp_path, "Special Meetings/2024-03-05 Minutes.pdf")
    assert folder_one(tmp_path, http).session == "special meeting"


def test_a_table_whose_columns_say_the_kind(web, http):
    page = """<h2>City Council</h2><table><tr><th>Date<th>Agenda<th>Minutes
      <tr><td>March 5, 2024<td><a href=/d?id=1>PDF</a><td><a href=/d?id=2>PDF</a></table>"""
    assert told(listing_found(web, http, page)) == [
        ("d?id=1", AGENDA, "City Council", FIFTH),
        ("d?id=2", MINUTES, "City Council", FIFTH),
    ]


def test_headings_name_body_kind_and_year_above_lists(web, http):
    page = """<h1>Harbor Commission Minutes</h1>
      <h2>2024</h2><ul><li><a href=1.pdf>March 5</a><li><a href=2.pdf>January 9</a></ul>
      <h2>2023</h2><ul><li><a href=3.pdf>December 5</a></ul>"""
    assert told(listing_found(web, http, page)) == [
        ("1.pdf", MINUTES, "Harbor Commission", FIFTH),
        ("2.pdf", MINUTES, "Harbor Commission", date(2024, 1, 9)),
        ("3.pdf", MINUTES, "Harbor Commission", date(2023, 12, 5)),
    ]


def test_a_heading_with_the_date_above_its_links(web, http):
    page = """<h3>City Council, March 5, 2024</h3>
      <p><a href=1.pdf>Agenda</a> | <a href=2.pdf>Minutes</a>
      <h3>City Council, March 12, 2024</h3><p><a href=3.pdf>Agenda</a>"""
    assert [(item.kind, item.date.day) for item in listing_found(web, http, page)] == [
        (AGENDA, 5), (MINUTES, 5), (AGENDA, 12)]  # fmt: skip


def test_several_meetings_in_one_paragraph_are_not_mixed_up(web, http):
    page = """<p>March 5, 2024 <a href=1.pdf>Minutes</a> March 12, 2024 <a href=2.pdf>Minutes</a>"""
    assert {type(item) for item in listing_found(web, http, page)} == {UndatedDocument}


def test_meetings_that_breaks_part_are_each_told_by_their_own_line(web, http):
    page = """<h3>2024 Meetings</h3><table><tr>
      <td>Jan. 9 <a href=1.pdf>Minutes</a><br>March 5 <a href=2.pdf>Minutes</a><br>Dec. 3
      <tr><td colspan=2>2023</table>
      <p>March 5, 2024 <a href=3.pdf>Agenda</a><br>March 12, 2024 <a href=4.pdf>Agenda</a></p>"""
    found = listing_found(web, http, page)
    assert [item.date for item in found] == [
        date(2024, 1, 9), FIFTH, FIFTH, date(2024, 3, 12)]  # fmt: skip


def test_a_calendar_tells_no_link_its_day_but_its_file_name_may(web, http):
    page = """<ul><li>2024 <ul><li>March 5 <ul><li><a href=march-5-2024.pdf>Minutes</a></ul>
      <li>June 11 <ul><li><a href=june-11-2024.pdf>Minutes</a></ul>
      <li>July 8 <ul><li><a href=july.pdf>Minutes</a></ul></ul></ul>"""
    found = {item.url.rpartition("/")[2]: item for item in listing_found(web, http, page)}
    assert found["march-5-2024.pdf"].date == FIFTH
    assert found["june-11-2024.pdf"].date == date(2024, 6, 11)
    assert isinstance(found["july.pdf"], UndatedDocument)


def test_when_something_was_approved_counts_only_where_nothing_else_is(web, http):
    page = """<table><tr><td>March 5, 2024<td>Approved March 19, 2024 <a href=1.pdf>Minutes</a>
      </table><p>Approved March 19, 2024 <a href=2.pdf>Minutes</a>"""
    found = listing_found(web, http, page)
    assert [item.date for item in found] == [FIFTH, date(2024, 3, 19)]


def test_a_year_beside_them_makes_dates_of_six_digits(web, http):
    page = """<h2>2024</h2><a href=minutes030524.pdf>Minutes</a>
      <a href=/2024/19-3.5.24-minutes.pdf>Minutes</a> <a href=030519-minutes.pdf>Minutes</a>"""
    days = [getattr(item, "date", None) for item in listing_found(web, http, page)]
    assert sorted(filter(None, days)) == [FIFTH, FIFTH]


def test_other_papers_of_a_meeting_are_not_taken_for_its_agenda(web, http):
    page = """<h2>Agendas</h2><table><tr><th>Date<th>Papers
      <tr><td>March 5, 2024<td><a href=1.pdf>Agenda</a> <a href=2.pdf>Livestream Flyer</a>
      <a href=3.pdf>Meeting Summary</a> <a href=4.pdf>PDF</a> <a href=5.pdf>Agenda Item 8 Lease</a>
      <a href="f?MinutesID=7&Type=70">Bench Repairs</a> <a href="f?AgendaID=7">View</a></table>"""
    found = listing_found(web, http, page)
    taken = [item for item in found if isinstance(item, DiscoveredDocument)]
    assert [item.url.rpartition("/")[2] for item in taken] == ["1.pdf", "4.pdf", "f?AgendaID=7"]
    assert {item.reason[:11] for item in found if item not in taken} == {"neither age"}


def test_a_notice_or_summary_alone_is_what_the_heading_says(web, http):
    page = """<h2>Agendas</h2><ul><li>March 5, 2024 <a href=1.pdf>Notice</a>
      <a href=2.pdf>Flyer</a><li>March 12, 2024 <a href=3.pdf>Action Summary</a></ul>
      <h2>Minutes</h2><ul><li><a href=4.pdf>March 5, 2024 Action Summary</a>
      <li>March 12, 2024 <a href=5.pdf>Summary</a> <a href=6.pdf>PDF</a>
      <li>March 19, 2024 <a href=7.pdf>Notice</a></ul>"""
    found = listing_found(web, http, page)
    taken = [item for item in found if isinstance(item, DiscoveredDocument)]
    assert [(item.url.rpartition("/")[2], item.kind) for item in taken] == [
        ("1.pdf", AGENDA), ("4.pdf", MINUTES), ("6.pdf", MINUTES)]  # fmt: skip


def test_the_day_that_a_meeting_was_moved_from_is_not_its_own(web, http):
    page = """<table><tr><td>City Council<td>Rescheduled from February 27, 2024 to March 5, 2024
      <a href=1.pdf>Agenda</a></table>
      <p>March 12, 2024 (continued from February 27) <a href=2.pdf>Agenda</a></p>
      <table><tr><td><p>March 19, 2024<br><a href=3.pdf>Minutes</a><br>March 26, 2024<br>
      <a href=4.pdf>Minutes</a></p></table>"""
    found = listing_found(web, http, page)
    assert told(found[:2]) == [
        ("1.pdf", AGENDA, "City Council", FIFTH),
        ("2.pdf", AGENDA, "Governing Body", date(2024, 3, 12)),
    ]
    assert {type(item) for item in found[2:]} == {UndatedDocument}


def test_an_address_tells_of_a_link_with_a_name_of_its_own(web, http):
    page = """March 5, 2024 <a href="f?MinutesID=7">Annual Town Meeting</a>
      <a href="f?MinutesID=7&Type=70">Bench Repairs</a>"""
    assert [item.url.rpartition("/")[2] for item in listing_found(web, http, page)] == [
        "f?MinutesID=7"]  # fmt: skip


def test_of_two_minutes_in_one_row_only_the_special_ones_are_special(web, http):
    page = """<h2>City Council</h2><table><tr><td>March 5, 2024
      <td><a href=1.pdf>Minutes</a> <a href=2.pdf>Special Meeting Minutes</a>
      <tr><td>March 12, 2024<td><a href=/m/7>Special Meeting</a><td><a href=3.pdf>Minutes</a>
      </table>"""
    found = listing_found(web, http, page)
    assert [item.session for item in found] == ["", "special meeting", "special meeting"]


def test_where_they_meet_is_not_who_meets(web, http):
    page = """<title>Alder County - Board of Commissioners</title><table>
      <tr><th>Date<th>Place<th>Agenda
      <tr><td>March 5, 2024<td>Council Chambers - Courthouse Room 300<td><a href=1>PDF</a>
      <tr><td>March 6, 2024<td>12 N Main Street, 2nd Floor, Board Room<td><a href=2>PDF</a>
      </table>"""
    assert {item.body for item in listing_found(web, http, page)} == {"Board of Commissioners"}


def test_other_links_are_left_alone(web, http):
    page = """<ul><li><a href=/>Home</a><li><a href=/agendas-minutes>Agendas & Minutes</a>
      <li><a href=budget.pdf>Budget</a><li><a href=agenda.docx>Agenda March 5, 2024</a>
      <li><a href="v?html=true">Agenda March 5, 2024</a>
      <li><a href="javascript:open('minutes.pdf')">Minutes March 5, 2024</a>
      <li><a href="data:application/pdf,minutes">Minutes March 5, 2024</a>
      <li><a href="file:///etc/minutes.pdf">Minutes March 5, 2024</a>
      <li><a href="#minutes">Minutes March 5, 2024</a><li><a href="http://[/minutes.pdf">Minutes</a>
      </ul>"""
    found = listing_found(web, http, page)
    assert [item for item in found if isinstance(item, DiscoveredDocument)] == []
    assert [item.url for item in found] == [web.url("/agenda.docx")]
    assert "office file" in found[0].reason


def test_one_address_is_one_document_and_the_dated_mention_counts(web, http):
    page = """<a href="m.pdf#page=2">Latest minutes</a>
      <ul><li><a href=./m.pdf>Minutes March 5, 2024</a>
      <li><a href=m.pdf?v=2>Minutes March 5, 2024</a></ul>"""
    found = listing_found(web, http, page)
    assert [item.source_id for item in found] == [web.url("/m.pdf"), web.url("/m.pdf?v=2")]


def test_addresses_follow_the_base_of_the_page_and_its_redirect(web, http):
    web.put("/old", redirect("/deep/page"))
    web.put("/deep/page", html("<li><a href=m.pdf>Minutes March 5, 2024</a>"))
    fetcher = ListingFetcher(http)
    (item,) = fetcher.discover(site("listing", web.url("/old")), since=None)
    assert item.url == web.url("/deep/m.pdf")
    (item,) = listing_found(
        web,
        http,
        "<base href='https://cdn.example.org/x/'><li><a href=m.pdf>Minutes 2024-03-05</a>",
    )
    assert item.url == "https://cdn.example.org/x/m.pdf"


def test_selectors_and_patterns_steer_everything(web, http):
    page = """<div class=b>Rat der Stadt</div>
      <div class=m>Sitzung 05.03.2024 <span><a class=d href=1>Protokoll</a></span>
        <a href=2>mehr</a></div>
      <div class=b>Bauausschuss</div>
      <div class=m>Sitzung 12.03.2024 <span><a class=d href=3>Einladung</a></span></div>"""
    found = listing_found(
        web, http, page, link="a.d", row="div.m", body_selector=".b", date_format="%d.%m.%Y",
        date_pattern=r"Sitzung (?P<date>\S+)",
        kind_pattern="(?P<minutes>Protokoll)|(?P<agenda>Einladung)",
    )  # fmt: skip
    assert told(found) == [
        ("1", MINUTES, "Rat der Stadt", FIFTH),
        ("3", AGENDA, "Bauausschuss", date(2024, 3, 12)),
    ]


def test_next_links_are_followed_once_and_within_the_limit(web, http):
    for number in range(1, 6):
        following = number % 5 + 1
        web.put(f"/p{number}", html(
            f"<li><a href=m{number}.pdf>Minutes 2024-03-0{number}</a>"
            f"<a class=n href=/p{following}>next</a>"
        ))  # fmt: skip
    fetcher = ListingFetcher(http)
    every = list(fetcher.discover(site("listing", web.url("/p1"), next="a.n"), since=None))
    assert len(every) == 5
    few = list(
        fetcher.discover(site("listing", web.url("/p1"), next="a.n", max_pages=2), since=None)
    )
    assert [type(item) for item in few] == [DiscoveredDocument, DiscoveredDocument, UndatedDocument]
    assert "max_pages" in few[2].reason
    assert few[2].partial


def test_templates_count_years_and_pages_until_nothing_new_comes(web, http):
    this_year = date.today().year
    web.put("/", html("<li><a href=m.pdf>Minutes 2024-03-05</a>"))
    web.put(f"/y{this_year}", html(f"<li><a href=n.pdf>Minutes {this_year}-01-05</a>"))
    web.put("/p1", html("<li><a href=o.pdf>Minutes 2024-03-06</a>"))
    web.put("/p2", html("<li><a href=o.pdf>Minutes 2024-03-06</a>"))
    pages = [web.url("/y{year}"), web.url("/p{page}")]
    found = list(
        ListingFetcher(http).discover(
            site("listing", web.url("/"), pages=pages), since=this_year - 1
        )
    )
    assert [item.url.rpartition("/")[2] for item in found] == ["n.pdf", f"y{this_year - 1}"]
    assert "http 404" in found[1].reason
    assert "/p3" not in web.paths()


def test_a_source_that_cannot_be_read_stops_the_run(web, http):
    with pytest.raises(SourceRefused):
        list(ListingFetcher(http).discover(site("listing", web.url("/gone")), since=None))
    source = web.put("/busy", Reply(status=503))
    with pytest.raises(SourceUnavailable):
        list(ListingFetcher(http).discover(site("listing", source), since=None))


def test_wrong_sources_selectors_and_patterns_are_told(http):
    broken = Site(
        subdomain="x", name="X", fetcher="listing", source="ftp://x/{month}",
        options={"link": "a[", "row": "", "next": "p:nope", "date_pattern": "(",
                 "kind_pattern": "x", "max_pages": 0, "kind_patern": "x",
                 "pages": ["http://u:hunter2@", "http://x/{year}"]},
    )  # fmt: skip
    lines = ListingFetcher(http).problems(broken)
    for word in ["link", "row", "next", "date_pattern", "kind_pattern", "max_pages", "kind_patern",
                 "braces", "not an http(s) URL", "start_year"]:  # fmt: skip
        assert any(word in line for line in lines), word
    assert "hunter2" not in "".join(lines)


def test_credentials_stay_with_the_source_and_open_its_documents(web, http, tmp_path):
    web.put("/m.pdf", Reply(body=PDF))
    web.put("/", html("<li><a href=m.pdf>Minutes 2024-03-05</a>"))
    closed = site("listing", web.url("/").replace("//", "//clerk:hunter2@"))
    (item,) = ListingFetcher(http).discover(closed, since=None)
    assert "hunter2" not in item.url
    ListingFetcher(http).fetch(closed, item.url, tmp_path / "m.pdf", None)
    assert all("Authorization" in headers for _, headers in web.requests)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 6000 + "<a href=m.pdf>Minutes 2024-03-05</a>",
        "<table><tr><td>" * 3000 + "<a href=m.pdf>Minutes 2024-03-05</a>",
        "\0<li>\0<a href='\0m.pdf'>\0Minutes 2024-03-05\ufffd</a>",
        "<a " + "x=1 " * 5000 + "><li><a href=m.pdf>Minutes 2024-03-05",
        "<!-- <![CDATA[ <script> <title> --><li><a href=m.pdf>Minutes 2024-03-05",
        "<li><a href=m.pdf>Minutes 2024-03-05</a>" * 4_000,
    ],
    ids=["deep divs", "deep tables", "nul", "attributes", "comments", "many"],
)  # fmt: skip
def test_hostile_markup_still_gives_its_document(web, http, page):
    found = listing_found(web, http, page)
    assert any(item.url == web.url("/m.pdf") for item in found)


def test_markup_that_keeps_the_parser_busy_is_given_up(web, http, monkeypatch):
    monkeypatch.setattr("clerk.fetchers.outline.WALL_SECONDS", 1.0)
    with pytest.raises(SourceRefused) as caught:
        listing_found(web, http, "<div>" * 400_000)
    assert caught.value.reason == "page unreadable"


# -- real pages ------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("pattern", "documents"),
    [("civicplus", 62), ("granicus", 16), ("iqm2", 4), ("novusagenda", 6), ("legistar", 41)],
)
def test_real_meeting_pages_give_their_documents_by_default(web, http, pattern, documents):
    pages = sorted((SHARED / "fixtures" / pattern).glob("*.html"))
    if not pages:
        pytest.skip("the shared fixtures are not here")
    source = web.put(
        "/page", Reply(body=pages[0].read_bytes(), headers={"Content-Type": "text/html"})
    )
    found = list(ListingFetcher(http).discover(site("listing", source), since=None))
    assert [type(item) for item in found] == [DiscoveredDocument] * documents
