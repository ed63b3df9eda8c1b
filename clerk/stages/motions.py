"""The minutes' text -> motions: where each begins, who moved and seconded it, and what was moved.

Cues name a mover; each motion reaches to the next one's cue, the next item or the next bill of a
journal, which is a motion without a mover. Patterns are bounded and possessive,
and every look around a cue stays within a window of fixed size, so time is linear in the text.
"""

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, zip_longest

from clerk.stages.items import ITEM
from clerk.stages.journal import Bill, find_bills
from clerk.stages.names import (
    ALSO_GIVEN,
    alternatives,
    clean,
    compatible,
    name_before,
    person,
    tokens,
    words,
)
from clerk.stages.pages_text import sentence_end, sentence_start
from clerk.stages.vocabulary import MONTH
from clerk.stages.votes import CARRIED, DEFEATED, Outcome, is_spoken_of, read_vote

_REACH = 6000
"""Characters: no motion's record is longer."""
_TO_VOTE = 1800
"""Characters between a motion's words and its vote: discussion, a page end, a title read out."""

_REST = 120
"""Characters of the sentence with the result that belong to the motion's record."""
_ABOUT = 300
_LIST_LEAD = 9
"""Characters behind a colon: `as follows: 1`."""
_NEAR = 160
"""Characters within which two things are told of one motion."""
_LEAST = 4
"""Characters of what was moved, in `to table`; fewer are the rest of something else."""
_UNNAMED = re.compile(
    r"(?i)(?<=[.;\n])\s{1,9}+(?:a\s+|the\s+)?motion\s+(?:was\s+made\s+)?to\s+(?P<verb>[a-z]+)"
)
_NO_SECOND_NEEDED = re.compile(
    r"(?i)\bno\s+second\s+(?:(?:was|is)\s+)?(?:needed|required|necessary)\b"
)
_LISTING = re.compile(r":\s{0,40}+(?:\(?(?:1|a|A|i|I)[.)])\s")
"""What is moved has numbered parts of its own."""
_ENDED = re.compile(r"(?:\A|[.!?)\"'\]]|\n[ ]{0,30}+\n)\s{0,30}+\Z")

