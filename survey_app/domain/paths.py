"""Whether conditions can hold together on somebody's path: found by search, never guessed.

Each answer is one of finitely many candidates that stand for all, or missing; the search narrows
sets of candidates, comparison by comparison, into terms of the conditions' disjunctive normal
form. What a condition looks at was asked on a path of its own, so that path's conditions join the
search. Comparisons are decided by `routing.compare` itself. Beyond a bounded number of terms
nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from survey_app.domain.candidates import Candidates, Name, Unknown, can_be_skipped, sides_of
from survey_app.domain.condition_fields import leaves_of
from survey_app.domain.questionnaire import Condition, Question, Questionnaire
from survey_app.domain.routing import compare, items_in

MOST_TERMS = 20_000
# Of all searches in one questionnaire together, so that a check stays a matter of a second.
MOST_TERMS_IN_ALL = 50_000
# Of each search in any case, so that one hard condition does not silence all that follow.
SURE_TERMS = 100

# What is still allowed: positions among the candidates of each name that is looked at.
Term: TypeAlias = dict[Name, frozenset[int]]
# (condition, whether it has to hold, what else has to be decided), or () for nothing more.
Todo: TypeAlias = tuple[Any, ...]
# The keys of the terms that led here, the last first, or ().
Trail: TypeAlias = tuple[Any, ...]


class Paths:
    """The conditions of a questionnaire, to be asked whether some of them can hold together."""

    def __init__(self, questionnaire: Questionnaire, sure: int = SURE_TERMS) -> None:
        """`sure` are the terms that each search may take when those of all are used up."""
        self._sure = sure
        self._items = {item.id: item for item in questionnaire.items}
        self._conditions: dict[str, tuple[Condition, ...]] = {}
        self._order: dict[str, int] = {}
        for section in questionnaire.sections:
            for question in section.questions:
                both = (section.show_if, question.show_if)
                own = tuple(one for one in both if one is not None)
                for item in question.items:
                    self._conditions[item.id] = own
                    self._order[item.id] = len(self._order)
        of_sections = (section.show_if for section in questionnaire.sections)
        of_questions = (question.show_if for question in questionnaire.questions)
        every = [one for one in (*of_sections, *of_questions) if one is not None]
        # Comparisons are known by what they are in memory: the rules are made once.
        self._rules = [_as_kept(constraint.must) for constraint in questionnaire.constraints]
        every += self._rules
        self._touched = [self._names_behind((rule,), ()) for rule in self._rules]
        self._shared = self._search(every)
        self._left = MOST_TERMS_IN_ALL

    def can_hold(self, conditions: Sequence[Condition]) -> bool | None:
        """Whether the conditions can hold together if all they look at is asked; None: unknown."""
        return self._ask(conditions, (), follow=False)

    def can_be_reached(
        self,
        conditions: Sequence[Condition],
        answered: Sequence[str] = (),
        rules: Collection[int] = (),
    ) -> bool | None:
        """Whether somebody's path fulfils the conditions, with these items answered on it.

        `rules` are the numbers, from 0, of the constraints that are kept on it as well.
        """
        found = self._ask(conditions, answered, follow=True)
        touching = self._touching(conditions, answered, rules) if found is not False else []
        if not touching:
            return found
        kept = [self._rules[number] for number in touching]
        return self._ask((*conditions, *kept), answered, follow=True)

    def _touching(
        self, conditions: Sequence[Condition], answered: Sequence[str], rules: Collection[int]
    ) -> list[int]:
        """Those rules that share something with the conditions, directly or through others."""
        names = self._names_behind(conditions, answered)
        left, touching = set(rules), set[int]()
        while found := {number for number in left if not names.isdisjoint(self._touched[number])}:
            left -= found
            touching |= found
            names = names.union(*(self._touched[number] for number in found))
        return sorted(touching)

    def _names_behind(self, conditions: Sequence[Condition], answered: Sequence[str]) -> set[Name]:
        names: set[Name] = {("question", item_id) for item_id in answered}
        for condition in self._behind(conditions, answered):
            for leaf in leaves_of(condition):
                subject, _operator, other = sides_of(leaf)
                names.update((subject,) if other is None else (subject, other))
        return names

    def _ask(
        self, conditions: Sequence[Condition], answered: Sequence[str], follow: bool
    ) -> bool | None:
        found, used_up = self._bounded(self._shared, conditions, answered, follow)
        if found is None and (self._left > 0 or not used_up):
            # With fewer comparisons to tell apart, fewer candidates may do.
            looked_at = self._behind(conditions, answered) if follow else list(conditions)
            found, _ = self._bounded(self._search(looked_at), conditions, answered, follow)
        return found

    def _bounded(
        self,
        search: _Search,
        conditions: Sequence[Condition],
        answered: Sequence[str],
        follow: bool,
    ) -> tuple[bool | None, bool]:
        """What a search says, and whether it took all the terms it might."""
        most = min(MOST_TERMS, max(self._sure, self._left))
        found, terms = search.run(conditions, answered, follow, most)
        self._left -= terms
        return found, terms > most

    def _search(self, conditions: Iterable[Condition]) -> _Search:
        candidates = Candidates(self._items, self._conditions, conditions)
        return _Search(candidates, self._items, self._conditions, self._order)

    def _behind(self, conditions: Sequence[Condition], answered: Sequence[str]) -> list[Condition]:
        """These conditions and those of all that they look at, directly or not."""
        behind = list(conditions)
        for item_id in answered:
            behind += self._conditions[item_id]
        seen: set[str] = set()
        for condition in behind:
            for item_id in items_in(condition):
                if item_id not in seen:
                    seen.add(item_id)
                    behind += self._conditions[item_id]
        return behind


class _Search:
    """Searches that share their candidates and what they have found out about terms."""

    def __init__(
        self,
        candidates: Candidates,
        items: dict[str, Question],
        conditions: dict[str, tuple[Condition, ...]],
        order: dict[str, int],
    ) -> None:
        self.candidates = candidates
        self.items = items
        self.conditions = conditions
        self.order = order
        self.known: dict[frozenset[Any], bool] = {}

    def run(
        self, conditions: Sequence[Condition], answered: Sequence[str], follow: bool, most: int
    ) -> tuple[bool | None, int]:
        """Whether there is a term under which all hold (None: unknown), and the terms tried."""
        todo = _together(((condition, True) for condition in conditions), ())
        terms = 0
        seen: set[frozenset[Any]] = set()
        try:
            start = {("question", one): self.candidates.answered(one) for one in answered}
            if not all(start.values()):
                return False, terms
            stack: list[tuple[Term, Todo, Trail]] = [(start, todo, ())]
            while stack:
                term, todo, trail = stack.pop()
                terms += 1
                if terms > most:
                    return None, terms
                if todo:
                    stack += [(*state, trail) for state in self._decide(term, todo)]
                    continue
                key = frozenset(term.items())
                item_id = self._latest(term) if follow else None
                if item_id is None or self.known.get(key):
                    self._keep(trail, True)
                    return True, terms
                if key not in seen and key not in self.known:
                    seen.add(key)
                    stack += [(*state, (key, trail)) for state in self._expand(term, item_id)]
        except Unknown:
            return None, terms
        self.known.update(dict.fromkeys(seen, False))
        return False, terms

    def _keep(self, trail: Trail, holds: bool) -> None:
        while trail:
            key, trail = trail
            self.known[key] = holds

    def _latest(self, term: Term) -> str | None:
        names = (name for subject, name in term if subject == "question")
        return max(names, key=self.order.__getitem__, default=None)

    def _decide(self, term: Term, todo: Todo) -> Iterator[tuple[Term, Todo]]:
        """The states that follow from deciding the first condition on the list."""
        condition, wanted, rest = todo
        for group in ("all", "any"):
            if group in condition:
                for part in condition[group]:
                    yield term, _together([(part, wanted)], rest)
                return
        yield from ((narrowed, rest) for narrowed in self._narrow(term, condition, wanted))

    def _narrow(self, term: Term, leaf: Condition, wanted: bool) -> Iterator[Term]:
        """The terms within this one under which a comparison holds (or does not)."""
        subject, operator, other = sides_of(leaf)
        allowed = term.get(subject, self.candidates.all_of(subject))
        if other is None:
            chosen = self.candidates.chosen_by(leaf)
            left = allowed & chosen if wanted else allowed - chosen
            if left:
                yield {**term, subject: left}
            return
        others = term.get(other, self.candidates.all_of(other))
        values, other_values = self.candidates.values(subject), self.candidates.values(other)
        # Candidates that stand in the same way to the other side need no terms of their own.
        alike: dict[frozenset[int], list[int]] = {}
        for at in allowed:
            partners = frozenset(
                one
                for one in others
                if compare(values[at], operator, other_values[one]) is wanted
                and (subject != other or one == at)
            )
            alike.setdefault(partners, []).append(at)
        for partners, fitting in alike.items():
            if partners:
                yield {**term, other: partners, subject: frozenset(fitting)}

    def _expand(self, term: Term, item_id: str) -> Iterator[tuple[Term, Todo]]:
        """What has to be decided about an item's own path; it is looked at no more after that."""
        name = ("question", item_id)
        allowed = term[name]
        rest = {other: left for other, left in term.items() if other != name}
        path = self.conditions[item_id]
        if 0 in allowed:
            if can_be_skipped(self.items[item_id]):
                yield rest, ()
            else:
                yield from ((rest, _together([(condition, False)], ())) for condition in path)
        if allowed - {0}:
            yield rest, _together(((condition, True) for condition in path), ())


