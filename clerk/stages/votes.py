"""Words after a motion -> how it was voted on: result, counts, and who voted how.

Works on a window of plain text (see `PagesText`) that starts where the motion ends. What the
minutes do not say stays None.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clerk.stages.ballots import find_ballot
from clerk.stages.items import next_item
from clerk.stages.names import PERSON, SUFFIX, TITLE, clean, name_before, person
from clerk.stages.pages_text import sentence_end, sentence_start

CARRIED = (
    r"carried(?!\s+(?:over|forward)\b)|carries|passes"
    r"|passed(?!\s+(?:on\s+)?to\s+(?:the|a|its)\s+(?!\w+\s+reading\b))"
    r"|approved|adopted|prevailed|granted|accepted|moved|enacted"
)
"""`carried over to May` and `passed to the committee` decide nothing."""
DEFEATED = (
    r"failed|fails|defeated|lost|denied|died|dies|rejected|not\s+(?:carried|passed|approved|adopted)"
    r"|(?:did|does)\s+not\s+(?:carry|pass|receive|prevail)"
)
_SUBJECT = (
    r"(?:motions?|resolution|ordinance|amendment|question|measure|vote|it|agenda|minutes|bills?"
    r"|report|m/s/c|by-?law|item|request|application|permit)"
)
# What says that the vote just described has an outcome. The first to match in a window counts.
_RESULT = re.compile(
    rf"""(?ix)
    \b{_SUBJECT}\b [^.;\f]{{0,160}}? (?<!to\ be\ ) (?<!\bbe\ )
        \b(?P<r1>unanimously\s+(?:{CARRIED})|{CARRIED}|{DEFEATED})\b
    | (?:\A\s{{0,9}}(?:was\s+)?|[.;:)\]\n\f,]\s{{0,120}}+|-\s|\ which\s+(?:was\s+)?
            |\ and\s+(?:was\s+|is\s+)?(?:so\s+)?)
        (?:unanimously\s+)? \b(?P<r2>{CARRIED}|{DEFEATED})\b
        (?=\s*(?:unanimous|ayes\b|yeas\b|[.,;:(\[-]|\d|by\s|with\s|without\s|(?:up)?on\s|\n|\f|\Z|all\b|resolution\sno\b|three|four|five
            |six|seven))
    | \bunanimous(?:ly)?\b(?!\s+(?:support|recommend|opinion|agreed))\s*(?:\bvote\b)?
        (?:[^.;\f]{{0,40}}?\b(?P<r3>{CARRIED}|{DEFEATED})\b)?
    | \b(?:(?:result|outcome|disposition|decision|action|status)\s*:\s*|disposition\s{{2,80}}+)
        (?P<r4>{CARRIED}|{DEFEATED})\b
    | \b(?:stands?|so)\s+(?P<r5>{CARRIED}|ordered)\b
    | \b(?P<r6>all)\s+(?:\w+\s+){{0,3}}?(?:in\s+favou?r\b(?!\?)|"?ayes?\b|"?yes\b)
    | \b(?:the\s+)?(?P<r7>ayes)\s+have\s+it
    | \b(?P<r10>ayes?\s{{0,3}}[:-]?|(?:in\s+favou?r|for|yeas?|yes)\s{{0,3}}[:-])\s{{0,3}}all\b
    | \A[\s,;.]{{0,20}}+(?:and\s+)?(?:it\s+was\s+)?(?:all\s+|unanimously\s+)?(?P<r11>agreed)\b
        (?=[ ]{{0,20}}+(?:[.,;:)\]\n\f]|\Z|unanimous|by\s+all\b))
    | \b(?P<r9>(?-i:M/C))\b(?!/)
    | \b(?P<r8>passed|failed|carried|approved|denied|defeated)\s+(?=\(?\d{{1,2}}\s*(?:-|to)\s*\d)
    """
)
_FRIENDLY = re.compile(r"(?i)\bamendment\b.*\baccepted\b", re.DOTALL)
"""A mover accepts an amendment; that decides nothing."""
_LOST = re.compile(rf"(?i)\b(?:{DEFEATED})\b")
_UNANIMOUS = re.compile(
    r"(?i)\bunanimous(?:ly)?\b|\ball\s+(?:\w+\s+){0,3}?(?:in\s+favou?r\b(?!\?)|\"?ayes?\b|\"?yes\b|voted\s+aye)"
    r"|\b(?:ayes?\s*[:-]?|(?:in\s+favou?r|for|yeas?|yes)\s*[:-])\s*all\b"
    r"|\bwithout\s+(?:dissent|opposition)\b"
)
_NOT_ALL = re.compile(
    r"(?i)\b(?:except(?:ing|ion)?|excluding|but|save|not\s+(?:unanimous(?:ly)?|all))\b"
)
_DISSENT = re.compile(
    r"(?<!\b[nN][oO] )\b(?!(?i:none|nobody|no|hearing|seeing|having|with)\b)"
    r"[A-Z][\w'-]+[,:]?[ ]+(?:(?:was|were|voted|voting)[ ]+)?"
    r"(?:opposed|against|dissent\w*|abstain\w*|nays?|no(?![ ]+(?:objections?|opposition|discussion"
    r"|further|comments?|questions?|nays?|noes|dissent\w*|one|abstentions?)\b))\b"
    r"|(?i:opposed)\s*[-:]\s*[A-Z](?!one\b)"
)
_ASKED = re.compile(r"(?i)\b(?:asked|called|calls|asks|asking|calling)\b|\bthose\s*\Z")
"""Before `all in favor`: the question, and no answer."""
_ASKS = re.compile(
    r"(?i)[,:]?\s{1,3}(?:(?:please|to|should|will|may|can)\s){0,2}"
    r"(?:say|saying|signify|raise|indicate|respond|answer|stand|show)\b"
)
"""Behind `all in favor`: the question."""
_LISTS = re.compile(
    r"[ ]{0,3}(?:[:=][ ]{0,20}(?:\n[ ]{0,60})?|-{1,2}[ ]{0,3})"
    r"(?=\d{1,2}\b(?!\s?-\s?\d)|(?i:zero|one|two|three|four|five|six|seven|eight|nine|none)\b)"
    r"|[ ]{0,3}\(\d{1,2}\)(?=[^.\n]{0,40}?\b(?i:opposed|against|nays?|noes|no)\b)"
)
"""Behind `all in favor`: as many ayes, be they all or not."""
_NAMES_BEHIND = re.compile(r"[ ]{0,3}(?::[ ]{0,20}(?:\n[ ]{0,60})?|-{1,2}[ ]{0,3})(?=[A-Z])")
_ALL_AGAINST = re.compile(
    r"(?i)unanimous(?:ly)?\s+(?:\w+\s+){0,3}?(?:against|oppos(?:ed|ition)|(?:to|for)\s+(?:deny|denial|reject))\b"
)
"""`The vote was unanimous to deny`: it is not told of which motion."""
_AGAINST_NEAR = 80
_NOT_BEFORE = re.compile(r"(?i)\bnot\s+(?:by\s+)?(?:an?\s+)?\Z")
_MOTION_LOST = re.compile(
    r"(?i)(?:\b(?:motion|vote|question|measure)\s+"
    r"(?:(?:was|is|then|has|therefore|thus)\s+){0,2}+|[.,;:\n]\s{0,9}+)\Z"
)
"""Before a word such as `failed` that outweighs what a chair asked, or heard, before it."""
_SOFT = ("r6", "r7", "r10", 0)
"""Results told by how it sounded: `all in favor`, `the ayes have it`, `unanimous`."""
_LOST_NEAR = 200
_SAID = re.compile(
    r"(?i)\b(?:said|says|noted|asked|explained|reported|mentioned|commented|recalled|replied"
    r"|suggested|remarked|reminded|informed|advised|believe[sd]?|thought|felt|wondered|questioned"
    r"|understood|clarified|indicated)\b"
)
_SUPPOSED = re.compile(
    r"(?i)\b(?:if|whether|would|could|should|unless|until|previously|formerly|originally|already"
    r"|earlier\s+(?:this|in))\b(?:\s+\w+){0,6}\s*\Z"
    r"|\b(?:if|whether|unless|elected)\b[^,;]*\Z|\blast\s+(?:year|month|week|meeting|time)\b"
)
_CLAUSE = re.compile(r"(?i)\b(?:which|who|that)\b(?:\s+\w+){0,6}\s*\Z")
_PART = re.compile(r"\A\s*:\s*\Z")
"""A colon begins the sentence: what it is told of is cut off."""
_DECISION = rf"(?P<word>(?i:{CARRIED}|{DEFEATED}))\b"
_PARTS = re.compile(
    r"\b(?P<noun>(?i:part|item|article|section|clause|condition|contract|paragraph|question|point"
    r"|recommendation|resolution|ordinance|lot|option|proposal|motion|bid))\s"
    r"(?:(?i:no)\.\s?|\#)?\(?(?P<number>\d{1,3}|[A-Ha-h]|[ivx]{1,4})\)?(?![\w-])"
    rf"[^.;\n]{{0,60}}?\b{_DECISION}"
)
"""`Part 1 carried; part 2 failed`"""
_PART_LINES = re.compile(
    r"(?:\A|(?<=[.;:\n,]))\s{0,9}+\(?(?P<number>[A-H]|\d{1,2})[.:)][ ]"
    rf"[^.;\n]{{0,60}}?\b{_DECISION}"
)
"""`A: carried. B: failed.`"""
_PART_ORDINALS = re.compile(
    r"\b(?P<number>(?i:first|second|third|fourth|last))\s(?i:part|half|clause|section)\b"
    rf"[^.;\n]{{0,40}}?\b{_DECISION}"
)
_PART_SENTENCES = re.compile(
    r"(?:\A|(?<=[.;\n]))\s{0,9}+(?P<number>[A-Z][^.;:\n]{1,80}?)(?::|[ ]-)?[ ](?:(?i:was|were)[ ])?"
    rf"{_DECISION}[,]?(?:[ ]\(?\d{{1,2}}[ ]?-[ ]?\d{{1,2}}\)?)?[ ]{{0,3}}(?=[.;\n]|\Z)"
)
"""`Ann Lee was approved 5-0. Bo Ray was rejected 1-4.`"""
_VOTES_ON_PARTS = re.compile(
    r"(?i)\bvot(?:e|es|ed|ing)\son\s(?:the\s)?(?P<noun>part|item|article|section|clause|paragraph"
    r"|question|point|resolution|ordinance|lot|option|proposal)\s(?:no\.\s?|\#)?\(?"
    r"(?P<number>\d{1,3}|[a-h])\)?(?![\w-])"
)
"""`Vote on item 1: 4-0. Vote on item 2: 2-2.`"""
_WHOLE = re.compile(r"(?i)\b(?:motions?|question)\b|\A(?:the\s)?(?:it|amendment|vote)\Z")
"""What a result is told of that is no part."""
_PARTS_NEAR = 300
_ON_AMENDMENT = re.compile(
    r"(?i)\bon\s+(?:the|this|that)\s+(?:\w+\s+)?amendment\b[^.;\n]{0,120}[.;\n]"
)
"""`On the amendment: yes 2, no 3.`, told behind the main motion."""
_ELSEWHERE_DECIDED = re.compile(
    r"(?i)\b(?:planning|zoning|parks)\s+(?:and\s+zoning\s+)?(?:commission|board)\b"
    r"|\b(?:legislature|senate|county|state)\b"
)
_LONG_AGO = re.compile(
    r"(?i)\A[^.;\n]{0,40}?\b(?:last\s+(?:year|month|week|meeting|time)|years?\s+ago|in\s+(?:19|20)\d\d"
    r"|at\s+(?:the|their)\s+(?:last|previous|prior)"
    r"|by\s+the\s+(?:county|state|court|planning|zoning|parks|legislature|voters)"
    r"|(?:on\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d)"
)
_DENIES = re.compile(r"(?i)\b(?:den(?:y|ial|ying)|reject(?:ion|ing)?)\b")
_DENIED = re.compile(r"(?i)\b(?:denied|rejected)\b")
_OF_MOTION = re.compile(r"(?i)(?:the\s)?motion\s(?:(?:was|is)\s)?\w+\Z")
"""`motion denied`: the motion to deny was lost itself."""
_OTHER_MOTION = re.compile(r"(?i)\b(?:last|previous|prior|earlier|another|other)\s\Z")
_SPECIFIC = re.compile(r"(?i)(?:minutes|agenda|bills?|report)\b")
"""Things that are approved by motions of their own."""
_AMENDMENT = re.compile(r"(?i)\bamendments?\b")
_NOT_VOTED = re.compile(
    r"(?i)\b(?:motion|item|matter|ordinance|resolution|it|request|application|question|second)\b"
    r"[^.;\n]{0,60}?\b(?:withdrawn|rescinded|divided|out\s+of\s+order"
    r"|(?P<off>tabled|postponed|continued|deferred))\b"
    r"|\b(?:withdrew|rescinded)\s+(?:his|her|their|the|that|its)\s+(?:motion|second|request|amendment)\b"
    r"|\bno\s+(?:action|vote)\s+(?:was\s+|were\s+)?taken\b"
    r"|\b(?P<alone>lack(?:s|ed|ing)?\s+(?:of\s+)?a\s+second|(?:no|without\s+a)\s+second)\b"
    r"(?!\s+(?:(?:was|is|were|being)\s+)?(?:needed|required|necessary|reading|hearing|vote|round)\b)"
)
"""What ends a motion without a vote; of what nobody seconds it is said that it failed."""
_PUT_OFF_BY = re.compile(
    r"(?i)\bmotion\s+(?:was\s+)?(?P<word>tabled|postponed|continued|deferred)"
    r"(?=\s+(?:\(?\d{1,2}\s?-\s?\d|unanimously))"
)
_PUT_OFF = re.compile(r"(?i)\b(?:tabl|postpon|continu|defer)")
_PAIR = re.compile(
    r"(?<![\d/$.#-])(?<!(?i:no)[. ])\b(?P<yes>\d{1,2})[ ]?(?:-|(?i:to))[ ]?(?P<no>\d{1,2})"
    r"(?:[ ]?-[ ]?(?P<third>\d{1,2}))?\b(?![/\d:%-])"
)
_PAIR_NEXT = re.compile(
    r"[.;]?[ ]{0,9}(?P<line>\n[ ]{0,60})?\(?(?:(?i:(?:the\s+)?vote(?:\s+was)?)\s*:?\s*)?"
    + _PAIR.pattern
    + r"(?(line)(?=[ ]*(?:\)|\n|\Z))|(?=\s*(?:[.,;()\n\]]|\Z|[a-z])))"
)
_SLASHED_PAIR = re.compile(
    r"(?i)\b(?:carried|carries|passed|passes|failed|fails|defeated|lost|m/c|vote(?:\s+(?:was|of))?)[:,]?"
    r"\s{1,3}\(?(?P<yes>\d{1,2})/(?P<no>\d{1,2})(?P<third>(?!))?(?=\s*(?:[.,;)\n]|\Z))"
)
"""`Carried 5/0`: elsewhere a day, a fraction or an address."""
_VOTE_PAIR = re.compile(
    r"(?im)^[ ]{0,60}vote[ ]?:[ ]{0,20}(?P<yes>\d{1,2})[/-](?P<no>\d{1,2})(?P<third>(?!))?"
    r"(?=[ ]{2}|[ ]*$)"
)
"""A line that begins with `VOTE: 7/2`."""
_TO_LABEL = 1800
_PAIR_VOTE = re.compile(rf"(?i:\bon\s+an?\s+)(?:{_PAIR.pattern})(?=\s+(?i:vote)\b)")
_AGAINST = re.compile(
    r"(?i)[ ]{1,3}(?:(?P<denial>to[ ](?:deny|reject))\b"
    r"|(?:votes?[ ])?(?:(?P<lost>against(?:[ ](?:the[ ]motion|it))?)|opposed|in[ ]opposition)"
    r"(?=\s*(?:[.;,)\n]|\Z)))"
)
"""Behind `3-2`: the larger number is that of the noes, or it is not told which."""
_COUNTED_AGAIN = re.compile(
    r"\b(?:call(?:s|ed|ing)?|ask(?:s|ed|ing)?|request(?:s|ed|ing)?|demand(?:s|ed|ing)?)\s(?:for\s)?"
    r"(?:a\s|the\s)?(?:division|recount|roll[\s-]call|show\sof\shands)\b"
    r"(?=\s+vote\b|\s*(?:[.;,:\n]|\Z))"
)
"""Behind what a chair ruled: the vote is taken again."""
_AGAIN_NEAR = 150
_TIE_BROKEN = re.compile(
    r"(?i)\b(?:br[eo]a?k(?:s|ing|e|en)?\s+(?:the|a)\s+tie|tie[\s-]?break\w*)\b"
)
_AFTER_TIE = 200
"""Characters behind a tie in which it may be said who broke it."""
_NUMBERED_THING = re.compile(
    r"(?i)\b(?:items?|no\.?|numbers?|sections?|lots?|ordinances?|resolutions?|cases?|pages?|chapters?"
    r"|districts?|wards?|bills?|parcels?|phases?)\s*\#?\s*\Z"
)
_NEEDED = re.compile(
    r"(?i)\b(?:two[\s-]thirds|2/3|three[\s-](?:fourths|quarters)|3/4|super-?\s?majority|requir\w+|need(?:ed|s)"
    r"|necessary)\b"
)
_THIRD = re.compile(
    r"(?i)[\s(,;-]{0,9}(?:\w+[\s,.]+){0,4}(?P<option>absent|excused|not\s+present|recus\w+)\b"
)
_SPELLED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_NOBODY = ("no one", "not one", "nobody", "none", "no")
_NUMBERS = dict.fromkeys(_NOBODY, 0) | {word: number for number, word in enumerate(_SPELLED)}
_OPTIONS = (
    ("yes", r"ayes?|yeas?|yes|y\b|in\s+favou?r|for|affirmative"),
    ("no", r"nays?|nayes|noes|nos?|n\b|opposed|against|dissenting|negative"),
    ("abstain", r"abstain(?:ed|ing|s)?|abstentions?"),
    ("absent", r"absent|excused|not\s+present"),
    ("recused", r"recus(?:ed|als?|ing|e)"),
)
_ANY = "|".join(pattern for _, pattern in _OPTIONS)
_WHICH = [(option, re.compile(rf"(?i:{pattern})")) for option, pattern in _OPTIONS]
_NUMBER = r"\d{1,2}|" + "|".join(_NUMBERS).replace(" ", r"\s")
_LABEL = re.compile(
    rf"(?<![\w'])(?:(?i:voting|voted|votes?|those|councilmembers|members)\s+)?"
    rf"(?P<option>(?i:{_ANY}))(?i:\s+votes?)?\s*(?:\((?P<inner>\d{{1,2}})\)\s*)?[:=](?!\d\d)\s*-?\s*"
    rf"|(?<=[\n\f.;])[ ]{{0,30}}(?P<caps>AYES?|YEAS?|NAYS?|NOES|ABSTAIN|ABSENT)\b"
    rf"(?!\s*[:=])\s*(?:-\s*)?"
    r"|(?<![\w'])(?P<counted>(?i:ayes?|yeas?|yes[ ]?[-:=]|nays?|noes|no[ ]?[-:=]|abstain\w*|absent)"
    r")[ ]?[-:=]?[ ]?\d{1,2}[ ]?\((?=[A-Z])"
    r"|(?<![\w(])\d{1,2}[ ](?P<numbered>(?i:in[ ]favou?r|opposed|against|abstentions?|abstained"
    r"|abstaining|absent))\s\((?=[A-Z])"
    r"|(?<=[\n\f.;:])[ ]{0,30}(?P<dashed>Ayes|Yeas|Nays|Noes|Absent|Abstain)[ ]{0,3}-[ ]{0,3}"
    r"(?=[A-Z]|none\b)"
)
_LABEL_FORMS = ("option", "caps", "counted", "numbered", "dashed")
_COUNT_AFTER = re.compile(
    rf"(?i)(?<![\w'-])(?P<option>{_ANY})(?:[ ]votes?)?[ ]*[:=-][ ]*"
    rf"(?P<number>{_NUMBER})(?![\w:/'-])"
)
_COUNT_IN_BRACKETS = re.compile(
    r"(?im)(?:^[ ]{0,30}|(?<=[.;,][ ]))"
    r"(?:(?:all|those)[ ](?=in|opp))?"
    r"(?P<option>ayes?|yeas?|yes|in[ ]favou?r|nays?|noes|no|for|against|opposed|abstain(?:ed)?"
    r"|absent)"
    r"[ ]?:?[ ]?\((?P<number>\d{1,2})\)"
)
"""`Nays (0)`"""
_LABELS = ("aye", "ayes", "yea", "yeas", "yes", "nay", "nays", "noes", "no", "abstain", "absent")
_COUNT_BEFORE = re.compile(
    r"(?i)(?<![\w:/-])"
    + "".join(rf"(?<!\b{label}[:=-][ ])" for label in _LABELS)
    + rf"(?P<number>{_NUMBER})\s(?:\(\d{{1,2}}\)[ ])?(?:-[ ])?"
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
_HEADINGS = re.compile(rf"(?i)(?<![\w'])(?:{_ANY})[ ]?[|/]?[ \n]{{1,3}}\Z")
_HEADING_NEXT = re.compile(rf"[ ]?[|/]?[ \n]{{1,3}}(?i:{_ANY})\b(?![ ]*[:=])")
"""Beside `No Abstain`: another option, so that they are headings."""
_NOUNS = re.compile(r"(?i)(?:abstentions|votes?|nays|noes|ayes|yeas|opposed|against|in\s)")
_NAME = re.compile(person("name"))
_LISTED = re.compile(
    person("name")
    + r"(?:(?=\s*(?:[,;.&)(\n\f/-]|(?i:and|nays?|noes|abstain|absent|motion|the)\b|\Z)|[ ]{2}"
    r"|[ ](?i:no|yes|opposed|against)[ ]?:"
    r"|[ ]\d{1,2}[ ]*(?:\n|\Z))|(?<=[JS]r\.))"
)
_NONE = re.compile(
    r"(?i)(?:none|nobody|no\s+one|n/a|nil|0|zero|-{1,3})\b"
    r"|\(?[oø]\)?(?=[ ]*(?:[\n,;]|\Z|[ ]{2})"
    r"|\.\s*(?:\Z|(?:the|motion|absent|abstain|carried|passed)\b))"
)
"""A lone `O` is a zero as OCR reads it."""
_BETWEEN = re.compile(
    r"(?:[ ]?\([^()\d]{1,80}\))?"
    r"(?:(?:\s*(?:[,;&]|(?i:\band\b)))++\s*+|[ ]{0,40}\n[ ]{0,80}|[ ]{2,60})"
)
_RUNS_ON = re.compile(
    rf"\.[ ]{{0,20}}+\n[ ]{{0,60}}+(?=(?:{TITLE}){{1,3}}+(?:{PERSON}){SUFFIX}\.?[ ]{{0,20}}\n"
    r"[ ]{0,60}"
    r"(?i:nays?|noes|nayes|no|abstain\w*)\b)"
)
"""The chair's name on a line below the others, and the next list's label below it."""
_GOES_ON = re.compile(r"(?i)(?:[,;&]|\band)\s*\Z")
_OPTION_FIRST = re.compile(
    r"(?i)(?<![\w'])(?:ayes?|yes|yeas?|nays?|no|abstain(?:ed|s)?|absent)\s*[-,]?\s*\Z"
)
_IN_COLUMN = re.compile(r"[ ]{2,60}[^\n]{0,80}\n[ ]{2,80}[A-Z][a-z]")
_COUNT_LEAD = re.compile(r"\(?\d{1,2}\)?[ ]*(?:[-:,]\s*|\((?=[A-Z]))?")
_OFFICE_LEAD = re.compile(
    r"(?i)(?:council\s?|board\s)?(?:members?|commissioners|trustees|directors|supervisors)[ ]?:\s*"
)
"""`AYES: Council Members: Wu, Xiong`"""
_CALLED = re.compile(
    r"(?i)(?<![\w'])(?P<option>ayes?|yes|yeas?|nays?|no|abstain(?:ed|s)?|absent|recused|excused|(?<=[a-z]-)[yn])(?![\w'])"
)
_GLUED = re.compile(r",[ \n]{1,3}[A-Z][a-z]{1,30}(?<=yes|aye|nay|.no)\b")
"""`, Jacksenyes`: who is called last, where a dash is missing."""
_OTHERWISE = re.compile(r"(?!Not\b)[A-Z][\w'-]+[ ,-]{1,3}(?i:pass(?:ed)?|present|opposed)\b")
"""`Lopez-pass` in a roll."""
_SEPARATORS = re.compile(
    r"(?:\n[ ]{0,40}+\(?\d{1,2}[.)](?=[ ])|[\s\f,;.&|'\u2022*]|(?i:\band\b)|-)*+"
)
"""Between two of a row of names, which may be numbered."""
_PAGE_BREAK = re.compile(
    r"[ ]{0,40}(?:\n[ ]{0,80}){1,4}+(?:(?i:page)[ ])?\d{1,3}(?:[ ]of[ ]\d{1,3})?[ ]{0,40}"
    r"(?:\n[ ]{0,9}){0,3}+\f?(?!\s)[^\n:]{1,120}(?:\n[ ]{0,80}){1,4}+"
)
"""A page's number and the next one's head, inside a roll."""
_VERB = re.compile(
    r"(?i)\b(?:(?:were\s+|was\s+|all\s+)?(?:voting|voted)\s+(?P<option>ayes?|yes|yeas?|nays?|no|"
    r"in\s+favou?r|against|in\s+opposition|opposed|to\s+abstain)"
    r"|(?:was|were)\s+(?P<favor>in\s+favou?r)(?!\s+of\b)"
    r"|(?:was\s+|were\s+)?(?P<alone>abstain(?:ed|ing|s)|absent|opposed|dissent(?:ing|ed)"
    r"|recus(?:ed|ing)(?:\s+(?:himself|herself|themselves))?))\b"
)
_LONGEST_VOTE = 500
"""Characters: a sentence that tells who voted how."""
_BEFORE_VOTERS = 3
"""Words before the first voter: a mark, and an office."""
_LIST_NEAR = 250
"""Characters behind the sentence with the result within which a list of voters has to begin."""
_OF_ANOTHER = re.compile(
    r"(?i)\s+(?:(?:to|against|from|on|at|in|for|with|of)\s+)?+"
    r"(?:(?:the|a|an|any|this|that|his|her|their|its)\s+)?+"
    r"(?!(?:motions?|vote|question|voting|due|because|as|and|carried|with|favou?r|passed|stating"
    r"|citing|resolution|ordinance|item|measure|absent)\b)(?-i:[a-z]{2,})"
    r"|[^.;\n]{0,60}\b(?:last|prior|previous|(?:19|20)\d\d)\b"
)
"""Behind `Lopez opposed`: something else than this vote."""
_CLAUSE_ENDS = re.compile(r"[.;]\s")
_BOUNDARY = re.compile(
    r"(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\b[A-Z])[.:;]\s|\(|(?<=\d),?\s"
    r"|\bwith\b|\n[ ]*\n|\f|\b(?:carried|passed|approved|adopted)\b"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """A name as printed, how it voted, and where the name stands in the window."""

    name: str
    option: str
    start: int
    end: int


_Told = tuple[str, int, int, int]
"""A result, and where its phrase starts, the word that tells it starts, and the phrase ends."""


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
    unanimous: bool | None = None
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


def read_vote(window: str, moved: str = "") -> Outcome:
    """What `window`, which begins behind a motion's words `moved`, says of the vote on it."""
    outcome = Outcome()
    if "amend" not in moved.casefold():
        window = _ON_AMENDMENT.sub(lambda told: " " * len(told[0]), window)
    parts = _VOTES_ON_PARTS.finditer(window, 0, _PARTS_NEAR)
    if len({(part["noun"].casefold(), part["number"].casefold()) for part in parts}) > 1:
        return outcome
    found = _first_result(window, moved)
    ended = _end_without_vote(window, moved)
    if ended is not None and (found is None or ended.end() < found[2]):
        if not ended["alone"]:
            return outcome
        found = "failed", ended.start(), ended.start("alone"), ended.end()
    elif found is None and _PUT_OFF.search(moved) and (off := _PUT_OFF_BY.search(window)):
        found = "passed", off.start(), off.start("word"), off.end()
    if found is not None:
        if _is_of_a_part(window, found, moved):
            return outcome
        outcome.result, outcome.start, outcome.word, outcome.end = found
        window = window[: _record_end(window, outcome.end)]
    _who_and_how_many(window, outcome, moved, told=found is not None)
    return Outcome() if _is_denied(window, outcome, moved) else _agreed(window, outcome, found)


def _who_and_how_many(window: str, outcome: Outcome, moved: str, *, told: bool) -> None:
    """Fill in names and numbers; `told`: a word told the result before."""
    _names(window, outcome)
    _counts(window, outcome, moved)
    if not told and outcome.result and not outcome.listed:
        _dissenters(window, outcome)
    elif not told and not (outcome.listed or outcome.counts):
        _voted_at_once(window, outcome)


def _agreed(window: str, outcome: Outcome, found: _Told | None) -> Outcome:
    """What is left where result, numbers and names contradict each other, and what follows."""
    if _is_tie_broken(window, outcome):
        outcome.counts, outcome.result = {}, found[0] if found else None
    if _is_absurd(window, outcome):
        _settle(outcome, soft=found is not None and _is_soft(window, found[1]))
    _infer(window, outcome)
    return outcome


def _is_tie_broken(window: str, outcome: Outcome) -> bool:
    """Whether the numbers are those of a tie that somebody broke."""
    even = outcome.number("yes") is not None and outcome.number("yes") == outcome.number("no")
    return even and _TIE_BROKEN.search(window, 0, outcome.end + _AFTER_TIE) is not None


def _is_denied(window: str, outcome: Outcome, moved: str) -> bool:
    """Whether most said aye to what was denied: they denied it, or the motion was to do so.

    Nor can it be told without numbers where the motion was to deny.
    """
    word = _DENIED.match(window, outcome.word) if outcome.result == "failed" else None
    if word is None:
        return False
    if not outcome.counts and _DENIES.search(moved):
        return True
    return (outcome.number("yes") or 0) > (outcome.number("no") or 0)


def _is_absurd(window: str, outcome: Outcome) -> bool:
    """Whether the numbers are another vote's, or told the other way round: a tie that passed.

    More ayes than noes may fail, where the minutes say that more were needed.
    """
    yes, no = outcome.number("yes"), outcome.number("no")
    if yes is None or no is None or outcome.result is None:
        return False
    if outcome.result == "passed":
        return yes <= no
    return yes > no and (no == 0 or _NEEDED.search(window) is None)


def _is_of_a_part(window: str, found: _Told, moved: str) -> bool:
    """Whether a result is a part's, and another part's is told next: there is none of the whole."""
    low = sentence_start(window, found[2], max(0, found[2] - 120))
    low = len(window[:low].rstrip())
    return any(
        _is_first_of_two(pattern, window, (low, found[2]), moved)
        for pattern in (_PARTS, _PART_LINES, _PART_ORDINALS, _PART_SENTENCES)
    )


def _is_first_of_two(
    pattern: re.Pattern[str], window: str, between: tuple[int, int], moved: str
) -> bool:
    low, at = between
    first, second, *_ = [*pattern.finditer(window, low, at + _PARTS_NEAR), None, None]
    if first is None or second is None or first.start("word") != at:
        return False
    whole, other = (_is_moved(part["number"], moved) for part in (first, second))
    if whole and not other:  # what was moved, and then another thing
        return False
    nouns = [part.groupdict().get("noun") or "" for part in (first, second)]
    return (
        nouns[0].casefold() == nouns[1].casefold()
        and first["number"] != second["number"]
        and not any(_WHOLE.search(part["number"]) for part in (first, second))
    )


def _is_moved(thing: str, moved: str) -> bool:
    """Whether `The plan` stands in what was moved."""
    words = thing.casefold().removeprefix("the ").strip()
    return len(words) > 3 and words in moved.casefold()


def _settle(outcome: Outcome, *, soft: bool) -> None:
    """Keep of a contradiction what is sure: a word such as `carried`, or lists of who voted how.

    Where it only sounded so, numbers against that leave nothing.
    """
    listed = _by_numbers(outcome.listed) if soft else None
    if listed:
        outcome.result = listed
        return
    outcome.counts, outcome.listed, outcome.casts = {}, {}, []
    outcome.result = None if soft else outcome.result


def _is_soft(window: str, start: int) -> bool:
    """Whether the result that is told at `start` is told by how it sounded."""
    told = _RESULT.match(window, start)
    return told is not None and (told.lastgroup or 0) in _SOFT


# -- the result ---------------------------------------------------------------------------------


def _end_without_vote(window: str, moved: str) -> re.Match[str] | None:
    """Where it is said that there was no vote; a motion to table may well be tabled."""
    to_put_off = _PUT_OFF.search(moved) is not None
    return next(
        (end for end in _NOT_VOTED.finditer(window) if not (end["off"] and to_put_off)), None
    )


def _first_result(window: str, moved: str) -> _Told | None:
    """The first result that is told of this motion: (result, start, the word's start, end).

    What a chair ruled is none where a division is called for: that tells.
    """
    first = _told_from(window, 0, moved)
    if first is None:
        return None
    again = _COUNTED_AGAIN.search(window, first[3], first[3] + _AGAIN_NEAR)
    return _told_from(window, again.end(), moved) if again else first


def _told_from(window: str, start: int, moved: str) -> _Told | None:
    """The first result from `start` on; a motion that failed had not all in favor before that."""
    heard: _Told | None = None
    for match in _RESULT.finditer(window, start):
        if heard and match.start() > heard[3] + _LOST_NEAR:
            break
        group = match.lastgroup or 0
        word = match[group]
        if _is_told_of_another(window, match, group, moved):
            continue
        failed = _LOST.search(word) is not None
        if _DENIED.search(word) and _DENIES.search(moved) and not _OF_MOTION.match(match[0]):
            failed = False
        told = "failed" if failed else "passed", match.start(), match.start(group), match.end()
        if group in _SOFT:
            heard = heard or told
        elif heard and not (failed and _is_of_the_motion(window, match.start(group))):
            break
        else:
            return told
    return heard


def _is_of_the_motion(window: str, at: int) -> bool:
    """Whether a word such as `failed` is told of the motion itself, or stands alone."""
    before = window[max(0, at - 60) : at]
    return _DENIED.match(window, at) is None and _MOTION_LOST.search(before) is not None


def _lists_ayes(window: str, at: int) -> bool:
    """Whether `all in favor`, which ends at `at`, is the label of a list, or of a number."""
    if _LISTS.match(window, at):
        return True
    behind = _NAMES_BEHIND.match(window, at)
    return behind is not None and _LISTED.match(window, behind.end()) is not None


def _is_told_of_another(window: str, match: re.Match[str], group: str | int, moved: str) -> bool:
    """Whether a result is one that somebody speaks of, or of an amendment, and not the vote's."""
    at = match.start(group)
    before = window[sentence_start(window, at, max(0, at - 300)) : at]
    if _FRIENDLY.search(match[0]) or (
        _AMENDMENT.search(before) and "amend" not in moved.casefold()
    ):
        return True
    if group in ("r6", 0) and _NOT_BEFORE.search(before):
        return True
    if group == "r6":
        asked = _ASKED.search(before) or _ASKS.match(window, match.end())
        return asked is not None or _lists_ayes(window, match.end())
    against = _ALL_AGAINST.search(window[match.start() :][:_AGAINST_NEAR])
    if group in ("r3", 0) and against and not _DENIES.search(moved):
        return True
    subject = _SPECIFIC.match(match[0])
    if subject and moved.strip() and subject[0].casefold() not in moved.casefold():
        return True
    of_motion = match[0][:6].casefold() in ("motion", "the mo")
    another = _OTHER_MOTION.search(window, max(0, match.start() - 20), match.start())
    return bool(
        (of_motion and another)
        or _SUPPOSED.search(before)
        or _ELSEWHERE_DECIDED.search(before)
        or (not of_motion and (_SAID.search(before) or _CLAUSE.search(before)))
        or _PART.search(before)
        or _LONG_AGO.search(window[match.end(group) :][:80])
    )


def is_spoken_of(before: str) -> bool:
    """Whether the words of a sentence before a vote make it one that somebody only speaks of."""
    tells = (_SUPPOSED, _ELSEWHERE_DECIDED, _SAID, _CLAUSE)
    return any(pattern.search(before) for pattern in tells)


def _record_end(window: str, told: int) -> int:
    """Where what is said of a vote ends: at the next item, if no list of voters began before it.

    A list that begins far behind the result, or in another item, is another vote's.
    """
    end = next_item(window, window.find("\n", told) + 1 or len(window))
    near = min(end, sentence_end(window, told, end) + _LIST_NEAR)
    label = _LABEL.search(window, told, near)
    if label:
        return len(window)
    later = _LABEL.search(window, near, end)
    return later.start() if later else end


# -- names --------------------------------------------------------------------------------------


def _names(window: str, outcome: Outcome) -> None:
    """Fill in casts from the first of: labelled lists, a called roll, verbs."""
    for reader in (_from_marks, _from_labels, _from_roll):
        found = reader(window)
        if found is None:
            outcome.method = "roll_call"
            return
        casts, listed, end = found
        if casts or listed:
            outcome.casts, outcome.listed = casts, listed
            outcome.end = max(outcome.end, end)
            outcome.method = "roll_call" if listed.get("yes") or len(casts) > 1 else None
            return
    if outcome.result is not None:
        _dissenters(window, outcome)


def _dissenters(window: str, outcome: Outcome) -> None:
    outcome.casts, outcome.end = _from_verbs(window, outcome.end)
    outcome.listed = dict(Counter(cast.option for cast in outcome.casts))


def _voted_at_once(window: str, outcome: Outcome) -> None:
    """`Mayor Gill, Trustees Bors and Donn voted yes`, right behind what was moved."""
    stop = sentence_end(window, 1, min(len(window), _LONGEST_VOTE))
    casts, end = _from_verbs(window[:stop], 0)
    ayes = [cast for cast in casts if cast.option == "yes"]
    if len(ayes) < 2 or len(window[: casts[0].start].split()) > _BEFORE_VOTERS:
        return
    outcome.casts, outcome.end, outcome.method = casts, end, "roll_call"
    outcome.listed = dict(Counter(cast.option for cast in casts))


_Found = tuple[list[Cast], dict[str, int], int]
"""Casts, how many names each list has, and where the last of them ends."""


def _from_marks(window: str) -> _Found:
    """A table with a mark beside each name, below `Aye` or `Nay`."""
    ballot = find_ballot(window)
    if ballot is None:
        return [], {}, 0
    rows, options, end = ballot
    casts = [Cast(clean(row.name), row.option, row.start, row.end) for row in rows]
    counted = Counter(cast.option for cast in casts)
    return casts, {option: counted[option] for option in options}, end


def _from_labels(window: str) -> _Found | None:
    """`AYES: Brown, Huber  NOES: None`: lists after labels, until a label comes again.

    None: lists that are cut off, or stand in columns.
    """
    casts: list[Cast] = []
    listed: dict[str, int] = {}
    unsaid: set[str] = set()
    end = 0
    for label in _LABEL.finditer(window):
        option = which_option(next(filter(None, label.group(*_LABEL_FORMS))))
        if option in listed:
            # One name a label: a roll that is told the other way round.
            one_each = listed[option] == 1 and label.start() <= end + 20
            return None if one_each else (casts, listed, end)
        if listed and label.start() > end + 200:
            break
        found = _name_list(window, label.end(), option)
        if found is None:
            return None
        names, stop, empty = found
        if names or empty:
            casts += names
            listed[option] = len(names)
            end = stop
        elif _LABEL.match(window, label.end()):
            unsaid.add(option)
    if "yes" in unsaid and (listed or casts):
        return None
    return (casts, listed, end) if "yes" in listed or "no" in listed else ([], {}, 0)


def _name_list(window: str, start: int, option: str) -> tuple[list[Cast], int, bool] | None:
    """Names from `start` on while they follow each other; whether the list says it is empty.

    None: it breaks off, as at a page's end, or goes on in another column.
    """
    lead = _COUNT_LEAD.match(window, start)
    at = lead.end() if lead else start
    office = _OFFICE_LEAD.match(window, at)
    at = office.end() if office else at
    none = _NONE.match(window, at)
    if none:
        return [], none.end(), True
    casts: list[Cast] = []
    while match := _LISTED.match(window, at):
        cast = _on_one_line(window, match, option)
        casts.append(cast)
        between = _BETWEEN.match(window, cast.end) or _RUNS_ON.match(window, cast.end)
        if between is None:
            at = cast.end
            break
        at = between.end()
    if not casts:
        return [], start, False
    casts = _apart(window, casts)
    separated = _GOES_ON.search(window, casts[-1].end, at)
    if separated and not (_LABEL.match(window, at) or _RESULT.match(window, at)):
        return None
    columns = _IN_COLUMN.match(window, casts[-1].end)
    if columns and _LABEL.search(columns[0]):
        return None
    return casts, casts[-1].end, False


def _apart(window: str, casts: list[Cast]) -> list[Cast]:
    """Two surnames that a line's end parts, where everybody else in the list has one name."""
    alone = [len(cast.name.split()) == 1 for cast in casts]
    whole: list[Cast] = []
    for cast in casts:
        printed = window[cast.start : cast.end]
        lines = [(line.start(), line.end()) for line in re.finditer(r"\S+", printed)]
        if len(lines) != 2 or "\n" not in printed or alone.count(False) > 1 or len(casts) < 3:
            whole.append(cast)
            continue
        whole += [
            Cast(printed[low:high], cast.option, cast.start + low, cast.start + high)
            for low, high in lines
        ]
    return whole


def _on_one_line(window: str, match: re.Match[str], option: str) -> Cast:
    """A name as listed; where each stands on a line of its own, only to the line's end."""
    start, end = match.span("name")
    if window[start - 1 : start] == "\n" and "\n" in match["name"]:
        end = start + match["name"].index("\n")
    return Cast(clean(window[start:end]), option, start, end)


def _from_roll(window: str) -> _Found | None:
    """`Smith yes, Jones - no`: at least two in a row. None: the options stand before the names."""
    run: list[Cast] = []
    at = 0
    for match in _CALLED.finditer(window):
        cast = _called(window, match)
        gap = _SEPARATORS.match(window, at)
        follows = gap is None or gap.end() >= (cast[0] if cast else 0)
        if cast and run and not follows and (page := _PAGE_BREAK.match(window, at)):
            follows = page.end() == cast[0]
        if cast is None or (run and not follows):
            if len(run) > 1:
                break
            run = []
        if cast is not None:
            if not run and _OPTION_FIRST.search(window, max(0, cast[0] - 16), cast[0]):
                return None
            run.append(cast[1])
            at = match.end()
    if len(run) < 2:
        return [], {}, 0
    if _calls_on(window, run[-1].end) or _GLUED.match(window, at):
        return None
    listed = dict(Counter(cast.option for cast in run))
    return run, {"yes": 0, "no": 0} | listed, run[-1].end


def _calls_on(window: str, end: int) -> bool:
    """Whether a roll goes on behind a remark or a page's head, where it was not followed."""
    result = _RESULT.search(window, end)
    stop = min(result.start() if result else len(window), end + 250)
    first = _CALLED.match(window, end) or _CALLED.search(window, end, stop)
    after = first.end() if first and first.start() <= end + 12 else end
    return (
        any(
            _called(window, more) is not None or window[: more.start()].rstrip()[-1:] in (")", ",")
            for more in _CALLED.finditer(window, after, stop)
        )
        or _OTHERWISE.search(window, after, stop) is not None
    )


def _called(window: str, match: re.Match[str]) -> tuple[int, Cast] | None:
    """The cast that ends in this option, and where its name, titles included, begins."""
    before = name_before(window, match.start())
    if before is None or match.start() - before[2] > 70:
        return None
    name = window[before[1] : before[2]]
    return before[0], Cast(clean(name), which_option(match["option"]), before[1], before[2])


def _from_verbs(window: str, result_end: int) -> tuple[list[Cast], int]:
    """`with Smith and Jones voting aye`, `Councilor Ruble abstained.` near the result."""
    casts: list[Cast] = []
    at, end = 0, result_end
    sentence = _CLAUSE_ENDS.search(window, result_end)
    again = _RESULT.search(window, sentence.end()) if sentence else None
    high = min(len(window), result_end + 700, again.start() if again else len(window))
    for verb in _VERB.finditer(window, 0, high):
        names = _names_before(window, max(at, verb.start() - 400), verb.start())
        at = verb.end()
        if not names or _OF_ANOTHER.match(window, verb.end()):
            continue
        option = which_option(verb["option"] or verb["favor"] or verb["alone"])
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
    return int(word) if word.isdigit() else _NUMBERS[" ".join(word.casefold().split())]


def _counts(window: str, outcome: Outcome, moved: str) -> None:
    """Numbers in the neighborhood of the result: `5-0`, `7 ayes`, `Nays: 2`."""
    low = max(0, outcome.start - 120)
    high = min(len(window), max(outcome.end, outcome.start) + 120)
    if outcome.result is None and not outcome.listed:
        low, high = 0, min(len(window), 250)
    end = outcome.end
    pair = _pair(window, outcome)
    against = _AGAINST.match(window, pair.end()) if pair else None
    if against and against["denial"] and _DENIES.search(moved):
        against = None
    for match in _numbers(window, low, high):
        if pair and against and pair.start() < match.end() and match.start() < against.end():
            continue
        outcome.counts.setdefault(which_option(match["option"]), _number(match["number"]))
        end = max(end, match.end())
    if pair and against:
        outcome.result = outcome.result or ("failed" if against["lost"] else None)
        outcome.start = outcome.start or pair.start()
        end, pair = max(end, against.end()), None
    if pair and _NUMBERED_THING.search(window, max(0, pair.start("yes") - 16), pair.start("yes")):
        pair = None
    if pair and "yes" not in outcome.counts:
        outcome.counts |= {"yes": int(pair["yes"]), "no": int(pair["no"])}
        if pair["third"] is not None:
            who = _THIRD.match(window, pair.end())
            third = which_option(who["option"]) if who else "abstain"
            outcome.counts[third] = int(pair["third"])
        end = max(end, pair.end())
    if outcome.result is None and not _says_lost(window, pair, moved):
        outcome.result = _by_numbers(outcome.counts)
        outcome.start = outcome.start or (low if outcome.result else 0)
    outcome.end = end if outcome.counts or against else outcome.end


def _says_lost(window: str, pair: re.Match[str] | None, moved: str) -> bool:
    """Whether more ayes than noes stand where something is told to be denied: of which is not."""
    if pair is None or int(pair["yes"]) <= int(pair["no"]) or _DENIES.search(moved):
        return False
    low = sentence_start(window, pair.start(), max(0, pair.start() - _LONGEST_VOTE))
    stop = sentence_end(window, pair.end(), min(len(window), pair.end() + _LONGEST_VOTE))
    before = window[low : pair.start()].rpartition(";")[2]
    after = window[pair.end() : stop].partition(";")[0]
    return any(_LOST.search(clause) is not None for clause in (before, after))


def _by_numbers(numbers: Mapping[str, int]) -> str | None:
    """The result that follows from both sides; of one alone none does.

    The other may stand where it is not understood.
    """
    if not {"yes", "no"} <= numbers.keys():
        return None
    return "passed" if numbers["yes"] > numbers["no"] else "failed"


def _pair(window: str, outcome: Outcome) -> re.Match[str] | None:
    """`5-0` in the sentence of the word that tells the result, next to it, or after `vote`."""
    if outcome.result is None:
        at_once = _PAIR.search(window, 0, 20)
        if at_once and not window[: at_once.start()].strip(" .,;:()[]\n"):
            return at_once
        if labelled := _VOTE_PAIR.search(window, 0, _TO_LABEL):
            return labelled
        pair = _PAIR.search(window, 0, 80)
        return pair if pair and "vote" in window[: pair.start()].casefold() else None
    stop = sentence_end(window, outcome.word, min(len(window), outcome.word + 80))
    slashed = _SLASHED_PAIR.search(window, max(0, outcome.word - 40), stop)
    if slashed:
        return slashed
    after = (
        _PAIR.search(window, outcome.word, stop)
        or _PAIR_NEXT.match(window, stop)
        or _PAIR_VOTE.search(window, outcome.word, sentence_end(window, outcome.word, stop + 170))
    )
    if after:
        return after
    before = _PAIR.search(window, max(0, outcome.word - 80), outcome.word)
    return before if before and "vote" in window[: before.start()][-30:].casefold() else None


def _numbers(window: str, low: int, high: int) -> Iterator[re.Match[str]]:
    yield from _COUNT_IN_BRACKETS.finditer(window, low, high)
    for row in _COUNT_ROW.finditer(window, low, high):
        yield from _COUNT_PAIR.finditer(window, row.start(), row.end())
    claimed = low
    for match in _COUNT_AFTER.finditer(window, low, high):
        # `2 Yeas - 3 Nays`: the number before a word is its own, unless another word has it.
        before = window[max(low, claimed, match.start() - 3) : match.start()]
        if not (before[-1:] == " " and before[-2:-1].isdigit()):
            yield match
            claimed = match.end()
    for match in _COUNT_BEFORE.finditer(window, low, high):
        if not _is_headed(window, match):
            yield match


def _is_headed(window: str, match: re.Match[str]) -> bool:
    """Whether `No Abstain` are two headings of a table, beside a third, and no number."""
    if match["number"].casefold() != "no" or _NOUNS.match(match["option"]):
        return False
    beside = _HEADINGS.search(window[max(0, match.start() - 20) : match.start()])
    return beside is not None or _HEADING_NEXT.match(window, match.end()) is not None


def _is_unanimous(outcome: Outcome, *, all_of_them: bool, but: bool) -> bool | None:
    """Whether nobody voted otherwise; None: not told, as in `Motion carried`."""
    yes, no, abstain = (outcome.number(option) for option in ("yes", "no", "abstain"))
    if outcome.result != "passed":
        return False if yes else None
    if but or no or (abstain and yes):
        return False
    if all_of_them or (no == 0 and not abstain):
        return True
    return False if abstain else None


def _says_all(window: str, start: int, end: int) -> bool:
    return any(
        not _lists_ayes(window, said.end()) for said in _UNANIMOUS.finditer(window, start, end)
    )


def _infer(window: str, outcome: Outcome) -> None:
    """What follows from the rest: unanimity, the method, a result from the names alone."""
    begin = sentence_start(window, outcome.word, max(0, outcome.start - 80))
    around = window[begin : outcome.end + 60]
    outcome.result = outcome.result or _by_numbers(outcome.listed)
    but = _NOT_ALL.search(around) or _DISSENT.search(around)
    all_of_them = _says_all(window, begin, begin + len(around)) and not but
    outcome.unanimous = _is_unanimous(outcome, all_of_them=all_of_them, but=but is not None)
    if outcome.unanimous:
        outcome.counts["no"] = 0
    if outcome.method is None and re.search(r"(?i)\broll[\s-]*call", around):
        outcome.method = "roll_call"
    elif outcome.method is None and re.search(r"(?i)\bvoice\s+vote", around):
        outcome.method = "voice"
