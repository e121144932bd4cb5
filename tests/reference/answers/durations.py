"""Times to a milestone: curves, medians, restricted means, competing ends and tests of groups."""

import math

import numpy as np

from analysis.duration_quantiles import quantile
from analysis.duration_shares import share_within
from analysis.log_rank import gray_test, log_rank
from analysis.restricted_means import difference, restricted_mean
from analysis.risk_tables import RiskTable, entry_at
from analysis.survival_curves import cumulative_incidence, kaplan_meier
from analysis.survival_limits import log_log_limits
from tests.reference.answers import answers

ARMS = ("Maintained", "Nonmaintained")
CAUSES = ("progression", "death")
LOG_LIMITS = (
    "Limits on the scale of the plain logarithm can leave 0 to 1; all limits of curves here are on "
    "the log-log scale."
)


def aml(case, arm=None):
    """The risk table of one arm, or of all patients."""
    rows = slice(None) if arm is None else case.words("x") == arm
    died = case.column("status")[rows]
    time = case.column("time")[rows]
    [(_, table)] = RiskTable.from_rows(
        np.zeros(len(time), np.int64), time, died, 0 * died, 1 - died, cells=1
    )
    return table


def mgus(case, cause, rows=slice(None)):
    """The risk table of one cause of ending, with the other one competing."""
    event = case.words("event")[rows]
    [(_, table)] = RiskTable.from_rows(
        np.zeros(len(event), np.int64),
        case.column("months")[rows],
        event == cause,
        (event != cause) & (event != "censored"),
        event == "censored",
        cells=1,
    )
    return table


def compared(group, time, reached, competing, censored):
    """The table of two groups, without the axis of cells."""
    cell = np.zeros(len(group), np.int64)
    [(_, table)] = RiskTable.by_group(
        cell, group.astype(np.int64), time, reached, competing, censored, cells=1, groups=2
    )
    return table


@answers(
    "survival-aml",
    "kaplan-meier",
    not_offered={f"{arm}.q.log.{end}": LOG_LIMITS for arm in ARMS for end in ("lower", "upper")},
)
def curves_of_both_arms(case):
    level = case.checks["kaplan-meier"]["params"]["confidence"]
    return {arm: curve_of(aml(case, arm), level) for arm in ARMS}


def curve_of(table, level):
    median = quantile(table)
    interval = median.interval(level)
    time, low, high = (
        None if math.isnan(end) else float(end)
        for end in (median.value[0], interval.low[0], interval.high[0])
    )
    weeks = {}
    for week in (12, 24, 36):
        survival, variance = kaplan_meier(table).at(week)
        lower, upper = log_log_limits(survival, variance, level)
        share = share_within(table, week)
        of_share = share.interval(level)
        assert np.allclose([1 - of_share.high, 1 - of_share.low], [lower, upper], rtol=1e-12)
        weeks[str(week)] = {
            "at_risk": entry_at(table.at_risk, np.argmax(table.time >= week, axis=-1))[0],
            "survival": 1 - share.value[0],
            "se": share.std_error[0],
            "lower": lower[0],
            "upper": upper[0],
        }
    return {
        "q": {"loglog": {"time": time, "lower": low, "upper": high}, "log": {"time": time}},
        "s": weeks,
    }


@answers("survival-aml", "log-rank")
def log_rank_of_both_arms(case):
    died = case.column("status")
    test = log_rank(
        compared(case.words("x") == ARMS[1], case.column("time"), died, 0 * died, 1 - died)
    )
    return {
        "chi2": test.statistic[0],
        "df": int(test.df[0]),
        "p": test.p[0],
        "observed": dict(zip(ARMS, test.observed[0], strict=True)),
        "expected": dict(zip(ARMS, test.expected[0], strict=True)),
    }


@answers("survival-aml", "restricted-mean")
def restricted_means_of_all(case):
    told = {}
    for tau in (24, 45):
        found = restricted_mean(aml(case), tau)
        interval = found.interval()
        told[str(tau)] = {
            "rmst": found.value[0],
            "se_greenwood_type": found.std_error[0],
            "lower": interval.low[0],
            "upper": interval.high[0],
        }
    return told


@answers("survival-aml", "restricted-mean-difference")
def difference_of_both_arms(case):
    tau = case.checks["restricted-mean-difference"]["params"]["tau"]
    maintained, other = (restricted_mean(aml(case, arm), tau) for arm in ARMS)
    found = difference(maintained, other)
    interval = found.interval()
    return {
        "arm1": maintained.value[0],
        "arm1_se": maintained.std_error[0],
        "arm0": other.value[0],
        "arm0_se": other.std_error[0],
        "difference": found.value[0],
        "lower": interval.low[0],
        "upper": interval.high[0],
        "p": found.p[0],
    }


@answers("competing-risks-mgus", "counts")
def ends_of_each_kind(case):
    table = mgus(case, "progression")
    return {
        "censored": table.n_censored[0],
        "progression": table.reached.sum(),
        "death": table.competing.sum(),
    }


@answers("competing-risks-mgus", "cumulative-incidence")
def incidence_of_all(case):
    return incidences(case, slice(None), (60, 120, 240, 360))


@answers("competing-risks-mgus", "by-sex")
def incidence_by_sex(case):
    return {sex: incidences(case, case.words("sex") == sex, (120, 240)) for sex in "FM"}


def incidences(case, rows, months):
    """The incidence of both causes, the second from the swapped table."""
    first = mgus(case, CAUSES[0], rows)
    tables = dict(zip(CAUSES, (first, first.swapped()), strict=True))
    return {
        cause: {str(one): {"cif": share_within(table, one).value[0]} for one in months}
        for cause, table in tables.items()
    }


@answers(
    "competing-risks-mgus",
    "standard-errors",
    not_offered={
        "aalen": "The variance here is the other convention's of the two, the infinitesimal "
        "jackknife's; the case accepts either."
    },
)
def errors_of_incidence(case):
    return {
        "infinitesimal_jackknife": {
            cause: {
                str(one): {
                    "se_infinitesimal_jackknife": share_within(mgus(case, cause), one).std_error[0]
                }
                for one in (60, 120, 240, 360)
            }
            for cause in CAUSES
        }
    }


@answers("competing-risks-mgus", "gray-test")
def incidence_compared(case):
    event = case.words("event")
    told = {}
    for cause in CAUSES:
        test = gray_test(
            compared(
                case.words("sex") == "M",
                case.column("months"),
                event == cause,
                (event != cause) & (event != "censored"),
                event == "censored",
            )
        )
        told[cause] = {"statistic": test.statistic[0], "df": int(test.df[0]), "p": test.p[0]}
    return told


@answers("competing-risks-mgus", "naive")
def death_taken_for_censoring(case):
    """Wrong on purpose: about twice the progression that there is."""
    table = mgus(case, "progression")
    naive = kaplan_meier(RiskTable(table.time, table.at_risk, table.reached, 0 * table.reached))
    assert naive.level[0, -1] < 1 - cumulative_incidence(table).level[0, -1]
    return {str(one): 1 - naive.at(one)[0][0] for one in (120, 240)}
