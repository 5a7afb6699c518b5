"""The API against its own description: nothing it answers is a 500, and nothing differs from what it says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, ClassVar

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from fullkit.actions import disputes, favours, handoffs, inbox
from fullkit.api.v1 import api
from fullkit.models import Handoff, Token
from fullkit.playbook import presets
from fullkit.playbook.dump import dump
from fullkit.playbook.load import load
from fullkit.playbook.schema import PersonEntry
from fullkit.wsgi import application
from tests.world import World

ROLES = (
    "service_clerk", "inside_salesperson", "promotions_manager", "sales_supervisor", "sales_coordinator",
    "engineer", "improvement_lead", "executive",
)  # fmt: skip
pytestmark = [
    pytest.mark.django_db,
    # The transport reads a download to its end and then forgets to close it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CALM = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
LONG = settings(CALM, max_examples=50, stateful_step_count=12, phases=[Phase.generate])
REFUSABLE = ["2xx", "401", "403", "404", "409", "422"]
"""What is well formed may still be refused: 422 when the playbook in force, which no schema knows, says so."""


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What calls are about, and the key of somebody who may do nearly everything, so that calls reach the verbs.

    One stage for the whole file, in one transaction: what a call changes is undone after it. A request would
    otherwise hang up on the database at its end, and so end the transaction.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        Key.value = _set_the_stage()
        yield
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _set_the_stage() -> str:
    book = load(presets.read("demo"))
    ada = PersonEntry(sign_in="ada", name="Ada", roles=ROLES)
    world = World(dump(book.model_copy(update={"people": (*book.people, ada)})))
    for n in range(4):
        world.arrives(title=f"Price {n}")
        world.in_pool(title=f"Chance {n}")
    asked = Handoff.objects.get(packet=world.quote_asked())
    disputes.dispute(asked, item="lines", reason="It is empty.", by=world.sara, at=world.now)
    favours.ask(asked.packet, of=world.ada, question="Which seal?", by=world.sara, at=world.now)
    handoffs.open(world.in_hand(world.ben), kind="request_quote", by=world.ben, at=world.now)
    inbox.deal(world.ada, at=world.now)
    return Token.make(world.ada, name="test", at=world.now)[1]


DESCRIBED: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
CHECKS: dict[str, Any] = {
    "positive_data_acceptance": {"expected-statuses": REFUSABLE},
    "negative_data_rejection": {"expected-statuses": [*REFUSABLE[1:], "400", "405", "413", "415"]},
}

OFF = {"enabled": False}


def described(checks: dict[str, Any], **generation: Any) -> Any:
    """The API as schemathesis sees it."""
    config = {"checks": checks, "generation": {"with-security-parameters": False, **generation}}
    found = schemathesis.openapi.from_dict(DESCRIBED, config=SchemathesisConfig.from_dict(config))
    found.app = application
    return found


schema = described(CHECKS)


@schema.auth()
class Key:
    """Sent with every call, but for those that try what happens without."""

    value = ""

    def get(self, case: Any, context: Any) -> str:
        return self.value

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schema.parametrize()
@CALM
def test_every_answer_is_as_described(case: Any, stage: None) -> None:
    with transaction.atomic():
        case.call_and_validate()
        transaction.set_rollback(True)


WORDS: dict[str, list[Any]] = {
    "type": ["quote", "order", "enquiry", "opportunity", "issue"],
    "kind": ["request_quote", "request_design", "design_for_quote", "book_meeting", "release", "hint"],
    "reason": ["no_language", "called_away", "timing", "price", "no_answer", "volume", "not_reached"],
    "outcome": ["sent", "answered", "cancelled", "won", "lost", "sold_next_step", "not_sold", "ended"],
    "cause": ["", "volume"],
    "item": ["lines", "deliver_to", "customer"],
    "evidence": ["Pat Doyle, by phone", "https://acme.example/po"],
    "evidence_at": ["2026-03-02T14:00:00Z"],
    "until": ["2099-03-02T14:00:00Z"],
    "step_at": ["2099-03-02T14:00:00Z"],
    "retry_at": ["2099-03-02T14:00:00Z", None],
    "to_stage": [None, "briefing"],
    "customer": [None, 1],
    "contact": [None],
    "fields": [{}, {"deliver_to": "12 Dock Road"}],
    "family": ["seals", ""],
    "verdict": ["us", "competitor", "undecided"],
    "title": ["Forty bearings"],
    "text": ["They called again"],
    "question": ["Which seal?"],
    "remark": ["", "Pat was friendly"],
    "source": ["mail"],
    "message_id": ["", "<1@acme.example>"],
    "thread": [""],
    "counterpart": ["buyer"],
    "step": ["", "Send the drawing"],
    "step_by": [""],
    "value": ["1250.00", None],
    "items": [{}, {"deliver_to": {"value": "12 Dock Road"}}, {"wanted_by": {"value": "2099-03-04"}}],
    "to": [3, 4],
    "of": [1, 2],
}
"""What the playbook knows and no schema says; without these words few calls of a chain reach their verb."""


def test_every_chain_of_calls_is_answered_as_described(stage: None) -> None:
    """Along the links: what one call answers is what the next one is about."""

    # What lacks a key or is malformed the test above tries, call by call; here every call is meant well.
    chains = described(CHECKS | {"ignored_auth": OFF, "negative_data_rejection": OFF}, mode="positive")

    work = chains.include(tag=["Packets", "Inbox", "Journey", "Handoffs"])

    class Chain(work.as_state_machine()):  # type: ignore[misc]
        reached: ClassVar[Counter[str]] = Counter()

        def setup(self) -> None:
            self.undo = transaction.atomic()
            self.undo.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

        def before_call(self, case: Any) -> None:
            case.headers["Authorization"] = f"Bearer {Key.value}"
            if isinstance(case.body, dict):
                pick = Random(repr(case.body))
                known = {name: pick.choice(WORDS[name]) for name in case.body if name in WORDS}
                case.body = case.body | {name: word for name, word in known.items() if pick.random() < 0.9}

        def after_call(self, response: Any, case: Any) -> None:
            self.reached[case.operation.label] += response.status_code == 200
            super().after_call(response, case)

    Chain.run(settings=LONG)
    # Guards the test itself: chains in which every call is refused would find nothing.
    assert sum(count > 0 for count in Chain.reached.values()) >= 10, Chain.reached
