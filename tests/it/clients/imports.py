"""Import jobs through boto3: the chain of decisions, both formats, imported segments, and every way to fail.

Endpoint and root credentials come from the environment. Says nothing when everything is as it should be.
"""

import gzip
import json
import os
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
iam, s3, pinpoint = boto3.client("iam"), boto3.client("s3"), boto3.client("pinpoint")

BUCKET = "example-bucket"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def trust(**condition):
    return {"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {})}


def role(name, trusting, *statements):
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusting))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return arn


def create(url, arn, form="JSON", client=pinpoint, **more):
    request = {"S3Url": url, "RoleArn": arn, "Format": form, "RegisterEndpoints": True, **more}
    return client.create_import_job(ApplicationId=app, ImportJobRequest=request)


def finish(created):
    job = created["ImportJobResponse"]
    for _ in range(200):
        job = pinpoint.get_import_job(ApplicationId=job["ApplicationId"], JobId=job["Id"])["ImportJobResponse"]
        if job["JobStatus"] in ("COMPLETED", "FAILED"):
            return job
        time.sleep(0.02)
    raise AssertionError(f"the job never ends: {job}")


def completed(*arguments, **more):
    job = finish(create(*arguments, **more))
    assert job["JobStatus"] == "COMPLETED", job
    return job


def failed(said, *arguments, **more):
    job = finish(create(*arguments, **more))
    assert job["JobStatus"] == "FAILED" and said in job["Failures"][0], job
    return job


def refused(code, **request):
    try:
        pinpoint.create_import_job(ApplicationId=app, ImportJobRequest=request)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response["Error"]["Message"]
    raise AssertionError(f"{request} is taken")


def hops(created):
    """The decisions of the job: place, action, resource, allowed."""
    request = created["ResponseMetadata"]["RequestId"]
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/_rolecall/decisions/{request}") as answer:
        found = json.load(answer)["hops"]
    return [(hop["hop"], hop["action"], hop["resource"], hop["allowed"]) for hop in found]


def put(key, text):
    s3.put_object(Bucket=BUCKET, Key=key, Body=text if isinstance(text, bytes) else text.encode())


def endpoint(name):
    return pinpoint.get_endpoint(ApplicationId=app, EndpointId=name)["EndpointResponse"]


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


s3.create_bucket(Bucket=BUCKET)
app = pinpoint.create_app(CreateApplicationRequest={"Name": "demo"})["ApplicationResponse"]["Id"]
app_arn = f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{app}"
# The guide's own role: its trust policy, and AWS's AmazonS3ReadOnlyAccess.
reader = role("reader", trust(StringEquals={"aws:SourceAccount": ACCOUNT}, ArnLike={"aws:SourceArn": app_arn}))
iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")

# JSON: the chain of decisions, the answer of the creation, what is stored.
put("Imports/a.json", lines(
    {"Id": "e-1", "ChannelType": "EMAIL", "Address": "ana@example.com", "Location": {"Country": "IT"},
     "Attributes": {"Ride": ["Bus", "Bike"]}, "User": {"UserId": "ana"}},
    {"ChannelType": "SMS", "Address": "+12065550101"}))
created = create(f"s3://{BUCKET}/Imports/", reader)
assert created["ResponseMetadata"]["HTTPStatusCode"] == 201, created
first = created["ImportJobResponse"]
assert (first["JobStatus"], first["Type"], first["Definition"]["Format"]) == ("CREATED", "IMPORT", "JSON"), first
assert "TotalPieces" not in first, first
job = finish(created)
counts = ("TotalPieces", "CompletedPieces", "FailedPieces", "TotalProcessed", "TotalFailures")
assert [job[name] for name in counts] == [1, 1, 0, 2, 0] and job["JobStatus"] == "COMPLETED", job
assert hops(created) == [
    (1, "mobiletargeting:CreateImportJob", app_arn, True),
    (2, "iam:PassRole", reader, True),
    (3, "sts:AssumeRole", reader, True),
    (4, "s3:ListBucket", f"arn:aws:s3:::{BUCKET}", True),
    (5, "s3:GetObject", f"arn:aws:s3:::{BUCKET}/Imports/a.json", True),
], hops(created)
ana = endpoint("e-1")
assert (ana["Address"], ana["Attributes"], ana["OptOut"]) == ("ana@example.com", {"Ride": ["Bus", "Bike"]}, "NONE"), ana
assert [one["Id"] for one in pinpoint.get_import_jobs(ApplicationId=app)["ImportJobsResponse"]["Item"]] == [job["Id"]]

# CSV: columns, quotes, an attribute of several values; an Id of one that is there changes it.
put("csv/a.CSV", "Id,ChannelType,Address,Location.Country,Attributes.Ride,Attributes.Ride,Metrics.visits\r\n"
    'e-3,EMAIL,"last, first@example.com",DE,Bus,Tram,3\r\ne-1,,,FR,,,\r\n')
