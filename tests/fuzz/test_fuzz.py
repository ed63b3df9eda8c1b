"""A small share of the fuzz run in every test run; `python -m tests.fuzz` does 500."""

from tests.fuzz import samples
from tests.fuzz.mutate import KINDS, mutate
from tests.fuzz.run import PAGE_SECONDS, run


def test_25_mutated_pdfs_end_in_text_or_a_reason(tmp_path):
    report = run(25, tmp_path)

    assert sum(report.outcomes.values()) >= 25
    assert report.slowest < PAGE_SECONDS * 2
    assert report.peak < 600 * 2**20
    assert sorted(path.name for path in tmp_path.iterdir()) in (
        ["mutated.pdf", "page.jpeg"],
        ["mutated.pdf"],
    )


def test_mutations_damage_and_can_be_repeated():
    original = samples.many_pages(5)
    assert [mutate(original, seed) for seed in range(40)] == [
        mutate(original, seed) for seed in range(40)
    ]
    assert sum(mutate(original, seed) != original for seed in range(40)) >= 38
    assert len(KINDS) == 4
