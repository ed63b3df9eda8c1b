"""Text from outside, made safe."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk.text import (
    LINE_END_HYPHEN,
    clean,
    did_you_mean,
    join_split_words,
    near,
    without_credentials,
    without_passwords,
)

anything = st.text(st.characters(categories=None))  # lone surrogates and noncharacters too
hostile = st.lists(
    anything
    | st.sampled_from(["\x1b[31m", "\x1b]0;x\x07", "\r\n", "\0", "\ud800", "e\u0301", "\u202e"])
).map("".join)


@given(hostile)
def test_clean_text_can_be_stored_shown_and_encoded(raw):
    text = clean(raw)

    assert text.encode("utf-8").decode("utf-8") == text
    assert {unicodedata.category(c) for c in text if c not in "\n\t"}.isdisjoint({"Cc", "Cs"})
    assert unicodedata.is_normalized("NFC", text)


@given(hostile)
def test_cleaning_twice_changes_nothing_more(raw):
    assert clean(clean(raw)) == clean(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;http://evil\x07click\x1b]8;;\x07", "click"),
        ("one\r\ntwo\rthree\x0cfour", "one\ntwo\nthree\nfour"),
        (f"the reso{LINE_END_HYPHEN}lution was\nread", "the reso-\nlution was\nread"),
        (f"reso{LINE_END_HYPHEN}\r\nlution", "reso-\nlution"),
        (f"reso{LINE_END_HYPHEN}", "reso-"),
        ("cafe\u0301", "caf\u00e9"),
        ("pay\u202eevil", "payevil"),
        ("a  \t\nb\n\n\n\n\n\nc", "a\nb\n\n\nc"),
        ("nul\0led", "nulled"),
        ("", ""),
    ],
)
def test_clean(raw, expected):
    assert clean(raw) == expected


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=200))
def test_ordinary_words_pass_unchanged(word):
    assert clean(word) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("shall pur-\nsuant to prior\napproval", "shall pursuant\nto prior\napproval"),
        ("the reso-\n  lution, as read", "the resolution,\nas read"),
        ("Member Smith-\nJones moved", "Member Smith-\nJones moved"),
        ("from 1998-\nto 2001", "from 1998-\nto 2001"),
        ("items -\nand more", "items -\nand more"),
        ("the reso-\nlution).\nIt was", "the resolution).\nIt was"),
        ("THE ADMINIS-\nTRATION IS", "THE ADMINISTRATION\nIS"),
        ("single-, two- and three-\nor more", "single-, two- and three-\nor more"),
        ("the Haupt-\nund Neben", "the Haupt-\nund Neben"),
        ("a right-of-\nway is", "a right-of-\nway is"),
        ("is self-\ninsured", "is self-\ninsured"),
        ("THE RE-\nELECTION", "THE RE-\nELECTION"),
        (f"www-\nexample.com/{'a' * 80}", f"www-\nexample.com/{'a' * 80}"),
        ("BIDS ARE OPEN-\nING TODAY", "BIDS ARE OPENING\nTODAY"),
        ("a adquisi-\nci\u00f3n de", "a adquisici\u00f3n\nde"),
        ("an und \u00fc-\n\u00e4hnlich", "an und \u00fc\u00e4hnlich"),
        ("the end of the reso-\nlution", "the end of the resolution"),
        ("A PERMIT\nEACH PER-\nMIT. IS", "A PERMIT\nEACH PERMIT.\nIS"),
        ("A Permit\nEACH PER-\u2014\nMIT IS", "A Permit\nEACH PERMIT\nIS"),
        ("THE PER-\nMIT IS", "THE PER-\nMIT IS"),
        ("the council\u2014\nwhich met", "the council\u2014\nwhich met"),
    ],
)
def test_words_split_at_a_lines_end_are_joined(lines, expected):
    assert join_split_words(lines) == expected


@given(st.text("ab-\n A1.", max_size=60))
def test_joining_moves_and_drops_nothing_but_hyphens_and_spaces(text):
    def letters(some):
        return [character for character in some if character.isalnum() or character == "."]

    assert letters(join_split_words(text)) == letters(text)


def test_who_mistypes_a_name_is_told_what_is_like_it_in_whatever_case():
    known = ["pleasanton", "Pleasantville", "oakland"]

    assert did_you_mean("PLESANTON", known) == "; did you mean pleasanton?"
    assert did_you_mean("rivergrove", known) == ""
    assert near("Pleasanton", known, most=3) == ["pleasanton", "Pleasantville"]
    assert near("Pleasanton", known, most=3, least=0.9) == ["pleasanton"]


def test_endless_accents_on_one_letter_cost_no_time_squared():
    began = time.process_time()
    assert clean("e\u0301 a" + "\u0301\u0316" * 100_000).startswith("\u00e9 a")
    assert time.process_time() - began < 10  # squared: 40 s


@pytest.mark.parametrize(
    ("url", "shown", "without"),
    [
        ("redis://me:hunter2@h/0", "redis://me:***@h/0", "redis://h/0"),
        ("redis://me:hunt:er2@h/0", "redis://me:***@h/0", "redis://h/0"),
        ("redis://:hunter2@h/0", "redis://:***@h/0", "redis://h/0"),
        ("redis://user:secret@host:6379/0", "redis://user:***@host:6379/0", "redis://host:6379/0"),
        (
            "unix:///run/redis.sock?db=0",
            "unix:///run/redis.sock?db=0",
            "unix:///run/redis.sock?db=0",
        ),
        ("https://h:8080/a@b", "https://h:8080/a@b", "https://h:8080/a@b"),
        ("http://[::1]:8080/a@b", "http://[::1]:8080/a@b", "http://[::1]:8080/a@b"),
        ("https://h/a:b@c", "https://h/a:b@c", "https://h/a:b@c"),
        ("https://token@h/x", "https://token@h/x", "https://h/x"),
        ("/srv/pdfs", "/srv/pdfs", "/srv/pdfs"),
    ],
)
def test_no_password_of_a_url_is_shown_and_nothing_else_is_hidden(url, shown, without):
    assert without_passwords(f"at {url} and") == f"at {shown} and"
    assert without_credentials(url) == without


@pytest.mark.parametrize("password", ["a/b", "p@ss/w0rd", "123456/7", "/", "a:b/c@d", "?#/"])
@pytest.mark.parametrize("user", ["", "me"])
def test_a_password_with_signs_that_no_url_may_hold_is_hidden_too(user, password):
    urls = f"redis://{user}:{password}@h/0,redis://{user}:{password}@g:6379/1"
    assert without_passwords(urls) == f"redis://{user}:***@h/0,redis://{user}:***@g:6379/1"
