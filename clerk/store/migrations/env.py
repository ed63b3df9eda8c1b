"""Alembic's entry: runs inside the transaction that `schema` opened."""

from alembic import context
from sqlalchemy import text

from clerk.store.tables import metadata

connection = context.config.attributes["connection"]
# Two hosts may start at once: the second waits and then finds nothing to do.
connection.execute(text("SELECT pg_advisory_xact_lock(7231001)"))
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
