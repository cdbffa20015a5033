"""IAM roles and policies."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Read, Row, Step

ROWS = (
    Row(
        type="aws:iam/role:Role",
        service="iam",
        create="CreateRole",
        id="in.name",
        name=Naming(limit=64, prefix_input="namePrefix"),
        rename={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        dropped={"forceDetachPolicies": "says how the role is deleted, and nothing is deleted here"},
        steps=(
            Step(
                operation="AttachRolePolicy",
                inputs=("managedPolicyArns",),
                each="managedPolicyArns",
                given={"RoleName": "id", "PolicyArn": "item"},
            ),
            Step(
                operation="PutRolePolicy",
                inputs=("inlinePolicies",),
                each="inlinePolicies",
                rename={"name": "PolicyName", "policy": "PolicyDocument"},
                given={"RoleName": "id"},
            ),
        ),
        result="Role",
        outputs={"uniqueId": "out.RoleId"},
        defaults={"inlinePolicies": [], "managedPolicyArns": []},
        read=Read(operation="GetRole", given={"RoleName": "id"}, result="Role"),
    ),
    Row(
        type="aws:iam/rolePolicy:RolePolicy",
        service="iam",
        create="PutRolePolicy",
        id="join(':', [in.role, in.name])",
        name=Naming(limit=128, prefix_input="namePrefix"),
        rename={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
    ),
    Row(
        type="aws:iam/policy:Policy",
        service="iam",
        create="CreatePolicy",
        id="out.Arn",
        name=Naming(limit=128, prefix_input="namePrefix"),
        rename={"name": "PolicyName", "policy": "PolicyDocument"},
        dropped={"delayAfterPolicyCreationInMs": "policies hold at once here"},
        result="Policy",
        lookups={
            "document": Read(
                operation="GetPolicyVersion",
                given={"PolicyArn": "id", "VersionId": "out.DefaultVersionId"},
                result="PolicyVersion.Document",
            )
        },
        outputs={"policy": "in.policy || document"},
        defaults={"attachmentCount": 0},
        read=Read(operation="GetPolicy", given={"PolicyArn": "id"}, result="Policy"),
    ),
    Row(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        service="iam",
        create="AttachRolePolicy",
        id="join('/', [in.role, in.policyArn])",
        rename={"role": "RoleName"},
        inputs_not_emulated={"policyArn": "policies of AWS that the emulator doesn't have grant nothing"},
    ),
)
