"""Waivers beside findings, accepted misses, and the facts of each host for comparisons."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what was recorded before has neither waivers nor facts."""
    op.add_column("finding", sa.Column("waiver", sa.String(200)))
    op.add_column("run_host", sa.Column("accepted", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("run_host") as batch:
        batch.add_column(sa.Column("facts_id", sa.Integer, sa.ForeignKey("evidence.id", name="run_host_facts")))
