"""The `listing` fetcher over a whole website: where it goes on, what it takes, what it says."""

from datetime import date

import pytest

from clerk.fetchers.listing import ListingFetcher
from clerk.model import DiscoveredDocument, DocumentKind, Site, UndatedDocument
from tests.webserver import Reply, html, redirect

PDF = b"%PDF-1.7\n" + b"0" * 3000
FIFTH = date(2024, 3, 5)


def site(source, start_year=2020, **options):
    return Site(
        subdomain="x", name="X", fetcher="listing", source=source, options=options,
        start_year=start_year,
    )  # fmt: skip


def found_on(web, http, page, **options):
    source = web.put("/index.html", html(page))
    return list(ListingFetcher(http).discover(site(source, **options), since=None))


def names(found):
    return [item.url.rpartition("/")[2] for item in found]


def taken(found):
    return [item for item in found if isinstance(item, DiscoveredDocument)]


def minutes(number):
    return f"<li><a href=/{number}.pdf>Minutes 2024-03-0{number}</a>"


# -- going on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/2>Next ›</a>",
        "<a href=/2>Older posts</a>",
        "<a href=/2 rel='nofollow next'>2</a>",
        "<a href=/2>2023</a>",
        "<a href=/2>2023 City Council Minutes</a>",
        "<a href=/2>Agendas and Minutes Archive 2022</a>",
        "<a href=/2>Meeting Archives</a>",
        "<select><option value=''>Year<option value=/2>2023</select>",
        "<iframe src=/2></iframe>",
        "<a href='javascript:void(0)' data-href=/2>View more</a>",
    ],
)
def test_what_is_called_more_of_the_listing_is_read_too(web, http, link):
    web.put("/2", html(minutes(2)))
    assert names(found_on(web, http, minutes(1) + link)) == ["1.pdf", "2.pdf"]


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/2>2023 Budget</a>",
        "<a href=/2>2023 Board Annual Report</a>",
        "<a href=/2>2018 Minutes</a>",
        "<a href=/2>Minutes of May 7, 2023</a>",
        "<a href=/2>News</a>",
        "<a href=/2>View All</a>",
        "<a href=/2></a>",
        "<a href=/2.html.zip>Archive</a>",
        "<a href='javascript:next()'>Next</a>",
        "<a href=http://elsewhere/2>Next</a>",
        "<iframe src=http://elsewhere/map></iframe>",
        "<iframe src=http://elsewhere/dashboard></iframe>",
        "<iframe src=https://www.youtube.com/embed/board-meeting></iframe>",
    ],
)
def test_other_links_are_not_gone_on_to(web, http, link):
    elsewhere = web.url("").replace("127.0.0.1", "localhost")
    found_on(web, http, minutes(1) + link.replace("http://elsewhere", elsewhere))
    assert web.paths() == ["/index.html"]


def test_going_on_ends_where_nothing_new_is_listed(web, http):
    for month in range(1, 9):
        web.put(f"/{month}", html(f"{minutes(1)}<a href=/{month + 1}>Next</a>"))
    source = web.url("/1")
    assert names(ListingFetcher(http).discover(site(source), since=None)) == ["1.pdf"]
    assert [path for path in web.paths() if path != "/robots.txt"] == ["/1", "/2"]


def test_robots_txt_is_kept_to_where_nobody_named_the_page(web, http):
    web.put("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /closed\n"))
    web.put("/closed/2", html(minutes(2)))
    found = found_on(web, http, minutes(1) + "<a href=/closed/2>2023</a>")
    assert names(found) == ["1.pdf", "2"]
    assert "robots.txt" in found[1].reason
    assert not found[1].partial  # or the listing would never be whole again
    named = {"pages": [web.url("/closed/2")]}
    assert names(found_on(web, http, minutes(1), **named)) == ["1.pdf", "2.pdf"]


def test_nobody_goes_on_where_the_option_says_so(web, http):
    found = found_on(web, http, minutes(1) + "<a href=/2>Next</a>", follow=False)
    assert names(found) == ["1.pdf"]
    assert web.paths() == ["/index.html"]


def test_a_page_of_another_year_that_is_gone_is_told_and_ends_nothing(web, http):
    web.put("/3", html(minutes(3)))
    links = "<a href=/2>2023</a><a href=/3>2022</a>"
    found = found_on(web, http, minutes(1) + links)
    assert names(found) == ["1.pdf", "3.pdf", "2"]
    assert "http 404" in found[2].reason
    assert not found[2].dateless
    assert not found[2].partial


