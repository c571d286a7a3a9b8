"""The same security as FastStream's broker takes it."""

from __future__ import annotations

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from nljctl.kafka.security import security
from nljctl.settings import Settings

_BY_MECHANISM = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def broker_security(settings: Settings) -> BaseSecurity:
    """The `security` of a KafkaBroker.

    Raises:
        ConfigurationError: the settings contradict each other.
    """
    found = security(settings)
    if found.mechanism is None:
        return BaseSecurity(ssl_context=found.context)
    return _BY_MECHANISM[found.mechanism](found.username or "", found.password or "", ssl_context=found.context)
