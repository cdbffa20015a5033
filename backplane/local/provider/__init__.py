"""The AWS provider of the embedded engine: a table of types over botocore's service models."""

from backplane.local.provider.aws import ACCOUNT, AwsProvider

__all__ = ["ACCOUNT", "AwsProvider"]
