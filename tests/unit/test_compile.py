"""meetings.db as its readers see it: contract columns, full-text search, facts, generations."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk.errors import UnusableBase
from clerk.model import (
    CompiledDocument,
    CompileReport,
    DocumentState,
    GenerationKind,
    Mention,
    Missing,
    Person,
    Span,
)
from clerk.stages.compile import compile_site, fingerprints
from clerk.stages.compile.contract import tally
from tests.documents import (
    AGENDA,
    document,
    generation,
    motion_carried,
    site,
    with_failed_page,
)


def build(
    target: Path,
    *documents: CompiledDocument,
    base: Path | None = None,
    removed: Collection[str] = (),
    number: int = 1,
) -> CompileReport:
    return compile_site(target, base, generation(number), documents, removed)


def ask(database: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(sql, values).fetchall()


def found(database: Path, words: str, table: str = "minutes") -> list[object]:
    """Page texts that match."""
    sql = (
        f"SELECT text FROM {table} WHERE rowid IN"
        f" (SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH ?) ORDER BY text"
    )
    return [text for (text,) in ask(database, sql, words)]


def check_whole(database: Path) -> None:
    """The file is sound, its indexes hold exactly its texts, and every link leads somewhere."""
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in ("minutes", "agendas"):
            # With rank 1 FTS5 compares the index with the content table; raises on any difference.
            db.execute(f"INSERT INTO {table}_fts({table}_fts, rank) VALUES ('integrity-check', 1)")


def content(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row that a reader sees, without the words about the build itself."""
    names = [
        "minutes",
        "agendas",
        "documents",
        "meetings",
        "pages",
        "people",
        "appearances",
        "person_aliases",
        "mentions",
        "attendance",
        "motions",
        "votes",
        "vote_casts",
        "_clerk_missing",
    ]
    return {name: sorted(ask(database, f"SELECT * FROM {name}"), key=repr) for name in names}


