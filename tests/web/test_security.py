from __future__ import annotations

from typing import Any

from django.test import Client


def test_every_answer_carries_the_policy(client: Client) -> None:
    headers = client.get("/health").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_page_that_is_not_there_carries_it_too(client: Client) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers


def test_a_body_that_says_it_is_too_large_is_refused(client: Client, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX = 1000
    answer = client.post("/health", data=b"x" * 70_000, content_type="application/octet-stream")
    assert answer.status_code == 413
