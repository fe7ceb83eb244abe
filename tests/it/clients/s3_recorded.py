"""What S3 was recorded to answer where its documentation says less. Says nothing when all is well."""

import base64
import datetime
import hashlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

import boto3
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
CONFIG = Config(signature_version="s3v4", retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
iam = boto3.client("iam")
# What leaves out what boto3 would sum of its own accord.
plain = boto3.client(
    "s3", config=CONFIG.merge(Config(request_checksum_calculation="when_required", parameter_validation=False))
)
CREDENTIALS = boto3.Session().get_credentials().get_frozen_credentials()


def refused(code, call, message=None, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code and message in (None, found["Message"]), found
        return found
    raise AssertionError(f"{arguments} succeeded instead of {code}")


def a_bucket(versions=False, **more):
    name = f"rec-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def takes_customer_keys(bucket):
    """New buckets refuse SSE-C until their encryption says otherwise."""
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def send(method, url, body=b"", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body or None, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
        return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def signed(method, path, body=b"", **headers):
    request = AWSRequest(method, ENDPOINT + path, data=body)
    for name, value in {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", **headers}.items():
        request.headers[name.replace("_", "-")] = value
    botocore.auth.SigV4Auth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    return send(method, request.url, body, **dict(request.headers))


def pages_of_versions():
    """Whoever deletes what a page shows finds the rest on the next."""
    name = a_bucket(versions=True)
    ids = [s3.put_object(Bucket=name, Key="k")["VersionId"] for _ in range(5)][::-1]
    page = s3.list_object_versions(Bucket=name, MaxKeys=3)
    assert [it["VersionId"] for it in page["Versions"]] == ids[:3]
    doomed = [{"Key": "k", "VersionId": it["VersionId"]} for it in page["Versions"]]
    s3.delete_objects(Bucket=name, Delete={"Objects": doomed})
    markers = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    rest = s3.list_object_versions(Bucket=name, **markers)["Versions"]
    assert [(it["VersionId"], it["IsLatest"]) for it in rest] == [(ids[3], True), (ids[4], False)], rest


def deleting_unknown_versions():
    name = a_bucket(versions=True)
    s3.put_object(Bucket=name, Key="k")
    unknown = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"
    errors = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k", "VersionId": unknown}]})["Errors"]
    assert [it["Code"] for it in errors] == ["NoSuchVersion"], errors
    refused("InvalidArgument", s3.delete_object, Bucket=name, Key="k", VersionId=unknown)


def checksums_of_pieces():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"0123456789", ChecksumAlgorithm="CRC32")
    at = {"Bucket": name, "Key": "k", "ChecksumMode": "ENABLED"}
    for whole in ("bytes=0-9", "bytes=0-100", "bytes=-15", "bytes=0-"):
        assert "ChecksumCRC32" in s3.get_object(**at, Range=whole), whole
    assert "ChecksumCRC32" not in s3.get_object(**at, Range="bytes=0-8")
    # The parts of a checksum of the whole have none of their own.
    mpu = s3.create_multipart_upload(Bucket=name, Key="m", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    up = {"Bucket": name, "Key": "m", "UploadId": mpu["UploadId"]}
    part = s3.upload_part(**up, PartNumber=1, Body=b"abc", ChecksumAlgorithm="CRC32")
    named = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]}
    message = "The crc32 you specified did not match the calculated checksum."
    done = {**up, "MultipartUpload": named}
    refused("BadDigest", s3.complete_multipart_upload, message, **done, ChecksumCRC32=part["ChecksumCRC32"])
    refused("BadDigest", s3.complete_multipart_upload, message, **done, ChecksumCRC64NVME="AAAAAAAAAAA=")
    s3.complete_multipart_upload(**done, ChecksumCRC32=part["ChecksumCRC32"], ChecksumType="FULL_OBJECT")
    # But the only part is the whole.
    assert "ChecksumCRC32" in s3.get_object(Bucket=name, Key="m", PartNumber=1, ChecksumMode="ENABLED")
    parts = s3.get_object_attributes(Bucket=name, Key="m", ObjectAttributes=["ObjectParts"])["ObjectParts"]
    assert parts == {"TotalPartsCount": 1}, parts
    # CRC64NVME is never of parts, so that it needs no type.
    up = {"Bucket": name, "Key": "crc64"}
    up["UploadId"] = s3.create_multipart_upload(**up, ChecksumAlgorithm="CRC64NVME")["UploadId"]
    digest = {"ChecksumCRC64NVME": "rosUhgp5mIg="}
    part = s3.upload_part(**up, PartNumber=1, Body=b"123456789", **digest)
    named = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**up, MultipartUpload=named, **digest)
    up = {"Bucket": name, "Key": "two"}
    up["UploadId"] = s3.create_multipart_upload(**up, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    named = {"Parts": []}
    for number, size in [(1, 5 << 20), (2, 9)]:
        part = s3.upload_part(**up, PartNumber=number, Body=b"a" * size)
        named["Parts"].append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(**up, MultipartUpload=named)
    assert "ChecksumCRC32" not in s3.get_object(Bucket=name, Key="two", PartNumber=2, ChecksumMode="ENABLED")


def checksums_of_parts():
    name = a_bucket()
    up = {"Bucket": name, "Key": "m"}
    up["UploadId"] = s3.create_multipart_upload(**up, ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(**up, PartNumber=1, Body=b"abc", ChecksumAlgorithm="SHA256")
    wrong = base64.b64encode(hashlib.sha256(b"abd").digest()).decode()
    named = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": wrong}
    refused("InvalidPart", s3.complete_multipart_upload, **up, MultipartUpload={"Parts": [named]})
    named = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA1": "AAAA"}
    message = "The sha1 you specified for part 1 did not match what we received."
    refused("BadDigest", s3.complete_multipart_upload, message, **up, MultipartUpload={"Parts": [named]})
    # Without an algorithm no checksum belongs to a part, and none is told.
    up = {"Bucket": name, "Key": "n"}
    up["UploadId"] = plain.create_multipart_upload(**up)["UploadId"]
    part = s3.upload_part(**up, PartNumber=1, Body=b"abc", ChecksumAlgorithm="SHA1")
    assert "ChecksumSHA1" not in s3.list_parts(**up)["Parts"][0]
    named = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA1": part["ChecksumSHA1"]}
    refused("InvalidPart", s3.complete_multipart_upload, **up, MultipartUpload={"Parts": [named]})
    refused("InvalidRequest", s3.complete_multipart_upload, "You must specify at least one part", **up)
    refused("MalformedXML", s3.complete_multipart_upload, **up, MultipartUpload={"Parts": []})
    s3.complete_multipart_upload(**up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


def algorithms():
    """Nothing is stored whose checksum was not looked at."""
    name = a_bucket()
    for header, of in [("sha512", hashlib.sha512), ("md5", hashlib.md5)]:
        right = base64.b64encode(of(b"x").digest()).decode()
        wrong = base64.b64encode(of(b"y").digest()).decode()
        status, _, text = signed("PUT", f"/{name}/{header}", b"x", **{f"x-amz-checksum-{header}": wrong})
        assert status == 400 and "BadDigest" in text, text
        status, headers, text = signed("PUT", f"/{name}/{header}", b"x", **{f"x-amz-checksum-{header}": right})
        assert status == 200 and headers[f"x-amz-checksum-{header}"] == right, text
    for header in ("xxhash64", "xxhash3", "xxhash128", "crc16"):
        status, _, text = signed("PUT", f"/{name}/{header}", b"x", **{f"x-amz-checksum-{header}": "AAAAAAAAAAA="})
        assert status == 400 and "Checksum algorithm provided is unsupported" in text, text
    assert {it["Key"] for it in s3.list_objects_v2(Bucket=name)["Contents"]} == {"sha512", "md5"}


def a_condition_to_come():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k")
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    s3.get_object(Bucket=name, Key="k", IfModifiedSince=later)
    copy = {"Bucket": name, "Key": "c", "CopySource": f"{name}/k"}
    s3.copy_object(**copy, CopySourceIfModifiedSince=later)


def conflicts():
    """A conditional completion fails when the key was written while the upload went on, whatever is there now."""
    name = a_bucket()
    at = {"Bucket": name, "Key": "k"}

    def begin():
        up = {**at, "UploadId": s3.create_multipart_upload(**at)["UploadId"]}
        part = plain.upload_part(**up, PartNumber=1, Body=b"abc")
        return {**up, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}

    message = "The conditional request cannot succeed due to a conflicting operation against this resource."
    etag = s3.put_object(**at, Body=b"x")["ETag"]
    done = begin()
    refused("PreconditionFailed", s3.complete_multipart_upload, **done, IfNoneMatch="*")
    s3.put_object(**at, Body=b"x")
    found = refused("ConditionalRequestConflict", s3.complete_multipart_upload, message, **done, IfMatch=etag)
    assert (found["Condition"], found["Key"]) == ("If-Match", "k"), found
    s3.delete_object(**at)
    refused("NoSuchKey", s3.complete_multipart_upload, **done, IfMatch=etag)
    found = refused("ConditionalRequestConflict", s3.complete_multipart_upload, message, **done, IfNoneMatch="*")
    assert found["Condition"] == "If-None-Match", found
    # Another key does not matter, nor does a completion without a condition.
    other = begin()
    s3.put_object(Bucket=name, Key="k2")
    s3.complete_multipart_upload(**other, IfNoneMatch="*")
    s3.complete_multipart_upload(**done)


def listings_of_uploads():
    name = a_bucket()
    empty = s3.list_multipart_uploads(Bucket=name)
    assert empty["NextKeyMarker"] == "" and empty["NextUploadIdMarker"] == "" and "Prefix" not in empty
    ids = [s3.create_multipart_upload(Bucket=name, Key="k")["UploadId"] for _ in range(4)]
    page = s3.list_multipart_uploads(Bucket=name)
    assert [it["UploadId"] for it in page["Uploads"]] == ids, "in the order in which they began"
    assert page["NextKeyMarker"] == "k" and page["NextUploadIdMarker"] == ids[-1] and not page["IsTruncated"]
    assert all(it["Initiated"].microsecond == 0 for it in page["Uploads"])
    up = {"Bucket": name, "Key": "k", "UploadId": ids[0]}
    plain.upload_part(**up, PartNumber=3, Body=b"x")
    assert s3.list_parts(**up, PartNumberMarker=10)["NextPartNumberMarker"] == 0
    assert len(plain.list_parts(**up, MaxParts="")["Parts"]) == 1


def initiators():
    name = a_bucket()
    user = f"u-{uuid.uuid4()}"
    arn = iam.create_user(UserName=user, Path="/team/")["User"]["Arn"]
    allow = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(allow))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    client = boto3.client(
        "s3", config=CONFIG, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    up = {"Bucket": name, "Key": "k"}
    up["UploadId"] = client.create_multipart_upload(**up)["UploadId"]
    own = s3.create_multipart_upload(Bucket=name, Key="own")["UploadId"]
    parts = s3.list_parts(**up)
    assert parts["Initiator"] == {"ID": arn, "DisplayName": user} and len(parts["Owner"]["ID"]) == 64, parts
    parts = s3.list_parts(Bucket=name, Key="own", UploadId=own)
    assert parts["Initiator"] == parts["Owner"], parts


def delete_markers():
    name = a_bucket(versions=True)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    at = {"Bucket": name, "Key": "k"}
    s3.put_object(**at)
    s3.delete_object(**at)
    tags = {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}
    for call, more in [
        (s3.get_object_tagging, {}), (s3.put_object_tagging, tags), (s3.delete_object_tagging, {}),
        (s3.put_object_acl, {"ACL": "private"}),
    ]:
        found = refused("MethodNotAllowed", call, **at, **more)
        assert found["ResourceType"] == "DeleteMarker", found
    refused("NoSuchKey", s3.get_object_acl, **at)


def acls_are_read_first():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="k")
    for call, at in [(s3.put_bucket_acl, {"Bucket": name}), (s3.put_object_acl, {"Bucket": name, "Key": "k"})]:
        refused("AccessControlListNotSupported", call, **at, ACL="public-read")
        refused("InvalidArgument", call, **at, ACL="fake-acl")
        refused("InvalidArgument", call, "Invalid id", **at, GrantRead='id="wrong-id"')
        refused("InvalidRequest", call, **at, ACL="private", GrantRead='id="wrong-id"')


def copies():
    name = a_bucket()
    s3.put_object(Bucket=name, Key="a b")
    status, _, text = signed("PUT", f"/{name}/c", x_amz_copy_source=f"{name}/a+b")
    assert status == 200, text
    s3.put_object(Bucket=name, Key="k")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    copy = {"Bucket": name, "Key": "d", "CopySource": f"{name}/k"}
    assert "CopySourceVersionId" not in s3.copy_object(**copy)
    id = s3.put_object(Bucket=name, Key="k")["VersionId"]
    assert s3.copy_object(**copy)["CopySourceVersionId"] == id
    # Every header that is a condition key is one.
    key = "s3:x-amz-object-annotation-directive"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*",
            "Condition": {"StringEquals": {key: "COPY"}}}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    for word, status in (("COPY", 403), ("EXCLUDE", 200)):
        header = {"x-amz-copy-source": f"{name}/k", "x-amz-object-annotation-directive": word}
        assert signed("PUT", f"/{name}/e", **header)[0] == status, word


def customers_keys():
    name = a_bucket()
    takes_customer_keys(name)
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    up = {"Bucket": name, "Key": "m"}
    up["UploadId"] = s3.create_multipart_upload(**up, **own)["UploadId"]
    part = plain.upload_part(**up, PartNumber=1, Body=b"abc", **own)
    done = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    assert "ChecksumType" not in s3.complete_multipart_upload(**up, MultipartUpload=done)
    short = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 16}
    refused("AccessDenied", s3.get_object, Bucket=name, Key="m", **short)
    refused("InvalidArgument", s3.put_object, Bucket=name, Key="n", **short)
    both = {**own, "SSECustomerAlgorithm": "KMS", "ServerSideEncryption": "AES256"}
    assert refused("InvalidArgument", s3.put_object, Bucket=name, Key="n", **both)["ArgumentValue"] == "AES256"


def bucket_keys():
    name = a_bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.put_object(Bucket=name, Key="k", ServerSideEncryption="aws:kms")["BucketKeyEnabled"] is True


def forms():
    name = a_bucket()
    form = s3.generate_presigned_post(name, "f-${filename}", Conditions=[{"bucket": name}])

    def post(fields, file='name="file"'):
        lines = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
        body = "\r\n".join([*lines, f"--b\r\nContent-Disposition: form-data; {file}\r\n\r\nx", "--b--\r\n"])
        return send("POST", form["url"], body.encode(), content_type="multipart/form-data; boundary=b")

    status, headers, text = post(form["fields"])
    assert status == 204 and headers["x-amz-checksum-type"] == "FULL_OBJECT", text
    assert "x-amz-checksum-crc64nvme" in headers
    assert [it["Key"] for it in s3.list_objects_v2(Bucket=name)["Contents"]] == ["f-${filename}"]
    # A policy that nobody signed is nobody's.
    status, _, text = post({key: form["fields"][key] for key in ("key", "policy")})
    assert status == 403 and "<Code>AccessDenied</Code>" in text, text


def conditions_in_presigned_requests():
    name = a_bucket()
    request = AWSRequest("PUT", f"{ENDPOINT}/{name}/k", params={"If-None-Match": "*"})
    botocore.auth.S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    assert send("PUT", request.url, b"1")[0] == 200
    assert send("PUT", request.url, b"2")[0] == 412
    # Elsewhere it is a parameter that nobody reads.
    assert signed("PUT", f"/{name}/k?If-None-Match=%2A", b"3")[0] == 200
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"3"


def the_rest():
    name = a_bucket()
    assert s3.list_buckets(ContinuationToken="", MaxBuckets=1)["Buckets"]
    message = "Argument value eu-east-1 is not a valid AWS Region"
    refused("InvalidArgument", s3.list_buckets, message, BucketRegion="eu-east-1")
    # A tag set that is not there is empty.
    s3.put_object(Bucket=name, Key="k", Tagging="a=b")
    body = b"<Tagging/>"
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    assert signed("PUT", f"/{name}/k?tagging", body, content_md5=md5)[0] == 200
    assert s3.get_object_tagging(Bucket=name, Key="k")["TagSet"] == []
    tags = {"Tags": [{"Key": "aws:x", "Value": "y"}]}
    found = refused("InvalidTag", s3.create_bucket, Bucket=f"{name}-t", CreateBucketConfiguration=tags)
    assert found["Message"].startswith("User-defined tag keys can't start with"), found
    dotted = f"a.{name}"
    s3.create_bucket(Bucket=dotted)
    wrong = {"AccelerateConfiguration": {"Status": "x"}}
    refused("InvalidRequest", plain.put_bucket_accelerate_configuration, Bucket=dotted, **wrong)
    # Of two documents the id is not told apart.
    analytics = {"Id": "one", "StorageClassAnalysis": {}}
    put = s3.put_bucket_analytics_configuration
    answer = put(Bucket=name, Id="one", AnalyticsConfiguration=analytics)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused("MalformedXML", put, Bucket=name, Id="two", AnalyticsConfiguration=analytics)
    # The address of what parts made.
    up = {"Bucket": name, "Key": "a/ä—b"}
    up["UploadId"] = s3.create_multipart_upload(**up)["UploadId"]
    part = plain.upload_part(**up, PartNumber=1, Body=b"x")
    done = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    answer = s3.complete_multipart_upload(**up, MultipartUpload=done)
    assert answer["Location"].endswith("/a%2F%C3%A4%E2%80%94b") and answer["Key"] == "a/ä—b", answer["Location"]
    status, _, text = signed("PUT", f"/{name}/d", b"x", content_md5=base64.b64encode(b"0" * 16).decode())
    assert status == 400 and f"<ExpectedDigest>{(b'0' * 16).hex()}</ExpectedDigest>" in text, text
    # Of a part it is told as it was sent.
    sent = base64.b64encode(b"0" * 16).decode()
    up = {"Bucket": name, "Key": "p"}
    up["UploadId"] = s3.create_multipart_upload(**up)["UploadId"]
    status, _, text = signed("PUT", f"/{name}/p?partNumber=1&uploadId={up['UploadId']}", b"x", content_md5=sent)
    assert status == 400 and f"<ExpectedDigest>{sent}</ExpectedDigest>" in text, text
    # What is not served is refused by name, and not passed over.
    for header in ("x-amz-write-offset-bytes", "x-amz-object-lock-event-hold"):
        status, _, text = signed("PUT", f"/{name}/p", b"x", **{header: "0"})
        assert status == 501 and f"<Header>{header}</Header>" in text, text
    header = {"x-amz-if-match-initiated-time": "Sun, 29 Nov 2026 00:00:00 GMT"}
    status, _, text = signed("DELETE", f"/{name}/p?uploadId={up['UploadId']}", **header)
    assert status == 501 and "<Header>x-amz-if-match-initiated-time</Header>" in text, text
    # Carriage returns come back whatever else stands beside them.
    for key in ("a\rb", "a\r<b", "\r\n"):
        s3.put_object(Bucket=name, Key=key)
    listed = signed("GET", f"/{name}?list-type=2&prefix=a")[2] + signed("GET", f"/{name}?list-type=2&prefix=%0D")[2]
    assert "<Key>a&#13;b</Key>" in listed and "<Key>a&#13;&lt;b</Key>" in listed and "<Key>&#13;\n</Key>" in listed, listed


def upload_markers():
    name = a_bucket()
    ids = [s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"] for key in ("a", "a", "b")]
    page = {"Bucket": name, "KeyMarker": "a"}
    found = s3.list_multipart_uploads(**page, UploadIdMarker=ids[0])["Uploads"]
    assert [it["UploadId"] for it in found] == ids[1:], found
    for wrong in (ids[2], "x", ids[0] + "2"):
        told = refused("InvalidArgument", s3.list_multipart_uploads, "Invalid uploadId marker", **page, UploadIdMarker=wrong)
        assert told["ArgumentName"] == "upload-id-marker" and told["ArgumentValue"] == wrong, told
    # Without a key it means nothing; one that has ended since then still says where to go on.
    assert len(s3.list_multipart_uploads(Bucket=name, UploadIdMarker="x")["Uploads"]) == 3
    s3.abort_multipart_upload(Bucket=name, Key="a", UploadId=ids[0])
    found = s3.list_multipart_uploads(**page, UploadIdMarker=ids[0])["Uploads"]
    assert [it["UploadId"] for it in found] == ids[1:], found


def blocked_encryption():
    name = a_bucket()
    sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}

    def block(*kinds):
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        if kinds:
            rule["BlockedEncryptionTypes"] = {"EncryptionType": list(kinds)}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def blocked():
        rule, = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        return rule["BlockedEncryptionTypes"]["EncryptionType"]

    # A new bucket blocks the keys of customers, and a rule that says nothing of it leaves that as it is.
    assert blocked() == ["SSE-C"]
    refused("AccessDenied", s3.put_object, Bucket=name, Key="old", Body=b"x", **sse)
    block()
    assert blocked() == ["SSE-C"]
    takes_customer_keys(name)
    s3.put_object(Bucket=name, Key="old", Body=b"x", **sse)
    block()
    assert blocked() == ["NONE"]
    s3.put_object(Bucket=name, Key="plain", Body=b"x")
    block("SSE-C")
    for call, more in (
        (s3.put_object, {}), (s3.create_multipart_upload, {}), (s3.copy_object, {"CopySource": f"{name}/plain"}),
    ):
        found = refused("AccessDenied", call, Bucket=name, Key="k", **sse, **more)
        assert f's3:PutObject on resource: "arn:aws:s3:::{name}/k" because this bucket has' in found["Message"], found
    # It is told before anything of the key is.
    refused("AccessDenied", s3.put_object, Bucket=name, Key="k", SSECustomerAlgorithm="x", SSECustomerKey="k" * 32)
    assert [it["Key"] for it in s3.list_objects_v2(Bucket=name)["Contents"]] == ["old", "plain"]
    assert s3.get_object(Bucket=name, Key="old", **sse)["Body"].read() == b"x"
    block("NONE")
    s3.put_object(Bucket=name, Key="k", Body=b"x", **sse)
    s3.delete_bucket_encryption(Bucket=name)
    assert blocked() == ["SSE-C"]
    refused("AccessDenied", s3.put_object, Bucket=name, Key="k", Body=b"x", **sse)


def older_operations():
    """They are the same requests as those that came after them."""
    name = a_bucket()
    rule = {"ID": "r", "Prefix": "logs/", "Status": "Enabled", "Expiration": {"Days": 9},
            "Transition": {"Days": 3, "StorageClass": "GLACIER"}}
    s3.put_bucket_lifecycle(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle(Bucket=name)["Rules"] == [rule]
    topic = {"Id": "t", "Event": "s3:ObjectCreated:*", "Events": ["s3:ObjectCreated:*"],
             "Topic": "arn:aws:sns:us-east-1:123456789012:t"}
    sent = {key: topic[key] for key in ("Id", "Event", "Topic")}
    s3.put_bucket_notification(Bucket=name, NotificationConfiguration={"TopicConfiguration": sent})
    found = s3.get_bucket_notification(Bucket=name)["TopicConfiguration"]
    assert (found["Id"], found["Topic"], found["Events"]) == ("t", topic["Topic"], topic["Events"]), found
    function = {"CloudFunction": "arn:aws:lambda:us-east-1:123456789012:function:f", "Event": "s3:ObjectCreated:Put",
                "InvocationRole": "arn:aws:iam::123456789012:role/r"}
    s3.put_bucket_notification(Bucket=name, NotificationConfiguration={"CloudFunctionConfiguration": function})


for test in (
    pages_of_versions, deleting_unknown_versions, checksums_of_pieces, checksums_of_parts, algorithms,
    a_condition_to_come, conflicts, listings_of_uploads, initiators, delete_markers, acls_are_read_first, copies,
    customers_keys, bucket_keys, forms, conditions_in_presigned_requests, the_rest, upload_markers,
    blocked_encryption, older_operations,
):
    test()
