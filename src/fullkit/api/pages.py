"""Pages of long lists: from an opaque cursor onwards, never by counting rows from the start."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from pydantic import BaseModel, Field

from fullkit.api.given import MOST
from fullkit.rules.refusal import Invalid

Item = TypeVar("Item", bound=BaseModel)

Cursor = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="The `next` of the page before; none begins.")
]
Limit = Annotated[int, Field(ge=1, le=200, description="How many at most.")]
DEFAULT = 50


class Page(BaseModel, Generic[Item]):
    """Some of the rows, and where the rest begins; `next` is null at the end."""

    items: list[Item]
    next: str | None


def cut(
    rows: QuerySet[Any, Any], cursor: str | None, limit: int, *, newest_first: bool = False
) -> tuple[list[Any], str | None]:
    """One page of rows by id, in one query, and the cursor of the next. Of `values()` rows `pk` must be one."""
    if cursor is not None:
        after = _id(cursor)
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _cursor(last["pk"] if isinstance(last, dict) else last.pk)


def _cursor(id: Any) -> str:
    return base64.urlsafe_b64encode(f"after:{id}".encode()).decode().rstrip("=")


def _id(cursor: str) -> int:
    try:
        word, _, digits = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        word = digits = ""
    if word != "after" or not digits.isascii() or not digits.isdigit() or int(digits) > MOST:
        raise Invalid(
            field="cursor", problem="is not one that was given out here.", cure="Leave it out to begin again."
        )
    return int(digits)
