"""Reading one page by OCR: a PDF page in, a PageReading out. Pure over sandbox and engine ports.

    render -> no ink: blank -> read before? -> soften, recognise -> confidence >= 88: done
                                          pale ink and no word, also made black: blank
                                          below 60: turned upright, read again
                                          still below 88: read once more, finer and softer
                            lines look unread: read once more, level or sharp;
                            on shading: without it; pale ones: all ink made black
                                          the best text stays
                                          without the lines that are no text

Which pages come here at all is the text layer's rule (docs/reading.md). Budget of the second look:
one orientation guess and at most three more recognitions (five of a page that stays below 60: in a
mirror, and without its back side), all within the page's own timeout. Good pages pay nothing.
Whether the run can still afford one is asked first.
"""

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from operator import ne
from pathlib import Path

from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Decision, PageLayer, PageReading, PageSource, Raster, Recognition, Word
from clerk.ports import OcrEngine, PdfSandbox
from clerk.scripts import is_foreign
from clerk.stages.ink import (
    FEW_SHADED_CELLS,
    Ink,
    cleared,
    deepened,
    in_front,
    ink,
    is_small_print,
    levelled,
    mirrored,
    slope,
    softened,
    unread_share,
    unshaded,
)
from clerk.stages.margins import Seen, with_margins
from clerk.text import clean, counted, join_split_words

TURNED = 60.0
"""Mean word confidence below which a page may lie on its side: pages upside down scored 34-35,
upright ones 70 and more."""
WEAK = 88.0
"""Below it a finer look pays: on 18 real scans it touched 2 pages and took the word error rate from
10.9 to 9.7 %; a threshold of 90 touched more for nothing, of 85 fewer for nothing."""
SHARP, SOFT, SOFTER = 0, 1, 2
"""How often the raster is blurred before the first and before later looks. Thresholding leaves
ragged letters of hard-edged scans: a typed P became F. Clean scans read as well once blurred, but
worse twice blurred."""
REVISION = 10
"""Of the steps in this module: raise it when the same raster and model would give another text, or
readings of before are taken for new ones."""
FIRST_LOOK = "first look only"
"""Ends the version of readings that had no second look, or not all of it, for want of budget or
time: a later run does not take them for all that the reader can do, and `clerk reread --engine`
finds them."""
FREE_SECONDS = 30.0
"""CPU seconds of second looks that every run may spend: the weak pages of a village's run."""
UNREAD = 0.1
"""Share of a page's cells that look like text and hold no word, from which on a sharp look pays.
Softened, Tesseract's layout now and then takes lines for a picture or leaves them out, with a high
confidence in the rest: of 164 pages of scans three lost lines so (0.11 to 0.27), whole pages scored
mostly 0.00 to 0.03; more had those with signatures, stamps and drawings."""
SLIGHTLY_UNREAD = 0.05
"""From which on the slope of the page's lines is looked at: a line in twenty."""
FADED = 0.3
"""How much greater that share is with pale ink counted, from which on a look at it pays. Where half
of a page's lines were 15 to 70 levels darker than the paper and the others 210, Tesseract read the
others only, with a confidence of 96; 100 pages of scans had at most 0.23 more, textured paper."""
SHADOWED = 0.1
"""Likewise where the paper is shaded: in a book's gutter, under a highlighter, in a photograph's
shadow. Letters there are no darker than a second paper's, so that a tenth to a third of the words
was lost at a confidence of 95."""
MOSTLY_UNREAD = 0.5
"""Share still unread behind the other looks from which on that look pays, too: in a black border
grey letters are paper to thresholding, be they plain ink. Maps and drawings have as much."""
NOISE = 40.0
"""Mean confidence of a line's letters below which it is taken for a signature, a stamp, a speck."""
LEGIBLE = 60.0
"""One word of two letters with this much confidence keeps its line: half an address is worth more
than none. Nor does a page lose lines whose mean confidence is lower: there the paper is bad."""
FEW_WORDS = 10
"""Fewer legible ones in a weak page's looks may be crumbs of a faded page on uneven paper."""
MIRRORED = 20.0
"""By how much more confidence a page is read in a mirror whose ink is its back side's, shining
through: such pages had 37 to 44 and 93 to 96, upright writing in a mirror 40."""
FEW_LETTERS = 25
"""Below so many a layer only claims what its page shows: it may be a stamp on a scan, or in a font
that takes letters for others."""
SAYS_MORE, SAYS_ALIKE = 1.5, 0.6
"""Letters that OCR found, of those of such a layer, past which the page shows something else; and
how like they have to be where OCR is sure of them."""
SEEN_WORDS = 0.6
"""Share of an OCR line's words that the text layer also has, from which on it adds nothing."""

