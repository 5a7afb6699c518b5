"""What comes of each program: programs are sold, not products (R34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from fullkit.models import Packet
from fullkit.playbook.plant import Plant

FIELD = "program"
"""The field of an opportunity that names the program it is offered."""


@dataclass(frozen=True)
class Program:
    """One program: opportunities captured in a period, and what became of them by now."""

    name: str
    """Empty for opportunities whose program nobody has named yet."""
    captured: int
    released: int
    won: int
    open: int


def by_program(plant: Plant, *, since: datetime, until: datetime) -> list[Program]:
    """Opportunities that arrived from `since` until before `until`, by program, the most captured first."""
    won = Q(state="closed", outcome="won")
    rows = (
        Packet.objects.filter(
            type=plant.playbook.arrivals.yours_to_win, arrived_at__gte=since, arrived_at__lt=until
        )
        .values(f"fields__{FIELD}")
        .annotate(
            captured=Count("pk"),
            released=Count("pk", filter=Q(released_at__isnull=False)),
            won=Count("pk", filter=won),
            open=Count("pk", filter=~Q(state="closed")),
        )
        .order_by()
    )
    found = [
        Program(row[f"fields__{FIELD}"] or "", row["captured"], row["released"], row["won"], row["open"])
        for row in rows
    ]
    # Sorted here: where what is not named stands among names, each database sees differently.
    return sorted(found, key=lambda program: (-program.captured, program.name))
