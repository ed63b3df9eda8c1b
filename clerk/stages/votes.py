"""Words after a motion -> how it was voted on: result, counts, and who voted how.

Works on a window of plain text (see `PagesText`) that starts where the motion ends. What the
minutes do not say stays None.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from clerk.stages.names import clean, name_before, person
from clerk.stages.pages_text import sentence_end

_CARRIED = (
    r"carried|carries|passed|passes|approved|adopted|prevailed|granted|accepted|moved|enacted"
)
_DEFEATED = (
    r"failed|fails|defeated|lost|denied|died|dies|rejected|not\s+(?:carried|passed|approved)"
    r"|did\s+not\s+(?:carry|pass)"
)
_SUBJECT = (
    r"(?:motions?|resolution|ordinance|amendment|question|measure|vote|it|agenda|minutes|bills?"
    r"|report|m/s/c|by-?law|item|request|application|permit)"
)
# What says that the vote just described has an outcome. The first to match in a window counts.
_RESULT = re.compile(
    rf"""(?ix)
    \b{_SUBJECT}\b [^.;\f]{{0,160}}? (?<!to\ be\ ) (?<!\bbe\ )
        \b(?P<r1>unanimously\s+(?:{_CARRIED})|{_CARRIED}|{_DEFEATED})\b
    | (?:\A|[.;:)\]\n\f,]\s{{0,40}}|-\s|\ and\s+(?:was\s+|is\s+)?(?:so\s+)?|\ which\s+(?:was\s+)?)
        (?:unanimously\s+)? \b(?P<r2>{_CARRIED}|{_DEFEATED})\b
        (?=\s*(?:unanimous|[.,;:(\[-]|\d|by\s|with\s|on\s+a|\n|\f|\Z|all\b|five|four|six|seven|three))
    | \bunanimous(?:ly)?\b\s*(?:\bvote\b)? (?:[^.;\f]{{0,40}}?\b(?P<r3>{_CARRIED}|{_DEFEATED})\b)?
    | \b(?:result|outcome|disposition|decision|action|status)\s*:\s*(?P<r4>{_CARRIED}|{_DEFEATED})\b
    | \b(?:stands?|so)\s+(?P<r5>{_CARRIED}|ordered)\b
    | \b(?P<r6>all)\s+(?:\w+\s+){{0,3}}?(?:in\s+favor|in\s+favour|ayes?\b|yes\b)
    | \b(?:the\s+)?(?P<r7>ayes)\s+have\s+it
    | \b(?P<r8>passed|failed|carried|approved|denied|defeated)\s+(?=\(?\d{{1,2}}\s*(?:-|to)\s*\d)
    """
)
_FRIENDLY = re.compile(r"(?i)\bamendment\b.*\baccepted\b", re.DOTALL)
"""A mover accepts an amendment; that decides nothing."""
_LOST = re.compile(rf"(?i)\b(?:{_DEFEATED})\b")
_UNANIMOUS = re.compile(
    r"(?i)\bunanimous(?:ly)?\b|\ball\s+(?:\w+\s+){0,3}?(?:in\s+favou?r\b|ayes?\b|yes\b|voted\s+aye)"
)
_PAIR = re.compile(
    r"(?<![\d/$.#-])(?<!(?i:no)[. ])\b(\d{1,2})\s*(?:-|(?i:to))\s*(\d{1,2})"
    r"(?:\s*-\s*(\d{1,2}))?\b(?![/\d:%-])"
)
_PAIR_NEXT = re.compile(r"[.;]?\s*\(?(?:(?i:(?:the\s+)?vote(?:\s+was)?)\s*:?\s*)?" + _PAIR.pattern)
_SPELLED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(_SPELLED)} | {"none": 0, "no": 0}
_OPTIONS = (
    ("yes", r"ayes?|yeas?|yes|in\s+favou?r|for|affirmative"),
    ("no", r"nays?|nayes|noes|nos?|opposed|against|dissenting|negative"),
    ("abstain", r"abstain(?:ed|ing|s)?|abstentions?"),
    ("absent", r"absent|excused|not\s+present"),
    ("recused", r"recus(?:ed|als?|ing|e)"),
)
_ANY = "|".join(pattern for _, pattern in _OPTIONS)
_WHICH = [(option, re.compile(rf"(?i:{pattern})")) for option, pattern in _OPTIONS]
_NUMBER = r"\d{1,2}|" + "|".join(_NUMBERS)
_LABEL = re.compile(
    rf"(?<![\w'])(?:(?i:voting|voted|votes?|those|councilmembers|members)\s+)?"
    rf"(?P<option>(?i:{_ANY}))(?i:\s+votes?)?\s*(?:\((?P<inner>\d{{1,2}})\)\s*)?[:=](?!\d\d)\s*-?\s*"
    rf"|(?<=[\n\f.;])[ ]{{0,30}}(?P<caps>AYES?|YEAS?|NAYS?|NOES|ABSTAIN|ABSENT)\b"
    rf"(?!\s*[:=])\s*(?:-\s*)?"
)
_COUNT_AFTER = re.compile(
    rf"(?i)(?<![\w'-])(?P<option>{_ANY})\s*[:=-]\s*(?P<number>{_NUMBER})(?![\w:/'-])"
)
_COUNT_BEFORE = re.compile(
    rf"(?i)(?<![\w:/-])(?<![:=-][ ])(?P<number>{_NUMBER})[ ](?:\(\d{{1,2}}\)[ ])?(?:-[ ])?"
    rf"(?:votes?[ ])?(?:(?:voting|voted|were|was)[ ])?(?P<option>{_ANY})\b(?![ ]*[:=])"
)


def _counted(option: str = "?:", number: str = "?:") -> str:
    """`Yeas 20`, with the groups called as told."""
    return rf"({option}{_ANY})[ ]{{1,3}}+({number}{_NUMBER})(?![\w:/'-])"


_COUNT_PAIR = re.compile("(?i)" + _counted("?P<option>", "?P<number>"))
# `Yeas 20. Nays 1.`: here a number belongs to the word before it.
_COUNT_ROW = re.compile(
    r"(?i)(?<![\w'-])(?<!\d )"
    + "".join(rf"(?<!\b{word} )" for word in _NUMBERS)
    + rf"(?=ayes?\b|yeas?\b|yes\b){_counted()}(?:[,;.]?\s{{1,10}}+(?:and\s)?{_counted()}){{1,4}}+"
)
_NAME = re.compile(person("name"))
_LISTED = re.compile(
    person("name")
    + r"(?=\s*(?:[,;.&)(\n\f/-]|(?i:and|nays?|noes|abstain|absent|motion|the)\b|\Z)|[ ]{2})"
)
_NONE = re.compile(r"(?i)(?:none|nobody|no\s+one|n/a|nil|0|zero|-{1,3})\b")
_BETWEEN = re.compile(r"(?:\s*(?:[,;&]|(?i:\band\b)))++\s*+|[ ]{0,40}\n[ ]{0,80}|[ ]{2,60}")
_COUNT_LEAD = re.compile(r"\(?\d{1,2}\)?\s*(?:-|:|,)?\s*")
_CALLED = re.compile(
    r"(?i)(?<![\w'])(?P<option>ayes?|yes|yeas?|nays?|no|abstain(?:ed|s)?|absent|recused|excused)(?![\w'])"
)
_SEPARATORS = re.compile(r"(?:[\s\f,;.&|']|(?i:\band\b)|-)*+")
_VERB = re.compile(
    r"(?i)\b(?:(?:were\s+|was\s+|all\s+)?(?:voting|voted)\s+(?P<option>ayes?|yes|yeas?|nays?|no|"
    r"in\s+favou?r|against|in\s+opposition|opposed|to\s+abstain)"
    r"|(?:was\s+|were\s+)?(?P<alone>abstain(?:ed|ing|s)|absent|opposed|dissent(?:ing|ed)"
    r"|recus(?:ed|ing)(?:\s+(?:himself|herself|themselves))?))\b"
)
_LIST_NEAR = 250
"""Characters behind the sentence with the result within which a list of voters has to begin."""
_VOTE_WORD = (
    r"(?:ayes?|yeas?|yes|nays?|noes|no|abstain\w*|absent|present|votes?|voting|voted|roll|motion)"
)
_ELSEWHERE = re.compile(
    rf"""(?mx)^[ ]{{0,60}}+ (?!.{{0,40}}\b(?i:{_VOTE_WORD})\b)
    (?: (?:(?i:item)[ ])? (?:\d{{1,3}}(?:\.\d{{1,3}}|[a-z])?|[IVXL]{{2,6}}) [.)] [ ]{{1,20}}+ \w
      | (?:[A-Z]|\d{{1,3}}|[IVXL]{{1,6}}) [.)] [ ]{{1,20}}+ [A-Z]{{2,}} [ ][A-Z]{{2,}}
      | (?=.{{4,70}}$) [A-Z][A-Z'&,.-]{{2,}} (?:[ ]+[A-Z0-9'&,./()-]+)* [ ]*$
    )"""
)
"""A line that begins another item: numbered, or a heading in capitals."""
_BOUNDARY = re.compile(r"[.:;(]\s|\bwith\b|\n[ ]*\n|\f|\b(?:carried|passed|approved|adopted)\b")


@dataclass(frozen=True, slots=True)
class Cast:
    """A name as printed, how it voted, and where the name stands in the window."""

    name: str
    option: str
    start: int
    end: int


@dataclass(slots=True)
class Outcome:
    """What a window says about a vote; offsets are the window's."""

    result: str | None = None
    start: int = 0
    end: int = 0
    word: int = 0
    """Where the word that tells the result begins."""
    counts: dict[str, int] = field(default_factory=dict)
    """Numbers that stand in the text, by option."""
    listed: dict[str, int] = field(default_factory=dict)
    """Numbers of names listed, by option, where a list (or `None`) is printed."""
    casts: list[Cast] = field(default_factory=list)
    unanimous: bool = False
    method: str | None = None

    @property
    def consistent(self) -> bool:
        """Whether numbers, names and result agree with each other."""
        names = Counter(cast.name for cast in self.casts)
        if any(count > 1 for count in names.values()):
            return False
        if any(self.listed.get(o, n) != n for o, n in self.counts.items() if o in ("yes", "no")):
            return False
        yes, no = self.number("yes"), self.number("no")
        if yes is None or no is None or self.result is None:
            return True
        return (yes > no) == (self.result == "passed") or (yes == no and self.result == "failed")

    @property
    def absurd(self) -> bool:
        """Whether the numbers are another vote's: more noes than ayes passed it, or none failed it.

        More ayes than noes may fail: some things need two thirds.
        """
        yes, no = self.number("yes"), self.number("no")
        if yes is None or no is None:
            return False
        return (self.result == "passed" and yes < no) or (
            self.result == "failed" and no == 0 and yes > 0
        )

    def number(self, option: str) -> int | None:
        """The count that the text states, or else how many names it lists."""
        return self.counts.get(option, self.listed.get(option))


