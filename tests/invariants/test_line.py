"""Any verb, any arguments, any order: the line keeps its laws (R1, R2, R6, R18, R24, R53)."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from fullkit.models import Event, Packet
from fullkit.playbook import presets
from fullkit.playbook.dump import dump
from fullkit.playbook.load import load
from fullkit.playbook.schema import Playbook
from tests.invariants.machine import Line
from tests.world import World

SOAK = int(os.environ.get("FULLKIT_SOAK_EXAMPLES", "600"))


def _versions() -> list[str]:
    """Playbooks that differ in what open packets were promised and asked for."""
    demo = load(presets.read("demo"))
    quote = demo.handoff["request_quote"]
    fewer = quote.model_copy(update={"kit": tuple(i for i in quote.kit if i.key != "deliver_to")})
    asked = demo.handoff["place_order"].kit[-1]
    more = quote.model_copy(update={"kit": (*quote.kit, asked), "grace": "2h"})
    queue = demo.queues[0].model_copy(update={"consumption": 1.0})

    def with_(handoff: object, **more: object) -> Playbook:
        kept = tuple(handoff if h.key == "request_quote" else h for h in demo.handoffs)
        return demo.model_copy(update={"handoffs": kept, **more})

    slower = tuple(
        t.model_copy(update={"promise": "2d"}) if t.key == "quote" else t for t in demo.packet_types
    )
    return [
        dump(with_(fewer, queues=(queue,))),
        dump(with_(more, packet_types=slower)),
        dump(with_(quote, queues=(queue,))),
    ]


@pytest.fixture
def line(db: None) -> type[Line]:
    Line.texts = _versions()
    Line.world = World(Line.texts[2])
    Line.refused = Line.done = 0
    Line.told = Counter()
    return Line


SHRINK = os.environ.get("FULLKIT_SHRINK", "1") == "1"
"""Making a failure short takes minutes; leave it out while looking for many."""


def _run(line: type[Line], examples: int, steps: int) -> None:
    phases = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if SHRINK else [])]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        line,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that is refused everything proves nothing.
    assert line.done > 5 * examples
    assert not Event.objects.exclude(packet=None).exists()
    assert not Packet.objects.exists()


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
@pytest.mark.rule("R6")
@pytest.mark.rule("R18")
@pytest.mark.rule("R24")
@pytest.mark.rule("R53")
def test_whatever_is_called_the_line_keeps_its_laws(line: type[Line]) -> None:
    _run(line, examples=20, steps=40)


@pytest.mark.soak
def test_and_for_a_long_time(line: type[Line]) -> None:
    _run(line, examples=SOAK, steps=80)
