"""Three rounds of `make chaos` in every test run."""

import pytest

from tests.chaos.rounds import RECOVERY, play
from tests.servers import folder

pytestmark = [pytest.mark.flow, pytest.mark.timeout(420)]


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_every_page_is_read_and_published_exactly_once_whatever_is_killed(seed: int) -> None:
    with folder() as place:
        # `make chaos` has the machine for itself; here other files of tests run beside it.
        report = play(place, seed, recovery=3 * RECOVERY)
    assert not report.wrong, report.row()
