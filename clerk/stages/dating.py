"""The date of a meeting, told from file names, folder names, link texts and table rows. Pure.

A wrong date is worse than none: only forms that say year, month and day are believed, or month and
day where the surroundings give the year, and only from 1850 to the end of next year. Every function
takes any text, never raises, and looks at its first `naming.MAX_TEXT` characters only, which bounds
the time. The rules are written out for people in docs/fetching.md.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from clerk.stages.naming import plain
from clerk.stages.vocabulary import MONTH

EARLIEST = date(1850, 1, 1)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MON = rf"(?<![^\W\d_])(?P<mon>{MONTH})(?![^\W\d_])\.?"
_Y = r"(?P<y>1[89][0-9]{2}|20[0-9]{2})"
_YEAR = rf"{_Y}(?![0-9])"
_DAY = r"(?<![0-9])(?P<d>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9])"
# The number of `Item 3 - March 2024` is no day.
_NUMBERED = "".join(rf"(?<!{word}\s)" for word in ("item", "attachment", "part", "volume", r"no\."))
_A, _B = r"(?<![0-9])(?P<a>[0-3]?[0-9])", r"(?P<b>[0-3]?[0-9])"
# Not the middle of a longer chain: the folders of `2024/02/05-03-2024` are no date.
_END = r"(?![0-9])(?![./-][0-9]{1,2}[./-][0-9])"
_MARK = r"\s?[./-]\s?"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_FULL = _compiled(
    # 2024-03-05 2024/3/5 2024.03.05; blanks only between two digits each: 2024 03 05
    rf"(?<![0-9]){_Y}(?P<s>{_MARK})(?P<m>[01]?[0-9])(?P=s)(?P<d>[0-3]?[0-9]){_END}",
    rf"(?<![0-9]){_Y} (?P<m>[01][0-9]) (?P<d>[0-3][0-9])(?![0-9])",
    # March 5, 2024   Mar. 5th 2024   Mar-05-2024
    rf"{_MON}[\s.,-]{{0,3}}{_DAY}[\s.,-]{{1,4}}{_YEAR}",
    # May122024
    rf"{_MON}[\s.,-]{{0,3}}(?<![0-9])(?P<d>[0-3][0-9]){_YEAR}",
    # 5 March 2024   5th of March, 2024   05-Mar-2024
    rf"{_NUMBERED}{_DAY}[\s.,-]{{0,3}}(?:of\s)?{_MON}[\s.,-]{{0,4}}{_YEAR}",
    # 2024 March 5   2024-Mar-05   2024/March/5, but not the year of `2023 March 5, 2024`
    rf"(?<![0-9]){_YEAR}[\s.,/-]{{1,3}}{_MON}[\s.,/-]{{1,3}}{_DAY}(?![\s.,-]{{1,4}}[12][0-9]{{3}})",
    # 20240305
    rf"(?<![0-9]){_Y}(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?![0-9])",
    # 03052024
    rf"(?<![0-9])(?P<a>[0-3][0-9])(?P<b>[0-3][0-9]){_YEAR}",
    # 3/5/2024 03-05-2024 3.5.2024; with blanks: 03 05 2024
    rf"{_A}(?P<s>{_MARK}){_B}(?P=s){_YEAR}",
    rf"(?<![0-9])(?P<a>[0-3][0-9]) (?P<b>[0-3][0-9]) {_YEAR}",
)
_SHORT_YEAR = _compiled(
    # 03-05-24, not a part of a longer chain of numbers
    rf"(?<![0-9][./-]){_A}(?P<s>[./-]){_B}(?P=s)(?P<yy>[0-9]{{2}})(?![0-9])(?![./-][0-9])",
    # 05-Mar-24   March 5, '24
    rf"{_DAY}-{_MON}-(?P<yy>[0-9]{{2}})(?![0-9])",
    rf"{_MON}\s?{_DAY},?\s?['’](?P<yy>[0-9]{{2}})(?![0-9])",
)
_NAMED_MONTH = (rf"{_MON}[\s.,-]{{0,3}}{_DAY}", rf"{_NUMBERED}{_DAY}[\s.,-]{{0,3}}(?:of\s)?{_MON}")
_WITHOUT_YEAR = _compiled(*(rf"{form}(?![\s.,-]{{1,4}}[0-9]{{4}})" for form in _NAMED_MONTH))
_NO_YEAR = _compiled(
    *_NAMED_MONTH,
    r"(?<![0-9])(?<![0-9][./-])(?P<a>[0-3][0-9])[.-](?P<b>[0-3][0-9])(?![0-9])(?![./-][0-9])",
)
# Dates only where the surroundings name the same year: 030524, 240305, 03 05 24, and what follows
# another number, as in `43-9.16.19 Minutes`.
_UNSURE = _compiled(
    r"(?<![0-9])(?P<a>[0-3][0-9])(?P<b>[0-3][0-9])(?P<yy>[0-9]{2})(?![0-9])",
    r"(?<![0-9])(?P<yy>[0-9]{2})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?![0-9])",
    rf"{_A} {_B} (?P<yy>[0-9]{{2}})(?![0-9])",
    rf"(?<=[0-9]-){_A}(?P<s>[./]){_B}(?P=s)(?P<yy>[0-9]{{2}})(?![0-9])(?![./-][0-9])",
)
# `July 2019`, `2019 - July`, `February`, but not where a day stands beside it.
_MONTH_ALONE = re.compile(
    rf"(?i)(?:(?<![0-9])(?P<before>(?:19|20)[0-9]{{2}})[\s.,-]{{0,3}}|(?<![0-9][\s.,-])(?<![0-9]))"
    rf"{_MON}(?:[\s.,-]{{0,3}}(?P<after>(?:19|20)[0-9]{{2}})(?![0-9])|(?![\s.,-]{{0,3}}[0-9]))"
)
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SURE = 4
"""Letters of a month's name from which on it is no other word: `june`, but not `may` or `mar`."""
_FEW_MONTHS = 3
_SIX_DIGITS = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
_LONE_YEAR = re.compile(r"(?<![0-9])(?:1[89][0-9]{2}|20[0-9]{2})(?![0-9])")
# `Posted February 27, 2024 3:55 PM` is not when the body met.
_NOT_THE_MEETING = re.compile(
    r"(?i)(?:posted|published|updated|uploaded|modified|revised|amended|approved|adopted|created"
    r"|added|signed|received|filed|recorded|printed|prepared|issued|mailed|minutes\s+of"
    r"|(?:continued|postponed|rescheduled|adjourned|deferred|moved|changed)[\s-]+from)\s*(?:on|at)?\s*[:-]?\s*(?:[a-z]{3,9},?\s*)?$"
)


