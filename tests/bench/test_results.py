"""bench/results.json has the form that its readers expect."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.results import RESULTS, Figure, median_of, ratio_of, write_results

RESPOND = {
    "hello_cpu_ms",
    "get_page_hellos",
    "completed_response_hellos_sqlite",
    "completed_response_hellos_postgresql",
    "completed_per_s",
    "completed_p99_ms",
    "first_page_bytes",
    "first_page_requests",
    "worker_rss_mb",
    "hello_per_s",
    "get_page_per_s",
}


def test_the_kept_results_have_the_form() -> None:
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert set(figures) >= RESPOND
    for key, figure in figures.items():
        assert set(figure) == {"value", "unit", "reference", "n", "note"}, key
        assert math.isfinite(figure["value"]), key
        assert figure["value"] >= 0, key
        assert figure["unit"], key
        assert figure["note"], key
        assert figure["n"] >= 1, key
        if figure["unit"] == "hellos":
            assert figure["n"] >= 5, key
            assert figure["reference"] == figures["hello_cpu_ms"]["value"], key


def test_a_ratio_is_taken_within_each_run() -> None:
    # The machine was three times slower in the second run: for both.
    figure = ratio_of([10, 60, 20], [1, 3, 1], "hellos", "note")
    assert figure == Figure(20, "hellos", 1, 3, "note")


def test_figures_of_other_groups_stay(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results({"one": median_of([1], "s", "first"), "two": median_of([2], "s", "")}, path)
    write_results({"one": median_of([3, 5, 4], "s", "second")}, path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["one"] == {"value": 4, "unit": "s", "reference": None, "n": 3, "note": "second"}
    assert kept["two"]["value"] == 2


@pytest.mark.parametrize("arguments", [["only=nowhere"], ["size=huge"], ["faster"]])
def test_an_argument_that_is_not_understood_is_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("bench: ")
