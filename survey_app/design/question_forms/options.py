"""Forms of questions about declared options: chosen, ranked, or given shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from survey_app.design.question_forms.line_checks import SoundLines
from survey_app.design.question_forms.lines import (
    CHOICE_MARKS,
    PLAIN_MARKS,
    read_options,
    write_options,
)
from survey_app.design.question_forms.question_form import (
    SHORT,
    QuestionForm,
    WholeNumber,
    need,
    order_of,
    random_field,
)

OPTIONS_NEEDED = "Write the options, one a line, such as: shop = In the shop"
LINES_HELP = "One a line: the code that is stored, =, what people see. Such as: shop = In the shop."
FIXED_HELP = "Write [fixed] at the end of a line that keeps its place in random order."
MARKS_HELP = (
    f"{LINES_HELP} Write [other] at the end of a line for an option that asks for words beside it, "
    "[alone] for one that goes together with no other, [fixed] for one that keeps its place in "
    "random order."
)


class OptionsForm(QuestionForm):
    """Options as lines, and whether their order is random."""

    marks: ClassVar[Mapping[str, str]] = PLAIN_MARKS

    options = TextAreaField(
        "Options",
        [DataRequired(OPTIONS_NEEDED), SoundLines("option", PLAIN_MARKS)],
        description=f"{LINES_HELP} {FIXED_HELP}",
        render_kw={"rows": 6},
    )
    random = random_field("options")

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.shown`."""
        options = write_options(stored.get("options", ()), cls.marks)
        return {**stored, "options": options, "random": bool(stored.get("order"))}

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        options = read_options(self.options.data, self.marks)
        return {**super().typed(stored), "options": options, "order": order_of(self.random.data)}


class ChoiceForm(OptionsForm):
    """One option, or several."""

    kind = "choice"
    marks = CHOICE_MARKS

    options = TextAreaField(
        "Options",
        [DataRequired(OPTIONS_NEEDED), SoundLines("option", CHOICE_MARKS)],
        description=MARKS_HELP,
        render_kw={"rows": 6},
    )
    multiple = BooleanField("Several may be chosen")
    least = WholeNumber("Of several, at least", [Optional()], render_kw=SHORT)
    most = WholeNumber("At most", [Optional()], render_kw=SHORT)
    random = random_field("options")

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        limits = {"least": self.least.data, "most": self.most.data}
        return {**super().typed(stored), "multiple": self.multiple.data, **limits}


class RankingForm(OptionsForm):
    """Options put into order."""

    kind = "ranking"

    places = WholeNumber(
        "Places",
        [Optional()],
        description="How many are ranked, such as 3 for the best three. Empty: all.",
        render_kw=SHORT,
    )

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {**super().typed(stored), "places": self.places.data}


class ConstantSumForm(OptionsForm):
    """A total shared out among options."""

    kind = "constant_sum"

    total = WholeNumber(
        "Total to share out", [need("the total, such as 100")], default=100, render_kw=SHORT
    )
    unit = StringField("Unit", description="Such as points.", render_kw=SHORT)

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        sharing = {"total": self.total.data, "unit": self.unit.data or ""}
        return {**super().typed(stored), **sharing}


class YesNoForm(QuestionForm):
    """Yes or no."""

    kind = "yes_no"
