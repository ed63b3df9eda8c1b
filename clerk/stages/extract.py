"""The built-in extractor: pages in, people, attendance, motions and votes out.

Every worker asks for its version, to know which documents it has not seen; few extract. So the
grammar (`facts` and what it imports: patterns that take seconds to compile) comes when it is used.
"""

from collections.abc import Callable
from importlib import import_module

from clerk.model import Extraction, MeetingText


class RuleExtractor:
    """Finds people, motions and votes by patterns. Stateless: the same text, the same answer."""

    version = "rules 8"

    def prepare(self) -> None:
        """Compile the patterns."""
        _find_facts()

    def extract(self, meeting: MeetingText) -> Extraction:
        """Everything found in one document. Never raises on any text."""
        return _find_facts()(meeting, self.version)


def _find_facts() -> Callable[[MeetingText, str], Extraction]:
    found: Callable[[MeetingText, str], Extraction] = import_module("clerk.stages.facts").find_facts
    return found
