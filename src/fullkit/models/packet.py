"""Everything that moves: one table, one life.

A packet belongs to exactly one department at any instant and to at most one person in it. The claims below are
single statements whose row count is the lock; the constraints are the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import F, Q

from fullkit.models.prepared import Prepared, as_given, changed_with

if TYPE_CHECKING:
    from fullkit.models.people import Person


OPEN = ("waiting", "held", "parked")
"""The states of a packet that is alive."""


Waiting = tuple[int, str, str, datetime | None, datetime | None, datetime, Decimal | None]
"""Id, type, stage, touched at, step due at, queued at, value."""


class PacketSet(models.QuerySet["Packet"]):
    """Adjectives and claims."""

    def open(self) -> PacketSet:
        return self.filter(state__in=OPEN)

    def waiting(self) -> PacketSet:
        # Also "not closed", in the words of the indexes on what is open: SQLite draws no such conclusions itself.
        return self.open().filter(state="waiting")

    def of_thread(self, thread: str) -> PacketSet:
        """Those of one conversation by mail, in the words of their index."""
        return self.exclude(thread="").filter(thread=thread)

    def in_department(self, department: str) -> PacketSet:
        return self.filter(department=department)

    def ready(self) -> PacketSet:
        """Released to a person and not yet touched (R26)."""
        return self.open().filter(touched_at=None)

    def in_play(self) -> PacketSet:
        """Touched and not yet closed (R26)."""
        return self.open().exclude(touched_at=None)

    def numbered(self, number: str) -> PacketSet:
        """The packet people call `O-1042`; the letters may be left out."""
        prefix, _, digits = number.strip().upper().rpartition("-")
        if not digits.isdecimal() or len(digits) > 18:
            return self.none()
        found = self.filter(pk=int(digits))
        return found.filter(prefix=prefix) if prefix else found

    def due(self, at: datetime) -> PacketSet:
        """Those to which something happens by itself now: a lease out, a step due, a promise turning red."""
        return self.filter(alarm_at__lte=at).order_by("alarm_at", "pk")

    def anything_due(self, department: str, at: datetime) -> bool:
        """Whether `due` would find something in a department; asked before every deal, hence the plain statement."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM fullkit_packet WHERE department=%s AND alarm_at<=%s LIMIT 1",
                [department, connection.ops.adapt_datetimefield_value(at)],
            )
            return cursor.fetchone() is not None

    def whole(self, pk: int) -> Packet:
        """One packet with its customer and contact. Raises DoesNotExist."""
        for found in _whole(pk):
            return found
        raise Packet.DoesNotExist(f"There is no packet {pk}.")

    def own_waiting(self, person: Person, department: str) -> list[Waiting]:
        """What waits for one person: what decides its turn (rules/queue.py), and no more."""
        return _own_waiting(person.pk, department)

    def own_first(self, person: Person, department: str) -> list[Waiting]:
        """Of `own_waiting` what can come first: everything begun or promised, and of the rest the oldest few.

        The rest takes its turn by age alone, so however long a queue is, dealing from it costs the same.
        """
        with connection.cursor() as cursor:
            cursor.execute(_OWN_FIRST, [person.pk, department, person.pk, department])
            rows = cursor.fetchall()
        return [(*row[:3], *map(_instant, row[3:6]), _money(row[6])) for row in rows]

    def due_now(self, department: str, at: datetime) -> list[Packet]:
        """The first of those in a department to which something happens by itself now."""
        return _due_now(department, at)

    def count_ready(self, person: Person, *, department: str, type: str, since: datetime) -> int:
        """How many of a type were released to a person since then and are untouched (R26)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM fullkit_packet WHERE person_id=%s AND NOT (state='closed')"
                " AND department=%s AND type=%s AND touched_at IS NULL AND released_at>=%s",
                [person.pk, department, type, connection.ops.adapt_datetimefield_value(since)],
            )
            return int(cursor.fetchone()[0])

    def continuing(self, thread: str) -> Packet | None:
        """The open packet that a message of this conversation continues."""
        return next(iter(_continuing(thread)), None)

    def held_by(self, person: Person) -> int | None:
        """The id of the one packet in a person's hands."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM fullkit_packet WHERE person_id=%s AND state='held'", [person.pk])
            row = cursor.fetchone()
        return row[0] if row else None

    def claim_next(
        self,
        *,
        department: str,
        person: Person,
        lease_until: datetime,
        never: Sequence[str] = (),
        passing_over_skipped: bool = True,
        waiting_for_others: bool = False,
    ) -> int | None:
        """Take the red, then the oldest, waiting packet of a shared inbox into `person`'s hands.

        One statement: two callers can never get the same packet, and on PostgreSQL none waits for another.
        Types in `never` are not dealt (a pool is released, not dealt). What this person skipped is passed over
        while it can be. Returns the packet's id, or None when nothing waits: what somebody is just taking counts
        as taken, unless `waiting_for_others`, for their claim may yet come to nothing.
        """
        if waiting_for_others and connection.vendor != "postgresql":
            return None  # there every claim has waited for the one before
        until = connection.ops.adapt_datetimefield_value(lease_until)
        mine = " AND (skipped_by_id IS NULL OR skipped_by_id <> %s)" if passing_over_skipped else ""
        others = f" AND type NOT IN ({', '.join(['%s'] * len(never))})" if never else ""
        skip = "" if waiting_for_others else " SKIP LOCKED"
        lock = f" FOR UPDATE{skip}" if connection.vendor == "postgresql" else ""
        sql = (
            "UPDATE fullkit_packet SET state='held', person_id=%s, lease_until=%s, fence=fence+1,"
            " alarm_at=CASE WHEN alarm_at IS NOT NULL AND alarm_at < %s THEN alarm_at ELSE %s END"
            " WHERE state='waiting' AND id = (SELECT id FROM fullkit_packet"
            f" WHERE department=%s AND state='waiting' AND person_id IS NULL{mine}{others}"
            f" ORDER BY urgent DESC, queued_at, id LIMIT 1{lock}) RETURNING id"
        )
        given: list[Any] = [
            person.pk,
            until,
            until,
            until,
            department,
            *([person.pk] if mine else []),
            *never,
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            row = cursor.fetchone()
        return row[0] if row else None

    def claim(self, packet: int, *, person: Person, lease_until: datetime) -> bool:
        """Take one waiting packet of the person's own queue into their hands; False when it is no longer there."""
        until = connection.ops.adapt_datetimefield_value(lease_until)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE fullkit_packet SET state='held', person_id=%s, lease_until=%s, fence=fence+1,"
                " alarm_at=CASE WHEN alarm_at IS NOT NULL AND alarm_at < %s THEN alarm_at ELSE %s END"
                " WHERE id=%s AND state='waiting' AND (person_id=%s OR person_id IS NULL)",
                [person.pk, until, until, until, packet, person.pk],
            )
            return cursor.rowcount == 1

    def change(
        self, packet: Packet, told: Callable[[], Sequence[models.Model]] = tuple, /, **changes: Any
    ) -> bool:
        """Change a packet only if nobody else did since it was read; the fence is the version.

        The rows that are `told`, once the packet reads as it will be, are inserted with it. Returns False when someone
        was faster, and nothing is written then. On success the object carries the new values.
        """
        changes["fence"] = packet.fence + 1
        fields: dict[str, Any] = {name: Packet._meta.get_field(name) for name in changes}
        sets = ", ".join(f'"{field.column}" = %s' for field in fields.values())
        given = [
            as_given(field, value) for value, field in zip(changes.values(), fields.values(), strict=True)
        ]
        before = {name: getattr(packet, name) for name in changes}
        # Every verb ends here, hence the plain statement: the same one, at a fifth of the time.
        statement = f"UPDATE fullkit_packet SET {sets} WHERE id = %s AND fence = %s RETURNING id"
        changed = False
        try:
            for name, value in changes.items():
                setattr(packet, name, value)
            changed = changed_with(statement, [*given, packet.pk, before["fence"]], told())
        finally:
            if not changed:
                for name, value in before.items():
                    setattr(packet, name, value)
        return changed


