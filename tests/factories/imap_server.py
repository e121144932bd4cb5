"""A small IMAP4rev1 server for tests, since none is installed: one account, one mailbox.

It speaks what imaplib needs to read a mailbox, over TLS from the beginning or by STARTTLS, and is
strict where a real one is: LOGIN wants an encrypted connection, strings may be quoted, literals
carry their length, and what is asked of a message is answered for its UID.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')
PARTIAL = re.compile(rb"BODY\.PEEK\[\]<(\d+)\.(\d+)>")


@dataclass
class Mailbox:
    """What is in the mailbox, by UID, and how the server behaves."""

    messages: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    user: str = "anna"
    password: str = 'p"a\\ss @home'
    name: str = "INBOX"
    tls_at_once: bool = True
    offers_starttls: bool = True
    # The connection is cut when this UID is asked for, or stored.
    cut_at_fetch: int = 0
    cut_at_store: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, content: bytes) -> int:
        """Deliver a message; its UID."""
        uid = max(self.messages, default=100) + 1
        self.messages[uid], self.flags[uid] = content, set()
        return uid

    def url(self, password: str = "p%22a%5Css%20%40home", mailbox: str = "INBOX") -> str:
        """The address of the mailbox, as SOUNDINGS_BOUNCE_IMAP has it."""
        scheme = "imaps" if self.tls_at_once else "imap"
        return f"{scheme}://{self.user}:{password}@localhost:{self.port}/{mailbox}"


def make_certificate(folder: Path) -> Path:
    """A key and a certificate of localhost that it signs itself, in one file."""
    path = folder / "localhost.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made = subprocess.run([*command, *subject, "-keyout", "-"], check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return path


@contextmanager
def serve_imap(mailbox: Mailbox, certificate: Path) -> Iterator[Mailbox]:
    """Serve the mailbox on a port of localhost; the mailbox knows which."""
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)

    class Handler(_Conversation):
        box = mailbox
        context = secure

    with _Server(("127.0.0.1", 0), Handler) as server:
        mailbox.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            serving.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, _request: object, _client: object) -> None:
        """A client that hangs up is no surprise."""


class _Conversation(socketserver.BaseRequestHandler):
    box: Mailbox
    context: ssl.SSLContext

    def handle(self) -> None:
        self.encrypted = self.signed_in = self.selected = False
        self.request.settimeout(10)
        self.file = self.request.makefile("rb")
        if self.box.tls_at_once:
            self.encrypt()
        self.say(f"* OK [CAPABILITY {self.capabilities()}] ready")
        try:
            while line := self.file.readline():
                tag, name, *words = [a or b or c for a, b, c in WORD.findall(line.strip())]
                if not self.answer(tag.decode(), name.decode().upper(), words):
                    return
        finally:
            self.file.close()
            self.request.close()

    def encrypt(self) -> None:
        self.file.close()
        self.request = self.context.wrap_socket(self.request, server_side=True)
        self.file = self.request.makefile("rb")
        self.encrypted = True

    def capabilities(self) -> str:
        if self.encrypted:
            return "IMAP4rev1"
        return "IMAP4rev1 LOGINDISABLED" + (" STARTTLS" if self.box.offers_starttls else "")

    def say(self, line: str | bytes) -> None:
        self.request.sendall((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def answer(self, tag: str, name: str, words: list[bytes]) -> bool:
        """Answer a command; False when the connection is to end."""
        told = [_unescaped(word) for word in words]
        if name == "UID":
            name = f"UID {told.pop(0).upper()}"
            if not self.selected:
                self.say(f"{tag} BAD no mailbox is selected")
                return True
        self.box.commands.append(name)
        if name == "CAPABILITY":
            self.say(f"* CAPABILITY {self.capabilities()}")
        elif name == "STARTTLS" and self.box.offers_starttls and not self.encrypted:
            self.say(f"{tag} OK begin")
            self.encrypt()
            return True
        elif name == "LOGIN":
            self.signed_in = self.encrypted and told == [self.box.user, self.box.password]
            if not self.signed_in:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong user or password")
                return True
        elif name == "SELECT":
            self.selected = self.signed_in and told == [self.box.name]
            if not self.selected:
                self.say(f"{tag} NO there is no such mailbox")
                return True
            self.say(f"* {len(self.box.messages)} EXISTS")
            self.say("* OK [UIDVALIDITY 1] valid")
            self.say(f"{tag} OK [READ-WRITE] selected")
            return True
        elif name == "UID SEARCH" and told == ["UNSEEN"]:
            unseen = [uid for uid, flags in self.box.flags.items() if "\\Seen" not in flags]
            self.say(" ".join(["* SEARCH", *map(str, unseen)]))
        elif name == "UID FETCH":
            if int(told[0]) == self.box.cut_at_fetch:
                return False
            self.send_message(int(told[0]), told[1].encode())
        elif name == "UID STORE" and told[1] == "+FLAGS.SILENT":
            if int(told[0]) == self.box.cut_at_store:
                return False
            self.box.flags[int(told[0])] |= set(told[2].strip("()").split())
        elif name == "LOGOUT":
            self.say("* BYE")
            self.say(f"{tag} OK bye")
            return False
        else:
            self.say(f"{tag} BAD what?")
            return True
        self.say(f"{tag} OK done")
        return True

    def send_message(self, uid: int, wanted: bytes) -> None:
        partial = PARTIAL.search(wanted)
        if uid not in self.box.messages or partial is None:
            return
        first, most = int(partial[1]), int(partial[2])
        part = self.box.messages[uid][first : first + most]
        number = list(self.box.messages).index(uid) + 1
        head = f"* {number} FETCH (UID {uid} BODY[]<{first}> {{{len(part)}}}\r\n"
        self.say(head.encode() + part + b")")


def _unescaped(word: bytes) -> str:
    return re.sub(r"\\(.)", r"\1", word.decode()) if not word.startswith(b"(") else word.decode()
