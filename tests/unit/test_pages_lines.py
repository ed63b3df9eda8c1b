"""What `clerk pages` says of a page: which file, and short enough to be read."""

from datetime import date

import pytest

from clerk.cli.pages import line_of, unread_line
from clerk.store.readings import PageLine, UnreadLine


def page(url: str, **more: object) -> str:
    values = {
        "id": "0123456789abcdef",
        "kind": "minutes",
        "body": "City Council",
        "date": date(2024, 3, 5),
        "date_estimated": False,
        "document": "d",
        "url": url,
        "page": 12,
        "state": "read",
        "source": "ocr",
        "confidence": 61.25,
        "unread": 0.0,
        "engine": "tesserocr 2.8.0, eng fast, 200 dpi, first look only",
        "reason": "no text layer",
    }
    return line_of(PageLine(**{**values, **more}))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("Board/2024/March 5 Minutes.pdf", "March 5 Minutes.pdf"),
        ("https://town.example/docs/March%205.pdf", "March 5.pdf"),
        ("https://town.example/ViewFile/?id=77&kind=minutes", "ViewFile?id=77&kind=minutes"),
        ("https://town.example/a%0Ab%1b[2J.pdf", "a b�[2J.pdf"),
        ("\u202efdp.exe", "�fdp.exe"),
    ],
)
def test_a_page_is_told_by_its_file(url: str, name: str):
    assert page(url) == (
        f"  61.2  0123456789abcdef  {name} p. 12  2024-03-05 minutes City Council  no text layer"
    )


def test_the_line_of_a_long_name_shows_its_ends_and_fits():
    line = page(f"Board/Beginning {'x' * 300} of 2024-03-05.pdf", reason="")
    assert "Beginning" in line
    assert "24-03-05.pdf p. 12" in line
    assert len(line) <= 120


def test_a_day_that_no_name_told_is_marked():
    assert "2024-03-05 (day estimated) minutes City Council" in page("a.pdf", date_estimated=True)


def test_a_failed_page_says_so_and_why():
    line = page("a.pdf", state="failed", confidence=None, reason="timeout")
    assert line.startswith("failed  ")
    assert line.endswith("  timeout")


@pytest.mark.parametrize(
    ("state", "source", "word"),
    [("read", "text-layer", " layer"), ("read", "blank", " blank"), ("pending", None, " waits")],
)
def test_a_page_without_confidence_says_what_it_is(state: str, source: str | None, word: str):
    assert page("a.pdf", state=state, source=source, confidence=None).startswith(f"{word}  0123")


def test_a_document_without_pages_is_told_by_its_file_and_reason():
    line = UnreadLine(
        id="d", kind="minutes", body="City Council", date=date(2024, 3, 5),
        date_estimated=False, url="x/lo\nck.pdf",
        reason="encrypted",
    )  # fmt: skip
    assert unread_line(line) == "failed  x/lo ck.pdf  2024-03-05 minutes City Council  encrypted"


def test_a_document_of_no_date_is_told_without_one():
    line = UnreadLine(
        id="d",
        kind="",
        body="",
        date=None,
        date_estimated=False,
        url="x/a.pdf",
        reason="undated",
        detail="no date in its path",
    )
    assert unread_line(line) == "failed  x/a.pdf  undated: no date in its path"


def test_two_documents_of_one_name_are_told_apart_however_deep_they_lie():
    deep = f"{'Boards and Commissions/' * 6}%s/minutes.pdf"
    lines = [
        unread_line(
            UnreadLine(
                id="d",
                kind="",
                body="",
                date=None,
                date_estimated=False,
                url=deep % year,
                reason="corrupt",
            )
        )
        for year in (2023, 2024)
    ]
    assert lines[0] != lines[1]
