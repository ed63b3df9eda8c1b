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
    holding baptist habitat bulletin chronicle club"""
)
_MODIFIERS = words("vice deputy acting interim pro tem tempo tempore council")
_BEGINNINGS = _MODIFIERS | COURTESY | words("assistant chief")
_ALSO_STAFF = words("director directors supervisor supervisors")
_OF_ANOTHER_BODY = re.compile(r"(?i)(?:county|district|borough)\s+(?:cllrs?|councillors?)\b")
"""Who comes to a parish's meeting, and sits on a council above it."""
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
_SEAT_WORDS = (
    r"(?:pct|precinct|place|ward|district|division|position|post|seat|zone|dist)\.?\s+(?:no\.?\s*|\#\s*)?"
    r"(?:\d{1,2}|[ivx]{1,4}|[a-h]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b[,:]?(?:\s+-(?=\s))?"
    r"|at[ -]large\b[,:]?(?:\s+-(?=\s))?"
)
_SEAT = re.compile(f"(?i){_SEAT_WORDS}")
_SEAT_BEHIND = re.compile(rf"(?i)[ ]{{1,20}}(?:{_SEAT_WORDS})[ .]{{0,9}}\Z")
"""The seat that somebody holds: a part of the office, and no name."""
_DEGREE = re.compile(r"(?:[A-Z][a-z]?\.){2,4}")
"""`M.D.` behind a comma."""
_CROWD = re.compile(r"(?i)\bmembers\s+of\s+the\b")
_INITIALLED = r"[A-Z]\.?[ ]{0,2}[A-Z][a-z][\w'-]{1,30}"
_TWO_INITIALLED = re.compile(rf"(?P<one>{_INITIALLED})[ ]{{1,3}}(?P<other>{_INITIALLED})")
_RUN_TOGETHER = re.compile(
    rf"{_INITIALLED}[ ]{{1,3}}{_INITIALLED}|[A-Z][a-z]{{1,30}}(?:[ ]{{1,3}}[A-Z][a-z]{{2,30}}){{3}}"
)
"""Four words that are the names of two people, where nothing parts them."""
_PARTICLE = re.compile(r"\b(?:Van|Von|De|Del|Della|Di|Du|La|Le|Los|Mac|Saint|San|Santa|St)\b")
_PLAIN_INITIAL = re.compile(r"[A-Z] [A-Z]")
_INITIAL_FIRST = re.compile(r"[AI](?:\.(?:[A-Z]\.)?[ ]{0,2}|[ ])(?=[A-Z])")
"""Initials that could be an article or the number of an item, if this were no list of people."""
_DEPARTMENTS = words(
    "finance operations engineering administration development services water technology"
)
"""Words that end an office which began on the line above, before a name."""
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
    if role is not None and _OF_ANOTHER_BODY.match(role):
        return False
    return not is_staff(role) or set(_role_words(role or "")) <= _BOARD_OFFICES


def _role_words(role: str) -> list[str]:
    return re.findall(r"[\w-]+", fold(role))


def people_in(text: str, start: int, stop: int, status: str) -> Iterator[Listed]:
    """Names with their roles: `Title Name`, `Name, Role`, one per line or in a sentence."""
    for item in _listed(text, start, stop, status):
        if _RUN_TOGETHER.fullmatch(text, item.start, item.end) and not _is_one(text, item):
            yield from _two_of(text, item)
        else:
            yield item


def _listed(text: str, start: int, stop: int, status: str) -> Iterator[Listed]:
    pending: Listed | None = None
    plural: str | None = None
    lead: str | None = None
    dangling = False
    behind = False
    for low, high, parted in parts_of(text, start, stop):
        beside = parted == "," or (parted == " " and lead is None)
        if pending and beside and (state := _STATE.match(text, low, high)):
            pending = replace(pending, status=state_of(state))
            continue
        if pending and beside and _OF_A_FIRM.match(text, low, high):
            pending = None
            continue
        late = LATE.search(text, low, high)
        end = min(high, late.start()) if late else high
        plain = pending is not None and _PLAIN_INITIAL.match(pending.name) is not None
        role, name = split_office(text, low, end, plain=plain)
        if dangling and parted in ("a", "A", "&"):
            dangling = False  # `Manager of Communications and Strategic Initiatives, D. Kell`
            continue
        dangling = name is None and role is not None and " of " in text[low:high]
        if name is None:
            behind = pending is not None and bool(role) and parted == ","
            if pending and beside and role:
                pending = _with_office(pending, plural, role, clean(text[low:high]))
            lead = None if beside else role
            continue
        if pending:
            yield pending
        # `A. Roe, Commissioner, Precinct 1 B. Doe`: the seat is Roe's.
        of_before = behind and parted == "," and _SEAT.match(text, low + 1, high) is not None
        role, behind = (None if of_before else role), False
        role = role if role is not None else (lead if parted == " " else None)
        singular = in_singular(role) if role else None
        if role:
            plural = singular if singular != role else None
        pending = Listed(
            clean(text[name[0] : name[1]]),
            "" if role == "" else singular or plural,
            *name,
            "late" if late else _status(text, low, high, status),
        )
    if pending:
        yield pending


