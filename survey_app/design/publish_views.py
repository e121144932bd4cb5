"""Pages on which managers publish a draft and look at what was published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from flask import flash, redirect, render_template, url_for

from survey_app.accounts.models import User
from survey_app.db import db, utc_now
from survey_app.design.change_words import ChangedPart, say_changes
from survey_app.design.estimating import draft_minutes
from survey_app.design.forms import CHANGE_LABELS, PublishForm
from survey_app.design.mending import mendings
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.design.publishing import (
    advise,
    draft_problems,
    preview_changes,
    publish,
)
from survey_app.design.queries import (
    is_published,
    questionnaire_by_key,
    read_definition,
    version_by_number,
)
from survey_app.design.views import bp
from survey_app.domain.changes import Change
from survey_app.domain.overruling import Overrule, apply_overrules
from survey_app.domain.problems import Problem
from survey_app.web import allow


@bp.get("/<key>/publish")
@allow("manager")
def show_publish(key: str) -> str:
    """What publishing the draft would mean: what changed, and what that does to its series."""
    return _publish_page(questionnaire_by_key(key), [], {})


@bp.post("/<key>/publish")
@allow("manager")
def publish_draft(key: str) -> Any:
    """Publish the draft as the next version."""
    draft = questionnaire_by_key(key)
    form = PublishForm()
    overruled = form.overruled()
    version, problems = publish(draft, utc_now(), form.seen(), overruled)
    if version is None:
        return _publish_page(draft, problems, overruled), 422
    flash(f"Version {version.number} is published. It can be sent in a campaign now.")
    return redirect(url_for("design.show_questionnaire", key=key))


@bp.get("/<key>/versions/<int:number>")
@allow("manager")
def show_version(key: str, number: int) -> str:
    """A version: when and by whom it was published, and what it changed, with the notes."""
    version = version_by_number(key, number)
    kept = {entry["key"]: entry for entry in version.changes}
    names = [field.name for field in fields(Change)]
    changes = [Change(**{name: entry[name] for name in names}) for entry in kept.values()]
    return render_template(
        "design/version.html",
        version=version,
        parts=_version_parts(version, changes),
        kept=kept,
        people=_people(kept.values()),
        kinds=CHANGE_LABELS,
    )


def _publish_page(draft: Questionnaire, problems: list[Problem], typed: dict[str, Overrule]) -> str:
    changes = preview_changes(draft)
    held = {change.key: typed.get(change.key, Overrule(change.kind, "")) for change in changes}
    entries = [{"key": key, "kind": one.kind, "note": one.note} for key, one in held.items()]
    data = {"revision": draft.draft_revision, "changes": entries}
    form = PublishForm(formdata=None, data=data)
    advice = advise(draft)
    flaws = _flaws(changes, held) if problems else {}
    return render_template(
        "design/publish.html",
        questionnaire=draft,
        lacking=mendings(draft_problems(draft), draft.draft),
        warnings=mendings(advice.warnings if advice else [], draft.draft),
        minutes=draft_minutes(draft),
        unchanged=is_published(draft),
        parts=_draft_parts(draft, changes),
        entries={entry.form.key.data: entry.form for entry in form.changes},
        flaws=flaws,
        problems=[] if flaws else mendings(problems, draft.draft),
        form=form,
    )


def _flaws(changes: list[Change], held: dict[str, Overrule]) -> dict[str, Problem]:
    """What is wrong with what single changes are held to be, by their keys."""
    by_key = {one.key: apply_overrules([one], {one.key: held[one.key]})[1] for one in changes}
    return {key: problems[0] for key, problems in by_key.items() if problems}


def _draft_parts(draft: Questionnaire, changes: list[Change]) -> list[ChangedPart]:
    if not changes:
        return []
    before = read_definition(draft.versions[-1].definition)
    return say_changes(changes, before, read_definition(draft.draft))


def _version_parts(version: QuestionnaireVersion, changes: list[Change]) -> list[ChangedPart]:
    if not changes:
        return []
    before = version_by_number(version.questionnaire_key, version.number - 1)
    return say_changes(
        changes, read_definition(before.definition), read_definition(version.definition)
    )


def _people(entries: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The names of those who overruled a change, by their id."""
    ids = {entry["by"] for entry in entries if entry.get("by")}
    return {user.id: user.name for user in db.session.query(User).filter(User.id.in_(ids))}
