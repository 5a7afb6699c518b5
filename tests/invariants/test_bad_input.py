"""Whatever is typed: it is taken, or refused in a sentence, and a refusal changes nothing. Never anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullkit.actions import (
    calendar,
    conversations,
    customers,
    disputes,
    favours,
    handoffs,
    inbox,
    intake,
    journey,
    playbooks,
    pool,
    queues,
)
from fullkit.actions import time as hours
from fullkit.actions.handoffs import Given
from fullkit.actions.may import NotYours
from fullkit.models import Handoff, Packet, Slot
from fullkit.playbook.load import PlaybookError
from fullkit.rules.refusal import Refusal
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
from tests.world import World

UGLY = (
    "", " ", "\t\n", "\0", "a\0b", "\ud800", "a\udfffb", "\x1b[31m", "\u202e evil", "\ufeff", "é", "e\u0301",
    "株式会社", "🏭" * 300, "x" * 5000, "<script>alert(1)</script>", "'; DROP TABLE fullkit_event; --",
    "%s %(x)s {packet} {0}", "NaN", "-0", "1e999", "٣", "مرحبا", "नमस्ते", "null", "None", "\N{SNOWMAN}\u200d",
    "a" * 201, "\x85", "\u2028",
)  # fmt: skip
texts = st.one_of(st.sampled_from(UGLY), st.text(st.characters(exclude_categories=()), max_size=60))
numbers = st.one_of(
    st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0, 1e308, -1.0, 5e-324, 481.0, 10**30]),
    st.floats(),
    st.integers(),
)
amounts = st.one_of(
    st.decimals(),
    st.sampled_from(
        [Decimal("1e999999"), Decimal("0.001"), Decimal("999999999999.99"), Decimal("1000000000000")]
    ),
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))])
moments = st.one_of(
    st.datetimes(timezones=zones),
    st.sampled_from(
        [
            datetime.min.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=12))),
            datetime(2026, 3, 8, 8, 30, tzinfo=UTC),  # half past two does not exist in Chicago
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # half past one comes twice
        ]
    ),
)
days = st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(2026, 3, 8), date(2026, 11, 1)]))
values: st.SearchStrategy[Any] = st.one_of(
    texts, numbers, amounts, st.none(), st.booleans(), days, moments, st.lists(texts, max_size=2),
    st.dictionaries(texts, texts, max_size=2),
)  # fmt: skip

few = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def stage(world: World) -> World:
    """A Monday with something for every verb."""
    from tests.actions.test_calendar import asked, slots

    slots(world)
    asked(world, "a visit")
    world.in_hand(title="in hand")
    inbox.pick_up(world.arrives(title="mail"), by=world.sara, at=world.now)
    world.in_pool(title="in the pool")
    kit = {k: v for k, v in world.quote_kit().items() if k != "lines"}
    handoffs.open(
        Packet.objects.get(title="in hand"),
        kind="request_quote",
        by=world.anna,
        at=world.now,
        items=kit,
        title="kit",
    )
    return world


def survives(verb: Callable[..., Any], *args: Any, **arguments: Any) -> None:
    """Done, with the laws holding; or refused, with nothing changed. Nothing of it stays."""
    before = Snapshot()
    with transaction.atomic():
        try:
            with transaction.atomic():
                verb(*args, **arguments)
        except (Refusal, NotYours) as no:
            said = str(no)
            after = Snapshot()
            assert said.strip()
            assert after == before
        except PlaybookError:
            assert Snapshot() == before
        else:
            laws.hold(Snapshot())
        transaction.set_rollback(True)


def named(title: str, type: str = "") -> Packet:
    found = Packet.objects.filter(title=title)
    return (found.filter(type=type) if type else found).order_by("pk")[0]


# --- any text ------------------------------------------------------------------------------------------------

TEXT: dict[str, Callable[[World, str, str], Any]] = {
    "arrive": lambda w, a, b: intake.arrive(
        type="quote", title=a, source="mail", at=w.now, text=b, message_id=b, thread=a, family=b, verdict=""
    ),
    "arrive, its type": lambda w, a, b: intake.arrive(type=a, title="x", source=b, at=w.now, verdict=""),
    "arrive, its source": lambda w, a, b: intake.arrive(type="quote", title="x", source=a, at=w.now, verdict="us"),
    "arrive, its fields": lambda w, a, b: intake.arrive(
        type="quote", title="x", source="mail", at=w.now, fields={"deliver_to": a, "wanted_by": b}
    ),
    "arrive, its field names": lambda w, a, b: intake.arrive(
        type="quote", title="x", source="mail", at=w.now, fields={a: b}
    ),
    "arrive, its verdict": lambda w, a, b: intake.arrive(
        type="quote", title="x", source="mail", at=w.now, verdict=a
    ),
    "classify": lambda w, a, b: intake.classify(named("mail"), verdict="us", reason=a, by=w.sara, at=w.now),
    "triage": lambda w, a, b: intake.triage(named("mail"), type=a, by=w.sara, at=w.now),
    "correct": lambda w, a, b: intake.correct(named("mail"), title=a, family=b, by=w.sara, at=w.now),
    "comment": lambda w, a, b: intake.comment(named("mail"), text=a, by=w.sara, at=w.now),
    "skip": lambda w, a, b: inbox.skip(named("mail"), reason=a, by=w.sara, at=w.now),
    "put back": lambda w, a, b: inbox.put_back(named("mail"), reason=a, by=w.sara, at=w.now),
    "park": lambda w, a, b: inbox.park(
        named("mail"), until=w.now + timedelta(1), reason=a, step=b, by=w.sara, at=w.now
    ),
    "cause": lambda w, a, b: inbox.name_cause(named("mail"), reason=a, by=w.sara, at=w.now),
    "converse": lambda w, a, b: conversations.record(
        named("in hand", "opportunity"), outcome="not_sold", reason="timing", counterpart=a, remark=b, minutes=5,
        by=w.anna, at=w.now,
    ),
    "converse, its outcome": lambda w, a, b: conversations.record(
        named("in hand", "opportunity"), outcome=a, reason=b, counterpart="buyer", minutes=5, by=w.anna, at=w.now
    ),
    "converse, who arranges": lambda w, a, b: conversations.record(
        named("in hand", "opportunity"), outcome="sold_next_step", step_by=a or "x", counterpart="buyer", minutes=5,
        by=w.anna, at=w.now,
    ),
    "attempt": lambda w, a, b: conversations.attempt(
        named("in hand", "opportunity"), reason=a, by=w.anna, at=w.now
    ),
    "advance": lambda w, a, b: journey.advance(
        named("in hand", "opportunity"), evidence=a, evidence_at=w.now, to_stage=b or None, by=w.anna, at=w.now
    ),
    "advance, its evidence": lambda w, a, b: journey.advance(
        named("in hand", "opportunity"), evidence=a + "x", evidence_at=w.now, by=w.anna, at=w.now
    ),
    "close": lambda w, a, b: journey.close(named("mail"), outcome=a, reason=b, by=w.sara, at=w.now),
    "close, its reason": lambda w, a, b: journey.close(
        named("mail"), outcome="sent", reason=a, cause=b, by=w.sara, at=w.now
    ),
    "open": lambda w, a, b: handoffs.open(
        named("in hand", "opportunity"), kind="request_quote", title=a, by=w.anna, at=w.now,
        items={"deliver_to": Given(value=b)},
    ),
    "open, its kind": lambda w, a, b: handoffs.open(
        named("in hand", "opportunity"), kind=a, by=w.anna, at=w.now, items={b: Given(value=a)}
    ),
    "withdraw": lambda w, a, b: handoffs.withdraw(
        Handoff.objects.get(packet__title="kit"), reason=a, by=w.anna, at=w.now
    ),
    "dispute": lambda w, a, b: disputes.dispute(
        Handoff.objects.accepted().filter(kind="release")[0], item="contact", reason=a, by=w.anna, at=w.now
    ),
    "dispute, its item": lambda w, a, b: disputes.dispute(
        Handoff.objects.accepted().filter(kind="release")[0], item=a, reason="x", by=w.anna, at=w.now
    ),
    "favour": lambda w, a, b: favours.ask(named("mail"), of=w.anna, question=a, item=b, by=w.sara, at=w.now),
    "release": lambda w, a, b: queues.release(
        named("in the pool"), to=w.anna, by=w.carl, at=w.now, override=a
    ),
    "cancel": lambda w, a, b: calendar.cancel(Slot.objects.order_by("pk")[0], reason=a, by=w.cora, at=w.now),
    "register": lambda w, a, b: customers.register(name=a, place=b, at=w.now),
    "contact": lambda w, a, b: customers.add_contact(w.customer(), name=a, role=b, email=b, phone=a),
    "bought": lambda w, a, b: customers.bought(
        w.customer(), family=a, value=Decimal(1), at=w.now, source=b
    ),
    "time": lambda w, a, b: hours.log_time(
        person=w.anna, category=a, cause=b, minutes=5, by=w.anna, at=w.now
    ),
    "time, its cause": lambda w, a, b: hours.log_time(
        person=w.anna, category="transactional", cause=a, minutes=5, by=w.anna, at=w.now
    ),
    "pool": lambda w, a, b: pool.add(
        pool.Lead(customer=a, title=b, contact=a, role=b, phone=b, email=a, family=b), source="list", by=w.carl,
        at=w.now,
    ),
    "pool, its source": lambda w, a, b: pool.add(
        pool.Lead(customer="Omega", title="x"), source=a, by=w.carl, at=w.now
    ),
    "playbook": lambda w, a, b: playbooks.save(a, author=w.ines, reason=b, at=w.now),
    "playbook, its reason": lambda w, a, b: playbooks.save(
        playbooks.current().playbook and _demo() + "\n#\n", author=w.ines, reason=a, at=w.now
    ),
}  # fmt: skip


def _demo() -> str:
    from fullkit.playbook import presets

    return presets.read("demo")


@pytest.mark.parametrize("verb", TEXT)
def test_any_text_is_taken_or_refused(stage: World, verb: str) -> None:
    @few
    @given(a=texts, b=texts)
    def run(a: str, b: str) -> None:
        survives(TEXT[verb], stage, a, b)

    for ugly in UGLY:
        survives(TEXT[verb], stage, ugly, "x")
        survives(TEXT[verb], stage, "x", ugly)
    run()


# --- any value for a kit item, any number, any time ----------------------------------------------------------


def test_any_value_for_a_kit_item(stage: World) -> None:
    begun = Handoff.objects.get(packet__title="kit")
    items = st.sampled_from([*(i.key for i in stage.plant.kit("request_quote")), "mood"])

    @settings(few, max_examples=150)
    @given(item=items, value=values, evidence=texts, file=st.booleans())
    def run(item: str, value: Any, evidence: str, file: bool) -> None:
        what = Given(value=value, evidence=evidence, file=stage.file("pdf") if file else None)
        survives(handoffs.supply, begun, item=item, given=what, by=stage.anna, at=stage.now)

    run()


def test_any_value_for_a_field(stage: World) -> None:
    fields = st.dictionaries(
        st.sampled_from(["deliver_to", "wanted_by", "customer_reference", "x"]), values, max_size=2
    )

    @settings(few, max_examples=150)
    @given(fields=fields)
    def run(fields: dict[str, Any]) -> None:
        survives(intake.correct, named("mail"), fields=fields, by=stage.sara, at=stage.now)

    run()


def test_any_number_of_minutes(stage: World) -> None:
    @few
    @given(minutes=numbers)
    def run(minutes: float) -> None:
        mine = named("in hand", "opportunity")
        given_: dict[str, Any] = {"by": stage.anna, "at": stage.now, "minutes": minutes}
        survives(hours.log_time, person=stage.anna, category="selling", **given_)
        survives(conversations.attempt, mine, reason="voicemail", **given_)
        survives(conversations.record, mine, outcome="not_sold", reason="timing", counterpart="x", **given_)

    run()


def test_any_amount(stage: World) -> None:
    @few
    @given(value=amounts)
    def run(value: Decimal) -> None:
        new: dict[str, Any] = {"type": "quote", "title": "x", "source": "mail", "verdict": "us"}
        survives(intake.arrive, at=stage.now, value=value, by=stage.sara, **new)
        survives(intake.correct, named("mail"), value=value, by=stage.sara, at=stage.now)
        survives(journey.close, named("mail"), outcome="sent", value=value, by=stage.sara, at=stage.now)
        survives(customers.bought, stage.customer(), family="x", value=value, at=stage.now)
        survives(
            pool.add,
            pool.Lead(customer="Omega", title="x", value=value),
            source="l",
            by=stage.carl,
            at=stage.now,
        )

    run()


def test_any_time_that_is_typed(stage: World) -> None:
    @few
    @given(when=moments)
    def run(when: datetime) -> None:
        mine = named("in hand", "opportunity")
        survives(inbox.park, named("mail"), until=when, reason="x", step="y", by=stage.sara, at=stage.now)
        survives(conversations.attempt, mine, reason="voicemail", retry_at=when, by=stage.anna, at=stage.now)
        survives(
            conversations.record, mine, outcome="sold_next_step", counterpart="x", minutes=1, step_at=when,
            by=stage.anna, at=stage.now,
        )  # fmt: skip
        survives(journey.advance, mine, evidence="Pat", evidence_at=when, by=stage.anna, at=stage.now)

    run()


def test_any_day_for_slots(stage: World) -> None:
    @settings(few, max_examples=80)
    @given(day=days)
    def run(day: date) -> None:
        survives(calendar.open_slots, stage.faye, day=day, by=stage.cora, at=stage.now)

    run()


# --- the clock -----------------------------------------------------------------------------------------------

EVERYTHING: tuple[Callable[[World, datetime], Any], ...] = (
    lambda w, at: inbox.deal(w.sid, at=at),
    lambda w, at: inbox.sweep(at=at),
    lambda w, at: inbox.renew(named("mail"), by=w.sara, at=at),
    lambda w, at: inbox.put_back(named("mail"), reason="end_of_shift", by=w.sara, at=at),
    lambda w, at: journey.close(named("mail"), outcome="sent", by=w.sara, at=at),
    lambda w, at: (
        w.arrives(title="x") and intake.arrive(type="quote", title="x", source="m", at=at, verdict="us")
    ),
    lambda w, at: queues.replenish("inside_sales", at=at, by=w.carl),
    lambda w, at: queues.return_stale(at=at),
    lambda w, at: queues.advise(at=at),
    lambda w, at: handoffs.accept_those_past_grace(at=at),
    lambda w, at: handoffs.open(named("in hand", "opportunity"), kind="request_design", by=w.anna, at=at),
    lambda w, at: conversations.attempt(
        named("in hand", "opportunity"), reason="voicemail", by=w.anna, at=at
    ),
)


@pytest.mark.parametrize("verb", range(len(EVERYTHING)))
def test_a_clock_that_jumps(stage: World, verb: int) -> None:
    """Back by minutes or by a year, ahead by years, into the nights on which the clocks change, into a holiday week."""
    nights = [datetime.combine(day, time(8, 30), UTC) for day in (date(2026, 3, 8), date(2026, 11, 1))]
    jumps = [timedelta(minutes=-10), timedelta(days=-1), timedelta(days=-370), timedelta(days=900)]
    holidays = [datetime(2026, 12, 25, 3, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)]
    for at in [*nights, *holidays, *(stage.now + jump for jump in jumps)]:
        survives(EVERYTHING[verb], stage, at)


def test_a_department_closed_for_a_week(world: World) -> None:
    """What arrives in the closed week is promised for after it; nothing turns red meanwhile (R54)."""
    from fullkit.playbook.dump import dump

    book = world.plant.playbook
    week = {date(2026, 3, 9) + timedelta(days=n): "Stocktaking" for n in range(5)}
    departments = tuple(
        d.model_copy(update={"closed": week}) if d.key == "service" else d for d in book.departments
    )
    text = dump(book.model_copy(update={"departments": departments}))
    saved = playbooks.save(text, author=world.ines, reason="Stocktaking", at=world.now)
    playbooks.activate(saved, by=world.ines, at=world.now)
    world.now = datetime(2026, 3, 9, 15, tzinfo=UTC)
    packet = world.arrives(title="into the closed week")
    assert packet.due_at is not None
    assert packet.due_at > datetime(2026, 3, 16, 13, tzinfo=UTC)
    inbox.sweep(at=datetime(2026, 3, 15, 23, tzinfo=UTC))
    assert Packet.objects.get(pk=packet.pk).zone == ""
    laws.hold(Snapshot())
