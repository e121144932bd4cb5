"""How numbers and moments are written on pages: rounded for the reader, never in the data."""

from __future__ import annotations

import math
from datetime import datetime

from flask import Flask, current_app

from survey_app.config import Settings


def init_marks(app: Flask) -> None:
    """Give the templates the filters and the settings they use."""
    app.add_template_filter(show_number, "number")
    app.add_template_filter(show_value, "value")
    app.add_template_filter(show_defined, "defined")
    app.add_template_filter(show_duration, "duration")
    app.add_template_filter(show_moment, "moment")
    app.context_processor(lambda: {"settings": current_app.config["SETTINGS"]})


def show_number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, thousands apart; a dash where there is no number."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    places = digits - 1 - math.floor(math.log10(abs(rounded)))
    text = f"{rounded:,.{max(places, 0)}f}".replace(",", "\u202f")
    return text.replace("-", "\u2212")


def show_value(value: float | None, unit: str = "") -> str:
    """A number with its unit of measurement, as a reader says it."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{show_number(100 * value)} %"
    if unit == "seconds":
        return show_duration(value)
    return f"{show_number(value)} {unit}".strip()


def show_defined(value: float, unit: str = "") -> str:
    """A number that somebody wrote down, with no more digits than they gave it, and its unit."""
    if unit == "seconds":
        return show_duration(value)
    text = f"{100 * value if unit == 'share' else value:,.6g}"
    text = text.replace(",", "\u202f").replace("-", "\u2212")
    return f"{text} %" if unit == "share" else f"{text} {unit}".strip()


def show_duration(seconds: float | None) -> str:
    """A duration in the largest two units that matter: '3 d 4 h', '12 min 30 s'."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    sign = "\u2212" if seconds < 0 else ""
    left = round(abs(seconds))
    parts = []
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, name))
    shown = [f"{count} {name}" for count, name in parts[:2] if count] or ["0 s"]
    return sign + " ".join(shown)


def show_moment(moment: datetime | None) -> str:
    """A moment in the organisation's time zone: '2026-07-01 14:30'."""
    if moment is None:
        return "–"
    settings: Settings = current_app.config["SETTINGS"]
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
