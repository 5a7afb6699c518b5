"""The forms for what a company is: its words, its departments and roles, what is known of a packet, its day."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fullkit.playbook import edit
from fullkit.playbook.schema import WEEKDAYS, FieldSpec, Playbook, Term
from fullkit.web.forms_method import ChangeForm, key_from

_WORDS: Any = forms.Textarea(attrs={"rows": 2})
_LINES: Any = forms.Textarea(attrs={"rows": 3})


class TermForm(ChangeForm):
    """A word that is counted, with criterion, test and decision (R79)."""

    title = gettext_lazy("Define a word")
    term = forms.CharField(label=gettext_lazy("Word"), max_length=80)
    criterion = forms.CharField(label=gettext_lazy("Criterion"), max_length=600, widget=_WORDS)
    test = forms.CharField(label=gettext_lazy("Test"), max_length=600, widget=_WORDS)
    decision = forms.CharField(label=gettext_lazy("Decision"), max_length=600, widget=_WORDS)
    owner = forms.ChoiceField(label=gettext_lazy("Who may change it"))
    examples_in = forms.CharField(label=gettext_lazy("Is one, a line each"), required=False, widget=_LINES)
    examples_out = forms.CharField(label=gettext_lazy("Is none, a line each"), required=False, widget=_LINES)

    def build(self) -> None:
        self.defined: Term | None = next(
            (t for t in self.book.terms if t.term == self.where.get("term")), None
        )
        if self.where.get("term") and self.defined is None:
            raise Http404
        self.fields["owner"].choices = [(r.key, r.name) for r in self.book.roles]  # type: ignore[attr-defined]
        if self.defined is not None:
            for name in ("term", "criterion", "test", "decision", "owner"):
                self.fields[name].initial = getattr(self.defined, name)
            for name in ("examples_in", "examples_out"):
                self.fields[name].initial = "\n".join(getattr(self.defined, name))

    @property
    def subject(self) -> str:
        return self.defined.term if self.defined else ""

    def apply(self) -> Playbook:
        given = self.cleaned_data
        row = {name: given[name] for name in ("term", "criterion", "test", "decision", "owner")}
        for name in ("examples_in", "examples_out"):
            if lines := _lines(given[name]):
                row[name] = lines
        rows = [t.model_dump(exclude_defaults=True) for t in self.book.terms]
        if self.defined is None:
            rows.append(row)
        else:
            rows[self.book.terms.index(self.defined)] = row
        return edit.replace_in(self.book, ("terms",), rows)


class DepartmentForm(ChangeForm):
    """What a department is called, and how long something stays in one pair of hands there."""

    title = gettext_lazy("Change a department")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    lease = forms.CharField(
        label=gettext_lazy("Lease"),
        max_length=8,
        help_text=gettext_lazy(
            "How long a packet stays with somebody without a word, such as 30m, 4h or 2d."
        ),
    )

    def build(self) -> None:
        self.department = self.part(self.book.department, "department")
        self.fields["name"].initial = self.department.name
        self.fields["lease"].initial = self.department.lease

    @property
    def subject(self) -> str:
        return str(self.department.name)

    def apply(self) -> Playbook:
        place = ("departments", self.department.key)
        renamed = edit.replace_in(self.book, (*place, "name"), self.cleaned_data["name"])
        return edit.replace_in(renamed, (*place, "lease"), self.cleaned_data["lease"])


class RoleForm(ChangeForm):
    """What a role is called, and how many meaningful interactions or meetings a day it aims at (R41, R42)."""

    title = gettext_lazy("Change a role")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    target_per_day = forms.IntegerField(
        label=gettext_lazy("Conversations or meetings a day"), min_value=1, max_value=500, required=False
    )

    def build(self) -> None:
        self.role = self.part(self.book.role, "role")
        self.fields["name"].initial = self.role.name
        self.fields["target_per_day"].initial = self.role.target_per_day
        if not self.role.selling:
            del self.fields["target_per_day"]

    @property
    def subject(self) -> str:
        return str(self.role.name)

    def apply(self) -> Playbook:
        place = ("roles", self.role.key)
        changed = edit.replace_in(self.book, (*place, "name"), self.cleaned_data["name"])
        if "target_per_day" in self.fields:
            target = self.cleaned_data["target_per_day"]
            changed = edit.replace_in(changed, (*place, "target_per_day"), target)
        return changed


class FieldForm(ChangeForm):
    """One thing that is known of a packet, besides customer, contact, value and family."""

    title = gettext_lazy("What is known of it")
    name = forms.CharField(label=gettext_lazy("Field"), max_length=80)
    kind = forms.ChoiceField(
        label=gettext_lazy("What it holds"),
        choices=[
            ("text", gettext_lazy("Text")),
            ("number", gettext_lazy("A number")),
            ("money", gettext_lazy("An amount")),
            ("date", gettext_lazy("A date")),
            ("choice", gettext_lazy("One of these words")),
            ("yes_no", gettext_lazy("Yes or no")),
            ("link", gettext_lazy("A link")),
        ],
    )
    choices = forms.CharField(label=gettext_lazy("The words, a line each"), required=False, widget=_LINES)
    required = forms.BooleanField(label=gettext_lazy("Required to arrive"), required=False)

    def build(self) -> None:
        self.type = self.part(self.book.packet_type, "type")
        self.field: FieldSpec | None = next(
            (f for f in self.type.fields if f.key == self.where.get("field")), None
        )
        if self.where.get("field") and self.field is None:
            raise Http404
        if self.field is not None:
            for name in ("name", "kind", "required"):
                self.fields[name].initial = getattr(self.field, name)
            self.fields["choices"].initial = "\n".join(self.field.choices)

    @property
    def subject(self) -> str:
        return f"{self.type.name}: {self.field.name}" if self.field else str(self.type.name)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == "choice" and not _lines(given.get("choices", "")):
            self.add_error("choices", _("Write the words that can be chosen, a line each."))
        return given

    def apply(self) -> Playbook:
        given = self.cleaned_data
        rows = [f.model_dump(exclude_defaults=True) for f in self.type.fields]
        key = self.field.key if self.field else key_from(given["name"], {f.key for f in self.type.fields})
        row: dict[str, Any] = {"key": key, "name": given["name"], "kind": given["kind"]}
        if given["kind"] == "choice":
            row["choices"] = _lines(given["choices"])
        if given["required"]:
            row["required"] = True
        if self.field is None:
            rows.append(row)
        else:
            rows[self.type.fields.index(self.field)] = row
        return edit.replace_in(self.book, ("packet_types", self.type.key, "fields"), rows)


class SlotsForm(ChangeForm):
    """When field people can be booked."""

    title = gettext_lazy("Change the day's slots")
    times = forms.CharField(
        label=gettext_lazy("Begin at"),
        max_length=200,
        help_text=gettext_lazy("Times of day such as 09:00, 11:00, 13:30."),
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes of one"), min_value=1, max_value=480)

    def build(self) -> None:
        self.slots = self.part({s.role: s for s in self.book.slots}, "role")
        self.fields["times"].initial = ", ".join(f"{t:%H:%M}" for t in self.slots.times)
        self.fields["minutes"].initial = self.slots.minutes

    @property
    def subject(self) -> str:
        return str(self.book.role[self.slots.role].name)

    def apply(self) -> Playbook:
        place = ("slots", self.slots.role)
        times = [part for part in re.split(r"[,;\s]+", self.cleaned_data["times"]) if part]
        changed = edit.replace_in(self.book, (*place, "times"), times)
        return edit.replace_in(changed, (*place, "minutes"), self.cleaned_data["minutes"])


class HoursForm(ChangeForm):
    """When the company works, a line for each day; promises count in these hours."""

    title = gettext_lazy("Change the working time")

    def build(self) -> None:
        names = [
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
        ]  # fmt: skip
        for day, name in zip(WEEKDAYS, names, strict=True):
            spans = self.book.calendar.hours.get(day, ())
            self.fields[day] = forms.CharField(
                label=name,
                max_length=80,
                required=False,
                initial=", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in spans),
                help_text=_("Such as 08:00-12:00, 12:30-17:00; empty is closed.") if day == "mon" else "",
            )

    def apply(self) -> Playbook:
        hours = {
            day: [part for part in re.split(r"[,;\s]+", self.cleaned_data[day].replace("–", "-")) if part]
            for day in WEEKDAYS
        }
        return edit.replace_in(
            self.book, ("calendar", "hours"), {day: spans for day, spans in hours.items() if spans}
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
