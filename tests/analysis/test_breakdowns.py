"""KPIs broken down by a dimension, and what is not changed by it."""

import io

import pyarrow as pa
import pytest

from analysis import breakdowns
from analysis.export import write_csv
from analysis.facts import COLUMNS, FactsError
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import (
    AFTER,
    DEFAULTS,
    MONTH,
    answers,
    book,
    figure_kpi,
    kpi,
    target,
    write_facts,
    write_table,
)

JULY = Period.parse("2026-07")
DIMENSIONS = ("dim_product", "dim_region")


def sorted_answers(values, region, product="", **common):
    return answers(values, dim_region=region, dim_product=product, **common)


def write_sorted(folder, rows, month=MONTH):
    schema = pa.schema(COLUMNS["ratings"] | dict.fromkeys(DIMENSIONS, pa.string()))
    filled = [
        DEFAULTS["ratings"] | row | {"response": f"r{number}"} for number, row in enumerate(rows)
    ]
    return write_table(folder, "ratings", pa.Table.from_pylist(filled, schema), month)


@pytest.fixture
def folder(tmp_path):
    """Berne: north 9 8 7 and south 1 2; sales: north 4 5 6 7 8 and one without region."""
    rows = [
        *sorted_answers([9.0, 8.0, 7.0], "north", "car", unit="berne", representative="anna"),
        *sorted_answers([1.0, 2.0], "south", "van", unit="berne"),
        *sorted_answers([4.0, 5.0, 6.0, 7.0, 8.0], "north", "van", unit="sales"),
        *sorted_answers([10.0], "", "car", unit="sales"),
    ]
    return write_sorted(tmp_path, rows)


def score(folder, *entries, window="period", **changes):
    scores = score_kpis(folder, book(*entries, **changes), JULY, now=AFTER, seed=1)
    return [row for row in scores.rows() if row["window"] == window]


def told(rows, dimension="region", column="value"):
    """What the rows of a breakdown tell, by scope and value."""
    return {
        (row["scope_id"] or row["scope_type"], row[f"dim_{dimension}"]): row[column]
        for row in rows
        if row[f"dim_{dimension}"]
    }


def test_a_mean_is_told_for_each_value_within_each_scope(folder):
    rows = score(folder, kpi(by=["region"]))
    # North: (9+8+7+4+5+6+7+8)/8 = 54/8; south (1+2)/2; in berne north (9+8+7)/3.
    assert told(rows)["all", "north"] == pytest.approx(54 / 8)
    assert told(rows)["all", "south"] == 1.5
    assert told(rows)["berne", "north"] == told(rows)["leasing", "north"] == 8
    assert told(rows)["sales", "north"] == 6
    assert told(rows, column="n") == {
        ("all", "north"): 8, ("all", "south"): 2, ("company", "north"): 8, ("company", "south"): 2,
        ("leasing", "north"): 3, ("leasing", "south"): 2, ("berne", "north"): 3,
        ("berne", "south"): 2, ("sales", "north"): 5, ("sales", "south"): 0,
    }  # fmt: skip
    assert told(rows, column="verdict")["sales", "south"] == "no_data"


def test_intervals_and_verdicts_are_those_of_the_answers_of_the_value(folder, tmp_path):
    entry = kpi(by=["region"], **{"for": ["sales"]})
    (parted,) = (
        row for row in score(folder, entry, targets=[target(3)]) if row["dim_region"] == "north"
    )
    alone = write_facts(tmp_path / "alone", "ratings",
                        answers([4.0, 5.0, 6.0, 7.0, 8.0], unit="sales"))  # fmt: skip
    (plain,) = score(alone, kpi(**{"for": ["sales"]}), targets=[target(3)])
    told_apart = {"dim_region", "weight", "coverage", "inputs_hash"}
    assert {k: v for k, v in parted.items() if k not in told_apart} == {
        k: v for k, v in plain.items() if k not in told_apart
    }
    # Mean 6 -+ 2.776 sqrt(2.5 / 5) is above 3.
    assert (parted["verdict"], parted["target"]) == ("met", 3)
    assert parted["ci_low"] == pytest.approx(4.0368, abs=1e-4)


def test_a_target_of_a_unit_holds_for_its_values(folder):
    targets = [target(5), target(9, scope_type="unit", scope_id="berne")]
    assert told(score(folder, kpi(by=["region"]), targets=targets), column="target") == {
        key: 9 if key[0] == "berne" else 5 for key in told(score(folder, kpi(by=["region"])))
    }


