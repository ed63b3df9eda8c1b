"""The canvas of a run. One screen: what is sent when; below it: how a run moves on.

    fetch_site
      └─ chord [ fetch_document × D ] → fetch_complete          waves, two in flight
           └─ chord [ ocr_page × P ] → ocr_complete             waves, two in flight
                └─ at once
                     ├─ fast: compile_database(fast) → deploy
                     └─ full: chord [ extract_meeting × M ] → extract_complete
                                └─ compile_database(full) → deploy
                                     └─ chord [ draw_pages × M ] → draw_complete

While pages are being read, early fast generations appear at doubling sizes. A run that finds
nothing new sends one deploy alone, which looks whether readers still have what they had.

Whoever completes a wave (its chord's body, a task outside any chord, the reconciler) calls
`complete`: the wave is claimed in Postgres, so what follows happens once. `advance` looks at the
rows and decides; it can be called at any time, by anybody, any number of times.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import structlog
from celery import chain, chord, group, signature
from celery.canvas import Signature
from redis.exceptions import RedisError
from sqlalchemy import Connection

from clerk import keys
from clerk.celery import app
from clerk.model import GenerationKind, JobStatus, Priority, RunState, Stage
from clerk.settings import Waves
from clerk.steps import extract, pictures, read
from clerk.steps import publish as publish_step
from clerk.store import (
    budgets,
    documents,
    extractions,
    generations,
    jobs,
    ledger,
    pages,
    runs,
    sites,
    workers,
)
from clerk.store.jobs import Job
from clerk.store.ledger import Tally, Wave, Work
from clerk.store.runs import Run
from clerk.text import counted, without_credentials
from clerk.wiring import services

log = structlog.get_logger(__name__)

WAVES_IN_FLIGHT = 2
FIRST_PAGES = 100
"""A run's first pages go before the later ones of its class, and make its first generation."""
FIRST = {Work.FETCH: 10, Work.EXTRACT: 10, Work.DRAW: 10}
"""Documents of a first wave: they take longer than pages, and a village waits behind a giant's."""

CLASS_STEP = {Priority.HIGH: 0, Priority.NORMAL: 3, Priority.LOW: 6}
BENCH_STEP = 9

HEADER = {
    Work.DISCOVER: "clerk.fetch_site",
    Work.FETCH: "clerk.fetch_document",
    Work.OCR: "clerk.ocr_page",
    Work.EXTRACT: "clerk.extract_meeting",
    Work.COMPILE: "clerk.compile_database",
    Work.DEPLOY: "clerk.deploy",
    Work.DRAW: "clerk.draw_pages",
}
BODY = {
    Work.FETCH: "clerk.fetch_complete",
    Work.OCR: "clerk.ocr_complete",
    Work.EXTRACT: "clerk.extract_complete",
    Work.DRAW: "clerk.draw_complete",
}
QUEUE = {
    Work.DISCOVER: "fetch",
    Work.FETCH: "fetch",
    Work.OCR: "ocr",
    Work.EXTRACT: "extraction",
    Work.COMPILE: "extraction",
    Work.DEPLOY: "deploy",
    Work.DRAW: "deploy",
}
"""Own names; `queue_of` answers what a queue is called in Redis."""

Canvas = Signature[Any]


def queue_of(work: Work) -> str:
    """The queue of a kind of work, by its name in Redis."""
    return services().settings.queues.names[QUEUE[work]]


# -- the canvas -----------------------------------------------------------------------------------


def send_fetch_site(run: Run) -> Canvas:
    """The first task of a run; only this one uses the queue `high`."""
    names = services().settings.queues
    queue = names.high if run.priority is Priority.HIGH else queue_of(Work.DISCOVER)
    return header(run, Work.DISCOVER, "site", 1, CLASS_STEP[run.priority]).set(queue=queue)


def fan_out(run: Run, wave: Wave) -> Canvas:
    """A wave: its items as a chord's header, its body behind them."""
    headers = [header(run, wave.work, key, wave.number, wave.priority) for key in wave.keys]
    body = task(BODY[wave.work], run.id, wave.number).set(
        queue=queue_of(wave.work), priority=CLASS_STEP[run.priority]
    )
    # Derived ids, so that what Celery keeps of them in Redis can be found and forgotten.
    gid = keys.wave_group(run.id, wave.work, wave.number)
    canvas = chord(headers, body.set(task_id=f"{gid}.body"))
    canvas.kwargs["header"] = group(headers).set(task_id=gid)
    return canvas


