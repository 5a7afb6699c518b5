"""A playbook held against the rulebook. It loads already; the question here is whether the method is sound."""

from __future__ import annotations

from fullkit.playbook import lint_flow, lint_people, lint_words
from fullkit.playbook.finding import Finding
from fullkit.playbook.schema import Playbook

__all__ = ["CHECKS", "Finding", "lint"]

CHECKS = (
    lint_flow.every_kit_has_items,
    lint_flow.nothing_moves_in_a_circle,
    lint_words.kits_are_objective,
    lint_people.salespeople_only_win_new_business,
    lint_people.inside_or_field,
    lint_people.salespeople_do_not_prospect,
    lint_flow.queues_are_filled_from_the_pool,
    lint_people.someone_replenishes,
    lint_flow.in_play_agrees_with_the_pace,
    lint_flow.starving_is_an_incident,
    lint_words.release_asks_for_no_score,
    lint_people.coordinators_keep_the_calendar,
    lint_flow.four_meetings_a_day,
    lint_people.targets_within_reach,
    lint_words.nobody_owns_an_account,
    lint_flow.work_goes_where_it_is_worked,
    lint_people.someone_is_there_to_work,
    lint_flow.shared_inboxes_promise,
    lint_flow.growth_stays_growth,
    lint_words.no_commissions,
    lint_words.stages_are_customer_actions,
    lint_words.counted_words_are_defined,
    lint_flow.a_win_is_brought_in,
    lint_flow.hunting_and_farming_are_connected,
    lint_words.processes_have_charters,
)


def lint(playbook: Playbook) -> list[Finding]:
    """Every finding, errors first, then in the order of the rulebook."""
    found = [finding for check in CHECKS for finding in check(playbook)]
    return sorted(found, key=lambda f: (f.severity != "error", int(f.rule[1:]), f.path))
