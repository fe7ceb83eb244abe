"""Signature Version 2 as boto3 makes it: in a header, in a URL, over a form. Says nothing when all is well."""

import json
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

iam, sts, s3 = boto3.client("iam"), boto3.client("sts"), boto3.client("s3", config=Config(signature_version="s3v4"))


def second(style="path", **credentials):
    config = Config(signature_version="s3", retries={"max_attempts": 1}, s3={"addressing_style": style})
    return boto3.client("s3", config=config, **credentials)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response["Error"]
    raise AssertionError(f"{arguments} succeeded instead of {code}")


def fetch(url, **headers):
    try:
        return 200, urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def of(answer):
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer.get("SessionToken"),
    }


def a_bucket(**more):
    name = f"v2-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    return name


two = second()


def headers():
    name = a_bucket()
    two.put_object(Bucket=name, Key="a b/ä+c", Body=b"x", ContentType="text/plain", Metadata={"m": "1"})
    assert two.get_object(Bucket=name, Key="a b/ä+c")["Metadata"] == {"m": "1"}
    assert [it["Key"] for it in two.list_objects_v2(Bucket=name, Prefix="a b")["Contents"]] == ["a b/ä+c"]
    two.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    version = two.put_object(Bucket=name, Key="k", Body=b"y")["VersionId"]
    assert two.get_object(Bucket=name, Key="k", VersionId=version, ResponseContentType="a/b")["ContentType"] == "a/b"
    assert two.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    wrong = second(aws_access_key_id="test", aws_secret_access_key="wrong")
    said = refused("SignatureDoesNotMatch", wrong.list_objects_v2, Bucket=name)
    assert said["StringToSign"].endswith(f"/{name}"), said
    refused("InvalidAccessKeyId", second(aws_access_key_id="nobody", aws_secret_access_key="x").list_buckets)


def urls():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"content")
    url = two.generate_presigned_url("get_object", {"Bucket": name, "Key": "k", "ResponseContentType": "a/b"})
    assert "AWSAccessKeyId=" in url and fetch(url) == (200, "content"), url
    status, said = fetch(url.replace("/k?", "/other?"))
    assert status == 403 and "SignatureDoesNotMatch" in said, said
    status, said = fetch(two.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"}, ExpiresIn=-5))
    assert status == 403 and "Request has expired" in said and "<Expires>" in said, said


def sessions_and_policies():
    """Who signs so is asked as everybody is, and a policy can tell."""
    name = a_bucket()
    user = f"two-{uuid.uuid4()}"
    iam.create_user(UserName=user)
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    deny = {"Sid": "NotVersion2", "Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/new/*",
            "Condition": {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [allow, deny]}))
    keys = of(iam.create_access_key(UserName=user)["AccessKey"])
    for key in ["old", "new/k"]:
        s3.put_object(Bucket=name, Key=key, Body=b"x")
    her = second(**keys)
    her.get_object(Bucket=name, Key="old")
    refused("AccessDenied", her.get_object, Bucket=name, Key="new/k")
    refused("AccessDenied", her.put_object, Bucket=name, Key="old", Body=b"y")
    boto3.client("s3", config=Config(signature_version="s3v4"), **keys).get_object(Bucket=name, Key="new/k")
    session = of(boto3.client("sts", **keys).get_session_token()["Credentials"])
    second(**session).get_object(Bucket=name, Key="old")
    url = second(**session).generate_presigned_url("get_object", {"Bucket": name, "Key": "old"})
    assert fetch(url) == (200, "x"), url
    stolen = {**session, "aws_session_token": "another"}
    refused("InvalidToken", second(**stolen).get_object, Bucket=name, Key="old")


def younger_regions():
    name = f"v2-{uuid.uuid4()}"
    west = boto3.client("s3", region_name="eu-central-1", config=Config(signature_version="s3v4"))
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    said = refused("InvalidRequest", two.list_objects_v2, Bucket=name)
    assert "Please use AWS4-HMAC-SHA256" in said["Message"], said


def forms():
    name = a_bucket()
    form = two.generate_presigned_post(name, "k", Conditions=[["content-length-range", 1, 10]])
    assert "signature" in form["fields"], form

    def post(**changes):
        mark = uuid.uuid4().hex
        fields = {**form["fields"], **changes}
        lines = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
        lines.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbytes\r\n--{mark}--\r\n')
        request = urllib.request.Request(form["url"], "".join(lines).encode(), method="POST",
                                         headers={"Content-Type": f"multipart/form-data; boundary={mark}"})
        try:
            return urllib.request.urlopen(request).status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    assert post() == (204, "")
    # A parameter is never taken for a part of the path, nor for a header.
    url = two.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    assert fetch(url + "&bucket=other&key=x&headers=y&body=z") == (200, "bytes")
    assert two.get_object(Bucket=name, Key="k")["Body"].read() == b"bytes"
    status, said = post(signature="AAAA")
    assert status == 403 and "SignatureDoesNotMatch" in said, said
    status, said = post(key="elsewhere")
    assert status == 403 and "AccessDenied" in said, said


for part in [headers, urls, sessions_and_policies, younger_regions, forms]:
    part()
