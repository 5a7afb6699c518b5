"""What is true after kill -9, verb by verb. `python -m tests.crash.contract` writes the page; tests hold it true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "crash-contract.md"


@dataclass(frozen=True)
class Row:
    """One verb: what it does, whether in one transaction, and what asking again does when it had been done."""

    does: str
    again: Literal["refused", "same", "anew"]
    steps: str = ""
    """For a run of many transactions: what each of them is."""


AGAIN = {
    "refused": "refused: it is done already",
    "same": "changes nothing more",
    "anew": "is done once more; send an idempotency key",
}

CONTRACT: dict[str, Row] = {
    "intake.arrive": Row("takes in what arrived", "same", "the packet with its message"),
    "intake.classify": Row("says whom inertia favours", "refused"),
    "intake.triage": Row("says what kind of work it is", "anew"),
    "intake.correct": Row("corrects what a packet says", "same"),
    "intake.comment": Row("adds a remark", "anew"),
    "inbox.deal": Row("gives a person the next packet", "same", "one packet that was due, or the claim"),
    "inbox.pick_up": Row("takes one out of turn", "same"),
    "inbox.renew": Row("lengthens a lease", "same"),
    "inbox.skip": Row("passes one over", "refused"),
    "inbox.undo_skip": Row("takes back up what was passed over last", "refused"),
    "inbox.put_back": Row("gives one back", "refused"),
    "inbox.take_back": Row("takes one from an absent holder", "refused"),
    "inbox.park": Row("lays one aside", "refused"),
    "inbox.name_cause": Row("names why it is red", "anew"),
    "inbox.sweep": Row("lets happen what is due", "same", "one packet: a lease, a waking, a colour"),
    "conversations.record": Row("records a conversation and what follows", "refused"),
    "conversations.attempt": Row("records an attempt", "refused"),
    "journey.advance": Row("ends a stage", "refused"),
    "journey.close": Row("ends a packet, wakes its parent, opens what must follow", "refused"),
    "journey.reopen": Row("opens a closed packet again", "refused"),
    "handoffs.open": Row("begins a handoff, and hands over when the kit is full", "anew"),
    "handoffs.supply": Row("supplies an item, and hands over when the kit is full", "refused"),
    "handoffs.supply_all": Row("supplies several items", "refused"),
    "handoffs.withdraw": Row("gives a handoff up", "refused"),
    "handoffs.accept_those_past_grace": Row("hands over what has waited its grace", "same", "one handoff"),
    "disputes.dispute": Row("claims that an item is untrue", "refused"),
    "disputes.decide": Row("decides a dispute, and gives the packet back", "refused"),
    "favours.ask": Row("asks a favour", "anew"),
    "favours.answer": Row("answers a favour", "refused"),
    "queues.replenish": Row("refills the queues of a department", "same", "one reading, one release, or one alarm"),
    "queues.release": Row("releases one packet to one person", "refused"),
    "queues.return_stale": Row("returns what nobody touched", "same", "one packet"),
    "queues.advise": Row("recommends targets", "same", "one advice"),
    "queues.accept_advice": Row("changes a target", "refused"),
    "calendar.open_slots": Row("opens a day's slots", "same"),
    "calendar.book": Row("books a slot, which hands the meeting over", "refused"),
    "calendar.cancel": Row("frees a slot, and asks for the meeting anew", "refused"),
    "customers.register": Row("registers a customer", "same"),
    "customers.add_contact": Row("adds a contact", "same"),
    "customers.merge": Row("makes two customers one", "refused"),
    "customers.bought": Row("notes a purchase", "anew"),
    "customers.erase_contact": Row("erases a contact's personal data", "anew"),
    "time.log_time": Row("logs minutes", "anew"),
    "playbooks.save": Row("keeps a version of the playbook", "anew"),
    "playbooks.activate": Row("puts a version into force", "anew"),
    "method.change": Row("changes the method", "refused"),
    "method.new_key": Row("gives a new one-time password", "same"),
    "people.give_password": Row("gives several people one password", "same"),
    "people.erase": Row("erases a former colleague", "refused"),
    "pool.add": Row("adds an opportunity", "refused"),
    "pool.add_all": Row("adds many opportunities", "same"),
    "day.tick": Row("does what is due this minute", "same", "one packet or one handoff"),
    "day.morning": Row("does the morning's work", "same", "one packet, reading, release, advice or day"),
    "day.forget": Row("drops what was kept only for a while", "same", "one kind of thing"),
}  # fmt: skip

_HEAD = """\
# What is true after kill -9

A process can be killed at any instant: a crash, a power cut, an impatient operator. This page says what is true then.
Each row is tested by killing a real process with SIGKILL before every statement of the verb, before its commit and
after it, on an SQLite file that flushes every commit and on PostgreSQL; a new process then looks at what is left.
(`make test` kills at some of the steps, `make soak` at all of them.)

**After every kill, whatever was going on:**

- either everything of the step is there or nothing of it, the log included: replaying the log gives the tables;
- every packet has exactly one owner, and nobody holds two;
- no lock is left behind: the next caller goes on at once;
- a packet that the dead process had been given comes back when its lease is over;
- a file that had been uploaded stands whole in its place, or is not named anywhere.

A verb is one transaction. Those that go through many things take one transaction for each (third column); killed in
between, what they did stays, and the next run does the rest and nothing twice.

| verb | what it does | a step is | killed before the commit of a step | killed after it | asked again then |
| --- | --- | --- | --- | --- | --- |
"""
_FOOT = """
**Over HTTP.** A server killed in the middle of requests and started again has every change it had answered, and of
those it had not answered each one whole or not at all. Sent again with the same `Idempotency-Key`, each is there
exactly once.

**Backup and restore**, killed with SIGKILL at each of these steps:

| killed | what is there | what to do |
| --- | --- | --- |
| a backup, while it writes a table, a file, or just before it gets its name | no file of its name; a hidden draft beside it; the company as it was | back up again; delete the draft |
| a restore, while it places files, makes the tables or fills them | not one row; perhaps some of its files | restore the same backup again: it goes on; started instead, it is an empty installation that asks to be set up |
| a restore, after its rows were committed | the whole company | start it; the tables are brought up to date then; a second restore refuses |
"""  # noqa: E501


def page() -> str:
    """The page, from the rows above."""
    lines = []
    for verb, row in CONTRACT.items():
        step = row.steps or "the whole verb"
        lines.append(f"| `{verb}` | {row.does} | {step} | nothing of it | all of it | {AGAIN[row.again]} |\n")
    return _HEAD + "".join(lines) + _FOOT


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
