"""A web site: the files of a folder in a private bucket, behind a CDN, with APIs under paths of its name.

Creates a `Cdn` of the site's name with its bucket, and in that an object for each file. Nothing is built,
neither in a preview nor in an update: the folder holds what is to be served.

Costs: what a `Cdn` costs, and cents for the bucket.

A deployment shows at once. pulumi-aws can't invalidate, so by default nothing has to be: names that hold a
content hash are kept for a year, all else is asked for each time. Where a `CachingRule` lets the edge keep
files that may change, a function of its own invalidates when one has.

Takes at most 1,000 files, does not offer a preview for each branch, nor passwords: what is in the folder is
public.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Children, Component, Input
from components._cdn_functions import INDEX, Pages
from components._cdn_shapes import CdnSettings
from components._site_files import (
    MAX_FILES,
    CachingRule,
    SiteFile,
    cache_control,
    check_key,
    content_type,
    read_folder,
)
from components.asset_bucket import AssetBucket, AssetBucketArgs
from components.cdn import Cdn, CdnArgs
from components.function import Function, FunctionArgs
from components.packaging import project_directory, relative_to_program

__all__ = ["CachingRule", "StaticSite", "StaticSiteArgs"]

_ENDING = re.compile(r"\.[a-z0-9]+")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*(; ?charset=[a-z0-9-]+)?")
_INVALIDATE_SECONDS = 60


class StaticSiteArgs(CdnSettings):
    """Arguments of `StaticSite`."""

    children: ClassVar[Children] = {
        **AssetBucketArgs.children,
        **CdnSettings.children,
        "object": aws.s3.BucketObjectv2,
        "invocation": aws.lambda_.Invocation,
    }

    folder: str
    """What is served, below the project's root or absolute: `sites/pilotforce`. It has an `index.html`, or
    `files` has one. Hidden files stay out. Each file is a resource; a changed one is uploaded, a file that is
    gone is deleted."""

    files: Mapping[str, Input[str]] = {}
    """Further text files by their paths, for what only the stack knows: `{"config.json":
    pulumi.Output.json_dumps({"userPoolId": pool.id})}`. They are public: no secrets."""

    pages: Pages = "single-page"
    """How paths without a dot in their last part become files: `single-page`, all are `index.html`, which
    draws what the path says; `folders`, `/docs` and `/docs/` are `docs/index.html`."""

    caching: Sequence[CachingRule] = ()
    """How long files are kept, the first that fits. Without one: by their names."""

    content_types: Mapping[str, str] = {}
    """Media types by the ending of names, beside or instead of the usual: `{".glb": "model/gltf-binary"}`."""

    @pydantic.field_validator("content_types")
    @classmethod
    def _types_are_types(cls, types: Mapping[str, str]) -> Mapping[str, str]:
        for ending, media_type in types.items():
            if not _ENDING.fullmatch(ending) or not _MEDIA_TYPE.fullmatch(media_type):
                raise ValueError(
                    f"must be such as {{'.glb': 'model/gltf-binary'}}, got {{{ending!r}: {media_type!r}}}"
                )
        return types


class StaticSite(Component):
    """A web site from a folder."""

    bucket: AssetBucket
    """Where the files are."""

    cdn: Cdn
    """What answers."""

    objects: Mapping[str, aws.s3.BucketObjectv2]
    """The files, by their paths."""

    invalidation: Function | None
    """What makes the edge forget, where a rule lets it keep files that change."""

    invocation: aws.lambda_.Invocation | None
    """What calls that whenever a file has changed."""

    url: pulumi.Output[str]
    """The address, without a slash at the end."""

    domain_name: pulumi.Output[str]
    """AWS's name of the CDN."""

    distribution_id: pulumi.Output[str]
    """The CDN's id, which metrics carry."""

    distribution_arn: pulumi.Output[str]
    """The CDN's ARN."""

    bucket_name: pulumi.Output[str]
    """The bucket's physical name."""

    def __init__(self, name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        found = _site_files(args)
        super().__init__(name, opts)
        self._args = args
        self.cdn = Cdn(name, self._cdn_args(), self._child())
        self.bucket = self.cdn.bucket
        self.objects = self._create_objects(found)
        self.invalidation, self.invocation = self._invalidate(found)
        self.url, self.domain_name = self.cdn.url, self.cdn.domain_name
        self.distribution_id, self.distribution_arn = self.cdn.distribution_id, self.cdn.distribution_arn
        self.bucket_name = self.bucket.bucket_name
        self.register_outputs(
            {
                "url": self.url,
                "domainName": self.domain_name,
                "distributionId": self.distribution_id,
                "distributionArn": self.distribution_arn,
                "bucketName": self.bucket_name,
            }
        )

    def _cdn_args(self) -> CdnArgs:
        args = self._args
        bucket = AssetBucketArgs(
            # What is in the bucket comes from the folder, and can come again.
            versioning=False,
            noncurrent_days=None,
            deletion_protection=False,
            force_destroy=True,
            overrides=_part(args.overrides, AssetBucketArgs.children),
        )
        shared = {name: getattr(args, name) for name in CdnSettings.model_fields if name != "overrides"}
        overrides = _part(args.overrides, CdnSettings.children)
        return CdnArgs(bucket=bucket, pages=args.pages, overrides=overrides, **shared)

    def _create_objects(self, found: Sequence[SiteFile]) -> dict[str, aws.s3.BucketObjectv2]:
        sources: dict[str, dict[str, Any]] = {
            file.key: {
                "source": pulumi.FileAsset(relative_to_program(file.path)),
                "source_hash": file.digest(),
            }
            for file in found
        }
        sources |= {key: {"content": text} for key, text in self._args.files.items()}
        objects = {key: self._object(key, sources[key]) for key in sorted(sources) if key != INDEX}
        # The front page names the others, so they come first.
        objects[INDEX] = self._object(INDEX, sources[INDEX], list(objects.values()))
        return objects

    def _object(
        self, key: str, source: Mapping[str, Any], after: Sequence[pulumi.Resource] = ()
    ) -> aws.s3.BucketObjectv2:
        args = self._args
        return aws.s3.BucketObjectv2(
            f"{self.name}-{key}",
            **args.overriding(
                "object",
                bucket=self.bucket.bucket_name,
                key=key,
                content_type=content_type(key, args.content_types),
                cache_control=cache_control(key, args.caching),
                **source,
            ),
            opts=self._child(depends_on=list(after)),
        )

    def _invalidate(self, found: Sequence[SiteFile]) -> tuple[Function | None, aws.lambda_.Invocation | None]:
        args = self._args
        if not any(rule.edge_seconds for rule in args.caching):
            return None, None
        function = Function(
            f"{self.name}-invalidation",
            FunctionArgs(
                handler="_invalidation.handler",
                source_directory=str(Path(__file__).parent),
                links=[self.cdn.link("CreateInvalidation")],
                timeout_seconds=_INVALIDATE_SECONDS,
                description=f"Makes the edge forget what it keeps of {self.name}",
            ),
            self._child(),
        )
        invocation = aws.lambda_.Invocation(
            f"{self.name}-invalidation",
            **args.overriding(
                "invocation",
                function_name=function.function_name,
                qualifier=function.alias.name,
                input=pulumi.Output.json_dumps({"distributionId": self.cdn.distribution_id}, sort_keys=True),
                triggers={"content": _content(found, args.files)},
            ),
            opts=self._child(depends_on=[*self.objects.values(), function.policy]),
        )
        return function, invocation


def _site_files(args: StaticSiteArgs) -> tuple[SiteFile, ...]:
    """The files of the folder, when they and the further ones make a site."""
    found = read_folder(project_directory(args.folder, "StaticSiteArgs.folder"))
    keys = {file.key for file in found}
    for key in args.files:
        check_key(key)
        if key in keys:
            raise ArgumentError(f"StaticSiteArgs.files must not have {key!r}, which is in {args.folder}")
    if INDEX not in keys | set(args.files):
        raise ArgumentError(f"StaticSiteArgs.folder must have an {INDEX}, and {args.folder} has none")
    count = len(found) + len(args.files)
    if count > MAX_FILES:
        raise ArgumentError(
            f"StaticSiteArgs.folder must have at most {MAX_FILES:,} files, each of them a resource, and "
            f"{args.folder} has {count:,}: put a Cdn before an AssetBucket, and copy the files with "
            "`aws s3 sync`"
        )
    return found


def _content(found: Sequence[SiteFile], files: Mapping[str, Input[str]]) -> pulumi.Output[str]:
    """SHA-256 of all names and contents, in hexadecimal."""
    known = [[file.key, file.digest()] for file in found]
    texts = pulumi.Output.all(**files) if files else pulumi.Output.from_input({})
    return texts.apply(
        lambda values: hashlib.sha256(json.dumps([known, sorted(values.items())]).encode()).hexdigest()
    )


def _part(overrides: Mapping[str, Mapping[str, Any]], children: Children) -> dict[str, Mapping[str, Any]]:
    return {child: values for child, values in overrides.items() if child in children}