class Found(NamedTuple):
    """A date in a text. `aside`: it is when something was posted or approved, not when they met."""

    aside: bool
    start: int
    day: date


def latest(today: date) -> date:
    """The last plausible meeting date: bodies publish next year's calendar, not later."""
    return date(today.year + 1, 12, 31)


def find_date(
    text: str, *, today: date, day_first: bool = False, year: int | None = None
) -> date | None:
    """The meeting date that `text` says, or None.

    The first full date wins; one after `posted`, `approved` and the like only if there is no other.
    `day_first` reads 3/5/2024 as 3 May. `year` completes `March 5` or `03-05`, and makes `030524`
    and `03 05 24` dates, where one of the ways to read them is of that year.
    """
    words = plain(text)
    found = _found(words, today, day_first)
    if not found and year is not None:
        found = _of_year(words, today, day_first, year)
    return found[0].day if found else None


def meeting_date(text: str, *, today: date, day_first: bool = False) -> date | None:
    """As `find_date`, but never the day when something was posted or approved."""
    found = _found(plain(text), today, day_first)
    return found[0].day if found and not found[0].aside else None


def _of_year(words: str, today: date, day_first: bool, year: int) -> tuple[Found, ...]:  # noqa: FBT001 - as below
    """Dates that say no year, or in a way that only this year makes sure.

    A month by its name is surer than six digits, which may be the number of anything.
    """
    named = sorted(_matches(_WITHOUT_YEAR, words, today, day_first, year))
    if named:
        return tuple(named)
    short = [item for item in _matches(_UNSURE, words, today, day_first) if item.day.year == year]
    if len({item.day for item in short}) == 1:
        return tuple(short)
    return tuple(sorted(_matches(_NO_YEAR, words, today, day_first, year)))


def impossible_date(text: str, *, today: date) -> str | None:
    """What is written like a full date in `text` and is none, as `2024-02-31`; None: nothing is."""
    words = plain(text)
    written = (match[0] for pattern in _FULL for match in pattern.finditer(words))
    return next(written, None) if not _found(words, today, False) else None


def sole_date(text: str, *, today: date, day_first: bool = False) -> date | None:
    """The meeting date of a text that says one only; None where several meetings are listed."""
    found = _found(plain(text), today, day_first)
    days = {item.day for item in found if not item.aside} or {item.day for item in found}
    day = days.pop() if len(days) == 1 else None
    return None if day is None or other_days(text, day) else day


def other_days(text: str, day: date) -> frozenset[date]:
    """The days besides this one that `text` names without a year: `May 8, June 12`."""
    return _days_without_year(plain(text), day.year) - {day}


