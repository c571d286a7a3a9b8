"""Postgres: the platform's tables, nljctl's own beside them, and how an event changes the former exactly once."""
