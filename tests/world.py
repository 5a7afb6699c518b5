"""The cast. The demo company's people, a Monday morning, and short words for what tests do all the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fullkit.actions import customers, handoffs, inbox, intake, playbooks, queues
from fullkit.actions.handoffs import Given
from fullkit.models import Contact, Customer, Event, Packet, Person, Upload
from fullkit.playbook import presets
from fullkit.playbook.plant import Plant

MONDAY_9AM = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""Nine in the morning in Chicago, on an ordinary Monday."""
PASSWORD = "a long enough password"


class World:
    """Harbour & Vale on a Monday morning: the playbook in force, the people, nothing in any inbox."""

    def __init__(self, text: str | None = None) -> None:
        self.now = MONDAY_9AM
        saved = playbooks.save(text or presets.read("demo"), author=None, reason="The first", at=self.now)
        playbooks.activate(saved, by=None, at=self.now)
        self.people = {p.sign_in: p for p in Person.objects.all()}

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def plant(self) -> Plant:
        return playbooks.current()

    def later(self, **span: float) -> datetime:
        """Move the clock on, in wall-clock time."""
        self.now += timedelta(**span)
        return self.now

    def customer(self, name: str = "Acme Pumps") -> Customer:
        return customers.register(name=name, at=self.now)

    def contact(self, customer: Customer, name: str = "Pat Doyle") -> Contact:
        return customers.add_contact(customer, name=name, role="buyer", phone="+1 312 555 0134")

    def in_pool(self, title: str = "Seals for the paint line", *, full: bool = True, **more: Any) -> Packet:
        """An opportunity in Promotions' pool; `full` has what the release kit asks for."""
        acme = more.pop("customer", None) or self.customer(more.pop("name", "Acme Pumps"))
        given: dict[str, Any] = {
            "customer": acme,
            "contact": self.contact(acme) if full else None,
            "fields": {"program": "Leak survey"} if full else {},
            "value": Decimal("24000.00"),
            "family": "seals",
        }
        found = intake.arrive(
            type="opportunity",
            title=title,
            source="campaign",
            by=self.carl,
            at=self.now,
            verdict="competitor",
            **(given | more),
        )
        return found.packet

    def released(self, to: Person | None = None, **more: Any) -> Packet:
        """An opportunity in someone's queue, untouched."""
        return queues.release(self.in_pool(**more), to=to or self.anna, by=self.carl, at=self.now)

    def in_hand(self, person: Person | None = None, **more: Any) -> Packet:
        """An opportunity in a salesperson's hands."""
        who = person or self.anna
        packet = self.released(who, **more)
        return inbox.pick_up(packet, by=who, at=self.now)

    def arrives(self, type: str = "quote", title: str = "Price for 40 bearings", **more: Any) -> Packet:
        """Something a customer sent."""
        acme = more.pop("customer", None) or self.customer()
        more.setdefault("verdict", "us")
        more.setdefault("contact", self.contact(acme))
        return intake.arrive(type=type, title=title, source="mail", at=self.now, customer=acme, **more).packet

    def file(self, kind: str = "pdf", name: str = "") -> Upload:
        """An uploaded file, as the row that stands for it."""
        return Upload.objects.create(
            name=name or f"lines.{kind}", kind=kind, size=1200, digest="0" * 64, by=None, at=self.now
        )

    def quote_kit(self) -> dict[str, Given]:
        """Everything that Customer service asks for before it quotes and the opportunity does not know."""
        wanted = self.plant.work.day_of(self.now) + timedelta(days=14)
        return {
            "lines": Given(file=self.file("pdf")),
            "deliver_to": Given(value="12 Dock Road, Gary"),
            "wanted_by": Given(value=wanted.isoformat()),
        }

    def quote_asked(self, by: Person | None = None, **more: Any) -> Packet:
        """A quote request that left sales with a full kit; the packet in Customer service's inbox."""
        who = by or self.anna
        packet = self.in_hand(who, **more)
        done = handoffs.open(packet, kind="request_quote", by=who, at=self.now, items=self.quote_kit())
        return Packet.objects.get(pk=done.packet_id)

    def log(self, packet: Packet) -> list[str]:
        """What happened to a packet, in order."""
        return list(Event.objects.filter(packet=packet).order_by("pk").values_list("kind", flat=True))


def fresh(packet: Packet) -> Packet:
    """The packet as it stands now."""
    return Packet.objects.get(pk=packet.pk)
