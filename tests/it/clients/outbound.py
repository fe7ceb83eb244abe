"""Tokens for services outside AWS with boto3: who gets one, what it says, and that its signature holds."""
import base64
import hashlib
import json
import os
import urllib.request
import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}"
AUDIENCE = "https://api.example.com"
NAMESPACE = "https://sts.amazonaws.com/"


def client(name, key=None, token=None):
    if key is None:
        return boto3.client(name)
    return boto3.client(name, aws_access_key_id=key[0], aws_secret_access_key=key[1], aws_session_token=token)


iam, sts = client("iam"), client("sts")


def fails(code, message, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code, got
        assert message in got["Message"], got
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{call} {arguments} succeeded")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **s} for s in statements]})


def person(name, document=None, tags=()):
    iam.create_user(UserName=name, Tags=[{"Key": k, "Value": v} for k, v in tags])
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
        return json.load(reply)


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(text):
    return int.from_bytes(decoded(text), "big")


# P-384. Source: SEC 2, "secp384r1"
P = 2**384 - 2**128 - 2**96 + 2**32 - 1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
G = (0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
     0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def holds(token, keys):
    """Whether a key of the set signed the token: the standards' arithmetic and nothing else."""
    head, claims, signature = token.split(".")
    header = json.loads(decoded(head))
    assert header["typ"] == "JWT", header
    key, = [key for key in keys["keys"] if key["kid"] == header["kid"]]
    assert key["alg"] == header["alg"] and key["use"] == "sig" and "d" not in key, key
    message, signature = f"{head}.{claims}".encode(), decoded(signature)
    if header["alg"] == "RS256":
        n, size = number(key["n"]), len(decoded(key["n"]))
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
        wanted = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        return size == 256 and pow(int.from_bytes(signature, "big"), number(key["e"]), n) == int.from_bytes(wanted, "big")
    assert header["alg"] == "ES384" and key["crv"] == "P-384" and len(signature) == 96, header
    r, s = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    hashed, inverse = int.from_bytes(hashlib.sha384(message).digest(), "big"), pow(s, -1, N)
    point = add(times(hashed * inverse % N, G), times(r * inverse % N, (number(key["x"]), number(key["y"]))))
    return point is not None and point[0] % N == r


def claims_of(token):
    return json.loads(decoded(token.split(".")[1]))


def changed(token, **claims):
    head, old, signature = token.split(".")
    new = json.dumps({**json.loads(decoded(old)), **claims}).encode()
    return ".".join([head, base64.urlsafe_b64encode(new).decode().rstrip("="), signature])


# --- off until somebody turns it on
able = person("able", policy({"Action": ["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"]}), tags=[("team", "data")])
ask = client("sts", able).get_web_identity_token
plain = {"Audience": [AUDIENCE], "SigningAlgorithm": "ES384"}
assert fails("OutboundWebIdentityFederationDisabledException", "Outbound identity federation is not enabled for this account.", ask, **plain) == 403
assert fails("FeatureDisabled", "is disabled for this account", iam.get_outbound_web_identity_federation_info) == 404
assert fails("FeatureDisabled", "is disabled for this account", iam.disable_outbound_web_identity_federation) == 404
issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
issuer_id = issuer.removeprefix("https://").removesuffix(".tokens.sts.global.api.aws")
assert len(issuer_id) == 36 and issuer == f"https://{issuer_id}.tokens.sts.global.api.aws", issuer
assert fails("FeatureEnabled", "is already enabled for this account", iam.enable_outbound_web_identity_federation) == 409
info = iam.get_outbound_web_identity_federation_info()
assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True), info
fails("AccessDenied", f"User: {ARN}:user/able is not authorized to perform: iam:DisableOutboundWebIdentityFederation on resource: * because no identity-based policy allows the iam:DisableOutboundWebIdentityFederation action", client("iam", able).disable_outbound_web_identity_federation)

# --- what the issuer publishes
known = admin("GET", f"/_rolecall/oidc/{issuer_id}/.well-known/openid-configuration")
assert known["issuer"] == issuer and known["id_token_signing_alg_values_supported"] == ["RS256", "ES384"], known
assert known["jwks_uri"] == os.environ["AWS_ENDPOINT_URL"] + f"/_rolecall/oidc/{issuer_id}/.well-known/jwks.json", known
with urllib.request.urlopen(known["jwks_uri"]) as reply:
    keys = json.load(reply)
assert sorted(key["kty"] for key in keys["keys"]) == ["EC", "RSA"], keys
try:
    admin("GET", "/_rolecall/oidc/00000000-0000-0000-0000-000000000000/.well-known/jwks.json")
    raise AssertionError("an issuer that nobody has")
except urllib.error.HTTPError as error:
    assert error.code == 404, error

# --- a user's token
given = ask(**plain)
token = given["WebIdentityToken"]
assert holds(token, keys)
claims = claims_of(token)
assert (claims["iss"], claims["aud"], claims["sub"]) == (issuer, AUDIENCE, f"{ARN}:user/able"), claims
assert claims["exp"] - claims["iat"] == 300 and int(given["Expiration"].timestamp()) == claims["exp"], claims
assert len(claims["jti"]) == 36 and claims_of(ask(**plain)["WebIdentityToken"])["jti"] != claims["jti"]
assert claims[NAMESPACE] == {
    "aws_account": ACCOUNT, "source_region": "us-east-1", "principal_id": f"{ARN}:user/able", "principal_tags": {"team": "data"},
}, claims
several = ask(Audience=["a", "b"], SigningAlgorithm="RS256", DurationSeconds=60, Tags=[{"Key": "job", "Value": "7"}])["WebIdentityToken"]
assert holds(several, keys) and not holds(changed(several, sub="x"), keys) and not holds(changed(token, sub="x"), keys)
claims = claims_of(several)
assert claims["aud"] == ["a", "b"] and claims["exp"] - claims["iat"] == 60 and claims[NAMESPACE]["request_tags"] == {"job": "7"}, claims

# --- who gets one
fails("AccessDenied", f"User: {ARN}:user/nobody is not authorized to perform: sts:GetWebIdentityToken on resource: * because no identity-based policy allows the sts:GetWebIdentityToken action", client("sts", person("nobody")).get_web_identity_token, **plain)
fails("AccessDenied", "Cannot call GetWebIdentityToken with root user credentials", sts.get_web_identity_token, **plain)
tagless = client("sts", person("tagless", policy({"Action": "sts:GetWebIdentityToken"}))).get_web_identity_token
tagless(**plain)
fails("AccessDenied", "is not authorized to perform: sts:TagGetWebIdentityToken on resource: *", tagless, Tags=[{"Key": "a", "Value": "b"}], **plain)
narrow = client("sts", person("narrow", policy({
    "Action": "sts:GetWebIdentityToken",
    "Condition": {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": AUDIENCE}, "Null": {"sts:IdentityTokenAudience": "false"},
        "StringEquals": {"sts:SigningAlgorithm": "ES384"}, "NumericLessThanEquals": {"sts:DurationSeconds": 300},
    },
}, {
    "Action": "sts:TagGetWebIdentityToken",
    "Condition": {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": AUDIENCE, "aws:TagKeys": ["scope"]},
        "StringEquals": {"aws:RequestTag/scope": "read"},
    },
}))).get_web_identity_token
narrow(**plain)
narrow(Tags=[{"Key": "scope", "Value": "read"}], **plain)
for odd in (
    {**plain, "SigningAlgorithm": "RS256"},
    {**plain, "DurationSeconds": 900},
    {**plain, "Audience": [AUDIENCE, "https://external.example"]},
    {**plain, "Tags": [{"Key": "scope", "Value": "write"}]},
    {**plain, "Tags": [{"Key": "scope", "Value": "read"}, {"Key": "more", "Value": ""}]},
):
    fails("AccessDenied", "is not authorized to perform: sts:", narrow, **odd)
same = client("sts", able).get_session_token()["Credentials"]
fails("AccessDenied", "Cannot call GetWebIdentityToken with session credentials", client("sts", *of(same)).get_web_identity_token, **plain)

# --- what is out of bounds
for wrong, message in (
    ({**plain, "SigningAlgorithm": "HS256"}, "Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]"),
    ({**plain, "DurationSeconds": 3601}, "Member must have value less than or equal to 3600"),
    ({**plain, "Audience": [str(n) for n in range(11)]}, "at 'audience' failed to satisfy constraint: Member must have length less than or equal to 10"),
    ({**plain, "Audience": ["x" * 1001]}, "at 'audience.1.member' failed to satisfy constraint: Member must have length less than or equal to 1000"),
):
    fails("ValidationError", message, ask, **wrong)
fails("InvalidParameterValue", "Duplicate tag keys found.", ask, Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}], **plain)
large = [{"Key": f"{n}" + "k" * 120, "Value": "v" * 256} for n in range(50)]
assert fails("JWTPayloadSizeExceededException", "The requested token payload size exceeds the maximum allowed size.", ask, Tags=large, **plain) == 400

