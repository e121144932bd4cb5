"""Who enters: every route asks for a sign-in, and for a role that it declares."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from survey_app.web import MACHINES, PUBLIC_ENDPOINTS

ROLES = ("admin", "manager", "analyst", "representative")


PLAUSIBLE = {
    "RowId": 1,
    "UUIDConverter": UUID(int=1),
    "UnicodeConverter": "x",
    "PathConverter": "x",
}


def address_of(app: Flask, rule: Rule) -> str:
    """An address that leads to this rule, its parameters filled with something plausible."""
    values = {
        name: PLAUSIBLE[type(converter).__name__] for name, converter in rule._converters.items()
    }
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, method=method_of(rule))


def method_of(rule: Rule) -> str:
    """GET where the rule takes it, otherwise what it takes."""
    methods = rule.methods or set()
    return "GET" if "GET" in methods else sorted(methods - {"HEAD", "OPTIONS"})[0]


def guarded_rules(app: Flask) -> list[Rule]:
    """All rules of pages that are not on the written list; tests/api has those of the API."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC_ENDPOINTS and not rule.rule.startswith(MACHINES)
    ]


def roles_of(app: Flask, endpoint: str) -> frozenset[str]:
    """The roles a view declares; none if it declares nothing."""
    declared: frozenset[str] = getattr(app.view_functions[endpoint], "allowed_roles", frozenset())
    return declared


def test_a_stranger_is_led_to_the_sign_in_page(app: Flask) -> None:
    client = app.test_client()
    rules = guarded_rules(app)
    assert rules
    for rule in rules:
        method, address = method_of(rule), address_of(app, rule)
        answer = client.open(address, method=method)
        if method == "GET":
            assert answer.status_code == 302, address
            assert urlsplit(answer.headers["Location"]).path == "/login", address
        else:
            assert answer.status_code == 401, address


def test_a_stranger_posting_is_refused(app: Flask) -> None:
    client = app.test_client()
    for rule in guarded_rules(app):
        if "POST" in (rule.methods or set()):
            assert client.post(address_of(app, rule)).status_code == 401, rule.rule


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_a_view_does_not_declare_is_refused(
    role: str, app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    client = signed_in(role)
    for rule in guarded_rules(app):
        if role not in roles_of(app, rule.endpoint):
            answer = client.open(address_of(app, rule), method=method_of(rule))
            assert answer.status_code == 403, f"{role} {rule.rule}"


def test_our_own_views_declare_known_roles(app: Flask) -> None:
    for rule in guarded_rules(app):
        view = app.view_functions[rule.endpoint]
        if view.__module__.startswith("survey_app."):
            declared = roles_of(app, rule.endpoint)
            assert declared, f"{rule.endpoint} declares no role"
            assert declared <= set(ROLES), f"{rule.endpoint} declares {sorted(declared)}"


def test_the_written_list_and_the_views_agree_on_what_is_public(app: Flask) -> None:
    declared = {name for name in app.view_functions if "public" in roles_of(app, name)}
    assert declared <= PUBLIC_ENDPOINTS
    rooms = {
        name
        for name in PUBLIC_ENDPOINTS
        if app.view_functions[name].__module__.startswith("survey_app.")
        and app.view_functions[name].__module__ != "survey_app.web"
    }
    assert rooms <= declared


def test_the_written_list_names_only_what_exists(app: Flask) -> None:
    assert set(app.view_functions) >= PUBLIC_ENDPOINTS
