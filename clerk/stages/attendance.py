"""The minutes' text -> who was there: attendance lines, roll calls, and people named by their role.

Fills a `Roster` and tells where each name stands; `people` takes the lists apart. Nothing is
guessed from a name alone: a person is in a list under a label, called in a roll, or stands beside
a title, a role or an address.
"""

import operator
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from clerk.stages.names import (
    MEMBER_TITLES,
    NAME,
    PARTICLES,
    PERSON,
    STAFF_TITLES,
    SUFFIX,
    TITLE,
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
from clerk.stages.people import (
    BUSINESS,
    LATE,
    LONGEST_LINE,
    NAME_ONLY,
    PRO_TEM,
    ROW_NUMBER,
    SHORT,
    UNFIT,
    Listed,
    in_singular,
    is_full_line,
    is_office,
    is_person_noun,
    is_role_word,
    is_staff,
    is_whole_office,
    may_sit,
    parts_of,
    people_in,
    split_office,
    state_of,
    worth_telling,
)

_MEMBERS = (
    r"(?:(?:city|town|village|county|board|commission|committee|council|planning|voting|elected"
    r"|trustee|governing|associate|alternate)\s+){0,3}+(?:council\s?members|members|commissioners|trustees|council"
    r"|councill?ors|board|commission|committee|aldermen|selectmen|supervisors|directors|officials)"
)
_OTHERS = (
    r"(?:(?:city|town|village|county|district|township|administrative|other|invited)\s+){0,2}+"
    r"(?:staff(?:\s+members?)?|others?|guests?|visitors?|administration"
    r"|members\s+of\s+the\s+(?:general\s+)?public|public|audience|press|media|officials|attendees"
    r"|employees)"
)
_HOW = (
    r"(?:\s+(?:in\s+person|remotely|virtually|electronically|(?:via|by|on)\s+"
    r"(?:zoom|teams|webex|(?:tele)?phone|video(?:conference)?)))?"
)
_LABEL = re.compile(
    rf"""(?ix)(?<![\w-])
    (?: (?P<also>also\s+(?:present|attending|in\s+attendance)|others?\s+in\s+attendance|{_OTHERS}
            (?:\s+(?:members?\s+)?(?:present|attending|in\s+attendance))?)
      | (?P<absent>(?:{_MEMBERS}\s+)?(?:absentees?|absent(?:\s+with(?:out)?\s+(?:notice|excuse))?
            |(?:un)?excused(?:\s+absences?)?|regrets|absences?|did\s+not\s+attend
            |not\s+(?:present|attending|in\s+attendance))
            |apologies(?:\s+for\s+absence)?)
      | (?P<present>(?:{_MEMBERS}\s+)?(?:\(?present\)?{_HOW}
            (?:,?\s+(?:to[\s-]wit|and\s+(?:comprising|constituting)\s+a\s+quorum))?|attending|in\s+attendance|attendance)
            | following\s+present | roll\s+call | (?P<roster>{_MEMBERS}))
    )
    (?:[ ]?\(\d{{1,2}}\))?
    \s{{0,3}}(?:(?P<verb>(?:were|was|are|is|included)\b\s*(?:as\s+follows
            |(?:received|submitted)\s+(?:from|by|on\s+behalf\s+of))?\s*:?(?!\s*(?:also|not|absent|excused)))
        | (?:with\s+excuse\s*)?: | (?<=[TD])[ ]-[ ](?-i:(?=[A-Z][a-z]))
        | (?P<bare>(?=[ ]{{0,40}}\n|[ ]{{2,60}}(?-i:[A-Z]))))
    (?:[ ]*\d{{1,2}}\s?-\s)?
    """
)
_MEMBERS_CAME = re.compile(rf"(?i){_MEMBERS}\s+(?:present|in\s+attendance|attending)")
_PRESENT_HOW = re.compile(
    r"(?i)present\s+(?:in\s+person|remotely|virtually|electronically|via|by|on)\b"
)
_CALLED = re.compile(r"(?i)\b(?P<state>present|here|absent|excused)\b")
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
    technology associates seat room precinct district ward"""
)
_JOINS = words("and of the for")
"""Small words inside an office."""
_OTHER_HEAD = re.compile(r"(?i)\b(?:present|absent|excused|staff|status|title)\b")
_NAME_LINE = re.compile(
    rf"[ ]{{0,60}}\n[ ]{{0,60}}(?:(?:{TITLE}){{0,3}}+|[A-Z][^\n,:]{{2,60}}?[ ]{{2,40}}+)"
    rf"(?:{PERSON}){SUFFIX}"
    r"[ ]{0,60}(?:,[^\n]{1,40}|\([^\n)]{1,40}\))?[ ]{0,9}(?:\n|\Z)"
)
_ITEM_NUMBER = re.compile(r"[ ]{0,30}\(?(?:\d{1,2}(?:\.\d{1,2})?|[A-Z]|[IVX]{1,5})[.)]?[ ]{1,20}\Z")
_PERSON_NEXT = re.compile(rf"\s{{0,60}}(?:{TITLE}){{0,5}}+(?:{PERSON})")
_ROLL_CALL = re.compile(r"(?i)\broll[ ]call\b")
_TITLED_NEXT = re.compile(rf"\s{{0,60}}+(?:{TITLE}){{1,5}}+(?:{PERSON})")
_VOTED_BEHIND = re.compile(r"(?i)-(?:yes|no|ayes?|nay|yea|abstain|absent|present)\Z")
_BELOW_BLANK = re.compile(r"(?:\n[ ]{0,60}\n|\A)[ ]{0,60}\Z")
_NUMBERED_ROWS = re.compile(
    rf"(?:{ROW_NUMBER.pattern}(?:{TITLE}){{0,3}}+(?:{PERSON}){SUFFIX}[ ]{{0,20}}+"
    r"(?:[,(-][^\n]{1,60}+)?(?=\n|\Z)){1,15}+"
)
_CAPITAL = r"(?>[A-ZÀ-ÖØ-Þ][\w'.&/-]*+)"
_RUN = re.compile(
    rf"(?<![\w'.&/-]){_CAPITAL}(?:(?>[ ]{{1,40}}+\n?[ ]{{0,40}}|\n[ ]{{0,40}}){_CAPITAL}){{1,7}}+"
)
_NICK_NEXT = re.compile(r"[ ]['\"(]\w{1,12}['\")][ ][A-Z]")
_PARTICLE_NEXT = re.compile(rf"[ ](?:{alternatives(PARTICLES)})[ ]")
_ASIDE = re.compile(rf"\((?:Report\s*-\s*)?(?P<name>{PERSON}){SUFFIX},\s+(?P<role>[^()]{{3,70}})\)")
_BEHIND_NAME = re.compile(r"(?<=[\w.])(?:,[ ]|[ ]-[ ]|[ ]/[ ]|[ ]?\(|[ ]{2,40})\Z")
"""What parts an office from the name before it: it is not that of the name below."""
_RESIDENT = re.compile(
    rf"(?m)^[ ]{{0,12}}(?P<name>{NAME}),\s+"
    rf"(?:\d{{1,6}}\s+[A-Z]|of\s+\d|(?:a\s+)?(?:(?:[A-Z][\w.'-]{{0,30}}+|neighbou?rhood)\s){{0,4}}"
    r"(?i:residents?)\b)"
)
_SPOKE = re.compile(
    rf"(?m)(?:^[ ]{{0,12}}|(?<=[a-z)][.!?][ ])[ ]{{0,2}})(?P<name>{NAME})"
    r"(?=,?\s(?:(?:also|then)\s)?(?:said|stated|commented|asked|spoke|inquired|testified|urged|thanked"
    r"|addressed\sthe|expressed|introduced\s(?:himself|herself|themselves))\s)"
)
"""`Pat Lee said that …`: only whoever has two names, since bodies speak, too."""
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
    r"(?:(?i:(?:also|others?)[ ]in)\b"
    r"|(?i:(?:also\s+)?(?:staff|guests?|visitors?|others?|(?:members[ ]of[ ]the[ ])?public"
    r"|press|media|audience))[ ]{0,40}+(?:\n|\Z)"
    rf"|{person('speaker')}[ ]+(?:then[ ]|also[ ])?(?:{_SAYS})\b"
    r"|(?:Motion|Moved|It|Upon|On|There|This|After|Following|Minutes|Having|The|A)[ ]+\w*[a-z]{2})"
)
"""A blank line, a page's end, or a line with which a sentence of another kind begins."""
_STATE_LINE = re.compile(r"\n[ ]{0,80}+(?i:present|here|absent|excused)[ ]{0,40}+(?=\n|\Z)")
"""A heading inside a list; many of them are a table's cells, and whose is not told."""
_NEW_SENTENCE = re.compile(r"(?<!\.)\.\s{1,80}+\Z|\n[ ]{0,80}+\n")
_VOTED = re.compile(r"(?i)\b(?:ayes?|yeas?|yes|nays?|noes|no)\b")
_WAS = re.compile(
    r"\b(?:(?:was|is|answered)\s+(?:reported\s+)?(?P<state>absent|excused|present|unable\s+to\s+attend)\b"
    r"(?!\s+(?:for|during|from|when|at|as|in|to)\b)"
    r"|(?P<late>arriv(?:ed|es)|joined)(?:\s+(?:(?:to|at)\s+)?(?:the\s+\w+\s+)?(?:late|at\s+\d)|(?<=ed)(?=\.\s))"
    r"|(?P<came>entered|enters|came\s+in|came\s+into|took\s+(?:his|her|their)\s+(?:seat|place))"
    r"(?:\s+(?:to\s+)?(?:the\s+)?(?:meeting|room|chambers?|session|dais))?\s+at\s+\d{1,2}(?::\d\d|\s?[ap]\.?\s?m\b))"
)
_WERE = re.compile(
    r",?\s(?P<be>(?:were|was|being|answering)\s(?:all\s|also\s)?)?"
    r"(?P<state>present|absent|excused|(?:answered|responding\sto)\s(?:the\s)?roll(?:\scall)?)\b"
    r"(?=\s*[.;,\n]|\s+(?:and|with)\s)"
)
_NEXT_LIST = re.compile(r"[,;]?\s+(?:and\s+|with\s+)?")
"""Behind the state of some, where a list of others may begin."""
_A_STATE = re.compile(r"\b(?:present|absent|excused|presiding)\b")
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


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person's name at [start, end) of the text; `status` where attendance is being taken."""

    entry: Entry
    start: int
    end: int
    status: str | None = None


def take_attendance(text: str, roster: Roster) -> list[Sighting]:
    """Everyone in a table, list or roll call, or in a sentence that tells who was not there."""
    readers = (_tabled, _in_columns, _labelled, _called, _sentences, _told)
    return [seen for reader in readers for seen in reader(text, roster)]


def find_others(text: str, roster: Roster) -> list[Sighting]:
    """People who stand beside a role, a title or an address anywhere in the text."""
    return [*_asides(text, roster), *_titled(text, roster), *_speakers(text, roster)]


# -- attendance ---------------------------------------------------------------------------------


def _took_part(roster: Roster, item: Listed) -> Iterator[Sighting]:
    """Somebody of whom it is told whether they came: a member, unless the role is of the staff."""
    entry = roster.add(
        item.name,
        role=worth_telling(item.role) if item.role else None,
        status=item.status,
        member=may_sit(item.role),
    )
    if entry:
        yield Sighting(entry, item.start, item.end, item.status)


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
                status=state_of(row),
                member=may_sit(role),
            )
            if entry:
                yield Sighting(entry, *name, state_of(row))


