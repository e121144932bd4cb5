"""The words of the mail that brings a report."""

from __future__ import annotations

from urllib.parse import quote

from survey_app.report.executive.report import ExecutiveReport, Findings, GoalOverview

WORDS = {"not_met": "not met", "no_target": "no target", "no_data": "no data"}


def write_subject(report: ExecutiveReport) -> str:
    """Whom and when it is about, and the answer."""
    return f"{report.subject.scope_name}, {report.subject.period_words}: {report.answer}"


def write_text(report: ExecutiveReport, address: str) -> str:
    """The answer, how each goal stands, what changed and what is undecided; links at the end.

    `address` is that of the installation, without a slash at its end.
    """
    subject = report.subject
    scope = quote(subject.scope_label)
    page = f"{address}/report/runs/{subject.run_id}/executive?scope={scope}"
    parts = [
        report.title,
        report.answer,
        _list("Goals", [_say_goal(goal) for goal in report.goals]),
        _list("Better for certain", _say_findings(report.changes.better)),
        _list("Worse for certain", _say_findings(report.changes.worse)),
        report.changes.sentence,
        _list("Undecided", _say_findings(report.undecided)),
        " ".join(subject.state),
        f"The whole report is attached as a PDF. As a page: {page}",
        "You get this mail because you are subscribed to this report. To get it no more: "
        f"{address}/report/subscriptions",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _list(head: str, lines: list[str]) -> str:
    return "\n".join([f"{head}:", *(f"- {line}" for line in lines)]) if lines else ""


def _say_goal(goal: GoalOverview) -> str:
    line = goal.line
    if line is None:
        return f"{goal.name}: {' '.join(goal.sentences)}"
    target = "" if line.target == "–" else f", target {line.target}"
    interval = "" if line.interval == "–" else f" ({line.interval})"
    word = WORDS.get(line.verdict, line.verdict)
    return f"{goal.name}: score {line.value}{interval}{target}: {word}"


def _say_findings(findings: Findings) -> list[str]:
    told = [f"{one.name}: {one.sentence}" for one in findings.shown]
    return [*told, f"{findings.more} more are in the scorecard."] if findings.more else told
