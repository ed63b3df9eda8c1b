"""Trying again what was given up: dead letters in, a run for exactly those items out.

no run in flight: a new run that begins where the earliest of the letters failed
queued, fetching, reading: the run in flight takes them along, if their stage is still to come
publishing (or past their stage): Busy; try again when it has ended
pictures: always a run of their own, for a run that reads comes to them last
a look at what readers have already: a run that finds nothing new ends with one
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection

from clerk import enqueueing, keys
from clerk.errors import Busy, ClerkError, InvalidInput
from clerk.model import ACTIVE_RUN_STATES, Priority, RunState, Stage
from clerk.store import audit, dead_letters, ledger, retries, runs, sites
from clerk.store.dead_letters import Letter, Wanted
from clerk.store.ledger import Work
from clerk.store.runs import Run
from clerk.wiring import Services

log = structlog.get_logger(__name__)

MIRRORED = 1000
"""How many open letters the Redis hash shows, newest first: it is for looking, Postgres has all."""

_BEGIN = {
    Work.DISCOVER: RunState.QUEUED,
    Work.FETCH: RunState.FETCHING,
    Work.OCR: RunState.READING,
    Work.EXTRACT: RunState.READING,
    Work.COMPILE: RunState.PUBLISHING,
    Work.DEPLOY: RunState.PUBLISHING,
    Work.DRAW: RunState.DRAWING,
}
_ORDER = ACTIVE_RUN_STATES

_ADDED = {
    RunState.FETCHING: Work.FETCH,
    RunState.READING: Work.OCR,
    RunState.DRAWING: Work.DRAW,
}
"""What a run does not find by itself where it begins."""

Items = dict[Work, list[str]]
"""Item keys by kind of work."""


@dataclass
class Requeued:
    """What is tried again, and what could not be."""

    items: int = 0
    runs: dict[str, str] = field(default_factory=dict)
    """Site -> the run that does it."""
    refused: dict[str, str] = field(default_factory=dict)
    """Site -> why not now."""


def requeue(at: Services, letters: Sequence[Letter], *, who: str, reason: str = "") -> Requeued:
    """Try dead letters again, site by site.

    Those of one site (its pictures apart) all together or not at all.
    Raises StopRequested, BrokerDown, DatabaseDown.
    """
    enqueueing.ping(at)
    enqueueing.refuse_under_stop(at)
    groups: dict[tuple[str, bool], list[Letter]] = defaultdict(list)
    for letter in letters:
        if letter.requeued_at is None:
            site = letter.site if letter.stage else ""
            groups[site, letter.stage != Work.DRAW].append(letter)
    done = Requeued()
    if poison := groups.pop(("", True), None):
        done.refused["(no site)"] = (
            f"{len(poison)} of them are messages that no worker understands. "
            "Delete them with `clerk dlq purge`."
        )
    # Pictures first: their run does not keep the other one from starting.
    for (site, _), theirs in sorted(groups.items()):
        try:
            run = _requeue_site(at, site, theirs, who=who, reason=reason)
        except (Busy, InvalidInput) as error:
            done.refused[site] = str(error)
            continue
        enqueueing.send(run)
        done.runs[site] = run
        done.items += len(theirs)
    return done


def _requeue_site(
    at: Services, site: str, letters: Sequence[Letter], *, who: str, reason: str
) -> str:
    items: Items = defaultdict(list)
    for letter in letters:
        items[Work(letter.stage)].append(letter.item)
    with at.transaction() as connection:
        sites.get(connection, site)
        run = runs.holding(connection, site, lock=True)
        states = _beginnings(items, published=sites.publication(connection, site).published)
        if run is None:
            run = _begin(connection, site, min(states, key=_ORDER.index))
        else:
            _join(run, items, states)
        _prepare(connection, run, items)
        dead_letters.mark_requeued(connection, [letter.id for letter in letters], run.id)
        audit.record(
            connection, who=who, action="requeue", target=site, reason=reason, count=len(letters)
        )
    return run.id


def _beginnings(items: Items, *, published: int) -> set[RunState]:
    """Where a run has to begin that tries these items again, for each kind of them."""
    states = {_BEGIN[work] for work in items if work is not Work.DEPLOY}
    for number in items.get(Work.DEPLOY, []):
        # What readers were given before was only looked after. To publish anew instead would bring
        # back what a person rolled back.
        looked_after = number == str(published)
        states.add(RunState.READING if looked_after else _BEGIN[Work.DEPLOY])
    return states


def _begin(connection: Connection, site: str, state: RunState) -> Run:
    """A run that starts in `state`."""
    run = runs.enqueue(connection, site, priority=Priority.NORMAL).run
    if state is not RunState.QUEUED:
        runs.reset_progress(connection, run, [stage.value for stage in Stage])
        retries.begin_at(connection, run.id, state)
    return runs.get(connection, run.id, lock=True)


def _join(run: Run, items: Items, states: Collection[RunState]) -> None:
    """Raise Busy if the run in flight is past the stage of one of the items."""
    needed = [_ORDER.index(state) for state in states if state is not RunState.QUEUED]
    late = bool(needed) and _ORDER.index(run.state) > min(needed)
    if late or run.state is RunState.PUBLISHING or Work.DRAW in items:
        raise Busy(
            f"Run {run.id} of {run.site} is {run.state} already: too late to take them along. "
            f"Try again when it has ended (`clerk status --subdomain {run.site}`)."
        )


def _prepare(connection: Connection, run: Run, items: Items) -> None:
    """Make the rows ready, and add what the run does not find by itself to its ledger."""
    retries.documents(connection, items.get(Work.FETCH, []))
    retries.pages(connection, items.get(Work.OCR, []))
    retries.extractions(connection, items.get(Work.EXTRACT, []))
    here = _ADDED.get(run.state)
    if here is not None and items.get(here):
        ledger.revive(connection, run.id, run.site, here, items[here])
        ledger.add(connection, run.id, run.site, here, ((key, 0) for key in items[here]))


# -- for people: groups, ids, the mirror in Redis -------------------------------------------------


def groups(at: Services, wanted: Wanted) -> list[dead_letters.Group]:
    """Open letters by stage and error signature."""
    with at.transaction() as connection:
        found = dead_letters.find(connection, wanted)
        return dead_letters.groups(found, dead_letters.subjects(connection, found))


def subjects(at: Services, found: Sequence[Letter]) -> dict[int, str]:
    """What each letter is about, as people know it: a file's name or URL, and the page."""
    with at.transaction() as connection:
        return dead_letters.subjects(connection, found)


