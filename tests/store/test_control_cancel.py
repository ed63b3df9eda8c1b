"""Cancelling beside a deploy, queues by other names, letters that leave and come back."""

import json
import re

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from clerk import broker, retrying
from clerk.errors import InvalidInput
from clerk.model import RunState
from clerk.settings import Settings, child_environment
from clerk.steps.publish import withheld
from clerk.store import cancelling, effects, jobs, pages, runs
from clerk.store.dead_letters import Wanted
from clerk.wiring import Services
from tests.nodes import client_app
from tests.shell import Forged
from tests.store import history
from tests.store.history import READING


@pytest.fixture
def at(redis_url, database_url, tmp_path):
    found = Services(
        Settings(redis_url=redis_url, database_url=database_url, storage_dir=tmp_path / "sites")
    )
    with found.transaction() as connection:
        history.write(connection)
    yield found
    found.close()


def open_jobs(at: Services) -> int:
    with at.transaction() as connection:
        return connection.execute(
            text("SELECT count(*) FROM job_tracking WHERE run = :run AND status = 'queued'"),
            {"run": READING},
        ).scalar_one()


def state(at: Services) -> str:
    with at.transaction() as connection:
        return connection.execute(
            text("SELECT state FROM runs WHERE id = :run"), {"run": READING}
        ).scalar_one()


@pytest.fixture
def deploying(at):
    """A deploy of the run that is under way; its run was cancelled meanwhile."""
    engine = create_engine(at.settings.database_url)
    with engine.connect() as connection, connection.begin() as transaction:
        effects.hold(connection, READING)
        with at.transaction() as other:
            cancelling.say(other, READING, "cancelled by somebody who did not wait")
        yield transaction
    engine.dispose()


@pytest.fixture
def shell(at, forge, tmp_path):
    return Forged(forge, child_environment(at.settings), tmp_path)


def test_what_was_cancelled_during_a_deploy_is_settled_when_that_has_ended(at, deploying, shell):
    shell("recover")
    assert (state(at), open_jobs(at)) == ("cancelled", 27), "the deploy still writes"

    deploying.commit()
    results = Redis.from_url(at.settings.result_url)
    left = [f"celery-task-meta-{READING}.ocr.1.d1:1:1", f"celery-taskset-meta-{READING}.ocr.1.d"]
    results.mset(dict.fromkeys(left, "1"))
    done = shell.json("recover")

    assert f"cancelled run {READING} was ended" in done["notes"]
    assert open_jobs(at) == 0
    assert results.exists(*left) == 0
    results.close()
    assert not any("was ended" in note for note in shell.json("recover")["notes"])


@pytest.mark.parametrize("command", [f"cancel {READING}", "cancel pleasanton", "purge pleasanton"])
def test_the_same_command_settles_it_too(at, deploying, shell, command):
    deploying.commit()

    assert shell.json(*command.split(), "--yes")["runs"] == [READING]

    assert open_jobs(at) == 0
    if command.startswith("cancel"):
        refused = shell(*command.split(), "--yes", expect=2)
        assert "nothing to cancel" in refused.stderr
    else:
        assert shell.json(*command.split(), "--yes")["runs"] == []


# -- renamed queues --------------------------------------------------------------------------------


def test_renamed_queues_are_what_everything_means(redis_url, database_url, forge, tmp_path):
    env = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "RQ_HIGH_QUEUE": "urgent",
        "RQ_DEFAULT_QUEUE": "plain",
        "CLERK_QUEUES__OCR": "gpu",
    }
    at = Services(Settings(redis_url=redis_url, database_url=database_url))
    with at.transaction() as connection:
        history.write(connection)
    shell = Forged(forge, env, tmp_path)
    try:
        shell("enqueue", "rivergrove.or", "--priority", "urgent")

        assert broker.depth(at.redis, "urgent") == 1
        assert broker.depth(at.redis, "high") == 0
        status = shell.json("status")
        assert status["queues"] == {
            "urgent": 1,
            "fetch": 0,
            "gpu": 0,
            "extraction": 0,
            "deploy": 0,
        }
        assert [each["priority"] for each in status["active"]][-1] == "high"
        assert shell.json("enqueue", "oakland", "--priority", "plain")["priority"] == "normal"
        assert len(shell.json("admin", "peek", "--queue", "urgent")) == 1
        refused = shell("pause", "ocr", expect=2).stderr
        assert refused.rstrip().endswith("The queues are: urgent, fetch, gpu, extraction, deploy.")
        assert shell.json("pause", "gpu")["changed"] is True
        assert shell.json("admin", "stats")["paused"] == ["gpu"]
        cleared = shell("purge-queue", "urgent", "--yes").stdout
        assert cleared.startswith("Cleared 1 job(s) from queue: urgent\nCancelled run ")
    finally:
        at.close()


