"""The tables of the history, as the newest migration leaves them. Times are microseconds since 1970, UTC."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("audit_id", String(200), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("tool_version", String(100), nullable=False),
    Column("catalogue_digest", String(64), nullable=False),
    Column("inventory_digest", String(64), nullable=False),
    UniqueConstraint("audit_id", name="run_audit_id"),
)
"""One audit. Its order among the others is that of `started_at`, then of `audit_id`."""

host = Table(
    "host",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    UniqueConstraint("name", name="host_name"),
)

control = Table(
    "control",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    UniqueConstraint("name", name="control_name"),
)

judged = Table(
    "judged",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(16), nullable=False),
    Column("controls", Text, nullable=False),
    UniqueConstraint("hash", name="judged_hash"),
)
"""A set of controls that were judged, as sorted names with line breaks between; most hosts share a few sets."""

evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(16), nullable=False),
    Column("raw_hash", LargeBinary(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("hash", name="evidence_hash"),
)
"""What a verdict rests on, and facts of hosts: JSON under zlib, as it was when it was first seen.

`hash` (BLAKE2b, 128 bits) is over what it says without its times, `raw_hash` over the JSON itself.
"""

run_host = Table(
    "run_host",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("host_id", Integer, ForeignKey("host.id"), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("reached", Boolean, nullable=False),
    Column("target_level", SmallInteger, nullable=False),
    Column("proven", SmallInteger),
    Column("possible", SmallInteger),
    Column("judged_id", Integer, ForeignKey("judged.id")),
    Column("accepted", Boolean, nullable=False, server_default=false()),
    Column("facts_id", Integer, ForeignKey("evidence.id")),
    Index("run_host_host", "host_id"),
)
"""One host in one audit. `judged_id` is the set of controls judged, null where the host was not reached."""

finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host_id", Integer, ForeignKey("host.id"), nullable=False),
    Column("control_id", Integer, ForeignKey("control.id"), nullable=False),
    Column("from_run", Integer, ForeignKey("run.id"), nullable=False),
    Column("to_run", Integer, ForeignKey("run.id")),
    Column("status", String(20), nullable=False),
    Column("level", SmallInteger),
    Column("evidence_id", Integer, ForeignKey("evidence.id"), nullable=False),
    Column("waiver", String(200)),
    Index("finding_host_to", "host_id", "to_run"),
    Index("finding_control", "control_id"),
)
"""One interval: the verdict holds from `from_run` on, until just before `to_run` (null: it still does)."""
