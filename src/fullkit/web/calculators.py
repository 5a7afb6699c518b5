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
from fullkit.rules import capacity
from fullkit.web.doors import page


class FlowForm(forms.Form):
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

    def answer(self, currency: str) -> str:
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


class SlotForm(forms.Form):
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

    def answer(self, currency: str) -> str:
        given: dict[str, Any] = self.cleaned_data
        worth = capacity.slot_worth(float(given["conversion"]) / 100, given["throughput"])
        return _(
            "A slot is worth %(worth)s %(currency)s; %(empty)s empty ones cost %(cost)s %(currency)s a week."
        ) % {
            "worth": f"{worth:,.0f}",
            "currency": currency,
            "empty": given["empty"],
            "cost": f"{capacity.empty_slot_cost(given['empty'], worth):,.0f}",
        }


@dataclass(frozen=True)
class Calculator:
    """A question, the form that asks for its numbers, and the rule the answer comes from."""

    key: str
    title: Any
    rule: str
    form: type[FlowForm | SlotForm]


CALCULATORS = (
    Calculator("flow", gettext_lazy("Flow or conversion?"), "R15", FlowForm),
    Calculator("slots", gettext_lazy("What do empty slots cost?"), "R21", SlotForm),
)


@require_safe
@page("manage", "supervise")
def calculators(request: HttpRequest) -> HttpResponse:
    """Small calculations by the rules of the method; the one asked answers in a sentence."""
    currency = playbooks.current().playbook.company.currency
    shown = [_shown(one, request.GET, currency) for one in CALCULATORS]
    return render(request, "calculators.html", {"calculators": shown})


def _shown(one: Calculator, given: Mapping[str, Any], currency: str) -> dict[str, Any]:
    asked = given.get("of") == one.key
    form = one.form(given if asked else None, prefix=one.key)
    return {"one": one, "form": form, "answer": form.answer(currency) if asked and form.is_valid() else ""}
