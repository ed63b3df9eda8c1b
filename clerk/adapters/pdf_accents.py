"""Accents that a font sets as signs of their own, above or below a letter: `sesi´on` is `sesión`.

Part of the PDF child (`pdf_child`): imports the standard library, pypdfium2 and `pdf_objects` only.
TeX's first fonts do so, before the letter; others set the accent behind it and step back. Whether
it belongs to a letter is told by its place: an apostrophe (`O´Brien`) stands beside the letters.
"""

import re
import unicodedata

import pypdfium2 as pdfium

from clerk.adapters.pdf_objects import char_box

MARKS = {
    "`": "\u0300",
    "\u00b4": "\u0301",
    "^": "\u0302",
    "\u02c6": "\u0302",
    "~": "\u0303",
    "\u02dc": "\u0303",
    "\u00a8": "\u0308",
    "\u02da": "\u030a",
    "\u02c7": "\u030c",
    "\u00b8": "\u0327",
}
"""Spacing accent -> the mark that combines with the letter before it (Unicode)."""
_ACCENT = re.compile(f"[{''.join(map(re.escape, MARKS))}]")


def composed(text: pdfium.PdfTextPage, found: str) -> tuple[str, set[int]]:
    """`found`, the text of a page, with letters that have their accents; and where those stood."""
    letters = list(found)
    gone: set[int] = set()
    for match in _ACCENT.finditer(found):
        at = match.start()
        for beside in (at + 1, at - 1):
            letter = _together(letters, beside, MARKS[match[0]])
            if letter and _is_over(text, at, beside):
                letters[beside] = letter
                gone.add(at)
                break
    return "".join(letters), gone


def _together(letters: list[str], beside: int, mark: str) -> str | None:
    """The letter at a place with the mark, where there is such a letter."""
    if not 0 <= beside < len(letters):
        return None
    letter = letters[beside].replace("ı", "i").replace("ȷ", "j")
    whole = unicodedata.normalize("NFC", letter + mark)
    return whole if letter.isalpha() and len(whole) == 1 else None


def _is_over(text: pdfium.PdfTextPage, accent: int, letter: int) -> bool:
    """Whether the middle of an accent is within the sides of a letter."""
    left, _, right, _ = char_box(text, accent)
    first, _, last, _ = char_box(text, letter)
    return first < (left + right) / 2 < last
