"""A site's fields: what is accepted, how it is cleaned, and every problem at once."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.errors import InvalidInput
from clerk.stages.sites import KINDS, validate

TODAY = date(2026, 11, 22)
GOOD = {"subdomain": "alameda.ca", "name": "Alameda", "source": "/srv/alameda", "fetcher": "folder"}


def site(**fields):
    return validate(GOOD | fields, fetchers=["folder", "listing"], today=TODAY)


def problems(fields):
    with pytest.raises(InvalidInput) as caught:
        validate(fields, fetchers=["folder", "listing"], today=TODAY)
    return caught.value.problems


def test_the_least_that_a_site_needs():
    assert (site().country, site().kind, site().options) == ("US", "city", {})


def test_text_from_a_form_becomes_what_it_means():
    made = site(
        state="ca",
        country="us",
        lat="37.77",
        lng="-122.24",
        start_year="1999",
        options='{"body": "X"}',
    )
    assert (made.state, made.country, made.start_year) == ("CA", "US", 1999)
    assert (made.lat, made.lng, made.options) == (37.77, -122.24, {"body": "X"})


def test_a_name_becomes_one_clean_line():
    assert site(name=" Doña\n\u202eAna\t\0 County ").name == "Doña Ana County"
    assert site(name='O\'Fallon / "West"').name == 'O\'Fallon / "West"'
    assert len(site(name="x" * 300).name) == 300


def test_every_problem_is_told_at_once():
    told = problems(
        {
            "subdomain": "../etc",
            "name": "\n\u202e",
            "source": "a\nb",
            "fetcher": "gopher",
            "state": "XX",
            "kind": "galaxy",
            "start_year": 1492,
            "lat": 91,
            "options": "[1]",
            "colour": "red",
        }
    )
    for word in ["colour", "subdomain", "name", "source", "fetcher", "state", "kind", "start_year",
                 "lat", "options", "lat and lng"]:  # fmt: skip
        assert any(word in line for line in told), word
    assert len(told) == 11


def test_missing_fields_are_named():
    assert [line.split()[0] for line in problems({})] == ["subdomain", "name", "source", "fetcher"]


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("subdomain", "Alameda", "lower-case"),
        ("subdomain", "-a", "starting and ending"),
        ("subdomain", "a/../b", "letters, digits"),
        ("subdomain", "a" * 300, "subdomain"),
        ("subdomain", 7, "give text"),
        ("name", "x" * 301, "longer than 300"),
        ("source", "x" * 2001, "longer than 2000"),
        ("source", "/srv/\u202egnp", "invisible"),
        ("fetcher", "ftp", "folder, listing"),
        ("country", "UK", "like US or CA"),
        ("country", "United States", "two letters"),
        ("state", "California", "two letters"),
        ("start_year", 2028, "1850 to 2027"),
        ("start_year", "soon", "not a number"),
        ("start_year", 1999.5, "not a year"),
        ("start_year", True, "give a number"),
        ("options", "{", "JSON object"),
        ("options", {"a": float("nan")}, "JSON cannot"),
        ("options", {"a": {1, 2}}, "JSON cannot"),
        ("options", {"a": "x" * 20_001}, "longer"),
        ("options", {"a": "\0"}, "NUL"),
        ("options", {"a": "\ud800"}, "half a character"),
        ("options", "[" * 15_000, "JSON object"),
    ],
)
def test_a_problem_names_field_and_remedy(field, value, remedy):
    (line,) = problems(GOOD | {field: value})
    assert line.startswith(field)
    assert remedy in line


@pytest.mark.parametrize(("lat", "lng"), [("nan", 0), (0, "inf"), (0, 181), (-91, 0), (1, "east")])
def test_places_off_the_globe_are_refused(lat, lng):
    assert len(problems(GOOD | {"lat": lat, "lng": lng})) == 1


def test_a_state_outside_the_us_is_free_text():
    assert site(country="ca", state="Ontario").state == "Ontario"


@pytest.mark.parametrize("kind", KINDS)
def test_every_documented_kind_is_accepted(kind):
    assert site(kind=kind).kind == kind


def test_a_password_in_the_source_is_not_repeated():
    told = problems(GOOD | {"source": "https://clerk:hunter2@example.org/\u202e"})
    assert "hunter2" not in "".join(told)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "state", "country", "kind", "start_year", "lat", "lng", "options"]),
        st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats(), st.lists(st.text())),
    )
)
def test_any_fields_give_a_clean_site_or_problems(fields):
    try:
        made = validate(GOOD | fields, fetchers=["folder"], today=TODAY)
    except InvalidInput as refused:
        problems_told = refused.problems
    else:
        problems_told = []
        json.dumps({name: getattr(made, name) for name in made.__slots__}, allow_nan=False).encode()
        assert made.name.isprintable()
    assert all(line.isprintable() for line in problems_told)
