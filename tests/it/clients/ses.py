"""Templates of SES with boto3: kept by account and Region, listed in pages, rendered, and refused as AWS refuses."""
import email
import email.policy
import json
import os
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
from botocore.exceptions import ClientError

ses = boto3.client("ses")
endpoint = os.environ["AWS_ENDPOINT_URL"]


def refused(call, code, sentence=None, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == code and sentence in (None, said["Message"]), said
        return error.response
    raise AssertionError("%s was not answered" % code)


def admin(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(endpoint + "/_rolecall" + path, data, {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))


admin("/snapshots", {"name": "before"})

greeting = {
    "TemplateName": "greeting",
    "SubjectPart": "Hello, {{contact.name}}!",
    "TextPart": "Dear {{contact.name}},\n{{#each items}}{{name}} is {{#if best}}the best{{else}}a {{type}}{{/if}}. {{/each}}",
    "HtmlPart": "<h1>Dear {{contact.name}}</h1>",
}
ses.create_template(Template=greeting)
assert ses.get_template(TemplateName="greeting")["Template"] == greeting
refused(ses.create_template, "AlreadyExists", Template=greeting)

data = {"contact": {"name": "Ana <b> & Zoë"}, "items": [
    {"type": "dog", "name": "bobby", "best": True}, {"type": "cat", "name": "pedro", "best": False}]}
rendered = ses.test_render_template(TemplateName="greeting", TemplateData=json.dumps(data))["RenderedTemplate"]
message = email.message_from_string(rendered, policy=email.policy.default)
assert message["Subject"] == "Hello, Ana <b> & Zoë!", message["Subject"]
text, html = message.iter_parts()
assert text.get_content_type() == "text/plain" and html.get_content_type() == "text/html", rendered
assert text.get_content() == "Dear Ana <b> & Zoë,\r\nbobby is the best. pedro is a cat. ", repr(text.get_content())
# SES escapes nothing.
assert html.get_content() == "<h1>Dear Ana <b> & Zoë</h1>", html.get_content()

refused(ses.test_render_template, "MissingRenderingAttribute",
        "Attribute 'contact.name' is not present in the rendering data.",
        TemplateName="greeting", TemplateData=json.dumps({"contact": {}}))
for wrong in ["{", "[]", "", "null"]:
    refused(ses.test_render_template, "InvalidRenderingParameter", TemplateName="greeting", TemplateData=wrong)
refused(ses.test_render_template, "ValidationError", TemplateName="greeting", TemplateData="{" + " " * 262144 + "}")

# A template is replaced, not merged.
ses.update_template(Template={"TemplateName": "greeting", "SubjectPart": "Hi"})
assert ses.get_template(TemplateName="greeting")["Template"] == {"TemplateName": "greeting", "SubjectPart": "Hi"}
for subject in [{}, {"SubjectPart": ""}]:
    template = {"TemplateName": "greeting", **subject}
    refused(ses.update_template, "InvalidParameterValue", "The subject must be specified.", Template=template)
    template["TemplateName"] = "other"
    refused(ses.create_template, "InvalidParameterValue", "The subject must be specified.", Template=template)
for name in ["", "a b", "a/b", "a" * 65, "é"]:
    refused(ses.create_template, "InvalidParameterValue", Template={"TemplateName": name, "SubjectPart": "s"})
for part in ["{{name", "{{#if a}}", "{{> nowhere}}", "{{upper a}}"]:
    template = {"TemplateName": "other", "SubjectPart": "s", "HtmlPart": part}
    refused(ses.create_template, "InvalidTemplate", Template=template)
    refused(ses.update_template, "InvalidTemplate", Template={**template, "TemplateName": "greeting"})
large = {"TemplateName": "other", "SubjectPart": "s", "TextPart": "a" * 512001}
refused(ses.create_template, "InvalidParameterValue", Template=large)
for call, parameters in [
    (ses.get_template, {"TemplateName": "other"}),
    (ses.update_template, {"Template": {"TemplateName": "other", "SubjectPart": "s"}}),
    (ses.test_render_template, {"TemplateName": "other", "TemplateData": "{}"}),
]:
    refused(call, "TemplateDoesNotExist", "Template other does not exist", **parameters)

# Each Region and each account has its own.
elsewhere = boto3.client("ses", region_name="eu-west-1")
member = boto3.client("ses", aws_access_key_id="AKIAMEMBERROOT000001", aws_secret_access_key="member")
for other in [elsewhere, member]:
    assert other.list_templates()["TemplatesMetadata"] == []
    refused(other.get_template, "TemplateDoesNotExist", TemplateName="greeting")
elsewhere.create_template(Template={"TemplateName": "greeting", "SubjectPart": "there"})

for number in range(24):
    ses.create_template(Template={"TemplateName": "t%02d" % number, "SubjectPart": "s"})
first = ses.list_templates()
assert len(first["TemplatesMetadata"]) == 10 and first["TemplatesMetadata"][0]["CreatedTimestamp"], first
names, token = [], {}
while True:
    page = ses.list_templates(MaxItems=7, **token)
    assert len(page["TemplatesMetadata"]) <= 7, page
    names += [it["Name"] for it in page["TemplatesMetadata"]]
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}
assert names == ["greeting"] + ["t%02d" % number for number in range(24)], names
assert len(ses.list_templates(MaxItems=1000)["TemplatesMetadata"]) == 25
refused(ses.list_templates, "ValidationError", MaxItems=0)
refused(ses.list_templates, "InvalidParameterValue", NextToken="not a token")

for _ in range(2):
    ses.delete_template(TemplateName="t00")
refused(ses.get_template, "TemplateDoesNotExist", TemplateName="t00")

# Permissions: templates are no resources, and the version of the API is a condition key.
iam = boto3.client("iam")
iam.create_user(UserName="writer")
key = iam.create_access_key(UserName="writer")["AccessKey"]
writer = boto3.client("ses", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def allow(resource, version):
    statement = {"Effect": "Allow", "Action": "ses:*Template*", "Resource": resource,
                 "Condition": {"StringEquals": {"ses:ApiVersion": version}}}
    iam.put_user_policy(UserName="writer", PolicyName="p",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


refused(writer.list_templates, "AccessDenied")
allow("*", "2")
refused(writer.list_templates, "AccessDenied")
allow("arn:aws:ses:us-east-1:123456789012:template/*", "1")
refused(writer.get_template, "AccessDenied", TemplateName="greeting")
allow("*", "1")
assert writer.get_template(TemplateName="greeting")["Template"]["SubjectPart"] == "Hi"
# What is not there is nothing that somebody without permission learns.
iam.delete_user_policy(UserName="writer", PolicyName="p")
refused(writer.get_template, "AccessDenied", TemplateName="nowhere")

# Signed by the name of the endpoint.
credentials = boto3.Session().get_credentials()
request = botocore.awsrequest.AWSRequest(
    "POST", endpoint + "/", {"content-type": "application/x-www-form-urlencoded"},
    "Action=GetTemplate&Version=2010-12-01&TemplateName=greeting")
botocore.auth.SigV4Auth(credentials, "email", "us-east-1").add_auth(request)
prepared = request.prepare()
answer = urllib.request.urlopen(urllib.request.Request(prepared.url, prepared.body.encode(), dict(prepared.headers)))
assert b"<SubjectPart>Hi</SubjectPart>" in answer.read()

# The rest of SES is not served, by name, in both versions.
refused(ses.send_email, "NotImplemented", Source="a@example.com", Destination={},
        Message={"Subject": {"Data": "s"}, "Body": {}})
refused(boto3.client("sesv2").list_email_identities, "NotImplemented")

diff = admin("/diff?from=before")
words = [it["words"] for it in diff["changes"]]
assert "template `greeting` of 123456789012/us-east-1 created" in words, words
assert "template `greeting` of 123456789012/eu-west-1 created" in words, words
