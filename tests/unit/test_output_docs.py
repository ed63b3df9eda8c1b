"""docs/output.md tells of every table and column, and its SQL runs."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from clerk.stages.compile import compile_site
from tests.documents import document, generation, motion_carried

DOCS = (Path(__file__).parents[2] / "docs" / "output.md").read_text()
EXAMPLES = re.findall(r"```sql\n(.+?)```", DOCS, re.DOTALL)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("docs") / "meetings.db"
    whole = document(
        "affordable housing", extraction=motion_carried(), heading_date=date(2024, 7, 9)
    )
    compile_site(path, None, generation(), [whole], ())
    with closing(sqlite3.connect(path)) as db:
        yield db


def test_every_table_and_column_is_told(database: sqlite3.Connection) -> None:
    tables = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_fts\\_%'"
        " ESCAPE '\\'"
    ).fetchall()
    columns = {
        (table, column)
        for (table,) in tables
        for _, column, *_ in database.execute(f"PRAGMA table_info({table})")
    }

    untold = {name for pair in columns for name in pair if f"`{name}`" not in DOCS}
    assert untold == set()
    assert len(tables) == 17


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(database: sqlite3.Connection, example: str) -> None:
    rows = database.execute(example).fetchall()

    assert rows or "_clerk_missing" in example
