"""A new company begins in the browser: from a preset to a colleague at work, without a file or a command."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from fullkit.env import private_file
from tests.world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sees_nothing_wrong(page: Any) -> None:
    found = Axe().run(page).response["violations"]
    assert found == [], [(v["id"], v["nodes"][0]["target"]) for v in found]


def test_a_new_company_begins_from_a_preset(page: Any, context: Any) -> None:
    begun = monotonic()
    code = private_file(settings.SETUP_CODE_FILE, length=9)
    page.goto("/")
    assert page.url.endswith("/setup")
    sees_nothing_wrong(page)

    page.get_by_label("Set-up code").fill(code)
    page.get_by_text("Scheduled field").click()
    page.get_by_label("Company").fill("Nordlicht Pumpen")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Public holidays of").select_option(label="Germany")
    page.get_by_label("Your name").fill("Jördis Ahrens")
    page.get_by_label("You sign in as").fill("joerdis")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The password again").fill(PASSWORD)
    page.get_by_label("Dealer developer").check()  # a role that only this preset has
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Nordlicht Pumpen is set up.").wait_for()
    sees_nothing_wrong(page)

    page.get_by_role("link", name="Add people").click()
    page.get_by_label("Name").nth(0).fill("Carl Ny")
    page.get_by_label("Works as").nth(0).select_option(label="Campaign coordinator")
    page.get_by_label("Name").nth(1).fill("Anna Kowalska")
    page.get_by_label("Works as").nth(1).select_option(label="Inside salesperson")
    page.get_by_role("button", name="See what will change").click()
    page.get_by_text("Carl Ny joins as Campaign coordinator.").wait_for()
    sees_nothing_wrong(page)
    page.get_by_role("button", name="Put it into force").click()
    page.get_by_role("heading", name="Passwords, shown this once").wait_for()
    key = page.locator(".one-time").first.inner_text()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("Name").fill("carl")
    page.get_by_label("Password").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="New password").wait_for()
    page.get_by_label("Old password").fill(key)
    page.get_by_label("New password", exact=True).fill("the coordinator's own")
    page.get_by_label("New password confirmation").fill("the coordinator's own")
    page.get_by_role("button", name="Change password").click()
    page.get_by_role("heading", name="Queues").wait_for()
    assert "Anna Kowalska" in page.locator("table").inner_text()
    assert monotonic() - begun < 60  # of ten minutes; a person types slower
