"""The page on which customers answer, and the managers' page for taking over answers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import get_locale
from flask_login import current_user

from survey_app.db import db, utc_now
from survey_app.design.queries import questionnaire_by_key, version_by_number
from survey_app.design.reading import read_document
from survey_app.domain.problems import NotFound, Problem
from survey_app.organisation.sight import sight_of
from survey_app.respond.answering import answer, unreadable
from survey_app.respond.entering import Invited, find_invitation, is_enough, read_invitation
from survey_app.respond.forms import ImportForm
from survey_app.respond.importing import import_answers
from survey_app.respond.languages import choose_language
from survey_app.respond.outcomes import (
    SPEAK,
    Clash,
    Enough,
    Moved,
    Outcome,
    Received,
    Saved,
    Shown,
    Stored,
    read_chosen,
    read_sent,
)
from survey_app.respond.posting import (
    LARGEST_POST,
    LARGEST_POST_WITH_FILES,
    MULTIPART,
    SMALL_POST,
    read_posted,
)
from survey_app.respond.queries import received_file, received_files, recent_batches
from survey_app.respond.rendering import (
    Kept,
    render_clash,
    render_enough,
    render_page,
    render_preview,
    render_received,
    render_saved,
    render_shown,
    render_thanks,
)
from survey_app.respond.uploading import path_of
from survey_app.respond.versions import Version, version_of
from survey_app.web import allow

# So often a page is read again when somebody else saves at the same moment.
MOST_ATTEMPTS = 3

bp = Blueprint("respond", __name__)
bp.add_app_template_filter(json.loads, "from_json")
bp.add_app_template_global(get_locale, "get_locale")


@bp.get("/r/<token>")
@allow("public")
def show_page(token: str) -> Any:
    """The page on which to go on, or the word that everything has arrived; changes nothing."""
    now = utc_now()
    invited = read_invitation(token, now)
    language = language_of(invited)
    if not invited.is_answering:
        return render_received(invited, language, now)
    if is_enough(invited):
        return render_enough(invited, language)
    if not request.query_string:
        return send_page(render_page(invited, language))
    page, note = request.args.get("page", ""), request.args.get("note", "")
    return send_page(render_page(invited, language, page, note, read_chosen(request.args)))


@bp.post("/r/<token>")
@allow("public")
def submit(token: str) -> Any:
    """Keep a page's answers, or store them all, once."""
    now = utc_now()
    fields, uploads, problems = read_posted(request, _largest_post(token, now))
    sent = read_sent(fields, uploads)
    connection = db.session.connection()
    for _attempt in range(MOST_ATTEMPTS):
        invited = find_invitation(connection, token, now)
        language = language_of(invited, sent.language, sent.action.removeprefix(SPEAK))
        if problems and invited.is_answering:
            return show_outcome(token, invited, unreadable(invited, language, problems), now)
        outcome = answer(connection, invited, sent, language, now)
        if outcome is not None:
            return show_outcome(token, invited, outcome, now)
    return show_outcome(token, invited, Moved(sent.page, language, note="again"), now)


def _largest_post(token: str, now: datetime) -> int:
    """How much may be sent. Whoever holds no link is turned away before more than a little of it is
    read, and only a questionnaire that asks for files is sent any."""
    length = request.content_length
    if length is not None and length <= SMALL_POST and request.mimetype != MULTIPART:
        return SMALL_POST
    invited = read_invitation(token, now)
    version = version_of(invited.questionnaire_key, invited.version_number)
    return LARGEST_POST_WITH_FILES if version.takes_files else LARGEST_POST


def show_outcome(token: str, invited: Invited, outcome: Outcome, now: datetime) -> Any:
    """What the holder of a link sees after their post."""
    match outcome:
        case Stored():
            return send_page(render_thanks(invited, outcome.language, outcome.answers, now))
        case Moved():
            named = {"page": outcome.page, "note": outcome.note}
            query = {name: value for name, value in named.items() if value}
            anchor = f"q-{outcome.anchor}" if outcome.anchor else None
            place = url_for("respond.show_page", token=token, _anchor=anchor, **query)
            return redirect(place, 303)
        case Shown():
            return Response(render_shown(invited, outcome), 422 if outcome.problems else 200)
        case Clash():
            return render_clash(invited, outcome), 409
        case Saved():
            return render_saved(invited, outcome.language)
        case Enough():
            return render_enough(invited, outcome.language)
        case Received():
            return render_received(invited, outcome.language, now, outcome.came_late)


def send_page(page: bytes | Kept) -> Response:
    """A page that is kept packed is sent so to all who can unpack it, as browsers can."""
    if not isinstance(page, Kept):
        return Response(page)
    if "gzip" not in request.environ.get("HTTP_ACCEPT_ENCODING", ""):
        return Response(page.plain, headers={"Vary": "Accept-Encoding"})
    return Response(page.packed, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def language_of(invited: Invited, *wished: str) -> str:
    """The language of a page: the last wish, else the person's, else the browser's."""
    version = version_of(invited.questionnaire_key, invited.version_number)
    if len(version.languages) == 1:
        return version.languages[0]
    last_wished = [*reversed(wished), invited.draft_language, invited.contact_language]
    return choose_language(version.languages, last_wished, request)


@bp.get("/design/<key>/preview", defaults={"number": None})
@bp.get("/design/<key>/versions/<int:number>/preview")
@allow("manager")
def preview(key: str, number: int | None) -> str:
    """The draft or a published version as customers see it, a page at a time."""
    definition = (
        questionnaire_by_key(key).draft
        if number is None
        else version_by_number(key, number).definition
    )
    version = Version(definition)
    if not version.questionnaire.questions:
        raise NotFound("There is no question to look at yet. Add one first.")
    language = choose_language(version.languages, [request.args.get("language")], request)
    what = "the draft" if number is None else f"version {number}"
    words = f"This is how customers see {what}. Nothing can be sent from here."
    shown = {"words": words, "back": url_for("design.show_questionnaire", key=key)}
    return render_preview(version, language, request.args.get("page", ""), shown)


@bp.get("/respond/files")
@allow("manager", "analyst")
def list_files() -> str:
    """The files that came with answers."""
    return render_template("respond/files.html", files=received_files(sight_of(current_user)))


@bp.get("/respond/files/<int:response_id>/<file_id>")
@allow("manager", "analyst")
def download_file(response_id: int, file_id: str) -> Any:
    """One of them, always to be saved and never shown within our pages."""
    invitation_id, about = received_file(response_id, file_id, sight_of(current_user))
    path = path_of(invitation_id, file_id)
    if path is None:
        raise NotFound("The file is not kept any more.")
    return send_file(path, mimetype=about["type"], as_attachment=True, download_name=about["name"])


@bp.route("/respond/import", methods=["GET", "POST"])
@allow("manager")
def import_page() -> Any:
    """Take over the answers of an existing survey."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_form(form, [])
    mapping, problems = read_document(form.mapping.data or "")
    if mapping is None:
        return _import_form(form, [problem.within("mapping") for problem in problems])
    batch, problems = import_answers(
        form.chosen_version(),
        form.file.data.read(),
        mapping,
        form.file.data.filename,
        utc_now(),
        current_app.config["SETTINGS"].zone,
        sight_of(current_user),
    )
    if batch is None:
        return _import_form(form, problems)
    flash(f"{batch.row_count} responses were imported from {batch.filename}.")
    return redirect(url_for("respond.import_page"))


def _import_form(form: ImportForm, problems: list[Problem]) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template(
        "respond/import.html",
        form=form,
        problems=problems,
        batches=recent_batches(sight_of(current_user)),
    )
    return page, status
