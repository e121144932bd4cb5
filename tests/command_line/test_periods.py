from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from survey_app.db import db
from survey_app.report.jobs import score_now
from tests.command_line.conftest import Told
from tests.factories.scorings import NOW, add_figures


def test_a_period_is_closed_and_reopened_with_a_reason(
    app: Flask, soundings: Callable[..., Told]
) -> None:
    with app.app_context():
        run = score_now("2026-07", NOW).public_id
    assert soundings("periods", "close", run, "--note", "Agreed.").out == "2026-07 is closed.\n"
    refused = soundings("score", "2026-07")
    assert refused.code == 2
    assert "2026-07 is closed" in refused.err
    assert soundings("periods", "reopen", run).code == 2
    assert soundings("periods", "reopen", run, "--reason", "A file came late.").code == 0
    again = soundings("periods", "reopen", run, "--reason", "Again.")
    assert (again.code, "is not closed with this run" in again.err) == (2, True)


def test_two_runs_are_compared_line_by_line(app: Flask, soundings: Callable[..., Told]) -> None:
    with app.app_context():
        first = score_now("2026-07", NOW).public_id
        add_figures([("sales", "anna", 90.0)])
        db.session.commit()
        second = score_now("2026-07", NOW).public_id
    lines = soundings("periods", "compare", first, second).out.splitlines()
    told = [line.split("\t") for line in lines[:-1]]
    sales = next(one for one in told if one[:3] == ["sales", "Example Ltd", "period"])
    # Anna's 100 became 90; Ben's are 50.
    assert sales[3] == "150.0 -> 140.0"
    assert "figures of 2026-07" in sales[4]
    assert lines[-1].startswith(f"{len(told)} numbers differ")
