"""The root users of member accounts, lent by AssumeRoot for one task, with boto3."""
import datetime
import json
import os
import urllib.request
import boto3
from botocore.exceptions import ClientError

MANAGEMENT, MEMBER = "123456789012", "111122223333"
ARN = f"arn:aws:iam::{MANAGEMENT}"
TASK = "arn:aws:iam::aws:policy/root-task/"


def client(name, key=None, token=None):
    if key is None:
        return boto3.client(name)
    return boto3.client(name, aws_access_key_id=key[0], aws_secret_access_key=key[1], aws_session_token=token)


iam, sts = client("iam"), client("sts")
# The member's own root user, of the test's making.
own = ("AKIAMEMBERROOT000001", "member")


def fails(code, message, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code, got
        assert message in got["Message"], got
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{call} {arguments} succeeded")


def policy(action, resource="*", effect="Allow", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


def person(name, document=None):
    iam.create_user(UserName=name)
    if document:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def of(credentials):
    return (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]


def admin(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, data=data, method=method)
    with urllib.request.urlopen(request) as reply:
        return reply.read().decode()


def organization(**root):
    admin("POST", "/_rolecall/given", {"organization": {
        "id": "o-abc1234567", "management": MANAGEMENT, "root": {"accounts": [MANAGEMENT, MEMBER], **root},
    }})


def task(name, target=MEMBER, **more):
    return {"TargetPrincipal": target, "TaskPolicyArn": {"arn": TASK + name}, **more}


able = person("able", policy("sts:AssumeRoot"))
assume = client("sts", able).assume_root
features = ("enable_organizations_root_sessions", "disable_organizations_root_sessions",
            "enable_organizations_root_credentials_management", "disable_organizations_root_credentials_management", "list_organizations_features")

# --- without an organization there is nothing
for name in features:
    assert fails("OrganizationNotFoundException", "no organization is associated with your account", getattr(iam, name)) == 400
fails("AccessDenied", "AssumeRoot is for the management account of an organization.", assume, **task("S3UnlockBucketPolicy"))

# --- features, of the management account only
organization()
shown = iam.list_organizations_features()
assert (shown["OrganizationId"], shown.get("EnabledFeatures", [])) == ("o-abc1234567", []), shown
fails("AccessDenied", "The task needs RootSessions, which is not enabled in the organization.", assume, **task("S3UnlockBucketPolicy"))
assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
fails("AccessDenied", "The task needs RootCredentialsManagement, which is not enabled", assume, **task("IAMAuditRootUserCredentials"))
assert iam.enable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootSessions"]
assert iam.disable_organizations_root_sessions().get("EnabledFeatures", []) == []
iam.enable_organizations_root_credentials_management(), iam.enable_organizations_root_sessions()
of_member = client("iam", own)
for name in features:
    code = "CallerIsNotManagementAccountException" if name.startswith("enable") else "AccountNotManagementOrDelegatedAdministratorException"
    assert fails(code, "is not the management account", getattr(of_member, name)) == 400
fails("AccessDenied", f"User: {ARN}:user/able is not authorized to perform: iam:ListOrganizationsFeatures on resource: * because no identity-based policy allows the iam:ListOrganizationsFeatures action", client("iam", able).list_organizations_features)

# --- who may have whom, for what
fails("AccessDenied", f"User: {ARN}:user/nobody is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{MEMBER}:root because no identity-based policy allows the sts:AssumeRoot action", client("sts", person("nobody")).assume_root, **task("S3UnlockBucketPolicy"))
fails("AccessDenied", "Cannot call AssumeRoot with root user credentials", sts.assume_root, **task("S3UnlockBucketPolicy"))
narrow = client("sts", person("narrow", policy("sts:AssumeRoot", f"arn:aws:iam::{MEMBER}:root", Condition={"StringEquals": {"sts:TaskPolicyArn": TASK + "S3UnlockBucketPolicy"}}))).assume_root
narrow(**task("S3UnlockBucketPolicy"))
fails("AccessDenied", f"is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{MEMBER}:root", narrow, **task("IAMAuditRootUserCredentials"))
fails("AccessDenied", "is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::444455556666:root", narrow, **task("S3UnlockBucketPolicy", "444455556666"))
for stranger in ("444455556666", MANAGEMENT):
    fails("AccessDenied", f"{stranger} is not a member account of the organization.", assume, **task("S3UnlockBucketPolicy", stranger))
fails("ValidationError", "is not a task policy for AssumeRoot", assume, TargetPrincipal=MEMBER, TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/AdministratorAccess"})
fails("ValidationError", "is invalid", assume, **task("S3UnlockBucketPolicy", f"arn:aws:iam::{MEMBER}:user/root"))
fails("ValidationError", "Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900", assume, **task("S3UnlockBucketPolicy", DurationSeconds=901))
of_member.create_user(UserName="inside")
of_member.put_user_policy(UserName="inside", PolicyName="inline", PolicyDocument=policy("*"))
inside = of_member.create_access_key(UserName="inside")["AccessKey"]
inside = inside["AccessKeyId"], inside["SecretAccessKey"]
fails("AccessDenied", "AssumeRoot is for the management account of an organization.", client("sts", inside).assume_root, **task("S3UnlockBucketPolicy"))

# --- a bucket that its own policy locked for everybody
s3 = client("s3", inside)
s3.create_bucket(Bucket="locked")
s3.put_object(Bucket="locked", Key="k", Body=b"x")
LOCK = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"]}]})
s3.put_bucket_policy(Bucket="locked", Policy=LOCK)
fails("AccessDenied", "with an explicit deny in a resource-based policy", s3.delete_bucket_policy, Bucket="locked")
began = assume(**task("S3UnlockBucketPolicy", f"arn:aws:iam::{MEMBER}:root"))
assert "SourceIdentity" not in began, began
left = began["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
assert datetime.timedelta(seconds=880) < left <= datetime.timedelta(seconds=900), left
root = of(began["Credentials"])
me = client("sts", *root).get_caller_identity()
assert (me["UserId"], me["Account"], me["Arn"]) == (MEMBER, MEMBER, f"arn:aws:iam::{MEMBER}:root"), me
unlock = client("s3", *root)
outside = f"User: arn:aws:iam::{MEMBER}:root is not authorized to perform: "
fails("AccessDenied", outside + 's3:ListBucket on resource: "arn:aws:s3:::locked" with an explicit deny in a resource-based policy', unlock.list_objects_v2, Bucket="locked")
assert json.loads(unlock.get_bucket_policy(Bucket="locked")["Policy"]) == json.loads(LOCK)
unlock.delete_bucket_policy(Bucket="locked")
assert s3.get_object(Bucket="locked", Key="k")["Body"].read() == b"x"
unlock.put_bucket_policy(Bucket="locked", Policy=policy("s3:GetObject", "arn:aws:s3:::locked/*", "Deny", Principal="*"))
unlock.delete_bucket_policy(Bucket="locked")
assert [bucket["Name"] for bucket in unlock.list_buckets()["Buckets"]] == ["locked"]

# --- and nothing else, with the layer named
said = "with an explicit deny in a session policy"
fails("AccessDenied", outside + f's3:ListBucket on resource: "arn:aws:s3:::locked" {said}', unlock.list_objects_v2, Bucket="locked")
fails("AccessDenied", said, unlock.get_object, Bucket="locked", Key="k")
fails("AccessDenied", said, unlock.delete_bucket, Bucket="locked")
fails("AccessDenied", said, unlock.create_bucket, Bucket="another")
fails("AccessDenied", outside + f"iam:ListUsers on resource: arn:aws:iam::{MEMBER}:user/ {said}", client("iam", *root).list_users)
fails("AccessDenied", said, client("iam", *root).create_access_key)
fails("AccessDeniedException", said, client("pinpoint", *root).get_apps)
onward = client("sts", *root)
fails("AccessDenied", "Cannot call GetSessionToken with session credentials", onward.get_session_token)
fails("AccessDenied", "Cannot call GetFederationToken with session credentials", onward.get_federation_token, Name="ana")
fails("AccessDenied", "Roles may not be assumed by root accounts.", onward.assume_role, RoleArn=f"arn:aws:iam::{MEMBER}:role/r", RoleSessionName="s1")
fails("AccessDenied", "Cannot call AssumeRoot with root user credentials", onward.assume_root, **task("S3UnlockBucketPolicy"))


def told(action):
    made = json.loads(admin("GET", "/_rolecall/decisions?since=0"))["decisions"]
    last = [decision for decision in made if decision.get("action") == action][-1]
    return admin("GET", f"/_rolecall/explain/{last['id']}")


why = told("iam:ListUsers")
assert "root-task/S3UnlockBucketPolicy" in why and "DenyAllOtherActionsOnAnyResource" in why and "session policies" in why, why
why = told("s3:DeleteBucketPolicy")
assert "ALLOWED, needs no policy" in why and "denies nothing" in why, why

# --- the bucket of another account is not the member's root's to unlock
mine = client("s3")
mine.create_bucket(Bucket="managements")
mine.put_bucket_policy(Bucket="managements", Policy=LOCK.replace("locked", "managements"))
fails("AccessDenied", "Access Denied", unlock.delete_bucket_policy, Bucket="managements")

# --- the credentials of the member's root user
audit = client("iam", *of(assume(**task("IAMAuditRootUserCredentials"))["Credentials"]))
assert audit.get_user()["User"]["Arn"] == f"arn:aws:iam::{MEMBER}:root"
assert [key["AccessKeyId"] for key in audit.list_access_keys()["AccessKeyMetadata"]] == [own[0]]
assert audit.list_mfa_devices()["MFADevices"] == []
assert audit.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
assert audit.get_access_key_last_used(AccessKeyId=own[0])["AccessKeyLastUsed"]["ServiceName"] == "iam"
fails("AccessDenied", said, audit.get_access_key_last_used, AccessKeyId=inside[0])
assert audit.list_signing_certificates()["Certificates"] == []
fails("NoSuchEntity", "", audit.get_login_profile)
fails("AccessDenied", said, audit.list_access_keys, UserName="inside")
fails("AccessDenied", said, audit.delete_access_key, AccessKeyId=own[0])
remove = client("iam", *of(assume(**task("IAMDeleteRootUserCredentials"))["Credentials"]))
fails("AccessDenied", said, remove.delete_access_key, AccessKeyId=inside[0], UserName="inside")
fails("AccessDenied", said, remove.get_account_summary)
spare = of_member.create_access_key()["AccessKey"]
remove.delete_access_key(AccessKeyId=spare["AccessKeyId"])
fails("InvalidClientTokenId", "", client("sts", (spare["AccessKeyId"], spare["SecretAccessKey"])).get_caller_identity)

# --- source identity goes along
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{ARN}:root"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}]})
iam.create_role(RoleName="operator", AssumeRolePolicyDocument=trust)
iam.put_role_policy(RoleName="operator", PolicyName="inline", PolicyDocument=policy("sts:AssumeRoot"))
iam.put_user_policy(UserName="able", PolicyName="assume", PolicyDocument=policy(["sts:AssumeRole", "sts:SetSourceIdentity"]))
operator = client("sts", able).assume_role(RoleArn=f"{ARN}:role/operator", RoleSessionName="s1", SourceIdentity="ana")["Credentials"]
assert client("sts", *of(operator)).assume_root(**task("S3UnlockBucketPolicy"))["SourceIdentity"] == "ana"

# --- control policies of the member bound the session; aws:AssumedRoot tells it from the member's own root user
deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def bounded(**condition):
    organization(scps={"no-root": json.dumps({"Version": "2012-10-17", "Statement": [{**deny, "Condition": condition}]})})
    iam.enable_organizations_root_sessions()


own_s3 = client("s3", own)
bounded(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:root"})
fails("AccessDenied", "with an explicit deny in a service control policy", unlock.list_buckets)
bounded(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:root"}, BoolIfExists={"aws:AssumedRoot": "false"})
unlock.list_buckets()
fails("AccessDenied", "with an explicit deny in a service control policy", own_s3.list_buckets)
bounded(Bool={"aws:AssumedRoot": "true"})
fails("AccessDenied", "with an explicit deny in a service control policy", unlock.list_buckets)
own_s3.list_buckets()
organization(rcps={"no-lending": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoot", "Resource": "*"}]})})
iam.enable_organizations_root_sessions()
fails("AccessDenied", "with an explicit deny in a resource control policy", assume, **task("S3UnlockBucketPolicy"))

# --- they end
admin("POST", "/_rolecall/clock/advance", {"by": "901s"})
fails("ExpiredToken", "", client("sts", *root).get_caller_identity)

# --- trade-in tokens: the decision is AWS's, and no token holds
fails("AccessDenied", f"User: {ARN}:user/able is not authorized to perform: sts:GetDelegatedAccessToken on resource: *", client("sts", able).get_delegated_access_token, TradeInToken="t")
fails("ExpiredTradeInTokenException", "has expired and can no longer be exchanged for credentials", sts.get_delegated_access_token, TradeInToken="t")
