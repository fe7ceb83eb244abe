"""Object lock as boto3 sees it: retentions, legal holds, who may lift them. Says nothing when all is well."""

import datetime
import json
import os
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
iam = boto3.client("iam")

PROTECTED = "Access Denied because object protected by object lock."
FAR = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)
FARTHER = datetime.datetime(2041, 1, 1, tzinfo=datetime.timezone.utc)


def refused(code, call, message=None, **arguments):
    """The call must fail with this code; answers with the error."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code, f"{found} instead of {code}"
        assert message in (None, found["Message"]), found
        return found
    raise AssertionError(f"{call.__name__} {arguments} succeeded instead of {code}")


def locked_bucket(**default):
    name = f"l-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    if default:
        rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    return name


def user(*statements):
    """A client of a user who may do this."""
    name = f"u-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    secret = key["SecretAccessKey"]
    return boto3.client("s3", config=CONFIG, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=secret)


def allow(*actions, **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def soon(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def retentions():
    name = locked_bucket()
    at = {"Bucket": name, "Key": "k"}
    id = s3.put_object(**at, Body=b"x")["VersionId"]
    message = "The specified object does not have a ObjectLock configuration"
    refused("NoSuchObjectLockConfiguration", s3.get_object_retention, message, **at)
    put = s3.put_object_retention
    governed = {"Mode": "GOVERNANCE", "RetainUntilDate": FARTHER}
    put(**at, Retention=governed)
    assert s3.get_object_retention(**at)["Retention"] == governed
    head = s3.head_object(**at)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", FARTHER), head
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-object-lock-retain-until-date"] == "2041-01-01T00:00:00.000Z"
    assert "ObjectLockLegalHoldStatus" not in head
    refused("AccessDenied", s3.delete_object, PROTECTED, **at, VersionId=id)
    sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": FAR}
    refused("AccessDenied", put, PROTECTED, **at, Retention=sooner)
    refused("AccessDenied", put, PROTECTED, **at, Retention={})
    put(**at, Retention=sooner, BypassGovernanceRetention=True)
    put(**at, Retention={}, BypassGovernanceRetention=True)
    refused("NoSuchObjectLockConfiguration", s3.get_object_retention, **at)
    # Compliance: longer, and nothing else.
    complied = {"Mode": "COMPLIANCE", "RetainUntilDate": FAR}
    put(**at, VersionId=id, Retention=complied)
    for less in [{}, governed, {"Mode": "COMPLIANCE", "RetainUntilDate": soon(60)}]:
        refused("AccessDenied", put, PROTECTED, **at, Retention=less, BypassGovernanceRetention=True)
    put(**at, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": FARTHER})
    refused("AccessDenied", s3.delete_object, PROTECTED, **at, VersionId=id, BypassGovernanceRetention=True)
    # A delete marker is put on top of any version, and taken away again.
    marker = s3.delete_object(**at)["VersionId"]
    refused("MethodNotAllowed", s3.get_object_retention, **at, VersionId=marker)
    s3.delete_object(**at, VersionId=marker)
    assert s3.get_object(**at)["Body"].read() == b"x"
    # What is not well said.
    past = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.datetime(2020, 1, 1)}
    fault = refused("InvalidArgument", put, "The retain until date must be in the future!", **at, Retention=past)
    assert fault["ArgumentName"] == "RetainUntilDate", fault
    for bad in [{"Mode": "GOVERNANCE"}, {"RetainUntilDate": FAR}, {"Mode": "X", "RetainUntilDate": FAR}]:
        refused("MalformedXML", put, **at, Retention=bad)
    refused("NoSuchKey", put, Bucket=name, Key="gone", Retention=complied)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)
    suspended = {"Status": "Suspended"}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=name, VersioningConfiguration=suspended)


def legal_holds():
    name = locked_bucket()
    at = {"Bucket": name, "Key": "k"}
    id = s3.put_object(**at, Body=b"x")["VersionId"]
    refused("NoSuchObjectLockConfiguration", s3.get_object_legal_hold, **at)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(**at)["LegalHold"] == {"Status": "ON"}
    assert s3.head_object(**at)["ObjectLockLegalHoldStatus"] == "ON"
    version = {"Key": "k", "VersionId": id}
    # No permission passes over a hold.
    refused("AccessDenied", s3.delete_object, PROTECTED, **at, VersionId=id, BypassGovernanceRetention=True)
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": [version, {"Key": "other"}]})
    assert answer["Errors"] == [{**version, "Code": "AccessDenied", "Message": PROTECTED}], answer
    assert [it["Key"] for it in answer["Deleted"]] == ["other"], answer
    refused("MalformedXML", s3.put_object_legal_hold, **at, LegalHold={"Status": "on"})
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    assert s3.head_object(**at)["ObjectLockLegalHoldStatus"] == "OFF"
    s3.delete_object(**at, VersionId=id)


def writes():
    name = locked_bucket()
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": FAR, "ObjectLockLegalHoldStatus": "ON"}
    keys = list(lock)
    s3.put_object(Bucket=name, Key="put", Body=b"x", **lock)
    # A copy has the lock that it asks for, not its source's.
    s3.copy_object(Bucket=name, Key="plain", CopySource=f"{name}/put")
    s3.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/plain", **lock)
    upload = s3.create_multipart_upload(Bucket=name, Key="parts", **lock)["UploadId"]
    part = {"Bucket": name, "Key": "parts", "UploadId": upload}
    etag = s3.upload_part(**part, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    for key in ["put", "copy", "parts"]:
        head = s3.head_object(Bucket=name, Key=key)
        assert {it: head[it] for it in keys} == lock, head
        refused("AccessDenied", s3.delete_object, PROTECTED, Bucket=name, Key=key, VersionId=head["VersionId"])
    assert not set(keys) & set(s3.head_object(Bucket=name, Key="plain"))
    put = lambda **more: s3.put_object(Bucket=name, Key="k", Body=b"x", **more)
    both = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
    fault = refused("InvalidArgument", put, both, ObjectLockMode="GOVERNANCE")
    assert fault["ArgumentName"] == "x-amz-object-lock-retain-until-date", fault
    fault = refused("InvalidArgument", put, both, ObjectLockRetainUntilDate=FAR)
    assert fault["ArgumentName"] == "x-amz-object-lock-mode", fault
    unknown = "Unknown wormMode directive."
    refused("InvalidArgument", put, unknown, ObjectLockMode="X", ObjectLockRetainUntilDate=FAR)
    refused("InvalidArgument", put, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=datetime.datetime(2020, 1, 1))
    refused("InvalidArgument", put, ObjectLockLegalHoldStatus="on")


def without_lock():
    name = f"l-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    at = {"Bucket": name, "Key": "k"}
    s3.put_object(**at, Body=b"x")
    missing = "Bucket is missing Object Lock Configuration"
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": FAR}
    refused("InvalidRequest", s3.put_object, missing, **at, Body=b"x", ObjectLockLegalHoldStatus="ON")
    refused("InvalidRequest", s3.put_object_retention, missing, **at, Retention=retention)
    refused("InvalidRequest", s3.get_object_retention, missing, **at)
    refused("InvalidRequest", s3.put_object_legal_hold, missing, **at, LegalHold={"Status": "ON"})
    refused("InvalidRequest", s3.get_object_legal_hold, missing, **at)
    for value in [True, False]:
        refused("InvalidArgument", s3.delete_object, **at, BypassGovernanceRetention=value)
    objects = {"Objects": [{"Key": "k"}]}
    refused("InvalidArgument", s3.delete_objects, Bucket=name, Delete=objects, BypassGovernanceRetention=True)


def default_retention():
    name = locked_bucket(Mode="COMPLIANCE", Days=2)
    written = s3.put_object(Bucket=name, Key="k", Body=b"x")
    head = s3.head_object(Bucket=name, Key="k")
    assert head["ObjectLockMode"] == "COMPLIANCE"
    left = head["ObjectLockRetainUntilDate"] - head["LastModified"]
    assert abs(left - datetime.timedelta(days=2)) < datetime.timedelta(seconds=2), left
    s3.put_object(Bucket=name, Key="own", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=FAR)
    assert s3.head_object(Bucket=name, Key="own")["ObjectLockMode"] == "GOVERNANCE"
    upload = s3.create_multipart_upload(Bucket=name, Key="parts")["UploadId"]
    part = {"Bucket": name, "Key": "parts", "UploadId": upload}
    etag = s3.upload_part(**part, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.head_object(Bucket=name, Key="parts")["ObjectLockMode"] == "COMPLIANCE"
    version = {"Bucket": name, "Key": "k", "VersionId": written["VersionId"]}
    refused("AccessDenied", s3.delete_object, PROTECTED, **version)


def admin(path, **body):
    """A call of the endpoint's own."""
    url = os.environ["AWS_ENDPOINT_URL"].rstrip("/") + "/_rolecall/" + path
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")
    urllib.request.urlopen(request).read()


