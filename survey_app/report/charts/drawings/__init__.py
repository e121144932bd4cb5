"""Drawings: figures turned into Altair charts. Everything here loads the drawing library."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt

from survey_app.report.charts.drawings.curve import draw_curve
from survey_app.report.charts.drawings.distribution import draw_distribution
from survey_app.report.charts.drawings.dots import draw_dot_plot
from survey_app.report.charts.drawings.drivers import draw_drivers
from survey_app.report.charts.drawings.funnel import draw_funnel
from survey_app.report.charts.drawings.history import draw_xmr
from survey_app.report.charts.drawings.theme import Figure, Size

DRAWINGS: dict[str, Callable[[Figure, Size], alt.TopLevelMixin]] = {
    "dots": draw_dot_plot,
    "history": draw_xmr,
    "curve": draw_curve,
    "distribution": draw_distribution,
    "funnel": draw_funnel,
    "drivers": draw_drivers,
}
