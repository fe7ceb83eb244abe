"""S3 as boto3 sees it. Says nothing when all is well."""

import base64
import binascii
import hashlib
import http.client
import io
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
CONFIG = Config(signature_version="s3v4", retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
anonymous = boto3.client("s3", config=CONFIG.merge(Config(signature_version=UNSIGNED)))
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]


def refused(code, call, **arguments):
    """The call must fail with this code; answers with the error."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{call.__name__} {arguments} succeeded instead of {code}")


def new_bucket(**more):
    name = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    return name


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def buckets():
    name = new_bucket()
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-east-1"
    s3.create_bucket(Bucket=name)
    assert name in [it["Name"] for it in s3.list_buckets()["Buckets"]]
    page = s3.list_buckets(MaxBuckets=1, Prefix=name)
    assert [it["Name"] for it in page["Buckets"]] == [name] and page["Prefix"] == name
    assert not s3.get_bucket_location(Bucket=name).get("LocationConstraint")
    west = new_bucket(CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert s3.get_bucket_location(Bucket=west)["LocationConstraint"] == "us-west-2"
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=west)
    # The client is told where the bucket is, and signs again for that Region.
    assert s3.head_bucket(Bucket=west)["BucketRegion"] == "us-west-2"
    s3.put_object(Bucket=west, Key="k", Body=b"far")
    assert s3.get_object(Bucket=west, Key="k")["Body"].read() == b"far"
    s3.delete_object(Bucket=west, Key="k")
    bad = {"LocationConstraint": "nowhere-1"}
    refused("InvalidLocationConstraint", s3.create_bucket, Bucket=f"{name}-x", CreateBucketConfiguration=bad)
    refused("InvalidBucketName", s3.create_bucket, Bucket="not_a.bucket")
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket=f"{name}-x", ACL="public-read")
    assert refused("404", s3.head_bucket, Bucket=f"{name}-x")["ResponseMetadata"]["HTTPStatusCode"] == 404
    refused("NoSuchBucket", s3.list_objects_v2, Bucket=f"{name}-x")
    refused("AccessDenied", s3.get_bucket_location, Bucket=name, ExpectedBucketOwner="000000000000")
    refused("InvalidBucketOwnerAWSAccountID", s3.get_bucket_location, Bucket=name, ExpectedBucketOwner="x")
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    refused("NoSuchBucket", s3.delete_bucket, Bucket=name)


def settings():
    name = new_bucket()
    switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
    found = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert found == dict.fromkeys(switches, True)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    found = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert found["BlockPublicAcls"] and not found["BlockPublicPolicy"]
    s3.delete_public_access_block(Bucket=name)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=name)
    rules = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    s3.delete_bucket_ownership_controls(Bucket=name)
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=name)
    preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=preferred)
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"] == preferred
    acl = s3.get_bucket_acl(Bucket=name)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    tags = [{"Key": "team", "Value": "a b"}, {"Key": "x", "Value": ""}]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags
    twice = {"TagSet": [tags[0], tags[0]]}
    refused("InvalidTag", s3.put_bucket_tagging, Bucket=name, Tagging=twice)
    s3.delete_bucket_tagging(Bucket=name)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_request_payment(Bucket=name)["Payer"] == "BucketOwner"
    for call in ["versioning", "logging", "accelerate_configuration", "notification_configuration"]:
        answer = getattr(s3, f"get_bucket_{call}")(Bucket=name)
        assert list(answer) == ["ResponseMetadata"], answer
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=name)
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=name)
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=name)
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=name)
    error = refused("NotImplemented", s3.get_object_torrent, Bucket=name, Key="k")
    assert "GetObjectTorrent" in error["Error"]["Message"], error


def policies():
    name = new_bucket()
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy_status, Bucket=name)
    objects = f"arn:aws:s3:::{name}/*"
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects}
    mine = dict(public, Principal={"AWS": ACCOUNT})

    def malformed(text, message):
        error = refused("MalformedPolicy", s3.put_bucket_policy, Bucket=name, Policy=text)
        assert error["Error"]["Message"] == message, error

    malformed("", "Policies must be valid JSON and the first byte must be '{'")
    malformed("{}", "Missing required field Statement")
    malformed(policy(dict(mine, Resource="arn:aws:s3:::other/*")), "Policy has invalid resource")
    malformed(policy(dict(mine, Action="s3:Nothing")), "Policy has invalid action")
    unfit = "Action does not apply to any resource(s) in statement"
    malformed(policy(dict(mine, Action="s3:ListBucket")), unfit)
    nobody = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody-at-all"}
    malformed(policy(dict(mine, Principal=nobody)), "Invalid principal in policy")
    error = refused("AccessDenied", s3.put_bucket_policy, Bucket=name, Policy=policy(public))
    assert "BlockPublicPolicy" in error["Error"]["Message"], error
    text = policy(mine)
    s3.put_bucket_policy(Bucket=name, Policy=text)
    assert s3.get_bucket_policy(Bucket=name)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"] is False
    # Root keeps the three policy actions whatever the policy denies.
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [objects, f"arn:aws:s3:::{name}"]}
    s3.put_bucket_policy(Bucket=name, Policy=policy(deny))
    error = refused("AccessDenied", s3.list_objects_v2, Bucket=name)
    assert "with an explicit deny in a resource-based policy" in error["Error"]["Message"]
    s3.get_bucket_policy(Bucket=name)
    s3.delete_bucket_policy(Bucket=name)
    s3.delete_bucket_policy(Bucket=name)
    # The world at large.
    s3.put_object(Bucket=name, Key="k", Body=b"for all")
    refused("AccessDenied", anonymous.get_object, Bucket=name, Key="k")
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=policy(public))
    assert s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"] is True
    assert anonymous.get_object(Bucket=name, Key="k")["Body"].read() == b"for all"
    refused("AccessDenied", anonymous.get_object, Bucket=name, Key="missing")
    refused("AccessDenied", anonymous.put_object, Bucket=name, Key="k", Body=b"")
    refused("AccessDenied", anonymous.list_buckets)
    restrict = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=restrict)
    refused("AccessDenied", anonymous.get_object, Bucket=name, Key="k")


def objects():
    name = new_bucket()
    body = os.urandom(100_000)
    put = s3.put_object(
        Bucket=name, Key="a/b", Body=body, ContentType="text/plain", CacheControl="no-cache",
        ContentEncoding="gzip", Metadata={"colour": "blue", "x.y": "1"}, Tagging="t=1&u=2",
    )
    etag = f'"{hashlib.md5(body).hexdigest()}"'
    crc = base64.b64encode(binascii.crc32(body).to_bytes(4, "big")).decode()
    assert put["ETag"] == etag and put["ChecksumCRC32"] == crc, put
    got = s3.get_object(Bucket=name, Key="a/b", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert (got["ETag"], got["ContentType"], got["CacheControl"]) == (etag, "text/plain", "no-cache")
    assert got["ContentEncoding"] == "gzip" and got["ServerSideEncryption"] == "AES256"
    assert got["Metadata"] == {"colour": "blue", "x.y": "1"} and got["TagCount"] == 2
    assert got["ChecksumCRC32"] == crc and got["ChecksumType"] == "FULL_OBJECT"
    head = s3.head_object(Bucket=name, Key="a/b")
    assert head["ContentLength"] == len(body) and "ChecksumCRC32" not in head
    for text, first, last in [("bytes=0-9", 0, 9), ("bytes=99990-", 99990, 99999), ("bytes=-5", 99995, 99999)]:
        got = s3.get_object(Bucket=name, Key="a/b", Range=text)
        assert got["Body"].read() == body[first:last + 1]
        assert got["ContentRange"] == f"bytes {first}-{last}/100000"
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    refused("InvalidRange", s3.get_object, Bucket=name, Key="a/b", Range="bytes=100000-")
    refused("PreconditionFailed", s3.get_object, Bucket=name, Key="a/b", IfMatch='"x"')
    refused("304", s3.get_object, Bucket=name, Key="a/b", IfNoneMatch=etag)
    refused("412", s3.head_object, Bucket=name, Key="a/b", IfMatch='"x"')
    refused("304", s3.head_object, Bucket=name, Key="a/b", IfModifiedSince=head["LastModified"])
    got = s3.get_object(Bucket=name, Key="a/b", ResponseContentType="x/y", ResponseCacheControl="c")
    assert (got["ContentType"], got["CacheControl"]) == ("x/y", "c")
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="a")
    refused("404", s3.head_object, Bucket=name, Key="a")
    # Conditional writes.
    refused("PreconditionFailed", s3.put_object, Bucket=name, Key="a/b", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=name, Key="a/b", IfMatch='"x"')
    refused("NoSuchKey", s3.put_object, Bucket=name, Key="nothing", IfMatch=etag)
    refused("NotImplemented", s3.put_object, Bucket=name, Key="a/b", IfNoneMatch=etag)
    s3.put_object(Bucket=name, Key="new", Body=b"", IfNoneMatch="*")
    s3.put_object(Bucket=name, Key="a/b", Body=b"2", IfMatch=etag)
    # What the bucket or rolecall does not take.
    refused("AccessControlListNotSupported", s3.put_object, Bucket=name, Key="k", ACL="public-read")
    s3.put_object(Bucket=name, Key="k", ACL="bucket-owner-full-control")
    refused("AccessControlListNotSupported", s3.put_object_acl, Bucket=name, Key="k", ACL="private")
    assert s3.get_object_acl(Bucket=name, Key="k")["Grants"][0]["Permission"] == "FULL_CONTROL"
    refused("InvalidStorageClass", s3.put_object, Bucket=name, Key="k", StorageClass="NONE")
    refused("KeyTooLongError", s3.put_object, Bucket=name, Key="k" * 1025)
    refused("MetadataTooLarge", s3.put_object, Bucket=name, Key="k", Metadata={"a": "x" * 2048})
    s3.put_object(Bucket=name, Key="k" * 1024)


def digests():
    name = new_bucket()
    body = b"content"
    for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]:
        try:
            put = s3.put_object(Bucket=name, Key=algorithm, Body=body, ChecksumAlgorithm=algorithm)
        except Exception as error:  # botocore without awscrt has no CRC32C and CRC64NVME
            assert type(error).__name__ == "MissingDependencyException", error
            continue
        got = s3.get_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")
        assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"] and got["Body"].read() == body
    sha = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    refused("BadDigest", s3.put_object, Bucket=name, Key="bad", Body=body, ChecksumSHA256=sha)
    refused("InvalidRequest", s3.put_object, Bucket=name, Key="bad", Body=body, ChecksumSHA256="x")
    md5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    refused("BadDigest", s3.put_object, Bucket=name, Key="bad", Body=body, ContentMD5=md5)
    refused("InvalidDigest", s3.put_object, Bucket=name, Key="bad", Body=body, ContentMD5="x")
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="bad")


def odd_keys():
    name = new_bucket()
    keys = ["../up", "a//b", "/lead", "end/", "per%cent", "pl+us", "sp ace", "ünïcødé/日本", "q?x=1", "h#ash", "a&b<c>\"'"]
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    for key in keys:
        assert s3.get_object(Bucket=name, Key=key)["Body"].read() == key.encode(), key
    assert [it["Key"] for it in s3.list_objects_v2(Bucket=name)["Contents"]] == sorted(keys, key=str.encode)
    deleted = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [it["Key"] for it in deleted["Deleted"]] == keys, deleted
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def listings():
    name = new_bucket()
    keys = sorted(f"{folder}/{n}" for folder in ["a", "b", "c"] for n in range(4)) + ["x", "y"]
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=b"1")

    def pages(operation, **more):
        found = {"Contents": [], "CommonPrefixes": []}
        for page in s3.get_paginator(operation).paginate(Bucket=name, PaginationConfig={"PageSize": 2}, **more):
            for kind in found:
                found[kind] += [it.get("Key") or it["Prefix"] for it in page.get(kind, [])]
        return found["Contents"], found["CommonPrefixes"]

    for operation in ["list_objects", "list_objects_v2"]:
        assert pages(operation) == (keys, [])
        assert pages(operation, Delimiter="/") == (["x", "y"], ["a/", "b/", "c/"])
        assert pages(operation, Prefix="b/") == (keys[4:8], [])
        assert pages(operation, Prefix="a", Delimiter="/") == ([], ["a/"])
    page = s3.list_objects_v2(Bucket=name, StartAfter="b/3", FetchOwner=True)
    assert [it["Key"] for it in page["Contents"]] == keys[8:] and page["Contents"][0]["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=name)["Contents"][0]
    assert s3.list_objects_v2(Bucket=name, MaxKeys=0)["KeyCount"] == 0
    refused("InvalidArgument", s3.list_objects_v2, Bucket=name, ContinuationToken="nonsense")


def copies():
    name, other = new_bucket(), new_bucket()
    s3.put_object(Bucket=name, Key="a b", Body=b"1", Metadata={"m": "1"}, Tagging="t=1", ContentType="x/y")
    source = {"Bucket": name, "Key": "a b"}
    copied = s3.copy_object(Bucket=other, Key="c", CopySource=source)
    assert copied["CopyObjectResult"]["ETag"] == s3.head_object(Bucket=name, Key="a b")["ETag"]
    head = s3.head_object(Bucket=other, Key="c")
    assert head["Metadata"] == {"m": "1"} and head["ContentType"] == "x/y"
    assert s3.get_object_tagging(Bucket=other, Key="c")["TagSet"] == [{"Key": "t", "Value": "1"}]
    s3.copy_object(
        Bucket=other, Key="d", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"},
        TaggingDirective="REPLACE", Tagging="u=2", StorageClass="STANDARD_IA",
    )
    head = s3.head_object(Bucket=other, Key="d")
    assert head["Metadata"] == {"n": "2"} and head["StorageClass"] == "STANDARD_IA"
    assert s3.get_object_tagging(Bucket=other, Key="d")["TagSet"] == [{"Key": "u", "Value": "2"}]
    refused("InvalidRequest", s3.copy_object, Bucket=name, Key="a b", CopySource=source)
    s3.copy_object(Bucket=name, Key="a b", CopySource=source, MetadataDirective="REPLACE")
    refused("NoSuchKey", s3.copy_object, Bucket=name, Key="z", CopySource={"Bucket": name, "Key": "none"})
    refused("NoSuchBucket", s3.copy_object, Bucket=name, Key="z", CopySource=f"{name}-x/k")
    refused("PreconditionFailed", s3.copy_object, Bucket=name, Key="z", CopySource=source, CopySourceIfMatch="x")
    refused("PreconditionFailed", s3.copy_object, Bucket=other, Key="c", CopySource=source, IfNoneMatch="*")


def tags():
    name = new_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    assert s3.get_object_tagging(Bucket=name, Key="k")["TagSet"] == []
    tags = [{"Key": "a", "Value": "1"}]
    s3.put_object_tagging(Bucket=name, Key="k", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=name, Key="k")["TagSet"] == tags
    many = {"TagSet": [{"Key": str(n), "Value": ""} for n in range(11)]}
    refused("BadRequest", s3.put_object_tagging, Bucket=name, Key="k", Tagging=many)
    s3.delete_object_tagging(Bucket=name, Key="k")
    assert s3.get_object_tagging(Bucket=name, Key="k")["TagSet"] == []
    refused("NoSuchKey", s3.get_object_tagging, Bucket=name, Key="none")
    refused("InvalidArgument", s3.put_object, Bucket=name, Key="k", Tagging="a=1&a=2")


def uploads():
    name = new_bucket()
    megabyte = 1024 * 1024
    parts = [os.urandom(5 * megabyte), os.urandom(5 * megabyte), b"the end"]
    whole = b"".join(parts)

    def upload(key, parts, **more):
        begun = s3.create_multipart_upload(Bucket=name, Key=key, Metadata={"m": "1"}, **more)["UploadId"]
        done = []
        for number, part in enumerate(parts, 1):
            sent = s3.upload_part(Bucket=name, Key=key, UploadId=begun, PartNumber=number, Body=part)
            sums = {kind: value for kind, value in sent.items() if kind.startswith("Checksum") and more}
            done.append({"PartNumber": number, "ETag": sent["ETag"], **sums})
        return begun, done

    begun, done = upload("k", parts)
    listed = s3.list_parts(Bucket=name, Key="k", UploadId=begun)
    assert [it["Size"] for it in listed["Parts"]] == [len(part) for part in parts]
    assert [it["UploadId"] for it in s3.list_multipart_uploads(Bucket=name)["Uploads"]] == [begun]
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="k")

    def complete(parts, **more):
        arguments = {"Bucket": name, "Key": "k", "UploadId": begun, "MultipartUpload": {"Parts": parts}}
        return arguments | more

    refused("InvalidPartOrder", s3.complete_multipart_upload, **complete(done[::-1]))
    wrong = [dict(done[0], ETag='"x"')]
    refused("InvalidPart", s3.complete_multipart_upload, **complete(wrong))
    fourth = s3.upload_part(Bucket=name, Key="k", UploadId=begun, PartNumber=4, Body=b"x")
    small = [done[2], {"PartNumber": 4, "ETag": fourth["ETag"]}]
    refused("EntityTooSmall", s3.complete_multipart_upload, **complete(small))
    finished = s3.complete_multipart_upload(**complete(done))
    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert finished["ETag"] == f'"{digest}-3"', finished
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == whole
    got = s3.get_object(Bucket=name, Key="k", PartNumber=2)
    assert got["Body"].read() == parts[1] and got["PartsCount"] == 3
    refused("InvalidPartNumber", s3.get_object, Bucket=name, Key="k", PartNumber=4)
    assert s3.complete_multipart_upload(**complete(done))["ETag"] == finished["ETag"]
    assert s3.head_object(Bucket=name, Key="k")["Metadata"] == {"m": "1"}

    # A checksum of the parts' checksums, and one of the whole.
    begun, done = upload("k", parts, ChecksumAlgorithm="CRC32")
    without = [{"PartNumber": it["PartNumber"], "ETag": it["ETag"]} for it in done]
    refused("InvalidRequest", s3.complete_multipart_upload, **complete(without))
    finished = s3.complete_multipart_upload(**complete(done))
    crcs = b"".join(binascii.crc32(part).to_bytes(4, "big") for part in parts)
    composite = base64.b64encode(binascii.crc32(crcs).to_bytes(4, "big")).decode()
    assert finished["ChecksumCRC32"] == f"{composite}-3" and finished["ChecksumType"] == "COMPOSITE"
    found = s3.get_object_attributes(
        Bucket=name, Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"])
    assert found["ObjectSize"] == len(whole) and found["ObjectParts"]["TotalPartsCount"] == 3, found
    assert found["Checksum"]["ChecksumCRC32"] == composite and found["StorageClass"] == "STANDARD"
    begun, done = upload("k", parts, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    full = base64.b64encode(binascii.crc32(whole).to_bytes(4, "big")).decode()
    refused("BadDigest", s3.complete_multipart_upload, **complete(done, ChecksumCRC32=composite))
    finished = s3.complete_multipart_upload(**complete(done, ChecksumCRC32=full, ChecksumType="FULL_OBJECT"))
    assert finished["ChecksumCRC32"] == full and finished["ChecksumType"] == "FULL_OBJECT"

    # Parts that are copied; an upload that is given up.
    begun = s3.create_multipart_upload(Bucket=name, Key="copy")["UploadId"]
    arguments = {"Bucket": name, "Key": "copy", "UploadId": begun, "CopySource": f"{name}/k"}
    part = s3.upload_part_copy(PartNumber=1, CopySourceRange="bytes=5-9", **arguments)
    refused("InvalidArgument", s3.upload_part_copy, PartNumber=1, CopySourceRange="bytes=5-", **arguments)
    refused("InvalidArgument", s3.upload_part_copy, PartNumber=1, CopySourceRange="bytes=5-99999999", **arguments)
    etag = part["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(
        Bucket=name, Key="copy", UploadId=begun, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket=name, Key="copy")["Body"].read() == whole[5:10]
    begun, done = upload("gone", [b"x"])
    s3.abort_multipart_upload(Bucket=name, Key="gone", UploadId=begun)
    refused("NoSuchUpload", s3.list_parts, Bucket=name, Key="gone", UploadId=begun)
    refused("InvalidRequest", s3.create_multipart_upload, Bucket=name, Key="k", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")

    # The transfer manager, there and back.
    config = TransferConfig(multipart_threshold=8 * megabyte, multipart_chunksize=8 * megabyte)
    s3.upload_fileobj(io.BytesIO(whole * 2), name, "managed", Config=config)
    back = io.BytesIO()
    s3.download_fileobj(name, "managed", back, Config=config)
    assert back.getvalue() == whole * 2
    copied = s3.copy({"Bucket": name, "Key": "managed"}, name, "managed-copy", Config=config)
    assert s3.head_object(Bucket=name, Key="managed-copy")["ContentLength"] == len(whole) * 2, copied


def versions():
    name = new_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"0")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    first = s3.put_object(Bucket=name, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=name, Key="k")
    assert marker["DeleteMarker"] is True
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="k")
    assert s3.get_object(Bucket=name, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.get_object(Bucket=name, Key="k", VersionId="null")["Body"].read() == b"0"
    refused("MethodNotAllowed", s3.get_object, Bucket=name, Key="k", VersionId=marker["VersionId"])
    refused("InvalidArgument", s3.get_object, Bucket=name, Key="k", VersionId="x" * 32)
    refused("InvalidArgument", s3.delete_object, Bucket=name, Key="k", VersionId="x" * 32)
    listed = s3.list_object_versions(Bucket=name)
    assert [it["VersionId"] for it in listed["Versions"]] == [first, "null"]
    assert [it["IsLatest"] for it in listed["DeleteMarkers"]] == [True]
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=name, PaginationConfig={"PageSize": 1})
    assert sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages) == 3
    s3.delete_object(Bucket=name, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"1"
    refused("NoSuchVersion", s3.get_object, Bucket=name, Key="k", VersionId=marker["VersionId"])
    # Where versioning is suspended, an upload is told no version, a copy and a delete are.
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in s3.put_object(Bucket=name, Key="k", Body=b"2")
    assert s3.copy_object(Bucket=name, Key="k2", CopySource=f"{name}/k")["VersionId"] == "null"
    assert s3.delete_object(Bucket=name, Key="k2")["VersionId"] == "null"
    s3.delete_object(Bucket=name, Key="k2", VersionId="null")
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)
    gone = [{"Key": "k", "VersionId": it["VersionId"]} for it in s3.list_object_versions(Bucket=name)["Versions"]]
    s3.delete_objects(Bucket=name, Delete={"Objects": gone, "Quiet": True})
    s3.delete_bucket(Bucket=name)


def presigned():
    name = new_bucket()
    url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"})
    put = urllib.request.Request(url, data=b"signed", method="PUT")
    assert urllib.request.urlopen(put).status == 200
    url = s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    assert urllib.request.urlopen(url).read() == b"signed"
    # A header that nobody signed is not a parameter of the request.
    url = s3.generate_presigned_url("list_objects_v2", {"Bucket": name})
    listing = urllib.request.Request(url, headers={"Prefix": "none", "Key": "x", "Bucket": "y"})
    assert b"<Key>k</Key>" in urllib.request.urlopen(listing).read()


def raw():
    """What no SDK sends."""
    name = new_bucket()
    host = urllib.parse.urlsplit(ENDPOINT).netloc

    def send(method, path):
        connection = http.client.HTTPConnection(host)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    # A preflight carries no credentials; what is not served is only told to callers that do.
    assert send("OPTIONS", f"/{name}/k")[0] == 400
    assert send("GET", f"/{name}/k")[0] == 403
    status, text = send("GET", f"/{name}-x/k")
    assert status == 404 and b"NoSuchBucket" in text
    status, text = send("GET", f"/{name}/%AE")
    assert status == 400 and b"InvalidURI" in text, text
    status, text = send("HEAD", f"/{name}/k")
    assert (status, text) == (403, b"")
    # A document that breaks off, or is not XML, changes nothing.
    for xml in [b"<Tagging><TagSet>", b"{}", b"<Other/>", b""]:
        digest = {"Content-MD5": base64.b64encode(hashlib.md5(xml).digest()).decode()}
        request = AWSRequest("PUT", f"{ENDPOINT}/{name}?tagging", data=xml, headers=digest)
        credentials = boto3.Session().get_credentials()
        S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
        signed = urllib.request.Request(request.url, data=xml, headers=dict(request.headers), method="PUT")
        try:
            urllib.request.urlopen(signed)
            raise AssertionError(f"{xml} was taken")
        except urllib.error.HTTPError as error:
            text = error.read()
            code = b"MalformedXML" if xml else b"MissingRequestBodyError"
            assert code in text, text
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)


def permissions():
    """Whoever may only so much."""
    iam = boto3.client("iam")
    user = f"u-{uuid.uuid4()}"
    iam.create_user(UserName=user)
    name = new_bucket()
    s3.put_object(Bucket=name, Key="Exports/a", Body=b"1", Tagging="open=yes")
    s3.put_object(Bucket=name, Key="Exports/b", Body=b"1")
    s3.put_object(Bucket=name, Key="Private/c", Body=b"1")
    objects, bucket = f"arn:aws:s3:::{name}/Exports/*", f"arn:aws:s3:::{name}"
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": objects},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket,
         "Condition": {"StringEquals": {"s3:prefix": ["", "Exports/"], "s3:delimiter": "/"}}},
    ))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    his = boto3.client(
        "s3", config=CONFIG, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert his.get_object(Bucket=name, Key="Exports/a")["Body"].read() == b"1"
    assert "TagCount" not in his.get_object(Bucket=name, Key="Exports/a")
    error = refused("AccessDenied", his.get_object, Bucket=name, Key="Private/c")
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user}"
    assert error["Error"]["Message"] == (
        f'User: {arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::{name}/Private/c" '
        "because no identity-based policy allows the s3:GetObject action"), error
    # A missing key is not told to one who may not list without a prefix.
    error = refused("AccessDenied", his.get_object, Bucket=name, Key="Exports/none")
    assert f's3:ListBucket on resource: "{bucket}"' in error["Error"]["Message"], error
    his.list_objects_v2(Bucket=name, Prefix="", Delimiter="/")
    his.list_objects_v2(Bucket=name, Prefix="Exports/", Delimiter="/")
    refused("AccessDenied", his.list_objects_v2, Bucket=name)
    refused("AccessDenied", his.list_objects_v2, Bucket=name, Prefix="Exports/")
    refused("AccessDenied", his.list_objects_v2, Bucket=name, Prefix="Private/", Delimiter="/")
    error = refused("AccessDenied", his.list_buckets)
    assert " on resource" not in error["Error"]["Message"], error
    refused("403", his.head_object, Bucket=name, Key="Private/c")
    gone = his.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "Exports/b"}, {"Key": "Private/c"}]})
    assert [it["Key"] for it in gone["Deleted"]] == ["Exports/b"], gone
    assert [(it["Key"], it["Code"]) for it in gone["Errors"]] == [("Private/c", "AccessDenied")], gone
    s3.head_object(Bucket=name, Key="Private/c")
    refused("AccessDenied", his.copy_object, Bucket=name, Key="Exports/x", CopySource=f"{name}/Exports/a")
    big = os.urandom(3_000_000)
    refused("AccessDenied", his.put_object, Bucket=name, Key="Exports/new", Body=big)
    # Tags of the object, and of the request.
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"StringEquals": {"s3:ExistingObjectTag/open": "yes"}}},
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:PutObjectTagging"], "Resource": "*",
         "Condition": {"StringEquals": {"s3:RequestObjectTag/team": "red"}}},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
         "Condition": {"StringEquals": {"s3:x-amz-storage-class": "GLACIER"}}},
    ))
    his.get_object(Bucket=name, Key="Exports/a")
    refused("AccessDenied", his.get_object, Bucket=name, Key="Private/c")
    refused("AccessDenied", his.put_object, Bucket=name, Key="n")
    his.put_object(Bucket=name, Key="n", Tagging="team=red")
    refused("AccessDenied", his.put_object, Bucket=name, Key="n", Tagging="team=red", StorageClass="GLACIER")


def empty_and_full_in_turn():
    # boto3 waits for `100 Continue` before it sends a body, even one of no bytes.
    name = new_bucket()
    for body in [b"", b"full", b"", b"", b"full"] * 3:
        s3.put_object(Bucket=name, Key="k", Body=body)
        assert s3.get_object(Bucket=name, Key="k")["Body"].read() == body


TESTS = [
    empty_and_full_in_turn, buckets, settings, policies, objects, digests, odd_keys, listings, copies, tags, uploads, versions,
    presigned, raw, permissions,
]

if __name__ == "__main__":
    for test in TESTS:
        test()
