"""Settings, read once from SOUNDINGS_* variables; a wrong one is named with its remedy."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from survey_app.domain.problems import SoundingsError

PREFIX = "SOUNDINGS_"
EVERY_ADDRESS = ("0.0.0.0", "::")
SHORTEST_KEY = 32
SMTP_SECURITY = ("starttls", "tls", "none")
SWITCH = ("0", "1")
# What is put behind it ("+", a mail's id, "-", ten signs) fits in the 64 that an address may have.
LONGEST_BOUNCE_ACCOUNT = 42
SHORTEST_DKIM_KEY = 1024  # bits; receivers take nothing shorter


class ConfigError(SoundingsError):
    """A setting cannot be used; the message names the variable and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """All settings of one installation.

    Each field is the variable `SOUNDINGS_<FIELD>` in capitals; an unset variable takes the default.
    """

    home: Path
    database_url: str
    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    organisation: str = "Example Ltd"
    time_zone: str = "UTC"
    web_workers: int = 2
    trusted_proxies: int = 0
    redis_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"
    mail_from: str = "soundings@localhost"
    bounce_address: str = ""
    bounce_maildir: str = ""
    bounce_imap: str = ""
    dkim_key: str = ""
    dkim_selector: str = ""
    webhook_private: bool = False

    @property
    def facts(self) -> Path:
        """Folder of the Parquet facts."""
        return self.home / "facts"

    @property
    def outbox(self) -> Path:
        """Maildir that takes the mails while no SMTP server is configured."""
        return self.home / "outbox"

    @property
    def jobs_database(self) -> Path:
        """SQLite file of the job queue, used while no Redis is configured."""
        return self.home / "jobs.sqlite"

    @property
    def address(self) -> str:
        """The address people use, without a slash at its end; links in mails begin with it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def mail_domain(self) -> str:
        """The domain that mails come from."""
        return self.mail_address.rpartition("@")[2]

    @property
    def mail_address(self) -> str:
        """The address that mails come from and questions go to, without the name before it."""
        return _address_in(self.mail_from)

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone, in which periods begin and end."""
        return ZoneInfo(self.time_zone)


@lru_cache(maxsize=4)
def _address_in(mailbox: str) -> str:
    # Asked for each mail.
    return parseaddr(mailbox)[1]


def shipped(name: str) -> Path:
    """Folder `name` (templates, migrations, examples), in a wheel or in the source tree."""
    package = Path(__file__).resolve().parent
    in_wheel = package / "_shipped" / name
    return in_wheel if in_wheel.is_dir() else package.parent / name


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises ConfigError naming the variable that is wrong."""
    found = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in (os.environ if environment is None else environment).items()
        if name.startswith(PREFIX)
    }
    known = {field.name for field in fields(Settings)}
    for name in sorted(found.keys() - known):
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {PREFIX}{near[0].upper()}?" if near else "unset it."
        raise ConfigError(f"{PREFIX}{name.upper()} is not a setting of Soundings: {hint}")
    home = _home(found.get("home") or "instance")
    host = found.get("host") or Settings.host
    if host in EVERY_ADDRESS and not found.get("public_url"):
        raise ConfigError(
            f"SOUNDINGS_HOST={host} listens on every address of this machine; say in "
            "SOUNDINGS_PUBLIC_URL which one people use, for links in mails begin with it."
        )
    return Settings(
        home=home,
        database_url=_database_url(found.get("database_url", ""), home),
        secret_key=_secret_key(found.get("secret_key", ""), home),
        host=host,
        port=_whole(found, "port", Settings.port, 1, 65535),
        public_url=_web_address(found.get("public_url", "")),
        organisation=found.get("organisation") or Settings.organisation,
        time_zone=_time_zone(found.get("time_zone") or Settings.time_zone),
        web_workers=_whole(found, "web_workers", Settings.web_workers, 1, 64),
        trusted_proxies=_whole(found, "trusted_proxies", Settings.trusted_proxies, 0, 10),
        redis_url=_redis_url(found.get("redis_url", "")),
        smtp_host=found.get("smtp_host", ""),
        smtp_port=_whole(found, "smtp_port", Settings.smtp_port, 1, 65535),
        smtp_user=found.get("smtp_user", ""),
        smtp_password=found.get("smtp_password", ""),
        smtp_security=_one_of(found, "smtp_security", Settings.smtp_security, SMTP_SECURITY),
        mail_from=_mail_from(found.get("mail_from") or Settings.mail_from),
        bounce_address=_bounce_address(found.get("bounce_address", "")),
        bounce_maildir=_bounce_maildir(found),
        bounce_imap=_bounce_imap(found.get("bounce_imap", "")),
        dkim_key=_dkim_key(found),
        dkim_selector=_dkim_selector(found),
        webhook_private=_one_of(found, "webhook_private", "0", SWITCH) == "1",
    )


def _home(value: str) -> Path:
    home = Path(value).expanduser().resolve()
    try:
        # Answers and the secret key lie in it: for its owner alone.
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Under a name of its own: web server and worker start at once and look here together.
        with TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise ConfigError(
            f"SOUNDINGS_HOME: the folder {home} cannot be written ({error.strerror}); "
            "name a folder that this user may write."
        ) from error
    return home


def _secret_key(value: str, home: Path) -> str:
    """The key that was given, or the installation's own: made once, read by its owner alone."""
    path = home / "secret_key"
    if not value:
        try:
            if not path.exists():
                _make_key(path)
            value = path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"The secret key in {path} cannot be made or read ({error}). Let this user "
                "read the file, or remove it to get a new key; sign-ins then end."
            ) from error
    if len(value) < SHORTEST_KEY:
        raise ConfigError(
            f"The secret key has {len(value)} characters and needs {SHORTEST_KEY}: set "
            f"SOUNDINGS_SECRET_KEY to a longer one, or unset it and remove {path} to get a new one."
        )
    return value


