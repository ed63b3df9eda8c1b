"""What becomes of what readers had: lost, out of date, or not known to this database."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import papers
from tests.town import Town

MINUTES = "City Council/2024-03-05 minutes.pdf"
HERON = "The heron by the bridge was counted twice this year."


def known_as(town: Town) -> str | None:
    index = town.workers.settings.published / "sites.db"
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT name FROM sites WHERE subdomain = ?", [town.name])
        return next((name for (name,) in rows), None)


def findings(town: Town) -> dict[str, str]:
    found = town.shell.json("diagnose", expect=None)
    said: dict[str, str] = {}
    for each in found:
        if town.name in each["problem"] or each["about"] != "published":
            said[each["about"]] = f"{each['problem']}: {each['remedy']}"
    return said


def test_a_run_that_finds_nothing_new_brings_back_a_lost_published_folder(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    shutil.rmtree(town.published.parent)
    assert (
        f"`clerk enqueue {town.name}`"
        in town.shell("search", "heron", "--site", town.name, expect=2).stderr
    )
    assert town.name in findings(town)["published"]

    run = town.read()

    assert run["state"] == "done"
    assert run["reason"] == "nothing new; its published database was gone and is there again"
    assert town.texts() == [HERON]
    (picture,) = town.query("SELECT page_image FROM minutes")[0]
    assert (town.published.parent / picture.lstrip("/")).is_file()
    assert "published" not in findings(town)
    assert town.read()["reason"] == "nothing new"


def junk(file: Path) -> None:
    file.unlink()
    file.write_bytes(b"no database" * 1000)


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 8192 // 2 * 8192)


def of_another_version(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize("spoil", [junk, cut_short, of_another_version])
def test_what_readers_cannot_use_is_named_and_mended_by_the_next_run(town: Town, spoil):
    town.put(MINUTES, papers.born_digital(*[HERON] * 9))
    town.read()
    spoil(town.published)  # with hard links, the storage's and the kept one too
    found = findings(town)["published"]
    assert f"readers of {town.name} cannot use its database: it " in found
    assert f"`clerk enqueue {town.name}` mends it" in found

    run = town.read()

    assert (run["state"], "its published database" in run["reason"]) == ("done", True)
    assert town.texts() == [HERON] * 9
    assert "published" not in findings(town)
    assert town.read()["reason"] == "nothing new"


def test_a_damaged_published_database_is_mended_by_what_search_says(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    junk(town.published)
    said = town.shell("search", "heron", "--site", town.name, expect=70).stderr
    assert f"`clerk enqueue {town.name}`" in said

    town.read()

    (hit,) = town.shell.json("search", "heron", "--site", town.name)
    assert hit["site"] == town.name


def test_a_deploy_by_hand_puts_a_damaged_database_right_or_says_what_does(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    whole = town.published.read_bytes()
    junk(town.published)
    town.shell("deploy", town.name)
    assert town.published.read_bytes() == whole

    cut_short(town.published)
    refused = town.shell("deploy", town.name, expect=2).stderr
    assert f"Make a new one with `clerk enqueue {town.name}`" in refused
    town.read()
    assert town.texts() == [HERON]


def test_what_is_told_as_missing_and_no_more_is_named_and_told_anew(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    undated = town.folder / "City Council" / "minutes.pdf"
    undated.write_bytes(papers.born_digital(HERON))
    assert town.read()["state"] == "partial"
    with town.rows() as connection:
        connection.execute(
            text("DELETE FROM documents WHERE site = :it AND date IS NULL"), {"it": town.name}
        )
    undated.unlink()
    found = findings(town)["published"]
    assert f"_clerk_missing of {town.name} lists 1 that is missing no more" in found

    run = town.read()

    assert "told as missing what no longer is" in run["reason"]
    assert town.query("SELECT count(*) FROM _clerk_missing") == [(0,)]
    assert "published" not in findings(town)
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


def test_sites_that_only_readers_know_are_named_until_somebody_removes_them(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    with town.rows() as connection:  # as an older Postgres knows nothing of it
        connection.execute(text("DELETE FROM sites WHERE subdomain = :it"), {"it": town.name})

    assert town.name in findings(town)["unknown sites"]
    assert "clerk site add" in findings(town)["unknown sites"]
    assert town.name in town.shell("site", "list").stderr

    town.shell("site", "remove", town.name, "--unpublish", "--yes")

    assert town.name not in findings(town).get("unknown sites", "")


def test_a_watched_run_says_how_it_ended(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.enqueue()

    said = town.shell("status", "--watch", "--site", town.name).stderr

    assert f"{town.name}: done in " in said


def test_a_site_that_was_removed_and_left_to_readers_is_nothing_wrong(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()

    town.shell("site", "remove", town.name, "--yes")

    assert "unknown sites" not in findings(town)
    assert town.texts() == [HERON]
