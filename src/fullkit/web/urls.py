"""The pages: one noun leads from the address to the view, the verb and the test."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from fullkit.web import (
    calculators,
    calendar,
    customers,
    favours,
    handoff,
    inbox,
    method,
    method_change,
    next,
    packet,
    pool,
    queues,
    search,
    setup,
    sign_in,
    team,
    time,
    today,
)


def at_first_use(module: str, view: str) -> Callable[..., HttpResponseBase]:
    """A view whose room is entered when somebody asks for it: what measures is large, and most never ask."""

    def answer(*given: Any, **named: Any) -> HttpResponseBase:
        answered: HttpResponseBase = getattr(import_module(module), view)(*given, **named)
        return answered

    answer.enters = module, view  # type: ignore[attr-defined]  # for the list of addresses
    return answer


urlpatterns: list[URLPattern] = [
    # The door, and the work in hand
    path("", sign_in.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("password", sign_in.password, name="password"),
    path("next", next.next_packet, name="next"),
    path("packets/<str:number>", packet.packet, name="packet"),
    path("packets/<str:number>/history", packet.history, name="history"),
    path("packets/<str:number>/conversation", packet.conversation, name="conversation"),
    path("packets/<str:number>/outcome", packet.complete, name="outcome"),
    path("packets/<str:number>/stage", packet.stage, name="stage"),
    path("packets/<str:number>/skip", packet.skip, name="skip"),
    path("skip/undo", packet.undo_skip, name="undo_skip"),
    path("packets/<str:number>/put-back", packet.put_back, name="put_back"),
    path("packets/<str:number>/park", packet.park, name="park"),
    path("packets/<str:number>/lease", packet.lease, name="lease"),
    path("packets/<str:number>/pick-up", packet.pick_up, name="pick_up"),
    path("packets/<str:number>/return", packet.take_back, name="take_back"),
    path("packets/<str:number>/triage", packet.triage, name="triage"),
    path("packets/<str:number>/classification", packet.classification, name="classification"),
    path("packets/<str:number>/correction", packet.correction, name="correction"),
    path("packets/<str:number>/cause", packet.cause, name="cause"),
    path("packets/<str:number>/remark", packet.remark, name="remark"),
    path("packets/<str:number>/favour", packet.favour, name="favour"),
    path("packets/<str:number>/reopening", packet.reopen, name="reopen"),
    path("packets/<str:number>/handoffs/<str:kind>", handoff.handoff, name="handoff"),
    path("handoffs/<int:pk>/withdrawal", handoff.withdrawal, name="withdrawal"),
    path("handoffs/<int:pk>/dispute", handoff.dispute, name="dispute"),
    path("files/<int:pk>", packet.file, name="file"),
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/<str:department>", inbox.department_inbox, name="department_inbox"),
    path("favours", favours.favours, name="favours"),
    path("favours/<int:pk>/answer", favours.favour_answer, name="favour_answer"),
    path("customers", customers.customers, name="customers"),
    path("customers/<int:pk>", customers.customer, name="customer"),
    path("customers/<int:pk>/contacts", customers.contacts, name="contacts"),
    path("customers/<int:pk>/merge", customers.merge, name="merge"),
    path("contacts/<int:pk>/erasure", customers.contact_erasure, name="contact_erasure"),
    path("contacts/<int:pk>/data", customers.contact_data, name="contact_data"),
    path("search", search.search, name="search"),
    path("call", search.call, name="call"),
    path("today", today.today, name="today"),
    path("today/<str:number>", today.visit, name="visit"),
    path("time", time.time, name="time"),
    # Promotions, scheduling, leads, method, setting up
    path("queues", queues.queues, name="queues"),
    path("queues/<str:department>/run", queues.run, name="queues_run"),
    path("queues/advice/<int:advice>/acceptance", queues.advice_acceptance, name="advice_acceptance"),
    path("queues/incidents/<str:number>/completion", queues.incident_completion, name="incident_completion"),
    path("pool", pool.pool, name="pool"),
    path("pool/rows", pool.rows, name="pool_rows"),
    path("pool/<str:number>/facts", pool.supply, name="pool_supply"),
    path("pool/<str:number>/release", pool.release, name="pool_release"),
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/bookings", calendar.bookings, name="bookings"),
    path("calendar/slots/<int:pk>", calendar.slot, name="slot"),
    path("calendar/weeks/<str:monday>/slots", calendar.slots, name="calendar_slots"),
    path("team", team.team, name="team"),
    path("team/disputes/<int:pk>/decision", team.decision, name="decision"),
    path("team/packets/<str:number>/return", team.taken_back, name="taken_back"),
    path("team/packets/<str:number>/cause", team.named_cause, name="named_cause"),
    path("flow", at_first_use("fullkit.web.flow", "flow"), name="flow"),
    path("flow/pictures", at_first_use("fullkit.web.pictures", "pictures"), name="flow_pictures"),
    path("flow/behind", at_first_use("fullkit.web.flow", "behind"), name="flow_behind"),
    path("calculators", calculators.calculators, name="calculators"),
    path("playbook", method.playbook, name="playbook"),
    path("playbook/kits", method.kits, name="kits"),
    path("playbook/processes", method.processes, name="processes"),
    path("playbook/queues", method.method_queues, name="method_queues"),
    path("playbook/reasons", method.reasons, name="reasons"),
    path("playbook/people", method.people, name="people"),
    path("playbook/people/<str:sign_in>/key", method_change.new_key, name="new_key"),
    path("playbook/versions", method.versions, name="versions"),
    path("playbook/versions/<int:number>", method.version, name="version"),
    path("playbook/versions/<int:number>/return", method_change.earlier, name="earlier"),
    path("playbook/text", method.text, name="playbook_text"),
    path("playbook/upload", method_change.upload, name="playbook_upload"),
    path("playbook/changes/<str:what>", method_change.changes, name="method_changes"),
    path("playbook/removals/<str:what>", method_change.removals, name="method_removals"),
    path("playbook/change", method_change.change, name="method_change"),
    path("setup", setup.setup, name="setup"),
    path("definitions", method.definitions, name="definitions"),
]
