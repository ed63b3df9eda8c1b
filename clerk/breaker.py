"""A circuit breaker as pure state: counts and the time in, may I go on out.

closed: everybody goes; when enough of the window's tries fail, it opens
open: nobody goes until the cooldown is over, or as long as the thing itself asks for
half-open: one probe goes; its success closes the breaker, its failure opens it again

Pattern: M. Nygard, "Release It!", 2nd edition, chapter 5. Times are seconds of any one clock.
"""

from dataclasses import dataclass, replace

LONGEST_PAUSE = 600.0
"""Seconds: whoever asks to be left alone for longer is tried again after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a breaker opens, and for how long."""

    threshold: float
    """Share of failures at which it opens."""
    window: float
    """Seconds over which tries are counted."""
    cooldown: float
    """Seconds that it stays open; also how long a probe may take before the next one goes."""
    least: int
    """Fewer tries than this in a window prove nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything a breaker remembers."""

    began: float = 0.0
    """When the current window began."""
    good: int = 0
    bad: int = 0
    until: float = 0.0
    """0: closed; else the moment from which the next probe may go."""
    pause: float = 0.0
    """Seconds for which the thing itself asked to be left alone; 0: the cooldown's."""


CLOSED = State()


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a try may begin."""

    wait: float = 0.0
    """Seconds to wait; 0.0: go."""
    probe: bool = False
    """It is the one try of a half-open breaker; the others wait for how it ends."""
    asked: bool = False
    """The wait is one that the thing itself asked for."""


def ask(rules: Rules, state: State, now: float) -> tuple[State, Leave]:
    """May a try begin?"""
    if not state.until:
        return state, Leave()
    if now < state.until:
        # A clock that was set back must not keep it open for ever.
        return state, Leave(
            wait=min(state.until - now, state.pause or rules.cooldown), asked=bool(state.pause)
        )
    return replace(state, until=now + rules.cooldown, pause=0.0), Leave(probe=True)


def tell(
    rules: Rules,
    state: State,
    now: float,
    *,
    good: bool,
    probe: bool = False,
    pause: float = 0.0,
) -> State:
    """A try has ended; `probe` as `ask` said when it began.

    `pause`: seconds for which what failed asks to be left alone. That opens the breaker at once,
    for as long, up to LONGEST_PAUSE; a later one shortens none.
    """
    if not good and pause > 0:
        pause = min(pause, LONGEST_PAUSE)
        later = now + pause > state.until
        return replace(state, until=now + pause, pause=pause) if later or probe else state
    if state.until:
        if not probe:  # a straggler that began before it opened
            return state
        return CLOSED if good else replace(state, until=now + rules.cooldown, pause=0.0)
    if not 0 <= now - state.began < rules.window:
        state = State(began=now)
    state = replace(state, good=state.good + good, bad=state.bad + (not good))
    tries = state.good + state.bad
    if tries >= rules.least and state.bad >= rules.threshold * tries:
        return replace(state, until=now + rules.cooldown)
    return state
