"""Favours: help asked of you and by you. They move no owner and stop no clock (R4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fullkit.actions import favours as verbs
from fullkit.models import Favour
from fullkit.rules.fields import typed
from fullkit.web.doors import now, page, who

SHOWN = 30


@page()
@require_GET
def favours(request: HttpRequest) -> HttpResponse:
    """What others asked, oldest first, and what became of one's own questions."""
    every = Favour.objects.select_related("packet", "asked_by", "asked_of")
    shown = {
        "owed": list(every.filter(asked_of=who(request), answered_at=None).order_by("asked_at")[:SHOWN]),
        "asked": list(every.filter(asked_by=who(request)).order_by("-asked_at")[:SHOWN]),
    }
    return render(request, "favours.html", shown)


@page()
@require_POST
def favour_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer one."""
    asked = get_object_or_404(Favour, pk=pk)
    text = typed(_("Answer"), request.POST.get("answer", ""), limit=4000, required=True, lines=True)
    verbs.answer(asked, text=text, by=who(request), at=now())
    messages.success(request, _("Answered. Thank you."))
    return redirect("favours")
