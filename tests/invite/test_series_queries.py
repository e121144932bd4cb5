from __future__ import annotations

from flask import Flask

from survey_app.invite.inviting import launch
from survey_app.invite.repeating import stop_series
from survey_app.invite.sending_series import copy_pattern
from survey_app.invite.series_queries import is_pattern, possible_patterns
from tests.factories.campaigns import NOW, make_contact
from tests.factories.series import make_series


def test_a_campaign_is_a_pattern_as_long_as_there_is_a_series_of_it(app: Flask) -> None:
    with app.app_context():
        series = make_series()
        assert is_pattern(series.pattern_id)
        stop_series(series, NOW)
        assert is_pattern(series.pattern_id)
        copy = copy_pattern(series, "Copy", NOW)
        assert not is_pattern(copy.id)


def test_what_was_sent_or_comes_from_a_series_is_no_pattern_to_choose(app: Flask) -> None:
    with app.app_context():
        make_contact()
        series = make_series()
        pattern = series.pattern
        sent = copy_pattern(series, "Sent", NOW)
        launch(sent, NOW)
        sent.series_id = None
        copy_pattern(series, "Copy", NOW)
        assert list(possible_patterns(None)) == [pattern]
        assert list(possible_patterns(set())) == []


def test_a_pattern_is_not_sent_itself(app: Flask) -> None:
    with app.app_context():
        make_contact()
        pattern = make_series().pattern
        count, problems = launch(pattern, NOW)
        assert count is None
        assert [problem.code for problem in problems] == ["pattern"]
        assert pattern.launched_at is None
