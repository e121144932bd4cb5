"""Units, representatives and users for machines; they are arranged on the pages alone."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources
from survey_app.domain.problems import Forbidden
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.schemas import RepresentativeSchema, UnitSchema, UserSchema
from survey_app.organisation.sight import is_in_sight, sight_of

resources = Resources("organisation", "Units, the representatives in them, and who signs in.")
SCOPE = "organisation:read"


@resources.operation("GET", "/units", SCOPE, page_of(UnitSchema), query=PageQuery)
def list_units(query: dict[str, Any]) -> Page:
    """The units in sight."""
    rows = select(Unit).where(is_in_sight(Unit.id, sight_of(current_user)))
    return read_page(rows, Unit.id, query)


@resources.operation(
    "GET", "/representatives", SCOPE, page_of(RepresentativeSchema), query=PageQuery
)
def list_representatives(query: dict[str, Any]) -> Page:
    """The representatives of units in sight."""
    seen = is_in_sight(Representative.unit_id, sight_of(current_user))
    return read_page(select(Representative).where(seen), Representative.id, query)


@resources.operation("GET", "/users", SCOPE, page_of(UserSchema), query=PageQuery)
def list_users(query: dict[str, Any]) -> Page:
    """Who signs in; for administrators."""
    if not current_user.has_role("admin"):
        raise Forbidden("Users are an administrator's to read.")
    return read_page(select(User), User.id, query)
