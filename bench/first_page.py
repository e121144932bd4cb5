"""What a browser fetches when somebody opens a personal link for the first time."""

from __future__ import annotations

import gzip
from html.parser import HTMLParser

from bench.load import request


class _Files(HTMLParser):
    """Addresses of the files that a page names and a browser then loads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect style sheets, icons, scripts and pictures."""
        named = dict(attrs)
        address = None
        if tag == "link" and set((named.get("rel") or "").split()) & {"stylesheet", "icon"}:
            address = named.get("href")
        elif tag in ("script", "img"):
            address = named.get("src")
        if address and not address.startswith("data:"):
            self.addresses.append(address)


def weigh(port: int, path: str) -> tuple[int, int]:
    """Bytes of the bodies as sent, and number of requests, for a page with an empty cache."""
    status, headers, content = request(port, "GET", path)
    if status != 200:
        raise RuntimeError(f"GET {path} answered {status}")
    files = _Files()
    text = gzip.decompress(content) if headers.get("content-encoding") == "gzip" else content
    files.feed(text.decode())
    total = len(content)
    addresses = list(dict.fromkeys(files.addresses))
    for address in addresses:
        if not address.startswith("/"):
            raise RuntimeError(f"the page loads {address}, from elsewhere")
        status, _, content = request(port, "GET", address)
        if status != 200:
            raise RuntimeError(f"GET {address} answered {status}")
        total += len(content)
    return total, 1 + len(addresses)
