"""How each person works: pace, reach, and what they are good at. Nobody is a hero and nobody is a fool."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A salesperson's way."""

    reach: float = 0.62
    """Share of first calls in which somebody who can act picks up."""
    sells: float = 1.0
    """Factor on the chance that the next step is sold."""
    pace: float = 1.0
    """Factor on the minutes that a conversation takes."""


SALES = {
    "anna": Style(reach=0.66, sells=1.05, pace=0.98),
    "ben": Style(reach=0.60, sells=1.0, pace=1.05),
    "chloe": Style(reach=0.62, sells=1.1, pace=1.0),
    "dev": Style(reach=0.62, sells=1.0, pace=1.0),
}

STARTS = {"otto": 5, "cora": 10, "carl": 15, "gwen": 300}
"""Minutes after opening at which someone begins to take packets; Gwen helps out for the afternoon."""

COUNTERPARTS = ("buyer", "plant manager", "maintenance lead", "owner", "operations manager")
LOST = ("price", "delivery", "product", "incumbent", "incumbent", "no_project", "duplicate")
NOT_SOLD = ("timing", "timing", "no_need", "contract", "not_decider", "price", "step_too_big")
MISSED = ("no_answer", "no_answer", "voicemail", "voicemail", "gatekeeper", "bad_moment", "wrong_number")
REPAIRS = (
    "late_delivery", "late_delivery", "late_delivery", "short_delivery", "wrong_item", "damaged", "invoice",
    "no_information", "missing_papers",
)  # fmt: skip
REMARKS = (
    "They showed me last month's invoice.",
    "Asked for a call after the shift change.",
    "The line stops twice a week for it.",
    "Talks to maintenance first.",
    "Happy with the present supplier, except in winter.",
    "Wants to see one installed.",
)
