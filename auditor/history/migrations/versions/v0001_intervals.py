"""Audits, hosts, controls, evidence by its hash, and findings as intervals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("audit_id", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("tool_version", sa.String(100), nullable=False),
        sa.Column("catalogue_digest", sa.String(64), nullable=False),
        sa.Column("inventory_digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("audit_id", name="run_audit_id"),
    )
    for table in ("host", "control"):
        op.create_table(
            table,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(200), nullable=False),
            sa.UniqueConstraint("name", name=f"{table}_name"),
        )
    op.create_table(
        "judged",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary(16), nullable=False),
        sa.Column("controls", sa.Text, nullable=False),
        sa.UniqueConstraint("hash", name="judged_hash"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary(16), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("hash", name="evidence_hash"),
    )
    op.create_table(
        "run_host",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("host_id", sa.Integer, sa.ForeignKey("host.id"), primary_key=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reached", sa.Boolean, nullable=False),
        sa.Column("target_level", sa.SmallInteger, nullable=False),
        sa.Column("proven", sa.SmallInteger),
        sa.Column("possible", sa.SmallInteger),
        sa.Column("judged_id", sa.Integer, sa.ForeignKey("judged.id")),
    )
    op.create_index("run_host_host", "run_host", ["host_id"])
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("host_id", sa.Integer, sa.ForeignKey("host.id"), nullable=False),
        sa.Column("control_id", sa.Integer, sa.ForeignKey("control.id"), nullable=False),
        sa.Column("from_run", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("to_run", sa.Integer, sa.ForeignKey("run.id")),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("level", sa.SmallInteger),
        sa.Column("evidence_id", sa.Integer, sa.ForeignKey("evidence.id"), nullable=False),
    )
    op.create_index("finding_host_to", "finding", ["host_id", "to_run"])
    op.create_index("finding_control", "finding", ["control_id"])
