"""What a page's text layer deserves: facts from the PDF child in, a decision with its reason out.

The rule and its numbers were fitted on 464 pages of 30 municipalities' documents, where it missed
one page in 217 checked by hand; docs/reading.md holds the table and how to measure it again. Pure.
"""

import re
import unicodedata
from dataclasses import dataclass

from clerk.model import Decision
from clerk.text import LINE_END_HYPHEN

FEW_CHARACTERS = 25
"""Below so many non-space characters a layer is a page number or a stamp; the ink decides."""
BLANK_INK = 0.0003
"""Share of inked pixels at 40 dpi below which nothing is there to read."""
BAD_CHARACTERS = 0.05
UNMAPPED = 0.10
LEAST_ALPHANUMERIC = 0.30
HIDDEN, HIDDEN_COVER = 0.50, 0.50
ALL_HIDDEN = 0.90
"""With (almost) no other text a smaller picture, PICTURE_COVER, is the scan that it belongs to."""
STAMP_COVER, STAMP_CHARACTERS = 0.50, 400
"""A scan with a typed header or a Bates stamp: much picture, little text."""
CAPTION_COVER, CAPTION_CHARACTERS = 0.15, 100
DRAWN_SEGMENTS, DRAWN_CHARACTERS = 1_000, 400
"""Lines and curves beside little text may be letters: an outlined one has some 20 of them. Of 761
pages of municipal documents and a test collection with a good layer, 18 had so many: a font table
and a picture."""
PICTURE_COVER = 0.25
"""A good layer beside so large a picture: the picture may hold text too."""

_LEADERS = re.compile(r"[.·…_\-–—=*\s]{3,}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """What the PDF child counted on one page. Shares are 0 to 1; `text` is raw."""

    text: str
    unmapped: float
    """Of sampled characters, those whose font names no Unicode letter."""
    invisible: float
    """Of its characters, those that draw nothing or lie under a picture."""
    cover: float
    """Of the page, under images."""
    segments: int
    """Lines and curves that the page draws; only counted where it has less than 400 characters."""
    ink: float
    """Of the page's pixels; only measured where there are few characters."""
    damaged: bool = False
    """A picture on it is, so that OCR may find less than the layer says."""


def decide(facts: LayerFacts) -> tuple[Decision, str, bool]:
    """The decision, its reason, and whether the layer's text is worth keeping beside OCR."""
    solid = _SPACE.sub("", facts.text)
    if len(solid) < FEW_CHARACTERS:
        return _of_few(solid, facts)
    if garbage := _garbage(solid, facts):
        return Decision.OCR, garbage, False
    if thin := _thin(len(solid), facts):
        return Decision.OCR, thin, facts.damaged
    if len(solid) < DRAWN_CHARACTERS and facts.segments >= DRAWN_SEGMENTS:
        return Decision.OCR, "short text layer beside a drawing", True
    if facts.cover > PICTURE_COVER:
        return Decision.OCR, "text layer beside a large picture", True
    return Decision.TEXT, "good text layer", True


def _of_few(solid: str, facts: LayerFacts) -> tuple[Decision, str, bool]:
    """Where there is nothing else to see, a few words are all there is; ink may be too little."""
    words = any(map(str.isalnum, solid)) and not _garbage(solid, facts)
    if facts.ink >= BLANK_INK:
        reason = "hardly any text layer" if solid else "no text layer"
        return Decision.OCR, reason, words and facts.damaged
    if words:
        return Decision.TEXT, "few words and nothing else", True
    return Decision.BLANK, "blank page", False


def _garbage(solid: str, facts: LayerFacts) -> str | None:
    """Why these characters are not what the page shows."""
    if sum(map(_is_bad, solid)) > BAD_CHARACTERS * len(solid):
        return "garbled text layer"
    if facts.unmapped > UNMAPPED:
        return "font without letters"
    # Tables of contents and forms are mostly dots and rules; they are judged by the rest.
    rest = _SPACE.sub("", _LEADERS.sub("", facts.text))
    if sum(map(str.isalnum, rest)) < LEAST_ALPHANUMERIC * len(rest):
        return "text layer without words"
    return None


def _thin(characters: int, facts: LayerFacts) -> str | None:
    """Why the page shows more than its layer says."""
    if facts.invisible > HIDDEN and facts.cover > HIDDEN_COVER:
        return "old invisible text over a scan"
    if facts.invisible > ALL_HIDDEN and facts.cover > PICTURE_COVER:
        return "old invisible text over a scan"
    if facts.cover > STAMP_COVER and characters < STAMP_CHARACTERS:
        return "scan with a short text layer"
    if facts.cover > CAPTION_COVER and characters < CAPTION_CHARACTERS:
        return "picture with a caption"
    return None


def _is_bad(character: str) -> bool:
    """U+FFFD, private use, control, unassigned."""
    if character == LINE_END_HYPHEN:  # an unassigned code point, but pdfium means a hyphen
        return False
    return character == "\ufffd" or unicodedata.category(character) in ("Co", "Cc", "Cs", "Cn")
