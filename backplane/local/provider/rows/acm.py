"""Certificates."""

from __future__ import annotations

from backplane.local.provider.table import Read, Row

_READ = Read(operation="DescribeCertificate", given={"CertificateArn": "id"}, result="Certificate")

ROWS = (
    Row(
        type="aws:acm/certificate:Certificate",
        service="acm",
        create="RequestCertificate",
        id="out.CertificateArn",
        rename={"validationOptions": "DomainValidationOptions"},
        dropped={"earlyRenewalDuration": "tells Pulumi when to renew"},
        lookups={"got": _READ},
        outputs={
            "arn": "id",
            "domainName": "got.DomainName",
            "domainValidationOptions": (
                "got.DomainValidationOptions[].{domainName: DomainName, "
                "resourceRecordName: ResourceRecord.Name, resourceRecordType: ResourceRecord.Type, "
                "resourceRecordValue: ResourceRecord.Value}"
            ),
            "status": "got.Status",
        },
        defaults={
            "keyAlgorithm": "RSA_2048",
            "notAfter": "",
            "notBefore": "",
            "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
            "pendingRenewal": False,
            "renewalEligibility": "INELIGIBLE",
            "renewalSummaries": [],
            "subjectAlternativeNames": [],
            "type": "AMAZON_ISSUED",
            "validationEmails": [],
            "validationMethod": "NONE",
        },
        not_emulated="a record without a key pair",
    ),
    Row(
        type="aws:acm/certificateValidation:CertificateValidation",
        service="acm",
        create="DescribeCertificate",
        called=False,
        id="in.certificateArn",
        dropped={"validationRecordFqdns": "nobody looks the records up"},
        not_emulated="certificates are taken to be valid",
    ),
)
