"""Funnel plots: representatives by n, between limits that narrow as n grows."""

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

OUTSIDE = "#a83a00"
# Beyond so many, numbers would hide each other and the rings.
MOST_NUMBERED = 40


def draw_funnel(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.funnels`."""
    drawing = figure["drawing"]
    x: dict[str, Any] = {
        "type": "quantitative",
        "scale": alt.Scale(zero=False, nice=True, padding=10),
        "axis": alt.Axis(
            title="n of the representative",
            grid=False,
            tickCount=4 if size.is_narrow else 8,
            format="~d",
        ),
    }
    y: dict[str, Any] = {
        "type": "quantitative",
        "scale": alt.Scale(zero=False, nice=True, padding=6),
        "axis": alt.Axis(title=drawing["axis"], tickCount=6),
    }
    groups = _numbered(drawing["groups"])
    base = alt.Chart(values(groups)).encode(
        x=alt.X("n", **x), color=alt.Color("colour:N", scale=None)
    )
    layers = _limits(drawing, x, y)
    layers += [
        base.mark_rule(strokeWidth=6, opacity=0.3).encode(y=alt.Y("low", **y), y2="high"),
        base.mark_rule(strokeWidth=1, strokeDash=[2, 2]).encode(
            y=alt.Y("value", **y), y2="shrunken"
        ),
        *(
            base.transform_filter(f"{sign}datum.crossed")
            .mark_point(shape=shape, fill=PAPER, size=size_, opacity=1, strokeWidth=1.5)
            .encode(y=alt.Y("value", **y), stroke=alt.Stroke("colour:N", scale=None))
            for sign, shape, size_ in (("!", "circle", 60), ("", DIAMOND, 110))
        ),
        base.mark_point(shape="circle", filled=True, size=40, opacity=1).encode(
            y=alt.Y("shrunken", **y)
        ),
    ]
    layers.append(
        base.mark_text(align="left", dx=7, fontSize=11).encode(
            y=alt.Y("value", **y), text="label:N", color=alt.value(INK)
        )
    )
    chart = alt.layer(*layers).properties(width=size.width - 2 * size.room - 105, height=320)
    return finish(chart, figure, size)


def _limits(drawing: Any, x: dict[str, Any], y: dict[str, Any]) -> list[Any]:
    """The overall value and the limits, each pair with its own dashes and its level at the end."""
    limits = drawing["limits"]
    base = alt.Chart(values(limits)).encode(x=alt.X("n", **x))
    last = limits[-1]
    layers: list[Any] = []
    for level, name, dash in (("95", "95 %", [6, 4]), ("998", "99.8 %", [1, 0])):
        for end in ("low", "high"):
            key = f"{end}_{level}"
            layers.append(
                base.transform_filter(f"isValid(datum.{key})")
                .mark_line(color=QUIET, strokeDash=dash, strokeWidth=1.2)
                .encode(y=alt.Y(key, **y))
            )
            if last[key] is not None:
                layers.append(
                    alt.Chart(values([last]))
                    .mark_text(align="left", dx=6, fontSize=11, color=QUIET, text=name)
                    .encode(x=alt.X("n", **x), y=alt.Y(key, **y))
                )
    overall = [{"n": limits[at]["n"], "overall": drawing["overall"]} for at in (0, -1)]
    line = alt.Chart(values(overall)).encode(x=alt.X("n", **x), y=alt.Y("overall", **y))
    name = alt.Chart(values(overall[1:])).encode(x=alt.X("n", **x), y=alt.Y("overall", **y))
    layers.append(line.mark_line(color=INK, strokeWidth=1.5))
    layers.append(name.mark_text(align="left", dx=6, fontSize=11, color=INK, text="overall"))
    return layers


def _numbered(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Representatives with their number in the table; of many only those outside the limits."""
    are_few = len(groups) <= MOST_NUMBERED
    return [
        {
            **one,
            "colour": OUTSIDE if one["crossed"] else ACCENT,
            "label": str(one["number"]) if are_few or one["crossed"] else "",
        }
        for one in groups
    ]
