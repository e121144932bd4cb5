"""Tallies against a count in plain Python."""

import tempfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engines import connected
from analysis.facts import open_facts
from analysis.reduce import tally_kpis
from tests.analysis.building import (
    AFTER,
    MONTH,
    answers,
    book,
    figure_kpi,
    kpi,
    median_kpi,
    write_facts,
)

PATHS = {
    "": [],
    "company": ["company"],
    "leasing": ["company", "leasing"],
    "berne": ["company", "leasing", "berne"],
    "elsewhere": [],
}
UNITS = st.sampled_from(sorted(PATHS))
PEOPLE = st.sampled_from(["", "anna", "ben", "zoe"])


def tallies(folder, scorebook, now=AFTER):
    with connected("duckdb") as connection:
        return tally_kpis(open_facts(connection, Path(folder), [MONTH]), scorebook, now)


def labels_of(row, scorebook):
    """The scopes a fact counts in, said in plain Python."""
    known = {scope.label for scope in scorebook.scopes}
    wanted = ["all", *(f"unit:{unit}" for unit in PATHS[row["unit"]])]
    person = f"representative:{row['representative']}"
    return [label for label in [*wanted, person] if label in known]


def by_scope(tally, scorebook, *names):
    """Tally rows as {scope: {values of the names: count}}."""
    found = defaultdict(Counter)
    columns = [tally.columns[name].tolist() for name in names]
    for at, key in enumerate(zip(*columns, strict=True)):
        key = tuple(None if isinstance(one, float) and np.isnan(one) else one for one in key)
        found[scorebook.scopes[tally.scope[at]].label][key] += int(tally.columns["count"][at])
    return dict(found)


RATINGS = st.lists(
    st.fixed_dictionaries(
        {
            "question": st.sampled_from(["q1", "q2", "q3"]),
            "version": st.sampled_from([1, 2]),
            "unit": UNITS,
            "representative": PEOPLE,
            "customer": st.sampled_from(["", "c1", "c2", "c3"]),
            "answer": st.sampled_from([0.0, 4.0, 9.0, "skipped", "not_shown", "dont_know"]),
        }
    ),
    min_size=1,
    max_size=40,
)


def rating_rows(drawn):
    answered = answers(row["answer"] for row in drawn)
    places = ({k: v for k, v in row.items() if k != "answer"} for row in drawn)
    return [one | place for one, place in zip(answered, places, strict=True)]


@settings(deadline=None, max_examples=20)
@given(RATINGS)
def test_answers_are_counted_as_by_hand(drawn):
    rows = rating_rows(drawn)
    scorebook = book(
        kpi(id="one"),
        kpi(id="two", source={"questionnaire": "feedback", "question": "q2", "versions": [2]}),
    )
    expected = {"one": defaultdict(Counter), "two": defaultdict(Counter)}
    for row in rows:
        for label in labels_of(row, scorebook):
            if row["question"] == "q1":
                expected["one"][label][row["value"], row["missing"]] += 1
            if row["question"] == "q2" and row["version"] == 2:
                expected["two"][label][row["value"], row["missing"]] += 1
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), "ratings", rows)
        found = tallies(folder, scorebook)
    for kpi_id in expected:
        counted = defaultdict(Counter)
        per_version = by_scope(found[kpi_id], scorebook, "version", "value", "missing")
        for label, cells in per_version.items():
            for (_, value, missing), count in cells.items():
                counted[label][value, missing] += count
        assert counted == expected[kpi_id]


