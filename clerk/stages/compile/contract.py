"""The two JSON columns that civic.band clients read: one document's facts in, page by page out.

Shapes (docs/output.md): `entities_json` {"persons": [{"text", "confidence"}], "orgs": [same],
"locations": [same]}; `votes_json` {"votes": [{"motion_by", "seconded_by", "result", "tally":
{"ayes", "nays", "abstain", "absent"}, "individual_votes": [{"name", "vote"}], "raw_text"}]}.
`result`, `tally` and `vote` are never null and counts are integers: clients break on anything
else. So a vote whose tally the minutes do not give is not in the list; the table `votes` has it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clerk.model import CompiledDocument, Extraction, Motion, Person, Vote
from clerk.stages.sqlite import storable

NO_ENTITIES = '{"persons": [], "orgs": [], "locations": []}'
NO_VOTES = '{"votes": []}'

_RESULTS = frozenset({"passed", "failed"})
_CLIENT_WORDS = {"yes": "aye", "no": "nay"}
_UNGRADED = 1.0  # Extractors do not grade organisations and places, and clients expect a number.


def entities_by_page(document: CompiledDocument) -> Mapping[int, str]:
    """`entities_json` of each page on which something was found."""
    extraction = document.extraction
    if extraction is None:
        return {}
    persons = _persons_by_page(extraction)
    named = bool(extraction.orgs or extraction.locations)
    found = {}
    for page in document.pages:
        words = _folded(page.text) if named else ""
        entities = {
            "persons": persons.get(page.number, []),
            "orgs": _occurring(extraction.orgs, words),
            "locations": _occurring(extraction.locations, words),
        }
        if any(entities.values()):
            found[page.number] = _json(entities)
    return found


def votes_by_page(document: CompiledDocument) -> Mapping[int, str]:
    """`votes_json` of each page on which a vote with a known tally is recorded."""
    extraction = document.extraction if document.superseded_by is None else None
    listed: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for motion in extraction.motions if extraction else ():
        if motion.vote and (entry := _vote_entry(motion, motion.vote)):
            listed[motion.vote.span.page].append(entry)
    return {page: _json({"votes": votes}) for page, votes in listed.items()}


def tally(vote: Vote) -> dict[str, int] | None:
    """Counts as clients read them; None where the ayes or nays are not known.

    A count that the minutes leave out is taken from the roll call if there is one. A unanimous
    vote has none on the losing side. With both sides known, unmentioned abstentions are zero.
    """
    casts = Counter(cast.option for cast in vote.casts)
    lost = {"passed": "no", "failed": "yes"}.get(vote.result) if vote.unanimous else None

    def count(option: str, said: int | None) -> int | None:
        if said is not None:
            return said
        return casts[option] if casts or option == lost else None

    ayes, nays = count("yes", vote.yes), count("no", vote.no)
    if ayes is None or nays is None or (ayes == 0 and (nays == 0 or vote.result == "passed")):
        return None  # nobody carries a motion: the ayes were printed and not understood
    return {
        "ayes": ayes,
        "nays": nays,
        "abstain": count("abstain", vote.abstain) or 0,
        "absent": count("absent", vote.absent) or 0,
    }


def _vote_entry(motion: Motion, vote: Vote) -> dict[str, Any] | None:
    counts = tally(vote)
    if counts is None or vote.result not in _RESULTS:
        return None
    return {
        "motion_by": motion.mover,
        "seconded_by": motion.seconder,
        "result": vote.result,
        "tally": counts,
        "individual_votes": [
            {"name": cast.name, "vote": _CLIENT_WORDS.get(cast.option, cast.option)}
            for cast in vote.casts
        ],
        "raw_text": motion.raw_text,
    }


def _persons_by_page(extraction: Extraction) -> Mapping[int, list[dict[str, Any]]]:
    """Each page's people in the order of their first mention, once each."""
    known: Mapping[str, Person] = {person.name: person for person in extraction.people}
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for mention in extraction.mentions:
        names[mention.span.page].setdefault(mention.name)
    return {
        page: [
            {"text": name, "confidence": known[name].confidence if name in known else _UNGRADED}
            for name in on_page
        ]
        for page, on_page in names.items()
    }


def _occurring(names: Sequence[str], words: str) -> list[dict[str, Any]]:
    """Those of a document's names that stand in `words` (folded)."""
    return [{"text": n, "confidence": _UNGRADED} for n in _unique(names) if _folded(n) in words]


def _unique(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.strip()]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _json(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False))
