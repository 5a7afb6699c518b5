"""Small calculations by the rules of the method."""

from __future__ import annotations

import pytest

from fullkit.actions import inbox, journey
from fullkit.reports import flow
from tests.web.visitors import said, visitor
from tests.world import World


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    ("flow", "conversion", "points", "more", "answer"),
    [
        (
            10,
            50,
            10,
            40,
            "5.0 sales a week now; 6.0 with 10 points more conversion, 7.0 with 40 % more flow.",
        ),
        (100, 25, 0, 0, "25.0 sales a week now; 25.0 with 0 points"),
        (10, 95, 10, 0, "9.5 sales a week now; 10.0 with 10 points"),
    ],
)
def test_r15_flow_against_conversion(
    world: World, flow: int, conversion: int, points: int, more: int, answer: str
) -> None:
    asked = {"flow": flow, "conversion": conversion, "points": points, "more": more}
    given = {f"flow-{name}": value for name, value in asked.items()}
    assert answer in said(visitor(world.max).get("/calculators", {"of": "flow"} | given))


@pytest.mark.rule("R21")
def test_r21_twenty_empty_slots_at_800(world: World) -> None:
    given = {"of": "slots", "slots-empty": 20, "slots-conversion": 8, "slots-throughput": 10000}
    page = said(visitor(world.sam).get("/calculators", given))
    assert "A slot is worth 800 USD; 20 empty ones cost 16,000 USD a week." in page


def test_what_is_no_number_comes_back_as_typed(world: World) -> None:
    given = {"of": "slots", "slots-empty": "many", "slots-conversion": 8, "slots-throughput": "nan"}
    page = said(visitor(world.sam).get("/calculators", given))
    assert 'value="many"' in page
    assert "A slot is worth" not in page
    assert "sales a week now" not in page


@pytest.mark.rule("R45")
def test_r45_a_case_type_is_not_moved_before_its_receiver_has_shown_that_it_can(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullkit.web.calculators.now", lambda: world.now)
    flow._kept.clear()
    for week in range(2):
        for n in range(2):
            world.arrives(title=f"quote {week} {n}", customer=world.customer(f"Firm {week} {n}"))
            quote = inbox.deal(world.sara, at=world.now)
            assert quote is not None
            journey.close(quote, outcome="sent", by=world.sara, at=world.later(minutes=5))
        world.later(days=7)
    max_, given = visitor(world.max), {"of": "move", "move-type": "quote", "move-target": 95, "move-weeks": 2}
    ready = said(max_.get("/calculators", given | {"move-volume": 2}))
    assert (
        "Customer service is ready to take over Quote. On time of completed, week by week: 2/2, 2/2." in ready
    )
    not_yet = said(max_.get("/calculators", given | {"move-volume": 3}))
    assert "Customer service is not ready to take over Quote: 0 of the last 2 weeks" in not_yet
