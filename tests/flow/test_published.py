"""What becomes of what readers had: lost, out of date, or not known to this database."""

import shutil
import sqlite3

from tests import papers
from tests.town import Town

MINUTES = "City Council/2024-03-05 minutes.pdf"
HERON = "The heron by the bridge was counted twice this year."


def known_as(town: Town) -> str | None:
    index = town.workers.settings.published / "sites.db"
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT name FROM sites WHERE subdomain = ?", [town.name])
        return next((name for (name,) in rows), None)


def test_a_run_that_finds_nothing_new_brings_back_a_lost_published_folder(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    shutil.rmtree(town.published.parent)
    assert (
        f"`clerk enqueue {town.name}`"
        in town.shell("search", "heron", "--site", town.name, expect=2).stderr
    )

    run = town.read()

    assert run["state"] == "done"
    assert run["reason"] == "nothing new; its published database was gone and is there again"
    assert town.texts() == [HERON]
    assert town.read()["reason"] == "nothing new"


def test_what_was_lost_with_its_build_file_is_built_anew(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    shutil.rmtree(town.published.parent)
    for file in (town.workers.settings.storage_dir / town.name).rglob("*.db"):
        file.unlink()

    run = town.read()

    assert run["state"] == "done"
    assert "is built anew" in run["reason"]
    assert town.texts() == [HERON]


def test_what_was_rolled_back_stays_so_where_it_was_lost(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    town.put(MINUTES, papers.born_digital("A newer text that nobody wants."))
    town.read()
    town.shell("deploy", town.name, "--rollback")
    town.published.unlink()

    town.read()

    assert town.texts() == [HERON]


def test_a_changed_name_reaches_readers_with_the_next_run(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    before = town.published.stat()

    said = town.shell("site", "edit", town.name, "--name", "Pine Hollow").stdout
    assert f"`clerk deploy {town.name}`" in said
    run = town.read()

    assert run["reason"] == "nothing new; its row in sites.db is brought up to date"
    assert known_as(town) == "Pine Hollow"
    assert town.published.stat().st_mtime_ns == before.st_mtime_ns
    assert town.read()["reason"] == "nothing new"
