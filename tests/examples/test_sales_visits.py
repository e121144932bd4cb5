"""The simulated example goes through the product whole, and shows what verdicts can be."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from flask import Flask

from tests.examples.scored import score_example

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales_visits"
QUARTER, AUTUMN = "2026-Q3", "2026-08..2026-10"


def figures(measure: str, months: tuple[str, ...], **place: str) -> float:
    """The sum of a measure over months and places, from the rows of the file."""
    with open(EXAMPLE / "figures.csv", encoding="utf-8", newline="") as file:
        return math.fsum(
            float(row["value"])
            for row in csv.DictReader(file)
            if row["measure"] == measure
            and row["period"] in months
            and all(row[column] == key for column, key in place.items())
        )


def test_the_simulated_example_is_loaded_and_scored(app: Flask) -> None:
    scored = score_example(app, "sales_visits")
    months = ("2026-07", "2026-08", "2026-09")

    clients = scored.row(QUARTER, "new_clients", "representative", "anna")
    assert clients["value"] == figures("new_clients", months, representative="anna")
    assert (clients["target"], clients["target_scope"]) == (16, "representative:anna")
    everybody = scored.row(QUARTER, "company_clients")
    assert everybody["value"] == figures("new_clients", months)
    profit = scored.row(QUARTER, "referral_profit", "unit", "fleet_sales")
    assert profit["value"] == pytest.approx(figures("referral_profit", months, unit="fleet_sales"))
    filled = scored.row(QUARTER, "orders_filled")
    assert filled["value"] == figures("orders_filled", months) / figures("orders_received", months)

    # The leasing unit's target follows regional demand: 12000 x (mean of the months / 100)^0.5.
    leased = scored.row(QUARTER, "referral_profit", "unit", "leasing")
    demand = figures("regional_demand", months, unit="leasing") / 3
    assert leased["target"] == 12000
    assert leased["target_adjusted"] == pytest.approx(12000 * (demand / 100) ** 0.5)
    # New clients are for those in the set, with the weight that it has there.
    members = {key[3] for key in scored.rows if key[1] == "new_clients"}
    assert members == {"anna", "luca", "tomasz", "mei", "david"}
    assert (clients["weight"], everybody["weight"]) == (2, 1)

    # Visits that were open at the cut-off are censored, not left out.
    assert scored.row(QUARTER, "time_to_market")["n_censored"] == 0
    assert scored.row(AUTUMN, "time_to_market")["n_censored"] == 5
    # A representative's own KPI is computed for nobody else.
    own = {key[2:] for key in scored.rows if key[1] == "product_fits"}
    assert own == {("representative", "mei")}
    verdicts = {row["verdict"] for row in scored.rows.values()}
    assert verdicts == {"met", "not_met", "undetermined"}