def expiry():
    """By the clock of the world; and a lock is part of what a snapshot keeps."""
    name = locked_bucket(Mode="COMPLIANCE", Days=2)
    at = {"Bucket": name, "Key": "k"}
    id = s3.put_object(**at, Body=b"x")["VersionId"]
    admin("snapshots", name="locked")
    admin("clock/advance", by="47h")
    refused("AccessDenied", s3.delete_object, PROTECTED, **at, VersionId=id)
    admin("clock/advance", by="2h")
    # It is still told, and no longer in the way.
    assert s3.get_object_retention(**at)["Retention"]["Mode"] == "COMPLIANCE"
    s3.delete_object(**at, VersionId=id)
    admin("clock/run")
    admin("snapshots/locked/restore")
    refused("AccessDenied", s3.delete_object, PROTECTED, **at, VersionId=id)


def permissions():
    name = locked_bucket()
    at = {"Bucket": name, "Key": "k"}
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": FAR}
    writer = user(allow("s3:PutObject", "s3:GetObject", "s3:DeleteObject*"))
    writer.put_object(**at, Body=b"x")
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": FAR}
    refused("AccessDenied", writer.put_object, **at, Body=b"x", **lock)
    refused("AccessDenied", writer.put_object, **at, Body=b"x", ObjectLockLegalHoldStatus="ON")
    refused("AccessDenied", writer.put_object_retention, **at, Retention=retention)
    refused("AccessDenied", writer.get_object_legal_hold, **at)
    s3.put_object_retention(**at, Retention=retention)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    # The lock is told to those who may read it.
    head = writer.head_object(**at)
    assert "ObjectLockMode" not in head and "ObjectLockLegalHoldStatus" not in head, head
    reader = user(allow("s3:GetObject", "s3:GetObjectRetention"))
    head = reader.head_object(**at)
    assert head["ObjectLockMode"] == "GOVERNANCE" and "ObjectLockLegalHoldStatus" not in head, head
    # Passing over governance needs its own permission, one key at a time too.
    id = head["VersionId"]
    fault = refused("AccessDenied", writer.delete_object, **at, VersionId=id, BypassGovernanceRetention=True)
    assert "s3:BypassGovernanceRetention" in fault["Message"], fault
    doomed = {"Objects": [{"Key": "k", "VersionId": id}]}
    answer = writer.delete_objects(Bucket=name, Delete=doomed, BypassGovernanceRetention=True)
    assert "s3:BypassGovernanceRetention" in answer["Errors"][0]["Message"], answer
    answer = writer.delete_objects(Bucket=name, Delete=doomed)
    assert answer["Errors"][0]["Message"] == PROTECTED, answer
    chief = user(allow("s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"))
    answer = chief.delete_objects(Bucket=name, Delete=doomed, BypassGovernanceRetention=True)
    assert answer["Deleted"] == [{"Key": "k", "VersionId": id}], answer


