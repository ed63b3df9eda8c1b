"""How well the rules read votes: on the labelled minutes beside the checkout, and on the demo town.

Run with `python tests/bench/extraction.py [--verbose]`. Without the labelled minutes only the town
is measured, and that is said.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from clerk.demo.town import Meeting, found
from clerk.model import DocumentKind, Extraction, MeetingText, Motion, Span
from clerk.stages.extract import RuleExtractor

TRUTH = Path(__file__).parents[2].parent / "shared" / "truth"


def read(text: str) -> dict[str, Any]:
    """Pages separated by form feeds -> what the scorer of the labelled minutes wants."""
    pages = list(enumerate(text.split("\f"), 1))
    meeting = MeetingText(kind=DocumentKind.MINUTES, body="", date=date(2000, 1, 1), pages=pages)
    return _as_predicted(RuleExtractor().extract(meeting), pages)


def _as_predicted(found_: Extraction, pages: list[tuple[int, str]]) -> dict[str, Any]:
    starts, at = {}, 0
    for number, page in pages:
        starts[number] = at
        at += len(page) + 1
    status = {item.name: item.status for item in found_.attendance}
    members = {item.name for item in found_.attendance} | {
        name for motion in found_.motions for name in (motion.mover, motion.seconder) if name
    }
    return {
        "motions": [_motion(motion, starts) for motion in found_.motions],
        "people": [
            {
                "name": who.name,
                "role": who.role,
                "kind": "member" if who.name in members else "other",
                "status": status.get(who.name),
            }
            for who in found_.people
        ],
    }


def _motion(motion: Motion, starts: dict[int, int]) -> dict[str, Any]:
    def place(span: Span) -> tuple[int, int]:
        return starts[span.page] + span.start, starts[span.page] + span.end

    start, end = place(motion.span)
    vote = motion.vote
    return {
        "start": start,
        "end": end,
        "text": motion.text,
        "quote": motion.raw_text,
        "mover": motion.mover,
        "seconder": motion.seconder,
        "result": vote.result if vote else None,
        "vote": vote
        and {
            "yes": vote.yes,
            "no": vote.no,
            "abstain": vote.abstain,
            "absent": vote.absent,
            "unanimous": vote.unanimous,
            "casts": [(cast.name, cast.option) for cast in vote.casts],
        },
    }


def score_labelled(*, verbose: bool) -> None:
    scorer = TRUTH / "score.py"
    if not scorer.exists():
        print("No labelled minutes beside the checkout (../shared/truth): skipped.")
        return
    module = _load(scorer)
    module.score("dev", read, verbose=verbose)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score_town() -> None:
    """Share of the town's motions whose every slot is right, on its clean text."""
    meetings = found().meetings
    slots: dict[str, Callable[[Any, Any], bool]] = {
        "text": lambda true, got: true.text == got.text,
        "mover": lambda true, got: _surname(got.mover) == true.mover,
        "seconder": lambda true, got: _surname(got.seconder) == true.seconder,
        "result": lambda true, got: got.vote is not None and got.vote.result == true.result,
        "counts": lambda true, got: (
            got.vote is not None
            and (got.vote.yes, got.vote.no, got.vote.abstain, got.vote.absent)
            == (true.yes, true.no, true.abstain, true.absent)
        ),
        "casts": lambda true, got: (
            got.vote is not None
            and sorted((_surname(c.name), c.option) for c in got.vote.casts) == sorted(true.casts)
        ),
    }
    right = dict.fromkeys(slots, 0)
    total = extra = 0
    begin = time.perf_counter()
    for meeting in meetings:
        got = extract_meeting(meeting).motions
        total += len(meeting.motions)
        extra += abs(len(got) - len(meeting.motions))
        for true, motion in zip(meeting.motions, got, strict=False):
            for slot, agrees in slots.items():
                right[slot] += agrees(true, motion)
    seconds = time.perf_counter() - begin
    print(f"== the demo town: {total} motions, {extra} too many or too few, {seconds:.2f} s")
    for slot, count in right.items():
        print(f"  {slot:9}{count / total:.3f}")


def extract_meeting(meeting: Meeting) -> Extraction:
    text = "\n\n".join(block.text for block in meeting.minutes)
    return RuleExtractor().extract(
        MeetingText(
            kind=DocumentKind.MINUTES, body=meeting.body, date=meeting.date, pages=[(1, text)]
        )
    )


def _surname(name: str | None) -> str:
    return name.split()[-1] if name else ""


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--verbose", action="store_true")
    score_labelled(verbose=arguments.parse_args().verbose)
    score_town()
    sys.exit()
