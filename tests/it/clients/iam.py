"""IAM and STS with boto3: every operation, allowed and denied, in AWS's words."""
import json
import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}"


def client(name, key=None, token=None):
    if key is None:
        return boto3.client(name)
    return boto3.client(name, aws_access_key_id=key[0], aws_secret_access_key=key[1], aws_session_token=token)


iam, sts = client("iam"), client("sts")


def fails(code, message, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code, got
        assert message in got["Message"], got
        return got["Message"]
    raise AssertionError(f"{call} {arguments} succeeded")


def policy(action, resource="*", effect="Allow", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


def trust(principal, action="sts:AssumeRole", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}]})


def person(name, document=None):
    iam.create_user(UserName=name)
    if document:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def of(credentials):
    return (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]


# --- users
user = iam.create_user(UserName="Ana", Path="/team/a/", Tags=[{"Key": "Cost", "Value": "1"}])["User"]
assert user["Arn"] == f"{ARN}:user/team/a/Ana" and user["UserId"].startswith("AIDA") and len(user["UserId"]) == 21, user
assert user["Tags"] == [{"Key": "Cost", "Value": "1"}], user
fails("EntityAlreadyExists", "User with name aNA already exists.", iam.create_user, UserName="aNA")
fails("NoSuchEntity", "The user with name aNA cannot be found.", iam.get_user, UserName="aNA")
strange = "The specified value for {} is invalid. It must "
fails("ValidationError", strange.format("userName") + "contain only alphanumeric characters and/or the following: +=,.@_-", iam.create_user, UserName="a b")
fails("ValidationError", strange.format("path") + "begin and end with / and contain only alphanumeric characters and/or / characters.", iam.create_user, UserName="u" * 65, Path="a")
fails("ValidationError", strange.format("pathPrefix") + "begin with the / character and contain only alphanumeric characters and/or / characters.", iam.list_users, PathPrefix="a")
fails("ValidationError", strange.format("policyDocument") + "contain only printable ASCII characters.", iam.create_policy, PolicyName="p", PolicyDocument="{\u4e2d}")
fails("ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64", iam.create_user, UserName="u" * 65)
fails("InvalidInput", "Tag keys and values that begin with aws: are reserved: aws:b", iam.create_user, UserName="twins", Tags=[{"Key": "a", "Value": "aws:b"}])
fails("InvalidInput", "Duplicate tag keys found.", iam.create_user, UserName="twins", Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
fails("NoSuchEntity", "The user with name twins cannot be found.", iam.get_user, UserName="twins")
assert iam.get_user()["User"]["Arn"] == f"{ARN}:root"
assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"]] == ["Ana"]
for n in range(5):
    iam.create_user(UserName=f"page{n}", Path="/pages/")
pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
assert [len(p["Users"]) for p in pages] == [2, 2, 1], pages
for n in range(5):
    iam.delete_user(UserName=f"page{n}")
iam.tag_user(UserName="Ana", Tags=[{"Key": "cost", "Value": "2"}, {"Key": "b", "Value": "x"}])
assert iam.list_user_tags(UserName="Ana")["Tags"] == [{"Key": "b", "Value": "x"}, {"Key": "cost", "Value": "2"}]
iam.untag_user(UserName="Ana", TagKeys=["COST"])
assert iam.get_user(UserName="Ana")["User"]["Tags"] == [{"Key": "b", "Value": "x"}]

# --- groups
group = iam.create_group(GroupName="g", Path="/x/")["Group"]
assert group["Arn"] == f"{ARN}:group/x/g" and group["GroupId"].startswith("AGPA"), group
iam.add_user_to_group(GroupName="g", UserName="Ana")
assert [u["UserName"] for u in iam.get_group(GroupName="g")["Users"]] == ["Ana"]
assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="Ana")["Groups"]] == ["g"]
fails("DeleteConflict", "Cannot delete entity, must remove users from group first.", iam.delete_group, GroupName="g")
iam.update_group(GroupName="g", NewGroupName="h", NewPath="/y/")
assert [g["Arn"] for g in iam.list_groups()["Groups"]] == [f"{ARN}:group/y/h"]
iam.update_user(UserName="Ana", NewUserName="Anna", NewPath="/")
assert [u["Arn"] for u in iam.get_group(GroupName="h")["Users"]] == [f"{ARN}:user/Anna"]
fails("NoSuchEntity", "The user with name Ana cannot be found.", iam.get_user, UserName="Ana")
iam.create_user(UserName="Ana")
fails("EntityAlreadyExists", "User with name ANNA already exists.", iam.update_user, UserName="Ana", NewUserName="ANNA")
iam.remove_user_from_group(GroupName="h", UserName="Anna")
iam.delete_group(GroupName="h")
fails("NoSuchEntity", "The group with name h cannot be found.", iam.get_group, GroupName="h")

