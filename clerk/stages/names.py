"""The grammar of people's names in minutes, and the roster that names are resolved against.

Every pattern uses possessive quantifiers and bounded repeats, so that matching takes time linear in
the text whatever the text is.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from clerk.stages.pages_text import sentence_start


def words(text: str) -> frozenset[str]:
    """A set of words, written as people write lists."""
    return frozenset(text.split())


def alternatives(among: frozenset[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(sorted(map(re.escape, among), key=len, reverse=True))


MEMBER_TITLES = words(
    """mayor vice deputy acting interim pro tem tempore tempo council councilmember councilmembers
    councilman councilmen councilwoman councilwomen councilperson councilpersons councillor
    councillors councilor councilors cllr cllrs cr crs commissioner commissioners comm
    trustee trustees supervisor supervisors
    selectman selectmen selectwoman selectperson alderman aldermen alderwoman alderperson ald
    committeeman committeemen committeewoman committeewomen committeeperson committeemember
    boardmember boardmembers assemblyman assemblywoman assemblymember legislator
    clm supv supvr selectboard
    chair chairman chairwoman chairperson co-chair president member members reeve warden vice-chair
    vice-chairman vice-chairperson vice-chairwoman vice-president vice-mayor director directors
    board-member freeholder representative senator delegate judge justice alternate"""
)
STAFF_TITLES = words(
    """attorney manager clerk administrator treasurer engineer planner planners superintendent chief
    secretary officer inspector assessor recorder registrar controller comptroller chaplain
    coordinator solicitor counsel sergeant lieutenant captain deputy assistant consultant principal
    librarian specialist analyst technician marshal constable sheriff finance-director
    architect arborist surveyor auditor accountant ceo cao cfo bookkeeper forester curator
    liaison collector paralegal foreman paramedic aide typist transcriptionist"""
)
COURTESY = words("mr mrs ms miss mx dr rev hon pastor prof sir madam pres lt col sgt sen rep atty")
_PLACES = words("city town village township county district police fire public board works")
TITLES = MEMBER_TITLES | COURTESY | _PLACES | frozenset(("the",))

_SHORT_TITLES = words("cllr cr comm ald clm supv supvr")

# Words that begin with a capital in minutes and yet are no part of a name.
NOT_NAMES = words(
    """a am abstain abstained absent adjourn adjourned adjournment after agenda all also amendment
    and be any approval approve approved april as at august aye ayes bill board both but by
    carried carry chambers city clerk commission committee consent council county court date
    december department discussion district division each excused failed february following
    for from having he hearing his her i if in introduced it item january july june later
    march may mayor meeting members minutes motion moved nay nays nayes no noes none not nos
    november october of office on or ordinance other passed page pm present public quorum
    recused regular report resolution result roll second seconded seconder mover section
    september session she so staff state street that the their then there these they this to
    town township unanimous unanimously under upon village vote voted votes voting was were
    when whereas which who with yea yeas yes yay work avenue road lane drive way park school
    center centre association company inc llc bank church university library club services
    service program project plan planning zoning fund budget action required comments comment
    reports communications correspondence ceremonial ceremony matters memorandum youth
    monthly training transition recycle received failure items item utilities control
    pollution building neighborhood neighbourhood airport international dba grocery golf
    special convention reprint fiscal senior junior one two three four five six seven eight nine
    ten business invocation presentation presentations proclamation proclamations closed recess
    workshop disorderly see attached absence others guests visitors call order pledge mr mrs ms
    former further additionally lastly finally system systems webinar webinars reporting salary
    mileage annual legal dept acknowledgement financial transportation vacant remote late friday
    monday tuesday wednesday thursday saturday sunday supported opposed attending attendees pct
    via zoom webex against defeated denied continued chapter exhibit appendix
    north south east west new old"""
) | (STAFF_TITLES - {"chief", "principal", "marshal"})

# Some of them name people, too: where the words around say that a person is meant.
ALSO_GIVEN = words("bill april june may august")
_ALSO_SURNAMES = words(
    "lane park church street west north chambers march may april june august page bank"
)

PARTICLES = words("van von der den de la le del della di da dos du ter el al")

UPPER = "A-ZÀ-ÖØ-Þ"
# A space inside a name: lines wrap, and layouts indent what follows.
# One line break at most: a blank line ends whatever was being named. So does a line in capitals
# below small letters: it is a heading.
GAP = (
    r"(?>[ \f]{1,60}+(?!\n)|(?<=[a-zß-ÿ])[ \f]{0,60}+\n[ \f]{0,60}+(?![A-Z]{3})"
    r"|(?<![a-zß-ÿ])[ \f]{0,60}+\n[ \f]{0,60}+)"
)
_LETTERS = r"(?:[^\W\d_]|'(?=[^\W\d_])(?!s\b))"
_WORD = rf"(?>[{UPPER}]{_LETTERS}{{0,40}}+(?:-(?:\n[ ]{{0,40}}+)?{_LETTERS}{{1,40}}+){{0,3}}+)"
_INITIAL = rf"(?>[{UPPER}]\.)"
_PARTICLE = rf"(?:(?:{alternatives(PARTICLES)})\s)"
_NO = rf"(?!(?i:{alternatives(NOT_NAMES)})\b(?!'))"
# The first look-ahead spares most places the long list of words.
_PIECE = rf"(?=[^\W\d_])(?!(?:Jr|Sr|II|III|IV)\b){_NO}{_PARTICLE}{{0,2}}+(?:{_INITIAL}|{_WORD})"
TITLE = rf"(?:(?i:\b(?:{alternatives(TITLES)}))\b\.?(?:{GAP}|\s?[-/]\s?|(?<=[rs]\.)(?=[A-Z])))"
_QUOTED = r"(?:[\"'(][\w.]{1,12}[\"')]\s?)?"
# `Cllr A Higgins`, `Member A Roe`, `Chairman A Doe`
_AFTER_OFFICE = "(?<=[aelo][nr] .)"
# `A.` and `I.` are letters before items where a line or a sentence begins, and initials inside it.
_MIDDLE = rf"(?:[AI]\.(?=[ ]{{0,2}}+{_PIECE})|{_PIECE})"
NAME = (
    rf"{_PIECE}(?:\s?(?<=\.)|{GAP}){_QUOTED}{_MIDDLE}(?:(?:{GAP}|(?<=\.)){_QUOTED}{_PIECE}){{0,2}}"
    rf"|(?<=[,:;a-zA-Z][ ])[AI](?:\.(?:[A-Z]\.)?+|{_AFTER_OFFICE})[ ]{{0,2}}+"
    rf"{_PIECE}(?:{GAP}{_PIECE})?|{_PIECE}"
)
_TO_GIVEN = rf"(?=[{UPPER}])(?i:{alternatives(ALSO_GIVEN)})\b[ ]{{1,3}}+{_QUOTED}"
# The last word of its list item, or small letters follow: `Jane Park,` and not `Park Board`.
_SURNAME = (
    rf"(?=[{UPPER}])(?i:{alternatives(_ALSO_SURNAMES)})\b(?!')"
    r"(?=[ ]{0,60}+(?:[^\w ]|\Z)|[ ]{1,60}+(?:[a-z]|TO\b|AND\b)|[ ]{2})"
)
_OFFICES = words(
    "mayor commissioner trustee supervisor councilmember councilman councilwoman councillor"
    " councilor alderman selectman member director mr. mr mrs. mrs ms. ms dr."
)
_LONE = (
    r"(?:(?<=[,:;-][ \n])|(?i:(?<=\band )|(?<=\bby )|(?<=\bwith )"
    + "".join(rf"|(?<=\b{re.escape(word)} )" for word in sorted(_OFFICES))
    + rf")){_SURNAME}"
)
# Where only a person can be meant: after a label, a title, `moved by`.
PERSON = (
    rf"{_TO_GIVEN}(?:{_PIECE}(?:{GAP}{_PIECE})?(?:[ ]{_SURNAME})?|{_SURNAME})"
    rf"|{_PIECE}(?:\s?(?<=\.)|[ ]){_QUOTED}(?:{_PIECE}[ ]){{0,2}}{_SURNAME}"
    rf"|{NAME}|{_LONE}"
)
SUFFIX = r"(?:,?\s(?:Jr|Sr|II|III|IV)\b\.?)?+"
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))


# `Commissioner Precinct 2 Ida Roe`
_SEATED = (
    r"(?:(?i:precinct|pct\.?|district|ward|place|seat|position)[ ]"
    r"(?:(?i:no\.)[ ]?|\#)?\d{1,2},?[ ])?+"
)


def person(group: str) -> str:
    """A pattern for `[title] name`, with the name (no title) in the named group `group`."""
    return rf"(?:{TITLE}){{0,5}}+{_SEATED}(?P<{group}>(?:{PERSON}){SUFFIX})"


def fold(word: str) -> str:
    """Case, accents and the kind of apostrophe do not tell people apart."""
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


_NICK = re.compile(r"(?<!\w)[\"'(](\w[\w.]{0,11})[\"')](?!\w)")


def nickname(name: str) -> str:
    """`mickey` of `R. D. "Mickey" Mays`; "" for none."""
    found = _NICK.search(fold(name))
    return found[1] if found else ""


def tokens(name: str) -> tuple[str, ...]:
    """`Dr. C. V. O'Brien, Jr.` -> (c, v, o'brien).

    Folded, without titles, particles, suffixes, and what somebody is called besides.
    """
    words = re.findall(r"[\w'-]+", _NICK.sub(" ", fold(name))) or [fold(name)]
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    # `Van der Berg` is the Berg of `Jan van der Berg`.
    return tuple(word for word in words[:-1] if word not in PARTICLES) + tuple(words[-1:])


def suffix(name: str) -> str:
    """`sr` of `John Smith, Sr.`; "" for none."""
    last = re.findall(r"\w+", fold(name))[-1:]
    return last[0] if last and last[0] in _SUFFIXES else ""


def compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may be one person's: one surname, and no contradiction before it."""
    if not one or not other or one[-1] != other[-1]:
        return False
    if len(one) == 1 or len(other) == 1:
        return True
    first, second = one[0], other[0]
    if len(first) == 1 or len(second) == 1:
        return first[0] == second[0]
    return first == second


@dataclass(slots=True)
class Entry:
    """One person of the meeting, as known so far."""

    name: str
    """The fullest printed form."""
    role: str | None = None
    status: str | None = None
    member: bool = False
    confidence: float = 1.0
    aliases: set[str] = field(default_factory=set)
    shared: bool = False
    """Two people of this meeting are printed alike: nothing is told of either by name."""

    @property
    def key(self) -> tuple[str, ...]:
        """The name as `compatible` compares it."""
        return tokens(self.name)

    def may_be(self, key: tuple[str, ...]) -> bool:
        """Whether they may be printed so, by what they are called, too."""
        called = len(key) > 1 and key[0] == nickname(self.name) and key[-1] == self.key[-1]
        return called or compatible(key, self.key)


_MOST_ALIKE = 20
"""People of one given name, of whom none is told by it any more."""


class Roster:
    """The people of one meeting, by surname. Nobody is matched by likeness of spelling."""

    def __init__(self) -> None:
        self._by_surname: dict[str, list[Entry]] = {}
        self._by_given: dict[str, list[Entry]] = {}
        self._order: list[Entry] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._order)

    def resolve(self, printed: str, *, given: bool = False) -> Entry | None:
        """The one person that `printed` may name; None for nobody, or more than one.

        `given`: `Edee` may be the one member who is called so, if nobody has it for a surname.
        """
        return self._one_of(self._meant(printed, given=given))

    def is_ambiguous(self, printed: str, *, given: bool = False) -> bool:
        """Whether more than one person of the meeting may be meant."""
        found = self._meant(printed, given=given)
        return bool(found) and self._one_of(found) is None

    def _one_of(self, found: list[Entry]) -> Entry | None:
        members = [entry for entry in found if entry.member]
        if len(found) > 1 and len(members) == 1:
            found = members
        return found[0] if len(found) == 1 and not found[0].shared else None

    def _meant(self, printed: str, *, given: bool) -> list[Entry]:
        return self._candidates(printed) or (self._called(printed) if given else [])

    def _called(self, printed: str) -> list[Entry]:
        key = tokens(printed)
        alike = self._by_given.get(key[0], ())
        if len(key) > 1 or len(key[0]) < 3 or len(alike) > _MOST_ALIKE:
            return []
        return [e for e in alike if e.member and key[0] in (e.key[0], nickname(e.name))]

    def _candidates(self, printed: str) -> list[Entry]:
        key, of = tokens(printed), suffix(printed)
        found = [e for e in self._by_surname.get(key[-1], ()) if e.may_be(key)]
        exact = [entry for entry in found if entry.key == key] or found
        if of:  # nobody is Jr. and Sr.
            same = [entry for entry in exact if suffix(entry.name) == of]
            return same or [entry for entry in exact if not suffix(entry.name)]
        return exact

    def add(
        self,
        printed: str,
        *,
        role: str | None = None,
        status: str | None = None,
        member: bool = False,
        confidence: float = 1.0,
        given: bool = False,
    ) -> Entry | None:
        """Note a person; a form of somebody known adds to what is known of them.

        None where `printed` may mean more than one of those known: nobody is added then.
        """
        meant = self._meant(printed, given=given)
        entry = self._one_of(meant)
        if entry is None and meant:
            return None
        if entry is None:
            entry = Entry(name=printed, confidence=confidence)
            self._order.append(entry)
            self._by_surname.setdefault(tokens(printed)[-1], []).append(entry)
            self._note_given(entry, "")
        self._enrich(entry, printed)
        entry.role = entry.role or role
        entry.status = entry.status or status
        entry.member = entry.member or member
        return entry

    def _note_given(self, entry: Entry, before: str) -> None:
        if len(entry.key) > 1 and entry.key[0] != before:
            self._by_given.setdefault(entry.key[0], []).append(entry)
            if called := nickname(entry.name):
                self._by_given.setdefault(called, []).append(entry)

    def _enrich(self, entry: Entry, printed: str) -> None:
        if printed == entry.name:
            return
        if len(tokens(printed)) > len(entry.key):
            entry.aliases.add(entry.name)
            before = entry.key[0] if len(entry.key) > 1 else ""
            entry.name = printed
            self._note_given(entry, before)
        else:
            entry.aliases.add(printed)


