"""The rules of alerts as managers have set them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import NotFound, Problem
from survey_app.report.alerts.kinds import DEFAULTS, FIGURES_LATE, RESPONSE_LOW, Rule
from survey_app.report.alerts.models import AlertRule

# Least and most of a limit: a share, and days.
BOUNDS = {RESPONSE_LOW: (0.01, 0.99), FIGURES_LATE: (0.0, 60.0)}


def read_rules() -> dict[str, Rule]:
    """The rule that holds for each kind."""
    kept = {one.kind: one for one in db.session.query(AlertRule)}
    return {
        kind: _rule_of(kept[kind]) if kind in kept else default
        for kind, default in DEFAULTS.items()
    }


def read_rule(kind: str) -> Rule:
    """The rule that holds for a kind; raises NotFound."""
    if kind not in DEFAULTS:
        raise NotFound("There is no such kind of alert. Choose one from the list.")
    return read_rules()[kind]


def _rule_of(row: AlertRule) -> Rule:
    return Rule(row.kind, row.enabled, row.limit_value, tuple(row.subjects), tuple(row.scopes))


def change_rule(rule: Rule, known_scopes: Collection[str], now: datetime) -> list[Problem]:
    """Keep a kind's rule from now on; `known_scopes` are the labels that may be named.

    What was raised so far stays as it is.
    """
    problems = []
    if rule.enabled and not rule.scopes:
        message = "Choose for whom alerts are raised, or switch the kind off."
        problems.append(Problem("scopes", "empty", message))
    if unknown := set(rule.scopes) - set(known_scopes):
        message = f"There is no {', '.join(sorted(unknown))}. Choose from the list."
        problems.append(Problem("scopes", "unknown", message))
    if rule.kind in BOUNDS:
        least, most = BOUNDS[rule.kind]
        if rule.limit is None or not least <= rule.limit <= most:
            told = "1 to 99 per cent" if rule.kind == RESPONSE_LOW else "0 to 60 days"
            problems.append(Problem("limit", "range", f"Give a limit of {told}."))
    if problems:
        return problems
    row = db.session.get(AlertRule, rule.kind)
    if row is None:
        row = AlertRule(kind=rule.kind)
        db.session.add(row)
    row.enabled, row.limit_value = rule.enabled, rule.limit
    row.subjects, row.scopes = list(rule.subjects), list(rule.scopes)
    row.changed_at, row.changed_by_id = now, acting_user_id()
    db.session.flush()
    record("alert rule changed", rule.kind, now, enabled=rule.enabled, limit=rule.limit)
    return []