def publish(run: Run, generation: int) -> Canvas:
    """Compile a generation, then deploy it."""
    step = CLASS_STEP[run.priority]
    return chain(
        header(run, Work.COMPILE, str(generation), generation, step),
        header(run, Work.DEPLOY, str(generation), generation, step),
    )


def header(run: Run, work: Work, key: str, wave: int, priority: int) -> Canvas:
    """The task of one item."""
    return task(HEADER[work], run.id, key).set(
        task_id=keys.header_task(run.id, work, wave, key),
        queue=queue_of(work),
        priority=priority,
        headers={"site": run.site, "run": run.id},
    )


def again(run: Run, work: Work, key: str, wave: int, priority: int) -> Canvas:
    """An item's task once more, outside any chord and under an id of its own."""
    if work is Work.COMPILE:
        return publish(run, int(key))
    canvas = header(run, work, key, wave, priority).set(
        task_id=f"{keys.header_task(run.id, work, wave, key)}.{secrets.token_hex(3)}"
    )
    canvas.options["ignore_result"] = True
    return canvas


def task(name: str, *arguments: object) -> Canvas:
    """An immutable signature by name."""
    return signature(name, args=arguments, immutable=True)


# -- moving on ------------------------------------------------------------------------------------


def complete(run: str, work: Work, wave: int) -> None:
    """Claim a finished wave and send what follows; nothing if it was claimed or is not finished."""
    with services().transaction() as connection:
        closed = ledger.close_wave(connection, run, work, wave)
        following = advance(connection, run) if closed else []
        answered = ledger.wave_keys(connection, run, work, wave) if closed and work in BODY else []
        ended = not runs.is_active(connection, run)
    send(following)
    if answered:
        forget_results(run, work, wave, answered)
    if ended:
        forget_run(run)


def nudge(run: str) -> None:
    """Look at a run and send whatever its rows say should be under way."""
    with services().transaction() as connection:
        following = advance(connection, run)
        ended = not runs.is_active(connection, run)
    send(following)
    if ended:
        forget_run(run)


def send(canvases: Sequence[Canvas]) -> None:
    """Hand canvases to the broker, after the commit that decided on them."""
    # Another configuration (CELERY_CONFIG_MODULE) may bring a backend that always listens.
    unheard = getattr(app.backend, "unheard", nullcontext)
    with unheard():
        for canvas in canvases:
            canvas.apply_async()


def forget_results(run: str, work: Work, wave: int, answered: Sequence[str]) -> None:
    """Delete the header results of a closed wave, and its chord's counters if they are left."""
    backend: Any = app.backend
    names = [backend.get_key_for_task(keys.header_task(run, work, wave, key)) for key in answered]
    with _or_later():
        _unlink([*names, *_chord_keys(run, work, wave)])


@contextmanager
def _or_later() -> Iterator[None]:
    """Where Redis is away now, `forget_ended` forgets; what was decided stands in Postgres."""
    try:
        yield
    except RedisError as error:
        log.warning("results are forgotten later", error=str(error)[:200])


CHORD_KEYS = ("", ".j", ".t", ".s", ".c")
"""What Celery keeps of a chord; `.d` says that its body was sent, and goes when the run ends."""


def _chord_keys(run: str, work: Work, wave: int) -> list[Any]:
    backend: Any = app.backend
    gid = keys.wave_group(run, work, wave)
    body = backend.get_key_for_task(f"{gid}.body")
    return [body, *(backend.get_key_for_group(gid, suffix) for suffix in CHORD_KEYS)]


def _unlink(names: Sequence[Any]) -> None:
    backend: Any = app.backend
    for start in range(0, len(names), 500):
        backend.client.unlink(*names[start : start + 500])


def forget_run(run: str) -> None:
    """Delete whatever the chords and headers of an ended run left in the results' database.

    All its keys hold the run's id. That includes what could not be forgotten when a wave ended,
    because Redis was away, and results that came after it. The database holds what is in flight, so
    looking through it does not grow with the run.
    """
    backend: Any = app.backend
    with _or_later():
        _unlink(list(backend.client.scan_iter(match=f"*{run}*", count=1000)))


