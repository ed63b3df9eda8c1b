"""Real worker processes on real servers.

`workers` is shared by the tests of one module; `celery_setup` (pytest-celery) is one test's own:
its broker and worker may be killed and restarted at will.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import celery
import pytest
from pytest_celery import CeleryBackendCluster, CeleryBrokerCluster, CeleryWorkerCluster

from clerk.adapters.embedded import start_valkey
from clerk.settings import Settings
from tests.nodes import BackendNode, BrokerNode, WorkerNode, Workers, client_app, start_worker
from tests.servers import Servers
from tests.shell import Shell
from tests.town import Town

FLOW_DB = 0
"""Redis databases 0 (messages) and 1 (results) belong to the module's workers."""


def pytest_collection_modifyitems(items):
    """Everything in this folder starts processes."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.flow)


@pytest.fixture(scope="module")
def workers(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Workers]:
    """One worker of two processes for all queues, with a fresh database, Redis and storage.

    A module's own `SETTINGS` (a tree as in config.yaml) go over those below; `STARTED = False` in a
    module means that its tests start the workers themselves.
    """
    for number in (FLOW_DB, FLOW_DB + 1):
        servers.flush(number)
    name = servers.new_database()
    folder = tmp_path_factory.mktemp("flow")
    more = getattr(request.module, "SETTINGS", {})
    settings = _settings(servers.redis_url(FLOW_DB), servers.database_url(name), folder, more)
    found = Workers(settings, client_app(settings), folder)
    if getattr(request.module, "STARTED", True):
        found.start()
    yield found
    found.teardown()
    servers.drop_database(name)


@pytest.fixture(scope="module")
def shell(workers: Workers) -> Iterator[Shell]:
    """Commands of clerk on the module's servers."""
    found = Shell(workers.env, workers.folder)
    yield found
    found.close()


@pytest.fixture
def town(workers: Workers, shell: Shell, tmp_path: Path) -> Town:
    """A site of the test's own that reads an empty folder."""
    return Town(workers, shell, tmp_path / "papers").add()


def _settings(
    redis_url: str, database_url: str, folder: Path, more: Mapping[str, object] | None = None
) -> Settings:
    return Settings.model_validate(
        {
            "redis_url": redis_url,
            "database_url": database_url,
            "storage_dir": folder / "sites",
            "publish_dir": folder / "public",
            "fetching": {"allow_private": True},
            **(more or {}),
        }
    )


# -- pytest-celery, backed by processes ------------------------------------------------------------


@pytest.fixture
def own_settings(tmp_path: Path, database_url: str) -> Iterator[tuple[Settings, BrokerNode]]:
    """A Valkey of the test's own and the settings that name it."""
    server = start_valkey(tmp_path / "valkey")
    yield _settings(server.url, database_url, tmp_path), BrokerNode(server, server.url)
    server.kill()


@pytest.fixture
def celery_broker_cluster(own_settings) -> CeleryBrokerCluster:
    return CeleryBrokerCluster(own_settings[1])


@pytest.fixture
def celery_backend_cluster(own_settings) -> CeleryBackendCluster:
    settings, broker = own_settings
    return CeleryBackendCluster(BackendNode(broker.server, settings.result_url))


@pytest.fixture
def celery_setup_app(own_settings) -> Iterator[celery.Celery]:
    app = client_app(own_settings[0])
    yield app
    app.close()


@pytest.fixture
def celery_worker(own_settings, celery_setup_app, tmp_path: Path) -> Iterator[WorkerNode]:
    node = start_worker(own_settings[0], tmp_path, app=celery_setup_app)
    yield node
    node.teardown()


@pytest.fixture
def celery_worker_cluster(celery_worker: WorkerNode) -> CeleryWorkerCluster:
    return CeleryWorkerCluster(celery_worker)
