"""Documents and versions: identity, ordinals, revisions, and what readers see meanwhile."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from clerk.model import (
    DocumentKind,
    DocumentState,
    PageReading,
    PageSource,
    UndatedDocument,
)
from clerk.store import dead_letters, documents, pages, readings, runs
from clerk.store.dead_letters import Wanted
from clerk.store.pages import NewPage, PageKey
from tests.store import rows


@pytest.fixture
def site(connection: Connection) -> str:
    return rows.site(connection)


def ordinals(connection: Connection) -> dict[str, int]:
    found = documents.dated(connection, rows.SITE)
    return {document.source_id: document.ordinal for document in found}


def text_page(number: int, words: str) -> NewPage:
    reading = PageReading(
        number=number, source=PageSource.TEXT_LAYER, text=words, reason="good", engine="pdfium"
    )
    return NewPage(number=number, reading=reading)


def scan(number: int) -> NewPage:
    return NewPage(number=number, reading=None)


def bring(connection: Connection, document: str, sha: str, *found: NewPage) -> int:
    """Store content as the next version."""
    row = documents.get(connection, document)
    download = rows.content(sha)
    version = documents.record_version(connection, row, download, pages=len(found))
    pages.add(connection, row, version, download.sha256, found)
    return version


def visible(connection: Connection, document: str) -> list[str | None]:
    row = documents.get(connection, document)
    return [page.text for page in pages.of_version(connection, document, row.visible)]


def read(connection: Connection, document: str, version: int, number: int, words: str) -> None:
    reading = PageReading(
        number=number, source=PageSource.OCR, text=words, reason="no text layer", engine="e 1"
    )
    pages.record(connection, PageKey(document=document, version=version, number=number), reading)


def test_a_failed_page_is_no_dead_letter_once_another_version_is_read(connection, site):
    document = rows.listed(connection, rows.found())[0].id
    bring(connection, document, "a", scan(1))
    for item in (f"{document}:1:1", "of somebody else's", f"{document}:?:1"):
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item)
                VALUES (:item, :site, 'ocr', :item)
            """),
            {"site": site, "item": item},
        )

    version = bring(connection, document, "b", scan(1))
    documents.settle(connection, site)
    before = len(dead_letters.find(connection, Wanted(site=site)))
    read(connection, document, version, 1, "Of the fifth of March.")
    documents.settle(connection, site)

    left = [letter.item for letter in dead_letters.find(connection, Wanted(site=site))]
    assert (before, left) == (3, ["of somebody else's", f"{document}:?:1"])


def test_meetings_of_one_body_on_one_day_are_numbered_and_keep_their_numbers(connection, site):
    first, second = rows.found("a.pdf"), rows.found("b.pdf")
    rows.listed(connection, first, second, rows.found("c.pdf", kind=DocumentKind.AGENDA))
    assert ordinals(connection) == {"a.pdf": 1, "b.pdf": 2, "c.pdf": 1}

    rows.listed(connection, second, first)
    assert ordinals(connection) == {"a.pdf": 1, "b.pdf": 2, "c.pdf": 1}


def test_bodies_whose_names_look_alike_in_paths_share_their_numbers(connection, site):
    rows.listed(connection, rows.found("a.pdf", body="City/Council"))
    rows.listed(connection, rows.found("b.pdf", body="City Council"))

    assert sorted(ordinals(connection).values()) == [1, 2]


def test_a_corrected_date_moves_a_document_and_keeps_its_identity(connection, site):
    (before,) = rows.listed(connection, rows.found())
    (after,) = rows.listed(connection, rows.found(day=date(2024, 4, 5)))

    assert before.id == after.id
    assert documents.get(connection, after.id).date == date(2024, 4, 5)


def test_an_unchanged_listing_needs_no_fetch_once_its_content_is_here(connection, site):
    (fresh,) = rows.listed(connection, rows.found(validator="12-34"))
    assert fresh.fresh
    (still,) = rows.listed(connection, rows.found(validator="12-34"))
    assert still.fresh, "nothing was downloaded yet"

    bring(connection, fresh.id, "one", text_page(1, "words"))
    (known,) = rows.listed(connection, rows.found(validator="12-34"))
    (changed,) = rows.listed(connection, rows.found(validator="56-78"))
    (forced,) = rows.listed(connection, rows.found(validator="12-34"), force=True)

    assert (known.fresh, changed.fresh, forced.fresh) == (False, True, True)


