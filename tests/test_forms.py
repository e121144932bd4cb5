from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, FloatField, IntegerField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice

from survey_app.forms import FlaskForm


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (IntegerField(), "Write a whole number, like 12."),
        (FloatField(), "Write a number, like 4.5."),
        (DateField(), "Write a date like 2026-07-31."),
        (SelectField(choices=[SelectChoice("a", "A")]), "Choose one of those offered."),
        (
            SelectMultipleField(choices=[SelectChoice("a", "A")]),
            "'many' is not offered. Choose only what is.",
        ),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_write(field: Field, sentence: str) -> None:
    class OneField(FlaskForm):
        one = field

    app = Flask(__name__)
    app.config.update(SECRET_KEY="a key for tests only", WTF_CSRF_ENABLED=False)
    with app.test_request_context(method="POST"):
        form = OneField(MultiDict({"one": "many"}))
        assert not form.validate()
        assert form.errors == {"one": [sentence]}
