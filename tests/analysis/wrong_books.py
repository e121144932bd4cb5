"""KPIs and scorebooks that cannot be used, each with the code of what is wrong with it."""

from datetime import date

from tests.analysis.building import figure_kpi, kpi, median_kpi, target

TOP_BOX = {"statistic": "top_box", "cut": 4, "unit": "share", "score": {"worst": 0, "best": 1}}
NET_SCORE = {"statistic": "net_score", "promoters_from": 9, "detractors_to": 6}
RED = {"rule": "red_target", "red": 5}
RANGE = {"rule": "in_range", "outer_low": 1, "low": 2, "high": 3, "outer_high": 4}
ADJUST = {"index": "demand", "at_setting": 100, "elasticity": 0.5, "justification": "Agreed."}

WRONG_KPIS = [
    (kpi(statistc="mean"), "unknown_key"),
    (kpi(statistic="median"), "unknown_word"),
    (kpi(statistic=None), "missing_key"),
    (kpi(name="  "), "empty"),
    (kpi(version=0), "not_whole"),
    (kpi(weight=-1), "negative_weight"),
    (kpi(weight="heavy"), "not_a_number"),
    (kpi(goal="speed"), "unknown_goal"),
    (kpi(direction="up"), "unknown_word"),
    (kpi(source={"questionnaire": "feedback"}), "missing_key"),
    (kpi(source={"process": "p", "milestone": "m"}), "missing_key"),
    (kpi(source=["feedback", "q1"]), "not_a_mapping"),
    (kpi(source={"questionnaire": "f", "question": "q", "versions": [0]}), "not_whole"),
    (kpi(source={"questionnaire": "f", "question": "q", "versions": ["1.5"]}), "not_whole"),
    (kpi(source={"questionnaire": "f", "question": "q", "versions": [[1]]}), "not_text"),
    (kpi(source={"questionnaire": "f", "question": "q", "versions": [1, 1]}), "repeated"),
    (median_kpi(source={"process": "sale"}), "missing_key"),
    (figure_kpi(source={"numerator": "a", "denominator": "b"}), "missing_key"),
    (figure_kpi(statistic="ratio"), "missing_key"),
    (figure_kpi(statistic="ratio", source={"numerator": "a", "denominator": "a"}),
     "same_measure"),
    (kpi(score={"worst": 5, "best": 5}), "worst_equals_best"),
    (kpi(score={"worst": 5, "best": 1}), "score_against_direction"),
    (kpi(score={"worst": 0}), "missing_key"),
    (kpi(score={"worst": 0, "best": 1, "red": 2}), "unknown_key"),
    (kpi(score={"rule": "curve", "worst": 0, "best": 1}), "unknown_word"),
    (kpi(score={"rule": "red_target", "worst": 0, "best": 1}), "missing_key"),
    (kpi(score=RED | {"red": "low"}), "not_a_number"),
    (kpi(score=RED | {"target": 9}), "unknown_key"),
    (kpi(score=RANGE | {"best": 9}), "unknown_key"),
    (kpi(score={key: RANGE[key] for key in RANGE if key != "high"}), "missing_key"),
    (kpi(score=RANGE | {"low": 3, "high": 2}), "limits_out_of_order"),
    (kpi(score=RANGE | {"outer_low": 2}), "limits_out_of_order"),
    (kpi(score=RANGE | {"outer_high": 3}), "limits_out_of_order"),
    (median_kpi(statistic="restricted_mean"), "missing_option"),
    (median_kpi(statistic="restricted_mean", tau=0), "not_positive"),
    (median_kpi(statistic="share_within"), "missing_option"),
    (median_kpi(statistic="km_quantile"), "missing_option"),
    (median_kpi(statistic="km_quantile", quantile=1), "not_a_share"),
    (median_kpi(quantile=0.9), "option_of_another_statistic"),
    (median_kpi(tau=9), "option_of_another_statistic"),
    (median_kpi(within=9), "option_of_another_statistic"),
    (figure_kpi(statistic="last", events="poisson"), "option_of_another_statistic"),
    (kpi(events="poisson"), "option_of_another_statistic"),
    (figure_kpi(events="normal"), "unknown_word"),
    (kpi(score=None), "missing_key"),
    (kpi(cut=4), "option_of_another_statistic"),
    (kpi(**(TOP_BOX | {"cut": None})), "missing_option"),
    (kpi(**NET_SCORE, cut=4), "option_of_another_statistic"),
    (kpi(**(NET_SCORE | {"promoters_from": None})), "missing_option"),
    (kpi(**(NET_SCORE | {"detractors_to": 9})), "cuts_overlap"),
    (median_kpi(unit_of_analysis="customer"), "option_of_another_statistic"),
    (kpi(in_denominator=["dont_know"]), "option_of_another_statistic"),
    (kpi(promoters_from=9, detractors_to=6), "option_of_another_statistic"),
    (kpi(**TOP_BOX, in_denominator=["not_shown"]), "not_shown_counted"),
    (kpi(**TOP_BOX, in_denominator=["tired"]), "unknown_word"),
    (kpi(**TOP_BOX, in_denominator=["refused", "refused"]), "repeated"),
    (kpi(scopes=[]), "no_scope"),
    (kpi(scopes=["team"]), "unknown_word"),
    (kpi(scopes=["unit", "unit"]), "repeated"),
    (kpi(**{"for": ["zoe"]}), "unknown_scope"),
    (kpi(**{"for": [["anna"]]}), "not_text"),
    (kpi(**{"for": ["anna", "anna"]}), "repeated"),
    (kpi(**{"for": ["anna"], "scopes": ["unit"]}), "scope_left_out"),
]  # fmt: skip