_AT_TIME = r"(?:\s+at\s+\d{1,2}:\d\d\s?[ap]\.?m\.?,?)?"
_M = person("mover")
_S = person("seconder")
_MOVED_TO = ALSO_GIVEN | words(
    """to that by move accept adopt allow appoint approve authorize authorise award close confirm
    continue create declare deny direct discuss enter establish find grant hold open order place
    postpone proceed ratify receive recommend refer reject release remove request set table take
    uphold waive withdraw"""
)
"""What follows `Motion:` where it says what is moved and not who moves it."""
_VERB = r"(?:(?:then|also|so|duly|thereafter|again)\s+)?"
_MOVED_BY = re.compile(
    rf"(?:(?i:\b(?:it\s+(?:was|is)\s+)?{_VERB}(?:moved|motioned))\s*(?i:by)[\s:'\"]+"
    rf"|(?i:\b(?:on|upon)\s+(?:a\s+|the\s+)?motion\s+(?:duly\s+)?(?:made\s+)?(?:by|of|from))\s+"
    rf"|(?i:\b(?:an?\s+|the\s+)?motion\s+(?:was\s+|is\s+|to\s+\w+\s+)?{_VERB}"
    rf"(?:(?:made|offered|introduced|proposed|presented){_AT_TIME}\s+)?by)[\s:'\"]+"
    rf"|(?i:\bmotion)\s*[:-]\s*(?!(?i:{alternatives(_MOVED_TO)})\b)"
    rf"|(?i:\bmove[rd]|\bmotion\s+maker|\bmotioned)\s*:\s*"
    rf"){_M}"
    rf"|(?i:\b(?:offered|introduced|presented|sponsored)\s+by)\s+{person('offerer')}"
    r"(?=,?\s+who\s+(?:then\s+)?moved\b)"
)
_OF_A_MOTION = re.compile(
    r"(?i)\b(?:on|to|for|against|of)\s+(?:(?:the|this|that|a)\s+)?(?:\w+\s+)?\Z"
)
"""Before `motion: Lopez`: it is told of the motion, and not who made it."""
_PAIRED = re.compile(
    r"(?:(?P<slashed>(?:(?i:\bm\s?/\s?s(?:\s?/\s?(?P<how>[cpufd])u?)?)|\bMS(?P<letter>[CPUFD])"
    r"|(?i:\bmoved\s+and\s+seconded(?:\s+by)?|\bmotion(?:\s+by)?))\s*[:(-]?\s*)"
    rf"|\b(?i:m\s?/\s?s)\s+){_M}(?(slashed)\s?/\s?|\s-\s){_S}"
)
_BARE = re.compile(
    rf"(?i:\b(?:moved|motion))\s+(?!(?i:to|that|for|and)\b)(?i:by\s+)?{_M}\s*[,;]?\s+(?i:and\s+)?"
    rf"(?i:2nd|second(?:ed)?)\s+(?!(?i:by|the)\b){_S}"
)
_BRACKETED = re.compile(
    rf"(?i:\b(?:moved|motion))\s?\({_M}\)[,;]?\s+(?i:and\s+)?(?i:2nd|second(?:ed)?)\s?\({_S}\)"
)
"""`Moved (Baker) and seconded (Cooper)`"""
_POSSESSIVE = re.compile(
    rf"(?i:\b(?:up)?on)\s+{_M}'s?\s+(?i:motion)\s*,?\s+(?:(?i:and)\s+)?{_S}'s?\s+(?i:second)\b"
)
"""`approved on Mayor Doe's motion, Council Member Roe's second`."""
_PLAIN = re.compile(
    rf"(?:(?<=[.;:\n])|\A)[ ]{{0,30}}(?P<cue>Moved)[ ]+(?!(?i:by|to|that|for|and)\b){_M}"
    r"(?=[ ]+(?:to|that)\b|,[ ]+(?:and[ ]+)?seconded\b)"
)
"""`Moved Roe to adjourn.`"""
_SLASHED = re.compile(rf"(?<=\w)\s?/\s?{_S}\s+(?i:moved|motioned|m/s|made\s+(?:a|the)\s+motion)\b")
_NUMBERED = re.compile(
    rf"(?m)^[ ]{{0,30}}(?:(?i:resolution|motion)\s+)?(?i:no\.?\s*|\#\s*)?"
    rf"[A-Z]{{0,3}}\d{{1,4}}[-/]\d{{1,4}}[.:]?[ ]{{1,20}}+{_M}[ ]?[,/][ ]?{_S}[ ]?:"
)
_ORDINAL = re.compile(rf"(?i:\b1st)[ ]?:[ ]{{0,3}}{_M}[ ,;]{{1,40}}+(?i:2nd)[ ]?:[ ]{{0,3}}{_S}")
"""`1st: ROE  2nd: DOE`"""
_PROPOSER = re.compile(
    rf"(?i:\bpropos(?:ed|er)(?:[ ]by)?[ ]?:[ ]{{0,9}}){_M}[ ]{{0,9}}[,;./]?\s{{1,40}}+(?i:and[ ])?"
    rf"(?i:second(?:ed|er)(?:[ ]by)?[ ]?:[ ]{{0,9}}){_S}"
)
"""`Proposed: Cllr Roe   Seconded: Cllr Doe`"""
_PAIRS = (_PROPOSER, _PAIRED, _NUMBERED, _BARE, _BRACKETED, _POSSESSIVE)
_SECONDED_BY = re.compile(r"(?i),?\s+(?:and\s+)?second(?:ed)?\s+by\s+\Z")
_ANONYMOUS = re.compile(
    r"(?i)\b(?:(?:(?:up)?on|by)\s+(?:a\s+|the\s+)?motion|(?:an?\s+)?motion|it\s+was(?=\s+moved\b))"
    r"(?:\s+(?:(?:was|having\s+been|being)\s+)?(?:then\s+|duly\s+)?(?:made|offered|moved))"
    r"(?P<second>,?\s+(?:and\s+)?(?:was\s+|duly\s+|properly\s+){0,2}+seconded)?"
    r"(?P<done>,?\s+(?:and\s+)?(?:was\s+)?(?:unanimously\s+)?(?:carried|passed|approved|adopted)"
    r"(?:\s+unanimously)?)?"
    r"(?(done)(?=,?\s+(?:to|that|the|[a-z]+ed)\s)|(?=,?\s+(?:to|that)\s))"
)
"""`A motion was made and seconded to adjourn`: nobody is named."""
_RESULT_LABEL = re.compile(r"\bRESULT:")
_RESULT_ABOVE = re.compile(
    rf"(?i)(?:^|(?<=\n))[ ]{{0,60}}(?:(?:the\s+)?motion\s+)?(?:{CARRIED}|{DEFEATED})\b[^\n]{{0,60}}"
    r"(?:\n[ ]{0,60}){1,3}\Z"
)
"""A line that tells a result, right above the one where somebody moves."""
_VOTE_LABEL = re.compile(r"(?i)\bvote\s+on\s+(?:the\s+)?motion\s*:")
_BLOCK_ENDS = re.compile(r"\n[ ]*\n|\b(?:MOVER|SECONDER|AYES|NAYS|NOES|ABSENT|EXCUSED):")
_NUMBERED_LINE = re.compile(r"(?m)^[ ]{0,60}\d{1,2}\.\d{1,2}[.)]?[ ]{1,20}[A-Z][^\n.;]{2,80}\n")
"""An item's heading by its number, which is none of the words below it."""
_LABEL_LINE = re.compile(
    r"(?im)^[ ]{0,60}+(?:RESULT|MOVER|SECONDER|SECOND|MOTION(?!:[ ]*(?:to|that)\b)|AYES|NAYS|NOES"
    r"|ABSTAIN|ABSENT|EXCUSED):.*$"
)
_ON_MOTION = re.compile(
    r"(?i)(?:(?:up)?on|with|by)?\s*(?:a\s+|the\s+)?motion\b|(?:up)?on\s+[^,;\n]{2,60}'s?\s+motion\b"
)
_DECIDED_FIRST = re.compile(
    r"(?i)(?P<word>approved|adopted|passed|carried|defeated|failed)\s*[:-]\s"
)
_DECIDED = re.compile(
    rf"(?i)(?:\b(?:was|were|is|are)\s+|\b)(?:unanimously\s+)?(?P<word>{CARRIED}|{DEFEATED})\b"
    r"(?:\s+(?:unanimously|by\s+a\s+vote\s+of)?\s*\(?\d{0,2}\s?-?\s?\d{0,2}\)?)?"
    r"\s*,?\s*(?:(?:up)?on|with)?\s*\Z"
)
_WHO_MOVED = re.compile(r",?\s{1,9}who\s+(?:then\s+)?moved\b")
_MOTION_TO_DO = re.compile(r"(?i)(?:an?\s+|the\s+)?motion\s+to\s+(?P<what>\w+)\s+(?:made\s+)?by\b")
_DOCUMENT = re.compile(
    r"(?m)^[ ]{0,30}(?P<what>(?:(?:A|An)[ ])?(?i:resolution|ordinance|bill|by-?law)\b[^\n]*"
    r"(?:\n[^\n]+){0,3}?)\s*\Z"
)
"""A resolution by its name and title, right before who moved it."""
_CARRIED_TO = re.compile(
    r"(?i),?\s+(?:and\s+)?(?:unanimously\s+)?carried(?:\s+unanimously)?(?:,?\s+(?:by\s+)?\(?[\d-]{3,7}\)?)?"
    r"(?:\s+\([^()]{1,60}\))?,?(?=\s+(?:to|that)\s)"
)
"""`seconded by X and carried 4-0, to receive the report`: the vote stands before what was moved."""
_AND_CARRIED = (
    r"(?:(?:and\s+)?(?:(?:unanimously\s+)?carried(?:\s+unanimously)?(?:\s+\(?[\d-]{3,7}\)?)?"
    r"|by\s+(?:the\s+following|a\s+unanimous|roll\s+call)\s+vote),?\s+)?"
)
_WAS_DECIDED = re.compile(
    rf"\s*,\s+{_AND_CARRIED}"
    r"(?P<what>[^.;:\n]{4,120}?(?:\n[^.;:\n]{1,120}?){0,3}?)\s(?:was|were|be)\s+"
    rf"(?:unanimously\s+)?(?:(?P<denied>denied|rejected)|{CARRIED}|{DEFEATED})\b"
)
"""`On motion of X, seconded by Y, the minutes were approved.`"""
_BODY_DID = re.compile(
    rf"(?i)\s*,?\s+{_AND_CARRIED}"
    r"(?:(?:the\s+|all\s+|this\s+)?(?-i:(?:[A-Z][\w.'&-]{0,30}+|of|and|the)\s+){0,6}?"
    r"(?:board|council|commission|committee|trustees|supervisors|authority|selectmen|commissioners"
    r"|members|aldermen|directors|court|legislature|corporation|association|body)"
    r"(?:\s+(?:members|present|of\s+(?:the\s+)?(?-i:[A-Z][\w'-]{0,30}+"
    r"(?:\s+(?:of\s+)?[A-Z][\w'-]{0,30}+){0,3}+)))?\s+"
    r"(?:then\s+|hereby\s+|also\s+|has\s+|unanimously\s+){0,2}+"
    r"(?:voted(?:,?\s+(?:unanimously|\(?\d{1,2}\s?-\s?\d{1,2}(?:\s?-\s?\d{1,2})?\)?"
    r"|by\s(?:a\s)?(?:roll[\s-]call|voice|hand)(?:\svote)?)){0,3}[,:]?(?=\s+to\b)"
    r"|(?:agreed|resolved|decided)(?:\s+unanimously)?(?=\s+to\b)"
    r"|(?=(?:(?P<denied>denied|rejected)|approved|adopted|accepted|authori[sz]ed|awarded|appointed"
    r"|granted|ratified|confirmed|directed|set|scheduled|hired|entered|adjourned|recessed|closed"
    r"|opened|tabled|postponed|continued|received|declared|waived|amended|passed|recommended"
    r"|established|designated)\s))"
    r"|it\s+was\s+(?:unanimously\s+)?(?:agreed|voted|decided|resolved)(?:\s+unanimously)?(?=\s+to\b)"
    r"|(?=(?:the\s+)?(?:meeting|session|hearing)\s+(?:was\s+)?(?:adjourned|recessed|closed)\b))"
)
"""`On motion of X, seconded by Y, the Board approved the lease.`: what is told has been carried."""
_NOT_ALL_OF_THEM = re.compile(r"(?i)\b(?:abstain|oppos|dissent|nays?\b|except|recus|but\b)")
_DID_ENDS = re.compile(
    r"(?i),?\s+(?:by|on|with)\s+(?:an?|the)\s+(?:[\w-]+\s+){0,3}votes?\b|:\s*(?:\n|\Z|ayes\b|roll\b)"
    r"|\s*\([^()]{0,80}\b(?:oppos\w+|abstain\w*|dissent\w*|absent|vot(?:ed|ing)|nays?|no|ayes?)\b"
)
_ROLL = re.compile(
    r"(?i)(?:\w+\s+){0,2}(?:present|absent|excused|attending|in\s+attendance|roll\s+call)\b"
)
_ABOVE_BLANK = re.compile(r"[^\n]{2,120}(?=\s*\Z)")
_SMALL_WORDS = words("a an and at by for from in of on or the to with")
_MADE_BY = re.compile(
    rf"(?i:\b(?:(?:made|offered|introduced|sponsored){_AT_TIME}\s+)?by):?\s+{_M}\s*,?\s*"
    rf"(?P<second>(?i:(?:and\s+|with\s+a\s+)?(?:was\s+|then\s+)?(?:duly\s+)?(?:second|support)))?"
)
_ACTIVE = re.compile(
    rf"(?i)\b(?!moved\s+(?:here|to\s+(?:the\s+|this\s+|our\s+|a\s+)?(?:area|city|town|county|state"
    r"|village|community|neighbou?rhood|home|house|podium|front|next|audience)\b))"
    rf"{_VERB}(?:moved|moves|motioned|made\s+(?:a|the|another)\s+(?:\w+\s+){{0,2}}?motion"
    r"|makes\s+(?:a|the)\s+motion|offered\s+(?:a|the)\s+(?:\w+\s+)?motion"
    r"|(?:offered|introduced|presented)\s+the\s+following\s+(?:resolution|ordinance|local\s+law),?"
    r"\s+(?:and\s+)?(?:moved(?:\s+for)?|asked\s+for)(?=\s+its\b)"
    r"|proposed(?=\s+(?:that|and|to|approval|adoption|acceptance)\b[^.;]{0,300}?\bseconded\b)"
    r"|offered\s+the\s+(?:above|foregoing)[\s-]{1,3}(?:resolution|ordinance|local\s+law))\b"
    rf"{_AT_TIME}(?=\s*(?:to|that|for|(?:(?:its|the)\s+)?(?:approval|adoption|acceptance|passage"
    r"|denial|rejection|tabling)|adjournment|,|;|second|the|and|we|item"
    r"|resolution|ordinance|:|\.)(?!\w))"
)
_THIS_WAS = r"[^.;]{0,200}?(?:[.;]\s{1,3}(?:this|it|which|the\s(?:proposal|nomination))\s+was\s+)?"
_PROPOSED_WHO = re.compile(
    rf"(?i)\b(?:proposed(?=\s+(?:that|to)\b{_THIS_WAS}\bseconded\b)|(?:proposed|nominated)"
    r"(?=\s+(?-i:(?:(?:Mrs?|Ms|Dr|Cllr|Cr)\.\s)?[A-Z])[^.;]{0,80}?\b(?:as|for|to\sbe)\b"
    rf"(?:{_THIS_WAS}|[^.;]{{0,80}}[.;]\s{{1,3}}(?-i:[A-Z][\w'-]{{1,20}}\.?\s){{1,4}})"
    r"\bseconded\b))"
)
"""`Roe proposed Doe as Chairman. This was seconded by Poe`"""
_NOMINATES = re.compile(r"\b(?i:nominated|proposed)\s+(?=[A-Z])")
_SECOND = re.compile(
    rf"(?:(?i:\b(?P<passive>second|support|2nd)(?:ed|er)?(?:\s+(?:the\s+motion|to\s+the\s+motion))?"
    rf"(?:\s+(?:was|is|were))?(?:\s+(?:made|given|offered|provided))?)"
    rf"(?:\s*(?i:by|from|of)[\s:'\"]+|\s*[:-]\s*)"
    r"|(?P<bare>(?<=[,\n])[ ]{1,30}(?i:2nd|second(?:ed)?)[ ]+(?!(?i:by|the|to)\b))"
    r"|(?P<lined>(?<=\n)(?i:2nd|seconded)[ ]+(?!(?i:by|the|to)\b))"
    r"|(?P<plain>(?<=[.;\n])\s{0,9}Seconded[ ]+(?!(?i:by|the)\b))"
    rf"){_S}(?(bare)(?=[ ]*[,.;\n]|[ ]+(?:to|that)[ ])"
    r"|(?(lined)(?=[ ]*\n)|(?(plain)(?=[ ]*[.;\n]))))"
    rf"|(?i:\b(?P<active>{_VERB}(?:second(?:ed|s|ing|(?=\s+(?:to|the\s+motion)\b|\s*[.;,]))|2nd(?=\s*[.;,])"
    r"|gave\s+the\s+second"
    r"|(?:offered|provided)\s+(?:a|the)\s+second|supported\s+the\s+motion|made\s+the\s+second)))\b"
)
_WITHDRAWN = re.compile(r"(?i)\bwithdr(?:ew|awn)\b")
_ITS_ADOPTION = re.compile(
    r"(?i)[\s,]*(?:who\s+(?:then\s+)?)?(?:moved\s+)?(?:for\s+)?its\s+adoption[\s,.]*(?:and\s+)?"
)
_ABOVE = re.compile(r"(?i)\b(?:above|foregoing)\b")
_FOLLOWING = re.compile(r"(?i)\bfollowing\b")
_RESOLVED = re.compile(r"\bRESOLVED\b\s?[,:]?\s+(?:(?i:that)\s+)?")
_RESOLVED_NEXT = re.compile(r"[\s:;,.]{1,40}+RESOLVED\b\s?[,:]?\s+(?i:that)\s")
_BLANK_LINE = re.compile(r"\n[ ]{0,80}+\n[ \n]{0,80}+\Z")
_BEGIN = re.compile(r"(?i)\b(?:on\s+|upon\s+)?(?:a\s+|the\s+)?motion\b|\bit\s+(?:was|is)\b")
_TOLD_BETWEEN = re.compile(
    r"(?i)\bmotion\s(?:was\s|is\s)?(?:unanimously\s)?(?:carried|passed|approved|adopted|failed|defeated"
    r"|lost|denied)\b[^.;\n]{0,60}\n(?!\s{0,60}+by\b)"
)
"""A line that tells the result of the motion before, and has no full stop."""
_VOTERS = re.compile(
    r"(?im)^[ ]{0,60}(?:ayes?|yeas?|nays?|noes|abstain\w*|absent)\b[ ]?[:(-][^\n]*\n"
)
"""A line of voters, which no full stop ends: it is the vote before."""
_INTRO = re.compile(
    r"(?i)[\s\f,;:)\]\"-]{0,60}+(?:(?:and|also|then|with|was|it|duly|the|voted|motion:?(?=\s+to\b))\s+){0,4}+"
    r"(?P<to>(?:to|that|for)\b[\s:]*(?:the\s+)?(?:following\s*:)?"
    r"|(?:carried\s+)?(?:be\s+it\s+)?resolved\s?[,:]?\s+(?:that|to)\s+|"
    r"(?=(?:approv|adopt|accept|authori|adjourn|table|move|resol|be\s+it|whereas|grant|den))"
    r")"
)
_PROPOSED = re.compile(r"(?i)\b(?:motion|moved?)\b.{0,40}\b(?:to|that)\b")
_REFERS = re.compile(r"(?i)(?:this|it|that|which|the\s+same)\b")
_ASKED_FOR = re.compile(
    r"(?i)(?:consider(?:ation)?|approv(?:e|al)|adopt(?:ion)?|authori[sz]e|award|accept(?:ance)?|appoint"
    r"|discuss(?:ion)?\s+and\s+\w+|(?:possible\s+)?action\s+on|request\s+(?:by|for|from|of|to)"
    r"|recommendation|that|resolved|be\s+it\s+resolved)\b(?!\s*:)"
    r"|(?:it\s+was\s+(?:unanimously\s+)?)?resolved\s?:?\s+(?:to|that)\b"
)
"""How an agenda says what is to be decided."""
_MOTION_TO = re.compile(
    r"(?i)\b(?:motion|moved?)(?:\s+(?:was\s+)?(?:duly\s+)?(?:made|offered|introduced))?\s*[:-]?\s+"
    r"(?P<to>to|that|for)\s"
)
# The sentence that states the motion may go on to tell its outcome.
_TOLD = re.compile(
    r"(?i)[,;(]\s*(?:and\s+)?(?:the\s+|said\s+)?(?:motion|vote|resolution)\s+(?:was\s+|is\s+)?"
    r"(?:unanimously\s+)?(?:carried|passed|adopted|approved|failed|defeated)\b"
    r"|[,;]\s*unanimous(?:ly)?(?=\s*(?:[.;\n]|\Z))"
    r"|(?<!\s)[,;]?\s{1,140}+(?:and\s+)?(?:was\s+)?(?:unanimously\s+)?(?:carried|motion\s+carried)\b"
    r"|(?<=[\w.,)])\s+(?:was\s+)?(?:passed|approved|adopted|failed|defeated)(?=\s+(?:unanimously\b|\(?\d{1,2}\s?-\s?\d"
    r"|by\s+(?:an?\s+)?(?:unanimous|vote|voice|roll|\d)|with\s+(?:[\w.]+\s+){1,8}vot(?:ed|ing)\b))"
    r"|[.]\s+(?:the\s+)?(?:motion|vote|roll\s+call|ayes|yeas|nays|carried|failed|defeated|denied"
    r"|passed|approved|all\s+(?:voted\s+)?(?:in\s+favou?r|ayes?|yes))\b"
    r"|\*?[ ]{0,9}\n[ ]{0,60}(?=(?-i:Mayor|Chair|President|Trustees?|Council|Commissioners?"
    r"|Directors?|Supervisors?|Members?)\b[^.;:]{2,300}?\bvot(?:ed|ing)\s+(?:ayes?|yes|nay|no|in)\b)"
    r"|[ ]{0,9}\n[ ]{0,60}(?:the\s+)?motion\s+(?:was\s+|is\s+)?(?:unanimously\s+)?"
    r"(?:carried|passed|adopted|approved|failed|defeated|lost)\b"
    r"|[,;]\s*roll\s+call\b"
    r"|[,;]\s*(?:passed|approved|adopted|failed|defeated)\s+\(?\d"
    r"|[,;]\s*(?:there\s+(?:was|being)\s+|but\s+)?(?:no\s+)?second(?:ed)?\b"
)
_TRAIL = re.compile(
    r"(?i)[\s,;:.(-]*(?:\b(?:was|were|is|and|motion|the|with|a)\s*"
    r"|\b(?:made|proposed|offered)\s*|\bby\s*|\bduly\s*)*\Z"
)


