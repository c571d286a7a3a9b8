"""What the services are called on every runtime, and which profile each belongs to."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

DATABASE = "nlj-db"
KAFKA = "redpanda"
ELASTICSEARCH = "elasticsearch"
RALPH = "ralph-lrs"
FASTSTREAM = "nlj-faststream-consumer"
LEGACY = "xapi-consumer"
API = "nlj-api"

Profile: TypeAlias = Literal["faststream", "analytics"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

STORES = (DATABASE, KAFKA, ELASTICSEARCH)
"""What setup needs, and everything else after it."""

SHARED = (*STORES, API)
"""Started whatever the profile."""

CONSUMERS: dict[Profile, str] = {"faststream": FASTSTREAM, "analytics": LEGACY}
BESIDE: dict[Profile, tuple[str, ...]] = {"faststream": (), "analytics": (RALPH,)}
"""What a profile's consumer needs besides the shared services; it must be there before the consumer starts."""
