"""Pages on which webhooks are registered and what they were told is looked up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import utc_now
from survey_app.domain.problems import Forbidden, Problem
from survey_app.jobs import enqueue
from survey_app.organisation.sight import sight_of
from survey_app.web import allow
from survey_app.webhooks.delivering import queue_again
from survey_app.webhooks.forms import WebhookForm
from survey_app.webhooks.jobs import send_webhooks
from survey_app.webhooks.models import EVENTS, Webhook
from survey_app.webhooks.queries import (
    all_webhooks,
    delivery_by_id,
    newest_deliveries,
    waiting_counts,
    webhook_by_id,
)
from survey_app.webhooks.registering import add_webhook, disable, enable, remove, rotate_secret
from survey_app.webhooks.signing import secret_of

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@bp.before_request
def _require_company() -> None:
    """What is told concerns everybody: only who sees all of the company registers a webhook."""
    if current_user.is_authenticated and sight_of(current_user) is not None:
        raise Forbidden(
            "Webhooks are told of the whole company, and you see a part of it. Ask somebody who "
            "sees all of it, or an administrator for sight of it."
        )


@bp.get("/")
@allow("manager")
def list_webhooks() -> str:
    """All webhooks."""
    return render_template(
        "webhooks/list.html", webhooks=all_webhooks(), waiting=waiting_counts(), events=EVENTS
    )


@bp.route("/new", methods=["GET", "POST"])
@allow("manager")
def new_webhook() -> Any:
    """Register a webhook and show its secret, this once."""
    form = WebhookForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        settings: Settings = current_app.config["SETTINGS"]
        webhook, problems = add_webhook(
            form.address.data, form.events.data, utc_now(), settings.webhook_private
        )
        if webhook is not None:
            return _secret_page(webhook)
    page = render_template("webhooks/new.html", form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


@bp.get("/<int:webhook_id>")
@allow("manager")
def show_webhook(webhook_id: int) -> str:
    """One webhook, and what it was told."""
    webhook = webhook_by_id(webhook_id)
    return render_template(
        "webhooks/webhook.html", webhook=webhook, deliveries=newest_deliveries(webhook)
    )


@bp.post("/<int:webhook_id>/secret")
@allow("manager")
def change_secret(webhook_id: int) -> str:
    """Give a webhook another secret and show it, this once."""
    webhook = webhook_by_id(webhook_id)
    rotate_secret(webhook, utc_now())
    return _secret_page(webhook)


@bp.post("/<int:webhook_id>/pause")
@allow("manager")
def pause(webhook_id: int) -> Any:
    """Call a webhook no more."""
    webhook = webhook_by_id(webhook_id)
    disable(webhook, utc_now())
    return _to(webhook)


@bp.post("/<int:webhook_id>/resume")
@allow("manager")
def resume(webhook_id: int) -> Any:
    """Call a webhook again, also with what has waited."""
    webhook = webhook_by_id(webhook_id)
    enable(webhook, utc_now())
    enqueue(send_webhooks)
    return _to(webhook)


@bp.post("/<int:webhook_id>/remove")
@allow("manager")
def remove_webhook(webhook_id: int) -> Any:
    """End a webhook."""
    webhook = webhook_by_id(webhook_id)
    flash(f"{webhook.address} is called no more.")
    remove(webhook, utc_now())
    return redirect(url_for("webhooks.list_webhooks"))


@bp.post("/<int:webhook_id>/deliveries/<int:delivery_id>/again")
@allow("manager")
def send_again(webhook_id: int, delivery_id: int) -> Any:
    """Tell a webhook once more."""
    webhook = webhook_by_id(webhook_id)
    queue_again(delivery_by_id(webhook, delivery_id), utc_now())
    enqueue(send_webhooks)
    flash("It is sent again. Reload the page in a moment to see what became of it.")
    return _to(webhook)


def _secret_page(webhook: Webhook) -> str:
    return render_template(
        "webhooks/secret.html", webhook=webhook, secret=secret_of(webhook), events=EVENTS
    )


def _to(webhook: Webhook) -> Any:
    return redirect(url_for("webhooks.show_webhook", webhook_id=webhook.id))
