"""Export jobs through boto3: the chain of decisions, segments, and every way to fail.

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

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def statement(effect, action, resource):
    return {"Effect": effect, "Action": action, "Resource": resource}


def role(name, trust, *statements):
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": list(statements)}))
    return arn


def create(app, prefix, role_arn, client=pinpoint, **more):
    request = {"S3UrlPrefix": prefix, "RoleArn": role_arn, **more}
    return client.create_export_job(ApplicationId=app, ExportJobRequest=request)


def finish(created):
    job = created["ExportJobResponse"]
    for _ in range(200):
        job = pinpoint.get_export_job(ApplicationId=job["ApplicationId"], JobId=job["Id"])["ExportJobResponse"]
        if job["JobStatus"] in ("COMPLETED", "FAILED"):
            return job
        time.sleep(0.02)
    raise AssertionError(f"the job never ends: {job}")


def export(*arguments, **more):
    return finish(create(*arguments, **more))


def hops(created):
    """The decisions of the job: place, action, principal, allowed."""
    request = created["ResponseMetadata"]["RequestId"]
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/_rolecall/decisions/{request}") as answer:
        found = json.load(answer)["hops"]
    assert all(hop["id"] == request or hop["of"] == request for hop in found)
    return [(hop["hop"], hop["action"], hop["principal"], hop["allowed"]) for hop in found]


def records(bucket, prefix):
    out = []
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        out += [json.loads(line) for line in gzip.decompress(body).decode().splitlines()]
    return out


def keys(bucket):
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


for bucket in ("example-bucket", "other-bucket"):
    s3.create_bucket(Bucket=bucket)
writer = role("writer", TRUST, statement("Allow", "s3:PutObject", "arn:aws:s3:::example-bucket/Exports/*"))
app = pinpoint.create_app(CreateApplicationRequest={"Name": "demo"})["ApplicationResponse"]["Id"]
app_arn = f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{app}"

# --- an app without endpoints: one file with nothing in it
job = export(app, "s3://example-bucket/Exports/none/", writer)
assert (job["JobStatus"], job["TotalPieces"], job["TotalProcessed"]) == ("COMPLETED", 1, 0), job
assert keys("example-bucket") == [f"Exports/none/{job['Id']}_1.gz"]
assert records("example-bucket", "Exports/none/") == []

# --- the chain of an export that succeeds
items = [{"Id": f"e-{n:02}", "ChannelType": "EMAIL" if n % 3 else "SMS", "Address": f"a{n}@example.com",
          "Location": {"Country": "IT" if n % 2 else "FR"}} for n in range(30)]
pinpoint.update_endpoints_batch(ApplicationId=app, EndpointBatchRequest={"Item": items})
created = create(app, "s3://example-bucket/Exports/all/", writer)
first = created["ExportJobResponse"]
assert created["ResponseMetadata"]["HTTPStatusCode"] == 202
assert first["JobStatus"] == "CREATED" and first["Type"] == "EXPORT" and len(first["Id"]) == 32
assert first["Definition"] == {"RoleArn": writer, "S3UrlPrefix": "s3://example-bucket/Exports/all/"}
assert "TotalPieces" not in first and "CompletionDate" not in first
job = finish(created)
assert job["JobStatus"] == "COMPLETED" and job["CompletionDate"] >= job["CreationDate"]
counters = ("TotalPieces", "CompletedPieces", "FailedPieces", "TotalProcessed", "TotalFailures")
assert [job[name] for name in counters] == [1, 1, 0, 30, 0], job
assert "Failures" not in job
written = records("example-bucket", "Exports/all/")
assert [line["Id"] for line in written] == [item["Id"] for item in items]
assert written[0] == pinpoint.get_endpoint(ApplicationId=app, EndpointId="e-00")["EndpointResponse"]
root, session = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{ACCOUNT}:assumed-role/writer/pinpoint"
assert hops(created) == [
    (1, "mobiletargeting:CreateExportJob", root, True),
    (2, "iam:PassRole", root, True),
    (3, "sts:AssumeRole", "pinpoint.amazonaws.com", True),
    (4, "s3:PutObject", session, True),
], hops(created)

# --- a segment exports its members
dimensions = {"Demographic": {"Channel": {"DimensionType": "INCLUSIVE", "Values": ["EMAIL"]}},
              "Location": {"Country": {"DimensionType": "INCLUSIVE", "Values": ["IT"]}}}
segment = pinpoint.create_segment(ApplicationId=app, WriteSegmentRequest={"Name": "s", "Dimensions": dimensions})
segment = segment["SegmentResponse"]["Id"]
job = export(app, "s3://example-bucket/Exports/segment/", writer, SegmentId=segment)
assert job["JobStatus"] == "COMPLETED" and job["Definition"]["SegmentId"] == segment
wanted = [item["Id"] for item in items if item["ChannelType"] == "EMAIL" and item["Location"]["Country"] == "IT"]
assert [line["Id"] for line in records("example-bucket", "Exports/segment/")] == wanted and wanted
of_segment = pinpoint.get_segment_export_jobs(ApplicationId=app, SegmentId=segment)["ExportJobsResponse"]["Item"]
assert [item["Id"] for item in of_segment] == [job["Id"]]
assert len(pinpoint.get_export_jobs(ApplicationId=app)["ExportJobsResponse"]["Item"]) == 3

# --- a folder without its slash is a folder
job = export(app, "s3://example-bucket/Exports", writer)
assert job["JobStatus"] == "COMPLETED", job
assert f"Exports/{job['Id']}_1.gz" in keys("example-bucket")


def fails(at, *parts, prefix="s3://example-bucket/Exports/", role_arn=writer, of=app):
    """The export fails at this hop, with these words, and nothing is written."""
    before = keys("example-bucket"), keys("other-bucket")
    created = create(of, prefix, role_arn)
    job = finish(created)
    assert job["JobStatus"] == "FAILED" and job["CompletionDate"], job
    assert job["CompletedPieces"] == 0 and job["FailedPieces"] == job["TotalPieces"] >= 1, job
    said = "\n".join(job["Failures"])
    for part in parts:
        assert part in said, f"{part!r} is not in {said!r}"
    place, action, _, allowed = hops(created)[-1]
    assert (place, action, allowed) == ({"sts:AssumeRole": 3, "s3:PutObject": 4}[at], at, False), hops(created)
    assert (keys("example-bucket"), keys("other-bucket")) == before, "something was written"
    return job


# --- hop 4: the role may not write there
for prefix in ("", "Elsewhere/", "exports/", "ExportsOld/", "x/Exports/"):
    fails(
        "s3:PutObject",
        f"User: {session} is not authorized to perform: s3:PutObject",
        f'on resource: "arn:aws:s3:::example-bucket/{prefix}',
        "because no identity-based policy allows the s3:PutObject action",
        "hop 4",
        prefix=f"s3://example-bucket/{prefix}",
    )
fails("s3:PutObject", "no slash at its end", "`ExportsOld/`", prefix="s3://example-bucket/ExportsOld")
fails("s3:PutObject", "arn:aws:s3:::other-bucket/Exports/", prefix="s3://other-bucket/Exports/")
fails("s3:PutObject", "The specified bucket does not exist", "is not authorized to perform: s3:PutObject",
      prefix="s3://no-such-bucket-anywhere/Exports/")
s3.put_bucket_policy(Bucket="example-bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-bucket/Exports/*"}]}))
fails("s3:PutObject", "with an explicit deny in a resource-based policy")
s3.delete_bucket_policy(Bucket="example-bucket")

# A role that may write into a bucket that is not there: nobody denied it.
anywhere = role("anywhere", TRUST, statement("Allow", "s3:*", "*"))
created = create(app, "s3://no-such-bucket-anywhere/", anywhere)
job = finish(created)
assert job["JobStatus"] == "FAILED" and len(job["Failures"]) == 1, job
assert "The specified bucket does not exist" in job["Failures"][0], job
assert [hop[3] for hop in hops(created)] == [True] * 4

# --- hop 3: Pinpoint may not assume the role
assume = "User: pinpoint.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: "
nobody = role("nobody", {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
fails("sts:AssumeRole", assume + nobody, "hop 3", role_arn=nobody)
fails("sts:AssumeRole", assume, role_arn=f"arn:aws:iam::{ACCOUNT}:role/not-there")
guard = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": app_arn}}
guarded = role("guarded", {"Version": "2012-10-17", "Statement": [{**TRUST["Statement"][0], "Condition": guard}]},
               statement("Allow", "s3:PutObject", "arn:aws:s3:::example-bucket/Exports/*"))
assert export(app, "s3://example-bucket/Exports/", guarded)["JobStatus"] == "COMPLETED"
other = pinpoint.create_app(CreateApplicationRequest={"Name": "other"})["ApplicationResponse"]["Id"]
fails("sts:AssumeRole", assume + guarded, role_arn=guarded, of=other)
external = {"StringEquals": {"sts:ExternalId": ACCOUNT}}
old = role("old", {"Version": "2012-10-17", "Statement": [{**TRUST["Statement"][0], "Condition": external}]})
fails("sts:AssumeRole", assume + old, role_arn=old)

# --- a role whose permissions were taken away
iam.delete_role_policy(RoleName="writer", PolicyName="p")
fails("s3:PutObject", "because no identity-based policy allows the s3:PutObject action")

# --- hops 1 and 2: the caller
user_arn = iam.create_user(UserName="runner")["User"]["Arn"]
access = iam.create_access_key(UserName="runner")["AccessKey"]
runner = boto3.client(
    "pinpoint", aws_access_key_id=access["AccessKeyId"], aws_secret_access_key=access["SecretAccessKey"])


def allow(*statements):
    iam.put_user_policy(UserName="runner", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}))


def denied(action, resource, place, role_arn=guarded):
    jobs = len(pinpoint.get_export_jobs(ApplicationId=app)["ExportJobsResponse"]["Item"])
    try:
        create(app, "s3://example-bucket/Exports/", role_arn, client=runner)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == "AccessDeniedException", said
        assert f"User: {user_arn} is not authorized to perform: {action} on resource: {resource}" in said["Message"], said
        assert hops(error.response)[-1] == (place, action, user_arn, False), hops(error.response)
    else:
        raise AssertionError(f"{action} was not denied")
    assert len(pinpoint.get_export_jobs(ApplicationId=app)["ExportJobsResponse"]["Item"]) == jobs


denied("mobiletargeting:CreateExportJob", app_arn, 1)
may_export = statement("Allow", "mobiletargeting:CreateExportJob", app_arn)
allow(may_export)
denied("iam:PassRole", guarded, 2)
may_pass = {**statement("Allow", "iam:PassRole", guarded),
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
allow(may_export, may_pass)
denied("iam:PassRole", guarded, 2)
may_pass["Condition"]["StringEquals"]["iam:PassedToService"] = "pinpoint.amazonaws.com"
allow(may_export, may_pass)
assert finish(create(app, "s3://example-bucket/Exports/", guarded, client=runner))["JobStatus"] == "COMPLETED"
foreign = "arn:aws:iam::999988887777:role/theirs"
allow(may_export, statement("Allow", "iam:PassRole", "*"))
denied("iam:PassRole", foreign, 2, role_arn=foreign)
try:
    runner.get_export_job(ApplicationId=app, JobId=job["Id"])
except ClientError as error:
    assert f"{app_arn}/jobs/export/{job['Id']}" in error.response["Error"]["Message"], error
else:
    raise AssertionError("GetExportJob was not denied")
