"""robots.txt (RFC 9309): where a site lets programs go that nobody sent to that very page."""

import httpx
from protego import Protego

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
        self._rules: dict[str, Protego | SourceUnavailable] = {}

    def allow(self, url: str) -> bool:
        """Whether rules let us go there. No rules: yes.

        Raises SourceUnavailable for rules that cannot be read now.
        """
        place = str(httpx.URL(url).copy_with(raw_path=b"/robots.txt", fragment=None))
        if place not in self._rules:
            self._rules[place] = self._read(place)
        rules = self._rules[place]
        if isinstance(rules, SourceUnavailable):
            raise rules
        return rules.can_fetch(url, NAME)

    def _read(self, url: str) -> Protego | SourceUnavailable:
        try:
            return Protego.parse(self._http.page(url).text[:MAX_RULES])
        except SourceRefused:
            return Protego.parse("")
        except SourceUnavailable as error:
            return error
