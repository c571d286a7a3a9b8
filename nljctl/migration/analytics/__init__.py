"""Analytics in a comparison: every figure from the log, the legacy index and the new index, and which records of the ledger make them differ."""
