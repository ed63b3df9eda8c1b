"""What a page's text layer deserves: facts from the PDF child in, a decision with its reason out.

The rule and its numbers were fitted on 464 pages of 30 municipalities' documents, where it missed
one page in 217 checked by hand; docs/reading.md holds the table and how to measure it again. Pure.
"""

import re
import unicodedata
from dataclasses import dataclass

from clerk.model import Decision
from clerk.scripts import is_foreign, is_latin
from clerk.text import LINE_END_HYPHEN

FEW_CHARACTERS = 25
"""Below so many non-space characters a layer is a page number or a stamp; the ink decides."""
BLANK_INK = 0.0003
"""Share of inked pixels at 40 dpi below which nothing is there to read."""
BAD_CHARACTERS = 0.05
UNMAPPED = 0.10
"""Fewer may be a heading in a font of its own, which OCR adds; of 1,764 pages six had any."""
LEAST_ALPHANUMERIC = 0.30
VOWELS, VOWELLESS, NO_FEW, LEAST_WORDS = 0.27, 0.20, 0.08, 30
"""Of at least so many Latin words of four letters: letters that are vowels, words without one, and
words without one where vowels are few (Welsh has 0.24 and 0.04). Where a font's letters stand for
others (`Wkh Flwb Frxqflo`) they tell in nine of ten cases; of 511 pages the text of a municipality
had 0.33 and 0.08 at worst. A register full of abbreviations is like it, so the layer is kept."""
HIDDEN, HIDDEN_COVER = 0.50, 0.50
ALL_HIDDEN = 0.90
"""With (almost) no other text there has to be something else that it belongs to, or nothing is."""
STAMP_COVER, STAMP_CHARACTERS = 0.50, 400
"""A scan with a typed header or a Bates stamp: much picture, little text."""
CAPTION_COVER, CAPTION_CHARACTERS = 0.15, 100
DRAWN_SEGMENTS, DRAWN_CHARACTERS = 1_000, 400
"""Lines and curves beside little text may be letters: an outlined one has some 20 of them. Of 761
pages of municipal documents and a test collection with a good layer, 18 had so many: a font table
and a picture."""
PICTURE_COVER = 0.25
"""A good layer beside so large a picture: the picture may hold text too."""

_LATIN_WORD = re.compile(r"[a-z]{4,}")
_VOWEL = re.compile(r"[aeiouy]")
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
    beside: float = 1.0
    """Likewise, without the letters of the text."""
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
        nowhere = facts.invisible > HIDDEN and facts.cover <= PICTURE_COVER
        return Decision.OCR, thin, facts.damaged or (is_foreign(solid) and not nowhere)
    if beside := _beside(len(solid), facts):
        return Decision.OCR, f"text layer {beside}", True
    return Decision.TEXT, "good text layer", True


def _of_few(solid: str, facts: LayerFacts) -> tuple[Decision, str, bool]:
    """Where there is nothing else to see, a few words are all there is; ink may be too little."""
    words = any(map(str.isalnum, solid)) and not _garbage(solid, facts)
    seen = words and facts.invisible <= HIDDEN
    if facts.ink >= BLANK_INK and not (seen and is_foreign(solid) and facts.beside < BLANK_INK):
        reason = "hardly any text layer" if solid else "no text layer"
        known = is_latin(solid) or is_foreign(solid)
        return Decision.OCR, reason, (seen and known) or (words and facts.damaged)
    if words and facts.invisible <= ALL_HIDDEN:
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


def _is_cipher(text: str) -> bool:
    """Whether its words are none because letters stand for others."""
    plain = unicodedata.normalize("NFD", text.casefold()).encode("ascii", "ignore").decode()
    # `XXXXX` fills in a form.
    words = [word for word in _LATIN_WORD.findall(plain) if len(set(word)) > 1]
    if len(words) < LEAST_WORDS:
        return False
    vowelless = sum(_VOWEL.search(word) is None for word in words)
    letters = "".join(words)
    few_vowels = sum(map(letters.count, "aeiou")) < VOWELS * len(letters)
    least = NO_FEW if few_vowels else VOWELLESS
    return vowelless > least * len(words)


def _thin(characters: int, facts: LayerFacts) -> str | None:
    """Why the page shows more than its layer says."""
    if facts.invisible > HIDDEN and facts.cover > HIDDEN_COVER:
        return "old invisible text over a scan"
    if facts.invisible > ALL_HIDDEN:
        over_scan = facts.cover > PICTURE_COVER
        return "old invisible text over a scan" if over_scan else "invisible text"
    if facts.cover > STAMP_COVER and characters < STAMP_CHARACTERS:
        return "scan with a short text layer"
    if facts.cover > CAPTION_COVER and characters < CAPTION_CHARACTERS:
        return "picture with a caption"
    return None


def _beside(characters: int, facts: LayerFacts) -> str | None:
    """What the page shows besides, so that OCR is asked, too."""
    if characters < DRAWN_CHARACTERS and facts.segments >= DRAWN_SEGMENTS:
        return "beside a drawing"
    if facts.cover > PICTURE_COVER:
        return "beside a large picture"
    if facts.unmapped:
        return "beside a font without letters"
    if _is_cipher(facts.text):
        return "of letters that make no words"
    return None


def _is_bad(character: str) -> bool:
    """U+FFFD, private use, control, unassigned."""
    if character == LINE_END_HYPHEN:  # an unassigned code point, but pdfium means a hyphen
        return False
    return character == "\ufffd" or unicodedata.category(character) in ("Co", "Cc", "Cs", "Cn")
