"""Forms for the people of the playbook: who joins, who works as what, who leaves."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fullkit.playbook import edit
from fullkit.playbook.schema import PersonEntry, Playbook
from fullkit.web.forms_method import ChangeForm

ROWS = 6
"""People who can join by one form."""


def sign_in_from(name: str, taken: set[str]) -> str:
    """A sign-in name: the first name, with more of the last where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain) or ["person"]
    tries = [words[0], *(f"{words[0]}.{words[-1][:n]}" for n in range(1, len(words[-1]) + 1))]
    return next(t for t in [*tries, *(f"{words[0]}{n}" for n in range(2, 10000))] if t not in taken)[:80]


def roles_by_department(book: Playbook) -> list[Any]:
    """Roles as choices, grouped by department."""
    return [
        (d.name, [(r.key, r.name) for r in book.roles if r.department == d.key])
        for d in book.departments
        if any(r.department == d.key for r in book.roles)
    ]


class PeopleForm(ChangeForm):
    """Several colleagues at once: a name and a role are enough."""

    title = gettext_lazy("Add people")
    reason = gettext_lazy("New colleagues")

    def build(self) -> None:
        roles = [("", ""), *roles_by_department(self.book)]
        for n in range(ROWS):
            self.fields[f"name-{n}"] = forms.CharField(label=_("Name"), max_length=80, required=False)
            self.fields[f"role-{n}"] = forms.ChoiceField(label=_("Works as"), choices=roles, required=False)
            self.fields[f"sign_in-{n}"] = forms.RegexField(
                r"^[a-z0-9][a-z0-9._@+-]{0,79}$",
                label=_("Signs in as"),
                required=False,
                error_messages={"invalid": _("Small letters, digits, and . _ @ + - only.")},
            )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each row."""
        return [[self[f"{part}-{n}"] for part in ("name", "role", "sign_in")] for n in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        filled = [n for n in range(ROWS) if given.get(f"name-{n}")]
        if not filled and not self.errors:
            self.add_error("name-0", _("Name at least one person."))
        for n in range(ROWS):
            if given.get(f"name-{n}") and not given.get(f"role-{n}"):
                self.add_error(f"role-{n}", _("Choose what they work as."))
            if given.get(f"role-{n}") and not given.get(f"name-{n}"):
                self.add_error(f"name-{n}", _("Who works as this?"))
            if given.get(f"sign_in-{n}") in self.book.person:
                self.add_error(f"sign_in-{n}", _("Somebody signs in by this name already."))
        return given

    def apply(self) -> Playbook:
        given, rows = self.cleaned_data, [_row(p) for p in self.book.people]
        for n in range(ROWS):
            if given[f"name-{n}"]:
                taken = {row["sign_in"] for row in rows}
                sign_in = given[f"sign_in-{n}"] or sign_in_from(given[f"name-{n}"], taken)
                rows.append({"sign_in": sign_in, "name": given[f"name-{n}"], "roles": [given[f"role-{n}"]]})
        return edit.replace_in(self.book, ("people",), rows)


class PersonForm(ChangeForm):
    """What one person is called, works as, and uses up a day."""

    title = gettext_lazy("Change a person")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Works as"), widget=forms.CheckboxSelectMultiple())
    home = forms.ChoiceField(
        label=gettext_lazy("First of all as"), help_text=gettext_lazy("This role's department is theirs.")
    )
    consumption = forms.FloatField(
        label=gettext_lazy("New opportunities a day, if other than the queue's"),
        required=False,
        min_value=0.1,
        max_value=200,
    )

    def build(self) -> None:
        self.entry: PersonEntry = self.part(self.book.person, "person")
        choices = [(r.key, f"{r.name}, {self.book.department[r.department].name}") for r in self.book.roles]
        self.fields["roles"].choices = choices  # type: ignore[attr-defined]
        self.fields["home"].choices = choices  # type: ignore[attr-defined]
        self.fields["name"].initial = self.entry.name
        self.fields["roles"].initial = list(self.entry.roles)
        self.fields["home"].initial = self.entry.roles[0]
        self.fields["consumption"].initial = self.entry.consumption
        if not any("sell" in self.book.role[r].may for r in self.entry.roles):
            del self.fields["consumption"]

    @property
    def subject(self) -> str:
        return self.entry.name

    def apply(self) -> Playbook:
        given = self.cleaned_data
        home = given["home"]
        row = {
            "sign_in": self.entry.sign_in,
            "name": given["name"],
            "roles": [home, *(r for r in given["roles"] if r != home)],
        }
        pace = given.get("consumption", self.entry.consumption)
        if pace is not None:
            row["consumption"] = pace
        rows = [row if p is self.entry else _row(p) for p in self.book.people]
        return edit.replace_in(self.book, ("people",), rows)


def removed(book: Playbook, what: str, where: dict[str, str]) -> Playbook:
    """The playbook without one of its parts; a 404 for what cannot be taken out by a form."""
    match what:
        case "item":
            return edit.remove_kit_item(book, where.get("handoff", ""), where.get("item", ""))
        case "stage":
            return edit.remove_stage(book, where.get("process", ""), where.get("stage", ""))
        case "reason":
            return edit.remove_from(book, ("reasons", where.get("kind", ""), where.get("reason", "")))
        case "person":
            return edit.remove_person(book, where.get("person", ""))
        case "closed-day":
            return _opened(book, where.get("department", ""), where.get("day", ""))
    raise Http404


def _opened(book: Playbook, department: str, day: str) -> Playbook:
    if department:
        closed = {**book.department[department].closed} if department in book.department else {}
        left = {d.isoformat(): why for d, why in closed.items() if d.isoformat() != day}
        return edit.replace_in(book, ("departments", department, "closed"), left or None)
    left = {d.isoformat(): why for d, why in book.calendar.holidays.extra.items() if d.isoformat() != day}
    return edit.replace_in(book, ("calendar", "holidays", "extra"), left or None)


def _row(entry: PersonEntry) -> dict[str, Any]:
    row: dict[str, Any] = {"sign_in": entry.sign_in, "name": entry.name, "roles": list(entry.roles)}
    if entry.consumption is not None:
        row["consumption"] = entry.consumption
    return row
