"""Asks all sources at once, each within its own time, and examines what they said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from aiokafka.errors import KafkaError

from nljctl.effects.plan import Pipeline
from nljctl.errors import NljctlError
from nljctl.migration.doctor.ask_database import ask_database
from nljctl.migration.doctor.ask_elasticsearch import ask_elasticsearch
from nljctl.migration.doctor.ask_kafka import ask_kafka
from nljctl.migration.doctor.ask_others import ask_ralph, ask_runtime
from nljctl.migration.doctor.facts import Configured, DatabaseFacts, ElasticsearchFacts, KafkaFacts, Names, RalphFacts, RuntimeFacts
from nljctl.migration.doctor.finding import Away, Finding, Known, examine
from nljctl.migration.doctor.table import CHECKS
from nljctl.settings import SETTINGS, Settings, mask
from nljctl.stack.names import FASTSTREAM, LEGACY
from nljctl.stack.runtime import Runtime

ASK_SECONDS = 10.0
"""What each source gets to answer everything."""

CLIENT = next(setting.default or "" for setting in SETTINGS if setting.name == "kafka_client_id")
"""The legacy consumer's name for itself where nobody has set one; it may have been started elsewhere, with other settings than ours."""

ORDER = ("failed", "warning", "ok", "skipped")


async def doctor(settings: Settings, runtime: Runtime) -> list[tuple[str, Finding]]:
    """Every check by name, the failed ones first. Raises for no service that is away: that is what it checks."""
    found = examine(CHECKS, await _known(settings, runtime))
    return sorted(found, key=lambda check: ORDER.index(check[1].status))


async def _known(settings: Settings, runtime: Runtime) -> Known:
    names = _names(settings)
    answers = await asyncio.gather(
        _answer("kafka", ask_kafka(settings, names)),
        _answer("database", ask_database(settings)),
        _answer("elasticsearch", ask_elasticsearch(settings, names)),
        _answer("ralph", ask_ralph(settings) if settings.ralph else _nobody("ralph", "not part of what runs")),
        _answer("runtime", ask_runtime(runtime) if settings.own_stack else _nobody("runtime", "what runs on other machines is not seen")),
    )
    return dict(zip((KafkaFacts, DatabaseFacts, ElasticsearchFacts, RalphFacts, RuntimeFacts), answers, strict=True)) | {
        Names: names,
        Configured: _configured(settings),
    }


async def _answer(source: str, asked: Awaitable[Any]) -> Any:
    """The facts of a source, or why there are none."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await asked
    except NljctlError as problem:
        return Away(source, problem.message, problem.hint)
    except KafkaError as problem:
        return Away(source, f"it answers {type(problem).__name__}", "See `nljctl health`, and the broker's log.")
    except TimeoutError:
        return Away(source, f"no whole answer within {ASK_SECONDS:.0f} s", "See `nljctl status`, and the service's log.")


async def _nobody(source: str, reason: str) -> Away:
    return Away(source, reason, expected=False)


def _names(settings: Settings) -> Names:
    return Names(
        kafka=settings.kafka,
        elasticsearch=mask("elasticsearch", settings.elasticsearch) or "",
        index=settings.index,
        legacy_index=settings.legacy_index,
        dead_letter_topic=settings.dead_letter_topic,
        groups={Pipeline.FASTSTREAM: settings.group, Pipeline.LEGACY: settings.legacy_group},
        client_ids={Pipeline.FASTSTREAM: frozenset({FASTSTREAM}), Pipeline.LEGACY: frozenset({LEGACY, CLIENT, settings.kafka_client_id})},
        kafka_secured=settings.kafka_security_protocol != "PLAINTEXT",
        elasticsearch_key=settings.elasticsearch_api_key is not None,
        elasticsearch_password=settings.elasticsearch_username is not None,
        elasticsearch_ca=settings.elasticsearch_ca_certs is not None,
    )


def _configured(settings: Settings) -> Configured:
    return Configured(
        origins=settings.origins,
        kafka=settings.kafka,
        kafka_protocol=settings.kafka_security_protocol,
        database=settings.database,
        elasticsearch=settings.elasticsearch,
        ralph=settings.ralph,
        secrets={
            "ELASTICSEARCH_PASSWORD": None if settings.elasticsearch_username is None else settings.elasticsearch_password or "",
            "RALPH_LRS_SECRET": None if settings.ralph is None else settings.ralph_secret or "",
        },
    )
