"""How many people may begin by one open link in an hour, and how many of them from one address.

The first is counted in the database and exact. The second is kept in memory, in each web process
its own (or in Redis, for all together, where there is one): whoever asks for the page a thousand
times from one machine must not use up what is there for all others. An address is known only as a
keyed hash which is another one each day; it is stored in no table and stands in no log.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import select

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.models import Invitation

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

HOUR = timedelta(hours=1)
# Of what a public link takes in an hour, one address may use a quarter, but always so many: a
# family or an office behind one address is no robot.
SHARE = 4
ALWAYS = 10

logger = logging.getLogger(__name__)


def wait_for_link(link_id: int, most_an_hour: int, now: datetime) -> int:
    """Seconds until somebody may begin by the link again, 0 if they may now."""
    # The one that makes the hour full, if it is younger than an hour.
    filling = db.session.scalar(
        select(Invitation.created_at)
        .where(Invitation.open_link_id == link_id)
        .order_by(Invitation.id.desc())
        .offset(most_an_hour - 1)
        .limit(1)
    )
    return 0 if filling is None else max(0, ceil((filling + HOUR - now).total_seconds()))


class AddressLimit:
    """How often one address may begin by one link; without an address there is no limit."""

    def __init__(
        self, link_key: str, most_an_hour: int, address: str | None, now: datetime
    ) -> None:
        self._most = max(ALWAYS, most_an_hour // SHARE)
        self._names = ("open link", link_key, _hidden(address, now)) if address else None

    def wait(self, now: datetime) -> int:
        """Seconds until it may again, 0 if it may now."""
        if self._names is None:
            return 0
        try:
            if _limiter().test(self._item(), *self._names):
                return 0
            reset = _limiter().get_window_stats(self._item(), *self._names).reset_time
        except RedisError:
            return _unknown()
        return min(3600, max(1, ceil(reset - now.timestamp())))

    def count(self) -> None:
        """Note that somebody has begun from this address."""
        if self._names is None:
            return
        try:
            _limiter().hit(self._item(), *self._names)
        except RedisError:
            _unknown()

    def _item(self) -> RateLimitItem:
        # The library is loaded where there are open links: it takes as much memory as ten pages.
        from limits import RateLimitItemPerHour

        return RateLimitItemPerHour(self._most)


def _unknown() -> int:
    # Rather a robot gets in than an honest person is kept out.
    logger.warning("Redis did not answer; open links are not limited by address meanwhile.")
    return 0


def _hidden(address: str, now: datetime) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    told = f"{now.date()}/{_network(address)}".encode()
    return hmac.digest(settings.secret_key.encode(), told, "sha256").hex()


def _network(address: str) -> str:
    """An IPv4 address itself; of IPv6 the network of 64 bits that one household has."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 6:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def _limiter() -> MovingWindowRateLimiter:
    # Kept with the app, not in this module, and made where it is first needed: after a web server
    # has made its processes.
    from limits.storage import storage_from_string
    from limits.strategies import MovingWindowRateLimiter

    limiter: MovingWindowRateLimiter | None = current_app.extensions.get("soundings_addresses")
    if limiter is None:
        settings: Settings = current_app.config["SETTINGS"]
        storage = storage_from_string(settings.redis_url or "memory://")
        limiter = MovingWindowRateLimiter(storage)
        current_app.extensions["soundings_addresses"] = limiter
    return limiter
