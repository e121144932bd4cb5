"""The page of 50 KPIs by 20 units, from stored scores, as the real server answers it."""

from __future__ import annotations

import http.client
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from sqlalchemy import insert

from bench.installation import accept
from bench.results import Figure, median_of
from bench.servers import web_server
from survey_app.accounts.enrolling import add_roles, enrol_user
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import db, utc_now
from survey_app.design.editing import create_questionnaire
from survey_app.design.publishing import publish
from survey_app.goals.exchange import import_scorebook
from survey_app.migrating import upgrade_database
from survey_app.organisation.arranging import add_unit
from survey_app.organisation.queries import root_unit
from survey_app.report.jobs import score_now
from survey_app.respond.models import AnswerBatch, Response

UNITS = 20
QUESTIONS = 25
ANSWERS_A_UNIT = 40
PAGES = 41
WARM_UP = 4
JUNE = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
EMAIL, PASSWORD = "analyst@example.org", "a password for the bench"
NOTE = (
    f"GET of 'side by side': {2 * QUESTIONS} KPIs x {UNITS} units and the goal's scores, from "
    "stored rows in SQLite, signed in, two sync workers; whole page received"
)


def measure_scorecard() -> dict[str, Figure]:
    """Milliseconds from the request to the last byte of the page."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"SOUNDINGS_HOME": folder, "SOUNDINGS_DATABASE_URL": ""}
        _install(environment)
        with web_server(
            "survey_app.app:create_app()", environment, Path(folder) / "web.log"
        ) as server:
            times = _fetch(server.port)
    return {"scorecard_page_ms": median_of(times, "ms", NOTE)}


def _install(environment: dict[str, str]) -> None:
    app = create_app(read_settings(environment))
    with app.app_context():
        upgrade_database()
        add_roles()
        now = utc_now()
        accept(add_unit("company", "Example Ltd", None))
        company = root_unit()
        units = [accept(add_unit(f"unit{n}", f"Unit {n}", company)) for n in range(UNITS)]
        accept(enrol_user(EMAIL, "Analyst", PASSWORD, ["admin"]))
        accept(publish(accept(create_questionnaire(_definition(), now)), now))
        batch = AnswerBatch(
            questionnaire_key="survey",
            filename="answers.csv",
            sha256="0" * 64,
            row_count=UNITS * ANSWERS_A_UNIT,
            imported_at=now,
        )
        db.session.add(batch)
        db.session.flush()
        db.session.execute(
            insert(Response),
            [
                {
                    "source": "import",
                    "source_id": f"survey/{number}",
                    "batch_id": batch.id,
                    "questionnaire_key": "survey",
                    "version_number": 1,
                    "answers": {
                        f"q{q}": {"value": 1 + (number * 7 + q * (number % 11)) % 5}
                        for q in range(QUESTIONS)
                    },
                    "unit_id": units[number % UNITS].id,
                    "submitted_at": JUNE + timedelta(minutes=number),
                    "stored_at": now,
                }
                for number in range(UNITS * ANSWERS_A_UNIT)
            ],
        )
        zone = read_settings(environment).zone
        accept(import_scorebook(yaml.safe_dump(_scorebook(units)), JUNE, zone))
        db.session.commit()
        score_now("2026-06", utc_now())
        db.engine.dispose()


def _definition() -> dict[str, Any]:
    scale = {"lowest": 1, "highest": 5, "direction": "higher_is_better"}
    questions = [
        {"id": f"q{n}", "type": "rating", "text": f"How was part {n}?", "scale": scale}
        for n in range(QUESTIONS)
    ]
    return {
        "format": "soundings-questionnaire/1",
        "key": "survey",
        "title": "How was it?",
        "sections": [{"id": "all", "title": "All", "questions": questions}],
    }


def _scorebook(units: list[Any]) -> dict[str, Any]:
    kpis = []
    for n in range(QUESTIONS):
        source = {"questionnaire": "survey", "question": f"q{n}"}
        common = {"goal": "quality", "direction": "higher_is_better", "source": source}
        mean = {"id": f"mean{n}", "name": f"Part {n}", "unit": "points", "statistic": "mean"}
        top = {"id": f"top{n}", "name": f"Part {n} liked", "unit": "share", "statistic": "top_box"}
        kpis += [
            {**mean, **common, "score": {"rule": "goalposts", "worst": 1, "best": 5}},
            {**top, **common, "cut": 4, "score": {"rule": "goalposts", "worst": 0, "best": 1}},
        ]
    targets = [
        {"kpi": kpi["id"], "scope_type": "all", "value": value, "valid_from": "2026-01-01"}
        for kpi, value in zip(kpis, [3.0, 0.4] * QUESTIONS, strict=True)
    ]
    return {
        "format": "soundings-scorebook/1",
        "time_zone": "UTC",
        "units": [
            {"id": "company", "name": "Example Ltd"},
            *({"id": unit.key, "name": unit.name, "parent": "company"} for unit in units),
        ],
        "goals": [{"id": "quality", "name": "Quality"}],
        "kpis": kpis,
        "targets": targets,
    }


def _fetch(port: int) -> list[float]:
    """Sign in, then the milliseconds of each page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookies: dict[str, str] = {}

    def ask(method: str, path: str, body: str | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            cookies[name] = rest.partition(";")[0]
        text = answer.read().decode()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
        return text

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', ask("GET", "/login"))
    if token is None:
        raise RuntimeError("The page of the sign-in has no token.")
    form = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
    ask("POST", "/login", urlencode(form))
    times = []
    for _page in range(WARM_UP + PAGES):
        begun = time.perf_counter()
        text = ask("GET", "/report/side-by-side")
        times.append(1000 * (time.perf_counter() - begun))
        if text.count("<td") < 2 * QUESTIONS * UNITS:
            raise RuntimeError("The page does not hold every KPI of every unit.")
    return times[WARM_UP:]
