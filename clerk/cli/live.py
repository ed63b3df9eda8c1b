"""Live progress: a bar for each stage of each run in flight, with an estimate of the time left."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from clerk import halts, text
from clerk.model import Stage
from clerk.store import runs
from clerk.store.runs import Run
from clerk.wiring import Services

INTERVAL = 0.5
"""Seconds between two looks at Postgres."""


class Bars:
    """The bars of some runs."""

    def __init__(self, at: Services, progress: Progress) -> None:
        """Bars appear as stages begin."""
        self.at = at
        self.progress = progress
        self.bars: dict[tuple[str, str], TaskID] = {}
        self.halted = halts.NONE
        self.reasons: dict[str, str] = {}

    def explain(self) -> None:
        """Say above the bars why they stand still, and that they go on; each once."""
        before, self.halted = self.halted, halts.read(self.at, self.halted)
        if self.halted != before:
            self._say("\n".join(self.halted.lines()) or "Nothing is stopped or paused any more.")

    def tell(self, shown: Sequence[Run]) -> None:
        """Say above the bars what a run in flight waits for; each time that it is another thing."""
        for run in shown:
            # What was said stays said while it comes and goes.
            if run.active and run.reason and run.reason != self.reasons.get(run.id):
                self.reasons[run.id] = run.reason
                self._say(text.plain(f"{run.site}: {run.reason}"))

    def _say(self, said: str) -> None:
        # A reason is anybody's: no markup.
        self.progress.console.print(said, markup=False, highlight=False, soft_wrap=True)

    def show(self, site: str, found: dict[str, runs.Progress]) -> None:
        """Bring a site's bars up to date."""
        for stage in Stage:
            row = found.get(stage.value)
            if row is None or row.total == 0:
                continue
            key = (site, stage.value)
            if key not in self.bars:
                self.bars[key] = self.progress.add_task(f"{site} {stage.value}", total=row.total)
            self.progress.update(
                self.bars[key], total=row.total, completed=row.completed + row.failed
            )


def bars(console: Console) -> Progress:
    """The look of it."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=False,
    )


def watch(at: Services, sites: Sequence[str] | None) -> None:
    """Show the runs of `sites` (or all in flight) until they end; without sites, until Ctrl-C."""
    console = Console(stderr=True)
    with bars(console) as progress:
        shown = Bars(at, progress)
        while True:
            shown.explain()
            with at.transaction() as connection:
                active = runs.in_flight(connection)
                in_flight = [run.site for run in active]
                wanted = in_flight if sites is None else list(sites)
                shown.tell([run for run in active if run.site in wanted])
                for site, found in runs.progress(connection, wanted).items():
                    shown.show(site, found)
            if sites is not None and not set(sites) & set(in_flight):
                return
            time.sleep(INTERVAL)


def wait(at: Services, waiting: Sequence[Run], *, quiet: bool = False) -> list[Run]:
    """Show runs until all have ended; answers them as they ended."""
    console = Console(stderr=True, quiet=quiet)
    with bars(console) as progress:
        shown = Bars(at, progress)
        while True:
            shown.explain()
            with at.transaction() as connection:
                now = [runs.get(connection, run.id) for run in waiting]
                rows = runs.progress(connection, [run.site for run in waiting])
            shown.tell(now)
            for site, found in rows.items():
                shown.show(site, found)
            if not any(run.active for run in now):
                return now
            time.sleep(INTERVAL)
