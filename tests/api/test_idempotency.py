from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from survey_app.api.idempotency import REPLAYED
from survey_app.api.jobs import forget_old_answers
from survey_app.api.models import KeptAnswer
from survey_app.db import db, utc_now
from survey_app.invite.contact_models import Contact
from tests.factories.machines import Machine, add_machine

MIA = {"email": "mia@example.org"}


def add(machine: Machine, key: str, body: dict[str, Any] = MIA) -> TestResponse:
    return machine.post("/contacts", body, Idempotency_Key=key)


def count(app: Flask, table: type[Any] = Contact) -> int:
    with app.app_context():
        return db.session.query(table).count()


def age_answers(app: Flask, hours: float) -> None:
    with app.app_context():
        for kept in db.session.query(KeptAnswer):
            kept.created_at = utc_now() - timedelta(hours=hours)
        db.session.commit()


def test_a_request_that_is_sent_again_is_done_once_and_answered_alike(app: Flask) -> None:
    machine = add_machine(app, "admin")
    first, again = add(machine, "k1"), add(machine, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert count(app) == 1
    # Without the key it is another request, which finds the address taken.
    assert machine.post("/contacts", MIA).status_code == 409


def test_a_key_that_came_with_another_request_is_refused(app: Flask) -> None:
    machine = add_machine(app, "admin")
    add(machine, "k1")
    answer = add(machine, "k1", {"email": "noa@example.org"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["problems"][0]["code"] == "used_otherwise"
    assert count(app) == 1


def test_keys_are_each_user_s_own(app: Flask) -> None:
    add(add_machine(app, "admin"), "k1")
    other = add_machine(app, "manager", sees="")
    assert add(other, "k1").status_code == 422  # The unit is missing; nothing is replayed.
    assert count(app, KeptAnswer) == 1


def test_a_refused_request_may_be_mended_and_sent_with_its_key(app: Flask) -> None:
    machine = add_machine(app, "admin")
    assert add(machine, "k1", {"email": "nobody"}).status_code == 422
    assert count(app, KeptAnswer) == 0
    assert add(machine, "k1").status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "with space", "ü"])
def test_a_key_that_cannot_be_kept_is_refused(app: Flask, key: str) -> None:
    answer = add(add_machine(app, "admin"), key)
    assert answer.status_code == 422
    assert count(app) == 0


def test_answers_are_kept_for_a_day(app: Flask, run_jobs: Callable[[], int]) -> None:
    machine = add_machine(app, "admin")
    add(machine, "k1")
    age_answers(app, 23.9)
    with app.app_context():
        forget_old_answers()
    assert add(machine, "k1").headers[REPLAYED] == "true"
    age_answers(app, 24.1)
    # Over, even if nobody has cleared it away yet.
    assert add(machine, "k1", {"email": "noa@example.org"}).status_code == 201
    age_answers(app, 24.1)
    with app.app_context():
        forget_old_answers()
    assert count(app, KeptAnswer) == 0


def test_two_at_the_same_moment_do_it_once(app: Flask) -> None:
    machine = add_machine(app, "admin")
    start = threading.Barrier(4)
    answers: list[TestResponse] = []

    def ask() -> None:
        mine = Machine(app.test_client(), machine.secret)
        start.wait()
        answers.append(add(mine, "k1"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(app) == 1
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201
    assert set(statuses) <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in done if REPLAYED not in answer.headers]) == 1
    assert len({answer.get_data() for answer in done}) == 1


def test_while_one_is_being_done_postgresql_has_the_other_come_again(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite lets the second begin when the first has ended.")
    machine = add_machine(app, "admin")
    inside: list[int] = []

    def send_second() -> None:
        inside.append(add(Machine(app.test_client(), machine.secret), "k1").status_code)

    def meanwhile(*_anything: object) -> list[object]:
        # Within the first request the second comes, with the same key.
        if not inside:
            thread = threading.Thread(target=send_second)
            thread.start()
            thread.join()
        return []

    monkeypatch.setattr("survey_app.invite.api.column_problems", meanwhile)
    assert add(machine, "k1").status_code == 201
    assert inside == [409]
    assert add(machine, "k1").headers[REPLAYED] == "true"
