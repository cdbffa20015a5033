"""Who may do what: policies, permissions to invoke, routes, and networks that open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from backplane.review import policy_words
from backplane.review.model import Change, Finding, Section, name_of, short, type_of
from backplane.review.policies import Permission, PolicyError, everything, permissions, widened
from backplane.review.values import Special, at, is_known
from backplane.review.words import Text, ended, listed, say, sentences

POLICIES: Final[Mapping[str, str]] = {
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
"""Where each type keeps its policy."""

ACCESS_INPUT: Final = "access"
"""The input in which a component says what it grants, in the form of a policy's statements: previews of new
resources can't show the policies themselves."""

_ROLE = "aws:iam/role:Role"
_PERMISSION = "aws:lambda/permission:Permission"
_ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
)
_PUBLIC_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:dynamodb/resourcePolicy:ResourcePolicy": ("aws:dynamodb/table:Table",),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": ("aws:ecr/repository:Repository",),
    "aws:iam/rolePolicy:RolePolicy": ("aws:iam/role:Role",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("aws:iam/role:Role",),
    "aws:kms/keyPolicy:KeyPolicy": ("aws:kms/key:Key",),
    "aws:lambda/permission:Permission": ("aws:lambda/function:Function", "aws:lambda/alias:Alias"),
    "aws:s3/bucketPolicy:BucketPolicy": ("aws:s3/bucket:Bucket",),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ("aws:secretsmanager/secret:Secret",),
    "aws:sns/topicPolicy:TopicPolicy": ("aws:sns/topic:Topic",),
    "aws:sqs/queuePolicy:QueuePolicy": ("aws:sqs/queue:Queue",),
}
"""What a policy of each type is about, where it is a resource of its own."""

_THEIR_OWN = frozenset(POLICIES) - frozenset(_OWNERS)
_OWN = (
    "aws:iam/role:Role",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
)
_BY_SERVICES = (_ROLE, _PERMISSION)
_WORST, _USUAL, _NEW = 0, 2, 5
_SENTENCES = 6


