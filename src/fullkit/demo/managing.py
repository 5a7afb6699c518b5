"""Supervisors and the log of hours: what displaces selling is written down every evening."""

from __future__ import annotations

from datetime import datetime

from fullkit.actions import intake
from fullkit.actions import time as timing
from fullkit.demo.cast import REPAIRS
from fullkit.demo.house import House
from fullkit.models import Packet

INSIDE = {"selling": (265, 40), "repair": (112, 28), "admin": (58, 15), "transactional": (24, 12)}
FIELD = {"selling": (170, 40), "travel": (150, 30), "repair": (70, 20), "admin": (55, 15)}
BORROWED = {"selling": (120, 30), "repair": (105, 25), "admin": (55, 15), "transactional": (190, 25)}
"""Mean and spread of minutes a day. Repair is within the 15 to 35 % that such companies report."""


def log_hours(house: House, at: datetime, present: set[str]) -> None:
    """Everyone who sells says in the evening where the day went."""
    borrowed = house.story.borrowed(house.plant.work.day_of(at))
    for name in ("anna", "ben", "chloe", "dev", "faye", "finn"):
        if name not in present:
            continue
        mix = BORROWED if name == borrowed else FIELD if name in ("faye", "finn") else INSIDE
        for category, (mean, spread) in mix.items():
            _log(house, name, category, house.rng.gauss(mean, spread), name == borrowed, at)


def _log(house: House, name: str, category: str, minutes: float, borrowed: bool, at: datetime) -> None:
    cause = ""
    if category == "repair":
        cause = house.rng.choice(REPAIRS)
    elif category == "transactional":
        cause = "availability" if borrowed else house.rng.choice(("price", "availability", "", ""))
    who = house.people[name]
    rounded = float(max(5, 5 * round(minutes / 5)))
    timing.log_time(person=who, category=category, minutes=rounded, cause=cause, by=who, at=at)


def walk(house: House, at: datetime) -> None:
    """Gwen walks along the buffer and leaves a word with the oldest black one."""
    black = (
        Packet.objects.open().filter(department="service", zone="black").order_by("queued_at", "pk").first()
    )
    if black is not None and house.rng.random() < 0.3:
        text = "Called the customer and named a new time."
        intake.comment(black, text=text, by=house.people["gwen"], at=at)
