"""Pages of minutes in, what the rules find in them out."""

from datetime import date

from clerk.model import DocumentKind, Extraction, MeetingText
from clerk.stages.extract import RuleExtractor


def extract(*pages: str, kind: DocumentKind = DocumentKind.MINUTES) -> Extraction:
    """What is found in a document of these pages."""
    meeting = MeetingText(
        kind=kind, body="City Council", date=date(2024, 3, 5), pages=list(enumerate(pages, 1))
    )
    return RuleExtractor().extract(meeting)