def test_celery_knows_the_renamed_queues_only(redis_url, database_url):
    queues = {"high": "urgent", "ocr": "gpu"}
    app = client_app(
        Settings.model_validate(
            {"redis_url": redis_url, "database_url": database_url, "queues": queues}
        )
    )
    try:
        names = [queue.name for queue in app.conf.task_queues]
        assert names == ["urgent", "deploy", "extraction", "fetch", "gpu"]
        assert app.conf.task_routes["clerk.ocr_page"] == {"queue": "gpu"}
        assert app.conf.task_annotations["clerk.ocr_page"]["time_limit"] == 600
    finally:
        app.close()


# -- letters that leave and come back --------------------------------------------------------------


def test_a_purge_by_a_file_of_ids_deletes_those_alone(at, shell, tmp_path):
    listed = shell("dlq", "purge", "--site", "rivergrove.or", "--dry-run").stdout
    (tmp_path / "ids").write_text(listed)
    with at.transaction() as connection:
        # It came after the list was made.
        connection.execute(
            text("INSERT INTO dead_letters (job, site, stage) VALUES ('j', 'rivergrove.or', 'ocr')")
        )

    said = shell("dlq", "purge", "--ids-file", str(tmp_path / "ids"), "--yes").stdout

    assert said == "Deleted 3 dead letter(s).\n"
    assert [each["site"] for each in exported(at)] == ["pleasanton", "rivergrove.or"]
    (tmp_path / "ids").write_text("1\nall\n")
    refused = shell("dlq", "requeue", "--ids-file", str(tmp_path / "ids"), expect=2)
    assert "'all' is not a number" in refused.stderr
    assert "Name dead letters" in shell("dlq", "requeue", expect=2).stderr


def test_a_diagnosis_names_what_is_wrong_and_what_to_do(at, shell):
    shell("pause", "ocr")
    shell("emergency-stop", "on", "--reason", "disk")
    shell("admin", "adopt-storage", "--yes")
    (at.settings.storage_dir / "clerk-storage-mark").unlink()

    found = {each["about"]: each for each in shell.json("diagnose", expect=1)}

    assert found["queue"]["remedy"] == "clerk resume ocr"
    assert "disk" in found["emergency stop"]["problem"]
    assert found["emergency stop"]["remedy"] == "clerk emergency-stop off"
    assert "has no mark" in found["storage"]["problem"]
    assert found["failures"]["remedy"] == "clerk failed list"


def test_a_diagnosis_tells_what_a_run_in_flight_waits_for(at, shell):
    with at.transaction() as connection:
        runs.explain(connection, READING, "pages wait: spa.traineddata is missing")

    said = shell("diagnose", expect=1).stdout

    assert f"run: {READING} of pleasanton: pages wait: spa.traineddata is missing" in said


def test_what_only_a_publisher_can_mend_is_told_and_is_nothing_wrong(at, shell):
    kinds = ["encrypted", "corrupt", "not a pdf", "http 404", "http 410"]
    with at.transaction() as connection:
        connection.execute(text("DELETE FROM dead_letters"))
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item, kind)
                SELECT kind, 'oakland', 'fetch', kind, kind
                FROM unnest(CAST(:kinds AS text[])) AS kind
            """),
            {"kinds": kinds},
        )
        connection.execute(text("UPDATE runs SET state = 'cancelled', finished_at = now()"))
    at.redis.flushdb()

    done = shell("diagnose")

    assert done.stdout.startswith("Nothing is wrong.\nunreadable: 5 dead letter(s)")
    with at.transaction() as connection:
        connection.execute(text("UPDATE dead_letters SET kind = 'timeout' WHERE item = 'corrupt'"))
    found = {each["about"]: each for each in shell.json("diagnose", expect=1)}
    assert found["failures"]["problem"] == "1 dead letter(s)"
    assert found["unreadable"]["notice"] is True


def test_a_list_that_is_not_there_is_wrong_though_a_dead_link_is_not(at, shell):
    with at.transaction() as connection:
        connection.execute(text("DELETE FROM dead_letters"))
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item, kind)
                VALUES ('j', 'oakland', 'discover', 'site', 'http 404')
            """)
        )

    found = {each["about"]: each for each in shell.json("diagnose", expect=1)}

    assert found["failures"]["problem"] == "1 dead letter(s)"
    assert "unreadable" not in found


