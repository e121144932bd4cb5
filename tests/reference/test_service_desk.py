"""The numbers that the product finds in real data are those of an independent computation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.kpi import read_scorebook
from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import db
from tests.examples.scored import NOW, Scored, score_example
from tests.reference import raw_rows
from tests.reference.raw_rows import Expected

PERIOD = "2015-01..2021-03"
MONTHS = ("2015-01", "2021-03")
EXACT = 1e-9

SHARES = {
    "git_major": "q19c_git",
    "autocomplete_major": "q20a_autocomplete",
    "modular_major": "q15c_modular",
    "failed_cell_major": "q20e_failed_cell",
}
MEANS = {
    "track_changes_severity": "q19f_track_changes",
    "call_modules_severity": "q15f_call_modules",
    "desktop_app_severity": "q20b_desktop_app",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scored]:
    """The example, loaded through the product's own imports and scored; once for each database.

    Nothing here changes it, so that its 4 866 rows need not be loaded for every test.
    """
    home = tmp_path_factory.mktemp("service_desk")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), home / "soundings.sqlite")
        url = f"sqlite:///{home / 'soundings.sqlite'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        server.run("CREATE DATABASE service_desk TEMPLATE template_soundings")
        url = server.url("service_desk")
    settings = Settings(home=home, database_url=url, secret_key="a key for this test only")
    app = create_app(settings, testing=True)
    yield score_example(app, "service_desk")
    with app.app_context():
        db.engine.dispose()
    if request.param == "postgresql":
        server.run("DROP DATABASE service_desk WITH (FORCE)")


def assert_equal(row: dict[str, Any], expected: Expected, method: str) -> None:
    """A scored row agrees with the raw rows to 1e-9, relative to the number."""
    found = (row["value"], row["ci_low"], row["ci_high"])
    wanted = (expected.value, expected.low, expected.high)
    for one, other in zip(found, wanted, strict=True):
        assert one == (None if other is None else pytest.approx(other, rel=EXACT, abs=EXACT))
    assert (row["n"], row["n_eligible"]) == (expected.n, expected.n_eligible)
    assert row["ci_method"] == method


def test_the_scorecard_of_the_real_data_equals_an_independent_computation(scored: Scored) -> None:
    for kpi, item in SHARES.items():
        assert_equal(scored.row(PERIOD, kpi), raw_rows.share_from(item, 3), "wilson")
    for kpi, item in MEANS.items():
        assert_equal(scored.row(PERIOD, kpi), raw_rows.mean_severity(item), "student_t")
    median = scored.row(PERIOD, "time_to_resolve")
    assert_equal(median, raw_rows.median_time_to_resolve(), "kaplan_meier_log_log")
    assert median["n_censored"] == len(raw_rows.incident_seconds()[1])
    unemployed = raw_rows.ratio_of_sums("number of unemployed", "total population", *MONTHS)
    # Both figures end in April 2015: what is known of the period is shown, and not judged.
    assert_equal(scored.row(PERIOD, "unemployed_share"), unemployed, "")
    savings = raw_rows.last_figure("personal savings rate", *MONTHS)
    assert_equal(scored.row(PERIOD, "savings_rate"), savings, "")
    for kpi in ("unemployed_share", "savings_rate"):
        assert scored.row(PERIOD, kpi)["verdict"] == "undetermined"
    assert "71 months of the period" in scored.row(PERIOD, "unemployed_share")["verdict_reason"]

    verdicts = {kpi: scored.row(PERIOD, kpi)["verdict"] for kpi in (*SHARES, *MEANS)}
    assert verdicts == {
        "git_major": "not_met",
        "autocomplete_major": "not_met",
        "modular_major": "undetermined",
        "failed_cell_major": "met",
        "track_changes_severity": "not_met",
        "call_modules_severity": "undetermined",
        "desktop_app_severity": "met",
    }
    assert median["verdict"] == "not_met"
    assert scored.row(PERIOD, "savings_rate", "unit", "it_services")["verdict"] == "no_data"


def test_all_items_of_the_survey_equal_an_independent_computation(scored: Scored) -> None:
    book = read_scorebook(scorebook_of_all_items(), "all items")
    rows = score_kpis(
        scored.facts, book, Period.parse(PERIOD), now=NOW, seed=1, windows=[WindowType.PERIOD]
    )
    found = {row["kpi_id"]: row for row in rows}
    assert len(found) == 3 * 22
    for item in raw_rows.item_names():
        assert_equal(found[f"{item}_mean"], raw_rows.mean_severity(item), "student_t")
        assert_equal(found[f"{item}_major"], raw_rows.share_from(item, 3), "wilson")
        # Counted in the denominator, "N/A" lowers the share; no answer still does not.
        rated, asked = raw_rows.ratings_of(item)
        not_applicable = raw_rows.missing_counts(item)["not_applicable"]
        among_all = found[f"{item}_among_all"]
        assert among_all["n"] == len(rated) + not_applicable
        assert among_all["value"] == pytest.approx(
            sum(rating >= 3 for rating in rated) / (len(rated) + not_applicable), rel=EXACT
        )
        assert among_all["n_eligible"] == asked


def scorebook_of_all_items() -> str:
    """A scorebook with three KPIs for each item: mean, share, share with "N/A" counted."""
    lines = [
        "format: soundings-scorebook/1",
        "time_zone: UTC",
        "goals: [{id: tools, name: Tools}]",
        "kpis:",
    ]
    statistics = {
        "mean": "statistic: mean, score: {worst: 4, best: 0}",
        "major": "statistic: top_box, cut: 3, score: {worst: 1, best: 0}",
        "among_all": "statistic: top_box, cut: 3, score: {worst: 1, best: 0}, "
        "in_denominator: [not_applicable]",
    }
    for item in raw_rows.item_names():
        source = f"source: {{questionnaire: jupyter_severity, question: {item}}}"
        lines += [
            f"  - {{id: {item}_{word}, version: 1, goal: tools, name: {item}, unit: points, "
            f"direction: lower_is_better, scopes: [all], {source}, {rest}}}"
            for word, rest in statistics.items()
        ]
    return "\n".join(lines)
