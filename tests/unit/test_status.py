"""What `clerk status` prints, word for word as promised."""

from dataclasses import replace

import pytest

from clerk.adapters.stop_key import Stop
from clerk.halts import Halts
from clerk.model import RunState, Stage
from clerk.status import ActiveSite, Overview, SiteStatus
from clerk.store.audit import Repaired
from clerk.store.documents import Gap
from clerk.store.pauses import Pause
from clerk.store.runs import Progress, Run
from clerk.store.sites import Publication
from tests.runs import NOON, run


def progress(stage: Stage, completed: int, total: int, failed: int = 0) -> Progress:
    return Progress(
        stage=stage.value,
        total=total,
        completed=completed,
        failed=failed,
        started_at=NOON,
        updated_at=NOON,
    )


READING = {Stage.FETCH: progress(Stage.FETCH, 3, 3), Stage.OCR: progress(Stage.OCR, 22, 50, 1)}
UNPUBLISHED = Publication(generation=0, published=0, published_full=0, published_at=None)


@pytest.mark.parametrize(
    ("stages", "lines"),
    [
        (
            [progress(Stage.FETCH, 2, 3, 1), progress(Stage.DEPLOY, 0, 1, 1)],
            ["✓ fetch    - Complete", "✗ deploy   - Failed"],
        ),
        (
            [progress(Stage.FETCH, 3, 3), progress(Stage.DEPLOY, 1, 2, 1)],
            ["✓ fetch    - Complete", "✗ deploy   - Failed"],
        ),
        ([progress(Stage.FETCH, 0, 3, 3)], ["✗ fetch    - Failed", "  deploy   - Stopped"]),
        # A run that had nothing to fetch or to read, and failed when it published.
        (
            [progress(Stage.FETCH, 0, 0), progress(Stage.DEPLOY, 0, 1, 1)],
            ["✓ fetch    - Complete", "✗ deploy   - Failed"],
        ),
        ([progress(Stage.FETCH, 0, 0)], ["✗ fetch    - Failed", "  deploy   - Stopped"]),
    ],
)
def test_a_stage_that_a_run_failed_by_is_not_complete(stages: list[Progress], lines: list[str]):
    said = SiteStatus(
        site="oakland",
        run=run("oakland", RunState.FAILED, reason="could not be published: storage full"),
        progress={each.stage: each for each in stages},
        publication=UNPUBLISHED,
        gaps=[],
    ).text()

    assert [f"  {line}" in said.splitlines() for line in lines] == [True, True]


def test_the_overview_is_two_tables():
    overview = Overview(
        queues={"high": 0, "fetch": 2, "ocr": 27, "extraction": 0, "deploy": 1},
        active=[
            ActiveSite(run=run("pleasanton", RunState.READING), progress=READING),
            ActiveSite(run=run("oakland", RunState.FETCHING), progress={}),
        ],
    )
    assert overview.text() == (
        "Queue Status\n"
        "============\n"
        "high         0 jobs\n"
        "fetch        2 jobs\n"
        "ocr          27 jobs\n"
        "extraction   0 jobs\n"
        "deploy       1 jobs\n"
        "\n"
        "Active Sites\n"
        "============\n"
        "pleasanton: ocr (23/50, 46.0%)\n"
        "oakland: fetch\n"
        "\n"
        "Runs (`clerk cancel SITE` ends one):\n"
        "  pleasanton  20260102T120000-ab12cd34\n"
        "  oakland     20260102T120000-ab12cd34"
    )


def test_where_nothing_runs_there_are_two_tables_and_no_more():
    assert Overview(queues={}, active=[]).text().endswith("============\n(none)")


def test_what_was_repaired_lately_is_told_below_the_tables():
    overview = Overview(queues={}, active=[], repaired=Repaired(3, NOON, "lease of a page"))
    last = overview.text().splitlines()[-1]
    assert last == (
        "Set going again by itself 3 times in the last hour, "
        f"last at {NOON:%Y-%m-%d %H:%M:%S}: lease of a page"
    )
    assert overview.as_json()["repaired_last_hour"] == {
        "count": 3,
        "at": NOON.isoformat(),
        "what": "lease of a page",
    }


HALTED = Halts(
    stop=Stop(by="ana@ops1", reason="disk\x1b[2J", at="2026-01-02T12:00:00+00:00"),
    paused=(Pause(queue="ocr", who="bo@ops2", reason="", at=NOON),),
)
WHY = """

Standing still on purpose:
  emergency stop is on by ana@ops1 since 2026-01-02T12:00:00+00:00: disk�[2J
    clerk emergency-stop off
  queue ocr is paused by bo@ops2 since 2026-01-02T12:00:00+00:00
    clerk resume ocr"""


def test_what_stands_still_on_purpose_is_told_with_who_why_and_the_way_out():
    overview = Overview(queues={}, active=[], halted=HALTED)
    assert overview.text().endswith(WHY)
    assert status(run("pleasanton", RunState.READING), halted=HALTED).text().endswith(WHY)
    for found in (overview, status(None, halted=HALTED)):
        assert found.as_json()["halted"] == {
            "emergency_stop": {
                "by": "ana@ops1",
                "reason": "disk\x1b[2J",
                "at": "2026-01-02T12:00:00+00:00",
            },
            "paused": [{"queue": "ocr", "who": "bo@ops2", "reason": "", "at": NOON.isoformat()}],
        }


