"""Drivers: importance and performance side by side, a row each, the most important first.

On a phone one stands below the other.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from survey_app.report.charts.drawings.theme import ACCENT, INK, Figure, Size, finish, values, wrap

ROW, LINE = 44, 14


def draw_drivers(figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Draw a figure of `charts.drivers`."""
    marks = []
    for number, mark in enumerate(figure["drawing"]["marks"]):
        lines = wrap(mark["name"], 17 if size.is_narrow else 28)
        marks.append(
            {"row": f"{number:03d}", **mark, "names": "\n".join(lines), "lines": len(lines)}
        )
    most = max(one["high"] for one in marks)
    room = size.width - 2 * size.room - (120 if size.is_narrow else 200)
    importance = _panel(marks, "importance", "low", "high", "importance (%)", [0, most])
    performance = _panel(
        marks,
        "performance",
        "performance_low",
        "performance_high",
        "performance, 0 to 100",
        [0, 100],
    )
    step = alt.Step(max(ROW, 8 + LINE * max(one["lines"] for one in marks)))
    named = alt.layer(importance, *_names(marks))
    if size.is_narrow:
        below = alt.layer(performance, *_names(marks))
        panels = [panel.properties(width=room, height=step) for panel in (named, below)]
        return finish(alt.vconcat(*panels, spacing=20), figure, size)
    panels = [
        panel.properties(width=(room - 24) // 2, height=step) for panel in (named, performance)
    ]
    return finish(alt.hconcat(*panels, spacing=24), figure, size)


def _row() -> alt.Y:
    axis = alt.Axis(title=None, labels=False, domain=False, ticks=False, grid=True)
    return alt.Y("row:N", sort=None, axis=axis)


def _panel(
    marks: list[dict[str, Any]], value: str, low: str, high: str, title: str, domain: list[float]
) -> alt.LayerChart:
    """One measure: its interval first, the value a small mark on it."""
    x: dict[str, Any] = {
        "type": "quantitative",
        "scale": alt.Scale(domain=domain, nice=True),
        "axis": alt.Axis(title=title, tickCount=3),
    }
    base = alt.Chart(values(marks)).encode(y=_row())
    return alt.layer(
        base.mark_bar(height=12, opacity=0.38, cornerRadius=2, color=ACCENT).encode(
            x=alt.X(low, **x), x2=high
        ),
        base.mark_point(shape="circle", filled=True, size=70, opacity=1, color=ACCENT).encode(
            x=alt.X(value, **x)
        ),
    )


def _names(marks: list[dict[str, Any]]) -> list[Any]:
    """Names at the left, those of several lines in the middle of their row."""
    base = alt.Chart(values(marks)).encode(y=_row())
    return [
        base.transform_filter(f"datum.lines == {lines}")
        .mark_text(
            align="right", x=-10, dy=-LINE * (lines - 1) / 2, lineHeight=LINE, fontSize=12,
            lineBreak="\n", color=INK,
        )
        .encode(text="names:N")
        for lines in sorted({one["lines"] for one in marks})
    ]  # fmt: skip
