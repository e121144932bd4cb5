"""Verdicts under other plausible methods, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.aggregation import Aggregation
from analysis.roll_up import roll_up
from analysis.what_if import OWN, Change, verdicts, what_if
from tests.analysis.test_roll_up import INF, NAN, Goalposts, points, spread

ARITHMETIC, GEOMETRIC = Aggregation.ARITHMETIC, Aggregation.GEOMETRIC
STRICT = {"strict": [Goalposts(50, 100)] * 2}


def tried(children, target, others=None, aggregation=ARITHMETIC, least=0.5, seed=1, **options):
    options = {"draws": 1000} | options
    return what_if(children, others or {}, aggregation, least, target, seed, **options)


def test_a_verdict_far_from_the_target_stands_under_all_methods():
    found = tried(spread([[90], [80]], 5, 5), 50)
    assert (found.verdict, found.stands, found.verdicts) == ("met", 1, {"met": 1})
    assert found.by_choice == {(OWN, ARITHMETIC): 1, (OWN, GEOMETRIC): 1}
    assert found.turned_by == ()
    assert found.methods == 400
    assert tried(spread([[30], [20]], 5, 5), 50).verdicts == {"not_met": 1}
    assert tried(spread([[50], [50]], 5, 5), 50).verdicts == {"undetermined": 1}


def test_the_mean_that_would_turn_it_is_named():
    # (95 + 30) / 2 = 62.5 and at the least (3 x 95 + 5 x 30) / 8 = 54.4; sqrt(95 x 30) = 53.4.
    children = points([[95], [30]])
    found = tried(children, 54.3)
    assert found.verdict == "met"
    assert found.turned_by == (Change("aggregation", "geometric", None, "not_met"),)
    assert found.by_choice[OWN, ARITHMETIC] == 1
    assert found.by_choice[OWN, GEOMETRIC] < 0.5
    found = tried(children, 54.3, aggregation=GEOMETRIC)
    assert found.verdict == "not_met"
    assert found.turned_by[0] == Change("aggregation", "arithmetic", None, "met")
    assert found.by_choice[OWN, ARITHMETIC] == 0


def test_the_rules_that_would_turn_it_are_named():
    # 90 and 80 score 80 and 60 from 50 to 100: 70 is under 75.
    lenient = {"lenient": [Goalposts(0, 90)] * 2}
    found = tried(points([[90], [80]]), 75, STRICT | lenient)
    assert found.verdict == "met"
    assert found.turned_by == (Change("rules", "strict", None, "not_met"),)
    assert {name for name, _ in found.by_choice} == {OWN, "strict", "lenient"}
    assert found.by_choice["strict", ARITHMETIC] == 0
    assert found.by_choice["lenient", GEOMETRIC] == 1
    assert found.stands == pytest.approx(4 / 6)
    assert found.verdicts == pytest.approx({"met": 4 / 6, "not_met": 2 / 6})
    assert found.methods == 1200


def test_other_rules_are_tried_with_the_goals_own_mean():
    # With the rules from 0 to 50 the scores are 100 and 40: their mean is 70, geometric 63.2.
    wide = {"wide": [Goalposts(0, 50)] * 2}
    children = points([[60], [20]])
    assert Change("rules", "wide", None, "met") in tried(children, 65, wide).turned_by
    found = tried(children, 65, wide, aggregation=GEOMETRIC)
    assert not any(change.part == "rules" for change in found.turned_by)


def test_the_weights_that_would_turn_it_are_named_with_their_child():
    # (100 + 100 + 40) / 3 = 80; with weight 1.25 on 40 it is 250 / 3.25 = 76.9; with 0.75 on a
    # 100 it is 215 / 2.75 = 78.2.
    children = points([[100], [40], [100]])
    only = (Change("weight", 1.25, 1, "not_met"),)
    assert tuple(c for c in tried(children, 78).turned_by if c.part == "weight") == only
    three = (Change("weight", 0.75, 0, "not_met"), *only, Change("weight", 0.75, 2, "not_met"))
    assert tuple(c for c in tried(children, 79).turned_by if c.part == "weight") == three
    # They are multiples of the weights chosen: 2 x 0.75 = 1.5 of 100 and 1 of 40.
    children = points([[100], [40]], [2, 1])
    found = tried(children, 77)
    assert found.verdict == "met"
    weights = [change for change in found.turned_by if change.part == "weight"]
    assert weights == [
        Change("weight", 0.75, 0, "not_met"),
        Change("weight", 1.25, 1, "not_met"),
    ]


def test_drawn_weights_lie_evenly_within_a_quarter_of_the_chosen_ones():
    # 100 w / (w + v) with w, v from 0.75 to 1.25 is between 37.5 and 62.5, half the time over 50.
    children = points([[100], [0]])
    assert tried(children, 37.49).by_choice[OWN, ARITHMETIC] == 1
    assert tried(children, 62.51).by_choice[OWN, ARITHMETIC] == 1
    half = tried(children, 50.001, weightings=2000).by_choice[OWN, ARITHMETIC]
    assert half == pytest.approx(0.5, abs=0.04)
    # P(w / v > 1.25) is the area of the triangle (1.25 - 0.9375) x 0.25 / 2 within 0.25.
    rare = tried(children, 100 * 1.25 / 2.25, weightings=2000).by_choice[OWN, ARITHMETIC]
    assert 1 - rare == pytest.approx(0.3125 * 0.25 / 2 / 0.25, abs=0.025)


def test_the_verdict_is_the_one_of_the_goals_own_score():
    children = spread([[60, 61, 62], [55, 53, 51]], 9, 6)
    goal = roll_up(children, ARITHMETIC, 0.5, 54, seed=5)
    for cell in range(3):
        one = replace(
            children,
            value=children.value[:, [cell]],
            low=children.low[:, [cell]],
            high=children.high[:, [cell]],
        )
        exactly = float(goal.interval.low[cell])
        assert tried(one, exactly, seed=5, draws=10_000).verdict == "met"
        assert tried(one, exactly + 1e-6, seed=5, draws=10_000).verdict == "undetermined"
    assert tried(one, float(goal.interval.low[2]), seed=5, draws=10_000, level=0.95).verdict == (
        "undetermined"
    )


def test_the_same_seed_gives_the_same_answer():
    children = spread([[60], [50]], 0.5, 0.5)
    assert tried(children, 55) == tried(children, 55)
    assert tried(children, 55).verdicts != tried(children, 55, seed=2).verdicts


def test_without_enough_children_there_is_no_data_under_any_method():
    found = tried(points([[60], [NAN]], [1, 9]), 50)
    assert (found.verdict, found.stands, found.verdicts) == ("no_data", 1, {"no_data": 1})
    # At the least coverage the weights decide whether there is a score.
    found = tried(points([[60], [NAN]]), 50)
    assert found.verdict == "met"
    assert set(found.verdicts) == {"met", "no_data"}
    assert tried(points([[60], [NAN]]), 50, least=0).stands == 1


def test_the_target_itself_is_met_and_no_interval_decides_nothing():
    value = np.array([[70.0, 70.0, 70.0, NAN, 69.0]])
    low = np.array([[70.0, NAN, 60.0, NAN, 69.0]])
    high = np.array([[70.0, NAN, 80.0, NAN, 69.0]])
    children = replace(points(value), low=low, high=high)
    goal = roll_up(children, ARITHMETIC, 0.5, 70, seed=1, draws=100)
    assert verdicts(goal, 70).tolist() == [
        "met", "undetermined", "undetermined", "no_data", "not_met",
    ]  # fmt: skip
    # Three tenths of 70 and seven of 70 may miss 70 by rounding.
    goal = roll_up(points([[70], [70], [70]], [0.1, 0.2, 0.7]), ARITHMETIC, 0.5, 70, 1, 100)
    assert verdicts(goal, 70) == ["met"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"children": points([[60, 60]])}, "one cell"),
        ({"others": {OWN: [Goalposts()]}}, "may not be called own"),
        ({"weightings": 0}, "weightings"),
        ({"target": NAN}, "target must be a number"),
        ({"target": INF}, "target must be a number"),
    ],
)
def test_what_does_not_fit_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        tried(**({"children": points([[60]]), "target": 50} | options))
