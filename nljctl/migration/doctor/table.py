"""Every check of `nljctl doctor`, in the order in which it is printed where nothing is wrong."""

from __future__ import annotations

from nljctl.migration.doctor import configuration, index, ownership, platform, topics, versions
from nljctl.migration.doctor.finding import Check

CHECKS: tuple[Check, ...] = (*versions.CHECKS, *topics.CHECKS, *ownership.CHECKS, *index.CHECKS, *platform.CHECKS, *configuration.CHECKS)
