"""Curves of visits that have reached a milestone, with how many are still waited for."""

from __future__ import annotations

from typing import Any

import altair as alt

from survey_app.report.charts.drawings.theme import ACCENT, INK, QUIET, Figure, Size, finish, values


def draw_curve(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.curves`."""
    drawing = figure["drawing"]
    scale = alt.Scale(domain=[0, drawing["until"]], nice=False)
    x: dict[str, Any] = {"type": "quantitative", "scale": scale}
    time_axis = alt.Axis(title=drawing["axis"], tickCount=4 if size.is_narrow else 8, grid=False)
    y = {
        "type": "quantitative",
        "scale": alt.Scale(domain=[0, 100]),
        "axis": alt.Axis(title=drawing["y_axis"], tickCount=5),
    }
    base = alt.Chart(values(drawing["steps"]))
    band = (
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_area(interpolate="step-after", color=ACCENT, opacity=0.25)
        .encode(x=alt.X("time", axis=time_axis, **x), y=alt.Y("low", **y), y2="high")
    )
    line = base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2).encode(
        x=alt.X("time", axis=time_axis, **x), y=alt.Y("share", **y)
    )
    layers = [band, line]
    if drawing["target_time"] is not None and drawing["target_time"] <= drawing["until"]:
        layers += _upright(drawing["target_time"], "target", INK, [1, 0], x, 8)
    if drawing["level"] is not None and drawing["value"] is not None:
        layers += _reading(drawing, x, y)
    width = size.width - 2 * size.room - 60
    curve = alt.layer(*layers).properties(width=width, height=260)
    waiting = (
        alt.Chart(values(drawing["at_risk"]))
        .mark_text(fontSize=12, color=INK)
        .encode(x=alt.X("time", axis=None, **x), text=alt.Text("n:Q", format=",d"))
        .properties(
            width=width,
            height=16,
            title=alt.TitleParams(
                "visits still waited for at that time",
                anchor="start",
                fontSize=12,
                fontWeight="normal",
                color=QUIET,
                offset=2,
            ),
        )
    )
    chart = alt.vconcat(curve, waiting, spacing=4).resolve_scale(x="independent")
    return finish(chart, figure, size)


def _upright(
    time: float, name: str, colour: str, dash: list[float], x: dict[str, Any], at: float
) -> list[Any]:
    """An upright line with its name at the top."""
    data = alt.Chart(values([{"time": time}])).encode(x=alt.X("time", **x))
    return [
        data.mark_rule(color=colour, strokeDash=dash, strokeWidth=2),
        data.mark_text(align="left", dx=4, y=at, fontSize=11, color=colour, text=name),
    ]


def _reading(drawing: Any, x: dict[str, Any], y: dict[str, Any]) -> list[Any]:
    """From the share to the curve and down to the time that the KPI is."""
    path = [
        {"order": 0, "time": 0, "share": drawing["level"]},
        {"order": 1, "time": drawing["value"], "share": drawing["level"]},
        {"order": 2, "time": drawing["value"], "share": 0},
    ]
    data = alt.Chart(values(path)).encode(
        x=alt.X("time", **x), y=alt.Y("share", **y), order="order:Q"
    )
    name = alt.Chart(values(path[2:])).encode(x=alt.X("time", **x), y=alt.Y("share", **y))
    return [
        data.mark_line(color=INK, strokeDash=[3, 3], strokeWidth=1.5),
        name.mark_text(align="right", dx=-4, dy=-8, fontSize=11, color=INK, text="median"),
    ]
