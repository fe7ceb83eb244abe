"""ACLs, Object Ownership, encryption headers, browser forms and locks, as boto3 sees them. Says nothing when all is well."""

import base64
import hashlib
import json
import os
import urllib.error
import urllib.request
import uuid

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(signature_version="s3v4", retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
iam = boto3.client("iam")


def nobody():
    """A client without a key. After a refused upload botocore reads the next answer wrong, so each has its own."""
    return boto3.client("s3", config=CONFIG.merge(Config(signature_version=UNSIGNED)))


ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def refused(code, call, **arguments):
    """The call must fail with this code; answers with the error."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{call.__name__} {arguments} succeeded instead of {code}")


def new_bucket(**more):
    name = f"a-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    return name


def with_acls(**more):
    """A bucket in which ACLs count and nothing public is blocked."""
    name = new_bucket(ObjectOwnership="ObjectWriter", **more)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    return name


def grants(acl):
    return [(it["Grantee"].get("URI") or it["Grantee"]["ID"], it["Permission"]) for it in acl["Grants"]]


def body(reply):
    return reply["Body"].read()


def acls_are_off():
    name = new_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"x", ACL="bucket-owner-full-control")
    refused("AccessControlListNotSupported", s3.put_object, Bucket=name, Key="k", ACL="public-read")
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=name, ACL="private")
    refused("AccessControlListNotSupported", s3.put_object_acl, Bucket=name, Key="k", ACL="private")
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket=f"{name}-2", ACL="public-read")
    acl = s3.get_bucket_acl(Bucket=name)
    assert grants(acl) == [(acl["Owner"]["ID"], "FULL_CONTROL")]


def acls_grant():
    name = with_acls()
    s3.put_object(Bucket=name, Key="open", Body=b"x", ACL="public-read")
    s3.put_object(Bucket=name, Key="shut", Body=b"x")
    assert body(nobody().get_object(Bucket=name, Key="open")) == b"x"
    refused("AccessDenied", nobody().get_object, Bucket=name, Key="shut")
    refused("AccessDenied", nobody().get_object, Bucket=name, Key="gone")
    refused("AccessDenied", nobody().list_objects_v2, Bucket=name)
    acl = s3.get_object_acl(Bucket=name, Key="open")
    owner = acl["Owner"]["ID"]
    assert grants(acl) == [(owner, "FULL_CONTROL"), (ALL_USERS, "READ")]
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    assert nobody().list_objects_v2(Bucket=name)["KeyCount"] == 2
    # Whoever may list is told what is missing.
    refused("NoSuchKey", nobody().get_object, Bucket=name, Key="gone")
    refused("AccessDenied", nobody().put_object, Bucket=name, Key="new", Body=b"")
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    nobody().put_object(Bucket=name, Key="new", Body=b"theirs")
    # Nobody's object: not even the bucket's owner may read it, but delete it.
    refused("AccessDenied", s3.get_object, Bucket=name, Key="new")
    s3.delete_object(Bucket=name, Key="new")
    s3.put_bucket_acl(Bucket=name, ACL="authenticated-read")
    refused("AccessDenied", nobody().list_objects_v2, Bucket=name)
    # Switched off by the block, and by the ownership.
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration={**OPEN, "BlockPublicAcls": True, "IgnorePublicAcls": True}
    )
    refused("AccessDenied", nobody().get_object, Bucket=name, Key="open")
    refused("AccessDenied", nobody().list_objects_v2, Bucket=name)
    refused("AccessDenied", s3.put_object_acl, Bucket=name, Key="shut", ACL="public-read")
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    refused("InvalidBucketAclWithObjectOwnership", s3.put_bucket_ownership_controls, Bucket=name, OwnershipControls=rules)


def documents_and_headers():
    name = with_acls()
    owner = s3.get_bucket_acl(Bucket=name)["Owner"]
    mine = {"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}
    everybody = {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}
    policy = {"Owner": owner, "Grants": [mine, everybody]}
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy=policy)
    assert grants(s3.get_bucket_acl(Bucket=name)) == [(owner["ID"], "FULL_CONTROL"), (ALL_USERS, "READ")]
    s3.put_object(Bucket=name, Key="k", GrantRead=f'uri="{AUTHENTICATED}"', GrantReadACP=f'id="{owner["ID"]}"')
    found = grants(s3.get_object_acl(Bucket=name, Key="k"))
    assert found == [(AUTHENTICATED, "READ"), (owner["ID"], "READ_ACP")], found
    refused("InvalidArgument", s3.put_bucket_acl, Bucket=name, GrantWrite='id="wrong-id"')
    refused("InvalidArgument", s3.put_bucket_acl, Bucket=name, GrantWrite='fakekey="1234"')
    refused("InvalidArgument", s3.put_bucket_acl, Bucket=name, GrantWrite='uri="http://acs.amazonaws.com/groups/s3/FakeGroup"')
    refused("InvalidRequest", s3.put_bucket_acl, Bucket=name, ACL="private", GrantRead=f'id="{owner["ID"]}"')
    refused("MissingSecurityHeader", s3.put_bucket_acl, Bucket=name)
    stranger = {**policy, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "wrong-id"}, "Permission": "READ"}]}
    refused("InvalidArgument", s3.put_bucket_acl, Bucket=name, AccessControlPolicy=stranger)
    odd = {**policy, "Grants": [{**mine, "Permission": "SOMETHING"}]}
    refused("MalformedACLError", s3.put_bucket_acl, Bucket=name, AccessControlPolicy=odd)


def a_user_needs_more_than_an_account():
    """What an account is granted does not reach its users without a policy of their own."""
    name = with_acls()
    owner = s3.get_bucket_acl(Bucket=name)["Owner"]["ID"]
    s3.put_object(Bucket=name, Key="k", Body=b"x", GrantFullControl=f'id="{owner}"')
    user = f"u-{uuid.uuid4()}"
    iam.create_user(UserName=user)
    keys = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = boto3.client("s3", config=CONFIG, aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"])
    refused("AccessDenied", theirs.get_object, Bucket=name, Key="k")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_object_acl(Bucket=name, Key="k", ACL="authenticated-read")
    assert body(theirs.get_object(Bucket=name, Key="k")) == b"x"
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    refused("AccessDenied", theirs.get_object, Bucket=name, Key="k")


def customers_keys():
    name = new_bucket()
    blocked = {"EncryptionType": ["NONE"]}
    s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"BlockedEncryptionTypes": blocked}]}
    )
    key, other = b"k" * 32, b"o" * 32
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    reply = s3.put_object(Bucket=name, Key="k", Body=b"secret", **own)
    assert reply["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(key).digest()).decode()
    assert "ServerSideEncryption" not in reply
    assert body(s3.get_object(Bucket=name, Key="k", **own)) == b"secret"
    refused("InvalidRequest", s3.get_object, Bucket=name, Key="k")
    refused("AccessDenied", s3.get_object, Bucket=name, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey=other)
    refused("400", s3.head_object, Bucket=name, Key="k")
    s3.put_object(Bucket=name, Key="plain", Body=b"x")
    refused("InvalidRequest", s3.get_object, Bucket=name, Key="plain", **own)
    source = {"Bucket": name, "Key": "k"}
    refused("InvalidRequest", s3.copy_object, Bucket=name, Key="copy", CopySource=source)
    s3.copy_object(
        Bucket=name, Key="copy", CopySource=source, CopySourceSSECustomerAlgorithm="AES256", CopySourceSSECustomerKey=key
    )
    assert body(s3.get_object(Bucket=name, Key="copy")) == b"secret"
    upload = s3.create_multipart_upload(Bucket=name, Key="parts", **own)["UploadId"]
    part = {"Bucket": name, "Key": "parts", "UploadId": upload, "PartNumber": 1, "Body": b"part"}
    refused("InvalidRequest", s3.upload_part, **part)
    etag = s3.upload_part(**part, **own)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(Bucket=name, Key="parts", UploadId=upload, MultipartUpload=parts)
    refused("InvalidRequest", s3.get_object, Bucket=name, Key="parts")


def keys_of_kms():
    name = new_bucket()
    reply = s3.put_object(Bucket=name, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    assert reply["ServerSideEncryption"] == "aws:kms" and ":key/" in reply["SSEKMSKeyId"]
    key = f"arn:aws:kms:us-east-1:123456789012:key/{uuid.uuid4()}"
    s3.put_object(Bucket=name, Key="own", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key, BucketKeyEnabled=True)
    found = s3.head_object(Bucket=name, Key="own")
    assert found["SSEKMSKeyId"] == key and found["BucketKeyEnabled"]
    refused("InvalidArgument", s3.put_object, Bucket=name, Key="odd", SSEKMSKeyId=key)
    # A customer's key needs a permission of its own.
    user = f"u-{uuid.uuid4()}"
    iam.create_user(UserName=user)
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iam.put_user_policy(UserName=user, PolicyName="s3", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    keys = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = boto3.client("s3", config=CONFIG, aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"])
    theirs.get_object(Bucket=name, Key="k")
    said = refused("AccessDenied", theirs.get_object, Bucket=name, Key="own")
    assert "kms:Decrypt" in said["Error"]["Message"]
    refused("AccessDenied", theirs.put_object, Bucket=name, Key="n", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)


def post(form, **changes):
    """Sends a form; answers with status, headers and body."""
    fields = {**form["fields"], **changes}
    boundary = uuid.uuid4().hex
    content = fields.pop("file", "content")
    text = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    text += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n{content}\r\n--{boundary}--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(form["url"], data=text.encode(), headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def forms():
    name = new_bucket()
    conditions = [["content-length-range", 2, 10], ["starts-with", "$x-amz-meta-a", "b"], {"success_action_status": "201"}]
    fields = {"success_action_status": "201", "x-amz-meta-a": "bc"}
    form = s3.generate_presigned_post(name, "up/${filename}", Fields=fields, Conditions=conditions)
    status, headers, text = post(form)
    assert status == 201 and "<Key>up/f.txt</Key>" in text, (status, text)
    found = s3.get_object(Bucket=name, Key="up/f.txt")
    assert body(found) == b"content" and found["Metadata"] == {"a": "bc"} and found["ETag"] == headers["ETag"]
    for changes, code, said in [
        ({"file": "x"}, 400, "EntityTooSmall"),
        ({"file": "x" * 11}, 400, "EntityTooLarge"),
        ({"x-amz-meta-a": "c"}, 403, "Policy Condition failed"),
        ({"acl": "private"}, 403, "Extra input fields: acl"),
        ({"x-amz-signature": "0" * 64}, 403, "SignatureDoesNotMatch"),
        ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
        ({"key": "elsewhere"}, 403, "AccessDenied"),
    ]:
        status, _, text = post(form, **changes)
        assert status == code and said in text, (changes, status, text)
    unsigned = {"url": form["url"], "fields": {"key": "k"}}
    status, _, text = post(unsigned)
    assert status == 403 and "AccessDenied" in text, text
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 1


def completions_can_be_repeated():
    name = new_bucket()
    upload = s3.create_multipart_upload(Bucket=name, Key="k")["UploadId"]
    etag = s3.upload_part(Bucket=name, Key="k", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    call = {"Bucket": name, "Key": "k", "UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
    first = s3.complete_multipart_upload(**call)["ETag"]
    assert s3.complete_multipart_upload(**call)["ETag"] == first
    refused("NoSuchUpload", s3.abort_multipart_upload, Bucket=name, Key="k", UploadId=upload)
    s3.delete_object(Bucket=name, Key="k")
    refused("NoSuchUpload", s3.complete_multipart_upload, **call)


def preflights_of_presigned_urls():
    name = new_bucket()
    url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"})

    def preflight(**headers):
        request = urllib.request.Request(url, headers=headers, method="OPTIONS")
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.headers.get("access-control-allow-origin")

    assert preflight() == (400, None)
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://a"]}
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
    # The signature is the coming request's, and of another method.
    asked = {"Access-Control-Request-Method": "PUT"}
    assert preflight(Origin="http://a", **asked) == (200, "http://a")
    assert preflight(Origin="http://b", **asked) == (403, None)


def metadata_of_any_sign():
    name = new_bucket()
    sent = {"word": "=?UTF-8?Q?=C3=84_S3?=", "plain": "=?UTF-8?Q?abc?=", "odd": "=?UTF-8?Q?=ZZ?="}
    s3.put_object(Bucket=name, Key="k", Metadata=sent, Tagging="b=1&a=2")
    found = s3.head_object(Bucket=name, Key="k")["Metadata"]
    assert found == {"word": "=?UTF-8?Q?=C3=84_S3?=", "plain": "abc", "odd": "=?UTF-8?Q?=ZZ?="}, found
    tags = s3.get_object_tagging(Bucket=name, Key="k")["TagSet"]
    assert tags == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}], tags


def delete_markers_can_be_deleted():
    name = new_bucket()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket=name, Key="k")["VersionId"]
    answer = refused("405", s3.head_object, Bucket=name, Key="k", VersionId=marker)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE", answer


for part in [
    acls_are_off,
    acls_grant,
    documents_and_headers,
    a_user_needs_more_than_an_account,
    customers_keys,
    keys_of_kms,
    forms,
    completions_can_be_repeated,
    preflights_of_presigned_urls,
    metadata_of_any_sign,
    delete_markers_can_be_deleted,
]:
    part()
