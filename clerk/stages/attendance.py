"""The minutes' text -> who was there: attendance lines, roll calls, and people named by their role.

Fills a `Roster` and tells where each name stands. Nothing is guessed from a name alone: a person
is in a list under a label, called in a roll, or stands beside a title, a role or an address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from clerk.stages.names import (
    COURTESY,
    MEMBER_TITLES,
    NAME,
    PARTICLES,
    PERSON,
    STAFF_TITLES,
    SUFFIX,
    TITLE,
    TITLES,
    Entry,
    Roster,
    alternatives,
    clean,
    fold,
    name_before,
    person,
    tokens,
    words,
)
from clerk.stages.pages_text import sentence_end, sentence_start

_MEMBERS = (
    r"(?:(?:city|town|village|county|board|commission|committee|council|planning|voting|elected"
    r"|trustee|governing)\s+){0,3}+(?:council\s?members|members|commissioners|trustees|council"
    r"|councill?ors|board|commission|committee|aldermen|selectmen|supervisors|directors|officials)"
)
_OTHERS = (
    r"(?:(?:city|town|village|county|district|township|administrative|other|invited)\s+){0,2}+"
    r"(?:staff|others?|guests?|visitors?|administration|public|officials|attendees|employees)"
)
_HOW = (
    r"(?:\s+(?:in\s+person|remotely|virtually|electronically|(?:via|by|on)\s+"
    r"(?:zoom|teams|webex|(?:tele)?phone|video(?:conference)?)))?"
)
_LABEL = re.compile(
    rf"""(?ix)(?<![\w-])
    (?: (?P<also>also\s+(?:present|attending|in\s+attendance)|others?\s+in\s+attendance|{_OTHERS}
            (?:\s+(?:members?\s+)?(?:present|attending|in\s+attendance))?)
      | (?P<absent>(?:{_MEMBERS}\s+)?(?:absent(?:\s+with(?:out)?\s+(?:notice|excuse))?
            |(?:un)?excused(?:\s+absences?)?|regrets|absences?|did\s+not\s+attend
            |not\s+(?:present|attending|in\s+attendance)))
      | (?P<present>(?:{_MEMBERS}\s+)?(?:\(?present\)?{_HOW}|attending|in\s+attendance|attendance)
            | following\s+present | roll\s+call | (?P<roster>{_MEMBERS}))
    )
    \s{{0,3}}(?:(?P<verb>(?:were|was|are|is|included)\b\s*(?:as\s+follows)?\s*:?(?!\s*(?:also|not|absent|excused)))
        | (?:with\s+excuse\s*)?: | (?<=[TD])[ ]-[ ](?-i:(?=[A-Z][a-z]))
        | (?P<bare>(?=[ ]{{0,40}}\n|[ ]{{2,60}}(?-i:[A-Z]))))
    (?:[ ]*\d{{1,2}}\s?-\s)?
    """
)
_CALLED = re.compile(r"(?i)\b(?P<state>present|here|absent|excused)\b")
_PRO_TEM = words("pro tem tempore pro-tem pro-tempore protem")
_ROLE_WORDS = (MEMBER_TITLES | STAFF_TITLES | words("manager director engineering")) - (
    _PRO_TEM | {"council"}
)
_PERSON_NOUNS = (MEMBER_TITLES | STAFF_TITLES | COURTESY) - words(
    "council vice deputy acting interim pro tempo member members directors trustees"
)
_UNFIT = _PRO_TEM | words(
    """none vacant quorum excused absent present esq pe phd md cpa aicp rn lpn dvm dds do jd mba
    mpa"""
)
_SHORT = COURTESY | words("asst ass't dept lt sgt capt det ofc adm dir comm ald st supt atty")
"""Abbreviations that a full stop ends, and no sentence."""
_LEADS = words(
    """by with from to for and on when then recommended action request order call agenda minutes
    attendance present absent motion via zoom teams webex attending remote remotely"""
)
"""Words in capitals before a role that are no part of it: `By Councilman Coats`."""
_NO_SURNAMES = (MEMBER_TITLES | STAFF_TITLES) - words(
    "clerk marshal chief judge constable captain principal reeve warden mayor"
) | words(
    """councilmen place water ex-officio asst ass't market warden evaluation recruitment resources
    position shooting election search selection salary contract appointment update training
    duties vacancy review performance interview announcement involved goals emeritus elect
    technology associates seat"""
)
_BUSINESS = words(
    """market markets store stores shop deli beverage foods enterprises restaurant bar grill cafe
    tavern hotel motel associates group corporation corp ltd services systems properties realty news
    herald times tribune gazette journal radio television scouts troop paving homes construction
    holding baptist habitat"""
)
_JOINS = words("and of the for")
"""Small words inside an office."""
_LONGEST_ROLE = 6
"""Words: `Deputy Assistant City Manager and Clerk`; more are a sentence."""
_ITEM = re.compile(
    r",(?!\s*(?:Jr|Sr|II|III|IV)\b\.?+(?![ ]+[A-Z][a-z]))|[;•|]|\s(?i:and)\s|\s&\s|[ ]{2,}|\n"
)
_WRAPPED = 55  # characters: a line this long was broken by the margin, not by its author
_LONGEST_LINE = 300
_UNFINISHED = words(
    """of for and the vice deputy assistant public human community economic information parks
    planning building"""
)
"""Words after which a role goes on, on the next line if need be."""
_OTHER_HEAD = re.compile(r"(?i)\b(?:present|absent|excused|staff|status|title)\b")
_NEXT_CELL = re.compile(r"(?:[^,;\n ]|[ ](?![ ])){0,80}")
_ITEM_ENDS = re.compile(r"(?i)(?:\b(?:absent|excused|present)|\))[ ]{0,60}\Z")
_LABELLED = re.compile(r"\n[ ]{0,60}[A-Z][A-Za-z ]{1,30}:")
_NEXT_PART = re.compile(r"\s{0,60}+([^,;\n]{1,60})")
_BETWEEN = re.compile(r"[,;\n]|\s(?i:and)\s")
# `A.` is an initial inside a line, and a letter before an item where it begins one.
_NAME_ONLY = re.compile(rf"(?:(?<=[,:;a-z][ ])A\.[ ](?:{NAME})|{PERSON}){SUFFIX}")
_NAME_LINE = re.compile(
    rf"[ ]{{0,60}}\n[ ]{{0,60}}(?:{TITLE}){{0,3}}+(?:{PERSON}){SUFFIX}"
    r"[ ]{0,60}(?:,[^\n]{1,40})?(?:\n|\Z)"
)
_PERSON_NEXT = re.compile(rf"\s{{0,60}}(?:{TITLE}){{0,5}}+(?:{PERSON})")
_BELOW_BLANK = re.compile(r"(?:\n[ ]{0,60}\n|\A)[ ]{0,60}\Z")
_ROW_NUMBER = re.compile(r"\s{0,60}+\(?\d{1,2}[.)][ ]{1,20}+(?=[A-Z])")
_NUMBERED_ROWS = re.compile(
    rf"(?:{_ROW_NUMBER.pattern}(?:{TITLE}){{0,3}}+(?:{PERSON}){SUFFIX}[ ]{{0,20}}+"
    r"(?:[,(-][^\n]{1,60}+)?(?=\n|\Z)){1,15}+"
)
_CAPITAL = r"(?>[A-ZÀ-ÖØ-Þ][\w'.&/-]*+)"
_RUN = re.compile(
    rf"(?<![\w'.&/-]){_CAPITAL}(?:(?>[ ]{{1,40}}+\n?[ ]{{0,40}}|\n[ ]{{0,40}}){_CAPITAL}){{1,7}}+"
)
_PARTICLE_NEXT = re.compile(rf"[ ](?:{alternatives(PARTICLES)})[ ]")
_ASIDE = re.compile(rf"\((?:Report\s*-\s*)?(?P<name>{PERSON}){SUFFIX},\s+(?P<role>[^()]{{3,70}})\)")
_BEHIND_NAME = re.compile(r"(?<=[\w.])(?:,[ ]|[ ]-[ ]|[ ]?\(|[ ]{2,40})\Z")
"""What parts an office from the name before it: it is not that of the name below."""
_RESIDENT = re.compile(rf"(?m)^[ ]{{0,12}}(?P<name>{NAME}),\s+(?:\d{{1,6}}\s+[A-Z]|of\s+\d)")
_BEHIND = re.compile(
    r"(?:[ ]?\(|(?<=\S)[ ]{1,9}-[ ]{1,9})(?P<role>[A-Za-z](?:[^()\n-]|-(?=\w)){1,50})\)?[ .]{0,9}\Z"
)
"""An office behind a name, as in `Betty Brown (Chair)`, or whom somebody came for."""
_SEAT = re.compile(
    r"(?i)(?:pct|precinct|place|ward|district|position|post|seat|zone|dist)\.?\s+(?:no\.?\s*|\#\s*)?"
    r"(?:\d{1,2}|[ivx]{1,4}|one|two|three|four|five|six|seven|eight|nine)\b[,:]?(?:\s+-(?=\s))?"
    r"|at[ -]large\b[,:]?(?:\s+-(?=\s))?"
)
"""The seat that somebody holds: a part of the office, and no name."""
_NO_OFFICE = words(
    "present absent excused via zoom teams webex remote remotely attending attendance roll call in"
)
"""Words in capitals before an office that are a label's."""
_SPEAKERS = re.compile(
    r"(?i)\b(?:addressing\s+the\s+(?:council|board|commission)(?:\s+on\s+this\s+\w+)?\s+(?:was|were)"
    r"|(?:the\s+following\s+)?(?:people|persons|residents|speakers?|members\s+of\s+the\s+public)"
    r"\s+(?:spoke|addressed\s+the\s+\w+)\s*:)\s+"
)
_NEAR = 150
"""Characters before a list of members in which it may be said that attendance is taken."""
_TAKEN = re.compile(r"(?i)\b(?:present|attend\w*|roll\s+call)\b")
_THOSE = re.compile(r"(?i)\b(?:those|members|following(?:\s+were)?)\s*\Z")
_VOTING = re.compile(r"\b(?:AYES?|YEAS?|NAYS?|NOES|NAYES|Ayes?|Yeas?|Nays?|Noes|Yes|ABSTAIN)\b")
_OF_A_VOTE = re.compile(r"(?i)\b(?:motion(?:ed)?|moved|second(?:ed)?)\b(?!.*\n[ ]*\n)", re.DOTALL)
_ALL_BUT = re.compile(r"(?i)\s*all\b")
_MARK = re.compile(
    r"(?:(?<=[a-z])[ ]?[-(]?|(?<=[a-z])[ ]{2,40})(?:[PAEXY]|(?<=-)[yn]|Yes|No|\u2713)\)?"
    r"(?=[ ]*(?:[,;\n]|[ ]{2}|\Z))"
    r"|(?:^|[ ]{2}|:[ ])[XO][ ](?=[A-Z][a-z])|_{2,}"
)
"""A letter beside a name in a table; what it stands for is not told."""
_TABLE = re.compile(
    r"(?im)^[ ]{0,60}(?:attendee|member)s?(?:[ ]{1,9}name)?[ ]{1,60}(?:organization[ ]{1,60})?"
    r"(?:title|role|position)[ ]{1,60}status(?:[ ]{1,60}arrived)?(?:[ ]{1,60}departed)?[ ]{0,60}\n"
)
_ROW = re.compile(
    r"\s{0,60}(?P<who>[A-Z][^\n]{2,100}?)[ ]{1,60}(?P<state>Present|Absent|Excused|Late|Remote)"
    r"(?:[ ]{1,60}\d{1,2}:\d\d[ ]?[AaPp]\.?[Mm]\.?){0,2}[ ]{0,60}(?:\n|\Z)"
)
_STATE = re.compile(
    r"\s*(?i:all\s+)?(?P<state>(?i:present|here|absent|excused|late|tardy))\b"
    r"(?:\s+[a-z(][^\n]{0,60}|\W*)\Z"
)
_APART = re.compile(r"[-:=,.]|\s{2}")
_SAYS = alternatives(
    words(
        """moved motioned seconded made called stated opened asked reported said noted presented
        explained offered introduced led gave read announced declared welcomed thanked requested
        recommended informed advised discussed reviewed convened presided chaired"""
    )
)
_LIST_ENDS = re.compile(
    r"\n[ ]{0,80}+\n|\f|\n[ ]{0,80}+"
    r"(?:(?i:(?:also\s+)?(?:staff|guests?|visitors?|others?|public|press|media))[ ]{0,40}+(?:\n|\Z)"
    rf"|{person('speaker')}[ ]+(?:then[ ]|also[ ])?(?:{_SAYS})\b"
    r"|(?:Motion|Moved|It|Upon|On|There|This|After|Following|Minutes|Having|The|A)[ ]+\w*[a-z]{2})"
)
"""A blank line, a page's end, or a line with which a sentence of another kind begins."""
_STATE_LINE = re.compile(r"\n[ ]{0,80}+(?i:present|here|absent|excused)[ ]{0,40}+(?=\n|\Z)")
"""A heading inside a list; many of them are a table's cells, and whose is not told."""
_NEW_SENTENCE = re.compile(r"(?<!\.)\.\s{1,80}+\Z|\n[ ]{0,80}+\n")
_VOTED = re.compile(r"(?i)\b(?:ayes?|yeas?|yes|nays?|noes|no)\b")
_LATE = re.compile(r"(?i)\b(?:arrived|late|after|joined)\b")
_WAS = re.compile(
    r"\b(?:(?:was|is)\s+(?P<state>absent|excused|present|unable\s+to\s+attend)\b"
    r"(?!\s+(?:for|during|from|when|at|as|in|to)\b)"
    r"|(?P<late>arrived|joined)\s+(?:the\s+\w+\s+)?(?:late|at\s+\d))"
)
_WERE = re.compile(
    r"\s(?P<be>(?:were|was|being|answering)\s(?:all\s|also\s)?)?(?P<state>present|absent|excused)\b"
    r"(?=\s*[.;,\n]|\s+and\s)"
)
_NEXT_LIST = re.compile(r"[,;]?\s+(?:and\s+|with\s+)?")
"""Behind the state of some, where a list of others may begin."""
_A_STATE = re.compile(r"\b(?:present|absent|excused)\b")
_LEAD_IN = re.compile(
    r"\b[Ww]ith\s|\b[ap]\.m\.\s|\n|\bpresiding,?\s(?:and\s)?|\b(?:found|showed)\s"
)
_MOST_LEADS = 6
_ALSO_TOLD = re.compile(
    r"\b(?:was|were)\s+(?:also\s+)?(?:present|absent|excused|in\s+attendance)\b"
)
_OPENS = re.compile(r"(?i)\b(?:order|roll\s+call|convened|met|held|presiding)\b")
_OPENING = 6000
"""Characters in which a meeting's minutes tell who is there."""
_STATES = dict.fromkeys(("absent", "excused", "unable"), "absent") | {
    "late": "late",
    "tardy": "late",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person's name at [start, end) of the text; `status` where attendance is being taken."""

    entry: Entry
    start: int
    end: int
    status: str | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    role: str | None
    start: int
    end: int
    status: str


def take_attendance(text: str, roster: Roster) -> list[Sighting]:
    """Everyone in a table, list or roll call, or in a sentence that tells who was not there."""
    readers = (_tabled, _labelled, _called, _sentences, _told)
    return [seen for reader in readers for seen in reader(text, roster)]


def find_others(text: str, roster: Roster) -> list[Sighting]:
    """People who stand beside a role, a title or an address anywhere in the text."""
    return [*_asides(text, roster), *_titled(text, roster), *_speakers(text, roster)]


# -- attendance ---------------------------------------------------------------------------------


def _tabled(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Betty Brown  Councilmember  Present  6:00 PM`: rows below a head that names the columns."""
    for head in _TABLE.finditer(text):
        at = head.end()
        while row := _ROW.match(text, at):
            at = row.end()
            role, name = _name_first(text, *row.span("who"))
            if name is None:
                continue
            entry = roster.add(
                clean(text[name[0] : name[1]]),
                role=role,
                status=_state(row),
                member=not _is_staff(role),
            )
            if entry:
                yield Sighting(entry, *name, _state(row))


def _name_first(text: str, low: int, high: int) -> tuple[str | None, tuple[int, int] | None]:
    """`Betty Brown  Vice Mayor` -> the role and where the name stands, as in `_split_role`."""
    who = text[low:high]
    found = list(re.finditer(r"\S+", who))
    if _is_role_word(found[0][0]):
        return _split_role(text, low, high)
    offices = (word.start() for word in found[1:] if _is_role_word(word[0]))
    cut = min([*offices, len(who), *(gap.start() for gap in re.finditer("[ ]{2}", who))])
    name = _NAME_ONLY.match(text, low, low + cut)
    if name is None or text[name.end() : low + cut].strip():
        return None, None
    role = re.split("[ ]{2,}", who[cut:].strip())[-1]
    return (role if _is_office(role) else None), name.span()


def _labelled(text: str, roster: Roster) -> Iterator[Sighting]:
    labels = [match for match in _LABEL.finditer(text) if _is_label(text, match)]
    for match, stop in _lists(text, labels):
        here: set[int] = set()
        status = _status_of(text, match)
        for item in _items(text, match.end(), stop, status or ""):
            role = _worth(item.role) if item.role else None
            member = not match["also"] and not _is_staff(role)
            alone = len(tokens(item.name)) == 1
            if not member and alone and item.role is None:
                continue
            known = roster.resolve(item.name)
            if known is not None and alone and id(known) in here and role and known.role != role:
                known.shared = True  # `Mayor Smith, Councilmembers Smith, Jones`
                continue
            said = item.status or None
            entry = roster.add(item.name, role=role, status=said, member=member)
            if entry:
                here.add(id(entry))
                yield Sighting(entry, item.start, item.end, said)


def _state(match: re.Match[str]) -> str:
    """What the word for it in a match stands for: present | absent | late."""
    return _STATES.get(match["state"].casefold().split()[0], "present")


def _status_of(text: str, label: re.Match[str]) -> str | None:
    """What a list says of those in it; None: who belongs, and not who came."""
    if label["absent"]:
        return "absent"
    before = text[max(0, label.start() - _NEAR) : label.start()]
    return "present" if not label["roster"] or _TAKEN.search(before) else None


def _lists(text: str, labels: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], int]]:
    """Labels with the ends of their lists, but for lists of which it cannot be told whose they are.

    Two labels on a line, or members present without a name, are the heads of columns.
    """
    columns = False
    for match, following in zip_longest(labels, labels[1:]):
        limit = following.start() if following else len(text)
        between = text[match.end() : limit]
        empty = following is not None and not between.strip()
        on_own_line = between[:40].lstrip(" ")[:1] == "\n"
        columns = (columns and on_own_line) or (
            empty and ("\n" not in between or bool(match["present"]))
        )
        stop = _list_end(text, match.end(), min(limit, match.end() + 1500))
        if also := _ALSO_TOLD.search(text, match.end(), stop + 12):
            line = text.rfind("\n", match.end(), also.start())
            rows = on_own_line and text[match.end() : line].strip(" ")[-1:].isalpha()
            stop = line if rows else _line_end(text, match.end(), stop)
        words = text[match.end() : stop]
        if "roll" in match[0].casefold() and _VOTED.search(words):
            continue
        untold = columns or _ALL_BUT.match(words) or len(_MARK.findall(words)) > 1
        cells = list(_STATE_LINE.finditer(text, match.end(), stop))
        if cells and (len(cells) > 1 or "roll" in match[0].casefold()):
            continue
        stop = cells[0].start() if cells else stop
        if not (empty or untold or (match["absent"] and on_own_line and _begins_with_staff(words))):
            yield match, stop


def _begins_with_staff(words: str) -> bool:
    """Whether nobody was absent, and the line below tells who else was there."""
    first = next(_items(words, 0, len(words), "absent"), None)
    return first is not None and _is_staff(first.role)


def _is_label(text: str, match: re.Match[str]) -> bool:
    """Votes have `ABSENT:` too, after `AYES:`; and `were` needs `present` before it."""
    said = match[0].casefold()
    if match["bare"] is not None and not _is_heading(text, match):
        return False
    before = text[max(0, match.start() - 250) : match.start()]
    if "roll" in said and _OF_A_VOTE.search(before):
        return False
    if "included" in said and _PERSON_NEXT.match(text, match.end()) is None:
        return False
    if match["verb"] and "present" not in said and "attend" not in said:
        begins = match[0][:1].isupper() and _PERSON_NEXT.match(text, match.end()) is not None
        return match["absent"] is not None and (begins or _THOSE.search(before) is not None)
    return _VOTING.search(before) is None


def _is_heading(text: str, match: re.Match[str]) -> bool:
    """Whether a label without a colon begins its line, and is no cell of a table."""
    said = match[0].strip()
    before = text[max(0, match.start() - 80) : match.start()].rpartition("\n")[2]
    tells = re.search(r"(?i)present|absent|attend|excused", said) is not None
    line = text[match.end() : match.end() + _LONGEST_LINE].partition("\n")[0]
    if before.strip() or not said[:1].isupper() or not tells or _OTHER_HEAD.search(line):
        return False
    alone = (
        match[0].isupper()
        and match[0] == said
        and _BELOW_BLANK.search(text, max(0, match.start() - 160), match.start())
    )
    named = alone and _NAME_LINE.match(text, match.end()) is not None
    return bool(line.strip()) or " " in said or bool(named)


def _list_end(text: str, start: int, limit: int) -> int:
    """Where a list of people ends: with its sentence, at a blank line, or above the next one."""
    if (rows := _NUMBERED_ROWS.match(text, start, limit)) and "\n\n" not in rows[0]:
        return rows.end()
    while start < limit and text[start].isspace():
        start += 1
    ends = _LIST_ENDS.search(text, start, limit)
    return sentence_end(text, start, ends.start() if ends else limit)


def _line_end(text: str, start: int, stop: int) -> int:
    """Where the first line of a list ends, unless the list goes on below it."""
    first = re.compile(r"\s{0,80}+[^\n]+").match(text, start, stop)
    if first is None or first[0].rstrip().endswith((",", ";", " and")):
        return stop
    return stop if _is_full_line(text, first.end()) else first.end()


def _is_staff(role: str | None) -> bool:
    return role is not None and not any(word in MEMBER_TITLES for word in _role_words(role))


def _role_words(role: str) -> list[str]:
    return re.findall(r"[\w-]+", fold(role))


def _items(text: str, start: int, stop: int, status: str) -> Iterator[_Item]:
    """Names with their roles: `Title Name`, `Name, Role`, one per line or in a sentence."""
    pending: _Item | None = None
    plural: str | None = None
    lead: str | None = None
    for low, high, parted in _pieces(text, start, stop):
        beside = parted == "," or (parted == " " and lead is None)
        if pending and beside and (state := _STATE.match(text, low, high)):
            pending = replace(pending, status=_state(state))
            continue
        late = _LATE.search(text, low, high)
        role, name = _split_role(text, low, min(high, late.start()) if late else high)
        if name is None:
            if pending and pending.role in (None, plural) and role and beside:
                pending = replace(pending, role=role)
            lead = None if beside else role
            continue
        if pending:
            yield pending
        role = role or (lead if parted == " " else None)
        singular = _singular(role) if role else None
        if role:
            plural = singular if singular != role else None
        pending = _Item(
            clean(text[name[0] : name[1]]),
            singular or plural,
            *name,
            "late" if late else _status(text, low, high, status),
        )
    if pending:
        yield pending


def _singular(role: str) -> str:
    """`Councillors` carries over to the names that follow, as `Councillor`; `Mayor` does not."""
    if re.search(r"(?i)(?:ors|ers|ees)\Z", role):
        return role[:-1]
    return re.sub(r"(?i)(?<=m)e(?=n\Z)", _as_a, role)


def _as_a(vowel: re.Match[str]) -> str:
    """`Aldermen` -> `Alderman`, in the case it is printed in."""
    return "A" if vowel[0].isupper() else "a"


def _status(text: str, low: int, high: int, status: str) -> str:
    """The word behind a name wins over the label before the list."""
    return "absent" if re.search(r"(?i)\b(?:absent|excused)\b", text[low:high]) else status


def _pieces(text: str, start: int, stop: int) -> Iterator[tuple[int, int, str]]:
    """The parts of a list, and what parts each from the one before: a comma, a gap, or a line."""
    low, parted = start, "\n"
    untold = False
    for match in _ITEM.finditer(text, start, stop):
        if match[0] == "\n" and (
            _is_full_line(text, match.start())
            or _goes_on(text, low, match.start(), stop)
            or (parted == "," and _is_cut_name(text, start, low, match.start(), stop))
        ):
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
    in_line = text[text.rfind("\n", max(0, low - _LONGEST_LINE), low) + 1 : stop].partition("\n")[0]
    return False if "," in in_line else None


def _is_full_line(text: str, end: int) -> bool:
    """Whether the line that ends at `end` was broken by the margin; columns' gaps do not count."""
    line = text[text.rfind("\n", max(0, end - _LONGEST_LINE), end) + 1 : end]
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
    before, following = _own_words(text[low:end]), _next_words(text, end, stop)
    names = all(_NAME_ONLY.fullmatch(word) for word in (*before, *following))
    return names and bool(before) and bool(following) and 1 in (len(before), len(following))


def _own_words(part: str) -> list[str]:
    """What a part of a list says besides an office."""
    return [word for word in part.split() if not _is_role_word(word)]


def _goes_on(text: str, low: int, end: int, stop: int) -> bool:
    """Whether a line end stands inside an item, as in `Commissioner Bo / Baker,`."""
    before, following = text[low:end].split(), _next_words(text, end, stop)
    if not before or not following:
        return False
    if len(before) > 1 and fold(before[-1]) in _UNFINISHED:
        return True
    if all(_is_role_word(word) for word in before):
        return _is_role_word(following[0])
    one_word = len(before) > 1 and all(_is_role_word(word) for word in before[:-1])
    return one_word and len(following) == 1 and following[0][0].isupper()


def _split_role(text: str, low: int, high: int) -> tuple[str | None, tuple[int, int] | None]:
    """`City Manager Pat Lee` -> its role and where the name stands; either may be missing."""
    number = _ROW_NUMBER.match(text, low, high)
    low = number.end() if number else low
    behind = _BEHIND.search(text, low, min(high, low + 120))
    office = behind is not None and _is_office(behind["role"])
    if behind and (office or "(" not in behind[0]):
        role, name = _split_role(text, low, behind.start())
        if name or office:
            return (role or (behind["role"] if office else None)) if name else None, name
    found = list(re.finditer(r"[^\s(),;:]+", text[low : min(high, low + 120)]))
    roles = [i for i, word in enumerate(found) if _is_role_word(word[0])]
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
    match = _NAME_ONLY.match(text, begin, high)
    if match is None or tokens(match[0])[0] in _UNFIT or tokens(match[0])[-1] in _BUSINESS:
        return role, None
    # A heading may follow on the next line; other words say that this is no list of people.
    rest = text[match.end() : high].strip(" .")
    if rest and not re.match(r"(?i)[\n\f(-]|were|was|present|also", rest):
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
    named = len(role) > 1 and role[0].istitle() and not _is_role_word(role[0])
    return None if not role or (named and role[-1].islower()) else " ".join(role)


def _is_office(words: str) -> bool:
    """Whether words name what a person is, as `Vice Chair` does, and `City of Oz` does not."""
    roles = [word for word in _role_words(words) if word not in _PRO_TEM]
    return bool(roles) and (roles[0] in _PERSON_NOUNS or roles[-1] in _PERSON_NOUNS | {"member"})


def _is_role_word(word: str) -> bool:
    parts = re.findall(r"[\w]+", fold(word))
    return any(part in _ROLE_WORDS or part in COURTESY for part in parts) or fold(word).strip(
        "."
    ) in (TITLES - {"the"})


def _is_person_noun(word: str) -> bool:
    """A word that names a person by office, as `Attorney` does and `Council` does not."""
    bare = fold(word).strip(".,")
    ends = word.endswith((",", ";", ":")) or (word.endswith(".") and bare not in _SHORT)
    return bare in _PERSON_NOUNS and not ends


def _called(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Smith - present, Jones - absent`."""
    for match in _CALLED.finditer(text):
        found = name_before(text, match.start())
        late = _LATE.match(text, match.end() + 1) is not None
        if found is None or not (late or _APART.search(text, found[2], match.start())):
            continue
        if _NEW_SENTENCE.search(text, found[2], match.start()) or text[match.end() :][:1] == ":":
            continue
        if not re.search(r"(?i)roll|present|here\b", text[max(0, found[0] - 400) : found[0]]):
            continue
        status = "late" if late else _state(match)
        if _VOTED.search(text, max(0, found[0] - 120), found[0]):
            continue
        title = clean(text[found[0] : found[1]]).strip(" ,.-")
        role = (_worth(title) or None) if title else None
        name = clean(text[found[1] : found[2]])
        entry = roster.add(name, role=role, status=status, member=not _is_staff(role))
        if entry:
            yield Sighting(entry, found[1], found[2], status)


def _sentences(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Commissioners Smith and Roe were present and Park absent`, if nothing else is said there."""
    told = -1
    before: re.Match[str] | None = None
    for match in _WERE.finditer(text, 0, _OPENING):
        low = sentence_start(text, match.start(), max(0, match.start() - 500))
        behind = _NEXT_LIST.match(text, before.end()) if before and before.end() > low else None
        goes_on = behind is not None and before is not None and told == before.end()
        before = match
        starts = [lead.end() for lead in _LEAD_IN.finditer(text, low, match.start())]
        tried = [low, *starts[:_MOST_LEADS]]
        start = next((at for at in tried if _are_names(text, at, match.start(), 2)), None)
        if behind and start is None and _are_names(text, behind.end(), match.start(), 2 - goes_on):
            start = behind.end()
        if start is None or not (match["be"] or _OPENS.search(text, low, start)):
            continue
        told = match.end()
        status = _state(match)
        for item in _items(text, start, match.start(), status):
            entry = roster.add(
                item.name,
                role=_worth(item.role) if item.role else None,
                status=item.status,
                member=not _is_staff(item.role),
            )
            if entry:
                yield Sighting(entry, item.start, item.end, item.status)


def _are_names(text: str, start: int, stop: int, least: int) -> bool:
    """Whether at least so many people stand here, and nothing else, such as the state of some."""
    pieces = _pieces(text, start, stop)
    people = [_split_role(text, low, high) for low, high, _ in pieces if text[low:high].strip()]
    return (
        len(people) >= least
        and _A_STATE.search(text, start, stop) is None
        and all(name and _is_title(role or "") for role, name in people)
    )


def _is_title(words: str) -> bool:
    """Whether words are an office alone, as `Roll call showed members` is not."""
    return all(word[0].isupper() or word in _JOINS or _is_role_word(word) for word in words.split())


def _told(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Ed Evans was absent`; `Councilmember Evans arrived at 7:15`, if that is somebody known."""
    for match in _WAS.finditer(text, 0, _OPENING):
        found = name_before(text, match.start())
        if found is None or text[found[2] : match.start()].strip():
            continue
        name = clean(text[found[1] : found[2]])
        status = "late" if match["late"] else _state(match)
        titled = not _is_staff(clean(text[found[0] : found[1]]).strip(" .,-") or "clerk")
        if match["late"] and not titled and roster.resolve(name) is None:
            continue
        entry = roster.add(name, status=status, member=True)
        if entry:
            yield Sighting(entry, found[1], found[2], status)


# -- other people -------------------------------------------------------------------------------


def _asides(text: str, roster: Roster) -> Iterator[Sighting]:
    """`(Pat Lee, Fire Chief)`."""
    for match in _ASIDE.finditer(text):
        if any(_is_role_word(word) for word in match["role"].split()):
            name, role = (clean(match[group]) for group in ("name", "role"))
            entry = roster.add(name, role=role, confidence=0.9)
            if entry:
                yield Sighting(entry, match.start("name"), match.end("name"))


def _titled(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Fire Chief Pat Lee`, `Ms. Lee`: a run of capitalised words with a role before a name."""
    for run in _RUN.finditer(text):
        found = list(re.finditer(r"\S+", run[0]))
        roles = [i for i, word in enumerate(found[:-1]) if _is_person_noun(word[0])]
        if not roles:
            continue
        after = roles[-1] + 1
        while after < len(found) - 1 and fold(found[after][0]) in _PRO_TEM:
            after += 1
        begin = run.start() + found[after].start()
        goes_beyond = _PARTICLE_NEXT.match(text, run.end())
        match = _NAME_ONLY.match(text, begin, run.end() + (40 if goes_beyond else 0))
        if match is None or "   " in match[0]:
            continue
        first = _role_start(run[0], found, roles[-1])
        between = run[0][found[after - 1].end() : found[after].start()]
        apart = "\n" in between or "  " in between
        role_at = run.start() + found[first].start()
        if apart and _BEHIND_NAME.search(text, max(0, role_at - 42), role_at):
            continue
        role = _singular(" ".join(word[0] for word in found[first:after]))
        goes_on = re.compile(r"[ ]{1,3}[A-Z]\w").match(text, match.end()) is not None
        sighting = _meet(match, role, roster, goes_on=goes_on)
        if sighting:
            yield sighting


def _role_start(run: str, found: list[re.Match[str]], last: int) -> int:
    """Index of the first word of a role: another sentence, or a heading above it, is none of it."""
    for index in range(last, 0, -1):
        word = found[index - 1]
        ended = word[0].endswith((".", ":")) and fold(word[0]).strip(".:") not in _SHORT
        between = run[word.end() : found[index].start()]
        apart = ("\n" in between or "  " in between) and not _is_role_word(word[0])
        if ended or apart or fold(word[0]) in _LEADS:
            return index
    return 0


def _meet(
    match: re.Match[str], role: str, roster: Roster, *, goes_on: bool = False
) -> Sighting | None:
    """The person behind a role: the longest beginning of the words that names somebody known.

    `goes_on`: more words in capitals follow, so that who is not known may be an airport.
    """
    printed = match[0].split()
    for count in range(len(printed), 0, -1):
        known = roster.resolve(" ".join(printed[:count]))
        if known is not None:
            known.role = known.role or _worth(role)
            end = match.start() + len(" ".join(printed[:count]))
            return Sighting(known, match.start(), min(end, match.end()))
    name = clean(match[0])
    if tokens(name)[0] in _UNFIT or tokens(name)[-1] in _NO_SURNAMES or goes_on:
        return None
    alone = len(tokens(name)) == 1 and (_worth(role) is None or len(name) < 3)
    if alone or name.isupper():
        return None
    entry = roster.add(name, role=_worth(role), confidence=0.8)
    return Sighting(entry, match.start(), match.end()) if entry else None


def _worth(role: str) -> str | None:
    """The role, unless it only says Mr. or Ms."""
    return None if set(_role_words(role)[-1:]) & COURTESY else role


def _speakers(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Addressing the Council were A, B and C.`, `Pat Lee, 12 Oak Street`."""
    for match in _RESIDENT.finditer(text):
        if len(tokens(match["name"])) > 1 and tokens(match["name"])[-1] not in _BUSINESS:
            entry = roster.add(clean(match["name"]), confidence=0.8)
            if entry:
                yield Sighting(entry, match.start("name"), match.end("name"))
    for match in _SPEAKERS.finditer(text):
        stop = _list_end(text, match.end(), min(len(text), match.end() + 600))
        for item in _items(text, match.end(), stop, "present"):
            if len(tokens(item.name)) > 1:
                entry = roster.add(item.name, confidence=0.8)
                if entry:
                    yield Sighting(entry, item.start, item.end)
