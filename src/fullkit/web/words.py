"""The words pages use for the keys of the log and the playbook."""

from __future__ import annotations

from django.utils.translation import gettext as _

from fullkit.models import Packet
from fullkit.playbook.plant import Plant


def named(key: str) -> str:
    """A key as people read it: `not_quoted` is "Not quoted"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def department(key: str, plant: Plant) -> str:
    """A department's name, also of one the playbook no longer has."""
    known = plant.playbook.department.get(key)
    return known.name if known else named(key)


def type_name(key: str, plant: Plant) -> str:
    known = plant.playbook.packet_type.get(key)
    return known.name if known else named(key)


def reason(kind: str, key: str, plant: Plant) -> str:
    """A reason of the playbook by its key."""
    return next((r.name for r in getattr(plant.playbook.reasons, kind) if r.key == key), named(key))


def why_now(packet: Packet, dealt_because: str) -> str:
    """Why this packet and no other, as a sentence; `dealt_because` is the reason in the log."""
    return {
        "promised_step_due": _("The next step was promised for now: %(step)s.") % {"step": packet.step}
        if packet.step
        else _("The next step was promised for now."),
        "waited_too_long": _("It has waited longer than anything should wait."),
        "worth_most_per_hour": _("Of what is in play, an hour is worth most here."),
        "new": _("It is new, and the oldest of the new ones."),
        "red": _("Two thirds of its promise are used, so it goes before older ones."),
        "black": _("Its promise is broken, so it goes before everything."),
        "oldest": _("It has waited longest."),
        "out_of_turn": _("You picked it up out of turn."),
    }.get(dealt_because, "")


STATES = {"waiting": "waiting", "held": "in hand", "parked": "laid aside", "closed": "closed"}
