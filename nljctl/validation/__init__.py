"""Judges files of statements offline, line by line, in memory that does not depend on their size."""

from nljctl.validation.lines import lines
from nljctl.validation.results import LineResult, Totals, validate

__all__ = ["LineResult", "Totals", "lines", "validate"]
