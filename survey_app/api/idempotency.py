"""Idempotency keys: a request that is sent again, after a lost answer, is done once.

The answer is stored in the transaction of what it tells of: both are there or neither is. A request
that was refused has done nothing and is not kept; mended, it may come again with its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response, make_response, request
from flask_login import current_user
from sqlalchemy import delete, func, select

from survey_app.api.models import KeptAnswer
from survey_app.db import db, utc_now
from survey_app.domain.problems import Conflict, Problem, Refused

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Location", "ETag")


def answer_once(view: Callable[[], Response]) -> Response:
    """Do what the request asks for, or give the answer again that it was given before."""
    key = _read_key()
    if not key:
        return view()
    told = _hash_of_request()
    kept = _claim(key, told, utc_now())
    if kept.status:
        if kept.request_hash != told:
            message = "This key came with another request before. Use a key for one request only."
            raise Refused([Problem(HEADER, "used_otherwise", message)])
        return _again(kept)
    response = make_response(view())
    kept.status = response.status_code
    kept.headers = {
        name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
    }
    kept.body = response.get_data(as_text=True)
    db.session.flush()
    return response


def forget_answers(now: datetime) -> int:
    """Delete the answers that were kept long enough; gives their number."""
    forgotten: int = db.session.execute(
        delete(KeptAnswer).where(KeptAnswer.created_at < now - KEPT_FOR)
    ).rowcount
    return forgotten


def _claim(key: str, told: str, now: datetime) -> KeptAnswer:
    """The answer kept under the key, or a new one (status 0) that this request has to fill.

    Two requests at once: SQLite lets one begin after the other has ended, and the second finds the
    answer. PostgreSQL would keep the second waiting at the unique key; it is told to come again.
    """
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(
            hashlib.sha256(f"{current_user.id} {key}".encode()).digest()[:8], signed=True
        )
        if not db.session.scalar(select(func.pg_try_advisory_xact_lock(number))):
            raise Conflict("A request with this key is being done. Send it again in a moment.")
    present = select(KeptAnswer).where(KeptAnswer.user_id == current_user.id, KeptAnswer.key == key)
    kept = db.session.scalar(present)
    if kept is not None and kept.created_at < now - KEPT_FOR:
        db.session.delete(kept)
        db.session.flush()
        kept = None
    if kept is not None:
        return kept
    kept = KeptAnswer(user_id=current_user.id, key=key, request_hash=told, status=0, created_at=now)
    db.session.add(kept)
    db.session.flush()
    return kept


def _read_key() -> str:
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST_KEY or not all("!" <= sign <= "~" for sign in key):
        message = f"A key has at most {LONGEST_KEY} visible ASCII characters, like a UUID."
        raise Refused([Problem(HEADER, "form", message)])
    return key


def _hash_of_request() -> str:
    told = [request.method, request.path, request.query_string.decode("latin-1")]
    digest = hashlib.sha256("\n".join(told).encode())
    digest.update(b"\n" + request.get_data(cache=True))
    return digest.hexdigest()


def _again(kept: KeptAnswer) -> Response:
    response = Response(kept.body, kept.status, kept.headers, mimetype="application/json")
    response.headers[REPLAYED] = "true"
    return response