# --- a role's token: the role, its tags under the session's, and nothing that outlives the session
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{ARN}:root"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]})
iam.create_role(RoleName="worker", Path="/jobs/", AssumeRolePolicyDocument=trust, Tags=[{"Key": "team", "Value": "role"}, {"Key": "cost", "Value": "1"}])
iam.put_role_policy(RoleName="worker", PolicyName="inline", PolicyDocument=policy({"Action": "sts:GetWebIdentityToken"}))
iam.put_user_policy(UserName="able", PolicyName="assume", PolicyDocument=policy({"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}))
session = client("sts", able).assume_role(RoleArn=f"{ARN}:role/jobs/worker", RoleSessionName="s1", DurationSeconds=900, SourceIdentity="ana", Tags=[{"Key": "team", "Value": "session"}])["Credentials"]
worker = client("sts", *of(session)).get_web_identity_token
claims = claims_of(worker(**plain)["WebIdentityToken"])
assert claims["sub"] == f"{ARN}:role/jobs/worker", claims
assert claims[NAMESPACE] == {
    "aws_account": ACCOUNT, "source_region": "us-east-1", "principal_id": f"{ARN}:role/jobs/worker",
    "principal_tags": {"team": "session", "cost": "1"}, "source_identity": "ana",
    "original_session_exp": session["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
}, claims
assert fails("SessionDurationEscalationException", "The requested token duration would extend the session beyond its original expiration time.", worker, DurationSeconds=901, **plain) == 403

# --- an organization shows
admin("POST", "/_rolecall/given", {"organization": {"id": "o-abc1234567", "root": {"units": {"Work": {"accounts": [ACCOUNT]}}}}})
claims = claims_of(ask(**plain)["WebIdentityToken"])[NAMESPACE]
assert (claims["org_id"], claims["ou_path"]) == ("o-abc1234567", ["o-abc1234567/r-root/ou-Work/"]), claims

# --- not back into AWS; the keys of this endpoint are known, though nobody gave them with --jwks
host = issuer.removeprefix("https://")
provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
trust = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE, f"{host}:sub": f"{ARN}:user/able"}},
}]}
iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=json.dumps(trust))
visit = {"RoleArn": f"{ARN}:role/visitor", "RoleSessionName": "s1"}
refused = "Tokens from GetWebIdentityToken cannot be used for OpenID Connect federation into AWS."
for algorithm in ("ES384", "RS256"):
    token = ask(Audience=[AUDIENCE], SigningAlgorithm=algorithm)["WebIdentityToken"]
    fails("InvalidIdentityToken", refused, sts.assume_role_with_web_identity, WebIdentityToken=token, **visit)
    forged = changed(token, sub=f"{ARN}:user/other")
    fails("InvalidIdentityToken", "could not be validated", sts.assume_role_with_web_identity, WebIdentityToken=forged, **visit)