def forget_ended() -> None:
    """Delete what all ended runs left there: Redis was away when they ended."""
    backend: Any = app.backend
    left: dict[str, list[bytes]] = defaultdict(list)
    with _or_later():
        for name in backend.client.scan_iter(count=1000):
            if found := keys.RUN.search(name.decode(errors="replace")):
                left[found.group()].append(name)
        with services().transaction() as connection:
            active = {run.id for run in runs.in_flight(connection)}
        _unlink([name for run, names in left.items() if run not in active for name in names])


def advance(connection: Connection, run_id: str) -> list[Canvas]:
    """What to send next, by the rows alone; the run's row is held until the transaction ends."""
    _meet_extractor(runs.get(connection, run_id))
    run = runs.get(connection, run_id, lock=True)
    match run.state:
        case RunState.QUEUED:
            return _start(connection, run)
        case RunState.FETCHING:
            return _fetching(connection, run)
        case RunState.READING:
            return _reading(connection, run)
        case RunState.PUBLISHING:
            return _publishing(connection, run)
        case RunState.DRAWING:
            return _drawing(connection, run)
    return []


def _meet_extractor(run: Run) -> None:
    """Load an extractor that will be asked for its version while nobody waits for the run's row."""
    if run.state in (RunState.FETCHING, RunState.READING):
        _ = services().extractor.version


def _start(connection: Connection, run: Run) -> list[Canvas]:
    if ledger.any_wave(connection, run.id, Work.DISCOVER):
        return []
    runs.reset_progress(connection, run, [stage.value for stage in Stage])
    wave = ledger.add_alone(
        connection,
        run.id,
        run.site,
        Work.DISCOVER,
        "site",
        number=1,
        priority=CLASS_STEP[run.priority],
    )
    first = send_fetch_site(run)
    _note(connection, run, wave, queue=first.options["queue"])
    return [first]


def _fetching(connection: Connection, run: Run) -> list[Canvas]:
    if ledger.open_count(connection, run.id, Work.DISCOVER):
        return []
    if ledger.first_error(connection, run.id, Work.DISCOVER):
        return _finish(connection, run)
    waves, settled = _next_waves(connection, run, Work.FETCH)
    if not settled:
        return waves
    documents.settle(connection, run.site)
    waiting = ledger.add(
        connection, run.id, run.site, Work.OCR, pages.pending(connection, run.site)
    )
    runs.move(connection, run.id, expected=[RunState.FETCHING], to=RunState.READING)
    runs.set_next_publish(connection, run.id, FIRST_PAGES)
    early = []
    if waiting and pages.any_text_of_run(connection, run.id):
        # What has a text layer is searchable while the scans are being read.
        early = _publish_new(connection, run, GenerationKind.FAST)
    return [*early, *advance(connection, run.id)]


def _reading(connection: Connection, run: Run) -> list[Canvas]:
    waves, settled = _next_waves(connection, run, Work.OCR)
    if settled:
        documents.settle(connection, run.site)
        return _begin_publishing(connection, run)
    read = ledger.answered_count(connection, run.id, Work.OCR)
    if read >= run.next_publish > 0:
        runs.set_next_publish(connection, run.id, 2 * read)
        documents.settle(connection, run.site)
        return [*_publish_new(connection, run, GenerationKind.FAST), *waves]
    return waves


def _begin_publishing(connection: Connection, run: Run) -> list[Canvas]:
    to_extract = needs_extraction(connection, run)
    if not (to_extract or _anything_new(connection, run)):
        return _confirm_published(connection, run)
    runs.move(connection, run.id, expected=[RunState.READING], to=RunState.PUBLISHING)
    if not to_extract:
        return _publish_new(connection, run, GenerationKind.FULL)
    ledger.add(connection, run.id, run.site, Work.EXTRACT, to_extract)
    fast = _publish_new(connection, run, GenerationKind.FAST)
    full, _ = _next_waves(connection, run, Work.EXTRACT)
    # Both paths at once. Not as one Celery group: a chord inside a group gets an id of chance, and
    # what it leaves in Redis could not be found.
    return [*fast, *full]


