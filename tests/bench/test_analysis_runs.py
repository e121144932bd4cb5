"""The timed runs of the analysis do on few rows what they are timed for on many."""

from pathlib import Path

import pytest

from analysis.content import hash_months
from analysis.facts import find_facts
from bench.analysis_facts import QUESTIONS, label_of, make_book, write_ratings
from bench.analysis_runs import group_by, infer, score

UNITS, MONTHS, ROWS = 3, 2, 2000 * QUESTIONS


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts")
    write_ratings(folder, ROWS, MONTHS, UNITS)
    return folder


def test_the_facts_are_those_of_the_product_and_as_many_as_asked_for(place: Path) -> None:
    found = find_facts(place)
    assert found.months == [label_of(0), label_of(1)] == ["2024-01", "2024-02"]
    files = found.files("ratings", found.months)
    assert sum(file.rows for file in files) == ROWS
    assert files[0].statistics.constants["scale_high"] == 10


def test_the_same_facts_are_written_every_time(place: Path, tmp_path: Path) -> None:
    write_ratings(tmp_path, ROWS, MONTHS, UNITS)
    digests = []
    for found in (find_facts(place), find_facts(tmp_path)):
        files = found.files("ratings", found.months)
        contents = hash_months(found, files, tmp_path / "hashes.json")
        digests.append([content.digest for content in contents.values()])
    assert digests[0] == digests[1]


def test_a_run_scores_every_cell_and_the_group_by_counts_the_same_answers(place: Path) -> None:
    done = score(place, str(UNITS), str(MONTHS))
    assert done["rows"] == QUESTIONS * UNITS * MONTHS
    counted = group_by(place, str(MONTHS))
    # Eleven values and two codes in every cell.
    assert counted["rows"] == done["rows"] * 13


def test_inference_alone_gives_as_many_rows() -> None:
    assert infer(Path(), "3", "2")["rows"] == QUESTIONS * 3 * 2


def test_the_cells_lie_on_both_sides_of_their_targets(place: Path) -> None:
    book = make_book(UNITS)
    assert len(book.kpis) == QUESTIONS
    assert {kpi.statistic for kpi in book.kpis} == {"mean", "top_box", "net_score"}
