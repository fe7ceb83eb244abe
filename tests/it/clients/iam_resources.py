"""Instance profiles, identity providers, service-linked roles and the account's details with boto3."""
import json
import boto3
from botocore.exceptions import ClientError

ARN = "arn:aws:iam::123456789012"
iam = boto3.client("iam")


def fails(code, message, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code and message in got["Message"], got
        return
    raise AssertionError(f"{call} {arguments} succeeded")


TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
TAG = [{"Key": "team", "Value": "grid"}]

# instance profiles
iam.create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
made = iam.create_instance_profile(InstanceProfileName="web", Path="/a/", Tags=TAG)["InstanceProfile"]
assert made["Arn"] == f"{ARN}:instance-profile/a/web" and made["InstanceProfileId"].startswith("AIPA") and made["Roles"] == [], made
fails("EntityAlreadyExists", "Instance Profile WEB already exists.", iam.create_instance_profile, InstanceProfileName="WEB")
iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
fails("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", iam.add_role_to_instance_profile, InstanceProfileName="web", RoleName="web")
iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="web")
assert iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"][0]["RoleName"] == "web"
assert len(iam.list_instance_profiles_for_role(RoleName="web")["InstanceProfiles"]) == 1
assert iam.list_instance_profiles(PathPrefix="/b/")["InstanceProfiles"] == []
fails("DeleteConflict", "must remove roles from instance profile first", iam.delete_instance_profile, InstanceProfileName="web")
fails("DeleteConflict", "must remove roles from instance profile first", iam.delete_role, RoleName="web")
# whoever adds a role hands it to EC2
iam.create_user(UserName="ops")
key = iam.create_access_key(UserName="ops")["AccessKey"]
iam.put_user_policy(UserName="ops", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*InstanceProfile*", "Resource": "*"}]}))
ops = boto3.client("iam", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
ops.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
fails("AccessDenied", f"not authorized to perform: iam:PassRole on resource: {ARN}:role/web", ops.add_role_to_instance_profile, InstanceProfileName="web", RoleName="web")
iam.untag_instance_profile(InstanceProfileName="web", TagKeys=["team"])
assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == []

# OpenID Connect providers
fails("ValidationError", "Invalid Open ID Connect Provider URL", iam.create_open_id_connect_provider, Url="idp.example.com")
oidc = iam.create_open_id_connect_provider(Url="https://idp.example.com/a", ClientIDList=["x"], ThumbprintList=["0" * 40], Tags=TAG)["OpenIDConnectProviderArn"]
assert oidc == f"{ARN}:oidc-provider/idp.example.com/a", oidc
fails("EntityAlreadyExists", "Provider with url https://idp.example.com/a already exists.", iam.create_open_id_connect_provider, Url="https://idp.example.com/a")
iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="y")
iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="x")
iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=oidc, ThumbprintList=["1" * 40])
got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
assert (got["Url"], got["ClientIDList"], got["ThumbprintList"], got["Tags"]) == ("idp.example.com/a", ["y"], ["1" * 40], TAG), got
assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": oidc}]
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
fails("NoSuchEntity", f"OpenIDConnect Provider not found for arn {oidc}", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=oidc)

# SAML providers
metadata = '<EntityDescriptor entityID="https://idp.example.com"><IDPSSODescriptor></IDPSSODescriptor><!--' + "." * 1000 + "--></EntityDescriptor>"
fails("InvalidInput", "Could not parse metadata", iam.create_saml_provider, Name="saml", SAMLMetadataDocument="a" * 1000)
saml = iam.create_saml_provider(Name="saml", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == metadata
iam.tag_saml_provider(SAMLProviderArn=saml, Tags=TAG)
assert iam.list_saml_provider_tags(SAMLProviderArn=saml)["Tags"] == TAG
assert [p["Arn"] for p in iam.list_saml_providers()["SAMLProviderList"]] == [saml]
iam.delete_saml_provider(SAMLProviderArn=saml)

# service-linked roles are their service's
linked = iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")["Role"]
assert linked["Arn"] == f"{ARN}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch", linked
fails("InvalidInput", "Service role name AWSServiceRoleForBatch has been taken", iam.create_service_linked_role, AWSServiceName="batch.amazonaws.com")
for call, more in [(iam.attach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}), (iam.delete_role, {}),
                   (iam.update_assume_role_policy, {"PolicyDocument": TRUST}), (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": []})})]:
    try:
        call(RoleName="AWSServiceRoleForBatch", **more)
        raise AssertionError(call)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("UnmodifiableEntity", "MalformedPolicyDocument"), error
iam.update_role(RoleName="AWSServiceRoleForBatch", Description="ours")
assert iam.get_role(RoleName="AWSServiceRoleForBatch")["Role"]["Description"] == "ours"
fails("UnmodifiableEntity", "AWSServiceRoleForBatch", iam.update_role, RoleName="AWSServiceRoleForBatch", MaxSessionDuration=7200)
fails("InvalidInput", "reserved", iam.create_role, RoleName="fake", Path="/aws-service-role/x/", AssumeRolePolicyDocument=TRUST)
task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForBatch")["DeletionTaskId"]
assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"

# AWS's own policies, by path
listed = [p for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PathPrefix="/job-function/") for p in page["Policies"]]
assert "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess" in [p["Arn"] for p in listed], listed
iam.attach_role_policy(RoleName="web", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")

# everything, in pages of one, is everything
iam.create_group(GroupName="g")
whole = iam.get_account_authorization_details()
pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}))
for part, name in [("UserDetailList", "UserName"), ("GroupDetailList", "GroupName"), ("RoleDetailList", "RoleName"), ("Policies", "Arn")]:
    together = [item[name] for page in pages for item in page[part]]
    assert together == [item[name] for item in whole[part]] and together, (part, together)
assert whole["RoleDetailList"][0]["AttachedManagedPolicies"][0]["PolicyName"] == "AWSLambdaBasicExecutionRole"
only = iam.get_account_authorization_details(Filter=["Group"])
assert only["GroupDetailList"] and not only["UserDetailList"] and not only["Policies"], only
summary = iam.get_account_summary()["SummaryMap"]
assert (summary["InstanceProfiles"], summary["GlobalEndpointTokenVersion"]) == (1, 1), summary
iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2
print("ok")
