"""The configurations of a bucket as boto3 sets and reads them. Says nothing when all is well."""

import datetime
import http.client
import os
import urllib.parse
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
CONFIG = Config(signature_version="s3v4", retries={"max_attempts": 1}, s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=CONFIG)
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/replicate"


def refused(code, call, **arguments):
    """The call must fail with this code; answers with the error."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response["Error"]
    raise AssertionError(f"{call.__name__} {arguments} succeeded instead of {code}")


def new_bucket(**more):
    name = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, **more)
    return name


def options(path, **headers):
    """A preflight as a browser sends it: status, headers, body."""
    host = urllib.parse.urlparse(ENDPOINT).netloc
    connection = http.client.HTTPConnection(host)
    connection.request("OPTIONS", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def cors():
    name = new_bucket()
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)
    status, _, body = options(f"/{name}/k", Origin="http://a.example.com", Access_Control_Request_Method="PUT")
    assert status == 403 and "CORS is not enabled for this bucket." in body and "<Method>PUT</Method>" in body, body
    rules = [
        {
            "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["http://*.example.com"],
            "AllowedHeaders": ["x-amz-*", "Content-Type"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3000,
        },
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]},
    ]
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"] == rules
    asked = {"Origin": "http://a.example.com", "Access_Control_Request_Method": "PUT"}
    status, found, body = options(f"/{name}/k", Access_Control_Request_Headers="X-Amz-Date, content-type", **asked)
    assert (status, body) == (200, ""), body
    assert found["access-control-allow-origin"] == "http://a.example.com", found
    assert found["access-control-allow-methods"] == "GET, PUT", found
    assert found["access-control-allow-headers"] == "x-amz-date, content-type", found
    assert found["access-control-expose-headers"] == "ETag", found
    assert found["access-control-max-age"] == "3000", found
    assert found["access-control-allow-credentials"] == "true", found
    assert found["vary"].startswith("Origin, "), found
    assert options(f"/{name}/k", Access_Control_Request_Headers="authorization", **asked)[0] == 403
    status, found, _ = options(f"/{name}?acl", Origin="http://b.test", Access_Control_Request_Method="GET")
    assert status == 200 and found["access-control-allow-origin"] == "*", found
    assert "access-control-allow-credentials" not in found, found
    status, _, body = options(f"/{name}", Origin="http://b.test", Access_Control_Request_Method="DELETE")
    assert status == 403 and "<ResourceType>BUCKET</ResourceType>" in body, body
    assert options(f"/{name}/k")[0] == 400
    status, _, body = options(f"/{name}/k", Origin="http://b.test", Access_Control_Request_Method="BLAH")
    assert status == 400 and "Invalid Access-Control-Request-Method: BLAH" in body, body
    status, _, body = options("/no-such-bucket/k", Origin="http://b.test", Access_Control_Request_Method="GET")
    assert status == 403 and "CORSResponse: Bucket not found" in body, body

    # The answer to the request itself says the same, also when it is a refusal.
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    host = urllib.parse.urlparse(ENDPOINT).netloc
    connection = http.client.HTTPConnection(host)
    url = urllib.parse.urlparse(s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"}))
    connection.request("GET", f"{url.path}?{url.query}", headers={"Origin": "http://b.test"})
    answer = connection.getresponse()
    assert answer.read() == b"x" and answer.getheader("access-control-allow-origin") == "*"
    connection.request("GET", f"/{name}/k", headers={"Origin": "http://b.test"})
    answer = connection.getresponse()
    assert answer.status == 403 and answer.getheader("access-control-allow-origin") == "*", answer.read()

    bad = [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]
    error = refused("InvalidRequest", s3.put_bucket_cors, Bucket=name, CORSConfiguration={"CORSRules": bad})
    assert error["Message"] == "Found unsupported HTTP method in CORS config. Unsupported method is PATCH", error
    refused("MalformedXML", s3.put_bucket_cors, Bucket=name, CORSConfiguration={"CORSRules": []})
    s3.delete_bucket_cors(Bucket=name)
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)


def lifecycle():
    name = new_bucket()
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=name)
    date = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)
    rules = [
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 365},
         "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
         "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"ID": "tagged", "Status": "Disabled", "Expiration": {"Date": date},
         "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 10}}},
    ]
    answer = s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    assert answer["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K", answer
    found = s3.get_bucket_lifecycle_configuration(Bucket=name)
    assert found["Rules"] == rules, found["Rules"]
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"

    def put(*rules, **more):
        return s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": list(rules)}, **more
        )

    days = {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 7}}
    put(days, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    found = s3.get_bucket_lifecycle_configuration(Bucket=name)
    assert found["Rules"][0]["ID"] and found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"

    def bad(code, message, *rules, **more):
        try:
            put(*rules, **more)
        except ClientError as error:
            said = error.response["Error"]
            assert said["Code"] == code and (message is None or said["Message"] == message), said
        else:
            raise AssertionError(f"{rules} was taken")

    bad("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: x", days, TransitionDefaultMinimumObjectSize="x")
    bad("MalformedXML", None, {"Status": "Enabled", "Expiration": {"Days": 7}})
    bad("MalformedXML", None, {**days, "Filter": {"Prefix": "", "ObjectSizeGreaterThan": 5}})
    bad("MalformedXML", None, {**days, "Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}})
    bad("MalformedXML", None, {**days, "NoncurrentVersionExpiration": {}})
    bad("MalformedXML", None, {**days, "Status": "enabled"})
    bad("MalformedXML", None)
    bad("InvalidRequest", None, {"Status": "Enabled", "Filter": {}})
    noon = datetime.datetime(2040, 1, 1, 12, tzinfo=datetime.timezone.utc)
    bad("InvalidArgument", "'Date' must be at midnight GMT", {**days, "Expiration": {"Date": noon}})
    bad("InvalidArgument", "'Days' for Expiration action must be a positive integer", {**days, "Expiration": {"Days": 0}})
    bad("InvalidArgument", None, {**days, "ID": "a" * 256})
    bad("InvalidArgument", None, {**days, "ID": "same"}, {**days, "ID": "same"})
    twice = {"And": {"Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}}
    bad("InvalidRequest", "Duplicate Tag Keys are not allowed.", {**days, "Filter": twice})
    s3.delete_bucket_lifecycle(Bucket=name)
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=name)


def expiration():
    name = new_bucket()
    put = lambda key, **more: s3.put_object(Bucket=name, Key=key, Body=b"x", **more)
    assert "Expiration" not in put("a")
    rules = [
        {"ID": "slow one", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 9}},
        {"ID": "quick", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Status": "Enabled", "Expiration": {"Days": 1}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    assert "Expiration" not in put("a")
    slow = put("logs/a")["Expiration"]
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0)
    day = (today + datetime.timedelta(days=10)).strftime("%a, %d %b %Y 00:00:00 GMT")
    assert slow == f'expiry-date="{day}", rule-id="slow%20one"', slow
    assert 'rule-id="quick"' in put("logs/b", Tagging="k=v")["Expiration"]
    assert s3.head_object(Bucket=name, Key="logs/a")["Expiration"] == slow
    assert s3.get_object(Bucket=name, Key="logs/a")["Expiration"] == slow
    copied = s3.copy_object(Bucket=name, Key="logs/c", CopySource={"Bucket": name, "Key": "a"})
    assert copied["Expiration"] == slow


def encryption():
    name = new_bucket()
    get = lambda: s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    put = lambda *rules: s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": list(rules)}
    )
    blocked = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False, **blocked}
    assert get() == [default], get()
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/x"}}
    put({**kms, "BucketKeyEnabled": True})
    assert get() == [{**kms, "BucketKeyEnabled": True, **blocked}], get()
    put(kms)
    assert get() == [{**kms, "BucketKeyEnabled": False, **blocked}], get()
    for bad in [[], [kms, kms], [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "rot13"}}]]:
        try:
            put(*bad)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "MalformedXML", error
        else:
            raise AssertionError(f"{bad} was taken")
    keyed = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "x"}}
    configuration = {"Rules": [keyed]}
    refused("InvalidArgument", s3.put_bucket_encryption, Bucket=name, ServerSideEncryptionConfiguration=configuration)
    # What a write does not say, the bucket says.
    key = "arn:aws:kms:us-east-1:123456789012:key/0b9d1f0e-2f43-4f0c-8a8e-5d3c1c0a9f11"
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    put({"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True})
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    head = s3.head_object(Bucket=name, Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == ("aws:kms", key, True), head
    assert s3.put_object(Bucket=name, Key="k", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    s3.delete_bucket_encryption(Bucket=name)
    assert get() == [default]
    # Nobody needs to change anything to copy an object onto itself where encryption was set.
    name = new_bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    itself = {"Bucket": name, "Key": "k", "CopySource": f"{name}/k"}
    refused("InvalidRequest", s3.copy_object, **itself)
    by_default = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=by_default)
    s3.copy_object(**itself)


def website():
    name = new_bucket()
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=name)
    wanted = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "d/"}}],
    }
    s3.put_bucket_website(Bucket=name, WebsiteConfiguration=wanted)
    found = s3.get_bucket_website(Bucket=name)
    assert {key: found[key] for key in wanted} == wanted, found
    for code, bad in [
        ("InvalidArgument", {"IndexDocument": {"Suffix": "/index.html"}}),
        ("InvalidArgument", {"RedirectAllRequestsTo": {"HostName": "x"}, "IndexDocument": {"Suffix": "i"}}),
        ("InvalidArgument", {"ErrorDocument": {"Key": "e"}}),
        ("InvalidRequest", {"IndexDocument": {"Suffix": "i"}, "RoutingRules": [{"Redirect": {"Protocol": "ftp"}}]}),
        ("MalformedXML", {"IndexDocument": {"Suffix": "i"}, "RoutingRules": []}),
    ]:
        refused(code, s3.put_bucket_website, Bucket=name, WebsiteConfiguration=bad)
    s3.delete_bucket_website(Bucket=name)
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=name)


def logging():
    name, target = new_bucket(), new_bucket()
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    log = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "WRITE"}
    enabled = {"TargetBucket": target, "TargetPrefix": "log/", "TargetGrants": [log]}
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"] == enabled
    absent = {"LoggingEnabled": {"TargetBucket": f"{target}-x", "TargetPrefix": ""}}
    refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, Bucket=name, BucketLoggingStatus=absent)
    far = new_bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    away = {"LoggingEnabled": {"TargetBucket": far, "TargetPrefix": ""}}
    refused("CrossLocationLoggingProhibitted", s3.put_bucket_logging, Bucket=name, BucketLoggingStatus=away)
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)


def notification():
    name = new_bucket()
    found = s3.get_bucket_notification_configuration(Bucket=name)
    assert set(found) == {"ResponseMetadata"}, found
    queue = {
        "QueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
    }
    configuration = {"QueueConfigurations": [queue], "EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)
    found = s3.get_bucket_notification_configuration(Bucket=name)
    assert found["EventBridgeConfiguration"] == {} and found["QueueConfigurations"][0]["Id"]
    assert found["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "in/"}]
    put = s3.put_bucket_notification_configuration
    for bad in [
        {**queue, "QueueArn": "no-arn"},
        {**queue, "QueueArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"},
        {**queue, "Events": ["s3:Nothing"]},
        {**queue, "Filter": {"Key": {"FilterRules": [{"Name": "middle", "Value": "x"}]}}},
    ]:
        refused("InvalidArgument", put, Bucket=name, NotificationConfiguration={"QueueConfigurations": [bad]})
    put(Bucket=name, NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=name)


def replication():
    name, target = new_bucket(), new_bucket()
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=name)
    rule = {
        "ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": "x"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}", "StorageClass": "STANDARD"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }
    configuration = {"Role": ROLE, "Rules": [rule]}
    put = lambda code: refused(code, s3.put_bucket_replication, Bucket=name, ReplicationConfiguration=configuration)
    assert put("InvalidRequest")["Message"].startswith("Versioning must be 'Enabled' on the bucket")
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=enabled)
    assert put("InvalidRequest")["Message"] == "Destination bucket must have versioning enabled."
    s3.put_bucket_versioning(Bucket=target, VersioningConfiguration=enabled)
    s3.put_bucket_replication(Bucket=name, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"] == configuration
    suspended = {"Status": "Suspended"}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=name, VersioningConfiguration=suspended)
    s3.delete_bucket_replication(Bucket=name)
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=name)


def passing_a_role():
    """Whoever sets replication hands its role to S3, so `iam:PassRole` is asked for."""
    iam = boto3.client("iam")
    name, target, user = new_bucket(), new_bucket(), f"u-{uuid.uuid4()}"
    for bucket in (name, target):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    iam.create_user(UserName=user)
    allow = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":%s,"Resource":"*"}}'
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=allow % '"s3:*"')
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = boto3.client(
        "s3", config=CONFIG, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    rule = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}
    configuration = {"Role": ROLE, "Rules": [rule]}
    error = refused("AccessDenied", theirs.put_bucket_replication, Bucket=name, ReplicationConfiguration=configuration)
    assert "iam:PassRole" in error["Message"], error
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=allow % '["s3:*","iam:PassRole"]')
    theirs.put_bucket_replication(Bucket=name, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"][0]["ID"]


def small_ones():
    name = new_bucket()
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=name)
    s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=name)["Status"] == "Enabled"
    bad = {"Status": "enabled"}
    refused("MalformedXML", s3.put_bucket_accelerate_configuration, Bucket=name, AccelerateConfiguration=bad)
    assert s3.get_bucket_request_payment(Bucket=name)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=name)["Payer"] == "Requester"


def object_lock():
    name = new_bucket(ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    get = lambda: s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert get() == {"ObjectLockEnabled": "Enabled"}, get()
    wanted = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=wanted)
    assert get() == wanted, get()
    put = s3.put_object_lock_configuration
    for retention in [{"Mode": "GOVERNANCE"}, {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, {"Mode": "X", "Days": 1}]:
        bad = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        refused("MalformedXML", put, Bucket=name, ObjectLockConfiguration=bad)
    zero = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}}
    refused("InvalidArgument", put, Bucket=name, ObjectLockConfiguration=zero)
    suspended = {"Status": "Suspended"}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=name, VersioningConfiguration=suspended)
    plain = new_bucket()
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=plain)
    refused("InvalidBucketState", put, Bucket=plain, ObjectLockConfiguration=wanted)


def several():
    name = new_bucket()
    target = {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{name}", "Format": "CSV"}}
    kinds = [
        ("analytics", "Analytics", lambda id: {
            "Id": id, "Filter": {"Prefix": "a"}, "StorageClassAnalysis": {
                "DataExport": {"OutputSchemaVersion": "V_1", "Destination": target}}}),
        ("inventory", "Inventory", lambda id: {
            "Id": id, "IsEnabled": True, "Destination": target, "Schedule": {"Frequency": "Daily"},
            "IncludedObjectVersions": "All", "OptionalFields": ["Size", "ETag"]}),
        ("metrics", "Metrics", lambda id: {"Id": id, "Filter": {"Prefix": "a"}}),
        ("intelligent_tiering", "IntelligentTiering", lambda id: {
            "Id": id, "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
    ]
    for call, kind, make in kinds:
        do = lambda verb, **more: getattr(s3, f"{verb}_bucket_{call}_configuration")(Bucket=name, **more)
        listed = lambda **more: getattr(s3, f"list_bucket_{call}_configurations")(Bucket=name, **more)
        assert listed()["IsTruncated"] is False and f"{kind}ConfigurationList" not in listed()
        member = f"{kind}Configuration"
        for number in range(101):
            id = f"id-{number:03}"
            do("put", Id=id, **{member: make(id)})
        assert do("get", Id="id-007")[member] == make("id-007"), do("get", Id="id-007")
        page = listed()
        assert page["IsTruncated"] and len(page[f"{member}List"]) == 100
        rest = listed(ContinuationToken=page["NextContinuationToken"])
        assert rest[f"{member}List"] == [make("id-100")] and not rest["IsTruncated"]
        mismatch = getattr(s3, f"put_bucket_{call}_configuration")
        other = "MalformedXML" if kind in ("Analytics", "IntelligentTiering") else "IdMismatch"
        refused(other, mismatch, Bucket=name, Id="other", **{member: make("id-000")})
        do("delete", Id="id-000")
        get, delete = (getattr(s3, f"{verb}_bucket_{call}_configuration") for verb in ("get", "delete"))
        refused("NoSuchConfiguration", get, Bucket=name, Id="id-000")
        refused("NoSuchConfiguration", delete, Bucket=name, Id="id-000")
    wrong = {**kinds[1][2]("x"), "Destination": {"S3BucketDestination": {"Bucket": name, "Format": "CSV"}}}
    put = s3.put_bucket_inventory_configuration
    refused("InvalidS3DestinationBucket", put, Bucket=name, Id="x", InventoryConfiguration=wrong)


def creation():
    name = f"b-{uuid.uuid4()}"
    assert s3.create_bucket(Bucket=name)["BucketArn"] == f"arn:aws:s3:::{name}"
    tagged = {"Tags": [{"Key": "k", "Value": "v"}]}
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=name, CreateBucketConfiguration=tagged)
    europe = new_bucket(CreateBucketConfiguration={"LocationConstraint": "EU"})
    assert s3.get_bucket_location(Bucket=europe)["LocationConstraint"] == "EU"


for test in (
    cors, lifecycle, expiration, encryption, website, logging, notification, replication, passing_a_role, small_ones,
    object_lock, several, creation,
):
    test()
