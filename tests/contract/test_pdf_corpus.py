"""Every real PDF that lies beside the checkout: a verdict for each page or a named reason."""

from pathlib import Path

import pytest

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from clerk.model import Decision, PageLayer

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
FILES = sorted(CORPUS.glob("*.pdf"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FILES, reason="no ../shared/corpus beside the checkout"),
]
MOST_PAGES = 3  # of each file; `python -m tests.bench.reading rule memory` reads them all

KNOWN = {
    "ca-burbank_agenda_1": (Decision.TEXT, "good text layer"),
    "ca-duarte_agenda_1": (Decision.OCR, "no text layer"),  # letters drawn as outlines
    "cle-1998-city-record": (Decision.TEXT, "good text layer"),
    "oc-blank": (Decision.BLANK, "blank page"),
    "oc-ccitt": (Decision.OCR, "no text layer"),
    "oc-truetype_font_nomapping": (Decision.OCR, "hardly any text layer"),
    "rg-1974-ord16": (Decision.OCR, "no text layer"),
    "rg-1993-ord57": (Decision.OCR, "old invisible text over a scan"),
    "rg-1998-ord59": (Decision.OCR, "old invisible text over a scan"),
    "rg-2018-08-minutes": (Decision.TEXT, "good text layer"),
}


@pytest.fixture(scope="module")
def sandbox():
    child = PdfChild()
    yield child
    child.close()


def test_every_file_ends_in_verdicts_or_a_reason_in_one_child(sandbox):
    unreadable = {}
    children = set()
    for path in FILES:
        try:
            count = sandbox.info(path).pages
        except Unreadable as error:
            unreadable[path.stem] = error.reason
            continue
        pages = list(sandbox.layers(path, 1, min(count, MOST_PAGES)))
        children.add(sandbox.pid)
        assert all(isinstance(page, PageLayer) for page in pages), path.stem
        if path.stem in KNOWN:
            assert (pages[0].decision, pages[0].reason) == KNOWN[path.stem], path.stem
    assert unreadable == {"oc-invalid": "corrupt"}
    assert len(children) == 1


def test_a_mixed_document_is_judged_page_by_page(sandbox):
    layers = list(sandbox.layers(CORPUS / "rg-2018-ord89.pdf", 1, 12))
    assert [layer.decision for layer in layers].count(Decision.TEXT) >= 10
    assert layers[0].decision is Decision.OCR


def test_three_columns_of_a_gazette_stay_apart(sandbox):
    """Words that a column splits over two lines come out whole, and lines do not run across."""
    (page,) = sandbox.layers(CORPUS / "cle-1998-city-record.pdf", 10, 10)
    lines = page.text.splitlines()
    assert lines[:3] == [
        "Permanent Parcel No. 029-05-005",
        "Parcel No. 1",
        "Situated in the City of Cleveland,",
    ]
    assert "centerline" in page.text
    assert len([line for line in lines if len(line) > 60]) < 0.02 * len(lines)
