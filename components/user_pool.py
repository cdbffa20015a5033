"""A Cognito user pool: who may sign in, how, and for how long.

Creates the pool, a client without a secret for each application and the groups; where they are asked for,
sign-in pages, the right of the pool to call its functions, and what threat protection does. Its link hands a
function what it needs to verify a token, which takes no permission.

    greet = Function("greet", FunctionArgs(handler="handlers.people.greet.handler", timeout_seconds=5))
    pool = UserPool("people", UserPoolArgs(groups=["reader"], post_confirmation=greet, clients={...}))
    pool.allow(greet, "AdminAddUserToGroup")

The pool calls `live` of a function, which therefore is there before the pool: it can't have a link to it, nor
to what depends on the pool, such as an API that takes its tokens. The event tells it `userPoolId`, and
`allow` gives it rights on the pool once there is one.

Costs: by the month's active users, the first 10,000 free on the Essentials plan
(https://aws.amazon.com/cognito/pricing/). A pool without users costs nothing.

Does not offer SMS, which costs by the message and can be intercepted, nor federation. Without `email`, mail
goes out through Cognito's own sender, at most 50 a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components._base import ArgumentError, Component
from components._links import Link, Statement, check_verbs, environment_name
from components._policies import permissions
from components._pool_args import UserPoolArgs
from components._pool_inputs import client_inputs, domain_inputs, pool_inputs, risk_inputs
from components._pool_shapes import (
    AuthFlow,
    EmailSender,
    HostedSignIn,
    Passkeys,
    PasswordPolicy,
    UserPoolClient,
)
from components.function import Function

__all__ = [
    "AuthFlow",
    "EmailSender",
    "HostedSignIn",
    "Passkeys",
    "PasswordPolicy",
    "UserPool",
    "UserPoolArgs",
    "UserPoolClient",
]

VERBS = frozenset(
    {
        "AdminAddUserToGroup",
        "AdminConfirmSignUp",
        "AdminCreateUser",
        "AdminDeleteUser",
        "AdminDeleteUserAttributes",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminGetUser",
        "AdminInitiateAuth",
        "AdminListGroupsForUser",
        "AdminListUserAuthEvents",
        "AdminRemoveUserFromGroup",
        "AdminResetUserPassword",
        "AdminRespondToAuthChallenge",
        "AdminSetUserMFAPreference",
        "AdminSetUserPassword",
        "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut",
        "GetGroup",
        "ListGroups",
        "ListUsers",
        "ListUsersInGroup",
    }
)
"""What can be done to users and groups. Not to the pool itself, which is this program's.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html"""

_POOL_ID = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d_[0-9A-Za-z]{1,40}")


