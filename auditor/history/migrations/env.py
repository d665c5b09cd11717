"""Alembic's entry: run the migrations on the connection that the caller has opened, within its transaction."""

from alembic import context

from auditor.history.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
