from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from survey_app.webhooks import posting
from survey_app.webhooks.posting import Undelivered, is_public, post
from tests.conftest import free_port
from tests.webhooks.conftest import Receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)
def test_addresses_that_only_this_server_reaches_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_a_call_arrives_as_it_was_sent(receiver: Receiver) -> None:
    assert post(receiver.address, b'{"a": 1}', {"X-Told": "yes"}, private=True) == 204
    call = receiver.calls[0]
    assert (call.path, call.body) == ("/hook?from=soundings", b'{"a": 1}')
    assert call.headers["X-Told"] == "yes"
    assert call.headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "127.1"])
def test_this_machine_is_not_called_whatever_it_is_named(receiver: Receiver, host: str) -> None:
    with pytest.raises(Undelivered, match="no public address"):
        post(f"http://{host}:{receiver.port}/", b"", {}, private=False)
    assert receiver.calls == []


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have names resolved to these addresses, one list after the other."""
    left = list(answers)

    def answer(_host: str, port: int, **_named: Any) -> list[Any]:
        found = left.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(posting.socket, "getaddrinfo", answer)


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Undelivered, match=r"at 10\.0\.0\.1, which is no public address"):
        post("https://example.org/", b"", {}, private=False)


def test_a_name_that_answers_otherwise_a_moment_later_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[Any] = []

    def connect(place: tuple[str, int], *_rest: Any) -> Any:
        connected.append(place)
        raise OSError("far away")

    monkeypatch.setattr(posting.socket, "create_connection", connect)
    # The second answer would be this machine; nobody asks for it.
    resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(Undelivered, match="far away"):
        post("https://example.org/", b"", {}, private=False)
    assert connected == [("93.184.216.34", 443)]


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.location = 307, receiver.address
    with pytest.raises(Undelivered, match=r"answered 307: calls are not redirected"):
        post(receiver.address, b"", {}, private=True)
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_refusal_is_told_with_its_status(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(Undelivered, match=rf"^127\.0\.0\.1 answered {status}\.$"):
        post(receiver.address, b"", {}, private=True)


def test_nobody_there_and_no_such_name_are_told() -> None:
    with pytest.raises(Undelivered, match="could not be called"):
        post(f"http://127.0.0.1:{free_port()}/", b"", {}, private=True)
    with pytest.raises(Undelivered, match="is not known"):
        post("https://nowhere.invalid/", b"", {}, private=True)


def test_what_is_not_encrypted_is_no_https(receiver: Receiver) -> None:
    with pytest.raises(Undelivered, match="no trusted encrypted connection"):
        post(receiver.address.replace("http:", "https:"), b"", {}, private=True)


@contextmanager
def dripping(pieces: Iterator[bytes]) -> Iterator[int]:
    """A server that sends these pieces of an answer, one each tenth of a second."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(0.1)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    thread.join()
    listening.close()


def test_a_receiver_that_answers_byte_by_byte_does_not_hold_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "SECONDS_ALTOGETHER", 0.5)
    begun = time.monotonic()
    with dripping(iter([b"HTTP/1.1 200 OK\r\nX-A: ", *[b"a"] * 40])) as port:  # noqa: SIM117
        with pytest.raises(Undelivered, match="did not answer within"):
            post(f"http://127.0.0.1:{port}/", b"", {}, private=True)
    assert time.monotonic() - begun < 3


def test_the_answer_s_body_is_not_read() -> None:
    with dripping(iter([b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"])) as port:
        assert post(f"http://127.0.0.1:{port}/", b"", {}, private=True) == 200