_COLUMN_HEAD = re.compile(
    r"(?im)^[ ]{0,40}(?:(?:(?:[a-z]{1,20}[ ]){0,3}(?:present|absent|excused)"
    r"|(?:[a-z]{1,20}[ ])?(?:staff|guests?|others?|visitors?|public))"
    r"(?:[ ]?:)?(?:[ ]{2,80}|[ ]{0,80}$)){2,4}+\n"
)
"""`Members Present      Members Absent`: the heads of lists side by side."""
_HEAD_CELL = re.compile(r"\S(?:[^\n ]|[ ](?! )){1,60}")
_OF_STAFF = re.compile(r"(?i)staff|guest|other|visitor|public|also")
_NOT_THERE = re.compile(r"(?i)absent|excused|\bnot\b")
_ASKEW = 2
"""Characters by which a name may stand left or right of its column's head."""
_MOST_ROWS = 25


def _in_columns(text: str, roster: Roster) -> Iterator[Sighting]:
    """Who stands below `Present`, and below `Absent` beside it; nobody if one fits no column."""
    for head in _COLUMN_HEAD.finditer(text):
        line = head.start()
        heads = [
            (cell.start() - line, cell[0]) for cell in _HEAD_CELL.finditer(text, line, head.end())
        ]
        cells = _cells_below(text, head.end(), [at for at, _ in heads])
        for column, start, end in cells:
            said = heads[column][1]
            if _OF_STAFF.search(said):
                continue
            status = "absent" if _NOT_THERE.search(said) else "present"
            for item in people_in(text, start, end, status):
                yield from _took_part(roster, item)


