"""Fill an empty database with the demo company: half a year of work, ending now.

Everything is in one transaction. Whoever interrupts it finds the database as empty as before, and the next start
begins again; a half company is never shown as a whole one.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from django.conf import settings
from django.db import connection, transaction

from fullkit.actions import day as every_day
from fullkit.actions import log, people, playbooks
from fullkit.demo import days, outside, today
from fullkit.demo.files import Papers
from fullkit.demo.house import House
from fullkit.demo.market import Market
from fullkit.demo.story import REASON, Story, better
from fullkit.models import Event, Packet, Person
from fullkit.playbook import presets
from fullkit.rules.calendar import WorkTime
from fullkit.rules.refusal import Refusal

OLD_CUSTOMERS = 130
SHORTEST = 2


class NotEmpty(Refusal):
    says = "This database already has people, so the demo company does not move in. Choose an empty one."


class TooShort(Refusal):
    says = "{weeks} weeks are too short for a story; ask for at least {least}."


@dataclass(frozen=True)
class Filled:
    """What came of it."""

    first: date
    end: datetime
    packets: int
    events: int
    refused: dict[str, int]


def fill(
    *,
    seed: int = 7,
    weeks: int = 26,
    until: datetime | None = None,
    now: datetime | None = None,
    progress: Callable[[str], object] = print,
) -> Filled:
    """Build the company. The same seed and the same end give the same history.

    The history ends at `until`, and at `now` at the latest; outside working hours it ends with the work before.
    """
    if Person.objects.exists():
        raise NotEmpty()
    if weeks < SHORTEST:
        raise TooShort(weeks=weeks, least=SHORTEST)
    now = now or datetime.now(UTC)
    backdated = log.backdated.set(True)
    try:
        with transaction.atomic(), _in_haste():
            return _build(seed, weeks, min(until or now, now), progress)
    finally:
        log.backdated.reset(backdated)


def last_worked(work: WorkTime, at: datetime) -> datetime:
    """`at` itself while work goes on, else the end of the work before."""
    return at if work.is_open(at) else work.spans(at - timedelta(days=30), at)[-1][1]


class _in_haste:
    """No garbage is collected meanwhile: nothing here makes cycles worth the walk over all that lives."""

    def __enter__(self) -> None:
        gc.disable()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA cache_size = -65536")

    def __exit__(self, *_: object) -> None:
        gc.enable()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA cache_size = -2000")


def _build(seed: int, weeks: int, until: datetime, progress: Callable[[str], object]) -> Filled:
    rng, text = Random(seed), presets.read("demo")  # noqa: S311  a story needs no secrets
    founded = until - timedelta(days=7 * weeks + 14)
    saved = playbooks.save(text, author=None, reason="The first version", at=founded)
    work = playbooks.activate(saved, by=None, at=founded).work
    _give_password()
    end = last_worked(work, until)
    last = work.day_of(end)
    first = last - timedelta(days=last.weekday() + 7 * weeks)
    house = House(
        rng=rng,
        story=Story(first, weeks),
        market=Market(rng),
        papers=Papers(rng, founded),
        people={p.sign_in: p for p in Person.objects.all()},
        end=end,
    )
    outside.old_customers(house, founded, OLD_CUSTOMERS)
    for ahead in range((last - first).days + 1):
        today_ = first + timedelta(days=ahead)
        if today_.weekday() == 0:
            progress(f"Week {min(house.story.week(today_) + 1, weeks)} of {weeks}: {today_:%d %B %Y}")
        opens = work.start_of_day(today_)
        if opens is not None:
            if house.story.week(today_) == house.story.change and days.begins_week(work, today_):
                _change_method(house, text, opens)
            days.work(house, today_, opens, last=today_ == last)
    today.leave(house, end)
    every_day.tick(at=end)
    return Filled(first, end, Packet.objects.count(), Event.objects.count(), dict(house.refused))


def _change_method(house: House, text: str, opens: datetime) -> None:
    ines, at = house.people["ines"], opens - timedelta(minutes=55)
    saved = playbooks.save(better(text), author=ines, reason=REASON, at=at)
    playbooks.activate(saved, by=ines, at=at)
    house.people = {p.sign_in: p for p in Person.objects.all()}


def _give_password() -> None:
    """The whole cast signs in with the password that was generated for this installation, if there is one."""
    file = settings.DEMO_PASSWORD_FILE
    if file.exists():
        people.give_password(Person.objects.all(), file.read_text(encoding="utf-8").strip())
