"""Reading pages once: the cache by content, reading again on demand, the second look's budget."""

import json

import pytest
from PIL import Image, ImageFilter

from clerk import keys
from clerk.model import Priority, RunState
from clerk.store import runs
from tests import papers
from tests.fuzz import samples
from tests.nodes import Workers
from tests.shell import Shell
from tests.town import Town

SETTINGS = {"ocr": {"second_look_share": 0, "page_images": "off"}, "retry": {"attempts": 1}}
FILE = "Board/2024-01-09 minutes.pdf"
SAID = [
    "Herons were\ncounted at dawn.",
    "Turnips were\nweighed at noon.",
    "Lamps were\nlit at dusk.",
]


@pytest.fixture(scope="module")
def first(workers: Workers, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A site of three scanned pages that was read."""
    made = Town(workers, shell, tmp_path_factory.mktemp("first")).add()
    made.put(FILE, papers.scanned(*SAID))
    run = made.read()
    assert (run["state"], run["report"]["reading"]["cached"]) == ("done", 0)
    assert run["report"]["reading"]["first_seconds"] > 0
    return made


def cached(run) -> int:
    return run["report"]["reading"]["cached"]


def ids(town: Town) -> list[str]:
    return [page for (page,) in town.query("SELECT id FROM minutes ORDER BY page")]


def test_the_same_file_in_another_site_is_not_read_again(first: Town, town: Town):
    town.put(FILE, papers.scanned(*SAID))
    ended = town.shell("enqueue", town.name, "--wait").stdout

    assert "3 pages from cache" in ended
    assert town.texts() == first.texts() == SAID
    assert town.status()["run"]["report"]["reading"]["first_seconds"] == 0


def test_of_a_revised_file_only_the_changed_page_is_read(first: Town, town: Town):
    town.put(FILE, papers.scanned(SAID[0], "Nothing\nelse was done.", SAID[2]))
    run = town.read()

    assert (run["state"], cached(run)) == ("done", 2)
    assert town.texts() == [SAID[0], "Nothing\nelse was done.", SAID[2]]


def test_a_forced_run_reads_what_it_could_remember(first: Town, town: Town):
    town.put(FILE, papers.scanned(*SAID))
    assert cached(town.read("--force")) == 0
    assert town.texts() == SAID


def test_pages_are_read_again_under_the_ids_they_had(first: Town):
    before, generation = ids(first), first.generation
    first.shell("reread", first.name, expect=2)
    would = first.shell.json("reread", first.name, "--below", "100", "--dry-run")
    assert set(would["pages"]) == set(before)

    words = ["--pages", f"{before[0]},{before[2]}", "--yes", "--wait", "--reason", "curious"]
    run = first.shell.json("reread", first.name, *words)

    assert (run["state"], cached(run), run["report"]["reread"]) == ("done", 0, 2)
    assert (ids(first), first.texts()) == (before, SAID)
    assert first.generation > generation
    trail = first.shell("audit", "--json").stdout.splitlines()
    (line,) = [each for each in map(json.loads, trail) if each["action"] == "reread"]
    assert (line["target"], line["count"], line["reason"]) == (first.name, 2, "curious")


def test_a_cancelled_reread_is_not_made_up_for_by_the_next_run(first: Town, workers: Workers):
    before = first.shell.json("pages", first.name)["pages"]
    first.shell("pause", "ocr")
    assert workers.have_let_go("ocr")
    first.shell("reread", first.name, "--below", "100", "--yes")
    first.shell("cancel", first.name, "--yes")
    first.shell("resume", "ocr")

    assert first.shell.json("pages", first.name)["pages"] == before
    run = first.read()

    assert (run["state"], run["report"]["pages"]) == ("done", {"ocr": 0, "failed": 0})
    assert first.texts() == SAID


def test_a_page_that_failed_before_a_cancelled_reread_is_still_told(town: Town, workers: Workers):
    town.put(FILE, papers.scanned(*SAID[:1]))
    town.read()
    with town.rows() as connection:
        change = "UPDATE pages SET state = 'failed', reason = 'timeout; x' WHERE document IN "
        change += "(SELECT id FROM documents WHERE site = %s)"
        connection.exec_driver_sql(change, (town.name,))
    town.shell("pause", "ocr")
    assert workers.have_let_go("ocr")
    town.shell("reread", town.name, "--below", "100", "--yes")
    town.shell("cancel", town.name, "--yes")
    town.shell("resume", "ocr")

    (page,) = town.shell.json("pages", town.name)["pages"]
    assert (page["state"], page["reason"]) == ("failed", "timeout; x")


def test_a_page_that_cannot_be_read_again_keeps_its_text(town: Town, workers: Workers):
    town.put(FILE, papers.scanned("Owls were\nheard at night."))
    town.read()
    with town.rows() as connection:
        sha256 = connection.exec_driver_sql(
            "SELECT sha256 FROM documents WHERE site = %s", (town.name,)
        ).scalar_one()
    (workers.settings.storage_dir / keys.pdf_key(town.name, sha256)).write_bytes(b"%PDF-1.7\n")

    run = town.shell.json("reread", town.name, "--engine", "tesserocr", "--yes", "--wait", expect=3)

    assert run["reason"] == "1 page could not be read"
    assert town.texts() == ["Owls were\nheard at night."]
    (page,) = town.shell.json("pages", town.name)["pages"]
    assert (page["state"], page["confidence"] > 50) == ("failed", True)


def test_no_page_is_read_again_while_a_run_is_in_flight_or_by_an_unknown_id(first: Town):
    assert "'0123'" in first.shell("reread", first.name, "--pages", "0123", expect=2).stderr
    with first.rows() as connection:
        run = runs.enqueue(connection, first.name, priority=Priority.LOW).run.id
    said = first.shell("reread", first.name, "--below", "100", "--yes", expect=73)
    assert run in said.stderr
    with first.rows() as connection:
        runs.finish(connection, run, to=RunState.CANCELLED, reason="", report={})
    assert first.texts() == SAID


def test_a_weak_page_without_budget_says_so_and_its_document_shows_its_confidence(town: Town):
    town.put(FILE, samples.scan(smudged()))
    run = town.read()

    assert run["report"]["reading"]["first_look_only"] == 1
    found = town.shell.json("pages", town.name, "--worst", "5")
    (page,), (document,) = found["pages"], found["documents"]
    assert "no second look" in page["reason"]
    assert page["engine"].endswith("first look only")
    assert document["confidence"] == found["confidence"] == page["confidence"] < 85
    shown = town.shell("pages", town.name).stdout
    (line,) = [each for each in shown.splitlines() if page["id"] in each]
    assert f"  {FILE.partition('/')[2]} p. 1  " in line
    assert page["engine"] not in line
    nowhere = town.shell("pages", town.name, "--of", "another", expect=2).stderr
    assert f"No file of {town.name} has 'another' in its address." in nowhere
    assert page["id"] in town.shell("pages", town.name, "--of", FILE.upper()).stdout
    assert town.query("SELECT confidence FROM documents") == [(page["confidence"],)]

    words = ["--engine", "first look only", "--yes", "--wait"]
    again = town.shell.json("reread", town.name, *words)

    assert again["report"]["reading"]["first_look_only"] == 0
    assert again["report"]["reading"]["more_seconds"] > 0
    (page,) = town.shell.json("pages", town.name)["pages"]
    assert "best look at" in page["reason"]


def test_a_file_of_good_text_layers_says_why_it_is_not_read_again(town: Town):
    town.put(FILE, papers.born_digital("The herons by the bridge were counted twice this year."))
    town.read()

    said = town.shell("reread", town.name, "--of", FILE, "--yes").stdout

    assert "1 page has a good text layer" in said
    words = ["--of", FILE, "--engine", "pdfium", "--dry-run"]
    assert "add --engine pdfium" in said
    assert town.shell.json("reread", town.name, *words)["count"] == 1, "as it says"


def smudged() -> Image.Image:
    """Lines that a reader only half makes out."""
    return samples.drawn(samples.LINES[:6]).filter(ImageFilter.GaussianBlur(3))


def test_minutes_in_another_language_are_counted_in_the_runs_report(town: Town):
    said = "Acta de la sesión ordinaria del Pleno. Se aprueba por unanimidad.\n" * 12
    town.put(FILE, papers.scanned("Owls were\nheard at night."))
    assert town.read()["report"]["extraction"]["other_language"] == 0
    town.put(FILE, papers.born_digital(said))
    assert town.read()["report"]["extraction"]["other_language"] == 1