def _cells_below(text: str, start: int, heads: list[int]) -> list[tuple[int, int, int]]:
    """(column, start, end) of what stands below the heads, to a blank line; [] if any is askew."""
    cells = []
    for _ in range(_MOST_ROWS):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not text[start:end].strip():
            break
        for cell in _HEAD_CELL.finditer(text, start, end):
            at = cell.start() - start
            fits = [column for column, head in enumerate(heads) if abs(at - head) <= _ASKEW]
            if len(fits) != 1:
                return []
            cells.append((fits[0], *cell.span()))
        start = end + 1
    return cells


def _name_first(text: str, low: int, high: int) -> tuple[str | None, tuple[int, int] | None]:
    """`Betty Brown  Vice Mayor` -> the role and where the name stands, as in `split_office`."""
    who = text[low:high]
    found = list(re.finditer(r"\S+", who))
    if is_role_word(found[0][0]):
        return split_office(text, low, high)
    offices = (word.start() for word in found[1:] if is_role_word(word[0]))
    cut = min([*offices, len(who), *(gap.start() for gap in re.finditer("[ ]{2}", who))])
    name = NAME_ONLY.match(text, low, low + cut)
    if name is None or text[name.end() : low + cut].strip():
        return None, None
    role = re.split("[ ]{2,}", who[cut:].strip())[-1]
    return (role if is_office(role) else None), name.span()


