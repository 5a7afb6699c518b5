"""The pages: one noun leads from the address to the view, the verb and the test."""

from __future__ import annotations

from django.urls import URLPattern, path

from fullkit.web import queues

urlpatterns: list[URLPattern] = [
    # Promotions, scheduling, leads, method, setting up
    path("queues", queues.queues, name="queues"),
    path("queues/<str:department>/run", queues.run, name="queues_run"),
    path("queues/advice/<int:advice>/acceptance", queues.advice_acceptance, name="advice_acceptance"),
    path("queues/incidents/<str:number>/completion", queues.incident_completion, name="incident_completion"),
]
