"""A rating: one whole point of a declared scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import post_load

from survey_app.domain.cells import read_whole
from survey_app.domain.definition_fields import (
    AnchorsField,
    Part,
    PartField,
    WholeField,
    WordField,
)
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value

DIRECTIONS = ("higher_is_better", "lower_is_better")
MOST_POINTS = 101


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


@dataclass(frozen=True, kw_only=True)
class Rating(Question):
    """A question answered with one point of its scale; the value is an int."""

    type: ClassVar[str] = "rating"
    definition: ClassVar[Definition] = RatingPart

    scale: Scale

    @property
    def picks_one(self) -> bool:
        """See `Question.picks_one`."""
        return True

    def check(self) -> list[Problem]:
        """See `Question.check`: the scale's order, size and anchors."""
        return [Problem("scale", code, message) for code, message in self._flaws_of_scale()]

    def _flaws_of_scale(self) -> Iterator[tuple[str, str]]:
        scale = self.scale
        if scale.lowest >= scale.highest:
            yield (
                "reversed_scale",
                f"The scale runs from {scale.lowest} to {scale.highest}. Give `highest` a number "
                "above `lowest`; for a scale whose low end is better, use `direction: "
                "lower_is_better`.",
            )
            return
        if len(scale.points) > MOST_POINTS:
            yield (
                "too_many_points",
                f"The scale has {len(scale.points)} points. Use {MOST_POINTS} or fewer, or ask for "
                "a number instead.",
            )
        outside = [str(point) for point in scale.anchors if point not in scale.points]
        if outside:
            yield (
                "anchor_outside",
                f"There are anchors at {', '.join(outside)}, outside the scale from "
                f"{scale.lowest} to {scale.highest}. Move or remove them.",
            )

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = [value.strip() for value in values if value.strip()]
        if not given:
            return None
        if problem := self.refuse_several(given):
            return problem
        point = read_whole(given[0], self.id)
        if isinstance(point, Problem):
            return point
        if point not in self.scale.points:
            return Problem(
                self.id,
                "outside_scale",
                f"{point} is outside the scale. Answer with a whole number from "
                f"{self.scale.lowest} to {self.scale.highest}.",
            )
        return point

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        return [str(value)]
