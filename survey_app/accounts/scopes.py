"""What a personal token may do: reading or writing of one kind of thing, within its user's role."""

from __future__ import annotations

from survey_app.accounts.models import User

# By scope, what it allows in words, and the roles whose pages do the same; admins may have all.
SCOPES: dict[str, tuple[str, frozenset[str]]] = {
    scope: (words, frozenset(roles))
    for scope, words, *roles in (
        ("questionnaires:read", "Read questionnaires and their versions", "manager"),
        ("questionnaires:write", "Save drafts and publish them", "manager"),
        ("campaigns:read", "Read campaigns and how far their mails are", "manager"),
        ("campaigns:write", "Write campaigns and send them", "manager"),
        ("contacts:read", "Read contacts", "manager"),
        ("contacts:write", "Add, change and import contacts", "manager"),
        ("responses:read", "Read answers, with who gave them", "manager"),
        ("responses:write", "Import answers", "manager"),
        ("visits:read", "Read visits", "manager", "representative"),
        ("visits:write", "Time visits, and import them", "manager", "representative"),
        ("figures:read", "Read measures and figures", "manager"),
        ("figures:write", "Add measures; import figures and undo imports", "manager"),
        ("goals:read", "Read goals, KPIs and targets", "manager", "analyst"),
        ("goals:write", "Define KPIs and set targets", "manager"),
        ("scores:read", "Read runs and scores", "manager", "analyst", "representative"),
        ("scores:write", "Ask for runs", "manager"),
        ("organisation:read", "Read units and representatives", "manager"),
    )
}


def scopes_for(user: User) -> list[str]:
    """The scopes that the user's role allows, in their order."""
    return [scope for scope in SCOPES if may_have(user, scope)]


def may_have(user: User, scope: str) -> bool:
    """Whether the user's role allows a scope now; a role that was taken away allows nothing."""
    _words, roles = SCOPES[scope]
    return user.has_role("admin") or any(user.has_role(role) for role in roles)