def test_the_newest_failure_of_each_kind_is_told_to_its_end(at, shell):
    taken = [f"Council/{'a long name ' * 30}{number}.pdf" for number in range(4)]
    error = str(withheld("oakland", 7, taken))
    with at.transaction() as connection:
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item, kind, last_error)
                VALUES ('j', 'oakland', 'deploy', '7', 'withheld', :error)
            """),
            {"error": error[: jobs.ERROR_CHARS]},
        )

    said = shell("failed", "list", "--site", "oakland").stdout

    assert "publish without them: `clerk deploy oakland`." in said


def test_programs_too_are_told_the_name_of_a_damaged_file(at, shell):
    with at.transaction() as connection:
        connection.execute(
            text("UPDATE dead_letters SET last_error = 'document.pdf is damaged' WHERE id = 1")
        )

    listed = {each["id"]: each for each in shell.json("dlq", "list")}

    assert listed[1]["last_error"] == f"{listed[1]['about']} is damaged"
    assert shell.json("dlq", "show", "1")["last_error"] == listed[1]["last_error"]


def test_watching_a_site_without_a_run_says_how_the_last_one_ended(shell):
    said = shell("status", "--watch", "--site", "rivergrove.or").stderr

    assert "No run of rivergrove.or is in flight. The last one: rivergrove.or: partial" in said
    assert "nowhere" in shell("status", "--watch", "--site", "nowhere", expect=2).stderr


def test_what_failed_of_a_site_is_closed_when_the_site_is_removed(at, shell):
    assert shell.json("failed", "list", "--site", "rivergrove.or")
    shell("site", "remove", "rivergrove.or", "--yes")

    assert {each["site"] for each in exported(at)} == {"pleasanton"}
    shell("failed", "list", "--site", "rivergrove.or", expect=2)


def test_a_site_with_two_runs_in_flight_is_asked_which(at, shell):
    with at.transaction() as connection:
        connection.execute(
            text("""
                INSERT INTO runs (id, site, priority, state) VALUES
                    ('20260108T150000-dddddddd', 'pleasanton', 'normal', 'drawing')
            """)
        )
    refused = shell("cancel", "pleasanton", "--yes", expect=2).stderr
    assert f"{READING} (reading)" in refused
    assert "20260108T150000-dddddddd (drawing)" in refused


def test_pictures_that_failed_are_drawn_by_a_run_of_their_own(at, shell):
    with at.transaction() as connection:
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item)
                SELECT 'draw ' || site, site, 'draw', 'd-half'
                FROM unnest(ARRAY['rivergrove.or', 'pleasanton']) AS site
            """)
        )

    done = shell.json("failed", "retry", "--stage", "draw", "--yes", expect=73)

    assert "Try again when it has ended" in done["refused"]["pleasanton"], "its run reads"
    with at.transaction() as connection:
        run = runs.get(connection, done["runs"]["rivergrove.or"])
        assert run.state is RunState.DRAWING
        asked = "SELECT key FROM items WHERE run = :run AND stage = 'draw'"
        assert connection.execute(text(asked), {"run": run.id}).scalars().all() == ["d-half"]
    assert broker.depth(at.redis, "deploy") == 1
    # The shell lives on, as a worker does: it must not listen for results that nobody asks for.
    assert at.redis.pubsub_channels(f"*{done['runs']['rivergrove.or']}*") == []
    # The site is free: what else failed there is tried beside.
    done = shell.json("failed", "retry", "--site", "rivergrove.or", "--yes")
    assert done["items"] == 3


def retry(shell: Forged, site: str) -> str:
    return shell.json("failed", "retry", "--site", site, "--yes")["runs"][site]


def page_state(at: Services) -> tuple[str, str]:
    with at.transaction() as connection:
        row = connection.execute(
            text("SELECT state, reason FROM pages WHERE document = 'd-half' AND number = 2")
        ).one()
    return row.state, row.reason


