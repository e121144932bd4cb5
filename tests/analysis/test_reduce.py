"""Tallies against a count in plain Python."""

import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.facts import find_facts
from analysis.periods import Period, WindowType
from analysis.pipeline import tally_kpis
from analysis.windows import Windows
from tests.analysis.building import (
    AFTER,
    MONTH,
    answers,
    book,
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
    """The tallies of July, with July as their only window."""
    found = find_facts(Path(folder))
    windows = Windows.of([Period.parse(MONTH)], [WindowType.PERIOD], found.months)
    return tally_kpis(found, scorebook, windows, now)


def sums_by_scope(counted, scorebook):
    """Sums of votes by scope, of scopes that have any: shown, valued, n, votes, squares."""
    names = ("shown", "valued", "n", "votes", "squares")
    found = {}
    for number, scope in enumerate(scorebook.scopes):
        sums = tuple(float(getattr(counted.sums, name)[number, 0]) for name in names)
        if sums[0]:
            found[scope.label] = sums
    return found


def visits_of(found, scorebook):
    """The visits of the only KPI in the only window, counted by scope and time."""
    return found.visits.tally(scorebook.kpis[0].source, found.windows.spans[0])


def by_hand(votes):
    """The same of lists of votes by scope; a vote is None for who was shown the question alone."""
    found = {}
    for label, cast in votes.items():
        valued = [vote for vote, has_value in cast if has_value]
        voted = [vote for vote, _ in cast if vote is not None]
        squares = sum(vote**2 for vote in voted)
        found[label] = pytest.approx((len(cast), len(valued), len(voted), sum(voted), squares))
    return found


def labels_of(row, scorebook):
    """The scopes a fact counts in, said in plain Python."""
    known = {scope.label for scope in scorebook.scopes}
    wanted = ["all", *(f"unit:{unit}" for unit in PATHS[row["unit"]])]
    person = f"representative:{row['representative']}"
    return [label for label in [*wanted, person] if label in known]


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
def test_answers_are_summed_up_as_by_hand(drawn):
    rows = rating_rows(drawn)
    top_box = {"statistic": "top_box", "cut": 4, "score": {"worst": 0, "best": 1}}
    source = {"questionnaire": "feedback", "question": "q2", "versions": [2]}
    scorebook = book(
        kpi(id="mean"),
        kpi(id="top", **top_box, source=source, in_denominator=["dont_know"]),
    )
    votes = {"mean": defaultdict(list), "top": defaultdict(list)}
    for row in rows:
        value, missing = row["value"], row["missing"]
        for label in labels_of(row, scorebook) if missing != "not_shown" else []:
            if row["question"] == "q1":
                votes["mean"][label].append((value, value is not None))
            if row["question"] == "q2" and row["version"] == 2:
                share = None if value is None else float(value >= 4)
                cast = 0.0 if missing == "dont_know" else share
                votes["top"][label].append((cast, value is not None))
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), "ratings", rows)
        found = tallies(folder, scorebook)
        for one in scorebook.kpis:
            counted = found.answers.sum_votes(one, found.windows)
            assert sums_by_scope(counted, scorebook) == by_hand(votes[one.id])


@settings(deadline=None, max_examples=20)
@given(RATINGS)
def test_customers_are_summed_up_as_by_hand(drawn):
    rows = rating_rows(drawn)
    top_box = {"statistic": "top_box", "cut": 4, "score": {"worst": 0, "best": 1}}
    scorebook = book(
        kpi(id="mean", unit_of_analysis="customer"),
        kpi(id="top", unit_of_analysis="customer", **top_box, in_denominator=["dont_know"]),
    )
    cast = {"mean": defaultdict(list), "top": defaultdict(list)}
    valued = set()
    for row in rows:
        if row["question"] != "q1" or row["missing"] == "not_shown":
            continue
        who = row["customer"] or row["response"]
        for label in labels_of(row, scorebook):
            mean, top = cast["mean"][label, who], cast["top"][label, who]
            if row["value"] is not None:
                valued.add((label, who))
                mean.append(row["value"])
                top.append(1.0 if row["value"] >= 4 else 0.0)
            elif row["missing"] == "dont_know":
                top.append(0.0)
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), "ratings", rows)
        found = tallies(folder, scorebook)
    for one in scorebook.kpis:
        votes = defaultdict(list)
        for (label, who), own in cast[one.id].items():
            votes[label].append((fmean(own) if own else None, (label, who) in valued))
        counted = found.customers.sum_votes(one)
        assert sums_by_scope(counted, scorebook) == by_hand(votes)


def test_a_fact_of_an_unknown_unit_counts_for_everybody_only(tmp_path):
    write_facts(tmp_path, "ratings", answers([5.0], unit="moon", representative="nobody"))
    scorebook = book(kpi())
    found = tallies(tmp_path, scorebook)
    counted = found.answers.sum_votes(scorebook.kpis[0], found.windows)
    assert sums_by_scope(counted, scorebook) == {"all": (1, 1, 1, 5, 25)}


def test_a_scorebook_without_units_and_people_counts_everybody(tmp_path):
    write_facts(tmp_path, "ratings", answers([5.0, 5.0]))
    scorebook = book(kpi(), units=[], representatives=[])
    found = tallies(tmp_path, scorebook)
    counted = found.answers.sum_votes(scorebook.kpis[0], found.windows)
    assert sums_by_scope(counted, scorebook) == {"all": (2, 2, 2, 10, 50)}


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
        tally = visits_of(tallies(folder, scorebook), scorebook)
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
    scorebook = book(median_kpi(), units=[], representatives=[])
    tally = visits_of(tallies(tmp_path, scorebook, now), scorebook)
    assert tally.floats("seconds").tolist() == [seconds]
    assert tally.integers("open").tolist() == [1]
