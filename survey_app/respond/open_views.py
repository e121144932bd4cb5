"""The page of an open link, which is nobody's own, and what comes of sending it."""

from __future__ import annotations

import gzip
from datetime import datetime
from math import ceil
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import force_locale, gettext

from survey_app.db import utc_now
from survey_app.domain.problems import Gone
from survey_app.respond.answering import unreadable
from survey_app.respond.joining import (
    STAMP,
    Crowded,
    Entrance,
    Joined,
    Trapped,
    has_enough,
    join,
    read_entrance,
    why_shut,
)
from survey_app.respond.languages import interface_locale
from survey_app.respond.outcomes import SPEAK, Moved, Shown, read_sent
from survey_app.respond.posting import LARGEST_POST, LARGEST_POST_WITH_FILES, Fields, read_posted
from survey_app.respond.rendering import (
    Kept,
    render_enough,
    render_entrance,
    render_shown,
    render_thanks,
)
from survey_app.respond.stamps import make_stamp, put_stamp, read_stamp
from survey_app.respond.versions import version_of
from survey_app.respond.views import bp, language_of, send_page, show_outcome
from survey_app.web import allow

# A form that is sent to where its page came from.
OWN_ADDRESS = b'method="post" action=""'


@bp.get("/p/<key>")
@allow("public")
def show_open_page(key: str) -> Any:
    """The first page, for everybody; changes nothing."""
    now = utc_now()
    entrance = read_entrance(key)
    if reason := why_shut(entrance, now):
        raise Gone(reason)
    if has_enough(entrance):
        return render_enough(entrance.invited, language_of(entrance.invited))
    page = render_entrance(entrance.invited, language_of(entrance.invited))
    return _send_stamped(page, make_stamp(entrance.key, now))


@bp.post("/p/<key>")
@allow("public")
def join_open(key: str) -> Any:
    """Let somebody begin, with the answers of the first page."""
    now = utc_now()
    entrance = read_entrance(key)
    invited = entrance.invited
    fields, uploads, problems = read_posted(request, _largest_post(entrance, now))
    sent = read_sent(fields, uploads)
    language = language_of(invited, sent.language, sent.action.removeprefix(SPEAK))
    if problems:
        return _show_again(entrance, unreadable(invited, language, problems), fields, now)
    match join(entrance, fields, sent, language, request.remote_addr, now):
        case Joined(token, joined, None):
            return show_outcome(token, joined, Moved(sent.page, language, note="again"), now)
        case Joined(token, joined, outcome):
            return _lead_on(token, show_outcome(token, joined, outcome, now))
        case Trapped():
            return send_page(render_thanks(invited, language, {}, now))
        case Crowded() as crowded:
            return _show_crowded(entrance, crowded, fields, now)
        case shown:
            return _show_again(entrance, shown, fields, now)


def _largest_post(entrance: Entrance, now: datetime) -> int:
    """How much may be sent; where nobody can begin, no files."""
    version = version_of(entrance.questionnaire_key, entrance.version_number)
    is_large = version.takes_files and not why_shut(entrance, now)
    return LARGEST_POST_WITH_FILES if is_large else LARGEST_POST


def _show_again(
    entrance: Entrance, shown: Shown, fields: Fields, now: datetime, crowded: str = ""
) -> Response:
    invited = entrance.invited
    if version_of(entrance.questionnaire_key, entrance.version_number).is_random:
        page = render_entrance(invited, shown.language, crowded, shown.problems)
    else:
        page = render_shown(invited, shown, crowded)
    answer = _send_stamped(page, _stamp_of(entrance, fields, now))
    answer.status_code = 422 if shown.problems else 200
    return answer


def _show_crowded(entrance: Entrance, crowded: Crowded, fields: Fields, now: datetime) -> Response:
    with force_locale(interface_locale(crowded.shown.language)):
        told = gettext(
            "Many people are answering just now, so your answers have not reached us yet. Please "
            "send them again in %(minutes)s minutes; you can leave this page open.",
            minutes=max(2, ceil(crowded.seconds / 60)),
        )
    answer = _show_again(entrance, crowded.shown, fields, now, told)
    answer.status_code = 429
    answer.headers["Retry-After"] = str(crowded.seconds)
    return answer


def _stamp_of(entrance: Entrance, fields: Fields, now: datetime) -> str:
    """The stamp that a page came with, since it is still the same page; a new one for a bad one."""
    stamp = next(iter(fields.get(STAMP, ())), "")
    return stamp if read_stamp(entrance.key, stamp) else make_stamp(entrance.key, now)


def _lead_on(token: str, shown: Any) -> Response:
    """What somebody sees who has an invitation: whatever they send from there goes by their own
    link, as the page of the open link would make somebody new of them."""
    answer = current_app.make_response(shown)
    own = url_for("respond.show_page", token=token)
    if answer.is_sequence:
        page = answer.get_data().replace(OWN_ADDRESS, f'method="post" action="{own}"'.encode())
        answer.set_data(page)
    return answer


def _send_stamped(page: bytes | Kept, stamp: str) -> Response:
    plain = put_stamp(page.plain if isinstance(page, Kept) else page, stamp)
    if "gzip" not in request.environ.get("HTTP_ACCEPT_ENCODING", ""):
        return Response(plain, headers={"Vary": "Accept-Encoding"})
    packed = gzip.compress(plain, compresslevel=1, mtime=0)
    return Response(packed, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
