"""The small forms of a packet's page: what is known of it, what the customer did, a remark, a favour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fullkit.models import Contact, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import FieldSpec, Stage
from fullkit.web import words


class StageForm(forms.Form):
    """What the customer did that ends the stage, and how anyone can check it (R76)."""

    evidence = forms.CharField(max_length=500, required=False)
    evidence_file = forms.FileField(required=False, label=gettext_lazy("File"))
    evidence_at = forms.DateTimeField(
        label=gettext_lazy("When they did it"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    value = forms.DecimalField(
        label=gettext_lazy("Value of the order"), required=False, min_value=0, max_digits=14, decimal_places=2
    )

    def __init__(
        self, packet: Packet, stage: Stage, at: datetime, *, last: bool, data: Any = None, files: Any = None
    ) -> None:
        super().__init__(data, files, prefix="stage")
        local = timezone.localtime(at).replace(second=0, microsecond=0, tzinfo=None)
        self.fields["evidence_at"].initial = local
        self.fields["evidence"].label = stage.evidence.says
        if stage.evidence.kind == "contact_and_date" and packet.contact is not None:
            self.fields["evidence"].initial = ", ".join(
                filter(None, [packet.contact.name, packet.contact.role])
            )
        if stage.evidence.kind == "link":
            self.fields["evidence"].widget.attrs |= {"type": "url", "placeholder": "https://"}
        if stage.evidence.kind != "file":
            del self.fields["evidence_file"]
        if not last:
            del self.fields["value"]


class FactsForm(forms.Form):
    """What is known of a packet; correcting it may fill a kit that rests on it."""

    title = forms.CharField(label=gettext_lazy("What it is about"), max_length=200)

    def __init__(self, packet: Packet, plant: Plant, data: Any = None) -> None:
        super().__init__(data, prefix="facts")
        self.packet = packet
        self.fields["title"].initial = packet.title
        if packet.customer_id is None:
            self.fields["customer"] = forms.CharField(label=_("Customer"), max_length=200, required=False)
        else:
            people = Contact.objects.filter(customer=packet.customer_id, erased_at=None).order_by("name")
            self.fields["contact"] = forms.ModelChoiceField(
                people,
                label=_("Contact"),
                required=False,
                empty_label=_("nobody yet"),
                initial=packet.contact_id,
            )
        self.specs = plant.type(packet.type).fields
        for spec in self.specs:
            self.fields[f"field.{spec.key}"] = field_for(spec, packet.fields.get(spec.key))

    def facts(self) -> dict[str, Any]:
        """The facts that are given, without what must be looked up first."""
        given = self.cleaned_data
        fields = {
            s.key: given[f"field.{s.key}"]
            for s in self.specs
            if given.get(f"field.{s.key}") not in (None, "")
        }
        out: dict[str, Any] = {"title": given["title"], "fields": {k: str(v) for k, v in fields.items()}}
        if "contact" in self.fields:
            out["contact"] = given["contact"]
        return out


def field_for(spec: FieldSpec, value: Any = None) -> forms.Field:
    """A control for a typed field of the playbook; never required, since a kit asks for what is needed."""
    common: dict[str, Any] = {"label": spec.name, "required": False, "initial": value}
    match spec.kind:
        case "choice":
            return forms.ChoiceField(choices=[("", "")] + [(c, c) for c in spec.choices], **common)
        case "date":
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common
            )
        case "number" | "money":
            return forms.DecimalField(**common)
        case "yes_no":
            return forms.ChoiceField(choices=[("", ""), ("yes", _("Yes")), ("no", _("No"))], **common)
        case "link":
            return forms.CharField(max_length=500, widget=forms.URLInput(), **common)
    return forms.CharField(max_length=500, **common)


class FavourForm(forms.Form):
    """Help asked of someone; it moves no owner and stops no clock (R4)."""

    of = forms.ModelChoiceField(Person.objects.none(), label=gettext_lazy("Whom"), empty_label="")
    question = forms.CharField(
        label=gettext_lazy("What would help"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, person: Person, plant: Plant, data: Any = None) -> None:
        super().__init__(data, prefix="favour")
        others = Person.objects.filter(is_active=True).exclude(pk=person.pk).order_by("department", "name")
        of = self.fields["of"]
        assert isinstance(of, forms.ModelChoiceField)
        of.queryset = others
        of.label_from_instance = lambda obj: f"{obj.name}, {words.department(obj.department, plant)}"  # type: ignore[method-assign]


class CallForm(forms.Form):
    """A call taken down in three fields: who, what, and of which kind."""

    customer = forms.CharField(label=gettext_lazy("Customer"), max_length=200)
    title = forms.CharField(label=gettext_lazy("What they want"), max_length=200)

    def __init__(self, plant: Plant, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        kinds = [(t.key, t.name) for t in plant.playbook.packet_types if t.inbound]
        first = plant.playbook.arrivals.undecided
        self.fields["type"] = forms.ChoiceField(
            label=_("Kind"),
            choices=sorted(kinds, key=lambda k: k[0] != first),
            initial=first,
            widget=forms.RadioSelect(),
        )
        start = "title" if (initial or {}).get("customer") else "customer"
        self.fields[start].widget.attrs["autofocus"] = True
        self.fields["phone"] = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput())
