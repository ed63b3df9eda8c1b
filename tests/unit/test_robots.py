"""robots.txt as RFC 9309 has it."""

import time

import pytest

from clerk.fetchers.robots import is_allowed, rules_for_us

ALL = "User-agent: *\n"


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
        ("User-agent: cl\nDisallow: /", "/x", True),
        ("User-agent: clerk\nDisallow:\n" + ALL + "Disallow: /", "/x", True),
        ("Disallow: /", "/x", True),
        ("<!doctype html>\n<a href='x:y'>Disallow: /</a>", "/x", True),
    ],
)
def test_the_longest_rule_for_us_counts(said, path, allowed):
    assert is_allowed(rules_for_us(said), path) is allowed


def test_rules_that_could_be_tried_without_end_are_not():
    rules = rules_for_us(ALL + "Disallow: /" + "a*" * 100_000 + "b$")
    began = time.process_time()
    assert is_allowed(rules, "/" + "a" * 2_000)
    assert time.process_time() - began < 1
