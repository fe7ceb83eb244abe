"""`rolecall can` knows what the operation itself knows of a resource: tags, boundaries, versions. A question and the call
that it asks about must end alike."""
import json
import os
import urllib.request

import boto3
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
iam, s3, pinpoint = (boto3.client(name) for name in ("iam", "s3", "pinpoint"))


def statement(effect, action, **condition):
    found = {"Effect": effect, "Action": action, "Resource": "*"}
    return found | ({"Condition": condition} if condition else {})


def user(name, *statements):
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def can(who, action, resource, **context):
    question = {"principal": f"user/{who}", "action": action, "resource": resource, "context": context}
    request = urllib.request.Request(f"{ENDPOINT}/_rolecall/can", json.dumps(question).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["explanation"]["outcome"] == "allowed"


def does(call, **words):
    try:
        call(**words)
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "ForbiddenException"), error
        return False


s3.create_bucket(Bucket="tagged")
s3.put_bucket_versioning(Bucket="tagged", VersioningConfiguration={"Status": "Enabled"})
old = s3.put_object(Bucket="tagged", Key="k", Body=b"1", Tagging="c=0")["VersionId"]
s3.put_object(Bucket="tagged", Key="k", Body=b"2", Tagging="c=1")
trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}}'
role = iam.create_role(RoleName="r", Path="/x/", AssumeRolePolicyDocument=trust,
                       Tags=[{"Key": "team", "Value": "red"}])["Role"]["Arn"]
bound = iam.create_policy(PolicyName="bound", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [statement("Allow", "*")]}))["Policy"]["Arn"]
iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=bound)
policy = iam.create_policy(PolicyName="red", Tags=[{"Key": "team", "Value": "red"}], PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [statement("Allow", "s3:*")]}))["Policy"]["Arn"]
app = pinpoint.create_app(CreateApplicationRequest={"Name": "a", "tags": {"team": "red"}})["ApplicationResponse"]
segment = pinpoint.create_segment(ApplicationId=app["Id"], WriteSegmentRequest={
    "Name": "s", "Dimensions": {"Demographic": {}}, "tags": {"team": "red"}})["SegmentResponse"]

DENIES = {
    "s3:ExistingObjectTag/c": "1", "aws:ResourceTag/team": "red", "iam:ResourceTag/team": "red",
    "iam:PermissionsBoundary": bound,
}
QUESTIONS = [
    ("s3:GetObject", "arn:aws:s3:::tagged/k", {}, "s3", "get_object", {"Bucket": "tagged", "Key": "k"}),
    ("s3:GetObjectVersion", "arn:aws:s3:::tagged/k", {"s3:VersionId": old}, "s3", "get_object",
     {"Bucket": "tagged", "Key": "k", "VersionId": old}),
    ("s3:GetObjectTagging", "arn:aws:s3:::tagged/k", {}, "s3", "get_object_tagging", {"Bucket": "tagged", "Key": "k"}),
    ("s3:DeleteObject", "arn:aws:s3:::tagged/k2", {}, "s3", "delete_object", {"Bucket": "tagged", "Key": "k2"}),
    ("iam:GetRole", role, {}, "iam", "get_role", {"RoleName": "r"}),
    ("iam:UpdateRoleDescription", role, {}, "iam", "update_role_description", {"RoleName": "r", "Description": "d"}),
    ("iam:GetPolicy", policy, {}, "iam", "get_policy", {"PolicyArn": policy}),
    ("mobiletargeting:GetApp", app["Arn"], {}, "pinpoint", "get_app", {"ApplicationId": app["Id"]}),
    ("mobiletargeting:GetSegment", segment["Arn"], {}, "pinpoint", "get_segment",
     {"ApplicationId": app["Id"], "SegmentId": segment["Id"]}),
]
verdicts = set()
for number, (key, value) in enumerate(DENIES.items()):
    for effect in ("Deny", "Allow"):
        name = f"{effect}{number}".lower()
        rule = statement(effect, "*", StringEquals={key: value})
        session = user(name, rule, *([statement("Allow", "*")] if effect == "Deny" else []))
        for action, resource, context, service, call, words in QUESTIONS:
            asked = can(name, action, resource, **context)
            done = does(getattr(session.client(service), call), **words)
            assert asked == done, (effect, key, action, asked, done)
            verdicts.add((effect, done))
assert len(verdicts) == 4, verdicts

# A key of several values has them even where a question gives one.
wide = user("tagger", statement("Allow", "*", StringEquals={"aws:TagKeys": "team"}))
made = f"{role.rsplit(':role', 1)[0]}:user/n1"
assert not can("tagger", "iam:CreateUser", made, **{"aws:TagKeys": "team"})
assert not does(wide.client("iam").create_user, UserName="n1", Tags=[{"Key": "team", "Value": "red"}])