SAID_AGAIN = 6
"""Letters of a line that a picture may say once more; fewer are in any text by chance."""
FEW_SIGNS = 6
"""Words, numbers and single letters of a line that names a voter or an amount."""

_WORD = re.compile(r"\w{2,}")
_SIGNS = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"\w{2}.*\b[A-Z]$")
"""A voter's letter behind a name."""
_COUNT = re.compile(r"(?<!\d)\d{1,2}\s*[-–—]\s*\d{1,2}(?!\d)")
_NUMBER = re.compile(r"\d[\d.,]*\d")
"""Of two digits."""
_KANA_AND_HAN = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
_UNSPACED = re.compile(_KANA_AND_HAN)
_SPACED_OUT = re.compile(f"(?<={_KANA_AND_HAN})[ \\t]+(?={_KANA_AND_HAN})")


@dataclass(frozen=True, slots=True)
class Look:
    """One attempt at a page and what it gave."""

    recognition: Recognition
    dpi: int
    rotate: int
    how: str = ""
    """In the page's reason."""
    unread: float = 0.0
    """Share of what looks like writing in which no word was found."""
    size: tuple[int, int] = (0, 0)
    """Pixels of the raster: width, height."""

    @property
    def score(self) -> float:
        """Expected right characters: length alone would favour noise, confidence alone a crumb.

        What was not read counts against the rest: a row of headings is worth a few points of
        confidence.
        """
        solid = len("".join(self.recognition.text.split()))
        return solid * (self.recognition.confidence / 100 * (1 - self.unread)) ** 2


Recall = Callable[[str], PageReading | None]
"""Digest of a raster -> what the same reader made of the same pixels before, if it is known."""
Afford = Callable[[float], bool]
"""CPU seconds of a page's first look -> whether the run can afford second ones."""


def _nothing(_digest: str) -> PageReading | None:
    return None


def always(_seconds: float) -> bool:
    """No budget."""
    return True


def never(_seconds: float) -> bool:
    """One look a page."""
    return False


def affordable(first: float, more: float, share: float) -> bool:
    """Whether a run that spent `first` and `more` CPU seconds on first and second looks may go on.

    Each process may overdraw by the page it has in hand.
    """
    return share > 0 and more < FREE_SECONDS + share * first


def reader(engine: OcrEngine, languages: str, dpi: int) -> str:
    """The reader's version: everything that decides which text a raster gives.

    Raises UnsupportedEngine where trained data is missing.
    """
    return f"{engine.version} {engine.model(languages)} {dpi}dpi r{REVISION}"


def blank_reader(dpi: int) -> str:
    """Likewise of pages on which there is nothing to recognise."""
    return f"pdfium {dpi}dpi r{REVISION}"


def digest(raster: Raster) -> str:
    """Names a raster by its pixels: 128 bits."""
    shape = f"{raster.width}x{raster.height}@{raster.dpi}:".encode()
    return hashlib.blake2b(shape + raster.pixels, digest_size=16).hexdigest()


