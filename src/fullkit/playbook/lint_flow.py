"""How work flows: kits, queues, promises, the two chains, the two processes."""

from __future__ import annotations

from collections.abc import Iterator

from fullkit.playbook.finding import Finding, error, warning
from fullkit.playbook.schema import HandoffType, Playbook

MEETINGS_A_DAY = 4


def every_kit_has_items(playbook: Playbook) -> Iterator[Finding]:
    """R1."""
    for index, handoff in enumerate(playbook.handoffs):
        if not handoff.kit:
            yield error(
                "R1",
                f"handoffs[{index}].kit",
                f"{handoff.name} has an empty kit, so anything would be accepted at once.",
                "Name at least one objective item that the receiver needs.",
            )


def nothing_moves_in_a_circle(playbook: Playbook) -> Iterator[Finding]:
    """R3: a packet that can move back is ping-pong by design."""
    moves = [(i, h) for i, h in enumerate(playbook.handoffs) if h.moves]
    for index, handoff in moves:
        onward = {(h.from_, h.to) for _, h in moves if h.moves == handoff.moves}
        if handoff.from_ != handoff.to and _reaches(onward, handoff.to, handoff.from_):
            yield warning(
                "R3",
                f"handoffs[{index}]",
                f"{handoff.name} is part of a circle in which the same {handoff.moves} moves back.",
                "Make a new packet for the way back, with a kit of its own.",
            )