def _is_one(text: str, item: Listed) -> bool:
    """Whether four words are one person's: commas part them from the others, or `Van` is one."""
    before = text[max(0, item.start - 9) : item.start].rstrip()[-1:]
    after = text[item.end : item.end + 9].lstrip(" ")[:1]
    apart = before in {",", ";"} and after in {",", ";", "\n", "."}
    return apart or _PARTICLE.search(text, item.start, item.end) is not None


def _two_of(text: str, item: Listed) -> Iterator[Listed]:
    """`D Morgan G Watson` are two people; of `Stephen Roberts Wayne Lewis` it cannot be told."""
    two = _TWO_INITIALLED.fullmatch(text, item.start, item.end)
    for start, end in (two.span("one"), two.span("other")) if two else ():
        yield replace(item, name=clean(text[start:end]), start=start, end=end)


def _with_office(item: Listed, plural: str | None, role: str, printed: str) -> Listed:
    """Somebody with the office that is `printed` behind them, if no other was told before."""
    taken = item.role == "" or _told_office(item.role) not in (None, plural)
    if taken or _CROWD.search(printed):
        return item
    return replace(item, role=_whole_office(role, printed))


def _told_office(role: str | None) -> str | None:
    return worth_telling(role) if role else None


def _whole_office(role: str, printed: str) -> str:
    """`Superintendent of Highways`, where the last word is none that offices are known by."""
    goes_on = printed.startswith((f"{role} of ", f"{role} for "))
    return printed if goes_on and len(printed.split()) <= _LONGEST_ROLE else role


def in_singular(role: str) -> str:
    """`Councillors` carries over to the names that follow, as `Councillor`; `Mayor` does not."""
    if re.search(r"(?i)(?:ors|ers|ees|persons|\bcl?l?rs)\Z", role):
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
                (
                    is_full_line(text, match.start())
                    and not (parted == "," and _office_ends(text, low, match.start(), stop))
                )
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


def _office_ends(text: str, low: int, end: int, stop: int) -> bool:
    """Whether a full line ends with somebody's office, and the next has a name and an office."""
    if not is_office(text[low:end]) or not all(map(is_role_word, text[low:end].split())):
        return False
    name = _NEXT_PART.match(text, end, stop)
    if name is None or NAME_ONLY.fullmatch(text, *name.span(1)) is None:
        return False
    behind = _NEXT_PART.match(text, name.end() + 1, stop)
    if text[name.end() : name.end() + 1] != "," or behind is None:
        return False
    return is_office(behind[1]) and is_role_word(behind[1].split()[-1])


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


_Split = tuple[str | None, tuple[int, int] | None]
"""An office, and where the name stands."""


