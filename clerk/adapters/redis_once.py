"""A Redis client for questions that are worth one try: who asks knows what no answer means."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def connect(url: str, seconds: float) -> Redis:
    """Nothing is opened yet. Connecting and answering may take `seconds` each; no second try."""
    return Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
