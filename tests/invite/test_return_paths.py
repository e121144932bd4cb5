from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.config import Settings
from survey_app.invite.return_paths import is_tagged, mail_id_of, message_id, return_path

SECRET = "a key for tests only, of sufficient length"
PLAIN = Settings(
    home=Path("/nowhere"),
    database_url="sqlite:///nowhere",
    secret_key=SECRET,
    mail_from="Example Ltd <feedback@example.org>",
)
OWN = replace(PLAIN, bounce_address="bounces@example.org")


def test_each_mail_has_an_envelope_sender_of_its_own() -> None:
    # By the definition of HMAC, from the standard library's other way to it.
    key = hmac.new(SECRET.encode(), b"soundings mail return path", hashlib.sha256).digest()
    signed = hmac.new(key, b"12", hashlib.sha256).hexdigest()[:10]
    assert return_path(12, OWN) == f"bounces+12-{signed}@example.org"


def test_without_an_address_for_bounces_they_come_back_to_the_sender() -> None:
    assert return_path(12, PLAIN) == "feedback@example.org"


def test_the_message_id_of_a_mail_stays_the_same_and_bears_the_senders_domain() -> None:
    assert message_id(12, PLAIN) == message_id(12, PLAIN)
    assert message_id(12, PLAIN) != message_id(13, PLAIN)
    assert message_id(12, PLAIN).startswith("<12.")
    assert message_id(12, PLAIN).endswith("@example.org>")


@pytest.mark.parametrize("mail_id", [1, 12, 2**31 - 1])
def test_a_mail_is_recognised_by_both(mail_id: int) -> None:
    assert mail_id_of(return_path(mail_id, OWN), OWN) == mail_id
    assert mail_id_of(message_id(mail_id, OWN), OWN) == mail_id
    assert mail_id_of(message_id(mail_id, OWN).strip("<>"), OWN) == mail_id


def test_servers_may_change_the_case_and_wrap_the_address() -> None:
    sender = return_path(12, OWN)
    account, _at, domain = sender.partition("@")
    assert mail_id_of(sender.upper(), OWN) == 12
    assert mail_id_of(f"<{sender}>", OWN) == 12
    assert mail_id_of(f"SRS0=Hx7=QA={domain}={account}@forwarder.example", OWN) == 12


def test_what_is_forged_is_nobodys() -> None:
    sender, other = return_path(12, OWN), return_path(13, OWN)
    hash_of_13 = other.partition("-")[2]
    assert mail_id_of(f"bounces+12-{hash_of_13}", OWN) is None
    assert mail_id_of("bounces+12-0000000000@example.org", OWN) is None
    assert mail_id_of(sender.replace("-", "-0"), OWN) is None
    assert mail_id_of(sender, replace(OWN, secret_key=SECRET[::-1])) is None
    # What proves an envelope sender proves no Message-ID.
    assert mail_id_of(sender.replace("bounces+12-", "<12."), OWN) is None


@pytest.mark.parametrize(
    "text", ["", "mia@example.org", "<abc@mail.example>", "bounces@example.org", "+-@", "12.@"]
)
def test_what_is_foreign_is_nobodys(text: str) -> None:
    assert mail_id_of(text, OWN) is None
    assert not is_tagged(text)


def test_an_address_that_looks_like_ours_is_told_from_others() -> None:
    assert is_tagged("Bounces+12-0000000000@example.org")
