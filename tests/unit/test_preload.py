"""When the extractor's grammar is loaded: before the fork by workers that extract, else never."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from clerk import signals
from clerk.wiring import services
assert services().extractor.version
signals._load_ahead(services(), sys.argv[1:])
print("clerk.stages.motions" in sys.modules)
"""


@pytest.mark.parametrize(
    ("queues", "loaded"), [((), "False"), (("high", "ocr"), "False"), (("extraction",), "True")]
)
def test_only_a_worker_of_extraction_loads_the_grammar_and_none_by_asking_its_version(
    queues: tuple[str, ...], loaded: str
):
    argv = [sys.executable, "-c", LOADED, *queues]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == loaded
