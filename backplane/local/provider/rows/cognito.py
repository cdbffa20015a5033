"""Cognito user pools."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Read, Row, Step, Template

_SERVICE = "cognito-idp"

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
            "lambdaConfig": "only PreSignUp and PreTokenGeneration are called",
            "userPoolAddOns": "no threat protection",
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
        not_emulated="no sign-in pages behind it",
    ),
)
