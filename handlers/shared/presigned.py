"""Presigned addresses of S3: whoever holds one may do that one thing with that one object until it expires.

Signed by botocore's signer alone: its S3 client would make a cold start longer by a fifth. An address is
good for no longer than the credentials of the function that signed it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
"""

import os
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from botocore.awsrequest import AWSRequest

from handlers.shared import aws

_REPLACED = '"\\%'


def upload(bucket: str, key: str, headers: Mapping[str, str], seconds: int) -> str:
    """Where a client may PUT the object, with exactly these headers: they are signed."""
    return _signed("PUT", _address(bucket, key), headers, seconds)


def download(bucket: str, key: str, file_name: str, seconds: int) -> str:
    """Where a client may GET the object; a browser saves it under `file_name` and never shows it."""
    query = urlencode({"response-content-disposition": disposition(file_name)}, quote_via=quote)
    return _signed("GET", f"{_address(bucket, key)}?{query}", {}, seconds)


def disposition(file_name: str) -> str:
    """`attachment`, with the name in ASCII for old clients and in full for the others.

    https://www.rfc-editor.org/rfc/rfc6266#appendix-D
    """
    plain = "".join(
        letter if " " <= letter <= "~" and letter not in _REPLACED else "_" for letter in file_name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _signed(method: str, url: str, headers: Mapping[str, str], seconds: int) -> str:
    request = AWSRequest(method, url, headers=dict(headers))
    aws.s3_signer(seconds).add_auth(request)
    return str(request.url)


def _address(bucket: str, key: str) -> str:
    path = quote(key, safe="/")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"{endpoint.rstrip('/')}/{bucket}/{path}"
    region = aws.region()
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{bucket}.s3.{region}.{suffix}/{path}"
