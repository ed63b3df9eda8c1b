"""What a person types about a site -> a checked Site, or every problem at once. Pure.

Fields may come as a command line, a form or JSON gives them: text is accepted where a number is
meant, JSON text where an object is. Whether `source` and `options` fit the fetcher is for the
fetcher to say (`Fetcher.problems`).
"""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields as fields_of
from datetime import date
from typing import Any

from iso3166 import countries_by_alpha2

from clerk import keys
from clerk.errors import InvalidInput
from clerk.model import Site
from clerk.stages.naming import clean

KINDS = (
    "city",
    "county",
    "town",
    "village",
    "township",
    "borough",
    "parish",
    "municipality",
    "school district",
    "special district",
    "tribe",
    "region",
    "state",
    "other",
)
"""What a site may be; it names the default governing body nowhere, it only describes."""

STATES = frozenset(
    re.findall(
        "..",
        "AKALARAZCACOCTDCDEFLGAHIIAIDILINKSKYLAMAMDMEMIMNMOMSMTNCNDNENHNJNMNVNYOHOKORPARISCSDTNTX"
        "UTVAVTWAWIWVWYASGUMPPRVI",
    )
)
"""USPS abbreviations of the states, the District and the territories (Publication 28, app. B)."""

MAX_TEXT = 300
MAX_SOURCE = 2000
MAX_OPTIONS = 20_000
FIRST_YEAR = 1850

_REQUIRED = ("subdomain", "name", "source", "fetcher")


class _WrongError(ValueError):
    """What is wrong with one value, and the remedy."""


def validate(
    fields: Mapping[str, object], *, fetchers: Collection[str], today: date | None = None
) -> Site:
    """A Site from `fields` (names as in `model.Site`); `fetchers` are the names that exist.

    Raises InvalidInput whose `problems` name for every wrong field the value and the remedy.
    """
    checks = _checks(fetchers, today or date.today())
    good: dict[str, Any] = {}
    problems = [_unknown(name) for name in fields if name not in checks]
    for name, check in checks.items():
        value = fields.get(name)
        if value is None or value == "":
            problems += [f"{name} is missing; give one"] if name in _REQUIRED else []
            continue
        try:
            good[name] = check(value)
        except _WrongError as wrong:
            problems.append(f"{name} {_shown(value)} {wrong}")
    problems += _contradictions(fields, good)
    if problems:
        raise InvalidInput("The site is not valid:", problems)
    return Site(**good)


def _checks(fetchers: Collection[str], today: date) -> dict[str, Callable[[object], object]]:
    return {
        "subdomain": _subdomain,
        "name": _line,
        "source": _source,
        "fetcher": lambda value: _choice(value, fetchers),
        "state": _line,
        "country": _country,
        "kind": lambda value: _choice(value, KINDS),
        "start_year": lambda value: _year(value, today),
        "lat": lambda value: _degrees(value, 90),
        "lng": lambda value: _degrees(value, 180),
        "options": _options,
    }


def _unknown(name: object) -> str:
    known = ", ".join(field.name for field in fields_of(Site))
    return f"{_shown(name)} is not a field; the fields are {known}"


def _contradictions(fields: Mapping[str, object], good: dict[str, Any]) -> list[str]:
    """Problems between fields; also writes a state of the US in its usual capitals."""
    problems = []
    if _given(fields, "lat") != _given(fields, "lng"):
        problems.append("lat and lng only make sense together; give both or neither")
    state = good.get("state")
    country = good.get("country", None if _given(fields, "country") else "US")
    if state and country == "US":
        good["state"] = state.upper()
        if good["state"] not in STATES:
            problems.append(
                f"state {_shown(state)} is not a US state; write its two letters, like CA,"
                " or set country"
            )
    return problems


def _given(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name)
    return value is not None and value != ""


def _shown(value: object) -> str:
    """The value as it may be printed: escaped, cut, without user and password of a URL."""
    text = re.sub(r"//[^/?#\s]{1,200}@", "//***@", str(value)[:200]) if value is not None else ""
    return ascii(text if len(text) <= 80 else text[:77] + "...")


# -- one value each --------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _WrongError(f"is a {type(value).__name__}; give text")
    return value


def _subdomain(value: object) -> str:
    text = _text(value)
    if not keys.valid_subdomain(text):
        raise _WrongError(
            "is not a subdomain; use lower-case letters, digits, hyphens and dots, starting and"
            " ending with a letter or digit, like alameda or alameda.ca"
        )
    return text


def _line(value: object) -> str:
    line = clean(_text(value), MAX_TEXT + 1)
    if not line:
        raise _WrongError("holds no printable character; write a name")
    if len(line) > MAX_TEXT:
        raise _WrongError(f"is longer than {MAX_TEXT} characters; shorten it")
    return line


def _source(value: object) -> str:
    text = _text(value).strip()
    if not text or not text.isprintable():
        raise _WrongError(
            "holds a line break, a control or an invisible character; write it plainly"
        )
    if len(text) > MAX_SOURCE:
        raise _WrongError(f"is longer than {MAX_SOURCE} characters; shorten it")
    return text


def _choice(value: object, known: Collection[str]) -> str:
    text = _text(value).strip().lower()
    if text not in known:
        raise _WrongError(
            f"is unknown; choose one of: {', '.join(sorted(known)) or '(none installed)'}"
        )
    return text


def _country(value: object) -> str:
    text = _text(value).strip().upper()
    if text not in countries_by_alpha2:
        raise _WrongError("is not a country; write its two letters (ISO 3166-1), like US or CA")
    return text


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _WrongError(f"is a {type(value).__name__}; give a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _WrongError("is not a number; write digits, like 2015 or 37.77") from None
    if not math.isfinite(number):
        raise _WrongError("is not a finite number; write digits, like 2015 or 37.77")
    return number


def _year(value: object, today: date) -> int:
    number = _number(value)
    last = today.year + 1
    if number != int(number) or not FIRST_YEAR <= number <= last:
        raise _WrongError(f"is not a year from {FIRST_YEAR} to {last}; write it like 2015")
    return int(number)


def _degrees(value: object, limit: int) -> float:
    number = _number(value)
    if abs(number) > limit:
        raise _WrongError(f"is not between -{limit} and {limit}; give decimal degrees")
    return number


def _options(value: object) -> dict[str, object]:
    tree = _parsed(value) if isinstance(value, str) else value
    if not isinstance(tree, Mapping) or not all(isinstance(name, str) for name in tree):
        raise _WrongError('is not a JSON object; write it like {"body": "City Council"}')
    try:
        written = json.dumps(dict(tree), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise _WrongError(
            "holds something that JSON cannot; use text, numbers, lists, objects"
        ) from None
    if len(written) > MAX_OPTIONS:
        raise _WrongError(f"is longer than {MAX_OPTIONS} characters as JSON; shorten it")
    if "\\u0000" in written or _has_half_characters(written):
        raise _WrongError("holds a NUL or half a character; remove it")
    # A copy through JSON: plain values only, nothing that the caller may change later.
    return dict(json.loads(written))


def _parsed(text: str) -> object:
    if len(text) > MAX_OPTIONS:
        raise _WrongError(f"is longer than {MAX_OPTIONS} characters; shorten it")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_half_characters(written: str) -> bool:
    try:
        json.dumps(json.loads(written), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