def _as_kept(must: Condition) -> Condition:
    """When a constraint lets somebody pass: an item it names has no value, or it holds."""
    lacking = [{"question": item_id, "answered": False} for item_id in items_in(must)]
    return {"any": [*lacking, must]}


def _together(decided: Iterable[tuple[Condition, bool]], rest: Todo) -> Todo:
    """All of these before the rest: comparisons with a constant first, then those of two answers.

    They narrow what is left without a choice; what leaves a choice comes after them.
    """
    parts = sorted((part for one in decided for part in _parts_of(*one)), key=_hardness)
    for condition, wanted in reversed(parts):
        rest = (condition, wanted, rest)
    return rest


def _parts_of(condition: Condition, wanted: bool) -> Iterator[tuple[Condition, bool]]:
    """What has to hold (or not) all together, down to comparisons and to choices among several."""
    if "not" in condition:
        yield from _parts_of(condition["not"], not wanted)
        return
    group = "all" if wanted else "any"
    if group in condition:
        for part in condition[group]:
            yield from _parts_of(part, wanted)
        return
    yield condition, wanted


def _hardness(part: tuple[Condition, bool]) -> int:
    condition, _wanted = part
    for group in ("all", "any"):
        if group in condition:
            return 1 + len(condition[group])
    return 0 if sides_of(condition)[2] is None else 1
