"""The method's pages: read by everyone, changed by who may, each change with its consequences and a reason."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fullkit.actions import playbooks
from fullkit.models import Person, PlaybookVersion
from fullkit.playbook import presets
from tests.web.visitors import queries, said, visitor
from tests.world import World

READ = [
    "/playbook",
    "/playbook/kits",
    "/playbook/processes",
    "/playbook/queues",
    "/playbook/reasons",
    "/playbook/people",
    "/playbook/versions",
    "/playbook/versions/1",
    "/playbook/text",
    "/definitions",
]
CHANGE = [
    "/playbook/upload",
    "/playbook/changes/promise?type=quote",
    "/playbook/changes/queue?department=inside_sales",
    "/playbook/changes/kit-item?handoff=release",
    "/playbook/changes/kit-item?handoff=request_quote&item=lines",
    "/playbook/changes/stage?process=hunting",
    "/playbook/changes/stage?process=hunting&stage=trial",
    "/playbook/changes/reason?kind=skip",
    "/playbook/changes/closed-day?department=service",
    "/playbook/changes/people",
    "/playbook/changes/person?person=anna",
    "/playbook/changes/term",
    "/playbook/changes/department?department=service",
    "/playbook/changes/role?role=inside_salesperson",
    "/playbook/changes/field?type=quote",
    "/playbook/changes/slots?role=field_salesperson",
    "/playbook/changes/hours",
]


def into_force(client: Client, page: Any, reason: str = "Because the walk showed it") -> Any:
    """Press the button of the page that shows what will change."""
    text = page.content.decode()
    hidden = unescape(re.search(r'<textarea name="text" hidden>(.*?)</textarea>', text, re.S)[1])  # type: ignore[index]
    base = re.search(r'name="base" value="(\d+)"', text)[1]  # type: ignore[index]
    return client.post("/playbook/change", {"text": hidden, "base": base, "reason": reason}, follow=True)


def with_initial(client: Client, address: str, **changes: Any) -> Any:
    """Send a form as it stands, but for these fields."""
    form = client.get(address).context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    return client.post(address, given | changes)


@pytest.mark.parametrize("address", READ)
def test_everyone_reads_how_the_company_works(world: World, address: str) -> None:
    assert visitor(world.sara).get(address).status_code == 200
    assert visitor().get(address).status_code == 302


@pytest.mark.parametrize("address", CHANGE)
def test_only_who_keeps_the_method_changes_it(world: World, address: str) -> None:
    assert visitor(world.ines).get(address).status_code == 200
    assert visitor(world.max).get(address).status_code == 403
    assert visitor(world.sara).post(address).status_code == 403
    assert visitor().get(address).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/playbook/removals/item",
        "/playbook/change",
        "/playbook/versions/1/return",
        "/playbook/people/anna/key",
    ],
)
def test_no_back_door_changes_it(world: World, address: str) -> None:
    assert visitor(world.eva).post(address).status_code == 403
    assert Person.objects.get(sign_in="anna").must_change_password is False


def test_a_promise_is_changed_with_its_consequence_and_a_reason(world: World) -> None:
    ines = visitor(world.ines)
    page = ines.post("/playbook/changes/promise?type=quote", {"promise": "2d"})
    assert "Customer service promises Quote in 2d instead of 1d." in said(page)
    assert "Version 2 is in force" in said(into_force(ines, page))
    assert world.plant.type("quote").promise == "2d"
    version = PlaybookVersion.objects.get(number=2)
    assert (version.author, version.reason) == (world.ines, "Because the walk showed it")
    assert "promises Quote in 2d instead of 1d" in said(ines.get("/playbook/versions/2"))


def test_without_a_reason_nothing_changes(world: World) -> None:
    ines = visitor(world.ines)
    page = ines.post("/playbook/changes/promise?type=quote", {"promise": "2d"})
    answer = into_force(ines, page, reason=" ")
    assert answer.status_code == 422
    assert "Say in a sentence why" in said(answer)
    assert playbooks.current().number == 1


def test_what_is_no_working_time_is_said_beside_the_form(world: World) -> None:
    answer = visitor(world.ines).post("/playbook/changes/promise?type=quote", {"promise": "soon"})
    assert answer.status_code == 422
    assert "a working time like 30m, 4h or 2d" in said(answer)


@pytest.mark.rule("R5")
def test_r5_a_kit_item_is_added_changed_and_removed_by_forms(world: World) -> None:
    ines = visitor(world.ines)
    item = {
        "name": "Voltage on site",
        "kind": "one_of",
        "choices": "230 V\n400 V",
        "fact": "",
        "criterion": "The voltage at the machine.",
        "test": "Read the plate of the machine.",
        "decision": "In the kit if one of the two is chosen; otherwise missing.",
    }
    page = ines.post("/playbook/changes/kit-item?handoff=request_quote", item)
    assert "gains 'Voltage on site'" in said(page)
    into_force(ines, page)
    kit = {i.key: i for i in world.plant.kit("request_quote")}
    assert kit["voltage_on_site"].arg == ("230 V", "400 V")
    address = "/playbook/changes/kit-item?handoff=request_quote&item=voltage_on_site"
    into_force(ines, with_initial(ines, address, choices="230 V\n400 V\n480 V"))
    assert "480 V" in str(world.plant.kit("request_quote")[-1].arg)
    page = ines.post("/playbook/removals/item", {"handoff": "request_quote", "item": "voltage_on_site"})
    assert "loses 'Voltage on site'" in said(page)
    into_force(ines, page)
    assert "voltage_on_site" not in {i.key for i in world.plant.kit("request_quote")}


@pytest.mark.rule("R5")
def test_r5_a_judgement_in_a_kit_cannot_come_into_force(world: World) -> None:
    page = visitor(world.ines).post(
        "/playbook/changes/kit-item?handoff=request_quote",
        {
            "name": "Good fit",
            "kind": "present",
            "fact": "",
            "criterion": "The customer seems to be a good fit.",
            "test": "Ask the salesperson how they feel.",
            "decision": "In the kit if it seems good enough.",
        },
    )
    assert "R5" in said(page)
    assert "Put it into force" not in said(page)


def test_a_queue_is_changed_by_a_form(world: World) -> None:
    ines = visitor(world.ines)
    into_force(ines, with_initial(ines, "/playbook/changes/queue?department=inside_sales", cover_days="3"))
    assert world.plant.ready_target("inside_sales", "anna") == 18


@pytest.mark.rule("R76")
def test_r76_a_stage_is_added_in_its_place_and_a_sellers_verb_is_refused(world: World) -> None:
    ines = visitor(world.ines)
    stage = {
        "name": "Line shown",
        "customer_action": "The customer showed us the line at their site.",
        "evidence_kind": "contact_and_date",
        "evidence_says": "Who showed it, and when",
        "sells": "May we see the line where it runs?",
        "chance": "0.3",
        "hours_left": "2",
        "place": "2",
    }
    page = ines.post("/playbook/changes/stage?process=hunting", stage)
    assert "gains the stage 'Line shown'" in said(page)
    into_force(ines, page)
    assert world.plant.playbook.process["hunting"].stages[1].key == "line_shown"
    wrong = ines.post(
        "/playbook/changes/stage?process=hunting",
        stage | {"name": "Send offer", "customer_action": "We send the offer."},
    )
    assert "R76" in said(wrong)
    assert "Put it into force" not in said(wrong)


def test_a_reason_is_added_and_taken_out(world: World) -> None:
    ines = visitor(world.ines)
    into_force(ines, ines.post("/playbook/changes/reason?kind=skip", {"name": "The line is dead"}))
    assert "the_line_is_dead" in {r.key for r in world.plant.playbook.reasons.skip}
    into_force(ines, ines.post("/playbook/removals/reason", {"kind": "skip", "reason": "the_line_is_dead"}))
    assert "the_line_is_dead" not in {r.key for r in world.plant.playbook.reasons.skip}


def test_a_day_is_closed_for_a_department_and_for_all(world: World) -> None:
    ines = visitor(world.ines)
    day = {"day": "2026-03-12", "why": "Stocktaking"}
    into_force(ines, ines.post("/playbook/changes/closed-day", day | {"department": "service"}))
    into_force(ines, ines.post("/playbook/changes/closed-day", day | {"department": "", "day": "2026-03-13"}))
    service, sales = world.plant.work_of("service"), world.plant.work_of("inside_sales")
    thursday, friday = (world.now.date().replace(day=d) for d in (12, 13))
    assert (service.start_of_day(thursday), service.start_of_day(friday)) == (None, None)
    assert sales.start_of_day(thursday) is not None
    into_force(
        ines, ines.post("/playbook/removals/closed-day", {"department": "service", "day": "2026-03-12"})
    )
    assert world.plant.work_of("service").start_of_day(thursday) is not None


def test_who_joins_gets_a_password_that_is_shown_once(world: World) -> None:
    ines = visitor(world.ines)
    given = {"name-0": "Zoë Ångström", "role-0": "service_clerk", "name-1": "Anna Berg", "role-1": "engineer"}
    answer = into_force(ines, ines.post("/playbook/changes/people", given))
    page = said(answer)
    assert "shown this once" in page
    assert "no-store" in answer["Cache-Control"]
    zoe = Person.objects.get(sign_in="zoe")
    assert (zoe.department, zoe.must_change_password) == ("service", True)
    assert Person.objects.filter(sign_in="anna.b").exists()
    passwords = re.findall(r'<code class="one-time">([^<]+)</code>', page)
    assert zoe.check_password(passwords[0])
    newcomer = visitor(zoe)
    assert newcomer.get("/inbox")["Location"] == "/password"
    assert passwords[0] not in said(ines.get("/playbook/people"))


def test_roles_change_and_with_the_first_the_department(world: World) -> None:
    ines = visitor(world.ines)
    page = with_initial(
        ines, "/playbook/changes/person?person=sara", roles=["service_clerk", "engineer"], home="engineer"
    )
    into_force(ines, page)
    sara = Person.objects.get(sign_in="sara")
    assert (sara.department, sara.roles) == ("engineering", ["engineer", "service_clerk"])


def test_who_leaves_can_no_longer_come_in(world: World) -> None:
    ines, sid = visitor(world.ines), visitor(world.sid)
    assert sid.get("/customers").status_code == 200
    into_force(ines, ines.post("/playbook/removals/person", {"person": "sid"}))
    assert sid.get("/customers").status_code == 302


def test_the_last_who_keeps_the_method_cannot_lock_the_house(world: World) -> None:
    ines = visitor(world.ines)
    answer = into_force(ines, ines.post("/playbook/removals/person", {"person": "ines"}))
    assert answer.status_code == 409
    assert "Nobody could change the method any more" in said(answer)


def test_a_new_password_ends_the_old_sessions(world: World) -> None:
    anna = visitor(world.anna)
    assert anna.get("/playbook").status_code == 200
    assert "one-time" in said(visitor(world.ines).post("/playbook/people/anna/key"))
    assert anna.get("/playbook").status_code == 302


def test_yaml_goes_out_and_comes_in_equal(world: World) -> None:
    ines = visitor(world.ines)
    text = ines.get("/playbook/text").content.decode()
    assert text == presets.read("demo")
    page = ines.post("/playbook/upload", {"text": text})
    assert "Nothing would change" in said(page)
    changed = text.replace("name: Harbour & Vale Industrial Supply", "name: Harbour & Vale")
    file = SimpleUploadedFile("playbook.yaml", changed.encode())
    page = ines.post("/playbook/upload", {"file": file})
    into_force(ines, page)
    assert world.plant.playbook.company.name == "Harbour & Vale"
    back = into_force(ines, ines.post("/playbook/versions/1/return"))
    assert "Version 3 is in force" in said(back)


def test_a_text_that_is_no_playbook_hears_every_problem_with_its_line(world: World) -> None:
    text = (
        presets.read("demo")
        .replace("promise: 4h", "promise: soon")
        .replace("currency: USD", "currency: Dollars")
    )
    answer = visitor(world.ines).post("/playbook/upload", {"text": text})
    page = said(answer)
    assert answer.status_code == 422
    assert "company.currency" in page
    assert page.count("a working time like") >= 2
    assert "line " in page


@pytest.mark.parametrize("text", ["", "\x00", "[", "a: &a [*a]", "🙂" * 1000, "fullkit: 1"])
def test_nothing_that_is_uploaded_breaks_the_page(world: World, text: str) -> None:
    assert visitor(world.ines).post("/playbook/upload", {"text": text}).status_code == 422


def test_two_changes_at_once_do_not_overwrite_each_other(world: World) -> None:
    ines = visitor(world.ines)
    one = ines.post("/playbook/changes/promise?type=quote", {"promise": "2d"})
    two = ines.post("/playbook/changes/promise?type=order", {"promise": "2d"})
    into_force(ines, one)
    answer = into_force(ines, two)
    assert (answer.status_code, world.plant.type("order").promise) == (409, "4h")
    assert "came into force while you were changing" in said(answer)


@pytest.mark.parametrize(
    "address",
    [
        "/playbook/changes/promise?type=nonsense",
        "/playbook/changes/nonsense",
        "/playbook/changes/kit-item?handoff=release&item=nonsense",
        "/playbook/changes/reason?kind=nonsense",
        "/playbook/versions/99",
        "/playbook/text?version=99",
    ],
)
def test_what_is_not_there_is_not_there(world: World, address: str) -> None:
    assert visitor(world.ines).get(address).status_code == 404


def test_the_number_of_queries_does_not_grow_with_versions(world: World) -> None:
    ines = visitor(world.ines)
    one = queries(ines, "/playbook/versions")
    for promise in ("2d", "3d"):
        into_force(ines, ines.post("/playbook/changes/promise?type=quote", {"promise": promise}))
    assert queries(ines, "/playbook/versions") == one


def test_a_word_is_defined_and_changed_by_a_form(world: World) -> None:
    ines = visitor(world.ines)
    given = {
        "term": "Trial", "criterion": "A customer runs our part.", "test": "Ask for the date it went in.",
        "decision": "One when it has a date.", "owner": "improvement_lead", "examples_in": "a week on line 2\n",
    }  # fmt: skip
    page = ines.post("/playbook/changes/term", given)
    assert "The term 'Trial' is new." in said(page)
    into_force(ines, page)
    page = with_initial(
        ines, "/playbook/changes/term?term=Trial", criterion="A customer runs our part alone."
    )
    into_force(ines, page)
    found = world.plant.playbook.terms[-1]
    assert (found.term, found.criterion) == ("Trial", "A customer runs our part alone.")
    assert found.examples_in == ("a week on line 2",)
    assert "A customer runs our part alone." in said(visitor(world.sara).get("/definitions"))


def test_what_is_known_of_a_packet_is_added_and_changed_by_a_form(world: World) -> None:
    ines = visitor(world.ines)
    given = {"name": "Voltage", "kind": "choice", "choices": ""}
    wrong = ines.post("/playbook/changes/field?type=quote", given)
    assert (wrong.status_code, "Write the words that can be chosen" in said(wrong)) == (422, True)
    page = ines.post("/playbook/changes/field?type=quote", given | {"choices": "230 V\n400 V"})
    assert "gains the field 'Voltage'" in said(page)
    into_force(ines, page)
    address = "/playbook/changes/field?type=quote&field=voltage"
    into_force(ines, with_initial(ines, address, name="Mains voltage"))
    field = world.plant.type("quote").fields[-1]
    assert (field.key, field.name, field.choices) == ("voltage", "Mains voltage", ("230 V", "400 V"))


@pytest.mark.parametrize(
    ("address", "changes", "says"),
    [
        ("department?department=service", {"name": "Desk", "lease": "2h"}, "'Customer service' is now called 'Desk'"),
        ("role?role=inside_salesperson", {"name": "Seller", "target_per_day": "30"}, "is 30 instead of 25"),
        ("slots?role=field_salesperson", {"times": "08:00, 10:30", "minutes": "45"}, "08:00"),
        ("hours", {"sat": "09:00-12:00", "mon": "08:00–12:00, 12:30–17:00"}, "09:00"),
    ],
)  # fmt: skip
def test_the_company_is_changed_by_forms(
    world: World, address: str, changes: dict[str, str], says: str
) -> None:
    ines = visitor(world.ines)
    page = with_initial(ines, f"/playbook/changes/{address}", **changes)
    assert page.status_code == 200, said(page)
    assert says in said(page)
    assert "is in force" in said(into_force(ines, page))
    assert playbooks.current().number == 2


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("slots?role=field_salesperson", {"times": "25:00"}),
        ("hours", {"sat": "noon"}),
        ("department?department=service", {"lease": "soon"}),
    ],
)
def test_what_is_no_time_is_said_beside_the_form(world: World, address: str, wrong: dict[str, str]) -> None:
    answer = with_initial(visitor(world.ines), f"/playbook/changes/{address}", **wrong)
    assert answer.status_code == 422
    assert "expected" in said(answer)
