"""The web's edge: who may enter, one commit a request, security headers, one page or document for
errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from survey_app.db import READING_METHODS, db
from survey_app.domain.problems import Problem, Refused, SoundingsError
from survey_app.jobs import dispatch_queued
from survey_app.problem_documents import problem_response

csrf = CSRFProtect()

# Pages that people open by a link of their own. Nothing that comes before other pages concerns
# them: the token is the permission, so there is nobody to sign in and no session to ride on (CSRF);
# it is hashed, and the form is read strictly by its own view, so no NUL reaches the database.
PERSONAL_LINK = frozenset(
    {
        "respond.show_page",
        "respond.submit",
        "opt_out.show_page",
        "opt_out.opt_out",
        # An open link is everybody's; answering through it makes a personal one.
        "respond.show_open_page",
        "respond.join_open",
    }
)

# The whole list of what may be seen without signing in. Everything else asks for it.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static",
        "bootstrap.static",
        "security.login",
        "security.logout",
        "security.static",
        "web.health",
        # What the API can do is told to everybody; what is in it, to whoever has a token.
        "api.show_document",
        "api.show_reference",
        *PERSONAL_LINK,
    }
)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

GUARDS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
# Where nothing was said about keeping a copy: what pages say is nobody else's.
NOT_KEPT = (*GUARDS, ("Cache-Control", "no-store"))

MACHINE_SENTENCES = {
    403: "The role of the token's user does not allow this.",
    404: "There is nothing at this address. The document at /api/v1/openapi.json lists them all.",
    405: "This address takes no such method. The header Allow names those that it takes.",
    413: "The request is too large. The limit is 64 MB: split it and send the parts.",
}
# Where the web server has put what tells it that a request is still at work.
SIGN_OF_LIFE = "soundings.sign_of_life"

# Pages that take larger files than others, from who is signed in; the server keeps them on disk.
LONG_UPLOADS = frozenset({"invite.import_contacts"})
LONGEST_UPLOAD = 512 * 1024 * 1024

LARGEST_ROW_ID = 2**31 - 1
CUSTOMERS = ("/r/", "/p/", "/u/")
MACHINES = "/api/"
TOKEN_ENTRANCE = "soundings_token_entrance"

View = TypeVar("View", bound=Callable[..., Any])


def allow(*roles: str) -> Callable[[View], View]:
    """Declare the roles that may use a view; a view that declares none is refused to everybody.

    Admins may use every view that is declared at all.
    """

    def declare(view: View) -> View:
        view.allowed_roles = frozenset(roles) | {"admin"}  # type: ignore[attr-defined]
        return view

    return declare


class RowId(IntegerConverter):
    """`<int:...>` in an address: no larger than the databases' row ids, else there is no page."""

    def __init__(self, url_map: Map, max: int = LARGEST_ROW_ID, **named: Any) -> None:
        super().__init__(url_map, max=max, **named)


def sign_of_life() -> Callable[[], None]:
    """What tells the web server that this request is still at work; elsewhere it does nothing."""
    tell: Callable[[], None] = (
        request.environ.get(SIGN_OF_LIFE, _say_nothing) if has_request_context() else _say_nothing
    )
    return tell


def _say_nothing() -> None:
    """Nobody waits."""


