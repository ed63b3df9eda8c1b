"""From PDFs to Datasette: the published file as its readers open it."""

import asyncio
import sqlite3
from typing import Any

import pytest
from datasette.app import Datasette

from tests import papers
from tests.nodes import Workers
from tests.shell import Shell
from tests.town import Town

MINUTES_TEXT = """City Council minutes of the regular meeting.
Present: Mayor Ann Alder, Councilors Bo Birch and Cy Cedar.
Councilor Birch moved to approve the heron budget. Councilor Cedar seconded the motion.
The motion carried 3-0."""
SCANNED = "The council spoke of\nturnips at some length."


@pytest.fixture(scope="module")
def town(workers: Workers, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(workers, shell, tmp_path_factory.mktemp("end") / "papers").add()
    made.put(
        "City Council/2024-03-05 minutes.pdf",
        papers.born_digital(
            MINUTES_TEXT, "Next page, on which nothing more was decided by anybody."
        ),
    )
    made.put("City Council/2024-03-05 agenda.pdf", papers.scanned(SCANNED))
    assert made.read()["state"] == "done"
    return made


@pytest.fixture(scope="module")
def served(town: Town, workers: Workers) -> Datasette:
    index = workers.settings.published / "sites.db"
    return Datasette(files=[], immutables=[str(town.published), str(index)])


def get(served: Datasette, path: str) -> Any:
    answer = asyncio.run(served.client.get(path))
    assert answer.status_code == 200, (path, answer.text)
    return answer


def test_every_table_of_the_published_file_is_served(town: Town, served: Datasette):
    tables = [
        name
        for (name,) in town.query("SELECT name FROM sqlite_master WHERE type = 'table'")
        if "_fts" not in name
    ]
    assert {"minutes", "agendas", "documents", "motions"} <= set(tables)
    for table in tables:
        assert "<html" in get(served, f"/meetings/{table}").text


def test_a_page_is_found_and_its_row_is_served(served: Datasette):
    answer = get(served, "/meetings/agendas.json?_search=turnips&_shape=array").json()
    assert [row["text"] for row in answer] == [SCANNED]
    assert "turnips" in get(served, f"/meetings/agendas/{answer[0]['id']}").text
    assert "heron" in get(served, "/meetings/minutes?_search=heron").text


def test_the_motion_links_back_to_its_page(served: Datasette):
    rows = get(served, "/meetings/motions.json?_shape=array").json()
    assert len(rows) == 1
    assert "heron budget" in rows[0]["text"]


def test_the_index_across_sites_counts_the_pages(town: Town, served: Datasette):
    (row,) = get(served, "/sites/sites.json?_shape=array").json()
    assert (row["subdomain"], row["pages"], row["documents"]) == (town.name, 3, 2)


def test_clerk_search_finds_it_too(town: Town):
    (hit,) = town.shell.json("search", "turnips")
    assert (hit["site"], hit["kind"], hit["page"]) == (town.name, "agenda", 1)


def test_the_file_is_sound(town: Town):
    with sqlite3.connect(town.published) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
