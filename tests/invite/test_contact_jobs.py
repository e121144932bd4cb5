"""A file of contacts in the worker: looked at, stored chunk by chunk, taken up again, undone."""

from __future__ import annotations

import io
import itertools
import os
import random
import signal
import stat
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from flask import Flask

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.invite import contact_jobs
from survey_app.invite.contact_jobs import look_for_files, work
from survey_app.invite.contact_models import Contact, ContactBatch, ContactChange
from survey_app.invite.file_batches import (
    ARRIVING,
    CLAIM_HOLDS,
    KEPT_UNDECIDED,
    LONGEST_ARRIVAL,
    ask_to_undo,
    confirm,
    discard,
    path_of,
    receive,
)
from survey_app.invite.registering import revise_contact
from tests.factories.campaigns import NOW, make_campaign, make_contact, make_invitation


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_jobs, "CHUNK", 2)


def send(settings: Settings, text: str, key: str = "email") -> int:
    batch, problems = receive(io.BytesIO(text.encode()), "c.csv", key, settings, NOW)
    assert batch is not None, problems
    db.session.commit()
    return batch.id


def batch(batch_id: int) -> ContactBatch:
    db.session.rollback()
    return db.session.get_one(ContactBatch, batch_id, populate_existing=True)


def store(batch_id: int) -> None:
    assert confirm(batch(batch_id), NOW)
    db.session.commit()
    work(batch_id)


def names() -> dict[str, str]:
    return {one.email.split("@")[0]: one.name for one in db.session.query(Contact)}


FIVE = "email,name\n" + "".join(f"p{n}@example.org,P{n}\n" for n in range(1, 6))


def test_a_file_is_looked_at_confirmed_stored_and_undone(app: Flask, settings: Settings) -> None:
    with app.app_context():
        make_contact("p1@example.org", "Old", segment="gold")
        make_contact("p2@example.org", "P2")
        db.session.commit()
        batch_id = send(settings, FIVE)
        path = path_of(batch_id, settings)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        work(batch_id)
        looked = batch(batch_id)
        assert looked.state == "checked"
        assert (looked.added, looked.updated, looked.unchanged, looked.row_count) == (3, 1, 1, 5)
        assert names() == {"p1": "Old", "p2": "P2"}
        store(batch_id)
        stored = batch(batch_id)
        assert (stored.state, stored.rows_stored) == ("stored", 5)
        assert (stored.added, stored.updated, stored.unchanged) == (3, 1, 1)
        assert names() == {f"p{n}": f"P{n}" for n in range(1, 6)}
        assert not path.exists()
        assert ask_to_undo(stored, NOW)
        db.session.commit()
        work(batch_id)
        assert batch(batch_id).state == "undone"
        assert names() == {"p1": "Old", "p2": "P2"}
        old = db.session.query(Contact).filter_by(email="p1@example.org").one()
        assert old.attributes == {"segment": "gold"}


def test_bad_rows_and_repeated_ones_refuse_the_file(app: Flask, settings: Settings) -> None:
    with app.app_context():
        rows = FIVE + "no address,X\nP1@example.org,Again\n"
        batch_id = send(settings, rows)
        work(batch_id)
        refused = batch(batch_id)
        assert refused.state == "refused"
        assert [(one["place"], one["code"]) for one in refused.problems] == [
            ("row 7, column email", "email"),
            ("row 8, column email", "duplicate"),
        ]
        assert "row 2" in refused.problems[1]["message"]
        assert not path_of(batch_id, settings).exists()
        assert not confirm(refused, NOW)


