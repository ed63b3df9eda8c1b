"""How a run ends, from its counts alone; how it sends."""

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st

from clerk import flow
from clerk.flow import verdict, wave_size
from clerk.model import RunState
from clerk.settings import Waves
from clerk.store.ledger import Tally, Work


def ended(*, failed=None, errors=None, full=True, **counts):
    tallies = {work: Tally() for work in Work}
    for work, count in (failed or {}).items():
        tallies[work] = Tally(total=count + 1, answered=1, failed=count)
    told = {Work.DISCOVER: "", Work.COMPILE: "", Work.DEPLOY: ""} | (errors or {})
    return verdict(
        tallies,
        site="a.example",
        source="https://town.example",
        errors=told,
        full=full,
        **(NOTHING_WRONG | counts),
    )


NOTHING_WRONG = {
    "readable": 1,
    "listed": 1,
    "undated": 0,
    "untaken": 0,
    "absent": 0,
    "vanished": 0,
    "emptied": False,
}
STAYS = "(what was read stays published)"
STATUS = "(`clerk status --subdomain a.example`)"
EARLIER = f"1 still missing from earlier runs {STATUS}"
MUCH = "2 documents could not be read; 1 document could not be dated; 3 pages could not be read"


@pytest.mark.parametrize(
    ("how", "state", "reason"),
    [
        ({}, RunState.DONE, ""),
        ({"full": False}, RunState.DONE, "nothing new"),
        (
            {"full": False, "absent": 1},
            RunState.DONE,
            f"nothing new; {EARLIER}",
        ),
        (
            {"full": False, "vanished": 12, "absent": 1},
            RunState.DONE,
            f"nothing new; 12 documents are no longer listed at the source {STAYS}; {EARLIER}",
        ),
        (
            {"undated": 1, "vanished": 1},
            RunState.PARTIAL,
            f"1 document could not be dated; 1 document is no longer listed at the source {STAYS}",
        ),
        (
            {"undated": 1, "untaken": 2},
            RunState.PARTIAL,
            f"1 document could not be dated; 2 parts of the source could not be taken {STATUS}",
        ),
        (
            {"full": False, "vanished": 12, "emptied": True},
            RunState.PARTIAL,
            f"the source lists none of the 12 documents known before {STAYS}",
        ),
        ({"listed": 0, "readable": 0}, RunState.DONE, "the source lists no documents"),
        ({"failed": {Work.OCR: 1}}, RunState.PARTIAL, "1 page could not be read"),
        (
            {"failed": {Work.FETCH: 2, Work.OCR: 3}, "undated": 1},
            RunState.PARTIAL,
            MUCH,
        ),
        (
            {"failed": {Work.OCR: 2}, "errors": {Work.OCR: "unsupported engine"}},
            RunState.PARTIAL,
            "2 pages could not be read; unsupported engine: `clerk failed list` says what to do",
        ),
        (
            {"failed": {Work.FETCH: 1}, "readable": 0},
            RunState.FAILED,
            "no document could be read; 1 document could not be read",
        ),
        (
            {"errors": {Work.DISCOVER: "http 404"}},
            RunState.FAILED,
            "the source could not be read: https://town.example: http 404",
        ),
        (
            {"errors": {Work.COMPILE: "storage full"}},
            RunState.FAILED,
            "could not be published: storage full (see `clerk failed list --site a.example`)",
        ),
    ],
)
def test_the_end_says_what_a_person_needs_to_know(how, state, reason):
    ending = ended(**how)
    assert (ending.state, ending.reason) == (state, reason)


@given(
    st.dictionaries(st.sampled_from([Work.FETCH, Work.OCR, Work.EXTRACT]), st.integers(1, 5000)),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_nothing_that_is_missing_is_ever_called_done(failed, undated, readable):
    ending = ended(failed=failed, undated=undated, readable=readable)
    whole = not failed and not undated and readable > 0
    assert (ending.state is RunState.DONE) == whole


@given(st.integers(0, 10_000))
def test_waves_stay_within_their_bounds(processes):
    waves = Waves()
    assert waves.smallest <= wave_size(waves, processes) <= waves.largest


def test_a_configuration_with_another_results_backend_can_send(monkeypatch):
    theirs = Celery(broker="memory://", backend="cache+memory://", set_as_current=False)
    monkeypatch.setattr(flow, "app", theirs)

    flow.send([theirs.signature("theirs.task", queue="theirs")])

    with theirs.connection_for_read() as connection:
        assert connection.SimpleQueue("theirs").get_nowait().headers["task"] == "theirs.task"
    theirs.close()
