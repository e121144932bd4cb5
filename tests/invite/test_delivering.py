from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from survey_app.config import Settings
from survey_app.invite import delivering
from survey_app.invite.delivering import Deferred, Refused, SmtpPost, Unreachable, WireMail
from tests.conftest import MailCatcher, free_port, make_settings


@pytest.fixture
def post(smtp_server: MailCatcher, tmp_path: Path) -> Iterator[SmtpPost]:
    post = SmtpPost(smtp_settings(tmp_path, smtp_server.port))
    yield post
    post.close()


def smtp_settings(home: Path, port: int, security: str = "none", **named: str) -> Settings:
    return make_settings(
        home,
        "sqlite://",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        mail_from="Soundings <ask@example.org>",
        **named,
    )


def mail_to(address: str, sender: str = "ask@example.org") -> WireMail:
    mail = EmailMessage()
    mail["From"] = "ask@example.org"
    mail["To"] = address
    mail["Subject"] = "How was it?"
    mail.set_content(".a line that begins with a dot\nDear Zoë\n")
    return WireMail(sender, address, mail.as_bytes(policy=SMTP_POLICY))


class Counting(MailCatcher):
    """A server that counts its connections, and takes mails from one sender only, if told."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.peers: set[object] = set()
        self.sender = ""

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or not."""
        self.peers.add(session.peer)
        if self.sender and address != self.sender:
            return "553 sender not allowed"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


@pytest.fixture
def counting() -> Iterator[Counting]:
    catcher = Counting(port=free_port())
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port)
    controller.start()
    yield catcher
    controller.stop()


def test_a_mail_arrives_as_it_was_written(post: SmtpPost, smtp_server: MailCatcher) -> None:
    post.send(mail_to("mia@example.org"))
    (arrived,) = smtp_server.messages
    assert arrived["To"] == "mia@example.org"
    assert arrived.get_content().splitlines() == [".a line that begins with a dot", "Dear Zoë"]


def test_a_5xx_answer_is_final_and_quoted(post: SmtpPost, smtp_server: MailCatcher) -> None:
    smtp_server.answers["mia@example.org"] = "550 5.1.1 mailbox unknown"
    with pytest.raises(Refused, match=r"The mail server answered: 550 5.1.1 mailbox unknown"):
        post.send(mail_to("mia@example.org"))
    post.send(mail_to("jo@example.org"))
    assert [mail["To"] for mail in smtp_server.messages] == ["jo@example.org"]


@pytest.mark.parametrize("answer", ["451 greylisted", "421 closing"])
def test_a_4xx_answer_asks_for_patience_and_others_go_on(
    answer: str, post: SmtpPost, smtp_server: MailCatcher
) -> None:
    smtp_server.answers["mia@example.org"] = answer
    with pytest.raises(Deferred, match=answer):
        post.send(mail_to("mia@example.org"))
    post.send(mail_to("jo@example.org"))
    assert len(smtp_server.messages) == 1


