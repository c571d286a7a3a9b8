"""`nljctl api`: listens until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nljctl.api.app import application
from nljctl.api.listening import keys_for
from nljctl.pipelines import http
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch

log = logging.getLogger(__name__)

REQUEST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Served:
    """What there is to say when it has ended: where it listened and for how many seconds."""

    address: str
    seconds: float

    def document(self) -> dict[str, Any]:
        return {"address": self.address, "seconds": round(self.seconds, 3)}


async def serve(load: Callable[[], Settings], host: str, port: int, token_file: Path | None) -> Served:
    """Serves until SIGTERM or Ctrl-C.

    Args:
        load: gives the settings as they are now.
        host: where to listen.
        port: 0 takes any free one.
        token_file: see `listening.keys_for`.

    Raises:
        ConfigurationError: it would be open beyond loopback, or the address cannot be bound.
    """
    settings = load()
    keys = keys_for(settings, host, token_file)
    begun = time.monotonic()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with elasticsearch(settings, request_timeout=REQUEST_SECONDS, retry_on_timeout=False, max_retries=1) as client:
        app = application(load, client, keys)
        async with http.serve(app, host, port) as bound:
            address = f"http://{f'[{host}]' if ':' in host else host}:{bound}"
            log.info("listening", extra={"address": address, "page": f"{address}/migration", "keys": "none: loopback only" if keys.open else "needed"})
            await ended.wait()
    return Served(address, time.monotonic() - begun)