def _make_key(path: Path) -> None:
    """Write a key first and name it then: who starts at the same moment reads no half of it."""
    key = secrets.token_hex(32)
    with NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(key)
        file.flush()
        try:
            os.link(file.name, path)
        except FileExistsError:
            pass
        except OSError:
            # Some network drives give a file one name only.
            with (
                contextlib.suppress(FileExistsError),
                open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as own,
            ):
                own.write(key)


def _database_url(value: str, home: Path) -> str:
    if not value:
        return f"sqlite:///{home / 'soundings.sqlite'}"
    try:
        address = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "SOUNDINGS_DATABASE_URL cannot be read; write it like "
            "postgresql://user:password@host:5432/database, with %40 for an @ in the password."
        ) from error
    if address.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        address = address.set(drivername="postgresql+psycopg")
        return address.render_as_string(hide_password=False)
    if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
        return value
    raise ConfigError(
        "SOUNDINGS_DATABASE_URL must begin with postgresql://, or be a file like "
        f"sqlite:////folder/soundings.sqlite; it begins with {address.drivername}."
    )


def _whole(found: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    value = found.get(name)
    if not value:
        return default
    if not value.isdecimal() or not lowest <= int(value) <= highest:
        raise ConfigError(
            f"{PREFIX}{name.upper()} is {value!r}; "
            f"it must be a whole number from {lowest} to {highest}."
        )
    return int(value)


def _one_of(found: Mapping[str, str], name: str, default: str, words: tuple[str, ...]) -> str:
    value = found.get(name) or default
    if value not in words:
        raise ConfigError(
            f"{PREFIX}{name.upper()} is {value!r}; it must be one of {', '.join(words)}."
        )
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise ConfigError(
            f"SOUNDINGS_TIME_ZONE is {value!r}, which is no known time zone; "
            "name one such as Europe/Zurich."
        ) from error
    return value


def _web_address(value: str) -> str:
    parts = _split(value)
    if value and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname):
        raise ConfigError(
            f"SOUNDINGS_PUBLIC_URL is {value!r}; it must be an address such as "
            "https://surveys.example.org."
        )
    return value.rstrip("/")


def _redis_url(value: str) -> str:
    parts = _split(value)
    if value and (parts is None or parts.scheme not in ("redis", "rediss", "unix")):
        raise ConfigError(
            f"SOUNDINGS_REDIS_URL is {value!r}; it must begin with redis://, rediss:// or unix://."
        )
    return value


