"""Funnels: who takes part, and the numbers of the funnel, shrinkage and ranking functions."""

import numpy as np
import pytest

from analysis.funnel import funnel_of_means, funnel_of_shares
from analysis.ranking import rank_groups
from analysis.shrinkage import shrink_means
from analysis.shrunken_shares import shrink_shares
from tests.analysis.building import answers, book, kpi, write_facts
from tests.analysis.test_exhibits import exhibits

SHARE = {"statistic": "top_box", "cut": 9, "unit": "share", "score": {"worst": 0, "best": 1}}
PEOPLE = [
    {"id": name, "name": name.title(), "unit": unit}
    for name, unit in zip(
        "abcdef", ["berne", "berne", "berne", "berne", "sales", "sales"], strict=True
    )
]


def scorebook(entry, **changes):
    return book(entry, representatives=PEOPLE, **changes)


def answered(folder, values, **common):
    """Answers by representative, each in their unit."""
    units = {one["id"]: one["unit"] for one in PEOPLE}
    rows = [
        row
        for name, given in values.items()
        for row in answers(given, unit=units[name], representative=name, **common)
    ]
    for number, row in enumerate(rows):
        row["response"] = f"r{number}"
    return write_facts(folder, "ratings", rows)


def july(found, scope="all"):
    return found["funnel", "k", scope]["windows"]["period"]


def column(told, name):
    return [one[name] for one in told["groups"]]


def test_shares_are_those_of_the_funnel_and_of_the_shrinkage(tmp_path):
    good, of = [9, 6, 3, 8, 2, 5], [10, 12, 11, 9, 14, 8]
    values = {
        one["id"]: [10.0] * many + [1.0] * (n - many)
        for one, many, n in zip(PEOPLE, good, of, strict=True)
    }
    told = july(exhibits(answered(tmp_path, values), scorebook(kpi(**SHARE))))
    assert column(told, "n") == of
    assert column(told, "value") == pytest.approx(np.array(good) / of)
    assert told["overall"] == pytest.approx(33 / 64)
    shrunken = shrink_shares(good, of)
    assert column(told, "shrunken") == pytest.approx(shrunken.value)
    assert column(told, "low") == pytest.approx(shrunken.interval().low)
    assert told["reliability"] == pytest.approx(float(shrunken.reliability))
    funnel = funnel_of_shares(good, of)
    assert column(told, "crossed") == funnel.crossed.tolist()
    at = [one["n"] for one in told["limits"]]
    assert [one["low_998"] for one in told["limits"]] == pytest.approx(funnel.limits(0.998, at).low)
    assert [one["high_95"] for one in told["limits"]] == pytest.approx(funnel.limits(0.95, at).high)


def test_means_are_compared_by_their_own_spread(tmp_path):
    values = {
        "a": [5.0, 6.0, 7.0],
        "b": [1.0, 2.0, 2.0, 1.0],
        "c": [9.0, 8.0, 9.0],
        "d": [4.0, 4.0, 5.0, 5.0],
        "e": [6.0, 6.0],
        "f": [10.0, 9.0, 10.0],
    }
    told = july(exhibits(answered(tmp_path, values), scorebook(kpi())))
    mean = [np.mean(one) for one in values.values()]
    error = [np.std(one, ddof=1) / np.sqrt(len(one)) for one in values.values()]
    n = [len(one) for one in values.values()]
    shrunken = shrink_means(mean, error, n)
    assert column(told, "shrunken") == pytest.approx(shrunken.value)
    assert column(told, "crossed") == funnel_of_means(mean, error, n).crossed.tolist()
    ranks = rank_groups(shrunken, seed=1, draws=2000)
    assert told["no_ranking"] == ""
    assert column(told, "rank_low") == ranks.interval().low.tolist()
    assert column(told, "rank_high") == ranks.interval().high.tolist()
    assert told["groups"][5]["rank_low"] == 1


def test_lower_is_better_ranks_the_lowest_first(tmp_path):
    values = {name: [float(place), place + 1.0] * 4 for place, name in enumerate("abcdef")}
    lower = kpi(direction="lower_is_better", score={"worst": 10, "best": 0})
    told = july(exhibits(answered(tmp_path, values), scorebook(lower)))
    assert (told["groups"][0]["rank_low"], told["groups"][5]["rank_high"]) == (1, 6)


def test_net_scores_are_compared_by_the_plain_variance_of_votes(tmp_path):
    values = {name: [10.0] * 6 + [8.0] * 2 + [1.0] * place for place, name in enumerate("abcdef")}
    net = kpi(statistic="net_score", score={"worst": -100, "best": 100})
    told = july(exhibits(answered(tmp_path, values), scorebook(net)))
    votes = [[1.0] * 6 + [0.0] * 2 + [-1.0] * place for place in range(6)]
    mean = [100 * np.mean(one) for one in votes]
    error = [100 * np.std(one, ddof=1) / np.sqrt(len(one)) for one in votes]
    assert column(told, "value") == pytest.approx(mean)
    assert column(told, "shrunken") == pytest.approx(
        shrink_means(mean, error, [len(one) for one in votes]).value
    )


def test_below_a_reliability_of_0_7_nobody_is_ranked_and_it_says_so(tmp_path):
    values = {name: [5.0, 6.0, 7.0] for name in "abcdef"}
    told = july(exhibits(answered(tmp_path, values), scorebook(kpi())))
    assert "below 0.7" in told["no_ranking"]
    assert column(told, "rank") == [None] * 6


def test_who_has_too_few_answers_is_neither_in_it_nor_behind_its_lines(tmp_path):
    values = {name: [5.0, 6.0] * 5 for name in "abcde"} | {"f": [10.0] * 3}
    told = july(exhibits(answered(tmp_path, values), scorebook(kpi(), minimum_n=5)))
    # Sales has e and f alone: e is withheld, else f would follow from the unit's numbers.
    assert column(told, "id") == ["a", "b", "c", "d"]
    assert told["overall"] == 5.5


def test_a_unit_with_fewer_than_three_representatives_has_no_funnel(tmp_path):
    values = {name: [5.0, 6.0] for name in "abcdef"}
    found = exhibits(answered(tmp_path, values), scorebook(kpi()))
    scopes = {scope for kind, _, scope in found if kind == "funnel"}
    assert scopes == {"all", "unit:company", "unit:leasing", "unit:berne"}
    assert column(july(found, "unit:berne"), "id") == ["a", "b", "c", "d"]


def test_a_kpi_of_representatives_alone_has_its_funnel_at_everybody(tmp_path):
    values = {name: [5.0, 6.0] for name in "abcdef"}
    entry = kpi(scopes=["representative"])
    assert len(july(exhibits(answered(tmp_path, values), scorebook(entry)))["groups"]) == 6
