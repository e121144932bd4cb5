"""The report's figures equal those computed by hand; its state says which numbers count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.domain.problems import Conflict
from survey_app.report.closing import close_period, reopen_period
from survey_app.report.executive.pdf import write_pdf
from survey_app.report.executive.reading import read_report
from survey_app.report.executive.report import ExecutiveReport, Line
from survey_app.report.jobs import score_now
from survey_app.report.late_sources import LateSources, find_late_sources
from survey_app.report.models import ScoreRun
from survey_app.report.queries import Scope
from survey_app.respond.models import Response
from tests.factories.reports import SCORED, store_run
from tests.factories.scorings import NOW, ZONE, add_response, make_organisation, make_sources

COMPANY = Scope("all", "", "Example Ltd")


def lines_of(report: ExecutiveReport) -> dict[str, Line]:
    found = [line for goal in report.goals for line in (goal.line, *goal.kpis) if line]
    return {line.id: line for line in found}


def read(app: Flask, run: ScoreRun) -> ExecutiveReport:
    return read_report(run, COMPANY, app.config["SETTINGS"])


def test_the_figures_are_those_computed_by_hand(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        make_sources()
        db.session.commit()
        run = score_now("2026-07", NOW)
        report = read(app, run)
        lines = lines_of(report)

        # Answers 5 4 4 2 3 1 5 have the mean 24/7 = 3.43; 4.9 is asked for: 3.43 - 4.9 = -1.47.
        mean = lines["mean_q1"]
        assert (mean.value, mean.target, mean.deviation) == ("3.43 points", "4.90", "−1.47")
        assert mean.verdict == "not_met"
        # Sold for 100 and 50; 120 asked for.
        sales = lines["sales"]
        assert (sales.value, sales.interval, sales.deviation) == ("150 CHF", "full count", "+30")
        # Scores on the way from worst to best: the mean (24/7 - 1)/4, the share 4/7, the net score
        # (100/3 + 100)/200 and the median of 1500 s (3600 - 1500)/3600; each weighs the same.
        quality = 100 * ((24 / 7 - 1) / 4 + 4 / 7 + (100 / 3 + 100) / 200 + 2100 / 3600) / 4
        assert lines["quality"].value == f"{quality:.1f}" == "60.7"
        # 150 of 200, and 40/150 of 0.5.
        trade = 100 * (150 / 200 + 40 / 150 / 0.5) / 2
        assert lines["trade"].value == f"{trade:.1f}" == "64.2"
        assert report.answer == "Not yet: Rating of the visit misses its target."
        assert ("Facts (SHA-256)", run.facts_hash) in report.subject.made_with
        assert write_pdf(read(app, run)) == write_pdf(report)

        # Anna had three visits: too few people to be told, on the report as everywhere.
        anna = Scope("representative", "anna", "Anna Weber")
        hers = read_report(run, anna, app.config["SETTINGS"])
        (withheld,) = [one for one in hers.unjudged if one.verdict == "suppressed"]
        assert "Time to the product" in withheld.names
        assert "shown" not in lines_of(hers)


def test_the_state_says_which_numbers_count(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    with app.app_context():
        run = store_run([("all", "")])
        assert "is not closed" in read(app, run).subject.state[0]
        newer = store_run([("all", "")])
        assert "was scored again since" in read(app, run).subject.state[0]
        closing, _ = close_period(run, "Two shops were shut.", SCORED, settings.zone)
        assert closing is not None
        closed, note = read(app, run).subject.state
        assert closed.startswith("July 2026 is closed since 2026-08-02 08:00")
        assert note == "At closing: Two shops were shut."
        assert "closed with another run" in read(app, newer).subject.state[0]
        reopen_period(closing, "A figure was wrong.", SCORED)
        assert "is not closed" in read(app, newer).subject.state[0]


def test_what_came_in_late_is_told(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        make_sources()
        run = store_run([("all", "")], started_at=NOW + timedelta(hours=1))
        assert len(read(app, run).subject.state) == 1
        add_response("anna", 5, 9)
        newest = db.session.query(Response).order_by(Response.id.desc()).first()
        assert newest is not None
        newest.stored_at = NOW + timedelta(hours=2)
        db.session.flush()
        told = "Late, or changed since it was scored, and not in it: 1 response."
        assert read(app, run).subject.state[1] == told
        late = [
            find_late_sources(run, ZONE, Scope("representative", key, ""))
            for key in ("anna", "ben")
        ]
        assert late == [LateSources(1, 0, 0), LateSources(0, 0, 0)]


def test_few_late_people_of_one_scope_are_not_counted() -> None:
    late = LateSources(1, 4, 2)
    assert str(late) == "1 response, 4 visits and 2 figures"
    assert late.say(5) == "some responses, some visits and 2 figures"
    assert LateSources(5, 0, 0).say(5) == "5 responses"


def test_a_run_that_is_not_done_has_no_report(app: Flask) -> None:
    with app.app_context():
        run = store_run([], state="running", finished_at=None)
        with pytest.raises(Conflict):
            read(app, run)


def test_the_organisation_and_its_name_are_in_the_file(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], organisation="Harbour Leasing")
    with app.app_context():
        assert read(app, store_run([("all", "")])).subject.organisation == "Harbour Leasing"
