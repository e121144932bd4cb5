"""What the examples declare is there, can be read, and says where it comes from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.kpi import RatingSource, ScopeType, Scorebook, read_scorebook
from analysis.periods import Period
from survey_app.design.reading import read_document
from survey_app.domain.checking import check
from survey_app.domain.question_types.rating import Rating
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.wire import load_definition
from survey_app.respond.answer_mapping import read_mapping

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("sales_visits", "service_desk")

# As they were published; a change of a single byte would no longer be their data.
ORIGINALS = {
    "survey_severity.csv": "ec9f4f501d6e35c29747b79714297a4a706b76f7ff3203990147290ae0740d22",
    "incident_resolution.csv": "31757fd150978f7cf6823e1ccea5bac334682f828fc3719af2d2db8189f49446",
    "monthly_figures.csv": "e09f7d61a4f55f702425df037f215a1b2e8b71ae1225b1ce802325af66f3b286",
}


def manifest_of(name: str) -> dict[str, Any]:
    return yaml.safe_load((EXAMPLES / name / "example.yaml").read_text(encoding="utf-8"))


def questionnaires_of(name: str) -> dict[str, Questionnaire]:
    found = {}
    for file in manifest_of(name)["questionnaires"]:
        document, problems = read_document((EXAMPLES / name / file).read_bytes())
        assert problems == []
        questionnaire, problems = load_definition(document)
        assert problems == []
        assert questionnaire is not None
        assert check(questionnaire) == []
        found[questionnaire.key] = questionnaire
    return found


def scorebook_of(name: str) -> Scorebook:
    file = EXAMPLES / name / manifest_of(name)["scorebook"]
    return read_scorebook(file.read_text(encoding="utf-8"), file.name)


def test_every_folder_of_examples_has_a_manifest() -> None:
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/example.yaml")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_manifest_names_is_there(name: str) -> None:
    manifest = manifest_of(name)
    assert manifest["format"] == "soundings-example/1"
    assert manifest["name"] == name
    parts = [*manifest["answers"], *manifest["visits"], *manifest["figures"]]
    named = [part[key] for part in parts for key in ("file", "mapping") if key in part]
    named += [*manifest["questionnaires"], *manifest["contacts"], manifest["scorebook"]]
    missing = [file for file in named if not (EXAMPLES / name / file).is_file()]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_questionnaires_can_be_published_and_their_mappings_fit_them(name: str) -> None:
    questionnaires = questionnaires_of(name)
    for part in manifest_of(name)["answers"]:
        document, problems = read_document((EXAMPLES / name / part["mapping"]).read_bytes())
        assert problems == []
        questionnaire = questionnaires[part["questionnaire"]]
        mapping, problems = read_mapping(document, questionnaire)
        assert problems == []
        assert mapping is not None
        assert set(mapping.questions) == {question.id for question in questionnaire.questions}
        assert mapping.answered_at.column or mapping.answered_at.why


@pytest.mark.parametrize("name", NAMES)
def test_the_scorebook_asks_only_for_what_the_example_has(name: str) -> None:
    manifest, book = manifest_of(name), scorebook_of(name)
    units = {unit["key"]: unit["name"] for unit in manifest["units"]}
    assert {unit.id: unit.name for unit in book.units if unit.parent} == units
    people = {one["key"]: (one["name"], one["unit"]) for one in manifest["representatives"]}
    assert {one.id: (one.name, one.unit) for one in book.representatives} == people
    ratings = {
        (key, question.id)
        for key, questionnaire in questionnaires_of(name).items()
        for question in questionnaire.questions
        if isinstance(question, Rating)
    }
    milestones = {
        (process["key"], milestone)
        for process in manifest["processes"]
        for milestone in ("end", *(stage["key"] for stage in process["stages"]))
    }
    measures = {measure["key"] for measure in manifest["measures"]}
    for kpi in book.kpis:
        wanted = vars(kpi.source)
        if isinstance(kpi.source, RatingSource):
            assert (kpi.source.questionnaire, kpi.source.question) in ratings, kpi.id
        elif "milestone" in wanted:
            assert (wanted["process"], wanted["milestone"]) in milestones, kpi.id
        else:
            assert set(wanted.values()) <= measures, kpi.id


@pytest.mark.parametrize("name", NAMES)
def test_every_kpi_has_a_target_in_every_scored_period(name: str) -> None:
    book = scorebook_of(name)
    for label in manifest_of(name)["score"]:
        start = Period.parse(label).start
        for kpi in book.kpis:
            for scope in book.scopes_of(kpi):
                assert book.target_for(kpi.id, scope, start) is not None, (kpi.id, scope.label)


def test_the_real_data_are_unchanged_and_their_licences_are_named() -> None:
    folder = EXAMPLES / "service_desk"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    licences = (folder / "LICENCES.md").read_text(encoding="utf-8")
    assert {path.name for path in folder.glob("*.csv")} == set(ORIGINALS)
    for name, digest in ORIGINALS.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
        assert f"`{name}`" in readme
        assert f"## {name}" in licences
    for words in ("CC0 1.0", "Attribution 4.0", "Amaral, Fantinato, Peres", "public domain"):
        assert words in licences
    assert manifest_of("service_desk")["simulated"] is False


def test_targets_that_nobody_agreed_are_called_placeholders() -> None:
    assert {target.source for target in scorebook_of("service_desk").targets} == {"placeholder"}


def test_whatever_was_simulated_says_so_wherever_it_is_shown() -> None:
    manifest, book = manifest_of("sales_visits"), scorebook_of("sales_visits")
    assert manifest["simulated"] is True
    shown = [manifest["title"], *(goal.name for goal in book.goals)]
    for part in ("units", "representatives", "processes", "measures"):
        shown += [entry["name"] for entry in manifest[part]]
    assert [name for name in shown if "simulated" not in name] == []


def test_representatives_have_targets_and_a_kpi_of_their_own() -> None:
    book = scorebook_of("sales_visits")
    scopes = {target.scope_type for target in book.targets}
    assert scopes == {ScopeType.ALL, ScopeType.UNIT, ScopeType.REPRESENTATIVE}
    people = {one.id for one in book.representatives}
    assert [kpi.id for kpi in book.kpis if len(kpi.only_for) == 1 and people & set(kpi.only_for)]