def _reaches(ways: set[tuple[str, str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo += [to for from_, to in ways if from_ == here]
    return False


def queues_are_filled_from_the_pool(playbook: Playbook) -> Iterator[Finding]:
    """R23: what a salesperson receives has been in Promotions' pool."""
    for index, queue in enumerate(playbook.queues):
        release = playbook.handoff[queue.release]
        type_ = playbook.packet_type[release.packet_type]
        if type_.home != release.from_:
            yield error(
                "R23",
                f"queues[{index}].release",
                f"{release.name} takes {type_.name} from {release.from_}, but they arrive in {type_.home}.",
                f"Release from {type_.home}, or make {release.from_} the home of {type_.key}.",
            )
        for place, other in enumerate(playbook.handoffs):
            if other.key != release.key and other.to == queue.department and other.packet_type == type_.key:
                yield error(
                    "R23",
                    f"handoffs[{place}]",
                    f"{other.name} puts {type_.name} into {queue.department} past the pool.",
                    f"Let it end in {release.from_}; the morning run releases it.",
                )


def in_play_agrees_with_the_pace(playbook: Playbook) -> Iterator[Finding]:
    """R26: in play = consumption a day times active life."""
    for index, queue in enumerate(playbook.queues):
        expected = queue.consumption * queue.active_life_days
        low, high = queue.in_play
        if not low <= expected <= high:
            yield warning(
                "R26",
                f"queues[{index}].in_play",
                f"{queue.consumption:g} a day over {queue.active_life_days:g} days keep {expected:g} in play, "
                f"outside {low} to {high}.",
                "Set in_play around that number, or correct consumption or active_life_days.",
            )


def starving_is_an_incident(playbook: Playbook) -> Iterator[Finding]:
    """R28: an empty queue is somebody's work in the pool's department."""
    for index, queue in enumerate(playbook.queues):
        pool = playbook.handoff[queue.release].from_
        if queue.incident is None:
            yield warning(
                "R28",
                f"queues[{index}]",
                "When this queue starves, nobody is told.",
                f"Name as `incident` a packet type that {pool} works.",
            )
        elif queue.incident not in playbook.department[pool].works:
            yield error(
                "R28",
                f"queues[{index}].incident",
                f"{pool} does not work {queue.incident}, so a starving queue would have no owner.",
                f"Add {queue.incident} to the works of {pool}.",
            )


def four_meetings_a_day(playbook: Playbook) -> Iterator[Finding]:
    """R41."""
    for index, slots in enumerate(playbook.slots):
        if playbook.role[slots.role].selling == "field" and len(slots.times) != MEETINGS_A_DAY:
            yield warning(
                "R41",
                f"slots[{index}].times",
                f"{len(slots.times)} meetings a day instead of four, twenty a week.",
                "Offer four times, or write down why this company differs.",
            )


def work_goes_where_it_is_worked(playbook: Playbook) -> Iterator[Finding]:
    """R44, R51: every packet type has departments that work it, and handoffs end in them."""
    worked = {key for department in playbook.departments for key in department.works}
    for index, type_ in enumerate(playbook.packet_types):
        path = f"packet_types[{index}]"
        if type_.key not in worked:
            yield error(
                "R51",
                path,
                f"No department works {type_.name}.",
                f"Add {type_.key} to the works of {type_.home}.",
            )
        elif type_.key not in playbook.department[type_.home].works:
            yield error(
                "R44",
                f"{path}.home",
                f"{type_.name} arrives in {type_.home}, which does not work it.",
                f"Add {type_.key} to the works of {type_.home}, or name another home.",
            )
    for index, handoff in enumerate(playbook.handoffs):
        yield from _ends_where_it_is_worked(playbook, f"handoffs[{index}]", handoff)


def _ends_where_it_is_worked(playbook: Playbook, path: str, handoff: HandoffType) -> Iterator[Finding]:
    if handoff.packet_type not in playbook.department[handoff.to].works:
        yield error(
            "R44",
            f"{path}.to",
            f"{handoff.name} ends in {handoff.to}, which does not work {handoff.packet_type}.",
            f"Add {handoff.packet_type} to the works of {handoff.to}, or name another department.",
        )
    if handoff.from_ == handoff.to:
        yield error(
            "R51", path, f"{handoff.name} hands work from {handoff.to} to itself.", "Name two departments."
        )
    served = {handoff.moves} if handoff.moves else set(handoff.makes_from)
    if served and not served & set(playbook.department[handoff.from_].works):
        yield error(
            "R51",
            f"{path}.from",
            f"{handoff.from_} works nothing on which {handoff.name} could be opened.",
            "Name the department that works it, or other packet types.",
        )


def shared_inboxes_promise(playbook: Playbook) -> Iterator[Finding]:
    """R54: what waits in a shared inbox has a promise. The pool has none: the queues draw on it."""
    pools = {(h.from_, h.moves) for h in (playbook.handoff[q.release] for q in playbook.queues)}
    for department in playbook.departments:
        if department.inbox != "shared":
            continue
        for key in department.works:
            if playbook.packet_type[key].promise is None and (department.key, key) not in pools:
                place = [t.key for t in playbook.packet_types].index(key)
                yield error(
                    "R54",
                    f"packet_types[{place}].promise",
                    f"{playbook.packet_type[key].name} waits in the inbox of {department.name} without a promise.",
                    "Promise a working time such as 4h or 2d.",
                )


def growth_stays_growth(playbook: Playbook) -> Iterator[Finding]:
    """R59: where the two are pooled, business as usual takes all."""
    for index, department in enumerate(playbook.departments):
        for key in department.works:
            if department.chain == "growth" and playbook.chain_of(key) == "bau":
                yield error(
                    "R59",
                    f"departments[{index}].works",
                    f"{department.name} is there for growth; {playbook.packet_type[key].name} is business as usual.",
                    f"Let a department of business as usual work {key}.",
                )


def _of_kind(playbook: Playbook, kind: str) -> set[str]:
    """The packet types that pass a process of this kind."""
    processes = {p.key for p in playbook.processes if p.kind == kind}
    return {t.key for t in playbook.packet_types if t.process in processes}


def a_win_is_brought_in(playbook: Playbook) -> Iterator[Finding]:
    """R92: a win opens the way to whoever looks after the customer."""
    for index, type_ in enumerate(playbook.packet_types):
        if type_.key not in _of_kind(playbook, "hunting"):
            continue
        if not any(h.automatic_on and type_.key in h.makes_from for h in playbook.handoffs):
            yield warning(
                "R92",
                f"packet_types[{index}]",
                f"Nothing happens by itself when {type_.name} is won.",
                f"Let a handoff that makes_from {type_.key} be automatic_on the winning outcome.",
            )


def hunting_and_farming_are_connected(playbook: Playbook) -> Iterator[Finding]:
    """R99: two processes, with one interface in each direction."""
    kinds = {process.kind for process in playbook.processes}
    if kinds == {"hunting"}:
        yield warning(
            "R99",
            "processes",
            "There is a hunting process and none for farming.",
            "Add a process of kind farming, with stages, measures and an owner of its own.",
        )
    if kinds != {"hunting", "farming"}:
        return
    for start, end in (("hunting", "farming"), ("farming", "hunting")):
        if not any(h.connector and _connects(playbook, h, start, end) for h in playbook.handoffs):
            yield error(
                "R99",
                "handoffs",
                f"No connector leads from {start} to {end}.",
                f"Mark the handoff that does with `connector: true`, or add one from {start} to {end}.",
            )


def _connects(playbook: Playbook, handoff: HandoffType, start: str, end: str) -> bool:
    """From a department that works packets of one process to one that works packets of the other."""
    works_start = set(playbook.department[handoff.from_].works) & _of_kind(playbook, start)
    if end == "hunting":
        return bool(works_start) and handoff.packet_type in _of_kind(playbook, end)
    return bool(works_start) and bool(set(playbook.department[handoff.to].works) & _of_kind(playbook, end))
