from __future__ import annotations

import os
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from survey_app.config import ConfigError, read_settings


def test_without_variables_an_installation_keeps_everything_in_one_folder(tmp_path: Path) -> None:
    settings = read_settings({"SOUNDINGS_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'soundings.sqlite'}"
    assert settings.address == "http://127.0.0.1:8000"


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first = read_settings({"SOUNDINGS_HOME": str(tmp_path)}).secret_key
    second = read_settings({"SOUNDINGS_HOME": str(tmp_path)}).secret_key
    assert first == second
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_in_a_new_home_all_start_with_one_key(tmp_path: Path) -> None:
    for turn in range(50):
        together = threading.Barrier(8)

        def start(
            _number: int, home: Path = tmp_path / str(turn), gate: threading.Barrier = together
        ) -> str:
            gate.wait()
            return read_settings({"SOUNDINGS_HOME": str(home)}).secret_key

        with ThreadPoolExecutor(8) as starting:
            [key] = set(starting.map(start, range(8)))
        assert len(key) == 64
        assert [found.name for found in (tmp_path / str(turn)).iterdir()] == ["secret_key"]


def test_where_a_file_can_have_one_name_only_the_key_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_names: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    first, second = (read_settings({"SOUNDINGS_HOME": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SOUNDINGS_PORT", "eighty", "whole number from 1 to 65535"),
        ("SOUNDINGS_PORT", "70000", "whole number from 1 to 65535"),
        ("SOUNDINGS_PROT", "8000", "did you mean SOUNDINGS_PORT?"),
        ("SOUNDINGS_DATABASE_URL", "mysql://x", "must begin with postgresql://"),
        ("SOUNDINGS_TIME_ZONE", "Mars/Olympus", "no known time zone"),
        ("SOUNDINGS_SMTP_SECURITY", "perhaps", "starttls, tls, none"),
        ("SOUNDINGS_WEBHOOK_PRIVATE", "yes", "0, 1"),
        ("SOUNDINGS_PUBLIC_URL", "surveys.example.org", "https://surveys.example.org"),
        ("SOUNDINGS_REDIS_URL", "localhost:6379", "redis://"),
        ("SOUNDINGS_REDIS_URL", "redis://localhost:abc", "redis://"),
        ("SOUNDINGS_DATABASE_URL", "postgresql://u:p@ss@host:abc/db", "%40"),
        ("SOUNDINGS_DATABASE_URL", "sqlite://", "sqlite:////folder"),
        ("SOUNDINGS_PUBLIC_URL", "http://[::1", "https://surveys.example.org"),
        ("SOUNDINGS_MAIL_FROM", "Customer Care", "feedback@example.org"),
        ("SOUNDINGS_MAIL_FROM", "info@", "feedback@example.org"),
        ("SOUNDINGS_BOUNCE_ADDRESS", "bounces", "bounces@example.org"),
        ("SOUNDINGS_BOUNCE_ADDRESS", "Bounces <b@example.org>", "a plain address"),
        ("SOUNDINGS_BOUNCE_ADDRESS", f"{'b' * 43}@example.org", "at most 42 signs"),
        ("SOUNDINGS_BOUNCE_IMAP", "https://u:p@example.org/INBOX", "imaps://user:password@"),
        ("SOUNDINGS_BOUNCE_IMAP", "imaps://mail.example.org", "imaps://user:password@"),
        ("SOUNDINGS_BOUNCE_IMAP", "imaps://u:p@host:port", "imaps://user:password@"),
        ("SOUNDINGS_BOUNCE_IMAP", "imaps://u:p%0d%0aA1@example.org", "imaps://user:password@"),
        ("SOUNDINGS_BOUNCE_IMAP", "imaps://u:passé@example.org", "in ASCII letters"),
        ("SOUNDINGS_DKIM_KEY", "/nowhere/key.pem", "cannot be read"),
        ("SOUNDINGS_DKIM_SELECTOR", "s2026", "Set both, or neither"),
        ("SOUNDINGS_SECRET_KEY", "short", "needs 32"),
        ("SOUNDINGS_HOST", "0.0.0.0", "SOUNDINGS_PUBLIC_URL"),
    ],
)
def test_a_wrong_variable_is_named_with_its_remedy(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings({"SOUNDINGS_HOME": str(tmp_path), name: value})
    assert name in raised.value.message
    assert sentence in raised.value.message


def test_bounces_come_from_one_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="both set"):
        read_settings(
            {
                "SOUNDINGS_HOME": str(tmp_path),
                "SOUNDINGS_BOUNCE_MAILDIR": str(tmp_path / "mail"),
                "SOUNDINGS_BOUNCE_IMAP": "imaps://anna:secret@mail.example.org/INBOX",
            }
        )


def test_a_wrong_address_of_bounces_is_told_without_its_password(tmp_path: Path) -> None:
    wrong = "pop3://anna:secret@mail.example.org"
    with pytest.raises(ConfigError) as raised:
        read_settings({"SOUNDINGS_HOME": str(tmp_path), "SOUNDINGS_BOUNCE_IMAP": wrong})
    assert "secret" not in raised.value.message


def signing(tmp_path: Path, key: bytes, selector: str = "s2026") -> dict[str, str]:
    """The variables of an installation that signs its mails with this key."""
    (tmp_path / "dkim.pem").write_bytes(key)
    return {
        "SOUNDINGS_HOME": str(tmp_path / "home"),
        "SOUNDINGS_DKIM_KEY": str(tmp_path / "dkim.pem"),
        "SOUNDINGS_DKIM_SELECTOR": selector,
    }


def made_by_openssl(*command: str) -> bytes:
    return subprocess.run(["openssl", *command], check=True, capture_output=True).stdout


def test_a_key_that_can_sign_is_taken_whatever_its_line_ends(tmp_path: Path) -> None:
    key = made_by_openssl("genrsa", "1024").replace(b"\n", b"\r\n")
    settings = read_settings(signing(tmp_path, key))
    assert settings.dkim_key == str(tmp_path / "dkim.pem")
    assert settings.dkim_selector == "s2026"


@pytest.mark.parametrize(
    "command",
    [
        ["genrsa", "-aes128", "-passout", "pass:secret", "1024"],
        ["genpkey", "-algorithm", "ed25519"],
        ["version"],
    ],
)
def test_a_key_that_cannot_sign_is_named_at_start(tmp_path: Path, command: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"no RSA private key .*openssl genrsa"):
        read_settings(signing(tmp_path, made_by_openssl(*command)))


def test_a_key_that_receivers_would_not_take_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has 512 bits"):
        read_settings(signing(tmp_path, made_by_openssl("genrsa", "512")))


@pytest.mark.parametrize(
    ("selector", "sentence"), [("", "Set both, or neither"), ("s 2026", "letters, digits")]
)
def test_a_key_needs_a_selector(tmp_path: Path, selector: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match="SOUNDINGS_DKIM_SELECTOR") as raised:
        read_settings(signing(tmp_path, made_by_openssl("genrsa", "1024"), selector))
    assert sentence in raised.value.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        read_settings({"SOUNDINGS_HOME": str(tmp_path / "inner")})


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="SOUNDINGS_HOME"):
        read_settings({"SOUNDINGS_HOME": str(tmp_path / "file")})


def test_hosted_postgresql_addresses_are_taken_as_they_are_given(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "SOUNDINGS_HOME": str(tmp_path),
            "SOUNDINGS_DATABASE_URL": "postgres://anna:secret@db.example.org/soundings",
        }
    )
    assert settings.database_url == "postgresql+psycopg://anna:secret@db.example.org/soundings"


def test_an_emptied_key_file_is_named_instead_of_breaking_every_page(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ConfigError, match=r"remove .*secret_key"):
        read_settings({"SOUNDINGS_HOME": str(tmp_path)})


def test_a_new_home_is_closed_to_others(tmp_path: Path) -> None:
    read_settings({"SOUNDINGS_HOME": str(tmp_path / "home")})
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
