import json
import time
from datetime import UTC, date, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest

from analysis.export import COLUMNS, write_csv
from analysis.facts import FactsError
from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import (
    AFTER,
    answers,
    book,
    figure_kpi,
    kpi,
    median_kpi,
    target,
    write_facts,
)

JULY = Period.parse("2026-07")
SHARE = {"statistic": "top_box", "cut": 9, "unit": "share", "score": {"worst": 0, "best": 1}}


def score(folder, scorebook, period=JULY, now=AFTER, seed=1, **more):
    windows = [WindowType.PERIOD]
    return score_kpis(folder, scorebook, period, now=now, seed=seed, windows=windows, **more).rows()


def by_scope(rows, column="value"):
    return {row["scope_id"] or row["scope_type"]: row[column] for row in rows}


@pytest.fixture
def folder(tmp_path):
    """Berne (anna) answers 9 and 10, leasing itself (ben) 2, sales once and missing."""
    rows = [
        *answers([9.0, 10.0], unit="berne", representative="anna", customer="c1"),
        *answers([2.0], unit="leasing", representative="ben", customer="c2"),
        *answers([7.0, "dont_know"], unit="sales", customer="c3"),
    ]
    write_facts(tmp_path, "ratings", rows)
    write_facts(tmp_path, "durations", [{"unit": "berne", "seconds": 60.0}] * 3)
    return write_facts(tmp_path, "figures", [{"unit": "sales", "value": 5.0}])


def test_a_unit_holds_all_below_it_and_everybody_everything(folder):
    rows = score(folder, book(kpi()))
    assert by_scope(rows) == {
        "all": 7, "company": 7, "leasing": 7, "berne": 9.5, "sales": 7, "anna": 9.5, "ben": 2,
    }  # fmt: skip
    assert by_scope(rows, "n") == {
        "all": 4, "company": 4, "leasing": 3, "berne": 2, "sales": 1, "anna": 2, "ben": 1,
    }  # fmt: skip
    assert by_scope(rows, "n_eligible")["sales"] == 2


def test_every_declared_scope_has_its_row_even_without_facts(folder):
    rows = score(folder, book(median_kpi(), targets=[target(90)]))
    assert len(rows) == 7
    anna = next(row for row in rows if row["scope_id"] == "anna")
    assert (anna["value"], anna["n"], anna["verdict"]) == (None, 0, "no_data")
    assert (anna["score"], anna["verdict_reason"]) == (None, "There is no visit.")


def test_rows_have_exactly_the_columns_in_order(folder):
    rows = score(folder, book(kpi(), median_kpi(id="m"), figure_kpi(id="f")))
    assert all(tuple(row) == COLUMNS for row in rows)
    assert len(rows) == 21


def test_a_row_says_what_was_measured_for_whom_and_when(folder):
    entry = kpi(version=2, weight=3, scopes=["representative"], **{"for": ["ben"]})
    (row,) = score(folder, book(entry), run_id="run-1")
    assert row == row | {
        "run_id": "run-1",
        "computed_at": "2026-08-02T00:00:00+00:00",
        "kpi_id": "k",
        "kpi_version": 2,
        "kpi_name": "A KPI",
        "goal_id": "quality",
        "unit": "points",
        "statistic": "mean",
        "direction": "higher_is_better",
        "scope_type": "representative",
        "scope_id": "ben",
        "scope_name": "Ben Frei",
        "period_type": "month",
        "period_label": "2026-07",
        "period_start": "2026-07-01",
        "period_end": "2026-08-01",
        "window": "period",
        "weight": 3,
        "score_rule": "goalposts",
        "score": 20,
        "ci_level": None,
        "response_rate": None,
        "coverage": 1,
        "prev_value": None,
        "obs_status": "A",
    }


def test_only_facts_of_the_period_count(folder):
    write_facts(folder, "ratings", answers([0.0] * 50), "2026-08")
    write_facts(folder, "ratings", answers([0.0] * 50), "2026-06")
    assert by_scope(score(folder, book(kpi())))["all"] == 7
    quarter = score(folder, book(kpi()), Period.parse("2026-Q3"))
    assert by_scope(quarter, "n")["all"] == 54


def test_a_period_without_facts_is_no_data_everywhere(folder):
    rows = score(folder, book(kpi(), figure_kpi(id="f")), Period.parse("2026-06"))
    assert {row["verdict"] for row in rows} == {"no_data"}
    assert {row["n"] for row in rows} == {0}


