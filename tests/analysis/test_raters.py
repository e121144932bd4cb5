"""Severity of raters, values adjusted for it, and when it cannot be told."""

import numpy as np
import pytest
from scipy.stats import t

from analysis.averaged_effects import average_effects
from analysis.mixed_models import fit_crossed
from analysis.raters import adjust_for_severity


def incomplete(seed=2, raters=12, targets=15, each=4):
    """Ratings of targets by some of the raters; the last target met the first raters only."""
    generator = np.random.default_rng(seed)
    severity, quality = generator.normal(0, 0.8, raters), generator.normal(0, 0.6, targets)
    severity[:each] = 1.5
    target = np.repeat(np.arange(targets), each)
    rater = np.concatenate(
        [generator.choice(raters, each, replace=False) for _ in range(targets - 1)]
        + [np.arange(each)]
    )
    rating = 5 + quality[target] - severity[rater] + generator.normal(0, 0.3, target.size)
    return rating, rater, target, severity, quality


def test_values_and_severity_are_those_of_the_crossed_model():
    rating, rater, target, *_ = incomplete()
    found = adjust_for_severity(rating, rater, target)
    fit = fit_crossed(rating, rater, target)
    of_rater, of_target = average_effects(fit)
    assert found.targets.value == pytest.approx(of_target.coefficient)
    assert found.targets.std_error == pytest.approx(of_target.coefficient_sd)
    assert found.raters.value == pytest.approx(-of_rater.effect)
    assert found.raters.std_error == pytest.approx(of_rater.effect_sd)
    assert found.targets.adjusted.all()
    assert (found.n, found.n_missing, found.reason) == (60, 0, "")


def test_a_target_that_met_severe_raters_is_raised_to_where_it_belongs():
    rating, rater, target, severity, quality = incomplete()
    found = adjust_for_severity(rating, rater, target)
    # The raw value of the last target is 1.5 less the mean severity too low.
    raw, adjusted = found.targets.raw[-1], found.targets.value[-1]
    truth = 5 + quality[-1] - severity.mean()
    assert abs(raw - truth) > 0.6
    assert abs(adjusted - truth) < 0.4
    assert np.corrcoef(found.raters.value, severity)[0, 1] > 0.95
    centred = quality - quality.mean()
    errors = [
        np.std(one - one.mean() - centred) for one in (found.targets.value, found.targets.raw)
    ]
    assert errors[0] < errors[1] / 2


def test_raw_values_are_means_with_students_t():
    rating, rater, target, *_ = incomplete()
    found = adjust_for_severity(rating, rater, target).targets
    own = rating[target == 3]
    assert found.raw[3] == pytest.approx(own.mean())
    assert found.raw_std_error[3] == pytest.approx(own.std(ddof=1) / 2)
    limits = found.raw_interval(0.9)
    expected = t.interval(0.9, 3, own.mean(), own.std(ddof=1) / 2)
    assert (limits.low[3], limits.high[3]) == pytest.approx(expected)
    assert (found.n[3], found.raters[3]) == (4, 4)


def test_intervals_of_values_and_severity_surround_them():
    rating, rater, target, *_ = incomplete()
    found = adjust_for_severity(rating, rater, target)
    for part in (found.targets, found.raters):
        limits = part.interval()
        half = t.ppf(0.975, 59) * part.std_error
        assert limits.low == pytest.approx(part.value - half)
        assert limits.high == pytest.approx(part.value + half)
        assert limits.rule == "student_t_averaged_variances"


def test_missing_ratings_leave_their_target_there_without_a_value():
    rating, rater, target, *_ = incomplete()
    more = adjust_for_severity(
        np.append(rating, [np.nan, np.nan]), np.append(rater, [0, 99]), np.append(target, [1, 99])
    )
    plain = adjust_for_severity(rating, rater, target)
    assert more.targets.value[:-1] == pytest.approx(plain.targets.value)
    assert more.raters.value[:-1] == pytest.approx(plain.raters.value)
    assert (more.targets.labels[-1], more.targets.n[-1]) == (99, 0)
    assert np.isnan([more.targets.value[-1], more.targets.raw[-1], more.raters.value[-1]]).all()
    assert more.targets.reason[-1] == "There is no rating."
    assert (more.n, more.n_missing) == (60, 2)


@pytest.mark.parametrize(
    ("rating", "rater", "target", "reason"),
    [
        ([], [], [], "There is no rating"),
        ([np.nan], ["a"], ["x"], "There is no rating"),
        ([1, 2, 3, 5], list("aaaa"), list("xxyy"), "one level only"),
        ([1, 2, 3, 5], list("abcd"), list("xxxx"), "one level only"),
        ([1, 2, 3, 5], list("aabb"), list("xxyy"), "Every target has one rater"),
        ([1, 2, 3, 5, 6, 7], list("aaabbb"), list("xyzuvw"), "Every target has one rater"),
        ([4, 4, 4, 4], list("abab"), list("xxyy"), "All values are the same"),
        ([1, 2, 3, 4], list("abab"), list("xxyy"), "explain every value"),
        ([1, 2, 3, 4, 2, 3, 4, 6], list("ababcdcd"), list("xxyyzzww"), "None has most"),
    ],
)
def test_what_is_not_separable_stays_raw_with_the_reason(rating, rater, target, reason):
    found = adjust_for_severity(rating, rater, target)
    assert reason in found.reason
    assert not found.targets.adjusted.any()
    assert np.array_equal(found.targets.value, found.targets.raw, equal_nan=True)
    assert np.array_equal(found.targets.std_error, found.targets.raw_std_error, equal_nan=True)
    assert np.isnan(found.raters.value).all()
    assert all(found.targets.reason)
    limits = found.targets.interval()
    assert limits.rule == "student_t"
    assert np.array_equal(limits.low, found.targets.raw_interval().low, equal_nan=True)


def test_ratings_that_are_all_the_same_or_single_have_a_value_without_interval():
    found = adjust_for_severity([4, 4, 7], list("aaa"), list("xxy")).targets
    assert found.value.tolist() == [4, 7]
    assert np.isnan(found.std_error).all()
    assert np.isnan(found.interval().low).all()


def test_a_group_that_shares_nobody_with_the_others_stays_raw_beside_them():
    rating, rater, target, *_ = incomplete()
    apart = adjust_for_severity(
        np.append(rating, [1, 2, 4, 2]),
        np.append(rater, [50, 51, 50, 51]),
        np.append(target, [70, 70, 71, 71]),
    )
    alone = adjust_for_severity(rating, rater, target)
    assert apart.targets.value[:-2] == pytest.approx(alone.targets.value)
    assert apart.targets.value[-2:].tolist() == [1.5, 3]
    assert apart.targets.adjusted.tolist() == [True] * 15 + [False] * 2
    assert apart.targets.reason[-1] == "No rater links it to most of the other targets."
    assert np.isnan(apart.raters.value[-2:]).all()
    assert "2 groups" in apart.reason
    assert apart.fit is not None
    assert apart.fit.effects[1].levels.tolist() == list(range(15))


def test_mistakes_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match="three arrays of one dimension"):
        adjust_for_severity([1, 2], ["a"], ["x", "y"])
    with pytest.raises(ValueError, match="infinite number"):
        adjust_for_severity([np.inf, 2], ["a", "b"], ["x", "y"])
    with pytest.raises(ValueError, match="level 1 is not between"):
        adjust_for_severity([1, 2], ["a", "b"], ["x", "y"]).targets.interval(1)
