"""Three rounds of `make chaos` in every test run."""

import pytest

from tests.chaos.rounds import play
from tests.servers import folder

pytestmark = [pytest.mark.flow, pytest.mark.timeout(420)]


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_every_page_is_read_and_published_exactly_once_whatever_is_killed(seed: int) -> None:
    with folder() as place:
        report = play(place, seed)
    assert not report.wrong, report.row()