def which_option(words: str) -> str:
    """What a label or verb stands for: yes | no | abstain | absent | recused."""
    lowered = " ".join(words.casefold().split())
    if lowered.startswith(("in opp", "dissent")):
        return "no"
    lowered = lowered.removeprefix("to ")
    return next((option for option, pattern in _WHICH if pattern.match(lowered)), "abstain")


def read_vote(window: str, near: int = 0) -> Outcome:
    """What `window` says of the vote that follows offset `near` (where the motion's words end)."""
    outcome = Outcome()
    found = _first_result(window, near)
    if found is not None:
        outcome.result, outcome.start, outcome.word, outcome.end = found
        window = window[: _record_end(window, outcome.end)]
    _names(window, near, outcome)
    _counts(window, near, outcome)
    if outcome.absurd:
        outcome.counts, outcome.listed, outcome.casts = {}, {}, []
    _infer(window, near, outcome)
    return outcome


# -- the result ---------------------------------------------------------------------------------


def _first_result(window: str, near: int) -> tuple[str, int, int, int] | None:
    for match in _RESULT.finditer(window, near):
        group = match.lastgroup or 0
        if _FRIENDLY.search(match[0]):
            continue
        failed = _LOST.search(match[group]) is not None
        return ("failed" if failed else "passed"), match.start(), match.start(group), match.end()
    return None


