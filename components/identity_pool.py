"""A Cognito identity pool: AWS credentials for the users of a user pool, by their group.

Creates the pool, a role for each group that has links, one for whoever is signed in and in none of them, and
the rules that choose. What a group's links say its members may do with their own credentials, from a browser
or an app; the links' environment is for functions, and goes nowhere.

    IdentityPool(
        "people-aws",
        IdentityPoolArgs(user_pool=pool, group_links={"admin": [bucket.link("GetObject", "ListBucket")]}),
    )

Of several groups the most important one counts: the first in the user pool's list. Credentials are good for
an hour, whatever happens to the user meanwhile.

Costs: nothing. https://aws.amazon.com/cognito/pricing/

Won't do: the classic flow, in which a client picks its role; roles out of the token, for which the user
pool's groups would have to name roles that wait for the user pool; or identities of others than its users.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Children, Component, ComponentArgs
from components._links import Link
from components._policies import document, permissions
from components.user_pool import UserPool

__all__ = ["IdentityPool", "IdentityPoolArgs"]

# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
MAX_RULES = 25
MAX_CLIENTS = 10
MAX_POOL_NAME_LENGTH = 128
MAX_ROLE_NAME_LENGTH = 56
"""64 characters, of which Pulumi adds 8."""

_PRINCIPAL = "cognito-identity.amazonaws.com"
_GROUP = re.compile(r"[A-Za-z0-9+=,.@_-]+")


class IdentityPoolArgs(ComponentArgs):
    """Arguments of `IdentityPool`."""

    children: ClassVar[Children] = {
        "identity_pool": aws.cognito.IdentityPool,
        "attachment": aws.cognito.IdentityPoolRoleAttachment,
        "role": aws.iam.Role,
        "policy": aws.iam.RolePolicy,
    }

    user_pool: UserPool
    """Whose users get credentials, for an id token of it. It is asked with each exchange whether the user has
    been signed out everywhere, or disabled.
    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html"""

    clients: Sequence[str] | None = None
    """Names of the clients whose tokens are taken, 1-10; unset, all of the pool."""

    group_links: Mapping[str, Sequence[pydantic.InstanceOf[Link]]] = {}
    """What the members of a group may do, at most 25 groups. A rule finds a group's name anywhere in the list
    of a user's groups, so none may be a part of another's: a member of `site-admin` would be an `admin`.
    https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html"""

    authenticated_links: Sequence[pydantic.InstanceOf[Link]] | None = None
    """What signed-in users may do who are in none of those groups; unset, they get no credentials."""

    unauthenticated_links: Sequence[pydantic.InstanceOf[Link]] | None = None
    """What anyone on the internet may do, without signing in; unset, nobody gets credentials without. AWS
    narrows them further, to a list of services.
    https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies-scope-down-services"""

    deletion_protection: bool = True
    """Pulumi protects the pool, and it stays in AWS when it leaves the program, with the identities by which
    users own what they stored. To delete it: deploy with False, then remove it.
    https://www.pulumi.com/docs/iac/concepts/options/protect/"""

    @pydantic.field_validator("group_links")
    @classmethod
    def _groups_can_be_roles(cls, groups: Mapping[str, Sequence[Link]]) -> Mapping[str, Sequence[Link]]:
        if len(groups) > MAX_RULES:
            raise ValueError(f"must be 0-{MAX_RULES}, got {len(groups)}")
        for name, links in groups.items():
            if not _GROUP.fullmatch(name):
                raise ValueError(
                    "must be of groups named in letters, digits and +=,.@_- alone, as their roles are, "
                    f"got {name!r}"
                )
            if not any(link.statements for link in links):
                raise ValueError(f"must give each group a permission, got none for {name!r}; leave it out")
        return groups

    @pydantic.model_validator(mode="after")
    def _somebody_may_do_something(self) -> IdentityPoolArgs:
        if not self.group_links and self.authenticated_links is None:
            raise ValueError("group_links or authenticated_links must be given: nobody could do anything")
        return self

    @pydantic.model_validator(mode="after")
    def _clients_are_the_pools(self) -> IdentityPoolArgs:
        known = sorted(self.user_pool.client_ids)
        wanted = known if self.clients is None else self.clients
        for name in wanted:
            if name not in known:
                raise ValueError(f"clients must be among {', '.join(known) or 'nothing'}, got {name!r}")
        if not 1 <= len(wanted) <= MAX_CLIENTS or len(set(wanted)) < len(wanted):
            raise ValueError(f"clients must be 1-{MAX_CLIENTS} that differ, got {list(wanted)}")
        return self

    @pydantic.model_validator(mode="after")
    def _groups_are_told_apart(self) -> IdentityPoolArgs:
        # Those of a pool that came in by id nobody knows here.
        owned = list(self.user_pool.groups)
        for name in self.group_links:
            if owned and name not in owned:
                raise ValueError(
                    f"group_links must be of the pool's groups, {', '.join(owned)}, got {name!r}"
                )
            for other in owned or self.group_links:
                if name != other and name in other:
                    raise ValueError(
                        f"group_links[{name!r}] would hold for {other!r} too, whose name contains it; "
                        "rename one"
                    )
        return self


