"""Kafka as the rest sees it: client settings, topics, the ends of the log, and a reader of ranges of it."""
