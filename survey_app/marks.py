"""How numbers and moments are written on pages: rounded for the reader, never in the data."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from flask import Flask, current_app

from analysis.periods import Period, PeriodType
from survey_app.config import Settings

DURATIONS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def init_marks(app: Flask) -> None:
    """Give the templates the filters and the settings they use."""
    app.add_template_filter(show_number, "number")
    app.add_template_filter(show_value, "value")
    app.add_template_filter(show_defined, "defined")
    app.add_template_filter(show_duration, "duration")
    app.add_template_filter(show_moment, "moment")
    app.add_template_filter(show_period, "period")
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


def show_count(count: int) -> str:
    """A whole number in full, thousands apart."""
    return f"{count:,}".replace(",", "\u202f")


def show_duration(seconds: float | None, units: int = 2) -> str:
    """A duration rounded to the largest units that matter: '3 d 4 h', '12 min 30 s'."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    left = round(abs(seconds))
    # Rounded up, it may begin with a larger unit; rounding again then changes nothing more.
    for _again in range(2):
        largest = next((at for at, (size, _) in enumerate(DURATIONS) if left >= size), 3)
        smallest = DURATIONS[min(largest + units, len(DURATIONS)) - 1][0]
        left = (left + smallest // 2) // smallest * smallest
    shown = []
    for size, name in DURATIONS:
        count, left = divmod(left, size)
        if count:
            shown.append(f"{count} {name}")
    sign = "\u2212" if seconds < 0 and shown else ""
    return sign + (" ".join(shown) or "0 s")


def show_moment(moment: datetime | None) -> str:
    """A moment in the organisation's time zone: '2026-07-01 14:30'."""
    if moment is None:
        return "–"
    settings: Settings = current_app.config["SETTINGS"]
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")


def show_period(label: str) -> str:
    """A period's label in words: 'July 2026', 'Q3 2026 (July to September)', '2026', or for any
    other months 'July to August 2026'; no two labels have the same words."""
    period = Period.parse(label)
    start, last = period.start, period.end - timedelta(1)
    first_month, last_month = MONTHS[start.month - 1], MONTHS[last.month - 1]
    if period.type == PeriodType.YEAR:
        return str(start.year)
    if period.type == PeriodType.MONTH:
        return f"{first_month} {start.year}"
    if period.type == PeriodType.QUARTER:
        return f"Q{last.month // 3} {start.year} ({first_month} to {last_month})"
    begins = first_month if start.year == last.year else f"{first_month} {start.year}"
    return f"{begins} to {last_month} {last.year}"