def test_what_a_cancelled_retry_never_came_to_has_failed_as_before(at, shell):
    before = exported(at)
    run = retry(shell, "rivergrove.or")
    assert page_state(at) == ("pending", "")
    assert {letter["site"] for letter in exported(at)} == {"pleasanton"}

    shell("cancel", run, "--yes")

    assert exported(at) == before
    assert page_state(at) == ("failed", "timeout")
    with at.transaction() as connection:
        half = "SELECT state FROM documents WHERE id = 'd-half'"
        assert connection.execute(text(half)).scalar() != "fetched"
        assert list(pages.pending(connection, "rivergrove.or")) == []
    # Overcome later, they stay closed, though that run is settled once more.
    with at.transaction() as connection:
        connection.execute(text("UPDATE dead_letters SET requeued_at = now()"))
        cancelling.settle(connection, run)
    assert exported(at) == []


def test_what_a_cancelled_retry_did_come_to_stays_so(at, shell):
    run = retry(shell, "rivergrove.or")
    with at.transaction() as connection:
        connection.execute(
            text("UPDATE items SET state = 'answered' WHERE run = :run AND key = 'd-broken'"),
            {"run": run},
        )

    shell("cancel", run, "--yes")

    assert "d-broken" not in {letter["item"] for letter in exported(at)}
    assert "d-half:1:2" in {letter["item"] for letter in exported(at)}


def test_a_look_at_what_readers_have_is_tried_again_as_one(at, shell):
    """To build anew would publish what a person rolled back."""
    with at.transaction() as connection:
        connection.execute(text("DELETE FROM dead_letters"))
        connection.execute(
            text("""
                INSERT INTO generations (site, number, run, kind, state, published_at)
                SELECT 'rivergrove.or', number, '', 'full', 'published', now()
                FROM generate_series(1, 2) AS number
            """)
        )
        connection.execute(
            text("""
                UPDATE sites SET generation = 2, published_generation = 1, published_full = 1
                WHERE subdomain = 'rivergrove.or'
            """)
        )
        connection.execute(
            text("""
                INSERT INTO dead_letters (job, site, stage, item)
                VALUES ('deploy', 'rivergrove.or', 'deploy', '1')
            """)
        )

    run = retry(shell, "rivergrove.or")

    with at.transaction() as connection:
        asked = "SELECT stage, key FROM items WHERE run = :run"
        assert connection.execute(text(asked), {"run": run}).all() == [("deploy", "1")]


def exported(at: Services) -> list[dict]:
    return [retrying.as_json(letter) for letter in retrying.letters(at, Wanted())]


def test_letters_that_were_exported_and_purged_come_back_as_they_were(at):
    before = exported(at)
    lines = [json.dumps(each) for each in before]
    retrying.purge(at, [each["id"] for each in before], who="me")
    assert exported(at) == []

    assert retrying.import_letters(at, lines, source="x", who="me") == (len(before), 0)

    after = exported(at)
    assert [{**each, "id": 0} for each in after] == [{**each, "id": 0} for each in before]
    assert retrying.import_letters(at, lines, source="x", who="me") == (0, len(before))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nonsense", "line 2: Expecting value"),
        ("[]", "line 2: expected a JSON object"),
        ('{"id": 1}', "line 2: attempts, created_at, first_error"),
        ({"site": 7}, "line 2: site is not text"),
        ({"item": "a\0b"}, "line 2: a field is not text"),
        ({"stage": "lunch"}, "line 2: there is no stage 'lunch'"),
        ({"attempts": -1}, "line 2: attempts is not"),
        ({"created_at": "yesterday"}, "line 2: Invalid isoformat"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "line 2: date value out of range"),
        ({"item": "a\ud800b"}, "line 2: a field is not text"),
        ("[" * 100_000, "line 2: maximum recursion depth"),
    ],
)
def test_a_file_that_is_no_export_changes_nothing(at, line, problem):
    before = exported(at)
    good = {**before[0], "job_id": "another"}
    bad = line if isinstance(line, str) else json.dumps({**good, **line})

    with pytest.raises(InvalidInput, match=re.escape(problem)) as refused:
        retrying.import_letters(at, [json.dumps(good), bad], source="dead.jsonl", who="me")

    assert str(refused.value).startswith("dead.jsonl is not what")
    assert exported(at) == before
