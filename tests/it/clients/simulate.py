"""IAM's policy simulator with boto3: custom and principal policies, positions, missing context, trust, boundary."""
import json

import boto3
from botocore.exceptions import ClientError

iam = boto3.client("iam")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, action, resource="*", **more):
    return {"Sid": "one", "Effect": effect, "Action": action, "Resource": resource, **more}


# Positions as recorded at AWS: both one past the brace.
document = policy(statement("Allow", "s3:GetObject", "arn:aws:s3:::b/*"))
answer = iam.simulate_custom_policy(
    PolicyInputList=[document], ActionNames=["s3:GetObject", "s3:PutObject"],
    ResourceArns=["arn:aws:s3:::b/a", "arn:aws:s3:::c/a"])
results = answer["EvaluationResults"]
got = [(it["EvalActionName"], it["EvalResourceName"], it["EvalDecision"]) for it in results]
assert got == [
    ("s3:GetObject", "arn:aws:s3:::b/a", "allowed"), ("s3:GetObject", "arn:aws:s3:::c/a", "implicitDeny"),
    ("s3:PutObject", "arn:aws:s3:::b/a", "implicitDeny"), ("s3:PutObject", "arn:aws:s3:::c/a", "implicitDeny")], got
start = document.index('{"Sid"') + 1
matched = results[0]["MatchedStatements"]
assert matched == [{"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy",
                    "StartPosition": {"Line": 1, "Column": start + 1},
                    "EndPosition": {"Line": 1, "Column": len(document) - 1}}], (matched, start, len(document))
own = results[0]["ResourceSpecificResults"]
assert [it["EvalResourceDecision"] for it in own] == ["allowed"], own
assert results[0]["EvalDecisionDetails"] == {} and results[1]["MatchedStatements"] == []

# A Deny is the only one that is listed; a key that was not given is named.
denied = policy(statement("Allow", "s3:*"), statement("Deny", "s3:PutObject") | {"Sid": "two"})
answer = iam.simulate_custom_policy(PolicyInputList=[denied], ActionNames=["s3:PutObject"])
result = answer["EvaluationResults"][0]
assert (result["EvalDecision"], result["EvalResourceName"]) == ("explicitDeny", "*"), result
assert len(result["MatchedStatements"]) == 1 and "EvalDecisionDetails" not in result, result
prefixed = policy(statement("Allow", "s3:ListBucket", Condition={"StringEquals": {"s3:prefix": "a/${aws:username}"}}))
result = iam.simulate_custom_policy(PolicyInputList=[prefixed], ActionNames=["s3:ListBucket"])["EvaluationResults"][0]
assert result["EvalDecision"] == "implicitDeny" and "s3:prefix" in result["MissingContextValues"], result
result = iam.simulate_custom_policy(
    PolicyInputList=[prefixed], ActionNames=["s3:ListBucket"], ContextEntries=[
        {"ContextKeyName": "s3:prefix", "ContextKeyType": "string", "ContextKeyValues": ["a/ana"]},
        {"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["ana"]},
    ])["EvaluationResults"][0]
assert result["EvalDecision"] == "allowed" and result["MissingContextValues"] == [], result
keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[prefixed])["ContextKeyNames"]
assert sorted(keys) == ["aws:username", "s3:prefix"], keys

# Users bring their groups', inline and managed policies, and their boundary.
iam.create_user(UserName="ana")
user = "arn:aws:iam::123456789012:user/ana"
iam.create_group(GroupName="readers")
iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=document)
iam.add_user_to_group(GroupName="readers", UserName="ana")
arn = iam.create_policy(PolicyName="more", PolicyDocument=policy(statement("Allow", "sqs:*")))["Policy"]["Arn"]
iam.attach_user_policy(UserName="ana", PolicyArn=arn)
iam.put_user_policy(UserName="ana", PolicyName="list", PolicyDocument=prefixed)


def ask(actions, resources=("*",), source=user, **more):
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=source, ActionNames=actions, ResourceArns=list(resources),
        PaginationConfig={"PageSize": 2}, **more)
    return [it for page in pages for it in page["EvaluationResults"]]


