"""QuixStreams with its Elasticsearch sink, run in an environment of its own: `consume_quixstreams.py GROUP INDEX`; stopped from outside."""

from __future__ import annotations

import os
import sys

from quixstreams import Application
from quixstreams.sinks.community.elasticsearch import ElasticsearchSink

BATCH = 1000


def main(group: str, index: str) -> None:
    application = Application(
        broker_address=os.environ["KAFKA_BOOTSTRAP_SERVERS"], consumer_group=group, auto_offset_reset="earliest", auto_create_topics=False
    )
    statements = application.dataframe(application.topic("xapi-events", value_deserializer="json"))
    statements.sink(ElasticsearchSink(os.environ["ELASTICSEARCH_URL"], index, document_id_setter=lambda item: item.value["id"], batch_size=BATCH))
    application.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
