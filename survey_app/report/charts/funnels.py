"""Figures of representatives about their overall value: who differs by more than chance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from survey_app.marks import show_number
from survey_app.report.charts.figure import Column, Figure, axis_of, list_names
from survey_app.report.wording import WINDOWS

SIDES = {
    -3: "far below (99.8 %)",
    -2: "below (95 %)",
    0: "within the limits",
    2: "above (95 %)",
    3: "far above (99.8 %)",
}

# Beyond the limits of 99.8 %.
FAR = 3

KEY = (
    "Ring: value as observed, a diamond beyond the limits; dot with bar: drawn in towards the "
    "others, with its 95 % interval; lines: what chance explains in 95 % and 99.8 % of cases. "
    "Numbers: see the table."
)
RANKED = "Reliability {}. Ranks stand in the table, 1 the best, with 95 % intervals."


def make_funnel(
    document: Mapping[str, Any],
    row: Mapping[str, Any],
    scope_name: str,
    window: str,
    seen: Collection[str],
) -> Figure | None:
    """A window of a `funnel` exhibit, with the representatives whose ids are `seen`.

    `row` is any scored row of the KPI. None where too few representatives are told.
    """
    told = document["windows"][window]
    groups = [one for one in told.get("groups", []) if one["id"] in seen]
    if not groups:
        return None
    unit = row["unit"]
    ends = [one[name] for one in groups for name in ("value", "low", "high")]
    axis = axis_of(unit, [*ends, told["overall"]], row["kpi_name"])
    counts = [one["n"] for one in groups]
    is_ranked = not told["no_ranking"]
    return Figure(
        "funnel",
        _find(groups, row["kpi_name"]),
        f"{row['kpi_name']}, {scope_name}, {WINDOWS[window]} {row['period_label']}; "
        f"{len(groups)} representatives, n = {min(counts)} to {max(counts)}. {KEY} "
        + (told["no_ranking"] or RANKED.format(show_number(told["reliability"], 2))),
        f"Funnel plot of {len(groups)} representatives by n: rings and dots about a line for the "
        "overall value, between curved limits that narrow as n grows.",
        (
            Column("number", "No.", "count"),
            Column("name", "Representative", is_number=False),
            Column("n", "n", "count"),
            Column("value", "As observed", unit),
            Column("shrunken", "Drawn in", unit),
            Column("low", "Low end", unit),
            Column("high", "High end", unit),
            Column("side", "Against the limits", is_number=False),
            *((Column("rank", "Rank", is_number=False),) if is_ranked else ()),
        ),
        tuple(
            {"number": number}
            | {name: one[name] for name in ("name", "n", "value", "shrunken", "low", "high")}
            | {"side": SIDES.get(one["crossed"], "")}
            | ({"rank": f"{one['rank_low']:.0f} to {one['rank_high']:.0f}"} if is_ranked else {})
            for number, one in enumerate(groups, start=1)
        ),
        {
            "axis": axis.title,
            "overall": axis.place(told["overall"]),
            "groups": [
                {name: axis.place(one[name]) for name in ("value", "shrunken", "low", "high")}
                | {"n": one["effective_n"], "number": number, "crossed": one["crossed"]}
                for number, one in enumerate(groups, start=1)
            ],
            "limits": [
                {"n": one["n"]} | {end: axis.place(one[end]) for end in one if end != "n"}
                for one in told["limits"]
            ],
        },
    )


def _find(groups: Sequence[Mapping[str, Any]], name: str) -> str:
    # Of many people some lie beyond 95 % by chance: nobody is named for that.
    above = [one["name"] for one in groups if (one["crossed"] or 0) >= FAR]
    below = [one["name"] for one in groups if (one["crossed"] or 0) <= -FAR]
    near = sum(0 < abs(one["crossed"] or 0) < FAR for one in groups)
    told = []
    for names, side in ((above, "above"), (below, "below")):
        if names:
            verb = "lies" if len(names) == 1 else "lie"
            told.append(f"{list_names(names)} {verb} {side}")
    if told:
        return f"{name}: {', '.join(told)} what chance explains"
    if near:
        lie = "lies" if near == 1 else "lie"
        return f"{name}: {near} of {len(groups)} {lie} beyond the 95 % lines, which may be chance"
    return f"{name}: no representative differs by more than chance"
