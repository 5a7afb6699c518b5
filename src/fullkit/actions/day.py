"""Everything that happens by itself. Each step is an ordinary verb and may be repeated without harm."""

from __future__ import annotations

from datetime import datetime, timedelta

from fullkit.actions import calendar, handoffs, inbox, playbooks, queues
from fullkit.models import IdempotencyKey, Person, SignInFailure

SLOTS_AHEAD = 15
"""Calendar days for which the field's slots stand open: two full weeks ahead (R41's forward-booked buffer)."""
KEEP_ANSWERS = timedelta(days=2)
KEEP_FAILURES = timedelta(days=1)


def tick(*, at: datetime) -> dict[str, int]:
    """Every minute: leases, woken steps, colours, kits past their grace."""
    return {"changed": inbox.sweep(at=at), "accepted": handoffs.accept_those_past_grace(at=at)}


def morning(*, at: datetime) -> dict[str, int]:
    """Once a working day, before the first call: stale back, levels read, gaps released, advice given (R25 to R29)."""
    plant = playbooks.current()
    done = {"returned": queues.return_stale(at=at), "released": 0, "slots": 0}
    for department in plant.playbook.queue:
        done["released"] += sum(r.released for r in queues.replenish(department, at=at))
    done["advised"] = len(queues.advise(at=at))
    done["slots"] = _open_slots(at)
    return done


def _open_slots(at: datetime) -> int:
    plant, opened = playbooks.current(), 0
    today = plant.work.day_of(at)
    for person in Person.objects.filter(is_active=True).order_by("pk"):
        if calendar.template_of(person, plant) is not None:
            for ahead in range(SLOTS_AHEAD):
                opened += len(calendar.open_slots(person, day=today + timedelta(days=ahead), by=None, at=at))
    return opened


def forget(*, at: datetime) -> int:
    """Drop what was kept only for a while: answers to repeated requests, failed sign-ins."""
    answers, _ = IdempotencyKey.objects.filter(at__lt=at - KEEP_ANSWERS).delete()
    failures, _ = SignInFailure.objects.filter(at__lt=at - KEEP_FAILURES).delete()
    return answers + failures
