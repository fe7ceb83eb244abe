"""Members that clients know only from their newest models on, sent as they stand on the wire; and what paths begin with."""
import json
import os
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
CREDENTIALS = boto3.Session().get_credentials()
KEYS = pathlib.Path(__file__).parents[3] / "server/src/iam/test_keys"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]})
iam = boto3.client("iam")


def call(service, action, status=200, credentials=CREDENTIALS, **members):
    version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
    body = urllib.parse.urlencode({"Action": action, "Version": version, **members})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = botocore.awsrequest.AWSRequest("POST", ENDPOINT + "/", headers, body)
    botocore.auth.SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    request = request.prepare()
    try:
        with urllib.request.urlopen(urllib.request.Request(request.url, body.encode(), dict(request.headers))) as answer:
            found, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        found, text = error.code, error.read().decode()
    assert found == status, text
    return text


def refused(code, sentence, function, **members):
    try:
        function(**members)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code and sentence in found["Message"], found
        return
    raise AssertionError(f"{members} was taken instead of {code}")


def element(name, text):
    found = re.search(f"<{name}>(.*?)</{name}>", text)
    return found and found.group(1)


# How long somebody may stay signed in: kept, shown, changed, and taken away.
SIGN_IN = "MaxSigninSessionDuration"
made = call("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, MaxSigninSessionDuration=7200)
assert element(SIGN_IN, made) == "7200", made
call("iam", "UpdateRole", RoleName="r", Description="d")
assert element(SIGN_IN, call("iam", "GetRole", RoleName="r")) == "7200"
call("iam", "UpdateRole", RoleName="r", MaxSigninSessionDuration=3600)
assert element(SIGN_IN, call("iam", "ListRoles")) == "3600"
call("iam", "UpdateRole", 400, RoleName="r", MaxSigninSessionDuration=3600, ResetMaxSigninSessionDuration="true")
call("iam", "UpdateRole", RoleName="r", ResetMaxSigninSessionDuration="true")
assert element(SIGN_IN, call("iam", "GetRole", RoleName="r")) is None
iam.create_user(UserName="u")
made = call("iam", "CreateLoginProfile", UserName="u", Password="aA1!aA1!", MaxSigninSessionDuration=3600)
assert element(SIGN_IN, made) == "3600", made
call("iam", "UpdateLoginProfile", UserName="u", MaxSigninSessionDuration=7776000)
assert element(SIGN_IN, call("iam", "GetLoginProfile", UserName="u")) == "7776000"

# Session tokens of a size, which still are good.
key = iam.create_access_key(UserName="u")["AccessKey"]
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(everything))
user = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"]).get_credentials()
role = {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "se"}
for action, members in [("AssumeRole", role), ("GetSessionToken", {}), ("GetFederationToken", {"Name": "fed"})]:
    usual = element("SessionToken", call("sts", action, credentials=user, **members))
    for size in (0, 4096):
        answer = call("sts", action, credentials=user, MinimumSessionTokenSize=size, **members)
        token = element("SessionToken", answer)
        assert len(token) == max(size, len(usual)), (action, size, len(token))
        session = boto3.client(
            "sts", aws_access_key_id=element("AccessKeyId", answer),
            aws_secret_access_key=element("SecretAccessKey", answer), aws_session_token=token)
        assert session.get_caller_identity()["Account"] == "123456789012"

# Nothing here is an instance of IAM Identity Center.
told = call("iam", "CreateOpenIDConnectProvider", 400, Url="https://idp.example.com",
            IdentityCenterInstanceArn="arn:aws:sso:::instance/x")
assert "IdentityCenterInstanceArn is not served" in told, told

# Users, groups and roles are listed by the beginning of a path; policies, and what they are attached to, by a whole one.
policy = iam.create_policy(PolicyName="p", Path="/a/b/", PolicyDocument=json.dumps(everything))["Policy"]["Arn"]
iam.attach_role_policy(RoleName="r", PolicyArn=policy)
for listing in (iam.list_users, iam.list_roles, iam.list_groups, iam.list_instance_profiles):
    listing(PathPrefix="/a")
sentence = "The specified value for pathPrefix is invalid. It must begin and end with /"
for listing, members in [
    (iam.list_policies, {}), (iam.list_entities_for_policy, {"PolicyArn": policy}),
    (iam.list_attached_role_policies, {"RoleName": "r"}), (iam.list_attached_user_policies, {"UserName": "u"}),
]:
    refused("ValidationError", sentence, listing, PathPrefix="/a", **members)
    refused("ValidationError", sentence, listing, PathPrefix="a/", **members)
assert [it["Arn"] for it in iam.list_policies(Scope="Local", PathPrefix="/a/")["Policies"]] == [policy]
assert len(iam.list_attached_role_policies(RoleName="r", PathPrefix="/a/")["AttachedPolicies"]) == 1
assert iam.list_attached_role_policies(RoleName="r", PathPrefix="/b/")["AttachedPolicies"] == []

# A certificate comes with its own private key.
certificate, key = (KEYS / "ec.crt.pem").read_text(), (KEYS / "ec.sec1.pem").read_text()
upload = {"ServerCertificateName": "c", "CertificateBody": certificate}
refused("KeyPairMismatch", "", iam.upload_server_certificate, PrivateKey=(KEYS / "p384.sec1.pem").read_text(), **upload)
refused("MalformedCertificate", "private key", iam.upload_server_certificate, PrivateKey="nothing", **upload)
iam.upload_server_certificate(PrivateKey=key, **upload)
