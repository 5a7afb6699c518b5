"""Sales answers for new business: no amount stands on a salesperson's pages (R63)."""

from __future__ import annotations

import pytest

from fullkit.actions import playbooks
from fullkit.playbook import presets
from tests.web.visitors import said, visitor
from tests.world import World

PAGES = ("/next", "/packets/{number}", "/customers/{customer}")


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.next.now", lambda: world.now)


@pytest.mark.rule("R63")
@pytest.mark.parametrize("page", PAGES)
def test_r63_a_salesperson_sees_no_amount_and_a_manager_does(world: World, page: str) -> None:
    packet = world.in_hand()
    address = page.format(number=packet.number, customer=packet.customer_id)
    mine = visitor(world.anna).get(address)
    assert mine.status_code == 200
    assert packet.title in said(mine)
    assert "24,000" not in said(mine)
    if page == "/packets/{number}":
        assert "24,000" in said(visitor(world.max).get(address))


@pytest.mark.rule("R63")
def test_r63_a_company_may_decide_to_show_them(world: World) -> None:
    shown = presets.read("demo") + "\nswitches:\n  revenue_hidden_from_salespeople: false\n"
    saved = playbooks.save(shown, author=None, reason="We decided to", at=world.now)
    playbooks.activate(saved, by=None, at=world.now)
    packet = world.in_hand()
    assert "24,000" in said(visitor(world.anna).get(f"/packets/{packet.number}"))
