"""A run from `clerk enqueue` to what readers see, on real worker processes."""

import json
import shutil
import sqlite3
from datetime import date
from pathlib import Path

from sqlalchemy import text

from tests import papers
from tests.town import Town

SETTINGS = {"waves": {"smallest": 5, "largest": 5}}
"""Small waves: fifty pages go out in ten of them."""

MINUTES = "City Council/2024-03-05 minutes.pdf"
AGENDA = "City Council/2024-03-05 agenda.pdf"
CROPS = ["turnips", "carrots", "beets", "leeks", "onions"]
MORNING = "In the morning nothing was decided by anybody present."
EVENING = "In the evening the same was decided once more by all."
HERON = "The heron by the bridge was counted twice this year."
BIRDS = ["herons", "gulls", "crows", "owls", "wrens", "ducks", "terns", "rooks", "finches", "doves"]


def test_a_source_without_documents_ends_plainly(town: Town):
    run = town.read()

    assert (run["state"], run["reason"]) == ("done", "the source lists no documents")
    assert not town.published.exists()


def test_one_page_with_a_text_layer_is_published_and_found(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))

    run = town.read()

    assert (run["state"], run["reason"]) == ("done", "")
    assert town.query("SELECT meeting, date, page, text FROM minutes") == [
        ("City Council", "2024-03-05", 1, HERON)
    ]
    (hit,) = town.shell.json("search", "heron", "--site", town.name)
    assert (hit["page"], hit["date"]) == (1, "2024-03-05")


def test_a_scan_is_read_by_ocr(town: Town):
    town.put(AGENDA, papers.scanned("The council met and\nspoke of turnips at length."))

    assert town.read()["state"] == "done"

    assert town.texts("agendas") == ["The council met and\nspoke of turnips at length."]
    assert town.query("SELECT source FROM pages") == [("ocr",)]


def test_fifty_scanned_pages_in_small_waves_are_all_read_once(town: Town):
    said = [[f"Of {bird} and {crop}\nmuch was said." for crop in CROPS] for bird in BIRDS]
    for number, pages in enumerate(said):
        town.put(f"Board/{date(2023, 1, 1 + number)} minutes.pdf", papers.scanned(*pages))

    run = town.read()

    assert (run["state"], run["reason"]) == ("done", "")
    assert run["report"]["pages"] == {"ocr": 50, "failed": 0}
    assert town.texts() == [text for pages in said for text in pages]
    stages = town.status()["stages"]
    assert {name: stages[name]["completed"] for name in ("fetch", "ocr", "extraction")} == {
        "fetch": 10,
        "ocr": 50,
        "extraction": 10,
    }


