"""Who may do what: salespeople sell, coordinators schedule, Promotions prospects."""

from __future__ import annotations

from collections.abc import Iterator

from fullkit.playbook.finding import Finding, error, warning
from fullkit.playbook.schema import Ability, Playbook, Role


def _selling(role: Role) -> bool:
    return role.selling is not None or "sell" in role.may


def _someone_may(playbook: Playbook, ability: Ability, department: str | None = None) -> bool:
    return any(ability in r.may and department in (None, r.department) for r in playbook.roles)


def _abilities(playbook: Playbook) -> Iterator[tuple[str, str, set[str]]]:
    """What roles may do, and what people may who have several: path, name, abilities."""
    for index, role in enumerate(playbook.roles):
        yield f"roles[{index}]", role.name, {*role.may, *(("sell",) if _selling(role) else ())}
    for index, person in enumerate(playbook.people):
        roles = [playbook.role[key] for key in person.roles]
        if len(roles) > 1:
            sell = {"sell"} if any(map(_selling, roles)) else set()
            yield f"people[{index}]", person.name, {a for role in roles for a in role.may} | sell


def salespeople_only_win_new_business(playbook: Playbook) -> Iterator[Finding]:
    """R10: business that is ours to lose never reaches a sales queue."""
    for index, role in enumerate(playbook.roles):
        if not _selling(role):
            continue
        for key in playbook.department[role.department].works:
            if playbook.chain_of(key) == "bau":
                yield error(
                    "R10",
                    f"roles[{index}]",
                    f"{role.name} would work {playbook.packet_type[key].name}, which is business as usual.",
                    f"Take {key} out of {role.department} and give it to customer service.",
                )


def inside_or_field(playbook: Playbook) -> Iterator[Finding]:
    """R14: a salesperson is one of the two."""
    for index, person in enumerate(playbook.people):
        if {"inside", "field"} <= {playbook.role[key].selling for key in person.roles}:
            yield error(
                "R14",
                f"people[{index}].roles",
                f"{person.name} sells both inside and in the field.",
                "Leave one of the two roles.",
            )


def salespeople_do_not_prospect(playbook: Playbook) -> Iterator[Finding]:
    """R23: only Promotions releases opportunities."""
    for path, name, may in _abilities(playbook):
        if {"sell", "promote"} <= may:
            yield error(
                "R23",
                path,
                f"{name} may both sell and release opportunities.",
                "Take `promote` away; Promotions fills the queue.",
            )


def someone_replenishes(playbook: Playbook) -> Iterator[Finding]:
    """R25: the morning run has an owner."""
    for index, queue in enumerate(playbook.queues):
        pool = playbook.handoff[queue.release].from_
        if not _someone_may(playbook, "promote", pool):
            yield error(
                "R25",
                f"queues[{index}]",
                f"Nobody in {playbook.department[pool].name} may fill the queues of "
                f"{playbook.department[queue.department].name}.",
                f"Give a role of {pool} the ability `promote`.",
            )


def coordinators_keep_the_calendar(playbook: Playbook) -> Iterator[Finding]:
    """R40: scheduling is central, and those who sell do not do it."""
    for path, name, may in _abilities(playbook):
        if {"sell", "schedule"} <= may:
            yield error(
                "R40",
                path,
                f"{name} may both sell and write the calendar.",
                "Take `schedule` away; a coordinator books the meetings.",
            )
    if playbook.slots and not _someone_may(playbook, "schedule"):
        yield error(
            "R40",
            "slots",
            "There are slots, and nobody may book them.",
            "Give a role of the scheduling department the ability `schedule`.",
        )


def targets_within_reach(playbook: Playbook) -> Iterator[Finding]:
    """R42: twenty to thirty meaningful selling interactions a day."""
    for index, role in enumerate(playbook.roles):
        if (
            role.selling == "inside"
            and role.target_per_day is not None
            and not 20 <= role.target_per_day <= 30
        ):
            yield warning(
                "R42",
                f"roles[{index}].target_per_day",
                f"{role.target_per_day} selling interactions a day lie outside the working range of 20 to 30.",
                "Set 20 to 30, or write down why this company differs.",
            )


def someone_is_there_to_work(playbook: Playbook) -> Iterator[Finding]:
    """R53: a packet can be dealt only where someone takes one."""
    for index, department in enumerate(playbook.departments):
        if department.works and not _someone_may(playbook, "work", department.key):
            yield error(
                "R53",
                f"departments[{index}]",
                f"Nobody in {department.name} may work what arrives there.",
                f"Add a role of {department.key} with the ability `work`.",
            )