@pytest.mark.parametrize("path", ["/2", "/robots.txt"])
def test_one_that_does_not_answer_leaves_the_rest_and_the_listing_is_not_whole(web, http, path):
    web.put("/2", html(minutes(2)))
    web.put(path, Reply(status=500))
    found = found_on(web, http, minutes(1) + "<a href=/2>2023</a>")
    assert names(found) == ["1.pdf", "2"]
    assert "HTTP 500" in found[1].reason
    assert found[1].partial


def test_a_site_that_asks_for_a_pause_is_not_gone_on_in(web, http):
    web.put("/2", Reply(status=429, headers={"Retry-After": "60"}))
    web.put("/3", html(minutes(3)))
    found = found_on(web, http, minutes(1) + "<a href=/2>2023</a><a href=/3>2022</a>")
    assert names(found) == ["1.pdf", "2"]
    assert "/3" not in web.paths()


def test_a_file_that_a_link_without_an_ending_leads_to_is_passed_over(web, http):
    web.put("/2", Reply(body=PDF, headers={"Content-Type": "application/pdf"}))
    assert names(found_on(web, http, minutes(1) + "<a href=/2>2023 Minutes</a>")) == ["1.pdf"]


def test_named_pages_come_before_those_that_they_lead_on_to(web, http):
    web.put("/2", html(minutes(2)))
    web.put("/3", html(minutes(3)))
    options = {"pages": [web.url("/3")], "max_pages": 2}
    found = found_on(web, http, minutes(1) + "<a href=/2>2023</a>", **options)
    assert names(found) == ["1.pdf", "3.pdf", "2"]
    assert "max_pages" in found[2].reason


def test_going_on_takes_nothing_new_from_the_pages_of_a_series(web, http):
    web.put("/list?page=1", html(minutes(1) + "<a href=/all>Archive</a>"))
    web.put("/list?page=2", html(minutes(2)))
    web.put("/list?page=3", html(minutes(3)))
    web.put("/all", html(minutes(1) + minutes(2)))
    found = ListingFetcher(http).discover(site(web.url("/list?page={page}")), since=None)
    assert names(found) == ["1.pdf", "2.pdf", "3.pdf"]


def test_a_page_that_leads_to_another_address_counts_once(web, http):
    pages = [web.put(f"/old{at}", redirect(f"/new{at}")) for at in range(1, 5)]
    for at in range(1, 5):
        web.put(f"/new{at}", html(minutes(at)))
    fetcher = ListingFetcher(http)
    found = list(fetcher.discover(site(pages[0], pages=pages[1:], max_pages=4), since=None))
    assert names(found) == ["1.pdf", "2.pdf", "3.pdf", "4.pdf"]


def test_what_is_on_another_host_in_the_end_is_not_taken(web, http):
    elsewhere = web.url("/2").replace("127.0.0.1", "localhost")
    web.put("/go", redirect(elsewhere))
    web.put("/2", html(minutes(2)))
    assert names(found_on(web, http, minutes(1) + "<a href=/go>Archive</a>")) == ["1.pdf"]
    assert "/2" in web.paths()


@pytest.mark.parametrize("glob", ["2023*", "*/2"])
def test_what_is_excluded_is_not_gone_on_to(web, http, glob):
    found_on(web, http, minutes(1) + "<a href=/2>2023 Minutes</a>", exclude=[glob])
    assert web.paths() == ["/index.html"]


def test_pages_of_another_body_are_not_gone_on_to_where_one_is_told_of_all(web, http):
    web.put("/2", html(minutes(2)))
    link = "<a href=/2>2023 Council Minutes</a>"
    assert names(found_on(web, http, minutes(1) + link, body="Planning Board")) == ["1.pdf"]
    found = found_on(web, http, minutes(1) + link, body="City Council")
    assert names(found) == ["1.pdf", "2.pdf"]


# -- pages of single meetings ----------------------------------------------------------------------


