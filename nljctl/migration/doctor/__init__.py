"""`nljctl doctor`: what the services say of themselves, and a table of checks over it (docs/operations.md)."""
