"""Statements of each verb of the bench, asked in this process. Usage: python -m bench.cost < keys as JSON"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, cast

import django

VERBS = ("arrive", "deal", "advance", "converse", "read_fifty")


class Counter:
    """A caller that needs no line: counts the statements of its calls, by kind, instead of the time they take."""

    def __init__(self, key: str) -> None:
        from django.test import Client

        self.client = Client(headers={"Authorization": f"Bearer {key}", "Host": "localhost"})
        self.counted: list[tuple[str, int, int]] = []

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one call."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            sent = "" if body is None else json.dumps(body)
            answer = self.client.generic(method, f"/api/v1{path}", sent, "application/json")
        asked = [q["sql"].lstrip().upper() for q in seen.captured_queries]
        asked = [sql for sql in asked if not sql.startswith(("BEGIN", "COMMIT"))]
        writes = [s for s in asked if s.startswith(("INSERT", "UPDATE", "DELETE", "WITH"))]
        self.counted.append((path, len(asked), len(writes)))
        return answer.status_code, json.loads(answer.content) if answer.content else None


def main() -> None:
    """Do each verb a few times and print what its last call cost, as JSON: statements, and writing ones of them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "fullkit.settings"
    django.setup()
    from bench import callers

    given = json.load(sys.stdin)
    found = {}
    for verb in VERBS:
        selling = verb in ("advance", "converse")
        counter = Counter((given["sellers"] if selling else given["clerks"])[-1])
        seen: dict[str, Any] = {"got": [], "evidence": given["evidence"]}
        for _ in range(3):
            callers.ROUNDS[verb](cast(Any, counter), seen)
        timed = "/next" if verb == "deal" else None
        _, asked, writes = [c for c in counter.counted if timed is None or c[0] == timed][-1]
        found[verb] = (asked, writes)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
