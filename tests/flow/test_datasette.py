"""Datasette itself, from PyPI, serves a compiled database and an index across sites."""

import asyncio
import json
from contextlib import nullcontext
from typing import Any

import pytest
from datasette.app import Datasette

from clerk.model import SiteRow
from clerk.stages.compile import compile_site
from clerk.stages.sites_index import update_sites_db
from tests.documents import AGENDA, NOON, document, generation, motion_carried, site

COUNCIL = document(
    "The budget <script>alert(1)</script> was carried.",
    "Nothing else.",
    name="minutes",
    extraction=motion_carried(),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    folder = tmp_path_factory.mktemp("served")
    agenda = document("The budget is on the agenda.", name="agenda", kind=AGENDA)
    report = compile_site(folder / "meetings.db", None, generation(), [COUNCIL, agenda], ())
    row = SiteRow(
        site=site(),
        pages=report.pages,
        documents=report.documents,
        generation=1,
        last_updated=NOON,
    )
    update_sites_db(folder / "sites.db", row, lock=nullcontext())
    return Datasette(files=[], immutables=[str(folder / "meetings.db"), str(folder / "sites.db")])


def get(served: Datasette, path: str) -> Any:
    """The answer for a path, which has to be 200."""
    answer = asyncio.run(served.client.get(path))
    assert answer.status_code == 200, (path, answer.text)
    return answer


ROW = f"/meetings/minutes/{COUNCIL.pages[0].id}"
TABLES = [
    *["minutes", "agendas", "documents", "meetings", "pages", "people", "appearances"],
    *["person_aliases", "mentions", "attendance", "motions", "votes", "vote_casts"],
    *["_clerk", "_clerk_missing"],
]


@pytest.mark.parametrize(
    "path",
    ["/", "/meetings", ROW, "/sites/sites", *(f"/meetings/{table}" for table in TABLES)],
)
def test_every_page_is_served(served: Datasette, path: str) -> None:
    assert "<html" in get(served, path).text


@pytest.mark.parametrize("table", ["minutes", "agendas"])
def test_search_is_discovered(served: Datasette, table: str) -> None:
    page = get(served, f"/meetings/{table}?_search=budget").text
    assert 'name="_search"' in page
    assert "<script>alert(1)" not in page

    answer = get(served, f"/meetings/{table}.json?_search=budget&_shape=array").json()
    assert [row["page"] for row in answer] == [1]
    assert "budget" in answer[0]["text"]
    assert json.loads(answer[0]["entities_json"]).keys() == {"persons", "orgs", "locations"}


def test_a_hostile_search_is_no_error(served: Datasette) -> None:
    get(served, "/meetings/minutes?_search=%22%28%20AND%20NOT")


def test_pages_sort_by_number_and_filter_by_date(served: Datasette) -> None:
    query = "_sort_desc=page&date__gte=2024-01-01&_shape=array"

    answer = get(served, f"/meetings/minutes.json?{query}").json()

    assert [row["page"] for row in answer] == [2, 1]


def test_facts_link_to_people_documents_and_pages(served: Datasette) -> None:
    motions = get(served, "/meetings/motions").text

    assert ">Ann Alder</a>" in motions
    assert f"/meetings/documents/{COUNCIL.id}" in motions
    assert f"/meetings/pages/{COUNCIL.pages[0].id}" in motions


def test_a_page_row_links_to_the_facts_found_on_it(served: Datasette) -> None:
    page = get(served, f"/meetings/pages/{COUNCIL.pages[0].id}").text

    for table in ("minutes", "mentions", "motions", "votes", "vote_casts", "attendance"):
        assert f"/meetings/{table}?" in page, table