def _split(address: str) -> SplitResult | None:
    """The parts of an address, or None where it is none; its port is asked for, to be checked."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _mail_from(value: str) -> str:
    _name, address = parseaddr(value)
    account, _at, host = address.rpartition("@")
    if not account or not host or any(character in value for character in "\r\n"):
        raise ConfigError(
            f"SOUNDINGS_MAIL_FROM is {value!r}; it must be an address such as "
            "feedback@example.org or Customer Care <feedback@example.org>."
        )
    return value


def _bounce_address(value: str) -> str:
    account, _at, host = value.rpartition("@")
    plain = re.fullmatch(r"[A-Za-z0-9._+=-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value)
    if value and not (plain and host and len(account) <= LONGEST_BOUNCE_ACCOUNT):
        raise ConfigError(
            f"SOUNDINGS_BOUNCE_ADDRESS is {value!r}; it must be a plain address such as "
            f"bounces@example.org with at most {LONGEST_BOUNCE_ACCOUNT} signs before the @."
        )
    return value


def _bounce_maildir(found: Mapping[str, str]) -> str:
    value = found.get("bounce_maildir", "")
    if value and found.get("bounce_imap"):
        raise ConfigError(
            "SOUNDINGS_BOUNCE_MAILDIR and SOUNDINGS_BOUNCE_IMAP are both set; bounces come from "
            "one of them. Unset the other."
        )
    return str(Path(value).expanduser().resolve()) if value else ""


def _bounce_imap(value: str) -> str:
    """The address as it was given; the sentence does not repeat it, for the password is in it."""
    parts = _split(value)
    if value and (
        parts is None
        or parts.scheme not in ("imap", "imaps")
        or not (parts.hostname and parts.username and parts.password)
        or not unquote(value).isascii()
        or not unquote(value).isprintable()
    ):
        raise ConfigError(
            "SOUNDINGS_BOUNCE_IMAP cannot be used; write it like "
            "imaps://user:password@mail.example.org:993/INBOX (or imap:// for STARTTLS), with "
            "%40 for an @ in the user or password, in ASCII letters."
        )
    return value


def _dkim_key(found: Mapping[str, str]) -> str:
    """The path of the key that signs mails; the key is read, to see that it can sign."""
    value = found.get("dkim_key", "")
    if not value:
        return ""
    # Only installations that sign need the library in the web process.
    from dkim.crypto import parse_pem_private_key

    path = Path(value).expanduser().resolve()
    try:
        # Whatever the parser stumbles over, the file is no key.
        bits = parse_pem_private_key(path.read_bytes().replace(b"\r", b""))["modulus"].bit_length()
    except OSError as error:
        raise ConfigError(
            f"SOUNDINGS_DKIM_KEY: {path} cannot be read ({error.strerror}). Name the file of the "
            "private key, and let this user read it."
        ) from error
    except Exception as error:
        raise ConfigError(
            f"SOUNDINGS_DKIM_KEY: {path} holds no RSA private key in PEM form without a "
            f"passphrase. Make one with: openssl genrsa -out {path.name} 2048"
        ) from error
    if bits < SHORTEST_DKIM_KEY:
        raise ConfigError(
            f"SOUNDINGS_DKIM_KEY: the key in {path} has {bits} bits, and receivers want "
            f"{SHORTEST_DKIM_KEY} at least. Make one with: openssl genrsa -out {path.name} 2048"
        )
    return str(path)


def _dkim_selector(found: Mapping[str, str]) -> str:
    value = found.get("dkim_selector", "")
    if bool(value) != bool(found.get("dkim_key")):
        raise ConfigError(
            "SOUNDINGS_DKIM_KEY and SOUNDINGS_DKIM_SELECTOR go together: receivers look for the "
            "public key at SELECTOR._domainkey.DOMAIN. Set both, or neither."
        )
    if value and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?", value):
        raise ConfigError(
            f"SOUNDINGS_DKIM_SELECTOR is {value!r}; it must be a name such as soundings2026, of "
            "letters, digits, hyphens and dots."
        )
    return value
