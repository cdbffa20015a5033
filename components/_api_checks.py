"""Which arguments of a `ServerlessApi` need one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components._api_children import gate
from components.authorizer import Authorizer

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs


def check_gates(args: ServerlessApiArgs) -> None:
    """Refuses a route that nothing guards, and a guard without a route.

    Raises:
        ValueError: names the argument.
    """
    pool, authorizer = args.user_pool, args.authorizer
    if pool is not None and authorizer is not None:
        raise ValueError(
            "authorizer must be unset beside user_pool: a route has one or the other; name the authorizer at "
            "the routes that it decides about: Route(function, authorizer=...)"
        )
    closed = [key.key for key, route in args.parsed_routes if not (route.public or route.authorizer)]
    if closed and pool is None and authorizer is None:
        raise ValueError(
            f"routes[{closed[0]!r}] wants a token and there is no user_pool: pass user_pool or authorizer, "
            "or declare the route public with Route(function, public=True)"
        )
    if pool is not None and not closed:
        raise ValueError(
            "user_pool must be unset when every route is public or has an authorizer: no route would use it"
        )
    if authorizer is not None and not closed:
        raise ValueError(
            "authorizer must be unset when every route is public or has its own: no route would ask it"
        )
    if pool is None and (args.clients is not None or args.scopes):
        raise ValueError("clients and scopes need user_pool: without it there are no tokens")
    _check_names_differ(args)


def _check_names_differ(args: ServerlessApiArgs) -> None:
    named: dict[str, Authorizer] = {}
    for _, route in args.parsed_routes:
        found = route.authorizer or args.authorizer
        if found is not None and named.setdefault(found.name, found) is not found:
            raise ValueError(f"routes must have authorizers of different names, got {found.name!r} twice")


def check_parts(args: ServerlessApiArgs) -> None:
    """Refuses parts of a REST API of which one is missing.

    Raises:
        ValueError: names the part.
    """
    _check_usage_plans(args)
    _check_cache(args)
    if args.create_account_log_role and not args.access_logs:
        raise ValueError("create_account_log_role needs access_logs; set both or neither")
    acl = args.web_acl
    if isinstance(acl, pulumi.CustomResource) and not isinstance(acl, aws.wafv2.WebAcl):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            f"web_acl must be an aws.wafv2.WebAcl or its ARN, got a {type(acl).__name__}"
        )


def _check_usage_plans(args: ServerlessApiArgs) -> None:
    keyed = next((key.key for key, route in args.parsed_routes if route.api_key), None)
    if keyed is not None and not args.usage_plans:
        raise ValueError(f"routes[{keyed!r}].api_key needs usage_plans: without one no key is valid")
    if keyed is None and args.usage_plans:
        raise ValueError("usage_plans must be empty when no route has api_key=True: they would limit nobody")
    for field, names in (
        ("name", [plan.name for plan in args.usage_plans]),
        ("keys", [key for plan in args.usage_plans for key in plan.keys]),
    ):
        if len(set(names)) < len(names):
            raise ValueError(f"usage_plans must differ in {field}, got {names}")


def _check_cache(args: ServerlessApiArgs) -> None:
    cached = [(key, route) for key, route in args.parsed_routes if route.cache]
    if args.cache is not None and not cached:
        raise ValueError("cache must be unset when no route has one: it is billed by the hour")
    for key, route in cached:
        label = f"routes[{key.key!r}].cache"
        if args.cache is None:
            raise ValueError(f"{label} needs a cache in the API: pass cache=Cache()")
        if key.method != "GET":
            raise ValueError(f"{label} must be unset: answers to GET alone are kept")
        before = gate(args, route)
        if isinstance(before, Authorizer) and not before.identity_sources:
            raise ValueError(
                f"{label} needs identity_sources of the authorizer {before.name!r}: without them one caller "
                "would get another's answer"
            )
