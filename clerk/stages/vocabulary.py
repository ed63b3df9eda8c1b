"""The words that names of documents are made of besides what they are about. Pure.

Each table stands here once: naming drops what is in them to find a body, sessions looks for some of
them, and versions compares what is left without them. So a word that may tell two meetings apart
(`retreat`, `addendum`, a time) must not come in here. All are pieces of regular expressions, made
for text as `naming.plain` leaves it, with letter case ignored.
"""

REGULAR = "regular meeting"

# -- marks: which version of a document it is ------------------------------------------------------

DRAFT = r"drafts?|un-?approved|un-?adopted|un-?official|proposed|preliminary|tentative"
APPROVED = r"approved|adopted|final|signed|official|executed"
REVISED = r"revised|revision|amended|corrected"
ERRATA = r"corrections?|errata|erratum"
COPY = r"copy|scan|scanned|rescanned|ocr|rev|version"
VERSION = r"(?:v|ver|version|rev)[\s.-]?[0-9]{1,2}(?![0-9]|[./-][0-9])"
PACKET = r"packets?|(?:reports?|agenda)\s+packs?"
MARKS = rf"{DRAFT}|{APPROVED}|{REVISED}|{ERRATA}|{VERSION}|{COPY}|{PACKET}"

# -- sessions: what kind of meeting it is ----------------------------------------------------------

# The first words are the session's own; synonyms name the same kind, and may tell two apart.
MEETINGS = {
    REGULAR: (r"regular|reg", r"stated|(?<!extra[\s-])ordinary"),
    "emergency meeting": (r"emergency", r""),
    "special meeting": (r"special|spec|sp", r"extra[\s-]?ordinary"),
    "joint meeting": (r"joint", r""),
}
SESSIONS = {
    "work session": (r"work(?:ing)?", r"study"),
    "executive session": (r"executive", r"closed"),
}


def _all(*tables: dict[str, tuple[str, str]]) -> str:
    pairs = (pair for table in tables for pair in table.values())
    return "|".join(words for pair in pairs for words in pair if words)


OF_MEETING = _all(MEETINGS)
OF_SESSION = _all(MEETINGS, SESSIONS)
WORKSHOP = r"workshops?"
GATHERING = r"meetings?|mtgs?|sessions?"
# What may stand in `Special City Council Meeting` and `Special Called Meeting` between the two; but
# `Special Services Board Meeting` is a meeting of a board that is called so.
BETWEEN_BODIES = (
    r"city|town|village|county|borough|township|council|commission|board|trustees|selectmen"
    r"|aldermen|supervisors|commissioners|of"
)
BETWEEN_ANY = r"called|virtual|monthly|business|public|open|annual|budget"

# -- files: what any document may be called --------------------------------------------------------

# A mayoral minute is a motion, and whose minutes are approved or confirmed is another meeting's.
MINUTES = (
    r"(?<!mayoral[\s-])(?<!confirmation[\s-]of[\s-])(?<!approval[\s-]of[\s-])minutes?"
    r"|(?<![0-9]\s)(?<![0-9])mins?|actas?|proceedings"
)
AGENDA = rf"agendas?(?![\s-]+item[\s#-]*(?:[0-9]|attach))|agnds?|business\s+papers?|{PACKET}"
FILE = (
    r"meetingminutes|pdfs?|docs?|files?|archives?|archived|documents?|uploads?|downloads?|content|wp"
    r"|view|click|here|html"
)
# An agenda `with attachments` is the agenda.
ATTACHMENT = (
    r"(?<!with\s)(?<!and\s)(?<!&\s)(?:attachments?|appendix|appendices|annexures?|exhibits?)"
)
OTHER_PAPER = (
    rf"{ATTACHMENT}|flyers?|fliers?|handouts?|presentations?|slides?|slide\s?deck|schedules?"
    r"|by-?laws|handbooks?|manuals?|application(?:\s+form)?|forms?|dashboards?|letters?|surveys?|brochures?|newsletters?"
    r"|metrics|reports?|ordinances?|resolutions?|live\s?stream|webcast|recordings?|videos?|audio"
    r"|transcripts?|media\s+releases?|calendars?"
    r"|cancellations?|hearing\s+notices?|notices?\s+of(?:\s+[a-z]+){0,2}\s+hearings?"
    r"|item[\s-]+(?:#|no\.?)?\s?[ivx0-9]+"
)
"""Papers of a meeting that are neither its agenda nor its minutes."""
NOTICE, SUMMARY = r"notices?", r"summary|summaries"
"""Beside an agenda or minutes another paper; alone they are what there is of the two."""
MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
SMALL = r"of|the|for|and|on|by|as"
BODY = (
    r"council|commission|board|committee|subcommittee|authority|trustees|selectmen|selectboard"
    r"|supervisors|commissioners|aldermen|assembly|legislature|freeholders|directors|court|panel"
    r"|task force|agency|senate|congress|caucus|consejo|junta"
)
