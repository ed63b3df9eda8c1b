"""`clerk worker QUEUE --burst`: drains its queue and ends, saying by its exit code how it went."""

import pytest

from tests import papers
from tests.nodes import Workers
from tests.shell import Shell
from tests.town import Town

STARTED = False
SETTINGS = {"retry": {"base": "100ms", "factor": 1}}

MINUTES = "City Council/2024-03-05 minutes.pdf"


def burst(workers: Workers, queue: str, *words: str) -> int:
    return workers.clerk("worker", queue, "-n", "1", "--burst", *words, check=False).returncode


@pytest.mark.timeout(600)  # four workers one after the other, each started anew
def test_one_burst_a_queue_takes_a_site_to_its_readers(town: Town, workers: Workers):
    town.put(MINUTES, papers.scanned("The council met and\nspoke of turnips."))
    town.enqueue()

    for queue in ("fetch", "ocr", "extraction", "deploy"):
        assert burst(workers, queue, "--fail-on-error") == 0

    assert town.status()["run"]["state"] == "done"
    assert town.texts() == ["The council met and\nspoke of turnips."]


def test_a_failed_job_shows_in_the_exit_code_if_asked(workers: Workers, shell: Shell, tmp_path):
    plain, strict = (Town(workers, shell, tmp_path / name).add() for name in ("a", "b"))
    for town, words, code in ((plain, (), 0), (strict, ("--fail-on-error",), 1)):
        town.put(MINUTES, b"%PDF-1.4 and no more")
        town.enqueue()
        assert burst(workers, "fetch", *words) == code
        assert town.status()["run"]["state"] == "failed"


@pytest.mark.parametrize("queue", ["fetch", "ocr", "extraction", "deploy"])
def test_no_workers_asked_for_is_no_error(shell: Shell, queue: str):
    assert "nothing to do" in shell("worker", queue, "-n", "0").stdout
