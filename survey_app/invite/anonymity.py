"""What keeps a campaign from being anonymous: all that would lead from a response to its person."""

from __future__ import annotations

from datetime import datetime

from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.file import File
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.routing import attributes_in


def anonymity_problems(
    questionnaire: Questionnaire, answers_may_change: bool, closes_at: datetime | None
) -> list[Problem]:
    """Why this cannot be asked in an anonymous campaign; nothing, where it can."""
    problems = [
        Problem(
            "questionnaire",
            "asks_for_files",
            f"The question {quoted(question.id)} asks for a file, and files are kept by the link "
            "that they came with. Take it out, or make the campaign confidential.",
        )
        for question in questionnaire.questions
        if isinstance(question, File)
    ]
    for one in (*questionnaire.sections, *questionnaire.questions):
        if one.show_if is not None and (names := attributes_in(one.show_if)):
            text = (
                f"Whether {quoted(one.id)} is asked depends on what is known of the contact "
                f"({', '.join(names)}), so what was asked would tell it. Take the condition out, "
                "or make the campaign confidential."
            )
            problems.append(Problem("questionnaire", "depends_on_contact", text))
    if answers_may_change:
        text = (
            "Anonymous answers cannot be changed once they are sent, since nobody can tell which "
            "are whose. Take that out, or make the campaign confidential."
        )
        problems.append(Problem("changes", "not_anonymous", text))
    if closes_at is None:
        text = (
            "An anonymous campaign needs a last day for answers: those with too few others beside "
            "them are kept sealed until then."
        )
        problems.append(Problem("last day", "missing", text))
    return problems
