"""A playbook in working order: its clocks set, its kits as the rules read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import holidays

from fullkit.playbook.schema import (
    WEEKDAYS,
    Department,
    HandoffType,
    KitItem,
    PacketType,
    Playbook,
    Queue,
    Spans,
    Stage,
    minutes,
)
from fullkit.rules.calendar import WorkTime
from fullkit.rules.kit import Item
from fullkit.rules.queue import ready_target

_YEARS = range(2015, 2041)


@dataclass(frozen=True)
class Plant:
    """One version of the company's playbook, and what follows from it. `number` 0 is a playbook not stored."""

    playbook: Playbook
    number: int = 0
    unknown: tuple[str, ...] = ()
    """Keys of the stored text that this release does not know, by their paths; passed over."""

    @cached_property
    def work(self) -> WorkTime:
        """The company's working time."""
        return self._work_time(())

    @cached_property
    def _by_department(self) -> dict[str, WorkTime]:
        # Departments without closed days of their own share the company's clock and so its cache.
        return {
            d.key: self._work_time(d.closed) if d.closed else self.work for d in self.playbook.departments
        }

    @cached_property
    def _kits(self) -> dict[str, tuple[Item, ...]]:
        return {h.key: tuple(_item(i) for i in h.kit) for h in self.playbook.handoffs}

    @cached_property
    def _stages(self) -> dict[tuple[str, str], Stage]:
        kinds = self.playbook.packet_types
        return {(kind.key, s.key): s for kind in kinds for s in self.playbook.stages_of(kind.key)}

    def work_of(self, department: str) -> WorkTime:
        """A department's working time: the company's less its own closed days."""
        return self._by_department.get(department, self.work)

    def minutes(self, duration: str) -> float:
        """Working minutes of `30m`, `4h`, `2d`."""
        return minutes(duration, day_minutes=self.work.day_minutes)

    def kit(self, handoff: str) -> tuple[Item, ...]:
        """The kit of a handoff type, in the order the playbook asks for it."""
        return self._kits[handoff]

    def promise(self, packet_type: str) -> float | None:
        """The promise of a packet type in working minutes."""
        promise = self.playbook.packet_type[packet_type].promise
        return None if promise is None else self.minutes(promise)

    def lease(self, department: str) -> float:
        """Wall-clock minutes a packet stays in someone's hands without a word."""
        return self.minutes(self.playbook.department[department].lease)

    def department(self, key: str) -> Department:
        return self.playbook.department[key]

    def type(self, key: str) -> PacketType:
        return self.playbook.packet_type[key]

    def handoff(self, key: str) -> HandoffType:
        return self.playbook.handoff[key]

    def stage(self, packet_type: str, key: str) -> Stage | None:
        """One stage of a packet type's process; None when it has none of that name."""
        return self._stages.get((packet_type, key))

    def queue(self, department: str) -> Queue | None:
        """The queue that feeds a department, if it has one."""
        return self.playbook.queue.get(department)

    def ready_target(self, department: str, sign_in: str) -> int:
        """How many ready packets this person's queue should hold, before any advice (R26).

        Consumption a day, the person's own where the playbook names it, times the days to cover.
        """
        return ready_target(self.pace(department, sign_in), self.playbook.queue[department].cover_days)

    def pace(self, department: str, sign_in: str) -> float:
        """How many new opportunities a day this person uses up: the queue's figure unless they have their own."""
        entry = self.playbook.person.get(sign_in)
        return (entry.consumption if entry else None) or self.playbook.queue[department].consumption

    def pooled(self, department: str) -> tuple[str, ...]:
        """The packet types this department holds in a pool: they are released to people, never dealt (R24)."""
        releases = (self.handoff(q.release) for q in self.playbook.queues)
        return tuple(dict.fromkeys(r.packet_type for r in releases if r.from_ == department))

    def automatic(self, packet_type: str, outcome: str) -> Iterable[HandoffType]:
        """The handoffs that open by themselves when such a packet ends so (R92)."""
        return (
            h
            for h in self.playbook.handoffs
            if h.automatic_on == outcome and (not h.makes_from or packet_type in h.makes_from)
        )

    def _work_time(self, own: Iterable[date]) -> WorkTime:
        calendar = self.playbook.calendar
        closed = {*calendar.holidays.extra, *own}
        if calendar.holidays.country:
            public = holidays.country_holidays(
                calendar.holidays.country, subdiv=calendar.holidays.subdivision, years=_YEARS
            )
            closed |= set(public)
        closed -= set(calendar.holidays.worked)
        hours: dict[str, Spans] = {day: calendar.hours.get(day, ()) for day in WEEKDAYS}
        return WorkTime(zone=self.playbook.company.zone, hours=hours, closed=frozenset(closed))


def _item(spec: KitItem) -> Item:
    kind = spec.is_.kind
    return Item(key=spec.key, name=spec.name, kind=kind, arg=getattr(spec.is_, kind), fact=spec.fact)
