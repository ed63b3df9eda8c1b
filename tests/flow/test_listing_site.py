"""A page of links on a web server, read by real workers."""

import pytest

from tests import papers
from tests.nodes import Workers
from tests.shell import Shell
from tests.town import Town
from tests.webserver import Reply, WebServer, html

HERON = "The heron by the bridge was counted twice this year."
PLOVER = "The plover was seen by nobody, and the council thanked it."


@pytest.fixture
def town(workers: Workers, shell: Shell, web: WebServer, tmp_path) -> Town:
    """A site that reads the web server's front page."""
    return Town(workers, shell, tmp_path, source=web.url("/"), fetcher="listing").add()


def publish(web: WebServer, **documents: Reply) -> None:
    """Serve documents, named like `minutes_2024_03_05`, and a page that lists them."""
    links = []
    for name, reply in documents.items():
        kind, _, day = name.partition("_")
        day = day.replace("_", "-")
        web.put(f"/{name}.pdf", reply)
        links.append(f'<li>{day} City Council <a href="/{name}.pdf">{kind}</a></li>')
    web.put("/", html(f"<ul>{''.join(links)}</ul>"))


def pdf(words: str, etag: str | None = None) -> Reply:
    return Reply(body=papers.born_digital(words), etag=etag)


def test_what_a_page_lists_is_fetched_read_and_published(town: Town, web: WebServer):
    publish(web, minutes_2024_03_05=pdf(HERON), agenda_2024_03_05=pdf(PLOVER))

    assert town.read()["state"] == "done"

    assert town.query("SELECT meeting, date, text FROM minutes") == [
        ("City Council", "2024-03-05", HERON)
    ]
    assert town.texts("agendas") == [PLOVER]


def test_meetings_whose_links_are_called_the_same_keep_their_votes(town: Town, web: WebServer):
    """Only addresses tell them apart, and one of them says `final`."""
    vote = "Moved by Alder, seconded by Birch to approve the {}. Motion carried 2-1"
    links = []
    for name, matter in (("0305-5pm-final", "budget"), ("0305-7pm", "ferry")):
        web.put(f"/{name}.pdf", pdf(f"MINUTES\n{vote.format(matter)}"))
        links.append(f'<li>2024-03-05 City Council <a href="/{name}.pdf">Minutes</a></li>')
    web.put("/", html(f"<ul>{''.join(links)}</ul>"))

    town.read()

    assert town.query("SELECT count(DISTINCT meeting_id), count(superseded_by) FROM documents") == [
        (2, 0)
    ]
    assert town.query("SELECT count(*) FROM votes") == [(2,)]


def test_documents_with_an_etag_are_asked_for_and_not_sent_again(town: Town, web: WebServer):
    publish(web, minutes_2024_03_05=pdf(HERON, '"one"'))
    town.read()
    web.requests.clear()

    run = town.read()

    assert run["reason"] == "nothing new"
    (headers,) = [headers for path, headers in web.requests if path.endswith(".pdf")]
    assert headers["If-None-Match"] == '"one"'


def test_documents_without_validators_are_compared_by_their_bytes(town: Town, web: WebServer):
    publish(web, minutes_2024_03_05=pdf(HERON))
    town.read()
    generation = town.generation

    assert town.read()["reason"] == "nothing new"
    assert town.generation == generation


def test_a_new_etag_brings_the_revised_text(town: Town, web: WebServer):
    publish(web, minutes_2024_03_05=pdf(HERON, '"one"'))
    town.read()
    publish(web, minutes_2024_03_05=pdf(PLOVER, '"two"'))

    assert town.read()["report"]["documents"]["changed"] == 1
    assert town.texts() == [PLOVER]


def test_nothing_vanishes_with_a_page_of_the_listing_that_cannot_be_read(
    town: Town, web: WebServer
):
    link = '<li>{0} City Council <a href="/{0}.pdf">minutes</a></li>'
    web.put("/2024-03-05.pdf", pdf(HERON))
    web.put("/2024-04-05.pdf", pdf(PLOVER))
    web.put("/", html(f'{link.format("2024-03-05")}<a class="n" href="/more">more</a>'))
    web.put("/more", html(link.format("2024-04-05")))
    town.shell("site", "edit", town.name, "-o", "next=a.n")
    assert town.read()["report"]["documents"]["new"] == 2

    web.put("/more", Reply(status=404))
    partly = town.read()
    unseen = town.status()["vanished"]
    web.put("/", html(link.format("2024-03-05")))
    wholly = town.read()

    assert (partly["report"]["documents"]["vanished"], unseen) == (0, [])
    assert wholly["report"]["documents"]["vanished"] == 1
    assert wholly["reason"].startswith(
        "its published database told as missing what no longer is, and is built anew; "
        "1 document is no longer listed at the source"
    )


def test_a_document_that_is_gone_or_no_pdf_is_reported(town: Town, web: WebServer):
    publish(
        web,
        minutes_2024_03_05=pdf(HERON),
        minutes_2024_04_05=Reply(status=404),
        minutes_2024_05_05=Reply(body=b"<html>please log in</html>"),
    )

    run = town.read()

    assert (run["state"], run["reason"]) == ("partial", "2 documents could not be read")
    assert sorted(gap["reason"] for gap in town.status()["missing"]) == ["http 404", "not a pdf"]
    assert town.texts() == [HERON]