def test_readers_keep_the_old_version_until_the_new_one_is_read(connection, site):
    (row,) = rows.listed(connection, rows.found())
    bring(connection, row.id, "one", text_page(1, "old"))
    documents.settle(connection, site)

    version = bring(connection, row.id, "two", text_page(1, "new"), scan(2))
    documents.settle(connection, site)
    assert visible(connection, row.id) == ["old"]
    assert list(pages.pending(connection, site)) == [(f"{row.id}:{version}:2", 0)]

    read(connection, row.id, version, 2, "second page")
    documents.settle(connection, site)
    assert visible(connection, row.id) == ["new", "second page"]
    left = connection.execute(text("SELECT DISTINCT version FROM pages")).scalars().all()
    assert left == [version], "what nobody sees any more is gone"


def test_a_revision_that_cannot_be_read_leaves_the_old_text(connection, site):
    (row,) = rows.listed(connection, rows.found())
    bring(connection, row.id, "one", text_page(1, "old"))
    documents.settle(connection, site)

    document = documents.get(connection, row.id)
    documents.record_version(connection, document, rows.content("bad"), pages=0, failed="corrupt")
    documents.settle(connection, site)

    assert visible(connection, row.id) == ["old"]
    assert documents.counts(connection, site).readable == 1
    (gap,) = documents.gaps(connection, site)
    assert (gap.page, gap.reason) == (None, FORMER.format("corrupt"))


FORMER = "its newest version could not be read ({}); the former one is shown"


def replaced(connection: Connection, site: str) -> str:
    """A document that is shown, page 2 of which could not be read, and that is listed anew."""
    (row,) = rows.listed(connection, rows.found(validator="good"))
    bring(connection, row.id, "one", text_page(1, "old"), scan(2))
    pages.record_failure(connection, PageKey(document=row.id, version=1, number=2), "timeout")
    documents.settle(connection, site)
    rows.listed(connection, rows.found(validator="bad"))
    return row.id


def fails_with_bytes(connection: Connection, document: str) -> None:
    row = documents.get(connection, document)
    documents.record_version(connection, row, rows.content("bad"), pages=0, failed="empty")


def fails_without_bytes(connection: Connection, document: str) -> None:
    documents.record_failure(connection, document, "empty")


@pytest.mark.parametrize("fails", [fails_with_bytes, fails_without_bytes])
def test_readers_are_told_the_same_however_a_newer_version_fails(connection, site, fails):
    document = replaced(connection, site)

    fails(connection, document)

    row = documents.get(connection, document)
    assert row.outcome == (DocumentState.READ, FORMER.format("empty"))
    gaps = {(gap.page, gap.reason) for gap in documents.gaps(connection, site)}
    assert gaps == {(None, FORMER.format("empty")), (2, "timeout")}
    (unread,) = readings.unread(connection, site, 10)
    assert unread.reason == FORMER.format("empty")


@pytest.mark.parametrize("fails", [fails_with_bytes, fails_without_bytes])
def test_a_file_that_is_no_pdf_is_tried_again_when_it_changed(connection, site, fails):
    document = replaced(connection, site)
    fails(connection, document)

    (same,) = rows.listed(connection, rows.found(validator="bad"))
    (restored,) = rows.listed(connection, rows.found(validator="good"))

    assert (same.fresh, restored.fresh) == (False, True)


def test_a_document_is_read_when_any_page_was_and_failed_when_none_was(connection, site):
    some, none = rows.listed(connection, rows.found("some.pdf"), rows.found("none.pdf"))
    for row in (some, none):
        bring(connection, row.id, row.id, scan(1), scan(2))
    read(connection, some.id, 1, 1, "words")
    for document, number in ((some, 2), (none, 1), (none, 2)):
        key = PageKey(document=document.id, version=1, number=number)
        pages.record_failure(connection, key, "timeout")

    assert documents.settle(connection, site) == 2

    assert documents.get(connection, some.id).state is DocumentState.READ
    failed = documents.get(connection, none.id)
    assert (failed.state, failed.reason) == (DocumentState.FAILED, "timeout")
    assert {(gap.page, gap.reason) for gap in documents.gaps(connection, site)} == {
        (2, "timeout"),
        (None, "timeout"),
    }


def test_page_ids_outlive_revisions(connection, site):
    (row,) = rows.listed(connection, rows.found())
    ids = []
    for sha in ("one", "two"):
        version = bring(connection, row.id, sha, text_page(1, sha))
        ids += [page.id for page in pages.of_version(connection, row.id, version)]
    assert ids[0] == ids[1]


