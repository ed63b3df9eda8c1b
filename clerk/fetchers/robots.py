"""robots.txt (RFC 9309): where a site lets programs go that nobody sent to that very page."""

from urllib.robotparser import RobotFileParser

import httpx

from clerk.errors import SourceRefused, SourceUnavailable
from clerk.ports import Http

NAME = "clerk"
"""How rules address us."""
MAX_RULES = 500_000
"""Characters; a site with more rules than RFC 9309 makes robots read has its first ones kept to."""


class Robots:
    """Asks each site once a run."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._rules: dict[str, RobotFileParser] = {}

    def allow(self, url: str) -> bool:
        """Whether rules let us go there. No rules: yes. Rules that cannot be read now: no."""
        rules = str(httpx.URL(url).copy_with(raw_path=b"/robots.txt", fragment=None))
        if rules not in self._rules:
            self._rules[rules] = self._read(rules)
        return self._rules[rules].can_fetch(NAME, url)

    def _read(self, url: str) -> RobotFileParser:
        parser = RobotFileParser()
        try:
            parser.parse(self._http.page(url).text[:MAX_RULES].splitlines())
        except SourceRefused:
            parser.allow_all = True  # type: ignore[attr-defined]
        except SourceUnavailable:
            parser.disallow_all = True  # type: ignore[attr-defined]
        return parser
