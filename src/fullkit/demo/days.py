"""One working day: who comes, when the campaign answers arrive, what the evening brings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fullkit.actions import day as every_day
from fullkit.demo import farming, making, managing, outside, promoting, selling, serving, today, visiting
from fullkit.demo.cast import STARTS
from fullkit.demo.house import Desk, House, Worker

DESKS: dict[str, Desk] = {
    "maya": promoting.DESK,
    "anna": selling.DESK,
    "ben": selling.DESK,
    "chloe": selling.DESK,
    "dev": selling.DESK,
    "faye": visiting.FIELD,
    "finn": visiting.FIELD,
    "tess": visiting.FIELD,
    "cora": visiting.SCHEDULING,
    "sara": serving.DESK,
    "sid": serving.DESK,
    "stan": serving.DESK,
    "gwen": serving.DESK,
    "ed": making.ENGINEERING,
    "ella": making.ENGINEERING,
    "petra": making.PROJECTS,
    "dana": farming.DEALERS,
    "amir": farming.ACCOUNTS,
    "otto": making.OPERATIONS,
}
TICKS = (5, 120, 270, 420, 545)
"""Minutes after opening at which the clock looks after what happens by itself; every deal looks too."""


def work(house: House, day: date, opens: datetime, *, last: bool) -> None:
    """Let a day happen, up to the end of the history."""
    house.begin(opens)
    _note_morning(house, day, opens)
    outside.note_day(house)
    present = _note_people(house, day, opens, last=last)
    _note_evening(house, opens, present)
    if last:
        today.note(house)
    house.clock.run(until=min(house.end, opens + timedelta(hours=13)))


def _note_morning(house: House, day: date, opens: datetime) -> None:
    def at(minutes: int) -> datetime:
        return opens + timedelta(minutes=minutes)

    clock = house.clock
    if day == house.story.first or (house.story.week(day) == 0 and not house.memo.get(("begun", 0))):
        house.memo["begun", 0] = 1
        clock.put(at(-45), lambda now: promoting.campaign(house, now, size=96))
    clock.put(at(-35), lambda now: promoting.tidy_pool(house, now))
    clock.put(at(-30), lambda now: every_day.morning(at=now))
    cover = today.cover(house, day)
    clock.put(at(-22), lambda now: promoting.campaign(house, now, cover=cover))
    clock.put(at(10), lambda now: promoting.decide(house, now))
    clock.put(at(1), lambda now: visiting.ring_visits(house, now))
    for minutes in (2, 200, 400):
        clock.put(at(minutes), lambda now: visiting.cancellations(house, now))
    for minutes in TICKS:
        clock.put(at(minutes), lambda now: every_day.tick(at=now))


def _note_people(house: House, day: date, opens: datetime, *, last: bool) -> set[str]:
    rng, away = house.rng, set(house.story.ill(day)) | today.away(house, day)
    house.forgetful = {rng.choice(("stan", "otto", "anna"))} if rng.random() < 0.05 else set()
    present = set()
    for name, desk in DESKS.items():
        if name in away or (rng.random() < 0.015 and not house.story.ill(day)):
            continue
        present.add(name)
        leaves = opens + timedelta(minutes=537 + rng.randint(-6, 3))
        starts = 0 if house.story.ill(day) and name == "gwen" else STARTS.get(name, 0)
        worker = Worker(house.people[name], desk, leaves)
        house.come(worker, opens + timedelta(minutes=starts + rng.randint(0, 6)))
    return present


def _note_evening(house: House, opens: datetime, present: set[str]) -> None:
    evening = opens + timedelta(minutes=538)
    house.clock.put(opens + timedelta(minutes=300), lambda now: managing.walk(house, now))
    house.clock.put(evening, lambda now: managing.log_hours(house, now, present))
    if house.rng.random() < 0.06:
        noon = opens + timedelta(minutes=house.rng.randint(60, 400))
        house.clock.put(noon, lambda now: outside.same_firm_again(house, now))
