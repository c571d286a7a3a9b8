"""How Elasticsearch is reached: its certificate, and who asks. One way of authenticating, or none; anything else is refused."""

from __future__ import annotations

from typing import Any

from nljctl import tls
from nljctl.errors import ConfigurationError
from nljctl.settings import Settings


def access(settings: Settings) -> dict[str, Any]:
    """The client's arguments for credentials and TLS.

    Raises:
        ConfigurationError: two ways of authenticating, half of one, or a certificate without https.
    """
    key, user, password = settings.elasticsearch_api_key, settings.elasticsearch_username, settings.elasticsearch_password
    arguments: dict[str, Any] = {}
    if key and (user or password):
        raise ConfigurationError(
            "Elasticsearch is given an API key and a user", "Set ELASTICSEARCH_API_KEY, or user and password (they may stand in the URL too)."
        )
    if bool(user) != bool(password):
        missing = "ELASTICSEARCH_PASSWORD" if user else "ELASTICSEARCH_USERNAME"
        raise ConfigurationError(f"{missing} is missing", "Set both, or write user:password@ in ELASTICSEARCH_URL.")
    if key:
        arguments["api_key"] = key
    if user and password:
        arguments["basic_auth"] = (user, password)
    if settings.require("elasticsearch").lower().startswith("https://"):
        arguments["ssl_context"] = tls.client_context(("ELASTICSEARCH_CA_CERTS", settings.elasticsearch_ca_certs))
    elif settings.elasticsearch_ca_certs:
        raise ConfigurationError("ELASTICSEARCH_CA_CERTS is set, but ELASTICSEARCH_URL is not https", "Write https:// in ELASTICSEARCH_URL.")
    return arguments


def authenticated_by(settings: Settings) -> str:
    """Who asks, for the sentence that says they may not."""
    if settings.elasticsearch_api_key:
        return "the API key in ELASTICSEARCH_API_KEY"
    return f"user {settings.elasticsearch_username}" if settings.elasticsearch_username else "a client without credentials"
