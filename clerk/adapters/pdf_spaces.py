"""Spaces of a page's text that pdfium missed, and those that part no words.

Part of the PDF child (`pdf_child`): imports the standard library and pypdfium2 only. Told by the
letters' advance widths and not by their ink: between the letters of a word there is nothing then,
or always the same where they are set wide.
"""

import math
import re
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as c

GAP = 0.12
"""Of a line's height: a wider gap inside a word, and wider by so much than the word's usual one, is
a space that pdfium missed. On 341,713 characters of municipal documents it found all of the 30 that
one file lacked, and split one word wrongly; on the 1.2 million of a test collection none."""
TIGHT, TIGHT_GAP, CAPITAL_GAP = 0.03, 0.1, 0.06
"""Likewise where the word has no other gap over the first: any, and one before a capital behind a
small letter (`Township|Community`). On 2,200 pages that nobody had looked at before these found 18
spaces, and split no word."""
SMALLER, RAISED = 0.78, 0.25
"""Of its neighbour's height: a digit less high, and higher up by so much, marks a footnote."""
LEVEL = 0.2  # of a letter's height; what stands higher or lower is not beside it

SPREAD = 0.5
"""Of a letter's height: so far apart stand the letters of a heading that is set wide; the marks of
a table stand further."""
LEAST_SPREAD = 4  # letters of a word that tells that its line is set wide

_WORD = re.compile(r"[^\W_]{3,}")
"""Letters and digits in a row; two of them say nothing about what is usual between them."""
_UNIT = re.compile(r"[a-z]{1,3}")  # `km`; a raised digit behind it is none of a footnote
_SINGLES = re.compile(r"(?<!\S)[^\W_]{1,2}(?: [^\W_]{1,2}(?!\S))++")
_WITHIN = re.compile(r"\d \d|(?![a-z] [A-Z])[^\W\d_] [^\W\d_]")
_VOTES = frozenset("ANRXY")  # `Y Y N A`
_ROLL = frozenset("AENPXY")  # present, absent, excused: `P P E A`
_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)
_BEHIND_LIGATURE = re.compile(r"(?<=f[fil]) (?=[^\W\d_])")

_box = c.FS_RECTF()  # where pdfium writes what is asked of every letter

_Letter = tuple[float, float, float, float]
"""Left, bottom, right, height."""


def parted(text: pdfium.PdfTextPage, found: str, gone: set[int]) -> str:
    """`found`, the text of a page, with the spaces that pdfium missed between its words.

    Without the characters at `gone`.
    """
    missed = [place for word in _WORD.finditer(found) for place in _missed(text, word)]
    if gone:
        return _without(found, gone, set(missed))
    cuts = [0, *missed, len(found)]
    return " ".join(found[start:end] for start, end in pairwise(cuts))


def behind_ligatures(text: pdfium.PdfTextPage, found: str) -> set[int]:
    """Places of spaces that lie under a ligature: typesetters' programs wrote `defi cit` so.

    The letters of a ligature share one place.
    """
    return {
        match.start()
        for match in _BEHIND_LIGATURE.finditer(found)
        if _touches(*(_letter(text, match.start() + step) for step in (-2, -1, 1)))
    }


def within_words(text: pdfium.PdfTextPage, found: str) -> set[int]:
    """Places of spaces between the letters of words that are set wide: `C I T Y  O F`.

    Some are typed so, others pdfium's; between the words of such a line the gap is wider.
    """
    return {place for run in _SINGLES.finditer(found) for place in _inner(text, run)}


def _inner(text: pdfium.PdfTextPage, run: re.Match[str]) -> list[int]:
    """Places of spaces in and around a run of letters, alone or in pairs, that part no words."""
    spaces = [at for at, each in enumerate(run[0], run.start()) if each == " "]
    pairs = len(run[0]) - 2 * len(spaces) - 1
    if pairs * 3 > len(spaces) + 1:  # short words
        return []
    gaps = [_gap(text, place) for place in spaces]
    if min(gaps) < TIGHT:
        around = (run.start() - 1, *spaces, run.end())
        return [place for place in around if _takes_no_room(text, run.string, place)]
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    if usual > SPREAD or pairs * 4 > len(spaces) - LEAST_SPREAD + 1:
        return []
    told = list(zip(spaces, gaps, strict=True))
    inner = [place for place, gap in told if gap <= usual + GAP]
    between = [place for place, gap in told if not gap <= usual + GAP]
    cuts = [run.start() - 1, *between, run.end()]
    words = [run.string[start + 1 : end].replace(" ", "") for start, end in pairwise(cuts)]
    return inner if any(map(_is_spread, words)) else []


