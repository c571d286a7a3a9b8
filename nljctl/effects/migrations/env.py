"""Alembic runs this for each command: the revisions on the connection that it was given."""

from __future__ import annotations

from alembic import context

from nljctl.effects.ledger_tables import SCHEMA
from nljctl.effects.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE, version_table_schema=SCHEMA)
with context.begin_transaction():
    context.run_migrations()
