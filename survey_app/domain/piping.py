"""Earlier answers and what is known of the contact, repeated within later texts.

    {{q1}}  {{q1|nothing yet}}  {{contact.name|there}}

What stands behind the line is said where there is nothing to repeat; without it, nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.questionnaire import Answer, Question, Questionnaire, Section

CONTACT = "contact."
PIPE = re.compile(r"\{\{ *([^\W\d_][\w.\- ]{0,160})(?:\|([^{}\n]{0,200}))?\}\}")


def pipes_in(text: str) -> list[str]:
    """The names that a text repeats: ids of items, and 'contact.<attribute>'."""
    return [found[1].strip() for found in PIPE.finditer(text)]


def fill(text: str, say: Callable[[str], str]) -> str:
    """Return the text with its pipes filled; `say` gives the words for a name, '' for none."""
    return PIPE.sub(lambda found: say(found[1].strip()) or (found[2] or "").strip(), text)


def has_pipes(questionnaire: Questionnaire) -> bool:
    """Whether any text of the questionnaire differs from person to person."""
    texts = [questionnaire.title, questionnaire.introduction, questionnaire.thanks]
    for section in questionnaire.sections:
        texts.append(section.title)
        for question in section.questions:
            texts += texts_in(question)
    return any(pipes_in(text) for text in texts)


def texts_in(question: Question) -> list[str]:
    """The texts of a question that may repeat something."""
    texts = [question.text, question.help]
    if isinstance(question, Matrix):
        texts += [row.label for row in question.rows]
    elif isinstance(question, (Choice, Ranking, ConstantSum)):
        texts += [option.label for option in question.options]
    elif isinstance(question, Consent):
        texts.append(question.statement)
    return texts


def pipe(
    questionnaire: Questionnaire,
    answers: Mapping[str, Answer],
    contact: Mapping[str, str],
    say_answer: Callable[[Question, Answer], str] = lambda item, answer: item.say(answer),
) -> Questionnaire:
    """Return the questionnaire as one person reads it; plain text, to be escaped where shown.

    `say_answer` puts an answer into words.
    """
    # Items as their texts are filled: what is repeated may itself repeat something earlier.
    said = {item.id: item for item in questionnaire.items}

    def say(name: str) -> str:
        if name.startswith(CONTACT):
            return contact.get(name.removeprefix(CONTACT), "")
        answer = answers.get(name, {})
        return say_answer(said[name], answer) if name in said and "value" in answer else ""

    def in_question(question: Question) -> Question:
        changed = replace(question, text=fill(question.text, say), help=fill(question.help, say))
        if isinstance(changed, Matrix):
            rows = tuple(replace(row, label=fill(row.label, say)) for row in changed.rows)
            return replace(changed, rows=rows)
        if isinstance(changed, (Choice, Ranking, ConstantSum)):
            options = tuple(replace(one, label=fill(one.label, say)) for one in changed.options)
            return replace(changed, options=options)
        if isinstance(changed, Consent):
            return replace(changed, statement=fill(changed.statement, say))
        return changed

    def in_section(section: Section) -> Section:
        title = fill(section.title, say)
        questions = []
        for question in section.questions:
            questions.append(in_question(question))
            said.update((item.id, item) for item in questions[-1].items)
        return replace(section, title=title, questions=tuple(questions))

    sections = tuple(in_section(section) for section in questionnaire.sections)
    return replace(
        questionnaire,
        title=fill(questionnaire.title, say),
        introduction=fill(questionnaire.introduction, say),
        thanks=fill(questionnaire.thanks, say),
        sections=sections,
    )