def read_page(
    sandbox: PdfSandbox,
    engine: OcrEngine,
    pdf: Path,
    number: int,
    *,
    dpi: int,
    languages: str,
    layer_text: str | None = None,
    timeout: float,
    reason: str = "",
    recall: Recall = _nothing,
    afford: Afford = always,
) -> PageReading:
    """Recognise page `number` of `pdf` (from 1). Raises Unreadable only (and FileNotFoundError).

    Where `recall` knows the pixels, its answer is the answer. `afford` is asked once, for a page
    whose first look is weak.

    `layer_text`: a good text layer that OCR shall add to (PageLayer.text of an OCR decision), or ""
    for none; None asks the sandbox, which costs some 10 ms. `reason` is the layer's, likewise.
    `timeout`: wall seconds for the whole page.
    """
    deadline = time.monotonic() + timeout
    if layer_text is None:
        layer = _layer(sandbox, pdf, number)
        layer_text = layer.text if layer.decision is Decision.OCR else ""
        reason = reason or (layer.reason if layer.decision is Decision.OCR else "asked for OCR")
    reason = reason or "no good text layer"
    try:
        raster = sandbox.render(pdf, number, dpi)
    except Unreadable as error:
        if error.reason != "corrupt" or not layer_text:
            raise
        return _layer_alone(
            number, layer_text, reason, beside_layer(reader(engine, languages, dpi))
        )
    reason = ", ".join([reason, *(lack for lack in raster.lacks if lack not in reason)])
    claim, layer_text = _claim(layer_text), "" if _claim(layer_text) else layer_text
    seen = Ink.PLAIN if layer_text else ink(raster)
    if seen is Ink.NONE:
        return _blank(number, "blank page", blank_reader(dpi))
    pixels = digest(raster)
    before = recall(pixels)
    if before is not None:
        return _recalled(before, number, reason)
    page = _Page(sandbox, engine, pdf, number, languages, dpi, deadline)
    # The pictures beside a good text layer are maps and seals: hard to read and rarely worth more.
    looks = page.looks(raster, afford, again=not layer_text, pale=seen is Ink.PALE)
    version = reader(engine, languages, dpi)
    if claim and _is_borne_out(claim, looks.best):
        answer = _claimed(number, looks, claim, reason, version)
    elif looks.nothing or (looks.empty and not layer_text):
        marks = "pale marks" if looks.nothing else "marks"
        reason = f"blank page: {'its back side shows' if looks.behind else marks}, no words"
        answer = _blank(number, *_shortened(looks, reason, version))
    else:
        answer = _answer(number, looks, layer_text, reason, version)
    return replace(
        answer,
        raster=pixels,
        first_seconds=looks.first_seconds,
        more_seconds=looks.more_seconds,
    )


def _blank(number: int, reason: str, version: str) -> PageReading:
    return PageReading(
        number=number, source=PageSource.BLANK, text="", reason=reason, engine=version
    )


def _layer_alone(number: int, text: str, reason: str, version: str) -> PageReading:
    """Of a page that shows nothing, since a picture on it is damaged, what its text layer says."""
    reason = f"{reason}: 0 lines added"
    return PageReading(
        number=number, source=PageSource.TEXT_LAYER, text=text, reason=reason, engine=version
    )


def _recalled(before: PageReading, number: int, reason: str) -> PageReading:
    """What was read in the same pixels elsewhere, with this page's own reason for OCR."""
    if before.source is PageSource.OCR:
        _, semicolon, about_reading = before.reason.partition(";")
        reason = f"{reason}{semicolon}{about_reading}"
    else:  # blank, or beside the same text layer
        reason = before.reason
    return replace(before, number=number, reason=reason, first_seconds=0.0, more_seconds=0.0)


@dataclass(frozen=True, slots=True)
class _Looks:
    """All looks at one page."""

    best: Look
    first_seconds: float
    more_seconds: float = 0.0
    again: bool = False
    """It was looked at more than once."""
    denied: bool = False
    """A second look was wanted, and the run could not afford it."""
    cut: str = ""
    """Why the second look is not all that it should have been."""
    unturned: str = ""
    """Why the page's orientation could not be guessed."""
    nothing: bool = False
    """There were only pale marks, and no word."""
    behind: bool = False
    """What looks like writing shines through from the back side."""

    @property
    def empty(self) -> bool:
        """Holes, a staple or a border: no word, nor anything like one."""
        return not self.best.recognition.text.strip() and not self.best.unread