_Name = tuple[str, int, int]
"""A name, and where it stands."""


@dataclass(slots=True)
class FoundMotion:
    """A motion as found; offsets into the whole text. `outcome`'s are relative to `vote_base`."""

    start: int
    end: int
    text_start: int
    text_end: int
    mover: tuple[str, int, int] | None
    seconder: tuple[str, int, int] | None
    outcome: Outcome
    vote_base: int


@dataclass(slots=True)
class _Cue:
    """Where somebody is named as mover."""

    start: int
    end: int
    name: tuple[str, int, int]
    second: tuple[str, int, int] | None = None
    opening: int = -1
    """Where the motion's own words begin: `A motion was made` may stand well before `by X`."""
    result: int = -1
    """Where a `RESULT:` label stands right before a `MOVER:` label; -1 for nowhere."""
    floor: int = 0
    """Where the cue before ends: no words before it are this motion's."""
    decided: int = -1
    """Where the result stands in the same sentence before the cue; -1 for nowhere."""
    told: str = ""
    """The result as the cue tells it: M/S/C, M/S/F."""
    tentative: bool = False
    """People move to other towns, too: this is a motion only with a second or a result."""
    done: bool = False
    """The result stands before what was moved, as in `moved, seconded and approved to adjourn`."""
    elects: bool = False
    """Somebody is nominated: another nomination may be voted on with it."""
    above: int = -1
    """Where the line with the result stands, if this document prints it above the motion."""


