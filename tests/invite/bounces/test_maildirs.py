from __future__ import annotations

import os
from pathlib import Path

import pytest

from survey_app.invite.bounces.boxes import LARGEST, BoxTrouble
from survey_app.invite.bounces.maildirs import Maildir


@pytest.fixture
def box(tmp_path: Path) -> Maildir:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return Maildir(tmp_path)


def put(box: Maildir, name: str, content: bytes = b"x") -> None:
    (box.folder / "new" / name).write_bytes(content)


def test_new_messages_are_read_the_oldest_first(box: Maildir) -> None:
    put(box, "1782892807.M2.mx", b"later")
    put(box, "1782892806.M1.mx", b"earlier")
    put(box, ".hidden")
    assert list(box.fetch(box.unread())) == [
        ("1782892806.M1.mx", b"earlier"),
        ("1782892807.M2.mx", b"later"),
    ]
    assert box.unread(1) == ["1782892806.M1.mx"]


def test_a_message_that_was_read_is_moved_with_its_flag(box: Maildir) -> None:
    put(box, "1.a", b"good")
    put(box, "2.b:2,", b"bad")
    box.mark("1.a", broken=False)
    box.mark("2.b:2,", broken=True)
    assert box.unread() == []
    kept = {path.name: path.read_bytes() for path in (box.folder / "cur").iterdir()}
    assert kept == {"1.a:2,S": b"good", "2.b:2,FS": b"bad"}


def test_a_message_that_somebody_else_has_moved_is_left_out(box: Maildir) -> None:
    put(box, "1.a")
    keys = box.unread()
    (box.folder / "new" / "1.a").unlink()
    assert list(box.fetch(keys)) == []
    box.mark("1.a", broken=False)


def test_of_a_very_long_message_the_beginning_is_read(box: Maildir) -> None:
    put(box, "1.a", b"a" * LARGEST + b"b")
    assert list(box.fetch(["1.a"])) == [("1.a", b"a" * LARGEST)]


def test_a_folder_that_is_no_maildir_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoxTrouble, match=f"{tmp_path} cannot be read as a maildir"):
        Maildir(tmp_path).unread()
    (tmp_path / "new").mkdir()
    with pytest.raises(BoxTrouble, match="no cur"):
        Maildir(tmp_path).unread()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_message_that_may_not_be_read_is_told(box: Maildir) -> None:
    put(box, "1.a")
    (box.folder / "new" / "1.a").chmod(0)
    with pytest.raises(BoxTrouble, match="Let this user read"):
        list(box.fetch(["1.a"]))
