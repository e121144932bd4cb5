"""What an answer counts as, written once for the engine's columns and for arrays in memory."""

from collections.abc import Callable
from typing import Any

from analysis.definitions import Kpi

# The cuts that belong to the 0-10 question "would you recommend us"; other scales name their own.
NET_SCALE = (0.0, 10.0)
PROMOTERS_FROM = 9.0
DETRACTORS_TO = 6.0


def vote(kpi: Kpi, value: Any, where: Callable[[Any, Any, Any], Any]) -> Any:
    """The vote an answer casts: itself (mean), 1 or 0 (top box), 1, 0 or -1 (net score).

    ``value`` is a column of numbers and ``where`` the choice function of its kind
    (``numpy.where`` or ``ibis.ifelse``).
    """
    if kpi.statistic == "top_box":
        return where(value >= kpi.cut, 1.0, 0.0)
    if kpi.statistic == "net_score":
        promoters_from = PROMOTERS_FROM if kpi.promoters_from is None else kpi.promoters_from
        detractors_to = DETRACTORS_TO if kpi.detractors_to is None else kpi.detractors_to
        return where(value >= promoters_from, 1.0, where(value <= detractors_to, -1.0, 0.0))
    return value