def in_words(letter: Letter, about: str) -> dict[str, object]:
    """Everything known of a letter, with its file by name and not as workers store it."""
    fields = {**as_json(letter), "about": about}
    for error in ("first_error", "last_error"):
        fields[error] = dead_letters.named(letter, about, str(fields[error]))
    return fields


def letters(at: Services, wanted: Wanted, *, limit: int | None = None) -> list[Letter]:
    """Open letters, oldest first."""
    with at.transaction() as connection:
        return dead_letters.find(connection, wanted, limit=limit)


def chosen(at: Services, ids: Sequence[int]) -> list[Letter]:
    """Letters by id. Raises InvalidInput naming every id that does not exist."""
    with at.transaction() as connection:
        found = dead_letters.by_id(connection, ids)
    missing = sorted(set(ids) - {letter.id for letter in found})
    if missing:
        raise InvalidInput(
            f"There is no dead letter {', '.join(map(str, missing))}; nothing was changed.",
            ["`clerk dlq list` shows those that there are; one closes when its item succeeds"],
        )
    return found


def purge(at: Services, ids: Sequence[int], *, who: str, reason: str = "") -> list[int]:
    """Delete open letters with these ids; answers which were there."""
    with at.transaction() as connection:
        gone = dead_letters.remove(connection, ids)
        audit.record(
            connection, who=who, action="dlq purge", target="dlq", reason=reason, count=len(gone)
        )
    return gone


