"""Asks the service of this container how it is: `python -m nljctl.probe`; exit code 0 or 1. Standard library only: it runs every few seconds."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

URL = "NLJCTL_PROBE_URL"
CONSUMER = "http://127.0.0.1:8080/ready"
PATIENCE_SECONDS = 3.0


def probe(url: str) -> str:
    """What is wrong, in a few words; empty if nothing is."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):  # noqa: S310 - the address is the deployment's own
            return ""
    except urllib.error.HTTPError as answer:
        return f"{url} answers {answer.code}: {answer.read(200).decode(errors='replace')}"
    except OSError as problem:
        return f"{url}: {problem}"


def main() -> int:
    wrong = probe(os.environ.get(URL) or CONSUMER)
    print(wrong or "ready")  # noqa: T201 - `docker inspect` keeps it beside the verdict
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
