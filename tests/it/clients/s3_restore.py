"""What lies in an archive, and the key of what is kept: RestoreObject and UpdateObjectEncryption. Says nothing when all
is well."""

import datetime
import hashlib
import base64
import json
import os
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
iam = boto3.client("iam")
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]
ROOT = boto3.Session().get_credentials().get_frozen_credentials()


def refused(code, call, message=None, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code and message in (None, found["Message"]), found
        return found
    raise AssertionError(f"{arguments} succeeded instead of {code}")


def a_bucket(**more):
    name = f"r-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    return name


def user(*statements):
    name = f"u-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return boto3.client(
        "s3", config=CONFIG, aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key
    ), keys


def admin(path, **body):
    request = urllib.request.Request(ENDPOINT + "/_rolecall" + path, json.dumps(body).encode(), method="POST")
    request.add_header("content-type", "application/json")
    return json.loads(urllib.request.urlopen(request).read() or b"null")


def restored(**at):
    return s3.head_object(**at).get("Restore")


def restores():
    name = a_bucket()
    for storage in ("GLACIER", "DEEP_ARCHIVE"):
        at = {"Bucket": name, "Key": storage}
        s3.put_object(**at, Body=b"x", StorageClass=storage)
        state = "The operation is not valid for the object's storage class"
        assert refused("InvalidObjectState", s3.get_object, state, **at)["StorageClass"] == storage
        copy = {"Bucket": name, "Key": "copy", "CopySource": f"{name}/{storage}"}
        refused("ObjectNotInActiveTierError", s3.copy_object, **copy)
        assert restored(**at) is None
        bulk = {"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}}
        answer = s3.restore_object(**at, RestoreRequest=bulk)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        now = datetime.datetime.now(datetime.timezone.utc)
        end = (now + datetime.timedelta(days=3)).strftime("%a, %d %b %Y 00:00:00 GMT")
        assert restored(**at) == f'ongoing-request="false", expiry-date="{end}"', restored(**at)
        got = s3.get_object(**at)
        assert got["Body"].read() == b"x" and got["StorageClass"] == storage and got["Restore"] == restored(**at)
        answer = s3.restore_object(**at, RestoreRequest={"Days": 5})
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        later = (now + datetime.timedelta(days=6)).strftime("%a, %d %b %Y 00:00:00 GMT")
        assert later in restored(**at)
        # A copy is an object like any other.
        s3.copy_object(**copy)
        head = s3.head_object(Bucket=name, Key="copy")
        assert "Restore" not in head and "StorageClass" not in head
        listed = s3.list_objects_v2(Bucket=name, Prefix=storage, OptionalObjectAttributes=["RestoreStatus"])
        assert listed["Contents"][0]["RestoreStatus"]["IsRestoreInProgress"] is False
        assert "RestoreStatus" not in s3.list_objects_v2(Bucket=name, Prefix=storage)["Contents"][0]
        # Writing the key again ends it.
        s3.put_object(**at, Body=b"y", StorageClass=storage)
        assert restored(**at) is None


def not_restored():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k")
    restore = {"RestoreRequest": {"Days": 1}}
    message = "Restore is not allowed for the object's current storage class"
    for storage in ("STANDARD", "GLACIER_IR", "STANDARD_IA"):
        s3.put_object(Bucket=name, Key="k", StorageClass=storage)
        found = refused("InvalidObjectState", s3.restore_object, message, Bucket=name, Key="k", **restore)
        assert found["StorageClass"] == storage
    refused("NoSuchKey", s3.restore_object, Bucket=name, Key="gone", **restore)
    refused("NoSuchBucket", s3.restore_object, Bucket=f"{name}-not", Key="k", **restore)
    at = {"Bucket": name, "Key": "deep"}
    s3.put_object(**at, StorageClass="DEEP_ARCHIVE")
    for code, request in [
        ("InvalidArgument", {"Days": 0}),
        ("InvalidArgument", {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}),
        ("MalformedXML", {"GlacierJobParameters": {"Tier": "Bulk"}}),
        ("MalformedXML", {"Days": 1, "GlacierJobParameters": {"Tier": "Soon"}}),
    ]:
        refused(code, s3.restore_object, **at, RestoreRequest=request)
    assert restored(**at) is None


def versions_of_archives():
    name = a_bucket()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    at = {"Bucket": name, "Key": "k"}
    old = s3.put_object(**at, Body=b"1", StorageClass="GLACIER")["VersionId"]
    s3.put_object(**at, Body=b"2", StorageClass="GLACIER")
    s3.restore_object(**at, VersionId=old, RestoreRequest={"Days": 1})
    assert s3.get_object(**at, VersionId=old)["Body"].read() == b"1"
    refused("InvalidObjectState", s3.get_object, **at)
    marker = s3.delete_object(**at)["VersionId"]
    refused("MethodNotAllowed", s3.restore_object, **at, VersionId=marker, RestoreRequest={"Days": 1})
    refused("NoSuchKey", s3.restore_object, **at, RestoreRequest={"Days": 1})
    # With and without a version the same action.
    client, _ = user({"Effect": "Allow", "Action": "s3:RestoreObject", "Resource": f"arn:aws:s3:::{name}/k"})
    client.restore_object(**at, VersionId=old, RestoreRequest={"Days": 1})
    refused("AccessDenied", client.restore_object, Bucket=name, Key="gone", RestoreRequest={"Days": 1})
    client, _ = user({"Effect": "Allow", "Action": ["s3:Get*", "s3:Put*"], "Resource": "*"})
    refused("AccessDenied", client.restore_object, **at, VersionId=old, RestoreRequest={"Days": 1})


def archives_close_again():
    """By the clock of the world."""
    name = a_bucket()
    at = {"Bucket": name, "Key": "k"}
    s3.put_object(**at, Body=b"x", StorageClass="GLACIER")
    s3.restore_object(**at, RestoreRequest={"Days": 1})
    s3.get_object(**at)
    admin("/clock/advance", by="49h")
    refused("InvalidObjectState", s3.get_object, **at)
    assert restored(**at) is None
    answer = s3.restore_object(**at, RestoreRequest={"Days": 1})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    admin("/clock/run")


def update(bucket, key, inside, keys=ROOT, version=None):
    body = f"<ObjectEncryption>{inside}</ObjectEncryption>".encode()
    query = f"?encryption&versionId={version}" if version else "?encryption"
    request = AWSRequest("PUT", f"{ENDPOINT}/{bucket}/{key}{query}", data=body)
    request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
    request.headers["content-md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    request = urllib.request.Request(request.url, body, dict(request.headers), method="PUT")
    try:
        return urllib.request.urlopen(request).status, ""
    except urllib.error.HTTPError as error:
        return error.code, xml.etree.ElementTree.fromstring(error.read()).findtext("Code")


def kms(key="one", account=ACCOUNT, more=""):
    arn = f"arn:aws:kms:us-east-1:{account}:key/{key}"
    return f"<SSE-KMS><KMSKeyArn>{arn}</KMSKeyArn>{more}</SSE-KMS>"


def keys_change():
    name = a_bucket()
    at = {"Bucket": name, "Key": "k"}
    s3.put_object(**at, Body=b"x", Metadata={"m": "1"}, StorageClass="GLACIER")
    before = s3.head_object(**at)
    assert update(name, "k", kms(more="<BucketKeyEnabled>true</BucketKeyEnabled>")) == (200, "")
    after = s3.head_object(**at)
    assert after["ServerSideEncryption"] == "aws:kms" and after["SSEKMSKeyId"].endswith(":key/one")
    assert after["BucketKeyEnabled"] is True
    for same in ("ETag", "LastModified", "Metadata", "StorageClass", "ContentLength"):
        assert after[same] == before[same], same
    assert update(name, "k", kms("two")) == (200, "")
    head = s3.head_object(**at)
    assert head["SSEKMSKeyId"].endswith(":key/two") and "BucketKeyEnabled" not in head
    for inside in ("", "<SSE-S3/>", "<SSE-KMS/>", "<SSE-KMS><KMSKeyArn>alias/x</KMSKeyArn></SSE-KMS>",
                   kms(more="<BucketKeyEnabled>yes</BucketKeyEnabled>")):
        assert update(name, "k", inside) == (400, "InvalidRequest"), inside
    assert update(name, "k", kms(account="111122223333")) == (403, "AccessDenied")
    assert update(name, "gone", kms()) == (404, "NoSuchKey")
    s3.put_object(Bucket=name, Key="two", ServerSideEncryption="aws:kms:dsse")
    assert update(name, "two", kms()) == (400, "InvalidRequest")
    blocked = {"EncryptionType": ["NONE"]}
    s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"BlockedEncryptionTypes": blocked}]}
    )
    s3.put_object(Bucket=name, Key="own", SSECustomerAlgorithm="AES256", SSECustomerKey=b"k" * 32)
    assert update(name, "own", kms()) == (400, "InvalidRequest")