# --- managed policies
document = '{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }'
made = iam.create_policy(PolicyName="p", PolicyDocument=document, Description="for tests", Path="/d/")["Policy"]
arn = made["Arn"]
assert arn == f"{ARN}:policy/d/p" and made["DefaultVersionId"] == "v1" and made["AttachmentCount"] == 0 and made["IsAttachable"], made
fails("EntityAlreadyExists", "A policy called P already exists. Duplicate names are not allowed.", iam.create_policy, PolicyName="P", PolicyDocument=document)
fails("MalformedPolicyDocument", "Syntax errors in policy.", iam.create_policy, PolicyName="q", PolicyDocument="{")
fails("LimitExceeded", "Cannot exceed quota for PolicySize: 6144", iam.create_policy, PolicyName="q", PolicyDocument=policy("s3:*", "arn:aws:s3:::" + "b" * 6200))
assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "for tests"
fails("NoSuchEntity", f"Policy {ARN}:policy/gone was not found.", iam.get_policy, PolicyArn=f"{ARN}:policy/gone")
fails("ValidationError", "Invalid ARN:  Could not be parsed!", iam.get_policy, PolicyArn="longpolicynamebutnoarn")
for number in range(2, 6):
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=number == 5)
fails("LimitExceeded", "A managed policy can have up to 5 versions.", iam.create_policy_version, PolicyArn=arn, PolicyDocument=document)
fails("DeleteConflict", "Cannot delete the default version of a policy.", iam.delete_policy_version, PolicyArn=arn, VersionId="v5")
iam.delete_policy_version(PolicyArn=arn, VersionId="v4")
versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
assert [(v["VersionId"], v["IsDefaultVersion"]) for v in versions] == [("v5", True), ("v3", False), ("v2", False), ("v1", False)], versions
assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)["PolicyVersion"]["VersionId"] == "v6"
iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
got = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
assert got["IsDefaultVersion"] and got["Document"] == json.loads(document), got
fails("NoSuchEntity", f"Policy {arn} version v9 does not exist or is not attachable.", iam.get_policy_version, PolicyArn=arn, VersionId="v9")
fails("DeleteConflict", "This policy has more than one version.", iam.delete_policy, PolicyArn=arn)
for version in ("v2", "v3", "v5", "v6"):
    iam.delete_policy_version(PolicyArn=arn, VersionId=version)

# --- attaching
fails("NoSuchEntity", f"Policy {ARN}:policy/gone does not exist or is not attachable.", iam.attach_user_policy, UserName="Anna", PolicyArn=f"{ARN}:policy/gone")
iam.attach_user_policy(UserName="Anna", PolicyArn=arn)
iam.attach_user_policy(UserName="Anna", PolicyArn=arn)
iam.attach_user_policy(UserName="Anna", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
assert [p["PolicyName"] for p in iam.list_attached_user_policies(UserName="Anna")["AttachedPolicies"]] == ["p", "IAMReadOnlyAccess"]
assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
assert iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")["Policy"]["AttachmentCount"] == 1
iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"Service": "pinpoint.amazonaws.com"}))
iam.attach_role_policy(RoleName="r", PolicyArn=arn)
iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=arn)
who = iam.list_entities_for_policy(PolicyArn=arn)
assert [u["UserName"] for u in who["PolicyUsers"]] == ["Anna"] and [r["RoleName"] for r in who["PolicyRoles"]] == ["r"] and who["PolicyGroups"] == [], who
assert [p["PolicyName"] for p in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]] == ["p"]
assert "AdministratorAccess" in [p["PolicyName"] for p in iam.list_policies(Scope="AWS")["Policies"]]
fails("DeleteConflict", "Cannot delete a policy attached to entities.", iam.delete_policy, PolicyArn=arn)
fails("DeleteConflict", "Cannot delete entity, must detach all policies first.", iam.delete_user, UserName="Anna")
iam.update_user(UserName="Anna", NewUserName="Annie")
assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == ["Annie"]
iam.detach_user_policy(UserName="Annie", PolicyArn=arn)
fails("NoSuchEntity", f"Policy {arn} was not found.", iam.detach_user_policy, UserName="Annie", PolicyArn=arn)
iam.detach_user_policy(UserName="Annie", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
iam.detach_role_policy(RoleName="r", PolicyArn=arn)
role = iam.get_role(RoleName="r")["Role"]
assert role["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}, role
assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 1
iam.delete_role_permissions_boundary(RoleName="r")
iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "k", "Value": "v"}])
assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
iam.untag_policy(PolicyArn=arn, TagKeys=["k"])
iam.delete_policy(PolicyArn=arn)
for n in range(10):
    iam.create_policy(PolicyName=f"many{n}", PolicyDocument=document)
    iam.attach_role_policy(RoleName="r", PolicyArn=f"{ARN}:policy/many{n}")