def meeting(number, more=""):
    return f"""<h1>City Council Meeting, March {number}, 2024</h1>
        <nav><a href=/bodies>Planning Board agendas</a></nav>
        <p><a href=/a{number}.pdf>Agenda</a> <a href=/m{number}.pdf>Minutes</a>{more}"""


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/e/{0}>City Council Meeting, March {0}, 2024</a>",
        "<p>March {0}, 2024 <a href=/e/{0}>City Council</a>",
        "<li>City Council, March {0}, 2024 <a href=/e/{0}>Meeting Details</a>",
        "<li><a href=/event/2024/03/0{0}/council-meeting-{0}>City Council meeting</a>",
    ],
)
def test_the_pages_of_meetings_are_read_the_newest_first(web, http, link):
    for number in (5, 6):
        for path in (f"/e/{number}", f"/event/2024/03/0{number}/council-meeting-{number}"):
            web.put(path, html(meeting(number, "<a href=/x>Next</a>")))
    nav = "<nav><a href=/bodies>Planning Board agendas</a></nav>"
    found = found_on(web, http, nav + link.format(5) + link.format(6))
    assert names(found) == ["a6.pdf", "m6.pdf", "a5.pdf", "m5.pdf"]
    assert {item.date for item in found} == {date(2024, 3, 5), date(2024, 3, 6)}
    assert "/x" not in web.paths()
    assert len(web.paths()) == 4  # with robots.txt


@pytest.mark.parametrize(
    "link",
    [
        "<li>March 5, 2024 <a href=/e>City Council</a> <a href=/1.pdf>Agenda</a>",
        "<li><a href=http://elsewhere/e>City Council Meeting, March 5, 2024</a>",
        "<li><a href=/e>City Council Meeting, March 5, 2019</a>",
        "<li><a href=/e>Flood watch, March 5, 2024</a>",
        "<li><a href=/e>Report to the Council, March 5, 2024</a>",
        "<li><a href=/e>City Council</a>",
        "<li>March 5, 2024 <a href=/e>Council</a> " + "<a href=/o>Parks</a> " * 9,
    ],
)
def test_other_pages_are_not_read_for_those_of_meetings(web, http, link):
    elsewhere = web.url("").replace("127.0.0.1", "localhost")
    found_on(web, http, link.replace("http://elsewhere", elsewhere))
    assert web.paths() == ["/index.html"]


@pytest.mark.parametrize(
    "options", [{"follow": False}, {"exclude": ["*/e/*"]}, {"body": "Parks Board"}]
)
def test_pages_of_meetings_are_not_read_where_options_say_so(web, http, options):
    found_on(web, http, "<li><a href=/e/5>City Council, March 5, 2024</a>", **options)
    assert web.paths() == ["/index.html"]


def test_pages_of_meetings_and_of_the_listing_are_read_in_turn_until_max_pages(web, http):
    def events(month):
        links = (f"<li><a href=/e/{month}-{day}>Council, {month}/{day}/2024</a>" for day in (1, 2))
        return html("".join(links) + f"<a href=/p/{month - 1}>Older</a>")

    for month in range(2, 13):
        web.put(f"/p/{month}", events(month))
    source = web.url("/p/12")
    found = list(ListingFetcher(http).discover(site(source, max_pages=4), since=None))
    asked = [path for path in web.paths() if path != "/robots.txt"]
    assert asked == ["/p/12", "/p/11", "/e/12-2", "/p/10"]
    assert [item.partial for item in found] == [False, True]
    assert "max_pages" in found[1].reason


def test_pages_of_meetings_are_kept_from_where_robots_txt_says_so(web, http):
    web.put("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /e\n"))
    (told,) = found_on(web, http, "<li><a href=/e/5>City Council, March 5, 2024</a>")
    assert "robots.txt" in told.reason
    assert "/e/5" not in web.paths()


# -- what is taken ---------------------------------------------------------------------------------


def test_links_that_lead_to_no_document_are_left_alone(web, http):
    page = """<h2>Agendas</h2><ul><li>March 5, 2024
      <a href="/RedirectToDoc?URL=Open/2024/AGN_WEB.htm">View Agenda</a>
      <a href=https://us02web.zoom.us/j/1?pwd=x>Agenda and webinar</a>
      <a href=https://records.example.org/WebLink/Browse.aspx>Agendas</a>
      <a href=https://records.example.org/>Agenda</a>
      <a href="https://www.google.com/calendar/event?text=see+the+agenda">Google Calendar</a>
      <a href="https://calendar.google.com/calendar/render?details=agenda">Add to calendar</a>
      <a href=/index.html>Agenda</a>
      <a href=/a.pdf>Agenda</a> <a href=/b.pdf>Attachments</a> <a href=/agenda-item-3.pdf>PDF</a>
      </ul>"""
    assert names(taken(found_on(web, http, page))) == ["a.pdf"]