def _record_end(window: str, told: int) -> int:
    """Where what is said of a vote ends: at the next item, if no list of voters began before it.

    A list that begins far behind the result, or in another item, is another vote's.
    """
    other = _ELSEWHERE.search(window, window.find("\n", told) + 1 or len(window))
    end = other.start() if other else len(window)
    near = min(end, sentence_end(window, told, end) + _LIST_NEAR)
    label = _LABEL.search(window, told, near)
    if label:
        return len(window)
    later = _LABEL.search(window, near, end)
    return later.start() if later else end


# -- names --------------------------------------------------------------------------------------


def _names(window: str, near: int, outcome: Outcome) -> None:
    """Fill in casts from the first of: labelled lists, a called roll, verbs."""
    for reader in (_from_labels, _from_roll):
        casts, listed, end = reader(window, near)
        if casts or listed:
            outcome.casts, outcome.listed = casts, listed
            outcome.end = max(outcome.end, end)
            outcome.start = outcome.start or near
            outcome.method = "roll_call"
            return
    if outcome.result is not None:
        outcome.casts, outcome.end = _from_verbs(window, near, outcome.end)
        outcome.listed = dict(Counter(cast.option for cast in outcome.casts))


def _from_labels(window: str, near: int) -> tuple[list[Cast], dict[str, int], int]:
    """`AYES: Brown, Huber  NOES: None`: lists after labels, until a label comes again."""
    casts: list[Cast] = []
    listed: dict[str, int] = {}
    end = near
    for label in _LABEL.finditer(window, near):
        option = which_option(label["option"] or label["caps"])
        if option in listed or (listed and label.start() > end + 200):
            break
        names, stop, empty = _name_list(window, label.end(), option)
        if names or empty:
            casts += names
            listed[option] = len(names)
            end = stop
    if "yes" not in listed and "no" not in listed:
        return [], {}, near
    return casts, listed, end