def keys_of_locked_objects():
    name = a_bucket(ObjectLockEnabledForBucket=True)
    at = {"Bucket": name, "Key": "k"}
    s3.put_object(**at, Body=b"x", ObjectLockLegalHoldStatus="ON")
    assert update(name, "k", kms()) == (403, "AccessDenied")
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    assert update(name, "k", kms()) == (200, "")


def permission_to_change_keys():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k", Tagging="team=red")
    on = {"Effect": "Allow", "Resource": f"arn:aws:s3:::{name}/k"}
    use = {"Effect": "Allow", "Resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one",
           "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncrypt*"]}
    write = {**on, "Action": "s3:PutObject"}
    both = {**on, "Action": "s3:UpdateObjectEncryption"}
    red = {**both, "Condition": {"StringEquals": {"s3:ExistingObjectTag/team": "red"}}}
    blue = {**both, "Condition": {"StringEquals": {"s3:ExistingObjectTag/team": "blue"}}}
    named = {"s3:x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one"}
    one = {**both, "Condition": {"StringEquals": named}}
    for statements, status in [
        ([both, write, use], 200),
        ([red, write, use], 200),
        ([one, write, use], 200),
        ([blue, write, use], 403),
        ([write, use], 403),
        ([both, write], 403),
        ([both, write, {**use, "Action": "kms:GenerateDataKey"}], 403),
    ]:
        s3.put_object(Bucket=name, Key="k", Tagging="team=red")
        _, keys = user(*statements)
        assert update(name, "k", kms(), keys)[0] == status, (statements, status)
    _, keys = user(both, write, use)
    assert update(name, "k", kms("two"), keys) == (403, "AccessDenied")


for test in (
    restores, not_restored, versions_of_archives, keys_change, keys_of_locked_objects, permission_to_change_keys,
    archives_close_again,
):
    test()
