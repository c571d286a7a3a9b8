"""Keeps `stack.json`: every change reads it, changes one thing and writes it, under a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from nljctl.errors import StackError
from nljctl.stack.local import install, ports, process, record, view
from nljctl.stack.local.instance import Instance
from nljctl.stack.local.record import Record, Started
from nljctl.stack.local.services import PORTS
from nljctl.stack.lock import locked


class Book:
    """The record of the stack in one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def read(self) -> Record | None:
        return record.read(self.home)

    def require(self) -> Record:
        """The record of a stack that was there a moment ago.

        Raises:
            StackError: it was removed meanwhile.
        """
        known = self.read()
        if known is None:
            raise StackError(f"the stack in {self.home} was removed meanwhile", "Run `nljctl up` again.")
        return known

    def begin(self, elasticsearch: str | None) -> Record:
        """The stack's record, made if this is a new one. When nothing runs and a port was taken meanwhile, all are chosen anew.

        Raises:
            StackError: the folder holds data of a stack that nothing is known of, or of a newer Elasticsearch.
        """
        (self.home / "logs").mkdir(parents=True, exist_ok=True)
        with self._lock():
            known = self.read()
            version = version_for(known, elasticsearch)
            if known is None:
                if (self.home / "services").exists():
                    raise StackError(f"{self.home} holds data of a stack whose stack.json is gone", "Put the file back, or: nljctl down --volumes --yes")
                known = record.new(version)
            kept = dict(known.ports)
            alive = any(process.is_alive(started) for started in known.processes.values())
            if not alive and not all(ports.is_free(port) for port in kept.values()):
                kept = {}
            fresh = ports.choose((port for port in PORTS if port not in kept), taken=kept.values())
            known = replace(known, ports=kept | fresh, elasticsearch=version)
            self._write(known)
        return known

    def remember(self, name: str, started: Started) -> None:
        """A service runs as this process, and is wanted."""
        self._change(lambda known: replace(known, processes={**known.processes, name: started}, wanted=known.wanted | {name}))

    def forget(self, name: str) -> None:
        """A service is not wanted any more."""
        self._change(lambda known: replace(known, wanted=known.wanted - {name}))

    def want(self, names: Iterable[str]) -> None:
        """These are wanted, though they do not run."""
        self._change(lambda known: replace(known, wanted=known.wanted | frozenset(names)))

    def _change(self, change: Callable[[Record], Record]) -> None:
        with self._lock():
            self._write(change(self.require()))

    def _write(self, known: Record) -> None:
        record.write(self.home, known, {"profiles": list(view.profiles(known)), "endpoints": view.endpoints(Instance(self.home, known, {}))})

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.home / "locks" / "record")


def version_for(known: Record | None, wanted: str | None) -> str:
    """The Elasticsearch of a stack: the wanted one, else what it has, else 8.

    Raises:
        StackError: there is no such version, or the stack's data is of a newer one.
    """
    own = known.elasticsearch if known else None
    version = wanted or own or min(install.ELASTICSEARCH_VERSIONS)
    install.assets(version)
    if own is not None and int(version) < int(own):
        raise StackError(
            f"this stack's data was written by Elasticsearch {own}, which Elasticsearch {version} cannot read",
            f"Set NLJCTL_ELASTICSEARCH_VERSION={own}, or begin anew: nljctl down --volumes --yes",
        )
    return version