def conditions():
    name = locked_bucket()
    at = {"Bucket": name, "Key": "k"}
    month = {"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "30"}}
    mode = {"StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}
    date = {"DateLessThan": {"s3:object-lock-retain-until-date": "2040-06-01T00:00:00Z"}}
    off = {"StringEquals": {"s3:object-lock-legal-hold": "OFF"}}
    within = lambda days: soon(days * 86400)
    put = lambda client, until, kind="GOVERNANCE": client.put_object(
        **at, Body=b"x", ObjectLockMode=kind, ObjectLockRetainUntilDate=until
    )
    client = user(allow("s3:PutObject"), allow("s3:PutObjectRetention", Condition={**month, **mode}))
    put(client, within(30))
    refused("AccessDenied", put, client=client, until=within(31))
    refused("AccessDenied", put, client=client, until=within(1), kind="COMPLIANCE")
    client.put_object_retention(**at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": within(30)})
    longer = {"Mode": "GOVERNANCE", "RetainUntilDate": within(31)}
    refused("AccessDenied", client.put_object_retention, **at, Retention=longer)
    client = user(allow("s3:PutObject", Condition=date), allow("s3:PutObjectRetention"))
    put(client, FAR)
    refused("AccessDenied", put, client=client, until=FARTHER)
    client = user(allow("s3:PutObjectLegalHold", Condition=off))
    client.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    refused("AccessDenied", client.put_object_legal_hold, **at, LegalHold={"Status": "ON"})


def digests():
    """What is sent without a digest; boto3 always sends one."""
    name = locked_bucket(Mode="GOVERNANCE", Days=1)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    credentials = boto3.Session().get_credentials().get_frozen_credentials()
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")

    def send(path, body):
        request = AWSRequest("PUT", f"{endpoint}/{name}{path}", data=body)
        request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
        request = urllib.request.Request(request.url, body, dict(request.headers), method="PUT")
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        raise AssertionError(f"{path} succeeded")

    status, text = send("/k", b"x")
    needed = "HTTP header is required for Put Object requests with Object Lock parameters"
    assert status == 400 and f"Content-MD5 OR x-amz-checksum- {needed}" in text, text
    status, text = send("/k?legal-hold", b"<LegalHold><Status>ON</Status></LegalHold>")
    assert status == 400 and "Content-MD5 OR x-amz-checksum-*" in text, text


for test in (
    retentions, legal_holds, writes, without_lock, default_retention, expiry, permissions, conditions, digests,
):
    test()