class Packet(models.Model):
    """An opportunity, a quote request, an order, an issue, a design job, a meeting request: whatever moves."""

    prefix = models.CharField(max_length=4)
    type = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    customer = models.ForeignKey(
        "fullkit.Customer", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    contact = models.ForeignKey("fullkit.Contact", null=True, blank=True, on_delete=models.PROTECT)
    department = models.CharField(max_length=40)
    person = models.ForeignKey(
        "fullkit.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="packets",
        db_index=False,
    )
    state = models.CharField(max_length=8, default="waiting")
    process = models.CharField(max_length=40, blank=True, default="")
    stage = models.CharField(max_length=40, blank=True, default="")
    chain = models.CharField(max_length=8)
    inertia = models.CharField(max_length=12, default="undecided")
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    family = models.CharField(max_length=80, blank=True, default="")
    fields = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=40)
    thread = models.CharField(max_length=200, blank=True, default="")
    arrived_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    """When it entered the inbox it is in: what "oldest first" means."""
    promise_from = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    red_at = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=5, blank=True, default="")
    """'' (green or yellow), 'red' or 'black'. Stored, so that dealing is one walk down an index."""
    urgent = models.BooleanField(default=False)
    alarm_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    skipped_by = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    cause = models.CharField(max_length=40, blank=True, default="")
    """Why it turned red or black (R54)."""
    step = models.CharField(max_length=200, blank=True, default="")
    step_due_at = models.DateTimeField(null=True, blank=True)
    """When the customer was promised the next step; kept after waking, so that it is dealt first (R18)."""
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    touched_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    playbook = models.PositiveIntegerField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")

    objects = PacketSet.as_manager()

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.CheckConstraint(
                name="packet_state", condition=Q(state__in=["waiting", "held", "parked", "closed"])
            ),
            models.CheckConstraint(
                name="held_has_holder_and_lease",
                condition=Q(state="held", person__isnull=False, lease_until__isnull=False)
                | (~Q(state="held") & Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="closed_has_outcome",
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="parked_has_a_time", condition=~Q(state="parked") | Q(not_before__isnull=False)
            ),
            models.CheckConstraint(name="packet_has_a_department", condition=~Q(department="")),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="held"), name="one_packet_in_hand_per_person"
            ),
        ]
        indexes = [
            models.Index(
                F("department"),
                F("urgent").desc(),
                F("queued_at"),
                F("id"),
                condition=Q(state="waiting", person__isnull=True),
                name="packet_next_in_inbox",
            ),
            models.Index(
                fields=["department", "alarm_at"],
                condition=Q(alarm_at__isnull=False),
                name="packet_alarm",
            ),
            # Whole indexes, not partial ones: SQLite cannot see that a bound parameter satisfies a condition.
            models.Index(fields=["person", "state"], name="packet_of_person"),
            # The two halves of a personal queue, in the words of `own_first`.
            models.Index(
                fields=["person", "department"],
                condition=(
                    Q(person__isnull=False, state="waiting")
                    & (Q(touched_at__isnull=False) | Q(step_due_at__isnull=False))
                ),
                name="packet_own_begun",
            ),
            models.Index(
                fields=["person", "department", "queued_at", "id"],
                condition=Q(
                    person__isnull=False, state="waiting", touched_at__isnull=True, step_due_at__isnull=True
                ),
                name="packet_own_new",
            ),
            models.Index(fields=["department", "state", "type", "queued_at"], name="packet_by_type"),
            models.Index(fields=["department", "state", "type", "zone", "queued_at"], name="packet_on_board"),
            models.Index(fields=["customer", "-arrived_at"], name="packet_of_customer"),
            models.Index(fields=["thread"], name="packet_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """What people call it: `O-1042`."""
        return f"{self.prefix}-{self.pk}"

    @property
    def open(self) -> bool:
        return self.state != "closed"

    @property
    def touched(self) -> bool:
        return self.touched_at is not None

    @property
    def facts(self) -> dict[str, object]:
        """What it already knows and a kit item may rest on, by the names the playbook uses."""
        known: dict[str, object] = {
            "customer": self.customer.name if self.customer else None,
            "contact": self.contact.name if self.contact else None,
            "value": self.value,
            "family": self.family or None,
        }
        return known | {f"field.{key}": value for key, value in self.fields.items()}

    def worth(self, margin: Decimal) -> Decimal:
        """Throughput if it is won: value times margin; zero when no value is known."""
        return (self.value or Decimal(0)) * margin


def _instant(stored: Any) -> Any:
    """A time from a plain statement; SQLite keeps it without its zone, which is UTC."""
    if isinstance(stored, str):
        stored = datetime.fromisoformat(stored)
    return stored if stored is None or stored.tzinfo else stored.replace(tzinfo=UTC)


def _money(stored: Any) -> Decimal | None:
    return stored if stored is None or isinstance(stored, Decimal) else Decimal(str(stored))


_OWN = (
    "SELECT id, type, stage, touched_at, step_due_at, queued_at, value FROM fullkit_packet"
    " WHERE person_id IS NOT NULL AND person_id=%s AND department=%s AND state='waiting'"
)
_OWN_FIRST = (
    f"{_OWN} AND (touched_at IS NOT NULL OR step_due_at IS NOT NULL)"
    f" UNION ALL SELECT * FROM ({_OWN} AND touched_at IS NULL AND step_due_at IS NULL"
    " ORDER BY queued_at, id LIMIT 8) AS untouched"
)

BATCH = 500
"""How many of those that are due are looked at in one go."""

_whole = Prepared(lambda pk: Packet.objects.filter(pk=pk).select_related("customer", "contact"), int)
_due_now = Prepared(lambda key, at: Packet.objects.filter(department=key).due(at)[:BATCH], str, datetime)
_continuing = Prepared(lambda thread: Packet.objects.open().of_thread(thread).order_by("-pk")[:1], str)
_own_waiting = Prepared(
    lambda person, department: (
        Packet.objects.waiting()
        .filter(person=person, department=department)
        .values_list("pk", "type", "stage", "touched_at", "step_due_at", "queued_at", "value")
    ),
    int,
    str,
)


class Messages(models.Manager["Message"]):
    """Questions about messages."""

    def seen(self, door: str, message_id: str) -> Message | None:
        """This message, if it came through this door before."""
        return next(iter(_seen(door, message_id)), None)


class Message(models.Model):
    """That something arrived once: (department's door, message id) ends in exactly one packet (R52)."""

    door = models.CharField(max_length=40)
    message_id = models.CharField(max_length=250)
    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()

    objects = Messages()

    class Meta:
        app_label = "fullkit"
        constraints = [models.UniqueConstraint(fields=["door", "message_id"], name="arrives_once")]


_seen = Prepared(
    lambda door, message: Message.objects.select_related("packet").filter(door=door, message_id=message),
    str,
    str,
)


class StageExit(models.Model):
    """The evidence that the customer did what ends a stage (R76)."""

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="exits")
    stage = models.CharField(max_length=40)
    evidence_kind = models.CharField(max_length=20)
    evidence = models.CharField(max_length=500)
    file = models.ForeignKey(
        "fullkit.Upload", null=True, blank=True, on_delete=models.PROTECT, related_name="exits"
    )
    evidence_at = models.DateTimeField()
    by = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    playbook = models.PositiveIntegerField()

    class Meta:
        app_label = "fullkit"