def test_of_very_many_problems_the_first_are_told_and_all_are_counted(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        batch_id = send(settings, "email\n" + "".join(f"bad{n}\n" for n in range(230)))
        work(batch_id)
        problems = batch(batch_id).problems
        assert len(problems) == 201
        assert "30 more problems" in problems[-1]["message"]


class Killed(BaseException):
    """The worker dies here."""


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_worker_that_dies_leaves_whole_chunks_and_another_one_goes_on(
    chunks: int, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        work(batch_id)
        assert confirm(batch(batch_id), NOW)
        db.session.commit()
        done = itertools.count()

        def die(_batch: ContactBatch) -> None:
            if next(done) == chunks:
                raise Killed

        with pytest.raises(Killed):
            work(batch_id, watch=die)
        db.session.rollback()
        assert batch(batch_id).rows_stored == 2 * chunks == db.session.query(Contact).count()
        assert db.session.query(ContactChange).count() == 2 * chunks
        db.session.rollback()
        # The claim of the dead one holds for a while.
        look_for_files()
        assert batch(batch_id).rows_stored == 2 * chunks
        later = utc_now() + CLAIM_HOLDS + timedelta(seconds=1)
        monkeypatch.setattr(contact_jobs, "utc_now", lambda: later)
        db.session.rollback()
        look_for_files()
        stored = batch(batch_id)
        assert (stored.state, stored.added) == ("stored", 5)
        assert len(names()) == 5


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        work(batch_id)
        assert confirm(batch(batch_id), NOW)
        db.session.commit()

        def overtake(kept: ContactBatch) -> None:
            # Another worker claims it right behind the first chunk.
            kept.claimed_at = utc_now() + timedelta(minutes=5)

        work(batch_id, watch=overtake)
        assert batch(batch_id).rows_stored == 2
        assert db.session.query(Contact).count() == 2


def test_a_run_that_takes_long_stops_between_two_chunks_and_goes_on_later(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        work(batch_id)
        assert confirm(batch(batch_id), NOW)
        db.session.commit()
        assert not work(batch_id, seconds=0.0)
        assert batch(batch_id).rows_stored == 2
        db.session.rollback()
        while not work(batch_id, seconds=0.0):
            pass
        assert (batch(batch_id).state, db.session.query(Contact).count()) == ("stored", 5)


def test_what_somebody_took_meanwhile_ends_the_import_and_all_of_it_is_taken_back(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        rows = "email,external_id\n" + "".join(f"p{n}@example.org,C-{n}\n" for n in range(1, 6))
        batch_id = send(settings, rows)
        work(batch_id)
        assert batch(batch_id).state == "checked"
        make_contact("other@example.org", "Other", external_id="C-5")
        db.session.commit()
        store(batch_id)
        ended = batch(batch_id)
        assert (ended.state, ended.rows_stored) == ("refused", 4)
        assert [one["code"] for one in ended.problems] == ["taken", "taken_back"]
        assert ended.problems[0]["place"] == "row 6, column external_id"
        assert names() == {"other": "Other"}
        assert db.session.query(ContactChange).count() == 0


def test_undo_leaves_who_was_invited_or_changed_since_and_counts_them(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        make_contact("p1@example.org", "Old")
        make_contact("p2@example.org", "Old")
        db.session.commit()
        batch_id = send(settings, FIVE)
        work(batch_id)
        store(batch_id)
        by_name = {one.name: one for one in db.session.query(Contact)}
        revise_contact(by_name["P1"], {"name": "Mine"})
        make_invitation(make_campaign(), by_name["P3"])
        assert ask_to_undo(db.session.get_one(ContactBatch, batch_id), NOW)
        db.session.commit()
        work(batch_id)
        undone = batch(batch_id)
        assert undone.state == "undone"
        assert names() == {"p1": "Mine", "p2": "Old", "p3": "P3"}
        left = undone.problems[-1]
        assert (left["code"], left["invited"], left["changed"]) == ("left", 1, 1)


def test_an_earlier_name_that_somebody_else_has_by_now_is_left_to_them(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        make_contact("p1@example.org", "P1", external_id="C-1")
        make_contact("p2@example.org", "Old", external_id="C-2")
        db.session.commit()
        rows = "email,name,external_id\np1@example.org,P1,C-9\np2@example.org,New,C-2\n"
        batch_id = send(settings, rows)
        work(batch_id)
        store(batch_id)
        make_contact("p3@example.org", "P3", external_id="C-1")
        assert ask_to_undo(db.session.get_one(ContactBatch, batch_id), NOW)
        db.session.commit()
        work(batch_id)
        assert batch(batch_id).problems[-1]["changed"] == 1
        ids = {one.email[:2]: one.external_id for one in db.session.query(Contact)}
        assert ids == {"p1": "C-9", "p2": "C-2", "p3": "C-1"}
        assert names()["p2"] == "Old"


def test_a_file_that_is_gone_is_said_and_nothing_is_kept(app: Flask, settings: Settings) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        work(batch_id)
        path_of(batch_id, settings).unlink()
        store(batch_id)
        ended = batch(batch_id)
        assert (ended.state, ended.problems[0]["code"]) == ("refused", "file_gone")
        assert "SOUNDINGS_HOME" in ended.problems[0]["message"]
        assert names() == {}


def test_a_file_is_forgotten_when_it_is_discarded_or_nobody_decides(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        first, second = send(settings, FIVE), send(settings, FIVE)
        for batch_id in (first, second):
            work(batch_id)
        assert discard(batch(first), settings, NOW)
        db.session.commit()
        assert not path_of(first, settings).exists()
        assert db.session.get(ContactBatch, first) is None
        db.session.rollback()
        monkeypatch.setattr(contact_jobs, "utc_now", lambda: NOW + KEPT_UNDECIDED)
        look_for_files()
        assert batch(second).state == "checked"
        db.session.rollback()
        later = NOW + KEPT_UNDECIDED + timedelta(seconds=1)
        monkeypatch.setattr(contact_jobs, "utc_now", lambda: later)
        look_for_files()
        assert batch(second).state == "refused"
        assert not path_of(second, settings).exists()


def test_files_that_killed_processes_have_left_are_deleted_after_a_day(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        kept, folder = path_of(batch_id, settings), path_of(batch_id, settings).parent
        broken_off, rolled_back = folder / f"{ARRIVING}x", folder / "4711"
        fresh = folder / f"{ARRIVING}y"
        yesterday = (utc_now() - LONGEST_ARRIVAL - timedelta(minutes=1)).timestamp()
        for path in (kept, broken_off, rolled_back, fresh):
            path.touch()
            if path != fresh:
                os.utime(path, (yesterday, yesterday))
        look_for_files()
        assert {path for path in (kept, fresh) if path.exists()} == {kept, fresh}
        assert not broken_off.exists()
        assert not rolled_back.exists()


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_nobody_has_thought_of_refuses_the_file_instead_of_trying_for_ever(
    confirmed: bool, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        if confirmed:
            work(batch_id)
            assert confirm(batch(batch_id), NOW)
            db.session.commit()

        def stumble(*_given: object) -> None:
            raise ZeroDivisionError

        # In the second chunk of what is stored, or when it is looked at.
        named = "_tell_stored" if confirmed else "_tell_look"
        tell, calls = getattr(contact_jobs, named), itertools.count()
        monkeypatch.setattr(
            contact_jobs,
            named,
            lambda *given: stumble() if next(calls) == confirmed else tell(*given),
        )
        work(batch_id)
        refused = batch(batch_id)
        assert (refused.state, refused.problems[0]["code"]) == ("refused", "trouble")
        assert "ZeroDivisionError" in refused.problems[0]["message"]
        assert names() == {}
        assert not path_of(batch_id, settings).exists()


WORK = """
import sys
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.invite import contact_jobs
contact_jobs.CHUNK = 10
with create_app(read_settings()).app_context():
    contact_jobs.work(int(sys.argv[1]))
"""


def test_an_import_that_is_killed_stores_each_row_once_in_the_end(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, kills, seed = 1500, 1, random.randrange(1000)
    print("seed", seed)
    moments = random.Random(seed)
    named = {
        "SOUNDINGS_HOME": str(settings.home),
        "SOUNDINGS_DATABASE_URL": settings.database_url,
        "SOUNDINGS_SECRET_KEY": settings.secret_key,
    }
    with app.app_context():
        rows = "".join(f"p{n}@example.org,P{n}\n" for n in range(people))
        batch_id = send(settings, f"email,name\n{rows}")
        work(batch_id)
        assert confirm(batch(batch_id), NOW)
        db.session.commit()
        for _ in range(kills):
            before = batch(batch_id).rows_stored
            db.session.rollback()
            worker = subprocess.Popen(
                [sys.executable, "-c", WORK, str(batch_id)], env=os.environ | named
            )
            while batch(batch_id).rows_stored == before:
                db.session.rollback()
                assert worker.poll() is None
                time.sleep(0.02)
            db.session.rollback()
            time.sleep(moments.random() / 10)
            worker.kill()
            assert worker.wait() == -signal.SIGKILL
            stored = batch(batch_id).rows_stored
            assert stored < people
            assert db.session.query(Contact).count() == stored
            # Its claim ends.
            batch(batch_id).claimed_at = None
            db.session.commit()
        monkeypatch.setattr(contact_jobs, "CHUNK", 200)
        work(batch_id)
        stored = batch(batch_id)
        assert (stored.state, stored.added) == ("stored", people)
        assert db.session.query(Contact).count() == people
        assert db.session.query(ContactChange).count() == people
        assert ask_to_undo(stored, NOW)
        db.session.commit()
        work(batch_id)
        assert db.session.query(Contact).count() == 0


def test_a_chunk_that_is_undone_twice_at_once_is_undone_once(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        batch_id = send(settings, FIVE)
        work(batch_id)
        store(batch_id)
        assert ask_to_undo(batch(batch_id), NOW)
        assert not ask_to_undo(db.session.get_one(ContactBatch, batch_id), NOW)
        db.session.commit()
        assert not work(batch_id, seconds=0.0)
        assert db.session.query(Contact).count() == 3
        db.session.rollback()
        while not work(batch_id, seconds=0.0):
            pass
        assert names() == {}
