"""Votes of counted answers, by hand, and that neither order nor company changes them."""

import numpy as np
import pyarrow as pa
import pytest

from analysis.ballots import SUMS, ballot_of, ballots_of, count_votes
from analysis.wanted import Wanted
from tests.analysis.building import book, kpi

TOP = kpi(id="top", statistic="top_box", cut=8, score={"worst": 0, "best": 1})
NET = kpi(id="net", statistic="net_score", score={"worst": -100, "best": 100})


def tally(rows, scorebook):
    """Counted answers; each row is what differs from an answer of 8 to question 1."""
    usual = {
        "questionnaire": "feedback", "question": "q1", "unit": "berne", "representative": "",
        "version": 1, "series": 1, "scale_low": 0.0, "scale_high": 10.0, "value": 8.0,
        "missing": None, "month": "2026-07", "count": 1,
    }  # fmt: skip
    filled = [usual | row for row in rows]
    filled = [row | ({"value": None} if row["missing"] else {}) for row in filled]
    return pa.Table.from_pylist(filled, pa.schema(Wanted.of("ratings", scorebook).types))


def votes(rows, *entries):
    scorebook = book(*entries)
    return count_votes(scorebook, tally(rows, scorebook)).to_pylist()


def test_each_statistic_has_its_votes():
    rows = [
        {"value": 10.0, "count": 2},
        {"value": 8.0},
        {"value": 6.0, "count": 3},
        {"missing": "refused", "count": 4},
        {"missing": "not_shown", "count": 5},
    ]
    found = {row["ballot"]: row for row in votes(rows, kpi(), TOP, NET)}
    by_kpi = {
        one.statistic: found[at]
        for at, one in enumerate(ballots_of(book(kpi(), TOP, NET)).values())
    }
    # 2 x 10 + 8 + 3 x 6 = 46, 200 + 64 + 108 = 372; three of six are 8 or more; 2 - 3 = -1.
    sums = {"mean": (46, 372), "top_box": (3, 3), "net_score": (-1, 5)}
    for statistic, expected in sums.items():
        row = by_kpi[statistic]
        assert (row["votes"], row["squares"]) == expected
        assert (row["n"], row["inverse"], row["valued"], row["shown"]) == (6, 6, 6, 10)
        assert [row[name] for name in SUMS[-4:]] == [0, 0, 10, 10]


def test_missing_codes_that_belong_to_the_denominator_vote_nothing():
    rows = [{"count": 3}, {"missing": "refused", "count": 2}, {"missing": "skipped"}]
    (row,) = votes(rows, kpi(**{**TOP, "in_denominator": ["refused"]}))
    assert (row["n"], row["votes"], row["shown"], row["valued"]) == (5, 3, 6, 3)


def test_months_places_and_series_stay_apart_and_versions_do_not():
    rows = [
        {"version": 1},
        {"version": 2},
        {"month": "2026-08"},
        {"unit": "basle"},
        {"representative": "ada"},
        {"series": 2, "version": 3},
    ]
    found = votes(rows, kpi())
    assert sorted(row["n"] for row in found) == [1, 1, 1, 1, 2]


def test_only_the_versions_that_a_kpi_names_vote():
    source = {"questionnaire": "feedback", "question": "q1", "versions": [2]}
    (row,) = votes([{"version": 1}, {"version": 2, "value": 5.0}], kpi(source=source))
    assert (row["n"], row["votes"]) == (1, 5)


def test_kpis_that_differ_in_what_is_made_of_the_votes_share_them():
    other = kpi(id="other", weight=3, score={"worst": 2, "best": 9}, interval="quasi_binomial")
    assert len(ballots_of(book(kpi(), other))) == 1
    assert len(votes([{}], kpi(), other)) == 1
    lower = kpi(**{**TOP, "id": "lower", "cut": 7})
    assert len(ballots_of(book(TOP, lower))) == 2


def test_a_combination_of_dimensions_is_kept_for_margins_only():
    margins = [{"dimension": "size", "shares": {"big": 0.5, "small": 0.5}}]
    weighted = kpi(id="weighted", margins=margins)
    rows = [{"dim_size": "big"}, {"dim_size": "small", "value": 2.0}]
    found = votes(rows, kpi(), weighted)
    own = ballot_of(book(weighted).kpis[0])
    number = list(ballots_of(book(kpi(), weighted))).index(own)
    assert {(row["dim_size"], row["votes"]) for row in found if row["ballot"] == number} == {
        ("big", 8),
        ("small", 2),
    }
    assert [(row["dim_size"], row["votes"]) for row in found if row["ballot"] != number] == [
        (None, 10)
    ]


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.3, 0.7], [1.0, 2.0, 4096.0, 1e-9], [1e15, 1.0]])
def test_the_order_of_the_answers_changes_no_digit(values):
    random = np.random.default_rng(5)
    rows = [
        {"value": value, "unit": unit, "count": int(random.integers(1, 10**6)), "scale_high": 1e16}
        for value in values
        for unit in ("berne", "basle")
    ] * 3
    expected = votes(rows, kpi())
    for _ in range(10):
        random.shuffle(rows)
        assert votes(rows, kpi()) == expected


def test_answers_sorted_by_what_only_another_kpi_asks_add_up_to_the_same_digits():
    margins = [{"dimension": "size", "shares": {"a": 0.5, "b": 0.5}}]
    random = np.random.default_rng(6)
    rows = [
        {"value": value, "dim_size": size, "count": int(random.integers(1, 10**6))}
        for value in (0.1, 0.2, 0.7)
        for size in ("a", "b", "c", "d")
    ]
    entries = kpi(), kpi(id="weighted", margins=margins)
    expected = votes(rows, *entries)
    for _ in range(20):
        random.shuffle(rows)
        assert votes(rows, *entries) == expected


def test_nobody_has_no_votes_and_all_columns():
    scorebook = book(kpi())
    found = count_votes(scorebook, tally([], scorebook))
    assert found.num_rows == 0
    assert found.column_names == ["ballot", "month", "unit", "representative", "series", *SUMS]