_TEXTS = {
    "job_id": "job",
    "task": "task",
    "queue": "queue",
    "site": "site",
    "run_id": "run",
    "stage": "stage",
    "item": "item",
    "reason": "kind",
    "first_error": "first_error",
    "last_error": "last_error",
}
"""Fields of the export that are text, and what a letter calls them."""


def import_letters(
    at: Services, lines: Sequence[str], *, source: str, who: str, reason: str = ""
) -> tuple[int, int]:
    """Put exported letters back; answers how many are new, and how many were there.

    `source` names where the lines are from.

    Raises InvalidInput naming every line that is not of an export; nothing is changed then.
    """
    found: list[Letter] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_from_json(json.loads(line)))
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            problems.append(f"line {number}: {str(error)[:200]}")
    if problems:
        raise InvalidInput(f"{source} is not what `clerk dlq export` writes:", problems[:20])
    with at.transaction() as connection:
        new = dead_letters.put_back(connection, found)
        audit.record(
            connection, who=who, action="dlq import", target="dlq", reason=reason, count=new
        )
    return new, len(found) - new


def _from_json(fields: object) -> Letter:
    """Undo `as_json`. Raises ValueError, TypeError, KeyError or OverflowError."""
    if not isinstance(fields, dict):
        raise TypeError("expected a JSON object")
    missing = sorted({*_TEXTS, "attempts", "created_at"} - fields.keys())
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    texts = {ours: fields[theirs] for theirs, ours in _TEXTS.items()}
    wrong = sorted(name for name, value in texts.items() if not isinstance(value, str))
    if wrong or not _storable("".join(texts.values())):
        raise ValueError(f"{', '.join(wrong) or 'a field'} is not text")
    if texts["stage"] and texts["stage"] not in [work.value for work in Work]:
        raise ValueError(f"there is no stage {texts['stage'][:40]!r}")
    attempts, requeued = fields["attempts"], fields.get("requeued_at")
    if not isinstance(attempts, int) or not 0 <= attempts < 2**31:
        raise ValueError("attempts is not a small whole number")
    return Letter(
        id=0,
        attempts=attempts,
        created_at=_moment(fields["created_at"]),
        requeued_at=_moment(requeued) if requeued else None,
        **texts,
    )


def _storable(text: str) -> bool:
    """Whether Postgres takes it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _moment(written: str) -> datetime:
    """In UTC: what lies outside of its years could be stored, but never be read again."""
    return datetime.fromisoformat(written).astimezone(UTC)


def as_json(letter: Letter) -> dict[str, object]:
    """The form of the export and of the Redis hash."""
    return {
        "id": letter.id,
        "job_id": letter.job,
        "task": letter.task,
        "queue": letter.queue,
        "site": letter.site,
        "run_id": letter.run,
        "stage": letter.stage,
        "item": letter.item,
        "args_digest": keys.digest("args", letter.run, letter.item),
        "attempts": letter.attempts,
        "reason": letter.kind,
        "first_error": letter.first_error,
        "last_error": letter.last_error,
        "created_at": letter.created_at.isoformat(),
        "requeued_at": _iso(letter.requeued_at),
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def mirror(at: Services) -> None:
    """Bring the hash `deadletter:<name>` up to date: job id -> JSON, all at once.

    Best effort: Redis or Postgres being away is somebody else's news.
    """
    name = f"deadletter:{at.settings.queues.dead}"
    seal = f"{name}:mirrored"
    try:
        with at.transaction() as connection:
            mark = dead_letters.fingerprint(connection)
            if at.redis.get(seal) == mark.encode():
                return
            found = dead_letters.newest(connection, MIRRORED)
        with at.redis.pipeline(transaction=True) as pipe:
            pipe.delete(name)
            if found:
                pipe.hset(
                    name, mapping={letter.job: json.dumps(as_json(letter)) for letter in found}
                )
            pipe.set(seal, mark)
            pipe.execute()
    except (RedisError, ClerkError) as error:
        log.warning("dead letters not mirrored", error=str(error)[:200])