@dataclass(frozen=True, slots=True)
class _Page:
    """One page and everything needed to look at it, once or more."""

    sandbox: PdfSandbox
    engine: OcrEngine
    pdf: Path
    number: int
    languages: str
    dpi: int
    deadline: float

    def looks(self, raster: Raster, afford: Afford, *, again: bool, pale: bool) -> _Looks:
        """The first look, and if it is weak (and `again`) the better one of all.

        `pale`: there is no plain ink, so that without a legible word there is nothing.
        """
        began = _cpu()
        if not again:
            only = Look(self._recognise(raster, SOFT), raster.dpi, 0)
            return _Looks(only, _cpu() - began)
        best = first_look = self.look(raster)
        found = best.recognition
        unread = best.unread
        faded = unread_share(raster, found, pale=True) - unread
        shadowed = faded > SHADOWED
        white = unshaded(raster, lost=unread > UNREAD or shadowed)
        if white:
            shaded = unread_share(white, found, few=FEW_SHADED_CELLS)
            best = replace(best, unread=max(unread, shaded))
            white = white if shaded or shadowed else None
        level = slope(white or raster) if unread > SLIGHTLY_UNREAD or shadowed else 0.0
        first = _cpu() - began
        nothing = pale and not _has_words(found)
        small = is_small_print(found, raster.dpi)
        all_read = unread <= UNREAD and faded <= FADED and not level and not white
        well_read = found.confidence >= WEAK and all_read and not small
        if well_read and not nothing:
            return _Looks(best, first)
        if not afford(first):
            return _Looks(best, first, denied=True, nothing=nothing)
        began = _cpu()
        cut = ""
        turn, unturned = self._turn(raster) if found.confidence < TURNED else (0, "")
        try:
            lacks = _Lacks(unread, faded, level, white, small=small, nothing=nothing)
            for look in _other_looks(self, raster, turn, best, lacks):
                best = max(best, look, key=_score)
        except Unreadable as error:  # the looks so far stand
            cut = error.reason
        behind = None if cut or nothing else _in_front(self, raster, best)
        nothing = bool(behind and not _has_words(behind.recognition)) or nothing
        best = behind or _with_margins(first_look, best)
        found = best.recognition
        return _Looks(
            best,
            first,
            _cpu() - began,
            again=True,
            cut=cut,
            unturned=unturned,
            nothing=nothing and not (found.confidence >= LEGIBLE and _has_words(found)),
            behind=behind is not None,
        )

    def _turn(self, raster: Raster) -> tuple[int, str]:
        """Degrees to turn the page, and why they are not known."""
        try:
            turn = self._orientation(raster)
            if turn is None:  # faded, or on uneven paper
                turn = self._orientation(deepened(raster))
            return turn or 0, ""
        except UnsupportedEngine:
            return 0, "no trained data (osd)"
        except Unreadable as error:
            return 0, error.reason

    def _orientation(self, raster: Raster) -> int | None:
        return self.engine.orientation(raster, timeout=_left(self.deadline))

    def look(self, raster: Raster, rotate: int = 0, *, blur: int = SOFT, how: str = "") -> Look:
        """Recognise `raster`, which shows the page turned by `rotate`."""
        found = self._recognise(raster, blur)
        size = raster.width, raster.height
        return Look(found, raster.dpi, rotate, how, unread_share(raster, found), size)

    def _recognise(self, raster: Raster, blur: int) -> Recognition:
        left = _left(self.deadline)
        return self.engine.recognise(softened(raster, blur), self.languages, timeout=left)

    def render(self, dpi: int, rotate: int) -> Raster:
        return self.sandbox.render(self.pdf, self.number, dpi, rotate)


@dataclass(frozen=True, slots=True)
class _Lacks:
    """What the first look at a page did not read."""

    unread: float
    """Share of what looks like text."""
    faded: float
    """How much more of it where pale ink counts."""
    level: float
    """Degrees that make its lines level, if some were not read; else 0."""
    white: Raster | None
    """The page without its shading, if there is text in it that was not read."""
    small: bool
    """It is in small print."""
    nothing: bool
    """All ink is pale, and no word of it was legible."""


