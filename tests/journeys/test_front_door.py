from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.browser
def test_the_house_answers_a_browser(page: Any) -> None:
    answer = page.goto("/health")
    assert answer.status == 200
    assert "ok" in page.content()