def _confirm_published(connection: Connection, run: Run) -> list[Canvas]:
    """Nothing is new: have it looked after that readers still have what they had, then end.

    Only the place of readers knows that, so a worker of `deploy` looks.
    """
    if ledger.open_count(connection, run.id, Work.DEPLOY):
        return []
    notes = ledger.notes(connection, run.id, Work.DEPLOY)
    if any(notes.get(word) for word in publish_step.TO_BUILD):
        runs.move(connection, run.id, expected=[RunState.READING], to=RunState.PUBLISHING)
        return _publish_new(connection, run, GenerationKind.FULL)
    number = sites.publication(connection, run.site).published
    if not number:
        return _finish(connection, run)
    if ledger.any_wave(connection, run.id, Work.DEPLOY):
        # Of before they may be gone, or a run was cancelled before it drew them.
        if not (_draws() and pictures.wanted(connection, run.site)):
            return _finish(connection, run)
        runs.move(connection, run.id, expected=[RunState.READING], to=RunState.PUBLISHING)
        return _begin_drawing(connection, run)
    step = CLASS_STEP[run.priority]
    wave = ledger.add_alone(
        connection, run.id, run.site, Work.DEPLOY, str(number), number=number, priority=step
    )
    _note(connection, run, wave, queue=queue_of(Work.DEPLOY))
    return [header(run, Work.DEPLOY, str(number), number, step)]


def _publishing(connection: Connection, run: Run) -> list[Canvas]:
    waves, settled = _next_waves(connection, run, Work.EXTRACT)
    if not settled:
        return waves
    if not generations.any_of_run(connection, run.site, run.id, GenerationKind.FULL):
        return _publish_new(connection, run, GenerationKind.FULL)
    for work in (Work.COMPILE, Work.DEPLOY):
        if ledger.open_count(connection, run.id, work):
            return []
    return _begin_drawing(connection, run) if _draws() else _finish(connection, run)


def _draws() -> bool:
    return services().settings.ocr.page_images != "off"


def _begin_drawing(connection: Connection, run: Run) -> list[Canvas]:
    """Pictures last. Nobody waits for them: the next run of the site may start meanwhile."""
    ledger.add(connection, run.id, run.site, Work.DRAW, pictures.wanted(connection, run.site))
    runs.move(connection, run.id, expected=[RunState.PUBLISHING], to=RunState.DRAWING)
    return _drawing(connection, runs.get(connection, run.id))


def _drawing(connection: Connection, run: Run) -> list[Canvas]:
    waves, settled = _next_waves(connection, run, Work.DRAW)
    return _finish(connection, run) if settled else waves


def _publish_new(connection: Connection, run: Run, kind: GenerationKind) -> list[Canvas]:
    """Allocate a generation with its two items; each travels in a wave of its own."""
    # A deploy's answer takes the progress before the site: the other way round, each would wait
    # for the other.
    runs.hold_progress(connection, run.site, Stage.DEPLOY)
    number = generations.allocate(connection, run.site, run.id, kind)
    for work in (Work.COMPILE, Work.DEPLOY):
        wave = ledger.add_alone(
            connection,
            run.id,
            run.site,
            work,
            str(number),
            number=number,
            priority=CLASS_STEP[run.priority],
        )
        _note(connection, run, wave, queue=queue_of(work))
    return [publish(run, number)]


def needs_extraction(connection: Connection, run: Run) -> list[tuple[str, int]]:
    """(document, rank) of documents with text that the extractor has not seen, newest first."""
    extractor = services().extractor.version
    done = extractions.seen(connection, run.site)
    marks = pages.sums(connection, run.site)
    wanted = [
        document
        for document in documents.dated(connection, run.site)
        if document.id in marks
        and marks[document.id].texts > 0
        and done.get(document.id) != (marks[document.id].mark, extractor)
    ]
    wanted.sort(key=lambda document: document.date, reverse=True)
    return [(document.id, rank) for rank, document in enumerate(wanted)]


def _anything_new(connection: Connection, run: Run) -> bool:
    """Whether readers lack anything, be it from this run or from one that could not publish."""
    seen = sites.publication(connection, run.site)
    # A person who went back to a fast generation wants that, and nothing newer.
    if seen.published_full < seen.published and not seen.withdrawn:
        return True
    since = generations.newest_full(connection, run.site)
    if since is None:
        return documents.counts(connection, run.site).readable > 0
    return documents.touched_after(connection, run.site, since) or extractions.any_after(
        connection, run.site, since
    )


# -- waves ----------------------------------------------------------------------------------------


