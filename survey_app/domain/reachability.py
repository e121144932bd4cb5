"""What nobody ever comes to: conditions that never hold, sections and questions out of reach,
constraints that cannot be kept together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey_app.domain.conditions import check_conditions, constraint_place
from survey_app.domain.paths import Paths
from survey_app.domain.places import question_place, section_place
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Condition, Questionnaire, Section
from survey_app.domain.routing import items_in


def can_be_searched(questionnaire: Questionnaire) -> bool:
    """Whether it is clear what each condition looks at, and what can be answered there."""
    names = [one.id.lower() for one in questionnaire.questions]
    items = [item.id.lower() for item in questionnaire.items]
    if len(set(names)) < len(names) or len(set(items)) < len(items):
        return False
    if check_conditions(questionnaire):
        return False
    looked_at = {
        name for condition in _conditions_of(questionnaire) for name in items_in(condition)
    }
    return not any(
        question.check()
        for question in questionnaire.questions
        if any(item.id in looked_at for item in question.items)
    )


def _conditions_of(questionnaire: Questionnaire) -> Iterator[Condition]:
    for section in questionnaire.sections:
        both = (section.show_if, *(question.show_if for question in section.questions))
        yield from (one for one in both if one is not None)
    yield from (constraint.must for constraint in questionnaire.constraints)


def find_unreachable(questionnaire: Questionnaire) -> list[Problem]:
    """Return the conditions that can never hold and the sections and questions never reached.

    [] where nothing can be searched (see `can_be_searched`).
    """
    return _Survey(questionnaire).find_unreachable() if can_be_searched(questionnaire) else []


def find_doubtful(questionnaire: Questionnaire) -> list[Problem]:
    """Return the conditions that hold for everybody who comes to them, and so decide nothing; and
    those that are too much to search. As for `find_unreachable`.
    """
    if not can_be_searched(questionnaire):
        return []
    survey = _Survey(questionnaire)
    survey.find_unreachable()
    idle = survey.find_idle()
    return [*idle, *(_not_searched(place) for place in survey.unknown)]


class _Survey:
    """Asks about each place of a questionnaire, and keeps where the answer is unknown."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.paths = Paths(questionnaire)
        # The numbers of the constraints, from 0, that can hold together with those before them.
        self.rules: list[int] = []
        self.unknown: dict[str, None] = {}

    def find_unreachable(self) -> list[Problem]:
        found = []
        for number, constraint in enumerate(self.questionnaire.constraints):
            place = constraint_place(number + 1)
            found += [
                problem.within(place)
                for problem in self._check_constraint(number, constraint.must, place)
            ]
        problems: list[Problem] = []
        for number, section in enumerate(self.questionnaire.sections, start=1):
            place = section_place(number, section.id)
            problems += [problem.within(place) for problem in self._check_section(section, place)]
        return problems + found

    def find_idle(self) -> list[Problem]:
        problems: list[Problem] = []
        for number, section in enumerate(self.questionnaire.sections, start=1):
            place = section_place(number, section.id)
            above = () if section.show_if is None else (section.show_if,)
            if above and self._never(f"{place}, show_if", ({"not": above[0]},)):
                problems.append(_idle(f"{place}, show_if"))
            for position, question in enumerate(section.questions, start=1):
                own = question.show_if
                here = f"{place}, {question_place(position, question.id)}, show_if"
                if own is not None and self._never(here, (*above, {"not": own})):
                    problems.append(_idle(here))
        for number, constraint in enumerate(self.questionnaire.constraints, start=1):
            place = f"{constraint_place(number)}, must"
            names = items_in(constraint.must)
            if self._never(place, ({"not": constraint.must},), names):
                message = (
                    "This rule holds whatever is answered, so nobody is ever asked to correct "
                    "anything. Remove it, or correct it."
                )
                problems.append(Problem(place, "always_holds", message))
        return problems

    def _never(
        self,
        place: str,
        conditions: Sequence[Condition],
        answered: Sequence[str] = (),
        rules: Sequence[int] = (),
    ) -> bool:
        """Whether nobody's path fulfils this; if it is unknown, the place is kept."""
        found = self.paths.can_be_reached(conditions, answered, rules)
        if found is None:
            self.unknown[place] = None
        return found is False

    def _check_section(self, section: Section, here: str) -> Iterator[Problem]:
        above = () if section.show_if is None else (section.show_if,)
        if above:
            if self.paths.can_hold(above) is False:
                yield _never_holds("show_if")
                return
            if self._never(f"{here}, show_if", above, (), self.rules):
                yield _unreachable("section")
                return
        for number, question in enumerate(section.questions, start=1):
            if question.show_if is None:
                continue
            place = question_place(number, question.id)
            if self.paths.can_hold((question.show_if,)) is False:
                yield _never_holds(f"{place}, show_if")
            elif self._never(
                f"{here}, {place}, show_if", (*above, question.show_if), (), self.rules
            ):
                yield _unreachable("question").within(place)

    def _check_constraint(self, number: int, must: Condition, here: str) -> Iterator[Problem]:
        names = items_in(must)
        place = f"{here}, must"
        if self._never(place, (), names):
            yield Problem(
                "must",
                "idle_constraint",
                f"The questions {', '.join(names)} are never all answered by one person, so this "
                "is never asked of anybody. Correct their conditions, or remove the constraint.",
            )
        elif self._never(place, (must,), names):
            yield _never_holds("must")
        elif self._never(place, (must,), names, self.rules):
            yield Problem(
                "must",
                "constraints_conflict",
                f"Whoever answers {', '.join(names)} can never keep this rule and those before it "
                "together, so nobody could send these answers. Correct one of them.",
            )
        else:
            self.rules.append(number)


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
        "on one path, or a constraint refuses them. Correct its condition, those of the questions "
        "it looks at, or the constraint.",
    )


def _not_searched(place: str) -> Problem:
    return Problem(
        place,
        "not_searched",
        "There are too many ways through to try them all, so nobody has checked whether this can "
        "hold. Try it in the preview, or make the conditions simpler.",
    )
