"""The second way: every figure computed by DuckDB from the statements themselves, by SQL that shares only the vocabulary with the queries of Elasticsearch."""
