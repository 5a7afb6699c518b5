"""The pool's page: what waits, what it lacks, adding, pasting, releasing."""

from __future__ import annotations

import re
from html import unescape

import pytest

from fullkit.actions import customers
from fullkit.models import Event, Packet
from fullkit.reports import pool
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.pool.now", lambda: world.now)


def test_what_lacks_something_says_what_and_is_mended_in_place(world: World) -> None:
    packet = world.in_pool(full=False)
    carl = visitor(world.carl)
    assert "Lacks Contact person, Program on offer" in said(carl.get("/pool"))
    given = {f"supply-{packet.pk}-contact": "Jo Park", f"supply-{packet.pk}-phone": "+1 312 555 0101"}
    carl.post(f"/pool/{packet.number}/facts", given | {f"supply-{packet.pk}-field.program": "Leak survey"})
    mended = fresh(packet)
    assert (str(mended.contact), mended.fields["program"]) == ("Jo Park", "Leak survey")
    assert "Ready to release 1" in said(carl.get("/pool"))


def test_one_opportunity_is_added_by_the_form(world: World) -> None:
    given = {"lead-customer": "Acme Pumps", "lead-contact": "Pat Doyle", "lead-field.program": "Leak survey"}
    answer = visitor(world.carl).post("/pool", given, follow=True)
    assert "is in the pool" in said(answer)
    made = Packet.objects.get()
    assert (made.department, str(made.customer), str(made.contact)) == (
        "promotions",
        "Acme Pumps",
        "Pat Doyle",
    )


def test_what_they_buy_from_us_already_goes_to_customer_service(world: World) -> None:
    acme = world.customer()
    acme.incumbent = True
    acme.save()
    answer = visitor(world.carl).post(
        "/pool", {"lead-customer": "Acme Pumps", "lead-title": "Seals"}, follow=True
    )
    assert "went to Customer service" in said(answer)


def test_the_same_is_not_added_twice(world: World) -> None:
    carl, given = visitor(world.carl), {"lead-customer": "Acme Pumps", "lead-title": "Seals"}
    carl.post("/pool", given)
    assert carl.post("/pool", given).status_code == 409
    assert Packet.objects.count() == 1


ROWS = "\n".join(
    [
        "Firm\tContact\tProgram\tValue",
        "Acme\tPat\tLeak survey\t$24,000",
        "\tNobody\tLeak survey\t",
        "Bolt\tKim\tAudit\tmany",
        "Acme\tPat\tLeak survey\t1",
    ]
)


def test_pasted_rows_are_looked_through_before_they_are_taken_in(world: World) -> None:
    carl = visitor(world.carl)
    page = said(carl.post("/pool/rows", {"text": ROWS}))
    assert "1 row can be taken in. 3 are rejected" in page
    assert "is not an amount" in page
    assert "customer: is missing" in page
    assert "Acme already has" in page
    assert Packet.objects.count() == 0
    page = said(carl.post("/pool/rows", {"text": ROWS, "take_in": "1"}))
    assert "1 row is taken in." in page
    assert Packet.objects.get().value == 24000
    assert "Bolt Kim Audit many" in page  # what was rejected waits in the form to be mended


def test_too_many_rows_at_once_are_refused(world: World) -> None:
    answer = visitor(world.carl).post("/pool/rows", {"text": "\n".join(f"Firm {n}" for n in range(400))})
    assert answer.status_code == 409


@pytest.mark.rule("R8")
@pytest.mark.rule("R24")
def test_r24_release_past_the_target_asks_for_a_reason(world: World) -> None:
    for n in range(12):
        world.released(world.anna, title=f"released {n}")
    packet, carl = world.in_pool(), visitor(world.carl)
    answer = carl.post(f"/pool/{packet.number}/release", {"to": world.anna.pk})
    assert answer.status_code == 409
    assert "Why past the target" in said(answer)
    assert "Half an hour more for Anna Kowalska pushes" in said(answer)
    carl.post(f"/pool/{packet.number}/release", {"to": world.anna.pk, "override": "Met at the fair"})
    assert fresh(packet).person == world.anna
    assert Event.objects.filter(kind="queue.overridden").exists()


def test_an_empty_pool_says_what_fills_it(world: World) -> None:
    assert "The pool is empty" in said(visitor(world.carl).get("/pool"))


@pytest.mark.parametrize("name", ["anna", "sam", "sara"])
def test_only_promotions_works_with_the_pool(world: World, name: str) -> None:
    packet = world.in_pool()
    client = visitor(world.people[name])
    assert client.get("/pool").status_code == 403
    for address in ("/pool", "/pool/rows", f"/pool/{packet.number}/facts", f"/pool/{packet.number}/release"):
        assert client.post(address).status_code == 403
    assert visitor().get("/pool").status_code == 302


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    carl = visitor(world.carl)
    world.in_pool()
    world.in_pool(full=False)
    one = queries(carl, "/pool")
    for n in range(3):
        world.in_pool(customer=customers.register(name=f"Firm {n}", at=world.now), title=str(n))
    assert queries(carl, "/pool") == one


def test_a_deep_pool_is_turned_over_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one stands on exactly one page, and a page reads no more of the pool than it shows."""
    monkeypatch.setattr("fullkit.web.pool.SHOWN", 3)
    acme = world.customer()
    made = [
        world.in_pool(customer=acme, title=str(n), contact=world.contact(acme, f"Pat {n}")).number
        for n in range(8)
    ]
    carl, address, met = visitor(world.carl), "/pool", []
    pages = 0
    while address and pages < 5:
        page = carl.get(address)
        pages += 1
        assert "8 opportunities wait" in said(page)
        met += [row["packet"].number for row in page.context["rows"]]
        further = re.search(r'href="(\?[^"]*)" rel="next"', page.content.decode())
        address = f"/pool{unescape(further[1])}" if further else ""
    assert (met, pages) == (made, 3)
    assert len(carl.get("/pool?after=no-place").context["rows"]) == 3


@pytest.mark.parametrize("address", ["/pool", "/queues"])
def test_the_work_of_a_page_does_not_grow_with_the_pool(
    world: World, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("fullkit.web.pool.SHOWN", 3)
    monkeypatch.setattr("fullkit.reports.pool.LOOKED_AT", 3)
    monkeypatch.setattr("fullkit.reports.queues.ceil", lambda _: 1)
    monkeypatch.setattr("fullkit.web.queues.now", lambda: world.now)
    judged: list[int] = []
    shelf = pool.shelf
    monkeypatch.setattr(
        "fullkit.reports.pool.shelf",
        lambda rows, *given, **named: (judged.append(len(list(rows))), shelf(rows, *given, **named))[1],
    )
    acme, carl = world.customer(), visitor(world.carl)
    for n in range(4):
        world.in_pool(customer=acme, title=f"a {n}")
    before = queries(carl, address)
    for n in range(8):
        world.in_pool(customer=acme, title=f"b {n}")
    assert queries(carl, address) == before
    assert set(judged) == {3}


def test_a_deep_pool_says_at_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.reports.pool.LOOKED_AT", 2)
    monkeypatch.setattr("fullkit.reports.queues.ceil", lambda _: 1)
    monkeypatch.setattr("fullkit.web.queues.now", lambda: world.now)
    acme = world.customer()
    for n in range(5):
        world.in_pool(customer=acme, title=f"a {n}")
    page = said(visitor(world.carl).get("/queues"))
    assert "2+" in page
    assert "of 5 in the pool, by the oldest of them" in page
