"""ETags: what a client saw last, so that it reads nothing twice and overwrites nobody's change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import request

from survey_app.domain.problems import SoundingsError


def etag_of(document: Any) -> str:
    """The tag of what an answer holds: SHA-256 over its JSON with sorted keys."""
    told = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def require_if_match() -> None:
    """Raise 428 where a change does not say which state of the thing it was made on."""
    if not request.if_match:
        raise SoundingsError(
            "Say in the header If-Match on which state the change was made: the ETag of what you "
            "read. So nobody's change is overwritten.",
            428,
        )


def check_match(present: Any) -> None:
    """Raise 412 where the thing is not as the client saw it; `present` is what GET answers now."""
    if not request.if_match.contains(etag_of(present)):
        raise SoundingsError(
            "This has changed since you read it, so nothing was stored. Read it anew and make "
            "your change there.",
            412,
        )
