"""What there is: tables, constraints, chainable questions. No verbs."""

from fullkit.models.customers import Contact, Customer, Purchase
from fullkit.models.handoffs import Dispute, Favour, Handoff, KitSupply, Upload
from fullkit.models.log import Event, Remark
from fullkit.models.packet import Message, Packet, StageExit
from fullkit.models.people import IdempotencyKey, Person, SignInFailure, Token
from fullkit.models.playbooks import PlaybookVersion
from fullkit.models.queues import Advice, QueueReading, QueueTarget, Slot, TimeEntry

__all__ = [
    "Advice", "Contact", "Customer", "Dispute", "Event", "Favour", "Handoff", "IdempotencyKey",
    "KitSupply", "Message", "Packet", "Person", "PlaybookVersion", "Purchase", "QueueReading", "QueueTarget",
    "Remark", "SignInFailure", "Slot", "StageExit", "TimeEntry", "Token", "Upload",
]  # fmt: skip
