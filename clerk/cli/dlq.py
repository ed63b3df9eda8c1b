"""`clerk dlq`: dead letters one by one."""

import json
from pathlib import Path

import click

from clerk.cli import asking
from clerk.cli.failed import IN_FULL
from clerk.cli.failed import requeue as requeue_letters

_ids_file = click.option(
    "--ids-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only these: what `clerk dlq purge --dry-run` printed, one number a line.",
)


@click.group("dlq")
def command() -> None:
    """Look at dead letters, try them again, keep them in a file, delete them.

    A dead letter is a page, document or generation that was given up after its last attempt.
    `redis-cli HGETALL deadletter:dead` shows the newest; all of them are in Postgres.
    """


@command.command("list")
@click.option("--site")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@asking.as_json
def show_all(site: str | None, limit: int, *, as_json: bool) -> None:
    """List open dead letters, oldest first.

    \b
    Exit codes: 0 done, also if there are none; 2 there is no such site; 69 Postgres cannot be
    reached.

    Example: clerk dlq list --site pleasanton
    """
    from clerk import control, retrying, text
    from clerk.store.dead_letters import Wanted
    from clerk.wiring import services

    at = services()
    found = retrying.letters(at, Wanted(site=site), limit=limit)
    if site is not None and not found:  # letters outlive a site that was removed
        control.refuse_unknown_site(at, site)
    about = retrying.subjects(at, found)
    lines = [
        asking.plain(
            f"{letter.id:>6} {letter.created_at:%Y-%m-%d %H:%M} {letter.site} "
            f"{letter.stage} {about[letter.id]}: {letter.kind} "
            f"({text.counted(letter.attempts, 'attempt')})"
        )
        for letter in found
    ]
    said = "\n".join(lines) or "No dead letters."
    shown = [retrying.in_words(letter, about[letter.id]) for letter in found]
    asking.answer(shown, said, as_json=as_json)


@command.command("show")
@click.argument("number", type=int)
@asking.as_json
def show(number: int, *, as_json: bool) -> None:
    """Show everything known of dead letter NUMBER.

    \b
    Exit codes: 0 done; 2 there is no such letter; 69 Postgres cannot be reached.

    Example: clerk dlq show 17
    """
    from clerk import retrying
    from clerk.wiring import services

    at = services()
    (letter,) = retrying.chosen(at, [number])
    about = retrying.subjects(at, [letter])[letter.id]
    words = retrying.in_words(letter, about)
    lines = [
        f"{name:<12} {'-' if value is None else asking.plain(str(value), IN_FULL)}"
        for name, value in words.items()
    ]
    asking.answer(words, "\n".join(lines), as_json=as_json)


@command.command("requeue")
@click.argument("numbers", type=int, nargs=-1)
@_ids_file
@asking.reason
@asking.as_json
def requeue(numbers: tuple[int, ...], ids_file: Path | None, *, reason: str, as_json: bool) -> None:
    """Try the dead letters NUMBERS again, in a run for exactly these items.

    \b
    Exit codes: 0 done; 2 there is no such letter, or none is named; 3 your role may not;
    68/69 Redis/Postgres cannot be reached; 73 the site's run is past their stage; 75 an
    emergency stop is on.

    Example: clerk dlq requeue 17 18
    """
    from clerk import retrying
    from clerk.errors import InvalidInput
    from clerk.wiring import services

    wanted = [*numbers, *sorted(_ids(ids_file) if ids_file else ())]
    if not wanted:
        raise InvalidInput("Name dead letters by their numbers, or with --ids-file.")
    asking.allowed("job:retry")
    at = services()
    requeue_letters(at, retrying.chosen(at, wanted), reason, as_json=as_json)


@command.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: the screen.")
@click.option("--site")
def export(form: str, out: Path | None, site: str | None) -> None:  # noqa: ARG001 - only one form so far
    """Write all open dead letters, one JSON object a line.

    \b
    Exit codes: 0 done; 69 Postgres cannot be reached; 74 no room left for the file.

    Example: clerk dlq export --out dead.jsonl
    """
    from clerk import retrying
    from clerk.files import replacing
    from clerk.store.dead_letters import Wanted
    from clerk.wiring import services

    found = retrying.letters(services(), Wanted(site=site))
    lines = "".join(json.dumps(retrying.as_json(letter)) + "\n" for letter in found)
    if out is None:
        click.echo(lines, nl=False)
        return
    with replacing(out) as temporary:
        temporary.write_text(lines, encoding="utf-8")
    click.echo(f"Exported {len(found)} dead letter(s) to {out}.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@asking.reason
@asking.as_json
def import_(file: Path, *, reason: str, as_json: bool) -> None:
    """Put the dead letters of FILE, as `clerk dlq export` wrote it, back; they get new numbers.

    Letters that are still there (open or requeued) are left alone. Either all lines are understood
    or nothing is changed.

    \b
    Exit codes: 0 done; 2 a line cannot be understood; 3 your role may not; 69 Postgres cannot
    be reached.

    Example: clerk dlq import dead.jsonl
    """
    from clerk import retrying
    from clerk.wiring import services

    who = asking.allowed("admin:dlq")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    new, known = retrying.import_letters(
        services(), lines, source=str(file), who=who, reason=reason
    )
    asking.answer(
        {"imported": new, "known": known},
        f"Imported {new} dead letter(s)" + (f"; {known} were there already." if known else "."),
        as_json=as_json,
    )


@command.command("purge")
@click.option("--site")
@_ids_file
@asking.changing
def purge(
    site: str | None,
    ids_file: Path | None,
    *,
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Delete open dead letters: exactly those listed, not what came meanwhile.

    \b
      clerk dlq purge --dry-run > ids
      clerk dlq purge --ids-file ids --yes

    \b
    Exit codes: 0 done; 1 you said no; 2 nobody there to ask, or a bad file; 3 your role may
    not; 69 Postgres cannot be reached.
    """
    from clerk import retrying
    from clerk.store.dead_letters import Wanted
    from clerk.wiring import services

    who = "" if dry_run else asking.allowed("admin:dlq")
    at = services()
    ids = [letter.id for letter in retrying.letters(at, Wanted(site=site))]
    if ids_file is not None:
        listed = _ids(ids_file)
        ids = [number for number in ids if number in listed]
    if dry_run:
        lines = "\n".join(map(str, ids))
        asking.answer({"dry_run": True, "count": len(ids), "ids": ids}, lines, as_json=as_json)
        click.echo(f"{len(ids)} dead letter(s); nothing was deleted.", err=True)
        return
    asking.agreed(f"Delete {len(ids)} dead letter(s)?", yes=yes)
    gone = retrying.purge(at, ids, who=who, reason=reason)
    asking.answer(
        {"dry_run": False, "count": len(gone), "ids": gone},
        f"Deleted {len(gone)} dead letter(s).",
        as_json=as_json,
    )


def _ids(path: Path) -> set[int]:
    from clerk.errors import InvalidInput

    words = path.read_text(encoding="utf-8", errors="replace").split()
    wrong = [word for word in words if not word.isdecimal()]
    if wrong:
        raise InvalidInput(
            f"{path} is not what `clerk dlq purge --dry-run` prints:",
            [f"{word[:40]!r} is not a number" for word in wrong[:5]],
        )
    return {int(word) for word in words}
