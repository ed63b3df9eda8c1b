"""What a worker's process has ready, or refuses, before it takes its first message."""

import os
import subprocess

from clerk import worker
from clerk.errors import InvalidInput
from clerk.settings import Settings, child_environment


def test_a_worker_without_its_extractor_does_not_start(redis_url, database_url, tmp_path):
    settings = Settings(
        redis_url=redis_url, database_url=database_url, storage_dir=tmp_path, extractor="ruels"
    )
    argv, more = worker.worker_command("extraction", 1)
    env = {**os.environ, **child_environment(settings), **more}

    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == InvalidInput.exit_code
    assert "did you mean rules?" in done.stderr
    assert "Traceback" not in done.stderr
