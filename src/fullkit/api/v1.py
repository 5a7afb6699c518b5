"""The API's table of contents."""

from __future__ import annotations

from fullkit.api import (
    calendar,
    customers,
    events,
    handoffs,
    health,
    inbox,
    journey,
    packets,
    people,
    personal,
    playbook,
    queues,
    uploads,
)
from fullkit.api.door import Api

api = Api(
    title="Fullkit",
    version="1",
    urls_namespace="api-1",
    description=(
        "The verbs and questions of Fullkit. Times carry a zone and are answered in UTC. A no is always "
        "`{code, message, facts}`: 409 when the process says no, 422 when something given is wrong."
    ),
)

for noun in (
    packets,
    inbox,
    journey,
    handoffs,
    queues,
    calendar,
    customers,
    people,
    personal,
    events,
    playbook,
    uploads,
    health,
):
    api.add_router("", noun.router)
