"""The running product against its own OpenAPI document, with requests that fit it and that do not.

Examples are derandomised: the same code is asked the same. A longer search is a larger EXAMPLES.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from survey_app.accounts.enrolling import add_roles
from survey_app.accounts.models import User
from survey_app.db import db, utc_now
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.figures.models import FigureBatch, Measure
from survey_app.goals.models import Goal, KpiDefinition
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.loading import load_example, set_up
from survey_app.report.jobs import score_queued
from survey_app.report.models import ScoreRun
from survey_app.respond.models import Response
from survey_app.visits.models import Visit
from tests.factories.campaigns import make_campaign
from tests.factories.machines import add_token
from tests.factories.series import make_series, monthly

EXAMPLES = 4
# What these ask for, the rules of the product decide: a form that fits may still be refused.
OTHERS = ["positive_data_acceptance", "use_after_free", "ensure_resource_availability"]


def fill(app: Flask) -> tuple[str, dict[str, list[Any]]]:
    """Load an example, scored; gives an admin's token, and what paths may name."""
    with app.app_context():
        add_roles()
        set_up("Example Ltd", utc_now())
        load_example("sales_visits", utc_now())
        make_series(monthly(make_campaign(db.session.query(QuestionnaireVersion).first())))
        user = db.session.query(User).filter_by(email="admin@example.org").one()
        secret = add_token(user)
        db.session.commit()
        score_queued()
        known = {
            "key": [
                row.key
                for table in (Questionnaire, Measure, Goal, KpiDefinition)
                for row in db.session.query(table).limit(3)
            ],
            "number": [1],
            "campaign_id": [row.id for row in db.session.query(Campaign)],
            "series_id": [row.id for row in db.session.query(CampaignSeries)],
            "contact_id": [row.id for row in db.session.query(Contact).limit(3)],
            "response_id": [row.id for row in db.session.query(Response).limit(3)],
            "visit_id": [row.public_id for row in db.session.query(Visit).limit(3)],
            "batch_id": [row.id for row in db.session.query(FigureBatch)],
            "run_id": [row.public_id for row in db.session.query(ScoreRun)],
        }
    return secret, known


def test_no_answer_is_a_surprise_or_undocumented(app: Flask) -> None:
    app.testing = False  # A fault is then answered with 500, as in earnest.
    secret, known = fill(app)
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    excluded = CHECKS.get_by_names(OTHERS)
    token = {"Authorization": f"Bearer {secret}"}
    found: list[str] = []

    def ask(case: Case, existing: int) -> None:
        # Without these hardly a path would name anything that there is.
        if existing % 3 and case.meta.generation.mode is GenerationMode.POSITIVE:
            for name in case.path_parameters:
                case.path_parameters[name] = known[name][existing % len(known[name])]
        answer = case.call(headers=token)
        try:
            case.validate_response(answer, headers=token, excluded_checks=excluded)
        except FailureGroup as failure:
            found.append(f"{case.method} {case.path}: {failure}")

    for result in document.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            run = settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(operation.as_strategy(generation_mode=mode), st.integers(0, 99))(ask))
            run()
    assert not found, "\n\n".join(found[:5])
