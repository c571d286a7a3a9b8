"""The report of a comparison for people: one self-contained page."""

from nljctl.migration.report.page import render
from nljctl.migration.report.words import SENTENCES

__all__ = ["SENTENCES", "render"]
