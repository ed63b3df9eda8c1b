"""Who may do what: a role from the settings, a scope from the command.

A guard against hands in the wrong terminal, not against an attacker: whoever can read the settings
has the passwords of Postgres and Redis.
"""

import hmac

from clerk.errors import Forbidden
from clerk.settings import Access

ROLES = ("viewer", "operator", "maintainer", "admin")
"""Each may do all that those before it may."""

SCOPES = {
    "job:run": "operator",
    "job:retry": "operator",
    "job:cancel": "operator",
    "queue:pause": "operator",
    "emergency:stop": "operator",
    "bench:run": "operator",
    "queue:purge": "maintainer",
    "site:edit": "maintainer",
    "site:deploy": "maintainer",
    "admin:dlq": "admin",
    "admin:storage": "admin",
    "admin:db": "admin",
}
"""What may be asked for -> the least role that may."""


def role(access: Access) -> str:
    """The role of whoever runs this process. Raises Forbidden for a token that is none of ours."""
    if not access.tokens:
        return access.role
    if access.token is None:
        return "viewer"
    for pair in access.tokens.split(","):
        name, _, token = pair.partition("=")
        if hmac.compare_digest(token.encode(), access.token.encode()):
            return name
    raise Forbidden(
        "Your token (CLERK_TOKEN) is none of those in access.tokens. "
        "Ask who runs this installation for one."
    )


def require(access: Access, scope: str) -> str:
    """The role, if it may do what `scope` names. Raises Forbidden, naming who may."""
    found, least = role(access), SCOPES[scope]
    if ROLES.index(found) < ROLES.index(least):
        how = "CLERK_TOKEN of" if access.tokens else "CLERK_ROLE="
        raise Forbidden(
            f"The role {found} may not do this: {scope} takes the role {least} or a higher one. "
            f"Nothing was changed. Ask somebody who has it, or set {how}"
            f"{' ' if access.tokens else ''}{least} if that is you."
        )
    return found