fails("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", iam.attach_role_policy, RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
for n in range(10):
    iam.detach_role_policy(RoleName="r", PolicyArn=f"{ARN}:policy/many{n}")
    iam.delete_policy(PolicyArn=f"{ARN}:policy/many{n}")

# --- inline policies
for kind in ("user", "group", "role"):
    name = {"user": "Annie", "group": "k", "role": "r"}[kind]
    if kind == "group":
        iam.create_group(GroupName="k")
    holder = {f"{kind.title()}Name": name}
    call = lambda verb: getattr(iam, verb)
    call(f"put_{kind}_policy")(PolicyName="in", PolicyDocument=document, **holder)
    got = call(f"get_{kind}_policy")(PolicyName="in", **holder)
    assert got["PolicyDocument"] == json.loads(document) and got[f"{kind.title()}Name"] == name, got
    assert call(f"list_{kind}_policies")(**holder)["PolicyNames"] == ["in"]
    fails("NoSuchEntity", f"The {kind} policy with name out cannot be found.", call(f"get_{kind}_policy"), PolicyName="out", **holder)
    fails("DeleteConflict", "Cannot delete entity, must delete policies first.", call(f"delete_{kind}"), **holder)
    call(f"delete_{kind}_policy")(PolicyName="in", **holder)
fails("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user Annie", iam.put_user_policy, UserName="Annie", PolicyName="big", PolicyDocument=policy("s3:*", "arn:aws:s3:::" + "b" * 2100))
iam.delete_group(GroupName="k")

# --- roles and trust
fails("MalformedPolicyDocument", "This policy contains invalid Json", iam.create_role, RoleName="bad", AssumeRolePolicyDocument="{")
fails("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{ARN}:user/gone"', iam.create_role, RoleName="bad", AssumeRolePolicyDocument=trust({"AWS": f"{ARN}:user/gone"}))
fails("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", iam.update_assume_role_policy, RoleName="r", PolicyDocument=trust({"Service": "pinpoint.amazonaws.com"}, Sid="x" * 2048))
created = iam.create_role(RoleName="full", Path="/p/", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}), MaxSessionDuration=7200, Description="d", Tags=[{"Key": "team", "Value": "red"}])["Role"]
assert "MaxSessionDuration" not in created and created["Arn"] == f"{ARN}:role/p/full", created
role = iam.get_role(RoleName="full")["Role"]
assert role["MaxSessionDuration"] == 7200 and role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": f"{ARN}:root"}, role
assert [r["RoleName"] for r in iam.list_roles(PathPrefix="/p/")["Roles"]] == ["full"]
iam.update_role(RoleName="full", MaxSessionDuration=3600)
assert iam.update_role_description(RoleName="full", Description="e")["Role"]["Description"] == "e"
assert iam.get_role(RoleName="full")["Role"]["MaxSessionDuration"] == 3600
iam.tag_role(RoleName="full", Tags=[{"Key": "stage", "Value": "test"}])
assert [t["Key"] for t in iam.list_role_tags(RoleName="full")["Tags"]] == ["stage", "team"]
iam.untag_role(RoleName="full", TagKeys=["stage"])
assert iam.list_instance_profiles_for_role(RoleName="full")["InstanceProfiles"] == []
fails("NoSuchEntity", "The role with name gone cannot be found.", iam.get_role, RoleName="gone")

