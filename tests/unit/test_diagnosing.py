"""What a diagnosis makes of what servers say of themselves."""

import pytest

from clerk.diagnosing import _redis

GOOD = {
    "redis_version": "7.2.4",
    "aof_enabled": 1,
    "maxmemory": 1 << 30,
    "maxmemory_policy": "noeviction",
}


def test_a_server_that_keeps_everything_is_well():
    assert not list(_redis(GOOD))
    assert not list(_redis({}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"redis_version": "5.0.14"}, "5.0.14 is older than 6.2"),
        ({"aof_enabled": 0}, "appendonly is off"),
        ({"maxmemory_policy": "allkeys-lru"}, "maxmemory-policy allkeys-lru"),
    ],
)
def test_one_that_is_old_or_forgets_is_told(change, said):
    (found,) = _redis(GOOD | change)
    assert said in found.problem


def test_a_policy_without_a_limit_throws_nothing_away():
    assert not list(_redis(GOOD | {"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}))
