"""Pages on which managers translate a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, request, url_for

from survey_app.db import utc_now
from survey_app.design.editing import save_draft
from survey_app.design.forms import LanguageForm, RevisionForm, TableForm, TranslationForm
from survey_app.design.languages import direction_of, name_of, offered_languages, own_name_of
from survey_app.design.languages import read_language as read_code
from survey_app.design.models import Questionnaire
from survey_app.design.pages import form_page, save_form
from survey_app.design.queries import questionnaire_by_key
from survey_app.design.translations import (
    add_language,
    drop_gone,
    place_of_text,
    progress_of,
    put_texts,
    read_table,
    remove_language,
    texts_in,
    write_table,
)
from survey_app.design.views import bp
from survey_app.domain.problems import NotFound, Problem, quoted
from survey_app.domain.translating import idle_texts, texts_of
from survey_app.web import allow

LANGUAGES = "design.list_languages"


@bp.route("/<key>/languages", methods=["GET", "POST"])
@allow("manager")
def list_languages(key: str) -> Any:
    """The languages of a draft; begin another."""
    draft = questionnaire_by_key(key)
    form = LanguageForm(data={"revision": draft.draft_revision})
    shown = _listed(draft)
    if not form.validate_on_submit():
        return form_page("languages.html", form, [], draft, **shown)
    code = read_code(form.language.data or "")
    changed = code if isinstance(code, Problem) else add_language(draft.draft, code)
    if isinstance(changed, Problem):
        return form_page("languages.html", form, [changed], draft, **shown)
    return save_form(draft, changed, form, "languages.html", LANGUAGES, **shown)


@bp.post("/<key>/translations/tidy")
@allow("manager")
def remove_gone(key: str) -> Any:
    """Take out, of all languages, the translations whose text is gone."""
    draft = questionnaire_by_key(key)
    gone = sum(one.idle for one in progress_of(draft.draft))
    problems = save_draft(draft, drop_gone(draft.draft), RevisionForm().seen(), utc_now())
    if problems:
        form = LanguageForm(formdata=None, data={"revision": draft.draft_revision})
        return form_page("languages.html", form, problems, draft, **_listed(draft))
    flash(f"{gone} translation{'s' if gone != 1 else ''} of texts that are gone: removed.")
    return redirect(url_for(LANGUAGES, key=key))


@bp.route("/<key>/languages/<language>", methods=["GET", "POST"])
@allow("manager")
def translate(key: str, language: str) -> Any:
    """The texts of one language beside those they translate."""
    draft = _draft_in(key, language)
    form = TranslationForm(data={"revision": draft.draft_revision})
    typed = form.texts(texts_of(draft.draft))
    shown = _shown(draft, language, typed)
    if not form.validate_on_submit():
        return form_page("translation.html", form, [], draft, **shown)
    changed = put_texts(draft.draft, language, typed, form.drop_idle.data)
    return save_form(draft, changed, form, "translation.html", LANGUAGES, **shown)


@bp.post("/<key>/languages/<language>/remove")
@allow("manager")
def remove_translation(key: str, language: str) -> Any:
    """Take a language out of the draft."""
    draft = _draft_in(key, language)
    form = RevisionForm()
    changed = remove_language(draft.draft, language)
    problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        shown = _shown(draft, language)
        return form_page("translation.html", _translation_form(draft), problems, draft, **shown)
    flash(f"{name_of(language)} is no language of the draft any more.")
    return redirect(url_for(LANGUAGES, key=key))


@bp.get("/<key>/languages/<language>/texts.csv")
@allow("manager")
def download_texts(key: str, language: str) -> Response:
    """One language as a table for translators."""
    draft = _draft_in(key, language)
    response = Response(write_table(draft.draft, language), mimetype="text/csv")
    name = f"{key}_{language}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/<key>/languages/<language>/upload")
@allow("manager")
def upload_texts(key: str, language: str) -> Any:
    """Take the translations of a table, all or none."""
    draft = _draft_in(key, language)
    form = TableForm()
    texts, problems = read_table(form.source(), draft.draft)
    if not problems:
        changed = put_texts(draft.draft, language, texts)
        problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        shown = _shown(draft, language)
        return form_page("translation.html", _translation_form(draft), problems, draft, **shown)
    flash(f"{len(texts)} translations were taken from the file.")
    return redirect(url_for("design.translate", key=key, language=language))


def _draft_in(key: str, language: str) -> Questionnaire:
    """The questionnaire, if its draft has the language; raises NotFound."""
    draft = questionnaire_by_key(key)
    if language not in draft.draft.get("translations", {}):
        raise NotFound(f"The draft has no language {quoted(language)}.")
    return draft


def _listed(draft: Questionnaire) -> dict[str, Any]:
    return {
        "progress": progress_of(draft.draft, draft.published),
        "offered": offered_languages(),
        "name_of": name_of,
    }


def _translation_form(draft: Questionnaire) -> TranslationForm:
    return TranslationForm(formdata=None, data={"revision": draft.draft_revision})


def _shown(
    draft: Questionnaire, language: str, typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    texts = texts_in(draft.draft, language, draft.published)
    typed = typed or {}
    to_do = [text for text in texts if text.to_do]
    own = draft.draft.get("language", "en")
    return {
        "texts": to_do if not typed and request.args.get("only") == "todo" else texts,
        "total": len(texts),
        "missing": sum(not text.translation for text in texts),
        "stale": sum(bool(text.was) for text in texts),
        "idle": [place_of_text(name) for name in idle_texts(draft.draft)[language]],
        "typed": typed,
        "language": language,
        "names": (name_of(own), name_of(language), own_name_of(language)),
        "directions": (direction_of(own), direction_of(language)),
        "own": own,
    }