class UserPool(Component):
    """A Cognito user pool and its clients.

    Children: `pool`; `clients` and `groups` by name; where asked for `domain`, `record`, `brandings` by
    client, `permissions` and `trigger_policies` by function, `risk`.
    """

    user_pool_id: pulumi.Output[str]
    """Id of the pool."""

    user_pool_arn: pulumi.Output[str]
    """ARN of the pool."""

    issuer: pulumi.Output[str]
    """Issuer of the pool's tokens: an https address, under which lie its keys."""

    client_ids: Mapping[str, pulumi.Output[str]]
    """Client ids by the clients' names."""

    sign_in_url: pulumi.Output[str] | None = None
    """Where the sign-in pages are, without a trailing slash: an app goes to `/oauth2/authorize` below it, to
    `/oauth2/token` and to `/logout`. None without `hosted_sign_in`."""

    sign_in_target: pulumi.Output[str] | None = None
    """What an own name of the pages has to point at."""

    # None: not asked for, or an existing pool's.
    domain: aws.cognito.UserPoolDomain | None = None
    record: aws.route53.Record | None = None
    risk: aws.cognito.RiskConfiguration | None = None

    def __init__(self, name: str, args: UserPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args: UserPoolArgs | None = args
        self._pool: aws.cognito.UserPool | None = aws.cognito.UserPool(
            name,
            **args.overriding("pool", **pool_inputs(args)),
            opts=self._data(protect=args.deletion_protection),
        )
        self.clients = {
            client: aws.cognito.UserPoolClient(
                f"{name}-{client}",
                **args.overriding("client", user_pool_id=self.pool.id, **client_inputs(settings)),
                opts=self._child(),
            )
            for client, settings in args.clients.items()
        }
        self.groups = {
            group: aws.cognito.UserGroup(
                f"{name}-group-{group}",
                **args.overriding("group", name=group, user_pool_id=self.pool.id, precedence=precedence),
                opts=self._child(),
            )
            for precedence, group in enumerate(args.groups)
        }
        self._let_in(args)
        self._guard(args)
        self._show_pages(args)
        self._expose(
            user_pool_id=self.pool.id,
            user_pool_arn=self.pool.arn,
            issuer=pulumi.Output.concat("https://", self.pool.endpoint),
            client_ids={client: resource.id for client, resource in self.clients.items()},
        )

    @classmethod
    def from_id(
        cls,
        name: str,
        user_pool_id: pulumi.Input[str],
        *,
        client_ids: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> UserPool:
        """A pool that this program doesn't own, in the provider's account and Region: nothing is created.

        Args:
            name: Name of the component.
            user_pool_id: Id of the pool, such as `eu-west-1_AbCdEfGhI`.
            client_ids: Ids of its clients, by a name of the caller's choice.
            opts: Options of the component.
        """
        if isinstance(user_pool_id, str) and not _POOL_ID.fullmatch(user_pool_id):
            raise ArgumentError(
                "UserPool.from_id user_pool_id must be an id such as 'eu-west-1_AbCdEfGhI', "
                f"got {user_pool_id!r}"
            )
        self = cls.__new__(cls)
        Component.__init__(self, name, opts)
        self._args = self._pool = None
        self.clients, self.groups, self.brandings, self.permissions = {}, {}, {}, {}
        invoke = pulumi.InvokeOutputOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke)
        region = aws.get_region_output(opts=invoke).region
        account = aws.get_caller_identity_output(opts=invoke).account_id
        self._expose(
            user_pool_id=pulumi.Output.from_input(user_pool_id),
            user_pool_arn=pulumi.Output.format(
                "arn:{}:cognito-idp:{}:{}:userpool/{}", partition.partition, region, account, user_pool_id
            ),
            issuer=pulumi.Output.format(
                "https://cognito-idp.{}.{}/{}", region, partition.dns_suffix, user_pool_id
            ),
            client_ids={client: pulumi.Output.from_input(id_) for client, id_ in client_ids.items()},
        )
        return self

    @property
    def pool(self) -> aws.cognito.UserPool:
        """The pool; one that came in by id has none, and says so."""
        if self._pool is None:
            raise ArgumentError(f"UserPool {self.name!r} came from_id: it is not a resource of this program")
        return self._pool

    def verification_link(self) -> Link:
        """What a function needs to verify a token: `USER_POOL_ISSUER` and `USER_POOL_CLIENT_IDS`.

        The ids are separated by commas. No permission: the pool's keys are public.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html

        Raises:
            ArgumentError: the pool has no client, so that no token could ever be good.
        """
        if not self.client_ids:
            raise ArgumentError(f"UserPool {self.name!r} has no client whose tokens to verify; name one")
        return Link(
            environment={"USER_POOL_ISSUER": self.issuer, "USER_POOL_CLIENT_IDS": self._joined_client_ids}
        )

    def link(self, *verbs: str) -> Link:
        """What a function may do to users and groups of this pool, and its id as `<NAME>_USER_POOL_ID`.

        IAM knows no narrower resource than the pool: `AdminSetUserPassword` reaches each user.

        Args:
            verbs: Cognito's actions: `AdminGetUser`, `AdminAddUserToGroup`.
        """
        return Link(self._statements(verbs), {environment_name(self.name, "USER_POOL_ID"): self.user_pool_id})

    def allow(self, function: Function, *verbs: str) -> None:
        """Give rights on this pool to one of the functions that it calls, which can't have a link to it.

        Its role gets a second policy. The pool's id comes with each event, as `userPoolId`.

        Args:
            function: One of the triggers.
            verbs: As `link` takes them.

        Raises:
            ArgumentError: another function, which should have a link, or one that has been given rights.
        """
        if function not in (self._args.triggers.values() if self._args is not None else ()):
            raise ArgumentError(
                f"UserPool {self.name!r}.allow takes a function that the pool calls; give {function.name!r} "
                "a link"
            )
        if function.name in self.trigger_policies:
            raise ArgumentError(
                f"UserPool {self.name!r}.allow must be called once for {function.name!r}, with all verbs"
            )
        assert self._args is not None  # noqa: S101 - it has triggers
        self.trigger_policies[function.name] = aws.iam.RolePolicy(
            f"{self.name}-{function.name}-policy",
            **self._args.overriding(
                "trigger_policy",
                role=function.role.name,
                policy=permissions(self._statements(verbs)),
            ),
            opts=self._child(),
        )

    def _statements(self, verbs: Sequence[str]) -> tuple[Statement, ...]:
        actions = tuple(f"cognito-idp:{verb}" for verb in check_verbs("UserPool", verbs, VERBS))
        return (Statement(actions, (self.user_pool_arn,), names=(f"user-pool/{self.name}",)),)

    def _let_in(self, args: UserPoolArgs) -> None:
        """Let this pool, and no other, call its functions."""
        functions = {function.name: function for function in args.triggers.values()}
        self.permissions = {
            name: aws.lambda_.Permission(
                f"{self.name}-{name}-permission",
                action="lambda:InvokeFunction",
                function=function.alias.function_name,
                qualifier=function.alias.name,
                principal="cognito-idp.amazonaws.com",
                source_arn=self.pool.arn,
                opts=self._child(),
            )
            for name, function in functions.items()
        }
        self.trigger_policies: dict[str, aws.iam.RolePolicy] = {}

    def _guard(self, args: UserPoolArgs) -> None:
        if args.advanced_security == "ENFORCED":
            self.risk = aws.cognito.RiskConfiguration(
                f"{self.name}-risk",
                **args.overriding("risk", user_pool_id=self.pool.id, **risk_inputs(args.mfa)),
                opts=self._child(),
            )

    def _show_pages(self, args: UserPoolArgs) -> None:
        self.brandings = {}
        hosted = args.hosted_sign_in
        if hosted is None:
            return
        managed = args.tier != "LITE"
        self.domain = aws.cognito.UserPoolDomain(
            f"{self.name}-domain",
            **args.overriding("domain", user_pool_id=self.pool.id, **domain_inputs(hosted, managed=managed)),
            opts=self._child(),
        )
        if hosted.domain is None:
            self.sign_in_url = pulumi.Output.concat(
                "https://", self.domain.domain, ".auth.", self.pool.region, ".amazoncognito.com"
            )
        else:
            self.sign_in_url = pulumi.Output.concat("https://", self.domain.domain)
            self.sign_in_target = self.domain.cloudfront_distribution
        if hosted.hosted_zone_id is not None:
            self.record = self._point(args, self.domain, hosted)
        # Managed login shows nothing for a client without a style.
        self.brandings = {
            client: aws.cognito.ManagedLoginBranding(
                f"{self.name}-{client}-branding",
                **args.overriding(
                    "branding",
                    user_pool_id=self.pool.id,
                    client_id=self.clients[client].id,
                    use_cognito_provided_values=True,
                ),
                opts=self._child(),
            )
            for client, settings in args.clients.items()
            if managed and settings.callback_urls
        }

    def _point(
        self, args: UserPoolArgs, domain: aws.cognito.UserPoolDomain, hosted: HostedSignIn
    ) -> aws.route53.Record:
        return aws.route53.Record(
            f"{self.name}-record",
            **args.overriding(
                "record",
                zone_id=hosted.hosted_zone_id,
                name=hosted.domain,
                type="A",
                aliases=[
                    {
                        "name": domain.cloudfront_distribution,
                        "zone_id": domain.cloudfront_distribution_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
            ),
            opts=self._child(),
        )

    def _expose(
        self,
        *,
        user_pool_id: pulumi.Output[str],
        user_pool_arn: pulumi.Output[str],
        issuer: pulumi.Output[str],
        client_ids: Mapping[str, pulumi.Output[str]],
    ) -> None:
        self.user_pool_id = user_pool_id
        self.user_pool_arn = user_pool_arn
        self.issuer = issuer
        self.client_ids = client_ids
        ids = [client_ids[client] for client in sorted(client_ids)]
        self._joined_client_ids = pulumi.Output.all(*ids).apply(",".join)
        self.register_outputs(
            {
                "userPoolId": user_pool_id,
                "userPoolArn": user_pool_arn,
                "issuer": issuer,
                "clientIds": dict(client_ids),
                **({"signInUrl": self.sign_in_url} if self.sign_in_url is not None else {}),
            }
        )
