"""What the services are called on every runtime, and which profile each belongs to."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

DATABASE = "nlj-db"
KAFKA = "redpanda"
ELASTICSEARCH = "elasticsearch"
RALPH = "ralph-lrs"
FASTSTREAM = "nlj-faststream-consumer"
LEGACY = "xapi-consumer"

Profile: TypeAlias = Literal["faststream", "analytics"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

SHARED = (DATABASE, KAFKA, ELASTICSEARCH)
"""Started whatever the profile."""

CONSUMERS: dict[Profile, str] = {"faststream": FASTSTREAM, "analytics": LEGACY}
BESIDE: dict[Profile, tuple[str, ...]] = {"faststream": (), "analytics": (RALPH,)}
"""What a profile's consumer needs besides the shared services; it must be there before the consumer starts."""
