"""Ending runs before their time: say so, wait for what is being written, settle what is left open.

A person who cancels does both steps; where a deploy takes longer than they wait, the reconciler
does the second.
"""

from collections.abc import Sequence

from clerk import flow
from clerk.store import cancelling
from clerk.wiring import Services


def cancel(at: Services, run_ids: Sequence[str], reason: str) -> None:
    """End runs in two transactions: no task may take or answer after the first one's commit.

    Raises Busy while a deploy of one of them is under way; all of them are cancelled by then.
    """
    with at.transaction() as connection:
        for run in run_ids:
            cancelling.say(connection, run, reason)
    for run in run_ids:
        settle(at, run)


def settle(at: Services, run: str, *, patient: bool = True) -> bool:
    """Settle what a cancelled run left open; fine to call again.

    While a deploy of it is under way: waits and raises Busy in the end, or if not `patient`
    answers False at once.
    """
    with at.transaction() as connection:
        if patient:
            cancelling.wait(connection, run)
        elif not cancelling.idle(connection, run):
            return False
        cancelling.settle(connection, run)
    flow.forget_run(run)
    return True
