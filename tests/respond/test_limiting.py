"""Limits of open links by address: what is kept, and from where an address is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, request
from redis.exceptions import RedisError

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.respond import limiting
from survey_app.respond.limiting import AddressLimit

NOW = datetime.now(UTC)


def count(times: int, address: str, key: str = "door", now: datetime = NOW) -> int:
    """Seconds to wait after so many have begun from an address."""
    limit = AddressLimit(key, 40, address, now)
    for _ in range(times):
        limit.count()
    return limit.wait(now)


def test_a_tenth_is_let_in_and_an_eleventh_waits_an_hour_at_most(app: Flask) -> None:
    with app.app_context():
        assert count(9, "203.0.113.5") == 0
        assert 0 < count(1, "203.0.113.5") <= 3600
        assert count(0, "203.0.113.6") == 0
        assert count(0, "203.0.113.5", key="exit") == 0


def test_one_network_of_ipv6_is_one_address(app: Flask) -> None:
    with app.app_context():
        for host in range(10):
            count(1, f"2001:db8:1:2::{host:x}")
        assert count(0, "2001:db8:1:2:ffff::1") > 0
        assert count(0, "2001:db8:1:3::1") == 0


def test_an_address_is_another_hash_each_day_and_nowhere_in_the_clear(app: Flask) -> None:
    with app.app_context():
        count(1, "203.0.113.5")
        count(1, "203.0.113.5", now=NOW + timedelta(days=1))
        kept = list(app.extensions["soundings_addresses"].storage.events)
    assert len(kept) == 2
    assert all("203.0.113.5" not in name for name in kept)


def test_without_an_address_there_is_no_limit(app: Flask) -> None:
    with app.app_context():
        limit = AddressLimit("door", 40, None, NOW)
        for _ in range(20):
            limit.count()
        assert limit.wait(NOW) == 0


def test_a_redis_that_does_not_answer_keeps_nobody_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RedisError("away")

    monkeypatch.setattr(limiting, "_limiter", fail)
    with app.app_context():
        assert count(20, "203.0.113.5") == 0


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "192.0.2.1"), (1, "198.51.100.7"), (2, "203.0.113.9")]
)
def test_a_forwarded_address_is_believed_as_far_as_the_setting_says(
    settings: Settings, proxies: int, address: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies), testing=True)
    app.add_url_rule("/p/", "web.health2", lambda: str(request.remote_addr))
    app.before_request_funcs = {}
    answer = app.test_client().get(
        "/p/",
        headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert answer.text == address