def _other_looks(
    page: _Page, raster: Raster, turn: int, first: Look, lacks: _Lacks
) -> Iterator[Look]:
    """One to three more looks. Raises Unreadable where time or the file gives out."""
    best, upright = first, raster
    legible = first.recognition.confidence >= WEAK or _says_enough(first)
    if turn and not lacks.nothing:
        upright = page.render(page.dpi, turn)
        yield (turned := page.look(upright, turn))
        best = max(best, turned, key=_score)
        legible |= _says_enough(turned)
    found = None if turn else _look_for_lost(page, raster, first, lacks)
    if found:
        yield found
        best = max(best, found, key=_score)
        legible |= _says_enough(found)
    if (best.recognition.confidence < WEAK or lacks.small) and not lacks.nothing:
        yield (finer := _finer_look(page, upright, turn, lacks))
        best = max(best, finer, key=_score)
        legible |= _says_enough(finer)
    if _is_faded(lacks, best, turn) or best.unread > MOSTLY_UNREAD or not legible:
        yield page.look(deepened(upright), turn, blur=SHARP, how="pale ink made black")


def _finer_look(page: _Page, upright: Raster, turn: int, lacks: _Lacks) -> Look:
    """A look for a weak page: without the marks that hide its ink, or else at finer pixels."""
    clear = None if lacks.small else cleared(upright)
    if clear:
        return page.look(clear, turn, blur=SHARP, how="pale marks made white")
    finer = page.render(_other_dpi(page.dpi), turn)
    return page.look(finer, turn, blur=SHARP if lacks.small else SOFTER)


def _is_faded(lacks: _Lacks, best: Look, turn: int) -> bool:
    """Whether ink was lost as pale, also where the paper is shaded in more than places."""
    if lacks.white:
        return lacks.faded > SHADOWED and best.unread > UNREAD and not turn
    return lacks.faded > FADED and not turn


def _look_for_lost(page: _Page, raster: Raster, first: Look, lacks: _Lacks) -> Look | None:
    """A look at a page of which lines were lost, in the way that may find them."""
    level = f"levelled by {lacks.level:g} degrees" if lacks.level else ""
    if lacks.white:
        white = levelled(lacks.white, lacks.level) if level else lacks.white
        how = f"shading made white, {level}" if level else "shading made white"
        return page.look(white, blur=SHARP, how=how)
    if level:
        return page.look(levelled(raster, lacks.level), how=level)
    # A weak page and small print are looked at more finely, which finds as much.
    if lacks.unread > UNREAD and first.recognition.confidence >= WEAK and not lacks.small:
        return page.look(raster, blur=SHARP, how="unsoftened")
    return None


def _in_front(page: _Page, raster: Raster, best: Look) -> Look | None:
    """A look at a weak page's own ink, if the rest is its back side's; None if it is not.

    That is read in a mirror. Raises nothing: where time gives out, the page stays as it is.
    """
    if best.recognition.confidence >= LEGIBLE or len(best.recognition.words) < FEW_WORDS:
        return None
    try:
        back = page.look(mirrored(deepened(raster)), blur=SHARP).recognition
        least = max(best.recognition.confidence + MIRRORED, LEGIBLE)
        if back.confidence < least or not _has_words(back, least=FEW_WORDS):
            return None
        own = in_front(raster, [word.box for word in back.words])
        return page.look(own, blur=SHARP, how="without the back side")
    except Unreadable:
        return None


def _with_margins(first: Look, best: Look) -> Look:
    """The best look, with what stands upright beside it if that was a page on its side."""
    upright, turned = Seen(first.recognition, *first.size), Seen(best.recognition, *best.size)
    found, lines = with_margins(upright, turned, best.rotate)
    if not lines:
        return best
    how = f"{best.how}, " if best.how else ""
    return replace(best, recognition=found, how=f"{how}{counted(lines, 'line')} read upright")


def _score(look: Look) -> float:
    return look.score


def _has_words(found: Recognition, least: int = 1) -> bool:
    """Whether there are legible ones; engines that do not tell words apart speak for a page."""
    if not found.words:
        return found.confidence >= LEGIBLE and bool(found.text.strip())
    return sum(map(_is_legible, found.words)) >= least


