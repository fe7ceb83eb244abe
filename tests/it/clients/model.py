"""What AWS's models of IAM, STS and SES bound is bounded here: required members, lengths, numbers and enumerations.

For each operation that is served, each member is left out or put out of its bounds, one at a time, and everything else
is well formed. The answer is AWS's sentence, before anything is looked for. What is answered otherwise stands in `KNOWN`,
with the reason.

`model.txt` lists the members, so that a botocore that knows more of them asks for nothing new; `UPDATE_MODEL=1` rewrites it.
"""
import json
import os
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.session

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
CREDENTIALS = boto3.Session().get_credentials()
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'

# Members that are refused as a whole where they are sent.
NOT_SERVED = {
    "AddPrivateKey", "RemovePrivateKey", "IdentityCenterInstanceArn", "ProviderId", "Scope", "ResourceHandlingOption",
}
KNOWN = {
    # Keys that people choose for rolecall may be shorter than AWS's.
    ("min", "AccessKeyId"),
    # Their words are about the form, and come first.
    ("min", "DeletionTaskId"), ("max", "DeletionTaskId"),
    # A closed list, shown in the answer as one.
    ("min", "SigningAlgorithm"), ("max", "SigningAlgorithm"),
    # A marker holds the name or the ARN after which a page begins, and either may be longer than AWS's markers.
    ("max", "Marker"),
    # Documents are read, and said to be wrong, before they are measured.
    ("min", "ResourcePolicy"), ("max", "ResourcePolicy"), ("min", "ResourceOwner"), ("max", "ResourceOwner"),
    ("min", "CallerArn"),
}

# AWS raised these bounds in 2026; a botocore from before does not know.
RAISED = {"SourceIdentity": 256}


def call(service, fields):
    body = urllib.parse.urlencode(fields)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = botocore.awsrequest.AWSRequest("POST", ENDPOINT + "/", headers, body)
    botocore.auth.SigV4Auth(CREDENTIALS, service, "us-east-1").add_auth(request)
    request = request.prepare()
    try:
        with urllib.request.urlopen(urllib.request.Request(request.url, body.encode(), dict(request.headers))) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def sample(shape, member):
    """Something well formed for a member."""
    name = member.lower()
    for words, value in [
        (("document", "policyinputlist"), DOCUMENT),
        (("arn", "serialnumber"), "arn:aws:iam::123456789012:role/grid"),
        (("path",), "/"),
        (("versionid",), "v1"),
        (("accesskeyid", "certificateid", "publickeyid", "credentialid"), "AKIAIOSFODNN7EXAMPLE"),
        (("authenticationcode", "tokencode"), "123456"),
        (("jobid",), "12345678-1234-1234-1234-123456789012"),
        (("targetprincipal",), "123456789012"),
    ]:
        if any(word in name for word in words) or name == "policy" and value == DOCUMENT:
            return value
    if "enum" in shape:
        return shape["enum"][0]
    text = {"integer": "1", "long": "1", "boolean": "true", "timestamp": "2030-01-01T00:00:00Z"}
    if shape["type"] in text:
        return str(shape.get("min", 1)) if shape["type"] in ("integer", "long") else text[shape["type"]]
    return "grid" * ((shape.get("min", 1) + 3) // 4)


def put(shapes, fields, at, name, member):
    """Well formed fields for a member at `at`."""
    shape = shapes[name]
    if shape["type"] == "list":
        put(shapes, fields, at + ".member.1", shape["member"]["shape"], member)
    elif shape["type"] == "structure":
        for inner in shape.get("required") or list(shape["members"])[:1]:
            put(shapes, fields, f"{at}.{inner}", shape["members"][inner]["shape"], inner)
    else:
        fields[at] = sample(shape, member)


def too_long(text, most):
    if text == "/":
        return "/" + "a" * (most - 1) + "/"
    if text == "v1":
        return "v1" + "0" * (most - 1)
    if text == DOCUMENT:
        return text + " " * (most + 1 - len(text))
    return text + ("1" if text.isdigit() else "a") * (most + 1 - len(text))


def probes(member, shape):
    """What is put out of bounds how, the value, and what is said of it."""
    text = sample(shape, member)
    if member in RAISED:
        shape = {**shape, "max": RAISED[member]}
    must = "failed to satisfy constraint: Member must"
    if shape["type"] == "string" and "enum" not in shape:
        # Longer than any request.
        if "max" in shape and shape["max"] < 1_000_000:
            yield "max", too_long(text, shape["max"]), f"{must} have length less than or equal to {shape['max']}"
        if shape.get("min", 0) > 1:
            yield "min", text[: shape["min"] - 1], f"{must} have length greater than or equal to {shape['min']}"
    if "enum" in shape:
        yield "enum", "Odd", f"{must} satisfy enum value set"
    if shape["type"] in ("integer", "long"):
        if "max" in shape:
            yield "max", str(shape["max"] + 1), f"{must} have value less than or equal to {shape['max']}"
        if "min" in shape:
            yield "min", str(shape["min"] - 1), f"{must} have value greater than or equal to {shape['min']}"


served = json.load(urllib.request.urlopen(ENDPOINT + "/_rolecall/operations"))["operations"]
served = {(row["service"], row["operation"]) for row in served}
loader = botocore.session.get_session().get_component("data_loader")
kept = pathlib.Path(__file__).with_name("model.txt")
lines = [] if "UPDATE_MODEL" in os.environ else kept.read_text().splitlines()
known = {tuple(line.split()[:2]): line.split()[2:] for line in lines}
count, wrong = 0, []
for service in ("iam", "sts", "ses"):
    model = loader.load_service_model(service, "service-2")
    shapes = model["shapes"]
    for name, operation in model["operations"].items():
        if (service, name) not in served or "input" not in operation:
            continue
        whole = shapes[operation["input"]["shape"]]
        members = known.get((service, name))
        if "UPDATE_MODEL" in os.environ:
            members = list(whole["members"])
            lines.append(" ".join([service, name, *members]))
        members = [member for member in members or [] if member in whole["members"]]
        fields = {"Action": name, "Version": model["metadata"]["apiVersion"]}
        for member in whole.get("required", []):
            put(shapes, fields, member, whole["members"][member]["shape"], member)

        def expect(how, member, fields, said):
            global count
            count += 1
            answer = call(service, fields)
            if f"at '{member[0].lower()}{member[1:]}' {said}" not in answer and (how, member) not in KNOWN:
                sentence = re.search("<Message>(.*?)</Message>", answer, re.S)
                wrong.append((how, service, name, member, sentence.group(1)[:200] if sentence else answer[:200]))

        for member in whole.get("required", []):
            rest = {key: value for key, value in fields.items() if key.split(".")[0] != member}
            expect("required", member, rest, "failed to satisfy constraint: Member must not be null")
        for member in members:
            if member in NOT_SERVED:
                continue
            for how, value, said in probes(member, shapes[whole["members"][member]["shape"]]):
                expect(how, member, {**fields, member: value}, said)

if "UPDATE_MODEL" in os.environ:
    kept.write_text("".join(line + "\n" for line in lines))
assert count > 600, count
assert not wrong, "\n".join(map(str, wrong))
