"""Elasticsearch: one real node, without security, on loopback."""

from __future__ import annotations

import httpx

from nljctl.stack.local import install, java, loopback
from nljctl.stack.local.instance import Instance, inherited
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import ELASTICSEARCH

HEAP = ("-Xms512m", "-Xmx1g")


def _prepare(instance: Instance) -> None:
    folder = instance.folder(ELASTICSEARCH)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in ("data", "logs", "tmp"):
        (folder / part).mkdir(exist_ok=True)


def _launch(instance: Instance) -> Launch:
    folder, home = instance.folder(ELASTICSEARCH), instance.assets[install.ELASTICSEARCH]
    program = java.jdk(install.ELASTICSEARCH_JAVA[instance.record.elasticsearch]) / "bin" / "java"
    options = (*HEAP, "-XX:+ExitOnOutOfMemoryError", f"-Djava.io.tmpdir={folder / 'tmp'}", "-cp", f"{home}/classes:{home}/lib/*")
    return Launch((str(program), *options, "ElasticsearchNode", str(home), str(folder), str(instance.port("elasticsearch"))), folder, inherited())


async def _check(instance: Instance) -> str:
    try:
        async with loopback.client(3) as client:
            answer = await client.get(f"http://{LOOPBACK}:{instance.port('elasticsearch')}/_cluster/health")
            status = answer.raise_for_status().json()["status"]
    except (httpx.HTTPError, ValueError, KeyError) as problem:
        return f"{type(problem).__name__}: {problem}"
    return "the cluster is red: an index has no primary" if status == "red" else ""


SERVICE = Service(
    name=ELASTICSEARCH,
    ports=("elasticsearch",),
    endpoint="elasticsearch",
    form=f"http://{LOOPBACK}:{{port}}",
    needs=(),
    asset=install.ELASTICSEARCH,
    program="java",
    prepare=_prepare,
    launch=_launch,
    check=_check,
)