def split_office(
    text: str, low: int, high: int, *, plain: bool = False, seated: bool = False
) -> _Split:
    """`City Manager Pat Lee` -> its role and where the name stands; either may be missing.

    The role is empty where it began on the line above. `plain`: initials are printed without a
    full stop here, so that `A Roe` is a name, too. `seated`: a seat stands behind `high`.
    """
    number = ROW_NUMBER.match(text, low, high)
    low = number.end() if number else low
    seat = None if seated else _seat_behind(text, low, high, plain=plain)
    told_behind = seat or _office_behind(text, low, high)
    if told_behind is not None:
        return told_behind
    found = list(re.finditer(r"[^\s(),;:]+", text[low : min(high, low + 120)]))
    role, after = _office_before(text, low, high, found)
    if after > _LONGEST_ROLE:
        return None, None
    if after >= len(found):
        return role, None
    begin = low + found[after].start()
    match = _name_at(text, begin, high, plain=plain or bool(role))
    if (
        match is None
        or _DEGREE.fullmatch(match[0])
        or tokens(match[0])[0] in UNFIT
        or tokens(match[0])[-1] in BUSINESS
        or not _DEPARTMENTS.isdisjoint(tokens(match[0]))
        or (text[match.end() : match.end() + 1] == ":" and " " not in match[0])
    ):
        return role, None
    # A heading may follow on the next line; other words say that this is no list of people.
    rest = text[match.end() : high].strip(" .")
    if rest and not re.match(r"(?i)[\n\f(-]|were|was|present|also|presiding", rest):
        return None, None
    return role, (begin, match.end())


def _seat_behind(text: str, low: int, high: int, *, plain: bool) -> _Split | None:
    """`Betty Brown District 2`."""
    held = _SEAT_BEHIND.search(text, low, min(high, low + 120))
    if held is None:
        return None
    role, name = split_office(text, low, held.start(), plain=plain, seated=True)
    return (role or clean(held[0]).strip(" .,"), name) if name else None


def _office_behind(text: str, low: int, high: int) -> _Split | None:
    """`Betty Brown (Chair)`; a name with a hyphen in it has none."""
    behind = _BEHIND.search(text, low, min(high, low + 120))
    office = behind is not None and is_office(behind["role"])
    if behind is None or (behind[0][0] == "-" and not office):
        return None
    if not office and "(" in behind[0]:
        return None
    role, name = split_office(text, low, behind.start())
    if not (name or (office and behind[0][0] != "-")):
        return None  # `Vice-Chairman Betty Brown`
    told = _told_office(role) or (behind["role"] if office else role)
    return (told if name else None), name


def _office_before(
    text: str, low: int, high: int, found: list[re.Match[str]]
) -> tuple[str | None, int]:
    """The office that the words begin with, and the index of the word behind it."""
    roles = [i for i, word in enumerate(found) if is_role_word(word[0]) and word[0][0] not in "\"'"]
    after = roles[-1] + 1 if roles else 0
    first = after
    while after < len(found) - 2 and fold(found[after][0]) in _DEPARTMENTS:
        after += 1
    if after > first and not roles:
        return "", after
    for word in found[max(0, after - 1) : after + 1]:
        if seat := _SEAT.match(text, low + word.start(), high):
            after = sum(low + each.start() < seat.end() for each in found)
            break
    return _role_of([word[0] for word in found[:after]]), after


def _name_at(text: str, begin: int, high: int, *, plain: bool) -> re.Match[str] | None:
    """A name, whose first word may be an `A.`; `plain`: or an `A`."""
    match = NAME_ONLY.match(text, begin, high)
    initial = None if match else _INITIAL_FIRST.match(text, begin, high)
    if initial and ("." in initial[0] or plain):
        return NAME_ONLY.match(text, initial.end(), high)
    return match


def _role_of(printed: list[str]) -> str | None:
    """The office in these words, without a label's words before it.

    None where a name stands before it: `Ida Roe secretary`.
    """
    first = max((i + 1 for i, word in enumerate(printed) if fold(word) in _NO_OFFICE), default=0)
    role = printed[first:]
    while role and role[-1] == "-":
        role.pop()
    while role and not re.search(r"\w", role[0]):
        role = role[1:]
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


def is_whole_office(word: str) -> bool:
    """A word with which an office may end, as `Manager` and not `Assistant` does."""
    return is_person_noun(word) and fold(word) not in _BEGINNINGS


def is_person_noun(word: str) -> bool:
    """A word that names a person by office, as `Attorney` does and `Council` does not."""
    bare = fold(word).strip(".,")
    ends = word.endswith((",", ";", ":")) or (word.endswith(".") and bare not in SHORT)
    return bare in _PERSON_NOUNS and not ends


def worth_telling(role: str) -> str | None:
    """The role without the Mr. or Ms. behind it; None where it says nothing else."""
    said = role.split()
    while said and fold(said[-1]).strip(".") in COURTESY:
        said.pop()
    whole = len(said) == len(role.split())
    if whole:
        return role
    return " ".join(said) if said and is_role_word(said[0]) and is_whole_office(said[-1]) else None