def _says_enough(look: Look) -> bool:
    return _has_words(look.recognition, least=FEW_WORDS)


def _is_legible(word: Word) -> bool:
    return word.confidence >= LEGIBLE and _WORD.search(word.text) is not None


def _other_dpi(dpi: int) -> int:
    """Half as fine again: 300 for the usual 200."""
    return dpi * 3 // 2


def _cpu() -> float:
    """CPU seconds of this process and of programs it ran; the PDF child's are not among them."""
    return sum(os.times()[:4])


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unreadable("timeout", "the page took longer than its time limit (limits.page)")
    return left


def _layer(sandbox: PdfSandbox, pdf: Path, number: int) -> PageLayer:
    item = next(iter(sandbox.layers(pdf, number, number)))
    if isinstance(item, Exception):
        raise item
    return item


def _answer(number: int, looks: _Looks, layer_text: str, reason: str, version: str) -> PageReading:
    best = looks.best
    lines, noise = sorted_lines(best.recognition, beside=bool(layer_text))
    text = join_split_words(clean("\n".join(lines)))
    if layer_text:
        added = unseen_lines(layer_text, text)
        text = _with_added(layer_text, added)
        version, reason = beside_layer(version), f"{reason}: {counted(len(added), 'line')} added"
    elif best.unread > UNREAD:
        reason = f"{reason}; {best.unread:.0%} of what looks like writing gave no words"
    if noise:
        reason = f"{reason}; {counted(noise, 'line')} left out as illegible"
    if looks.again:
        reason = f"{reason}; best look at {best.dpi} dpi"
    if best.how:
        reason = f"{reason}, {best.how}"
    if best.rotate:
        reason = f"{reason}, turned {best.rotate} degrees"
    reason, version = _shortened(looks, reason, version)
    return PageReading(
        number=number,
        source=PageSource.TEXT_LAYER if layer_text else PageSource.OCR,
        text=text,
        reason=reason,
        engine=version,
        confidence=None if layer_text else round(best.recognition.confidence, 1),
        unread=round(best.unread * 100, 1) if best.recognition.words and not layer_text else None,
    )


def _shortened(looks: _Looks, reason: str, version: str) -> tuple[str, str]:
    """Reason and version with what the second look could not do."""
    if looks.denied:
        reason = f"{reason}; no second look: the run has spent its share (ocr.second_look_share)"
    if looks.cut:
        reason = f"{reason}; second look cut short: {looks.cut}"
    if looks.unturned:
        reason = f"{reason}; orientation not known: {looks.unturned}"
    cut = looks.denied or looks.cut
    return reason, f"{version}, {FIRST_LOOK}" if cut else version


def sorted_lines(found: Recognition, *, beside: bool = False) -> tuple[list[str], int]:
    """The lines that are text, and how many of noise there were besides.

    None is left out of a page that is badly read as a whole, unless it has no legible word at all,
    nor where the engine does not tell words apart. `beside` a text layer such a page only gives
    lines that are well read as a whole: it may be in letters that the engine does not know.
    """
    lines = found.text.split("\n")
    weak = found.confidence < LEGIBLE
    if weak and not beside and (found.confidence >= NOISE or any(map(_is_legible, found.words))):
        return lines, 0
    words = _by_line(found)
    if weak and beside:
        noise = {line for line, its in words if _confidence(its) < LEGIBLE}
    else:
        noise = {line for line, its in words if _is_noise(its)}
    return [text for line, text in enumerate(lines) if line not in noise], len(noise)


def _by_line(found: Recognition) -> list[tuple[int, list[Word]]]:
    """Lines that have words, by their numbers, with these."""
    return [(line, list(its)) for line, its in groupby(found.words, key=lambda word: word.line)]


def _is_noise(words: list[Word]) -> bool:
    if any(map(_is_legible, words)):
        return False
    return _confidence(words) < NOISE


