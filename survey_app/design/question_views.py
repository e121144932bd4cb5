"""Pages on which managers write the questions and the sections of a draft."""

from __future__ import annotations

from typing import Any

from flask import render_template

from survey_app.design import outline
from survey_app.design.forms import SectionForm
from survey_app.design.pages import form_page, save_form
from survey_app.design.queries import questionnaire_by_key
from survey_app.design.question_forms import KINDS, NAMES, QUESTION_FORMS
from survey_app.design.views import bp
from survey_app.domain.problems import NotFound
from survey_app.web import allow


@bp.route("/<key>/sections/new", methods=["GET", "POST"], defaults={"section": None})
@bp.route("/<key>/sections/<int:section>", methods=["GET", "POST"])
@allow("manager")
def edit_section(key: str, section: int | None) -> Any:
    """Add or change a section."""
    draft = questionnaire_by_key(key)
    shown: dict[str, Any] = {"heading": "Add a section"}
    content: dict[str, Any] = {"id": outline.next_id(draft.draft, "section")}
    if section is not None:
        content = outline.section_at(draft.draft, section)
        shown = {"heading": "Rename the section", "section": section}
        shown["removing"] = f"Remove it and its {len(content['questions'])} questions"
    form = SectionForm(data={**content, "revision": draft.draft_revision})
    if not form.validate_on_submit():
        return form_page("form.html", form, [], draft, **shown)
    name = (form.id.data or "").strip()
    changed = outline.put_section(draft.draft, section, name, form.title.data or "")
    return save_form(draft, changed, form, "form.html", **shown)


@bp.get("/<key>/sections/<int:section>/new")
@allow("manager")
def choose_type(key: str, section: int) -> str:
    """The question types, one of which a new question has."""
    draft = questionnaire_by_key(key)
    title = outline.section_at(draft.draft, section).get("title", "")
    return render_template(
        "design/types.html", questionnaire=draft, section=section, title=title, kinds=KINDS
    )


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
    shown = {"heading": f"Add a question: {NAMES[kind]}"}
    if not form.validate_on_submit():
        return form_page("question.html", form, [], draft, **shown)
    changed = outline.put_question(draft.draft, section, None, form.question({}))
    return save_form(draft, changed, form, "question.html", **shown)


@bp.route("/<key>/sections/<int:section>/questions/<int:question>", methods=["GET", "POST"])
@allow("manager")
def edit_question(key: str, section: int, question: int) -> Any:
    """Change a question."""
    draft = questionnaire_by_key(key)
    content = outline.question_at(draft.draft, section, question)
    kind = QUESTION_FORMS[content["type"]]
    form = kind(data={**kind.shown(content), "revision": draft.draft_revision})
    shown: dict[str, Any] = {
        "heading": f"Change question {content['id']}: {NAMES[kind.kind]}",
        "removing": "Remove this question",
        "section": section,
        "question": question,
    }
    if not form.validate_on_submit():
        return form_page("question.html", form, [], draft, **shown)
    changed = outline.put_question(draft.draft, section, question, form.question(content))
    return save_form(draft, changed, form, "question.html", **shown)
