"""Characters whose font gives no Unicode letter: ligatures by their names, and codes drawn blank.

Part of the PDF child (`pdf_child`): imports the standard library, pypdfium2, pikepdf and
`pdf_objects` only. A font may name its glyphs instead (`f_f_i`, `T_h`); pdfium looks names up in
Adobe's list, which has no ligatures but five, and answers the bare code, often a control character.
"""

import ctypes
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as c

from clerk.adapters.pdf_objects import char_box

MAX_FONTS = 2_000  # of a page
MAX_DEPTH = 6  # forms within forms, as in pdf_objects.py
MAX_NAME = 200  # bytes of a font's name
MAX_GLYPH_NAME = 40  # letters; `uni` with eight letters by number has 35
MAX_DIFFERENCES = 1_024  # of an encoding: its 256 names, each perhaps with its code
PLAIN = re.compile(r"Th|c[hkt]|ff?[bfhijklt]?|s[pt]|t[fitz]")
"""Ligatures that fonts name by their letters alone."""
FLAT = 0.01
"""Of a character's width: less high is what draws nothing; pdfium says a thousandth of its size."""
STAND_INS = range(0xA500, 0xA600)
"""Letters of Vai, of which those that a page has not stand for the ligatures that it has."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PART = re.compile(r"uni(?:[0-9A-F]{4}){1,8}|u[0-9A-F]{4,6}")
_FAILURES = (pikepdf.PikepdfError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)

Named = dict[str, dict[int, str]]
"""A font's name -> code of a character -> letters."""


def doubtful(found: str) -> bool:
    """Whether a page's text holds codes that no page shows as letters."""
    return _CONTROL.search(found) is not None


def letters(name: str) -> str:
    """What a glyph's name spells, as Adobe's rules for names of several parts say; may be empty."""
    if len(name) > MAX_GLYPH_NAME:
        return ""
    parts = name.split(".", 1)[0].split("_")
    return "".join(map(_of_part, parts)) if all(map(_of_part, parts)) else ""


def _of_part(part: str) -> str:
    if len(part) == 1 or PLAIN.fullmatch(part):
        return part if part.isascii() and part.isalpha() else ""
    if not _PART.fullmatch(part):
        return ""
    digits = part.removeprefix("uni").removeprefix("u")
    width = 4 if part.startswith("uni") else len(digits)
    numbers = [int(digits[at : at + width], 16) for at in range(0, len(digits), width)]
    if not all(32 < number < 0x110000 and not 0xD800 <= number < 0xE000 for number in numbers):
        return ""
    return "".join(map(chr, numbers))


def named(resources: Any) -> Named:
    """Of the fonts that a page's resources hold, the names of glyphs by `letters`.

    A code that two fonts of one name use for two glyphs is left out.
    """
    found: Named = {}
    disputed: set[tuple[str, int]] = set()
    for font in _fonts(resources):
        try:
            name, glyphs = _differences(font)
        except _FAILURES:
            continue
        known = found.setdefault(name, {})
        for code, spelt in glyphs.items():
            if known.setdefault(code, spelt) != spelt:
                disputed.add((name, code))
    for name, code in disputed:
        found[name].pop(code, None)
    return found


def _fonts(resources: Any) -> Iterator[Any]:
    """The fonts of a page and of the forms that it may draw, each once."""
    seen: set[tuple[int, int]] = set()
    waiting = [(resources, 0)]
    while waiting and len(seen) < MAX_FONTS:
        each, depth = waiting.pop()
        for kind in ("/Font", "/XObject"):
            for item in _values(each, kind):
                if item.is_indirect and item.objgen in seen:
                    continue
                if len(seen) >= MAX_FONTS:
                    return
                seen.add(item.objgen if item.is_indirect else (-1, len(seen)))
                if kind == "/Font":
                    yield item
                elif depth < MAX_DEPTH and "/Resources" in item:
                    waiting.append((item["/Resources"], depth + 1))


def _values(resources: Any, kind: str) -> list[Any]:
    try:
        held = [item for _, item in resources[kind].items()]
    except _FAILURES:
        return []
    return [item for item in held if isinstance(item, pikepdf.Dictionary | pikepdf.Stream)]


def _differences(font: Any) -> tuple[str, dict[int, str]]:
    """A font's name, and what the glyphs that its encoding names spell (ISO 32000-1, 9.6.6)."""
    spelt: dict[int, str] = {}
    code = 0
    for item in islice(font["/Encoding"]["/Differences"], MAX_DIFFERENCES):
        if isinstance(item, pikepdf.Name):
            spelt[code] = letters(str(item)[1:])
            code += 1
        else:
            code = int(item)
    return str(font["/BaseFont"])[1:], spelt


class Glyphs:
    """What the characters of a page that have no Unicode letter stand for."""

    def __init__(self, text: pdfium.PdfTextPage, fonts: Named) -> None:
        self._text = text
        self.blank: set[int] = set()
        """Places of characters that draw nothing and take room: spaces."""
        self.spelt: dict[int, str] = {}
        """Place of a character -> its letters."""
        for place in range(text.count_chars()):
            if c.FPDFText_HasUnicodeMapError(text, place) == 1:
                self._look(place, fonts)

    def _look(self, place: int, fonts: Named) -> None:
        code = c.FPDFText_GetUnicode(self._text, place)
        if spelt := fonts.get(_font(self._text, place), {}).get(code):
            self.spelt[place] = spelt
            return
        left, bottom, right, top = char_box(self._text, place)
        if top - bottom < FLAT * (right - left):
            self.blank.add(place)

    def put(self, found: str) -> tuple[str, dict[int, str]]:
        """`found`, a page's text, with spaces and stand-ins; and letters by the stand-ins' codes.

        One letter stands for a ligature until the places of a text no longer matter.
        """
        free = (code for code in STAND_INS if chr(code) not in found)
        stand_ins = dict(zip(dict.fromkeys(self.spelt.values()), free, strict=False))
        put = list(found)
        for place in self.blank:
            put[place] = " "
        for place, spelt in self.spelt.items():
            if spelt in stand_ins:
                put[place] = chr(stand_ins[spelt])
        return "".join(put), {code: spelt for spelt, code in stand_ins.items()}


def _font(text: pdfium.PdfTextPage, place: int) -> str:
    """The name of the font that a character is set in."""
    item = c.FPDFText_GetTextObject(text, place)
    font = c.FPDFTextObj_GetFont(item) if item else None
    if not font:
        return ""
    name = ctypes.create_string_buffer(MAX_NAME)
    c.FPDFFont_GetBaseFontName(font, name, MAX_NAME)
    return name.value.decode("utf-8", "replace")
