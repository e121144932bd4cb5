"""The script on the customer's page shows and hides what the server would, on many questionnaires.

Each questionnaire is drawn from a seed, with every type of question, every operator and nested
conditions; its page is rendered by the server's own templates, filled with answers drawn as well.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser

from survey_app.domain.answers import Document, spread_answers
from survey_app.domain.condition_fields import OPERATORS, ORDERING, operator_of
from survey_app.domain.paging import lay_out
from survey_app.domain.question_types import TYPES
from survey_app.domain.questionnaire import OTHER_SUFFIX, Question
from survey_app.domain.routing import find_path
from survey_app.respond.rendering import _render_sheet
from survey_app.respond.versions import Version
from tests.factories.questionnaires import definition
from tests.respond.site import Site

QUESTIONNAIRES = 1000
AT_ONCE = 50

CONTACT = {"segment": "gold", "visits": "3", "since": "2026-01-05", "empty": ""}
CODES = ["a", "b c", "5", "é"]
WORDS = ["word", "5", "-2.5", "2026-01-05", "09:30", " word ", "two\nlines", "٣", "<b>&\"'", "gold"]
FILE = {"id": "0" * 32, "name": "a b.png", "size": 9, "type": "image/png"}
# What may be answered, by type of question.
POOLS: dict[str, list[Any]] = {
    "rating": [-1, 0, 1, 2],
    "nps": [0, 5, 10],
    "csat": [1, 3, 5],
    "ces": [1, 4, 7],
    "choice": CODES,
    "multiple": [["a"], ["b c", "5"], ["a", "b c", "5"], ["é"]],
    "yes_no": ["yes", "no"],
    "ranking": [CODES, [*reversed(CODES)], ["5", "a", "é", "b c"]],
    "constant_sum": [{"a": 5, "b c": 0, "5": 3, "é": 2}],
    "number": [-3.0, 0.0, 2.5, 3.0, 5.0, 1e-7, 123456789.5],
    "whole": [-3, 0, 3, 5, 10**15],
    "date": ["2025-12-31", "2026-01-05", "2026-01-06"],
    "time": ["00:00", "09:30", "23:59"],
    "duration": [0, 60, 5400, 3600],
    "text": WORDS,
    "consent": ["given"],
    "file": [FILE],
}
# With what each is compared mostly, if not as numbers are.
FIT = {
    "choice": ("equals", "one_of", "answered"),
    "multiple": ("includes", "answered"),
    "yes_no": ("equals", "one_of", "answered"),
    "ranking": ("includes", "answered"),
    "constant_sum": ("answered",),
    "text": ("equals", "one_of", "answered"),
    "consent": ("equals", "answered"),
    "file": ("answered",),
}
CONSTANTS = [
    one for pool in POOLS.values() for one in pool if isinstance(one, (str, int, float))
] + ["3", "+3", "1e3", "2026-1-5", "9:30", ""]
SCALE = {"lowest": -1, "highest": 2}
OPTIONS = [{"code": code, "label": f"Option {code}"} for code in CODES]
ROUTE = """forms => {
  const box = document.querySelector("main");
  box.innerHTML = forms.join("");
  return [...box.querySelectorAll("form")].map((form) => {
    // Whatever the server said is turned round first: the script has to decide by itself.
    for (const one of form.querySelectorAll("[data-show-if]")) one.hidden = !one.hidden;
    return [...window.soundings.route(form)].sort();
  });
}"""


class Drawn:
    """A questionnaire, a page of it and the answers to this page and those before it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.looked_at: list[tuple[str, str]] = []
        sections = [self.section(f"s{number}") for number in range(self.random.randint(1, 3))]
        self.definition = definition(sections=sections)
        if self.random.random() < 0.5:
            self.definition["paging"] = "sections"
        self.version = Version(self.definition)
        self.questionnaire = self.version.questionnaire
        pages = self.questionnaire.pages
        number = self.random.randrange(len(pages))
        self.page = pages[number].id
        self.answers: Document = {}
        for page in pages[: number + 1]:
            for question in page.questions:
                for item in question.items:
                    self.answer(item)

    def section(self, section_id: str) -> dict[str, Any]:
        asked = list(self.looked_at)
        questions = []
        for number in range(self.random.randint(3, 6)):
            questions.append(self.question(f"{section_id}q{number}"))
            if self.looked_at:
                # Shows, as it were, how the question before it was read.
                echo = {"id": f"{section_id}e{number}", "type": "info", "text": "So?"}
                questions.append(echo | {"show_if": self.leaf(self.looked_at[-1:])})
        section = {"id": section_id, "title": f"Section {section_id}", "questions": questions}
        if asked and self.random.random() < 0.4:
            section["show_if"] = self.condition(asked)
        return section

    def question(self, question_id: str) -> dict[str, Any]:
        kind = self.random.choice(sorted(TYPES))
        question: dict[str, Any] = {"id": question_id, "type": kind, "text": "Well?"}
        if self.looked_at and self.random.random() < 0.8:
            depth = self.random.choice([0, 0, 1, 3])
            question["show_if"] = self.condition(self.looked_at, depth)
        if kind not in ("info", "file", "consent") and self.random.random() < 0.4:
            question["missing"] = ["dont_know", "refused"]
        pool = kind
        match kind:
            case "rating" | "matrix":
                question["scale"] = SCALE
                question["look"] = self.random.choice(["stars", "faces", "numbers"])
            case "choice":
                options = [dict(one) for one in OPTIONS]
                options[3]["other"] = self.random.random() < 0.5
                question |= {"options": options, "multiple": self.random.random() < 0.5}
                pool = "multiple" if question["multiple"] else kind
            case "ranking":
                question["options"] = OPTIONS
            case "constant_sum":
                question |= {"options": OPTIONS, "total": 10}
            case "number":
                question["whole"] = self.random.random() < 0.5
                pool = "whole" if question["whole"] else kind
            case "duration":
                question["units"] = self.random.choice([["minutes"], ["hours", "minutes"]])
            case "consent":
                question["statement"] = "Yes, do."
        if kind == "matrix":
            question["rows"] = [{"code": code, "label": code} for code in ("one", "t-w_o")]
            self.looked_at += [(f"{question_id}.{code}", "rating") for code in ("one", "t-w_o")]
        elif kind != "info":
            self.looked_at.append((question_id, pool))
        return question

    def condition(self, known: list[tuple[str, str]], depth: int = 3) -> dict[str, Any]:
        group = self.random.random()
        if depth and group < 0.3:
            parts = [self.condition(known, depth - 1) for _ in range(self.random.randint(1, 3))]
            return {self.random.choice(["all", "any"]): parts}
        if depth and group < 0.45:
            return {"not": self.condition(known, depth - 1)}
        return self.leaf(known)

    def leaf(self, known: list[tuple[str, str]]) -> dict[str, Any]:
        if self.random.random() < 0.15:
            operator = self.random.choice(OPERATORS)
            attribute = self.random.choice([*CONTACT, "unknown"])
            return {"contact": attribute, operator: self.operand(operator, "text", known)}
        # Mostly what was asked just before: these stand under conditions themselves.
        item, pool = self.random.choice(known[-self.random.choice([2, 4, 99]) :])
        fit = FIT.get(pool, ("equals", "one_of", "answered", *ORDERING))
        operator = self.random.choice(fit if self.random.random() < 0.7 else OPERATORS)
        return {"question": item, operator: self.operand(operator, pool, known)}

    def operand(self, operator: str, pool: str, known: list[tuple[str, str]]) -> Any:
        if operator == "answered":
            return self.random.random() < 0.5
        if operator == "one_of":
            return [self.constant(pool) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.25:
            alike = [item for item, its_pool in known if its_pool == pool]
            others = [item for item, _pool in known]
            return {"question": self.random.choice(alike or others)}
        return self.constant(pool)

    def constant(self, pool: str) -> Any:
        """Mostly what could be answered, sometimes what is of another kind altogether."""
        values = POOLS[pool]
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        fit = [one for one in flat if not isinstance(one, dict)]
        return self.random.choice(fit if fit and self.random.random() < 0.8 else CONSTANTS)

    def answer(self, item: Question) -> None:
        if self.random.random() < 0.15:
            codes = [*item.missing, "skipped"]
            self.answers[item.id] = {"missing": self.random.choice(codes)}
            return
        kind = item.type
        if getattr(item, "multiple", False):
            kind = "multiple"
        elif getattr(item, "whole", False):
            kind = "whole"
        value = self.random.choice(POOLS[kind])
        self.answers[item.id] = {"value": value}
        if getattr(item, "other", None) and "é" in value:
            self.answers[item.id]["other"] = "something else"

    def form(self) -> str:
        """The page's form as the server renders it, with the answers filled in."""
        sheet = lay_out(self.questionnaire, self.page, self.answers, CONTACT)
        typed = dict(spread_answers(sheet.page.questions, self.answers))
        for name in list(typed):
            if name.endswith(OTHER_SUFFIX) and self.random.random() < 0.5:
                # Words beside "other" choose it, also where its box is not ticked.
                item = name.removesuffix(OTHER_SUFFIX)
                typed[item] = [code for code in typed[item] if code != "é"]
        page = _render_sheet(self.version, self.questionnaire, sheet, "en", typed=typed)
        return page[page.index("<form") : page.index("</form>") + len("</form>")]

    def hidden(self) -> list[str]:
        """The questions that are on the page and not on the path."""
        sheet = lay_out(self.questionnaire, self.page, self.answers, CONTACT)
        path = {question.id for question in find_path(self.questionnaire, self.answers, CONTACT)}
        on_page = {block.question.id for part in sheet.parts for block in part.blocks}
        left_out = {question.id for question in sheet.page.questions} - on_page
        assert not left_out & path
        return sorted(on_page - path)


def operators_in(condition: Any) -> set[str]:
    if isinstance(condition, list):
        return {one for part in condition for one in operators_in(part)}
    for group in ("all", "any", "not"):
        if group in condition:
            return operators_in(condition[group])
    return {operator_of(condition)}


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return [Drawn(seed) for seed in range(QUESTIONNAIRES)]


def test_the_script_hides_what_the_server_hides(
    site: Site, browser: Browser, drawn: list[Drawn]
) -> None:
    page = browser.new_page()
    page.goto(site.link(definition()))
    with site.app.test_request_context("/r/x"):
        forms = [one.form() for one in drawn]
    found: list[list[str]] = []
    for start in range(0, len(forms), AT_ONCE):
        found += page.evaluate(ROUTE, forms[start : start + AT_ONCE])
    page.context.close()
    wrong = [
        (seed, hidden, one.hidden())
        for seed, (one, hidden) in enumerate(zip(drawn, found, strict=True))
        if hidden != one.hidden()
    ]
    assert wrong == []


def test_the_questionnaires_drawn_have_all_that_can_be_decided(drawn: list[Drawn]) -> None:
    questions = [one for each in drawn for one in each.questionnaire.questions]
    assert {one.type for one in questions} == set(TYPES)
    used = {name for one in questions if one.show_if for name in operators_in(one.show_if)}
    assert used == set(OPERATORS)
    sheets = [lay_out(one.questionnaire, one.page, one.answers, CONTACT) for one in drawn]
    left = [
        block
        for sheet in sheets
        for part in sheet.parts
        for block in part.blocks
        if block.condition
    ]
    hidden = sum(block.hidden for block in left)
    assert len(left) > QUESTIONNAIRES
    assert 0.2 < hidden / len(left) < 0.8