_TOKEN = re.compile(r"(?:Mr|Mrs|Ms|Dr|Cllr)\.(?=[A-Z])|\S+")
_PIECE_ALONE = re.compile(rf"{_INITIAL}|{_WORD}")
_SMALL = words("and of the for in on to at a an or &")
_TELLS = TITLES - {"the"} | words("by motion moved second seconded mover seconder support from")
"""Words after which a name begins, so that the next line goes on with it."""
_MOST_WORDS = 4
_LONGEST_INITIALS = 3
_LIST_GOES_ON = re.compile(r"[,;:]\Z")
_PHRASE_ENDS = re.compile(r"[.,;:)]\Z|\A(?i:and|then)\Z")


def name_before(text: str, end: int) -> tuple[int, int, int] | None:
    """The name that ends right before `end`: (start with titles, start, end), or None."""
    low = max(0, end - 120)
    while end > low and text[end - 1] in " \n\f-:=,.":
        end -= 1
    found = list(_TOKEN.finditer(text, low, end))
    first, stop = _name_words(text, found)
    if first is None:
        return None
    start = first
    while start > 0 and _is_title_of(found[start - 1][0]) and _adjacent(text, found, start):
        start -= 1
    return found[start].start(), found[first].start(), stop


_MOVES = re.compile(
    r"[ ]+(?:then[ ]|also[ ])?"
    r"(?:(?:moved|motioned)[ ]+(?:that\b|for\b|to[ ]+(?!(?:the|a|an|its|their)\b)[a-z])|seconded\b)"
)


