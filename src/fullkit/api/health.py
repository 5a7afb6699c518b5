"""Whether the API lives."""

from __future__ import annotations

from typing import Literal

from fullkit import __version__
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.shapes import Shape

router = Noun("Health")


class Health(Shape):
    """It answers, and in which version."""

    status: Literal["ok"]
    version: str


@router.question("/health", open_to_all=True)
def health(request: Call) -> Health:
    """Whether the API answers; needs no key."""
    return Health(status="ok", version=__version__)
