"""What is left of a condition while some of its items are still being answered."""

from __future__ import annotations

import pytest

from survey_app.domain.routing import settle


@pytest.mark.parametrize(
    ("contact", "left"),
    [({"rank": "3"}, {"value": "3", "at_least": {"question": "q1"}}), ({}, False)],
)
def test_what_is_known_of_the_contact_is_put_in_its_place(
    contact: dict[str, str], left: object
) -> None:
    condition = {"contact": "rank", "at_least": {"question": "q1"}}
    assert settle(condition, lambda _item_id: None, contact, {"q1"}) == left