elsewhere = ask(Audience=["https://elsewhere.example"], SigningAlgorithm="ES384")["WebIdentityToken"]
fails("InvalidIdentityToken", "Incorrect token audience", sts.assume_role_with_web_identity, WebIdentityToken=elsewhere, **visit)

# --- keys that somebody gives for an issuer of ours change nothing: the account's own sign
other = json.loads(json.dumps(keys))
other["keys"][0]["kid"], other["keys"][1]["kid"] = other["keys"][1]["kid"], other["keys"][0]["kid"]
admin("POST", "/_rolecall/given", {"provider-keys": {issuer: other}})
fails("InvalidIdentityToken", refused, sts.assume_role_with_web_identity, WebIdentityToken=token, **visit)

# --- turned off: no new ones, those there are hold, and the issuer stays
iam.disable_outbound_web_identity_federation()
fails("OutboundWebIdentityFederationDisabledException", "", ask, **plain)
fails("FeatureDisabled", "", iam.get_outbound_web_identity_federation_info)
fails("InvalidIdentityToken", refused, sts.assume_role_with_web_identity, WebIdentityToken=token, **visit)
assert holds(token, admin("GET", f"/_rolecall/oidc/{issuer_id}/.well-known/jwks.json"))
assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer

# --- nothing that is shown to people has a token or a private key in it
shown = json.dumps(admin("GET", "/_rolecall/decisions?since=0")) + json.dumps(admin("GET", "/_rolecall/diff?from=start"))
assert token not in shown and "PRIVATE" not in shown

# --- tokens end by the world's clock
admin("POST", "/_rolecall/clock/advance", {"by": "301s"})
fails("ExpiredTokenException", "Token expired", sts.assume_role_with_web_identity, WebIdentityToken=token, **visit)
