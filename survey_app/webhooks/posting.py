"""One call of a webhook: to a public address that was looked at, within bounds, never redirected.

Whoever registers an address could otherwise have this server call machines that only it can reach.
The name is resolved once, all addresses found are checked, and one of these is connected to: a name
that answers differently a moment later gains nothing.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from survey_app.domain.problems import SoundingsError

# For a connection, or for something to come; and for a call from its beginning to its end.
SECONDS_TO_ANSWER = 10.0
SECONDS_ALTOGETHER = 20.0
# Addresses of IPv4 within IPv6: what is reached is the IPv4 address.
NAT64 = IPv6Network("64:ff9b::/96")
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


class Undelivered(SoundingsError):
    """The call was not taken; the message says why."""


def post(address: str, body: bytes, headers: Mapping[str, str], private: bool) -> int:
    """POST the body; gives the status (200 to 299), or raises Undelivered.

    Only public addresses are called, unless `private`. Nothing of the answer's body is read.
    """
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = parts.hostname or ""
    found = _resolve(host, port)
    if not private and (hidden := [one for one in found if not is_public(one)]):
        raise Undelivered(
            f"{host} is at {hidden[0]}, which is no public address. Webhooks call public addresses "
            "alone, unless SOUNDINGS_WEBHOOK_PRIVATE=1 is set."
        )
    context = ssl.create_default_context() if secure else None
    connection = PinnedConnection(host, port, found, context)
    try:
        with _deadline(connection):
            connection.request("POST", _target(parts), body, dict(headers))
            status = connection.getresponse().status
    except ssl.SSLError as error:
        raise Undelivered(f"{host} gives no trusted encrypted connection ({error}).") from error
    except TimeoutError as error:
        raise Undelivered(
            f"{host} did not answer within {SECONDS_TO_ANSWER:.0f} seconds."
        ) from error
    except (OSError, HTTPException, ValueError) as error:
        raise Undelivered(f"{host} could not be called ({_reason(error)}).") from error
    finally:
        connection.close()
    if 300 <= status < 400:
        raise Undelivered(
            f"{host} answered {status}: calls are not redirected. Name the new place."
        )
    if not 200 <= status < 300:
        raise Undelivered(f"{host} answered {status}.")
    return status


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it hides an IPv4 address."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in NAT64:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip.teredo is not None or ip in LOCAL_NAT64:
            return False
        else:
            ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


class PinnedConnection(HTTPConnection):
    """A connection to one of the addresses that were found for the host, and to no other."""

    def __init__(
        self, host: str, port: int, found: Sequence[str], context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=SECONDS_TO_ANSWER)
        self.found = found
        self.context = context
        self.cut = threading.Event()

    def connect(self) -> None:
        """Connect to the first address that takes a connection."""
        for position, address in enumerate(self.found):
            try:
                self.sock = socket.create_connection((address, self.port), SECONDS_TO_ANSWER)
                break
            except OSError:
                if position == len(self.found) - 1:
                    raise
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)

    def shut(self) -> None:
        """End the connection from another thread."""
        self.cut.set()
        if self.sock is not None:
            # What waits for the other side is told that there is nothing more.
            self.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _deadline(connection: PinnedConnection) -> Iterator[None]:
    """Cut a connection whose other side keeps it alive with a byte now and then."""
    timer = threading.Timer(SECONDS_ALTOGETHER, connection.shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # Cut off, what came may still look like an answer, or like any other trouble.
        if connection.cut.is_set():
            raise TimeoutError


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undelivered(f"The name {host} is not known ({_reason(error)}).") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _reason(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return told.rstrip(". ") or type(error).__name__