def _name_list(window: str, start: int, option: str) -> tuple[list[Cast], int, bool]:
    """Names from `start` on while they follow each other; whether the list says it is empty."""
    lead = _COUNT_LEAD.match(window, start)
    at = lead.end() if lead else start
    none = _NONE.match(window, at)
    if none:
        return [], none.end(), True
    casts: list[Cast] = []
    while match := _LISTED.match(window, at):
        casts.append(Cast(clean(match["name"]), option, match.start("name"), match.end("name")))
        between = _BETWEEN.match(window, match.end())
        if between is None:
            return casts, match.end(), False
        at = between.end()
    return casts, casts[-1].end if casts else start, False


def _from_roll(window: str, near: int) -> tuple[list[Cast], dict[str, int], int]:
    """`Smith yes, Jones - no`: at least two in a row."""
    run: list[Cast] = []
    at = near
    for match in _CALLED.finditer(window, near):
        cast = _called(window, match)
        gap = _SEPARATORS.match(window, at)
        if cast is None or (run and gap and gap.end() < cast[0]):
            if len(run) > 1:
                break
            run = []
        if cast is not None:
            run.append(cast[1])
            at = match.end()
    if len(run) < 2:
        return [], {}, near
    listed = dict(Counter(cast.option for cast in run))
    return run, {"yes": 0, "no": 0} | listed, run[-1].end


def _called(window: str, match: re.Match[str]) -> tuple[int, Cast] | None:
    """The cast that ends in this option, and where its name, titles included, begins."""
    before = name_before(window, match.start())
    if before is None or match.start() - before[2] > 70:
        return None
    name = window[before[1] : before[2]]
    return before[0], Cast(clean(name), which_option(match["option"]), before[1], before[2])


def _from_verbs(window: str, near: int, result_end: int) -> tuple[list[Cast], int]:
    """`with Smith and Jones voting aye`, `Councilor Ruble abstained.` near the result."""
    casts: list[Cast] = []
    at, end = near, result_end
    sentence = re.compile(r"[.;]\s").search(window, result_end)
    again = _RESULT.search(window, sentence.end()) if sentence else None
    high = min(len(window), result_end + 700, again.start() if again else len(window))
    for verb in _VERB.finditer(window, near, high):
        names = _names_before(window, max(at, verb.start() - 400), verb.start())
        at = verb.end()
        if not names:
            continue
        option = which_option(verb["option"] or verb["alone"])
        casts += [Cast(clean(m["name"]), option, m.start("name"), m.end("name")) for m in names]
        end = max(end, verb.end())
    return casts, end


