"""What makes work stand still on purpose: the emergency stop and paused queues.

Everything that shows a run shows this beside it: a run at 0 % that nobody explains looks broken.
"""

from dataclasses import asdict, dataclass

from redis.exceptions import RedisError

from clerk import text
from clerk.adapters.stop_key import Stop
from clerk.store import pauses
from clerk.store.pauses import Pause
from clerk.wiring import Services


@dataclass(frozen=True, slots=True)
class Halt:
    """One of them, for people."""

    what: str
    """`emergency stop` or `queue`."""
    how: str
    """`is on by ana@ops1 since …: disk full`"""
    remedy: str
    """The command that lets work go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halts:
    """All of them."""

    stop: Stop | None = None
    paused: tuple[Pause, ...] = ()

    def each(self) -> list[Halt]:
        """One by one, the stop first: it halts everything."""
        stops = [] if self.stop is None else [self.stop]
        return [
            *(
                Halt("emergency stop", text.plain(f"is on{stop}"), "clerk emergency-stop off")
                for stop in stops
            ),
            *(
                Halt(
                    "queue",
                    text.plain(f"{pause.queue} is paused{pause}"),
                    f"clerk resume {pause.queue}",
                )
                for pause in self.paused
            ),
        ]

    def lines(self) -> list[str]:
        """A title, and each with its remedy below; empty if nothing is halted."""
        lines = []
        for halt in self.each():
            lines += [f"  {halt.what} {halt.how}", f"    {halt.remedy}"]
        return ["Standing still on purpose:", *lines] if lines else []

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "emergency_stop": None if self.stop is None else asdict(self.stop),
            "paused": [{**asdict(pause), "at": pause.at.isoformat()} for pause in self.paused],
        }


NONE = Halts()


def read(at: Services, before: Halts = NONE) -> Halts:
    """What is halted now; while Redis is away, the stop is as `before`. Raises DatabaseDown."""
    with at.transaction() as connection:
        paused = tuple(pauses.everything(connection))
    try:
        stop = at.stop.read()
    except RedisError:
        stop = before.stop
    return Halts(stop=stop, paused=paused)
