"""Pages on which managers write the questions and the sections of a draft."""

from __future__ import annotations

from typing import Any

from flask import render_template

from survey_app.design import outline
from survey_app.design.condition_forms import ConditionFields
from survey_app.design.condition_words import say_condition
from survey_app.design.conditions import earlier_items
from survey_app.design.dependents import named_by
from survey_app.design.forms import SectionForm
from survey_app.design.models import Questionnaire
from survey_app.design.pages import form_page, save_form
from survey_app.design.queries import questionnaire_by_key, read_definition
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
        shown = {"heading": f"Change section {content['id']}", "section": section}
        count = len(content["questions"])
        shown["removing"] = f"Remove it and its {count} question{'s' if count != 1 else ''}"
        shown["left"] = named_by(draft.draft, section, None)
    data = {"random": bool(content.get("order")), "revision": draft.draft_revision}
    data |= SectionForm.shown_condition(content.get("show_if"))
    form = SectionForm(data={**content, **data})
    shown |= _offer(form, draft, content, section or len(draft.draft["sections"]) + 1)
    if not form.validate_on_submit():
        return form_page("section.html", form, [], draft, **shown)
    changed = outline.put_section(draft.draft, section, form.content())
    return save_form(draft, changed, form, "section.html", **shown)


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
    place = len(outline.section_at(draft.draft, section)["questions"]) + 1
    if kind not in QUESTION_FORMS:
        raise NotFound("There is no such type of question.")
    data = {"id": outline.next_id(draft.draft, "q"), "revision": draft.draft_revision}
    form = QUESTION_FORMS[kind](data=data)
    shown = {"heading": f"Add a question: {NAMES[kind]}"}
    shown |= _offer(form, draft, {}, section, place)
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
    data = kind.shown(content) | kind.shown_condition(content.get("show_if"))
    form = kind(data={**data, "revision": draft.draft_revision})
    shown: dict[str, Any] = {
        "heading": f"Change question {content['id']}: {NAMES[kind.kind]}",
        "removing": "Remove this question",
        "left": named_by(draft.draft, section, question),
        "section": section,
        "question": question,
    }
    shown |= _offer(form, draft, content, section, question)
    if not form.validate_on_submit():
        return form_page("question.html", form, [], draft, **shown)
    changed = outline.put_question(draft.draft, section, question, form.question(content))
    return save_form(draft, changed, form, "question.html", **shown)


def _offer(
    form: ConditionFields,
    draft: Questionnaire,
    content: dict[str, Any],
    section: int,
    question: int | None = None,
) -> dict[str, str]:
    """Offer the earlier items in the form's condition; the stored condition in words."""
    items = earlier_items(read_definition(draft.draft), section, question)
    condition = content.get("show_if")
    form.offer(items, condition)
    return {"said": f"Only if {say_condition(condition, items)}" if condition else ""}
