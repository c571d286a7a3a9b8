"""`nljctl api`: analytics and the state of the move over HTTP, and the page /migration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nljctl.cli import options, output
from nljctl.errors import UsageError

FORMATS = ("text", "json")
DEFAULT_PORT = 8000


def api(
    host: Annotated[str, typer.Option("--host", help="Where to listen. Beyond loopback it needs a key.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, show_default="8000, or a free one", help="0 takes any free port; the log says which.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="PATH", help="Where NLJCTL_API_TOKEN is not set: keep the token here; it is made at the first start."),
    ] = None,
    log_format: options.LogFormat = "text",
    verbose: options.Verbose = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Serves analytics in the platform's shapes under /api/analytics, the move under /api/migration, and the page /migration, until SIGTERM or Ctrl-C.

    Callers send `Authorization: Bearer` with NLJCTL_API_TOKEN, or with an access token of the platform where SECRET_KEY is set. Without either
    it listens on loopback only.

    Example: [bold]nljctl api --port 8000[/], then open http://127.0.0.1:8000/migration
    """
    if log_format not in FORMATS:
        raise UsageError(f"--log-format is {log_format!r}", f"It is one of {', '.join(FORMATS)}.")
    import asyncio

    from nljctl import logs
    from nljctl.api.serve import serve
    from nljctl.cli import loading
    from nljctl.pipelines import http

    logs.configure("json" if log_format == "json" else "text", verbose=verbose)
    flags = {"kafka": kafka, "database": database, "elasticsearch": elasticsearch}
    listen = port if port is not None else http.free_port(host, DEFAULT_PORT)
    served = asyncio.run(serve(lambda: loading.load(flags), host, listen, token_file))
    output.show("api", served.document(), as_json=as_json, render=lambda console: console.print(f"served {served.address} for {served.seconds:.0f} s"))