@settings(deadline=None, max_examples=20)
@given(RATINGS)
def test_customers_are_counted_as_by_hand(drawn):
    rows = rating_rows(drawn)
    top_box = {"statistic": "top_box", "cut": 4, "score": {"worst": 0, "best": 1}}
    scorebook = book(
        kpi(id="mean", unit_of_analysis="customer"),
        kpi(id="top", unit_of_analysis="customer", **top_box, in_denominator=["dont_know"]),
    )
    votes = {"mean": defaultdict(list), "top": defaultdict(list)}
    for row in rows:
        if row["question"] != "q1" or row["missing"] == "not_shown":
            continue
        who = row["customer"] or row["response"]
        for label in labels_of(row, scorebook):
            mean, top = votes["mean"][label, who], votes["top"][label, who]
            if row["value"] is not None:
                mean.append(row["value"])
                top.append(1.0 if row["value"] >= 4 else 0.0)
            elif row["missing"] == "dont_know":
                top.append(0.0)
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), "ratings", rows)
        found = tallies(folder, scorebook)
    for kpi_id, of_customers in votes.items():
        expected = defaultdict(Counter)
        for (label, _), cast in of_customers.items():
            expected[label][fmean(cast) if cast else None, len(cast)] += 1
        assert by_scope(found[kpi_id], scorebook, "value", "answers") == expected


def test_a_fact_of_an_unknown_unit_counts_for_everybody_only(tmp_path):
    write_facts(tmp_path, "ratings", answers([5.0], unit="moon", representative="nobody"))
    scorebook = book(kpi())
    found = by_scope(tallies(tmp_path, scorebook)["k"], scorebook, "value")
    assert found == {"all": {(5.0,): 1}}


def test_a_scorebook_without_units_and_people_counts_everybody(tmp_path):
    write_facts(tmp_path, "ratings", answers([5.0, 5.0]))
    scorebook = book(kpi(), units=[], representatives=[])
    assert by_scope(tallies(tmp_path, scorebook)["k"], scorebook, "value") == {"all": {(5.0,): 2}}


@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "milestone": st.sampled_from(["shown", "end"]),
                "unit": UNITS,
                "representative": PEOPLE,
                "seconds": st.sampled_from([0.0, 1.5, 60.0]),
                "event": st.sampled_from(["reached", "called_back", "left", "open"]),
            }
        ),
        min_size=1,
        max_size=30,
    )
)
def test_visits_are_counted_per_time_and_event_as_by_hand(rows):
    scorebook = book(median_kpi())
    expected = defaultdict(Counter)
    for row in rows:
        if row["milestone"] == "shown":
            for label in labels_of(row, scorebook):
                expected[label][row["seconds"], row["event"]] += 1
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), "durations", rows)
        tally = tallies(folder, scorebook)["k"]
    found = defaultdict(Counter)
    for event in ("reached", "called_back", "left", "open"):
        for scope, seconds, count in zip(
            tally.scope, tally.floats("seconds"), tally.integers(event), strict=True
        ):
            if count:
                found[scorebook.scopes[scope].label][seconds, event] += int(count)
    assert found == expected


@pytest.mark.parametrize(("after", "seconds"), [(90.25, 90.25), (0, 0), (-600, 0)])
def test_a_visit_still_running_is_open_until_now_and_never_before_its_start(
    tmp_path, after, seconds
):
    start = datetime(2026, 7, 3, 12, 0, 0, 500_000, tzinfo=UTC)
    row = {"started_at": start, "event": "open", "seconds": None}
    write_facts(tmp_path, "durations", [row])
    now = start + timedelta(seconds=after)
    tally = tallies(tmp_path, book(median_kpi()), now)["k"]
    assert tally.floats("seconds").tolist() == [seconds]
    assert tally.integers("open").tolist() == [1]


def test_a_measure_that_two_kpis_share_reaches_both(tmp_path):
    month = {"period_start": date(2026, 7, 1)}
    rows = [month | {"value": 5.0}, month | {"measure": "hours", "value": 2.0}]
    write_facts(tmp_path, "figures", rows)
    ratio = {"numerator": "sales", "denominator": "hours"}
    found = tallies(
        tmp_path, book(figure_kpi(id="sum"), figure_kpi(id="r", statistic="ratio", source=ratio))
    )
    assert found["sum"].floats("value").tolist() == [5.0, 5.0]
    assert sorted(
        zip(found["r"].floats("value"), found["r"].columns["is_numerator"], strict=True)
    ) == [(2.0, False), (2.0, False), (5.0, True), (5.0, True)]
