"""Forms of the pool: one opportunity, many rows, and what an opportunity lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from fullkit.actions.pool import Lead
from fullkit.models import Packet
from fullkit.playbook.plant import Plant
from fullkit.rules import kit
from fullkit.web.forms_packet import field_for

_PHONE = forms.TextInput(attrs={"type": "tel"})


class LeadForm(forms.Form):
    """An opportunity for the pool. Only the firm is required; what the release kit asks for may follow."""

    customer = forms.CharField(label=gettext_lazy("Customer"), max_length=200)
    contact = forms.CharField(label=gettext_lazy("Contact"), max_length=120, required=False)
    role = forms.CharField(label=gettext_lazy("Their role"), max_length=80, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False, widget=_PHONE)
    email = forms.EmailField(label=gettext_lazy("Mail"), required=False)
    family = forms.CharField(label=gettext_lazy("Product family"), max_length=80, required=False)
    value = forms.DecimalField(
        label=gettext_lazy("Value"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    title = forms.CharField(label=gettext_lazy("What it is about"), max_length=200, required=False)

    def __init__(self, plant: Plant, data: Any = None) -> None:
        super().__init__(data, prefix="lead")
        self.specs = plant.type(plant.playbook.arrivals.yours_to_win).fields
        for spec in self.specs:
            self.fields[f"field.{spec.key}"] = field_for(spec)

    def lead(self) -> Lead:
        """What was typed."""
        given = dict(self.cleaned_data)
        fields = {s.key: str(v) for s in self.specs if (v := given.pop(f"field.{s.key}")) not in (None, "")}
        return Lead(fields=fields, **given)


class RowsForm(forms.Form):
    """Rows out of a spreadsheet."""

    text = forms.CharField(
        label=gettext_lazy("Rows"),
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "paste", "spellcheck": "false"}),
    )


class SupplyForm(forms.Form):
    """The facts an opportunity lacks for its release kit, to be supplied where it stands."""

    def __init__(self, packet: Packet, lacking: Sequence[str], plant: Plant, data: Any = None) -> None:
        super().__init__(data, prefix=f"supply-{packet.pk}")
        self.specs = {s.key: s for s in plant.type(packet.type).fields}
        for fact in lacking:
            self._add(fact)

    def _add(self, fact: str) -> None:
        match fact:
            case "customer":
                self.fields["customer"] = forms.CharField(
                    label=gettext_lazy("Customer"), required=False, max_length=200
                )
            case "contact":
                self.fields["contact"] = forms.CharField(
                    label=gettext_lazy("Contact"), required=False, max_length=120
                )
                self.fields["phone"] = forms.CharField(
                    label=gettext_lazy("Phone"), required=False, max_length=40, widget=_PHONE
                )
            case "family":
                self.fields["family"] = forms.CharField(
                    label=gettext_lazy("Product family"), required=False, max_length=80
                )
            case "value":
                self.fields["value"] = forms.DecimalField(
                    label=gettext_lazy("Value"), required=False, min_value=0, max_digits=14, decimal_places=2
                )
            case _ if fact.removeprefix("field.") in self.specs:
                self.fields[fact] = field_for(self.specs[fact.removeprefix("field.")])


def lacking_facts(missing: Sequence[kit.Missing], release: Sequence[kit.Item]) -> list[str]:
    """The facts behind missing items; items that rest on no fact are supplied on the packet's page."""
    fact = {item.key: item.fact for item in release}
    return [found for one in missing if (found := fact.get(one.key))]


class ReleaseForm(forms.Form):
    """Release past a target: only with a reason, which is kept (R24)."""

    override = forms.CharField(
        label=gettext_lazy("Why past the target"),
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
