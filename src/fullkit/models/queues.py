"""Queues in front of people, and the calendar's slots."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from fullkit.models.prepared import Prepared

if TYPE_CHECKING:
    from fullkit.models.people import Person


class QueueTarget(models.Model):
    """How many ready packets one person's queue should hold in the morning, once changed by advice (R29)."""

    person = models.OneToOneField("fullkit.Person", on_delete=models.PROTECT, related_name="queue_target")
    target = models.FloatField()
    cool_until = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "fullkit"


class QueueReading(models.Model):
    """A queue's level before the morning run, and what the run did. One per person and day: the run is idempotent."""

    person = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="readings")
    department = models.CharField(max_length=40)
    day = models.DateField()
    level = models.PositiveIntegerField()
    target = models.FloatField()
    in_play = models.PositiveIntegerField()
    zone = models.CharField(max_length=8)
    gap = models.PositiveIntegerField()
    released = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        app_label = "fullkit"
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="one_reading_per_day")]
        indexes = [models.Index(fields=["department", "day"], name="reading_of_day")]


class Advice(models.Model):
    """A recommended change of a queue's target; nothing happens until someone accepts it (R29)."""

    person = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="advice")
    at = models.DateTimeField()
    day = models.DateField()
    from_target = models.FloatField()
    to_target = models.FloatField()
    reason = models.CharField(max_length=80)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(accepted_at__isnull=True, lapsed_at__isnull=True),
                name="one_open_advice_per_person",
            ),
        ]


class Slots(models.Manager["Slot"]):
    """Questions about slots."""

    def between(self, person: Person, first: datetime, last: datetime) -> list[Slot]:
        """A person's slots that start from `first` to `last`."""
        return _between(person.pk, first, last)


class Slot(models.Model):
    """A bookable time of a field person. Booking is a conditional update, so that it has exactly one winner (R40)."""

    person = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    packet = models.ForeignKey(
        "fullkit.Packet", null=True, blank=True, on_delete=models.PROTECT, related_name="slots"
    )
    booked_by = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    booked_at = models.DateTimeField(null=True, blank=True)

    objects = Slots()

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.UniqueConstraint(fields=["person", "starts_at"], name="one_slot_at_a_time"),
            models.UniqueConstraint(
                fields=["packet"], condition=Q(packet__isnull=False), name="one_slot_per_packet"
            ),
            models.CheckConstraint(name="slot_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
        ]
        indexes = [models.Index(fields=["starts_at"], name="slot_by_time")]


_between = Prepared(
    lambda person, first, last: Slot.objects.filter(person=person, starts_at__gte=first, starts_at__lte=last),
    int,
    datetime,
    datetime,
)


class TimeEntry(models.Model):
    """Minutes by category (R16, R102). Personal data: role-limited, erasable."""

    person = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="time")
    category = models.CharField(max_length=20)
    minutes = models.FloatField()
    cause = models.CharField(max_length=40, blank=True, default="")
    packet = models.ForeignKey("fullkit.Packet", null=True, blank=True, on_delete=models.PROTECT)
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "fullkit"
