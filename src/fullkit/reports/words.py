"""What people call the keys of the playbook: departments, types, stages, kit items, reasons."""

from __future__ import annotations

from typing import Any

from fullkit.playbook.plant import Plant

REASONS = {
    "packet.skipped": "skip",
    "packet.put_back": "put_back",
    "conversation.held": "not_sold",
    "attempt.made": "attempt",
    "promise.cause_named": "red",
    "time.logged": "repair",
    "packet.closed": "lost",
}
"""From which list of the playbook an event's reason comes."""

BY_THE_HOUSE = {
    "answer_ready": "what it waited for is ready",
    "by_hand": "said by hand",
    "classified": "inertia was judged anew",
    "new": "the next new one",
    "oldest": "the oldest in the inbox",
    "out_of_turn": "picked up out of turn",
    "override": "past the target, with a reason",
    "promised_step": "the promised step is due",
    "promised_step_due": "the promised step is due",
    "red": "its promise is in danger",
    "black": "its promise is broken",
    "sold_next_step": "sold the next step",
    "step_by_others": "another department brings the next step about",
    "step_sold": "the next step was sold",
    "taken_back": "taken back from an absent holder",
    "time": "its time has come",
    "try_again": "to try again",
    "undone": "a skip was undone",
    "waited_too_long": "it has waited too long",
    "worth_most_per_hour": "it is worth most per hour",
}
"""Reasons that the house gives by itself, and no playbook names."""

BANDS = {
    "to p50": "up to the median of closed",
    "to p85": "up to the 85th percentile",
    "to p95": "up to the 95th percentile",
    "over p95": "older still",
    "nothing closed": "nothing closed yet",
}
"""Where an age lies among the days that what closed took, as its bar is named."""


class Words:
    """One version's names. A key it does not know is said with spaces for its underscores."""

    def __init__(self, plant: Plant) -> None:
        book = plant.playbook
        self.departments = {d.key: d.name for d in book.departments}
        self.roles = {r.key: r.name for r in book.roles}
        self.types = {t.key: t.name for t in book.packet_types}
        self.handoffs = {h.key: h.name for h in book.handoffs}
        self.items = {(h.key, item.key): item.name for h in book.handoffs for item in h.kit}
        self.stages = {s.key: s.name for process in book.processes for s in process.stages}
        self.processes = {p.key: p.name for p in book.processes}
        self._fields = {f.key: f.name for t in book.packet_types for f in t.fields}
        self._reasons = {
            kind: {r.key: r.name for r in getattr(book.reasons, kind)}
            for kind in type(book.reasons).model_fields
        }

    def item(self, key: str, handoff: str | None = None) -> str:
        """A kit item of a handoff; without one, of any kit, else a field of a packet."""
        if handoff is not None:
            return self.items.get((handoff, key)) or spoken(key)
        named = (name for (_, item), name in self.items.items() if item == key)
        return next(named, None) or self._fields.get(key) or spoken(key)

    def reason(self, key: str, event: str = "") -> str:
        """A reason of the list that this kind of event takes its reasons from, else of any."""
        first = self._reasons.get(REASONS.get(event, ""), {})
        every = (names[key] for names in self._reasons.values() if key in names)
        return first.get(key) or next(every, None) or BY_THE_HOUSE.get(key) or spoken(key)

    def said(self, column: str, key: Any, *, event: str = "", handoff: str | None = None) -> Any:
        """A value of a column of the log as people say it; what is no key stays as it is."""
        if not isinstance(key, str):
            return key
        if column == "item":
            return self.item(key, handoff)
        if column == "reason":
            return self.reason(key, event)
        if column == "outcome" and event == "conversation.held":
            return BY_THE_HOUSE.get(key) or spoken(key)
        lists = {
            "department": self.departments,
            "to_department": self.departments,
            "role": self.roles,
            "packet_type": self.types,
            "handoff_kind": self.handoffs,
            "stage": self.stages,
            "to_stage": self.stages,
            "process": self.processes,
        }
        return lists.get(column, {}).get(key) or spoken(key)


def spoken(key: str) -> str:
    """A key as words; anything that is not one stays as it was typed."""
    return key.replace("_", " ") if key.replace("_", "").isalnum() and key.islower() else key
