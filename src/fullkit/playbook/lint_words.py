"""The words of a playbook: objective kits, customer actions, definitions, charters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fullkit.playbook.finding import Finding, error, warning
from fullkit.playbook.schema import KitItem, Playbook

JUDGEMENT = (
    "acceptable adequate appropriate bad clear committed credible decent engaged enough excellent genuine good hot "
    "important interested interesting keen likely motivated nice poor potential probable probably promising proper "
    "properly ready realistic reasonable satisfactory serious seriously strong suitable sufficient sufficiently "
    "unlikely urgent valuable warm weak worthwhile"
)
_JUDGEMENT = re.compile(rf"\b({'|'.join(JUDGEMENT.split())})\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")

SELLER_VERBS = (
    "arrange ask book call chase close contact convince deliver demo demonstrate discover email explain follow "
    "identify introduce invite meet negotiate nurture offer persuade phone pitch present probe propose prospect "
    "qualify quote reach remind research schedule sell send show submit upsell visit write"
)


def _forms(verb: str) -> str:
    """`chase` matches chases, chased, chasing."""
    if verb[-1] in "ey":
        return f"{verb[:-1]}(?:{verb[-1]}|{verb[-1]}s|ies|ed|ied|ing|ying)"
    return f"{verb}(?:s|es|ed|ing)?"


_VERBS = "|".join(
    [*map(_forms, SELLER_VERBS.split()), "met", "sent", "sold", "shown", "showed", "wrote", "written"]
)
_SELLER = re.compile(rf"^(?:we|our|the salesperson|the seller|{_VERBS})\b", re.IGNORECASE)
_DONE_TO_THEM = re.compile(
    rf"\b(?:was|were|is|are|been|being|got) (?:{_VERBS}|given|told|handed)\b", re.IGNORECASE
)
_CUSTOMER = re.compile(
    r"\b(customer|contact|buyer|dealer|client|prospect|decider|they|user|owner)s?\b", re.IGNORECASE
)

_SCORE = re.compile(
    r"(\b|_)(scor(e|es|ed|ing)|qualif\w*|bant|meddic|grade|rating|mql|sql)(\b|_)", re.IGNORECASE
)
_ACCOUNT_OWNER = re.compile(
    r"(account|customer|client|relationship)[ _-]*(owner|manager|holder|rep|representative|executive)\b",
    re.IGNORECASE,
)
_COMMISSION = re.compile(r"commission|bonus|incentive|\bquota\b|kickback", re.IGNORECASE)

DEFINED = ("customer", "new customer", "qualified prospect", "qualified opportunity", "deal on the forecast")


def _kit_items(playbook: Playbook) -> Iterator[tuple[str, KitItem]]:
    for index, handoff in enumerate(playbook.handoffs):
        for place, item in enumerate(handoff.kit):
            yield f"handoffs[{index}].kit[{place}]", item


def kits_are_objective(playbook: Playbook) -> Iterator[Finding]:
    """R5: two people judge an item alike. A word in quotation marks is an example and may be anything."""
    for path, item in _kit_items(playbook):
        for part in ("name", "criterion", "test", "decision"):
            if found := _JUDGEMENT.search(_QUOTED.sub("", getattr(item, part))):
                yield error(
                    "R5",
                    f"{path}.{part}",
                    f"'{found[0]}' is a judgement, on which two people may differ.",
                    "Say what can be seen, read or counted, or leave the item out of the kit.",
                )


def release_asks_for_no_score(playbook: Playbook) -> Iterator[Finding]:
    """R33: qualification before a salesperson speaks destroys value."""
    releases = {queue.release for queue in playbook.queues}
    for index, handoff in enumerate(playbook.handoffs):
        if handoff.key not in releases:
            continue
        for place, item in enumerate(handoff.kit):
            if _SCORE.search(f"{item.key} {item.name} {item.criterion}"):
                yield error(
                    "R33",
                    f"handoffs[{index}].kit[{place}]",
                    f"'{item.name}' makes qualification a gate before a salesperson has spoken to anyone.",
                    "Remove the item; describe quality during pursuit instead.",
                )


def _fields(playbook: Playbook) -> Iterator[tuple[str, str, str]]:
    """Every place where a playbook asks for a fact: path, key, name."""
    for index, type_ in enumerate(playbook.packet_types):
        for place, spec in enumerate(type_.fields):
            yield f"packet_types[{index}].fields[{place}]", spec.key, spec.name
    for path, item in _kit_items(playbook):
        yield path, item.key, item.name


def nobody_owns_an_account(playbook: Playbook) -> Iterator[Finding]:
    """R43: the team owns the account."""
    for path, key, name in _fields(playbook):
        if _ACCOUNT_OWNER.search(key) or _ACCOUNT_OWNER.search(name):
            yield error(
                "R43",
                path,
                f"'{name}' makes one person the owner of an account.",
                "Remove it; the team owns the account, and a packet has an owner of its own.",
            )


def no_commissions(playbook: Playbook) -> Iterator[Finding]:
    """R65."""
    for path, key, name in _fields(playbook):
        if _COMMISSION.search(key) or _COMMISSION.search(name):
            yield error("R65", path, f"'{name}' keeps the books of a commission.", "Remove it.")


def stages_are_customer_actions(playbook: Playbook) -> Iterator[Finding]:
    """R76: a stage is named for the customer's side and ends on what the customer did."""
    for index, process in enumerate(playbook.processes):
        for place, stage in enumerate(process.stages):
            path = f"processes[{index}].stages[{place}]"
            if found := _SELLER.match(stage.name):
                yield error(
                    "R76",
                    f"{path}.name",
                    f"'{stage.name}' is what a seller does ('{found[0].lower()}').",
                    "Name the stage for what the customer gives in it: attention, time, information, money.",
                )
            yield from _done_by_the_customer(f"{path}.customer_action", stage.customer_action)


def _done_by_the_customer(path: str, action: str) -> Iterator[Finding]:
    if found := _SELLER.match(action) or _DONE_TO_THEM.search(action):
        yield error(
            "R76",
            path,
            f"'{action}' is what a seller does ('{found[0].lower()}').",
            "Say what the customer did, with the customer as the one who does it.",
        )
    elif not _CUSTOMER.search(action):
        yield warning(
            "R76",
            path,
            f"'{action}' does not say who at the customer did it.",
            "Begin with the customer or the contact.",
        )


def counted_words_are_defined(playbook: Playbook) -> Iterator[Finding]:
    """R79: at least these five."""
    known = {term.term.casefold() for term in playbook.terms}
    for term in DEFINED:
        if term not in known:
            yield warning(
                "R79",
                "terms",
                f"'{term}' is counted and not defined.",
                "Add the term with its criterion, test and decision.",
            )


def processes_have_charters(playbook: Playbook) -> Iterator[Finding]:
    """R101: start, end, output, customer, owner, measures."""
    for index, process in enumerate(playbook.processes):
        if process.charter is None:
            yield error(
                "R101",
                f"processes[{index}]",
                f"{process.name} has no charter.",
                "Add charter: starts_when, ends_when, output, customer, owner, measures.",
            )
