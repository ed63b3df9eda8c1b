"""Alembic's scripts; `store.schema` runs them."""