def names_several_days(text: str) -> bool:
    """Whether several days without a year are named, as in a calendar below the heading `2024`."""
    leap_year = 2024
    return len(_days_without_year(plain(text), leap_year)) > 1


def names_a_day(text: str, *, today: date) -> bool:
    """Whether any day is named, with a year or without."""
    words = plain(text)
    return bool(_found(words, today, False) or _days_without_year(words, today.year))


@lru_cache(maxsize=1024)
def months(text: str) -> frozenset[tuple[int, int]]:
    """The months (year, month) that `text` names without a day: `July 2019`, `2019JulyAgenda`.

    A month without a year has the year 0, and counts only where it cannot be another word.
    """
    named = set()
    for match in _MONTH_ALONE.finditer(plain(text)):
        year = int(match["before"] or match["after"] or 0)
        if year or len(match["mon"]) >= _SURE:
            named.add((year, _MONTHS.index(match["mon"][:3].lower()) + 1))
    return frozenset(named)


def names_many_months(text: str) -> bool:
    """Whether the months of a year are listed, each a link or a heading of its own."""
    return len(months(text)) > _FEW_MONTHS


def month_called(text: str) -> int | None:
    """The month that is all a text says: `June`, `Oct.`; None for any other text."""
    word = _NO_LETTERS.sub("", plain(text)).lower()
    return _MONTHS.index(word[:3]) + 1 if re.fullmatch(MONTH, word) else None


@lru_cache(maxsize=1024)
def _days_without_year(words: str, year: int) -> frozenset[date]:
    if not re.search(r"[0-9]", words):
        return frozenset()
    today = date(min(year, date.max.year - 1), 12, 31)
    found = _matches(_WITHOUT_YEAR, words, today, day_first=False, year=year)
    return frozenset(item.day for item in found if not item.aside)


def sole_day_of_year(text: str, *, today: date, day_first: bool = False, year: int) -> date | None:
    """As `find_date` with `year`, but None where the text names several days without a year."""
    day = find_date(text, today=today, day_first=day_first, year=year)
    return None if day is None or other_days(text, day) else day


@lru_cache(maxsize=1024)
def _found(words: str, today: date, day_first: bool) -> tuple[Found, ...]:  # noqa: FBT001 - as below
    """All plausible dates with a year, the likeliest meeting date first."""
    if not re.search(r"[0-9]", words):
        return ()
    full = sorted(_matches(_FULL, words, today, day_first))
    return tuple(full or sorted(_matches(_SHORT_YEAR, words, today, day_first)))


def without_day(words: str, day: date, instead: str) -> str:
    """`words`, folded, with `instead` wherever they say this very `day`, and no other.

    Also as `030524`, which is a date only where it is known to be this one.
    """
    # Of two readings of a short year the one near the day is meant.
    today = date(min(day.year, date.max.year - 1), 12, 31)

    def said(match: re.Match[str]) -> str:
        parts = {"y": None, "yy": None, **match.groupdict()}
        year = None if parts["y"] or parts["yy"] else day.year
        found = _to_date(parts, today, day_first=False, year=year)
        return instead if found == day else match[0]

    for pattern in (*_FULL, *_SHORT_YEAR, *_WITHOUT_YEAR):
        words = pattern.sub(said, words)
    short = {f"{day:%m%d%y}", f"{day:%y%m%d}"}
    return _SIX_DIGITS.sub(lambda match: instead if match[0] in short else match[0], words)


def says_day(text: str, day: date) -> bool:
    """Whether `text` has this day, in whatever spelling."""
    words = plain(text)
    return without_day(words, day, "") != words


