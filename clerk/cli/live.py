"""Live progress: a bar for each stage of each run in flight, with an estimate of the time left."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

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

from clerk import halts, status, text
from clerk.errors import DatabaseDown, UnknownRun
from clerk.model import Stage
from clerk.store import runs, sites
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
                    self.say(f"{error} Waiting for it; what is under way goes on by itself.")
                    patience = time.monotonic() + PATIENCE
                if time.monotonic() > patience:
                    raise
                self.rest()
                continue
            if patience is not None:
                self.say("Postgres is back.")
            return found

    def explain(self) -> None:
        """Say above the bars why they stand still, and that they go on; each once."""
        before, self.halted = self.halted, halts.read(self.at, self.halted)
        if self.halted != before:
            self.say("\n".join(self.halted.lines()) or "Nothing is stopped or paused any more.")

    def tell(self, shown: Sequence[Run]) -> None:
        """Say above the bars what a run in flight waits for; each time that it is another thing."""
        for run in shown:
            # What was said stays said while it comes and goes.
            if run.active and run.reason and run.reason != self.reasons.get(run.id):
                self.reasons[run.id] = run.reason
                self.say(text.plain(f"{run.site}: {run.reason}"))

    def say(self, said: str) -> None:
        """A line above the bars."""
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


def watch(at: Services, wanted: Sequence[str] | None) -> None:
    """Show the runs of the sites `wanted` (or all in flight) until they end; without, until Ctrl-C.

    Of each run that ends it says how; of sites without a run in flight, how the last one ended.
    Main thread only, as `wait`.
    """
    shown: dict[str, Run] = {}

    def rows(connection: Connection) -> tuple[list[Run], Stages]:
        active = runs.in_flight(connection)
        names = [run.site for run in active] if wanted is None else list(wanted)
        return [run for run in active if run.site in names], runs.progress(connection, names)

    with _display(at, Console(stderr=True)) as display:
        while True:
            active = display.round(rows)
            if wanted is not None and not (active or shown):
                _say_last(at, display, wanted)
            gone = shown.keys() - {run.id for run in active}
            _say_ended(at, display, [shown.pop(each) for each in sorted(gone)])
            if wanted is not None and not active:
                return
            shown |= {run.id: run for run in active}
            display.rest()


def _say_ended(at: Services, display: Bars, gone: Sequence[Run]) -> None:
    """How runs that were shown ended; nothing of those whose site was removed meanwhile."""
    for run in gone:
        with suppress(DatabaseDown, UnknownRun), at.transaction() as connection:
            display.say(text.plain(status.ended(runs.get(connection, run.id))))


def _say_last(at: Services, display: Bars, names: Sequence[str]) -> None:
    """How the last runs of these sites ended. Raises UnknownSite."""
    for site in names:
        with at.transaction() as connection:
            sites.get(connection, site)
            last = runs.latest(connection, site)
        said = f"The last one: {status.ended(last)}" if last else "It was never read."
        display.say(text.plain(f"No run of {site} is in flight. {said}"))


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