def test_of_a_run_that_has_ended_nothing_stands_still():
    ended = run("pleasanton", RunState.DONE, finished_at=NOON)
    assert "Standing still" not in status(ended, halted=HALTED).text()


def status(of: Run | None, **more) -> SiteStatus:
    plain = SiteStatus(
        site="pleasanton", run=of, progress=READING, publication=UNPUBLISHED, gaps=[]
    )
    return replace(plain, **more)


def test_one_site_shows_its_stages():
    assert status(run("pleasanton", RunState.READING)).text() == (
        "Site Progress: pleasanton\n"
        "=========================\n"
        "Current Stage: ocr\n"
        "Progress: 23/50 completed (46.0%)\n"
        "Started: 2026-01-02 12:00:00\n"
        "Last Updated: 2026-01-02 12:00:00\n"
        "\n"
        "Pipeline Stages:\n"
        "  ✓ fetch    - Complete\n"
        "  → ocr      - In Progress (23/50)\n"
        "    extraction - Pending\n"
        "    deploy   - Pending\n"
        "\n"
        "Run: 20260102T120000-ab12cd34 (`clerk cancel pleasanton` ends it)"
    )


def test_what_is_missing_is_told_beside_what_was_done():
    gaps = [Gap(document=n, url=f"{n}.pdf", page=None, reason="encrypted") for n in "abcd"]
    ended = run("pleasanton", RunState.PARTIAL, finished_at=NOON)
    all_read = {Stage.OCR: progress(Stage.OCR, 3, 3)}
    said = status(ended, gaps=gaps, progress=all_read).text()
    assert "Progress: 3/3 completed (100.0%); 4 could not be read\n" in said


def test_an_idle_run_has_no_progress_to_show_and_no_way_to_where_one_is():
    earlier = "nothing new; 1 still missing from earlier runs (`clerk status --subdomain {}`)"
    idle = run("pleasanton", RunState.DONE, reason=earlier.format("pleasanton"), finished_at=NOON)
    said = status(idle, progress={Stage.FETCH: progress(Stage.FETCH, 0, 0)}).text()
    assert "Progress: nothing new to read\n" in said
    assert "1 still missing from earlier runs" in said
    assert "clerk status" not in said


def test_an_ended_run_says_how_and_what_is_missing():
    gap = Gap(document="d", url="a\nb.pdf", page=2, reason="timeout")
    text = status(
        run("pleasanton", RunState.PARTIAL, reason="1 page could not be read", finished_at=NOON),
        gaps=[gap],
    ).text()
    assert "Run 20260102T120000-ab12cd34 ended partial: 1 page could not be read" in text
    assert "  a�b.pdf page 2: timeout" in text


@pytest.mark.parametrize(
    ("fetcher", "how"),
    [
        ("folder", "rename them, or take the day each file was last changed, marked as estimated"),
        ("listing", "`clerk site edit pleasanton -o date_pattern=REGEX`, or see docs/fetching.md"),
        ("a plug-in", "see its fetcher's options"),
    ],
)
def test_documents_without_a_date_come_with_what_to_do_told_once(fetcher, how):
    undated = [Gap(document=n, url=f"{n}.pdf", page=None, reason="undated") for n in "abc"]
    text = status(run("pleasanton", RunState.PARTIAL), gaps=undated, fetcher=fetcher).text()
    assert text.count("Give undated documents a date") == 1
    assert f"Give undated documents a date: {how}" in text.splitlines()[-1]


def test_what_could_not_be_taken_is_told_with_its_reason_and_asked_no_date():
    told = "this page of the listing: http 404\x1b"
    gap = Gap(document="d", url="x/old", page=None, reason="not taken", detail=told)
    shown = status(run("pleasanton", RunState.PARTIAL), gaps=[gap], fetcher="listing")
    assert "  x/old: not taken: this page of the listing: http 404�" in shown.text().splitlines()
    assert "Give undated" not in shown.text()
    assert shown.as_json()["missing"] == [
        {"url": "x/old", "page": None, "reason": "not taken", "detail": told}
    ]


def test_documents_with_a_date_are_not_to_be_dated():
    corrupt = Gap(document="d", url="d.pdf", page=None, reason="corrupt")
    text = status(run("pleasanton", RunState.PARTIAL), gaps=[corrupt], fetcher="folder").text()
    assert "Give undated" not in text


def test_a_site_that_was_never_read_says_how_to_begin():
    assert "clerk enqueue pleasanton" in status(None).text()


def test_what_a_run_in_flight_waits_for_is_told_below_the_tables():
    waits = "pages wait: spa.traineddata is missing; apt install tesseract-ocr-spa"
    waiting = run("pleasanton", RunState.READING, reason=waits)
    overview = Overview(queues={}, active=[ActiveSite(run=waiting, progress=READING)])

    assert overview.text().endswith(f"\n\npleasanton: {waits}")
    assert overview.as_json()["active"][0]["reason"] == waits
    assert waits in status(waiting).text()
