"""Who asks, as FastAPI's dependencies: before any parameter is looked at.

Annotations are evaluated here (no `from __future__`): the dependencies name each other, and live inside a function.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from nljctl.api.access import OPERATOR, Caller, Permission
from nljctl.api.tokens import Keys, NotAuthenticatedError, is_operators, user_of
from nljctl.api.users import Users

Identify = Callable[..., Awaitable[Caller]]

_bearer = HTTPBearer(auto_error=False, description="NLJCTL_API_TOKEN, or an access token of the platform (JWT, HS256 with SECRET_KEY).")


class Doors:
    """The checks that routes depend on.

    Args:
        keys: what callers are known by.
        users: the platform's users.
    """

    def __init__(self, keys: Keys, users: Users) -> None:
        async def caller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Caller:
            if keys.open:
                return OPERATOR
            if credentials is None:
                raise NotAuthenticatedError("no token")
            if is_operators(keys, credentials.credentials):
                return OPERATOR
            found = await users.find(user_of(keys, credentials.credentials))
            if found is None:
                raise NotAuthenticatedError("the token names no user")
            return found

        def requiring(permission: Permission) -> Identify:
            async def allowed(who: Annotated[Caller, Depends(caller)]) -> Caller:
                if not who.may(permission):
                    raise HTTPException(403, f"this needs the permission {permission.value}")
                return who

            return allowed

        async def own(who: Annotated[Caller, Depends(caller)], email: Annotated[str, Path(max_length=320)]) -> Caller:
            if not who.may_see(email):
                raise HTTPException(403, "a learner's data is for the learner and for administrators")
            return who

        self.view: Identify = requiring(Permission.VIEW)
        self.admin: Identify = requiring(Permission.ADMIN)
        self.own: Identify = own
