from __future__ import annotations

import altair as alt

from survey_app.report.charts.drawings.theme import Figure, Size


def draw_drivers(figure: Figure, size: Size) -> alt.TopLevelMixin:
    raise NotImplementedError
