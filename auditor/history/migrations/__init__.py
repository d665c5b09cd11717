"""Migrations of the history's tables, run by Alembic whenever a history is opened for writing."""