def kept_alive(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a download, each a sign of life: a slow line may take longer than a web server
    waits for an answer."""
    tell = sign_of_life()

    def alive() -> Iterator[bytes]:
        for piece in pieces:
            tell()
            yield piece

    return alive()


def is_for_customers() -> bool:
    """Whether the address asked for is one of those that customers are sent, known or not."""
    return request.path.startswith(CUSTOMERS)


def is_for_machines() -> bool:
    """Whether the address asked for belongs to the API, known or not."""
    return request.path.startswith(MACHINES)


def receive_whole(app: Flask) -> None:
    """Take each request in before anything else happens; call it before other parts are installed.

    Reading the signed-in user begins a transaction, which on SQLite keeps all other writers
    waiting: it must not last as long as somebody's slow upload.
    """
    app.url_map.converters["int"] = RowId
    app.before_request(_receive_whole)


def _receive_whole() -> None:
    if request.endpoint in LONG_UPLOADS and "_user_id" in session:
        request.max_content_length = LONGEST_UPLOAD
    texts = [request.path, *request.args.values(), *request.form.values()]
    if any("\0" in text for text in texts):
        told = gettext(
            "The address or a field holds a NUL character, which cannot be stored. Type it anew."
        )
        raise SoundingsError(told, 400)


def init_web(app: Flask) -> None:
    """Install the edge on the app."""
    csrf.init_app(app)
    app.add_url_rule("/health", "web.health", _show_health)
    app.before_request(_check_who_enters)
    app.after_request(_close_transaction)
    app.wsgi_app = _guard_answers(app.wsgi_app)  # type: ignore[method-assign]
    app.register_error_handler(SoundingsError, _show_known_trouble)
    app.register_error_handler(CSRFError, _show_expired_form)
    app.register_error_handler(HTTPException, _show_http_trouble)
    app.register_error_handler(OperationalError, _show_busy)
    app.register_error_handler(Exception, _show_surprise)


def _show_health() -> dict[str, str]:
    # A database that answers and has no tables is not well.
    db.session.execute(text("SELECT version_num FROM alembic_version"))
    return {"status": "ok"}


def _check_who_enters() -> Any:
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC_ENDPOINTS:
        return None
    if is_for_machines():
        # No cookie opens the API: so nobody's browser can be made to use it for somebody else.
        current_app.extensions[TOKEN_ENTRANCE](current_app.view_functions[endpoint])
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(401)
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    allowed = getattr(current_app.view_functions[endpoint], "allowed_roles", frozenset())
    if not any(current_user.has_role(role) for role in allowed):
        abort(403)
    return None


def _close_transaction(response: Response) -> Response:
    """The only commit of a request: all of it, or on any refusal nothing.

    A request that reads changes nothing; its transaction is left to end with the session.
    """
    if response.status_code >= 400:
        db.session.rollback()
    else:
        if request.method not in READING_METHODS:
            db.session.commit()
        dispatch_queued()
    return response


def _guard_answers(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Put the security headers on every answer, whoever made it.

    Here and not on Flask's response, where each header that is set costs a search of all others.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            kept = any(name.lower() == "cache-control" for name, _ in headers)
            more = GUARDS if kept else NOT_KEPT
            return start_response(status, [*headers, *more], *error)

        return wsgi_app(environ, start)

    return answer


def _show_known_trouble(error: SoundingsError) -> Any:
    problems = error.problems if isinstance(error, Refused) else ()
    return _error_page(error.status, error.message, problems)


def _show_expired_form(_error: CSRFError) -> Any:
    return _error_page(400, "This page was open for too long. Go back, reload it and send again.")


def _show_http_trouble(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if is_for_customers():
        told = gettext("That did not work. Please open the page again and try once more.")
        return _error_page(error.code, told)
    sentences = {
        401: "Sign in first, then try again.",
        403: "Your role does not allow this. Ask an administrator if you need it.",
        404: "There is no page at this address. Check the link, or start from the overview.",
        405: "This address takes no such request. Go back and use the page's own buttons.",
        413: "The file is too large. The limit is "
        f"{512 if request.endpoint in LONG_UPLOADS else 64} MB: split it and send the parts.",
    }
    told = sentences.get(error.code, error.description or "")
    if is_for_machines():
        told = MACHINE_SENTENCES.get(error.code, told)
        allowed = getattr(error, "valid_methods", None)
        return _error_page(error.code, told, allowed=allowed)
    return _error_page(error.code, told)


def _show_surprise(error: Exception) -> Any:
    db.session.rollback()
    current_app.logger.exception("Unexpected error", exc_info=error)
    if current_app.testing:
        raise error
    return _error_page(
        500, gettext("Something went wrong on our side. Nothing was stored; please try again.")
    )


def _show_busy(error: OperationalError) -> Any:
    """The database is locked for too long, or away: nothing is stored, and it may pass."""
    current_app.logger.error("The database did not answer: %s", error.orig)
    if request.method == "GET":
        told = gettext("This page cannot be shown just now. Try again in a minute.")
    else:
        told = gettext(
            "We could not store this just now; nothing was lost on our side. Go back, what you "
            "typed is still there, and send it again in a minute."
        )
    return _error_page(503, told)


def _error_page(
    status: int,
    message: str,
    problems: Sequence[Problem] = (),
    allowed: Iterable[str] | None = None,
) -> Any:
    db.session.rollback()
    if is_for_machines():
        return problem_response(status, message, problems, allowed)
    if is_for_customers():
        # Customers meet nothing of the house: no sign-in, no start page.
        if status == 404:
            message = gettext(
                "This link is not complete. Open it once more from the e-mail, or copy all of it."
            )
            if request.path.startswith("/p/"):
                message = gettext(
                    "There are no questions at this address. Scan the code once more, or type all "
                    "of the address."
                )
        return render_template("respond/closed.html", message=message, status=status), status
    return render_template("errors/error.html", status=status, message=message), status
