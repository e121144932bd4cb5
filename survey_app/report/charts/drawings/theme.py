"""What all drawings share: sizes, colours, fonts, marks. Right in print and for the colour-blind.

Paper is white in every mode, so that a drawing looks the same on a dark page, in a document and on
paper. Colour is never the only sign: verdicts have shapes, lines have dashes, bars have numbers.
The letters are Arial's or those of a font with the same widths, which the drawing library has; on a
machine without any of these they are up to a fifth wider, for which there is room at the sides.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import altair as alt

# A figure as `figure.Figure.to_json` writes it.
Figure: TypeAlias = Mapping[str, Any]

PAPER, INK, QUIET, RULE = "#ffffff", "#1d2326", "#5a6469", "#dcd9d1"
ACCENT = "#0b5d66"
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
COLOURS = {
    "met": "#00684a",
    "not_met": "#a83a00",
    "undetermined": "#7a5200",
    "provisional": "#5f686c",
}
GREY = "#5f686c"
# The signs of templates/marks.html as paths in a square of 2: disc, cross, half disc, ring, dash.
CROSS = "M-0.8,-0.8L0.8,0.8M0.8,-0.8L-0.8,0.8"
HALF_DISC = "M0,-1A1,1,0,0,1,0,1Z"
DASH = "M-1,0L1,0"
DIAMOND = "M0,-1L1,0L0,1L-1,0Z"


@dataclass(frozen=True)
class Size:
    """How large a drawing is: pixels across, and whether title and caption are in it."""

    width: int
    has_title: bool = False

    @property
    def room(self) -> int:
        """Pixels at the left and at the right for letters that are wider than was thought."""
        return 16 if self.is_narrow else 32

    @property
    def is_narrow(self) -> bool:
        """Whether it is for a phone: shorter words, names in several lines."""
        return self.width < 480


def colour_of(verdict: str) -> str:
    """The colour of a verdict."""
    return COLOURS.get(verdict, GREY)


def values(records: list[dict[str, Any]]) -> alt.InlineData:
    """Records as data of a chart; as text, which the library copies faster than many records."""
    return alt.InlineData(values=json.dumps(records), format=alt.JsonDataFormat(type="json"))


def wrap(text: str, letters: int) -> list[str]:
    """The text in lines of at most so many letters."""
    return textwrap.wrap(text, letters) or [""]


def finish(chart: Any, figure: Figure, size: Size) -> alt.TopLevelMixin:
    """Add the title and the caption where asked for, and the theme."""
    if size.has_title:
        chart = chart.properties(
            title=alt.TitleParams(
                wrap(figure["title"], size.width // 9),
                subtitle=wrap(figure["caption"], int(size.width / 6.2)),
                anchor="start",
                frame="bounds",
            )
        )
    return (
        chart.configure(
            background=PAPER,
            font=FONT,
            padding={"left": size.room, "right": size.room, "top": 8, "bottom": 8},
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=QUIET,
            gridColor=RULE,
            domainColor=QUIET,
            tickColor=QUIET,
            titlePadding=8,
        )
        .configure_title(
            fontSize=16,
            fontWeight="bold",
            color=INK,
            offset=12,
            lineHeight=20,
            subtitleFontSize=12,
            subtitleColor=QUIET,
            subtitlePadding=6,
            subtitleLineHeight=16,
        )
        .configure_concat(spacing=12)
    )
