"""`make demo`: a fictional town, from its website to a searched database, on a real cluster.

Builds the town once, serves it, starts the same cluster as `clerk up`, and types the commands that
a person would. Every outcome is checked against the truth that the town was made from; a second
demo finds nothing to do and says so. KEEP=1 leaves everything running until Ctrl-C.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from clerk.cluster import Cluster
from clerk.demo.pdfs import build_town
from clerk.demo.town import CORRUPT, REVISED, DocumentName, Town, document_path
from clerk.demo.website import Website, serve
from clerk.errors import ClerkError
from clerk.settings import Fetching, Settings

STATE = Path("demo-state")
SEARCHES = ("backyard hens", "knotweed", "swing bridge")
"""From scans, from two columns, from the revised agenda alone; the town's own record says where."""
DONE, PARTIAL = 0, 3


class DemoError(Exception):
    """Something did not come out as the town's own record says."""


@dataclass(frozen=True)
class Stage:
    """The running cluster and website, and how commands are typed into it."""

    town: Town
    website: Website
    cluster: Cluster

    def run(self, *words: str, capture: bool = False, expect: Sequence[int] = (DONE,)) -> str:
        """Show and run `clerk WORDS`; answers its output if `capture`. Raises DemoError."""
        click.secho(f"\n$ clerk {shlex.join(words)}", bold=True)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "clerk", *words],
            env=self.cluster.env,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if done.returncode not in expect:
            raise DemoError(f"clerk {shlex.join(words)} ended with exit code {done.returncode}")
        return done.stdout or ""

    def ask(self, *words: str) -> Any:
        """Run a command with --json, show nothing, and parse its answer."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "clerk", *words, "--json"],
            env=self.cluster.env,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)


def main() -> int:
    """The whole show; answers the exit code."""
    say("Building the fictional town of Alder Ferry …")
    STATE.mkdir(exist_ok=True)
    town = build_town(STATE / "town")
    say(f"{len(town.meetings)} meetings of a year, in {STATE / 'town'}.")
    try:
        with serve(STATE / "town") as website, Cluster(_settings(), STATE, say=say) as cluster:
            say("Waiting for the workers …")
            cluster.wait_ready()
            _play(Stage(town, website, cluster))
    except (ClerkError, DemoError) as error:
        click.secho(f"demo: {error}", fg="red", err=True)
        return 1
    except KeyboardInterrupt:
        say("\nStopped. What was read is kept; `make demo` goes on from there.")
        return 130
    return 0


def _settings() -> Settings:
    # The town's website is on the loopback address, which clerk refuses elsewhere.
    return Settings(fetching=Fetching(allow_private=True), log_level="warning")


def _play(stage: Stage) -> None:
    town = stage.town.subdomain
    if town not in [site["subdomain"] for site in stage.ask("site", "list")]:
        _introduce(stage)
    before = stage.ask("status", "--site", town)["published"]["generation"]
    stage.run("enqueue", town, "--wait", expect=(DONE, PARTIAL))
    if not stage.website.revised:
        say("\nThe town revises an agenda behind its old URL; only that one is read again.")
        stage.website.revise()
        stage.run("enqueue", town, "--wait")
    stage.run("status", "--subdomain", town)
    report = stage.ask("status", "--site", town)
    _check_missing(report)
    for phrase in SEARCHES:
        _search(stage, phrase)
    _summary(stage, report, before)
    if os.environ.get("KEEP"):
        _keep(stage)


def _introduce(stage: Stage) -> None:
    stage.run(
        "site",
        "add",
        stage.town.subdomain,
        "--name",
        f"Town of {stage.town.name}",
        "--state",
        "OR",
        "--kind",
        "town",
        "--fetcher",
        "listing",
        "--source",
        stage.website.url,
    )


def _check_missing(report: dict[str, Any]) -> None:
    """Exactly the damaged file is missing, and it says why."""
    missing = report["missing"]
    damaged = document_path(CORRUPT)
    if len(missing) != 1 or not missing[0]["url"].endswith(damaged):
        raise DemoError(f"expected only {damaged} to be missing, not {missing}")
    say(f"\nOne document could not be read: {damaged} ({missing[0]['reason']}).")


def _search(stage: Stage, phrase: str) -> None:
    """Show a few hits, then compare all of them with the town's own record."""
    quoted = f'"{phrase}"'
    stage.run("search", quoted, "--limit", "3")
    hits = stage.ask("search", quoted, "--limit", "1000")
    found = {(hit["body"], hit["date"], hit["kind"]) for hit in hits}
    wanted = {(body, str(day), str(kind)) for body, day, kind in _holding(stage.town, phrase)}
    if not wanted or found != wanted:
        raise DemoError(f"{phrase!r}: found in {sorted(found)}, but it is in {sorted(wanted)}")
    say(f"Pages: {len(hits)}, from exactly the {len(wanted)} document(s) that hold the phrase.")


def _holding(town: Town, phrase: str) -> list[DocumentName]:
    """The documents that hold a phrase, the revision counted as published."""
    revised = any(phrase in block.text.casefold() for block in town.revised_agenda)
    before = [name for name in town.mentioning(phrase) if name != REVISED]
    return [*before, REVISED] if revised else before


def _summary(stage: Stage, report: dict[str, Any], before: int) -> None:
    published = stage.cluster.settings.published / stage.town.subdomain / "meetings.db"
    if report["published"]["generation"] == before:
        say("\nNothing to do: no document has changed since the last demo.")
    say(f"\nThe database: {published}")
    say(f"Look at it:   pip install datasette && datasette {published}")
    say("Again:        make demo   (finds nothing to do)")
    say("From scratch: rm -r demo-state && make demo")


def _keep(stage: Stage) -> None:
    say(f"\nStill running: the town's website at {stage.website.url}, the cluster in {STATE}.")
    say(f"In another terminal: CLERK_STATE={STATE.absolute()} .venv/bin/clerk status")
    say("Ctrl-C stops everything.")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        while not ended.wait(0.5) and not stage.cluster.stopping:
            pass
    except KeyboardInterrupt:
        say("")


def say(line: str) -> None:
    """One line for the person who watches."""
    click.echo(line)


if __name__ == "__main__":
    sys.exit(main())
