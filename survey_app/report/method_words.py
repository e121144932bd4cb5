"""How an interval was computed, in words: `ci_method` of a scored row."""

from __future__ import annotations

METHODS = {
    "": "",
    "complete_count": "none: all was counted",
    "student_t": "Student's t",
    "quasi_binomial": "quasi-binomial, for a scale with two ends",
    "wilson": "Wilson",
    "adjusted_wald": "adjusted Wald",
    "poisson_exact": "Poisson, exact",
    "restricted_mean_normal": "normal, of the restricted mean",
    "kaplan_meier_log_log": "Kaplan and Meier, limits by log-log",
    "aalen_johansen_log_log": "Aalen and Johansen, limits by log-log",
    "wilson_none_reached": "Wilson, as nobody got there",
    "wilson_all_reached": "Wilson, as everybody got there",
}
# Of weighted answers.
WEIGHTED = {
    "_linearised": ", with the linearised standard error of weighted answers",
    "_effective_n": ", on the effective n of weighted answers",
}


def say_method(method: str) -> str:
    """A `ci_method` in words; one that is not known as it is."""
    for ending, words in WEIGHTED.items():
        if method.endswith(ending):
            return METHODS.get(method.removesuffix(ending), method) + words
    return METHODS.get(method, method)
