"""A favour is help after a handoff. It moves no owner and stops no clock (R4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fullkit.actions import log, may, playbooks
from fullkit.models import Favour, Packet, Person
from fullkit.models.prepared import insert
from fullkit.rules import events
from fullkit.rules.fields import typed
from fullkit.rules.refusal import Refusal
from fullkit.rules.text import MAX_TEXT


class AlreadyAnswered(Refusal):
    says = "This favour was answered on {when}."


class FavourOfYourself(Refusal):
    says = "Ask someone else: a favour is help from another person."


@transaction.atomic
def ask(packet: Packet, *, of: Person, question: str, by: Person, at: datetime, item: str = "") -> Favour:
    """Ask for help. It moves no owner, stops no clock and has no due time (R4)."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    if of.pk == by.pk:
        raise FavourOfYourself()
    if not question.strip():
        raise playbooks.ReasonMissing(what="you ask")
    asked = Favour(packet=packet, item=item, asked_by=by, asked_of=of, question=question.strip(), asked_at=at)
    insert(asked)
    said = events.FavourAsked(person=of.pk, item=item or None)
    log.record(plant, said, at=at, by=by, packet=packet, remark=question)
    return asked


@transaction.atomic
def answer(asked: Favour, *, text: str, by: Person, at: datetime) -> Favour:
    """Answer a favour that was asked of you."""
    plant = playbooks.current()
    asked = Favour.objects.select_for_update().select_related("packet").get(pk=asked.pk)
    if asked.asked_of_id != by.pk:
        raise may.NotYours("This favour was asked of someone else.")
    if asked.answered_at is not None:
        raise AlreadyAnswered(when=f"{asked.answered_at:%Y-%m-%d}")
    asked.answer, asked.answered_at = typed("text", text, limit=MAX_TEXT, lines=True), at
    asked.save(update_fields=["answer", "answered_at"])
    log.record(plant, events.FavourAnswered(), at=at, by=by, packet=asked.packet, remark=text)
    return asked
