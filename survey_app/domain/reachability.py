"""What nobody ever comes to: conditions that never hold, sections and questions out of reach."""

from __future__ import annotations

from collections.abc import Iterator

from survey_app.domain.conditions import constraint_place
from survey_app.domain.paths import Paths
from survey_app.domain.places import question_place, section_place
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Condition, Questionnaire, Section
from survey_app.domain.routing import items_in


def find_unreachable(questionnaire: Questionnaire) -> list[Problem]:
    """Return the conditions that can never hold and the sections and questions never reached.

    Its conditions must be free of problems (see `conditions`), its questions sound.
    """
    paths = Paths(questionnaire)
    problems: list[Problem] = []
    for number, section in enumerate(questionnaire.sections, start=1):
        place = section_place(number, section.id)
        problems += [problem.within(place) for problem in _check_section(paths, section)]
    for number, constraint in enumerate(questionnaire.constraints, start=1):
        place = constraint_place(number)
        problems += [problem.within(place) for problem in _check_constraint(paths, constraint.must)]
    return problems


def find_idle(questionnaire: Questionnaire) -> list[Problem]:
    """Return the conditions that hold for everybody who comes to them, and so decide nothing.

    As for `find_unreachable`, all else must be sound.
    """
    paths = Paths(questionnaire)
    problems: list[Problem] = []
    for number, section in enumerate(questionnaire.sections, start=1):
        place = section_place(number, section.id)
        above = () if section.show_if is None else (section.show_if,)
        if above and paths.can_be_reached(({"not": above[0]},)) is False:
            problems.append(_idle(f"{place}, show_if"))
        for position, question in enumerate(section.questions, start=1):
            own = question.show_if
            if own is not None and paths.can_be_reached((*above, {"not": own})) is False:
                problems.append(_idle(f"{place}, {question_place(position, question.id)}, show_if"))
    return problems


def _check_section(paths: Paths, section: Section) -> Iterator[Problem]:
    above = () if section.show_if is None else (section.show_if,)
    if above:
        if paths.can_hold(above) is False:
            yield _never_holds("show_if")
            return
        if paths.can_be_reached(above) is False:
            yield _unreachable("section")
            return
    for number, question in enumerate(section.questions, start=1):
        if question.show_if is None:
            continue
        place = question_place(number, question.id)
        if paths.can_hold((question.show_if,)) is False:
            yield _never_holds(f"{place}, show_if")
        elif paths.can_be_reached((*above, question.show_if)) is False:
            yield _unreachable("question").within(place)


def _check_constraint(paths: Paths, must: Condition) -> Iterator[Problem]:
    names = items_in(must)
    if paths.can_be_reached((), names) is False:
        yield Problem(
            "must",
            "idle_constraint",
            f"The questions {', '.join(names)} are never all answered by one person, so this is "
            "never asked of anybody. Correct their conditions, or remove the constraint.",
        )
    elif paths.can_be_reached((must,), names) is False:
        yield _never_holds("must")


def _never_holds(place: str) -> Problem:
    return Problem(
        place,
        "never_holds",
        "This condition can never hold, whatever is answered. Correct it, or remove it.",
    )


def _idle(place: str) -> Problem:
    return Problem(
        place,
        "always_holds",
        "This condition holds for everybody who comes here, so it decides nothing. Remove it, or "
        "correct it.",
    )


def _unreachable(kind: str) -> Problem:
    return Problem(
        "",
        "unreachable",
        f"Nobody ever comes to this {kind}: the answers that its condition needs are never given "
        "on one path. Correct its condition or those of the questions it looks at.",
    )
