"""Control charts: periods in a row, their intervals, limits, signals and breaks."""

from __future__ import annotations

from typing import Any

import altair as alt

from survey_app.report.charts.drawings.theme import (
    ACCENT,
    DIAMOND,
    INK,
    PAPER,
    QUIET,
    Figure,
    Size,
    finish,
    values,
)

COLOUR = "#a83a00"


def draw_xmr(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.histories`."""
    drawing = figure["drawing"]
    points = [{"order": number, **one} for number, one in enumerate(drawing["points"])]
    last = points[-1]["series"]
    start = min(one["order"] for one in points if one["series"] == last)
    labels = {one["order"]: one["label"] for one in points}
    x = alt.X(
        "order:O",
        axis=alt.Axis(
            title="period",
            labelExpr=f"{[labels[one['order']] for one in points]}[datum.value]",
            labelAngle=-45 if len(points) > 6 or size.is_narrow else 0,
            labelOverlap=True,
            grid=False,
        ),
        scale=alt.Scale(padding=0.5),
    )
    y: dict[str, Any] = {
        "type": "quantitative",
        "scale": alt.Scale(zero=False, nice=True, padding=6),
        "axis": alt.Axis(title=drawing["axis"], tickCount=6),
    }
    base = alt.Chart(values(points)).encode(x=x)
    whole = base.transform_filter("isValid(datum.value)")
    layers = [
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=6, opacity=0.3, color=ACCENT)
        .encode(y=alt.Y("low", **y), y2="high"),
    ]
    layers += _lines(drawing, start, points[-1]["order"], x, y)
    layers += [
        whole.mark_line(color=ACCENT, strokeWidth=1.5).encode(
            y=alt.Y("value", **y), detail="series:N"
        ),
        whole.transform_filter("!datum.is_signal && !datum.is_partial")
        .mark_point(shape="circle", filled=True, size=50, opacity=1, color=ACCENT)
        .encode(y=alt.Y("value", **y)),
        whole.transform_filter("!datum.is_signal && datum.is_partial")
        .mark_point(shape="circle", fill=PAPER, stroke=ACCENT, size=50, opacity=1)
        .encode(y=alt.Y("value", **y)),
        whole.transform_filter("datum.is_signal")
        .mark_point(shape=DIAMOND, filled=True, size=130, opacity=1, color=COLOUR)
        .encode(y=alt.Y("value", **y)),
    ]
    begins = [one for one in points if one["label"] in drawing["breaks"]]
    if begins:
        layers.append(
            alt.Chart(values(begins))
            .mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=2)
            .encode(x=x)
        )
    chart = alt.layer(*layers).properties(
        width=size.width - 2 * size.room - (105 if size.is_narrow else 130), height=260
    )
    return finish(chart, figure, size)


def _lines(drawing: Any, start: int, end: int, x: alt.X, y: dict[str, Any]) -> list[Any]:
    """Centre, limits and target with their names at the right end."""
    wanted = []
    if drawing["limits"]:
        wanted += [
            ("limit", drawing["limits"]["low"], [6, 4], QUIET, 1.5),
            ("centre", drawing["limits"]["center"], [1, 0], QUIET, 1),
            ("limit", drawing["limits"]["high"], [6, 4], QUIET, 1.5),
        ]
    if drawing["target"] is not None:
        wanted.append(("target", drawing["target"], [1, 0], INK, 2))
    layers: list[Any] = []
    for name, level, dash, colour, width in wanted:
        ends = [{"order": order, "level": level} for order in (start, end)]
        data = alt.Chart(values(ends)).encode(x=x, y=alt.Y("level", **y))
        if name == "target":
            rule = alt.Chart(values(ends[:1])).mark_rule(color=colour, strokeWidth=width)
            layers.append(rule.encode(y=alt.Y("level", **y)))
            continue
        layers.append(data.mark_line(color=colour, strokeDash=dash, strokeWidth=width, clip=False))
    layers += [
        alt.Chart(values([{"order": end, "level": level}]))
        .mark_text(align="left", baseline="bottom", dx=14, dy=-2, fontSize=11, color=INK, text=name)
        .encode(x=x, y=alt.Y("level", **y))
        for name, level in _names([(name, level) for name, level, *_rest in wanted], drawing)
    ]
    return layers


def _names(lines: list[tuple[str, float]], drawing: Any) -> list[tuple[str, float]]:
    """The names of lines and where they stand; lines close together share one."""
    ends = [one[end] for one in drawing["points"] for end in ("low", "value", "high")]
    known = [one for one in [*ends, *(level for _, level in lines)] if one is not None]
    close = 0.06 * (max(known) - min(known))
    found: list[tuple[str, float]] = []
    for name, level in sorted(lines, key=lambda one: one[1]):
        if found and level - found[-1][1] < close:
            found[-1] = (f"{name}, {found[-1][0]}", found[-1][1])
        else:
            found.append((name, level))
    return found
