"""Waits that a source asks for, too long for a worker's memory: Postgres keeps them."""

from sqlalchemy import text

from clerk import broker
from tests.nodes import Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town
from tests.webserver import Reply, WebServer, html

SETTINGS = {"fetching": {"allow_private": True}, "retry": {"base": "1s"}}
NAME = "/2024-03-05-minutes.pdf"


def test_a_source_is_left_alone_for_as_long_as_it_asks_and_no_message_held(
    workers: Workers, shell: Shell
):
    with WebServer() as web:
        web.put(NAME, Reply(status=503, headers={"Retry-After": "300"}))
        web.put("/", html(f'<li><a href="{NAME}">2024-03-05 Minutes</a></li>'))
        town = Town(workers, shell, workers.folder / "unused", web.url("/"), "listing").add()

        town.enqueue()

        assert eventually(lambda: deferred(town) == [(1, "waiting", True)], 20)
    assert eventually(lambda: not held(workers))


def deferred(town: Town) -> list[tuple[object, ...]]:
    with town.rows() as connection:
        rows = connection.execute(
            text("""
                SELECT i.attempts, i.state, i.not_before > now() + interval '4 minutes'
                FROM items i JOIN runs r ON r.id = i.run
                WHERE r.site = :site AND i.stage = 'fetch'
            """),
            {"site": town.name},
        )
        return [tuple(row) for row in rows]


def held(workers: Workers) -> list[str]:
    """Fetch messages in anybody's hands or waiting."""
    with workers.app.connection_for_read() as connection:
        client = connection.default_channel.client
        found = [*broker.unacked(client), *broker.waiting(client, "fetch")]
    return [message.task for message in found if message.task == "clerk.fetch_document"]
