"""What goes wrong at Harbour & Vale, and what gets better. The troubles are planted here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

LACKING: dict[tuple[str, str], float] = {
    ("place_order", "purchase_order"): 0.38,
    ("pass_order", "purchase_order"): 0.4,
    ("place_order", "wanted_by"): 0.06,
    ("place_order", "lines"): 0.03,
    ("request_quote", "wanted_by"): 0.12,
    ("request_quote", "lines"): 0.07,
    ("account_quote", "wanted_by"): 0.10,
    ("request_design", "drawing"): 0.18,
    ("design_for_quote", "drawing"): 0.16,
    ("design_for_quote", "quantity"): 0.06,
    ("book_meeting", "address"): 0.10,
    ("repair", "proof"): 0.14,
    ("onboard", "promised"): 1.0,
    ("quote_ready", "checked"): 0.05,
}
"""How often an item is not at hand when its handoff is begun. The purchase order is the one that is usually missing."""

CONDITIONS = "service_conditions"
"""What engineers keep asking for, until a new version of the playbook puts it into the kit."""


@dataclass(frozen=True)
class Story:
    """When the troubles are, by the Monday of a week; weeks count from nought at `first`."""

    first: date
    weeks: int

    def week(self, day: date) -> int:
        return (day - self.first).days // 7

    def monday(self, week: int) -> date:
        return self.first + timedelta(weeks=week)

    @property
    def starving(self) -> int:
        """The week in which the campaign failed."""
        return round(self.weeks * 0.35)

    @property
    def late(self) -> int:
        """The week in which two clerks were ill."""
        return round(self.weeks * 0.62)

    @property
    def change(self) -> int:
        """The week on whose Monday the second version of the playbook came into force."""
        return round(self.weeks * 0.5)

    def campaign_failed(self, day: date) -> bool:
        return self.week(day) == self.starving

    def ill(self, day: date) -> frozenset[str]:
        """Two of three clerks, from Monday to Thursday."""
        return (
            frozenset({"sara", "sid"}) if self.week(day) == self.late and day.weekday() < 4 else frozenset()
        )

    def busy(self, day: date) -> float:
        """How much more than usual comes in; those who are ill are missed in the very week of the spring orders."""
        return 1.25 if self.week(day) == self.late else 1.0

    def borrowed(self, day: date) -> str | None:
        """Who of growth does business as usual: Dev expedites deliveries, from the late week to a month later."""
        return "dev" if self.late <= self.week(day) < self.late + max(1, self.weeks // 5) else None

    def improved(self, day: date) -> bool:
        return self.week(day) >= self.change

    def lacks(self, kind: str, item: str, rng: Random) -> bool:
        return rng.random() < LACKING.get((kind, item), 0.0)


def better(text: str) -> str:
    """The second version: a design is asked for with the conditions it works under, so nobody has to ask again."""
    item = (
        f"      - key: {CONDITIONS}\n"
        "        name: Conditions of service\n"
        "        is: {present: true}\n"
        "        criterion: Temperature, pressure and medium under which the part works.\n"
        "        test: Read the three values with their units; the contact or the machine's plate says them.\n"
        "        decision: In the kit if all three have a number and a unit; otherwise missing.\n"
    )
    for kind in ("request_design", "design_for_quote"):
        start = text.index(f"  - key: {kind}\n")
        place = text.index("      - key: wanted_by\n", start)
        text = text[:place] + item + text[place:]
    return text


REASON = "Engineers asked a favour about the conditions of service for every second design, and each answer cost a day."