def may_say(text: str, day: date) -> bool:
    """Whether `text` has the numbers of this day side by side, in any order: `22-03-05`."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,4}", plain(text))]
    said = {tuple(sorted(numbers[at : at + 3])) for at in range(len(numbers) - 2)}
    years = (day.year, day.year % 100)
    return says_day(text, day) or any(
        tuple(sorted((year, day.month, day.day))) in said for year in years
    )


def other_day(heading: str, day: date, *, today: date) -> date | None:
    """The one meeting day that a heading says, if that is another than `day`; else None.

    Where 3/5/2024 may be March or May, either is taken for `day`, and else neither.
    """
    readings = {sole_date(heading, today=today, day_first=custom) for custom in (False, True)}
    told = readings.pop() if len(readings) == 1 else None
    doubtful = told is not None and told != day and not says_day(heading, day)
    return told if doubtful and meeting_date(heading, today=today) else None


def _matches(
    patterns: Sequence[re.Pattern[str]],
    words: str,
    today: date,
    day_first: bool,  # noqa: FBT001 - private, mostly passed by position from here
    year: int | None = None,
) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(words):
            day = _to_date(match.groupdict(), today, day_first=day_first, year=year)
            if day is not None:
                before = words[max(0, match.start() - 30) : match.start()]
                aside = _NOT_THE_MEETING.search(before) is not None
                yield Found(aside, match.start(), day)


def _to_date(
    parts: dict[str, str | None], today: date, *, day_first: bool, year: int | None
) -> date | None:
    full = _year_of(parts, today) or year
    month, day = _month_and_day(parts, day_first=day_first)
    try:
        return plausible(date(full or 0, month, day), today)
    except (ValueError, OverflowError):
        return None


def _year_of(parts: dict[str, str | None], today: date) -> int | None:
    if parts.get("y"):
        return int(parts["y"] or 0)
    if not parts.get("yy"):
        return None
    short = int(parts["yy"] or 0)
    return 2000 + short if 2000 + short <= latest(today).year else 1900 + short


def _month_and_day(parts: dict[str, str | None], *, day_first: bool) -> tuple[int, int]:
    if parts.get("a"):
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        # 13/5 can only be a day and a month, whatever the custom.
        swap = (day_first and second <= 12) or (first > 12 >= second)
        return (second, first) if swap else (first, second)
    name = parts.get("mon")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["m"] or 0)
    return month, int(parts["d"] or 0)


def plausible(day: date, today: date) -> date | None:
    """`day` if a body can have met then, else None."""
    return day if EARLIEST <= day <= latest(today) else None


def find_year(text: str, today: date) -> int | None:
    """The last year named in `text` on its own, e.g. `2024` or `Minutes 2024`; None if none is."""
    years = [int(match[0]) for match in _LONE_YEAR.finditer(plain(text))]
    return next((y for y in reversed(years) if EARLIEST.year <= y <= latest(today).year), None)


def date_of_path(
    path: str, *, today: date, day_first: bool = False, aside: bool = True
) -> date | None:
    """The meeting date of a `/`-separated path: of its last part, else with its folders.

    The day when something was approved or adjourned counts only if no other is told, and not at all
    unless `aside`.
    """
    folders, _, name = path.rpartition("/")
    found = meeting_date(name, today=today, day_first=day_first)
    if found is None:
        says = find_date if aside else meeting_date
        found = says(path[-1000:], today=today, day_first=day_first)
    if found is None and folders:
        year = find_year(folders, today)
        found = find_date(name, today=today, day_first=day_first, year=year)
    return found


# -- formats given by the user ---------------------------------------------------------------------

_DIRECTIVES = {
    "%Y": r"[0-9]{4}",
    "%y": r"[0-9]{2}",
    "%m": r"[0-9]{1,2}",
    "%d": r"[0-9]{1,2}",
    "%j": r"[0-9]{3}",
    "%b": r"[^\W\d_]{3,4}\.?",
    "%B": r"[^\W\d_]{3,9}",
    "%a": r"[^\W\d_]{3}",
    "%A": r"[^\W\d_]{6,9}",
    "%%": "%",
}
_TOKENS = re.compile(r"%.?|\s+|[^%\s]+")
MAX_FORMAT = 100


def format_problem(date_format: str) -> str | None:
    """What is wrong with a strptime format as the option `date_format`; None: nothing."""
    directives = set(re.findall(r"%.?", date_format))
    if len(date_format) > MAX_FORMAT:
        return f"is longer than {MAX_FORMAT} characters; shorten it"
    if unknown := directives - _DIRECTIVES.keys():
        known = " ".join(sorted(_DIRECTIVES))
        return f"uses {', '.join(sorted(unknown))}; use only {known}"
    whole = directives & {"%Y", "%y"} and (
        "%j" in directives or (directives & {"%m", "%b", "%B"} and "%d" in directives)
    )
    return None if whole else "does not name year, month and day; write for example %Y-%m-%d"


def find_formatted(text: str, date_format: str, *, today: date) -> date | None:
    """The first plausible date in `text` written as the (valid) strptime format says."""
    pattern = "".join(_token_pattern(token) for token in _TOKENS.findall(date_format))
    for match in re.finditer(rf"(?<![0-9])(?:{pattern})(?![0-9])", text[:4096]):
        try:
            found = plausible(datetime.strptime(match[0], date_format).date(), today)
        except ValueError:
            continue
        if found is not None:
            return found
    return None


def _token_pattern(token: str) -> str:
    if token.startswith("%"):
        return _DIRECTIVES.get(token, re.escape(token))
    return r"\s+" if token.isspace() else re.escape(token)
