"""A log that nobody made up: hundreds of packets to which anything happens, of every side, with gaps everywhere."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from fullkit.rules import events
from tests.flow.story import MONDAY, Story, when

DAYS = 56
PARAMS: dict[str, Any] = {
    "since": MONDAY + timedelta(days=3),
    "until": MONDAY + timedelta(days=DAYS - 4),
    "release": "release",
    "won": "won",
    "department": "inside_sales",
    "consumption": 6.0,
    "roles": ["inside_salesperson", "csr"],
    "connectors": ["onboard", "white_space"],
    "types": ["opportunity", "quote"],
    "required": 12.0,
}
SIDES = (("bau", None), ("growth", "hunting"), ("growth", "farming"))
_DEPARTMENTS = ("inside_sales", "service", "promotions", "engineering", None)
_OF_NO_PACKET = ("time.logged", "queue.read", "growth.borrowed", "customer.bought")


def any_story(seed: int, *, packets: int = 120, happenings: int = 2400) -> Story:
    """The same seed tells the same story."""
    dice, story = random.Random(seed), Story()
    moments = sorted(
        when(0, "06:00") + timedelta(minutes=dice.randrange(DAYS * 1440)) for _ in range(happenings)
    )
    moments[1::17] = moments[::17][: len(moments[1::17])]  # some at the same instant
    kinds = sorted(set(events.kinds()) - {"packet.arrived", *_OF_NO_PACKET})
    waiting = list(range(1, packets + 1))
    known: list[int] = []
    for at in moments:
        if waiting and (not known or dice.random() < 2 * packets / happenings):
            known.append(waiting.pop(0))
            chain, process = dice.choice(SIDES)
            kind = dice.choice(("opportunity", "quote", "issue"))
            story.packet(known[-1], chain=chain, process=process, packet_type=kind)
            _tell(story, dice, at, "packet.arrived", known[-1])
        elif dice.random() < 0.25:
            _tell(story, dice, at, dice.choice(_OF_NO_PACKET), None)
        else:
            often = (
                "packet.closed",
                "packet.reopened",
                "handoff.opened",
                "handoff.accepted",
                "conversation.held",
            )
            kind = dice.choice(often if dice.random() < 0.5 else kinds)
            _tell(story, dice, at, kind, dice.choice(known))
    return story


def _tell(story: Story, dice: random.Random, at: datetime, kind: str, packet: int | None) -> None:
    def maybe(*values: Any) -> Any:
        return dice.choice((*values, None))

    kit = dice.sample(("lines", "deliver_to", "wanted_by", "program"), dice.randrange(4))
    story.tell(
        at, kind, packet,
        actor=maybe(1, 2, 3, 4), role=maybe("inside_salesperson", "csr", "planner"), department=maybe(*_DEPARTMENTS),
        to_department=maybe(*_DEPARTMENTS), customer=maybe(1, 2, 3, 4, 5), person=maybe(1, 2, 3),
        stage=maybe("interest", "survey", "offer"), to_stage=maybe("survey", "offer"),
        outcome=maybe("won", "lost", "sold_next_step", "ended"), reason=maybe("price", "volume", "no_language"),
        item=maybe("lines", "program"), missing=maybe(",".join(kit)), handoff=maybe(*range(1, 60)),
        handoff_kind=maybe("release", "onboard", "white_space", "request_quote"),
        inertia=maybe("us", "competitor", "undecided"), family=maybe("pumps", "valves", ""),
        category=maybe("selling", "transactional", "repair", "travel"), minutes=maybe(5.0, 7.5, 0.0, 33.3, 60.0),
        value=maybe(100, 250.5, 12000), level=maybe(2.0, 6.0, 11.0), target=maybe(6.0, 12.0),
        source=maybe("mail", "web", "handoff"), zone=maybe("red", "black", "green"),
        state=maybe("waiting", "held", "parked", "closed"), holder=maybe(1, 2, 3), step=maybe("call", "visit"),
        counterpart=maybe("buyer", "user"), playbook=maybe(1, 2),
        **({"due_at": at + timedelta(hours=dice.randrange(-50, 90))} if dice.random() < 0.5 else {}),
    )  # fmt: skip


def asked(measure: Any, chain: str, process: str | None) -> dict[str, Any]:
    """The parameters of one measure, about one side."""
    given = PARAMS | {"chain": chain, "process": process}
    return {name: given[name] for name in measure.params}


def same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    """That two answers are equal row for row; fractions up to the order in which a machine adds."""
    assert [list(row) for row in one] == [list(row) for row in other]
    for left, right in zip(one, other, strict=True):
        for name, value in left.items():
            exact = not isinstance(value, float) or right[name] is None
            expected = right[name] if exact else pytest.approx(right[name], rel=1e-9, abs=1e-9, nan_ok=True)
            assert value == expected, (name, left, right)
