"""What the shell shows on every page: who is here, and the pages their roles work with."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from fullkit.actions import inbox, playbooks
from fullkit.models import Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Ability


class Link(NamedTuple):
    """A page of the side bar: its group, words, url name, key, and who sees it (None: everyone)."""

    group: Any
    label: Any
    url: str
    key: str
    ability: Ability | None


PAGES = [
    Link("", gettext_lazy("Next"), "next", "n", "work"),
    Link("", gettext_lazy("Visits"), "today", "", None),
    Link(gettext_lazy("Work"), gettext_lazy("Inbox"), "inbox", "", "work"),
    Link(gettext_lazy("Work"), gettext_lazy("Favours"), "favours", "", None),
    Link(gettext_lazy("Work"), gettext_lazy("Customers"), "customers", "", None),
    Link(gettext_lazy("Work"), gettext_lazy("Time"), "time", "", None),
    Link(gettext_lazy("Promotions"), gettext_lazy("Queues"), "queues", "", "promote"),
    Link(gettext_lazy("Promotions"), gettext_lazy("Pool"), "pool", "", "promote"),
    Link(gettext_lazy("Scheduling"), gettext_lazy("Calendar"), "calendar", "", "schedule"),
    Link(gettext_lazy("Lead"), gettext_lazy("Today"), "team", "", "supervise"),
    Link(gettext_lazy("Lead"), gettext_lazy("Flow"), "flow", "", "manage"),
    Link(gettext_lazy("Lead"), gettext_lazy("Calculators"), "calculators", "", "manage"),
    Link(gettext_lazy("Method"), gettext_lazy("Playbook"), "playbook", "", None),
    Link(gettext_lazy("Method"), gettext_lazy("Definitions"), "definitions", "", None),
]

OPENS_ON = {
    "next": "next",
    "today": "today",
    "queues": "queues",
    "calendar": "calendar",
    "flow": "flow",
    "inbox": "inbox",
    "method": "playbook",
}
"""The page a role's screen is."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `me` for base.html; nothing before sign-in or before a playbook is in force."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person) or not playbooks.exists():
        return {"nav": []}
    plant = playbooks.current()
    departments = plant.playbook.department
    home = departments[person.department].name if person.department in departments else ""
    return {
        "nav": _nav(request, person, plant),
        "me": {"id": person.pk, "name": person.name, "department": home},
        "currency": plant.playbook.company.currency,
    }


def _nav(
    request: HttpRequest, person: Person, plant: Plant
) -> list[tuple[Any, list[tuple[Any, str, str, bool]]]]:
    groups: dict[str, list[tuple[Any, str, str, bool]]] = {}
    for link in PAGES:
        if sees(person, link, plant):
            try:
                address = reverse(link.url)
            except NoReverseMatch:
                continue
            groups.setdefault(str(link.group), []).append(
                (link.label, address, link.key, request.path == address)
            )
    return list(groups.items())


def sees(person: Person, link: Link, plant: Plant) -> bool:
    """Whether a page of the side bar is this person's."""
    if link.url == "today":
        return any(r.selling == "field" or r.opens_on == "today" for r in person.roles_in(plant.playbook))
    if link.url == "inbox":
        return bool(inbox.working_departments(person, plant)) or person.may("supervise", plant.playbook)
    if link.url in ("flow", "calculators"):
        return any(person.may(a, plant.playbook) for a in ("manage", "supervise", "method"))
    return link.ability is None or person.may(link.ability, plant.playbook)


def opens_on(person: Person, plant: Plant) -> str:
    """The address of a person's first screen."""
    roles = person.roles_in(plant.playbook)
    return reverse(OPENS_ON[roles[0].opens_on] if roles else "customers")
