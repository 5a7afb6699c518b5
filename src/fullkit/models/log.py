"""The log: one append-only table. Current state is a cache of it.

Rows are made by `actions/log.py` alone. Triggers on both databases refuse UPDATE and DELETE.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from fullkit.models.prepared import insert


class EventSet(models.QuerySet["Event"]):
    """How rows are written."""

    def write(self, rows: Sequence[Event]) -> None:
        """Append rows in their order; each gets its id."""
        for row in rows:
            insert(row)


class Event(models.Model):
    """One thing that happened. Every measure reads these columns; nobody but a person reads `details`."""

    packet = models.ForeignKey(
        "fullkit.Packet", null=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    """When it happened."""
    recorded_at = models.DateTimeField()
    """When we wrote it."""
    actor = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, null=True)
    department = models.CharField(max_length=40, null=True)
    to_department = models.CharField(max_length=40, null=True)
    customer = models.ForeignKey(
        "fullkit.Customer", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        "fullkit.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    process = models.CharField(max_length=40, null=True)
    chain = models.CharField(max_length=8, null=True)
    packet_type = models.CharField(max_length=40, null=True)
    stage = models.CharField(max_length=40, null=True)
    to_stage = models.CharField(max_length=40, null=True)
    outcome = models.CharField(max_length=40, null=True)
    reason = models.CharField(max_length=80, null=True)
    item = models.CharField(max_length=40, null=True)
    missing = models.TextField(null=True)
    """Keys of what a kit lacked when it was first offered, joined by commas; empty when it was full (R7)."""
    handoff = models.PositiveBigIntegerField(null=True)
    handoff_kind = models.CharField(max_length=40, null=True)
    inertia = models.CharField(max_length=12, null=True)
    family = models.CharField(max_length=80, null=True)
    zone = models.CharField(max_length=8, null=True)
    state = models.CharField(max_length=8, null=True)
    """What the packet is from here on: waiting, held, parked, closed. Absent where no packet is concerned."""
    holder = models.PositiveBigIntegerField(null=True)
    """Whose it is from here on; absent when it lies in its department's shared inbox."""
    step = models.CharField(max_length=200, null=True)
    category = models.CharField(max_length=20, null=True)
    counterpart = models.CharField(max_length=40, null=True)
    minutes = models.FloatField(null=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    level = models.FloatField(null=True)
    target = models.FloatField(null=True)
    due_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40, null=True)
    playbook = models.PositiveIntegerField(null=True)
    details = models.JSONField(default=dict)

    objects = EventSet.as_manager()

    class Meta:
        app_label = "fullkit"
        indexes = [
            models.Index(fields=["packet", "id"], name="event_of_packet"),
            models.Index(fields=["kind", "at"], name="event_by_kind"),
            models.Index(fields=["at"], name="event_by_time"),
            models.Index(
                fields=["customer", "-id"],
                condition=models.Q(customer__isnull=False),
                name="event_of_customer",
            ),
            models.Index(
                fields=["person", "kind", "at"],
                condition=models.Q(person__isnull=False),
                name="event_of_person",
            ),
        ]


class Remark(models.Model):
    """Free text that a person typed about an event. Beside the log, so that it can be erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="remark")
    text = models.TextField()

    class Meta:
        app_label = "fullkit"