def _labelled(text: str, roster: Roster) -> Iterator[Sighting]:
    labels = [match for match in _LABEL.finditer(text) if _is_label(text, match)]
    told_of_members = told_of_any = False
    british = _BRITISH.search(text) is not None
    for match, stop in _lists(text, labels):
        here: set[int] = set()
        others = _is_of_others(text, match, members=told_of_members, any_=told_of_any or british)
        told_of_members = told_of_members or _MEMBERS_CAME.match(match[0]) is not None
        told_of_any = told_of_any or match["present"] is not None
        status = _status_of(text, match)
        listed = _without_pieces(text, list(people_in(text, match.end(), stop, status or "")))
        # With the attorney and the chief, a treasurer is one of the staff.
        staff = sum(not may_sit(item.role) for item in listed)
        staffed = staff > (2 if _MEMBERS_CAME.match(match[0]) else 1)
        for item in listed:
            role = worth_telling(item.role) if item.role else None
            member = not match["also"] and may_sit(role) and not (others and role is None)
            member = member and not (staffed and is_staff(role))
            alone = len(tokens(item.name)) == 1
            if not member and alone and item.role is None:
                continue
            sent = _APOLOGIES.match(match[0]) is not None
            if sent and (
                role is None or not member or _OTHER_BEFORE.search(text, 0, match.start())
            ):
                continue  # whose they are is not told: guests send them, too
            known = roster.resolve(item.name)
            if not member and known and known.member and len(known.key) == 1 and not alone:
                continue  # `Others: Linda Bors` need not be the Trustee Bors
            if known is not None and alone and id(known) in here and role and known.role != role:
                known.shared = True  # `Mayor Smith, Councilmembers Smith, Jones`
                continue
            said = item.status or None
            entry = roster.add(item.name, role=role, status=said, member=member)
            if entry:
                here.add(id(entry))
                yield Sighting(entry, item.start, item.end, said)


def _without_pieces(text: str, listed: list[Listed]) -> list[Listed]:
    """The people of a list without words on lines of their own, if others have whole names.

    As where `Victoria` and `Wikle` below it are one member, or two.
    """
    whole = any(len(tokens(item.name)) > 1 and item.role is None for item in listed)
    alone = [item for item in listed if item.role is None and _is_lone_word(text, item)]
    if not whole or len(alone) < _PIECES or _are_surnames(text, alone):
        return listed
    return [item for item in listed if item not in alone]