def _confidence(words: list[Word]) -> float:
    """Mean over the letters of some words."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / max(letters, 1)


# -- a few words in a text layer -----------------------------------------------------------------


def _claim(layer_text: str) -> str:
    """A text layer of so few letters, in a script that engines may know, that the page decides."""
    solid = "".join(layer_text.split())
    return layer_text if len(solid) < FEW_LETTERS and not is_foreign(solid) else ""


def _is_borne_out(claim: str, best: Look) -> bool:
    """Whether the page says what its few words of a layer say, or nothing that can be told."""
    said, found = _solid(claim), _solid(best.recognition.text)
    if len(found) > SAYS_MORE * len(said):
        return False
    sure = best.recognition.confidence >= WEAK and found
    return not sure or SequenceMatcher(None, said, found).ratio() >= SAYS_ALIKE


def _claimed(number: int, looks: _Looks, claim: str, reason: str, version: str) -> PageReading:
    """The few words of a layer, and lines besides of which OCR is sure."""
    best = looks.best.recognition
    sure = {line for line, its in _by_line(best) if _confidence(its) >= WEAK}
    lines = [text for line, text in enumerate(best.text.split("\n")) if line in sure]
    added = [
        line
        for line in unseen_lines(claim, clean("\n".join(lines)))
        if SequenceMatcher(None, _solid(claim), _solid(line)).ratio() < SAYS_ALIKE
    ]
    text = _with_added(claim, added)
    reason = f"{reason}: {counted(len(added), 'line')} added"
    reason, version = _shortened(looks, reason, beside_layer(version))
    return PageReading(
        number=number, source=PageSource.TEXT_LAYER, text=text, reason=reason, engine=version
    )


def beside_layer(version: str) -> str:
    """The reader's version where OCR only adds to a text layer."""
    return f"pdfium + {version}"


def _with_added(layer_text: str, added: list[str]) -> str:
    """A layer's text, and below it the lines that OCR found besides."""
    return "\n\n".join([layer_text, "\n".join(added)]) if added else layer_text


def unseen_lines(layer_text: str, recognised: str) -> list[str]:
    """Lines of the OCR that the text layer does not have, in order.

    A line is new when most of its words occur nowhere in the layer. Where they do, it is new if it
    is short and tells a number or a voter's sign (`Pham Y`, `$48,213.77`) that the layer does not
    have, or as often as the page shows it more often than the layer has it. Lines without a word
    are noise.
    """
    known, numbers = set(_words(layer_text)), set(_NUMBER.findall(layer_text))
    layer, page = _solid(layer_text), _solid(recognised)
    again: Counter[str] = Counter()

    def is_new(line: str) -> bool:
        words, solid = _words(line), _solid(line)
        spaced_otherwise = len(solid) >= SAID_AGAIN and solid in layer
        if (
            words
            and not spaced_otherwise
            and sum(word in known for word in words) < SEEN_WORDS * len(words)
        ):
            return True
        if solid not in layer:
            return len(_SIGNS.findall(line)) <= FEW_SIGNS and _is_telling(line, numbers)
        again[solid] += 1
        more = page.count(solid) - layer.count(solid)
        return len(solid) >= SAID_AGAIN and again[solid] <= more

    return [line.strip() for line in recognised.splitlines() if is_new(line)]


def _is_telling(line: str, numbers: set[str]) -> bool:
    """Whether a line has a voter's sign, a count, or a number that is none of `numbers` misread."""
    if _SIGN.search(line) or _COUNT.search(line):
        return True
    return any(not any(_is_like(new, old) for old in numbers) for new in _NUMBER.findall(line))


def _is_like(one: str, other: str) -> bool:
    """Whether two numbers differ in one digit at most."""
    return len(one) == len(other) and sum(map(ne, one, other)) <= 1


def _solid(text: str) -> str:
    """Letters and digits alone, as layers and OCR space them differently."""
    return "".join(_SIGNS.findall(text.casefold()))


def _words(text: str) -> list[str]:
    """Words of two letters and more; where scripts write none apart, each two signs in a row.

    Tesseract parts such lines into words by its own lights, and a text layer does not.
    """
    found: list[str] = []
    for word in _WORD.findall(_SPACED_OUT.sub("", text.casefold())):
        found += map("".join, pairwise(word)) if _UNSPACED.search(word) else [word]
    return found
