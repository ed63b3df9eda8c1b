"""Pages whose language no worker can read: they wait, the run says why, and not for ever."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from clerk import keys, lifecycle, storage_mark
from clerk.adapters import lacking
from clerk.errors import BreakerOpen, Unreadable, UnsupportedEngine
from clerk.lifecycle import classify
from clerk.model import RunState
from clerk.settings import Settings
from clerk.steps import read
from clerk.store import documents, ledger, pages, runs, workers
from clerk.store.ledger import Item, Work
from clerk.store.pages import NewPage, PageKey
from clerk.wiring import Services
from tests import idle_engine
from tests.store import rows

SAID = "The council met and adjourned."


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the engine `idle` needs, and does not have yet."""
    idle_engine.installed(tmp_path / "plugin")
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    found = tmp_path / "idle.traineddata"
    monkeypatch.setenv(idle_engine.MODEL, str(found))
    return found


@pytest.fixture
def at(redis_url: str, database_url: str, tmp_path: Path, model: Path) -> Iterator[Services]:
    settings = Settings.model_validate(
        {
            "redis_url": redis_url,
            "database_url": database_url,
            "storage_dir": tmp_path / "sites",
            "ocr": {"backend": "idle"},
        }
    )
    found = Services(settings)
    storage_mark.require(found)
    yield found
    found.close()


@pytest.fixture
def page(at: Services, tmp_path: Path) -> Item:
    """A page in the hands of a worker."""
    pdf = tmp_path / "upload.pdf"
    pdf.write_bytes(idle_engine.paper(1, "board"))
    with at.transaction() as connection:
        run = rows.run(connection).id
        runs.move(connection, run, expected=[RunState.QUEUED], to=RunState.READING)
        (listed,) = rows.listed(connection, rows.found())
        document, download = documents.get(connection, listed.id), rows.content("a")
        version = documents.record_version(connection, document, download, pages=1)
        new = NewPage(number=1, reading=None, reason="no text layer")
        pages.add(connection, document, version, download.sha256, [new])
        key = str(PageKey(document=document.id, version=version, number=1))
        ledger.add(connection, run, rows.SITE, Work.OCR, [(key, 1)])
        ledger.open_wave(connection, run, Work.OCR, size=1, priority=4)
    at.storage.put(keys.pdf_key(rows.SITE, download.sha256), pdf)
    return Item(run=run, work=Work.OCR, key=key, wave=1, attempts=1, losses=0)


def run_of(at: Services, page: Item) -> runs.Run:
    with at.transaction() as connection:
        return runs.get(connection, page.run)


def do(at: Services, page: Item) -> None:
    write = read.do(at, run_of(at, page), page)
    with at.transaction() as connection:
        write(connection)


def let_pass(at: Services, seconds: float) -> None:
    """As if the lack had been met so much earlier."""
    (key,) = at.redis.keys(f"{lacking.PREFIX}*")
    at.redis.hincrbyfloat(key, lacking.SINCE, -seconds)


def beat(at: Services, node: str, queues: Sequence[str] = ("ocr",)) -> None:
    """A worker is alive."""
    with at.transaction() as connection:
        workers.beat(connection, node, lifecycle.LIFE, queues, 1)


def test_the_run_says_at_once_what_is_missing_and_goes_on_when_it_is_there(
    at: Services, page: Item, model: Path
):
    with pytest.raises(BreakerOpen) as waiting:
        do(at, page)

    failure = classify(waiting.value)
    assert (failure.spent, failure.lost, failure.defer is not None) == (False, False, True)
    assert run_of(at, page).reason == f"pages wait: No data for eng.; put it into {model}"

    model.touch()
    do(at, page)
    assert run_of(at, page).reason == ""
    assert at.redis.keys(f"{lacking.PREFIX}*") == []
    with at.transaction() as connection:
        key = PageKey.parse(page.key)
        (stored,) = pages.of_version(connection, key.document, key.version)
    assert stored.text == SAID


def test_what_nobody_has_for_long_fails_every_page_at_its_first_try(at: Services, page: Item):
    waits = []
    for seconds in (0, 10, 20, 100, read.PATIENCE - 140):
        with pytest.raises(BreakerOpen) as waiting:
            do(at, page)
        waits.append(round(waiting.value.wait))
        let_pass(at, seconds)
    assert waits == [5, 5, 10, 30, 60]
    let_pass(at, 60)

    for _ in range(2):
        with pytest.raises(Unreadable) as given_up:
            do(at, page)
        failure = classify(given_up.value)
        assert (failure.reason, failure.retry) == ("unsupported engine", False)
        assert "put it into" in failure.detail


def test_while_another_worker_reads_such_pages_none_is_given_up(at: Services, page: Item):
    with pytest.raises(BreakerOpen):
        do(at, page)
    let_pass(at, read.PATIENCE + 1)
    at.lacking.over("idle eng")
    with pytest.raises(BreakerOpen):
        do(at, page)


def test_a_page_that_another_worker_may_read_goes_on_at_once_and_is_not_given_up(
    at: Services, page: Item
):
    beat(at, "local")
    beat(at, "busy", ["fetch", "ocr"])
    beat(at, "elsewhere", ["fetch"])
    for age in (0, read.PATIENCE + 1):
        with pytest.raises(BreakerOpen) as handed_on:
            do(at, page)
        assert classify(handed_on.value).defer == timedelta(0)
        assert run_of(at, page).reason.startswith("pages wait: ") == (age > 0)
        let_pass(at, read.PATIENCE + 1)

    at.lacking.met("idle eng", "data", f"busy|{lifecycle.LIFE}")
    with pytest.raises(Unreadable):
        do(at, page)
    assert run_of(at, page).reason == ""


def test_a_worker_that_started_anew_may_have_what_it_lacked(at: Services, page: Item):
    with pytest.raises(BreakerOpen):
        do(at, page)
    let_pass(at, read.PATIENCE + 1)
    with at.transaction() as connection:
        workers.beat(connection, "local", "another life", ["ocr"], 1)
    with pytest.raises(BreakerOpen):
        do(at, page)


def test_a_page_is_read_though_somebody_moves_its_run_on(at: Services, page: Item, model: Path):
    with pytest.raises(BreakerOpen):
        do(at, page)
    model.touch()
    run = run_of(at, page)
    with ThreadPoolExecutor(1) as pool, at.transaction() as connection:
        runs.get(connection, run.id, lock=True)
        write = pool.submit(read.do, at, run, page).result(timeout=20)
    with at.transaction() as connection:
        write(connection)
        runs.move(connection, run.id, expected=[RunState.READING], to=RunState.PUBLISHING)
    assert run_of(at, page).reason == ""


@pytest.mark.parametrize("rubbish", ["string", "fields", "bytes"])
def test_rubbish_in_redis_keeps_no_page_waiting_for_ever(at: Services, page: Item, rubbish: str):
    at.lacking.met("idle eng", "data", "somebody")
    (key,) = at.redis.keys(f"{lacking.PREFIX}*")
    if rubbish == "string":
        at.redis.set(key, "rubbish")
    else:
        at.redis.hset(key, lacking.SINCE, "rubbish" if rubbish == "fields" else b"\xff")
    for _ in range(2):
        with pytest.raises(BreakerOpen):
            do(at, page)
    let_pass(at, read.PATIENCE + 1)
    with pytest.raises(Unreadable):
        do(at, page)


def test_without_redis_the_pages_own_tries_decide(at: Services, page: Item):
    at.__dict__["lacking"] = lacking.Lacking("redis://127.0.0.1:1/0")
    with pytest.raises(UnsupportedEngine):
        do(at, page)