def _are_surnames(text: str, alone: list[Listed]) -> bool:
    """Whether two below each other move or second: of names in halves only each other one does."""
    acts = [
        re.search(rf"\b{re.escape(item.name)}\s+(?:moved|second|made)", text) is not None
        for item in alone
    ]
    return any(map(operator.and_, acts, acts[1:]))


def _is_lone_word(text: str, item: Listed) -> bool:
    before = text[max(0, item.start - LONGEST_LINE) : item.start].rpartition("\n")[2]
    after = text[item.end : item.end + LONGEST_LINE].partition("\n")[0]
    return " " not in item.name and not before.strip() and not after.strip()


def _is_of_others(text: str, label: re.Match[str], *, members: bool, any_: bool) -> bool:
    """Whether those below a label that names no members are staff and guests.

    `members`, `any_`: members, or any people, were told to be present above.
    `Members present: A, B. Present via Zoom: C, D`: the public came that way, too.
    """
    if (members and _PRESENT_HOW.match(label[0])) or (any_ and _IN_ATTENDANCE.match(label[0])):
        return True
    if _OTHERS_IN.search(text, max(0, label.start() - 190), label.start()):
        return True
    if label["present"] and _is_staff_before(text, label.start()):
        return True
    officials = members and _OFFICIALS.match(label[0]) is not None
    low = max(0, label.start() - _NEAR)
    return officials and _OTHERS_CAME.search(text, low, label.start()) is not None


def _is_staff_before(text: str, end: int) -> bool:
    """Whether an office of the staff, and nothing else, stands on the line before a label.

    As in `General Manager present: Pat Lee`.
    """
    line = text[max(0, end - LONGEST_LINE) : end].rpartition("\n")[2].strip()
    capital = all(word[0].isupper() for word in line.split())
    return capital and is_office(line) and is_staff(line)


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
    lines = Counter(_line_start(text, label.start()) for label in labels)
    for match, following in zip_longest(labels, labels[1:]):
        limit = following.start() if following else len(text)
        between = text[match.end() : limit]
        empty = following is not None and not between.strip()
        on_own_line = between[:40].lstrip(" ")[:1] == "\n"
        twice = following is not None and bool(match["present"] and following["present"])
        columns = (columns and on_own_line) or (
            empty and ("\n" not in between or (bool(match["present"]) and not twice))
        )
        stop = _list_end(text, match.end(), min(limit, match.end() + 1500))
        beside = lines[_line_start(text, match.start())] > 1 and between.strip(" ")
        if beside and (below := _ROWS_BELOW.search(text, match.end(), stop)):
            stop = below.start()
        if also := _ALSO_TOLD.search(text, match.end(), stop + 12):
            line = text.rfind("\n", match.end(), also.start())
            rows = on_own_line and text[match.end() : line].strip(" ")[-1:].isalpha()
            stop = line if rows else _line_end(text, match.end(), stop)
        words = text[match.end() : stop]
        in_a_list = _IN_A_LIST.search(text, max(0, match.start() - 9), match.start())
        if _NOBODY.search(match[0]) or (match["present"] and in_a_list):
            continue
        if "roll" in match[0].casefold() and _VOTED.search(words):
            continue
        untold = columns or _ALL_BUT.match(words) or len(_MARK.findall(words)) > 1
        cells = list(_STATE_LINE.finditer(text, match.end(), stop))
        if cells and (len(cells) > 1 or "roll" in match[0].casefold()):
            continue
        stop = cells[0].start() if cells else stop
        if not (empty or untold or (match["absent"] and on_own_line and _begins_with_staff(words))):
            yield match, stop


_ROWS_BELOW = re.compile(r"(?<![, ])[ ]{0,60}\n[ ]{3,80}(?=\S)")
"""Where a line ends below which more stands, indented: in which of the columns is not told."""


def _line_start(text: str, at: int) -> int:
    """The line end before a place; the place itself on a line too long to be one of columns."""
    start = text.rfind("\n", max(0, at - LONGEST_LINE), at)
    return at if start < 0 and at > LONGEST_LINE else start