def _name_words(text: str, found: list[re.Match[str]]) -> tuple[int | None, int]:
    """Index of the first word of the name that ends `found`, and where the name ends."""
    last = len(found) - 1
    if last > 0 and fold(found[last][0]).strip(".") in _SUFFIXES:
        last -= 1
    if last < 0 or not (_fits(found[last][0].rstrip(",")) or _is_surname(text, found, last)):
        return None, 0
    first = last
    while first > 0 and last - first < _MOST_WORDS - 1:
        word = found[first - 1][0]
        part = _fits(word) or word in PARTICLES or _is(word, ALSO_GIVEN)
        part = part or _is_initial(text, found, first - 1)
        if not part or not _adjacent(text, found, first) or _shouts(word, found[first][0]):
            break
        if _letters_thing(found, first - 1):
            break
        first -= 1
    while found[first][0] in PARTICLES:
        first += 1
    return first, found[-1].end()


_LETTERED = words(
    """phase exhibit lot item option section part appendix attachment schedule building unit tract
    parcel alternative plan zone level grade class type group area page paragraph clause"""
)
_LETTER = re.compile(r"[A-Z]\.")


def _letters_thing(found: list[re.Match[str]], index: int) -> bool:
    """Whether a letter ends a sentence, as in `items A and B. Cole`, and is no initial of Cole."""
    if index == 0 or _LETTER.fullmatch(found[index][0]) is None:
        return False
    before = fold(found[index - 1][0])
    joins = before in ("and", "or", "&", "to", "through", "thru", "-")
    other = index > 1 and re.fullmatch(r"[A-Z],?", found[index - 2][0]) is not None
    return before in _LETTERED or before.rstrip("s") in _LETTERED or (joins and other)


