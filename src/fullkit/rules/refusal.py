"""A refusal: the process says no. A code, a sentence, the facts.

Every refusal is what a good colleague would say, and stands beside the rule that says it. Doors render it in
one place each: 409 with `{code, message, facts}` in JSON, a notice in HTML. A refusal is never a bug and never
a question of permission.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar


class Refusal(Exception):
    """Base of every "no" of the process. Subclasses set `says`; its `{names}` are the facts given."""

    says: ClassVar[str] = "The process does not allow this."
    rule: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.says.format(**facts))

    @property
    def code(self) -> str:
        """The class name in kebab case: `KitNotFull` is `kit-not-full`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def message(self) -> str:
        """The sentence, with the facts filled in."""
        return str(self)


class Invalid(Refusal):
    """Something entered cannot be what it claims to be. Doors answer 422 and name the field."""

    says = "{field}: {problem} {cure}"
