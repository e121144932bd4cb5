"""KPIs whose answers are weighted to the known shares of a population."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats

from analysis.facts import COLUMNS, FactsError
from analysis.kpi import ScorebookError, read_scorebook
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.rating_intervals import adjusted_wald
from analysis.scale_means import quasi_binomial
from analysis.wilson import wilson
from tests.analysis.building import AFTER, DEFAULTS, answers, book, kpi, write_table

SIZES = [{"dimension": "size", "shares": {"big": 0.25, "small": 0.75}}]
BOTH = [*SIZES, {"dimension": "region", "shares": {"north": 0.5, "south": 0.5}}]
SHARE = {"statistic": "top_box", "cut": 7, "unit": "share", "score": {"worst": 0, "best": 1}}
NET = {"statistic": "net_score", "score": {"worst": -100, "best": 100}}


def write(folder, groups, month="2026-07", **common):
    """Ratings of groups (size, region, values), with their dimensions as columns."""
    rows, sizes, regions = [], [], []
    for size, region, values in groups:
        rows += answers(values, **common)
        sizes += [size] * len(values)
        regions += [region] * len(values)
    filled = [DEFAULTS["ratings"] | row for row in rows]
    table = pa.Table.from_pylist(filled, pa.schema(COLUMNS["ratings"]))
    table = table.append_column("dim_size", pa.array(sizes, pa.string()))
    table = table.append_column("dim_region", pa.array(regions, pa.string()))
    return write_table(folder, "ratings", table, month)


def score(folder, *entries, **changes):
    scorebook = book(*entries, **({"units": [], "representatives": []} | changes))
    return score_kpis(folder, scorebook, Period.parse("2026-07"), now=AFTER, seed=1).rows()[0]


BIG, SMALL = [8.0, 9.0, 10.0, 7.0, 8.0, 9.0], [2.0, 6.0]


@pytest.fixture
def folder(tmp_path):
    """Six big ones who are content and two small ones who are not; the population is 1 to 3."""
    return write(tmp_path, [("big", "north", BIG), ("small", "north", SMALL)])


def test_a_weighted_mean_has_the_shares_of_the_population(folder):
    row = score(folder, kpi(margins=SIZES))
    assert row["value"] == pytest.approx(0.25 * np.mean(BIG) + 0.75 * np.mean(SMALL))
    assert row["n"] == 8
    assert "Weighted; unweighted it is 7.375." in row["verdict_reason"]


def test_a_weighted_mean_has_the_linearised_interval_worked_by_hand(folder):
    row = score(folder, kpi(margins=SIZES))
    # Weights 2/6 and 6/2, eight in all.
    w = np.array([1 / 3] * 6 + [3.0] * 2)
    v = np.array(BIG + SMALL)
    mean = (w * v).sum() / 8
    error = np.sqrt(8 / 7 * (w**2 * (v - mean) ** 2).sum()) / 8
    assert row["std_error"] == pytest.approx(error)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        scipy.stats.t.interval(0.95, 7, mean, error)
    )
    assert row["ci_method"] == "student_t_linearised"
    assert row["effective_n"] == pytest.approx(64 / (w**2).sum())


def test_a_weighted_mean_on_its_scale_has_the_linearised_variance_too(folder):
    plain = score(folder, kpi(margins=SIZES))
    row = score(folder, kpi(margins=SIZES, interval="quasi_binomial"))
    # The variance with the divisor n that gives this standard error.
    variance = 7 * plain["std_error"] ** 2
    expected = quasi_binomial(plain["value"], variance, 8, 0, 10)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected)
    assert row["ci_method"] == "quasi_binomial_linearised"
    assert row["std_error"] == pytest.approx(plain["std_error"])


def test_a_weighted_share_has_wilson_on_the_effective_n(folder):
    row = score(folder, kpi(margins=SIZES, **SHARE))
    effective = 64 / (6 / 9 + 2 * 9)
    assert row["value"] == pytest.approx(0.25)
    assert row["effective_n"] == pytest.approx(effective)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(wilson(0.25, effective))
    assert row["ci_method"] == "wilson_effective_n"


def test_a_weighted_net_score_has_the_adjusted_wald_interval_on_the_effective_n(folder):
    row = score(folder, kpi(margins=SIZES, **NET))
    # Three of six big ones promote, both small ones detract: 0.25 / 2 - 0.75 = -0.625.
    effective = 64 / (6 / 9 + 2 * 9)
    square = 0.25 / 2 + 0.75
    low, high, _ = adjusted_wald(-0.625, square - 0.625**2, effective)
    assert row["value"] == pytest.approx(-62.5)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))


def test_without_unequal_weights_nothing_changes(tmp_path):
    write(
        tmp_path, [("big", "north", [8.0, 9.0]), ("small", "north", [1.0, 2.0, 3.0, 5.0, 6.0, 7.0])]
    )
    weighted, plain = score(tmp_path, kpi(margins=SIZES)), score(tmp_path, kpi())
    for name in ("value", "std_error", "ci_low", "ci_high", "effective_n"):
        assert weighted[name] == pytest.approx(plain[name]), name


def test_several_margins_are_raked(tmp_path):
    groups = [("big", "north", [8.0] * 3), ("big", "south", [6.0] * 2),
              ("small", "north", [4.0] * 1), ("small", "south", [2.0] * 4)]  # fmt: skip
    write(tmp_path, groups)
    row = score(tmp_path, kpi(margins=BOTH))
    # Iterative fitting by hand: rows big 0.25, small 0.75; columns one half each.
    table = np.array([[3.0, 2.0], [1.0, 4.0]])
    for _ in range(200):
        table *= (np.array([0.25, 0.75]) / table.sum(axis=1))[:, None]
        table *= np.array([0.5, 0.5]) / table.sum(axis=0)
    assert row["value"] == pytest.approx((table * [[8, 6], [4, 2]]).sum(), rel=1e-6)


def test_the_weights_of_everybody_are_those_of_every_unit(tmp_path):
    others = [("big", "south", [4.0] * 2), ("small", "north", SMALL)]
    parts = [
        write(tmp_path / "berne", [("big", "north", BIG)], unit="berne"),
        write(tmp_path / "sales", others, unit="sales"),
    ]
    file = "ratings/month=2026-07/facts.parquet"
    write_table(
        tmp_path,
        "ratings",
        pa.concat_tables([pq.ParquetFile(part / file).read() for part in parts]),
    )
    scorebook = book(kpi(margins=SIZES))
    rows = score_kpis(tmp_path, scorebook, Period.parse("2026-07"), now=AFTER, seed=1).rows()
    sales = next(row for row in rows if row["scope_id"] == "sales" and row["window"] == "period")
    # Ten answers: the big ones weigh 0.25 x 10 / 8, the small ones 0.75 x 10 / 2.
    assert sales["value"] == pytest.approx((2 * 4 * 0.3125 + 8 * 3.75) / (2 * 0.3125 + 2 * 3.75))


def test_a_category_without_a_share_is_told_and_nothing_is_measured(folder):
    margins = [{"dimension": "size", "shares": {"big": 0.5, "tiny": 0.5}}]
    row = score(folder, kpi(margins=margins))
    assert (row["value"], row["verdict"]) == (None, "no_data")
    assert "The answers cannot be weighted." in row["verdict_reason"]
    assert "'small'" in row["verdict_reason"]


def test_answers_of_an_unknown_category_keep_the_weight_1_and_are_counted(tmp_path):
    write(tmp_path, [("big", "north", BIG), ("small", "north", SMALL), ("", "north", [4.0, 10.0])])
    row = score(tmp_path, kpi(margins=SIZES))
    # The eight that are known weigh 2/6 and 6/2, together eight; the others weigh 1 each.
    assert row["value"] == pytest.approx((sum(BIG) / 3 + sum(SMALL) * 3 + 14) / 10)
    assert row["n"] == 10
    assert "Of all 10 answers, 2 cannot be told apart by size" in row["verdict_reason"]


def test_an_answer_with_one_of_two_categories_unknown_is_not_raked(tmp_path):
    groups = [("big", "north", [8.0] * 3), ("big", "south", [6.0] * 2),
              ("small", "north", [4.0] * 1), ("small", "south", [2.0] * 4)]  # fmt: skip
    write(tmp_path, groups)
    raked = score(tmp_path, kpi(margins=BOTH))["value"]
    write(tmp_path, [*groups, ("big", "", [9.0])])
    row = score(tmp_path, kpi(margins=BOTH))
    assert row["value"] == pytest.approx((10 * raked + 9) / 11)
    assert "Of all 11 answers, 1 cannot be told apart by size and region" in row["verdict_reason"]


def test_answers_of_which_no_category_is_known_cannot_be_weighted(tmp_path):
    write(tmp_path, [("", "north", [8.0, 9.0])])
    row = score(tmp_path, kpi(margins=SIZES))
    assert row["value"] is None
    assert row["verdict_reason"].startswith("The answers cannot be weighted. Of none of them")


def test_margins_that_nothing_fits_are_told(tmp_path):
    write(tmp_path, [("big", "north", [8.0] * 3), ("small", "south", [2.0] * 3)])
    row = score(tmp_path, kpi(margins=BOTH))
    assert row["value"] is None
    assert "No weights fit all margins" in row["verdict_reason"]


def test_shares_written_with_few_digits_fit_all_the_same(tmp_path):
    groups = [
        (size, region, [5.0, 6.0]) for size in ("big", "small") for region in ("north", "south")
    ]
    write(tmp_path, groups)
    thirds = {"big": 0.333333, "small": 0.666666}
    margins = [{"dimension": "size", "shares": thirds}, BOTH[1]]
    assert score(tmp_path, kpi(margins=margins))["value"] == pytest.approx(5.5)


def test_nobody_who_answered_is_no_trouble_of_weights(tmp_path):
    write(tmp_path, [("big", "north", ["skipped"])])
    row = score(tmp_path, kpi(margins=SIZES))
    assert row["verdict_reason"] == (
        "There is no answer: none of the 1 who were shown it answered."
    )


def test_facts_without_the_dimension_are_refused(tmp_path, folder):
    with pytest.raises(FactsError, match="lacks the column dim_age"):
        score(folder, kpi(margins=[{"dimension": "age", "shares": {"old": 1}}]))


def test_a_respondent_without_a_category_is_refused(tmp_path):
    write(tmp_path, [(None, "north", [8.0, 9.0])])
    with pytest.raises(FactsError, match="the column dim_size is empty there"):
        score(tmp_path, kpi(margins=SIZES))


def test_months_may_have_other_dimensions_than_those_that_are_asked_for(folder):
    table = pq.ParquetFile(folder / "ratings" / "month=2026-07" / "facts.parquet").read()
    write_table(folder, "ratings", table.drop_columns(["dim_region"]), "2026-06")
    assert score(folder, kpi(margins=SIZES))["prev_value"] is not None


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ([{"dimension": "size", "shares": {"big": 0.5, "small": 0.4}}], "shares_do_not_add_up"),
        ([{"dimension": "size", "shares": {"big": 1.5, "small": -0.5}}], "not_a_share"),
        ([*SIZES, *SIZES], "repeated_dimension"),
    ],
)
def test_margins_that_are_no_shares_are_refused(margins, code):
    with pytest.raises(ScorebookError) as told:
        book(kpi(margins=margins))
    assert code in [problem.code for problem in told.value.problems]


def test_weights_are_for_answers_alone():
    with pytest.raises(ScorebookError, match="not of customers"):
        book(kpi(margins=SIZES, unit_of_analysis="customer"))


def test_margins_come_out_of_a_scorebook_as_they_went_in():
    written = book(kpi(margins=BOTH))
    assert read_scorebook(written.to_yaml()) == written