def _takes_no_room(text: pdfium.PdfTextPage, found: str, place: int) -> bool:
    """Whether a space was typed, and the letters or digits beside it touch."""
    if place < 1 or not _WITHIN.fullmatch(found, place - 1, place + 2):
        return False
    return c.FPDFText_IsGenerated(text, place) == 0 and _gap(text, place) < TIGHT


def _gap(text: pdfium.PdfTextPage, place: int) -> float:
    """Between what stands before and behind a place, as `_apart`."""
    return _apart(_letter(text, place - 1), _letter(text, place + 1))


def _apart(first: _Letter | None, last: _Letter | None) -> float:
    """The gap between two letters, of the second one's height; infinite off one line."""
    if not (first and last) or not abs(last[1] - first[1]) < LEVEL * last[3]:
        return math.inf
    return (last[0] - first[2]) / last[3]


def _is_spread(word: str) -> bool:
    """Whether letters make a word, and are no marks and no alphabet (`A B C D`)."""
    cased = word.isalpha() and (word.isupper() or word[1:].islower())
    if len(word) < LEAST_SPREAD or not cased:
        return False
    letters = set(word.upper())
    if _are_marks(letters, len(word)) or not _VOWEL.search(word):
        return False
    return list(word) != sorted(set(word))


def _are_marks(letters: set[str], length: int) -> bool:
    """Whether so many letters, these among them, are a row of marks: few of them differ."""
    of_roll = letters <= _ROLL and len(letters) < LEAST_SPREAD
    return letters <= _VOTES or of_roll or 2 * len(letters) <= length


def _touches(first: _Letter | None, last: _Letter | None, after: _Letter | None) -> bool:
    if not (first and last and after) or first[0] != last[0]:
        return False
    level = abs(after[1] - last[1]) < LEVEL * last[3]
    return level and abs(after[0] - last[2]) < CAPITAL_GAP * last[3]


def _without(found: str, gone: set[int], missed: set[int]) -> str:
    """`found` without some of its characters, and with one space where several would be left."""
    kept: list[str] = []
    cut = False
    for place, letter in enumerate(found):
        if place in gone:
            cut = True
        elif not (cut and letter == " " and kept and kept[-1] == " "):
            kept += (" ", letter) if place in missed else letter
            cut = False
    return "".join(kept)


def _letter(text: pdfium.PdfTextPage, place: int) -> _Letter | None:
    if not c.FPDFText_GetLooseCharBox(text, place, _box):
        return None
    return _box.left, _box.bottom, _box.right, _box.top - _box.bottom


def _missed(text: pdfium.PdfTextPage, word: re.Match[str]) -> list[int]:
    """Places within a word before which a space was missed."""
    ask, box = c.FPDFText_GetLooseCharBox, _box
    gaps: list[float] = []
    notes: list[int] = []
    start, end = word.span()
    right = bottom = height = 0.0
    for place in range(start, end):
        if not ask(text, place, box):
            return []
        left, before, low, high = box.left, right, bottom, height
        right, bottom = box.right, box.bottom
        height = box.top - bottom
        if place == start:
            continue
        if abs(bottom - low) < LEVEL * height:
            gaps.append((left - before) / height)
            continue
        gaps.append(0.0)
        if _parts_note(word, place, height, high, bottom - low):
            notes.append(place)
    usual = max(sorted(gaps)[(len(gaps) - 1) // 2], 0.0)
    if max(gaps) - usual > CAPITAL_GAP:
        notes += _wide(word, [gap - usual for gap in gaps])
    return sorted(notes)


def _wide(word: re.Match[str], gaps: list[float]) -> list[int]:
    """Places before which a gap is a space; `gaps` are those between the letters of a word."""
    others = max((gap for gap in gaps if gap <= CAPITAL_GAP), default=0.0)
    return [
        place
        for place, gap in enumerate(gaps, word.start() + 1)
        if gap > GAP or (gap > CAPITAL_GAP and others <= TIGHT and gap > _least(word, place))
    ]


def _least(word: re.Match[str], place: int) -> float:
    """How wide a gap in a word without others has to be for a space."""
    found, last = word.string, place == word.end() - 1
    before, after = found[place - 1], found[place]
    if after.isupper() and (before.islower() or (not last and found[place + 1].islower())):
        return CAPITAL_GAP
    # Pairs of capitals are set apart for their looks, single letters by mistake.
    alone = last or place - 1 == word.start()
    return GAP if after.isupper() or alone else TIGHT_GAP


def _parts_note(word: re.Match[str], place: int, height: float, high: float, up: float) -> bool:
    """Whether a footnote's number ends before a place of a word, or begins there.

    `height` and `high` are of the letter there and of the one before it, which is lower by `up`.
    """
    found = word.string
    if height < SMALLER * high and up > RAISED * high:
        return found[place].isdigit() and not _UNIT.fullmatch(found, word.start(), place)
    return found[place - 1].isdigit() and high < SMALLER * height and -up > RAISED * height
