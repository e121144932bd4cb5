"""The forms of all question types, and how the types are called and grouped for people."""

from __future__ import annotations

from typing import NamedTuple

from survey_app.design.question_forms.measures import DateForm, DurationForm, NumberForm, TimeForm
from survey_app.design.question_forms.options import (
    ChoiceForm,
    ConstantSumForm,
    RankingForm,
    YesNoForm,
)
from survey_app.design.question_forms.question_form import QuestionForm
from survey_app.design.question_forms.ratings import (
    CesForm,
    CsatForm,
    MatrixForm,
    NpsForm,
    RatingForm,
)
from survey_app.design.question_forms.words import ConsentForm, FileForm, InfoForm, TextForm

QUESTION_FORMS: dict[str, type[QuestionForm]] = {
    form.kind: form
    for form in (
        RatingForm,
        NpsForm,
        CsatForm,
        CesForm,
        MatrixForm,
        ChoiceForm,
        YesNoForm,
        RankingForm,
        ConstantSumForm,
        NumberForm,
        DateForm,
        TimeForm,
        DurationForm,
        TextForm,
        ConsentForm,
        InfoForm,
        FileForm,
    )
}


class Kind(NamedTuple):
    """A question type in words: its name, and what it asks for in a sentence."""

    type: str
    name: str
    purpose: str


KINDS: dict[str, tuple[Kind, ...]] = {
    "Ratings": (
        Kind("rating", "Rating", "One point of a scale of your own, such as 1 to 5."),
        Kind("matrix", "Several ratings", "Several things, each rated on one scale."),
        Kind("nps", "Recommendation (NPS)", "How likely people are to recommend you, 0 to 10."),
        Kind("csat", "Satisfaction (CSAT)", "How satisfied people are, 1 to 5."),
        Kind("ces", "Effort (CES)", "Whether it was made easy, from 1 (no) to 7 (yes)."),
    ),
    "Choices": (
        Kind("choice", "Choice", "One or several of your options, also “other” with words."),
        Kind("yes_no", "Yes or no", "One of the two."),
        Kind("ranking", "Ranking", "Your options in order, the best first."),
        Kind("constant_sum", "Shares", "A total, such as 100 points, shared out among options."),
    ),
    "Numbers and dates": (
        Kind("number", "Number", "A number in a unit, within a range."),
        Kind("date", "Date", "A day of the calendar."),
        Kind("time", "Time of day", "Hours and minutes on the clock."),
        Kind("duration", "Duration", "How long something took."),
    ),
    "Words and files": (
        Kind("text", "Words", "A short answer on one line, or a long one."),
        Kind("file", "File", "A picture, a PDF or another file."),
        Kind("consent", "Consent", "A box to tick beside a statement."),
        Kind("info", "Text to read", "Words between the questions; nothing is answered."),
    ),
}

NAMES = {kind.type: kind.name for kinds in KINDS.values() for kind in kinds}