def test_an_estimated_day_is_marked_wherever_it_is_published(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    build(target, document("call to order", date_estimated=True))

    assert ask(target, "SELECT date_estimated FROM documents") == [(1,)]
    assert ask(target, "SELECT name, date_estimated FROM meetings") == [
        ("City Council 2024-01-09 (day estimated)", 1)
    ]
    assert ask(target, "SELECT value FROM _clerk WHERE key = 'dates_estimated'") == [(1,)]


def test_a_heading_that_says_another_day_is_told(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    doubtful = document("Minutes of July 9, 2024", heading_date=date(2024, 7, 9))

    build(target, doubtful, document("call to order", name="other"))

    assert ask(target, "SELECT heading_date FROM documents ORDER BY heading_date") == [
        (None,),
        ("2024-07-09",),
    ]
    assert ask(target, "SELECT value FROM _clerk WHERE key = 'dates_doubtful'") == [(1,)]


def test_page_tables_have_the_columns_that_clients_know(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    build(target, document("call to order", "adjourned", extraction=motion_carried()))

    with closing(sqlite3.connect(target)) as db:
        db.row_factory = sqlite3.Row
        first, second = db.execute("SELECT * FROM minutes ORDER BY page").fetchall()
    assert list(first.keys()) == [
        *["id", "meeting", "date", "page", "text", "page_image", "entities_json", "votes_json"]
    ]
    assert (first["meeting"], first["date"], first["page"]) == ("City Council", "2024-01-09", 1)
    assert first["page_image"] == "/city-council/2024-01-09/1.jpeg"
    assert json.loads(first["votes_json"]) == {
        "votes": [
            {
                "motion_by": "Ann Alder",
                "seconded_by": "Bo Birch",
                "result": "passed",
                "tally": {"ayes": 2, "nays": 1, "abstain": 0, "absent": 0},
                "individual_votes": [
                    {"name": "Ann Alder", "vote": "aye"},
                    {"name": "Bo Birch", "vote": "aye"},
                    {"name": "Cy Cedar", "vote": "nay"},
                ],
                "raw_text": "Moved by Alder to approve the budget. Carried 2-1.",
            }
        ]
    }
    persons = json.loads(first["entities_json"])["persons"]
    assert persons[0] == {"text": "Ann Alder", "confidence": 0.9}
    assert json.loads(second["votes_json"]) == {"votes": []}
    assert json.loads(second["entities_json"]) == {"persons": [], "orgs": [], "locations": []}


def test_agendas_go_to_their_own_table(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    report = build(target, document("zoning", kind=AGENDA), document("zoning too"))

    assert found(target, "zoning", "agendas") == ["zoning"]
    assert found(target, "zoning", "minutes") == ["zoning too"]
    assert ask(target, "SELECT page_image FROM agendas") == [
        ("/_agendas/city-council/2024-01-09/1.jpeg",)
    ]
    assert (report.documents, report.pages, report.changed) == (2, 2, 2)
    assert report.size == target.stat().st_size


def test_places_and_organisations_are_listed_on_the_page_that_names_them(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    texts = ["a leak on MAIN\n Street", "the Alder Water District"]

    build(target, document(*texts, extraction=motion_carried()))

    rows = ask(target, "SELECT entities_json FROM minutes ORDER BY page")
    first, second = (json.loads(str(entities)) for (entities,) in rows)
    assert [place["text"] for place in first["locations"]] == ["Main Street"]
    assert first["orgs"] == []
    assert [org["text"] for org in second["orgs"]] == ["Alder Water District"]


def test_a_vote_without_known_tally_is_in_the_tables_only(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    build(target, document("moved and carried", extraction=motion_carried(yes=None)))

    assert ask(target, "SELECT votes_json FROM minutes") == [('{"votes": []}',)]
    assert ask(target, "SELECT result, yes, no FROM votes") == [("passed", None, None)]


def test_tallies_come_from_the_roll_call_or_from_unanimity() -> None:
    vote = motion_carried().motions[0].vote
    assert vote is not None
    spoken = replace(vote, casts=())

    assert tally(replace(vote, yes=None, no=None)) == {
        "ayes": 2,
        "nays": 1,
        "abstain": 0,
        "absent": 0,
    }
    assert tally(replace(spoken, yes=5, no=None)) is None
    absent = (replace(vote.casts[0], option="absent"),)
    not_understood = replace(vote, yes=None, no=0, casts=absent, result="passed", unanimous=False)
    assert tally(not_understood) is None
    unanimous = tally(replace(spoken, yes=5, no=None, unanimous=True))
    assert unanimous == {"ayes": 5, "nays": 0, "abstain": 0, "absent": 0}
    assert tally(replace(spoken, yes=None, no=None, unanimous=True)) is None


def test_every_fact_leads_back_to_its_page(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    build(target, document("first", "second", extraction=motion_carried(page=2)))

    check_whole(target)
    for table in ("mentions", "attendance", "motions", "votes", "vote_casts"):
        rows = ask(
            target,
            f"SELECT DISTINCT m.text, substr(m.text, span_start + 1, span_end - span_start)"
            f" FROM {table} f JOIN minutes m ON m.id = f.page_id",
        )
        assert rows == [("second", "secon")], table
    assert ask(
        target,
        "SELECT p.name, s.name, v.result FROM votes v JOIN motions m ON m.id = v.motion"
        " JOIN people p ON p.id = m.mover JOIN people s ON s.id = m.seconder",
    ) == [("Ann Alder", "Bo Birch", "passed")]


def test_agenda_and_minutes_of_a_day_share_a_meeting_and_a_second_one_is_another(
    tmp_path: Path,
) -> None:
    target = tmp_path / "meetings.db"

    build(
        target,
        document("a", kind=AGENDA, name="agenda"),
        document("b", name="minutes"),
        document("c", name="evening", ordinal=2),
    )

    assert ask(
        target,
        "SELECT m.name, count(*) FROM documents d JOIN meetings m ON m.id = d.meeting_id"
        " GROUP BY m.id ORDER BY m.name",
    ) == [("City Council 2024-01-09", 2), ("City Council 2024-01-09 (2)", 1)]


def test_people_are_one_within_a_body_and_apart_between_bodies(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    shouted = replace(
        motion_carried(),
        people=[Person(name="ANN  ALDER")],
        mentions=[Mention(name="ANN  ALDER", text="ALDER", span=Span(page=1, start=0, end=5))],
        attendance=(),
        motions=(),
    )

    build(
        target,
        document("a", name="a", extraction=motion_carried()),
        document("b", name="b", extraction=motion_carried()),
        document("c", name="c", extraction=shouted),
        document("d", name="d", body="Planning Board", extraction=motion_carried()),
    )

    assert ask(
        target,
        "SELECT p.name, p.body, count(*) FROM people p JOIN appearances a ON a.person = p.id"
        " WHERE p.name LIKE 'ann%' GROUP BY p.id ORDER BY p.body",
    ) == [("Ann Alder", "City Council", 3), ("Ann Alder", "Planning Board", 1)]


def test_the_file_says_what_it_is_and_what_is_missing(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    broken = replace(
        document(name="broken"), state=DocumentState.FAILED, reason="corrupt", pages_total=0
    )
    listed = Missing(
        document="no-date.pdf",
        url="https://a/no-date.pdf",
        page=None,
        reason="undated",
        detail="no date in its path",
    )

    compile_site(
        target,
        None,
        generation(7, kind=GenerationKind.FAST, missing=[listed]),
        [with_failed_page(document("a", "b"), 2, "timeout"), broken],
        (),
    )

    told = dict(ask(target, "SELECT key, value FROM _clerk"))  # type: ignore[arg-type]
    assert (told["site"], told["generation"], told["kind"], told["run"]) == (
        *("alder.example", 7, "fast", "run-7"),
    )
    assert (told["documents"], told["pages"], told["missing"]) == (2, 1, 3)
    assert json.loads(told["missing_reasons"]) == {"corrupt": 1, "timeout": 1, "undated": 1}
    rows = ask(target, "SELECT url, page, reason FROM _clerk_missing ORDER BY reason")
    assert rows == [
        ("https://alder.example/broken.pdf", None, "corrupt"),
        ("https://alder.example/doc.pdf", 2, "timeout"),
        ("https://a/no-date.pdf", None, "undated: no date in its path"),
    ]
    assert ask(target, "SELECT page FROM minutes") == [(1,)]


def test_a_town_without_documents_is_a_valid_empty_database(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"

    report = build(target)

    assert (report.documents, report.pages) == (0, 0)
    assert fingerprints(target) == {}
    check_whole(target)


# -- upon a previous generation -------------------------------------------------------------------


def test_only_what_changed_is_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "1.db", tmp_path / "2.db"
    stays = document("stays", name="stays", extraction=motion_carried())
    goes = document("goes", name="goes", extraction=motion_carried(mover="Di Dogwood"))
    build(old, stays, document("old words", name="revised"), goes)

    report = build(
        new,
        document("new words", "and a page", name="revised", version="2"),
        document("brand new", name="new"),
        base=old,
        removed=[goes.id, "unknown"],
        number=2,
    )

    assert (report.changed, report.removed, report.documents, report.pages) == (2, 1, 3, 4)
    assert found(new, "words") == ["new words"]
    assert found(new, "stays OR brand") == ["brand new", "stays"]
    assert found(new, "goes OR old") == []
    assert ask(new, "SELECT count(*) FROM people WHERE name = 'Di Dogwood'") == [(0,)]
    assert ask(new, "SELECT count(*) FROM votes") == [(1,)]
    assert fingerprints(new) == {
        stays.id: "stays/1",
        document(name="revised").id: "revised/2",
        document(name="new").id: "new/1",
    }
    assert found(old, "words") == ["old words"]
    check_whole(new)


def test_facts_arrive_without_touching_the_full_text_index(tmp_path: Path) -> None:
    fast, full = tmp_path / "fast.db", tmp_path / "full.db"
    build(fast, document("the same text", "another"))

    build(
        full, document("the same text", "another", version="2", extraction=motion_carried()),
        base=fast, number=2,
    )  # fmt: skip

    # Below 137438953473 FTS5 keeps its averages and structure; above, the segments themselves.
    segments = "SELECT id, block FROM minutes_fts_data WHERE id >= 137438953473 ORDER BY id"
    assert ask(full, segments) == ask(fast, segments)
    assert ask(full, "SELECT count(*) FROM votes") == [(1,)]
    assert "Ann Alder" in str(ask(full, "SELECT entities_json FROM minutes WHERE page = 1"))
    check_whole(full)


def test_a_later_fast_generation_keeps_the_facts_of_unchanged_documents(tmp_path: Path) -> None:
    full, fast = tmp_path / "full.db", tmp_path / "fast.db"
    build(full, document("old", name="old", extraction=motion_carried()))

    build(fast, document("new", name="new"), base=full, number=2)

    assert ask(fast, "SELECT document FROM motions") == [(document(name="old").id,)]


NAMES = st.sampled_from(["a", "b", "c"])
WORDS = st.lists(st.sampled_from(["tax", "road", "park", "TAX"]), max_size=3).map(" ".join)
MOVERS = st.sampled_from([None, "Ann Alder", "ANN ALDER", "Eve Elm"])


@st.composite
def revisions(draw: st.DrawFn) -> CompiledDocument:
    mover = draw(MOVERS)
    whole = document(
        *draw(st.lists(WORDS, max_size=3)),
        name=draw(NAMES),
        kind=AGENDA if draw(st.booleans()) else document().kind,
        day=date(2024, 1, draw(st.integers(1, 2))),
        extraction=motion_carried(mover=mover) if mover else None,
    )
    return with_failed_page(whole, 2, "crash") if draw(st.booleans()) else whole


GENERATIONS = st.lists(
    st.tuples(st.lists(revisions(), max_size=3), st.lists(NAMES, max_size=2)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)  # each builds up to five files
@given(GENERATIONS)
def test_any_history_of_generations_ends_as_a_build_from_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    history: Sequence[tuple[list[CompiledDocument], list[str]]],
) -> None:
    folder = tmp_path_factory.mktemp("history")
    base: Path | None = None
    held: dict[str, CompiledDocument] = {}
    for number, (changed, gone) in enumerate(history):
        removed = [document(name=name).id for name in gone]
        target = folder / f"{number}.db"
        build(target, *changed, base=base, removed=removed)
        held = {i: d for i, d in held.items() if i not in removed} | {d.id: d for d in changed}
        base = target
    assert base is not None

    afresh = folder / "afresh.db"
    build(afresh, *held.values())

    assert content(base) == content(afresh)
    for word in ("tax", "road", "park"):
        assert found(base, word) == found(afresh, word)
    check_whole(base)


# -- text from outside ----------------------------------------------------------------------------

ANYTHING = st.text(st.characters(), max_size=40)


@settings(max_examples=50, deadline=None)
@given(text=ANYTHING, name=ANYTHING.filter(lambda name: name.strip() != ""))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    hostile = document(
        f"findable {text}", body=name, title=name, extraction=motion_carried(mover=name)
    )

    build(folder / "1.db", hostile)
    build(folder / "2.db", base=folder / "1.db", removed=[hostile.id])

    (stored,) = found(folder / "1.db", "findable")
    expected = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert stored == f"findable {expected}"
    check_whole(folder / "1.db")
    assert found(folder / "2.db", "findable") == []
    check_whole(folder / "2.db")


@pytest.mark.parametrize(
    "name", ["a/b", "x" * 300, "quote\"s and 's", "two\nlines", "\u202egnidrocer", "\0", "💡"]
)
def test_hostile_names_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    target = tmp_path / "meetings.db"

    build(target, document("x", body=name, extraction=motion_carried(mover=name)))

    assert ask(target, "SELECT meeting FROM minutes") == [(name.replace("\0", "\ufffd"),)]
    check_whole(target)


# -- bases that cannot be built upon --------------------------------------------------------------


def no_file(path: Path) -> None:
    path.unlink()


def not_a_database(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7 this is no database" * 500)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8192])


def other_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 999")


def other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE minutes (id TEXT)")


def lost_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE votes")


def overwritten_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:-8192] = b"\xff" * (len(data) - 2 * 8192)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "spoil",
    [
        no_file,
        not_a_database,
        cut_short,
        other_schema,
        other_program,
        lost_table,
        overwritten_middle,
    ],
)
def test_a_spoilt_base_is_told_apart_so_that_the_caller_builds_from_nothing(
    tmp_path: Path, spoil: object
) -> None:
    base, target = tmp_path / "base.db", tmp_path / "meetings.db"
    build(base, document("one two three"))
    target.write_text("yesterday")
    spoil(base)  # type: ignore[operator]

    with pytest.raises(UnusableBase, match="compile from nothing"):
        build(target, document("four", version="2"), base=base)

    assert target.read_text() == "yesterday"
    assert [p.name for p in tmp_path.iterdir() if p.name not in {"base.db", "meetings.db"}] == []


def test_another_towns_base_is_refused(tmp_path: Path) -> None:
    base = tmp_path / "base.db"
    build(base, document("one"))

    with pytest.raises(UnusableBase, match=r"oak\.example"):
        compile_site(tmp_path / "2.db", base, generation(of=site("oak.example")), [], ())


def test_an_error_while_documents_stream_in_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "meetings.db"
    target.write_text("yesterday")

    def interrupted() -> Iterator[CompiledDocument]:
        yield document("one")
        raise ConnectionError("the database went away")

    def compile_it(documents: Iterable[CompiledDocument]) -> None:
        compile_site(target, None, generation(), documents, ())

    with pytest.raises(ConnectionError):
        compile_it(interrupted())

    assert [p.name for p in tmp_path.iterdir()] == ["meetings.db"]
    assert target.read_text() == "yesterday"


def test_the_finished_file_stands_alone(tmp_path: Path) -> None:
    """No journal or temporary file beside it, and readable from a read-only mount."""
    target = tmp_path / "meetings.db"

    build(target, document("one"))

    assert [p.name for p in tmp_path.iterdir()] == ["meetings.db"]
    with closing(sqlite3.connect(f"{target.as_uri()}?immutable=1", uri=True)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