@dataclass(frozen=True, slots=True)
class _Second:
    """Who seconds a motion, and the phrase that says so."""

    name: tuple[str, int, int]
    start: int
    end: int


def find_motions(text: str, day: date | None = None) -> list[FoundMotion]:
    """Every motion of a document, in order; `day` is its meeting's, if that is known."""
    cues = _cues(text)
    bills = _alone(text, cues, find_bills(text))
    found = _each(text, cues, bills)
    real = [
        cue
        for cue, motion in zip(cues, found, strict=True)
        if motion.seconder
        or motion.outcome.result
        or not cue.tentative
        or _NO_SECOND_NEEDED.search(text, motion.text_end, motion.text_end + _REST)
    ]
    if len(real) < len(cues):
        bills = _alone(text, real, find_bills(text))
        found = _each(text, real, bills)
    here = [
        (cue, motion)
        for cue, motion in zip(real, found, strict=True)
        if not _is_of_another_meeting(text, cue, day)
    ]
    found = _told_once(text, [cue for cue, _ in here], [motion for _, motion in here])
    return sorted([*found, *(_of_bill(text, bill) for bill in bills)], key=lambda each: each.start)


def _is_of_another_meeting(text: str, cue: _Cue, day: date | None) -> bool:
    """Whether somebody tells, right before a motion, that it was made at another meeting.

    A month, or a day, is another meeting's only where it is not `day`'s, or somebody reports it.
    """
    low = sentence_start(text, cue.start, max(0, cue.start - _ABOUT))
    when = _WHEN.search(text, low, cue.start)
    if when is None:
        return False
    before = text[low : when.start()]
    begins = _TELLS_THAT.search(before) or (before[-1:] in ("", "\n") and when[0][0].isupper())
    if not begins:
        return False
    if when["ago"]:
        return True
    same = _same_day(when, day) if day else None
    if _REPORTS.search(before):
        return not (same and when["day"])
    return same is False and not _is_headed(text, when, low)


def _same_day(when: re.Match[str], day: date) -> bool:
    """Whether what is told of a month, a day and a year is true of `day`."""
    named = when["month"] or when["month2"]
    month = _MONTHS.index(named[:3].casefold()) + 1 if named else None
    told = (month, when["day"], when["year"] or when["year2"])
    return all(
        not part or int(part) == known
        for part, known in zip(told, (day.month, day.day, day.year), strict=True)
    )


def _is_headed(text: str, when: re.Match[str], end: int) -> bool:
    """Whether the document's head names the day: then it is this meeting's, whatever is known."""
    if not when["month"] or not when["day"]:
        return False
    named = rf"(?i)\b{when['month'][:3]}[a-z]{{0,6}}\.?\s{{1,3}}{when['day']}\b"
    return re.search(named, text[: min(end, _HEAD)]) is not None


def _each(text: str, cues: list[_Cue], bills: list[Bill]) -> list[FoundMotion]:
    starts = [bill.start for bill in bills]
    ends = []
    for cue, following in zip_longest(cues, cues[1:]):
        limit = following.opening if following else len(text)
        below = bisect.bisect(starts, cue.end)
        ends.append(min([limit, *starts[below : below + 1]]))
    found = [_motion(text, cue, end) for cue, end in zip(cues, ends, strict=True)]
    _settle_main(text, found, ends)
    _settle_rivals(text, cues, found, ends)
    return found


