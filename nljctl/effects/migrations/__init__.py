"""The platform's tables in a new database, as Alembic's revisions (`versions/`). A database that has tables of the platform's own is never migrated."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from nljctl.effects.ledger_tables import SCHEMA

VERSION_TABLE = "platform_version"
"""In nljctl's schema: the platform has an `alembic_version` of its own in `public`."""


def upgrade(connection: Connection) -> None:
    """Brings the tables to the newest revision, within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_versioned(connection: Connection) -> bool:
    """Whether these revisions made the database's tables."""
    return inspect(connection).has_table(VERSION_TABLE, schema=SCHEMA)