# --- access keys
bob = person("bob")
assert client("sts", bob).get_caller_identity()["Arn"] == f"{ARN}:user/bob"
assert iam.get_access_key_last_used(AccessKeyId=bob[0])["AccessKeyLastUsed"]["ServiceName"] == "sts"
second = iam.create_access_key(UserName="bob")["AccessKey"]
assert iam.get_access_key_last_used(AccessKeyId=second["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "N/A"
fails("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", iam.create_access_key, UserName="bob")
assert len(iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]) == 2
iam.update_access_key(UserName="bob", AccessKeyId=bob[0], Status="Inactive")
fails("InvalidClientTokenId", "The security token included in the request is invalid.", client("sts", bob).get_caller_identity)
iam.update_access_key(UserName="bob", AccessKeyId=bob[0], Status="Active")
fails("DeleteConflict", "Cannot delete entity, must delete access keys first.", iam.delete_user, UserName="bob")
iam.delete_access_key(UserName="bob", AccessKeyId=second["AccessKeyId"])
assert sts.get_access_key_info(AccessKeyId=bob[0])["Account"] == ACCOUNT

# --- account
iam.create_account_alias(AccountAlias="rolecall-tests")
assert iam.list_account_aliases()["AccountAliases"] == ["rolecall-tests"]
iam.delete_account_alias(AccountAlias="rolecall-tests")
assert iam.get_account_summary()["SummaryMap"]["Users"] == 3

# --- denials name things as IAM does
as_bob = client("iam", bob)
no = "because no identity-based policy allows the iam:"
text = fails("AccessDenied", "", as_bob.get_user, UserName="Annie")
assert text == f"User: {ARN}:user/bob is not authorized to perform: iam:GetUser on resource: user Annie {no}GetUser action", text
fails("AccessDenied", f"iam:CreateRole on resource: {ARN}:role/x/new {no}CreateRole action", as_bob.create_role, RoleName="new", Path="/x/", AssumeRolePolicyDocument=trust({"Service": "a.amazonaws.com"}))
fails("AccessDenied", f"iam:ListUsers on resource: {ARN}:user/ {no}", as_bob.list_users)
fails("AccessDenied", f"iam:CreatePolicy on resource: policy new {no}", as_bob.create_policy, PolicyName="new", PolicyDocument=document)
fails("AccessDenied", "iam:GetRole on resource: role gone", as_bob.get_role, RoleName="gone")
iam.put_user_policy(UserName="bob", PolicyName="self", PolicyDocument=policy(["iam:GetUser", "iam:CreateAccessKey"], ARN + ":user/${aws:username}"))
assert as_bob.get_user()["User"]["UserName"] == "bob"
fails("AccessDenied", "user Annie", as_bob.get_user, UserName="Annie")
iam.put_user_policy(UserName="bob", PolicyName="self", PolicyDocument=policy("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}}))
fails("AccessDenied", "iam:AttachUserPolicy on resource: user bob", as_bob.attach_user_policy, UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
as_bob.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
assert len(as_bob.list_users()["Users"]) == 3
fails("AccessDenied", "iam:DeleteUser on resource: user Annie", as_bob.delete_user, UserName="Annie")
iam.put_user_policy(UserName="bob", PolicyName="self", PolicyDocument=policy("iam:CreateUser", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}))
fails("AccessDenied", f"iam:CreateUser on resource: {ARN}:user/c", as_bob.create_user, UserName="c", Tags=[{"Key": "team", "Value": "blue"}])
as_bob.create_user(UserName="c", Tags=[{"Key": "team", "Value": "red"}])
iam.put_user_policy(UserName="bob", PolicyName="self", PolicyDocument=policy("iam:DeleteUser", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}}))
as_bob.delete_user(UserName="c")
# Tags count for what is named by its ARN too, whoever denies by them.
iam.create_user(UserName="c", Tags=[{"Key": "team", "Value": "red"}])
ask = {"GenerateServiceLastAccessedDetails": dict(Arn=f"{ARN}:user/c"), "ListPoliciesGrantingServiceAccess": dict(Arn=f"{ARN}:user/c", ServiceNamespaces=["s3"]),
       "SimulatePrincipalPolicy": dict(PolicySourceArn=f"{ARN}:user/c", ActionNames=["s3:GetObject"]), "GetContextKeysForPrincipalPolicy": dict(PolicySourceArn=f"{ARN}:user/c")}
for team in ("red", "blue"):
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"iam:ResourceTag/team": team}}}
    iam.put_user_policy(UserName="bob", PolicyName="self", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, deny]}))
    for operation, arguments in ask.items():
        call = getattr(as_bob, xform_name(operation))
        if team == "red":
            fails("AccessDenied", f"iam:{operation} on resource: {ARN}:user/c with an explicit deny", call, **arguments)
        else:
            call(**arguments)
