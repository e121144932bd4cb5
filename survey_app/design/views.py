"""Pages on which managers write, check and publish questionnaires."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm

from survey_app.accounts.auditing import record
from survey_app.db import utc_now
from survey_app.design import outline
from survey_app.design.editing import create_questionnaire, save_draft, start_questionnaire
from survey_app.design.forms import (
    QUESTION_FORMS,
    AboutForm,
    OutlineForm,
    PublishForm,
    RevisionForm,
    SectionForm,
    StartForm,
    TextForm,
    UploadForm,
)
from survey_app.design.models import Questionnaire
from survey_app.design.publishing import advise, draft_problems, preview_changes, publish
from survey_app.design.queries import (
    all_questionnaires,
    questionnaire_by_key,
    version_by_number,
)
from survey_app.design.reading import read_document
from survey_app.design.writing import write_yaml
from survey_app.domain.overruling import Overrule
from survey_app.domain.problems import NotFound, Problem
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
        return _page("new.html", form, [])
    key, title = (form.key.data or "").strip(), form.title.data or ""
    questionnaire, problems = start_questionnaire(key, title, utc_now())
    return _created(questionnaire) if questionnaire else _page("new.html", form, problems)


@bp.route("/upload", methods=["GET", "POST"])
@allow("manager")
def upload_questionnaire() -> Any:
    """Begin a questionnaire from a definition."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _page("upload.html", form, [])
    definition, problems = read_document(form.source())
    if definition is None:
        return _page("upload.html", form, problems)
    questionnaire, problems = create_questionnaire(definition, utc_now())
    return _created(questionnaire) if questionnaire else _page("upload.html", form, problems)


@bp.get("/<key>")
@allow("manager")
def show_questionnaire(key: str) -> str:
    """The draft: its outline, what it still lacks, and the versions published from it."""
    return _outline_page(questionnaire_by_key(key), [])


