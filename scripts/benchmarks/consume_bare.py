"""The bare loop: as fast as one process gets from Kafka into Elasticsearch without validating anything: `consume_bare.py GROUP INDEX RECORDS`.

aiokafka's `getmany(1000)`, an untyped msgspec decode for the id, three bulks in flight, one commit at the end. It loses nothing as long as
nothing goes wrong, which is all that it has in common with a consumer.
"""

from __future__ import annotations

import asyncio
import os
import sys

import msgspec
from aiokafka import AIOKafkaConsumer
from elasticsearch import AsyncElasticsearch

IN_FLIGHT = 3
TOPIC = "xapi-events"


async def main(group: str, index: str, records: int) -> None:
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    client = AsyncElasticsearch(os.environ["ELASTICSEARCH_URL"])
    decode = msgspec.json.Decoder().decode
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def write(operations: list[bytes]) -> None:
        try:
            response = await client.bulk(index=index, operations=operations, filter_path="errors")
            if response["errors"]:
                raise SystemExit("the bare loop met an error, of which it can make nothing")
        finally:
            slots.release()

    await consumer.start()
    seen = 0
    async with asyncio.TaskGroup() as tasks:
        while seen < records:
            operations: list[bytes] = []
            for batch in (await consumer.getmany(timeout_ms=200, max_records=1000)).values():
                for record in batch:
                    operations += (b'{"create":{"_id":"%b"}}' % decode(record.value)["id"].encode(), record.value)
            if operations:
                seen += len(operations) // 2
                await slots.acquire()
                tasks.create_task(write(operations))
    await consumer.commit()
    await consumer.stop()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
