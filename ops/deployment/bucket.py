"""Buckets: the one that CloudFormation takes code and template from, and how one is emptied."""

import hashlib
import json
from typing import TYPE_CHECKING, cast

import click
from botocore.exceptions import ClientError

from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_NOT_THERE = ('404', 'NoSuchBucket')


class BucketRefused(click.ClickException):
    """A bucket can't be used to deploy from; the message says why."""


class CodeBucket:
    """A bucket, given or the stage's own."""

    def __init__(self, stage: Stage, given: str | None) -> None:
        session = stage.session()
        self._s3: S3Client = session.client('s3', endpoint_url=stage.endpoint_url)
        sts = session.client('sts', endpoint_url=stage.endpoint_url)
        self._account = sts.get_caller_identity()['Account']
        self._region = stage.region
        self._is_given = bool(given)
        self.name = given or f'{stage.stack_name}-code-{self._account}-{stage.region}'

    def ensure(self) -> None:
        """Make the stage's own bucket if it is not there; raises BucketRefused."""
        is_there = self._is_there()
        if self._is_given and not is_there:
            raise BucketRefused(f'There is no bucket {self.name}.')
        if not is_there:
            self._create()
            click.echo(f'Made the bucket {self.name}: encrypted, private, over TLS only.')
        if not self._is_given:
            self._close()

    def _create(self) -> None:
        if self._region == 'us-east-1':  # which S3 does not take as a location
            self._s3.create_bucket(Bucket=self.name)
        else:
            location = cast('BucketLocationConstraintType', self._region)
            self._s3.create_bucket(
                Bucket=self.name, CreateBucketConfiguration={'LocationConstraint': location}
            )

    def _is_there(self) -> bool:
        # A stranger may have taken the name, and would get to give the function its code.
        owner = {} if self._is_given else {'ExpectedBucketOwner': self._account}
        try:
            found = self._s3.head_bucket(Bucket=self.name, **owner)
        except ClientError as error:
            if error.response['Error']['Code'] in _NOT_THERE:
                return False
            raise BucketRefused(f'The bucket {self.name} is not yours to use.') from error
        # Which boto3 finds wherever it is, but Lambda does not.
        if (region := found.get('BucketRegion', self._region)) != self._region:
            raise BucketRefused(f'The bucket {self.name} is in {region}, not in {self._region}.')
        return True

    def _close(self) -> None:
        arn = f'arn:{self._s3.meta.partition}:s3:::{self.name}'
        statement = {
            'Sid': 'OnlyOverTls',
            'Effect': 'Deny',
            'Principal': '*',
            'Action': 's3:*',
            'Resource': [arn, f'{arn}/*'],
            'Condition': {'Bool': {'aws:SecureTransport': 'false'}},
        }
        self._s3.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                'BlockPublicAcls': True,
                'IgnorePublicAcls': True,
                'BlockPublicPolicy': True,
                'RestrictPublicBuckets': True,
            },
        )
        self._s3.put_bucket_encryption(
            Bucket=self.name,
            ServerSideEncryptionConfiguration={
                'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}]
            },
        )
        self._s3.put_bucket_policy(
            Bucket=self.name,
            Policy=json.dumps({'Version': '2012-10-17', 'Statement': [statement]}),
        )

    def upload(self, content: bytes, suffix: str) -> str:
        """Upload what is not there yet, under a key made of the content; return the key."""
        key = f'{hashlib.sha256(content).hexdigest()}{suffix}'
        try:
            self._s3.head_object(Bucket=self.name, Key=key)
        except ClientError:  # not there, or not for this person to know
            self._s3.put_object(Bucket=self.name, Key=key, Body=content)
        return key

    def url(self, key: str) -> str:
        """Return where CloudFormation finds an object."""
        return f'{self._s3.meta.endpoint_url}/{self.name}/{key}'

    def remove(self) -> bool:
        """Remove the stage's own bucket with all that is in it; tell whether it was there."""
        if self._is_given or not self._is_there():
            return False
        empty(self._s3, self.name)
        self._s3.delete_bucket(Bucket=self.name)
        return True


def empty(s3: 'S3Client', name: str) -> int:
    """Delete every object of a bucket, with all its versions; return how many there were."""
    deleted = 0
    for page in s3.get_paginator('list_object_versions').paginate(Bucket=name):
        found = [*page.get('Versions', []), *page.get('DeleteMarkers', [])]
        objects: list[ObjectIdentifierTypeDef] = [
            {'Key': each['Key'], 'VersionId': each['VersionId']} for each in found
        ]
        if objects:
            s3.delete_objects(Bucket=name, Delete={'Objects': objects, 'Quiet': True})
        deleted += len(objects)
    return deleted
