"""Text from outside, made safe to store, show and search. Pure; imports nothing of clerk.

Whatever a PDF or an OCR engine says passes through `clean` once, so that no escape sequence reaches
a terminal, no NUL reaches Postgres (which refuses it) and no lone surrogate reaches UTF-8.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

LINE_END_HYPHEN = "\ufffe"
"""What pdfium writes for a hyphen between letters at a line's end, swallowing the line break."""

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # OSC: titles, links, clipboard (ECMA-48)
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"  # CSI: colours, cursor
)
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Cc without \n and \t; surrogates; noncharacters; bidi overrides, which reorder what a reader sees
# (Trojan Source); BOM; soft hyphen and zero width space, which hide words from the search.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u200b]"
)
_LONG_RUN = re.compile(r"([^\x00-\x7f]{1000})")
_MARKED_SPLIT = re.compile(f"{LINE_END_HYPHEN} ?\n?")
_TRAILING = re.compile(r"[ \t\u00a0]{1,200}$", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]+")
# The look-behind keeps a long run of letters from being tried from each of its letters.
_SPLIT_WORD = re.compile(
    r"(?<![^\W\d_])(?<![^\W\d_]-)([^\W\d_]++)([-\u2010\u00ac\u2013\u2014]{1,2})\n"
    r"[ \t]{0,40}([^\W\d_]++)(\S{0,60})(?!\S)[ \t]{0,40}\n?"
)
_HYPHENS = "-\u2010\u00ac"
_ENDING = re.compile(
    r"\w*[ST]IONS?|(?:AB|IB)LE|AGE|[AE]NCE|CI[OÓ]N(?:ES)?|ED|ERS?|ERY|T?IAL|ICAL|IES|INGS?|IONS?"
    r"|T?IVE|T?ITY|TY|LY|MENTS?|MIENTO|NESS|TURES?"
)
"""How words in capitals end that a line's end splits."""
_WHOLE_WORD = re.compile(r"(?:AC|AUC|ELEC|MO|NA|SEC|STA)TION|(?:DIVI|MIS|PEN|SES|VER)SION")
_COMPOUND = re.compile(r"(?:self|ex|vice|quasi)|.+ (?:and|or|to|und|oder|bis|y|o|e)", re.IGNORECASE)
"""Head and tail of what keeps its hyphen: `self-insured`, `three- or four-family`."""
_GAPS = re.compile(r"\n{4,}")
_PASSWORD = re.compile(r"(?<=://)(?:([^/@\s:\[]+):(?!\d{1,5}[/?#])|:)(?:(?!://)\S)*@")


def without_passwords(said: str) -> str:
    """`said` with the passwords of all its URLs hidden.

    Also of those with a slash or an `@` in it, which no program understands: its error shows the
    URL. Accepted: of a path that holds an `@` too, the part before it is hidden with the password;
    up to five digits and a slash after a name are its port.
    """
    return _PASSWORD.sub(r"\1:***@", said)


def without_credentials(url: str) -> str:
    """`url` without user and password: a token may stand for either."""
    return re.sub(r"//[^/?#]*@", "//", url, count=1)


def clean(raw: str) -> str:
    """NFC, plain line feeds, no control, escape or invisible character; never raises.

    Where pdfium marks a hyphen at a line's end, hyphen and line break stand again: whether they
    part a word (`reso-`, `lution`) or belong to it (`Smith-`, `Jones`), `join_split_words` judges.
    """
    text = _LINE_BREAKS.sub("\n", _ESCAPES.sub("", raw))
    text = _MARKED_SPLIT.sub("-\n", text)
    text = _composed(_UNWANTED.sub("", text))
    return _GAPS.sub("\n\n\n", _TRAILING.sub("", text)).strip("\n")


def _composed(text: str) -> str:
    """NFC; in pieces where signs of accents stand in endless rows, which take time squared."""
    pieces = _LONG_RUN.split(text)
    return "".join(unicodedata.normalize("NFC", piece) for piece in pieces)


def plain(said: str, limit: int = 500) -> str:
    """One line fit for a terminal, whatever it came from: what cannot be shown is a mark."""
    line = " ".join(said.split())[:limit]
    return "".join(c if c.isprintable() else "�" for c in line)


def counted(count: int, noun: str) -> str:
    """`1 attempt`, `2 attempts`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def with_detail(reason: str, detail: str) -> str:
    """`not taken: http 404`; the reason alone where there is nothing to add."""
    return f"{reason}: {detail}" if detail else reason


def day(when: date | None, *, estimated: bool) -> str:
    """`2024-03-05`; `2024-03-05 (day estimated)` where no document says so; empty for None."""
    return f"{when or ''}{' (day estimated)' if when and estimated else ''}"


def near(name: str, known: Iterable[str], *, most: int = 1, least: float = 0.6) -> list[str]:
    """Of `known` what somebody who typed `name` may have meant, best first, in whatever case.

    `least`: how alike they have to be, 0 to 1.
    """
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name.casefold(), folded, n=most, cutoff=least)
    return [folded[each] for each in found]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean tesserocr?`, or nothing if nothing known is like `name`."""
    return "".join(f"; did you mean {each}?" for each in near(name, known))


def join_split_words(text: str) -> str:
    """Lines of a page with words that were split at a line's end made whole: `pur-`, `suant`.

    A search for `pursuant` then finds it. The rest of the word moves up, so lines stay lines.
    Before a small letter a hyphen is enough: a compound that happened to be split at its own hyphen
    loses it, which is the rarer case by far; not so where another hyphen stands before it
    (`right-of-`, `way`) or the parts are a usual compound (`self-`, `three-`, `or`). Names
    (`Smith-`, `Jones`), capitals and dashes, which OCR takes hyphens for, are joined to a word that
    the text has elsewhere in one piece, and capitals where the rest is a usual ending (`OPEN-`,
    `ING`). What goes on in digits (`COVID-`, `19`) is left alone.
    """
    known = set(_LETTERS.findall(text.casefold()))

    def joined(found: re.Match[str]) -> str:
        head, hyphen, tail, rest = found.groups()
        if (head + tail).casefold() in known:
            return f"{head}{tail}{rest}\n"
        if _COMPOUND.fullmatch(head) or _COMPOUND.fullmatch(f"{head} {tail}"):
            return found.group()
        suffix = head.isupper() and _ENDING.fullmatch(tail) and not _WHOLE_WORD.fullmatch(tail)
        whole = hyphen in _HYPHENS and (tail[0].islower() or suffix)
        return f"{head}{tail}{rest}\n" if whole else found.group()

    return _SPLIT_WORD.sub(joined, text).removesuffix("\n")
