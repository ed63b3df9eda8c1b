"""What a worker is started with, and that children see the settings of whoever starts them."""

import signal
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk import cluster, settings, worker
from clerk.adapters import processes
from clerk.cluster import EARLY, FUTILE, Part
from clerk.errors import DependencyDown
from clerk.settings import Settings, load, to_environment

# What a path or password may hold; a carriage return is not told from a newline by python-dotenv.
words = st.text(
    st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1, max_size=50
)


def test_every_worker_listens_to_high_before_its_own_queue():
    for queue in worker.QUEUES:
        argv, _ = worker.worker_command(queue, 3)
        assert argv[argv.index("-Q") + 1] == f"high,{queue}"
        assert argv[argv.index("-c") + 1] == "3"


def test_sigterm_is_remapped_before_celery_is_imported():
    _, environment = worker.worker_command("ocr", 1)
    assert environment["REMAP_SIGTERM"] == "SIGQUIT"


def test_two_workers_of_a_queue_on_one_host_have_names_of_their_own():
    assert worker.node_name("ocr", "a") != worker.node_name("ocr", "b")


# A page's limit is shorter than the soft limit of its task.
pages = st.integers(min_value=1, max_value=539_000).map(lambda ms: timedelta(milliseconds=ms))


@given(
    page=pages, nightly=st.sampled_from(["off", "03:30"]), folder=words, dpi=st.integers(72, 600)
)
def test_a_child_process_loads_exactly_the_settings_of_its_starter(page, nightly, folder, dpi):
    chosen = Settings.model_validate(
        {
            "storage_dir": Path("/data") / folder.strip("/"),
            "nightly": nightly,
            "limits": {"page": page},
            "ocr": {"dpi": dpi},
            "fetching": {"allow_private": True},
        }
    )
    with tempfile.TemporaryDirectory() as empty:
        assert load(to_environment(chosen), folder=Path(empty)) == chosen


@given(value=words)
def test_what_a_running_cluster_writes_is_what_commands_read(value):
    with tempfile.TemporaryDirectory() as state:
        path = Path(state) / settings.RUNNING
        path.write_text(f"STORAGE_DIR={cluster._quoted(value)}\nREDIS_URL='redis://h/0'\n")
        found = settings._running(Path(state), meant=False).values
    assert found["storage_dir"][0] == value
    assert found["redis_url"][0] == "redis://h/0"


def test_the_users_own_settings_win_over_a_running_cluster(tmp_path):
    (tmp_path / "clerk-state").mkdir()
    (tmp_path / "clerk-state" / "env").write_text("REDIS_URL='redis://running/0'\n")
    assert load({}, folder=tmp_path).redis_url == "redis://running/0"
    assert load({}, folder=tmp_path, running=False).redis_url == Settings().redis_url
    (tmp_path / "config.yaml").write_text("redis_url: redis://mine/0\n")
    assert load({}, folder=tmp_path).redis_url == "redis://mine/0"


def test_a_state_folder_that_is_not_there_is_told_and_no_other_is_taken_for_it(tmp_path):
    (tmp_path / "clerk-state" / "sites").mkdir(parents=True)
    found = settings.read({"CLERK_STATE": "elsewhere"}, folder=tmp_path)
    assert found.settings.storage_dir == tmp_path / "elsewhere" / "sites"
    assert "elsewhere" in found.warnings[0]
    assert settings.read({}, folder=tmp_path).warnings == []


def test_a_command_stops_at_a_state_folder_that_is_not_there(tmp_path, forge):
    for words in ("status", "site list", "search hens", "enqueue town", "diagnose"):
        told = forge(*words.split(), env={"CLERK_STATE": "elsewhere"}, folder=tmp_path)
        assert (told.code, told.stdout) == (2, "")
        first, *remedies = told.stderr.splitlines()
        assert first == (
            f"clerk: CLERK_STATE names {tmp_path / 'elsewhere'}, and there is no such folder."
        )
        assert "clerk up" in remedies[0]


def test_a_state_folder_that_is_not_there_is_no_matter_to_who_knows_the_servers(tmp_path):
    servers = {"REDIS_URL": "redis://h/0", "DATABASE_URL": "postgresql://h/d"}
    assert load({"CLERK_STATE": "elsewhere", **servers}, folder=tmp_path)
    assert load({"CLERK_STATE": "elsewhere"}, folder=tmp_path, running=False)


@pytest.fixture
def part(tmp_path):
    log = tmp_path / "part.log"

    def launch():
        return processes.spawn(["/bin/sh", "-c", "echo no such mount"], env={}, log=log)

    found = Part("part", launch(), launch, log)
    found.child.wait(10)
    return found


def dies(part, *codes, after=1.0):
    """It is started, lives so many seconds, and ends with each of these codes."""
    for code in codes:
        part.refuse_futile(part.started + after, code)


def test_a_part_that_ends_at_once_again_and_again_is_given_up_with_the_end_of_its_log(part):
    dies(part, *[1] * (FUTILE - 1))
    with pytest.raises(DependencyDown, match=r"(?s)part .* ended with code 74.*no such mount"):
        dies(part, 74)


def test_a_part_that_crashes_at_its_start_is_given_up_too(part):
    with pytest.raises(DependencyDown, match="was killed by SIGILL"):
        dies(part, *[-signal.SIGILL] * FUTILE)


@pytest.mark.parametrize("told", [0, -signal.SIGKILL, -signal.SIGTERM])
def test_a_part_that_somebody_ends_is_started_for_ever(part, told):
    # A killed Postgres cannot be started before its sessions have left.
    dies(part, *[told, 1, 1] * 3 * FUTILE)


def test_a_part_that_worked_in_between_is_started_for_ever(part):
    for _ in range(3):
        dies(part, *[1] * (FUTILE - 1))
        dies(part, 1, after=EARLY + 1)
