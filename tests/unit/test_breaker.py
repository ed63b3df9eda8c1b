"""Circuit breakers: the pure state machine by a held clock, the shared state on a real Redis."""

import errno
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk import breaker
from clerk.adapters.breakers import Breakers, GuardedStorage
from clerk.adapters.storage_local import LocalStorage
from clerk.breaker import CLOSED, Leave, Rules, State
from clerk.errors import BreakerOpen, SourceRefused, SourceUnavailable, StorageFault
from clerk.keys import STORAGE_MARK

RULES = Rules(threshold=0.5, window=60, cooldown=30, least=20)
FAILURES = (SourceUnavailable,)


def after(outcomes: list[bool], now: float = 1000.0, every: float = 1.0) -> State:
    state = CLOSED
    for number, good in enumerate(outcomes):
        state = breaker.tell(RULES, state, now + number * every, good=good)
    return state


def test_it_opens_when_half_of_twenty_fail():
    assert not after([True, False] * 9 + [False]).until
    assert after([True, False] * 10).until == 1019 + 30


def test_tries_of_an_earlier_window_do_not_count():
    assert not after([False] * 40, every=4.0).until


def test_while_it_is_open_everybody_waits_for_the_rest_of_the_cooldown():
    state = after([False] * 20)
    assert breaker.ask(RULES, state, 1029) == (state, Leave(wait=20.0))


def test_after_the_cooldown_one_probe_goes_and_the_others_wait():
    state, leave = breaker.ask(RULES, after([False] * 20), 1049)
    assert leave == Leave(probe=True)
    assert breaker.ask(RULES, state, 1050)[1] == Leave(wait=29)


@pytest.mark.parametrize(("good", "until"), [(True, 0.0), (False, 1085.0)])
def test_the_probe_decides(*, good: bool, until: float):
    state, _ = breaker.ask(RULES, after([False] * 20), 1050)
    assert breaker.tell(RULES, state, 1055, good=good, probe=True).until == until


@pytest.mark.parametrize("good", [True, False])
def test_stragglers_that_began_before_it_opened_decide_nothing(*, good: bool):
    opened = after([False] * 20)
    assert breaker.tell(RULES, opened, 1020, good=good) == opened


def test_a_probe_that_never_ends_is_followed_by_another():
    state, _ = breaker.ask(RULES, after([False] * 20), 1050)
    assert breaker.ask(RULES, state, 1081)[1] == Leave(probe=True)


def test_what_asks_for_a_pause_is_left_alone_for_as_long_at_its_first_word():
    state = breaker.tell(RULES, CLOSED, 1000, good=False, pause=120)
    assert breaker.ask(RULES, state, 1010)[1] == Leave(wait=110, asked=True)
    assert breaker.ask(RULES, state, 1120)[1] == Leave(probe=True)
    # What began before it opened may ask for more, but not for less.
    assert breaker.tell(RULES, state, 1001, good=False, pause=300).until == 1301
    assert breaker.tell(RULES, state, 1001, good=False, pause=5) == state
    assert breaker.tell(RULES, state, 1001, good=True) == state
    endless = breaker.tell(RULES, CLOSED, 1000, good=False, pause=1e9)
    assert endless.until == 1000 + breaker.LONGEST_PAUSE


def test_a_probe_that_is_asked_for_a_pause_makes_all_wait_for_that_one():
    state, _ = breaker.ask(RULES, breaker.tell(RULES, CLOSED, 1000, good=False, pause=120), 1120)
    assert breaker.tell(RULES, state, 1121, good=False, probe=True, pause=7).until == 1128
    assert breaker.tell(RULES, state, 1121, good=True, probe=True) == CLOSED


steps = st.lists(
    st.tuples(st.floats(0, 100), st.sampled_from(["ask", "good", "bad"])), max_size=120
)


@given(steps)
def test_whatever_happens_nobody_waits_longer_than_the_cooldown(steps: list[tuple[float, str]]):
    state, now, last_probe, leave = CLOSED, 0.0, -1000.0, Leave()
    for pause, what in steps:
        now += pause
        if what != "ask":
            state = breaker.tell(RULES, state, now, good=what == "good", probe=leave.probe)
            leave = Leave()
            continue
        state, leave = breaker.ask(RULES, state, now)
        assert 0 <= leave.wait <= RULES.cooldown
        if leave.probe:
            assert now - last_probe >= RULES.cooldown, "two probes at once"
            last_probe = now
    assert breaker.ask(RULES, state, now + RULES.cooldown)[1].wait == 0


# -- shared ----------------------------------------------------------------------------------------


