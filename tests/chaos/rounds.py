"""One round of chaos: a run of many pages while things are killed, then an exact account.

Everything is real: Valkey with its append-only file (behind a proxy whose line can be cut),
Postgres, supervised workers, the shipped visibility timeout. What is killed and when follows from
the seed; only the machine's own timing differs between two rounds of one seed.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from PIL import Image, ImageDraw, ImageFont
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from clerk import broker
from clerk.adapters import embedded, scratch
from clerk.cluster import Cluster
from clerk.files import alive
from clerk.settings import Settings, Waves, Workers
from tests.chaos.proxy import Proxy
from tests.servers import eventually

SITE = "chaos.test"
PAGES_PER_DOCUMENT = 50
DEADLINE = 240.0
"""Seconds a round may take in all before it counts as stuck."""
RECOVERY = 60.0
"""Seconds from the last kill to the end of the run."""


def draw_town(folder: Path, pages: int) -> None:
    """Image-only PDFs that together have `pages` small, quickly read pages."""
    folder.mkdir(parents=True)
    font = ImageFont.load_default(28)
    for document in range(-(-pages // PAGES_PER_DOCUMENT)):
        count = min(PAGES_PER_DOCUMENT, pages - document * PAGES_PER_DOCUMENT)
        images = []
        for number in range(1, count + 1):
            image = Image.new("L", (560, 160), 255)
            words = f"Minutes {document + 1} page {number}\nThe motion carried."
            ImageDraw.Draw(image).text((20, 30), words, fill=0, font=font)
            images.append(image)
        name = f"2024-01-{document + 1:02d} City Council minutes.pdf"
        images[0].save(folder / name, save_all=True, append_images=images[1:], resolution=200)


@dataclass
class Stage:
    """The cluster of one round and handles on its parts."""

    cluster: Cluster
    valkey: embedded.Server
    proxy: Proxy
    folder: Path

    def sql(self, statement: str, **values: object) -> list[tuple]:
        engine = create_engine(self.cluster.settings.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def clerk(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "clerk", *words],
            env=self.cluster.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def redis(self, database: int = 0) -> Redis:
        return Redis.from_url(self.valkey.url).from_url(
            self.valkey.url.rsplit("/", 1)[0] + f"/{database}"
        )

    def run_state(self) -> str:
        try:
            rows = self.sql("SELECT state FROM runs WHERE site = :site", site=SITE)
        except SQLAlchemyError:
            return "unknown"
        return rows[0][0] if rows else "none"


@contextmanager
def stage(folder: Path, pages: int) -> Iterator[Stage]:
    """A running cluster with the town drawn and its site added."""
    draw_town(folder / "town", pages)
    valkey = embedded.start_valkey(folder / "valkey")
    proxy = Proxy(valkey.port)
    settings = Settings(
        redis_url=valkey.url.replace(f":{valkey.port}", f":{proxy.port}"),
        workers=Workers(fetch=1, ocr=2, extraction=1, deploy=1),
        waves=Waves(smallest=20, largest=60, seconds=20),
    )
    cluster = Cluster(settings, folder / "state", say=lambda _line: None)
    try:
        with cluster:
            cluster.wait_ready(90)
            here = Stage(cluster, valkey, proxy, folder)
            source = str(folder / "town")
            here.clerk("site", "add", SITE, "--name", "Chaos", "--fetcher", "folder",
                       "--source", source)  # fmt: skip
            yield here
    finally:
        proxy.close()
        valkey.kill()


# -- what can be killed ---------------------------------------------------------------------------


def _children(here: Stage, part: str) -> list[psutil.Process]:
    pid = here.cluster.parts.get(part)
    if pid is None:
        return []
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children()
    return []


def _kill(process: psutil.Process, number: int = signal.SIGKILL) -> str:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
    return f"pid {process.pid}"


def ocr_child(here: Stage, chance: random.Random) -> str:
    found = _children(here, "ocr")
    return _kill(chance.choice(found)) if found else "nobody there"


def pdf_child(here: Stage, chance: random.Random) -> str:
    found = []
    for worker in (*_children(here, "ocr"), *_children(here, "fetch")):
        with suppress(psutil.NoSuchProcess):
            found += worker.children()
    return _kill(chance.choice(found)) if found else "nobody there"


def worker(here: Stage, chance: random.Random) -> str:
    name = chance.choice(("ocr", "ocr", "fetch", "extraction", "deploy"))
    pid = here.cluster.parts.get(name)
    return f"{name} {_kill(psutil.Process(pid))}" if pid else f"{name} is away"


def stop_worker(here: Stage, chance: random.Random) -> str:
    name = chance.choice(("ocr", "fetch", "extraction"))
    pid = here.cluster.parts.get(name)
    return f"{name} {_kill(psutil.Process(pid), signal.SIGTERM)}" if pid else f"{name} is away"


def valkey(here: Stage, _chance: random.Random) -> str:
    here.valkey.kill()
    here.valkey.restart()
    return f"port {here.valkey.port}"


def postgres(here: Stage, _chance: random.Random) -> str:
    pid = here.cluster.parts.get("postgres")
    return _kill(psutil.Process(pid)) if pid else "away"


def network(here: Stage, _chance: random.Random) -> str:
    here.proxy.cut(3.0)
    return "3 s"


KILLS: dict[str, Callable[[Stage, random.Random], str]] = {
    "ocr child": ocr_child,
    "pdf child": pdf_child,
    "worker": worker,
    "SIGTERM": stop_worker,
    "valkey": valkey,
    "postgres": postgres,
    "network": network,
}


# -- a round --------------------------------------------------------------------------------------


@dataclass
class Report:
    """What one round did and what was wrong afterwards."""

    seed: int
    pages: int
    kills: list[str] = field(default_factory=list)
    seconds: float = 0.0
    recovery: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def row(self) -> str:
        verdict = "ok" if not self.wrong else "WRONG: " + "; ".join(self.wrong)
        kills = ", ".join(self.kills)
        return (
            f"{self.seed:>6}  {self.seconds:6.1f} s  {self.recovery:5.1f} s after the last kill  "
            f"{verdict}  [{kills}]"
        )


def play(
    folder: Path, seed: int, *, pages: int = 200, kills: int = 5, recovery: float = RECOVERY
) -> Report:
    """Run one round in `folder`; it has `recovery` seconds from its last kill to its end."""
    chance = random.Random(seed)
    report = Report(seed, pages)
    plan = [(chance.uniform(0.3, 4.0), chance.choice(list(KILLS))) for _ in range(kills)]
    with stage(folder, pages) as here:
        os.environ.pop("CLERK_CHAOS", None)
        began = time.monotonic()
        here.clerk("enqueue", SITE)
        for pause, name in plan:
            time.sleep(pause)
            if here.run_state() in ("done", "partial", "failed"):
                break
            report.kills.append(f"{name} ({KILLS[name](here, chance)})")
        last = time.monotonic()
        ended = eventually(
            lambda: here.run_state() in ("done", "partial", "failed", "cancelled"), DEADLINE
        )
        report.seconds = time.monotonic() - began
        report.recovery = time.monotonic() - last
        if not ended:
            report.wrong.append(f"stuck: {here.run_state()}")
            _explain(here, report)
            return report
        if report.recovery > recovery:
            report.wrong.append(f"{report.recovery:.0f} s to recover")
        account(here, report)
        family = [p for pid in here.cluster.parts.values() for p in _family(pid)]
    left = [process for process in family if process.is_running() and _runs(process)]
    if left:
        report.wrong.append(f"processes left: {left}")
    return report


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def account(here: Stage, report: Report) -> None:
    """Compare ledger, database and broker with what exactly-once effects would leave."""
    pages = report.pages
    wrong = report.wrong

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            wrong.append(f"{what}: {found}, expected {wanted}")

    ((state, reason),) = here.sql("SELECT state, reason FROM runs")
    expect("run", state, "done")
    if reason:
        wrong.append(f"reason: {reason}")
    expect("pages read once", here.sql(
        "SELECT count(*), min(answers), max(answers) FROM pages WHERE state = 'read'"
    ), [(pages, 1, 1)])  # fmt: skip
    expect("items", here.sql(
        "SELECT state, count(*) FROM items WHERE stage = 'ocr' GROUP BY state"
    ), [("answered", pages)])  # fmt: skip
    expect("leases", here.sql("SELECT count(*) FROM items WHERE state = 'working'"), [(0,)])
    expect("progress", here.sql(
        "SELECT total, completed, failed FROM site_progress WHERE stage = 'ocr'"
    ), [(pages, pages, 0)])  # fmt: skip
    expect("waves", here.sql("""
        SELECT count(*) FROM waves w WHERE closed_at IS NULL OR failed > 0 OR answered <> size
            OR size <> (SELECT count(*) FROM items i
                WHERE i.run = w.run AND i.stage = w.stage AND i.wave = w.number)
    """), [(0,)])  # fmt: skip
    expect("full generations", here.sql(
        "SELECT count(*) FROM generations WHERE kind = 'full' AND state = 'published'"
    ), [(1,)])  # fmt: skip
    expect("dead letters", here.sql("SELECT count(*) FROM dead_letters"), [(0,)])
    _account_for_the_file(here, report)
    _account_for_the_broker(here, report)


def _account_for_the_file(here: Stage, report: Report) -> None:
    path = here.cluster.settings.published / SITE / "meetings.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        found = db.execute(
            "SELECT count(*), count(DISTINCT id), count(DISTINCT date || '/' || page) FROM minutes"
        ).fetchone()
    if found != (report.pages,) * 3:
        report.wrong.append(f"meetings.db: {found}")


def _account_for_the_broker(here: Stage, report: Report) -> None:
    """Nothing waits, nothing is in anybody's hands, no result is left; scratch is swept."""

    def leftovers() -> dict[str, object]:
        try:
            messages, results = here.redis(0), here.redis(1)
            found: dict[str, object] = {
                "unacked": messages.hlen("unacked"),
                "waiting": sum(broker.depth(messages, queue) for queue in broker_queues()),
                "results": sorted(key.decode() for key in results.keys("*"))[:5],
            }
        except RedisError as error:
            return {"redis": str(error)}
        found["scratch"] = [path.name for path in scratch.root().iterdir() if not _lives(path.name)]
        return {name: value for name, value in found.items() if value}

    if not eventually(lambda: not leftovers(), 75):
        report.wrong.append(f"left over: {json.dumps(leftovers(), default=str)[:400]}")


def broker_queues() -> tuple[str, ...]:
    return ("high", "fetch", "ocr", "extraction", "deploy")


def _lives(name: str) -> bool:
    return alive(int(name.split("-", 1)[0]))


def _explain(here: Stage, report: Report) -> None:
    with suppress(SQLAlchemyError, RedisError):
        report.wrong.append(str(here.sql(
            "SELECT stage, state, count(*), max(attempts), max(losses) FROM items GROUP BY 1, 2"
        )))  # fmt: skip
        report.wrong.append(str(here.sql(
            "SELECT stage, number, size, answered, closed_at IS NOT NULL FROM waves"
        )))  # fmt: skip
        client = here.redis(0)
        report.wrong.append(str({q: broker.depth(client, q) for q in broker_queues()}))
