"""Bars of how many gave each answer, what was not answered set apart from them."""

from __future__ import annotations

import json
from typing import Any

import altair as alt

from survey_app.report.charts.drawings.theme import INK, PAPER, QUIET, Figure, Size, finish, values

# From light to dark, far apart in print; the last is what has no value.
FILLS = {
    1: ["#0b5d66"],
    2: ["#b9c3c6", "#0b5d66"],
    3: ["#d98a5c", "#dfe3e4", "#0b5d66"],
}


def draw_distribution(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.distributions`."""
    drawing = figure["drawing"]
    bars = [{"order": f"{number:03d}", **one} for number, one in enumerate(drawing["bars"])]
    if 0 < drawing["gap_after"] < len(bars):
        number = drawing["gap_after"]
        bars.insert(number, {"order": f"{number - 1:03d}x", "answer": "", "count": None})
    groups = [name for name in drawing["groups"] if name != "no value"]
    fills = dict(zip(groups, FILLS[len(groups)], strict=True))
    for bar in bars:
        bar["fill"] = fills.get(bar.get("group", ""), PAPER)
        bar["lines"] = len(bar.get("label", "").split("\n"))
    chart = _lying(bars, drawing, size) if size.is_narrow else _standing(bars, drawing, size)
    keys = [{"name": name, "fill": fills.get(name, PAPER)} for name in drawing["groups"]]
    if len(keys) > 1:
        chart = alt.vconcat(_key(keys, size), chart, spacing=6)
    return finish(chart, figure, size)


def _standing(bars: list[dict[str, Any]], drawing: Any, size: Size) -> alt.LayerChart:
    """Upright bars, their numbers above them."""
    axis = _axis(bars, drawing["axis"], {bar["order"]: bar["answer"].split(" ") for bar in bars})
    base = alt.Chart(values(bars)).encode(
        x=alt.X("order:N", sort=None, axis=axis, scale=_scale(bars)),
        y=alt.Y("count:Q", axis=COUNTS),
    )
    present = base.transform_filter("isValid(datum.count)")
    texts = [
        present.transform_filter(f"datum.lines == {lines}")
        .mark_text(
            baseline="bottom", dy=-4 - 13 * (lines - 1), fontSize=11, lineHeight=13,
            lineBreak="\n", color=INK,
        )
        .encode(text="label:N")
        for lines in (1, 2)
    ]  # fmt: skip
    return alt.layer(_bars(present), *texts).properties(
        width=size.width - 2 * size.room - 60, height=240
    )


def _lying(bars: list[dict[str, Any]], drawing: Any, size: Size) -> alt.LayerChart:
    """Bars on their side, where names and numbers have room on a phone."""
    for bar in bars:
        count, _, share = bar.get("label", "").partition("\n")
        bar["label"] = f"{count} ({share})" if share else count
    axis = _axis(bars, drawing["axis"], {bar["order"]: bar["answer"] for bar in bars})
    base = alt.Chart(values(bars)).encode(
        y=alt.Y("order:N", sort=None, axis=axis, scale=_scale(bars)),
        x=alt.X("count:Q", axis=COUNTS),
    )
    present = base.transform_filter("isValid(datum.count)")
    text = present.mark_text(align="left", dx=5, fontSize=11, color=INK).encode(text="label:N")
    longest = max(len(bar["answer"]) for bar in bars)
    return alt.layer(_bars(present), text).properties(
        width=size.width - 2 * size.room - 100 - 6 * longest, height=alt.Step(22)
    )


COUNTS = alt.Axis(title="answers", tickCount=5, format="d", tickMinStep=1)


def _bars(base: Any) -> Any:
    return base.mark_bar(strokeWidth=1, stroke=INK).encode(color=alt.Color("fill:N", scale=None))


def _scale(bars: list[dict[str, Any]]) -> alt.Scale:
    """All places in their order, the empty one between answers and no value among them."""
    return alt.Scale(domain=[bar["order"] for bar in bars], paddingInner=0.12, paddingOuter=0.1)


def _axis(bars: list[dict[str, Any]], title: str, names: dict[str, Any]) -> alt.Axis:
    return alt.Axis(
        title=title,
        values=[bar["order"] for bar in bars if bar["count"] is not None],
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelAngle=0,
        labelLimit=0,
        labelLineHeight=13,
        ticks=False,
        labelPadding=6,
        grid=False,
    )


def _key(keys: list[dict[str, str]], size: Size) -> alt.LayerChart:
    """Squares with the names of the groups, in lines that fit."""
    left, line = 0.0, 0
    placed = []
    for key in keys:
        width = 26 + 6.6 * len(key["name"])
        if left and left + width > size.width - 2 * size.room - 60:
            left, line = 0.0, line + 1
        placed.append({**key, "x": left, "y": 10 + 20 * line})
        left += width + 12
    height = 20 * (line + 1)
    scale = {"scale": None, "axis": None}
    base = alt.Chart(values(placed)).encode(x=alt.X("x:Q", **scale), y=alt.Y("y:Q", **scale))
    return alt.layer(
        base.mark_point(
            shape="square", size=140, strokeWidth=1, stroke=INK, opacity=1, xOffset=7
        ).encode(fill=alt.Fill("fill:N", scale=None)),
        base.mark_text(align="left", dx=20, fontSize=12, color=QUIET).encode(text="name:N"),
    ).properties(width=size.width - 2 * size.room - 60, height=height)