class Watch:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(breakers: Breakers, error: Exception, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)), breakers.guard("host a", FAILURES):
            raise error


def works(breakers: Breakers, name: str = "host a") -> bool:
    try:
        with breakers.guard(name, FAILURES):
            return True
    except BreakerOpen:
        return False


def test_what_one_process_learns_all_others_know(redis_url: str):
    watch = Watch()
    mine, theirs = (Breakers(redis_url, RULES, watch) for _ in range(2))

    fail(mine, SourceUnavailable("no answer"), 20)

    with pytest.raises(BreakerOpen) as caught, theirs.guard("host a", FAILURES):
        raise AssertionError("nothing may be tried")
    assert caught.value.wait == 30
    assert works(theirs, "host b")
    watch.now += 31
    assert works(theirs)
    assert works(mine)


def test_a_pause_that_one_request_is_asked_for_holds_back_all_of_the_host(redis_url: str):
    watch = Watch()
    mine, theirs = (Breakers(redis_url, RULES, watch) for _ in range(2))

    fail(mine, SourceUnavailable("HTTP 429", wait=120))

    with pytest.raises(BreakerOpen, match="asks to be left alone") as caught:
        theirs.guard("host a", FAILURES).__enter__()
    assert caught.value.wait == 120
    assert works(theirs, "host b")
    watch.now += 120
    assert works(theirs)
    assert works(mine)


def test_a_refusal_is_an_answer_of_the_host(redis_url: str):
    breakers = Breakers(redis_url, RULES, Watch())
    fail(breakers, SourceRefused("http 404", "no such page"), 40)
    assert works(breakers)


class Device:
    """A storage on a device that may refuse everything."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.broken = False

    def local(self, key: str) -> AbstractContextManager[Path]:
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        return LocalStorage(self.root).local(key)

    def exists(self, key: str) -> bool:
        return LocalStorage(self.root).exists(key)


def outcome(storage: GuardedStorage, key: str) -> str:
    try:
        with storage.local(key):
            return "read"
    except (StorageFault, FileNotFoundError, BreakerOpen) as error:
        return type(error).__name__


def test_a_storage_that_fails_is_left_alone_and_one_lost_file_is_not_its_fault(
    redis_url: str, tmp_path: Path
):
    (tmp_path / "there.pdf").write_bytes(b"%PDF")
    (tmp_path / STORAGE_MARK).touch()
    watch, device = Watch(), Device(tmp_path)
    storage = GuardedStorage(device, Breakers(redis_url, RULES, watch))  # type: ignore[arg-type]
    assert {outcome(storage, "lost.pdf") for _ in range(25)} == {"FileNotFoundError"}

    watch.now += 61
    device.broken = True
    assert [outcome(storage, "there.pdf") for _ in range(21)] == [
        *["StorageFault"] * 20,
        "BreakerOpen",
    ]
    watch.now += 31
    device.broken = False
    assert outcome(storage, "there.pdf") == "read"


def test_an_empty_folder_in_place_of_the_share_loses_no_file_and_takes_none(
    redis_url: str, tmp_path: Path
):
    share, mount, upload = tmp_path / "share", tmp_path / "mount", tmp_path / "upload"
    mount.mkdir()
    (mount / "there.pdf").write_bytes(b"%PDF")
    (mount / STORAGE_MARK).touch()
    upload.write_bytes(b"%PDF")
    watch = Watch()
    storage = GuardedStorage(LocalStorage(mount), Breakers(redis_url, RULES, watch))

    mount.rename(share)
    mount.mkdir()
    with pytest.raises(StorageFault, match="Mount the share"):
        storage.put("new.pdf", upload)
    tries = [outcome(storage, "there.pdf") for _ in range(20)]

    assert tries == [*["StorageFault"] * 19, "BreakerOpen"]
    assert list(mount.iterdir()) == []
    watch.now += 31
    mount.rmdir()
    share.rename(mount)
    storage.put("new.pdf", upload)
    assert outcome(storage, "there.pdf") == "read"


def test_without_redis_everything_is_tried():
    breakers = Breakers("redis://127.0.0.1:1/0", RULES, Watch())
    fail(breakers, SourceUnavailable("no answer"), 25)
    assert works(breakers)


def test_rubbish_in_redis_counts_as_closed(redis_url: str):
    breakers = Breakers(redis_url, RULES, Watch())
    fail(breakers, SourceUnavailable("no answer"), 20)
    (key,) = breakers._redis.keys("clerk:breaker:*")
    breakers._redis.set(key, b'{"until": "never"}')
    assert works(breakers)