def _settle_rivals(text: str, cues: list[_Cue], found: list[FoundMotion], ends: list[int]) -> None:
    """Take the result from a nomination that stands beside another one: whose it is is not told."""
    low, open_before = 0, False
    for cue, motion, end in zip(cues, found, ends, strict=True):
        own = range(motion.start, cue.end + 1)
        stop = min(end, max(motion.end, cue.end) + _ABOUT)
        if motion.outcome.result:
            stop = min(stop, motion.vote_base + motion.outcome.end)
        begin = max(low, motion.start - _ABOUT)
        others = [m for m in _NOMINATES.finditer(text[begin:stop]) if begin + m.start() not in own]
        rivals = cue.elects and (others or open_before)
        open_before = cue.elects and (bool(rivals) or motion.outcome.result is None)
        low = motion.end
        if rivals:
            motion.outcome = Outcome()


def _told_once(text: str, cues: list[_Cue], found: list[FoundMotion]) -> list[FoundMotion]:
    """Motions without those that only sum up, below `RESULT:`, the one that was told before."""
    kept: list[FoundMotion] = []
    for cue, motion in zip(cues, found, strict=True):
        before = kept[-1] if kept else None
        if before is None or not _sums_up(text, cue, before):
            kept.append(motion)
            continue
        before.mover = _fuller(before.mover, motion.mover)
        before.seconder = _fuller(before.seconder, motion.seconder)
        if before.outcome.result in (None, motion.outcome.result) and motion.outcome.consistent:
            before.outcome, before.vote_base = motion.outcome, motion.vote_base
        before.end = max(before.end, motion.end)
    return kept


def _fuller(one: _Name | None, other: _Name | None) -> _Name | None:
    """The longer of two forms of one person's name; the first if they are two people's."""
    if one is None or other is None or not compatible(tokens(one[0]), tokens(other[0])):
        return one or other
    return max(one, other, key=lambda name: len(tokens(name[0])))


def _sums_up(text: str, cue: _Cue, before: FoundMotion) -> bool:
    """Whether a `RESULT:` block is about the motion told before it: one mover, and one item."""
    if cue.result < 0 or before.mover is None or before.text_end >= cue.opening:
        return False
    same = compatible(tokens(cue.name[0]), tokens(before.mover[0]))
    near = cue.opening <= before.text_end + _TO_VOTE
    return same and near and _next_item(text, before.text_end, cue.opening) == cue.opening


_HEAD = 800
"""Characters in which a document names its own day."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?:{MONTH})\b\.?"
_KIND = r"(?:(?:regular|special|annual|board|council|town|village|city|monthly|public)\s+){0,3}+"
_WHEN = re.compile(
    r"(?i)\b(?:(?P<ago>(?:last|the\s+previous)\s+(?:year|month|week|fall|spring|summer|winter)"
    r"|(?:at|during|in)\s+(?:the|its|their|our|a|an)\s+(?:(?:board|council|town)'s\s+)?"
    rf"(?:last|previous|prior|earlier|preceding)\s+(?:year's\s+)?{_KIND}"
    rf"(?:meeting|session|workshop)(?:\s+(?:in|of|on)\s+{_MONTH}(?:\s+\d{{1,2}})?(?:,?\s+\d{{4}})?)?)"
    rf"|at\s+(?:the|its|their|our)\s+{_KIND}(?:meeting\s+(?:held\s+)?(?:on\s+|of\s+|in\s+)?)?"
    rf"(?P<month>{_MONTH})(?:\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<year>(?:19|20)\d\d))?"
    rf"(?:,?\s+{_KIND}meeting)?"
    rf"|in\s+(?:(?P<month2>{_MONTH})\s+(?:of\s+)?)?(?P<year2>(?:19|20)\d\d))"
    r",?\s+(?:(?:the|this)\s+(?:board|council|commission|committee),?\s+)?\Z"
)
"""Right before a cue: when it was. A meeting is called by its month, or day."""
_TELLS_THAT = re.compile(r"(?i)\b(?:that|and|but|since|because|said|recalled),?\s+\Z")
_REPORTS = re.compile(
    r"(?i)\b(?:report(?:s|ed)|not(?:es|ed)|recall(?:s|ed)|explain(?:s|ed)|sa(?:id|ys)|stated?s?"
    r"|mentioned|reminded|informed|advised|added|remarked|commented|clarified|remembered|told)\b"
)
_SUBSIDIARY = re.compile(
    r"(?i)\b(?:amend(?:ment)?|table|tabling|postpone|defer|refer|continue|end\s+debate"
    r"|(?:call(?:s|ed)?\s+(?:for\s+)?the|previous)\s+question)\b"
)
"""What is voted on before the main motion is."""
_MOST_BELOW = 4
"""Motions that are voted on between a main motion and its vote."""
_THING = r"motion|question|ordinance|resolution|by-?law|budget"
_MAIN = re.compile(
    r"(?i)\b(?:main|original|underlying)\s+(?:motion|question)\b"
    rf"|\b(?P<thing>{_THING})\b(?:\s+(?:no\.?\s*)?(?P<number>[\d-]{{1,9}}))?,?\s+as\s+amended\b"
    rf"|\bamended\s+(?:main\s+)?(?P<amended>{_THING})\b"
)
"""What names a main motion, where it has been spoken of others since."""
_BY_VERB = re.compile(
    rf"(?i)\bmotion\s+to\s+(?P<verb>\w+)\s+(?=(?:then\s+)?(?:{CARRIED}|{DEFEATED}|was)\b)"
)
_PUTS_OFF = re.compile(r"(?i)\b(?:tabl(?:e|ing)|postpon\w+|defer\w*|refer\w*|continu\w+)\b")


def _settle_main(text: str, found: list[FoundMotion], ends: list[int]) -> None:
    """Give a motion the vote that is told below those on its amendments, or on tabling it.

    `ends` says of each motion where the next one's record begins.
    """
    for index, motion in enumerate(found):
        if motion.outcome.result:
            continue
        for below, end in zip(found[index + 1 :][:_MOST_BELOW], ends[index + 1 :], strict=False):
            if not _is_subsidiary(text, below) or _is_put_off(text, below):
                break
            moved = _beginning(text, motion.text_start, motion.text_end)
            limit = _next_item(text, below.end, min(end, below.end + _TO_VOTE), moved)
            main = _told_of(text, motion, below.end, limit)
            if main is not None:
                motion.vote_base = main.start()
                motion.outcome = read_vote(text[main.start() : limit])
                motion.end = main.start() + motion.outcome.end
                break


def _is_subsidiary(text: str, found: FoundMotion) -> bool:
    """Whether a motion is an amendment, to table, or a substitute, and leaves another one open."""
    before = text[max(0, found.start - 20) : found.text_start].casefold()
    moved = _beginning(text, found.text_start, found.text_end)
    return "substitute" in before or _SUBSIDIARY.search(moved) is not None


def _is_put_off(text: str, found: FoundMotion) -> bool:
    """Whether a motion to table or refer another was not lost: there is no vote on that today."""
    moved = _beginning(text, found.text_start, found.text_end)
    return _PUTS_OFF.search(moved) is not None and found.outcome.result != "failed"


def _told_of(text: str, motion: FoundMotion, start: int, limit: int) -> re.Match[str] | None:
    """Where it is said that what follows is told of the main motion: by that name, or its verb."""
    moved = _beginning(text, motion.text_start, motion.text_end).casefold()
    spoken = re.findall(r"[\w-]+", moved)
    by_name = (main for main in _MAIN.finditer(text, start, limit) if _names(main, spoken))
    by_verb = (
        main
        for main in _BY_VERB.finditer(text, start, limit)
        if spoken[:1] == [main["verb"].casefold()]
    )
    for main in chain(by_name, by_verb):
        if not is_spoken_of(text[sentence_start(text, main.start(), start) : main.start()]):
            return main
    return None


def _names(main: re.Match[str], spoken: list[str]) -> bool:
    """Whether the words in which something was moved name the thing of which this is told."""
    thing = (main["thing"] or main["amended"] or "motion").casefold()
    if main["number"] and main["number"] not in spoken:
        return False
    return thing in ("motion", "question") or any(
        word.startswith(thing) or (len(word) > 2 and thing.startswith(word)) for word in spoken
    )


def _alone(text: str, cues: list[_Cue], bills: list[Bill]) -> list[Bill]:
    """The bills whose tally is no motion's: none is made in them, nor about them right before."""
    openings = [cue.opening for cue in cues]
    alone = []
    for bill in bills:
        before = bisect.bisect(openings, bill.start)
        inside = before < len(cues) and openings[before] < bill.tally
        low = max(openings[before - 1], bill.start - _REACH) if before else bill.start
        named = re.compile(rf"(?<![\w-]){re.escape(bill.number)}(?![\w-])")
        if not inside and named.search(text, low, bill.start) is None:
            alone.append(bill)
    return alone


