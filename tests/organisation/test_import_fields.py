from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from survey_app.organisation.import_fields import MappingField


class MappedForm(Form):
    mapping = MappingField()


def read(text: str) -> tuple[bool, object]:
    form = MappedForm(MultiDict({"mapping": text}))
    return form.validate(), form.mapping.mapping


def test_a_mapping_is_read_as_text_throughout() -> None:
    text = "id: 12\nunit: {constant: no}\nuntil: {constant: 2016-03-09 00:00:00}"
    assert read(text) == (
        True,
        {"id": "12", "unit": {"constant": "no"}, "until": {"constant": "2016-03-09 00:00:00"}},
    )


def test_an_empty_mapping_is_none() -> None:
    assert read("  \n") == (True, None)


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\0", "{" * 2000, "!!python/object:os.x {}"])
def test_text_that_is_no_mapping_runs_nothing_and_is_told(text: str) -> None:
    valid, mapping = read(text)
    assert not valid or mapping in ({}, None) or isinstance(mapping, dict)


def test_the_line_that_cannot_be_read_is_named() -> None:
    form = MappedForm(MultiDict({"mapping": "id: ticket\nunit: [\n"}))
    assert not form.validate()
    assert "Line 3 cannot be read." in form.mapping.errors[0]
