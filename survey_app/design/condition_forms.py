"""The part of a form that asks when something is asked, or what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FieldList, Form, FormField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice

from survey_app.design.conditions import (
    ALL,
    ALWAYS,
    ANY,
    CONTACT,
    MOST_LINES,
    OPERATOR_GROUPS,
    Line,
    lines_of,
    read_lines,
    values_of,
)
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.questionnaire import Condition, Question

LONGEST_LABEL = 70
# So many values of all questions are offered in a line of which none is chosen.
MOST_OFFERED = 200


class LineFields(Form):
    """One comparison."""

    subject = SelectField("What is compared", validate_choice=False)
    attribute = StringField("Attribute of the contact", render_kw={"maxlength": 100})
    operator = SelectField(
        "How",
        choices=[
            SelectChoice(operator, said, optgroup=group)
            for group, operators in OPERATOR_GROUPS.items()
            for operator, said in operators.items()
        ],
        default="equals",
    )
    value = StringField("With what", render_kw={"maxlength": 500, "autocomplete": "off"})

    def line(self) -> Line:
        """The comparison as typed."""
        subject = self.subject.data or ""
        attribute = (self.attribute.data or "").strip() if subject == CONTACT else ""
        operator = self.operator.data or ""
        value = "" if operator.endswith("answered") else (self.value.data or "").strip()
        return Line(subject, attribute, operator, value)


class ConditionFields:
    """Fields of a condition; call `offer` before the form is validated, then see `condition`.

    Where lines cannot show what is stored, the fields are gone and it stays as it is.
    """

    # Whether two answers may be compared.
    with_answers = False

    asked = RadioField(
        "When it is asked",
        choices=[
            SelectChoice(ALWAYS, "Always"),
            SelectChoice(ALL, "Only if all of these hold"),
            SelectChoice(ANY, "Only if any of these holds"),
        ],
        default=ALWAYS,
    )
    conditions = FieldList(FormField(LineFields), min_entries=MOST_LINES, max_entries=MOST_LINES)

    @classmethod
    def shown_condition(cls, stored: Condition | None) -> dict[str, Any]:
        """A condition as data for the fields."""
        how, lines = lines_of(stored, cls.with_answers) or (ALWAYS, [])
        return {"asked": how, "conditions": [line._asdict() for line in lines]}

    def offer(self: Any, items: Sequence[Question], stored: Condition | None) -> None:
        """Offer these items for comparison."""
        self.items, self.condition = items, stored
        if lines_of(stored, self.with_answers) is None:
            del self.asked, self.conditions
            return
        choices = [SelectChoice("", "Choose what is compared")]
        choices += [SelectChoice(item.id, _named(item)) for item in items]
        choices.append(SelectChoice(CONTACT, "Contact’s …"))
        known = {choice.value for choice in choices}
        for entry in self.conditions:
            chosen = entry.form.subject.data or ""
            lost = [] if chosen in known else [SelectChoice(chosen, f"{chosen}, not asked before")]
            entry.form.subject.choices = choices[:1] + lost + choices[1:]

    def lists(self: Any) -> dict[str, dict[str, str]]:
        """What can be compared with, with words, by what the lines compare; '' is any item."""
        subjects = dict.fromkeys(entry.form.subject.data or "" for entry in self.conditions)
        lists = {subject: self._values(subject) for subject in subjects}
        return {subject: values for subject, values in lists.items() if values}

    def _values(self: Any, subject: str) -> dict[str, str]:
        if subject:
            chosen = (item for item in self.items if item.id == subject)
            return next((values_of(item) for item in chosen), {})
        every = [(item.id, *one) for item in self.items for one in values_of(item).items()]
        said: dict[str, list[str]] = {}
        for name, value, words in every:
            said.setdefault(value, []).append(f"{name}: {words}" if words else name)
        return {value: ", ".join(words) for value, words in list(said.items())[:MOST_OFFERED]}

    def validate(self: Any, extra_validators: Any = None) -> bool:
        """Check all fields; what was typed is in `condition` afterwards."""
        sound: bool = super().validate(extra_validators)
        # A form that was posted without these fields changes nothing about the condition.
        if not self.asked or not self.asked.raw_data or self.asked.errors:
            return sound
        lines = [entry.form.line() for entry in self.conditions]
        read, problems = read_lines(
            self.asked.data, lines, self.items, self.condition, self.with_answers
        )
        if problems:
            self.asked.errors = [*self.asked.errors, *(_sentence(one) for one in problems)]
            return False
        self.condition = read
        return sound


def _named(item: Question) -> str:
    text = " ".join(item.text.split())
    short = text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
    return f"{item.id}: {short}{' (in seconds)' if isinstance(item, Duration) else ''}"


def _sentence(problem: Any) -> str:
    text = str(problem)
    return text[:1].upper() + text[1:]
