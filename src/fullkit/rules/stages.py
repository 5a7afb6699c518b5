"""Conversations and stages: what a conversation ends in, and what ends a stage (R36, R37, R46, R76)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, get_args
from urllib.parse import urlsplit

from fullkit.rules.refusal import Refusal
from fullkit.rules.text import one_of_these

Outcome = Literal["sold_next_step", "not_sold", "ended"]
EvidenceKind = Literal["link", "file", "contact_and_date"]

OUTCOMES: tuple[str, ...] = get_args(Outcome)
EVIDENCE_KINDS: tuple[str, ...] = get_args(EvidenceKind)


class NoOutcome(Refusal):
    """R36: every conversation sells the next step, or says why not."""

    says = "A conversation ends in exactly one of: next step sold, not sold, ended. {cure}"
    rule = "R36"


class StepInThePast(Refusal):
    says = "The next step was promised for {step_at}, which is not after {at}. Agree on a time still to come."
    rule = "R36"


class NoEvidence(Refusal):
    """R76: a stage ends with something the customer did, and that can be shown."""

    says = "What the customer did cannot be checked: {problem} {cure}"
    rule = "R76"


class StageOfAnotherProcess(Refusal):
    says = "{stage!r} is not a stage of this process. Its stages are: {stages}."
    rule = "R76"


class NotNextStage(Refusal):
    says = "{stage!r} is not the next stage, {following} is. A stage ends with its own customer action."
    rule = "R76"


# --- conversations -------------------------------------------------------------------------------------------


def one_outcome(
    outcome: str,
    *,
    at: datetime,
    step_at: datetime | None = None,
    step_by: str = "",
    reason: str = "",
) -> Outcome:
    """The outcome when it is whole; a NoOutcome or StepInThePast refusal when it is not.

    A sold next step has its time `step_at` in the future or the handoff `step_by` that will find one; a step not
    sold and an end have a reason. An end promises nothing.
    """
    if step_at is not None and step_at <= at:
        raise StepInThePast(step_at=f"{step_at:%Y-%m-%d %H:%M}", at=f"{at:%Y-%m-%d %H:%M}")
    match outcome:
        case "sold_next_step":
            if step_at is None and not step_by.strip():
                raise NoOutcome(outcome=outcome, cure="Say when the next step is, or who will arrange it.")
            return "sold_next_step"
        case "not_sold":
            if not reason.strip():
                raise NoOutcome(outcome=outcome, cure="Say why the next step was not sold.")
            return "not_sold"
        case "ended":
            if not reason.strip():
                raise NoOutcome(outcome=outcome, cure="Say why it ended.")
            if step_at is not None or step_by.strip():
                raise NoOutcome(outcome=outcome, cure="What has ended has no next step: leave it out.")
            return "ended"
    raise NoOutcome(outcome=outcome, cure="Choose one.")


def is_meaningful(connected: bool, counterpart: str, outcome: str, inertia: str) -> bool:
    """Whether this was a meaningful selling interaction (R46): computed, never typed in.

    A live two-way conversation, with somebody whose role is known, that ended in an outcome of R36, about an
    opportunity that is ours to win.
    """
    return connected and bool(counterpart.strip()) and outcome in OUTCOMES and inertia == "competitor"


def overrun(promised_minutes: float, actual_minutes: float) -> float:
    """Minutes a step of fixed length, such as a briefing, took past its promise; 0 when it kept it (R37)."""
    return max(0.0, actual_minutes - promised_minutes)


def overrun_share(briefings: Iterable[tuple[float, float]]) -> float | None:
    """Share of (promised, actual) minutes that ran over; None when there were none, which is not 0."""
    over = [overrun(promised, actual) > 0 for promised, actual in briefings]
    return sum(over) / len(over) if over else None


# --- stages --------------------------------------------------------------------------------------------------


def next_stage(stages: Sequence[str], current: str) -> str | None:
    """The stage after `current`, the first one when it is empty, None after the last."""
    if not current:
        return stages[0] if stages else None
    if current not in stages:
        raise StageOfAnotherProcess(stage=current, stages=", ".join(stages))
    return next(iter(stages[stages.index(current) + 1 :]), None)


def may_advance(to_stage: str | None, following: str | None, stages: Sequence[str]) -> None:
    """Refuse a stage that is of another process or not the next one; None leaves it to the process."""
    if to_stage is None or to_stage == following:
        return
    if to_stage not in stages:
        raise StageOfAnotherProcess(stage=to_stage, stages=", ".join(stages))
    raise NotNextStage(stage=to_stage, following=repr(following) if following else "the end of the process")


def check_evidence(kind: str, evidence: str, *, evidence_at: datetime | None, at: datetime) -> None:
    """Refuse to end a stage without evidence of its kind, dated when the customer did it."""
    said = evidence.strip()
    if kind not in EVIDENCE_KINDS:
        raise ValueError(f"{kind!r} is no kind of evidence; a stage asks for {one_of_these(EVIDENCE_KINDS)}.")
    if not said:
        raise NoEvidence(problem="nothing shows it.", cure=_CURES[kind])
    if kind == "link" and not _is_link(said):
        raise NoEvidence(problem=f"“{said[:60]}” is not a link.", cure=_CURES[kind])
    if kind == "contact_and_date" and not any(char.isalpha() for char in said):
        raise NoEvidence(problem=f"“{said[:60]}” names nobody.", cure=_CURES[kind])
    if evidence_at is None:
        raise NoEvidence(problem="it has no date.", cure="Say when the customer did it.")
    if evidence_at > at:
        raise NoEvidence(
            problem=f"{evidence_at:%Y-%m-%d %H:%M} is still to come.",
            cure="Wait until the customer has done it.",
        )


_CURES = {
    "link": "Give a link that begins with https://.",
    "file": "Attach the file.",
    "contact_and_date": "Name the contact who did it, and when.",
}


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False
