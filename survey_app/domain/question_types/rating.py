"""Ratings: one whole point of a scale; four types, of which three have their scale for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from marshmallow import post_load

from survey_app.domain.cells import read_whole
from survey_app.domain.definition_fields import (
    Part,
    PartField,
    WholeField,
    WordField,
)
from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.mapping_fields import AnchorsField
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Answer, Definition, Question, QuestionPart, Value

DIRECTIONS = ("higher_is_better", "lower_is_better")
MOST_POINTS = 101
# How the points are shown. All can be read without seeing them: each point has a name.
LOOKS = ("numbers", "stars", "faces")
# Faces go from sad to happy; more than these would not be told apart.
MOST_FACES = 5
MOST_STARS = 10


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The points from lowest to highest, which end is better, and words for some points."""

    lowest: int
    highest: int
    direction: str = DIRECTIONS[0]
    anchors: Mapping[int, str] = field(default_factory=dict, hash=False)

    @property
    def points(self) -> range:
        """All points, lowest first."""
        return range(self.lowest, self.highest + 1)

    def flaws(self, look: str = "") -> Iterator[Problem]:
        """What is wrong with the scale, at the place `scale`, or with looking so, at `look`."""
        if self.lowest >= self.highest:
            yield Problem(
                "scale",
                "reversed_scale",
                f"The scale runs from {self.lowest} to {self.highest}. Give `highest` a number "
                "above `lowest`; for a scale whose low end is better, use `direction: "
                "lower_is_better`.",
            )
            return
        if len(self.points) > MOST_POINTS:
            yield Problem(
                "scale",
                "too_many_points",
                f"The scale has {len(self.points)} points. Use {MOST_POINTS} or fewer, or ask for "
                "a number instead.",
            )
        outside = [str(point) for point in self.anchors if point not in self.points]
        if outside:
            yield Problem(
                "scale",
                "anchor_outside",
                f"There are anchors at {', '.join(outside)}, outside the scale from "
                f"{self.lowest} to {self.highest}. Move or remove them.",
            )
        most = {"faces": MOST_FACES, "stars": MOST_STARS}.get(look, MOST_POINTS)
        if most < len(self.points) <= MOST_POINTS:
            yield Problem(
                "look",
                "too_many_points",
                f"The scale has {len(self.points)} points, too many for {look}. Use {most} or "
                "fewer, or show them as numbers.",
            )


class ScalePart(Part):
    """Definition of a scale."""

    lowest = WholeField(required=True)
    highest = WholeField(required=True)
    direction = WordField(known=DIRECTIONS, load_default=DIRECTIONS[0])
    anchors = AnchorsField(load_default=dict)

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Scale:
        return Scale(**loaded)


class RatingPart(QuestionPart):
    """Definition of a rating question."""

    scale = PartField(ScalePart, required=True)
    look = WordField(known=LOOKS, load_default="")


@dataclass(frozen=True, kw_only=True)
class Rated(Question):
    """A question answered with one point of its scale; the value is an int."""

    scale: Scale
    look: str = ""

    @property
    def picks_one(self) -> bool:
        """See `Question.picks_one`."""
        return True

    def check(self) -> list[Problem]:
        """See `Question.check`: the scale, and whether its points can look as they should."""
        return list(self.scale.flaws(self.look))

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        point = read_whole(with_ascii_digits(given), self.id)
        if isinstance(point, Problem):
            return point
        if point not in self.scale.points:
            return Problem.told(
                self.id,
                "outside_scale",
                "{point} is outside the scale. Answer with a whole number from {lowest} to "
                "{highest}.",
                point=point,
                lowest=self.scale.lowest,
                highest=self.scale.highest,
            )
        return point

    def say(self, answer: Answer) -> str:
        """See `Question.say`: the point's word, where it has one."""
        return self.scale.anchors.get(answer["value"], str(answer["value"]))

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: all points."""
        return list(self.scale.points[:MOST_POINTS])


@dataclass(frozen=True, kw_only=True)
class Rating(Rated):
    """A rating on a scale of one's own."""

    type: ClassVar[str] = "rating"
    definition: ClassVar[Definition] = RatingPart


class FixedScalePart(QuestionPart):
    """Definition of a rating whose scale belongs to its type: only the words are one's own."""

    anchors = AnchorsField(load_default=dict)
    look = WordField(known=LOOKS, load_default="")


@dataclass(frozen=True, kw_only=True)
class FixedRating(Rated):
    """A rating whose type sets the scale, so that its results compare with everybody's."""

    definition: ClassVar[Definition] = FixedScalePart
    lowest: ClassVar[int]
    highest: ClassVar[int]

    scale: Scale = field(init=False)
    anchors: Mapping[int, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        scale = Scale(lowest=self.lowest, highest=self.highest, anchors=self.anchors)
        object.__setattr__(self, "scale", scale)

    def check(self) -> list[Problem]:
        """See `Question.check`; there is no key `scale`, only its words can be wrong."""
        return [
            replace(problem, place="anchors") if problem.place == "scale" else problem
            for problem in super().check()
        ]


@dataclass(frozen=True, kw_only=True)
class Nps(FixedRating):
    """How likely one is to recommend, 0 to 10; promoters are 9 and 10, detractors 0 to 6."""

    type: ClassVar[str] = "nps"
    lowest: ClassVar[int] = 0
    highest: ClassVar[int] = 10


@dataclass(frozen=True, kw_only=True)
class Csat(FixedRating):
    """Customer satisfaction, 1 to 5; satisfied are 4 and 5."""

    type: ClassVar[str] = "csat"
    lowest: ClassVar[int] = 1
    highest: ClassVar[int] = 5


@dataclass(frozen=True, kw_only=True)
class Ces(FixedRating):
    """Customer effort score (its second form): agreement that it was made easy, 1 to 7.

    Those who agree are 5 to 7.
    """

    type: ClassVar[str] = "ces"
    lowest: ClassVar[int] = 1
    highest: ClassVar[int] = 7
