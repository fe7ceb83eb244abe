"""Principals in trust and bucket policies: nobody is refused, who is gone is shown by id, canonical users count."""
import json

import boto3
from botocore.exceptions import ClientError

iam, s3 = boto3.client("iam"), boto3.client("s3")
ACCOUNT = "arn:aws:iam::123456789012"
s3.create_bucket(Bucket="named")
s3.put_object(Bucket="named", Key="k", Body=b"x")


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


def bucket(principal, effect="Allow"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::named/*"}]})


def refused(call, code, part):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code and part in error.response["Error"]["Message"], error.response
        return
    raise AssertionError("not refused: " + part)


for nobody in [f"{ACCOUNT}:user/gone", f"{ACCOUNT}:role/gone", "AIDAJQABLZS4A3QDU576Q", "AROAJQABLZS4A3QDU576Q"]:
    refused(lambda: iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": nobody})),
            "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{nobody}"')
    refused(lambda: s3.put_bucket_policy(Bucket="named", Policy=bucket({"AWS": nobody})),
            "MalformedPolicy", "Invalid principal in policy")

# A user and a role that are named, then gone: their ids are shown; somebody new of the same name is not meant.
ids = {
    "user/ana": iam.create_user(UserName="ana")["User"]["UserId"],
    "role/old": iam.create_role(RoleName="old", AssumeRolePolicyDocument=trust({"AWS": "123456789012"}))["Role"]["RoleId"],
}
for tail in ids:
    iam.create_role(RoleName="by-" + tail[5:], AssumeRolePolicyDocument=trust({"AWS": f"{ACCOUNT}:{tail}"}))
s3.put_bucket_policy(Bucket="named", Policy=bucket({"AWS": [f"{ACCOUNT}:{tail}" for tail in ids]}))


def shown():
    roles = {tail: iam.get_role(RoleName="by-" + tail[5:])["Role"]["AssumeRolePolicyDocument"] for tail in ids}
    named = {tail: document["Statement"][0]["Principal"]["AWS"] for tail, document in roles.items()}
    policy = json.loads(s3.get_bucket_policy(Bucket="named")["Policy"])
    return named, policy["Statement"][0]["Principal"]["AWS"]


arns = {tail: f"{ACCOUNT}:{tail}" for tail in ids}
assert shown() == (arns, list(arns.values())), shown()
iam.delete_user(UserName="ana")
iam.delete_role(RoleName="old")
assert shown() == (ids, list(ids.values())), shown()
iam.create_user(UserName="ana")
assert shown() == (ids, list(ids.values())), shown()
key = iam.create_access_key(UserName="ana")["AccessKey"]
ana = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
refused(lambda: ana.client("s3").get_object(Bucket="named", Key="k"), "AccessDenied", "")
refused(lambda: ana.client("sts").assume_role(RoleArn=f"{ACCOUNT}:role/by-ana", RoleSessionName="test"), "AccessDenied", "")

# The canonical user id is the account: its users need their own Allow, and its Deny hits them.
canonical = s3.list_buckets()["Owner"]["ID"]
refused(lambda: s3.put_bucket_policy(Bucket="named", Policy=bucket({"CanonicalUser": "0" * 64})),
        "MalformedPolicy", "Invalid principal in policy")
refused(lambda: iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"CanonicalUser": canonical})),
        "MalformedPolicyDocument", "")
s3.put_bucket_policy(Bucket="named", Policy=bucket({"CanonicalUser": canonical}))
refused(lambda: ana.client("s3").get_object(Bucket="named", Key="k"), "AccessDenied", "")
iam.put_user_policy(UserName="ana", PolicyName="s3", PolicyDocument=json.dumps({
    "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}))
assert ana.client("s3").get_object(Bucket="named", Key="k")["Body"].read() == b"x"
s3.put_bucket_policy(Bucket="named", Policy=bucket({"CanonicalUser": canonical}, "Deny"))
refused(lambda: ana.client("s3").get_object(Bucket="named", Key="k"), "AccessDenied", "")

# What GetSessionToken and GetFederationToken credentials cannot do.
session = ana.client("sts").get_session_token()["Credentials"]
limited = boto3.Session(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
refused(lambda: limited.client("iam").list_users(), "InvalidClientTokenId", "")
refused(lambda: limited.client("sts").get_session_token(), "AccessDenied", "")
refused(lambda: limited.client("sts").get_federation_token(Name="fed"), "AccessDenied", "")
assert limited.client("sts").get_caller_identity()["Arn"] == f"{ACCOUNT}:user/ana"
