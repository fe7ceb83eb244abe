"""IAM Access Analyzer's policy checks with boto3: findings with places, pages, and the three custom checks."""
import json

import boto3
from botocore.exceptions import ClientError

analyzer = boto3.client("accessanalyzer")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObjekt","Resource":"arn:aws:s3:::b/*"}]}'
found = analyzer.validate_policy(policyDocument=document, policyType="IDENTITY_POLICY")["findings"]
assert [it["issueCode"] for it in found] == ["INVALID_ACTION"], found
assert found[0]["findingType"] == "ERROR" and found[0]["locations"][0]["path"][0] == {"value": "Statement"}, found
span = found[0]["locations"][0]["span"]
assert "PutObjekt" in document[span["start"]["offset"]:span["end"]["offset"]], span

bad = policy(*[allow("s3:Odd%d" % number, Sid="s%d" % number) for number in range(5)])
pages = analyzer.get_paginator("validate_policy").paginate(
    policyDocument=bad, policyType="IDENTITY_POLICY", PaginationConfig={"PageSize": 2}
)
pages = [page["findings"] for page in pages]
whole = analyzer.validate_policy(policyDocument=bad, policyType="IDENTITY_POLICY")["findings"]
assert sum(pages, []) == whole and all(len(page) <= 2 for page in pages) and len(whole) >= 5, pages

trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
answer = analyzer.validate_policy(
    policyDocument=trust, policyType="RESOURCE_POLICY",
    validatePolicyResourceType="AWS::IAM::AssumeRolePolicyDocument")
assert not [it for it in answer["findings"] if it["findingType"] == "ERROR"], answer

try:
    analyzer.validate_policy(policyDocument="{}", policyType="IDENTITY_POLICY", nextToken="no")
    raise AssertionError("a token nobody gave was taken")
except analyzer.exceptions.ValidationException as error:
    assert error.response["reason"] == "fieldValidationFailed", error.response

narrow, wide = policy(allow("s3:GetObject", "arn:aws:s3:::b/a/*")), policy(allow("s3:*", "arn:aws:s3:::b/*"))
check = analyzer.check_no_new_access
answer = check(newPolicyDocument=narrow, existingPolicyDocument=wide, policyType="IDENTITY_POLICY")
assert (answer["result"], answer["reasons"]) == ("PASS", []), answer
answer = check(newPolicyDocument=wide, existingPolicyDocument=narrow, policyType="IDENTITY_POLICY")
assert answer["result"] == "FAIL" and answer["reasons"][0]["statementIndex"] == 0, answer
assert answer["reasons"][0]["description"].startswith("New access in the statement with index: 0."), answer

check = analyzer.check_access_not_granted
answer = check(policyDocument=narrow, access=[{"actions": ["s3:PutObject"]}], policyType="IDENTITY_POLICY")
assert answer["result"] == "PASS", answer
answer = check(policyDocument=wide, access=[{"actions": ["s3:PutObject"]}], policyType="IDENTITY_POLICY")
assert answer["result"] == "FAIL", answer
answer = check(policyDocument=wide, access=[{"resources": ["arn:aws:s3:::other/*"]}], policyType="IDENTITY_POLICY")
assert answer["result"] == "PASS", answer
answer = check(policyDocument=trust, access=[{"actions": ["sts:AssumeRole"]}], policyType="RESOURCE_POLICY")
assert answer["result"] == "FAIL", answer

check = analyzer.check_no_public_access
opened = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*", Sid="open"))
answer = check(policyDocument=opened, resourceType="AWS::S3::Bucket")
assert answer["result"] == "FAIL" and answer["reasons"][0]["statementId"] == "open", answer
assert check(policyDocument=trust, resourceType="AWS::IAM::AssumeRolePolicyDocument")["result"] == "PASS"
github = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {
    "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}}
answer = check(policyDocument=policy(github), resourceType="AWS::IAM::AssumeRolePolicyDocument")
assert answer["result"] == "FAIL", answer
github["Condition"] = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:me/*"}}
answer = check(policyDocument=policy(github), resourceType="AWS::IAM::AssumeRolePolicyDocument")
assert answer["result"] == "PASS", answer

try:
    analyzer.list_analyzers()
    raise AssertionError("not served")
except ClientError as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 501, error.response
