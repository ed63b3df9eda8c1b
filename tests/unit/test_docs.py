"""The documentation keeps up with the code: every command, setting, link, test and dependency."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from clerk import docs, settings
from clerk.cli import COMMANDS

TOP = Path(__file__).parent.parent.parent
PAGES = sorted([*(TOP / "docs").glob("*.md"), TOP / "README.md"])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def _name(page: Path) -> str:
    return page.name


def _promised() -> list[tuple[str, str]]:
    """(file, test) as docs/requirements.md names them; `…` is the file named before."""
    found, file = [], ""
    page = (TOP / "docs" / "requirements.md").read_text()
    for match in re.finditer(r"`(…|[\w/]+\.py)(?:::(\w+))?`", page):
        file = file if match[1] == "…" else match[1]
        found.append((file, match[2] or ""))
    return found


def test_every_test_that_shows_a_requirement_is_there():
    promised = _promised()
    assert len(promised) > 50
    for file, test in promised:
        place = TOP / file if file.startswith("tests/") else TOP / "tests" / file
        assert place.is_file(), file
        assert not test or f"def {test}(" in place.read_text(), f"{file}::{test}"


@pytest.mark.parametrize("name", docs.PAGES)
def test_generated_tables_are_current(name):
    page = (TOP / "docs" / name).read_text()
    assert docs.current(page) == page, "run `python -m clerk.docs`"


def test_every_generated_table_is_on_a_page():
    pages = "".join((TOP / "docs" / name).read_text() for name in docs.PAGES)
    for block in docs.BLOCKS:
        assert f"<!-- generated: {block} -->\n" in pages


def test_a_table_that_is_not_current_is_written_again(tmp_path):
    for name in docs.PAGES:
        stale = "By hand.\n<!-- generated: exit-codes -->\nyesterday\n<!-- end -->\nBy hand too.\n"
        (tmp_path / name).write_text(stale)
    docs.main(tmp_path)
    written = (tmp_path / "cli.md").read_text()
    assert "yesterday" not in written
    assert "BrokerDown" in written
    assert written.startswith("By hand.\n")
    assert written.endswith("By hand too.\n")


def test_every_command_is_documented_with_its_options():
    page = docs.commands()
    for name in COMMANDS:
        assert f"`clerk {name}" in page
    enqueue = page.partition("`clerk enqueue`")[2].partition("###")[0]
    for option in ("--priority", "--ocr-backend", "--all-years", "--force", "--wait", "--json"):
        assert option in enqueue


def test_every_setting_is_documented_with_all_its_names_and_a_meaning():
    rows = [line for line in docs.setting_tables().splitlines() if line.startswith("| `")]
    documented = {line.split("`")[1]: line for line in rows}
    names = settings.environment_names()
    assert set(documented) == set(names.values())
    for name, path in names.items():
        assert f"`{name}`" in documented[path]
    for path, line in documented.items():
        assert line.split(" | ")[-1].strip(" |"), f"{path} needs a docstring in settings.py"


def test_every_direct_dependency_has_its_reason():
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {Requirement(line).name for lines in lists for line in lines} - {"clerk"}
    page = (TOP / "docs" / "decisions.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9_-]+)(?:\[[a-z,]+\])? \|.*?\| ?([^|]+) \|$", page, re.MULTILINE)
    rows += re.findall(r"^\| ([a-z0-9_-]+)(?:\[[a-z,]+\])? \| ([^|]+) \|$", page, re.MULTILINE)
    given = {name for name, reason in rows if reason.strip()} - {"package"}
    assert given == wanted


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    for target in _LINK.findall(_CODE.sub("", page.read_text())):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in _anchors(there), target


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_page_is_reached_from_the_index():
    index = (TOP / "docs" / "index.md").read_text()
    for page in (TOP / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_page_names_somebodys_machine(page):
    text = page.read_text()
    assert not re.search(r"/(work|tmp|root|home|Users|opt)/", text)
    assert str(Path.home()) not in text
    assert "localhost:8080" not in text