def test_several_dimensions_are_breakdowns_of_their_own_and_are_never_crossed(folder):
    rows = score(folder, kpi(by=["region", "product"], scopes=["all"]))
    found = [(row["dim_product"], row["dim_region"], row["n"]) for row in rows]
    assert found == [
        ("", "", 11),
        ("", "north", 8),
        ("", "south", 2),
        ("car", "", 4),
        ("van", "", 7),
    ]


@pytest.mark.parametrize(
    ("changes", "north", "south"),
    [
        # 6 of 8 are at 6 or above, none of 2; promoters (9-10) 1, detractors (0-6) 3 of 8.
        ({"statistic": "top_box", "cut": 6, "score": {"worst": 0, "best": 1}}, 6 / 8, 0),
        (
            {"statistic": "net_score", "score": {"worst": -100, "best": 100}},
            100 * (1 - 3) / 8,
            -100,
        ),
    ],
)
def test_shares_and_net_scores_are_broken_down_too(folder, changes, north, south):
    rows = told(score(folder, kpi(by=["region"], **changes)))
    assert rows["all", "north"] == pytest.approx(north)
    assert rows["all", "south"] == pytest.approx(south)


def test_gaps_are_broken_down_by_what_the_respondent_is(tmp_path):
    rows = []
    for number, (perceived, expected, region) in enumerate(
        [(5.0, 7.0, "north"), (6.0, 9.0, "north"), (8.0, 7.0, "south")]
    ):
        for question, value in (("q1", perceived), ("q2", expected)):
            rows.append({"response": f"r{number}", "question": question, "value": value,
                         "dim_region": region, "dim_product": ""})  # fmt: skip
    schema = pa.schema(COLUMNS["ratings"] | dict.fromkeys(DIMENSIONS, pa.string()))
    table = pa.Table.from_pylist([DEFAULTS["ratings"] | row for row in rows], schema)
    write_table(tmp_path, "ratings", table)
    source = {"questionnaire": "feedback", "question": "q1", "expected": "q2"}
    entry = kpi(statistic="gap", source=source, by=["region"], score={"worst": -9, "best": 9})
    # North: ((5 - 7) + (6 - 9)) / 2.
    found = told(score(tmp_path, entry))
    assert (found["all", "north"], found["all", "south"]) == (-2.5, 1)


def test_weights_are_those_of_everybody(folder):
    margins = [{"dimension": "product", "shares": {"car": 0.5, "van": 0.5}}]
    found = told(score(folder, kpi(by=["region"], margins=margins)))
    # 4 cars and 7 vans: each car weighs 11/8, each van 11/14. North has 3 cars and 5 vans.
    car, van = 11 / 8, 11 / 14
    mean = (car * 24 + van * 30) / (3 * car + 5 * van)
    assert found["all", "north"] == pytest.approx(mean)


def test_the_window_before_is_compared_value_by_value(tmp_path):
    write_sorted(tmp_path, [*sorted_answers([2.0, 4.0], "north"), *sorted_answers([9.0], "west")],
                 "2026-06")  # fmt: skip
    write_sorted(tmp_path, sorted_answers([7.0, 8.0, 9.0], "north"))
    found = score(tmp_path, kpi(by=["region"], scopes=["all"]))
    before = told(found, column="prev_value")
    assert before == {("all", "north"): 3, ("all", "west"): 9}
    assert told(found, column="change_abs")["all", "north"] == 5
    long = score(tmp_path, kpi(by=["region"], scopes=["all"]), window="trailing_12_months")
    assert told(long)["all", "north"] == 6


def test_a_series_is_chosen_for_the_whole_and_holds_for_every_value(tmp_path):
    old = sorted_answers([1.0, 1.0], "south")
    new = sorted_answers([8.0, 9.0], "north", series=2, version=2)
    write_sorted(tmp_path, [*old, *new])
    found = told(score(tmp_path, kpi(by=["region"], scopes=["all"])))
    assert found == {("all", "north"): 8.5, ("all", "south"): None}


def test_representatives_are_not_broken_down(folder):
    kinds = {row["scope_type"] for row in score(folder, kpi(by=["region"])) if row["dim_region"]}
    assert kinds == {"all", "unit"}


def test_goals_roll_up_whole_scopes_alone(folder):
    plain = score_kpis(folder, book(kpi()), JULY, now=AFTER, seed=1)
    parted = score_kpis(folder, book(kpi(by=["region"])), JULY, now=AFTER, seed=1)
    assert parted.goals.equals(plain.goals)
    of_values = [row for row in parted.rows() if row["dim_region"]]
    assert {(row["weight"], row["coverage"]) for row in of_values} == {(None, None)}


