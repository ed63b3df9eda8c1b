"""robots.txt (RFC 9309): where a site lets programs go that nobody sent to that very page.

Not with the standard library's parser, which knows no `*` and `$` in paths and takes the first rule
that fits, not the longest.
"""

from collections import defaultdict
from urllib.parse import unquote

import httpx

from clerk.errors import SourceRefused, SourceUnavailable
from clerk.ports import Http

NAME = "clerk"
"""How rules address us."""
MAX_RULES = 500_000
"""Characters; a site with more rules than RFC 9309 makes robots read has its first ones kept to."""

Rules = list[tuple[str, bool]]
"""Paths, and whether they are allowed."""


class Robots:
    """Asks each site once a run."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._rules: dict[str, Rules | SourceUnavailable] = {}

    def allow(self, url: str) -> bool:
        """Whether rules let us go there. No rules: yes.

        Raises SourceUnavailable for rules that cannot be read now.
        """
        asked = httpx.URL(url)
        place = str(asked.copy_with(raw_path=b"/robots.txt", fragment=None))
        if place not in self._rules:
            self._rules[place] = self._read(place)
        rules = self._rules[place]
        if isinstance(rules, SourceUnavailable):
            raise rules
        return is_allowed(rules, asked.raw_path.decode("ascii"))

    def _read(self, url: str) -> Rules | SourceUnavailable:
        try:
            return rules_for_us(self._http.page(url).text[:MAX_RULES])
        except SourceRefused:
            return []
        except SourceUnavailable as error:
            return error


def rules_for_us(text: str) -> Rules:
    """The rules of the groups that name us, or else of those for all."""
    groups: defaultdict[str, Rules] = defaultdict(list)
    agents: set[str] = set()
    named_last = False
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        match key.lower():
            case "user-agent":
                agents = {*(agents if named_last else ()), value.lower()}
                named_last = True
            case "allow" | "disallow" as what:
                named_last = False
                for agent in agents:
                    groups[agent] += [(unquote(value), what == "allow")] if value else []
    return groups[NAME] if NAME in groups else groups["*"]


def is_allowed(rules: Rules, path: str) -> bool:
    """What the longest rule that fits a path with its query says; of two as long, the kinder."""
    plain = unquote(path)
    fitting = [(len(rule), allowed) for rule, allowed in rules if _fits(rule, plain)]
    return max(fitting, default=(0, True))[1]


def _fits(rule: str, path: str) -> bool:
    """Whether a path begins as a rule says, in which `*` is anything and `$` the end; linear."""
    first, *others = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = others.pop() if others and rule.endswith("$") else None
    for part in others:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if not rule.endswith("$"):
        return True
    return path[at:] == "" if last is None else path.endswith(last, at)
