"""Pages on which managers write, check and publish questionnaires."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from survey_app.accounts.auditing import record
from survey_app.db import utc_now
from survey_app.design import outline
from survey_app.design.dependents import named_by
from survey_app.design.editing import create_questionnaire, save_draft, start_questionnaire
from survey_app.design.estimating import draft_minutes
from survey_app.design.forms import (
    AboutForm,
    OutlineForm,
    RevisionForm,
    StartForm,
    TextForm,
    UploadForm,
)
from survey_app.design.languages import name_of
from survey_app.design.mending import mendings
from survey_app.design.models import Questionnaire
from survey_app.design.outline_words import outline_in_words
from survey_app.design.pages import form_page, save_form
from survey_app.design.publishing import draft_problems
from survey_app.design.queries import (
    all_questionnaires,
    questionnaire_by_key,
    read_definition,
    version_by_number,
)
from survey_app.design.reading import read_document
from survey_app.design.translations import progress_of
from survey_app.design.writing import write_yaml
from survey_app.domain.problems import Problem
from survey_app.web import allow

bp = Blueprint("design", __name__, url_prefix="/design")


@bp.get("/")
@allow("manager")
def list_questionnaires() -> str:
    """All questionnaires."""
    return render_template("design/list.html", questionnaires=all_questionnaires())


@bp.route("/new", methods=["GET", "POST"])
@allow("manager")
def new_questionnaire() -> Any:
    """Begin a questionnaire from its title."""
    form = StartForm()
    if not form.validate_on_submit():
        return form_page("new.html", form, [])
    key, title = (form.key.data or "").strip(), form.title.data or ""
    questionnaire, problems = start_questionnaire(key, title, utc_now())
    return _created(questionnaire) if questionnaire else form_page("new.html", form, problems)


@bp.route("/upload", methods=["GET", "POST"])
@allow("manager")
def upload_questionnaire() -> Any:
    """Begin a questionnaire from a definition."""
    form = UploadForm()
    if not form.validate_on_submit():
        return form_page("upload.html", form, [])
    definition, problems = read_document(form.source())
    if definition is None:
        return form_page("upload.html", form, problems)
    questionnaire, problems = create_questionnaire(definition, utc_now())
    return _created(questionnaire) if questionnaire else form_page("upload.html", form, problems)


@bp.get("/<key>")
@allow("manager")
def show_questionnaire(key: str) -> str:
    """The draft: its outline, what it still lacks, and the versions published from it."""
    return _outline_page(questionnaire_by_key(key), [])


@bp.route("/<key>/about", methods=["GET", "POST"])
@allow("manager")
def edit_about(key: str) -> Any:
    """Title, introduction, thanks, language, pages."""
    draft = questionnaire_by_key(key)
    form = AboutForm(data={**draft.draft, "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return form_page("about.html", form, [], draft)
    changed = outline.put_about(draft.draft, form.content())
    return save_form(draft, changed, form, "about.html")


@bp.route("/<key>/text", methods=["GET", "POST"])
@allow("manager")
def edit_text(key: str) -> Any:
    """The whole draft as YAML."""
    draft = questionnaire_by_key(key)
    form = TextForm(data={"text": write_yaml(draft.draft), "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return form_page("text.html", form, [], draft)
    definition, problems = read_document(form.text.data or "")
    if definition is None:
        return form_page("text.html", form, problems, draft)
    return save_form(draft, definition, form, "text.html")


@bp.post("/<key>/outline")
@allow("manager")
def change_outline(key: str) -> Any:
    """Move or remove a section or a question."""
    draft = questionnaire_by_key(key)
    form = OutlineForm()
    if not form.validate():
        return _outline_page(draft, [Problem("draft", "form", "Use the buttons of the page.")]), 422
    # Positions mean what its reader saw only while the draft is as it was then.
    changed, told = draft.draft, ""
    if form.seen() == draft.draft_revision:
        changed, told = _changed_outline(draft.draft, form)
    problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        return _outline_page(draft, problems), 422
    if told:
        flash(told)
    return redirect(url_for("design.show_questionnaire", key=key))


def _changed_outline(definition: dict[str, Any], form: OutlineForm) -> tuple[dict[str, Any], str]:
    """The outline after a button was pressed, and a sentence about it; '' where one can see it."""
    section, question = form.section.data or 0, form.question.data
    if form.action.data == "remove":
        name = outline.name_at(definition, section, question)
        left = named_by(definition, section, question)
        more = f" Look again at what named it: {'; '.join(left)}." if left else ""
        return outline.remove(definition, section, question), f"{name} was removed.{more}"
    if form.action.data == "copy" and question is not None:
        name = outline.name_at(definition, section, question)
        copied = outline.next_id(definition, "q")
        changed = outline.copy_question(definition, section, question)
        return changed, f"{name} was copied; the copy is {copied}."
    step = -1 if form.action.data == "up" else 1
    return outline.move(definition, section, question, step), ""


@bp.get("/<key>/definition.yaml")
@allow("manager")
def download_draft(key: str) -> Response:
    """The draft as a YAML file."""
    return _yaml_file(f"{key}_draft", questionnaire_by_key(key).draft)


@bp.get("/<key>/versions/<int:number>/definition.yaml")
@allow("manager")
def download_version(key: str, number: int) -> Response:
    """A version as a YAML file."""
    return _yaml_file(f"{key}_{number}", version_by_number(key, number).definition)


def _outline_page(draft: Questionnaire, problems: list[Problem]) -> str:
    return render_template(
        "design/questionnaire.html",
        questionnaire=draft,
        sections=outline_in_words(draft.draft, read_definition(draft.draft).items),
        lacking=mendings(draft_problems(draft), draft.draft),
        minutes=draft_minutes(draft),
        languages=progress_of(draft.draft, draft.published),
        name_of=name_of,
        rules=len(draft.draft.get("constraints", ())),
        problems=problems,
        form=RevisionForm(formdata=None),
    )


def _created(questionnaire: Questionnaire) -> Any:
    record("questionnaire begun", questionnaire.key, utc_now())
    return redirect(url_for("design.show_questionnaire", key=questionnaire.key))


def _yaml_file(name: str, definition: dict[str, Any]) -> Response:
    response = Response(write_yaml(definition), mimetype="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response
