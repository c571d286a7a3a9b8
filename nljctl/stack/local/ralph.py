"""Ralph, the LRS that the legacy pipeline posts to: in its own environment, over the stack's Elasticsearch."""

from __future__ import annotations

import subprocess

import httpx

from nljctl.errors import StackError
from nljctl.stack.local import install, loopback
from nljctl.stack.local.instance import Instance, inherited
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import ELASTICSEARCH, RALPH

USER = "nlj-platform"
PREPARE_SECONDS = 120


def _environment(instance: Instance) -> dict[str, str]:
    folder = instance.folder(RALPH)
    return {
        **inherited(("RALPH_", "PYTHON")),
        "RALPH_APP_DIR": str(folder),
        "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_RUNSERVER_BACKEND": "es",
        "RALPH_BACKENDS__LRS__ES__HOSTS": f"http://{LOOPBACK}:{instance.port('elasticsearch')}",
        "RALPH_BACKENDS__LRS__ES__DEFAULT_INDEX": "statements",
        "RALPH_BACKENDS__LRS__ES__ALLOW_YELLOW_STATUS": "true",
        "PYTHONUNBUFFERED": "1",
    }


def _python(instance: Instance) -> str:
    return str(instance.assets[install.RALPH] / "bin" / "python")


def _prepare(instance: Instance) -> None:
    """Ralph's own tool writes the account; the secret goes in by stdin, twice as it asks, so that no list of processes shows it."""
    folder = instance.folder(RALPH)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "auth.json").is_file():
        return
    secret = instance.record.ralph_secret
    done = subprocess.run(  # noqa: S603 - Ralph's own program
        [_python(instance), "-m", "ralph", "auth", "-u", USER, "-s", "all", "-M", f"mailto:{USER}@example.com", "-N", USER, "-w"],
        cwd=folder,
        env=_environment(instance),
        input=f"{secret}\n{secret}\n",
        capture_output=True,
        text=True,
        timeout=PREPARE_SECONDS,
        # Without a terminal it reads stdin.
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        (folder / "auth.json").unlink(missing_ok=True)
        raise StackError(f"`ralph auth` failed: {done.stderr.strip()[-300:]}", f"See {folder}.")
    (folder / "auth.json").chmod(0o600)


def _launch(instance: Instance) -> Launch:
    server = ("-m", "uvicorn", "ralph.api:app", "--host", LOOPBACK, "--port", str(instance.port("ralph")), "--no-access-log")
    return Launch((_python(instance), *server), instance.folder(RALPH), _environment(instance))


async def _check(instance: Instance) -> str:
    try:
        async with loopback.client(3) as client:
            answer = await client.get(f"http://{LOOPBACK}:{instance.port('ralph')}/__heartbeat__")
    except httpx.HTTPError as problem:
        return f"{type(problem).__name__}: {problem}"
    return "" if answer.is_success else f"its heartbeat answers {answer.status_code}: {answer.text[:200]}"


SERVICE = Service(
    name=RALPH,
    ports=("ralph",),
    endpoint="ralph",
    form=f"http://{LOOPBACK}:{{port}}",
    needs=(ELASTICSEARCH,),
    asset=install.RALPH,
    program="python",
    prepare=_prepare,
    launch=_launch,
    check=_check,
)