def _is_initial(text: str, found: list[re.Match[str]], index: int) -> bool:
    """Whether an `A.` or `I.` is an initial: inside a line, and not where a sentence begins.

    A bare `A` is one behind an office.
    """
    if index == 0 or _AMBIGUOUS.fullmatch(found[index][0]) is None:
        return False
    before = found[index - 1]
    if "." not in found[index][0]:
        return _is_title(before[0])
    ends = before[0].endswith((".", ":", ";")) and fold(before[0]).strip(".") not in COURTESY
    return not ends and "\n" not in text[before.end() : found[index].start()]


_AMBIGUOUS = re.compile(r"[AI](?:\.(?:[A-Z]\.)?)?")
"""Initials that may be something else: an article, a letter or a number before an item, a.m."""


def _shouts(word: str, following: str) -> bool:
    """Whether a word is the last of a heading in capitals, and what follows it on the line is not.

    As `AGENDA Reyn Leno`; `JD Leno` has initials.
    """
    return len(word) > _LONGEST_INITIALS and word.isupper() and not following.isupper()


def _is(word: str, among: frozenset[str]) -> bool:
    return word[:1].isupper() and fold(word) in among


def _is_surname(text: str, found: list[re.Match[str]], index: int) -> bool:
    """Whether a `Park` is a person's: after an office, or after a name that begins a phrase.

    Also alone at a sentence's beginning, if it moves something.
    """
    if not _is(found[index][0].rstrip(","), _ALSO_SURNAMES):
        return False
    begins = index == 0 or found[index - 1][0].endswith((".", ";", ":"))
    if begins and _MOVES.match(text, found[index].end()):
        return True
    first = index
    while first > 0 and "\n" not in text[found[first - 1].end() : found[first].start()]:
        word = found[first - 1][0]
        if not (_fits(word) or _is(word, ALSO_GIVEN)):
            office = fold(word) in _OFFICES
            ends = _LIST_GOES_ON if first == index else _PHRASE_ENDS
            return office or ends.search(word) is not None
        first -= 1
    return first < index


