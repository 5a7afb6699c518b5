"""From foreign files to the event table: CRM exports, event logs, workbooks."""

from fullkit.flow.reading.account import Account, Example, Note, Tally
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.imported import Imported, Recognised
from fullkit.flow.reading.mapping import Mapping, load_mapping
from fullkit.flow.reading.propose import propose
from fullkit.flow.reading.read import read

__all__ = [
    "Account",
    "Example",
    "Imported",
    "Mapping",
    "Note",
    "Recognised",
    "Tally",
    "Unreadable",
    "load_mapping",
    "propose",
    "read",
]
