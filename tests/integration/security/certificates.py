"""Certificates of a test's own, made with openssl: an authority, what it signed, and an authority that nobody knows."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

EXPIRED = -1
DAYS = 2


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, each a PEM file."""

    certificate: Path
    key: Path

    @property
    def both(self) -> str:
        """Key and certificate in one text, as Kafka wants a PEM keystore."""
        return self.key.read_text() + self.certificate.read_text()


@dataclass(frozen=True)
class Certificates:
    folder: Path

    def authority(self, name: str) -> Pair:
        pair = self._pair(name)
        _openssl("req", "-x509", "-new", *_KEY, "-keyout", pair.key, "-out", pair.certificate, "-subj", f"/CN={name}", "-days", DAYS)
        return pair

    def signed(self, authority: Pair, name: str, *, days: int = DAYS, names: str = "DNS:localhost") -> Pair:
        pair, request, extensions = self._pair(name), self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        _openssl("req", "-new", *_KEY, "-keyout", pair.key, "-out", request, "-subj", f"/CN={name}")
        by = ("-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial")
        _openssl("x509", "-req", "-in", request, *by, "-days", days, "-extfile", extensions, "-out", pair.certificate)
        return pair

    def _pair(self, name: str) -> Pair:
        return Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")


_KEY = ("-newkey", "rsa:2048", "-nodes")


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