def _names_before(window: str, start: int, end: int) -> list[re.Match[str]]:
    """The names that fill the text before a verb, back to a boundary; none if other words do."""
    for boundary in _BOUNDARY.finditer(window, start, end):
        start = boundary.end()
    separators = _SEPARATORS.match(window, start, end)
    at = separators.end() if separators else start
    names = []
    while at < end:
        match = _NAME.match(window, at, end)
        if match is None:
            return []
        names.append(match)
        separators = _SEPARATORS.match(window, match.end(), end)
        at = separators.end() if separators else match.end()
    return names


# -- numbers ------------------------------------------------------------------------------------


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.casefold()]


def _counts(window: str, near: int, outcome: Outcome) -> None:
    """Numbers in the neighborhood of the result: `5-0`, `7 ayes`, `Nays: 2`."""
    low = max(near, outcome.start - 120)
    high = min(len(window), max(outcome.end, outcome.start) + 120)
    if outcome.result is None and not outcome.listed:
        low, high = near, min(len(window), near + 250)
    end = outcome.end
    for match in _numbers(window, low, high):
        outcome.counts.setdefault(which_option(match["option"]), _number(match["number"]))
        end = max(end, match.end())
    pair = _pair(window, near, outcome)
    if pair and "yes" not in outcome.counts:
        outcome.counts |= {"yes": int(pair[1]), "no": int(pair[2])}
        if pair[3] is not None:
            outcome.counts["abstain"] = int(pair[3])
        end = max(end, pair.end())
    if outcome.result is None and "yes" in outcome.counts:
        better = outcome.counts["yes"] > outcome.counts.get("no", 0)
        outcome.result = "passed" if better else "failed"
        outcome.start = outcome.start or low
    outcome.end = end if outcome.counts else outcome.end


def _pair(window: str, near: int, outcome: Outcome) -> re.Match[str] | None:
    """`5-0` in the sentence of the word that tells the result, next to it, or after `vote`."""
    if outcome.result is None:
        at_once = _PAIR.search(window, near, near + 20)
        if at_once and not window[near : at_once.start()].strip(" .,;:()[]\n"):
            return at_once
        pair = _PAIR.search(window, near, near + 80)
        return pair if pair and "vote" in window[near : pair.start()].casefold() else None
    stop = sentence_end(window, outcome.word, min(len(window), outcome.word + 80))
    after = _PAIR.search(window, outcome.word, stop) or _PAIR_NEXT.match(window, stop)
    if after:
        return after
    before = _PAIR.search(window, max(near, outcome.word - 80), outcome.word)
    return before if before and "vote" in window[: before.start()][-30:].casefold() else None


def _numbers(window: str, low: int, high: int) -> Iterator[re.Match[str]]:
    for row in _COUNT_ROW.finditer(window, low, high):
        yield from _COUNT_PAIR.finditer(window, row.start(), row.end())
    yield from _COUNT_AFTER.finditer(window, low, high)
    yield from _COUNT_BEFORE.finditer(window, low, high)


def _infer(window: str, near: int, outcome: Outcome) -> None:
    """What follows from the rest: unanimity, the method, a result from the names alone."""
    low, high = near, min(len(window), outcome.end + 60)
    around = window[max(low, outcome.start - 80) : high]
    if outcome.result is None and outcome.listed.get("yes") is not None:
        better = outcome.listed["yes"] > outcome.listed.get("no", 0)
        outcome.result = "passed" if better else "failed"
    outcome.unanimous = outcome.result == "passed" and _UNANIMOUS.search(around) is not None
    if outcome.unanimous and not outcome.number("no"):
        outcome.counts["no"] = 0
    if outcome.result == "passed" and outcome.number("no") == 0 and outcome.number("yes"):
        outcome.unanimous = not outcome.number("abstain")
    if outcome.method is None and re.search(r"(?i)\broll[\s-]*call", around):
        outcome.method = "roll_call"
    elif outcome.method is None and re.search(r"(?i)\bvoice\s+vote", around):
        outcome.method = "voice"
