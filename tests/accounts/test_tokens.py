from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry, PersonalToken
from survey_app.accounts.scopes import SCOPES, scopes_for
from survey_app.accounts.tokens import find_token, make_token, revoke_token, token_of, tokens_of
from survey_app.db import db
from survey_app.domain.problems import NotFound
from tests.factories.people import add_user

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def test_of_a_token_only_its_hash_and_its_beginning_are_kept(app: Flask) -> None:
    with app.app_context():
        user = add_user("manager")
        made, problems = make_token(user, " import ", ["figures:write"], 90, NOW)
        assert made is not None, problems
        token, secret = made
        assert secret.startswith("snd_")
        assert len(secret) > 40
        kept = repr([getattr(token, column.key) for column in PersonalToken.__table__.columns])
        assert secret not in kept
        assert secret.startswith(token.prefix)
        assert (token.name, token.expires_at) == ("import", NOW + timedelta(days=90))
        assert find_token(secret, NOW) is token
        assert find_token(secret[:-1], NOW) is None
        assert secret not in repr(db.session.query(AuditEntry).one().detail)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("", ["figures:read"], 1, "length"),
        ("x" * 121, ["figures:read"], 1, "length"),
        ("x", [], 1, "empty"),
        ("x", ["figures:eat"], 1, "unknown"),
        ("x", ["figures:read"], 0, "range"),
        ("x", ["figures:read"], 731, "range"),
        ("x", ["goals:write"], 1, "beyond_role"),
    ],
)
def test_what_cannot_be_a_token_is_refused(
    app: Flask, name: str, scopes: list[str], days: int, code: str
) -> None:
    with app.app_context():
        role = "analyst" if code == "beyond_role" else "manager"
        made, problems = make_token(add_user(role), name, scopes, days, NOW)
        assert made is None
        assert [problem.code for problem in problems] == [code]


def test_scopes_follow_the_role(app: Flask) -> None:
    with app.app_context():
        assert scopes_for(add_user("admin")) == list(SCOPES)
        assert scopes_for(add_user("manager")) == list(SCOPES)
        assert scopes_for(add_user("analyst")) == ["goals:read", "scores:read"]
        assert scopes_for(add_user("representative")) == [
            "visits:read",
            "visits:write",
            "scores:read",
        ]


def test_names_are_each_user_s_own_and_free_again_after_revoking(app: Flask) -> None:
    with app.app_context():
        manager, analyst = add_user("manager"), add_user("analyst")
        first, _ = make_token(manager, "x", ["goals:read"], 1, NOW)
        assert first is not None
        assert make_token(analyst, "x", ["goals:read"], 1, NOW)[0] is not None
        again, problems = make_token(manager, "x", ["goals:read"], 1, NOW)
        assert again is None
        assert [problem.code for problem in problems] == ["taken"]
        with pytest.raises(NotFound):
            token_of(analyst, first[0].id)
        revoke_token(token_of(manager, first[0].id), NOW)
        assert find_token(first[1], NOW) is None
        assert tokens_of(manager) == []
        assert make_token(manager, "x", ["goals:read"], 1, NOW)[0] is not None
