"""The ids that brokers give topics: a topic that is deleted and made anew under its name has another one (KIP-516).

aiokafka 0.14 asks in a version of the request that does not tell them, so this is that request as of version 10, sent by the client's own connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

UNKNOWN = UUID(int=0)
"""What stands for no id, in both directions."""


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]  # aiokafka is not typed for its users
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _TopicsResponse(Response):  # type: ignore[misc]  # as above
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node_id", Int32), ("host", CompactString("utf-8")), ("port", Int32), ("rack", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _TopicsRequest_v10(RequestStruct):  # type: ignore[misc]  # as above
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = _TopicsResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicsRequest(Request[_TopicsRequest_v10]):  # type: ignore[misc]  # as above
    API_KEY = 3

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics = sorted(topics)

    def build(self, request_struct_class: type[_TopicsRequest_v10]) -> _TopicsRequest_v10:
        return request_struct_class([(UNKNOWN, topic, {}) for topic in self._topics], False, False, False, {})


async def topic_ids(client: AIOKafkaConsumer, topics: Iterable[str]) -> Mapping[str, str]:
    """The id of each of those topics that exist; empty where the brokers know of no ids (Kafka before 2.8).

    Raises:
        KafkaError: the broker does not answer.
    """
    connection = client._client  # the consumer offers no request of one's own
    node = connection.get_random_node()
    try:
        answer = await connection.send(node, _TopicsRequest(topics))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return {}
    return {name: str(id) for error, name, id, *_ in answer.topics if not error and id != UNKNOWN}
