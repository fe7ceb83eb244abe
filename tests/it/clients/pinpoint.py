"""Pinpoint through boto3: apps, settings, endpoints, segments, tags and what is not served.

Endpoint and root credentials come from the environment. Says nothing when everything is as it should be.
"""

import json
import os
import urllib.request

import boto3
from botocore.exceptions import ClientError

client = boto3.client("pinpoint")
ACCOUNT = "123456789012"
REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")


def refused(code, call, *parts, **arguments):
    """The call is refused with this code; every part stands in the message."""
    try:
        call(**arguments)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == code, f"{said} instead of {code}"
        for part in parts:
            assert part in said["Message"], f"{part!r} is not in {said['Message']!r}"
        return error.response
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def admin(path, body):
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/_rolecall/{path}",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def apps():
    made = client.create_app(
        CreateApplicationRequest={"Name": "demo", "tags": {"Team": "a", "team": "b"}}
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    app = made["ApplicationResponse"]
    assert len(app["Id"]) == 32 and int(app["Id"], 16) >= 0
    assert app["Arn"] == f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{app['Id']}"
    assert app["tags"] == {"Team": "a", "team": "b"}
    assert app["CreationDate"].endswith("Z")
    assert client.get_app(ApplicationId=app["Id"])["ApplicationResponse"] == app
    others = [
        client.create_app(CreateApplicationRequest={"Name": f"other-{n}"})["ApplicationResponse"]["Id"]
        for n in range(4)
    ]
    seen, token = [], {}
    while True:
        page = client.get_apps(PageSize="2", **token)["ApplicationsResponse"]
        assert len(page["Item"]) <= 2
        seen += [item["Id"] for item in page["Item"]]
        if "NextToken" not in page:
            break
        token = {"Token": page["NextToken"]}
    assert seen == sorted(seen) and {app["Id"], *others} <= set(seen)
    for other in others:
        gone = client.delete_app(ApplicationId=other)["ApplicationResponse"]
        assert gone["Id"] == other
        refused("NotFoundException", client.get_app, ApplicationId=other)
    refused("BadRequestException", client.create_app, "Name", CreateApplicationRequest={"Name": ""})
    refused(
        "BadRequestException", client.create_app, "aws:",
        CreateApplicationRequest={"Name": "x", "tags": {"aws:x": "y"}},
    )
    refused("BadRequestException", client.get_apps, "page-size", PageSize="many")
    return app


def settings(app):
    before = client.get_application_settings(ApplicationId=app["Id"])["ApplicationSettingsResource"]
    assert before["ApplicationId"] == app["Id"] and before["Limits"] == {}
    client.update_application_settings(
        ApplicationId=app["Id"], WriteApplicationSettingsRequest={"Limits": {"Daily": 3}}
    )
    after = client.update_application_settings(
        ApplicationId=app["Id"],
        WriteApplicationSettingsRequest={"QuietTime": {"Start": "20:00", "End": "08:00"}},
    )["ApplicationSettingsResource"]
    assert after["Limits"] == {"Daily": 3} and after["QuietTime"]["Start"] == "20:00"


def endpoints(app):
    of = {"ApplicationId": app["Id"]}
    accepted = client.update_endpoint(
        EndpointId="e/1 ü",
        EndpointRequest={
            "ChannelType": "EMAIL",
            "Address": "ana@example.com",
            "Attributes": {"plan": ["pro"], "old": ["x"]},
            "Metrics": {"visits": 3.5},
            "Location": {"Country": "IT", "City": "Rome"},
            "User": {"UserId": "u-1", "UserAttributes": {"team": ["red"]}},
        },
        **of,
    )
    assert accepted["ResponseMetadata"]["HTTPStatusCode"] == 202
    body = accepted["MessageBody"]
    assert body["Message"] == "Accepted"
    assert body["RequestID"] == accepted["ResponseMetadata"]["RequestId"]
    got = client.get_endpoint(EndpointId="e/1 ü", **of)["EndpointResponse"]
    assert got["Id"] == "e/1 ü" and got["ApplicationId"] == app["Id"]
    assert got["OptOut"] == "NONE" and got["EndpointStatus"] == "ACTIVE"
    assert 0 <= int(got["CohortId"]) < 100 and got["RequestId"] == body["RequestID"]
    client.update_endpoint(
        EndpointId="e/1 ü",
        EndpointRequest={"OptOut": "ALL", "Attributes": {"plan": ["max"], "old": []}},
        **of,
    )
    again = client.get_endpoint(EndpointId="e/1 ü", **of)["EndpointResponse"]
    assert again["Attributes"] == {"plan": ["max"]} and again["OptOut"] == "ALL"
    assert again["Address"] == "ana@example.com" and again["CreationDate"] == got["CreationDate"]

    batch = [
        {"Id": f"b-{n:03}", "ChannelType": "SMS", "Address": f"+1{n}", "User": {"UserId": "u-2"},
         "Attributes": {"plan": ["pro" if n % 2 else "free"]}}
        for n in range(100)
    ]
    client.update_endpoints_batch(EndpointBatchRequest={"Item": batch}, **of)
    refused(
        "BadRequestException", client.update_endpoints_batch, "100",
        EndpointBatchRequest={"Item": [*batch, {"Id": "x"}]}, **of,
    )
    refused(
        "BadRequestException", client.update_endpoints_batch, "Item[1].Id",
        EndpointBatchRequest={"Item": [{"Id": "never"}, {"Address": "x"}]}, **of,
    )
    refused("NotFoundException", client.get_endpoint, EndpointId="never", **of)
    refused(
        "BadRequestException", client.update_endpoint, "ChannelType",
        EndpointId="x", EndpointRequest={"ChannelType": "FAX"}, **of,
    )
    assert len(client.get_user_endpoints(UserId="u-2", **of)["EndpointsResponse"]["Item"]) == 100
    gone = client.delete_endpoint(EndpointId="b-000", **of)
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert gone["EndpointResponse"]["Id"] == "b-000"
    refused("NotFoundException", client.delete_endpoint, EndpointId="b-000", **of)
    client.update_endpoint(EndpointId="b-001", EndpointRequest={"User": {"UserId": "u-3"}}, **of)
    left = client.delete_user_endpoints(UserId="u-2", **of)["EndpointsResponse"]["Item"]
    assert len(left) == 98
    refused("NotFoundException", client.get_user_endpoints, UserId="u-2", **of)
    assert len(client.get_user_endpoints(UserId="u-3", **of)["EndpointsResponse"]["Item"]) == 1


def segments(app):
    of = {"ApplicationId": app["Id"]}
    definition = {
        "Name": "pros", "tags": {"Owner": "ana"},
        "Dimensions": {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["pro"]}}},
    }
    made = client.create_segment(WriteSegmentRequest=definition, **of)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    segment = made["SegmentResponse"]
    assert segment["Arn"] == f"{app['Arn']}/segments/{segment['Id']}"
    assert segment["SegmentType"] == "DIMENSIONAL" and segment["Version"] == 1
    assert segment["Dimensions"] == definition["Dimensions"] and segment["tags"] == {"Owner": "ana"}
    of_segment = {"SegmentId": segment["Id"], **of}
    assert client.get_segment(**of_segment)["SegmentResponse"] == segment
    updated = client.update_segment(WriteSegmentRequest={"Name": "professionals"}, **of_segment)
    assert updated["SegmentResponse"]["Version"] == 2
    assert updated["SegmentResponse"]["Dimensions"] == definition["Dimensions"]
    versions = client.get_segment_versions(**of_segment)["SegmentsResponse"]["Item"]
    assert [version["Name"] for version in versions] == ["pros", "professionals"]
    first = client.get_segment_version(Version="1", **of_segment)["SegmentResponse"]
    assert first["Name"] == "pros"
    refused("NotFoundException", client.get_segment_version, Version="3", **of_segment)
    groups = {"Groups": [{"SourceSegments": [{"Id": segment["Id"]}], "SourceType": "ALL", "Type": "ALL"}], "Include": "ALL"}
    nested = client.create_segment(WriteSegmentRequest={"Name": "n", "SegmentGroups": groups}, **of)
    nested = nested["SegmentResponse"]["Id"]
    refused(
        "BadRequestException", client.update_segment, "contains itself",
        WriteSegmentRequest={"SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": nested}]}]}}, **of_segment,
    )
    assert client.get_segment(**of_segment)["SegmentResponse"]["Version"] == 2, "a refused update leaves nothing"
    refused(
        "BadRequestException", client.create_segment, "Behavior",
        WriteSegmentRequest={"Dimensions": {"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}}}}, **of,
    )
    assert len(client.get_segments(**of)["SegmentsResponse"]["Item"]) == 2
    client.delete_segment(ApplicationId=app["Id"], SegmentId=nested)
    refused("NotFoundException", client.get_segment, ApplicationId=app["Id"], SegmentId=nested)

    client.tag_resource(ResourceArn=segment["Arn"], TagsModel={"tags": {"Stage": "test"}})
    tags = client.list_tags_for_resource(ResourceArn=segment["Arn"])["TagsModel"]["tags"]
    assert tags == {"Owner": "ana", "Stage": "test"}
    client.untag_resource(ResourceArn=segment["Arn"], TagKeys=["Owner", "nothing"])
    assert client.get_segment(**of_segment)["SegmentResponse"]["tags"] == {"Stage": "test"}


def tags(app):
    client.tag_resource(ResourceArn=app["Arn"], TagsModel={"tags": {"Team": "c"}})
    client.untag_resource(ResourceArn=app["Arn"], TagKeys=["team"])
    assert client.get_app(ApplicationId=app["Id"])["ApplicationResponse"]["tags"] == {"Team": "c"}
    refused("NotFoundException", client.list_tags_for_resource, ResourceArn=app["Arn"] + "0")
    refused("BadRequestException", client.list_tags_for_resource, ResourceArn="arn:aws:s3:::bucket")
    many = {f"k{n}": "v" for n in range(50)}
    refused("BadRequestException", client.tag_resource, "50", ResourceArn=app["Arn"], TagsModel={"tags": many})


def what_is_refused(app):
    of = {"ApplicationId": app["Id"]}
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    for request, part in [
        ({"RoleArn": role, "S3UrlPrefix": "https://b/x/"}, "S3UrlPrefix"),
        ({"RoleArn": role, "S3UrlPrefix": "s3:///x/"}, "S3UrlPrefix"),
        ({"RoleArn": "r", "S3UrlPrefix": "s3://b/x/"}, "RoleArn"),
        ({"RoleArn": role, "S3UrlPrefix": "s3://b/x/", "SegmentVersion": 1}, "SegmentVersion"),
    ]:
        refused("BadRequestException", client.create_export_job, part, ExportJobRequest=request, **of)
    good = {"RoleArn": role, "S3UrlPrefix": "s3://b/x/"}
    refused("NotFoundException", client.create_export_job, ApplicationId="0" * 32, ExportJobRequest=good)
    refused(
        "NotFoundException", client.create_export_job,
        ExportJobRequest={**good, "SegmentId": "0" * 32}, **of,
    )
    refused("NotFoundException", client.get_export_job, JobId="0" * 32, **of)
    refused("NotImplemented", client.get_campaigns, "GetCampaigns", **of)
    refused("NotImplemented", client.send_messages, "SendMessages", MessageRequest={"MessageConfiguration": {}}, **of)
    refused("NotImplemented", client.get_email_template, "GetEmailTemplate", TemplateName="x")


def given():
    chosen = {"pinpoint": [{"name": "chosen", "id": "810c7aab86d42fb2b56c8c966example", "tags": {"a": "b"}}]}
    assert admin("given", chosen)[0] == 200
    app = client.get_app(ApplicationId="810c7aab86d42fb2b56c8c966example")["ApplicationResponse"]
    assert app["Name"] == "chosen" and app["tags"] == {"a": "b"}
    status, answer = admin("given", chosen)
    assert status == 400 and "already" in answer["error"], answer
    status, answer = admin("given", {"pinpont": []})
    assert status == 400 and "pinpont" in answer["error"], answer
    status, answer = admin("given", {"resource-policies": {"arn:aws:ses:us-east-1:1:identity/x": "{}"}})
    assert status == 400 and "arn:aws:ses" in answer["error"], answer
    status, answer = admin("given", {"account": "000000000000"})
    assert status == 400 and "000000000000" in answer["error"], answer
    assert admin("reset", {})[0] == 200
    refused("NotFoundException", client.get_app, ApplicationId="810c7aab86d42fb2b56c8c966example")


app = apps()
settings(app)
endpoints(app)
segments(app)
tags(app)
what_is_refused(app)
given()
