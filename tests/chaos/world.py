"""Where chaos happens: a local stack, proxies in front of it, and consumers that reach Elasticsearch and Postgres through them.

Kafka is reached directly, as its broker names its own address; it is hurt by signals.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from bulk_proxy import BulkProxy
from loop_thread import LoopThread
from member import Member
from stacks import Stack, new_stack
from tcp_proxy import LOOPBACK, TcpProxy

from nljctl.kafka.client import admin, producer
from nljctl.kafka.topics import DAY_MS, dead_letters
from nljctl.settings import Settings
from nljctl.stack.names import DATABASE, ELASTICSEARCH, KAFKA

STOP_SECONDS = 15.0
"""What SIGTERM may take."""

MIX = ("--invalid", "2", "--duplicates", "3", "--conflicts", "2")
ASK_SECONDS = 60.0


@dataclass
class World:
    """One stack under attack. Whoever hurts it heals it again, so that the next one finds it whole."""

    stack: Stack
    elasticsearch: TcpProxy
    bulks: BulkProxy
    postgres: TcpProxy
    folder: Path
    members: list[Member] = field(default_factory=list)
    refusable: set[str] = field(default_factory=set)
    """Ids of published statements that are valid and that Elasticsearch refuses."""
    known: set[str] = field(default_factory=set)
    """What was found wrong before: it is reported once, where it happened."""
    ending_seconds: float = STOP_SECONDS
    """What a member may take to end."""
    ending: tuple[int, float] | None = None
    """Exit code and seconds of the member that was asked to end last."""

    @property
    def settings(self) -> Settings:
        """Past the proxies: for those who look, not for those who are looked at."""
        return self.stack.settings

    @property
    def member(self) -> Member:
        """The one that was started last."""
        return self.members[-1]

    def start_member(self, *, direct: bool = False) -> Member:
        """Starts a consumer; `direct` leaves the proxies out."""
        self.members.append(Member(self.stack.env if direct else self._proxied(), self.folder / f"member-{len(self.members)}.log"))
        return self.member

    def ensure_member(self) -> Member:
        """The one that was started last, if all is well with it; else it is replaced, and its successor begins with what it has left."""
        if self.members and self.member.runs and self.member.well():
            return self.member
        self.end()
        self.start_member().until_ready()
        return self.member

    def news(self, wrong: Iterable[str]) -> list[str]:
        """Those that nobody has reported yet."""
        fresh = [what for what in wrong if what not in self.known]
        self.known.update(fresh)
        return fresh

    def end_member(self) -> None:
        self.ending = self.member.terminate(self.ending_seconds)

    def publish(self, seed: int, count: int, rate: float | None, *more: str) -> subprocess.Popen[str]:
        """Begins to publish a seeded mixture; what it could not send is not in the log, and so nobody owes it."""
        pace = () if rate is None else ("--rate", f"{rate:g}")
        return self.stack.begin("publish-test", "--seed", str(seed), "--count", str(count), *pace, *(more or MIX), "--json")

    def produce(self, topic: str, values: Sequence[bytes | None]) -> None:
        """Sends values as they are, to one partition, one behind the other."""

        async def send() -> None:
            async with producer(self.settings) as client:
                await asyncio.gather(*[await client.send(topic, value=value, key=b"chaos") for value in values])

        asyncio.run(send())

    def signal(self, service: str, number: int) -> None:
        """Sends a signal to a service's own process. Its pid is read from the record: a service that stands still cannot be asked."""
        os.kill(json.loads((self.stack.home / "stack.json").read_text())["pids"][service]["pid"], number)

    def restart(self, service: str) -> None:
        """`nljctl up` finds that it is gone, and starts it again."""
        self.stack.up()

    def index(self, method: str, path: str, document: Any = None) -> None:
        """Asks Elasticsearch, past the proxies, to change the index."""
        url = f"{self.settings.elasticsearch}/{self.settings.index}/{path}"
        httpx.request(method, url, json=document, timeout=ASK_SECONDS, trust_env=False).raise_for_status()

    def dead_letters_take(self, size: int) -> None:
        """Sets the largest letter that the broker takes into the dead-letter topic."""
        spec = dead_letters(self.settings.dead_letter_topic)
        # The request replaces all settings of a topic, so they are all said again.
        configs = {"max.message.bytes": str(size), "retention.ms": str(spec.retention_days * DAY_MS), "cleanup.policy": "delete"}

        async def change() -> None:
            async with admin(self.settings) as client:
                await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, spec.name, configs)])

        asyncio.run(change())

    def end(self) -> None:
        for member in self.members:
            if member.runs:
                member.kill()

    def _proxied(self) -> dict[str, str]:
        database = urlsplit(str(self.stack.endpoints["database"]))
        return {
            **self.stack.env,
            "KAFKA_BOOTSTRAP_SERVERS": self.stack.endpoints["kafka"],
            "DATABASE_URL": database._replace(netloc=f"{database.username}@{LOOPBACK}:{self.postgres.port}").geturl(),
            "ELASTICSEARCH_URL": f"http://{LOOPBACK}:{self.elasticsearch.port}",
        }


SERVICES = {"database": DATABASE, "elasticsearch": ELASTICSEARCH, "kafka": KAFKA}
"""A component of `health` and the service behind it."""


@contextmanager
def new_world() -> Iterator[World]:
    """A stack that is up, with its proxies and without any consumer; nothing of it is left afterwards."""
    with new_stack() as stack, LoopThread() as loop:
        stack.up()
        target = {name: int(urlsplit(stack.endpoints[name]).port or 0) for name in ("elasticsearch", "database")}
        bulks = BulkProxy(loop, target["elasticsearch"])
        world = World(stack, TcpProxy(loop, bulks.port), bulks, TcpProxy(loop, target["database"]), stack.home.parent)
        try:
            yield world
        finally:
            world.end()
            world.elasticsearch.close()
            world.postgres.close()
            world.bulks.close()