class IdentityPool(Component):
    """A Cognito identity pool and its roles.

    Children: `identity_pool`, `attachment`; `roles` and `policies` by group; `authenticated_role` with its
    policy, and where asked for `unauthenticated_role` with its own.
    """

    identity_pool: aws.cognito.IdentityPool
    """The main child."""

    attachment: aws.cognito.IdentityPoolRoleAttachment
    """The rules that choose a role."""

    roles: Mapping[str, aws.iam.Role]
    """A role for each group that has links."""

    policies: Mapping[str, aws.iam.RolePolicy]
    """All that each of these roles may do."""

    authenticated_role: aws.iam.Role
    """For whoever is signed in and in none of the groups. AWS wants one even where nobody gets it."""

    authenticated_policy: aws.iam.RolePolicy | None
    """All that it may do; none, and it may do nothing."""

    unauthenticated_role: aws.iam.Role | None
    """For everyone else."""

    unauthenticated_policy: aws.iam.RolePolicy | None
    """All that it may do."""

    identity_pool_id: pulumi.Output[str]
    """Id of the pool, which clients give to `GetId`."""

    identity_pool_arn: pulumi.Output[str]
    """ARN of the pool."""

    def __init__(self, name: str, args: IdentityPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        for group in args.group_links:
            _check_role_name(name, group)
        super().__init__(name, opts)
        self._args = args
        clients = sorted(args.user_pool.client_ids if args.clients is None else args.clients)
        self._client_ids = [args.user_pool.client_ids[client] for client in clients]
        self._issuer = args.user_pool.issuer.apply(lambda issuer: issuer.removeprefix("https://"))
        self.identity_pool = self._create_identity_pool()
        made = {
            group: self._create_role(f"group-{group}", "authenticated", links)
            for group, links in self._by_importance()
        }
        self.roles = {group: role for group, (role, _) in made.items()}
        self.policies = {group: policy for group, (_, policy) in made.items() if policy is not None}
        self.authenticated_role, self.authenticated_policy = self._create_role(
            "authenticated", "authenticated", args.authenticated_links or ()
        )
        self.unauthenticated_role = self.unauthenticated_policy = None
        if args.unauthenticated_links is not None:
            self.unauthenticated_role, self.unauthenticated_policy = self._create_role(
                "unauthenticated", "unauthenticated", args.unauthenticated_links
            )
        self.attachment = self._attach()
        self.identity_pool_id = self.identity_pool.id
        self.identity_pool_arn = self.identity_pool.arn
        self.register_outputs(
            {"identityPoolId": self.identity_pool_id, "identityPoolArn": self.identity_pool_arn}
        )

    def _create_identity_pool(self) -> aws.cognito.IdentityPool:
        text = f"{pulumi.get_project()}-{pulumi.get_stack()}-{self.name}"
        return aws.cognito.IdentityPool(
            self.name,
            **self._args.overriding(
                "identity_pool",
                # A title: two pools may have the same.
                identity_pool_name=re.sub(r"[^\w\s+=,.@-]", "-", text)[:MAX_POOL_NAME_LENGTH],
                allow_unauthenticated_identities=self._args.unauthenticated_links is not None,
                allow_classic_flow=False,
                cognito_identity_providers=[
                    {"provider_name": self._issuer, "client_id": client, "server_side_token_check": True}
                    for client in self._client_ids
                ],
            ),
            opts=self._data(protect=self._args.deletion_protection),
        )

    def _by_importance(self) -> list[tuple[str, Sequence[Link]]]:
        """The groups with links, in the user pool's order: the first rule that holds decides."""
        given, owned = self._args.group_links, list(self._args.user_pool.groups)
        return [(group, given[group]) for group in (owned or given) if group in given]

    def _create_role(
        self, suffix: str, flavour: Literal["authenticated", "unauthenticated"], links: Sequence[Link]
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy | None]:
        name = f"{self.name}-{suffix}"
        trusted = {
            "Effect": "Allow",
            "Principal": {"Federated": _PRINCIPAL},
            "Action": "sts:AssumeRoleWithWebIdentity",
            # Without the first, any identity pool of any account could hand the role out.
            # https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
            "Condition": {
                "StringEquals": {f"{_PRINCIPAL}:aud": self.identity_pool.id},
                "ForAnyValue:StringLike": {f"{_PRINCIPAL}:amr": flavour},
            },
        }
        role = aws.iam.Role(
            f"{name}-role",
            **self._args.overriding("role", assume_role_policy=document([trusted])),
            opts=self._child(),
        )
        statements = [statement for link in links for statement in link.statements]
        if not statements:  # and a policy without any isn't one
            return role, None
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            **self._args.overriding("policy", role=role.name, policy=permissions(statements)),
            opts=self._child(),
        )
        return role, policy

    def _attach(self) -> aws.cognito.IdentityPoolRoleAttachment:
        roles = {"authenticated": self.authenticated_role.arn}
        if self.unauthenticated_role is not None:
            roles["unauthenticated"] = self.unauthenticated_role.arn
        return aws.cognito.IdentityPoolRoleAttachment(
            f"{self.name}-roles",
            **self._args.overriding(
                "attachment",
                identity_pool_id=self.identity_pool.id,
                roles=roles,
                role_mappings=[self._mapping(client) for client in self._client_ids] if self.roles else None,
            ),
            opts=self._child(),
        )

    def _mapping(self, client_id: pulumi.Output[str]) -> dict[str, Any]:
        return {
            "identity_provider": pulumi.Output.concat(self._issuer, ":", client_id),
            "type": "Rules",
            "ambiguous_role_resolution": "Deny"
            if self._args.authenticated_links is None
            else "AuthenticatedRole",
            "mapping_rules": [
                {"claim": "cognito:groups", "match_type": "Contains", "value": group, "role_arn": role.arn}
                for group, role in self.roles.items()
            ],
        }


def _check_role_name(name: str, group: str) -> None:
    length = len(f"{name}-group-{group}-role")
    if length > MAX_ROLE_NAME_LENGTH:
        raise ArgumentError(
            f"IdentityPool {name!r}: its name and that of the group {group!r} must be at most "
            f"{MAX_ROLE_NAME_LENGTH - len('-group--role')} characters together, got {len(name) + len(group)}"
        )