put("csv/notes.txt", "not this one")
job = completed(f"s3://{BUCKET}/csv", reader, "CSV")
assert (job["TotalPieces"], job["TotalProcessed"]) == (1, 2), job
third = endpoint("e-3")
assert (third["Address"], third["Attributes"]["Ride"], third["Metrics"]) == (
    "last, first@example.com", ["Bus", "Tram"], {"visits": 3.0}), third
assert endpoint("e-1")["Location"]["Country"] == "FR" and endpoint("e-1")["Address"] == "ana@example.com"

# One file by its name; lines that say nothing sensible are counted and named, the others are taken.
put("bad/one.json", lines({"Id": "e-4", "ChannelType": "SMS", "Address": "+1"}) + "{\n"
    + lines({"Id": "unknown"}, {"Id": "e-5", "ChannelType": "FAX", "Address": "x"}))
job = completed(f"s3://{BUCKET}/bad/one.json", reader)
assert (job["TotalProcessed"], job["TotalFailures"]) == (4, 3), job
assert [text.split(":")[0] for text in job["Failures"]] == [f"bad/one.json, line {n}" for n in (2, 3, 4)], job
assert endpoint("e-4")["Address"] == "+1"

# A segment of what was imported: its endpoints, and all those of a user.
put("segment/a.json", lines({"Id": "e-3"}, {"User": {"UserId": "ana"}}))
job = completed(f"s3://{BUCKET}/segment/", reader, RegisterEndpoints=False, DefineSegment=True, SegmentName="chosen")
segment = pinpoint.get_segments(ApplicationId=app)["SegmentsResponse"]["Item"][0]
assert (segment["SegmentType"], segment["Name"], segment["Version"]) == ("IMPORT", "chosen", 1), segment
assert segment["ImportDefinition"]["Size"] == 2, segment
assert segment["ImportDefinition"]["S3Url"] == f"s3://{BUCKET}/segment/", segment
of_segment = pinpoint.get_segment_import_jobs(ApplicationId=app, SegmentId=segment["Id"])["ImportJobsResponse"]["Item"]
assert [one["Id"] for one in of_segment] == [job["Id"]], of_segment
writer = role("writer", trust(), allow("s3:PutObject", "*"))


def exported(prefix, **more):
    request = {"S3UrlPrefix": f"s3://{BUCKET}/{prefix}", "RoleArn": writer, **more}
    job = pinpoint.create_export_job(ApplicationId=app, ExportJobRequest=request)["ExportJobResponse"]
    for _ in range(200):
        if pinpoint.get_export_job(ApplicationId=app, JobId=job["Id"])["ExportJobResponse"]["JobStatus"] == "COMPLETED":
            break
        time.sleep(0.02)
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    bodies = [s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in found]
    return b"".join(gzip.decompress(body) for body in bodies)


text = exported("of-segment/", SegmentId=segment["Id"])
assert sorted(json.loads(line)["Id"] for line in text.splitlines()) == ["e-1", "e-3"], text

# The same segment anew is its next version; a dimensional one cannot be imported into.
put("segment/a.json", lines({"Id": "e-4"}))
completed(f"s3://{BUCKET}/segment/", reader, DefineSegment=True, SegmentId=segment["Id"])
assert pinpoint.get_segment(ApplicationId=app, SegmentId=segment["Id"])["SegmentResponse"]["Version"] == 2
text = exported("again/", SegmentId=segment["Id"])
assert [json.loads(line)["Id"] for line in text.splitlines()] == ["e-4"], text
rules = {"Dimensions": {"Location": {"Country": {"Values": ["IT"]}}}, "Name": "computed"}
computed = pinpoint.create_segment(ApplicationId=app, WriteSegmentRequest=rules)["SegmentResponse"]["Id"]
common = {"S3Url": f"s3://{BUCKET}/segment/", "RoleArn": reader, "Format": "JSON"}
assert "dimensional" in refused("BadRequestException", **common, DefineSegment=True, SegmentId=computed)
refused("NotFoundException", **common, DefineSegment=True, SegmentId="none")

# What was exported can come back, once it is no longer compressed.
failed("compressed", f"s3://{BUCKET}/" + s3.list_objects_v2(Bucket=BUCKET, Prefix="again/")["Contents"][0]["Key"], reader)
put("back/all.json", exported("all/"))
job = completed(f"s3://{BUCKET}/back/", reader)
assert job["TotalFailures"] == 0 and job["TotalProcessed"] >= 4, job