def test_rows_of_whole_scopes_are_the_same_with_and_without_a_breakdown(folder):
    plain = score(folder, kpi(), figure_kpi(id="f"))
    parted = score(folder, kpi(by=["region"]), figure_kpi(id="f"))
    whole = [row for row in parted if not row["dim_region"]]
    for row in whole:
        assert row.pop("dim_region") == ""
    # The definition is part of what a value is made from, and says `by`.
    assert [row | {"inputs_hash": ""} for row in whole] == [
        row | {"inputs_hash": ""} for row in plain
    ]


def test_the_csv_has_the_dimensions_that_are_asked_for_and_no_others(folder, tmp_path):
    scores = score_kpis(folder, book(kpi(by=["region"])), JULY, now=AFTER, seed=1)
    scores.write_csv(tmp_path / "scores.csv")
    written = io.StringIO(newline="")
    write_csv(scores.rows(), written, dimensions=["region"])
    assert (tmp_path / "scores.csv").read_bytes() == written.getvalue().encode()
    assert scores.table.column_names[10:14] == [
        "scope_id",
        "scope_name",
        "dim_region",
        "period_type",
    ]
    plain = score_kpis(folder, book(kpi()), JULY, now=AFTER, seed=1)
    assert not [name for name in plain.table.column_names if name.startswith("dim_")]


def test_tallies_that_are_kept_give_the_same_rows(folder, tmp_path):
    given = (folder, book(kpi(by=["region"])), JULY)
    first = score_kpis(*given, now=AFTER, seed=1, cache=tmp_path / "kept")
    again = score_kpis(*given, now=AFTER, seed=1, cache=tmp_path / "kept")
    assert first.table.equals(again.table)
    assert first.table.equals(score_kpis(*given, now=AFTER, seed=1).table)


def test_a_small_value_is_withheld_with_one_that_would_tell_of_it(tmp_path):
    rows = [
        *sorted_answers([9.0] * 3, "north"),
        *sorted_answers([5.0, 6.0] * 4, "south"),
        *sorted_answers([3.0, 4.0] * 10, "west"),
    ]
    write_sorted(tmp_path, rows)
    found = score(tmp_path, kpi(by=["region"], scopes=["all"]), minimum_n=5)
    assert told(found, column="n") == {("all", "north"): None, ("all", "south"): None,
                                       ("all", "west"): 20}  # fmt: skip
    assert set(told(found, column="obs_status").values()) == {"Q", "A"}
    # What is told of the others does not give the three nines: 3 * 9 = 139 - 44 - 70 is hidden.
    (whole,) = (row for row in found if not row["dim_region"])
    assert whole["n"] == 31


def test_a_small_value_of_a_unit_does_not_follow_from_its_sisters(tmp_path):
    rows = [
        *sorted_answers([9.0] * 3, "north", unit="berne"),
        *sorted_answers([5.0] * 20, "south", unit="berne"),
        *sorted_answers([6.0] * 18, "north", unit="sales"),
        *sorted_answers([7.0] * 19, "south", unit="sales"),
    ]
    write_sorted(tmp_path, rows)
    found = told(score(tmp_path, kpi(by=["region"]), minimum_n=5), column="n")
    assert found["all", "north"] == 21
    hidden = {key for key, n in found.items() if n is None}
    assert hidden == {(unit, region) for unit in ("berne", "leasing", "sales")
                      for region in ("north", "south")}  # fmt: skip


def test_facts_without_the_column_are_refused_with_what_to_do(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0]))
    with pytest.raises(FactsError, match=r"lacks the column dim_region.*'margins' and 'by'"):
        score(tmp_path, kpi(by=["region"]))


def test_a_dimension_of_too_many_values_is_refused(folder, monkeypatch):
    monkeypatch.setattr(breakdowns, "MOST_VALUES", 1)
    with pytest.raises(FactsError, match="region has 2 different values"):
        score(folder, kpi(by=["region"]))


def test_without_answers_there_are_no_values(tmp_path):
    write_facts(tmp_path, "figures", [{"value": 1.0}])
    rows = score(tmp_path, kpi(by=["region"], scopes=["all"]))
    assert [(row["dim_region"], row["verdict"]) for row in rows] == [("", "no_data")]


def test_where_nobody_has_a_value_there_is_no_row(tmp_path):
    write_sorted(tmp_path, sorted_answers([4.0, 5.0], ""))
    assert len(score(tmp_path, kpi(by=["region"], scopes=["all"]))) == 1
