"""What every Deployer promises: readers see one whole generation, and never go back by accident."""

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clerk.adapters.deploy_local import LocalDeployer
from clerk.errors import InvalidInput
from clerk.ports import Deployer
from tests.documents import site

SITE = site()


@pytest.fixture
def deployer(tmp_path: Path) -> Deployer:
    return LocalDeployer(publish_dir=tmp_path / "public", keep=2)


def database(folder: Path, generation: int) -> Path:
    path = folder / f"built-{generation}.db"
    path.write_text(f"generation {generation}")
    return path


def seen(deployer: Deployer) -> str | None:
    """What a reader finds where `served` says it is."""
    served = deployer.served(SITE)
    return Path(served.location).read_text() if served else None


def generation_served(deployer: Deployer) -> int | None:
    served = deployer.served(SITE)
    return served.generation if served else None


def test_nothing_is_served_before_the_first_deploy(deployer: Deployer) -> None:
    assert deployer.served(SITE) is None


def test_a_newer_generation_replaces(deployer: Deployer, tmp_path: Path) -> None:
    first = deployer.deploy(SITE, database(tmp_path, 1), 1)
    second = deployer.deploy(SITE, database(tmp_path, 2), 2)

    assert (first.generation, first.replaced) == (1, None)
    assert (second.generation, second.replaced) == (2, 1)
    assert seen(deployer) == "generation 2"


@pytest.mark.parametrize("late", [1, 2])
def test_a_late_or_second_delivery_is_left_aside(
    deployer: Deployer, tmp_path: Path, late: int
) -> None:
    deployer.deploy(SITE, database(tmp_path, 2), 2)

    answer = deployer.deploy(SITE, database(tmp_path, late), late)

    assert (answer.generation, answer.replaced) == (2, None)
    assert seen(deployer) == "generation 2"


