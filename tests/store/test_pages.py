"""Pages: what was read before, what a run may still spend, and which pages are read again."""

import dataclasses
from datetime import date

import pytest
from sqlalchemy import Connection, text

from clerk.model import PageReading, PageSource
from clerk.store import budgets, documents, ledger, pages, readings, retries
from clerk.store.ledger import Work
from clerk.store.pages import NewPage, PageKey, Reader, ToRead
from clerk.store.readings import Which
from tests.store import rows

BLANK = "pdfium 200dpi r1"
BY = Reader(alone="tess 5 eng-1 200dpi r1", beside="pdfium + tess 5 eng-1 200dpi r1", blank=BLANK)
OTHER = Reader(
    alone="tess 5 eng+spa-1 200dpi r1", beside="pdfium + tess 5 eng+spa-1 200dpi r1", blank=BLANK
)
NEXT = dataclasses.replace(BY, alone="tess 5 eng-1 200dpi r2", blank="pdfium 200dpi r2")
SAME_FILE = ToRead(
    site="birch.example", sha256=f"{'a':0<64}", layer="", reason="no text layer", languages=None
)


def reading(number: int = 1, **how) -> PageReading:
    return PageReading(
        number=number,
        source=how.pop("source", PageSource.OCR),
        text=how.pop("text", "The herons were counted."),
        reason="no text layer",
        engine=how.pop("engine", BY.alone),
        confidence=how.pop("confidence", 91.0),
        unread=how.pop("unread", 0.0),
        raster=how.pop("raster", "cafe"),
    )


def version(connection: Connection, *found: NewPage, content: str = "a") -> list[PageKey]:
    """Fetch a version of the one document there is; answers its pages' keys."""
    listed = rows.listed(connection, rows.found())
    document = documents.get(connection, listed[0].id)
    download = rows.content(content)
    number = documents.record_version(connection, document, download, pages=len(found))
    pages.add(connection, document, number, download.sha256, found)
    return [PageKey(document=document.id, version=number, number=page.number) for page in found]


@pytest.fixture
def page(connection: Connection) -> PageKey:
    """A page that OCR has read."""
    rows.site(connection)
    (key,) = version(connection, NewPage(number=1, reading=None, reason="no text layer"))
    pages.record(connection, key, reading())
    documents.settle(connection, rows.SITE)
    return key


def test_the_same_page_of_the_same_file_is_known(connection: Connection, page: PageKey):
    assert pages.same_page(connection, SAME_FILE, 1, BY) == reading()


def test_another_page_file_or_reader_is_not_known(connection: Connection, page: PageKey):
    other_file = ToRead(site="b", sha256="b" * 64, layer="", reason="", languages=None)
    assert pages.same_page(connection, SAME_FILE, 2, BY) is None
    assert pages.same_page(connection, other_file, 1, BY) is None
    assert pages.same_page(connection, SAME_FILE, 1, OTHER) is None


def test_the_same_pixels_are_known_in_whatever_file(connection: Connection, page: PageKey):
    other_file = ToRead(site="b", sha256="b" * 64, layer="", reason="", languages=None)
    assert pages.same_pixels(connection, other_file, 7, BY, "cafe") == reading(7)
    assert pages.same_pixels(connection, other_file, 7, OTHER, "cafe") is None
    assert pages.same_pixels(connection, other_file, 7, BY, "beef") is None


def test_a_page_whose_text_layer_differs_is_not_known(connection: Connection, page: PageKey):
    layered = ToRead(site="b", sha256=SAME_FILE.sha256, layer="map", reason="", languages=None)
    assert pages.same_page(connection, layered, 1, BY) is None
    assert pages.same_pixels(connection, layered, 1, BY, "cafe") is None


def test_a_failed_page_is_not_known(connection: Connection, page: PageKey):
    pages.record_failure(connection, page, "timeout")
    assert pages.same_page(connection, SAME_FILE, 1, BY) is None


def test_a_page_without_a_second_look_is_not_known(connection: Connection, page: PageKey):
    pages.record(connection, page, reading(engine=f"{BY.alone}, first look only"))
    assert pages.same_page(connection, SAME_FILE, 1, BY) is None
    assert pages.same_pixels(connection, SAME_FILE, 1, BY, "cafe") is None


def test_a_blank_page_is_known_to_the_same_revision_only(connection: Connection, page: PageKey):
    blank = reading(engine=BLANK, text="", source=PageSource.BLANK)
    pages.record(connection, page, blank)
    assert pages.same_page(connection, SAME_FILE, 1, BY) == blank
    assert pages.same_page(connection, SAME_FILE, 1, NEXT) is None


# -- budget ---------------------------------------------------------------------------------------


