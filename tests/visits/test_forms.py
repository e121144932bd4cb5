from __future__ import annotations

from flask import Flask

from survey_app.visits.forms import outcome_word, read_stages, write_stages
from tests.factories.workplaces import STAGES, make_process


def test_a_line_is_a_stage_with_or_without_a_key_of_its_own() -> None:
    text = "Arrived\r\n\n  shown :  Product: shown \nFragen – geklärt?\n"
    assert read_stages(text) == [
        ("arrived", "Arrived"),
        ("shown", "Product: shown"),
        ("fragen_gekl_rt", "Fragen – geklärt?"),
    ]


def test_stages_are_written_as_they_are_read(app: Flask) -> None:
    with app.app_context():
        assert read_stages(write_stages(make_process())) == STAGES


def test_a_visit_without_outcome_was_open() -> None:
    assert outcome_word("called_back") == "called back"
    assert outcome_word(None) == "open when seen last"
