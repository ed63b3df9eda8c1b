"""Searching published sites: what people type finds what they mean, and never breaks."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clerk.errors import InvalidInput, Unreadable
from clerk.stages.compile import compile_site
from clerk.stages.search import Hit, match_expression, search
from tests.documents import AGENDA, MINUTES, document, generation, site
from tests.shell import Forge

PAGES = {
    "budget": "The annual budget for parks was adopted.",
    "budgets": "Several budgets for parks and roads.",
    "tax": "A property tax for roads.",
    "both": "The budget raises the property tax.",
    "name": "Councilor O'Brien moved the well-known motion.",
    "spanish": "Sesión sobre el café municipal.",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    path = tmp_path_factory.mktemp("town") / "meetings.db"
    documents = [document(text, name=name) for name, text in PAGES.items()]
    compile_site(path, None, generation(), documents, ())
    return {"alder.example": path}


def names(hits: list[Hit]) -> set[str]:
    return {hit.url.removeprefix("https://alder.example/").removesuffix(".pdf") for hit in hits}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("budget", {"budget", "both"}),
        ("BUDGET", {"budget", "both"}),
        ("budget*", {"budget", "budgets", "both"}),
        ("budget tax", {"both"}),
        ("budget AND tax", {"both"}),
        ("budget OR tax", {"budget", "tax", "both"}),
        ("budget NOT tax", {"budget"}),
        ("budget -tax", {"budget"}),
        ("-tax budget", {"budget"}),
        ('-"property tax" budget', {"budget"}),
        ("roads -budgets -parks", {"tax"}),
        ('"property tax"', {"tax", "both"}),
        ('"tax property"', set()),
        ("roads (tax OR budgets)", {"tax", "budgets"}),
        ("O'Brien", {"name"}),
        ("well-known", {"name"}),
        ("sesion cafe", {"spanish"}),
        ("budget and and", set()),
        ("nothing", set()),
        # not well formed: every word counts
        ("(budget tax", {"both"}),
        ("budget AND", {"budget", "both"}),
        ('"property tax', {"tax", "both"}),
        ('"tax property', {"tax", "both"}),
        ('tax property"', {"tax", "both"}),
        ('tax" budget raises "property', {"both"}),
        ('roads" tax property "a"', {"tax"}),
        ('budget OR "roads', {"budget", "budgets", "tax", "both"}),
        ("budget AND NOT tax", {"budget"}),
        ("budget NOT", {"budget", "both"}),
        ("text:budget", set()),
        ("budget !!!", {"budget", "both"}),
    ],
)
def test_queries_mean_what_people_mean(
    town: dict[str, Path], query: str, expected: set[str]
) -> None:
    assert names(search(town, query)) == expected


@pytest.mark.parametrize("query", ["", "  ", "\n\t", '"', '""', "!!!", "( AND"])
def test_a_query_without_a_word_is_refused(town: dict[str, Path], query: str) -> None:
    with pytest.raises(InvalidInput, match="nothing to search for"):
        search(town, query)


@pytest.mark.parametrize(
    "query",
    [
        "NOT tax",
        "-tax",
        "NOT (tax OR roads)",
        "budget OR NOT tax",
        "(budget -tax",
        "NOT tax budget",
    ],
)
def test_a_query_that_cannot_leave_out_what_it_says_never_finds_it(
    town: dict[str, Path], query: str
) -> None:
    with pytest.raises(InvalidInput, match="say first what to find, as in: budget NOT boat"):
        search(town, query)


def test_a_hit_tells_where_and_marks_what_matched(tmp_path: Path) -> None:
    path = tmp_path / "meetings.db"
    text = "start <b>of</b>\n\x1b[31mthe \u202ebudget\u202c hearing"
    pages = document("other", text, name="x", kind=AGENDA, day=date(2023, 5, 2))
    compile_site(path, None, generation(), [pages], ())

    (hit,) = search({"alder.example": path}, "budget")

    assert (hit.site, hit.kind, hit.body) == ("alder.example", AGENDA, "City Council")
    assert (hit.date, hit.page, hit.id) == (date(2023, 5, 2), 2, pages.pages[1].id)
    assert (hit.document, hit.url) == (pages.id, "https://alder.example/x.pdf")
    assert [f.text for f in hit.snippet if f.matched] == ["budget"]
    assert "".join(f.text for f in hit.snippet) == "start <b>of</b> [31mthe budget hearing"


def test_a_hit_whose_day_was_estimated_says_so(tmp_path: Path) -> None:
    path = tmp_path / "meetings.db"
    compile_site(path, None, generation(), [document("budget", date_estimated=True)], ())

    assert [hit.date_estimated for hit in search({"x": path}, "budget")] == [True]


def test_a_file_of_another_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "meetings.db"
    compile_site(path, None, generation(), [document("budget")], ())
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE documents DROP COLUMN date_estimated")

    with pytest.raises(Unreadable, match="`clerk enqueue x`"):
        search({"x": path}, "budget")


def test_pages_that_say_more_of_it_come_first_across_sites(tmp_path: Path) -> None:
    filler = [document("nothing of interest here", name=f"f{n}") for n in range(8)]
    texts = {"oak.example": "budget " + "word " * 50, "elm.example": "budget budget budget"}
    databases = {}
    for name, text in texts.items():
        databases[name] = tmp_path / f"{name}.db"
        compile_site(
            databases[name], None, generation(of=site(name)), [*filler, document(text)], ()
        )

    hits = search(databases, "budget")

    assert [hit.site for hit in hits] == ["elm.example", "oak.example"]
    assert hits[0].score > hits[1].score
    assert [hit.site for hit in search(databases, "budget", limit=1)] == ["elm.example"]


def test_the_command_says_that_a_quote_is_not_closed(tmp_path: Path, forge: Forge) -> None:
    path = tmp_path / "alder.example" / "meetings.db"
    path.parent.mkdir()
    compile_site(path, None, generation(), [document(PAGES["tax"])], ())
    env = {"PUBLISH_DIR": str(tmp_path)}

    found = forge("search", '"tax property', env=env, folder=tmp_path)
    nothing = forge("search", '"tax parks', env=env, folder=tmp_path)
    closed = forge("search", '"property tax"', env=env, folder=tmp_path)
    blank = forge("search", '"', env=env, folder=tmp_path)

    assert "A property tax for roads." in found.stdout
    assert found.stderr == nothing.stderr
    assert "quote is not closed" in nothing.stderr
    assert (closed.code, closed.stderr) == (0, "")
    assert (blank.code, blank.stdout) == (2, "")
    assert "nothing to search for" in blank.stderr


def test_one_kind_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "meetings.db"
    both = [document("budget", name="m"), document("budget", name="a", kind=AGENDA)]
    compile_site(path, None, generation(), both, ())

    assert {h.kind for h in search({"x": path}, "budget")} == {MINUTES, AGENDA}
    assert {h.kind for h in search({"x": path}, "budget", kind=MINUTES)} == {MINUTES}


def test_a_site_without_a_file_has_no_hits_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database" * 1000)

    assert search({"new.example": tmp_path / "none.db"}, "budget") == []
    with pytest.raises(Unreadable, match=r"publish alder\.example again with `clerk enqueue alder"):
        search({"alder.example": damaged}, "budget")


@pytest.mark.parametrize("bytes_", [b"no database" * 1000, b""], ids=["garbage", "empty"])
def test_the_command_leaves_out_what_cannot_be_read_and_searches_the_others(
    tmp_path: Path, forge: Forge, bytes_: bytes
) -> None:
    for name in ("alder.example", "birch.example"):
        (tmp_path / name).mkdir()
    compile_site(tmp_path / "birch.example/meetings.db", None, generation(), [document("tax")], ())
    (tmp_path / "alder.example/meetings.db").write_bytes(bytes_)
    env = {"PUBLISH_DIR": str(tmp_path)}

    found = forge("search", "tax", env=env, folder=tmp_path)
    nothing = forge("search", "boat", env=env, folder=tmp_path)
    programs = forge("search", "tax", "--json", env=env, folder=tmp_path)
    alone = forge("search", "tax", "--site", "alder.example", "--json", env=env, folder=tmp_path)

    assert (found.code, nothing.code, programs.code, alone.code) == (0, 0, 0, 70)
    assert "birch.example  " in found.stdout
    assert nothing.stdout == "Nothing found in 1 site.\n"
    assert [hit["site"] for hit in json.loads(programs.stdout)] == ["birch.example"]
    assert alone.stdout == ""
    for each in (found, nothing, programs, alone):
        (line,) = each.stderr.splitlines()
        assert line.startswith("alder.example was left out: ")
        assert "`clerk enqueue alder.example`" in line


def test_odd_file_names_are_opened_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "what?mode=rwc#100%.db"
    compile_site(path, None, generation(), [document("budget")], ())

    assert len(search({"x": path}, "budget")) == 1


HOSTILE = st.lists(
    st.sampled_from(
        ['"', "AND", "OR", "NOT", "(", ")", "-", "*", "^", ":", "NEAR(", "{", "budget"]
    ),
    max_size=30,
).map(" ".join) | st.text(st.characters())


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
@example("a\0b")
@example("\ud800")
@example("(" * 3000)
@example("NOT " * 500)
@example("a OR " * 2000)
@example('"' * 999)
def test_no_query_breaks_the_search(town: dict[str, Path], query: str) -> None:
    expression = match_expression(query)
    if expression is not None:
        assert isinstance(search(town, query), list)
        assert len(expression) < 10_000


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(list(PAGES.values())), min_size=1, max_size=1), st.data())
def test_every_word_of_a_page_finds_it(
    town: dict[str, Path], texts: list[str], data: st.DataObject
) -> None:
    word = data.draw(st.sampled_from(texts[0].split()))

    snippets = ["".join(f.text for f in hit.snippet) for hit in search(town, word)]

    assert texts[0] in snippets
