"""What is wrong gets a clear error and loses nothing: files, names, servers, disks."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

from clerk.store import pauses
from tests import papers
from tests.fuzz import samples
from tests.nodes import WorkerNode, Workers
from tests.servers import Servers
from tests.shell import Forge
from tests.store import rows
from tests.town import Town

SETTINGS = {"retry": {"base": "100ms", "factor": 1}}

MINUTES = "City Council/2024-03-05 minutes.pdf"
HERON = "The heron by the bridge was counted twice this year."

BAD_FILES = {
    "corrupt": b"%PDF-1.4\n" + bytes(range(256)) * 20,
    "encrypted": samples.encrypted(user=b"secret"),
    "empty": b"",
    "not a pdf": b"<html><body>Moved here</body></html>",
}


def test_bad_files_fail_with_their_reason_and_the_rest_is_published(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    for number, content in enumerate(BAD_FILES.values()):
        town.put(f"City Council/2024-04-0{number + 1} minutes.pdf", content)

    run = town.read()

    assert (run["state"], run["reason"]) == ("partial", "4 documents could not be read")
    assert town.texts() == [HERON]
    missing = town.status()["missing"]
    assert [gap["reason"] for gap in missing] == list(BAD_FILES)
    assert town.query("SELECT count(*) FROM _clerk_missing") == [(4,)]
    before = town.generation
    town.read()
    assert town.generation == before


def test_a_file_that_is_damaged_later_leaves_its_text_and_says_so(town: Town):
    names = {kind: f"City Council/2024-04-0{n} minutes.pdf" for n, kind in enumerate(BAD_FILES, 1)}
    said = {}
    for kind, name in names.items():
        said[kind] = f"{HERON} It was told as {kind}."
        town.put(name, papers.born_digital(said[kind]))
    town.read()
    before = town.query("SELECT sha256 FROM documents ORDER BY url")

    for kind, name in names.items():
        town.put(name, BAD_FILES[kind])
    run, again = town.read(), town.read()

    assert (run["state"], run["reason"]) == ("partial", "4 documents could not be read")
    assert again["reason"].startswith("nothing new; 4 still missing from earlier runs")
    assert town.texts() == list(said.values())
    former = [
        f"its newest version could not be read ({kind}); the former one is shown" for kind in names
    ]
    assert [gap["reason"] for gap in town.status()["missing"]] == former
    assert town.query("SELECT reason FROM _clerk_missing ORDER BY url") == [(s,) for s in former]
    shown = town.query("SELECT state, reason FROM documents ORDER BY url")
    assert shown == [("read", reason) for reason in former]
    assert town.query("SELECT sha256 FROM documents ORDER BY url") == before


def test_who_waits_for_a_run_is_told_what_it_could_not_read_and_where_all_of_it_stands(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    for number in range(1, 8):
        town.put(f"City Council/2024-04-0{number} minutes.pdf", BAD_FILES["corrupt"])

    first, *named, rest = town.shell("enqueue", town.name, "--wait", expect=3).stdout.splitlines()

    assert first.startswith(f"{town.name}: partial (7 documents could not be read)")
    assert named == [f"  City Council/2024-04-0{n} minutes.pdf: corrupt" for n in range(1, 6)]
    assert rest == f"  … and 2 more (`clerk status --subdomain {town.name}`)"
    again = town.read()
    assert (again["state"], len(again["missing"])) == ("done", 7)
    assert again["missing"] == town.status()["missing"]


def test_a_page_that_is_lost_is_named_and_the_rest_is_published(town: Town):
    town.put(MINUTES, papers.with_a_lost_page(HERON))

    run = town.read()

    assert (run["state"], run["reason"]) == ("partial", "1 page could not be read")
    assert town.query("SELECT page, text FROM minutes ORDER BY page") == [(1, HERON), (3, HERON)]
    (gap,) = town.status()["missing"]
    assert (gap["page"], gap["reason"]) == (2, "missing page")


def test_a_source_of_bad_files_alone_fails(town: Town):
    town.put(MINUTES, BAD_FILES["corrupt"])

    run = town.read()

    assert run["state"] == "failed"
    assert run["reason"].startswith("no document could be read")
    assert not town.published.exists()


def test_a_run_with_nothing_new_says_what_is_still_missing(town: Town):
    town.put(MINUTES, BAD_FILES["corrupt"])
    town.put(MINUTES.replace("03-05", "03-06"), papers.born_digital(HERON))
    assert town.read()["state"] == "partial"

    run = town.read()

    assert run["state"] == "done"
    assert run["reason"].startswith("nothing new; 1 still missing from earlier runs")


def test_a_folder_that_went_away_fails_the_run_and_readers_keep_theirs(town: Town):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    town.folder.rename(town.folder.with_name("elsewhere"))

    run = town.read()

    assert run["state"] == "failed"
    lost = "no such folder on the worker's machine"
    assert run["reason"] == f"the source could not be read: {town.folder}: {lost}"
    assert town.texts() == [HERON]


def test_documents_that_the_source_lists_no_longer_are_counted_and_named(town: Town):
    days = ["2023-03-05", "2024-03-05", "2024-03-06", "2024-03-07"]
    files = [f"City Council/{day} minutes.pdf" for day in days]
    for file in files:
        town.put(file, papers.born_digital(f"{HERON} Told in {file[-22:-4]}."))
    town.read()
    stays = "(what was read stays published)"

    (town.folder / files[1]).unlink()
    (town.folder / files[2]).rename(town.folder / files[2].replace("minutes", "MINUTES"))
    run = town.read()

    assert run["state"] == "done"
    assert run["reason"] == f"2 documents are no longer listed at the source {stays}"
    assert run["report"]["documents"]["vanished"] == 2
    assert [gone["url"] for gone in town.status()["vanished"]] == files[1:3]
    said = town.shell("status", "--subdomain", town.name).stdout
    assert f"No longer listed at the source {stays}:\n  {files[1]}\n  {files[2]}\n" in said

    town.shell("site", "edit", town.name, "--start-year", "2024")
    assert town.read()["report"]["documents"]["vanished"] == 2, "2023 is not looked for"

    shutil.rmtree(town.folder / "City Council")
    run = town.read()

    assert (run["state"], run["reason"]) == (
        "partial",
        f"the source lists none of the 4 documents known before {stays}",
    )
    assert len(town.texts()) == 5

    town.put(files[1], papers.born_digital(HERON))
    town.read()

    assert files[1] not in [gone["url"] for gone in town.status()["vanished"]]


NAMES = [
    "Ayuntamiento 'de' \"Niebla\" Council/2024-01-0{} minutes.pdf",
    "Council\nof two lines/2024-01-0{} minutes.pdf",
    "\u202eboard desrever Council\u202c/2024-01-0{} minutes.pdf",
    "Стара Council/2024-01-0{} minutes <b>&amp;.pdf",
    f"{'Very ' * 40}Long Council/2024-01-0{{}} minutes {'x' * 150}.pdf",
    "Council; DROP TABLE sites--/../Board/2024-01-0{} minutes.pdf",
    "%2e%2e%2fetc Council/2024-01-0{} minutes%00.pdf",
]


def test_names_of_every_kind_are_kept_apart_and_published(town: Town):
    said = []
    for number, name in enumerate(NAMES, 1):
        said.append(f"{HERON} It was meeting number {number} of this folder.")
        town.put(name.format(number), papers.born_digital(said[-1]))

    run = town.read()

    assert (run["state"], run["reason"]) == ("done", "")
    assert sorted(town.texts()) == said
    images = [image for (image,) in town.query("SELECT page_image FROM minutes")]
    assert len(set(images)) == len(NAMES)
    assert all(image.isascii() and ".." not in image for image in images)
    for (body,) in town.query("SELECT DISTINCT meeting FROM minutes"):
        assert body.isprintable()


# -- a full disk -----------------------------------------------------------------------------------


@contextmanager
def small_files_only(node: WorkerNode, size: int) -> Iterator[None]:
    """No process of the worker can write a file larger than `size` bytes: like a full disk."""
    _limit(node, size)
    try:
        yield
    finally:
        _limit(node, resource.RLIM_INFINITY)


def _limit(node: WorkerNode, size: int) -> None:
    worker = psutil.Process(node.child.pid)
    for process in [worker, *worker.children()]:
        process.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="only Linux limits others")
def test_a_full_disk_while_publishing_leaves_the_old_file(town: Town, workers: Workers):
    town.put(MINUTES, papers.born_digital(HERON))
    town.read()
    before = town.published.read_bytes()
    town.put("City Council/2024-04-05 minutes.pdf", papers.born_digital(f"{HERON} Once more."))

    with small_files_only(workers.nodes[0], 20_000):
        run = town.read()

    assert run["state"] == "failed"
    assert run["reason"].startswith("could not be published: storage full (see `clerk failed list")
    assert town.published.read_bytes() == before
    assert town.shell.json("dlq", "list", "--site", town.name) != []
    assert town.read()["state"] == "done", "with room again, what was missing is published"
    assert town.shell.json("dlq", "list", "--site", town.name) == []
    assert town.texts() == [HERON, f"{HERON} Once more."]


# -- commands --------------------------------------------------------------------------------------


def nobody_listens() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def env_with(servers: Servers, **names: str) -> dict[str, str]:
    """The environment of a user who set nothing but these."""
    return {"REDIS_URL": servers.redis_url(5)} | names


def test_an_unknown_site_is_named_with_near_ones(town: Town):
    said = town.shell("enqueue", town.name[:-1], expect=2)
    assert town.name in said.stderr


@pytest.mark.parametrize(
    "words", [("enqueue", "anything.example"), ("status",), ("site", "list"), ("recover",)]
)
def test_an_unreachable_database_is_named_without_its_password(
    forge: Forge, servers: Servers, tmp_path: Path, words
):
    port = nobody_listens()
    url = f"postgresql://clerk:hunter2@127.0.0.1:{port}/clerk"

    done = forge(*words, env=env_with(servers, DATABASE_URL=url), folder=tmp_path)

    assert done.code == 69, done.stderr
    assert f"127.0.0.1:{port}" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("enqueue", "anything.example"), ("status",), ("recover",)])
def test_an_unreachable_broker_is_named_without_its_password(
    forge: Forge, servers: Servers, database_url: str, tmp_path: Path, words
):
    port = nobody_listens()
    env = env_with(
        servers, DATABASE_URL=database_url, REDIS_URL=f"redis://:hunter2@127.0.0.1:{port}/0"
    )

    done = forge(*words, env=env, folder=tmp_path)

    assert done.code == 68, done.stderr
    assert f"127.0.0.1:{port}" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_database_that_was_not_migrated_says_so(
    forge: Forge, servers: Servers, empty_database_url: str, tmp_path: Path
):
    env = env_with(servers, DATABASE_URL=empty_database_url)

    done = forge("enqueue", "a.example", env=env, folder=tmp_path)

    assert done.code == 78
    assert "clerk db upgrade" in done.stderr


def test_a_run_that_was_made_is_a_success_though_postgres_goes_away_then(
    forge: Forge, servers: Servers, redis_url: str, database_url: str, tmp_path: Path
):
    env = env_with(servers, DATABASE_URL=database_url, REDIS_URL=redis_url)
    (tmp_path / "board").mkdir()
    words = ("site", "add", "a.example", "--name", "A", "--fetcher", "folder")
    added = forge(*words, "--source", str(tmp_path), env=env, folder=tmp_path)
    assert added.code == 0, added.stderr
    # Whoever looks for paused queues loses his connection.
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE paused_queues RENAME TO before"))
        connection.execute(
            text(
                "CREATE VIEW paused_queues AS SELECT before.* "
                "FROM pg_terminate_backend(pg_backend_pid()) AS gone LEFT JOIN before ON gone"
            )
        )

    done = forge("enqueue", "a.example", env=env, folder=tmp_path)

    assert done.code == 0, done.stderr
    assert "enqueued" in done.stdout


@pytest.mark.parametrize("words", [("enqueue", "a.example", "--wait"), ("status", "--watch")])
def test_ctrl_c_while_somebody_only_looks_on_has_its_own_exit_code(
    servers: Servers, redis_url: str, database_url: str, tmp_path: Path, words
):
    env = env_with(servers, DATABASE_URL=database_url, REDIS_URL=redis_url)
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        rows.run(connection, "a.example")
        pauses.add(connection, "fetch", who="test", reason="so that it says something")
    looking = subprocess.Popen(
        [sys.executable, "-m", "clerk", *words],
        env={**os.environ, **env},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert looking.stderr
    assert any("so that it says something" in line for line in looking.stderr)

    looking.send_signal(signal.SIGINT)

    _, said = looking.communicate(timeout=20)
    assert looking.returncode == 130, said
    assert "Aborted" not in said


def test_wrong_settings_are_all_told_at_once(forge: Forge, servers: Servers, tmp_path: Path):
    env = env_with(servers, DATABASE_URL="mysql://somewhere", OCR_WORKERS="many")

    done = forge("status", env=env, folder=tmp_path)

    assert done.code == 2
    assert "database_url" in done.stderr
    assert "workers.ocr" in done.stderr


def test_a_run_that_went_wrong_shows_in_the_exit_code(town: Town):
    town.put(MINUTES, BAD_FILES["empty"])
    assert town.shell("enqueue", town.name, "--wait", expect=4).stdout.startswith(town.name)
    town.put(MINUTES.replace("03-05", "03-06"), papers.born_digital(HERON))
    town.put(MINUTES.replace("03-05", "03-07"), BAD_FILES["empty"])
    town.shell("enqueue", town.name, "--wait", expect=3)
    town.shell("enqueue", town.name, "--wait", expect=0)


def test_dead_letters_keep_what_was_given_up(town: Town):
    town.put(MINUTES, BAD_FILES["corrupt"])
    town.read()
    with town.rows() as connection:
        found = text("SELECT task, kind FROM dead_letters WHERE site = :site")
        rows = connection.execute(found, {"site": town.name}).all()
    assert [tuple(row) for row in rows] == [("fetch_document", "corrupt")]