def _of_bill(text: str, bill: Bill) -> FoundMotion:
    outcome = read_vote(text[bill.tally : min(bill.end, bill.tally + _TO_VOTE)])
    return FoundMotion(
        start=bill.start,
        end=bill.tally + outcome.end,
        text_start=bill.start,
        text_end=bill.text_end,
        mover=None,
        seconder=None,
        outcome=outcome,
        vote_base=bill.tally,
    )


# -- cues ---------------------------------------------------------------------------------------


def _named(match: re.Match[str], group: str) -> tuple[str, int, int]:
    return clean(match[group]), match.start(group), match.end(group)


def _cues(text: str) -> list[_Cue]:
    """All cues, one for each place where a mover is named, with starts widened to `A motion …`."""
    by_name: dict[int, _Cue] = {}
    for cue in _raw_cues(text):
        known = by_name.setdefault(cue.name[1], cue)
        known.start, known.end = min(known.start, cue.start), max(known.end, cue.end)
        known.second = known.second or cue.second
        known.tentative = known.tentative and cue.tentative
        known.elects = known.elects or cue.elects
    cues = sorted(by_name.values(), key=lambda cue: cue.start)
    floor = 0
    kept: list[_Cue] = []
    for cue in cues:
        if kept and cue.start < kept[-1].end:
            continue
        if kept and _goes_on(text, kept[-1], cue):
            kept[-1].end = floor = cue.end
            continue
        cue.floor = floor
        cue.opening = _widen(text, cue.start, max(floor, cue.start - 700))
        cue.result = _result_before(text, cue, floor)
        cue.decided = _decided_before(text, cue, floor)
        kept.append(cue)
        floor = cue.end
    kept = _with_anonymous(text, kept)
    _note_above(text, kept)
    return kept


def _goes_on(text: str, before: _Cue, cue: _Cue) -> bool:
    """`1st: ROE 2nd: DOE` on a line, and `Ms. Roe moved to …` on the next."""
    near = before.second is not None and cue.second is None and cue.start - before.end < _NEAR
    return (
        near
        and not text[before.end : cue.start].strip()
        and compatible(tokens(before.name[0]), tokens(cue.name[0]))
    )


def _with_anonymous(text: str, cues: list[_Cue]) -> list[_Cue]:
    """The cues, and those of motions that nobody is named for."""
    openings = [cue.opening for cue in cues]
    ends = [cue.end for cue in cues]
    nameless: list[_Cue] = []
    for match in _ANONYMOUS.finditer(text):
        start, end = match.span()
        floor = nameless[-1].end if nameless else 0
        low = sentence_start(text, start, max(floor, start - _ABOUT))
        if is_spoken_of(text[low:start]):
            continue
        stop = sentence_end(text, end, end + 2 * _ABOUT) + _NEAR
        following = bisect.bisect_left(openings, low)
        if following < len(cues) and openings[following] < stop:
            continue  # its mover is named behind it
        if following and ends[following - 1] > start:
            continue
        opening = low if match[0][:2].casefold() in ("by", "on", "up") else start
        nobody = ("", end, end)
        told = "passed" if match["done"] else ""
        cue = _Cue(start, end, nobody, tentative=True, told=told, done=bool(told))
        cue.opening, cue.floor = opening, max(floor, ends[following - 1] if following else 0)
        nameless.append(cue)
    return sorted([*cues, *nameless], key=lambda cue: cue.opening)


def _note_above(text: str, cues: list[_Cue]) -> None:
    """Where each motion has its result right above it, and so has the first: note where.

    In most documents a line with a result is about the motion before it.
    """
    lines = [
        _RESULT_ABOVE.search(text, max(cue.floor, cue.opening - _NEAR), cue.opening) for cue in cues
    ]
    if not lines or not all(lines):
        return
    for cue, line in zip(cues, lines, strict=True):
        if line is not None:
            cue.above = cue.opening = line.start()


def _raw_cues(text: str) -> Iterator[_Cue]:
    for match in _MOVED_BY.finditer(text):
        labels = match[0][0] == "M" and text[match.start() - 1 : match.start()] == "\n"
        if not labels and _OF_A_MOTION.search(text, max(0, match.start() - 30), match.start()):
            continue
        group = "mover" if match["mover"] else "offerer"
        yield _Cue(match.start(), match.end(), _named(match, group))
    for match in _ACTIVE.finditer(text):
        cue = _active(text, match)
        if cue:
            yield cue
    for match in chain(*(pairs.finditer(text) for pairs in _PAIRS)):
        pair = _named(match, "mover"), _named(match, "seconder")
        yield _Cue(match.start(), match.end(), *pair, told=_told_by(match))
    for match in _ORDINAL.finditer(text):
        low = match.start("seconder")
        printed = match["seconder"].partition("\n")[0]
        end = low + len(printed)
        yield _Cue(match.start(), end, _named(match, "mover"), (clean(printed), low, end))
    yield from _doubtful_cues(text)
    for match in _MADE_BY.finditer(text):
        if _is_motion(text, match):
            yield _Cue(match.start(), match.end("mover"), _named(match, "mover"))


def _doubtful_cues(text: str) -> Iterator[_Cue]:
    """Those that need a second or a result to be motions."""
    for match in _SLASHED.finditer(text):
        found = name_before(text, match.start())
        if found:
            mover = (clean(text[found[1] : found[2]]), *found[1:])
            yield _Cue(found[0], match.end(), mover, _named(match, "seconder"), tentative=True)
    for match in _PROPOSED_WHO.finditer(text):
        if cue := _active(text, match):
            cue.elects = _NOMINATES.match(text, match.start()) is not None
            yield cue
    for match in _PLAIN.finditer(text):
        yield _Cue(match.start("cue"), match.end(), _named(match, "mover"), tentative=True)


def _told_by(match: re.Match[str]) -> str:
    """The result that a letter stands for: carried, passed, unanimous; failed, defeated."""
    groups = match.groupdict()
    letter = (groups.get("how") or groups.get("letter") or "").casefold()
    return {"": "", "f": "failed", "d": "failed"}.get(letter, "passed")


