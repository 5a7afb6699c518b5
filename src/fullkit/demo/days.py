"""One working day: who comes, when the campaign answers arrive, what the evening brings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fullkit.actions import day as every_day
from fullkit.demo import farming, making, managing, outside, promoting, selling, serving, today, visiting
from fullkit.demo.cast import STARTS
from fullkit.demo.house import Desk, House, Worker
from fullkit.rules.calendar import WorkTime

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


def begins_week(work: WorkTime, day: date) -> bool:
    """Whether this is the first working day of its week."""
    earlier = (day - timedelta(days=n) for n in range(1, day.weekday() + 1))
    return work.start_of_day(day) is not None and all(work.start_of_day(d) is None for d in earlier)


def work(house: House, day: date, opens: datetime, *, last: bool) -> None:
    """Let a day happen, up to the end of the history."""
    house.begin(opens)
    _note_morning(house, day, opens, last=last)
    outside.note_day(house, house.story.busy(day) * today.rush(house, day))
    present = _note_people(house, day, opens, last=last)
    _note_evening(house, opens, present)
    if last:
        today.note(house)
    house.clock.run(until=min(house.end, opens + timedelta(hours=13)))


def _note_morning(house: House, day: date, opens: datetime, *, last: bool) -> None:
    def at(minutes: int) -> datetime:
        return opens + timedelta(minutes=minutes)

    clock = house.clock
    if house.story.week(day) in (0, house.story.starving + 1) and begins_week(house.plant.work, day):
        # The first campaign of all; and after the one that failed, the next one brought forward.
        size = 150 if house.story.week(day) == 0 else 62
        clock.put(at(-45), lambda now: promoting.campaign(house, now, size=size))
    clock.put(at(-35), lambda now: promoting.tidy_pool(house, now))
    if last:
        clock.put(at(-33), lambda now: promoting.not_quite_enough(house, now))
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
    rng = house.rng
    # Gwen telephones all week when her clerks are ill, and takes no packets.
    ill = house.story.ill(day) | ({"gwen"} if house.story.ill(day) else set())
    away = ill | today.away(house, day)
    # Once in a while two go home without a word, and what they held comes back when its lease runs out.
    house.forgetful = {"stan", "chloe"} if day.weekday() == 3 and house.story.week(day) % 5 == 1 else set()
    present = set()
    for name, desk in DESKS.items():
        if name in away or (rng.random() < 0.015 and not ill):
            continue
        present.add(name)
        leaves = opens + timedelta(minutes=537 + rng.randint(-6, 3))
        if last and name in today.EARLY:
            leaves = min(leaves, house.end - timedelta(minutes=100))
        starts = STARTS.get(name, 0)
        worker = Worker(house.people[name], desk, leaves)
        house.come(worker, opens + timedelta(minutes=starts + rng.randint(0, 6)))
    return present


def _note_evening(house: House, opens: datetime, present: set[str]) -> None:
    evening = opens + timedelta(minutes=538)
    house.clock.put(opens + timedelta(minutes=300), lambda now: managing.walk(house, now))
    house.clock.put(evening, lambda now: managing.log_hours(house, now, present))
    day = house.plant.work.day_of(opens)
    if day.weekday() == 2 and house.story.week(day) % 3 == 1:
        noon = opens + timedelta(minutes=house.rng.randint(60, 400))
        house.clock.put(noon, lambda now: outside.same_firm_again(house, now))