def undated(source_id: str) -> UndatedDocument:
    return UndatedDocument(
        kind=DocumentKind.MINUTES, source_id=source_id, url=source_id, reason="no date in its path"
    )


def test_undated_documents_are_counted_until_the_source_forgets_them(connection, site):
    documents.record_undated(connection, site, undated("notes.pdf"))
    assert documents.counts(connection, site).undated == 1

    past = datetime.now(UTC) - timedelta(hours=1)
    assert documents.forget_undated(connection, site, past) == 0
    later = datetime.now(UTC) + timedelta(hours=1)
    assert documents.forget_undated(connection, site, later) == 1
    assert documents.counts(connection, site).documents == 0


def untaken(why: str) -> UndatedDocument:
    return UndatedDocument(
        kind=DocumentKind.MINUTES, source_id="x", url="x", reason=why, dateless=False
    )


def test_why_a_document_could_not_be_taken_is_kept_and_kept_up_to_date(connection, site):
    def told() -> list[tuple[str, str]]:
        (gap,) = documents.gaps(connection, site)
        (line,) = readings.unread(connection, site, 10)
        assert (line.reason, line.detail) == (gap.reason, gap.detail)
        return [(gap.reason, gap.detail)]

    assert documents.record_undated(connection, site, untaken("http 404"))
    assert told() == [("not taken", "http 404")]

    assert documents.record_undated(connection, site, untaken("http 500"))
    assert told() == [("not taken", "http 500")]
    past = datetime.now(UTC) - timedelta(hours=1)
    assert documents.without_meeting_since(connection, site, past) == {"not taken": 1}

    rows.listed(connection, rows.found("x"))
    assert documents.gaps(connection, site) == []


def test_only_another_reason_asks_for_another_generation(connection, site):
    documents.record_undated(connection, site, untaken("http 404"))
    connection.execute(text("UPDATE documents SET updated_at = updated_at - interval '1 day'"))
    moment = datetime.now(UTC) - timedelta(hours=1)

    documents.record_undated(connection, site, untaken("http 404"))
    assert not documents.touched_after(connection, site, moment)
    documents.record_undated(connection, site, untaken("http 500"))
    assert documents.touched_after(connection, site, moment)


def test_a_title_of_a_document_with_a_meeting_is_no_reason(connection, site):
    (row,) = rows.listed(connection, rows.found("a.pdf", title="Minutes"))
    documents.record_failure(connection, row.id, "http 404")
    (gap,) = documents.gaps(connection, site)
    assert (gap.reason, gap.detail) == ("http 404", "")


def test_a_document_that_gets_a_date_is_no_longer_undated(connection, site):
    documents.record_undated(connection, site, undated("notes.pdf"))

    rows.listed(connection, rows.found("notes.pdf"))

    counts = documents.counts(connection, site)
    assert (counts.documents, counts.undated) == (1, 0)
    (document,) = documents.dated(connection, site)
    assert (document.state, document.reason) == (DocumentState.DISCOVERED, "")


HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300
)
"""Slashes, quotes, newlines, direction marks; fetchers never let a NUL or lone surrogate past."""


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(source_id=HOSTILE, body=HOSTILE, title=HOSTILE)
def test_any_name_comes_back_as_it_went_in(connection, source_id, body, title):
    with connection.begin_nested() as savepoint:
        rows.site(connection)
        (row,) = rows.listed(connection, rows.found(source_id, body=body, title=title))
        document = documents.get(connection, row.id)
        assert (document.source_id, document.body, document.title) == (source_id, body, title)
        savepoint.rollback()


@pytest.mark.parametrize(
    "name", ["a/b\\c.pdf", 'it\'s "so".pdf', "two\nlines.pdf", "x" * 300, "\u202egnp.fdp", "; --"]
)
def test_names_that_broke_others_are_plain_text(connection, site, name):
    (row,) = rows.listed(connection, rows.found(name, body=name, title=name))
    (again,) = rows.listed(connection, rows.found(name, body=name, title=name))
    assert (again.id, len(ordinals(connection))) == (row.id, 1)


def test_progress_belongs_to_the_newest_run(connection):
    run = rows.run(connection)
    assert set(runs.progress(connection, [rows.SITE])[rows.SITE]) == {
        "fetch",
        "ocr",
        "extraction",
        "deploy",
    }
    assert runs.holding(connection, rows.SITE).id == run.id
