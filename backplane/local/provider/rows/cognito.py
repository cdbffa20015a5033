"""Cognito user pools and identity pools."""

from __future__ import annotations

from backplane.local import wire
from backplane.local.provider.table import Inputs, Naming, Read, Row, Step, Template

_SERVICE = "cognito-idp"


def _role_mappings(inputs: Inputs) -> None:
    """A list that names its providers is, for AWS, a map by their names."""
    found = inputs.get("roleMappings")
    if not isinstance(found, list):
        return
    known = [mapping for mapping in found if isinstance(mapping, dict)]
    if len(known) < len(found) or wire.is_unknown([mapping.get("identityProvider") for mapping in known]):
        inputs["roleMappings"] = wire.UNKNOWN
    else:
        inputs["roleMappings"] = {mapping["identityProvider"]: _mapping(mapping) for mapping in known}


def _mapping(mapping: Inputs) -> Inputs:
    rest = {key: value for key, value in mapping.items() if key not in ("identityProvider", "mappingRules")}
    rules = mapping.get("mappingRules")
    return rest if rules is None else {**rest, "rulesConfiguration": {"rules": rules}}


ROWS = (
    Row(
        type="aws:cognito/userPool:UserPool",
        service=_SERVICE,
        create="CreateUserPool",
        id="out.Id",
        name=Naming(limit=128),
        rename={
            "name": "PoolName",
            "passwordPolicy": "Policies.PasswordPolicy",
            "signInPolicy": "Policies.SignInPolicy",
            "tags": "UserPoolTags",
            "emailConfiguration.fromEmailAddress": "From",
            "userPoolAddOns.advancedSecurityAdditionalFlows": "AdvancedSecurityAdditionalFlows",
        },
        steps=(
            # A pool can't be created with MFA by an app: the pool has to be there first.
            Step(
                operation="SetUserPoolMfaConfig",
                inputs=(
                    "mfaConfiguration",
                    "softwareTokenMfaConfiguration",
                    "emailMfaConfiguration",
                    "webAuthnConfiguration",
                ),
                given={"UserPoolId": "id"},
            ),
        ),
        result="UserPool",
        outputs={
            "endpoint": Template("cognito-idp.{region}.amazonaws.com/{id}"),
            "name": "out.Name",
        },
        defaults={
            "adminCreateUserConfig": {"allowAdminCreateUserOnly": False},
            "customDomain": "",
            "domain": "",
            "emailVerificationMessage": "",
            "emailVerificationSubject": "",
            "estimatedNumberOfUsers": 0,
            "passwordPolicy": {"minimumLength": 8},
            "signInPolicy": {"allowedFirstAuthFactors": ["PASSWORD"]},
            "smsConfiguration": {},
            "smsVerificationMessage": "",
            "userPoolTier": "ESSENTIALS",
            "usernameConfiguration": {"caseSensitive": False},
            "verificationMessageTemplate": {"defaultEmailOption": "CONFIRM_WITH_CODE"},
        },
        read=Read(operation="DescribeUserPool", given={"UserPoolId": "id"}, result="UserPool"),
        not_emulated="any confirmation code is right, nothing is mailed, tokens outlive a global sign-out",
        inputs_not_emulated={
            "emailMfaConfiguration": "nobody is asked for a code by e-mail",
            "lambdaConfig": (
                "only PreSignUp and PreTokenGeneration are called, without asking for a permission; tokens "
                "are given even where the latter fails"
            ),
            "userPoolAddOns": "no threat protection",
            "webAuthnConfiguration": "nobody can register a passkey",
        },
    ),
    Row(
        type="aws:cognito/userPoolClient:UserPoolClient",
        service=_SERVICE,
        create="CreateUserPoolClient",
        id="out.ClientId",
        name=Naming(limit=128),
        rename={"name": "ClientName"},
        result="UserPoolClient",
        defaults={
            "accessTokenValidity": 0,
            "allowedOauthFlows": [],
            "allowedOauthFlowsUserPoolClient": False,
            "allowedOauthScopes": [],
            "authSessionValidity": 3,
            "callbackUrls": [],
            "clientSecret": "",
            "defaultRedirectUri": "",
            "enablePropagateAdditionalUserContextData": False,
            "enableTokenRevocation": True,
            "explicitAuthFlows": [],
            "idTokenValidity": 0,
            "logoutUrls": [],
            "preventUserExistenceErrors": "",
            "readAttributes": [],
            "refreshTokenValidity": 30,
            "supportedIdentityProviders": [],
            "writeAttributes": [],
        },
    ),
    Row(
        type="aws:cognito/userGroup:UserGroup",
        service=_SERVICE,
        create="CreateGroup",
        id="join('/', [in.userPoolId, in.name])",
        name=Naming(limit=128),
        rename={"name": "GroupName"},
        result="Group",
    ),
    Row(
        type="aws:cognito/userPoolDomain:UserPoolDomain",
        service=_SERVICE,
        create="CreateUserPoolDomain",
        id="in.domain",
        rename={"certificateArn": "CustomDomainConfig.CertificateArn"},
        outputs={"awsAccountId": "account", "cloudfrontDistribution": "out.CloudFrontDomain"},
        defaults={
            "cloudfrontDistribution": "",
            "cloudfrontDistributionArn": "",
            "cloudfrontDistributionZoneId": "Z2FDTNDATAQYW2",
            "managedLoginVersion": 1,
            "s3Bucket": "",
            "version": "",
        },
        not_emulated="the name resolves nowhere; /oauth2/authorize of the emulator has the pages",
    ),
    Row(
        type="aws:cognito/managedLoginBranding:ManagedLoginBranding",
        service=_SERVICE,
        create="CreateManagedLoginBranding",
        called=False,
        id=Template("{in[userPoolId]},{in[clientId]}"),
        dropped={"settings": "JSON text, which the operation takes as a structure"},
        outputs={"managedLoginBrandingId": "in.clientId", "settingsAll": "in.settings"},
        defaults={"settingsAll": "{}", "useCognitoProvidedValues": False},
        not_emulated="nothing is styled",
    ),
    Row(
        type="aws:cognito/riskConfiguration:RiskConfiguration",
        service=_SERVICE,
        create="SetRiskConfiguration",
        called=False,
        id="in.clientId && join(':', [in.userPoolId, in.clientId]) || in.userPoolId",
        not_emulated="no sign-in is judged by its risk",
    ),
    Row(
        type="aws:cognito/identityPool:IdentityPool",
        service="cognito-identity",
        create="CreateIdentityPool",
        id="out.IdentityPoolId",
        name=Naming(input="identityPoolName", limit=128),
        rename={"tags": "IdentityPoolTags"},
        outputs={"arn": Template("arn:aws:cognito-identity:{region}:{account}:identitypool/{id}")},
        read=Read(operation="DescribeIdentityPool", given={"IdentityPoolId": "id"}),
        not_emulated=(
            "guests are let in anyway, without a right; the classic flow works even where it is off; a "
            "global sign-out is not asked for"
        ),
    ),
    Row(
        type="aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
        service="cognito-identity",
        create="SetIdentityPoolRoles",
        id="in.identityPoolId",
        reshape=_role_mappings,
        inputs_not_emulated={
            "roleMappings": "stored, not done: each group gets the role of whoever is signed in",
        },
    ),
)
