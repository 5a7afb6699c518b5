"""Time: minutes by category, so that what displaces selling becomes visible (R16, R59, R102)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from fullkit.actions import playbooks
from fullkit.actions import time as verbs
from fullkit.models import TimeEntry
from fullkit.playbook.plant import Plant
from fullkit.rules.capacity import CATEGORIES
from fullkit.web.doors import now, page, who

WORDS = {
    "selling": gettext_lazy("Selling"),
    "transactional": gettext_lazy("Quotes, orders and issues"),
    "admin": gettext_lazy("Administration"),
    "travel": gettext_lazy("Travel"),
    "repair": gettext_lazy("Repairing deliveries"),
}
GAPS = {
    "price": gettext_lazy("Price"),
    "availability": gettext_lazy("Availability"),
    "service": gettext_lazy("Service"),
}


class TimeForm(forms.Form):
    category = forms.ChoiceField(
        label=gettext_lazy("What"), widget=forms.RadioSelect(), choices=[(c, WORDS[c]) for c in CATEGORIES]
    )
    minutes = forms.FloatField(label=gettext_lazy("Minutes"), min_value=1, max_value=1440)

    def __init__(self, plant: Plant, data: Any = None) -> None:
        super().__init__(data)
        causes = [(r.key, r.name) for r in plant.playbook.reasons.repair]
        gaps = [(key, words) for key, words in GAPS.items() if key not in dict(causes)]
        self.fields["cause"] = forms.ChoiceField(
            label=_("Why"),
            required=False,
            choices=[("", ""), (_("Repair"), causes), (_("Had to step in on"), gaps)],
        )
        self.fields["cause"].help_text = _(
            "Repair needs its cause; for quotes and orders, say what operations could not give."
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("category") == "repair" and not given.get("cause"):
            self.add_error("cause", _("Say what was repaired; operations reads this."))
        return given


@page()
@require_http_methods(["GET", "POST"])
def time(request: HttpRequest) -> HttpResponse:
    """Log minutes, and see one's own day and week."""
    plant, person, at = playbooks.current(), who(request), now()
    form = TimeForm(plant, request.POST if request.method == "POST" else None)
    if form.is_valid():
        verbs.log_time(person=person, by=person, at=at, **form.cleaned_data)
        return redirect("time")
    start = plant.work.start_of_day(plant.work.day_of(at)) or at
    own = TimeEntry.objects.filter(person=person)
    shown = {
        "form": form,
        "entries": [(e, WORDS.get(e.category, e.category)) for e in own.order_by("-at")[:20]],
        "today": own.filter(at__gte=min(start, at)).aggregate(minutes=Sum("minutes"))["minutes"] or 0,
    }
    return render(request, "time.html", shown, status=422 if form.is_bound else 200)
