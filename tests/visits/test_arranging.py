from __future__ import annotations

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.visits.arranging import MOST_STAGES, change_process, define_process
from survey_app.visits.models import Process, ProcessStage
from tests.factories.workplaces import STAGES, make_process, make_visit, make_workplace


def test_a_process_keeps_its_stages_in_their_order(app: Flask) -> None:
    with app.app_context():
        make_process()
        db.session.commit()
    with app.app_context():
        stages = db.session.query(Process).one().stages
        assert [(stage.position, stage.key) for stage in stages] == [
            (1, "arrived"),
            (2, "answered"),
            (3, "shown"),
        ]


@pytest.mark.parametrize(
    ("stages", "codes"),
    [
        ([], ["empty"]),
        ([("a", "A"), ("b", "B"), ("a", "Again")], ["twice"]),
        ([("end", "End")], ["reserved"]),
        ([("started_at", "Started")], ["reserved"]),
        ([("Bad key", "Name"), ("b", " ")], ["form", "empty"]),
        ([("a", "x" * 121)], ["too_long"]),
        ([(f"s{number}", "x") for number in range(MOST_STAGES + 1)], ["too_many"]),
    ],
)
def test_stages_that_could_not_be_told_apart_or_imported_are_refused(
    app: Flask, stages: list[tuple[str, str]], codes: list[str]
) -> None:
    with app.app_context():
        process, problems = define_process("sales_visit", "Sales visit", stages)
        assert process is None
        assert [problem.code for problem in problems] == codes
        assert db.session.query(Process).count() == 0


def test_a_key_belongs_to_one_process(app: Flask) -> None:
    with app.app_context():
        make_process()
        process, problems = define_process("sales_visit", "Another", STAGES)
        assert process is None
        assert problems[0].code == "taken"
        assert db.session.query(ProcessStage).count() == len(STAGES)


def test_the_sequence_can_change_until_the_first_visit(app: Flask) -> None:
    with app.app_context():
        process = make_process()
        changed, problems = change_process(process, "Visit", [STAGES[2], STAGES[0], ("new", "New")])
        assert changed is process, problems
        db.session.expire_all()
        assert [stage.key for stage in process.stages] == ["shown", "arrived", "new"]
        assert process.name == "Visit"


def test_the_first_visit_freezes_the_sequence_but_not_the_names(app: Flask) -> None:
    with app.app_context():
        process = make_process()
        make_visit(process, make_workplace().leasing)
        changed, problems = change_process(process, "Visit", STAGES[:2])
        assert changed is None
        assert [problem.code for problem in problems] == ["frozen"]
        assert process.name == "Sales Visit"
        ids = [stage.id for stage in process.stages]
        renamed = [(key, name.upper()) for key, name in STAGES]
        changed, problems = change_process(process, "Visit", renamed)
        assert changed is process, problems
        assert [stage.name for stage in process.stages] == [name for _, name in renamed]
        assert [stage.id for stage in process.stages] == ids
