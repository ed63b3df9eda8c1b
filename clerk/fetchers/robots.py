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
        self._rules: dict[str, RobotFileParser | SourceUnavailable] = {}

    def allow(self, url: str) -> bool:
        """Whether rules let us go there. No rules: yes.

        Raises SourceUnavailable for rules that cannot be read now.
        """
        rules = str(httpx.URL(url).copy_with(raw_path=b"/robots.txt", fragment=None))
        if rules not in self._rules:
            self._rules[rules] = self._read(rules)
        found = self._rules[rules]
        if isinstance(found, SourceUnavailable):
            raise found
        return found.can_fetch(NAME, url)

    def _read(self, url: str) -> RobotFileParser | SourceUnavailable:
        parser = RobotFileParser()
        try:
            parser.parse(self._http.page(url).text[:MAX_RULES].splitlines())
        except SourceRefused:
            parser.allow_all = True  # type: ignore[attr-defined]
        except SourceUnavailable as error:
            return error
        return parser
