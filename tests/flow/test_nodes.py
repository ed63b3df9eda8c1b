"""The test bench itself: nodes that are real processes can be killed, restarted and asked."""

import json

from pytest_celery import CeleryTestSetup

from tests.nodes import Workers, answering
from tests.servers import eventually


def _answers(setup: CeleryTestSetup) -> bool:
    return bool(answering(setup.app, [setup.worker.name()]))


def test_a_setup_of_processes_is_ready_without_docker(celery_setup: CeleryTestSetup):
    assert celery_setup.ready(ping=False, control=True, docker=True)
    assert len(celery_setup) == 3
    assert celery_setup.app.conf.broker_url == celery_setup.broker.config()["url"]


def test_a_worker_outlives_a_restart_of_its_broker(celery_setup: CeleryTestSetup):
    before = celery_setup.worker.child.pid
    celery_setup.broker.restart(force=True)
    assert celery_setup.worker.ready()
    assert celery_setup.worker.child.pid == before


def test_a_killed_worker_is_started_again_under_its_name(celery_setup: CeleryTestSetup):
    celery_setup.worker.kill()
    assert celery_setup.worker.child.poll() == -9
    assert eventually(lambda: not _answers(celery_setup))
    celery_setup.worker.restart(force=True)
    assert _answers(celery_setup)


def test_commands_and_workers_of_a_module_share_one_place(workers: Workers):
    answer = json.loads(workers.clerk("status", "--json").stdout)
    assert answer
    assert len(answering(workers.app)) == 1
