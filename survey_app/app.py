"""The app: the only file that knows every room."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, redirect, request, url_for
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

# Further pages of a room add themselves to its blueprint.
import survey_app.design.constraint_views
import survey_app.design.publish_views
import survey_app.design.question_views
import survey_app.design.translation_views
import survey_app.goals.dimension_views
import survey_app.goals.kpi_views
import survey_app.goals.set_views
import survey_app.goals.target_views
import survey_app.invite.asking_views
import survey_app.invite.bounces.views
import survey_app.invite.campaign_views
import survey_app.invite.contact_file_views
import survey_app.invite.contact_views
import survey_app.invite.open_link_views
import survey_app.invite.series_api
import survey_app.invite.series_views
import survey_app.report.alert_views
import survey_app.report.closing_views
import survey_app.report.dimension_views
import survey_app.report.download_views
import survey_app.report.executive_views
import survey_app.report.matrix_views
import survey_app.report.provenance_views
import survey_app.respond.open_views
import survey_app.visits.follow_up_views
from survey_app.accounts import views as accounts
from survey_app.accounts.signing_in import init_accounts
from survey_app.api import jobs as _api_jobs
from survey_app.api.reference import init_api
from survey_app.config import Settings, read_settings, shipped
from survey_app.db import init_database
from survey_app.design import api as design_api
from survey_app.design import views as design
from survey_app.figures import api as figures_api
from survey_app.figures import views as figures
from survey_app.goals import api as goals_api
from survey_app.goals import views as goals
from survey_app.invite import api as invite_api
from survey_app.invite import opt_out_views as opt_outs
from survey_app.invite import series_jobs as _series_jobs
from survey_app.invite import views as invite
from survey_app.invite.bounces import jobs as _bounce_jobs
from survey_app.jobs import init_jobs
from survey_app.marks import init_marks
from survey_app.organisation import api as organisation_api
from survey_app.organisation import views as organisation
from survey_app.report import api as report_api
from survey_app.report import chart_views as charts
from survey_app.report import views as report
from survey_app.report.alerts import jobs as _alert_jobs
from survey_app.report.answers import views as answers
from survey_app.respond import api as respond_api
from survey_app.respond import jobs as _respond_jobs
from survey_app.respond import views as respond
from survey_app.respond.languages import choose_locale
from survey_app.visits import api as visits_api
from survey_app.visits import jobs as _visit_jobs
from survey_app.visits import views as visits
from survey_app.web import PERSONAL_LINK, allow, init_web, receive_whole
from survey_app.webhooks import views as webhooks

PACKED = frozenset({"text/css", "text/javascript", "image/svg+xml"})
ROOMS = (
    *(accounts, organisation, webhooks, design, invite, opt_outs, respond, visits, figures, goals),
    *(report, charts, answers),
)
MACHINE_ROOMS = (
    design_api,
    invite_api,
    respond_api,
    visits_api,
    figures_api,
    goals_api,
    report_api,
    organisation_api,
)


class App(Flask):
    """Flask with no asynchronous functions, so that it need not look at each before its call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give back the function as it is."""
        return func

    def preprocess_request(self) -> Any:
        """Do what comes before a page; before one that people open by their own link, nothing."""
        if request.endpoint in PERSONAL_LINK:
            return None
        return super().preprocess_request()

    def send_static_file(self, filename: str) -> Response:
        """Send a text of the static folder packed to whoever can unpack it, as browsers can."""
        response = super().send_static_file(filename)
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "")
        if response.status_code == 200 and response.mimetype in PACKED and "gzip" in accepted:
            response.direct_passthrough = False
            response.set_data(_pack(response.get_data()))
            response.content_encoding = "gzip"
        response.vary.add("Accept-Encoding")
        return response


@cache
def _pack(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def create_app(settings: Settings | None = None, testing: bool = False) -> Flask:
    """The whole product, wired; settings come from the environment unless given."""
    settings = settings or read_settings()
    app = App(__name__, template_folder=str(shipped("templates")))
    app.config.update(
        TESTING=testing,
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,
        # Behind TLS the check would want a Referer, which `Referrer-Policy` forbids; the token
        # and the SameSite cookie are what protects.
        WTF_CSRF_SSL_STRICT=False,
    )
    receive_whole(app)
    init_database(app, settings)
    init_accounts(app, settings)
    init_jobs(app, settings)
    Bootstrap5(app)
    Babel(app, locale_selector=choose_locale)
    init_web(app)
    if settings.trusted_proxies:
        # Each of them adds from where a request came to it; what stands before that, anybody may
        # have written.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0
        )
    init_marks(app)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    init_api(app, [room.resources for room in MACHINE_ROOMS])

    @app.get("/")
    @allow("manager", "analyst", "representative")
    def home() -> Response:
        return redirect(url_for("report.show_overview"))

    return app
