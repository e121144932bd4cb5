from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.command_line.conftest import Told


def test_a_token_is_made_listed_and_revoked(app: Flask, soundings: Callable[..., Told]) -> None:
    mine = ("manager@example.org", "--name", "sheet", "--scope", "goals:read")
    made = soundings("tokens", "make", *mine)
    assert made.code == 0, made.err
    header = {"Authorization": f"Bearer {made.out.strip()}"}
    assert app.test_client().get("/api/v1/goals", headers=header).status_code == 200
    listed = soundings("tokens", "list", "manager@example.org").out
    assert "sheet: goals:read; holds until" in listed
    assert made.out.strip() not in listed
    again = soundings("tokens", "make", *mine)
    assert (again.code, again.out) == (2, "")
    assert "There is a token named" in again.err
    assert soundings("tokens", "revoke", "manager@example.org", "sheet").code == 0
    assert app.test_client().get("/api/v1/goals", headers=header).status_code == 401
    gone = soundings("tokens", "revoke", "manager@example.org", "sheet")
    assert (gone.code, "has no token named" in gone.err) == (2, True)


def test_a_user_who_is_unknown_is_told(soundings: Callable[..., Told]) -> None:
    for name in ("nobody@example.org", " "):
        told = soundings("tokens", "list", name)
        assert told.code == 2
        assert told.err.startswith("soundings: ")
