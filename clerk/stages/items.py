"""Minutes' lines -> where another item of the agenda begins.

Before a vote is told, a numbered line or one in capitals may still be a part of what is moved, so
that only what surely is an item counts; behind a result any of them ends its record.
"""

import re

ITEM = re.compile(
    r"(?m)^[ ]{0,60}+(?!.{0,40}\b(?i:ayes?|yeas?|nays?|noes|votes?|voted|roll[ ]call|motion)\b"
    r"|.{0,40}[-:][ ]{0,3}(?i:yes|no|absent|abstain\w*|recused)\b)"
    r"(?:(?P<item>(?:\d{1,3}|[IVXL]{1,6}|[A-Z])[.)])[ ]{1,20}+"
    r"(?:[A-Z]{4,}\b|(?<=\d[.)][ ])[A-Z][a-z])"
    r"|\d{1,3}\.\d{1,3}[.)]?[ ]{1,20}+[A-Z]|(?i:agenda[ ])?(?i:item)[ ](?:no\.?[ ])?[A-Z]?\d"
    r"|(?P<label>(?i:action|decision|item|subject|topic)[ ]{0,3}:)"
    r"|(?=[A-Z])(?:(?:[A-Z][A-Za-z'&/-]*|and|of|the|for|on|to|in|&)[ ]+){0,7}"
    r"(?i:business|agenda|calendar|consent|hearings?|comments?|adjourn(?:ment)?|reports?|announcements"
    r"|communications|correspondence|session|ordinances|resolutions|minutes|bills|claims|variances?"
    r"|updates?|presentations?|proclamations?|appointments?)"
    r"(?:[ ]+(?i:items?|and|from|of|by|to|the|on|for|public|council|mayor|staff))*[ ]*:?[ ]*$)"
)
"""A line that begins an agenda's item: numbered, labelled, or a heading of most agendas."""
_VOTE_WORD = (
    r"(?:ayes?|yeas?|yes|nays?|noes|no|abstain\w*|absent|present|votes?|voting|voted|roll|motion)"
)
_PART = re.compile(
    rf"""(?mx)^[ ]{{0,60}}+ (?!.{{0,40}}\b(?i:{_VOTE_WORD})\b)
    (?: (?:(?i:item)[ ])? (?:\d{{1,3}}(?:\.\d{{1,3}}|[a-z])?|[IVXL]{{2,6}}) [.)] [ ]{{1,20}}+ \w
      | (?:[A-Z]|\d{{1,3}}|[IVXL]{{1,6}}) [.)] [ ]{{1,20}}+ [A-Z]{{2,}} [ ][A-Z]{{2,}}
      | (?=.{{4,70}}$) [A-Z][A-Z'&,.-]{{2,}} (?:[ ]+[A-Z0-9'&,./()-]+)* [ ]*$
    )"""
)
"""A numbered line, or one in capitals."""


def next_item(text: str, start: int) -> int:
    """Where the record of a vote that is told before `start` ends: at an item, or a part of one."""
    found = (pattern.search(text, start) for pattern in (ITEM, _PART))
    return min((line.start() for line in found if line), default=len(text))
