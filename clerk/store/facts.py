"""`Extraction` <-> the JSON column `extractions.facts`."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from clerk.model import Extraction

_ADAPTER = TypeAdapter(Extraction)


def dump(found: Extraction) -> dict[str, Any]:
    """Plain JSON values."""
    return asdict(found)


def parse(stored: dict[str, Any]) -> Extraction:
    """Undo `dump`; raises pydantic.ValidationError on a row of another shape."""
    return _ADAPTER.validate_python(stored)
