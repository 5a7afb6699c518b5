"""The kit of a handoff as one form: what a fact already answers is shown, the rest has the control that supplies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from fullkit.actions import handoffs, uploads
from fullkit.actions.handoffs import Given
from fullkit.models import Handoff, KitSupply, Packet, Person, Upload
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType, KitItem
from fullkit.rules import kit
from fullkit.rules.refusal import Invalid


@dataclass
class Line:
    """One item of the kit as the page shows it."""

    spec: KitItem
    met: bool
    value: str = ""
    file: Any = None
    evidence: str = ""
    by_fact: bool = False
    problem: str = ""
    kept: Upload | None = None
    """A file that was chosen before and is kept although the form was not right."""
    fields: list[Any] = field(default_factory=list)
    link: str = ""
    link_words: str = ""


class KitForm(forms.Form):
    """Every item of a kit that is not met by a fact; nothing is required, since what is missing may come later."""

    def __init__(
        self,
        spec: HandoffType,
        plant: Plant,
        origin: Packet,
        handoff: Handoff | None,
        *,
        today: date,
        person: Person,
        data: Any = None,
        files: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.kept = _kept(spec, data or {}, person)
        self.spec, self.plant, self.today = spec, plant, today
        self.items = {i.key: i for i in plant.kit(spec.key)}
        self.stored = {s.item: s for s in handoff.supplies.select_related("file")} if handoff else {}
        self.known = handoffs.facts(handoff.packet if handoff else origin)
        self.origin = origin
        self.booked = {s.item for s in plant.playbook.slots if s.handoff == spec.key}
        self.problems = {
            key: kit.check(i, self._supply(key), self.known, today=today) for key, i in self.items.items()
        }
        for item in spec.kit:
            if not self._by_fact(item) and not self._elsewhere(item):
                self._add(item)

    def _supply(self, key: str) -> kit.Supply | None:
        stored = self.stored.get(key)
        return Given(stored.value, stored.file, stored.evidence).as_supply() if stored else None

    def _by_fact(self, item: KitItem) -> bool:
        """Met by what the packet already says, with nothing supplied."""
        return item.key not in self.stored and not self.problems[item.key]

    def _elsewhere(self, item: KitItem) -> bool:
        """Supplied on another page: who the customer and the contact are, and a booked slot."""
        return item.key in self.booked or item.fact in ("customer", "contact")

    def _add(self, item: KitItem) -> None:
        stored = self.stored.get(item.key)
        value = stored.value if stored else self.known.get(item.fact or "")
        control = _control(item, value)
        control.required = False
        control.label = item.name
        control.help_text = ""
        self.fields[item.key] = control
        if item.is_.kind == "ticked":
            self.fields[f"{item.key}.evidence"] = forms.CharField(
                label=_("Where that can be checked: a link, a reference, or a name and a date"),
                max_length=500, required=False, initial=stored.evidence if stored else "",
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for item in self.spec.kit:
            supply = self._as_supply(item, given)
            if supply is None or item.key not in self.fields or item.key in self.errors:
                continue
            try:
                kit.refuse_wrong_type(self.items[item.key], supply, today=self.today)
            except Invalid as wrong:
                self.add_error(
                    item.key, f"{wrong.facts['problem'].removeprefix(f'{item.name}: ')} {wrong.facts['cure']}"
                )
        return given

    def _as_supply(self, item: KitItem, given: Mapping[str, Any]) -> kit.Supply | None:
        value = given.get(item.key)
        if isinstance(value, UploadedFile) or value in (None, "", False):
            return None
        evidence = given.get(f"{item.key}.evidence") or ""
        return kit.Supply(value=kit.storable(value), evidence=evidence)

    def keep_files(self, *, by: Person, at: datetime) -> None:
        """Store what was chosen, so that it need not be chosen again because something else was wrong."""
        for item in self.spec.kit:
            sent = self.files.get(item.key)
            if not isinstance(sent, UploadedFile) or item.key in self.errors:
                continue
            try:
                self.kept[item.key] = uploads.store(cast(Any, sent), name=sent.name or "", by=by, at=at)
            except Invalid as wrong:
                self.add_error(item.key, f"{wrong.facts['problem']} {wrong.facts['cure']}")

    def given(self, *, by: Person, at: datetime) -> dict[str, Given]:
        """What was supplied now; files are stored. Raises Invalid for a file that is not what it claims to be."""
        out: dict[str, Given] = {}
        for item in self.spec.kit:
            value = self.cleaned_data.get(item.key)
            if isinstance(value, UploadedFile):
                out[item.key] = Given(
                    file=uploads.store(cast(Any, value), name=value.name or "", by=by, at=at)
                )
            elif item.key in self.kept:
                out[item.key] = Given(file=self.kept[item.key])
            elif value not in (None, "", False):
                evidence = self.cleaned_data.get(f"{item.key}.evidence") or ""
                new = Given(value=kit.storable(value), evidence=evidence)
                if not self._same(item.key, new):
                    out[item.key] = new
        return out

    def _same(self, key: str, new: Given) -> bool:
        stored = self.stored.get(key)
        return stored is not None and (stored.value, stored.evidence) == (new.value, new.evidence)

    def lines(self) -> list[Line]:
        """The kit in its order, each item met or with what supplies it."""
        return [self._line(item) for item in self.spec.kit]

    def _line(self, item: KitItem) -> Line:
        problem = self.problems[item.key] or ""
        stored = self.stored.get(item.key)
        line = Line(item, not problem, problem=problem.removeprefix(f"{item.name}: "))
        if self._by_fact(item):
            line.value, line.by_fact = str(self.known.get(item.fact or "", "")), True
            return line
        if stored is not None:
            line.value, line.file, line.evidence = _shown(stored), stored.file, stored.evidence
        if self._elsewhere(item):
            in_calendar = item.key in self.booked
            line.link = (
                reverse("calendar")
                if in_calendar
                else reverse("packet", args=[self.origin.number]) + "#facts"
            )
            line.link_words = _("Book it in the calendar") if in_calendar else _("Say who it is")
            return line
        line.kept = self.kept.get(item.key)
        names = [item.key, f"{item.key}.evidence"]
        line.fields = [self[name] for name in names if name in self.fields]
        return line


def _kept(spec: HandoffType, data: Mapping[str, Any], person: Person) -> dict[str, Upload]:
    """The files a form kept for whoever sends it; only their own, whatever number stands there."""
    asked = {i.key: str(data.get(f"{i.key}.kept", "")) for i in spec.kit if i.is_.kind == "file_of"}
    wanted = {key: int(text) for key, text in asked.items() if text.isdecimal() and len(text) < 19}
    if not wanted:
        return {}
    own = Upload.objects.filter(by=person).in_bulk(wanted.values())
    return {key: own[pk] for key, pk in wanted.items() if pk in own}


def _shown(stored: KitSupply) -> str:
    return _("Yes") if stored.value is True else "" if stored.value is None else str(stored.value)


def _control(item: KitItem, value: Any) -> forms.Field:
    """The control that supplies an item of this kind."""
    test = item.is_
    match test.kind:
        case "one_of":
            choices = [(c, c) for c in test.one_of or ()]
            if len(choices) <= 4:
                return forms.ChoiceField(choices=choices, widget=forms.RadioSelect(), initial=value)
            return forms.ChoiceField(choices=[("", ""), *choices], initial=value)
        case "between":
            least, most = test.between or (None, None)
            control = forms.CharField(max_length=24, initial=value)
            control.widget.attrs |= {"inputmode": "decimal", "placeholder": f"{least} to {most}"}
            return control
        case "future_date":
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=value
            )
        case "file_of":
            kinds = test.file_of or ()
            accept = {"accept": ",".join(f".{kind}" for kind in kinds)}
            return forms.FileField(max_length=200, widget=forms.FileInput(attrs=accept))
        case "ticked":
            return forms.BooleanField(initial=value is True)
    return forms.CharField(max_length=500, initial=value)
