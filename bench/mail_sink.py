"""`python -m bench.mail_sink PORT FILE`: an SMTP server that takes every mail and keeps it.

A line of FILE is the moment (seconds, monotonic over the machine), the recipient and the mail's
bytes in hexadecimal digits.
"""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Keeps what it is sent."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the mail, then say so."""
        content = envelope.content
        assert isinstance(content, bytes)
        line = b"%f %s %s\n" % (
            time.monotonic(),
            envelope.rcpt_tos[0].encode(),
            content.hex().encode(),
        )
        self.file.write(line)
        self.file.flush()
        return "250 OK"


@dataclass(frozen=True)
class Kept:
    """A mail that the sink took."""

    at: float
    recipient: str
    content: bytes


def read_kept(file: Path) -> list[Kept]:
    """What a sink has kept so far, in the order in which it came."""
    if not file.exists():
        return []
    whole, _, _half = file.read_bytes().rpartition(b"\n")
    rows = (line.split(b" ") for line in whole.splitlines())
    return [Kept(float(at), to.decode(), bytes.fromhex(mail.decode())) for at, to, mail in rows]


def count_kept(file: Path) -> int:
    """How many mails a sink has kept so far."""
    return file.read_bytes().count(b"\n") if file.exists() else 0


def main(port: int, path: str) -> None:
    """Serve until SIGTERM."""
    import asyncio

    async def serve() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        with Path(path).open("ab") as file:
            controller: Any = UnthreadedController(
                Sink(file), hostname="127.0.0.1", port=port, loop=loop
            )
            server = await controller._create_server()
            await stopped.wait()
            server.close()

    asyncio.run(serve())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
