"""What the tests of fetchers share."""

from collections.abc import Iterator

import pytest

from clerk.adapters.http import HttpClient


@pytest.fixture
def http() -> Iterator[HttpClient]:
    """A client that may read this machine, and takes no document larger than 20 kB."""
    client = HttpClient(allow_private=True, timeout=5, document_bytes=20_000)
    yield client
    client.close()
