"""Consumer groups that nobody needs any more."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from nljctl.errors import RefusedError

NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND = 68, 69
"""The protocol's codes; aiokafka has no errors for them."""


async def delete_group(client: AIOKafkaAdminClient, group: str) -> bool:
    """Deletes a group with its committed offsets; False if there was none.

    Raises:
        RefusedError: it has members.
        KafkaError: the broker refuses.
    """
    # aiokafka speaks this request and has no method for it.
    answer = await client._send_request(DeleteGroupsRequest([group]), await client.find_coordinator(group))
    [(_, code)] = answer.results
    if code == NON_EMPTY_GROUP:
        raise RefusedError(f"{group} has members", "Stop them, then run the command again.", code="group-in-use")
    if code == GROUP_ID_NOT_FOUND:
        return False
    if (problem := for_code(code)) is not NoError:
        raise problem(f"{group} cannot be deleted")
    return True
