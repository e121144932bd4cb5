from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from survey_app.config import Settings, read_settings
from survey_app.db import db
from survey_app.invite.contact_models import Suppression
from survey_app.invite.models import OutboxMail
from tests.command_line.conftest import Told
from tests.factories.returned_mails import returned
from tests.factories.sent_mails import make_sent

TOLD = (
    "{} read: {} hard bounces, {} soft ones, {} complaints, {} that told nothing new, {} that "
    "could not be read."
)


@pytest.fixture
def its_settings(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with the key that the command itself will use."""
    key = read_settings({"SOUNDINGS_HOME": str(tmp_path)}).secret_key
    return replace(settings, secret_key=key)


def sent(app: Flask) -> int:
    with app.app_context():
        mail_id = make_sent("mia@example.org").id
        db.session.commit()
    return mail_id


def test_a_file_is_one_message_and_reading_it_twice_changes_nothing(
    app: Flask, soundings: Callable[..., Told], its_settings: Settings, tmp_path: Path
) -> None:
    mail_id = sent(app)
    file = tmp_path / "bounce.eml"
    file.write_bytes(returned("postfix", mail_id, its_settings))
    assert TOLD.format(1, 1, 0, 0, 0, 0) in soundings("bounces", "read", str(file)).out
    with app.app_context():
        assert db.session.get_one(OutboxMail, mail_id).report == "hard"
        assert [one.email for one in db.session.query(Suppression)] == ["mia@example.org"]
    assert TOLD.format(1, 0, 0, 0, 1, 0) in soundings("bounces", "read", str(file)).out


def test_the_new_messages_of_a_maildir_are_read_and_moved(
    app: Flask, soundings: Callable[..., Told], its_settings: Settings, tmp_path: Path
) -> None:
    mail_id = sent(app)
    for name in ("new", "cur"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    (tmp_path / "mail" / "new" / "1.a").write_bytes(returned("gmail_full", mail_id, its_settings))
    (tmp_path / "mail" / "new" / "2.b").write_bytes(returned("complaint", mail_id, its_settings))
    (tmp_path / "mail" / "new" / "3.c").write_bytes(b"")
    told = soundings("bounces", "read", str(tmp_path / "mail"))
    assert told.code == 0, told.err
    assert TOLD.format(3, 0, 1, 1, 1, 0) in told.out
    assert sorted(path.name for path in (tmp_path / "mail" / "cur").iterdir()) == [
        "1.a:2,S",
        "2.b:2,S",
        "3.c:2,S",
    ]


@pytest.mark.parametrize(("name", "sentence"), [("mbox", "is an mbox"), ("", "as a maildir")])
def test_a_folder_that_is_no_maildir_and_a_file_of_several_messages_are_refused(
    soundings: Callable[..., Told], tmp_path: Path, name: str, sentence: str
) -> None:
    (tmp_path / "mbox").write_bytes(b"From x Wed Jul  1 08:00:00 2026\n\nx\n")
    told = soundings("bounces", "read", str(tmp_path / name))
    assert told.code == 2
    assert sentence in told.err
