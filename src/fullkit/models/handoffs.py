"""Handoffs: the only way in which departments touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from fullkit.models.prepared import Prepared

if TYPE_CHECKING:
    from fullkit.models.packet import Packet


class HandoffSet(models.QuerySet["Handoff"]):
    """Adjectives."""

    def being_prepared(self) -> HandoffSet:
        """Opened, neither accepted nor withdrawn."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def prepared_for(self, packet: Packet) -> list[Handoff]:
        """The one being prepared for a packet, or none; asked by nearly every verb."""
        return _prepared_for(packet.pk)

    def accepted(self) -> HandoffSet:
        return self.exclude(accepted_at=None)


class Handoff(models.Model):
    """A packet on its way to another department: opened with a kit, accepted when, and only when, the kit is full."""

    packet = models.ForeignKey("fullkit.Packet", on_delete=models.PROTECT, related_name="handoffs")
    kind = models.CharField(max_length=40)
    from_department = models.CharField(max_length=40)
    to_department = models.CharField(max_length=40)
    to_person = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_by = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    full_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)
    first_time_full = models.BooleanField(default=False)
    playbook = models.PositiveIntegerField()
    """The version whose kit applies: the one in force when it was opened."""

    objects = HandoffSet.as_manager()

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.UniqueConstraint(
                fields=["packet"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_handoff_per_packet",
            ),
            models.CheckConstraint(
                name="accepted_was_full", condition=Q(accepted_at__isnull=True) | Q(full_at__isnull=False)
            ),
        ]

    @property
    def open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None


_prepared_for = Prepared(lambda packet: Handoff.objects.being_prepared().filter(packet=packet), int)


class Upload(models.Model):
    """A file given as a kit item or as evidence. Stored under its digest, outside the web root."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64, db_index=True)
    by = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        app_label = "fullkit"


class SuppliesOf(models.Manager["KitSupply"]):
    """Questions about what was supplied."""

    def of(self, handoff: Handoff) -> list[KitSupply]:
        """Everything supplied for a handoff, with its files."""
        return _supplies_of(handoff.pk)


class KitSupply(models.Model):
    """One item of a kit, supplied. Supplying again replaces the value; the log keeps that it happened."""

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="supplies")
    item = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    file = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.PROTECT)
    evidence = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()

    objects = SuppliesOf()

    class Meta:
        app_label = "fullkit"
        constraints = [models.UniqueConstraint(fields=["handoff", "item"], name="one_supply_per_item")]


_supplies_of = Prepared(lambda handoff: KitSupply.objects.filter(handoff=handoff).select_related("file"), int)


class Dispute(models.Model):
    """A claim that one named item of an accepted kit is untrue (R2). A supervisor decides."""

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="disputes")
    item = models.CharField(max_length=40)
    reason = models.TextField()
    raised_by = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    upheld = models.BooleanField(null=True)

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.UniqueConstraint(
                fields=["handoff", "item"],
                condition=Q(decided_at__isnull=True),
                name="one_open_dispute_per_item",
            ),
        ]


class Favour(models.Model):
    """Help asked of someone after acceptance. Moves no owner, stops no clock, has no due time (R4)."""

    packet = models.ForeignKey("fullkit.Packet", on_delete=models.PROTECT, related_name="favours")
    item = models.CharField(max_length=40, blank=True, default="")
    """The kit item it is really about, if any: the signal for amending the kit (R7)."""
    asked_by = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="favours_asked")
    asked_of = models.ForeignKey("fullkit.Person", on_delete=models.PROTECT, related_name="favours_owed")
    question = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "fullkit"
