"""Every conversation sells the next step, and a stage ends with what the customer did."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.stages import (
    OUTCOMES,
    NoEvidence,
    NoOutcome,
    NotNextStage,
    StageOfAnotherProcess,
    StepInThePast,
    check_evidence,
    is_meaningful,
    may_advance,
    next_stage,
    one_outcome,
    overrun,
    overrun_share,
)

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
HUNTING = ("heard_us", "shared_problem", "showed_plant", "ordered")


# --- conversations -------------------------------------------------------------------------------------------


@pytest.mark.rule("R36")
@pytest.mark.parametrize(
    ("outcome", "rest"),
    [
        ("sold_next_step", {"step_at": TOMORROW}),
        ("sold_next_step", {"step_by": "book_meeting"}),
        ("not_sold", {"reason": "no_budget"}),
        ("ended", {"reason": "chose_competitor"}),
    ],
)
def test_r36_a_conversation_sells_the_next_step_or_says_why_not_or_ends(outcome, rest):
    assert one_outcome(outcome, at=NOW, **rest) == outcome


@pytest.mark.rule("R36")
@pytest.mark.parametrize("outcome", ["", "went_well", "sold_next_step, ended"])
def test_r36_a_conversation_without_one_of_the_three_is_refused(outcome):
    with pytest.raises(NoOutcome, match="exactly one of: next step sold, not sold, ended. Choose one"):
        one_outcome(outcome, at=NOW, step_at=TOMORROW, reason="any")


@pytest.mark.rule("R36")
@pytest.mark.parametrize(
    ("outcome", "rest", "cure"),
    [
        ("sold_next_step", {}, "Say when the next step is, or who will arrange it"),
        ("not_sold", {"reason": "  "}, "Say why the next step was not sold"),
        ("ended", {}, "Say why it ended"),
        ("ended", {"reason": "lost", "step_at": TOMORROW}, "What has ended has no next step"),
        ("ended", {"reason": "lost", "step_by": "book_meeting"}, "What has ended has no next step"),
    ],
)
def test_r36_half_an_outcome_is_refused_with_its_cure(outcome, rest, cure):
    with pytest.raises(NoOutcome, match=cure):
        one_outcome(outcome, at=NOW, **rest)


@pytest.mark.rule("R36")
@pytest.mark.parametrize("step_at", [NOW, NOW - timedelta(days=1)])
def test_r36_a_next_step_lies_ahead(step_at):
    with pytest.raises(StepInThePast, match="not after 2026-03-02 15:00. Agree on a time still to come"):
        one_outcome("sold_next_step", at=NOW, step_at=step_at)


@pytest.mark.rule("R46")
def test_r46_a_live_talk_with_a_known_role_about_a_deal_to_win_counts():
    assert is_meaningful(True, "plant manager", "not_sold", "competitor")


@pytest.mark.rule("R46")
@pytest.mark.parametrize(
    "talk",
    [
        (False, "plant manager", "not_sold", "competitor"),
        (True, "   ", "not_sold", "competitor"),
        (True, "plant manager", "", "competitor"),
        (True, "plant manager", "voicemail", "competitor"),
        (True, "plant manager", "not_sold", "us"),
        (True, "plant manager", "not_sold", "undecided"),
    ],
)
def test_r46_attempts_voicemails_and_deals_ours_to_lose_never_count(talk):
    assert not is_meaningful(*talk)


@pytest.mark.rule("R42")
def test_r42_a_day_of_thirty_calls_counts_only_the_meaningful_ones():
    calls = [(True, "buyer", "sold_next_step", "competitor")] * 21 + [(False, "", "", "competitor")] * 9
    assert sum(is_meaningful(*call) for call in calls) == 21


@pytest.mark.rule("R37")
@pytest.mark.parametrize("promised", [6, 8, 12])
def test_r37_a_briefing_is_held_against_the_minutes_it_promised(promised):
    assert overrun(promised, promised) == 0
    assert overrun(promised, promised + 3.5) == 3.5
    assert overrun(promised, promised - 2) == 0


@pytest.mark.rule("R37")
def test_r37_the_share_of_briefings_that_ran_over_is_reported():
    assert overrun_share([(8, 8), (8, 11), (8, 7), (6, 6.5)]) == 0.5
    assert overrun_share([]) is None


# --- stages --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R76")
def test_r76_stages_follow_one_another_to_the_end():
    assert [next_stage(HUNTING, stage) for stage in ("", *HUNTING)] == [*HUNTING, None]
    assert next_stage((), "") is None


@pytest.mark.rule("R76")
def test_r76_a_stage_of_another_process_is_refused_with_those_of_this_one():
    with pytest.raises(
        StageOfAnotherProcess, match="'reviewed_year' is not a stage .* heard_us, shared_problem"
    ):
        may_advance("reviewed_year", "shared_problem", HUNTING)
    with pytest.raises(StageOfAnotherProcess):
        next_stage(HUNTING, "reviewed_year")


@pytest.mark.rule("R76")
def test_r76_no_stage_is_jumped_over_or_gone_back_to():
    with pytest.raises(NotNextStage, match="'ordered' is not the next stage, 'shared_problem' is"):
        may_advance("ordered", "shared_problem", HUNTING)
    with pytest.raises(NotNextStage, match="'heard_us' is not the next stage, the end of the process is"):
        may_advance("heard_us", None, HUNTING)


@pytest.mark.rule("R76")
def test_r76_the_next_stage_may_be_named_or_left_to_the_process():
    may_advance("shared_problem", "shared_problem", HUNTING)
    may_advance(None, "shared_problem", HUNTING)
    may_advance(None, None, HUNTING)


@pytest.mark.rule("R76")
@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("link", "https://mail.example/thread/7"),
        ("file", "signed order 4711.pdf"),
        ("contact_and_date", "Mei Tanaka"),
        ("contact_and_date", "田中 美咲"),
    ],
)
def test_r76_a_stage_ends_with_evidence_of_its_kind(kind, evidence):
    check_evidence(kind, evidence, evidence_at=NOW, at=NOW)


@pytest.mark.rule("R76")
@pytest.mark.parametrize("kind", ["link", "file", "contact_and_date"])
@pytest.mark.parametrize("evidence", ["", "  \n "])
def test_r76_a_stage_cannot_end_without_evidence(kind, evidence):
    with pytest.raises(NoEvidence, match="nothing shows it"):
        check_evidence(kind, evidence, evidence_at=NOW, at=NOW)


@pytest.mark.rule("R76")
@pytest.mark.parametrize(
    "link", ["see mail", "ftp://host/x", "https://", "https://a b", "javascript:alert(1)", "http://["]
)
def test_r76_what_is_no_link_is_no_evidence_of_that_kind(link):
    with pytest.raises(NoEvidence, match="is not a link. Give a link that begins with https"):
        check_evidence("link", link, evidence_at=NOW, at=NOW)


@pytest.mark.rule("R76")
def test_r76_a_contact_has_a_name_and_the_deed_a_date_that_has_come():
    with pytest.raises(NoEvidence, match="names nobody. Name the contact who did it, and when"):
        check_evidence("contact_and_date", "555-0100", evidence_at=NOW, at=NOW)
    with pytest.raises(NoEvidence, match="it has no date. Say when the customer did it"):
        check_evidence("contact_and_date", "Mei Tanaka", evidence_at=None, at=NOW)
    with pytest.raises(NoEvidence, match="2026-03-03 15:00 is still to come"):
        check_evidence("contact_and_date", "Mei Tanaka", evidence_at=TOMORROW, at=NOW)


def test_evidence_of_an_unknown_kind_is_a_fault_of_the_playbook():
    with pytest.raises(
        ValueError, match="'gut feeling' is no kind of evidence; a stage asks for link, file or"
    ):
        check_evidence("gut feeling", "sure", evidence_at=NOW, at=NOW)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_evidence_or_a_sentence(outcome, evidence):
    for kind in ("link", "file", "contact_and_date"):
        try:
            check_evidence(kind, evidence, evidence_at=NOW, at=NOW)
        except NoEvidence as refused:
            assert refused.message.endswith(".")  # noqa: PT017
    if outcome not in OUTCOMES:
        with pytest.raises(NoOutcome):
            one_outcome(outcome, at=NOW, reason="any")