def test_rolling_back_serves_the_one_before_and_says_so(deployer: Deployer, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        deployer.deploy(SITE, database(tmp_path, number), number)

    answer = deployer.rollback(SITE)

    assert (answer.generation, answer.replaced) == (2, 3)
    assert (generation_served(deployer), seen(deployer)) == (2, "generation 2")


def test_what_was_rolled_back_never_returns_and_a_newer_one_deploys(
    deployer: Deployer, tmp_path: Path
) -> None:
    for number in (1, 2):
        deployer.deploy(SITE, database(tmp_path, number), number)
    deployer.rollback(SITE)

    redelivered = deployer.deploy(SITE, database(tmp_path, 2), 2)
    assert (redelivered.generation, seen(deployer)) == (1, "generation 1")

    newer = deployer.deploy(SITE, database(tmp_path, 3), 3)
    assert (newer.generation, newer.replaced) == (3, 1)
    assert deployer.rollback(SITE).generation == 1


def test_rolling_back_without_an_earlier_generation_is_refused(
    deployer: Deployer, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="no earlier generation"):
        deployer.rollback(SITE)
    deployer.deploy(SITE, database(tmp_path, 1), 1)
    with pytest.raises(InvalidInput, match="no earlier generation"):
        deployer.rollback(SITE)

    assert seen(deployer) == "generation 1"


def test_as_many_earlier_generations_are_kept_as_asked(deployer: Deployer, tmp_path: Path) -> None:
    for number in range(1, 6):
        deployer.deploy(SITE, database(tmp_path, number), number)

    assert deployer.rollback(SITE).generation == 4
    assert deployer.rollback(SITE).generation == 3
    with pytest.raises(InvalidInput):
        deployer.rollback(SITE)


def test_a_name_that_could_lead_elsewhere_is_refused(deployer: Deployer, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        deployer.deploy(site("../elsewhere"), database(tmp_path, 1), 1)


# -- the local deployer's own promises ------------------------------------------------------------


def test_a_deploy_killed_before_the_swap_is_finished_by_the_next_delivery(tmp_path: Path) -> None:
    deployer = LocalDeployer(publish_dir=tmp_path, keep=2)
    deployer.deploy(SITE, database(tmp_path, 1), 1)
    kept = tmp_path / SITE.subdomain / "generations" / "00000002.db"
    os.link(database(tmp_path, 2), kept)

    deployer.deploy(SITE, database(tmp_path, 2), 2)

    assert seen(deployer) == "generation 2"


def test_a_rollback_killed_before_the_swap_can_be_repeated(tmp_path: Path) -> None:
    deployer = LocalDeployer(publish_dir=tmp_path, keep=2)
    for number in (1, 2):
        deployer.deploy(SITE, database(tmp_path, number), number)
    (tmp_path / SITE.subdomain / "generations" / "00000002.withdrawn").touch()

    assert generation_served(deployer) == 2
    assert deployer.rollback(SITE).generation == 1


def test_a_reader_keeps_the_file_it_opened(tmp_path: Path) -> None:
    deployer = LocalDeployer(publish_dir=tmp_path, keep=1)
    first = deployer.deploy(SITE, database(tmp_path, 1), 1)

    with Path(first.location).open() as reader:
        for number in (2, 3, 4):
            deployer.deploy(SITE, database(tmp_path, number), number)

        assert reader.read() == "generation 1"


def test_published_files_can_be_read_by_the_web_server(tmp_path: Path) -> None:
    deployer = LocalDeployer(publish_dir=tmp_path, keep=1)
    built = database(tmp_path, 1)
    built.chmod(0o600)

    served = deployer.deploy(SITE, built, 1)

    assert Path(served.location).stat().st_mode & 0o777 == 0o644


def _deploy(folder: Path, generation: int) -> None:
    deployer = LocalDeployer(publish_dir=folder / "public", keep=3)
    deployer.deploy(SITE, database(folder, generation), generation)


def test_deploys_at_one_time_end_with_the_newest(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    numbers = [3, 1, 4, 2]
    workers = [spawn.Process(target=_deploy, args=(tmp_path, number)) for number in numbers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert seen(LocalDeployer(publish_dir=tmp_path / "public", keep=3)) == "generation 4"


class Publishing(RuleBasedStateMachine):
    """Any sequence of deliveries and rollbacks against a model of what readers should see."""

    folder: Path
    keep = 2

    def __init__(self) -> None:
        super().__init__()
        number = next(_machines)
        self.root = self.folder / str(number)
        self.root.mkdir()
        self.deployer = LocalDeployer(publish_dir=self.root / "public", keep=self.keep)
        self.shelf: list[int] = []
        self.newest = 0

    @rule(number=st.integers(1, 8))
    def deploy(self, number: int) -> None:
        self.deployer.deploy(SITE, database(self.root, number), number)
        if number > self.newest:
            self.newest = number
            self.shelf = [*self.shelf, number][-self.keep - 1 :]

    @precondition(lambda self: len(self.shelf) > 1)
    @rule()
    def rollback(self) -> None:
        assert self.deployer.rollback(SITE).replaced == self.shelf.pop()

    @precondition(lambda self: len(self.shelf) == 1)
    @rule()
    def rollback_too_far(self) -> None:
        with pytest.raises(InvalidInput):
            self.deployer.rollback(SITE)

    @invariant()
    def readers_see_what_is_told(self) -> None:
        expected = self.shelf[-1] if self.shelf else None
        assert generation_served(self.deployer) == expected
        assert seen(self.deployer) == (f"generation {expected}" if expected else None)


_machines = iter(range(1_000_000))


def test_any_sequence_of_deploys_and_rollbacks(tmp_path: Path) -> None:
    class Here(Publishing):
        folder = tmp_path

    case = Here.TestCase()
    Here.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
    case.runTest()


def test_the_newest_number_counts_what_was_rolled_back(deployer: Deployer, tmp_path: Path) -> None:
    assert deployer.newest(SITE) == 0
    for number in (1, 2):
        deployer.deploy(SITE, database(tmp_path, number), number)
    deployer.rollback(SITE)

    assert (generation_served(deployer), deployer.newest(SITE)) == (1, 2)


def test_what_is_withdrawn_is_gone_and_the_numbers_begin_anew(
    deployer: Deployer, tmp_path: Path
) -> None:
    for number in (1, 2):
        deployer.deploy(SITE, database(tmp_path, number), number)

    served = deployer.served(SITE)
    assert served is not None
    picture = Path(served.location).parent / "city-council" / "2024-03-05" / "1.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")

    assert deployer.withdraw(SITE.subdomain)

    assert not picture.exists()
    assert (deployer.served(SITE), deployer.newest(SITE)) == (None, 0)
    assert not deployer.withdraw(SITE.subdomain)
    assert deployer.deploy(SITE, database(tmp_path, 1), 1).generation == 1
