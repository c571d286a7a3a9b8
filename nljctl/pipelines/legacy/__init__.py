"""The legacy pipeline: one record at a time, routed by a table, posted to Ralph; its effects and position in one Postgres transaction (docs/legacy.md)."""