@bp.route("/<key>/about", methods=["GET", "POST"])
@allow("manager")
def edit_about(key: str) -> Any:
    """Title, introduction, thanks, language."""
    draft = questionnaire_by_key(key)
    form = AboutForm(data={**draft.draft, "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return _page("form.html", form, [], draft, heading="About the questionnaire")
    names = ("title", "introduction", "thanks", "language")
    changed = draft.draft | {name: form[name].data or "" for name in names}
    return _save(draft, changed, form, "form.html", heading="About the questionnaire")


@bp.route("/<key>/text", methods=["GET", "POST"])
@allow("manager")
def edit_text(key: str) -> Any:
    """The whole draft as YAML."""
    draft = questionnaire_by_key(key)
    form = TextForm(data={"text": write_yaml(draft.draft), "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return _page("text.html", form, [], draft)
    definition, problems = read_document(form.text.data or "")
    if definition is None:
        return _page("text.html", form, problems, draft)
    return _save(draft, definition, form, "text.html")


@bp.route("/<key>/sections/new", methods=["GET", "POST"], defaults={"section": None})
@bp.route("/<key>/sections/<int:section>", methods=["GET", "POST"])
@allow("manager")
def edit_section(key: str, section: int | None) -> Any:
    """Add or rename a section."""
    draft = questionnaire_by_key(key)
    shown: dict[str, Any] = {"heading": "Add a section"}
    content: dict[str, Any] = {"id": outline.next_id(draft.draft, "section")}
    if section is not None:
        content = outline.section_at(draft.draft, section)
        shown = {"heading": "Rename the section", "section": section}
        shown["removing"] = f"Remove it and its {len(content['questions'])} questions"
    form = SectionForm(data={**content, "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return _page("form.html", form, [], draft, **shown)
    name = (form.id.data or "").strip()
    changed = outline.put_section(draft.draft, section, name, form.title.data or "")
    return _save(draft, changed, form, "form.html", **shown)


@bp.route("/<key>/sections/<int:section>/new/<kind>", methods=["GET", "POST"])
@allow("manager")
def new_question(key: str, section: int, kind: str) -> Any:
    """Add a question at the end of a section."""
    draft = questionnaire_by_key(key)
    outline.section_at(draft.draft, section)
    if kind not in QUESTION_FORMS:
        raise NotFound("There is no such type of question.")
    data = {"id": outline.next_id(draft.draft, "q"), "revision": draft.draft_revision}
    form = QUESTION_FORMS[kind](data=data)
    heading = f"Add a {kind} question"
    if not form.validate_on_submit():
        return _page("question.html", form, [], draft, heading=heading)
    changed = outline.put_question(draft.draft, section, None, form.question())
    return _save(draft, changed, form, "question.html", heading=heading)


@bp.route("/<key>/sections/<int:section>/questions/<int:question>", methods=["GET", "POST"])
@allow("manager")
def edit_question(key: str, section: int, question: int) -> Any:
    """Change a question."""
    draft = questionnaire_by_key(key)
    content = outline.question_at(draft.draft, section, question)
    form = QUESTION_FORMS[content["type"]](data={"revision": draft.draft_revision})
    shown: dict[str, Any] = {
        "heading": f"Change question {content['id']}",
        "removing": "Remove this question",
    }
    shown |= {"section": section, "question": question}
    if not form.is_submitted():
        form.fill(content)
    if not form.validate_on_submit():
        return _page("question.html", form, [], draft, **shown)
    changed = outline.put_question(draft.draft, section, question, form.question())
    return _save(draft, changed, form, "question.html", **shown)


@bp.post("/<key>/outline")
@allow("manager")
def change_outline(key: str) -> Any:
    """Move or remove a section or a question."""
    draft = questionnaire_by_key(key)
    form = OutlineForm()
    if not form.validate():
        return _outline_page(draft, [Problem("draft", "form", "Use the buttons of the page.")]), 422
    section, question = form.section.data or 0, form.question.data
    if form.seen() != draft.draft_revision:
        changed = draft.draft
    elif form.action.data == "remove":
        changed = outline.remove(draft.draft, section, question)
    else:
        step = -1 if form.action.data == "up" else 1
        changed = outline.move(draft.draft, section, question, step)
    problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        return _outline_page(draft, problems), 422
    return redirect(url_for("design.show_questionnaire", key=key))


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


def _page(
    template: str,
    form: FlaskForm,
    problems: list[Problem],
    draft: Questionnaire | None = None,
    **shown: Any,
) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template(
        f"design/{template}", form=form, problems=problems, questionnaire=draft, **shown
    )
    return page, status


def _outline_page(draft: Questionnaire, problems: list[Problem]) -> str:
    return render_template(
        "design/questionnaire.html",
        questionnaire=draft,
        sections=outline.sections_of(draft.draft),
        lacking=draft_problems(draft),
        kinds=list(QUESTION_FORMS),
        problems=problems,
        form=RevisionForm(formdata=None),
    )


def _publish_page(draft: Questionnaire, problems: list[Problem], typed: dict[str, Overrule]) -> str:
    changes = preview_changes(draft)
    held = {change.key: typed.get(change.key, Overrule(change.kind, "")) for change in changes}
    entries = [{"key": key, "kind": one.kind, "note": one.note} for key, one in held.items()]
    data = {"revision": draft.draft_revision, "changes": entries}
    form = PublishForm(formdata=None, data=data)
    return render_template(
        "design/publish.html",
        questionnaire=draft,
        lacking=draft_problems(draft),
        advice=advise(draft),
        changes=list(zip(changes, form.changes, strict=True)),
        problems=problems,
        form=form,
    )


def _save(
    draft: Questionnaire, changed: dict[str, Any], form: RevisionForm, template: str, **shown: Any
) -> Any:
    problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        return _page(template, form, problems, draft, **shown)
    return redirect(url_for("design.show_questionnaire", key=draft.key))


def _created(questionnaire: Questionnaire) -> Any:
    record("questionnaire begun", questionnaire.key, utc_now())
    return redirect(url_for("design.show_questionnaire", key=questionnaire.key))


def _yaml_file(name: str, definition: dict[str, Any]) -> Response:
    response = Response(write_yaml(definition), mimetype="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response
