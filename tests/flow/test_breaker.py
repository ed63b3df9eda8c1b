"""A web server or a share that is away for a while: what needs it waits, and none is given up."""

from sqlalchemy import text

from clerk.adapters.locks import file_lock
from tests import papers
from tests.nodes import Workers
from tests.servers import eventually
from tests.shell import Shell
from tests.town import Town
from tests.webserver import Reply, WebServer, html

SETTINGS = {
    "fetching": {"allow_private": True},
    "retry": {"attempts": 3, "base": "1s", "factor": 1},
    "circuit_breaker": {"min_samples": 4, "cooldown_period": "3s"},
}
DOCUMENTS = 8


def test_an_open_breaker_defers_documents_and_fails_none(
    workers: Workers, shell: Shell, web: WebServer
):
    names = [f"/2024-03-{day:02d}-minutes.pdf" for day in range(1, DOCUMENTS + 1)]
    for name in names:
        web.put(name, Reply(status=503))
    web.put("/", html("".join(f'<li><a href="{n}">{n[1:11]} Minutes</a></li>' for n in names)))
    town = Town(workers, shell, workers.folder / "unused", web.url("/"), "listing").add()

    town.enqueue()

    assert eventually(lambda: "breaker open" in waiting_for(town), 20), waiting_for(town)
    for number, name in enumerate(names):
        web.put(name, Reply(body=papers.born_digital(f"Decision {number} was made.")))
    run = town.read()
    assert (run["state"], run["report"]["documents"]["failed"]) == ("done", 0)
    assert town.texts() == [f"Decision {number} was made." for number in range(DOCUMENTS)]


def test_a_share_that_is_not_mounted_for_a_while_loses_no_page(town: Town, workers: Workers):
    town.put("Board/2024-01-09 minutes.pdf", papers.scanned("Owls were\nheard at night."))
    town.read()
    mount = workers.settings.storage_dir
    share = mount.with_name("share")
    mount.rename(share)
    mount.mkdir()

    town.shell("reread", town.name, "--below", "100", "--yes")

    assert eventually(lambda: "storage fault" in errors(town), 20), errors(town)
    mount.rmdir()  # nothing was put below the mount
    share.rename(mount)
    run = town.read()
    assert (run["state"], run["report"]["pages"]) == ("done", {"ocr": 1, "failed": 0})
    assert town.texts() == ["Owls were\nheard at night."]


def test_a_source_that_is_not_there_is_named_at_once_and_forgotten_when_it_is(town: Town):
    town.put("Board/2024-01-09 minutes.pdf", papers.born_digital("Owls were heard at night."))
    elsewhere = town.folder.rename(town.folder.with_name("elsewhere"))

    town.enqueue()

    assert eventually(lambda: "no such folder" in reason(town), 20), reason(town)
    assert reason(town).startswith("the source cannot be read yet: ")
    elsewhere.rename(town.folder)
    assert eventually(lambda: reason(town) == "", 20), reason(town)
    assert town.read()["state"] == "done"


def test_a_place_of_readers_that_is_blocked_is_told_from_the_first_attempt_on(town: Town):
    town.put("Board/2024-01-09 minutes.pdf", papers.born_digital("Owls were heard at night."))
    public = town.published.parent
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_text("in the way")  # not even root makes a folder here

    town.enqueue()

    assert eventually(lambda: "publishing waits: " in reason(town), 20), reason(town)
    assert str(public) in reason(town)
    public.unlink()
    assert town.read()["state"] == "done"
    assert town.texts() == ["Owls were heard at night."]


def test_a_storage_that_takes_no_generation_is_told_from_the_first_attempt_on(town: Town):
    town.put("Board/2024-01-09 minutes.pdf", papers.born_digital("Owls were heard at night."))
    built = town.workers.settings.storage_dir / town.name / "generations"
    built.parent.mkdir(parents=True, exist_ok=True)
    built.write_text("in the way")

    town.enqueue()

    assert eventually(lambda: "publishing waits: " in reason(town), 20), reason(town)
    assert str(built) in reason(town)
    built.unlink()
    assert town.read()["state"] == "done"


def test_a_place_of_readers_that_somebody_else_holds_is_told_within_seconds(town: Town):
    town.put("Board/2024-01-09 minutes.pdf", papers.born_digital("Owls were heard at night."))

    with file_lock(town.published.parent / ".lock"):
        town.enqueue()
        assert eventually(lambda: "another process has held" in reason(town), 20), reason(town)
        said = town.shell("diagnose", expect=1).stdout
    assert f"publishing waits: another process has held {town.published.parent}" in said
    assert town.read()["state"] == "done"


def reason(town: Town) -> str:
    """Of the newest run, in flight or ended."""
    return str(town.status()["run"]["reason"])


def errors(town: Town) -> set[str]:
    with town.rows() as connection:
        found = text("SELECT i.error FROM items i JOIN runs r ON r.id = i.run WHERE r.site = :site")
        return set(connection.execute(found, {"site": town.name}).scalars())


def waiting_for(town: Town) -> set[str]:
    with town.rows() as connection:
        found = text("""
            SELECT i.error FROM items i JOIN runs r ON r.id = i.run
            WHERE r.site = :site AND i.stage = 'fetch' AND i.not_before > now()
        """)
        return set(connection.execute(found, {"site": town.name}).scalars())
