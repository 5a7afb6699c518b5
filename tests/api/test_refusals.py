"""One shape for every no, and never a 500."""

from __future__ import annotations

import pytest

from fullkit.models import Token
from tests.api.callers import Api, Caller
from tests.world import World


def _shape(answer: object) -> set[str]:
    return set(answer.json)  # type: ignore[attr-defined]


SHAPE = {"code", "message", "facts"}


def test_the_process_says_no_with_409_and_its_facts(world: World, api: Api) -> None:
    packet = world.arrives()
    refused = api.sara.post(f"/packets/{packet.pk}/skip", reason="no_language")
    assert (refused.status, _shape(refused)) == (409, SHAPE)
    assert refused["code"] == "not-in-your-hands"
    assert refused["facts"]["packet"] == packet.number
    assert packet.number in refused["message"]


def test_an_unknown_reason_is_refused_with_the_choices(world: World, api: Api) -> None:
    world.arrives()
    held = api.sara.post("/next")["packet"]["id"]
    refused = api.sara.post(f"/packets/{held}/skip", reason="bored")
    assert (refused.status, refused["code"]) == (409, "unknown-reason")
    assert "no_language" in refused["facts"]["choices"]


def test_what_is_not_yours_is_403(world: World, api: Api) -> None:
    refused = api.anna.post(f"/packets/{world.arrives().pk}/triage", type="order")
    assert (refused.status, refused["code"], _shape(refused)) == (403, "not-yours", SHAPE)


@pytest.mark.parametrize(
    "path", ["/packets/999999", "/packets/999999/history", "/handoffs/1", "/nothing", "/"]
)
def test_what_does_not_exist_is_404(world: World, api: Api, path: str) -> None:
    refused = api.anna.get(path)
    assert (refused.status, refused["code"], _shape(refused)) == (404, "no-such", SHAPE)


@pytest.mark.parametrize(
    "path", ["/packets/0", "/packets/-3", "/packets/99999999999999999999", "/packets/abc", "/packets/%00"]
)
def test_an_id_that_cannot_be_one_is_422(world: World, api: Api, path: str) -> None:
    refused = api.anna.get(path)
    assert (refused.status, refused["code"], _shape(refused)) == (422, "invalid", SHAPE)
    assert refused["message"].startswith("packet:")


@pytest.mark.parametrize("key", [None, "", "fk_no_such_key", "ÿ"])
def test_without_a_key_in_use_it_is_401(world: World, key: str | None) -> None:
    refused = Caller(key).get("/me")
    assert (refused.status, refused["code"], _shape(refused)) == (401, "no-key", SHAPE)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_key_and_one_of_someone_who_left_open_nothing(world: World, api: Api) -> None:
    assert api.anna.get("/me")["sign_in"] == "anna"
    Token.objects.filter(person=world.anna).update(revoked_at=world.now)
    assert api.anna.get("/me").status == 401
    assert api.ben.get("/me").status == 200
    world.ben.is_active = False
    world.ben.save()
    assert api.ben.get("/me").status == 401


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"type": NaN}', "application/json", 400),
        (b'{"type": "\\ud800"}', "application/json", 400),
        (b'{"customer": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"type=quote", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'"quote"', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"", "application/json", 422),
        (b'{"type": "' + b"x" * 2_000_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read(world: World, api: Api, content: bytes, kind: str, status: int) -> None:
    refused = api.gwen.raw("/packets", content, kind)
    assert (refused.status, _shape(refused)) == (status, SHAPE)


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ("2026-03-05T09:00:00", "Give a zone"),
        ("2026-03-05", "Give a zone"),
        ("0001-01-01T00:00:00Z", "1990 to 2100"),
        ("9999-12-31T23:59:59-12:00", "1990 to 2100"),
        ("2026-03-29T25:61:00Z", "Write it like"),
        ("tomorrow", "Write it like"),
        (1772722800, "Write it like"),
        (None, "Write it like"),
    ],
)
def test_a_time_has_a_zone_and_lies_within_reach(world: World, api: Api, given: object, cure: str) -> None:
    world.arrives()
    held = api.sara.post("/next")["packet"]["id"]
    refused = api.sara.post(f"/packets/{held}/park", until=given, reason="customer asked")
    assert (refused.status, refused["code"]) == (422, "invalid")
    assert refused["message"].startswith("until:")
    assert cure in refused["message"]


def test_a_time_that_has_passed_is_refused_by_the_verb(world: World, api: Api) -> None:
    world.arrives()
    held = api.sara.post("/next")["packet"]["id"]
    refused = api.sara.post(f"/packets/{held}/park", until="2026-03-01T09:00:00Z", reason="customer asked")
    assert (refused.status, refused["code"]) == (409, "in-the-past")


def test_a_stage_of_another_process_is_refused(world: World, api: Api) -> None:
    packet = world.in_hand(world.anna)
    refused = api.anna.post(
        f"/packets/{packet.pk}/advance",
        evidence="Pat Doyle, by phone", evidence_at="2026-03-02T14:00:00Z", to_stage="renewal",
    )  # fmt: skip
    assert (refused.status, refused["code"]) == (409, "stage-of-another-process")


def test_a_playbook_that_is_none_is_refused_with_every_problem(world: World, api: Api) -> None:
    refused = api.ines.post("/playbook/versions", text="a: &a [*a]\nb: 1\nb: 2\n", reason="Trying")
    assert (refused.status, refused["code"]) == (422, "not-a-playbook")
    assert len(refused["facts"]["problems"]) >= 1
    assert {"line", "cure"} <= set(refused["facts"]["problems"][0])


def test_a_method_that_is_not_offered_is_405(world: World, api: Api) -> None:
    assert api.anna.post("/me").status == 405
