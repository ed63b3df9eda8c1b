"""`clerk failed`: what failed, by stage and error, and once more."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from clerk.cli import asking

STAGES = ("discover", "fetch", "ocr", "extract", "compile", "deploy", "draw")


IN_FULL = 4000
"""Characters: more than what is kept of an error with the longest of addresses."""


def _which(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--error-like", metavar="TEXT", help="Part of the error, in any case."),
        click.option("--stage", type=click.Choice(STAGES)),
        click.option("--site"),
    ):
        function = option(function)
    return function


@click.group("failed")
def command() -> None:
    """Show what was given up, grouped by stage and error, and try it again."""


@command.command("list")
@_which
@asking.as_json
def show(site: str | None, stage: str | None, error_like: str | None, *, as_json: bool) -> None:
    """List failures by stage and error, the most frequent first, with the newest of each.

    \b
    Exit codes: 0 done, also if nothing failed; 2 there is no such site; 69 Postgres
    cannot be reached.

    Example: clerk failed list --stage ocr
    """
    from clerk import control, retrying
    from clerk.store.dead_letters import Wanted
    from clerk.wiring import services

    at = services()
    found = retrying.groups(at, Wanted(site=site, stage=stage, error_like=error_like))
    if site is not None and not found:  # what failed outlives a site that was removed
        control.refuse_unknown_site(at, site)
    lines = []
    for group in found:
        where = ", ".join(group.sites[:3]) + (" …" if len(group.sites) > 3 else "")
        kind, _, _ = group.signature.partition(":")  # the rest is in the example's own words
        said = asking.plain(f"{kind}  ({where})")
        lines.append(f"{group.count:>6} {group.stage:<8} {said}")
        lines.append(f"{'':>15} {group.example}: {asking.plain(group.message, IN_FULL)}")
    if found:
        lines.append("More about one of them: `clerk dlq show NUMBER`.")
        lines.append("Try again, where the cause is gone: `clerk failed retry`.")
    text = "\n".join(lines) or "Nothing failed."
    asking.answer([asdict(group) for group in found], text, as_json=as_json)


@command.command("retry")
@_which
@asking.changing
def retry(
    site: str | None,
    stage: str | None,
    error_like: str | None,
    *,
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Try failures again: a run for each site, with exactly these items.

    \b
    Exit codes: 0 done; 1 you said no; 2 no such site, or nobody there to ask; 3 your role may not;
    68/69 Redis/Postgres cannot be reached; 73 a site's run is past their stage (the others are
    retried); 75 an emergency stop is on.

    Example: clerk failed retry --site pleasanton --error-like timeout --yes
    """
    from clerk import control, retrying
    from clerk.store.dead_letters import Wanted
    from clerk.wiring import services

    if not dry_run:
        asking.allowed("job:retry")
    at = services()
    found = retrying.letters(at, Wanted(site=site, stage=stage, error_like=error_like))
    if site is not None and not found:
        control.refuse_unknown_site(at, site)
    if dry_run:
        ids = [letter.id for letter in found]
        asking.answer(
            {"dry_run": True, "ids": ids},
            f"Would retry {len(ids)} item(s): {' '.join(map(str, ids))}".rstrip(": "),
            as_json=as_json,
        )
        return
    if found:
        asking.agreed(f"Retry {len(found)} item(s)?", yes=yes)
    requeue(at, found, reason, as_json=as_json)


def requeue(at: Any, letters: Any, reason: str, *, as_json: bool) -> None:
    """Requeue and say what became of it; exits 73 if a site has to wait."""
    from clerk import retrying

    done = retrying.requeue(at, letters, who=asking.allowed("job:retry"), reason=reason)
    lines = [f"Requeued {done.items} item(s)."]
    lines += [f"{site}: run {run}" for site, run in done.runs.items()]
    lines += [f"{site}: not now. {why}" for site, why in done.refused.items()]
    asking.answer(vars(done), "\n".join(lines), as_json=as_json)
    if done.refused:
        sys.exit(73)