def test_an_unfinished_period_is_provisional_in_the_scorebooks_time_zone(folder):
    # 22:30 UTC on the last of July: over in Zurich, not over in UTC.
    evening = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    here = score(folder, book(kpi(), targets=[target(5)]), now=evening)
    there = score(folder, book(kpi(), targets=[target(5)], time_zone="UTC"), now=evening)
    assert by_scope(here, "verdict")["all"] == "undetermined"
    assert by_scope(there, "verdict")["all"] == "provisional"


def test_each_scope_is_judged_by_its_own_target(folder):
    targets = [target(5), target(9.5, scope_type="representative", scope_id="anna")]
    rows = score(folder, book(kpi(), targets=targets))
    assert by_scope(rows, "target") == {
        "all": 5, "company": 5, "leasing": 5, "berne": 5, "sales": 5, "anna": 9.5, "ben": 5,
    }  # fmt: skip


def test_a_later_target_never_changes_a_past_verdict(folder):
    old = target(5, valid_to=date(2026, 8, 1))
    new = target(9, valid_from=date(2026, 8, 1), version=2)
    before = score(folder, book(kpi(), targets=[old]))
    after = score(folder, book(kpi(), targets=[old, new]))
    assert before == after


def test_one_keen_customer_is_one_vote_where_the_customer_is_the_unit(tmp_path):
    keen = answers([0.0] * 98, customer="keen")
    others = answers([10.0], customer="a") + answers([10.0], customer="b")
    write_facts(tmp_path, "ratings", keen + others)
    entries = kpi(**SHARE), kpi(id="c", **SHARE, unit_of_analysis="customer")
    by_answer, by_customer = score(tmp_path, book(*entries, units=[], representatives=[]))
    assert (by_answer["value"], by_answer["n"]) == (0.02, 100)
    assert by_customer["value"] == pytest.approx(2 / 3)
    assert (by_customer["n"], by_customer["n_eligible"]) == (3, 3)


def test_a_customer_who_was_asked_on_two_scales_and_answered_on_one_is_one_customer(tmp_path):
    rows = []
    for customer in ("a", "b"):
        rows += answers([4.0], customer=customer, scale_low=1.0, scale_high=5.0)
        rows += answers(["skipped"], customer=customer, version=2, scale_low=1.0, scale_high=7.0)
    write_facts(tmp_path, "ratings", rows)
    one = kpi(unit_of_analysis="customer")
    (row,) = score(tmp_path, book(one, units=[], representatives=[]))
    assert (row["value"], row["n"], row["n_eligible"]) == (4, 2, 2)


@pytest.mark.parametrize("by", ["response", "customer"])
def test_missing_codes_have_no_scale_and_alone_they_are_no_answer(tmp_path, by):
    counted = kpi(**SHARE, unit_of_analysis=by, in_denominator=["dont_know"])
    on_one_scale = answers([10.0, 3.0], customer="a", response="")
    for number, row in enumerate(on_one_scale):
        row |= {"response": f"r{number}", "customer": f"c{number}"}
    unsure = answers(["dont_know"], customer="u", version=2, scale_low=1.0, scale_high=5.0)
    write_facts(tmp_path, "ratings", on_one_scale + unsure)
    (row,) = score(tmp_path, book(counted, units=[], representatives=[]))
    assert (row["value"], row["n"]) == (pytest.approx(1 / 3), 3)
    write_facts(tmp_path, "ratings", unsure)
    (row,) = score(tmp_path, book(counted, units=[], representatives=[]))
    assert (row["value"], row["n"], row["verdict"]) == (None, 0, "no_data")


def test_versions_with_another_scale_are_left_out_or_refused(tmp_path):
    old = answers([4.0, 5.0], version=1, scale_low=1.0, scale_high=5.0)
    write_facts(tmp_path, "ratings", old + answers([8.0, 9.0], version=2))
    source = {"questionnaire": "feedback", "question": "q1"}
    entries = kpi(), kpi(id="new", source=source | {"versions": [2]})
    mixed, new = score(tmp_path, book(*entries, units=[], representatives=[]))
    assert (mixed["value"], mixed["n"], mixed["verdict"]) == (None, 4, "no_data")
    assert "different scales" in mixed["verdict_reason"]
    assert new["value"] == 8.5