def _active(text: str, match: re.Match[str]) -> _Cue | None:
    """`X moved to …`, or `X, seconded by Y, moved to …`."""
    found = name_before(text, match.start())
    if found is None:
        return None
    start, low, high = found
    if start >= low and _is_headed_label(text, match, high):  # without a title
        return None
    name = (clean(text[low:high]), low, high)
    seconded = _SECONDED_BY.search(text, max(0, start - 40), start)
    mover = name_before(text, seconded.start()) if seconded else None
    if mover is None:
        return _Cue(start, match.end(), name, tentative=True)
    first = (clean(text[mover[1] : mover[2]]), *mover[1:])
    return _Cue(mover[0], match.end(), first, second=name)


_LABELS_NEXT = re.compile(r"[ ]{0,3}:[ ]{0,20}\n?[ ]{0,60}(?=[A-Z])")


def _is_headed_label(text: str, verb: re.Match[str], end: int) -> bool:
    """Whether `Moved` begins its line as a label does, so that the line above is a heading.

    As `ASSIGNMENTS` above `Moved: Cr Roe`: nobody is called so.
    """
    if "\n" not in text[end : verb.start()]:
        return False
    labels = _LABELS_NEXT.match(text, verb.end()) is not None
    return labels or (verb[0][:1].isupper() and not verb[0].isupper())


def _is_motion(text: str, match: re.Match[str]) -> bool:
    """`by X` makes a motion where a second follows, or a motion stands earlier in the sentence."""
    low = sentence_start(text, match.start(), max(0, match.start() - 600))
    before = text[low : match.start()]
    if re.search(r"(?i)\bsecond(?:ed)?\b|\bsupported\b", before):
        return False
    if match["second"]:
        return True
    made = re.match(r"(?i)made|offered|introduced", match[0]) is not None
    return made and re.search(r"(?i)\bmotion\b", before) is not None


def _widen(text: str, start: int, floor: int) -> int:
    """Move a start back to the `A motion` or `It was` of its own sentence."""
    if _BLANK_LINE.search(text, max(floor, start - 160), start):
        return start
    low = sentence_start(text, start, floor)
    for ayes in _VOTERS.finditer(text, low, start):
        low = ayes.end()
    opening = _BEGIN.search(text, low, start)
    if opening is None or _TOLD_BETWEEN.search(text, opening.start(), start):
        return start
    return opening.start()


def _result_before(text: str, cue: _Cue, floor: int) -> int:
    """Agenda software prints RESULT, MOVER, SECONDER, AYES in this order."""
    if text[cue.start : cue.start + 5].casefold() != "mover":
        return -1
    labels = list(_RESULT_LABEL.finditer(text, max(floor, cue.start - 150), cue.start))
    if not labels:
        return -1
    line_end = text.find("\n", labels[-1].end(), cue.start)
    above = re.split(r"\n[ ]*\n", text[max(floor, labels[-1].start() - 150) : labels[-1].start()])
    next_line = (
        line_end >= 0
        and not text[line_end : cue.start].strip()
        and _BLOCK_ENDS.search(above[-1]) is None
    )
    if not next_line and _BLOCK_ENDS.search(text, labels[-1].end(), cue.start):
        return -1
    cue.opening = labels[-1].start()
    return cue.opening


def _decided_before(text: str, cue: _Cue, floor: int) -> int:
    """`Resolution 5 was adopted on motion of X`: where the result stands; -1 for nowhere."""
    if _ON_MOTION.match(text, cue.start) is None:
        return -1
    low = sentence_start(text, cue.start, max(floor, cue.start - 400))
    decided = _DECIDED.search(text, low, cue.start) or _DECIDED_FIRST.match(text, low, cue.start)
    if decided is None:
        return -1
    cue.opening = low
    return decided.start("word")


# -- one motion ---------------------------------------------------------------------------------


def _motion(text: str, cue: _Cue, limit: int) -> FoundMotion:
    limit = min(limit, cue.opening + _REACH)
    second = _second(text, cue, limit)
    text_start, text_end = _moved(text, cue, second, limit)
    told = max(cue.end, second.end if second else 0)
    did = _body_did(text, cue, told, limit) if text_end > told else None
    below = did or (_WAS_DECIDED.match(text, told, limit) if text_end > told else None)
    first = below or cue.done or _CARRIED_TO.match(text, told, limit)
    base = told if first else max(told, text_end)
    base = cue.start if cue.done else base
    base = next((place for place in (cue.result, cue.decided) if place >= 0), base)
    moved = text[cue.opening : cue.start] + _beginning(text, text_start, text_end)
    listing = ":" in text[max(text_start, text_end - _LIST_LEAD) : text_end + 1]
    reach = _REACH if listing else _TO_VOTE
    end = _next_item(text, base, min(limit, base + reach), moved)
    if cue.above >= 0:
        base, end = cue.above, cue.start
    main = _MAIN.search(text, base, end) if _SUBSIDIARY.search(moved) else None
    window = text[base : main.start() if main else end]
    outcome = read_vote(window, moved)
    if outcome.result is None and (place := _labelled_vote(text, text_end, limit)):
        base, window = place[0], text[slice(*place)]
        outcome = read_vote(window, moved)
    if cue.told and outcome.result != cue.told:
        outcome = Outcome() if outcome.result else Outcome(result=cue.told)
    if below and below["denied"]:
        outcome = Outcome()  # it may have been the motion to do so
    elif did and outcome.result is None:
        start, end = did.start() - base, did.end() - base
        outcome = Outcome(result="passed", start=start, word=start, end=end)
        about = text[did.start() : min(limit, did.end() + _ABOUT)]
        if "unanimous" in did[0].casefold() and _NOT_ALL_OF_THEM.search(about) is None:
            outcome.unanimous, outcome.counts = True, {"no": 0}
    over = base + outcome.end
    if outcome.result:
        over = base + sentence_end(window, outcome.end, min(len(window), outcome.end + _REST))
    return FoundMotion(
        start=cue.opening,
        end=max(over, told),
        text_start=text_start,
        text_end=text_end,
        mover=cue.name if cue.name[0] else None,
        seconder=second.name if second else None,
        outcome=outcome,
        vote_base=base,
    )


def _labelled_vote(text: str, start: int, limit: int) -> tuple[int, int] | None:
    """What stands below `Vote on Motion:`, wherever that is told of one motion alone."""
    labels = list(_VOTE_LABEL.finditer(text, start, limit))
    if len(labels) != 1:
        return None
    begin = labels[0].end()
    return begin, _next_item(text, begin, min(limit, begin + _TO_VOTE))


def _beginning(text: str, start: int, end: int) -> str:
    """As much of what was moved as tells what it is about."""
    return text[start : min(end, start + _ABOUT)]


def _next_item(text: str, start: int, limit: int, moved: str = "") -> int:
    """Where the agenda's next item, or a motion that nobody is named for, begins.

    What is voted on there is something else than what was `moved`.
    """
    for match in ITEM.finditer(text, start, limit):
        if match["item"] and _LISTING.search(text, max(0, start - 60), match.end()):
            continue
        ended = _ENDED.search(text, max(start, match.start() - 60), match.start())
        if ended or match["label"]:
            limit = match.start()
            break
    for match in _UNNAMED.finditer(text, start, limit):
        if match["verb"].casefold() not in moved.casefold():
            return match.start()
    return limit


def _second(text: str, cue: _Cue, limit: int) -> _Second | None:
    """Who seconded, and where that is said."""
    if cue.second is not None:
        return _Second(cue.second, cue.end, cue.end)
    limit = min(limit, cue.end + 1500)
    if withdrawn := _WITHDRAWN.search(text, cue.name[2], limit):
        limit = withdrawn.start()
    for match in _SECOND.finditer(text, cue.name[2], limit):
        if match["seconder"]:
            return _Second(_named(match, "seconder"), match.start(), match.end())
        name = name_before(text, match.start())
        if name and name[0] >= cue.name[2]:
            return _Second((clean(text[name[1] : name[2]]), *name[1:]), name[0], match.end())
    return None


