"""Changing over: capacity is built before work is moved to it (R45)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fullkit.rules.refusal import Refusal


class NotReadyToSwitch(Refusal):
    """R45: first service shows that it can, then salespeople let go."""

    says = (
        "{department} is not ready to take over {packet_type}: {good} of the last {weeks} weeks were good enough. "
        "Needed: {weeks} weeks in a row with {target} on time at {volume} a week."
    )
    rule = "R45"


@dataclass(frozen=True)
class Week:
    """One week of the receiving department with this type: how many it completed, and how many of them on time."""

    completed: int
    on_time: int


def good_week(week: Week, *, target: float, volume: int) -> bool:
    """Whether a week had the projected volume and kept the promise for it; a week without work shows nothing."""
    return week.completed >= max(1, volume) and week.on_time >= target * week.completed - 1e-9


def may_switch(
    weeks: Sequence[Week],
    *,
    department: str,
    packet_type: str,
    projected_volume: int,
    target: float = 0.95,
    weeks_needed: int = 4,
) -> None:
    """Refuse to switch a type over before the last `weeks_needed` weeks, oldest first, were all good."""
    recent = weeks[-weeks_needed:]
    good = sum(good_week(week, target=target, volume=projected_volume) for week in recent)
    if good < weeks_needed:
        raise NotReadyToSwitch(
            department=department,
            packet_type=packet_type,
            good=good,
            weeks=weeks_needed,
            target=f"{target:.0%}",
            volume=projected_volume,
        )
