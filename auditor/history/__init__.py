"""The memory between audits: what was found when, in an embedded SQLite file or a PostgreSQL database.

A finding is kept as intervals: from the audit in which a verdict was first seen to the one that showed another. Only an
audit that reached the host and judged the control can end an interval, so a host that does not answer never reads as
"fixed". Evidence is kept once, by the hash of what it says without its times.
"""

from auditor.history.database import History, HistoryError, open_history
from auditor.history.lasting import last_known, trend_of
from auditor.history.reading import Interval, RunSummary, intervals, runs, stored_snapshot
from auditor.history.recording import Recorded, record

__all__ = [
    "History",
    "HistoryError",
    "Interval",
    "Recorded",
    "RunSummary",
    "intervals",
    "last_known",
    "open_history",
    "record",
    "runs",
    "stored_snapshot",
    "trend_of",
]
