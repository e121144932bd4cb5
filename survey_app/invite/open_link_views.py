"""Pages on which managers make, print and withdraw the open links of a campaign."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.models import Campaign, OpenLink
from survey_app.invite.open_link_forms import OpenLinkForm, RevokeForm, link_data
from survey_app.invite.open_link_queries import link_by_id, links_of
from survey_app.invite.opening import (
    KINDS,
    address_of,
    make_link,
    mark_for_forms,
    open_for_links,
    revise_link,
    revoke_link,
)
from survey_app.invite.qr_codes import png_of, svg_of
from survey_app.invite.queries import campaign_by_id, title_of
from survey_app.invite.views import bp
from survey_app.organisation.sight import Sight, sight_of
from survey_app.web import allow


@bp.get("/campaigns/<int:campaign_id>/open-links")
@allow("manager")
def list_open_links(campaign_id: int) -> str:
    """The open links of a campaign, and what came through each."""
    return _list_page(campaign_by_id(campaign_id, _within()), [])


@bp.post("/campaigns/<int:campaign_id>/open")
@allow("manager")
def open_campaign(campaign_id: int) -> Any:
    """Open a campaign that invites nobody for its open links."""
    campaign = campaign_by_id(campaign_id, _within())
    opened, problems = open_for_links(campaign, utc_now())
    if opened is None and campaign.launched_at is None:
        return _list_page(campaign, problems), 422
    # The second of two clicks ends where the first one did.
    return redirect(url_for("invite.list_open_links", campaign_id=campaign.id))


@bp.route("/campaigns/<int:campaign_id>/open-links/new", methods=["GET", "POST"])
@allow("manager")
def new_open_link(campaign_id: int) -> Any:
    """Make an open link."""
    campaign = campaign_by_id(campaign_id, _within())
    form = OpenLinkForm(_within())
    if not form.validate_on_submit():
        return _form_page(form, campaign, None, [])
    link, problems = make_link(campaign, form.plan(), utc_now(), _within())
    if link is None:
        return _form_page(form, campaign, None, problems)
    return redirect(url_for("invite.show_open_link", link_id=link.id))


@bp.route("/open-links/<int:link_id>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_open_link(link_id: int) -> Any:
    """Change an open link for those who come from now on."""
    link = link_by_id(link_id, _within())
    form = OpenLinkForm(_within(), data=link_data(link))
    if not form.validate_on_submit():
        return _form_page(form, link.campaign, link, [])
    revised, problems = revise_link(link, form.plan(), utc_now(), _within(), form.seen.data)
    if revised is None:
        form.seen.data = mark_for_forms(link)
        return _form_page(form, link.campaign, link, problems)
    flash(f"{link.label} was changed.")
    return redirect(url_for("invite.list_open_links", campaign_id=link.campaign_id))


@bp.get("/open-links/<int:link_id>")
@allow("manager")
def show_open_link(link_id: int) -> str:
    """A page to print and hang up: the code, the address, who asks."""
    link = link_by_id(link_id, _within())
    return render_template(
        "invite/open_link.html",
        link=link,
        kinds=KINDS,
        address=address_of(link),
        questionnaire=title_of(link.campaign),
    )


@bp.get("/open-links/<int:link_id>/code.svg")
@allow("manager")
def show_code(link_id: int) -> Response:
    """The QR code of a link, for the page above and for print."""
    link = link_by_id(link_id, _within())
    return Response(svg_of(address_of(link)), mimetype="image/svg+xml")


@bp.get("/open-links/<int:link_id>/code.png")
@allow("manager")
def download_code(link_id: int) -> Response:
    """The same as a file for other programs."""
    link = link_by_id(link_id, _within())
    response = Response(png_of(address_of(link)), mimetype="image/png")
    response.headers.set("Content-Disposition", "attachment", filename=f"soundings-{link.key}.png")
    return response


@bp.route("/open-links/<int:link_id>/revoke", methods=["GET", "POST"])
@allow("manager")
def revoke_open_link(link_id: int) -> Any:
    """Ask whether a link is to be withdrawn, and withdraw it."""
    link = link_by_id(link_id, _within())
    form = RevokeForm()
    if not form.validate_on_submit():
        return render_template("invite/open_link_revoke.html", link=link, form=form)
    revoke_link(link, utc_now())
    flash(f"{link.label} was withdrawn and takes no answers any more.")
    return redirect(url_for("invite.list_open_links", campaign_id=link.campaign_id))


def _within() -> Sight:
    return sight_of(current_user)


def _list_page(campaign: Campaign, problems: list[Problem]) -> str:
    return render_template(
        "invite/open_links.html",
        campaign=campaign,
        problems=problems,
        links=links_of(campaign, _within()),
        kinds=KINDS,
    )


def _form_page(
    form: OpenLinkForm, campaign: Campaign, link: OpenLink | None, problems: list[Problem]
) -> Any:
    status = 422 if problems or form.errors else 200
    return render_template(
        "invite/open_link_form.html", form=form, campaign=campaign, link=link, problems=problems
    ), status