def test_many_mails_share_a_connection(
    counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MAILS_A_CONNECTION", 10)
    post = SmtpPost(smtp_settings(tmp_path, counting.port))
    for number in range(25):
        post.send(mail_to(f"person{number}@example.org"))
    post.close()
    assert len(counting.messages) == 25
    assert len(counting.peers) == 3


def test_a_refused_sender_concerns_all_mails(counting: Counting, tmp_path: Path) -> None:
    counting.sender = "other@example.org"
    post = SmtpPost(smtp_settings(tmp_path, counting.port))
    with pytest.raises(Unreachable, match="SOUNDINGS_MAIL_FROM"):
        post.send(mail_to("mia@example.org"))


def test_a_server_that_is_down_is_named(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port} cannot be reached"):
        SmtpPost(smtp_settings(tmp_path, port)).send(mail_to("mia@example.org"))


def test_without_starttls_at_the_server_nothing_is_sent_in_clear(
    smtp_server: MailCatcher, tmp_path: Path
) -> None:
    post = SmtpPost(smtp_settings(tmp_path, smtp_server.port, "starttls"))
    with pytest.raises(Unreachable, match=r"gives no encrypted connection.*SMTP_SECURITY"):
        post.send(mail_to("mia@example.org"))
    assert smtp_server.messages == []


def test_tls_against_a_server_without_it_says_so(smtp_server: MailCatcher, tmp_path: Path) -> None:
    post = SmtpPost(smtp_settings(tmp_path, smtp_server.port, "tls"))
    with pytest.raises(Unreachable, match="cannot be reached"):
        post.send(mail_to("mia@example.org"))


@pytest.mark.parametrize(("password", "accepted"), [("right", True), ("wrong", False)])
def test_the_sign_in_is_used(password: str, accepted: bool, tmp_path: Path) -> None:
    catcher = MailCatcher(port=free_port())

    def check(
        _server: object, _session: object, _envelope: object, _how: str, data: object
    ) -> AuthResult:
        return AuthResult(success=getattr(data, "password", b"") == b"right", handled=False)

    controller = Controller(
        catcher,
        hostname="127.0.0.1",
        port=catcher.port,
        authenticator=check,
        auth_require_tls=False,
    )
    controller.start()
    try:
        post = SmtpPost(
            smtp_settings(tmp_path, catcher.port, smtp_user="ask", smtp_password=password)
        )
        if accepted:
            post.send(mail_to("mia@example.org"))
            post.close()
        else:
            with pytest.raises(Unreachable, match="SOUNDINGS_SMTP_USER"):
                post.send(mail_to("mia@example.org"))
        assert len(catcher.messages) == int(accepted)
    finally:
        controller.stop()


def test_a_connection_lost_in_the_middle_of_a_mail_is_said(tmp_path: Path) -> None:
    """A server that hangs up after DATA: whether it kept the mail, nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb") as wire:
                wire.write(b"220 here\r\n")
                wire.flush()
                for line in wire:
                    data = line.startswith(b"data") or line.startswith(b"DATA")
                    wire.write(b"354 go\r\n" if data else b"250 OK\r\n")
                    wire.flush()
                    if data:
                        wire.readline()
                        return

        server = threading.Thread(target=serve)
        server.start()
        post = SmtpPost(smtp_settings(tmp_path, listening.getsockname()[1]))
        with pytest.raises(Deferred, match="was lost"):
            post.send(mail_to("mia@example.org"))
        server.join()
        assert post.server is None


def test_a_server_that_has_had_enough_after_a_refused_mail_costs_the_next_one_nothing(
    tmp_path: Path,
) -> None:
    """After a refused recipient this server answers RSET with 421 and hangs up."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve(refusing: bool) -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb") as wire:
                wire.write(b"220 here\r\n")
                wire.flush()
                while line := wire.readline():
                    word = line[:4].upper()
                    if word == b"RCPT" and refusing:
                        answer = b"550 5.1.1 nobody\r\n"
                    elif word == b"RSET":
                        answer = b"421 too many errors\r\n"
                    elif word == b"DATA":
                        answer = b"354 go\r\n"
                    elif line == b".\r\n":
                        taken.append(line)
                        answer = b"250 OK\r\n"
                    elif word in (b"EHLO", b"MAIL", b"RCPT", b"QUIT"):
                        answer = b"250 OK\r\n"
                    else:
                        continue
                    wire.write(answer)
                    wire.flush()
                    if word in (b"RSET", b"QUIT"):
                        return

        def serve_two() -> None:
            serve(refusing=True)
            serve(refusing=False)

        server = threading.Thread(target=serve_two)
        server.start()
        post = SmtpPost(smtp_settings(tmp_path, listening.getsockname()[1]))
        with pytest.raises(Refused):
            post.send(mail_to("mia@example.org"))
        post.send(mail_to("jo@example.org"))
        post.close()
        server.join()
    assert len(taken) == 1


def test_a_mail_that_is_dropped_after_all_leaves_the_next_one_its_own_answers(
    post: SmtpPost, smtp_server: MailCatcher
) -> None:
    post.begin("ask@example.org")
    post.drop()
    post.send(mail_to("jo@example.org"))
    assert len(smtp_server.messages) == 1
    post.begin("ask@example.org")
    assert post.server is not None
    assert post.server.sock is not None
    post.server.sock.shutdown(socket.SHUT_RDWR)
    # What cannot be dropped is gone already.
    post.drop()
    post.send(mail_to("mia@example.org"))
    assert len(smtp_server.messages) == 2
