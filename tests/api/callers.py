"""The cast with keys in their pockets: `api.anna.post("/next")`."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from fullkit.models import Person, Token
from tests.world import World

ROOT = "/api/v1"


class Answer:
    """Status, JSON and headers of an answer."""

    def __init__(self, response: Any) -> None:
        self.status, self.headers = response.status_code, response.headers
        body = b"".join(response.streaming_content) if response.streaming else response.content
        self.body: bytes = body
        kind = response.headers.get("Content-Type", "")
        self.json: Any = json.loads(body) if kind.startswith("application/json") else None

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


class Caller:
    """Someone with a key, or without one."""

    def __init__(self, key: str | None) -> None:
        self._client = Client(raise_request_exception=False)
        self._auth = {"authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **query: Any) -> Answer:
        return Answer(self._client.get(ROOT + path, query, headers=self._auth))

    def post(self, path: str, body: Any = None, *, once: str | None = None, **given: Any) -> Answer:
        """POST a JSON body (or its fields by name); `once` is the idempotency key."""
        headers = self._auth | ({"Idempotency-Key": once} if once is not None else {})
        said = json.dumps(given if body is None else body)
        return Answer(self._client.post(ROOT + path, said, content_type="application/json", headers=headers))

    def raw(
        self, path: str, content: bytes, content_type: str = "application/json", **headers: str
    ) -> Answer:
        return Answer(
            self._client.post(ROOT + path, content, content_type=content_type, headers=self._auth | headers)
        )

    def upload(self, file: Any, *, once: str | None = None) -> Answer:
        headers = self._auth | ({"Idempotency-Key": once} if once is not None else {})
        return Answer(self._client.post(f"{ROOT}/uploads", {"file": file}, headers=headers))


class Api:
    """Callers by sign-in name."""

    def __init__(self, world: World) -> None:
        self._world, self._callers = world, {}
        self.nobody = Caller(None)

    def of(self, person: Person) -> Caller:
        if person.pk not in self._callers:
            _, key = Token.make(person, name="test", at=self._world.now)
            self._callers[person.pk] = Caller(key)
        return self._callers[person.pk]

    def __getattr__(self, name: str) -> Caller:
        return self.of(getattr(self._world, name))
