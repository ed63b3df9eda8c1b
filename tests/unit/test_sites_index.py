"""sites.db: one row a site, and no update lost."""

import multiprocessing
import sqlite3
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clerk.adapters.locks import file_lock
from clerk.model import SiteRow
from clerk.stages.sites_index import remove_site, update_sites_db
from tests.documents import NOON, site


def row(subdomain: str = "alder.example", *, generation: int = 1, pages: int = 10) -> SiteRow:
    return SiteRow(
        site=site(subdomain), pages=pages, documents=2, generation=generation, last_updated=NOON
    )


def update(path: Path, new: SiteRow) -> bool:
    return update_sites_db(path, new, lock=file_lock(path.with_suffix(".lock")))


def rows(path: Path, columns: str = "*") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT {columns} FROM sites ORDER BY subdomain").fetchall()


def test_a_site_is_listed_with_what_the_public_index_shows(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"

    assert update(path, row())

    columns = "subdomain, name, state, country, kind, pages, documents, last_updated, lat, lng"
    assert rows(path, columns) == [
        (
            *("alder.example", "Alder Falls", "OR", "US", "city", 10, 2),
            *("2024-06-01T12:00:00+00:00", 44.5, -123.25),
        )
    ]


def test_a_newer_generation_replaces_and_an_older_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    update(path, row(generation=2, pages=20))

    assert not update(path, row(generation=1, pages=10))
    assert rows(path, "pages") == [(20,)]
    later = replace(row(generation=3, pages=30), last_updated=NOON + timedelta(days=1))
    assert update(path, later)
    assert rows(path, "pages, last_updated") == [(30, "2024-06-02T12:00:00+00:00")]


def test_the_same_generation_may_change_the_name(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    update(path, row())

    assert update(path, replace(row(), site=replace(site(), name="New Falls")))

    assert rows(path, "name") == [("New Falls",)]


def test_removing_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    update(path, row("alder.example"))
    update(path, row("birch.example"))

    for subdomain in ("alder.example", "unknown"):
        remove_site(path, subdomain, lock=file_lock(path.with_suffix(".lock")))

    assert rows(path, "subdomain") == [("birch.example",)]


def test_a_reader_sees_the_old_or_the_new_and_no_journal_is_left(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    update(path, row())

    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as reader:
        update(path, row(generation=2, pages=99))
        assert reader.execute("SELECT pages FROM sites").fetchall() == [(10,)]

    assert rows(path, "pages") == [(99,)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sites.db", "sites.lock"]


@pytest.mark.parametrize("name", ["quote\"'", "nul\0", "\ud800", "x" * 300, "\u202e"])
def test_any_name_can_be_listed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sites.db"

    update_sites_db(path, replace(row(), site=replace(site(), name=name)), lock=nullcontext())

    assert rows(path, "length(name) > 0") == [(1,)]


def _many(path: Path, worker: int) -> None:
    for number in range(10):
        update(path, row(f"town-{worker}-{number}.example"))


def test_updates_from_many_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_many, args=(path, number)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert len(rows(path)) == 40
