"""Which failures are tried again, how often and when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk import errors
from clerk.lifecycle import LONGEST_WAIT, backoff, classify
from clerk.settings import Retry
from clerk.store import jobs


def test_the_promised_waits_are_5_and_25_seconds():
    retry = Retry()
    assert retry.attempts == 3
    assert [backoff(retry, tries).total_seconds() for tries in (1, 2)] == [5, 25]


@given(
    base=st.timedeltas(timedelta(0), timedelta(hours=1)),
    factor=st.floats(1, 1e6),
    jitter=st.floats(0, 1),
    attempts=st.integers(1, 10),
)
def test_no_setting_makes_a_wait_negative_or_endless(
    base: timedelta, factor: float, jitter: float, attempts: int
):
    wait = backoff(Retry(base=base, factor=factor, jitter=jitter), attempts)
    assert timedelta(0) <= wait <= LONGEST_WAIT


@given(st.integers(1, 9), st.floats(1, 50))
def test_waits_never_get_shorter(attempts: int, factor: float):
    retry = Retry(factor=factor)
    assert backoff(retry, attempts) <= backoff(retry, attempts + 1)


def test_jitter_stays_within_its_share():
    retry = Retry(jitter=0.1)
    waits = [backoff(retry, 1).total_seconds() for _ in range(200)]
    assert 4.5 <= min(waits) < max(waits) <= 5.5


PERMANENT = [
    errors.Unreadable("corrupt"),
    errors.Unreadable("encrypted"),
    errors.SourceRefused("http 404", "no such page"),
    errors.InvalidInput("no such option"),
]
SPENT = [
    errors.SourceUnavailable("no answer"),
    errors.StorageFull("no room"),
    errors.Unreadable("crash"),
    errors.Unreadable("memory"),
    ValueError("a bug"),
]
UNSPENT = [
    errors.Busy("held"),
    errors.StopRequested("stopped"),
    errors.DatabaseDown("away"),
    errors.BreakerOpen("down", 12.5),
]


FAULTS = [
    errors.UnsupportedEngine("eng.traineddata is not there"),
    errors.StorageFault("not mounted"),
    FileNotFoundError("nothing is stored under 'pdf'"),
    PermissionError(13, "Permission denied"),
]


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_what_the_machine_lacks_is_waited_for_and_no_fault_of_the_page(error: Exception):
    failure = classify(error)
    assert (failure.retry, failure.spent, failure.lost, failure.fault) == (True, False, True, True)
    assert str(error) in failure.detail


@pytest.mark.parametrize("error", PERMANENT, ids=repr)
def test_what_will_not_change_is_not_tried_again(error: Exception):
    assert not classify(error).retry


@pytest.mark.parametrize("error", SPENT, ids=repr)
def test_what_may_pass_is_tried_again_and_counts(error: Exception):
    failure = classify(error)
    assert (failure.retry, failure.spent, failure.defer) == (True, True, None)


@pytest.mark.parametrize("error", UNSPENT, ids=repr)
def test_what_is_nobodys_fault_does_not_count(error: Exception):
    failure = classify(error)
    assert (failure.retry, failure.spent) == (True, False)


def test_a_source_says_how_long_to_wait():
    assert classify(errors.SourceUnavailable("429", wait=120)).asked == timedelta(seconds=120)


def test_an_open_breaker_says_until_when_to_wait():
    assert classify(errors.BreakerOpen("down", 12.5)).defer == timedelta(seconds=12.5)


def test_a_giant_message_is_kept_in_part_with_its_end():
    failure = classify(ValueError("x" * 1_000_000 + " the end"))
    assert len(failure.detail) <= jobs.TRACEBACK_CHARS
    assert failure.detail.endswith("the end\n")