def _begins_with_staff(words: str) -> bool:
    """Whether nobody was absent, and the line below tells who else was there."""
    first = next(people_in(words, 0, len(words), "absent"), None)
    return first is not None and is_staff(first.role)


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
    tells = re.search(r"(?i)present|absent|attend|excused|apologies", said) is not None
    line = text[match.end() : match.end() + LONGEST_LINE].partition("\n")[0]
    called = said.casefold() == "roll call" and not line.strip()
    if called and said[:1].isupper() and (not before.strip() or _ITEM_NUMBER.match(before)):
        return _is_above_titled(text, match.end())
    if before.strip() or not said[:1].isupper() or not tells or _OTHER_HEAD.search(line):
        return False
    below_blank = _BELOW_BLANK.search(text, max(0, match.start() - 160), match.start())
    alone = match[0].isupper() and match[0] == said and (below_blank or match["absent"])
    named = alone and _NAME_LINE.match(text, match.end()) is not None
    sent = _APOLOGIES.match(said) is not None and _TITLED_NEXT.match(text, match.end()) is not None
    return bool(line.strip()) or " " in said or bool(named) or sent


def _is_above_titled(text: str, start: int) -> bool:
    """Whether a list of people with their offices, and nothing else, follows `ROLL CALL`."""
    if _TITLED_NEXT.match(text, start) is None:
        return False
    limit = min(len(text), start + 500)
    again = _ROLL_CALL.search(text, start, limit)
    stop = _list_end(text, start, again.start() if again else limit)
    return _are_names(text, start, stop, 2, titled=True)


def _list_end(text: str, start: int, limit: int) -> int:
    """Where a list of people ends: with its sentence, at a blank line, or above the next one."""
    if (rows := _NUMBERED_ROWS.match(text, start, limit)) and "\n\n" not in rows[0]:
        return rows.end()
    while start < limit and text[start].isspace():
        start += 1
    if spread := _spread_end(text, start, limit):
        return spread
    ends = _LIST_ENDS.search(text, start, limit)
    return sentence_end(text, start, ends.start() if ends else limit)


_SPREAD_LINE = re.compile(r"[ ]{0,80}+([^\n:]{3,90})(\n(?:[ ]{0,80}\n){0,2}|\Z)")
"""A line, and blank ones below it."""


def _spread_end(text: str, start: int, limit: int) -> int | None:
    """Where a list ends that has blank lines between its people, each with an office; else None."""
    at, end, count = start, start, 0
    while line := _SPREAD_LINE.match(text, at, limit):
        found = list(people_in(text, *line.span(1), "present"))
        if len(found) != 1 or found[0].role is None or not is_office(found[0].role):
            break
        at, end, count = line.end(), line.end(1), count + 1
        if line[2].count("\n") < 2:
            break
    return end if count > 1 else None


def _line_end(text: str, start: int, stop: int) -> int:
    """Where the first line of a list ends, unless the list goes on below it."""
    first = re.compile(r"\s{0,80}+[^\n]+").match(text, start, stop)
    if first is None or first[0].rstrip().endswith((",", ";", " and")):
        return stop
    return stop if is_full_line(text, first.end()) else first.end()


_IN_ATTENDANCE = re.compile(r"(?i)in\s+attendance\b")
_OTHERS_IN = re.compile(r"(?im)^[ ]{0,60}(?:also|others?)[ ]in\b[^\n]{0,120}\n[ ]{0,60}\Z")
"""The first line of a label that is printed on two: `OTHERS IN / ATTENDANCE:`."""
_BRITISH = re.compile(r"\bCl?lrs?\b")
"""Where councillors are called so, those in attendance are no members."""
_APOLOGIES = re.compile(r"(?i)apologies\b")
_OTHER_BEFORE = re.compile(r"(?i)\bother\s\Z")
_OTHERS_CAME = re.compile(rf"(?im)^[ ]{{0,60}}{_OTHERS}\s(?:present|attending|in\s+attendance)\b")
_PIECES = 4
"""Lines of one word that may be halves of names: of fewer there may be surnames."""
_OFFICIALS = re.compile(r"(?i)(?:directors|supervisors|officials)\b")
_NOBODY = re.compile(r"\(0\)")
_IN_A_LIST = re.compile(r"(?<![Mm]\.),[ ]{1,3}\Z")
"""Before `Present:` in the middle of a list: two columns were read as one."""
_MARKS_BEFORE_LATE = re.compile(r"[ ,;:(\[–—-]{1,3}")
"""`Present late`, `Absent (arrived at 7:10)`."""