iam.delete_user(UserName="c")
iam.create_policy(PolicyName="edge", PolicyDocument=policy("iam:GetUser"))
iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=f"{ARN}:policy/edge")
fails("AccessDenied", "because no permissions boundary allows the iam:ListUsers action", as_bob.list_users)
iam.delete_user_permissions_boundary(UserName="bob")
iam.delete_policy(PolicyArn=f"{ARN}:policy/edge")
iam.detach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
iam.delete_user_policy(UserName="bob", PolicyName="self")

# --- assuming roles
R = f"{ARN}:role/p/full"
bob_sts = client("sts", bob)
refused = f"User: {ARN}:user/bob is not authorized to perform: sts:AssumeRole on resource: "
assume = dict(RoleArn=R, RoleSessionName="s1")
assert fails("AccessDenied", "", bob_sts.assume_role, **assume) == refused + R
assert fails("AccessDenied", "", bob_sts.assume_role, RoleArn=f"{ARN}:role/gone", RoleSessionName="s1") == refused + f"{ARN}:role/gone"
assert fails("AccessDenied", "", bob_sts.assume_role, RoleArn=f"{ARN}:role/full", RoleSessionName="s1") == refused + f"{ARN}:role/full"
fails("AccessDenied", "Roles may not be assumed by root accounts.", sts.assume_role, **assume)
fails("ValidationError", "nothing-valid-in-here is invalid", bob_sts.assume_role, RoleArn="nothing-valid-in-here", RoleSessionName="s1")
fails("ValidationError", "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*", bob_sts.assume_role, RoleArn=R, RoleSessionName="Session1:2")
iam.put_user_policy(UserName="bob", PolicyName="assume", PolicyDocument=policy(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))
iam.put_role_policy(RoleName="full", PolicyName="in", PolicyDocument=policy(["iam:GetRole", "iam:ListUsers", "sts:AssumeRole"]))
session = bob_sts.assume_role(**assume)
assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/full/s1", session
assert session["AssumedRoleUser"]["AssumedRoleId"] == role["RoleId"] + ":s1" and "PackedPolicySize" not in session, session
key, token = of(session["Credentials"])
assert key[0].startswith("ASIA")
as_role = client("iam", key, token)
assert client("sts", key, token).get_caller_identity()["UserId"] == role["RoleId"] + ":s1"
assert as_role.get_role(RoleName="full")["Role"]["RoleName"] == "full"
fails("AccessDenied", f"User: arn:aws:sts::{ACCOUNT}:assumed-role/full/s1 is not authorized to perform: iam:GetUser on resource: user bob {no}GetUser action", as_role.get_user, UserName="bob")
fails("ValidationError", "Must specify userName when calling with non-User credentials", as_role.get_user)
fails("InvalidClientTokenId", "", client("sts", key).get_caller_identity)
fails("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", bob_sts.assume_role, DurationSeconds=7200, **assume)
fails("AccessDenied", "Cannot call GetSessionToken with session credentials", client("sts", key, token).get_session_token)
fails("AccessDenied", "MultiFactorAuthentication failed", bob_sts.assume_role, SerialNumber="arn:aws:iam::123456789012:mfa/x", TokenCode="123456", **assume)

limited = bob_sts.assume_role(Policy=policy("iam:ListUsers"), **assume)
assert limited["PackedPolicySize"] > 0
as_limited = client("iam", *of(limited["Credentials"]))
as_limited.list_users()
fails("AccessDenied", "because no session policy allows the iam:GetRole action", as_limited.get_role, RoleName="full")
iam.create_policy(PolicyName="frozen", PolicyDocument=policy("iam:ListUsers"))
by_arn = bob_sts.assume_role(PolicyArns=[{"arn": f"{ARN}:policy/frozen"}], **assume)
iam.create_policy_version(PolicyArn=f"{ARN}:policy/frozen", PolicyDocument=policy("iam:GetRole"), SetAsDefault=True)
as_frozen = client("iam", *of(by_arn["Credentials"]))
as_frozen.list_users()
fails("AccessDenied", "because no session policy allows the iam:GetRole action", as_frozen.get_role, RoleName="full")
fails("MalformedPolicyDocument", "Syntax errors in policy.", bob_sts.assume_role, Policy="{", **assume)

