"""The services of a local stack: one table."""

from __future__ import annotations

from nljctl.stack.local import api, consumers, elasticsearch, kafka, postgres, ralph
from nljctl.stack.local.service import Service

SERVICES: dict[str, Service] = {
    service.name: service for service in (postgres.SERVICE, kafka.SERVICE, elasticsearch.SERVICE, ralph.SERVICE, *consumers.SERVICES, api.SERVICE)
}

PORTS: tuple[str, ...] = tuple(port for service in SERVICES.values() for port in service.ports)

ENDPOINTS: tuple[str, ...] = ("kafka", "database", "elasticsearch", "ralph", "faststream", "legacy", "api")
