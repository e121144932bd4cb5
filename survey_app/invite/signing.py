"""The DKIM signature of a mail (RFC 6376): receivers see that it is the domain's own, unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from survey_app.config import Settings

# `from` twice: a second From line that somebody adds breaks the signature (RFC 6376, 8.15).
SIGNED = (
    *("from", "from", "to", "subject", "date", "message-id", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post"),
)

Signer = Callable[[bytes], bytes]


def make_signer(settings: Settings) -> Signer:
    """What puts a signature before a mail; without a key it gives the mail back as it is.

    The mail is bytes with CRLF at its line ends, as it goes over the wire, and so is what comes
    back. The key was checked when the settings were read.
    """
    if not settings.dkim_key:
        return _leave
    import dkim

    key = Path(settings.dkim_key).read_bytes().replace(b"\r", b"")
    selector = settings.dkim_selector.encode()
    domain = settings.mail_domain.encode("idna")
    names = [name.encode() for name in SIGNED]

    def sign(mail: bytes) -> bytes:
        signature: bytes = dkim.sign(
            mail,
            selector,
            domain,
            key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
        return signature + mail

    return sign


def _leave(mail: bytes) -> bytes:
    return mail