def test_the_same_facts_give_the_same_rows_whatever_the_order_and_seed(folder):
    scorebook = book(
        kpi(), kpi(id="c", unit_of_analysis="customer"), median_kpi(id="m"), figure_kpi(id="f")
    )
    first = score(folder, scorebook)
    for file in folder.glob("*/*/*.parquet"):
        table = pq.ParquetFile(file).read()
        pq.write_table(table.take(list(reversed(range(table.num_rows)))), file)
    again = score(folder, scorebook, seed=99)
    assert first == again


def test_the_hash_of_the_inputs_changes_with_definition_target_and_facts(folder):
    def hashes(scorebook):
        return by_scope(score(folder, scorebook), "inputs_hash")

    plain = hashes(book(kpi()))
    assert plain == hashes(book(kpi()))
    assert plain["all"] != hashes(book(kpi(weight=2)))["all"]
    assert plain["all"] != hashes(book(kpi(), targets=[target(5)]))["all"]
    write_facts(folder, "ratings", answers([9.0, 10.0], unit="berne", representative="anna"))
    changed = hashes(book(kpi()))
    assert changed["anna"] == plain["anna"]
    assert changed["ben"] != plain["ben"]


def test_figures_that_say_something_else_have_another_hash_though_their_sums_are_the_same(folder):
    months = {"2026-07": date(2026, 7, 1), "2026-08": date(2026, 8, 1)}
    hashes = []
    for values in ((10.0, 20.0), (20.0, 10.0)):
        for (month, day), value in zip(months.items(), values, strict=True):
            write_facts(folder, "figures", [{"value": value, "period_start": day}], month)
        last = book(figure_kpi(statistic="last"))
        rows = score_kpis(folder, last, Period.parse("2026-Q3"), now=AFTER, seed=1).rows()
        hashes.append(rows[0]["inputs_hash"])
    assert hashes[0] != hashes[1]


def test_facts_that_nobody_asks_for_are_not_looked_at(folder):
    (file,) = folder.glob("ratings/month=2026-07/*.parquet")
    file.write_bytes(b"no Parquet")
    assert score(folder, book(figure_kpi()))


def test_rows_go_into_csv_and_json_as_they_are(folder, tmp_path):
    scorebook = book(kpi(), median_kpi(id="m"), figure_kpi(id="f"), targets=[target(5)])
    rows = score(folder, scorebook)
    with (tmp_path / "scores.csv").open("w", encoding="utf-8", newline="") as stream:
        assert write_csv(rows, stream) == 21
    assert json.loads(json.dumps(rows)) == rows


def test_progress_rises_to_a_hundred(folder):
    heard = []
    score(folder, book(kpi()), on_progress=lambda percent, words: heard.append((percent, words)))
    percents = [percent for percent, _ in heard]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    assert all(words for _, words in heard)


def test_a_time_without_zone_is_refused(folder):
    with pytest.raises(ValueError, match="time zone"):
        score(folder, book(kpi()), now=datetime(2026, 8, 2))


def test_facts_with_nan_are_refused_before_anything_is_counted(folder):
    write_facts(folder, "ratings", answers([5.0, float("nan")]))
    with pytest.raises(FactsError, match="not a finite number"):
        score(folder, book(kpi()))


def test_five_thousand_rows_and_twenty_kpis_take_little_time(tmp_path):
    random = np.random.default_rng(7)
    write_facts(
        tmp_path,
        "ratings",
        [
            {"question": f"q{at % 20}", "response": f"r{at // 20}", "customer": f"c{at % 90}",
             "unit": "berne", "representative": "anna", "value": float(random.integers(0, 11))}
            for at in range(5000)
        ],
    )  # fmt: skip
    units = [{"id": "company", "name": "C"}, {"id": "berne", "name": "B", "parent": "company"}]
    people = [{"id": f"p{at}", "name": "P", "unit": "berne"} for at in range(12)]
    entries = [
        kpi(
            id=f"k{at}",
            source={"questionnaire": "feedback", "question": f"q{at}"},
            unit_of_analysis="customer" if at % 4 == 0 else "response",
        )
        for at in range(20)
    ]
    scorebook = book(*entries, units=units, representatives=people, targets=[])
    started = time.process_time()
    assert len(score(tmp_path, scorebook)) == 300
    assert time.process_time() - started < 6
