"""A site of a test's own on shared workers, and everything a user would look at."""

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine

from tests.nodes import Workers
from tests.shell import Shell

_numbers = itertools.count(1)
ANY = None
"""Any exit code is fine."""


@dataclass
class Town:
    """A folder (or web page) of PDFs and the site that reads it."""

    workers: Workers
    shell: Shell
    folder: Path
    source: str = ""
    fetcher: str = "folder"
    options: Sequence[str] = ()
    name: str = field(default_factory=lambda: f"town-{next(_numbers)}.example")

    def add(self) -> "Town":
        """Make the site known."""
        self.folder.mkdir(parents=True, exist_ok=True)
        source = self.source or str(self.folder)
        named = ["--name", f"The town {self.name}", "--fetcher", self.fetcher, "--source", source]
        options = [word for option in self.options for word in ("-o", option)]
        self.shell("site", "add", self.name, *named, *options)
        return self

    def put(self, path: str, pdf: bytes) -> None:
        """Put a file where the site's documents are; its folder names the body."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pdf)

    def read(self, *words: str) -> dict[str, Any]:
        """`clerk enqueue --wait`: the run as it ended."""
        run: dict[str, Any] = self.shell.json("enqueue", self.name, "--wait", *words, expect=ANY)
        return run

    def enqueue(self, *words: str) -> dict[str, Any]:
        """`clerk enqueue` without waiting."""
        run: dict[str, Any] = self.shell.json("enqueue", self.name, *words)
        return run

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.shell.json("status", "--subdomain", self.name)
        return status

    @property
    def generation(self) -> int:
        """Which generation readers see."""
        return int(self.status()["published"]["generation"])

    @property
    def published(self) -> Path:
        return self.workers.settings.published / self.name / "meetings.db"

    def query(self, statement: str, *values: object) -> list[Any]:
        """Rows of what readers see."""
        with sqlite3.connect(f"file:{self.published}?mode=ro", uri=True) as connection:
            return connection.execute(statement, values).fetchall()

    def listed(self) -> tuple[int, int] | None:
        """Documents and pages that sites.db tells of this site; None: it knows no such site."""
        index = self.workers.settings.published / "sites.db"
        with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
            statement = "SELECT documents, pages FROM sites WHERE subdomain = ?"
            row = connection.execute(statement, [self.name]).fetchone()
        return tuple(row) if row else None

    def texts(self, table: str = "minutes") -> list[str]:
        """The published text of every page, by date and number."""
        rows = self.query(f"SELECT text FROM {table} ORDER BY meeting, date, page, page_image")
        return [text for (text,) in rows]

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        """Postgres, for what no command shows."""
        engine = create_engine(self.workers.settings.database_url, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection
        engine.dispose()