_LIST_BEFORE = 300
_ATTENDANCE = re.compile(
    r"(?i)\b(?:present|absent|excused|attendance|attending|members|trustees|staff|guests|roll\s+call"
    r"|late|recused)\b[^:.;\n]{0,30}:"
)
"""A label above or before names of people, of whom each line has whole ones."""


def _adjacent(text: str, found: list[re.Match[str]], index: int) -> bool:
    """Whether neither a blank line parts a word from the one before it, nor that is a heading's."""
    before = found[index - 1]
    breaks = text.count("\n", before.end(), found[index].start())
    if breaks == 0:
        return True
    listed = _is_whole(found, index) and _ends_list(text, before.end())
    return breaks == 1 and not listed and not _is_heading(text, before.end())


def _is_whole(found: list[re.Match[str]], index: int) -> bool:
    """Whether two words of a name stand before this one."""
    return index > 1 and all(_fits(word[0]) for word in found[index - 2 : index])


def _ends_list(text: str, end: int) -> bool:
    """Whether the line that ends here goes on with who was there, below a label such as `Absent:`.

    The next line begins with another name then, and no sentence ended between.
    """
    labels = list(_ATTENDANCE.finditer(text, max(0, end - _LIST_BEFORE), end))
    return bool(labels) and sentence_start(text, end, labels[-1].start()) < labels[-1].end()


def _is_heading(text: str, end: int) -> bool:
    """Whether the line that ends here has only words in capitals, and names no office."""
    line = text[text.rfind("\n", max(0, end - 80), end) + 1 : end].split()
    return all(word[0].isupper() or not word[0].isalpha() or word in _SMALL for word in line) and (
        not any(fold(word).strip(".,:") in _TELLS for word in line)
    )


def _fits(word: str) -> bool:
    known_else = fold(word).replace(".", "") in NOT_NAMES or _is_title(word)
    return not known_else and _PIECE_ALONE.fullmatch(word) is not None


def follows_title(text: str, start: int) -> bool:
    """Whether an office or `Mr.` stands right before a name."""
    before = text[max(0, start - 24) : start].split()
    return bool(before) and before[-1][0].isalpha() and _is_title(before[-1])


def _is_title_of(word: str) -> bool:
    """A title before a name; `Chair.` ends a sentence and belongs to nobody behind it."""
    shortened = fold(word).strip(".") in COURTESY | _SHORT_TITLES or len(word) < 3
    return _is_title(word) and (shortened or not word.endswith("."))


def _is_title(word: str) -> bool:
    return all(part in TITLES for part in re.split(r"[./-]", fold(word)) if part)


def clean(printed: str) -> str:
    """A name as printed, on one line."""
    return re.sub(r"-\s+", "-", " ".join(printed.split()))
