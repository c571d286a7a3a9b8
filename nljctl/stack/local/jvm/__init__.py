"""Build files of the JVM services: what Maven fetches, and the small Java that starts an Elasticsearch node without its distribution."""