def test_attachments_are_neither_taken_nor_reported_wherever_they_lie(web, http):
    page = """<h2>Council Meeting 5 March 2024</h2><ul>
      <li><a href=/minutes-2024/a.pdf>Agenda</a>
      <li><a href=/minutes-2024/b.pdf>Attachment 8.2 - Flood Study 13 May 2023</a>
      <li><a href=/minutes-2024/exhibit-4.pdf>PDF</a></ul>"""
    assert names(found_on(web, http, page)) == ["a.pdf"]


@pytest.mark.parametrize("how", ["with attachments", "and Exhibits", "& Attachments"])
def test_an_agenda_with_its_attachments_is_taken(web, http, how):
    page = f"<h2>Agendas</h2><ul><li><a href=/a.pdf>March 5, 2024 {how}</a></ul>"
    assert names(taken(found_on(web, http, page))) == ["a.pdf"]


def test_the_number_of_an_item_is_no_day(web, http):
    page = """<h1>Council Meeting - 5 March 2024</h1><div><a href=/a.pdf>Agenda</a>
      <ul><li>Item 3 - March 2024 Quarterly Budget Review</ul></div>"""
    (item,) = found_on(web, http, page)
    assert item.date == FIFTH


def test_what_the_next_line_is_called_is_no_body(web, http):
    page = """<div><p>5 Mar 2024<p>Committee<p>Ordinary Council<p><a href=/a.pdf>Minutes</a></div>
      <div><p>6 Mar 2024<p>Committee<p><a href=/b.pdf>Minutes</a></div>"""
    assert [item.body for item in found_on(web, http, page)] == ["Council", "Committee"]


def test_special_minutes_beside_others_make_no_agenda_special(web, http):
    page = """<h2>City Council</h2><table><tr><td>March 5, 2024<td><a href=/a.pdf>Agenda</a>
      <a href=/b.pdf>Minutes</a> <a href=/c.pdf>Special Meeting Minutes</a>
      <tr><td>March 6, 2024<td><a href=/d.pdf>Agenda</a>
      <a href=/e.pdf>Special Meeting Minutes</a></table>"""
    found = found_on(web, http, page)
    special = "special meeting"
    assert [item.session for item in found] == ["", "", special, special, special]


def test_the_path_of_the_page_itself_tells_of_no_link(web, http):
    source = web.put("/minutes", html("<p>Closed on May 7, 2024 <a href='?hide=1'>Close</a></p>"))
    (told,) = ListingFetcher(http).discover(site(source), since=None)
    assert isinstance(told, UndatedDocument)


def test_a_day_at_the_path_of_the_page_itself_is_a_document(web, http):
    source = web.put("/minutes", html("<a href='?doc=7'>March 5, 2024</a>"))
    (item,) = ListingFetcher(http).discover(site(source), since=None)
    assert (item.url, item.date) == (f"{source}?doc=7", FIFTH)


def test_the_papers_of_an_australian_council(web, http):
    page = """<title>2024 Business Papers and Minutes » Alder Council</title>
      <h3>5 March 2024</h3><a href=/a.pdf>Business Paper</a> <a href=/b.pdf>Attachment 2</a>
      <a href=/c.pdf>Minutes</a> <a href=/d.pdf>Mayoral Minute - Bins</a>
      <p><a href=/e.pdf>Minutes of the Extraordinary Meeting of Council held 6 March 2024 1.7MB</a>
      <p><a href=/f.pdf>Ordinary Council Meeting Late Agenda 7 March 2024</a>"""
    found = taken(found_on(web, http, page, day_first=True))
    assert [(item.url[-5:-4], item.kind.value, item.body, item.session) for item in found] == [
        ("a", "agenda", "Alder Council", ""),
        ("c", "minutes", "Alder Council", ""),
        ("e", "minutes", "Alder Council", "special meeting"),
        ("f", "agenda", "Alder Council", "regular meeting"),
    ]


def test_the_day_a_meeting_was_adjourned_from_gives_way_to_a_heading(web, http):
    page = """<h3>5 March 2024</h3>
      <a href=/x-adjourned-from-27022024.pdf>Agenda - adjourned from 27 February 2024</a>"""
    (item,) = found_on(web, http, page)
    assert item.date == FIFTH


