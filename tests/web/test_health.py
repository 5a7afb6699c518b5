from __future__ import annotations

import pytest
from django.test import Client


def test_a_living_process_says_so_without_asking_the_database(client: Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.django_db
def test_it_is_ready_when_the_tables_are_there(client: Client) -> None:
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_not_ready_while_a_migration_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullkit.web.health.MigrationExecutor.migration_plan", lambda self, targets: ["one"])
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert "fullkit migrate" in answer.json()["reason"]


def test_health_is_only_read(client: Client) -> None:
    assert client.post("/health").status_code == 405
