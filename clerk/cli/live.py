"""Live progress: a bar for each stage of each run in flight, with an estimate of the time left."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

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
from sqlalchemy import Connection

from clerk import halts, text
from clerk.errors import DatabaseDown
from clerk.model import Stage
from clerk.store import runs
from clerk.store.runs import Run
from clerk.wiring import Services

Stages = dict[str, dict[str, runs.Progress]]
"""Site -> stage -> how far it is."""
Rows = Callable[[Connection], tuple[list[Run], Stages]]
"""What a round shows."""

INTERVAL = 0.5
"""Seconds between two looks at Postgres."""
PATIENCE = 300.0
"""Seconds that a display waits for a Postgres that went away: a restart, a failover."""


class Bars:
    """The bars of some runs."""

    def __init__(self, at: Services, progress: Progress) -> None:
        """Bars appear as stages begin."""
        self.at = at
        self.progress = progress
        self.bars: dict[tuple[str, str], TaskID] = {}
        self.halted = halts.NONE
        self.reasons: dict[str, str] = {}
        self.interrupted = False

    def interrupt(self, *_signal: object) -> None:
        """Heed Ctrl-C between two looks; a second one at once.

        In the middle of a look it may come out of the driver as any error of its own.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True

    def rest(self) -> None:
        """Until the next look. Raises KeyboardInterrupt."""
        time.sleep(INTERVAL)
        if self.interrupted:
            raise KeyboardInterrupt

    def round(self, rows: Rows) -> list[Run]:
        """Look once more and show it; answers the runs.

        While Postgres is away it says so, once, and waits. Raises DatabaseDown after PATIENCE.
        """
        shown, stages = self._look(rows)
        self.tell(shown)
        for site, found in stages.items():
            self.show(site, found)
        return shown

    def _look(self, rows: Rows) -> tuple[list[Run], Stages]:
        patience: float | None = None
        while True:
            try:
                self.explain()
                with self.at.transaction() as connection:
                    found = rows(connection)
            except DatabaseDown as error:
                if patience is None:
                    self._say(f"{error} Waiting for it; what is under way goes on by itself.")
                    patience = time.monotonic() + PATIENCE
                if time.monotonic() > patience:
                    raise
                self.rest()
                continue
            if patience is not None:
                self._say("Postgres is back.")
            return found

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


@contextmanager
def _display(at: Services, console: Console) -> Iterator[Bars]:
    with bars(console) as progress:
        shown = Bars(at, progress)
        before = signal.signal(signal.SIGINT, shown.interrupt)
        try:
            yield shown
        finally:
            signal.signal(signal.SIGINT, before)


def watch(at: Services, sites: Sequence[str] | None) -> None:
    """Show the runs of `sites` (or all in flight) until they end; without sites, until Ctrl-C.

    Main thread only, as `wait`.
    """

    def rows(connection: Connection) -> tuple[list[Run], Stages]:
        active = runs.in_flight(connection)
        wanted = [run.site for run in active] if sites is None else list(sites)
        shown = [run for run in active if run.site in wanted]
        return shown, runs.progress(connection, wanted)

    with _display(at, Console(stderr=True)) as display:
        while True:
            active = display.round(rows)
            if sites is not None and not active:
                return
            display.rest()


def wait(at: Services, waiting: Sequence[Run], *, quiet: bool = False) -> list[Run]:
    """Show runs until all have ended; answers them as they ended."""

    def rows(connection: Connection) -> tuple[list[Run], Stages]:
        now = [runs.get(connection, run.id) for run in waiting]
        return now, runs.progress(connection, [run.site for run in waiting])

    with _display(at, Console(stderr=True, quiet=quiet)) as display:
        while True:
            now = display.round(rows)
            if not any(run.active for run in now):
                return now
            display.rest()
