"""Whose votes they are: meetings of one day are told apart, and versions of minutes count once."""

from tests import papers
from tests.town import Town

SAID = "Moved by Alder, seconded by {} to approve the {}. Motion carried 2-1"


def votes_by_meeting(town: Town):
    return town.query(
        "SELECT m.name, o.raw_text FROM votes v JOIN motions o ON o.id = v.motion"
        " JOIN documents d ON d.id = v.document JOIN meetings m ON m.id = d.meeting_id"
        " ORDER BY m.name, o.raw_text"
    )


def test_a_special_and_a_regular_meeting_of_one_day_are_not_mixed(town: Town):
    town.put("Council/2024-03-05 Special Meeting Minutes.pdf", minutes("Birch", "budget"))
    town.put("Council/2024-03-05 Regular Meeting Agenda.pdf", papers.born_digital("1. The bridge"))
    town.put("Council/2024-03-06 a.pdf", minutes("Cedar", "ferry", heading="SPECIAL MEETING"))
    town.put("Council/2024-03-06 b agenda.pdf", papers.born_digital("REGULAR MEETING\n1. Boats"))

    run = town.read()
    assert run["state"] == "done", run

    assert votes_by_meeting(town) == [
        ("Council 2024-03-05, special meeting", SAID.format("Birch", "budget")),
        ("Council 2024-03-06, special meeting", SAID.format("Cedar", "ferry")),
    ]
    assert len(town.query("SELECT id FROM meetings")) == 4


def test_a_heading_that_says_another_day_than_the_name_is_told(town: Town):
    town.put("Council/2024-06-11 Minutes.pdf", papers.born_digital("COUNCIL\nJuly 9, 2024"))
    town.put("Council/2024-06-25 Minutes.pdf", papers.born_digital("COUNCIL\nJune 25, 2024"))

    town.read()

    assert town.query("SELECT date, heading_date FROM documents ORDER BY date") == [
        ("2024-06-11", "2024-07-09"),
        ("2024-06-25", None),
    ]


def test_votes_count_once_where_a_draft_was_approved_and_a_file_renamed(town: Town):
    town.put("Council/2024-03-05-DRAFT.pdf", minutes("Birch", "buget"))
    town.read()
    assert votes_by_meeting(town) == [("Council 2024-03-05", SAID.format("Birch", "buget"))]
    (known,) = town.query("SELECT id FROM meetings")

    town.put("Council/2024-03-05-approved.pdf", minutes("Birch", "budget"))
    town.read()
    assert superseded(town) == [("2024-03-05-DRAFT", "2024-03-05-approved")]

    (town.folder / "Council/2024-03-05-approved.pdf").rename(
        town.folder / "Council/03-05-2024 Minutes (approved).pdf"
    )
    town.read()

    assert votes_by_meeting(town) == [("Council 2024-03-05", SAID.format("Birch", "budget"))]
    listed = town.query("SELECT votes_json FROM minutes WHERE votes_json LIKE '%Moved%'")
    assert len(listed) == 1
    assert [known] == town.query("SELECT id FROM meetings")
    assert superseded(town) == [
        ("2024-03-05-approved", "03-05-2024 Minutes (approved)"),
        ("2024-03-05-DRAFT", "03-05-2024 Minutes (approved)"),
    ]
    (hit,) = town.shell.json("search", "buget", "--site", town.name)
    assert hit["url"].endswith("DRAFT.pdf"), "a draft is searchable as before"


def test_mistakes_of_the_town_cost_no_votes_and_double_none_once_mended(town: Town):
    town.put("Council/2024-03-05 Minutes.pdf", minutes("Birch", "budget"))
    town.put(
        "Council/2024-03-05 Minutes correction.pdf",
        papers.born_digital("ERRATA\nOn page 3 the name of the street is Elm Street."),
    )
    town.put("Council/2024-04-02 Minutes.pdf", minutes("Elder", "brige"))
    town.read()
    budget = ("Council 2024-03-05", SAID.format("Birch", "budget"))
    assert budget in votes_by_meeting(town), "an errata sheet has none of its own"

    town.put("Council/2024-03-19 Minutes wrong.pdf", minutes("Birch", "budget"))
    town.read()
    assert votes_by_meeting(town).count(budget) == 1

    (town.folder / "Council/2024-03-05 Minutes.pdf").unlink()
    town.read()
    assert budget not in votes_by_meeting(town), "they count where they are listed"

    town.put("Council/2024-03-05 Minutes.pdf", minutes("Birch", "budget"))
    (town.folder / "Council/2024-03-19 Minutes wrong.pdf").unlink()
    town.put("Council/2024-03-19 Minutes.pdf", minutes("Cedar", "ferry"))
    (town.folder / "Council/2024-04-02 Minutes.pdf").unlink()
    town.put("Council/04-02-2024 Minutes.pdf", minutes("Elder", "bridge"))
    town.read()

    assert votes_by_meeting(town) == [
        budget,
        ("Council 2024-03-19 (2)", SAID.format("Cedar", "ferry")),
        ("Council 2024-04-02", SAID.format("Elder", "bridge")),
    ]


def superseded(town: Town):
    return town.query(
        "SELECT d.title, o.title FROM documents d JOIN documents o ON o.id = d.superseded_by"
        " ORDER BY d.title DESC"
    )


def minutes(seconder: str, matter: str, heading: str = "MINUTES") -> bytes:
    return papers.born_digital(f"{heading}\n{SAID.format(seconder, matter)}")
