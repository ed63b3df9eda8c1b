"""Purges at random moments: no late write, no hanging run, no other site touched.

Three rounds here; `make purges` runs twenty (PURGE_ROUNDS). Each round's moment follows from its
number alone, so a round that failed can be run again.
"""

import os
import random
import time
from pathlib import Path

from sqlalchemy import text

from tests import papers
from tests.nodes import Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town

ROUNDS = int(os.environ.get("PURGE_ROUNDS", "3"))
SETTINGS = {"waves": {"smallest": 4, "largest": 4}}

WRITTEN = text("""
    SELECT
        (SELECT count(*) FROM items WHERE run = :run AND state IN ('answered', 'failed')),
        (SELECT count(*) FROM pages p JOIN documents d ON d.id = p.document
         WHERE d.site = :site AND p.state = 'read'),
        (SELECT count(*) FROM documents WHERE site = :site),
        (SELECT count(*) FROM generations WHERE site = :site AND state = 'built'),
        (SELECT published_generation FROM sites WHERE subdomain = :site)
""")


def written(town: Town, run: str) -> tuple:
    with town.rows() as connection:
        return tuple(connection.execute(WRITTEN, {"run": run, "site": town.name}).one())


def filled(workers: Workers, shell: Shell, folder: Path) -> Town:
    town = Town(workers, shell, folder).add()
    for number in range(3):
        said = [f"Page {number}.{page}\nwas read." for page in range(3)]
        town.put(f"Board/2023-01-{number + 1:02} minutes.pdf", papers.scanned(*said))
    town.put("Board/2023-02-01 minutes.pdf", papers.born_digital("Of bridges and wells."))
    return town


def test_purges_at_random_moments(workers: Workers, shell: Shell, tmp_path: Path):
    others = []
    ended = {}
    for number in range(ROUNDS):
        town = filled(workers, shell, tmp_path / f"town {number}")
        if number % 5 == 0:
            other = filled(workers, shell, tmp_path / f"other {number}")
            other.enqueue()
            others.append(other)
        run = town.enqueue()["id"]
        time.sleep(random.Random(number).uniform(0, 3))

        town.shell("purge", town.name, "--yes")

        ended[run] = (town, written(town, run))
        assert town.status()["run"]["state"] in ("cancelled", "done"), number
    for other in others:
        assert eventually(lambda: other.status()["run"]["state"] == "done", 90), other.status()  # noqa: B023
        assert len(other.texts()) == 10
    for run, (town, before) in ended.items():
        assert written(town, run) == before
