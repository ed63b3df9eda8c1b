"""A large run takes no more of Redis and of its workers than its waves do."""

from pathlib import Path

import pytest

from tests import idle_engine
from tests.bench.cluster import cluster, town
from tests.bench.growth import MEMORY_TARGET, REDIS_TARGET, SETTINGS, fill, measure

PAGES = 3000
WAVES_MB = REDIS_TARGET / 4
"""MB over the empty Redis: a quarter of what the bench allows a run ten times as large."""


@pytest.mark.timeout(600)
def test_three_thousand_pages_stay_within_the_window_of_their_waves(tmp_path: Path):
    """What a page costs is measured by `python -m tests.bench.growth`, on a quiet machine."""
    env = idle_engine.installed(tmp_path / "plugin")
    fill(tmp_path / "large", PAGES)

    with cluster(SETTINGS, env) as (workers, shell):
        site = town(workers, shell, tmp_path / "large")
        row = measure(workers, site, PAGES)  # fails unless every page was read once

        assert site.query("SELECT count(*) FROM minutes") == [(PAGES,)]
        assert row.redis_mb <= WAVES_MB
        assert row.growth <= MEMORY_TARGET
