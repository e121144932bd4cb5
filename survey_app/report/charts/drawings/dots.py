"""Dot plots: a row each, the interval first, the value a small mark on it, the target a line."""

from __future__ import annotations

from typing import Any

import altair as alt

from survey_app.report.charts.drawings.theme import (
    CROSS,
    DASH,
    HALF_DISC,
    INK,
    PAPER,
    Figure,
    Size,
    colour_of,
    finish,
    values,
    wrap,
)

ROW, NARROW_ROW, LINE = 34, 66, 14
WORDS = {
    "not_met": "not met",
    "no_target": "no target",
    "no_data": "no data",
}


def draw_dot_plot(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.dots`."""
    marks = [
        {
            # Rows are placed by number: two may have one name.
            "row": f"{number:04d}",
            **mark,
            "word": WORDS.get(mark["verdict"], mark["verdict"]),
            "colour": colour_of(mark["verdict"]),
        }
        for number, mark in enumerate(figure["drawing"]["marks"])
    ]
    for mark in marks:
        lines = wrap(mark["name"], 17 if size.is_narrow else 30)
        mark["names"], mark["lines"] = "\n".join(lines), len(lines)
    ends = [
        end
        for mark in marks
        for end in (mark["low"], mark["high"], mark["point"], mark["target"])
        if end is not None
    ]
    domain = figure["drawing"]["domain"] or [min(ends), max(ends)]
    # An interval without an end on one side runs to the end of the axis.
    lowest, highest = domain
    room = 0 if figure["drawing"]["domain"] else (highest - lowest) * 0.04 or 1.0
    for mark in marks:
        if mark["low"] is not None or mark["high"] is not None:
            mark["from"] = lowest - room if mark["low"] is None else mark["low"]
            mark["to"] = highest + room if mark["high"] is None else mark["high"]
    x: dict[str, Any] = {
        "type": "quantitative",
        "scale": alt.Scale(domain=[lowest - room, highest + room], nice=False, zero=False),
        "axis": alt.Axis(title=figure["drawing"]["axis"], tickCount=4 if size.is_narrow else 6)
        if figure["drawing"]["domain"] is None
        else alt.Axis(title=figure["drawing"]["axis"], values=[0, 25, 50, 75, 100]),
    }
    y = alt.Y(
        "row:N",
        sort=None,
        axis=alt.Axis(
            title=None,
            labels=False,
            domain=False,
            ticks=False,
            grid=True,
        ),
    )
    base = alt.Chart(values(marks)).encode(y=y)
    colour = alt.Color("colour:N", scale=None)
    has_interval = "isValid(datum.from)"
    layers = [
        base.transform_filter(has_interval)
        .mark_bar(height=12, opacity=0.38, cornerRadius=2)
        .encode(x=alt.X("from", **x), x2="to", color=colour),
        base.transform_filter("isValid(datum.target)")
        .mark_tick(thickness=2, size=24, color=INK, opacity=1)
        .encode(x=alt.X("target", **x)),
        *(_points(base, alt.X("point", **x), verdicts, mark) for verdicts, mark in _signs()),
    ]
    chart = alt.layer(*layers, *_words(base, marks, size)).properties(
        width=max(140, size.width - 2 * size.room - (118 if size.is_narrow else 290)),
        height=alt.Step(NARROW_ROW if size.is_narrow else ROW),
    )
    return finish(chart, figure, size)


def _words(base: Any, marks: list[dict[str, Any]], size: Size) -> list[Any]:
    """Names at the left and verdicts at the right; on a phone the verdict below the name.

    Names are marks and no labels of an axis, so that those of several lines stand in the middle.
    """
    below = 1 if size.is_narrow else 0
    colour = alt.Color("colour:N", scale=None)
    found = []
    for lines in sorted({mark["lines"] for mark in marks}):
        own = base.transform_filter(f"datum.lines == {lines}")
        top = -LINE * (lines + below - 1) / 2
        found.append(
            own.mark_text(
                align="right",
                x=-10,
                dy=top,
                lineHeight=LINE,
                fontSize=12,
                lineBreak="\n",
                color=INK,
            ).encode(text="names:N")
        )
        if below:
            found.append(
                own.mark_text(align="right", x=-10, dy=top + LINE * lines, fontSize=12).encode(
                    text="word:N", color=colour
                )
            )
    if not below:
        found.append(
            base.mark_text(align="left", x="width", dx=8, fontSize=12).encode(
                text="word:N", color=colour
            )
        )
    return found


def _signs() -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Which verdicts have which mark; those of two parts come twice."""
    ring = {"shape": "circle", "fill": PAPER, "strokeWidth": 1.5, "size": 90}
    return [
        (("met",), {"shape": "circle", "filled": True, "size": 90}),
        (("undetermined",), ring),
        (("undetermined",), {"shape": HALF_DISC, "filled": True, "size": 90}),
        (("provisional",), {**ring, "strokeDash": [2.5, 2]}),
        (("not_met",), {"shape": CROSS, "strokeWidth": 2.5, "size": 90}),
        (("no_target", "no_data", "suppressed"), {"shape": DASH, "strokeWidth": 3, "size": 90}),
    ]


def _points(base: Any, x: alt.X, verdicts: tuple[str, ...], mark: dict[str, Any]) -> Any:
    chosen = " || ".join(f"datum.verdict == '{verdict}'" for verdict in verdicts)
    if mark.get("filled"):
        colour = {"color": alt.Color("colour:N", scale=None)}
    else:
        colour = {"stroke": alt.Stroke("colour:N", scale=None)}
    return (
        base.transform_filter(f"isValid(datum.point) && ({chosen})")
        .mark_point(opacity=1, **mark)
        .encode(x=x, **colour)
    )
