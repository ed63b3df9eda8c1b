"""A list of people as minutes print it -> its parts: the name, the office and the state of each.

Works on a stretch of text that a label, a sentence or a table says to be such a list. What a part
says besides a name and an office makes it no person.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from clerk.stages.names import (
    COURTESY,
    MEMBER_TITLES,
    NAME,
    PERSON,
    STAFF_TITLES,
    SUFFIX,
    TITLES,
    clean,
    fold,
    tokens,
    words,
)

PRO_TEM = words("pro tem tempore pro-tem pro-tempore protem")
_ROLE_WORDS = (MEMBER_TITLES | STAFF_TITLES | words("manager director engineering")) - (
    PRO_TEM | {"council"}
)
_PERSON_NOUNS = (MEMBER_TITLES | STAFF_TITLES | COURTESY) - words(
    "council vice deputy acting interim pro tempo member members directors trustees"
)
UNFIT = PRO_TEM | words(
    """none vacant quorum excused absent present esq pe phd md cpa aicp rn lpn dvm dds do jd mba
    mpa"""
)
SHORT = COURTESY | words("asst ass't dept lt sgt capt det ofc adm dir comm ald st supt atty")
"""Abbreviations that a full stop ends, and no sentence."""
BUSINESS = words(
    """market markets store stores shop deli beverage foods enterprises restaurant bar grill cafe
    tavern hotel motel associates group corporation corp ltd services systems properties realty news
    herald times tribune gazette journal radio television scouts troop paving homes construction
    holding baptist habitat"""
)
_MODIFIERS = words("vice deputy acting interim pro tem tempo tempore council")
_ALSO_STAFF = words("director directors supervisor supervisors")
_OF_A_BODY = MEMBER_TITLES | words("board town county township city village the no at large")
_BOARD_OFFICES = words("secretary treasurer")
_LONGEST_ROLE = 6
"""Words: `Deputy Assistant City Manager and Clerk`; more are a sentence."""
_ITEM = re.compile(
    r",(?!\s*(?:Jr|Sr|II|III|IV)\b\.?+(?![ ]+[A-Z][a-z]))|[;•|]|\s(?i:and)\s|\s&\s|[ ]{2,}|\n"
    r"|(?<=\))[ ](?=[A-Z][a-z.])"
)
_WRAPPED = 55  # characters: a line this long was broken by the margin, not by its author
LONGEST_LINE = 300
_UNFINISHED = words(
    """of for and the vice deputy assistant public human community economic information parks
    planning building"""
)
"""Words after which a role goes on, on the next line if need be."""
_OF_A_FIRM = re.compile(r"\s{0,60}+(?:Inc|LLC|LLP|Ltd|Corp)\b")
_NEXT_CELL = re.compile(r"(?:[^,;\n ]|[ ](?![ ])){0,80}")
_ITEM_ENDS = re.compile(r"(?i)(?:\b(?:absent|excused|present)|\))[ ]{0,60}\Z")
_LABELLED = re.compile(r"\n[ ]{0,60}[A-Z][A-Za-z ]{1,30}:")
_BLANK_BELOW = re.compile(r"\n[ ]{0,80}+\n")
_NEXT_PART = re.compile(r"\s{0,60}+([^,;\n]{1,60})")
_BETWEEN = re.compile(r"[,;\n]|\s(?i:and)\s")
# `A.` is an initial inside a line, and a letter before an item where it begins one.
NAME_ONLY = re.compile(rf"(?:(?<=[,:;a-z][ ])A\.[ ](?:{NAME})|{PERSON}){SUFFIX}")
ROW_NUMBER = re.compile(r"\s{0,60}+\(?\d{1,2}[.)][ ]{1,20}+(?=[A-Z])")
_BEHIND = re.compile(
    r"(?:[ ]?\(|(?<=\S)[ ]{1,9}-[ ]{1,9}|(?<=[a-z])-(?=[A-Z]))"
    r"(?P<role>(?:(?:1st|2nd|3rd)[ ])?[A-Za-z](?:[^()\n-]|-(?=\w)){1,50})\)?[ .]{0,9}\Z"
)
"""An office behind a name, as in `Betty Brown (Chair)`, or whom somebody came for."""
_SEAT = re.compile(
    r"(?i)(?:pct|precinct|place|ward|district|position|post|seat|zone|dist)\.?\s+(?:no\.?\s*|\#\s*)?"
    r"(?:\d{1,2}|[ivx]{1,4}|one|two|three|four|five|six|seven|eight|nine)\b[,:]?(?:\s+-(?=\s))?"
    r"|at[ -]large\b[,:]?(?:\s+-(?=\s))?"
)
"""The seat that somebody holds: a part of the office, and no name."""
_DEGREE = re.compile(r"(?:[A-Z][a-z]?\.){2,4}")
"""`M.D.` behind a comma."""
_NO_OFFICE = words(
    "present absent excused via zoom teams webex remote remotely attending attendance roll call"
)
"""Words in capitals before an office that are a label's."""
_OF_SENTENCES = words("by was were who is are has have had with at on led welcomed from that")
"""Words that stand in no office: these tell a story."""
_STATE = re.compile(
    r"\s*(?i:all\s+)?(?P<state>(?i:present|here|absent|excused|late|tardy))\b"
    r"(?:\s+[a-z(][^\n]{0,60}|\W*)\Z"
)
LATE = re.compile(r"(?i)\b(?:arrive[ds]|late|after|joined)\b")
_STATES = dict.fromkeys(("absent", "excused", "unable"), "absent") | {
    "late": "late",
    "tardy": "late",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in a list, whose name stands at [start, end) of the text."""

    name: str
    role: str | None
    start: int
    end: int
    status: str


def state_of(match: re.Match[str]) -> str:
    """What the word for it in a match stands for: present | absent | late."""
    return _STATES.get(match["state"].casefold().split()[0], "present")


def is_staff(role: str | None) -> bool:
    """Whether a role is told and is no member's: members of a body are not its staff."""
    if role is None or _SEAT.match(role):
        return False
    spoken = _role_words(role)
    core = [word for word in spoken if word in MEMBER_TITLES - _MODIFIERS]
    # A `Director` sits on the board; a `Finance Director` works for it.
    runs = set(core) <= _ALSO_STAFF and any(word not in _OF_A_BODY for word in spoken)
    return not core or runs


def may_sit(role: str | None) -> bool:
    """Whether somebody listed with the members is one: boards have secretaries of their own."""
    return not is_staff(role) or set(_role_words(role or "")) <= _BOARD_OFFICES


def _role_words(role: str) -> list[str]:
    return re.findall(r"[\w-]+", fold(role))


def people_in(text: str, start: int, stop: int, status: str) -> Iterator[Listed]:
    """Names with their roles: `Title Name`, `Name, Role`, one per line or in a sentence."""
    pending: Listed | None = None
    plural: str | None = None
    lead: str | None = None
    dangling = False
    for low, high, parted in parts_of(text, start, stop):
        beside = parted == "," or (parted == " " and lead is None)
        if pending and beside and (state := _STATE.match(text, low, high)):
            pending = replace(pending, status=state_of(state))
            continue
        if pending and beside and _OF_A_FIRM.match(text, low, high):
            pending = None
            continue
        late = LATE.search(text, low, high)
        role, name = split_office(text, low, min(high, late.start()) if late else high)
        if dangling and parted in ("a", "A", "&"):
            dangling = False  # `Manager of Communications and Strategic Initiatives, D. Kell`
            continue
        dangling = name is None and role is not None and " of " in text[low:high]
        if name is None:
            if pending and pending.role in (None, plural) and role and beside:
                pending = replace(pending, role=_whole_office(role, clean(text[low:high])))
            lead = None if beside else role
            continue
        if pending:
            yield pending
        role = role or (lead if parted == " " else None)
        singular = in_singular(role) if role else None
        if role:
            plural = singular if singular != role else None
        pending = Listed(
            clean(text[name[0] : name[1]]),
            singular or plural,
            *name,
            "late" if late else _status(text, low, high, status),
        )
    if pending:
        yield pending


def _whole_office(role: str, printed: str) -> str:
    """`Superintendent of Highways`, where the last word is none that offices are known by."""
    goes_on = printed.startswith((f"{role} of ", f"{role} for "))
    return printed if goes_on and len(printed.split()) <= _LONGEST_ROLE else role


def in_singular(role: str) -> str:
    """`Councillors` carries over to the names that follow, as `Councillor`; `Mayor` does not."""
    if re.search(r"(?i)(?:ors|ers|ees|persons)\Z", role):
        return role[:-1]
    return re.sub(r"(?i)(?<=m)e(?=n\Z)", _as_a, role)


def _as_a(vowel: re.Match[str]) -> str:
    """`Aldermen` -> `Alderman`, in the case it is printed in."""
    return "A" if vowel[0].isupper() else "a"


def _status(text: str, low: int, high: int, status: str) -> str:
    """The word behind a name wins over the label before the list."""
    return "absent" if re.search(r"(?i)\b(?:absent|excused)\b", text[low:high]) else status


def parts_of(text: str, start: int, stop: int) -> Iterator[tuple[int, int, str]]:
    """The parts of a list, and what parts each from the one before: a comma, a gap, or a line."""
    low, parted = start, "\n"
    untold = False
    for match in _ITEM.finditer(text, start, stop):
        if (
            match[0] == "\n"
            and not _BLANK_BELOW.match(text, match.start(), stop)
            and (
                is_full_line(text, match.start())
                or _goes_on(text, low, match.start(), stop, apart=parted == ",")
                or (parted == "," and _is_cut_name(text, start, low, match.start(), stop))
            )
        ):
            continue
        blank = parted == "\n" and not text[low : match.start()].strip()
        if blank and match[0].isspace() and text[low - 2 : low - 1] != ",":
            low = match.end()  # what a line is indented by
            continue
        if match[0] == "  ":
            parts = _parts(text, low, match, stop)
            untold = untold or parts is None
            if not parts:
                continue
        if not untold:
            yield low, match.start(), parted
        untold = False
        parted = match[0] if match[0] in (",", "\n") else match[0].strip()[:1] or " "
        low = match.end()
    if not untold:
        yield low, stop, parted


def _parts(text: str, low: int, gap: re.Match[str], stop: int) -> bool | None:
    """Whether two blanks part two people, or one from an office; None: it cannot be told.

    They part `Betty Brown  Ed Evans`, they do not in `Mayor  Betty Brown`, and `Brown  Evans` may
    be one or two.
    """
    here, there = text[low : gap.start()], _NEXT_CELL.match(text, gap.end(), stop)
    after = there[0] if there else ""
    if not _own_words(here) or here.rstrip().endswith(":"):
        return False
    if not _own_words(after) or _STATE.match(after):
        return True
    sides = len(_own_words(here)), len(_own_words(after))
    if min(sides) > 1:
        return True
    in_line = text[text.rfind("\n", max(0, low - LONGEST_LINE), low) + 1 : stop].partition("\n")[0]
    return False if "," in in_line else None


def is_full_line(text: str, end: int) -> bool:
    """Whether the line that ends at `end` was broken by the margin; columns' gaps do not count."""
    line = text[text.rfind("\n", max(0, end - LONGEST_LINE), end) + 1 : end]
    if _ITEM_ENDS.search(line) or _LABELLED.match(text, end):
        return False
    return len(re.sub(r"[ ]{2,}", " ", line.strip(" "))) >= _WRAPPED and not line.endswith(",")


def _next_words(text: str, end: int, stop: int) -> list[str]:
    """The words of the list's next part, which stands on the next line."""
    after = _NEXT_PART.match(text, end, stop)
    return after[1].split() if after else []


def _is_cut_name(text: str, start: int, low: int, end: int, stop: int) -> bool:
    """Whether a line end stands inside a name, as in `Betty Brown, Frank / DeLuca, Ed Evans`.

    Where everybody before has two names, one name alone is a part of the next.
    """
    whole = [_own_words(part) for part in _BETWEEN.split(text[start:low])]
    if not any(whole) or any(len(part) == 1 for part in whole):
        return False
    if is_role_word(text[low:end].rpartition(" ")[2]):
        return False  # `Al Adams, Finance Director`: an office ends here
    before, following = _own_words(text[low:end]), _next_words(text, end, stop)
    names = all(NAME_ONLY.fullmatch(word) for word in (*before, *following))
    return names and bool(before) and bool(following) and 1 in (len(before), len(following))


def _own_words(part: str) -> list[str]:
    """What a part of a list says besides an office."""
    return [word for word in part.split() if not is_role_word(word)]


def _goes_on(text: str, low: int, end: int, stop: int, *, apart: bool) -> bool:
    """Whether a line end stands inside an item, as in `Commissioner Bo / Baker,`.

    `apart`: the item is parted from a name by a comma, so that an office in it is that one's.
    """
    before, following = text[low:end].split(), _next_words(text, end, stop)
    if not before or not following:
        return False
    if len(before) > 1 and fold(before[-1]) in _UNFINISHED:
        return True
    if all(is_role_word(word) for word in before):
        named = apart and not all(is_role_word(word) for word in following)
        return is_role_word(following[0]) and not named
    one_word = len(before) > 1 and all(is_role_word(word) for word in before[:-1])
    return one_word and len(following) == 1 and following[0][0].isupper()


def split_office(text: str, low: int, high: int) -> tuple[str | None, tuple[int, int] | None]:
    """`City Manager Pat Lee` -> its role and where the name stands; either may be missing."""
    number = ROW_NUMBER.match(text, low, high)
    low = number.end() if number else low
    behind = _BEHIND.search(text, low, min(high, low + 120))
    office = behind is not None and is_office(behind["role"])
    if behind and behind[0][0] == "-" and not office:
        behind = None  # a name with a hyphen in it
    if behind and (office or "(" not in behind[0]):
        role, name = split_office(text, low, behind.start())
        if name or office:
            return (role or (behind["role"] if office else None)) if name else None, name
    found = list(re.finditer(r"[^\s(),;:]+", text[low : min(high, low + 120)]))
    roles = [i for i, word in enumerate(found) if is_role_word(word[0])]
    after = roles[-1] + 1 if roles else 0
    for word in found[max(0, after - 1) : after + 1]:
        if seat := _SEAT.match(text, low + word.start(), high):
            after = sum(low + each.start() < seat.end() for each in found)
            break
    role = _role_of([word[0] for word in found[:after]])
    if after > _LONGEST_ROLE:
        return None, None
    if after >= len(found):
        return role, None
    begin = low + found[after].start()
    match = NAME_ONLY.match(text, begin, high)
    if (
        match is None
        or _DEGREE.fullmatch(match[0])
        or tokens(match[0])[0] in UNFIT
        or tokens(match[0])[-1] in BUSINESS
    ):
        return role, None
    # A heading may follow on the next line; other words say that this is no list of people.
    rest = text[match.end() : high].strip(" .")
    if rest and not re.match(r"(?i)[\n\f(-]|were|was|present|also|presiding", rest):
        return None, None
    return role, (match.start(), match.end())


def _role_of(printed: list[str]) -> str | None:
    """The office in these words, without a label's words before it.

    None where a name stands before it: `Ida Roe secretary`.
    """
    first = max((i + 1 for i, word in enumerate(printed) if fold(word) in _NO_OFFICE), default=0)
    role = printed[first:]
    while role and role[-1] == "-":
        role.pop()
    if any(word in _OF_SENTENCES for word in role):
        return None
    named = len(role) > 1 and role[0].istitle() and not is_role_word(role[0])
    return None if not role or (named and role[-1].islower()) else " ".join(role)


def is_office(words: str) -> bool:
    """Whether words name what a person is, as `Vice Chair` does, and `City of Oz` does not."""
    roles = [word for word in _role_words(words) if word not in PRO_TEM]
    return bool(roles) and (roles[0] in _PERSON_NOUNS or roles[-1] in _PERSON_NOUNS | {"member"})


def is_role_word(word: str) -> bool:
    """A word of an office, as both of `City Clerk` are, or a title."""
    parts = re.findall(r"[\w]+", fold(word))
    return any(part in _ROLE_WORDS or part in COURTESY for part in parts) or fold(word).strip(
        "."
    ) in (TITLES - {"the"})


def is_person_noun(word: str) -> bool:
    """A word that names a person by office, as `Attorney` does and `Council` does not."""
    bare = fold(word).strip(".,")
    ends = word.endswith((",", ";", ":")) or (word.endswith(".") and bare not in SHORT)
    return bare in _PERSON_NOUNS and not ends


def worth_telling(role: str) -> str | None:
    """The role, unless it only says Mr. or Ms."""
    return None if set(_role_words(role)[-1:]) & COURTESY else role
