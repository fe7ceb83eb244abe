"""boto3 in worlds of its own: /_w/NAME before the path. Says nothing when all is well."""

import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]})
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]})
READ = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared-name/Exports/*"}]})


def admin(method, path):
    request = urllib.request.Request(f"{ENDPOINT}/_rolecall/{path}", method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def client(service, world, **more):
    return boto3.client(service, endpoint_url=f"{ENDPOINT}/_w/{world}", **more)


# The address may end with a slash or not.
for world in ["py-a", "py-b/"]:
    s3, iam, pinpoint = (client(service, world) for service in ["s3", "iam", "pinpoint"])
    s3.create_bucket(Bucket="shared-name")
    s3.put_object(Bucket="shared-name", Key="Exports/a b", Body=world.encode())
    s3.put_object(Bucket="shared-name", Key="Other/x", Body=b"x")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=READ)
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["reader"]
    app = pinpoint.create_app(CreateApplicationRequest={"Name": "demo"})["ApplicationResponse"]["Id"]
    pinpoint.update_endpoint(ApplicationId=app, EndpointId="e/1", EndpointRequest={"ChannelType": "EMAIL"})
    assert pinpoint.get_endpoint(ApplicationId=app, EndpointId="e/1")["EndpointResponse"]["Id"] == "e/1"
    iam.create_user(UserName="ana")
    iam.put_user_policy(UserName="ana", PolicyName="assume", PolicyDocument=ASSUME)
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    ana = client("sts", world, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    session = ana.assume_role(
        RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="session")["Credentials"]
    as_role = client("s3", world, aws_access_key_id=session["AccessKeyId"],
                     aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
    assert as_role.get_object(Bucket="shared-name", Key="Exports/a b")["Body"].read() == world.encode()
    try:
        as_role.get_object(Bucket="shared-name", Key="Other/x")
        raise AssertionError("the role may read Exports/ only")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error

s3 = client("s3", "py-a", config=Config(signature_version="s3v4"))
listed = s3.list_objects_v2(Bucket="shared-name", Prefix="Exports/")
assert [found["Key"] for found in listed["Contents"]] == ["Exports/a b"], listed
url = s3.generate_presigned_url("get_object", Params={"Bucket": "shared-name", "Key": "Exports/a b"})
assert "/_w/py-a/shared-name/Exports/a%20b?" in url, url
with urllib.request.urlopen(url) as answer:
    assert answer.read() == b"py-a"

# Virtual-hosted style keeps the prefix in the path.
port = ENDPOINT.rsplit(":", 1)[1]
hosted = boto3.client("s3", endpoint_url=f"http://localhost:{port}/_w/py-a",
                      config=Config(s3={"addressing_style": "virtual"}))
sent = []
hosted.meta.events.register("before-send.s3.*", lambda request, **_: sent.append(request.url))
try:
    assert hosted.get_object(Bucket="shared-name", Key="Exports/a b")["Body"].read() == b"py-a"
except Exception as error:  # a resolver that does not know *.localhost
    assert "Could not connect" in str(error) or "resolve" in str(error).lower(), error
assert sent and sent[0].startswith(f"http://shared-name.localhost:{port}/_w/py-a/Exports/"), sent

assert boto3.client("s3", endpoint_url=ENDPOINT).list_buckets()["Buckets"] == []
assert {world["name"] for world in admin("GET", "worlds")["worlds"]} == {"default", "py-a", "py-b"}
admin("DELETE", "worlds/py-a")
assert client("s3", "py-a").list_buckets()["Buckets"] == []
assert len(client("s3", "py-b").list_buckets()["Buckets"]) == 1
