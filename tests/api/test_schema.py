"""The API against its own description: nothing it answers is a 500, and nothing differs from what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from fullkit.actions import inbox
from fullkit.api.v1 import api
from fullkit.models import Token
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
LONG = settings(CALM, max_examples=25, stateful_step_count=12, phases=[Phase.generate])
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
    inbox.deal(world.ada, at=world.now)
    return Token.make(world.ada, name="test", at=world.now)[1]


DESCRIBED = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": REFUSABLE}},
    "generation": {"with-security-parameters": False},
}
schema = schemathesis.openapi.from_dict(DESCRIBED, config=SchemathesisConfig.from_dict(CONFIG))
schema.app = application


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


def test_every_chain_of_calls_is_answered_as_described(stage: None) -> None:
    """Along the links: what one call answers is what the next one is about."""

    class Chain(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.undo = transaction.atomic()
            self.undo.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    Chain.run(settings=LONG)