def test_what_pages_cost_adds_up_over_the_waves_of_a_run(connection: Connection):
    run = rows.run(connection)
    ledger.add(connection, run.id, run.site, Work.OCR, [("a:1:1", 0), ("a:1:2", 1)])
    for key in ("a:1:1", "a:1:2"):
        ledger.open_wave(connection, run.id, Work.OCR, size=1, priority=0)
        item = ledger.take(connection, run.id, Work.OCR, key, "me")
        assert item
        budgets.spend(connection, item, first=1.5, more=0.25)

    spent = budgets.spent(connection, run.id)
    assert (spent.first, spent.more) == (3.0, 0.5)
    assert budgets.spent(connection, "another") == budgets.Spent(first=0.0, more=0.0)


# -- reading again --------------------------------------------------------------------------------


def chosen(connection: Connection, **which) -> list[PageKey]:
    return [each.key for each in readings.choose(connection, rows.SITE, Which(**which))]


def test_pages_are_chosen_by_confidence_engine_and_id_together(
    connection: Connection, page: PageKey
):
    (line,) = readings.worst(connection, rows.SITE, 10)
    assert chosen(connection, below=91.5, engine="TESS 5", ids=[line.id]) == [page]
    assert chosen(connection, below=91.0) == []
    assert chosen(connection, engine="vision") == []
    assert chosen(connection, ids=["0123"]) == []


def test_pages_are_chosen_by_what_was_left_unread(connection: Connection, page: PageKey):
    pages.record(connection, page, reading(unread=40.0))
    assert chosen(connection, unread=39.5, below=95) == [page]
    assert chosen(connection, unread=40.0) == []


def test_a_page_half_unread_is_worse_than_one_read_with_less_confidence(
    connection: Connection, page: PageKey
):
    scans = [NewPage(number=number, reading=None) for number in (1, 2, 3)]
    keys = version(connection, *scans, content="c")
    for key, sure, unread in zip(keys, (75.0, 96.0, 60.0), (None, 50.0, 5.0), strict=True):
        pages.record(connection, key, reading(key.number, confidence=sure, unread=unread))
    documents.settle(connection, rows.SITE)

    listed = readings.worst(connection, rows.SITE, 10)
    assert [(each.page, each.unread) for each in listed] == [(2, 50.0), (3, 5.0), (1, None)]


def test_a_page_that_waits_again_keeps_its_text_for_readers(connection: Connection, page: PageKey):
    assert readings.wait_again(connection, [page]) == 1
    assert readings.wait_again(connection, [page]) == 0

    (stored,) = pages.of_version(connection, page.document, page.version)
    assert (stored.text, stored.reason) == ("The herons were counted.", "no text layer")
    assert [key for key, _ in pages.pending(connection, rows.SITE)] == [str(page)]
    assert documents.get(connection, page.document).state.value == "fetched"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("no text layer; best look at 300 dpi, turned 90 degrees", "no text layer"),
        ("scan with a short text layer; no second look: the run …", "scan with a short text layer"),
    ],
)
def test_what_a_reading_said_of_itself_goes_with_it(connection, page, before, after):
    connection.execute(text("UPDATE pages SET reason = :reason"), {"reason": before})
    readings.wait_again(connection, [page])
    (stored,) = pages.of_version(connection, page.document, page.version)
    assert stored.reason == after


def test_a_page_with_a_good_layer_says_that_ocr_was_asked_for(connection: Connection):
    rows.site(connection)
    layer = reading(source=PageSource.TEXT_LAYER, engine="pdfium", confidence=None, raster="")
    (key,) = version(connection, NewPage(number=1, reading=layer))
    documents.settle(connection, rows.SITE)

    readings.wait_again(connection, chosen(connection, engine="pdfium"))
    (stored,) = pages.of_version(connection, key.document, key.version)
    assert stored.reason == "asked for OCR"


def test_readers_old_version_can_be_read_again_while_the_new_one_is_unreadable(
    connection: Connection, page: PageKey
):
    document = documents.get(connection, page.document)
    documents.record_version(connection, document, rows.content("b"), pages=0, failed="corrupt")

    assert chosen(connection, below=100) == [page]
    readings.wait_again(connection, [page])
    assert documents.get(connection, page.document).state.value == "failed"
    assert [key for key, _ in pages.pending(connection, rows.SITE)] == [str(page)]


def test_a_failed_page_of_the_old_version_is_tried_again_and_the_new_one_stays_unreadable(
    connection: Connection, page: PageKey
):
    pages.record_failure(connection, page, "timeout")
    document = documents.get(connection, page.document)
    documents.record_version(connection, document, rows.content("b"), pages=0, failed="corrupt")

    retries.pages(connection, [str(page)])

    assert documents.get(connection, page.document).state.value == "failed"
    assert [key for key, _ in pages.pending(connection, rows.SITE)] == [str(page)]