def _next_waves(connection: Connection, run: Run, work: Work) -> tuple[list[Canvas], bool]:
    """Open waves up to the window. True: nothing is in flight and nothing is left."""
    in_flight = ledger.open_count(connection, run.id, work)
    canvases = []
    while in_flight < WAVES_IN_FLIGHT and (wave := _next_wave(connection, run, work)):
        canvases.append(fan_out(run, wave))
        in_flight += 1
    return canvases, in_flight == 0


def _next_wave(connection: Connection, run: Run, work: Work) -> Wave | None:
    first = not ledger.any_wave(connection, run.id, work)
    waves = services().settings.waves
    size = min(waves.smallest, FIRST.get(work, waves.smallest))
    if not first:
        size = wave_size(waves, workers.processes(connection, queue_of(work)))
    wave = ledger.open_wave(
        connection, run.id, work, size=size, priority=_step(run, work, first=first)
    )
    if wave is not None:
        _note(connection, run, wave, queue=queue_of(work))
    return wave


def wave_size(waves: Waves, processes: int) -> int:
    """Items that keep the live processes busy for the configured time, within bounds."""
    return max(waves.smallest, min(waves.largest, processes * waves.seconds))


def _step(run: Run, work: Work, *, first: bool) -> int:
    """Within a class: first pages, then later waves and first documents, then the other ones."""
    later = work in (Work.EXTRACT, Work.DRAW)
    return CLASS_STEP[run.priority] + int(later) + int(not first)


def _note(connection: Connection, run: Run, wave: Wave, *, queue: str) -> None:
    jobs.queued(
        connection,
        [
            Job(
                id=keys.header_task(run.id, wave.work, wave.number, key),
                run=run.id,
                site=run.site,
                stage=wave.work.value,
                type=HEADER[wave.work].removeprefix("clerk."),
                queue=queue,
            )
            for key in wave.keys
        ],
    )


# -- the end --------------------------------------------------------------------------------------


def _finish(connection: Connection, run: Run) -> list[Canvas]:
    """Say how the run ended, from what the ledger counted."""
    tallies = ledger.tally(connection, run.id)
    counts = documents.counts(connection, run.site)
    no_meeting = documents.without_meeting_since(connection, run.site, run.created_at)
    ending = verdict(
        tallies,
        site=run.site,
        source=without_credentials(sites.get(connection, run.site).source),
        readable=counts.readable,
        listed=counts.documents,
        undated=no_meeting[documents.UNDATED],
        untaken=no_meeting[documents.UNTAKEN],
        vanished=int(run.report.get("vanished", 0)),
        emptied=bool(run.report.get("emptied", False)),
        absent=len(documents.gaps(connection, run.site)),
        errors={
            Work.DISCOVER: ledger.first_error(connection, run.id, Work.DISCOVER),
            # An early generation that failed is made good by the last one.
            Work.COMPILE: ledger.last_error(connection, run.id, Work.COMPILE),
            Work.DEPLOY: ledger.last_error(connection, run.id, Work.DEPLOY),
            Work.FETCH: ledger.first_error(connection, run.id, Work.FETCH),
            Work.OCR: ledger.first_error(connection, run.id, Work.OCR),
            Work.DRAW: ledger.first_error(connection, run.id, Work.DRAW),
        },
        full=generations.any_of_run(connection, run.site, run.id, GenerationKind.FULL),
        mended=_mended(connection, run),
    )
    notes = ledger.notes(connection, run.id, Work.FETCH)
    report = {
        "documents": {
            "new": notes.get("new", 0),
            "changed": notes.get("changed", 0),
            "unchanged": notes.get("unchanged", 0) + int(run.report.get("untouched", 0)),
            "failed": tallies[Work.FETCH].failed,
            "undated": no_meeting[documents.UNDATED],
            "untaken": no_meeting[documents.UNTAKEN],
            "vanished": int(run.report.get("vanished", 0)),
        },
        "pages": {"ocr": tallies[Work.OCR].answered, "failed": tallies[Work.OCR].failed},
        "reading": _reading_report(connection, run),
        "extraction": {
            "other_language": ledger.notes(connection, run.id, Work.EXTRACT).get(
                extract.OTHER_LANGUAGE, 0
            )
        },
    }
    runs.finish(connection, run.id, to=ending.state, reason=ending.reason, report=report)
    jobs.end_open(connection, run.id, JobStatus.COMPLETED)
    log.info("run ended", run=run.id, site=run.site, state=ending.state.value, reason=ending.reason)
    return []


