"""Calculators: what a rule of the method says about numbers somebody brings along. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from fullkit.actions import playbooks
from fullkit.playbook.plant import Plant
from fullkit.rules import capacity, transition
from fullkit.web import words
from fullkit.web.doors import now, page

MOST_WEEKS = 25
"""As many whole weeks as a measure looks back."""


class Calculation(forms.Form):
    """Numbers somebody brings along, and the sentence that answers them."""

    def __init__(self, plant: Plant, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.plant = plant

    def answer(self) -> str:
        """What the rule says about the numbers given."""
        raise NotImplementedError


class FlowForm(Calculation):
    """R15: what better conversion brings, and what more flow brings."""

    flow = forms.FloatField(
        label=gettext_lazy("Opportunities a week"), min_value=0, max_value=1_000_000, initial=10
    )
    conversion = forms.FloatField(label=gettext_lazy("Conversion, %"), min_value=0, max_value=100, initial=50)
    points = forms.FloatField(
        label=gettext_lazy("Conversion improves by, points"), min_value=0, max_value=100, initial=10
    )
    more = forms.FloatField(
        label=gettext_lazy("Or flow grows by, %"), min_value=0, max_value=100_000, initial=40
    )

    def answer(self) -> str:
        given: dict[str, float] = self.cleaned_data
        flow, rate = given["flow"], given["conversion"] / 100
        sales = capacity.sales(flow, rate)
        better = sales + capacity.more_sales(flow, rate, points=given["points"])
        faster = sales + capacity.more_sales(flow, rate, flow_percent=given["more"])
        return _(
            "%(now)s sales a week now; %(better)s with %(points)s points more conversion, "
            "%(faster)s with %(more)s %% more flow."
        ) % {
            "now": f"{sales:,.1f}",
            "better": f"{better:,.1f}",
            "points": f"{given['points']:g}",
            "faster": f"{faster:,.1f}",
            "more": f"{given['more']:g}",
        }


class SlotForm(Calculation):
    """R21: an unfilled slot has a price."""

    empty = forms.IntegerField(
        label=gettext_lazy("Empty slots a week"), min_value=0, max_value=100_000, initial=20
    )
    conversion = forms.DecimalField(
        label=gettext_lazy("Slots that lead to a win, %"),
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=2,
        initial=Decimal(8),
    )
    throughput = forms.DecimalField(
        label=gettext_lazy("Throughput of a win"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        initial=10_000,
    )

    def answer(self) -> str:
        given: dict[str, Any] = self.cleaned_data
        worth = capacity.slot_worth(float(given["conversion"]) / 100, given["throughput"])
        return _(
            "A slot is worth %(worth)s %(currency)s; %(empty)s empty ones cost %(cost)s %(currency)s a week."
        ) % {
            "worth": f"{worth:,.0f}",
            "currency": self.plant.playbook.company.currency,
            "empty": given["empty"],
            "cost": f"{capacity.empty_slot_cost(given['empty'], worth):,.0f}",
        }


class MoveForm(Calculation):
    """R45: a department shows that it can before a case type is moved to it."""

    type = forms.ChoiceField(label=gettext_lazy("Case type"))
    volume = forms.IntegerField(
        label=gettext_lazy("Cases a week once it is moved"), min_value=1, max_value=1_000_000, initial=20
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Good weeks in a row"), min_value=1, max_value=MOST_WEEKS, initial=4
    )
    target = forms.IntegerField(label=gettext_lazy("On time, %"), min_value=1, max_value=100, initial=95)

    def __init__(self, plant: Plant, data: Any = None, **more: Any) -> None:
        super().__init__(plant, data, **more)
        promised = [(t.key, t.name) for t in plant.playbook.packet_types if t.promise]
        self.fields["type"] = forms.ChoiceField(label=gettext_lazy("Case type"), choices=promised)

    def answer(self) -> str:
        given = self.cleaned_data
        spec = self.plant.type(given["type"])
        from fullkit.reports import flow  # it measures, and most who calculate do not ask for that

        weeks = flow.weeks_of(spec.key, self.plant, at=now())
        names = {"department": words.department(spec.home, self.plant), "packet_type": spec.name}
        lately = ", ".join(f"{w.on_time}/{w.completed}" for w in weeks[-given["weeks"] :]) or _("none")
        try:
            transition.may_switch(
                weeks,
                projected_volume=given["volume"],
                target=given["target"] / 100,
                weeks_needed=given["weeks"],
                **names,
            )
            said = _("%(department)s is ready to take over %(packet_type)s.") % names
        except transition.NotReadyToSwitch as refused:
            said = refused.message
        return said + " " + _("On time of completed, week by week: %s.") % lately


@dataclass(frozen=True)
class Calculator:
    """A question, the form that asks for its numbers, and the rule the answer comes from."""

    key: str
    title: Any
    rule: str
    form: type[Calculation]


CALCULATORS = (
    Calculator("flow", gettext_lazy("Flow or conversion?"), "R15", FlowForm),
    Calculator("slots", gettext_lazy("What do empty slots cost?"), "R21", SlotForm),
    Calculator("move", gettext_lazy("Before you move a case type"), "R45", MoveForm),
)


@require_safe
@page("manage", "supervise", "method")
def calculators(request: HttpRequest) -> HttpResponse:
    """Small calculations by the rules of the method; the one asked answers in a sentence."""
    plant = playbooks.current()
    shown = [_shown(one, request.GET, plant) for one in CALCULATORS]
    return render(request, "calculators.html", {"calculators": shown})


def _shown(one: Calculator, given: Mapping[str, Any], plant: Plant) -> dict[str, Any]:
    asked = given.get("of") == one.key
    form = one.form(plant, given if asked else None, prefix=one.key)
    return {"one": one, "form": form, "answer": form.answer() if asked and form.is_valid() else ""}
