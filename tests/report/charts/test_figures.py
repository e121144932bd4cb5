"""Figures: findings in words, axes in units that are read easily, tables of the same numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from survey_app.report.charts.curves import TABLE_ROWS, make_curve
from survey_app.report.charts.distributions import make_distribution
from survey_app.report.charts.dots import make_scope_dots, make_score_dots
from survey_app.report.charts.drivers import make_drivers
from survey_app.report.charts.figure import Column, Figure, axis_of, list_names
from survey_app.report.charts.funnels import make_funnel
from survey_app.report.charts.histories import make_history
from tests.report.charts.documents import ANSWERS, CURVE, DRIVERS, FUNNEL, HISTORY, row


@pytest.mark.parametrize(
    ("unit", "values", "title", "one"),
    [
        ("share", [0.25, 0.5], "Kept (%)", (0.5, 50.0)),
        ("seconds", [200_000.0, None], "Kept (days)", (86400.0, 1.0)),
        ("seconds", [90_000.0], "Kept (hours)", (7200.0, 2.0)),
        ("seconds", [300.0], "Kept (minutes)", (90.0, 1.5)),
        ("seconds", [100.0], "Kept (seconds)", (90.0, 90.0)),
        ("points", [1.0], "Kept (points)", (7.5, 7.5)),
        ("", [1.0], "Kept", (7.5, 7.5)),
    ],
)
def test_an_axis_is_in_a_unit_that_is_read_easily(
    unit: str, values: list[float | None], title: str, one: tuple[float, float]
) -> None:
    axis = axis_of(unit, values, "Kept")
    assert axis.title == title
    assert axis.place(one[0]) == pytest.approx(one[1])
    assert axis.place(None) is None


def test_a_column_writes_numbers_for_the_reader() -> None:
    assert Column("a", "A", "share").show(0.25) == "25.0 %"
    assert Column("a", "A", "count").show(12345) == "12\u202f345"
    assert Column("a", "A", "points").show(None) == "–"
    assert Column("a", "A", "points").heading == "A (points)"
    assert Column("a", "A", "share").heading == "A"


def test_names_in_a_sentence() -> None:
    assert list_names(["A"]) == "A"
    assert list_names(["A", "B", "C"]) == "A, B and C"
    assert list_names(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"


def test_a_table_as_csv_has_full_numbers_and_no_formula() -> None:
    columns = (Column("name", "Name", is_number=False), Column("x", "X"))
    rows = ({"name": "=1+1", "x": -5.25}, {"name": "a,b", "x": None})
    text = Figure("dots", "", "", "", columns, rows, {}).to_csv()
    assert text == 'name,x\r\n\'=1+1,-5.25\r\n"a,b",\r\n'


KPIS = {
    key: {"definition": {"score": {"rule": "goalposts", "worst": worst, "best": best}}}
    for key, worst, best in (("k", 0, 200), ("m", 100, 0))
}


def test_scores_of_a_scope_with_their_targets_on_the_axis() -> None:
    rows = [
        row(score=60.0, score_low=50.0, score_high=70.0, target=130.0, verdict="not_met"),
        row(kpi_id="m", score=40.0, target=20.0, verdict="met"),
        row(kpi_id="m", score=40.0, target=None, verdict="no_target"),
        row(kpi_id="k", score=None, verdict="no_data"),
    ]
    figure = make_score_dots(rows, KPIS, "2026-07", "period")
    assert figure is not None
    assert figure.title.startswith("1 of 4 KPIs meets its target; 1 misses its target")
    assert "Not drawn, as there is no score: 1." in figure.caption
    # 130 of 0 to 200 scores 65; 20 on the way from 100 to 0 scores 80.
    assert [mark["target"] for mark in figure.drawing["marks"]] == [65, 80, None]
    assert [one["score"] for one in figure.rows] == [60, 40, 40]


def test_a_target_scores_two_thirds_by_red_and_target_and_is_not_placed_in_a_range() -> None:
    rows = [row(score=1.0, target=5.0, score_rule=rule) for rule in ("red_target", "in_range")]
    figure = make_score_dots(rows, KPIS, "2026-07", "period")
    assert figure is not None
    marks = figure.drawing["marks"]
    assert [mark["target"] for mark in marks] == [pytest.approx(66.67, abs=0.01), None]


def test_one_kpi_of_several_scopes_names_who_misses() -> None:
    common = {"unit": "share", "ci_low": 0.2, "ci_high": 0.6, "target": 0.5}
    rows = [
        row(scope_name="Sales", value=0.4, verdict="undetermined", **common),
        row(scope_name="Berne", value=0.3, verdict="not_met", n=40, **common),
        row(scope_name="Basle", value=None, ci_low=None, verdict="no_data"),
    ]
    figure = make_scope_dots(rows, "2026-07", "period")
    assert figure is not None
    assert figure.title == "A KPI: Berne misses its target"
    assert figure.drawing["axis"] == "A KPI (%)"
    assert figure.drawing["marks"][0]["point"] == pytest.approx(40)
    assert [one["name"] for one in figure.rows] == ["Sales", "Berne"]
    assert "n = 10 to 40" in figure.caption


def test_nothing_scored_is_no_figure() -> None:
    nothing = row(score=None, value=None, ci_low=None)
    assert make_score_dots([nothing], KPIS, "2026-07", "period") is None
    assert make_scope_dots([nothing], "2026-07", "period") is None


def test_a_history_says_whether_there_is_a_signal() -> None:
    figure = make_history(HISTORY, row(target=6.0))
    assert figure is not None
    assert figure.title == "A KPI: 2026-03 lies beyond what chance explains"
    points = figure.drawing["points"]
    assert [one["is_signal"] for one in points] == [False, False, True, False]
    assert figure.rows[2]["remark"] == "beyond the control limits"
    assert figure.rows[1]["remark"] == "series 2 begins: no comparison with what is before"
    assert figure.rows[3]["remark"] == "unfinished or incomplete"
    assert "Trend (Theil-Sen, at most 12 periods): up 0.500 points a period." in figure.caption


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"signals": []}, "A KPI varies as it does by itself, between 3.00 and 8.00 points"),
        ({"limits": None}, "A KPI: too few periods to tell a signal from chance"),
        (
            {"signals": [{"period": "2026-03", "rule": "run_of_8"}]},
            "A KPI has moved: eight values or more in a row lie on one side of the centre",
        ),
    ],
)
def test_findings_of_a_history(changes: dict[str, Any], title: str) -> None:
    figure = make_history({**HISTORY, **changes}, row())
    assert figure is not None
    assert figure.title == title


def test_a_suppressed_history_is_no_figure() -> None:
    assert make_history({"status": "suppressed"}, row()) is None


def test_a_range_of_months_is_called_by_its_end() -> None:
    period = {**HISTORY["periods"][0], "label": "2026-01..2026-03"}
    figure = make_history({**HISTORY, "periods": [period]}, row())
    assert figure is not None
    assert figure.drawing["points"][0]["label"] == "to 2026-03"


def test_a_curve_says_when_half_have_reached_it() -> None:
    seen = row(unit="seconds", statistic="km_median", value=172800.0, target=259200.0)
    figure = make_curve(CURVE, seen, "period", "Product shown")
    assert figure is not None
    assert figure.title == "Half of the visits have reached 'Product shown' after 2 d"
    assert "n = 5 visits: 3 reached it, 1 called back before, 0 left before" in figure.caption
    assert "Cumulative incidence" in figure.caption
    drawing = figure.drawing
    assert (drawing["value"], drawing["target_time"], drawing["level"]) == (2, 3, 50)
    # From 0 on, and flat until the last visit that was seen.
    assert [one["time"] for one in drawing["steps"]] == [0, 1, 2, 3, 4]
    assert drawing["steps"][-1]["share"] == drawing["steps"][-2]["share"] == pytest.approx(60)
    assert figure.rows[1] == {"seconds": 86400.0, "share": 0.2, "low": 0.01, "high": 0.5}


def test_a_median_that_is_not_reached_and_a_share_within() -> None:
    never = row(unit="seconds", statistic="km_median", value=None)
    figure = make_curve(CURVE, never, "period", "Product shown")
    assert figure is not None
    assert figure.title == "A KPI: fewer than half of the visits have been seen to reach it"
    share = row(unit="share", statistic="share_within", value=0.4)
    figure = make_curve(CURVE, share, "period", "Product shown")
    assert figure is not None
    assert figure.title == "A KPI: 40.0 %"
    assert (figure.drawing["value"], figure.drawing["target_time"]) == (None, None)


def test_the_table_of_a_long_curve_is_short_and_has_its_ends() -> None:
    steps = [[float(at), at / 200, None, None] for at in range(1, 151)]
    long = {**CURVE["windows"]["period"], "steps": steps}
    figure = make_curve({**CURVE, "windows": {"period": long}}, row(), "period", "x")
    assert figure is not None
    assert len(figure.rows) == TABLE_ROWS
    assert (figure.rows[0]["seconds"], figure.rows[-1]["seconds"]) == (0, 150)


def test_a_distribution_counts_what_the_kpi_counts() -> None:
    figure = make_distribution(ANSWERS, row(statistic="net_score"), "period")
    assert figure is not None
    # 2 of 8 answers are 6 or less, 5 are 9 or more.
    assert figure.title == "A KPI: 62 % promoters (from 9), 25 % detractors (to 6)"
    assert [one["group"] for one in figure.rows][:4] == [
        "detractors (to 6)",
        "neither",
        "promoters (from 9)",
        "no value",
    ]
    assert figure.rows[0]["share"] == 0.25
    assert (figure.rows[-1]["answer"], figure.rows[-1]["count"]) == ("don't know", 3)
    assert figure.drawing["bars"][0]["label"] == "2\n25 %"
    assert "3 answers from before the question changed are left out" in figure.caption


def test_a_top_box_and_a_mean_in_words() -> None:
    top = [{"name": "other", "low": None, "high": 9}, {"name": "top_box", "low": 9, "high": None}]
    figure = make_distribution({**ANSWERS, "groups": top}, row(), "period")
    assert figure is not None
    assert figure.title == "A KPI: 62 % of 8 answers are 9 or more"
    one = [{"name": "answers", "low": None, "high": None}]
    figure = make_distribution({**ANSWERS, "groups": one}, row(value=8.125), "period")
    assert figure is not None
    assert figure.title == "A KPI: the mean is 8.12, the most frequent answer 9"


def test_a_suppressed_distribution_is_no_figure() -> None:
    hidden = {**ANSWERS, "windows": {"period": {"status": "suppressed"}}}
    assert make_distribution(hidden, row(), "period") is None


def test_a_funnel_shows_only_whom_the_reader_may_see() -> None:
    figure = make_funnel(FUNNEL, row(), "Sales", "period", {"a", "c"})
    assert figure is not None
    assert [one["name"] for one in figure.rows] == ["Anna", "Cem"]
    assert figure.title == "A KPI: Cem lies above what chance explains"
    assert figure.rows[1]["rank"] == "1 to 2"
    assert "Ben" not in figure.to_json()
    assert make_funnel(FUNNEL, row(), "Sales", "period", set()) is None


@pytest.mark.parametrize(
    ("crossed", "title"),
    [
        (-2, "A KPI: 1 of 3 lies beyond the 95 % lines, which may be chance"),
        (-3, "A KPI: Cem lies below what chance explains"),
    ],
)
def test_a_funnel_names_nobody_whom_chance_may_have_put_there(crossed: int, title: str) -> None:
    window = FUNNEL["windows"]["period"]
    *others, last = window["groups"]
    groups = [*others, last | {"crossed": crossed}]
    document = {"windows": {"period": window | {"groups": groups}}}
    figure = make_funnel(document, row(), "Sales", "period", {"a", "b", "c"})
    assert figure is not None
    assert figure.title == title


def test_a_funnel_without_ranks_says_why() -> None:
    unranked = {**FUNNEL["windows"]["period"], "no_ranking": "The reliability is 0.40."}
    document = {"windows": {"period": unranked}}
    figure = make_funnel(document, row(), "Sales", "period", {"a", "b"})
    assert figure is not None
    assert "The reliability is 0.40." in figure.caption
    assert "rank" not in {column.key for column in figure.columns}
    assert figure.title == "A KPI: no representative differs by more than chance"


def test_drivers_stand_by_importance() -> None:
    figure = make_drivers(DRIVERS, "Sales", "2026-07")
    assert figure is not None
    assert [one["name"] for one in figure.rows] == ["Speed", "Price"]
    assert figure.title == "Overall goes most with 'Speed', which is at 80 of 100"
    assert "explain 50 % of the differences" in figure.caption
    assert "Left out, as too few answered: Colour." in figure.caption
    assert figure.drawing["marks"][0]["importance"] == pytest.approx(40)
    slow = [{**one, "performance_high": 50.0} for one in DRIVERS["drivers"]]
    figure = make_drivers({**DRIVERS, "drivers": slow}, "Sales", "2026-07")
    assert figure is not None
    assert figure.title == "Overall goes most with 'Speed', which also does worst"
    doubtful = [{**one, "p": 0.3} for one in DRIVERS["drivers"]]
    figure = make_drivers({**DRIVERS, "drivers": doubtful}, "Sales", "2026-07")
    assert figure is not None
    assert figure.title == "Overall: none of 2 drivers goes with it for certain"


def test_every_table_has_the_columns_that_its_rows_have() -> None:
    for figure in (
        make_history(HISTORY, row()),
        make_curve(CURVE, row(), "period", "x"),
        make_distribution(ANSWERS, row(), "period"),
        make_funnel(FUNNEL, row(), "Sales", "period", {"a", "b", "c"}),
        make_drivers(DRIVERS, "Sales", "2026-07"),
    ):
        assert figure is not None
        read = list(csv.DictReader(io.StringIO(figure.to_csv(), newline="")))
        assert len(read) == len(figure.rows)
        assert {column.key for column in figure.columns} == set(figure.rows[0])
