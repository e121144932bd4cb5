from __future__ import annotations

import pytest
from flask import Flask

from survey_app.invite.lines import read_filter, read_quotas, write_filter, write_quotas


def test_lines_name_an_audience_and_are_written_back_as_they_were_read(app: Flask) -> None:
    with app.app_context():
        text = "segment: private, business\n\n language:de \nsegment: new, private"
        wanted, problems = read_filter(text)
        assert problems == []
        assert wanted == {"segment": ["private", "business", "new"], "language": ["de"]}
        assert read_filter(write_filter(wanted)) == (wanted, [])


@pytest.mark.parametrize("line", ["private", "segment:", ": private", "segment: ,"])
def test_a_line_without_a_name_or_a_value_is_told_by_its_number(app: Flask, line: str) -> None:
    with app.app_context():
        _, problems = read_filter(f"segment: private\n{line}")
        assert [(one.place, one.code) for one in problems] == [("attributes, line 2", "no_line")]


def test_an_attribute_that_no_contact_has_is_told_with_the_one_meant(app: Flask) -> None:
    with app.app_context():
        _, problems = read_filter("segmnet: private")
        assert problems[0].code == "unknown_attribute"
        assert 'Did you mean "segment"?' in problems[0].message


def test_quotas_are_read_and_written_back(app: Flask) -> None:
    with app.app_context():
        quotas, problems = read_quotas("segment: a = b = 50\nunit: leasing = 7")
        assert problems == []
        assert quotas == [
            {"attribute": "segment", "value": "a = b", "limit": 50},
            {"attribute": "unit", "value": "leasing", "limit": 7},
        ]
        assert read_quotas(write_quotas(quotas)) == (quotas, [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("segment: a", "no_line"),
        ("segment: a = 0", "no_line"),
        ("segment: a = -5", "no_line"),
        ("segment = 5", "no_line"),
        ("segment: private = 6", "twice"),
        ("shoe size: 43 = 6", "unknown_attribute"),
    ],
)
def test_a_quota_that_cannot_be_meant_is_refused(app: Flask, line: str, code: str) -> None:
    with app.app_context():
        _, problems = read_quotas(f"segment: private = 50\n{line}")
        assert [(one.place, one.code) for one in problems] == [("quotas, line 2", code)]