# What a whole book holds otherwise than ``document(kpi())``.
WRONG_BOOKS = [
    ({"format": "soundings-scorebook/9"}, "unknown_word"),
    ({"time_zone": "Mars"}, "unknown_time_zone"),
    ({"time_zone": "../etc/passwd"}, "unknown_time_zone"),
    ({"units": [{"id": "a", "name": "A", "parent": "b"}], "representatives": []},
     "unknown_unit"),
    ({"units": [{"id": "a", "name": "A", "parent": "b"}, {"id": "b", "name": "B",
     "parent": "a"}], "representatives": []}, "parent_circle"),
    ({"units": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}], "representatives": []},
     "repeated_id"),
    ({"representatives": [{"id": "zoe", "name": "Zoe", "unit": "moon"}]}, "unknown_unit"),
    ({"goals": [{"id": "quality", "name": "Q", "least_coverage": 50}]}, "not_a_share"),
    ({"goals": [{"id": "quality", "name": "Q", "aggregation": "harmonic"}]}, "unknown_word"),
    ({"goals": [{"id": "quality", "name": "Q", "target": 101}]}, "not_a_score"),
    ({"goals": [{"id": "quality", "name": "Q", "target": -1}]}, "not_a_score"),
    ({"goals": [{"id": "quality", "name": "Q", "target": "high"}]}, "not_a_number"),
    ({"goals": {"quality": "Q"}}, "not_a_list"),
    ({"goals": ["quality"]}, "not_a_mapping"),
    ({"targets": [target(1, kpi="other")]}, "unknown_kpi"),
    ({"targets": [target(1, scope_type="unit", scope_id="moon")]}, "unknown_unit"),
    ({"targets": [target(1, scope_type="unit")]}, "missing_key"),
    ({"targets": [target(1, scope_id="leasing")]}, "scope_of_all"),
    ({"targets": [target(1, valid_to=date(2026, 1, 1))]}, "ends_before_start"),
    ({"targets": [target(1, valid_from="soon")]}, "not_a_date"),
    ({"targets": [target(1, valid_from="2026-W01-1")]}, "not_a_date"),
    ({"targets": [target(1, valid_from=20260101)]}, "not_a_date"),
    ({"targets": [target("1")]}, "not_a_number"),
    ({"targets": [target(float("inf"))]}, "not_a_number"),
    ({"targets": [target(1e16)]}, "too_large"),
    ({"targets": [target(1, source="guess")]}, "unknown_word"),
    ({"targets": [target(1), target(2)]}, "repeated_target"),
    ({"targets": [target(1, adjust="demand")]}, "not_a_mapping"),
    ({"targets": [target(1, adjust=ADJUST | {"at_setting": 0})]}, "not_positive"),
    ({"targets": [target(1, adjust=ADJUST | {"elasticity": "half"})]}, "not_a_number"),
    ({"targets": [target(1, adjust=ADJUST | {"justification": " "})]}, "empty"),
    ({"targets": [target(1, adjust=ADJUST | {"index": None})]}, "missing_key"),
    ({"targets": [target(1, adjust=ADJUST | {"indx": "demand"})]}, "unknown_key"),
    *(
        ({"targets": [target(1, adjust={one: ADJUST[one] for one in ADJUST if one != key})]},
         "missing_key")
        for key in ADJUST
    ),
]  # fmt: skip

# What no schema can tell: whether ids exist, numbers are in order, dates in the calendar.
SEEN_BY_THE_READER_ALONE = frozenset(
    {"unknown_goal", "unknown_unit", "unknown_kpi", "unknown_representative", "unknown_scope",
     "unknown_time_zone", "same_measure", "worst_equals_best", "score_against_direction",
     "limits_out_of_order", "cuts_overlap", "scope_left_out", "parent_circle", "repeated_id",
     "ends_before_start", "repeated_target", "target_beyond_red"}
)  # fmt: skip