def _moved(text: str, cue: _Cue, second: _Second | None, limit: int) -> tuple[int, int]:
    """Where what was moved stands: between mover and second, before both, or after both."""
    if cue.result >= 0:
        return _sentence_before(text, cue.opening, cue.floor)
    if cue.decided >= 0 or cue.done:
        return _decided(text, cue) if cue.decided >= 0 else _done(text, cue, limit)
    if stated := _resolved(text, cue, second, limit) or _between(text, cue, second):
        return stated
    before = _MOTION_TO.search(text, cue.opening, cue.start)
    if before:
        return before.end(), _without_trail(text, before.end(), cue.start)
    verb = _MOTION_TO_DO.match(text, cue.start, cue.name[1])
    if verb:
        return verb.span("what")
    told = max(cue.end, second.end if second else 0)
    return _moved_below(text, cue, told, limit) or _sentence_before(text, cue.opening, cue.floor)


def _done(text: str, cue: _Cue, limit: int) -> tuple[int, int]:
    """What follows `motion made, seconded and approved`."""
    below = _WAS_DECIDED.match(text, cue.end, limit)
    comma = text[cue.end : cue.end + 1] == ","
    return below.span("what") if below else _sentence_from(text, cue.end + comma, limit)


def _between(text: str, cue: _Cue, second: _Second | None) -> tuple[int, int] | None:
    """Where what was moved stands between the mover and the second."""
    between = second.start - cue.end if second else 0
    if second and (between > 12 or (between > 8 and _INTRO.match(text, cue.end, second.start))):
        begin, end = _sentence_from(text, cue.end, second.start)
        if end - begin >= _LEAST:
            return _of_what(text, begin, cue.opening), end
    return None


def _resolved(text: str, cue: _Cue, second: _Second | None, limit: int) -> tuple[int, int] | None:
    """What follows `RESOLVED, that`, where the cue says `the above` or `the following resolution`.

    Also below `moved its adoption, seconded by Y:`.
    """
    high = limit
    if _ABOVE.search(text, cue.start, cue.end):
        high = cue.opening
        found = _RESOLVED.search(text, max(cue.floor, high - _TO_VOTE), high)
        return found and (found.end(), _without_trail(text, found.end(), high))
    if _FOLLOWING.search(text, cue.start, cue.end):
        high = second.start if second and second.start > cue.end else limit
        found = _RESOLVED.search(text, cue.end, high)
    elif second and _ITS_ADOPTION.fullmatch(text, cue.name[2], second.start):
        found = _RESOLVED_NEXT.match(text, max(cue.end, second.end), limit)
    else:
        return None
    if found is None:
        return None
    end = sentence_end(text, found.end(), high)
    return found.end(), _without_trail(text, found.end(), end)


def _moved_below(text: str, cue: _Cue, told: int, limit: int) -> tuple[int, int] | None:
    """Where what was moved stands behind both names, which end at `told`."""
    carried = _CARRIED_TO.match(text, told, limit)
    if carried:
        return _sentence_from(text, carried.end(), limit)
    if _INTRO.match(text, told, limit):
        begin, end = _sentence_from(text, told, limit)
        return _of_what(text, begin, cue.opening), end
    if did := _body_did(text, cue, told, limit):
        begin, end = _sentence_from(text, did.end(), limit)
        ends = _DID_ENDS.search(text, begin, end)
        return begin, _without_trail(text, begin, ends.start() if ends else end)
    below = _WAS_DECIDED.match(text, told, limit) if _ON_MOTION.match(text, cue.start) else None
    return below.span("what") if below else None


def _body_did(text: str, cue: _Cue, told: int, limit: int) -> re.Match[str] | None:
    """Where it is told behind the names, which end at `told`, what the body did on their motion."""
    return _BODY_DID.match(text, told, limit) if _ON_MOTION.match(text, cue.start) else None


def _of_what(text: str, begin: int, opening: int) -> int:
    """Where to begin so that `its adoption` says of what: with the sentence before."""
    if _WHO_MOVED.match(text, begin):
        return sentence_start(text, opening, max(0, opening - _ABOUT))
    if text[begin : begin + 9].split()[:1] != ["its"]:
        return begin
    low = max(0, opening - _ABOUT)
    before = low + len(text[low:opening].rstrip(" \n."))
    return sentence_start(text, before, low)


def _decided(text: str, cue: _Cue) -> tuple[int, int]:
    """`Resolution 5 was adopted on motion of X`, or `Adopted: Resolution 5, on motion of X`."""
    label = _DECIDED_FIRST.match(text, cue.opening, cue.start)
    if label:
        return label.end(), _without_trail(text, label.end(), cue.start)
    return cue.opening, _without_trail(text, cue.opening, max(cue.decided, cue.opening))


def _sentence_before(text: str, end: int, floor: int) -> tuple[int, int]:
    """`Resolution 12, in honor of …. This was introduced by X`: what the cue refers back to."""
    low = max(floor, end - 600)
    for label in _LABEL_LINE.finditer(text, low, end):
        low = min(label.end() + 1, end)
    start = sentence_start(text, end, low)
    for heading in _NUMBERED_LINE.finditer(text, start, end):
        if len(text[heading.end() : _without_trail(text, heading.end(), end)].strip()) > _LEAST:
            start = heading.end()
    blank = _BLANK_LINE.search(text, max(low, end - 160), end)
    if blank and not _is_about(text, start, blank.start()):
        return end, end
    if end - start < 20 and start > low:
        before = low + len(text[low:start].rstrip().rstrip(".!?\"')"))
        proposed = sentence_start(text, before, low)
        if (
            _REFERS.match(text, start, end)
            or _PROPOSED.search(text, proposed, before)
            or _ASKED_FOR.match(text, proposed, before)
        ):
            start, end = proposed, before
    if end - start < _LEAST and (line := _DOCUMENT.search(text, max(low, end - _ABOUT), end)):
        return line.start("what"), _without_trail(text, line.start("what"), end)
    opening = _MOTION_TO.match(text, start, end)
    start = opening.end() if opening else start
    return start, _without_trail(text, start, end)


def _is_about(text: str, start: int, end: int) -> bool:
    """Whether what stands above a blank line says what is moved below it: a proposal, or a heading.

    Anything else there is another paragraph, and may be the list of those present.
    """
    low = max(0, end - _ABOUT)
    proposed = sentence_start(text, low + len(text[low:end].rstrip(" \n.")), low)
    if _ASKED_FOR.match(text, proposed, end) or _PROPOSED.search(text, proposed, end):
        return True
    if _DOCUMENT.search(text, low, end):
        return True
    line = _ABOVE_BLANK.search(text, max(start, text.rfind("\n", 0, end) + 1), end)
    if line is None or _ROLL.match(line[0].strip()):
        return False
    spoken = [word for word in line[0].split() if word[0].isalpha() and word not in _SMALL_WORDS]
    return ITEM.match(line[0]) is not None or (
        not line[0].rstrip().endswith(".") and all(word[0].isupper() for word in spoken)
    )


def _sentence_from(text: str, start: int, limit: int) -> tuple[int, int]:
    introduced = _INTRO.match(text, start, limit)
    begin = introduced.end() if introduced else start
    end = max(begin, sentence_end(text, begin, limit))
    told = _TOLD.search(text, begin, end)
    return begin, _without_trail(text, begin, told.start() if told else end)


def _without_trail(text: str, start: int, end: int) -> int:
    """Drop `, and was made by` and the like from the end."""
    tail = max(start, end - 60)
    trail = _TRAIL.search(text, tail, end)
    return trail.start() if trail else end
