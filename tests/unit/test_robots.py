"""robots.txt as RFC 9309 has it, read by somebody who is called clerk."""

import time

import pytest

from clerk.errors import SourceRefused, SourceUnavailable
from clerk.fetchers.robots import MAX_RULES, Robots

ALL = "User-agent: *\n"
SITE = "https://town.example"


class Answer:
    """A site whose every page is this text, or this error."""

    def __init__(self, said) -> None:
        self.said = said
        self.text = said
        self.asked = []

    def page(self, url):
        self.asked.append(url)
        if isinstance(self.said, Exception):
            raise self.said
        return self


def allowed_by(said, path):
    return Robots(Answer(said)).allow(SITE + path)


@pytest.mark.parametrize(
    ("said", "path", "allowed"),
    [
        ("", "/x", True),
        (ALL + "Disallow: /closed", "/closed/2", False),
        (ALL + "Disallow: /closed # for now", "/open", True),
        (ALL + "Disallow:", "/x", True),
        (ALL + "Disallow: /*?page=", "/list?page=2", False),
        (ALL + "Disallow: /*?page=", "/list", True),
        (ALL + "Disallow: /*.php$", "/a.php", False),
        (ALL + "Disallow: /*.php$", "/a.php?b", True),
        (ALL + "Disallow: /a$", "/a", False),
        (ALL + "Disallow: /a$", "/ab", True),
        (ALL + "Disallow: /*a*$", "/ba", False),
        (ALL + "Allow: /\nDisallow: /closed", "/closed", False),
        (ALL + "Disallow: /list\nAllow: /list/minutes", "/list/minutes/2", True),
        (ALL + "Disallow: /a\nAllow: /a", "/a", True),
        (ALL + "Disallow: /caf%C3%A9", "/caf%c3%a9", False),
        (ALL + "Disallow: /\n\nUser-agent: Clerk\nDisallow: /a", "/b", True),
        (ALL + "User-agent: clerk\nDisallow: /a\nUser-agent: other\nDisallow: /b", "/b", True),
        ("User-agent: clerkly\nDisallow: /", "/x", True),
        ("User-agent: clerk\nDisallow:\n" + ALL + "Disallow: /", "/x", True),
        ("Disallow: /", "/x", True),
        ("<!doctype html>\n<a href='x:y'>Disallow: /</a>", "/x", True),
    ],
)
def test_the_longest_rule_for_us_counts(said, path, allowed):
    assert allowed_by(said, path) is allowed


def test_a_site_is_asked_once():
    site = Answer(ALL + "Disallow: /closed")
    robots = Robots(site)
    assert [robots.allow(SITE + path) for path in ("/a?b", "/closed", "/c#d")] == [
        True,
        False,
        True,
    ]
    assert site.asked == [SITE + "/robots.txt"]


def test_no_rules_are_open_and_rules_that_cannot_be_read_now_are_an_error():
    assert allowed_by(SourceRefused("http 404", "there is none"), "/x")
    with pytest.raises(SourceUnavailable):
        allowed_by(SourceUnavailable("http 503"), "/x")


def test_rules_beyond_what_is_read_do_not_count():
    assert allowed_by(ALL + "#" * MAX_RULES + "\nDisallow: /", "/x")


@pytest.mark.parametrize("rule", ["a*" * 100_000 + "b$", "a*b\nDisallow: /" * 30_000])
def test_rules_that_could_be_tried_without_end_are_not(rule):
    began = time.process_time()
    assert allowed_by(f"{ALL}Disallow: /{rule}x", "/" + "a" * 2_000)
    assert time.process_time() - began < 2