many = ask(["sqs:SendMessage", "sns:Publish", "s3:GetObject"], ["arn:aws:s3:::b/x", "arn:aws:sqs:us-east-1:123456789012:q"])
assert [it["EvalDecision"] for it in many] == ["allowed", "allowed"] + ["implicitDeny"] * 2 + ["allowed", "implicitDeny"], many
assert many[0]["MatchedStatements"][0]["SourcePolicyId"] == "more"
assert many[4]["MatchedStatements"][0]["SourcePolicyId"] == "group_readers_read"
result = ask(["s3:ListBucket"], ["arn:aws:s3:::b"], ContextEntries=[
    {"ContextKeyName": "s3:prefix", "ContextKeyType": "string", "ContextKeyValues": ["a/ana"]}])[0]
assert result["EvalDecision"] == "allowed", result
keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=user)["ContextKeyNames"]
assert sorted(keys) == ["aws:username", "s3:prefix"], keys
iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
result = ask(["s3:GetObject"], ["arn:aws:s3:::b/x"])[0]
assert result["EvalDecision"] == "implicitDeny", result
assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}, result

# Trust counts: the policy of a role that exists, or the one that is given.
trust = policy({"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"})
iam.create_role(RoleName="target", AssumeRolePolicyDocument=trust)
role = "arn:aws:iam::123456789012:role/target"
assert ask(["sts:AssumeRole"], [role])[0]["EvalDecision"] == "allowed"
other = policy({"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"})
assert ask(["sts:AssumeRole"], [role], ResourcePolicy=other)[0]["EvalDecision"] == "implicitDeny"
assert ask(["sts:AssumeRole"], [role], ResourcePolicy=trust)[0]["EvalDecision"] == "allowed"
assert ask(["s3:GetObject"], source=role)[0]["EvalDecision"] == "implicitDeny"

# Another account owns the bucket: both sides are asked, and both are shown.
bucket = policy({"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sqs:*", "Resource": "*"})
queue = "arn:aws:sqs:us-east-1:999988887777:q"
result = ask(["sqs:SendMessage"], [queue], ResourcePolicy=bucket)[0]
assert result["EvalDecision"] == "allowed", result
assert result["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "allowed"}, result
assert ask(["sqs:SendMessage"], [queue])[0]["EvalDecision"] == "implicitDeny"

for call, code in [
    (lambda: iam.simulate_custom_policy(PolicyInputList=["{"], ActionNames=["s3:GetObject"]), "InvalidInput"),
    (lambda: ask(["s3:GetObject"], source="arn:aws:iam::123456789012:user/nobody"), "NoSuchEntity"),
    (lambda: ask(["nonsense"]), "InvalidInput"),
]:
    try:
        call()
        raise AssertionError(code)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response

# Any decision can be decoded by its id, by whoever may: what the caller asked for, and what a service asked for.
key = iam.create_access_key(UserName="ana")["AccessKey"]
ana = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
try:
    ana.client("iam").list_users()
    raise AssertionError("the boundary does not allow it")
except ClientError as error:
    denied = error.response["ResponseMetadata"]["RequestId"]
sts = boto3.client("sts")
for encoded in (denied, denied[:12]):
    message = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (message["allowed"], message["explicitDeny"]) == (False, False), message
    assert message["context"]["action"] == "iam:ListUsers" and message["context"]["principal"]["arn"] == user, message
try:
    ana.client("sts").decode_authorization_message(EncodedMessage=denied)
    raise AssertionError("she may not")
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error.response
try:
    sts.decode_authorization_message(EncodedMessage="ffffffff-0000")
    raise AssertionError("there is no such decision")
except ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidAuthorizationMessageException", error.response
boto3.client("s3").create_bucket(Bucket="open-to-none")
from botocore import UNSIGNED
from botocore.config import Config
try:
    boto3.client("s3", config=Config(signature_version=UNSIGNED)).list_objects_v2(Bucket="open-to-none")
    raise AssertionError("nobody may")
except ClientError as error:
    nobody = error.response["ResponseMetadata"]["RequestId"]
message = json.loads(sts.decode_authorization_message(EncodedMessage=nobody)["DecodedMessage"])
assert message["context"]["action"] == "s3:ListBucket" and not message["allowed"], message
