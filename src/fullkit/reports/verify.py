"""Whether the tables say what the log says: every packet is replayed and compared."""

from __future__ import annotations

from fullkit.models import Event, Packet
from fullkit.rules.replay import LogBroken, Stand, replay


def problems() -> list[str]:
    """A sentence for each packet that stands otherwise than its log tells; empty when all is well."""
    rows = Event.objects.exclude(packet=None).order_by("pk").defer("details")
    try:
        told = replay(rows.iterator(chunk_size=5000))
    except LogBroken as broken:
        return [str(broken)]
    found = []
    for packet in Packet.objects.order_by("pk").iterator(chunk_size=5000):
        stands = Stand(
            department=packet.department,
            holder=packet.person_id,
            state=packet.state,
            type=packet.type,
            stage=packet.stage,
            outcome=packet.outcome,
            zone=packet.zone,
        )
        if told.get(packet.pk) != stands:
            found.append(f"{packet.number}: the log tells {told.get(packet.pk)}, the table says {stands}.")
    return found
