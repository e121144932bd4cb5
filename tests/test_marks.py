from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from survey_app.app import create_app
from survey_app.marks import show_duration, show_moment, show_number, show_period, show_value
from tests.conftest import make_settings


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0, "0"),
        (0.123456, "0.123"),
        (1.5, "1.50"),
        (12.345, "12.3"),
        (99.96, "100"),
        (1234.5, "1\u202f230"),
        (-5.0, "\u22125.00"),
        (1e9, "1\u202f000\u202f000\u202f000"),
    ],
)
def test_numbers_have_three_significant_digits(value: float | None, text: str) -> None:
    assert show_number(value) == text


def test_values_are_said_with_their_unit() -> None:
    assert show_value(0.256, "share") == "25.6 %"
    assert show_value(90061.0, "seconds") == "1 d 1 h"
    assert show_value(12.0, "EUR") == "12.0 EUR"
    assert show_value(None, "EUR") == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (-90, "\u22121 min 30 s")],
)
def test_durations_are_said_in_two_units(seconds: float, text: str) -> None:
    assert show_duration(seconds) == text


def test_moments_are_shown_in_the_organisations_zone(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, "sqlite://", time_zone="Europe/Zurich")
    app = create_app(settings, testing=True)
    with app.app_context():
        assert show_moment(datetime(2026, 7, 1, 12, 30, tzinfo=UTC)) == "2026-07-01 14:30"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026-07", "July 2026"),
        ("2026-12", "December 2026"),
        ("2026-Q3", "Q3 2026 (July to September)"),
        ("2026-07..2026-09", "July to September 2026"),
        ("2026-01..2026-12", "January to December 2026"),
        ("2026", "2026"),
        ("2015-01..2021-03", "January 2015 to March 2021"),
    ],
)
def test_periods_are_written_as_people_say_them(label: str, words: str) -> None:
    assert show_period(label) == words
