"""Pages and files of answers to take away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Conflict, SoundingsError
from survey_app.jobs import enqueue
from survey_app.organisation.sight import sight_of
from survey_app.report.answers.choosing import Choice, questionnaire_by_key, versions_of
from survey_app.report.answers.codebook import CODE_WORDS, make_codebook, value_labels
from survey_app.report.answers.columns import plan_items
from survey_app.report.answers.copies import answers_folder
from survey_app.report.answers.forms import FORMAT_WORDS, SHAPE_WORDS, address_fields, read_choice
from survey_app.report.answers.jobs import copy_answers
from survey_app.report.answers.limits import LEAST_PEOPLE, MOST_VALUES
from survey_app.report.answers.preparing import prepare_download, state_for_page
from survey_app.report.answers.queries import (
    answered_questionnaires,
    copied_months,
    count_chosen,
)
from survey_app.web import allow, kept_alive

bp = Blueprint("answers", __name__, url_prefix="/answers")

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
}


@bp.get("/")
@allow("manager", "analyst")
def list_answers() -> str:
    """The questionnaires whose answers can be taken away."""
    found = answered_questionnaires(sight_of(current_user))
    return render_template("report/answers.html", questionnaires=found)


@bp.get("/<key>")
@allow("manager", "analyst")
def choose(key: str) -> Any:
    """Choose what to take away of a questionnaire, and see how much it is."""
    numbers = [version.number for version in questionnaire_by_key(key).versions]
    choice, problems = read_choice(key, request.args)
    shown = choice or Choice(key)
    versions_of(key, shown.versions)
    state = state_for_page(key, numbers, utc_now())
    page = render_template(
        "report/answers_choice.html",
        questionnaire=questionnaire_by_key(key),
        choice=shown,
        problems=problems,
        state=state,
        months=copied_months(key, numbers),
        count=count_chosen(shown, shown.versions or numbers, sight_of(current_user)),
        shapes=SHAPE_WORDS,
        formats=FORMAT_WORDS,
        least=LEAST_PEOPLE,
        most_values=MOST_VALUES,
    )
    return page, 422 if problems else 200


@bp.post("/<key>/copy")
@allow("manager", "analyst")
def ask_for_copy(key: str) -> Any:
    """Have the worker bring the copy up to date, and wait for it on the page."""
    questionnaire_by_key(key)
    enqueue(copy_answers, key)
    choice, _problems = read_choice(key, request.form)
    return redirect(url_for("answers.choose", key=key, **address_fields(choice or Choice(key))))


@bp.get("/<key>/file")
@allow("manager", "analyst")
def download(key: str) -> Response:
    """The file, anonymised and without words: what goes on record is not given by a GET."""
    choice = _chosen(key, request.args)
    if choice.is_personal:
        raise Conflict(
            "Names and words go on record, so this address does not give them. Use the button on "
            "the page of the answers."
        )
    return _send(choice)


@bp.post("/<key>/file")
@allow("manager")
def download_personal(key: str) -> Response:
    """The file with names or with words, which goes on record."""
    return _send(_chosen(key, request.form))


@bp.get("/<key>/codebook")
@allow("manager", "analyst")
def show_codebook(key: str) -> str:
    """What each column of a questionnaire's files holds, over all its versions."""
    versions = versions_of(key)
    items = plan_items(versions, texts=True)
    return render_template(
        "report/answers_codebook.html",
        questionnaire=questionnaire_by_key(key),
        lines=make_codebook((), items, versions),
        codes=CODE_WORDS,
        labels=value_labels,
    )


def _chosen(key: str, given: Any) -> Choice:
    choice, problems = read_choice(key, given)
    if choice is None:
        raise SoundingsError(" ".join(problem.message for problem in problems), 422)
    return choice


def _send(choice: Choice) -> Response:
    from survey_app.report.answers.downloading import stream_answers

    rules = prepare_download(choice, current_user, utc_now())
    title = questionnaire_by_key(choice.key).title
    folder = answers_folder(current_app.config["SETTINGS"])
    # A mark at the beginning has a spreadsheet read UTF-8; programs say that they want none.
    pieces = stream_answers(rules, folder, title, bom=bool(request.values.get("bom")))
    kind = "application/zip" if choice.package else MEDIA_TYPES[choice.format]
    return Response(
        kept_alive(pieces),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{choice.filename}"'},
    )
