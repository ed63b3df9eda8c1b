"""Which script a text is written in, as far as reading asks. Pure; imports nothing of clerk."""

import unicodedata
from collections import Counter

_EAST_ASIAN = dict.fromkeys(("HIRAGANA", "KATAKANA", "BOPOMOFO"), "CJK")
_SCRIPTS = (
    *("ARABIC", "ARMENIAN", "BENGALI", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN"),
    *("GREEK", "GUJARATI", "GURMUKHI", "HANGUL", "HEBREW", "KANNADA", "KHMER", "LAO"),
    *("MALAYALAM", "MYANMAR", "SINHALA", "TAMIL", "TELUGU", "THAI"),
)
"""By the first word of their letters' names (Unicode). Not Coptic, whose letters broken fonts of
Office take for digits (`ϮϬϮϭ` is 2021)."""


def is_foreign(text: str) -> bool:
    """Whether most letters are of one script that is not Latin, so that the font knew them.

    The engine reads no script but those of its languages: of others it makes Latin letters.
    """
    counts = Counter(_script(letter) for letter in text if letter.isalpha())
    best = max(_SCRIPTS, key=lambda script: counts[script])
    return counts[best] * 3 > counts.total() * 2


def is_latin(text: str) -> bool:
    """Whether most letters are Latin, or there are none."""
    scripts = [_script(letter) for letter in text if letter.isalpha()]
    return scripts.count("LATIN") * 2 >= len(scripts)


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return _EAST_ASIAN.get(name, name)