def test_a_second_run_with_nothing_new_touches_nothing(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    before = town.published.stat()

    run = town.read()

    assert (run["state"], run["reason"]) == ("done", "nothing new")
    assert run["report"]["documents"]["unchanged"] == 1
    after = town.published.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert compiles_of(town, run["id"]) == 0


def compiles_of(town: Town, run: str) -> int:
    with town.rows() as connection:
        found = text("SELECT count(*) FROM items WHERE run = :run AND stage = 'compile'")
        return int(connection.execute(found, {"run": run}).scalar_one())


def test_a_revised_document_replaces_its_text_under_the_same_ids(town: Town):
    town.put(MINUTES, papers.born_digital("A draft about herons.", "The second page."))
    town.put(AGENDA, papers.born_digital("An agenda that stays."))
    town.read()
    before = town.query("SELECT id FROM minutes ORDER BY page")

    town.put(MINUTES, papers.born_digital("The approved text about turnips."))
    run = town.read()

    assert run["report"]["documents"]["changed"] == 1
    assert town.texts() == ["The approved text about turnips."]
    assert town.texts("agendas") == ["An agenda that stays."]
    assert town.query("SELECT id FROM minutes") == before[:1]
    assert town.shell.json("search", "herons", "--site", town.name) == []


def test_the_pictures_of_a_renamed_body_stand_at_its_new_name_only(town: Town):
    town.put(AGENDA, papers.born_digital("An agenda that stays."))
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    root = town.published.parent
    assert sorted(pictures_of(root)) == [
        "_agendas/city-council/2024-03-05/1",
        "city-council/2024-03-05/1",
    ]

    renamed = 'bodies={"City Council": "Town Board"}'
    town.shell("site", "edit", town.name, "-o", renamed)
    town.read()

    assert sorted(pictures_of(root)) == [
        "_agendas/town-board/2024-03-05/1",
        "town-board/2024-03-05/1",
    ]
    assert not (root / "city-council").exists()


def pictures_of(root: Path) -> list[str]:
    """Pictures below a site's public folder, without their endings."""
    files = (path.relative_to(root) for path in root.rglob("*/*/*.*"))
    return [str(path.with_suffix("")) for path in files if "generations" not in path.parts]


def test_only_pictures_that_are_missing_or_would_look_otherwise_are_drawn(town: Town):
    """Not those of a site whose links change every night."""
    town.put(AGENDA, papers.born_digital("An agenda that stays."))
    town.put(MINUTES, papers.born_digital("Minutes that stay."))
    first = town.read()
    assert [title for title, _ in drawn_by(town, first["id"])] == ["agenda", "minutes"]
    with town.rows() as connection:
        # The site gave new links, and a cancelled run left the agenda without pictures.
        connection.execute(
            text("""
                UPDATE documents SET url = url || '?night=2', updated_at = now(),
                    drawn = CASE WHEN kind = 'agenda' THEN '' ELSE drawn END
                WHERE site = :site
            """),
            {"site": town.name},
        )

    town.put("City Council/2024-04-02 minutes.pdf", papers.born_digital(HERON))
    second = town.read()

    assert drawn_by(town, second["id"]) == [("agenda", "2024-03-05"), ("minutes", "2024-04-02")]
    for (picture,) in town.query("SELECT page_image FROM minutes"):
        assert (town.published.parent / picture.lstrip("/")).is_file()


def drawn_by(town: Town, run: str) -> list[tuple[str, str]]:
    with town.rows() as connection:
        found = text("""
            SELECT d.kind, d.date::text FROM items i JOIN documents d ON d.id = i.key
            WHERE i.run = :run AND i.stage = 'draw' ORDER BY 1, 2
        """)
        return [tuple(row) for row in connection.execute(found, {"run": run})]


def test_a_failure_is_listed_once_and_until_it_is_overcome(town: Town):
    town.put(MINUTES, b"")
    town.put(AGENDA, b"%PDF-1.7 and then nothing of use")
    for _ in range(2):
        town.read()
        assert kinds(town) == ["corrupt", "empty"]

    town.put(MINUTES, papers.born_digital(HERON))
    town.read()

    assert kinds(town) == ["corrupt"], "its bytes are as they were"


def kinds(town: Town) -> list[str]:
    letters = town.shell.json("dlq", "list")
    return sorted(letter["reason"] for letter in letters if letter["site"] == town.name)


def test_two_meetings_of_one_body_on_one_day_are_both_kept(town: Town):
    town.put("City Council/2024-03-05 minutes.pdf", papers.born_digital(MORNING))
    town.put("City Council/2024-03-05 minutes evening.pdf", papers.born_digital(EVENING))

    town.read()

    rows = town.query("SELECT meeting, date, text, page_image FROM minutes ORDER BY page_image")
    assert sorted(text for _, _, text, _ in rows) == [EVENING, MORNING]
    assert len({image for *_, image in rows}) == 2
    assert {(meeting, day) for meeting, day, _, _ in rows} == {("City Council", "2024-03-05")}


def test_force_reads_everything_again_under_the_same_ids(town: Town):
    town.put(MINUTES, papers.scanned("The turnips\nwere weighed."))
    town.read()
    before = town.query("SELECT id, text FROM minutes")

    run = town.read("--force")

    assert run["report"]["pages"] == {"ocr": 1, "failed": 0}
    assert town.query("SELECT id, text FROM minutes") == before


MOTION = """Councilor Birch moved to approve the heron budget.
Councilor Cedar seconded the motion. The motion carried 2-0."""


def test_what_is_only_read_again_keeps_its_facts_until_there_are_new_ones(town: Town):
    town.put(MINUTES, papers.born_digital(MOTION))
    town.read()
    found = town.query("SELECT raw_text, mover, seconder FROM motions")
    fast = town.generation + 1

    town.read("--force")

    kept = town.published.parent / "generations" / f"{fast:08d}.db"
    with sqlite3.connect(f"file:{kept}?mode=ro", uri=True) as connection:
        kind = connection.execute("SELECT value FROM _clerk WHERE key = 'kind'").fetchone()
        facts = connection.execute("SELECT raw_text, mover, seconder FROM motions").fetchall()
    assert kind == ("fast",)
    assert facts == found != []


def test_undated_files_are_reported_and_the_rest_is_published(town: Town):
    town.put("City Council/notes.pdf", papers.born_digital("Of an unknown day."))
    town.put(MINUTES, papers.born_digital("Of the fifth of March."))

    run = town.read()

    assert (run["state"], run["reason"]) == ("partial", "1 document could not be dated")
    assert town.texts() == ["Of the fifth of March."]
    (gap,) = town.status()["missing"]
    assert gap["reason"] == "undated"
    assert gap["detail"].startswith("no date in its path")
    assert town.query("SELECT reason FROM _clerk_missing") == [(f"undated: {gap['detail']}",)]


def test_files_that_could_not_be_taken_say_why_and_are_asked_no_date(town: Town):
    town.put(MINUTES, papers.born_digital("Of the fifth of March."))
    (town.folder / "City Council/2024-04-02 minutes.pdf").symlink_to("/dev/null")

    run = town.read()

    where = f"(`clerk status --subdomain {town.name}`)"
    assert run["reason"] == f"1 part of the source could not be taken {where}"
    assert (run["report"]["documents"]["undated"], run["report"]["documents"]["untaken"]) == (0, 1)
    why = "not taken: this is a link to outside the folder, or to nothing"
    assert town.query("SELECT reason FROM _clerk_missing") == [(why,)]
    for command in (("status", "--subdomain", town.name), ("pages", town.name)):
        said = town.shell(*command).stdout
        assert why in said
        assert "Give undated" not in said


def test_the_first_hundred_scans_of_many_are_published_before_the_last_is_read(town: Town):
    for year in range(1990, 2003):
        pages = [f"In {year} the {crop}\nwere weighed." for crop in (*CROPS, *BIRDS[:5])]
        town.put(f"Board/{year}-04-04 minutes.pdf", papers.scanned(*pages))

    run = town.read()

    assert run["report"]["pages"]["ocr"] == 130
    with town.rows() as connection:
        rows = connection.execute(EARLY, {"site": town.name}).all()
    early, last = rows[0], rows[-1]
    assert (early.kind, last.kind, last.pages) == ("fast", "full", 130)
    assert early.published_at < early.last_page
    assert len(town.texts()) == 130


EARLY = text("""
    SELECT g.kind, g.pages, g.published_at,
        (SELECT max(answered_at) FROM items WHERE run = g.run AND stage = 'ocr') AS last_page
    FROM generations g WHERE g.site = :site ORDER BY g.number
""")


def test_a_rollback_serves_the_generation_before(town: Town):
    town.put(MINUTES, papers.born_digital("The first wording."))
    town.read()
    town.put(MINUTES, papers.born_digital("The second wording."))
    town.read()

    newest = town.generation

    done = town.shell("deploy", town.name, "--rollback")

    assert town.texts() == ["The first wording."]
    assert f"generation {town.generation} is served" in done.stdout
    forward = f"by `clerk enqueue {town.name} --force`"
    shown = town.shell("status", "--subdomain", town.name).stdout
    again = town.shell("deploy", town.name).stderr
    for said in (done.stderr, shown, again):
        assert f"Withdrawn: generations {newest - 1}, {newest}, " in said
        assert forward in said
    assert town.status()["published"]["withdrawn"] == [newest - 1, newest]
    town.put(MINUTES, papers.born_digital("The third wording."))
    assert town.read()["state"] == "done"
    assert town.texts() == ["The third wording."]
    assert town.status()["published"]["withdrawn"] == []


def test_a_rollback_of_the_only_run_goes_back_to_its_first_generation(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    newest = town.generation

    town.shell("deploy", town.name, "--rollback")

    assert (before := town.generation) < newest
    assert town.texts() == [HERON]
    assert town.read()["reason"] == "nothing new"
    assert town.generation == before, "a run that finds nothing new leaves a person's choice alone"


def test_a_lost_publish_folder_is_filled_again_with_its_pictures(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    shutil.rmtree(town.published.parent)

    town.shell("deploy", town.name)
    run = town.read()

    assert run["reason"] == "nothing new"
    assert town.texts() == [HERON]
    assert pictures_of(town.published.parent) != []


def test_a_site_that_was_removed_and_added_again_is_published(town: Town):
    town.put(MINUTES, papers.born_digital("The first wording."))
    town.read()
    town.put(MINUTES, papers.born_digital("The second wording."))
    town.read()
    before = town.generation
    town.shell("site", "remove", town.name, "--yes")
    town.put(MINUTES, papers.born_digital("The third wording."))
    town.add()

    refused = town.shell("deploy", town.name, expect=2).stderr
    run = town.read()

    assert "no generation yet" in refused
    assert run["state"] == "done"
    assert town.texts() == ["The third wording."]
    assert town.generation > before
    # What readers saw before the site was removed can be served again.
    town.shell("deploy", town.name, "--rollback")
    assert town.texts() == ["The second wording."]
    assert town.listed() == (1, 1)


def test_what_readers_have_from_a_lost_database_is_taken_only_when_a_person_says_so(town: Town):
    town.put(MINUTES, papers.born_digital("Of the fifth of March."))
    town.put(AGENDA, papers.born_digital("For the fifth of March."))
    town.read()
    # To readers and to the deployer this is as if Postgres had been lost.
    town.shell("site", "remove", town.name, "--yes")
    town.add()
    (town.folder / AGENDA).unlink()

    run = town.read()

    assert run["state"] == "failed"
    assert "would take 1 document from readers" in run["reason"]
    assert town.texts("agendas") == ["For the fifth of March."]
    refused = town.shell("deploy", town.name, expect=2).stderr
    assert AGENDA in refused
    assert "add --yes" in refused
    assert town.read()["state"] == "failed"
    (letter,) = town.shell.json("failed", "list", "--site", town.name)
    assert AGENDA in json.dumps(letter), "one letter, however often it fails"

    town.shell("deploy", town.name, "--yes")

    assert (town.texts(), town.texts("agendas")) == (["Of the fifth of March."], [])
    assert town.listed() == (1, 1)
    assert town.read()["reason"] == "nothing new"


def test_a_file_that_is_of_another_kind_now_is_not_taken_from_readers(town: Town):
    town.put("Council/2024-03-05.pdf", papers.born_digital("Of the fifth of March."))
    town.read()
    town.shell("site", "remove", town.name, "--yes")
    town.options = ["kind=agenda"]
    town.add()

    assert town.read()["state"] == "done"

    assert (town.texts(), town.texts("agendas")) == ([], ["Of the fifth of March."])


def test_what_comes_back_to_the_source_is_published_over_a_lost_database(town: Town):
    town.put(MINUTES, papers.born_digital("Of the fifth of March."))
    town.put(AGENDA, papers.born_digital("For the fifth of March."))
    town.read()
    town.shell("site", "remove", town.name, "--yes")
    town.add()
    (town.folder / AGENDA).unlink()
    assert town.read()["state"] == "failed"
    town.put(AGENDA, papers.born_digital("For the fifth of March, again."))

    assert town.read()["state"] == "done"

    assert town.texts("agendas") == ["For the fifth of March, again."]


def test_a_removed_site_can_be_taken_from_readers(town: Town):
    town.put(MINUTES, papers.born_digital("Of the fifth of March."))
    town.read()

    town.shell("site", "remove", town.name, "--yes")
    assert town.listed() == (1, 1)
    town.shell("site", "remove", town.name, "--unpublish", "--yes")

    assert not town.published.exists()
    assert town.listed() is None
    said = town.shell("site", "remove", town.name, "--unpublish", "--yes", expect=2).stderr
    assert "There is no site" in said
