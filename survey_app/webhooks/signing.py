"""The signature by which a receiver knows that a call is ours, and not an old one sent again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from flask import current_app

from survey_app.config import Settings
from survey_app.webhooks.models import Webhook

HEADER = "Soundings-Signature"
MARK = "whsec_"


def new_salt() -> str:
    """128 random bits, from which a webhook's secret is made."""
    return secrets.token_hex(16)


def secret_of(webhook: Webhook) -> str:
    """The webhook's secret: HMAC-SHA256 of its salt under the installation's key, so that whoever
    reads the tables alone cannot sign."""
    settings: Settings = current_app.config["SETTINGS"]
    told = f"soundings webhook {webhook.salt}".encode()
    digest = hmac.digest(settings.secret_key.encode(), told, hashlib.sha256)
    return MARK + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature_of(secret: str, body: str, now: datetime) -> str:
    """The header's value: 't=<seconds since 1970>,v1=<hex of HMAC-SHA256 over "t.body">'."""
    seconds = int(now.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
