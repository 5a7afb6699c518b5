"""The demo company is made by the verbs, the same for the same seed, lawful, and has the troubles that were planted."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import fullkit.demo
from fullkit.actions import inbox, playbooks
from fullkit.demo import build
from fullkit.demo.story import CONDITIONS, Story
from fullkit.models import Dispute, Event, Favour, Handoff, Packet, Person, Slot, StageExit
from fullkit.rules import events
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 3, 9, 20, 10, tzinfo=UTC)
"""A Monday afternoon in Chicago."""
WEEKS = 3


class Interrupted(BaseException):
    """As Ctrl-C or a kill would."""


def digest(*, before: datetime) -> str:
    """Everything that happened, told without ids, which a database may hand out as it likes."""
    told = hashlib.sha256()
    lines = (
        Event.objects.filter(at__lt=before)
        .order_by("pk")
        .values_list(
            "kind",
            "at",
            "recorded_at",
            "department",
            "packet__title",
            "actor__sign_in",
            "reason",
            "outcome",
            "value",
        )
    )
    for line in lines.iterator():
        told.update(repr(line).encode())
    return told.hexdigest()


SECOND_WEEK = datetime(2026, 2, 23, 6, 0, tzinfo=UTC)
"""Midnight in Chicago before the second Monday."""
FIRST: dict[str, Any] = {}
"""What an interrupted first try had come to, and what it left behind."""


def _first_week(sentence: str) -> None:
    if sentence.startswith("Week 2"):
        FIRST["digest"], FIRST["events"] = digest(before=SECOND_WEEK), Event.objects.count()
        raise Interrupted


def filled(progress: Callable[[str], object] = lambda sentence: None) -> build.Filled:
    return build.fill(weeks=WEEKS, until=UNTIL, now=UNTIL, progress=progress)


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[build.Filled]:
    """The company, after a first try that was interrupted in its second week."""
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.raises(Interrupted):
            filled(_first_week)
        FIRST["left"] = (Person.objects.count(), Event.objects.count(), playbooks.exists())
        yield filled()
        transaction.set_rollback(True)


def test_whoever_interrupts_it_finds_the_database_as_it_was(company: build.Filled) -> None:
    assert FIRST["events"] > 1000
    assert FIRST["left"] == (0, 0, False)


def test_the_same_seed_gives_the_same_history(company: build.Filled) -> None:
    assert digest(before=SECOND_WEEK) == FIRST["digest"]


def test_nothing_lies_in_the_future_and_time_goes_forward(company: build.Filled) -> None:
    times = list(Event.objects.order_by("pk").values_list("at", "recorded_at"))
    assert max(at for at, _ in times) <= UNTIL
    assert all(at == recorded for at, recorded in times)
    assert [at for at, _ in times] == sorted(at for at, _ in times)


def test_the_laws_of_the_line_hold(company: build.Filled) -> None:
    laws.hold(Snapshot())


def test_what_was_handed_over_was_full(company: build.Filled) -> None:
    accepted = Event.objects.filter(kind="handoff.accepted").count()
    assert accepted == Handoff.objects.accepted().count() > 500
    assert not Handoff.objects.accepted().filter(full_at=None).exists()


def test_nobody_was_refused(company: build.Filled) -> None:
    """People of the demo know the process. Only now and then a supervisor decides while somebody is at work on it."""
    assert set(company.refused) <= {"someone-was-faster", "not-in-your-hands"}
    assert sum(company.refused.values()) <= 3


def test_shared_inboxes_are_dealt_first_in_first_out_within_a_zone(company: build.Filled) -> None:
    """What was skipped, put back or triaged anew is left out: it has another place in the line than its arrival."""
    out_of_line = set(
        Event.objects.filter(
            kind__in=(
                "packet.skipped",
                "packet.put_back",
                "packet.lease_ran_out",
                "packet.woke",
                "packet.triaged",
            )
        ).values_list("packet", flat=True)
    )
    entered = {
        (e.packet_id, e.to_department or e.department): e.at
        for e in Event.objects.filter(kind__in=("packet.arrived", "handoff.accepted")).order_by("pk")
    }
    newest = datetime.min.replace(tzinfo=UTC)
    served: set[int | None] = set()
    shared = Event.objects.filter(kind="packet.dealt", department="service", reason="oldest")
    for e in shared.order_by("pk"):
        if e.packet_id in served | out_of_line:
            continue
        served.add(e.packet_id)
        since = entered[e.packet_id, "service"]
        assert since >= newest
        newest = since
    assert len(served) > 80


def test_every_department_works_and_nearly_everything_happens(company: build.Filled) -> None:
    worked = set(Event.objects.filter(kind="packet.dealt").values_list("department", flat=True))
    assert worked == {d.key for d in playbooks.current().playbook.departments if d.works}
    happened = set(Event.objects.values_list("kind", flat=True).distinct())
    assert len(happened) >= 0.8 * len(events.kinds())
    assert StageExit.objects.values("stage").distinct().count() >= 8


# --- the troubles --------------------------------------------------------------------------------------------


def test_the_item_that_is_usually_missing_is_the_purchase_order(company: build.Filled) -> None:
    lacked: Counter[str] = Counter()
    opened = Event.objects.filter(kind="handoff.opened").exclude(handoff_kind="visit")
    for missing in opened.exclude(missing=None).values_list("missing", flat=True):
        lacked.update(missing.split())
    assert lacked.most_common(1)[0][0] == "purchase_order"


def story() -> Story:
    last = UNTIL.date()
    return Story(last - timedelta(days=last.weekday() + 7 * WEEKS), WEEKS)


def by_week(**of: Any) -> Counter[int]:
    zone = playbooks.current().work
    return Counter(
        story().week(zone.day_of(at)) for at in Event.objects.filter(**of).values_list("at", flat=True)
    )


def test_queues_starve_in_the_week_in_which_the_campaign_failed(company: build.Filled) -> None:
    starved = by_week(kind="queue.starved")
    assert starved[story().starving] >= 4
    assert starved.most_common(1)[0][0] == story().starving


def test_most_quotes_are_late_in_the_week_in_which_two_were_ill(company: build.Filled) -> None:
    late = by_week(kind="promise.broken", department="service", packet_type="quote")
    assert late.most_common(1)[0][0] == story().late
    causes = Counter(
        Event.objects.filter(kind="promise.cause_named", department="service").values_list(
            "reason", flat=True
        )
    )
    assert causes["absence"] >= 5


def test_business_as_usual_borrows_one_person_of_growth(company: build.Filled) -> None:
    entries = Event.objects.filter(kind="time.logged", category="transactional", minutes__gte=100)
    assert set(entries.values_list("actor__sign_in", flat=True)) == {"dev"}
    assert Event.objects.filter(kind="growth.borrowed").exists()


def test_a_new_version_of_the_playbook_ends_the_favours(company: build.Filled) -> None:
    new = playbooks.current()
    assert new.number == 2
    assert CONDITIONS in {i.key for i in new.kit("request_design")}
    asked = Favour.objects.filter(item=CONDITIONS, packet__type="design").values_list("packet", flat=True)
    kitted_before = Handoff.objects.filter(playbook=1, to_department="engineering")
    assert asked
    assert set(asked) <= set(kitted_before.values_list("packet", flat=True))
    assert Handoff.objects.accepted().filter(playbook=2, to_department="engineering").exists()


# --- today ---------------------------------------------------------------------------------------------------


def test_today_is_alive(company: build.Filled) -> None:
    """Every page has something to show, and the next one is dealt."""
    assert Dispute.objects.filter(decided_at=None).exists()
    assert Favour.objects.filter(answered_at=None).exists()
    assert Slot.objects.filter(starts_at__gt=UNTIL).exclude(packet=None).count() >= 3
    assert Packet.objects.open().filter(type="starving_queue").exists()
    assert Packet.objects.waiting().filter(department="promotions", type="opportunity").count() >= 20
    zones = Counter(Packet.objects.open().filter(department="service").values_list("zone", flat=True))
    assert zones["red"]
    assert zones["black"]
    assert zones[""]
    stale = Packet.objects.get(state="held")
    assert stale.person is not None
    assert stale.person.sign_in in ("ella", "petra", "dana")
    for name in ("anna", "ben", "chloe", "dev", "sara"):
        assert inbox.deal(Person.objects.get(sign_in=name), at=UNTIL) is not None


def test_it_does_not_move_in_where_somebody_lives(company: build.Filled) -> None:
    with pytest.raises(build.NotEmpty):
        filled()


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 3, 7, 18, 0, tzinfo=UTC), datetime(2026, 3, 6, 23, 0, tzinfo=UTC)),  # a Saturday
        (
            datetime(2026, 3, 5, 8, 0, tzinfo=UTC),
            datetime(2026, 3, 4, 23, 0, tzinfo=UTC),
        ),  # two in the morning
        (datetime(2026, 3, 5, 16, 0, tzinfo=UTC), datetime(2026, 3, 5, 16, 0, tzinfo=UTC)),
    ],
)
def test_outside_working_hours_it_ends_with_the_work_before(now: datetime, end: datetime) -> None:
    from fullkit.playbook import presets
    from fullkit.playbook.load import load
    from fullkit.playbook.plant import Plant

    assert build.last_worked(Plant(load(presets.read("demo"))).work, now) == end


def test_the_demo_calls_verbs_and_writes_no_table() -> None:
    """No method that writes rows is called anywhere in the demo's source."""
    writes = {
        "create", "save", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "raw"
    }  # fmt: skip
    folder = Path(fullkit.demo.__file__).parent
    called = {
        (file.name, node.func.attr, node.func.value.id if isinstance(node.func.value, ast.Name) else "")
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writes
    }
    assert {(name, how, on) for name, how, on in called if on not in ("playbooks", "lacked")} == set()