def test_the_day_of_minutes_that_are_called_by_it_is_their_own(web, http):
    page = """<table><tr><td>March 19, 2024<td><a href=/a.pdf>Minutes of March 5, 2024</a>
      </table>"""
    (item,) = found_on(web, http, page)
    assert item.date == FIFTH


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/a.pdf>July 2019</a>",
        "<a href=/a.pdf>October Minutes</a>",
        "<a href=/2019-July-Minutes.pdf>Minutes</a>",
        "<a href=/2019JulyBoardMinutes.pdf>Download</a>",
    ],
)
def test_a_document_of_another_month_does_not_get_the_day_of_its_surroundings(web, http, link):
    page = f"<h2>Minutes of May 9, 2019</h2><div><p>Next meeting: May 9, 2019<p>{link}</div>"
    (told,) = found_on(web, http, page)
    assert isinstance(told, UndatedDocument)


@pytest.mark.parametrize("link", ["May 2019", "May Minutes", "Minutes (approved June 2019)"])
def test_a_document_of_the_month_gets_it(web, http, link):
    page = f"<h2>Minutes</h2><div><p>Meeting of May 9, 2019<p><a href=/a.pdf>{link}</a></div>"
    found = found_on(web, http, page)
    assert [type(item) for item in found] == [
        UndatedDocument if "June" in link else DiscoveredDocument
    ]


def test_the_months_of_years_side_by_side_are_not_the_row_of_one_meeting(web, http):
    links = "".join(
        f"<li>{month} 2016: <a href=/{at}.pdf>PDF</a>"
        for at, month in enumerate(("January", "February", "March", "April"))
    )
    page = f"<h1>Board minutes</h1><div>Revised March 22, 2018 <ul>{links}</ul></div>"
    assert not taken(found_on(web, http, page))


@pytest.mark.parametrize(
    ("link", "day"),
    [
        ("<a href=/minutes-2023-12-19.pdf>View minutes</a>", date(2023, 12, 19)),
        ("<a href=/minutes-2024-03-19.pdf>View minutes</a>", FIFTH),  # one of the two is a slip
        ("<a href=/minutes-2023-03-05.pdf>View minutes</a>", FIFTH),
        ("<a href=/minutes-24-03-05.pdf>View minutes</a>", FIFTH),
        ("<a href=/scan_20240419_1530.pdf>Minutes</a>", FIFTH),
        ("<a href=/2023-12-19.pdf>&nbsp;</a>", date(2023, 12, 19)),
    ],
)
def test_a_file_that_is_called_by_its_kind_and_another_day_is_not_of_the_rows(web, http, link, day):
    page = f"<title>Minutes</title><table><tr><td>March 5, 2024<td>{link}</table>"
    (item,) = found_on(web, http, page)
    assert item.date == day


# -- what is told ----------------------------------------------------------------------------------


def test_minutes_that_are_no_pdf_are_told_unless_there_is_one_too(web, http):
    page = """<h2>Minutes</h2><ul><li><a href=/a.docx>March 5, 2024</a>
      <li>March 12, 2024 <a href=/b.pdf>PDF</a> <a href=/b.docx>Word</a>
      <li><a href=/form.docx>Permit form</a></ul>"""
    found = found_on(web, http, page)
    assert names(found) == ["b.pdf", "a.docx"]
    assert "Word" in found[1].reason
    assert (found[1].kind, found[1].partial) == (DocumentKind.MINUTES, False)
    assert not found[1].dateless


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("<div id=app></div>", "filled by script"),
        ("<a href=\"javascript:__doPostBack('x')\">2023</a>" * 3, "3 work by script"),
        ("<a href=/>Home</a>" * 30, "among its 30 links"),
    ],
)
def test_a_page_without_any_document_says_what_it_has(web, http, page, word):
    (told,) = found_on(web, http, page)
    assert isinstance(told, UndatedDocument)
    assert not told.partial  # or what it listed before would never count as vanished
    assert not told.dateless
    assert word in told.reason


# -- over the wire ---------------------------------------------------------------------------------


def test_a_detour_with_a_cookie_still_brings_the_document(web, http, tmp_path):
    web.put("/m", Reply(status=302, headers={"Location": "/n", "Set-Cookie": "seen=1"}))
    web.put("/n", redirect("/o.pdf"))
    web.put("/o.pdf", Reply(body=PDF, headers={"Content-Type": "application/octet-stream"}))
    (item,) = found_on(web, http, "<li><a href=/m>Minutes 2024-03-05</a>")
    assert ListingFetcher(http).fetch(site(item.url), item.url, tmp_path / "m.pdf", None).size
    assert web.requests[-1][1]["Cookie"] == "seen=1"
