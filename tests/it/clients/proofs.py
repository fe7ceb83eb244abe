"""What is proved holds of every request: whatever lets the endpoint allow something stands against the proof that it never
does. And a session of GetFederationToken is its user's, who is known by an id and not by a name."""
import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
iam, s3 = (boto3.client(name) for name in ("iam", "s3"))
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def admin(path, body):
    request = urllib.request.Request(f"{ENDPOINT}/_rolecall/{path}", json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def can(principal, action, resource):
    question = {"principal": principal, "action": action, "resource": resource}
    return admin("can", question)["explanation"]["outcome"] == "allowed"


def proved(by, action, *within):
    verdict = admin("prove", {"action": action, "by": by, "within": list(within)})["proof"]["verdict"]
    return "proved" in json.dumps(verdict)[:20]


def does(call, **words):
    try:
        call(**words)
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
        return False


def user(name, *statements):
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


# Access control lists of buckets and of objects.
nobody = user("nobody")
assert proved("user/nobody", "s3:PutObject") and proved("user/nobody", "s3:GetObject")
s3.create_bucket(Bucket="lists", ObjectOwnership="BucketOwnerPreferred")
s3.delete_public_access_block(Bucket="lists")
s3.put_object(Bucket="lists", Key="folder/open", Body=b"1", ACL="public-read")
s3.put_object(Bucket="lists", Key="folder/closed", Body=b"1")
assert does(nobody.client("s3").get_object, Bucket="lists", Key="folder/open")
assert not does(nobody.client("s3").get_object, Bucket="lists", Key="folder/closed")
assert not proved("user/nobody", "s3:GetObject")
assert not proved("user/nobody", "s3:Get*")
assert not proved("anonymous", "s3:GetObject")
assert proved("user/nobody", "s3:GetObject", "arn:aws:s3:::lists/folder/open")
assert proved("user/nobody", "s3:PutObject")
s3.put_bucket_acl(Bucket="lists", ACL="public-read-write")
assert can("user/nobody", "s3:PutObject", "arn:aws:s3:::lists/k")
assert not proved("user/nobody", "s3:PutObject")
assert proved("user/nobody", "s3:PutObject", "arn:aws:s3:::lists/*")
s3.put_bucket_acl(Bucket="lists", ACL="authenticated-read")
assert not proved("user/nobody", "s3:ListBucket")
assert proved("anonymous", "s3:ListBucket")

# Objects and uploads of another account are that account's to allow, whatever the bucket's policy leaves out.
member = boto3.Session("AKIAMEMBERROOT000001", "member")
member.client("iam").create_user(UserName="guest")
member.client("iam").put_user_policy(UserName="guest", PolicyName="p", PolicyDocument=document(
    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::guests/*"}))
key = member.client("iam").create_access_key(UserName="guest")["AccessKey"]
guest = boto3.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
s3.create_bucket(Bucket="guests", ObjectOwnership="ObjectWriter")
s3.put_bucket_policy(Bucket="guests", Policy=document({
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/guest"}, "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::guests/*"}))
s3.put_object(Bucket="guests", Key="ours", Body=b"1")
for action in ("s3:GetObject", "s3:ListMultipartUploadParts", "s3:GetObject*"):
    assert proved("111122223333:user/guest", action), action
guest.put_object(Bucket="guests", Key="theirs", Body=b"1")
upload = guest.create_multipart_upload(Bucket="guests", Key="upload")["UploadId"]
assert does(guest.get_object, Bucket="guests", Key="theirs") and not does(guest.get_object, Bucket="guests", Key="ours")
assert does(guest.list_parts, Bucket="guests", Key="upload", UploadId=upload)
for action, name in (("s3:GetObject", "theirs"), ("s3:GetObject*", "theirs"), ("s3:ListMultipartUploadParts", "upload")):
    assert not proved("111122223333:user/guest", action), action
    assert proved("111122223333:user/guest", action, f"arn:aws:s3:::guests/{name}"), action

# Policies of resources that are only asked about.
identity = f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/example.com"
assert proved("user/nobody", "ses:SendEmail")
admin("given", {"resource-policies": {identity: document({
    "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}, "Action": "ses:SendEmail",
    "Resource": identity})}})
assert can("user/nobody", "ses:SendEmail", identity)
assert not proved("user/nobody", "ses:SendEmail")
assert proved("user/nobody", "ses:SendEmail", identity)

# S3 asks for all buckets when they are listed.
lister = user("lister", {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*"})
assert does(lister.client("s3").list_buckets)
assert can("user/lister", "s3:ListAllMyBuckets", "*")
assert not proved("user/lister", "s3:ListAllMyBuckets")

# An action on objects that has a bucket in its name.
user("overrides", {"Effect": "Allow", "Action": "s3:ObjectOwnerOverrideToBucketOwner", "Resource": "arn:aws:s3:::lists/*"})
assert can("user/overrides", "s3:ObjectOwnerOverrideToBucketOwner", "arn:aws:s3:::lists/k")
assert not proved("user/overrides", "s3:ObjectOwner*")

# The path is part of who a role is, and who brings tags needs the trust policy as well.
asker = user("asker", {"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
role = iam.create_role(RoleName="r", Path="/a/", AssumeRolePolicyDocument=document(
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
elsewhere = role.replace("/a/", "/")
for arn in (role, elsewhere):
    assert can("user/asker", "sts:AssumeRole", arn) == does(
        asker.client("sts").assume_role, RoleArn=arn, RoleSessionName="s1") == (arn == role)
assert not can("user/asker", "sts:TagSession", role)
assert not does(asker.client("sts").assume_role, RoleArn=role, RoleSessionName="s1", Tags=[{"Key": "a", "Value": "b"}])
assert proved("user/asker", "sts:AssumeRole", role)

# Tags of a role say nothing about passing it on.
iam.tag_role(RoleName="r", Tags=[{"Key": "team", "Value": "red"}])
tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
user("passer", {"Effect": "Allow", "Action": ["iam:PassRole", "iam:GetRole"], "Resource": "*", "Condition": tagged})
assert can("user/passer", "iam:GetRole", role) and not can("user/passer", "iam:PassRole", role)

# Federated sessions: of the user that the policy was written for, under whatever name, and of nobody else.
s3.create_bucket(Bucket="federated")
s3.put_object(Bucket="federated", Key="k", Body=b"1")


def federated(session):
    everything = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    keys = session.client("sts").get_federation_token(Name="fed", Policy=everything)["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).client("s3")


def names(effect, name):
    s3.put_bucket_policy(Bucket="federated", Policy=document({
        "Effect": effect, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::federated/*"}))


def remove(name):
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)


sts_only = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
ana = user("ana", sts_only)
names("Allow", "ana")
assert does(federated(ana).get_object, Bucket="federated", Key="k")
iam.update_user(UserName="ana", NewUserName="anna")
assert does(federated(ana).get_object, Bucket="federated", Key="k")
remove("anna")
for again in ("ana", "anna"):
    assert not does(federated(user(again, sts_only)).get_object, Bucket="federated", Key="k"), again
bob = user("bob", {"Effect": "Allow", "Action": "*", "Resource": "*"})
names("Deny", "bob")
iam.update_user(UserName="bob", NewUserName="rob")
assert not does(federated(bob).get_object, Bucket="federated", Key="k")

# Resource control policies reach a service however its prefix is spelled, and more services than are served here; the
# account that manages the organization belongs to it.
admin("given", {"organization": {"id": "o-example", "management": "999988887777", "root": {
    "accounts": [ACCOUNT], "rcps": {"no": document(
        {"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"})}}}})
for action in ("s3:GetObject", "S3:getobject", "kms:Decrypt"):
    assert not can("user/rob", action, f"arn:aws:{action.split(':')[0].lower()}:::federated/k"), action
assert can("user/rob", "s3:PutObject", "arn:aws:s3:::federated/k")
admin("given", {"organization": {"id": "o-example", "management": ACCOUNT}})
user("inside", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {
    "StringEquals": {"aws:PrincipalOrgID": "o-example"},
    "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-example/r-root/"}}})
assert can("user/inside", "s3:GetObject", "arn:aws:s3:::federated/k")

# Other accounts' roles, users and apps are not the caller's to reach, whatever its own policies say.
own = f"arn:aws:iam::{ACCOUNT}:*"
everything = user("everything", {"Effect": "Allow", "Action": "*", "Resource": "*"})
guests = member.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument=document(
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
assert not can("user/everything", "iam:PassRole", guests) and can("user/everything", "iam:PassRole", role)
assert proved("user/everything", "iam:PassRole", own)
assert not proved("user/everything", "iam:PassRole", own.replace(":*", ":role/a/*"))
assert not does(everything.client("iam").get_policy, PolicyArn=guests.replace(":role/", ":policy/"))
managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
assert does(everything.client("iam").get_policy, PolicyArn=managed) and can("user/everything", "iam:GetPolicy", managed)
user("named", {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:*"})
assert not proved("user/named", "iam:GetPolicy", own)
assert proved("user/named", "iam:GetPolicy", own, "arn:aws:iam::aws:*")
assert proved("user/named", "mobiletargeting:GetApp", f"arn:aws:mobiletargeting:*:{ACCOUNT}:*")
assert not proved("user/named", "mobiletargeting:GetApp", f"arn:aws:mobiletargeting:us-east-1:{ACCOUNT}:*")

# The root user of a bucket's account mends its policy, even one that denies it everything; nobody else does.
vault, deny = "arn:aws:s3:::vault", {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
member.client("s3").create_bucket(Bucket="vault")
member.client("s3").put_bucket_policy(Bucket="vault", Policy=document({**deny, "Resource": [vault, f"{vault}/*"]}))
admin("given", {"organization": {"id": "o-example", "management": ACCOUNT, "root": {"units": {"Work": {
    "accounts": ["111122223333"],
    "scps": {"only-the-vault": document({"Effect": "Deny", "Action": "*", "NotResource": [vault, f"{vault}/*"]})}}}}}})
for action in ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:*BucketPolicy"):
    if "*" not in action:
        assert can("111122223333:root", action, vault) and not can("user/everything", action, vault), action
    assert not proved("111122223333:root", action), action
    assert proved("111122223333:root", action, vault), action
for action in ("s3:GetBucketAcl", "s3:PutObject"):
    assert not can("111122223333:root", action, vault) and proved("111122223333:root", action), action
assert does(member.client("s3").get_bucket_policy, Bucket="vault")
assert not does(member.client("s3").get_bucket_acl, Bucket="vault")
assert does(member.client("s3").delete_bucket_policy, Bucket="vault")
assert not proved("111122223333:root", "s3:PutObject")
admin("given", {"organization": {"id": "o-example", "management": ACCOUNT}})