# Every No of the chain, each at its hop.
assert "does nothing" in refused("BadRequestException", **common)
assert "s3://" in refused("BadRequestException", **{**common, "S3Url": "https://x/"}, RegisterEndpoints=True)
assert "RoleArn" in refused("BadRequestException", **{**common, "RoleArn": "reader"}, RegisterEndpoints=True)
assert "Format" in refused("BadRequestException", **{**common, "Format": "XML"}, RegisterEndpoints=True)
refused("AccessDeniedException", **{**common, "RoleArn": reader.replace(ACCOUNT, "999988887777")}, RegisterEndpoints=True)

old = role("old", trust(StringEquals={"sts:ExternalId": ACCOUNT}), allow("s3:*", "*"))
failed("sts:AssumeRole", f"s3://{BUCKET}/back/", old, ExternalId=ACCOUNT)
other_app = role("other-app", trust(ArnLike={"aws:SourceArn": app_arn + "x"}), allow("s3:*", "*"))
failed("sts:AssumeRole", f"s3://{BUCKET}/back/", other_app)
no_list = role("no-list", trust(), allow("s3:GetObject", "*"))
failed("s3:ListBucket", f"s3://{BUCKET}/back/", no_list)
elsewhere = role("elsewhere", trust(), allow("s3:ListBucket", "*"), allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/Imports/*"))
completed(f"s3://{BUCKET}/Imports/", elsewhere)
job = failed("s3:GetObject", f"s3://{BUCKET}/back/", elsewhere)
assert (job["TotalPieces"], job["FailedPieces"]) == (1, 1), job
failed("does not exist", "s3://no-such-bucket/Imports/", reader)
failed("no file", f"s3://{BUCKET}/nothing/", reader)

# A folder of many other files, and a file with many beside it, are imports of one file all the same.
for n in range(1001):
    put(f"crowd/{n}.txt", "x")
put("crowd/only.csv", "\nChannelType,Address\nSMS,+3\n")
assert completed(f"s3://{BUCKET}/crowd/", reader, "CSV")["TotalProcessed"] == 1

# Lines of CSV that would lose something say so.
put("odd.csv", 'ChannelType,Address,Location.Country\nSMS,"+4,IT\nSMS,+5\r,IT\nSMS,+6,IT\n')
job = completed(f"s3://{BUCKET}/odd.csv", reader, "CSV")
assert job["TotalFailures"] == 2 and "quote" in job["Failures"][0] and "carriage" in job["Failures"][1], job
put("twice.csv", "ChannelType,Address,Address\nSMS,+1,+2\n")
failed("twice", f"s3://{BUCKET}/twice.csv", reader, "CSV")

# What is put back while a job runs is not touched by it, and a job in it has failed.
def admin(method, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/_rolecall/{path}", data, method=method)
    request.add_header("content-type", "application/json")
    return urllib.request.urlopen(request).read()


put("long/a.json", lines(*({"Id": f"l-{n}", "ChannelType": "SMS", "Address": f"+{n}"} for n in range(20000))))
put("long/b.json", lines({"Id": "l-b", "ChannelType": "SMS", "Address": "+1"}))
before = pinpoint.get_segments(ApplicationId=app)["SegmentsResponse"]["Item"]
admin("POST", "snapshots", name="before")
started = create(f"s3://{BUCKET}/long/", reader, DefineSegment=True, SegmentName="late")
running = started["ImportJobResponse"]
admin("POST", "snapshots", name="during")
admin("POST", "snapshots/before/restore")
time.sleep(1)
assert pinpoint.get_segments(ApplicationId=app)["SegmentsResponse"]["Item"] == before
stored = pinpoint.get_import_jobs(ApplicationId=app)["ImportJobsResponse"]["Item"]
read = [resource for _, action, resource, _ in hops(started) if action == "s3:GetObject"]
assert not any(resource.endswith("/b.json") for resource in read), read
assert running["Id"] not in [job["Id"] for job in stored], stored
admin("POST", "snapshots/during/restore")
job = pinpoint.get_import_job(ApplicationId=app, JobId=running["Id"])["ImportJobResponse"]
assert job["JobStatus"] == "FAILED" and "put back" in job["Failures"][0], job

# Whoever may not pass the role, or not create imports, starts none.
for name, statements in {
    "no-pass": [allow("mobiletargeting:*", "*")],
    "no-import": [allow("iam:PassRole", "*"), allow("mobiletargeting:CreateExportJob", "*")],
}.items():
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    client = boto3.client("pinpoint", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    try:
        create(f"s3://{BUCKET}/back/", reader, client=client)
    except ClientError as error:
        wanted = {"no-pass": "iam:PassRole", "no-import": "mobiletargeting:CreateImportJob"}[name]
        assert error.response["Error"]["Code"].startswith("AccessDenied") and wanted in str(error), error
    else:
        raise AssertionError(f"{name} started a job")