def _mended(connection: Connection, run: Run) -> list[str]:
    """What readers had lost and have again, for people."""
    notes = ledger.notes(connection, run.id, Work.DEPLOY)
    return [said for note, said in publish_step.MENDED.items() if notes.get(note)]


def _reading_report(connection: Connection, run: Run) -> dict[str, object]:
    """Of the pages for OCR: how many were known already or only glanced at; CPU seconds of both."""
    notes = ledger.notes(connection, run.id, Work.OCR)
    spent = budgets.spent(connection, run.id)
    return {
        "cached": notes.get(read.CACHED, 0),
        "first_look_only": notes.get(read.GLANCED, 0),
        "first_seconds": round(spent.first, 1),
        "more_seconds": round(spent.more, 1),
    }


_REMEDY = {
    "address not allowed": "it is on a private network or this machine; "
    "if that is meant, start the workers with CLERK_FETCHING__ALLOW_PRIVATE=true",
}
"""Reasons that an operator can do something about, and what."""


MACHINES_FAULTS = frozenset({"storage fault", "unsupported engine", "storage full"})
"""Reasons that no source can mend: the operator has to."""


@dataclass(frozen=True)
class Ending:
    """How a run ends."""

    state: RunState
    reason: str


def verdict(
    tallies: Mapping[Work, Tally],
    *,
    site: str,
    source: str,
    readable: int,
    listed: int,
    undated: int,
    untaken: int,
    vanished: int,
    emptied: bool,
    absent: int,
    errors: Mapping[Work, str],
    full: bool,
    mended: Sequence[str] = (),
) -> Ending:
    """The end of a run from its counts; pure.

    `untaken`: what the source lists and the fetcher could not take, but for want of a date.
    `vanished`: documents known before that the source lists no longer; `emptied`: it lists no other
    either. `absent`: documents and pages of the site that are not in the database, also of earlier
    runs.
    `full`: a full generation was made. `mended`: what readers had lost and have again.
    """
    if errors[Work.DISCOVER]:
        why = errors[Work.DISCOVER]
        remedy = f" ({_REMEDY[why]})" if why in _REMEDY else ""
        return Ending(RunState.FAILED, f"the source could not be read: {source}: {why}{remedy}")
    for work in (Work.COMPILE, Work.DEPLOY):
        if errors[work]:
            remedy = f"see `clerk failed list --site {site}`"
            return Ending(RunState.FAILED, f"could not be published: {errors[work]} ({remedy})")
    if listed == 0:
        return Ending(RunState.DONE, "the source lists no documents")
    where = f" (`clerk status --subdomain {site}`)"
    missing = [
        f"{count} {noun}{'' if count == 1 else 's'} {problem}"
        for count, noun, problem in (
            (tallies[Work.FETCH].failed, "document", "could not be read"),
            (undated, "document", "could not be dated"),
            (untaken, "part", f"of the source could not be taken{where}"),
            (tallies[Work.OCR].failed, "page", "could not be read"),
            (tallies[Work.EXTRACT].failed, "document", "could not be extracted"),
            (tallies[Work.DRAW].failed, "document", "could not be drawn"),
        )
        if count
    ]
    faults = sorted(MACHINES_FAULTS.intersection(errors.values()))
    if missing and faults:
        missing.append(f"{' and '.join(faults)}: `clerk failed list` says what to do")
    if readable == 0:
        return Ending(RunState.FAILED, "; ".join(["no document could be read", *missing]))
    gone = _gone(vanished, emptied=emptied)
    # A town that takes down all it ever published is rarer than an empty mount or a broken page.
    if missing or emptied:
        return Ending(RunState.PARTIAL, "; ".join([*missing, *gone]))
    known = [*([] if full else ["nothing new"]), *mended, *gone]
    if absent:  # this run was spared them: their source says that they are the same
        known.append(f"{absent} still missing from earlier runs{where}")
    return Ending(RunState.DONE, "; ".join(known))


def _gone(vanished: int, *, emptied: bool) -> list[str]:
    """What is said of documents that the source lists no longer; nothing if there are none."""
    if not vanished:
        return []
    known, stays = counted(vanished, "document"), "(what was read stays published)"
    if emptied:
        return [f"the source lists none of the {known} known before {stays}"]
    are = "is" if vanished == 1 else "are"
    return [f"{known} {are} no longer listed at the source {stays}"]
