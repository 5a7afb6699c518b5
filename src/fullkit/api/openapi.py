"""What is true of every operation, said in the OpenAPI description once: refusals, keys, where answers lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja.openapi.schema import OpenAPISchema

from fullkit.api.refusals import Refused

_SCHEMAS = "#/components/schemas/"
_NO = {
    400: "The request cannot be read.",
    401: "No key, or one that is not in use.",
    403: "Not this person's to do.",
    404: "Nothing has this id.",
    409: "The process says no; the sentence says why.",
    413: "Too large.",
    415: "Not the content type asked for.",
    422: "Something given cannot be what it claims to be; the sentence names it and the cure.",
}
_GET_NO = (400, 401, 403, 404, 409, 422)
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request is done once and answered alike; kept for two days.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def completed(described: OpenAPISchema) -> OpenAPISchema:
    """Add what the framework does not say by itself."""
    described["components"]["schemas"]["Refused"] = Refused.model_json_schema()
    described["components"]["responses"] = {_name(status): _refused(says) for status, says in _NO.items()}
    described["components"]["parameters"] = {"IdempotencyKey": _KEY}
    for method, operation in _operations(described):
        operation.setdefault("security", [])  # said to be open, rather than left unsaid
        statuses = tuple(_NO) if method == "post" else _GET_NO if operation["security"] else ()
        for status in statuses:
            operation["responses"][status] = {"$ref": f"#/components/responses/{_name(status)}"}
        if method == "post":
            operation["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
    _link(described)
    return described


def _name(status: int) -> str:
    return f"Refused{status}"


def _refused(says: str) -> dict[str, Any]:
    return {
        "description": says,
        "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}Refused"}}},
    }


def _operations(described: OpenAPISchema) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in described["paths"].values():
        yield from methods.items()


def _link(described: OpenAPISchema) -> None:
    """An answer that holds a packet leads to every operation on that packet, and so for every noun."""
    schemas = described["components"]["schemas"]
    takes: dict[str, list[str]] = {}
    for _, operation in _operations(described):
        for parameter in operation["parameters"]:
            if parameter.get("in") == "path":
                takes.setdefault(parameter["name"], []).append(operation["operationId"])
    for _, operation in _operations(described):
        answer = operation["responses"][200]
        shown = answer.get("content", {}).get("application/json", {}).get("schema", {})
        links = {
            leads: {"operationId": leads, "parameters": {f"path.{noun}": f"$response.body#{place}/id"}}
            for noun, place in _nouns(shown, schemas)
            for leads in takes.get(noun, ())
            if leads != operation["operationId"]
        }
        if links:
            answer["links"] = links


def _nouns(shown: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The nouns of an answer and where they stand in it: the answer itself, a part of it, the first of a list."""
    name = _named(shown)
    yield name.lower(), ""
    for part, schema in schemas.get(name, {}).get("properties", {}).items():
        for choice in schema.get("anyOf", [schema]):
            yield _named(choice).lower(), f"/{part}"
            yield _named(choice.get("items", {})).lower(), f"/{part}/0"


def _named(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(_SCHEMAS)