def findings(change: Change, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    """What the change of one resource does to access.

    Args:
        change: the resource.
        everywhere: all resources by URN, to know whose policy it is.
    """
    if change.op == "same" or change.leftover:
        return
    if change.type in POLICIES:
        yield from _policy(change, POLICIES[change.type], everywhere)
    elif change.type.startswith("backplane:"):
        yield from _declared(change)
    elif change.type == _PERMISSION:
        yield from _invocation(change, everywhere)
    elif change.type in _ATTACHMENTS:
        yield from _attachment(change, everywhere)
    elif change.type == _PUBLIC_BLOCK and change.op == "delete":
        yield _finding(change, say("nothing keeps the bucket from becoming public any more"), guarded=True)


def _finding(change: Change, text: Text, *, guarded: bool, weight: int = _USUAL, path: str = "") -> Finding:
    return Finding(Section.ACCESS, change, text, weight, guarded, (path,) if path else ())


def _policy(change: Change, path: str, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    old, new = at(change.before, path), at(change.after, path)
    if isinstance(old, Special) or isinstance(new, Special):
        yield from _unseen(change, path, old, new, everywhere)
        return
    if change.op == "delete" and change.type == _ROLE:
        return
    yield from _compared(change, old, new, path, new_owner=_owner_is_new(change, everywhere))


def _compared(change: Change, old: Any, new: Any, path: str, *, new_owner: bool) -> Iterator[Finding]:
    try:
        before = permissions(old)
        difference = widened(old, new)
    except PolicyError as error:
        if old != new:
            yield _finding(
                change,
                say("its policy can't be compared, read it whole: it {}", str(error)),
                guarded=True,
                path=path,
            )
        return
    if not difference:
        return
    worst = any(everything(item) for item in difference.allowed)
    if new_owner and not worst:
        if change.type in _BY_SERVICES and all(_is_service(item) for item in difference.allowed):
            return
        texts = policy_words.granted(difference.allowed)
        yield _finding(change, say("new: {}", _shortened(texts)), guarded=False, weight=_NEW, path=path)
        return
    texts = policy_words.sentences(difference, before)
    yield _finding(change, _shortened(texts), guarded=True, weight=_WORST if worst else _USUAL, path=path)


def _shortened(texts: list[Text]) -> Text:
    """The first sentences: a row has an end."""
    rest = len(texts) - _SENTENCES
    more = [say("and {} more like these", f"{rest:,}")] if rest > 0 else []
    return sentences(ended([*texts[:_SENTENCES], *more]))


def _is_service(permission: Permission) -> bool:
    """Whether it lets in a service of AWS, as each new function and role does."""
    return permission.principal.endswith(".amazonaws.com")


def _unseen(
    change: Change, path: str, old: Any, new: Any, everywhere: Mapping[str, Change]
) -> Iterator[Finding]:
    """What can be told of a policy whose text comes with the deployment: what it is made from."""
    if new is None or declares(change, everywhere):
        return
    reached = _reached(change)
    new_owner = _owner_is_new(change, everywhere)
    if (old is new or new_owner) and not reached:
        return
    # What a new role's trust depends on is a condition of it: it makes it narrower.
    if new_owner and change.type == _ROLE:
        return
    if not isinstance(new, Special):
        yield from _appeared(change, new, path)
        return
    why = Special.SECRET.value if Special.SECRET in (old, new) else Special.UNKNOWN.value
    text = say(f"its policy is {why}")
    if reached:
        names = listed(f"{name_of(urn)} ({short(type_of(urn))})" for urn in reached)
        text = say("{}; it {} {}", text, say("speaks of" if new_owner else "now speaks of"), names)
    yield _finding(
        change, text, guarded=bool(reached) and not new_owner, weight=_NEW if new_owner else _USUAL, path=path
    )


def _appeared(change: Change, new: Any, path: str) -> Iterator[Finding]:
    """All that a policy allows which could not be seen before: it may be more than it was."""
    try:
        texts = policy_words.granted(permissions(new))
    except PolicyError as error:
        texts = [say("it {}", str(error))]
    text = say("its policy could not be seen before, and now: {}", _shortened(texts))
    yield _finding(change, text, guarded=True, path=path)


def _reached(change: Change) -> list[str]:
    """The resources that a policy depends on and did not before; its owner and its own logs are no news."""
    before = set(change.old.dependencies) if change.old else set()
    after = change.new.dependencies if change.new else ()
    own = (*_OWN, *_OWNERS.get(change.type, ()))
    return [urn for urn in after if urn not in before and type_of(urn) not in own]


def declares(change: Change, everywhere: Mapping[str, Change]) -> bool:
    """Whether the component that it belongs to says what it grants, which is then compared instead."""
    parent = everywhere.get(change.state.parent)
    return parent is not None and isinstance(parent.after.get(ACCESS_INPUT), list)


def _declared(change: Change) -> Iterator[Finding]:
    old, new = change.before.get(ACCESS_INPUT), change.after.get(ACCESS_INPUT)
    if not isinstance(new, list) or (change.old is not None and not isinstance(old, list)):
        return
    policies = [{"Statement": items or []} for items in (old, new)]
    yield from _compared(change, policies[0], policies[1], ACCESS_INPUT, new_owner=change.op == "create")


def _owner_is_new(change: Change, everywhere: Mapping[str, Change]) -> bool:
    """Whether whom the policy belongs to is created with it: then nothing that exists becomes wider."""
    if change.op != "create" or change.new is None:
        return False
    if change.type in _THEIR_OWN:
        return True
    wanted = _OWNERS.get(change.type, ())
    found = [everywhere.get(urn) for urn in change.new.dependencies if type_of(urn) in wanted]
    return bool(found) and all(owner is not None and owner.op == "create" for owner in found)


def _invocation(change: Change, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    if change.op == "delete":
        return
    old = _as_policy(change.before) if change.old else None
    yield from _compared(
        change, old, _as_policy(change.after), "", new_owner=_owner_is_new(change, everywhere)
    )


def _as_policy(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A permission of Lambda in the form that AWS keeps it in."""
    asked = {
        "ArnLike": {"AWS:SourceArn": inputs.get("sourceArn")},
        "StringEquals": {
            "AWS:SourceAccount": inputs.get("sourceAccount"),
            "aws:PrincipalOrgID": inputs.get("principalOrgId"),
            "lambda:FunctionUrlAuthType": inputs.get("functionUrlAuthType"),
        },
    }
    condition = {
        operator: {key: value for key, value in keys.items() if value is not None}
        for operator, keys in asked.items()
    }
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Is": inputs.get("principal")},
            "Action": inputs.get("action"),
            "Condition": condition,
        }
    }


def _attachment(change: Change, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    policy = change.after.get("policyArn")
    if change.op == "delete" or policy == change.before.get("policyArn"):
        return
    name = str(policy) if is_known(policy) else Special.UNKNOWN.value
    worst = name.endswith(("/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess"))
    guarded = worst or not _owner_is_new(change, everywhere)
    yield _finding(
        change,
        say("the managed policy {} is attached", name),
        guarded=guarded,
        weight=_WORST if worst else _USUAL,
        path="policyArn",
    )
