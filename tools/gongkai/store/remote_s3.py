"""S3-compatible storage through boto3, which is installed only where it is wanted (`pip install gongkai[s3]`).

Keys and addresses come from boto3's usual places (environment, `~/.aws`): they are never an argument and never in a message.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg

FORM = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9])(?:/(?P<prefix>[^\x00-\x1f]*))?")
STYLES = ("auto", "path", "virtual")
AT_ONCE = 8
TRIES = 5
BIG = 64_000_000
"""Larger files (bytes) go in parts."""
Headers = Callable[[str], Mapping[str, str]]
"""What boto3 is to say of a file besides its bytes: ContentType, CacheControl, ContentDisposition."""
PRIVATE: Mapping[str, str] = {"ContentType": "application/json", "CacheControl": "no-store"}


def boto() -> Any:
    """The library; GongkaiError (exit 3) when it is not installed."""
    try:
        import boto3
    except ImportError as error:
        raise GongkaiError(
            msg("boto3 is not installed: without it nothing goes to s3:// addresses"),
            msg("install it: `pip install gongkai[s3]`, or `pip install -r requirements/s3.txt`"),
            Exit.BROKEN,
        ) from error
    return boto3


class S3Target:
    """A bucket, or the part of it below a prefix. GongkaiError: exit 2 for an address of another form, 3 when it fails."""

    def __init__(
        self,
        address: str,
        headers: Headers,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        style: str = "auto",
    ) -> None:
        match = FORM.fullmatch(address)
        if match is None:
            raise GongkaiError(
                msg("{target} is no address of a bucket", target=address),
                msg("write s3://bucket or s3://bucket/prefix"),
            )
        self.address, self.bucket = address, match["bucket"]
        prefix = (match["prefix"] or "").strip("/")
        self.prefix = f"{prefix}/" if prefix else ""
        self._headers = headers
        self._client = _client(endpoint, region, style)

    def recall(self, name: str) -> bytes | None:
        """See `release.sending.Target`."""
        with self._told():
            try:
                return bytes(
                    self._client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()
                )
            except self._client.exceptions.NoSuchKey:
                return None

    def remember(self, name: str, data: bytes) -> None:
        """See `release.sending.Target`."""
        with self._told():
            self._write(name, data, PRIVATE)

    def sizes(self) -> Mapping[str, int] | None:
        """What is there: a thousand names a request."""
        with self._told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            return {
                r["Key"].removeprefix(self.prefix): r["Size"]
                for page in pages
                for r in page.get("Contents", ())
            }

    def put(self, folder: Path, paths: Sequence[str]) -> None:
        """See `release.sending.Target`."""
        self._each(lambda path: self._put(folder / path, path), paths)

    def take_away(self, paths: Sequence[str], folders: Sequence[str]) -> None:
        """See `release.sending.Target`; there are no folders here. One by one: not every host knows lists of removals."""
        self._each(lambda path: self._client.delete_object(Bucket=self.bucket, Key=self.prefix + path), paths)

    def _put(self, file: Path, name: str) -> None:
        if file.stat().st_size < BIG:
            self._write(name, file.read_bytes(), self._headers(name))
        else:
            self._client.upload_file(
                str(file), self.bucket, self.prefix + name, ExtraArgs=dict(self._headers(name))
            )

    def _write(self, name: str, data: bytes, headers: Mapping[str, str]) -> None:
        # The host itself refuses bytes that were spoilt on the way.
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        self._client.put_object(
            Bucket=self.bucket, Key=self.prefix + name, Body=data, ContentMD5=digest, **headers
        )

    def _each(self, work: Callable[[str], Any], paths: Sequence[str]) -> None:
        with self._told(), ThreadPoolExecutor(AT_ONCE) as hands:
            for _ in hands.map(work, paths):
                pass

    @contextmanager
    def _told(self) -> Iterator[None]:
        from boto3.exceptions import S3UploadFailedError
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise GongkaiError(
                msg(
                    "{target} could not be read or written: {reason}", target=self.address, reason=str(error)
                ),
                msg(
                    "check bucket, --endpoint, --region and the keys (AWS_ACCESS_KEY_ID … or ~/.aws), then run it again"
                ),
                Exit.BROKEN,
            ) from error


def _client(endpoint: str | None, region: str | None, style: str) -> Any:
    boto3 = boto()
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    # Newer clients add checksums that other hosts than Amazon's refuse (boto/boto3 issue 4392).
    settings = Config(
        retries={"max_attempts": TRIES, "mode": "standard"}, max_pool_connections=AT_ONCE, connect_timeout=15,
        request_checksum_calculation="when_required", response_checksum_validation="when_required",
        s3={"addressing_style": style},
    )  # fmt: skip
    try:
        return boto3.client("s3", endpoint_url=endpoint, region_name=region, config=settings)
    except (BotoCoreError, ValueError) as error:
        raise GongkaiError(
            msg("no way to s3:// storage: {reason}", reason=str(error)),
            msg("check --endpoint (https://…) and --region, and AWS_… in the environment"),
        ) from error
