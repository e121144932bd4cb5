"""No IMAP server is installed: the tests have a small one of their own, factories/imap_server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from survey_app.invite.bounces import imap
from survey_app.invite.bounces.boxes import LARGEST, BoxTrouble
from survey_app.invite.bounces.imap import ImapBox
from tests.conftest import free_port
from tests.factories.imap_server import Mailbox, make_certificate, serve_imap


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's certificate, which this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.fixture(params=["imaps", "starttls"])
def mailbox(request: pytest.FixtureRequest, trusted: Path) -> Iterator[Mailbox]:
    with serve_imap(Mailbox(tls_at_once=request.param == "imaps"), trusted) as served:
        yield served


def read_all(mailbox: Mailbox, most: int | None = None) -> list[tuple[str, bytes]]:
    with closing(ImapBox(mailbox.url())) as box:
        return list(box.fetch(box.unread(most)))


def test_unread_messages_are_fetched_the_oldest_first_and_stay_unread(mailbox: Mailbox) -> None:
    first, second, third = (mailbox.add(content) for content in (b"one\r\n)", b"", b"three\xff\0"))
    mailbox.flags[second].add("\\Seen")
    assert read_all(mailbox) == [(str(first), b"one\r\n)"), (str(third), b"three\xff\0")]
    assert read_all(mailbox, 1) == [(str(first), b"one\r\n)")]
    assert mailbox.flags[first] == set()


def test_messages_are_marked_one_by_one(mailbox: Mailbox) -> None:
    read, broken, left = (mailbox.add(b"x") for _ in range(3))
    with closing(ImapBox(mailbox.url())) as box:
        box.unread()
        box.mark(str(read), broken=False)
        box.mark(str(broken), broken=True)
    assert mailbox.flags == {read: {"\\Seen"}, broken: {"\\Seen", "\\Flagged"}, left: set()}
    assert mailbox.commands[-1] == "LOGOUT"


def test_an_empty_mailbox_has_nothing(mailbox: Mailbox) -> None:
    assert read_all(mailbox) == []


def test_of_a_very_long_message_the_beginning_is_fetched(mailbox: Mailbox) -> None:
    mailbox.add(b"a" * LARGEST + b"b")
    [(_key, content)] = read_all(mailbox)
    assert content == b"a" * LARGEST


def test_a_message_that_was_deleted_meanwhile_is_left_out(mailbox: Mailbox) -> None:
    gone, there = mailbox.add(b"gone"), mailbox.add(b"there")
    with closing(ImapBox(mailbox.url())) as box:
        keys = box.unread()
        del mailbox.messages[gone]
        assert list(box.fetch(keys)) == [(str(there), b"there")]


def test_a_wrong_password_is_told_without_it(mailbox: Mailbox) -> None:
    box = ImapBox(mailbox.url("hunter2"))
    with pytest.raises(BoxTrouble, match="does not accept the sign-in of anna") as raised:
        box.unread()
    assert "hunter2" not in raised.value.message
    assert "hunter2" not in str(box)
    assert "AUTHENTICATIONFAILED" in raised.value.message


def test_a_mailbox_that_is_not_there_is_named(mailbox: Mailbox) -> None:
    with (
        closing(ImapBox(mailbox.url(mailbox="Bounces%20here"))) as box,
        pytest.raises(BoxTrouble, match=r"Bounces here.*no such mailbox"),
    ):
        box.unread()


def test_a_connection_that_is_lost_is_told(mailbox: Mailbox) -> None:
    mailbox.cut_at_fetch = mailbox.add(b"x")
    with closing(ImapBox(mailbox.url())) as box:
        keys = box.unread()
        with pytest.raises(BoxTrouble, match="was lost"):
            list(box.fetch(keys))


def test_no_password_is_sent_without_encryption(trusted: Path) -> None:
    mailbox = Mailbox(tls_at_once=False, offers_starttls=False)
    with (
        serve_imap(mailbox, trusted),
        pytest.raises(BoxTrouble, match="gives no encrypted connection"),
    ):
        ImapBox(mailbox.url()).unread()
    assert "LOGIN" not in mailbox.commands


@pytest.mark.parametrize("tls_at_once", [True, False])
def test_a_server_that_is_not_trusted_gets_no_password(
    certificate: Path, tls_at_once: bool
) -> None:
    mailbox = Mailbox(tls_at_once=tls_at_once)
    with (
        serve_imap(mailbox, certificate),
        pytest.raises(BoxTrouble, match=r"(?i)certificate verify failed"),
    ):
        ImapBox(mailbox.url()).unread()
    assert "LOGIN" not in mailbox.commands


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(BoxTrouble, match="cannot be reached"):
        ImapBox(f"imaps://anna:x@localhost:{free_port()}/INBOX").unread()


def test_a_server_that_does_not_answer_is_left_after_a_while(
    trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "SECONDS_TO_ANSWER", 0.3)
    # The client greets first over TLS, and waits for the other one here.
    with serve_imap(Mailbox(tls_at_once=True), trusted) as mailbox:
        address = mailbox.url().replace("imaps://", "imap://")
        with pytest.raises(BoxTrouble, match="no answer within"):
            ImapBox(address).unread()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("imaps://anna:x@mail.example.org", "INBOX of anna at mail.example.org:993"),
        ("imap://anna%40x.org:x@mail.example.org/", "INBOX of anna@x.org at mail.example.org:143"),
        ("imaps://anna:x@[::1]:1993/A%2FB", "A/B of anna at ::1:1993"),
    ],
)
def test_the_address_is_read_with_its_usual_ports(address: str, told: str) -> None:
    assert str(ImapBox(address)) == told