# Tags, source identity and external id have to be allowed by the trust policy.
red = [{"Key": "team", "Value": "blue"}]
fails("AccessDenied", "sts:TagSession on resource: " + R, bob_sts.assume_role, Tags=red, **assume)
fails("AccessDenied", "sts:SetSourceIdentity on resource: " + R, bob_sts.assume_role, SourceIdentity="me-too", **assume)
iam.update_assume_role_policy(RoleName="full", PolicyDocument=trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], Condition={"StringEquals": {"sts:ExternalId": "abc"}}))
fails("AccessDenied", refused + R, bob_sts.assume_role, **assume)
fails("AccessDenied", refused + R, bob_sts.assume_role, ExternalId="ABC", **assume)
fails("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", bob_sts.assume_role, ExternalId="abc", Tags=red + [{"Key": "TEAM", "Value": ""}], **assume)
fails("InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.", bob_sts.assume_role, ExternalId="abc", TransitiveTagKeys=["x"], **assume)
first = bob_sts.assume_role(ExternalId="abc", Tags=red, TransitiveTagKeys=["team"], SourceIdentity="me-too", **assume)
assert first["SourceIdentity"] == "me-too", first
fails("InvalidParameterValue", "Tag keys and values that begin with aws: are reserved: aws:team", bob_sts.assume_role, ExternalId="abc", Tags=[{"Key": "aws:team", "Value": "a"}], **assume)
fails("InvalidParameterValue", "ProvidedContexts is not served", bob_sts.assume_role, ExternalId="abc", ProvidedContexts=[{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "abcd"}], **assume)
fails("ValidationError", "Value at 'transitiveTagKeys' failed to satisfy constraint: Member must have length less than or equal to 50", bob_sts.assume_role, ExternalId="abc", TransitiveTagKeys=[f"k{n}" for n in range(51)], **assume)
bound = "1 validation error detected: Value {} at {} failed to satisfy constraint: Member must "
fails("ValidationError", bound.format("'12345a'", "'tokenCode'") + "satisfy regular expression pattern: [\\d]*", bob_sts.get_session_token, SerialNumber=f"{ARN}:mfa/x", TokenCode="12345a")
much = [{"Key": f"k{n}", "Value": "v" * 200} for n in range(30)]
fails("PackedPolicyTooLarge", "Packed size of session tags consumes 149% of allotted space.", bob_sts.assume_role, ExternalId="abc", Tags=much, **assume)
chained = client("sts", *of(first["Credentials"]))
both = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": R}, both, Condition={"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:SourceIdentity": "me-too"}}))
next_one = dict(RoleArn=f"{ARN}:role/r", RoleSessionName="s2")
fails("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", chained.assume_role, DurationSeconds=7200, **next_one)
fails("InvalidParameterValue", "conflicts with a transitive tag key from the calling session.", chained.assume_role, Tags=red, **next_one)
last = chained.assume_role(**next_one)
assert last["SourceIdentity"] == "me-too" and last["PackedPolicySize"] > 0, last
# What is handed on is set again, by whoever trusts the session: EKS Pod Identity's tags are known for it.
iam.create_role(RoleName="untagged", AssumeRolePolicyDocument=trust({"AWS": R}, ["sts:AssumeRole", "sts:SetSourceIdentity"]))
fails("AccessDenied", f"sts:TagSession on resource: {ARN}:role/untagged", chained.assume_role, RoleArn=f"{ARN}:role/untagged", RoleSessionName="s2")
iam.delete_role(RoleName="untagged")
iam.put_role_policy(RoleName="r", PolicyName="in", PolicyDocument=policy("iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))
client("iam", *of(last["Credentials"])).list_users()

# Whoever is created under an old name is somebody else.
iam.create_user(UserName="eve")
iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": f"{ARN}:user/eve"}))
shown = lambda: iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
eve = iam.create_access_key(UserName="eve")["AccessKey"]
eve_key = (eve["AccessKeyId"], eve["SecretAccessKey"])
client("sts", eve_key).assume_role(**next_one)
iam.update_user(UserName="eve", NewUserName="eva")
assert shown() == f"{ARN}:user/eva"
client("sts", eve_key).assume_role(**next_one)
eva_session = client("sts", eve_key).get_session_token()["Credentials"]
assert client("sts", *of(eva_session)).get_caller_identity()["Arn"] == f"{ARN}:user/eva"
old_id = iam.get_user(UserName="eva")["User"]["UserId"]
iam.delete_access_key(UserName="eva", AccessKeyId=eve_key[0])
iam.delete_user(UserName="eva")
assert shown() == old_id
eve_key = person("eve", policy("sts:*"))
fails("AccessDenied", "sts:AssumeRole", client("sts", eve_key).assume_role, **next_one)
iam.update_user(UserName="eve", NewUserName="eva")
fails("InvalidClientTokenId", "", client("sts", *of(eva_session)).get_caller_identity)

# --- GetSessionToken and GetFederationToken
iam.put_user_policy(UserName="bob", PolicyName="assume", PolicyDocument=policy(["sts:*", "iam:*", "mobiletargeting:GetApp"]))
session = client("sts", *of(bob_sts.get_session_token(DurationSeconds=900)["Credentials"]))
assert session.get_caller_identity()["Arn"] == f"{ARN}:user/bob"
fails("AccessDenied", "Cannot call GetFederationToken with session credentials", session.get_federation_token, Name="fed")
fails("AccessDenied", "Cannot call GetAccessKeyInfo with session credentials", session.get_access_key_info, AccessKeyId=bob[0])
session.assume_role(ExternalId="abc", **assume)
fails("InvalidClientTokenId", "The security token included in the request is invalid.", client("iam", *of(bob_sts.get_session_token()["Credentials"])).list_users)
fails("AccessDenied", "sts:GetFederationToken", client("sts", person("mallory")).get_federation_token, Name="fed")
fed = bob_sts.get_federation_token(Name="fed", Policy=policy("mobiletargeting:GetApp"))
assert fed["FederatedUser"] == {"FederatedUserId": f"{ACCOUNT}:fed", "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/fed"}, fed
federated = of(fed["Credentials"])
assert client("sts", *federated).get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/fed"
fails("InvalidClientTokenId", "", client("iam", *federated).list_users)
fails("AccessDenied", "", client("sts", *federated).assume_role, **assume)
bare = of(bob_sts.get_federation_token(Name="bare")["Credentials"])
by_root = of(sts.get_federation_token(Name="byroot", Policy=policy("mobiletargeting:GetApp"))["Credentials"])
too_little = of(bob_sts.get_federation_token(Name="little", Policy=policy("mobiletargeting:GetApps"))["Credentials"])
app = dict(ApplicationId="0" * 32)
for let_in in (federated, by_root):
    fails("NotFoundException", "", client("pinpoint", *let_in).get_app, **app)
for kept_out in (bare, too_little):
    fails("AccessDeniedException", "because no session policy allows the mobiletargeting:GetApp action", client("pinpoint", *kept_out).get_app, **app)
fails("AccessDeniedException", "mobiletargeting:DeleteApp", client("pinpoint", *by_root).delete_app, **app)

# --- the decision behind an answer
try:
    client("iam", person("trent")).get_user(UserName="bob")
    raise AssertionError("trent has no policy")
except ClientError as error:
    request = error.response["ResponseMetadata"]["RequestId"]
decoded = json.loads(sts.decode_authorization_message(EncodedMessage=request)["DecodedMessage"])
assert decoded["allowed"] is False and decoded["explicitDeny"] is False and decoded["matchedStatements"] == {"items": []}, decoded
assert decoded["context"]["principal"]["arn"] == f"{ARN}:user/trent" and decoded["context"]["action"] == "iam:GetUser", decoded
assert {"key": "aws:username", "values": {"items": [{"value": "trent"}]}} in decoded["context"]["conditions"]["items"], decoded
assert json.loads(sts.decode_authorization_message(EncodedMessage=request[:13])["DecodedMessage"]) == decoded
fails("InvalidAuthorizationMessageException", "Message is not valid", sts.decode_authorization_message, EncodedMessage="nonsense")
iam.put_user_policy(UserName="trent", PolicyName="in", PolicyDocument=policy("iam:*", effect="Deny"))
