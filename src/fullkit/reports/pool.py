"""What waits in the pool: how much, how old, and what each still lacks to be released (R1, R24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fullkit.models import Handoff, KitSupply, Packet, PlaybookVersion
from fullkit.models.packet import PacketSet
from fullkit.models.playbooks import plant as stored_plant
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType
from fullkit.rules import kit

LOOKED_AT = 400
"""How many of a pool are held against their kit at once; a page does the same work however deep the pool is."""


Place = tuple[datetime, int]
"""Queued at, and the packet's id: where in the order of a pool."""


@dataclass(frozen=True)
class Waiting:
    """One packet of the pool, and what its release kit lacks; nothing when it can go."""

    packet: Packet
    missing: tuple[kit.Missing, ...]

    @property
    def full(self) -> bool:
        return not self.missing


def waiting(release: HandoffType) -> PacketSet:
    """What can be released by this handoff, oldest first: the order in which the morning run takes it."""
    return (
        Packet.objects.waiting()
        .filter(department=release.from_, type=release.packet_type)
        .select_related("customer", "contact")
        .order_by("queued_at", "pk")
    )


@dataclass(frozen=True)
class Stretch:
    """The oldest of a pool, or the oldest after a place in it, each held against its kit."""

    rows: tuple[Waiting, ...]
    further: Place | None
    """Where the next stretch begins; None at the end of the pool."""

    @property
    def full(self) -> list[Waiting]:
        return [one for one in self.rows if one.full]

    @property
    def lacking(self) -> list[Waiting]:
        return [one for one in self.rows if not one.full]


def stretch(
    release: HandoffType,
    plant: Plant,
    *,
    at: datetime,
    after: Place | None = None,
    length: int = LOOKED_AT,
) -> Stretch:
    """So many of the pool from a place on, oldest first: one walk down an index, and three queries for the kits."""
    rows = waiting(release)
    if after is not None:
        rows = rows.filter(Q(queued_at__gt=after[0]) | Q(queued_at=after[0], pk__gt=after[1])).filter(
            queued_at__gte=after[0]
        )
    found = list(rows[: length + 1])
    kept, more = found[:length], len(found) > length
    further = (kept[-1].queued_at, kept[-1].pk) if more else None
    return Stretch(tuple(shelf(kept, release, plant, at=at)), further)


def shelf(packets: Iterable[Packet], release: HandoffType, plant: Plant, *, at: datetime) -> list[Waiting]:
    """These packets with what each lacks. Three queries at most, however many they are."""
    rows, today = list(packets), plant.work.day_of(at)
    begun = _begun(rows, release)
    kits = _kits([h.playbook for h in begun.values()], release, plant)
    return [
        Waiting(
            packet,
            tuple(
                kit.missing(
                    kits[handoff.playbook] if (handoff := begun.get(packet.pk)) else plant.kit(release.key),
                    {s.item: _supply(s) for s in handoff.supplies.all()} if handoff else {},
                    packet.facts,
                    today=today,
                )
            ),
        )
        for packet in rows
    ]


def cover_days(full: int, paces: Sequence[float]) -> float | None:
    """For how many days a pool lasts when these people use up so many a day; None when nobody draws on it."""
    return full / sum(paces) if paces else None


def _begun(rows: Sequence[Packet], release: HandoffType) -> dict[int, Handoff]:
    handoffs = Handoff.objects.being_prepared().filter(kind=release.key, packet__in=[p.pk for p in rows])
    return {h.packet_id: h for h in handoffs.prefetch_related("supplies__file")}


def _kits(versions: Sequence[int], release: HandoffType, plant: Plant) -> dict[int, tuple[kit.Item, ...]]:
    """The kit by the version a handoff was begun under; it keeps that one until it is done."""
    old = {n for n in versions if n != plant.number}
    digests = PlaybookVersion.objects.filter(number__in=old).values_list("number", "digest") if old else ()
    return {
        plant.number: plant.kit(release.key),
        **{number: stored_plant(number, digest).kit(release.key) for number, digest in digests},
    }


def _supply(stored: KitSupply) -> kit.Supply:
    file = stored.file
    return kit.Supply(
        value=stored.value,
        file_name=file.name if file else "",
        file_type=file.kind if file else "",
        evidence=stored.evidence,
    )