def _called(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Smith - present, Jones - absent`."""
    for match in _CALLED.finditer(text):
        found = name_before(text, match.start())
        marks = _MARKS_BEFORE_LATE.match(text, match.end())
        late = marks is not None and LATE.match(text, marks.end()) is not None
        if found is None or not (late or _APART.search(text, found[2], match.start())):
            continue
        if _NEW_SENTENCE.search(text, found[2], match.start()) or text[match.end() :][:1] == ":":
            continue
        if not re.search(r"(?i)roll|present|here\b", text[max(0, found[0] - 400) : found[0]]):
            continue
        status = "late" if late else state_of(match)
        if _VOTED.search(text, max(0, found[0] - 120), found[0]):
            continue
        title = clean(text[found[0] : found[1]]).strip(" ,.-")
        role = (worth_telling(title) or None) if title else None
        name = clean(text[found[1] : found[2]])
        yield from _took_part(roster, Listed(name, role, found[1], found[2], status))


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
        if start is None or not (
            match["be"] or "roll" in match["state"] or _OPENS.search(text, low, start)
        ):
            continue
        told = match.end()
        status = state_of(match)
        for item in people_in(text, start, match.start(), status):
            yield from _took_part(roster, item)


def _are_names(text: str, start: int, stop: int, least: int, *, titled: bool = False) -> bool:
    """Whether at least so many people stand here, and nothing else, such as the state of some.

    `titled`: the first of them with an office.
    """
    pieces = [part for part in parts_of(text, start, stop) if text[slice(*part[:2])].strip()]
    people = [
        split_office(text, low, high)
        for low, high, parted in pieces
        if not (parted == "," and _is_bare_office(text[low:high]))
    ]
    return (
        len(people) >= least
        and _A_STATE.search(text, start, stop) is None
        and all(name and _is_title(role or "") for role, name in people)
        and not (titled and people[0][0] is None)
    )


def _is_bare_office(part: str) -> bool:
    """Whether a part of a list says nothing but an office, as behind `Bo Brown, Vice-Chair;`."""
    return is_office(part) and all(is_role_word(word) for word in part.split())


def _is_title(words: str) -> bool:
    """Whether words are an office alone, as `Roll call showed members` is not."""
    return all(word[0].isupper() or word in _JOINS or is_role_word(word) for word in words.split())


def _told(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Ed Evans was absent`; `Councilmember Evans arrived at 7:15`, if that is somebody known."""
    for match in _WAS.finditer(text, 0, _OPENING):
        found = name_before(text, match.start())
        if found is None or text[found[2] : match.start()].strip():
            continue
        name = clean(text[found[1] : found[2]])
        status = "late" if match["late"] or match["came"] else state_of(match)
        titled = not is_staff(clean(text[found[0] : found[1]]).strip(" .,-") or "clerk")
        known = roster.resolve(name)
        if status != "absent" and not titled and (known is None or not known.member):
            continue
        entry = roster.add(name, status=status, member=True)
        if entry:
            yield Sighting(entry, found[1], found[2], status)


# -- other people -------------------------------------------------------------------------------


def _asides(text: str, roster: Roster) -> Iterator[Sighting]:
    """`(Pat Lee, Fire Chief)`."""
    for match in _ASIDE.finditer(text):
        if any(is_role_word(word) for word in match["role"].split()):
            name, role = (clean(match[group]) for group in ("name", "role"))
            entry = roster.add(name, role=role, confidence=0.9)
            if entry:
                yield Sighting(entry, match.start("name"), match.end("name"))


def _titled(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Fire Chief Pat Lee`, `Ms. Lee`: a run of capitalised words with a role before a name."""
    for run in _RUN.finditer(text):
        found = list(re.finditer(r"\S+", run[0]))
        roles = [i for i, word in enumerate(found[:-1]) if is_person_noun(word[0])]
        if not roles:
            continue
        after = roles[-1] + 1
        while after < len(found) - 1 and fold(found[after][0]) in PRO_TEM:
            after += 1
        begin = run.start() + found[after].start()
        goes_beyond = _PARTICLE_NEXT.match(text, run.end())
        match = NAME_ONLY.match(text, begin, run.end() + (40 if goes_beyond else 0))
        if match is None or "   " in match[0] or _NICK_NEXT.match(text, match.end()):
            continue
        first = _role_start(run[0], found, roles[-1])
        between = run[0][found[after - 1].end() : found[after].start()]
        apart = "\n" in between or "  " in between
        role_at = run.start() + found[first].start()
        bracketed = text[role_at - 1 : role_at] == "(" and text[match.end() :][:1] == ")"
        bracketed = bracketed and len(match[0].split()) == 1  # `Pat Lee (Director Finance)`
        if (apart or bracketed) and _BEHIND_NAME.search(text, max(0, role_at - 42), role_at):
            continue
        role = in_singular(" ".join(word[0] for word in found[first:after]))
        goes_on = re.compile(r"[ ]{1,3}[A-Z]\w").match(text, match.end()) is not None
        labels = text[match.end() : match.end() + 1] == ":" and " " not in match[0]
        sighting = _meet(match, role, roster, goes_on=goes_on or labels)
        if sighting:
            yield sighting


def _role_start(run: str, found: list[re.Match[str]], last: int) -> int:
    """Index of the first word of a role: another sentence, or a heading above it, is none of it."""
    for index in range(last, 0, -1):
        word = found[index - 1]
        ended = word[0].endswith((".", ":")) and fold(word[0]).strip(".:") not in SHORT
        between = run[word.end() : found[index].start()]
        two = is_role_word(word[0]) and not (is_whole_office(word[0]) and "\n" in between)
        apart = ("\n" in between or "  " in between) and not two
        shouted = word[0].isupper() and len(word[0]) > 3 and not found[index][0].isupper()
        if ended or apart or shouted or fold(word[0]) in _LEADS:
            return index
    return 0


def _meet(
    match: re.Match[str], role: str, roster: Roster, *, goes_on: bool = False
) -> Sighting | None:
    """The person behind a role: the longest beginning of the words that names somebody known.

    `goes_on`: more words in capitals follow, so that who is not known may be an airport, or a
    colon, so that it may be a label.
    """
    printed = match[0].split()
    for count in range(len(printed), 0, -1):
        known = roster.resolve(" ".join(printed[:count]))
        if known is not None:
            known.role = known.role or worth_telling(role)
            end = match.start() + len(" ".join(printed[:count]))
            return Sighting(known, match.start(), min(end, match.end()))
    name = clean(match[0])
    if tokens(name)[0] in UNFIT or tokens(name)[-1] in _NO_SURNAMES or goes_on:
        return None
    alone = len(tokens(name)) == 1 and (worth_telling(role) is None or len(name) < 3)
    if alone or name.isupper() or _VOTED_BEHIND.search(name):
        return None
    entry = roster.add(name, role=worth_telling(role), confidence=0.8)
    return Sighting(entry, match.start(), match.end()) if entry else None


def _speakers(text: str, roster: Roster) -> Iterator[Sighting]:
    """`Addressing the Council were A, B and C.`, `Pat Lee, 12 Oak Street`."""
    for match in chain(_RESIDENT.finditer(text), _SPOKE.finditer(text)):
        name = clean(match["name"])
        known = roster.resolve(name)
        # `Sharon Brown spoke` need not be the Trustee Brown who sits on the board.
        other = known is not None and len(known.key) == 1
        titled = any(is_role_word(word) for word in name.split())
        if len(tokens(name)) < 2 or tokens(name)[-1] in BUSINESS or other or titled:
            continue
        if entry := roster.add(name, confidence=0.8):
            yield Sighting(entry, match.start("name"), match.end("name"))
    for match in _SPEAKERS.finditer(text):
        stop = _list_end(text, match.end(), min(len(text), match.end() + 600))
        for item in people_in(text, match.end(), stop, "present"):
            if len(tokens(item.name)) > 1:
                entry = roster.add(item.name, confidence=0.8)
                if entry:
                    yield Sighting(entry, item.start, item.end)
