"""Control charts: orange juice cans, piston rings and the flow of the Nile."""

from typing import Any

import numpy as np

from analysis.control import ControlLimits, beyond_limits, p_chart, xmr_chart
from analysis.subgroups import XbarRChart, capability, sigma_from_deviations, xbar_r_chart
from tests.reference.answers import answers
from tests.reference.cases import Case

CASE = "control-charts-textbook"
TRIAL = 25


def _numbers_beyond(values: np.ndarray, limits: ControlLimits) -> list[int]:
    """Which values are beyond the limits, counted from 1."""
    return (np.flatnonzero(beyond_limits(values, limits)) + 1).tolist()


@answers(CASE, "p-chart")
def find_p_chart(case: Case) -> dict[str, Any]:
    trial = case.words("trial", "orangejuice.csv") == "True"
    counts, sizes = (case.column(name, "orangejuice.csv")[trial] for name in ("D", "size"))
    limits = p_chart(counts, sizes)
    return {
        # All samples are of one size, so that their limits are the same.
        "center": float(limits.center[0]),
        "lcl": float(limits.low[0]),
        "ucl": float(limits.high[0]),
        "beyond": _numbers_beyond(counts / sizes, limits),
    }


def _rings(case: Case) -> np.ndarray:
    return case.column("diameter", "pistonrings.csv").reshape(-1, 5)


def _chart(case: Case) -> XbarRChart:
    return xbar_r_chart(_rings(case)[:TRIAL])


@answers(CASE, "xbar-r")
def find_xbar_r(case: Case) -> dict[str, float]:
    chart = _chart(case)
    return {
        "center": float(chart.means.center),
        "sigma_from_ranges": chart.sigma,
        "lcl": float(chart.means.low),
        "ucl": float(chart.means.high),
        "r_center": float(chart.ranges.center),
        "r_lcl": float(chart.ranges.low),
        "r_ucl": float(chart.ranges.high),
        "sigma_from_sds": sigma_from_deviations(_rings(case)[:TRIAL]),
    }


@answers(CASE, "xbar-new-samples")
def find_new_samples(case: Case) -> dict[str, Any]:
    found = _numbers_beyond(_rings(case).mean(axis=1), _chart(case).means)
    return {"beyond": [number for number in found if number > TRIAL]}


@answers(CASE, "xmr-nile")
def find_xmr(case: Case) -> dict[str, Any]:
    flow = case.column("flow", "nile.csv")
    chart = xmr_chart(flow)
    return {
        "center": float(chart.values.center),
        "sigma": float(chart.values.sigma),
        "lcl": float(chart.values.low),
        "ucl": float(chart.values.high),
        "mean_moving_range": float(chart.ranges.center),
        "mr_ucl": float(chart.ranges.high),
        "beyond": _numbers_beyond(flow, chart.values),
    }


@answers(CASE, "capability")
def find_capability(case: Case) -> dict[str, float]:
    chart, limits = _chart(case), case.checks["capability"]["params"]
    found = capability(
        float(chart.means.center), chart.sigma, lower=limits["lsl"], upper=limits["usl"], target=74
    )
    return {
        "Cp": found.cp,
        "Cp_l": found.cp_low,
        "Cp_u": found.cp_high,
        "Cp_k": found.cpk,
        "Cpm": found.cpm,
    }
