"""The ledger under any sequence of deliveries: books balance, answers stay, waves close once."""

from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from clerk.model import RunState
from clerk.store import ledger, runs
from clerk.store.ledger import Item, Work
from tests.store import rows

KEYS = ["p1", "p2", "p3"]
HOLDERS = ["w1|a|1", "w1|a|2", "w2|b|3"]

actions = st.tuples(
    st.sampled_from(["take", "answer", "fail", "put_back", "give_back", "lose", "renew", "close"]),
    st.sampled_from(KEYS),
    st.sampled_from(HOLDERS),
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def undone(connection: Connection):
    """Each of Hypothesis's examples starts from the same rows."""
    with connection.begin_nested() as savepoint:
        yield
        savepoint.rollback()


def wave_of(connection: Connection, run: str) -> ledger.Wave:
    ledger.add(connection, run, rows.SITE, Work.OCR, [(key, 0) for key in KEYS])
    wave = ledger.open_wave(connection, run, Work.OCR, size=10, priority=4)
    assert wave is not None
    return wave


def item(run: str, key: str) -> Item:
    return Item(run=run, work=Work.OCR, key=key, wave=1, attempts=1, losses=0)


def states(connection: Connection, run: str) -> dict[str, tuple]:
    found = connection.execute(
        text("SELECT key, state, attempts, losses, holder, error FROM items WHERE run = :run"),
        {"run": run},
    )
    return {row.key: tuple(row)[1:] for row in found}


def counted(connection: Connection, run: str) -> tuple[tuple, tuple]:
    wave = connection.execute(
        text("SELECT size, answered, failed FROM waves WHERE run = :run"), {"run": run}
    ).one()
    progress = runs.progress(connection, [rows.SITE])[rows.SITE]["ocr"]
    return tuple(wave), (progress.total, progress.completed, progress.failed)


@quick
@given(st.lists(actions, max_size=25))
def test_any_sequence_of_deliveries_keeps_the_books(connection: Connection, sequence):
    with undone(connection):
        run = rows.run(connection).id
        wave_of(connection, run)
        closed = 0
        for what, key, holder in sequence:
            before = states(connection, run)
            closed += act(connection, run, what, key, holder)
            after = states(connection, run)
            check_steps(before, after)
            good = sum(state == "answered" for state, *_ in after.values())
            bad = sum(state == "failed" for state, *_ in after.values())
            assert counted(connection, run) == ((3, good + bad, bad), (3, good, bad))
            assert all(
                (state == "working") == (who is not None) for state, _, _, who, _ in after.values()
            )
        assert closed <= 1


def act(connection: Connection, run: str, what: str, key: str, holder: str) -> bool:
    """One event; whether it closed the wave."""
    one = item(run, key)
    match what:
        case "take":
            ledger.take(connection, run, Work.OCR, key, holder)
        case "answer":
            ledger.answer(connection, one, rows.SITE, holder)
        case "fail":
            ledger.answer(connection, one, rows.SITE, holder, error="corrupt")
        case "put_back":
            ledger.put_back(connection, one, holder, spent=True)
        case "give_back":
            ledger.put_back(connection, one, holder, spent=False)
        case "lose":
            ledger.release_holder(connection, holder, spent=False, error="worker lost")
        case "renew":
            ledger.renew(connection, one, holder)
        case "close":
            complete = all(
                s in {"answered", "failed"} for s, *_ in states(connection, run).values()
            )
            closed = ledger.close_wave(connection, run, Work.OCR, 1) is not None
            assert complete or not closed
            return closed
    return False


ALLOWED = {
    ("waiting", "working"),
    ("working", "waiting"),
    ("working", "answered"),
    ("working", "failed"),
}


def check_steps(before: dict[str, tuple], after: dict[str, tuple]) -> None:
    for key, (was, attempts, losses, holder, _) in before.items():
        now, spent, lost, holds, _ = after[key]
        assert now == was or (was, now) in ALLOWED
        assert (was, now) != ("working", "working") or holds == holder
        assert spent >= attempts - 1
        assert lost >= losses
        if was in {"answered", "failed"}:
            assert after[key] == before[key], "an answer stays as it is"


def test_a_second_answer_changes_nothing_and_says_so(connection: Connection):
    run = rows.run(connection).id
    wave_of(connection, run)
    taken = ledger.take(connection, run, Work.OCR, "p1", "w|a|1")
    assert taken is not None

    first = ledger.answer(connection, taken, rows.SITE, "w|a|1")
    second = ledger.answer(connection, taken, rows.SITE, "w|a|1", error="late")

    assert first is not None
    assert (first.answered, first.failed) == (1, 0)
    assert second is None
    assert states(connection, run)["p1"][0] == "answered"


def test_an_item_in_somebodys_hands_is_not_taken_again(connection: Connection):
    run = rows.run(connection).id
    wave_of(connection, run)

    assert ledger.take(connection, run, Work.OCR, "p1", "w|a|1") is not None
    assert ledger.take(connection, run, Work.OCR, "p1", "w|a|2") is None
    assert ledger.holder_of(connection, run, Work.OCR, "p1") == "w|a|1"


def test_nothing_of_an_ended_run_is_taken(connection: Connection):
    run = rows.run(connection).id
    wave_of(connection, run)
    runs.finish(connection, run, to=RunState.CANCELLED, reason="", report={})

    assert ledger.take(connection, run, Work.OCR, "p1", "w|a|1") is None


def test_only_the_last_answer_completes_a_wave_and_it_closes_once(connection: Connection):
    run = rows.run(connection).id
    wave_of(connection, run)
    complete = []
    for key in KEYS:
        taken = ledger.take(connection, run, Work.OCR, key, "w|a|1")
        assert taken is not None
        moved = ledger.answer(connection, taken, rows.SITE, "w|a|1")
        assert moved is not None
        complete.append(moved.complete)

    assert complete == [False, False, True]
    assert ledger.close_wave(connection, run, Work.OCR, 1) is not None
    assert ledger.close_wave(connection, run, Work.OCR, 1) is None


def test_items_go_out_by_rank_in_waves_of_the_size_asked_for(connection: Connection):
    run = rows.run(connection).id
    ledger.add(connection, run, rows.SITE, Work.OCR, [(f"p{n}", -n) for n in range(7)])

    waves = [ledger.open_wave(connection, run, Work.OCR, size=3, priority=4) for _ in range(4)]

    assert [list(wave.keys) if wave else None for wave in waves] == [
        ["p6", "p5", "p4"],
        ["p3", "p2", "p1"],
        ["p0"],
        None,
    ]
    assert ledger.open_count(connection, run, Work.OCR) == 3


def test_adding_an_item_twice_counts_it_once(connection: Connection):
    run = rows.run(connection).id

    added = [ledger.add(connection, run, rows.SITE, Work.OCR, [("p1", 0)]) for _ in range(2)]

    assert added == [1, 0]
    assert runs.progress(connection, [rows.SITE])[rows.SITE]["ocr"].total == 1


def test_only_spent_attempts_count(connection: Connection):
    run = rows.run(connection).id
    wave_of(connection, run)
    seen = []
    for spent, lost in ((True, False), (False, False), (False, True), (True, False)):
        taken = ledger.take(connection, run, Work.OCR, "p1", "w|a|1")
        assert taken is not None
        seen.append((taken.attempts, taken.losses))
        ledger.put_back(connection, taken, "w|a|1", spent=spent, lost=lost)

    assert seen == [(1, 0), (2, 0), (2, 0), (2, 1)]
