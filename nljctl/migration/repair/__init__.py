"""Repair: what a ledger found missing, altered or expired is written again, by the writers that the pipelines use."""
