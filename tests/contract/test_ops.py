"""What operators start from holds: Compose file, image, CI script, hooks.

The real Compose and hadolint binaries judge the files. Health checks: tests/flow/test_installed.py.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis
import yaml
from redis.backoff import NoBackoff
from redis.retry import Retry

from clerk import worker
from clerk.adapters import embedded
from tests.servers import eventually

TOP = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
SECRETS = {
    "POSTGRES_PASSWORD": "pg-secret",
    "REDIS_PASSWORD": "redis-secret",
    "FLOWER_BASIC_AUTH": "me:flower-secret",
}


def _compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "docker-compose", "--file", TOP / "docker-compose.yml", *arguments],
        env={"PATH": os.defpath, "HOME": str(TOP), **environment},
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def compose():
    """The file as Compose understands it."""
    answer = _compose("config", "--format", "json", **SECRETS)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def test_compose_accepts_the_file_without_a_word():
    answer = _compose("config", "-q", **SECRETS)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("missing", SECRETS)
def test_a_secret_that_is_not_set_stops_compose_and_is_named(missing):
    answer = _compose("config", "-q", **{k: v for k, v in SECRETS.items() if k != missing})
    assert answer.returncode != 0
    assert f"set {missing} to " in answer.stderr


def test_no_secret_is_written_down():
    text = (TOP / "docker-compose.yml").read_text() + (TOP / "ops/docker/Dockerfile").read_text()
    other = {name: f"{value}-two" for name, value in SECRETS.items()}
    one, two = (_compose("config", **values).stdout for values in (SECRETS, other))
    for name, value in SECRETS.items():
        assert value not in text
        assert other[name] in two
        assert value in one


def test_every_queue_has_workers_that_can_be_scaled(services):
    for queue in worker.QUEUES:
        service = services[f"worker-{queue}"]
        assert service["command"][:2] == ["worker", queue]
        assert "container_name" not in service
        assert "ports" not in service
        assert service["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
        assert service["stop_grace_period"] == "45s"


def test_settings_of_a_file_reach_the_workers_but_for_those_that_compose_needs(tmp_path):
    (tmp_path / "clerk.env").write_text("PAGE_IMAGES=off\nSTORAGE_DIR=/elsewhere\n")
    beside = ("--project-directory", str(tmp_path))
    answer = _compose(*beside, "config", "--format", "json", **SECRETS)
    environment = json.loads(answer.stdout)["services"]["worker-ocr"]["environment"]
    assert environment["PAGE_IMAGES"] == "off"
    assert environment["STORAGE_DIR"].startswith("/var/lib/clerk/")


def test_all_workers_share_their_files(services):
    shared = {json.dumps(services[f"worker-{queue}"]["volumes"]) for queue in worker.QUEUES}
    assert len(shared) == 1
    (volume,) = json.loads(shared.pop())
    for queue in worker.QUEUES:
        environment = services[f"worker-{queue}"]["environment"]
        for name in ("STORAGE_DIR", "PUBLISH_DIR"):
            assert environment[name].startswith(volume["target"] + "/")


def test_nothing_works_before_migrations_ran(services):
    for name in [f"worker-{queue}" for queue in worker.QUEUES] + ["beat", "flower"]:
        wanted = services[name]["depends_on"]["migrate"]["condition"]
        assert wanted == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"


def test_only_flower_can_be_reached_and_only_from_this_machine(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["flower"]
    assert [port["host_ip"] for port in published["flower"]] == ["127.0.0.1"]
    assert services["flower"]["environment"]["FLOWER_BASIC_AUTH"] == SECRETS["FLOWER_BASIC_AUTH"]


def test_every_lasting_service_says_whether_it_is_well(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == {
        "migrate"
    }


def test_every_command_of_the_compose_file_is_understood(services):
    for name in ("migrate", *(f"worker-{queue}" for queue in worker.QUEUES)):
        argv = [sys.executable, "-m", "clerk", *services[name]["command"], "--help"]
        answer = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr


# -- against a real server ------------------------------------------------------------------------


def test_a_real_server_takes_the_redis_configuration(compose, tmp_path):
    config = compose["configs"]["redis"]["content"].replace("dir /data", f"dir {tmp_path}")
    (tmp_path / "redis.conf").write_text(config)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [embedded.valkey_binary(), str(tmp_path / "redis.conf"), "--port", str(port)]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    stubborn = {"host": "127.0.0.1", "port": port, "retry": Retry(NoBackoff(), 0)}
    client = redis.Redis(**stubborn, decode_responses=True, password=SECRETS["REDIS_PASSWORD"])
    try:
        assert eventually(lambda: _answers(client), 10)
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with redis.Redis(**stubborn) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        client.close()
        child.terminate()
        child.communicate()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.parametrize("query", ["", "?db=3"])
def test_messages_and_results_go_through_a_unix_socket(query):
    number = int(query.rpartition("=")[2] or 0)
    # Not pytest's folder: the path of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="clerk-") as place:
        socket_path = f"{place}/s"
        argv = [embedded.valkey_binary(), "--port", "0", "--unixsocket", socket_path]
        child = subprocess.Popen([*argv, "--dir", place, "--save", ""], stdout=subprocess.DEVNULL)
        try:
            assert eventually(lambda: Path(socket_path).exists(), 10)
            program = (
                "from clerk.celery import app\n"
                "app.connection_for_write().default_channel.client.set('message', 1)\n"
                "app.backend.client.set('result', 1)\n"
            )
            environment = {**os.environ, "REDIS_URL": f"unix://{socket_path}{query}"}
            subprocess.run([sys.executable, "-c", program], env=environment, check=True)
            for key, database in (("message", number), ("result", number + 1)):
                assert redis.Redis(unix_socket_path=socket_path, db=database).exists(key)
        finally:
            child.terminate()
            child.wait()


# -- image, CI, hooks ------------------------------------------------------------------------------


def test_hadolint_finds_nothing():
    answer = subprocess.run(
        [BIN / "hadolint", TOP / "ops/docker/Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (0, "")


def test_the_final_image_runs_as_nobody_special_and_builds_nothing():
    text = (TOP / "ops/docker/Dockerfile").read_text()
    _, _, final = text.partition("AS runtime")
    steps = [line.split()[0] for line in final.splitlines() if line[:1].isupper()]
    users = [line for line in final.splitlines() if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    assert steps.index("USER") > steps.index("COPY")
    assert "COPY --from=build" in final
    assert "pip" not in final
    assert "apt-get" not in final


def test_the_builder_is_sent_exactly_what_the_wheel_needs():
    lines = (TOP / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {line[1:] for line in rules if line.startswith("!")}
    copied = {
        word.removeprefix("./")
        for line in (TOP / "ops/docker/Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert sent == copied
    assert all((TOP / name).exists() for name in copied)


def test_ci_runs_checks_and_tests_and_stops_at_the_first_failure(tmp_path):
    script = TOP / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    calls = _pretend_make(tmp_path, closing="== 3 passed in 0.1s ==", code=0)
    assert calls == (["check", "test"], "== 3 passed in 0.1s ==", 0)


def test_ci_says_what_failed_and_fails(tmp_path):
    calls = _pretend_make(tmp_path, closing="== 1 failed, 2 passed in 0.1s ==", code=2)
    assert calls == (["check", "test"], "== 1 failed, 2 passed in 0.1s ==", 2)


def _pretend_make(folder: Path, *, closing: str, code: int) -> tuple[list[str], str, int]:
    """Run the script with a `make` that notes its targets; its tests end as told."""
    calls = folder / "calls"
    make = folder / "make"
    make.write_text(
        f"#!/bin/sh\necho $1 >> {calls}\n[ $1 = test ] || exit 0\necho '{closing}'\nexit {code}\n"
    )
    make.chmod(0o755)
    path = os.pathsep.join([str(folder), str(BIN), os.environ["PATH"]])
    answer = subprocess.run(
        [TOP / ".ci" / "run"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return calls.read_text().split(), answer.stdout.splitlines()[-1], answer.returncode


def test_hooks_are_valid_and_need_nothing_from_the_network():
    config = TOP / ".pre-commit-config.yaml"
    argv = [BIN / "pre-commit", "validate-config", config]
    assert subprocess.run(argv, check=False, capture_output=True).returncode == 0
    repos = yaml.safe_load(config.read_text())["repos"]
    assert {repo["repo"] for repo in repos} == {"local"}
    hooks = [hook for repo in repos for hook in repo["hooks"]]
    assert all((BIN / Path(hook["entry"].split()[0]).name).exists() for hook in hooks)