def test_a_document_is_as_sure_as_its_pages_on_average_and_the_worst_come_first(
    connection: Connection, page: PageKey
):
    scans = [NewPage(number=number, reading=None) for number in (1, 2, 3)]
    keys = version(connection, *scans, content="c")
    pages.record(connection, keys[0], reading(confidence=90.0))
    pages.record(connection, keys[1], reading(2, confidence=50.0))
    pages.record_failure(connection, keys[2], "timeout")
    documents.settle(connection, rows.SITE)

    (line,) = readings.documents(connection, rows.SITE, 10)
    assert (line.pages, line.ocr, line.failed, line.confidence) == (3, 2, 1, 70.0)
    assert line.date == date(2024, 3, 5)
    assert [each.page for each in readings.worst(connection, rows.SITE, 10)] == [3, 2, 1]
    tally = readings.tally(connection, rows.SITE)
    assert (tally.pages, tally.ocr, tally.failed, tally.confidence) == (3, 2, 1, 70.0)


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        (PageSource.OCR, (1, 0, 0)),
        (PageSource.TEXT_LAYER, (0, 1, 0)),
        (PageSource.BLANK, (0, 0, 1)),
    ],
)
def test_pages_are_counted_by_where_their_text_is_from(
    connection: Connection, page: PageKey, source: PageSource, counted: tuple[int, int, int]
):
    pages.record(connection, page, reading(source=source))
    tally = readings.tally(connection, rows.SITE)
    assert (tally.ocr, tally.layer, tally.blank) == counted
    assert tally.pages == 1


def test_blank_pages_are_counted_and_listed_by_themselves(connection: Connection, page: PageKey):
    nothing = reading(source=PageSource.BLANK, text="", confidence=None)
    pages.record(connection, page, nothing)
    assert readings.tally(connection, rows.SITE).blank == 1
    assert readings.worst(connection, rows.SITE, 10) == []
    (line,) = readings.worst(connection, rows.SITE, 10, blank=True)
    assert (line.document, line.source) == (page.document, "blank")


def test_a_mean_of_one_page_is_that_page(connection: Connection, page: PageKey):
    pages.record(connection, page, reading(confidence=72.2))
    assert readings.tally(connection, rows.SITE).confidence == 72.2
    assert readings.documents(connection, rows.SITE, 1)[0].confidence == 72.2


def layered(connection: Connection) -> PageKey:
    """A page with a good layer in another file than `page`'s."""
    layer = reading(source=PageSource.TEXT_LAYER, engine="pdfium", confidence=None, raster="")
    rows.site(connection)
    (key,) = version(connection, NewPage(number=1, reading=layer))
    documents.settle(connection, rows.SITE)
    return key


def test_a_file_asked_for_by_name_shows_its_good_layers_too(connection: Connection):
    key = layered(connection)
    assert readings.worst(connection, rows.SITE, 10) == []
    (line,) = readings.worst(connection, rows.SITE, 10, documents.get(connection, key.document).url)
    assert (line.document, line.source, line.confidence) == (key.document, "text-layer", None)


def test_a_file_s_name_alone_lets_no_good_layer_be_read_by_ocr(connection: Connection):
    key = layered(connection)
    url = documents.get(connection, key.document).url
    assert chosen(connection, of=url) == []
    assert chosen(connection, of=url, engine="pdfium") == [key]
    assert chosen(connection, of="elsewhere", engine="pdfium") == []


def test_pages_are_chosen_by_their_file(connection: Connection, page: PageKey):
    assert chosen(connection, of=documents.get(connection, page.document).url) == [page]
    assert chosen(connection, of="elsewhere") == []


def test_a_document_that_cannot_be_read_is_told_with_its_reason(connection, page: PageKey):
    assert readings.unread(connection, rows.SITE, 10) == []
    document = documents.get(connection, page.document)
    documents.record_version(connection, document, rows.content("b"), pages=0, failed="encrypted")

    (line,) = readings.unread(connection, rows.SITE, 10)
    assert (line.id, line.date) == (document.id, date(2024, 3, 5))
    assert "(encrypted)" in line.reason
    assert readings.unread(connection, rows.SITE, 10, "elsewhere") == []


def test_the_documents_and_the_mean_of_one_file_are_its_own(connection, page: PageKey):
    url = documents.get(connection, page.document).url
    assert len(readings.documents(connection, rows.SITE, 10, url)) == 1
    assert readings.documents(connection, rows.SITE, 10, "elsewhere") == []
    assert readings.tally(connection, rows.SITE, url).confidence == 91.0
    assert readings.tally(connection, rows.SITE, "elsewhere").confidence is None


@pytest.mark.parametrize("of", ["", "5 mar", "5%20MAR", "docs/5 March.pdf"])
def test_the_pages_of_one_file_are_found_as_its_name_is_shown(connection, page, of):
    url = "https://birch.example/docs/5%20March.pdf"
    connection.execute(text("UPDATE documents SET url = :url"), {"url": url})
    assert len(readings.worst(connection, rows.SITE, 10, of)) == 1
    assert readings.worst(connection, rows.SITE, 10, "6 March") == []


def test_no_page_is_listed_where_none_was_read(connection: Connection):
    rows.site(connection)
    assert readings.worst(connection, rows.SITE, 10) == []
    assert readings.tally(connection, rows.SITE).confidence is None
