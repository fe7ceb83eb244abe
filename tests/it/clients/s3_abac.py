"""Tags of buckets that decide: ABAC, and S3 Control's operations on tags. Says nothing when all is well."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.credentials import Credentials

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
iam = boto3.client("iam")
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]
ROOT = boto3.Session().get_credentials().get_frozen_credentials()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response["Error"]
    raise AssertionError(f"{arguments} succeeded instead of {code}")


def send(method, path, body=b"", keys=ROOT, **headers):
    """A signed request of an operation that older clients do not know: status, code or name of the root, text."""
    request = AWSRequest(method, ENDPOINT + path, data=body)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in headers.items():
        request.headers[name] = value
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    request = urllib.request.Request(request.url, body or None, dict(request.headers), method=method)
    try:
        answer = urllib.request.urlopen(request)
        return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, xml.etree.ElementTree.fromstring(text).findtext("Code")


def abac(bucket, status, keys=ROOT):
    return send("PUT", f"/{bucket}?abac", f"<AbacStatus><Status>{status}</Status></AbacStatus>".encode(), keys)


def tags_path(bucket):
    return "/v20180820/tags/" + urllib.parse.quote(f"arn:aws:s3:::{bucket}", safe="")


def tag(bucket, keys=ROOT, account=ACCOUNT, **tags):
    inside = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in tags.items())
    body = f"<TagResourceRequest><Tags>{inside}</Tags></TagResourceRequest>".encode()
    return send("POST", tags_path(bucket), body, keys, x_amz_account_id=account)


def untag(bucket, *names, keys=ROOT):
    query = urllib.parse.urlencode([("tagKeys", name) for name in names])
    return send("DELETE", f"{tags_path(bucket)}?{query}", keys=keys, x_amz_account_id=ACCOUNT)


def tags(bucket, keys=ROOT):
    status, text = send("GET", tags_path(bucket), keys=keys, x_amz_account_id=ACCOUNT)
    assert status == 200, text
    found = [it for it in xml.etree.ElementTree.fromstring(text).iter() if it.tag.endswith("Tag")]
    return {it[0].text: it[1].text for it in found}


def a_bucket(**tags):
    name = f"abac-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    if tags:
        s3.put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
        )
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


def when(key, value, operator="StringEquals"):
    return {"Condition": {operator: {key: value}}}


def status():
    name = a_bucket()
    assert "<Status>Disabled</Status>" in send("GET", f"/{name}?abac")[1]
    assert abac(name, "Enabled")[0] == 200
    assert "<Status>Enabled</Status>" in send("GET", f"/{name}?abac")[1]
    assert abac(name, "On") == (400, "MalformedXML")
    assert abac(f"{name}-not", "Enabled") == (404, "NoSuchBucket")
    # Its own actions.
    both = {"Effect": "Allow", "Action": ["s3:GetBucketABAC", "s3:PutBucketABAC"], "Resource": f"arn:aws:s3:::{name}"}
    _, keys = user(both)
    assert abac(name, "Disabled", keys)[0] == 200 and send("GET", f"/{name}?abac", keys=keys)[0] == 200
    _, keys = user({**both, "Action": "s3:PutBucket*g"})
    assert abac(name, "Enabled", keys) == (403, "AccessDenied")


def conditions():
    """The tags count for the bucket and for what is in it, and only once they are switched on."""
    red, blue = a_bucket(team="red"), a_bucket(team="blue")
    for name in (red, blue):
        s3.put_object(Bucket=name, Key="k", Body=b"x")
    for key in ("aws:ResourceTag/team", "s3:BucketTag/team"):
        allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **when(key, "red")}
        client, _ = user(allow)
        calls = [(client.get_object, {"Key": "k"}), (client.list_objects_v2, {}), (client.put_object, {"Key": "n"})]
        for name in (red, blue):
            assert abac(name, "Disabled")[0] == 200
            for call, more in calls:
                refused("AccessDenied", call, Bucket=name, **more)
            assert abac(name, "Enabled")[0] == 200
        for call, more in calls:
            call(Bucket=red, **more)
            refused("AccessDenied", call, Bucket=blue, **more)
        deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", **when(key, "red", "StringNotEquals")}
        client, _ = user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, deny)
        client.get_object(Bucket=red, Key="k")
        refused("AccessDenied", client.get_object, Bucket=blue, Key="k")
    # A tag that moves takes its permission along.
    client, _ = user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **when("s3:BucketTag/team", "red")})
    assert tag(red, team="blue")[0] == 204 and tag(blue, team="red")[0] == 204
    refused("AccessDenied", client.get_object, Bucket=red, Key="k")
    client.get_object(Bucket=blue, Key="k")
    assert untag(blue, "team")[0] == 204
    refused("AccessDenied", client.get_object, Bucket=blue, Key="k")
    # The bucket's own policy, and its own tags: those of the caller.
    s3.put_bucket_policy(
        Bucket=red,
        Policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{red}/*",
                **when("aws:ResourceTag/team", "blue"),
            },
        }),
    )
    refused("AccessDenied", s3.get_object, Bucket=red, Key="k")
    assert abac(red, "Disabled")[0] == 200
    s3.get_object(Bucket=red, Key="k")


def tagging():
    name = a_bucket(one="1")
    assert tags(name) == {"one": "1"}
    assert tag(name, two="2", one="3")[0] == 204
    assert tags(name) == {"one": "3", "two": "2"}
    assert untag(name, "two", "gone")[0] == 204 and untag(name, "two")[0] == 204
    assert tags(name) == {"one": "3"}
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "one", "Value": "3"}]
    # Under ABAC the older operations no longer change them.
    assert abac(name, "Enabled")[0] == 200
    new = {"TagSet": [{"Key": "x", "Value": "y"}]}
    refused("MethodNotAllowed", s3.put_bucket_tagging, Bucket=name, Tagging=new)
    refused("MethodNotAllowed", s3.delete_bucket_tagging, Bucket=name)
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "one", "Value": "3"}]
    # What is not well said.
    assert tag(name, **{"aws:x": "y"}) == (400, "InvalidTag")
    assert tag(name, x="a,b") == (400, "InvalidTag")
    assert send("POST", tags_path(name), b"<TagResourceRequest/>", x_amz_account_id=ACCOUNT) == (400, "MalformedXML")
    assert tag(name, **{f"k{n}": "v" for n in range(51)}) == (400, "BadRequest")
    assert tag(name, **{f"k{n}": "v" for n in range(50)}) == (400, "BadRequest")
    assert tags(name) == {"one": "3"}
    assert tag(f"{name}-not", x="y") == (404, "NoSuchResource")
    assert tag(name, account="111122223333", x="y") == (403, "AccessDenied")
    # The ARN stands in the path, and nowhere else.
    other = a_bucket()
    hidden = urllib.parse.quote(f"arn:aws:s3:::{other}", safe="")
    status, _ = send("DELETE", f"{tags_path(name)}?resourceArn={hidden}&tagKeys=one", x_amz_account_id=ACCOUNT)
    assert status == 204 and tags(name) == {}
    # Permissions, with what is being tagged.
    on = {"Effect": "Allow", "Resource": f"arn:aws:s3:::{name}"}
    red = {**on, "Action": "s3:TagResource", **when("aws:RequestTag/team", "red")}
    only = {**on, "Action": "s3:UntagResource", **when("aws:TagKeys", ["team"], "ForAllValues:StringEquals")}
    _, keys = user(red, only, {**on, "Action": "s3:ListTagsForResource"})
    assert tag(name, keys, team="blue") == (403, "AccessDenied")
    assert tag(name, keys, team="red")[0] == 204 and tags(name, keys) == {"team": "red"}
    assert untag(name, "team", "x", keys=keys) == (403, "AccessDenied")
    assert untag(name, "team", keys=keys)[0] == 204
    _, keys = user({**on, "Action": "s3:*BucketTagging"})
    assert tag(name, keys, team="red") == (403, "AccessDenied")


for test in (status, conditions, tagging):
    test()
