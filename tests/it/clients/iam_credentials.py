"""Passwords, MFA devices, certificates, keys and reports with boto3: what users prove who they are with."""
import base64
import hashlib
import hmac
import json
import pathlib
import struct
import time
import boto3
from botocore.exceptions import ClientError

ARN = "arn:aws:iam::123456789012"
iam, sts = boto3.client("iam"), boto3.client("sts")


def fails(code, message, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code and message in got["Message"], got
        return
    raise AssertionError(f"{call} {arguments} succeeded")


def allow(action, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]})


def code(seed, ahead=0):
    """RFC 6238 as every authenticator app does it."""
    step = int(time.time()) // 30 + ahead
    digest = hmac.new(base64.b32decode(seed), struct.pack(">q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


# passwords
iam.create_user(UserName="ana")
fails("NoSuchEntity", "Login Profile for User ana cannot be found.", iam.get_login_profile, UserName="ana")
fails("PasswordPolicyViolation", "", iam.create_login_profile, UserName="ana", Password="short")
made = iam.create_login_profile(UserName="ana", Password="Passw0rd!", PasswordResetRequired=True)["LoginProfile"]
assert made["UserName"] == "ana" and made["PasswordResetRequired"] is True
fails("EntityAlreadyExists", "Login Profile for user ana already exists.", iam.create_login_profile, UserName="ana", Password="Passw0rd!")
fails("DeleteConflict", "must delete login profile first", iam.delete_user, UserName="ana")
fails("NoSuchEntity", "Password Policy with domain name 123456789012", iam.get_account_password_policy)
iam.update_account_password_policy(MinimumPasswordLength=10, RequireSymbols=True, PasswordReusePrevention=2, MaxPasswordAge=90)
rules = iam.get_account_password_policy()["PasswordPolicy"]
assert (rules["MinimumPasswordLength"], rules["RequireSymbols"], rules["ExpirePasswords"]) == (10, True, True), rules
fails("PasswordPolicyViolation", "", iam.update_login_profile, UserName="ana", Password="NoSymbols123")
iam.update_login_profile(UserName="ana", Password="Passw0rd!-2")
iam.put_user_policy(UserName="ana", PolicyName="own", PolicyDocument=allow(["iam:ChangePassword", "iam:*MFA*"]))
key = iam.create_access_key(UserName="ana")["AccessKey"]
ana = dict(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
hers = boto3.client("iam", **ana)
fails("AccessDenied", "The old password was incorrect.", hers.change_password, OldPassword="wrong", NewPassword="Passw0rd!-3")
fails("PasswordPolicyViolation", "", hers.change_password, OldPassword="Passw0rd!-2", NewPassword="Passw0rd!")
hers.change_password(OldPassword="Passw0rd!-2", NewPassword="Passw0rd!-3")
fails("InvalidUserType", "Only IAM Users", iam.change_password, OldPassword="a", NewPassword="b")

# MFA: enabling, sessions, one use of a code
device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=[{"Key": "a", "Value": "b"}])["VirtualMFADevice"]
serial, seed = device["SerialNumber"], device["Base32StringSeed"].decode()
assert serial == f"{ARN}:mfa/phone" and len(seed) == 64 and device["QRCodePNG"].startswith(b"\x89PNG"), device
fails("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.", iam.create_virtual_mfa_device, VirtualMFADeviceName="phone")
fails("InvalidAuthenticationCode", "Authentication code for device is not valid.", iam.enable_mfa_device,
      UserName="ana", SerialNumber=serial, AuthenticationCode1=code(seed), AuthenticationCode2=code(seed))
iam.enable_mfa_device(UserName="ana", SerialNumber=serial, AuthenticationCode1=code(seed, -2), AuthenticationCode2=code(seed, -1))
assert [d["SerialNumber"] for d in iam.list_mfa_devices(UserName="ana")["MFADevices"]] == [serial]
assert iam.get_mfa_device(SerialNumber=serial, UserName="ana")["UserName"] == "ana"
assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
assert assigned[0]["User"]["UserName"] == "ana" and "Base32StringSeed" not in assigned[0], assigned
assert iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"] == []
fails("DeleteConflict", "", iam.delete_virtual_mfa_device, SerialNumber=serial)

iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": f"{ARN}:user/ana"}, "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}}]}))
her_sts = boto3.client("sts", **ana)
ask = dict(RoleArn=f"{ARN}:role/guarded", RoleSessionName="s1")
fails("AccessDenied", "not authorized to perform: sts:AssumeRole", her_sts.assume_role, **ask)
fails("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code", her_sts.assume_role, **ask, SerialNumber=serial, TokenCode=code(seed, 40))
fails("AccessDenied", "unable to validate MFA code", her_sts.assume_role, **ask, SerialNumber=f"{ARN}:mfa/other", TokenCode=code(seed))
fails("AccessDenied", "must provide both", her_sts.assume_role, **ask, SerialNumber=serial)
now = code(seed)
her_sts.assume_role(**ask, SerialNumber=serial, TokenCode=now)
fails("AccessDenied", "invalid MFA one time pass code", her_sts.assume_role, **ask, SerialNumber=serial, TokenCode=now)
session = her_sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, 1))["Credentials"]
with_code = dict(aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
boto3.client("sts", **with_code).assume_role(**ask)
assert boto3.client("iam", **with_code).list_mfa_devices()["MFADevices"], "IAM listens to sessions with MFA"
iam.deactivate_mfa_device(UserName="ana", SerialNumber=serial)
iam.delete_virtual_mfa_device(SerialNumber=serial)
fails("NoSuchEntity", f"VirtualMFADevice with serial number {serial} doesn't exist.", iam.delete_virtual_mfa_device, SerialNumber=serial)

# the report knows all this
while iam.generate_credential_report()["State"] != "COMPLETE":
    pass
report = iam.get_credential_report()["Content"].decode().split("\n")
columns = report[0].split(",")
assert len(columns) == 22 and report[1].startswith("<root_account>,arn:aws:iam::123456789012:root"), report
row = dict(zip(columns, report[2].split(",")))
assert row["user"] == "ana" and row["password_enabled"] == "true" and row["access_key_1_active"] == "true", row
assert row["access_key_1_last_used_service"] in ("iam", "sts") and row["access_key_2_active"] == "false", row

# SSH keys, service-specific credentials
ssh = iam.upload_ssh_public_key(UserName="ana", SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ana")["SSHPublicKey"]
assert ssh["SSHPublicKeyId"].startswith("APKA") and len(ssh["Fingerprint"]) == 47, ssh
iam.update_ssh_public_key(UserName="ana", SSHPublicKeyId=ssh["SSHPublicKeyId"], Status="Inactive")
assert iam.list_ssh_public_keys(UserName="ana")["SSHPublicKeys"][0]["Status"] == "Inactive"
assert iam.get_ssh_public_key(UserName="ana", SSHPublicKeyId=ssh["SSHPublicKeyId"], Encoding="SSH")["SSHPublicKey"]["Status"] == "Inactive"
iam.delete_ssh_public_key(UserName="ana", SSHPublicKeyId=ssh["SSHPublicKeyId"])
# One key, two encodings: whichever was uploaded, the other can be had.
keys = pathlib.Path(__file__).parents[3] / "server/src/iam"
line, pem = (keys / "ssh_key.pub").read_text().strip(), (keys / "ssh_key.pem").read_text()
for body, encoding, want in [(line, "PEM", pem), (line, "SSH", line), (pem, "SSH", line.rsplit(" ", 1)[0])]:
    ssh = iam.upload_ssh_public_key(UserName="ana", SSHPublicKeyBody=body)["SSHPublicKey"]
    there = iam.get_ssh_public_key(UserName="ana", SSHPublicKeyId=ssh["SSHPublicKeyId"], Encoding=encoding)
    assert there["SSHPublicKey"]["SSHPublicKeyBody"].strip() == want.strip(), (encoding, there)
    iam.delete_ssh_public_key(UserName="ana", SSHPublicKeyId=ssh["SSHPublicKeyId"])
fails("NoSuchEntity", "No such service lambda.amazonaws.com is supported", iam.create_service_specific_credential, UserName="ana", ServiceName="lambda.amazonaws.com")
made = iam.create_service_specific_credential(UserName="ana", ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
assert made["ServiceUserName"] == "ana-at-123456789012" and made["ServicePassword"], made
again = iam.reset_service_specific_credential(UserName="ana", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])
assert again["ServiceSpecificCredential"]["ServicePassword"] != made["ServicePassword"]
listed = iam.list_service_specific_credentials(UserName="ana")["ServiceSpecificCredentials"]
assert "ServicePassword" not in listed[0], listed
iam.delete_service_specific_credential(UserName="ana", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])
fails("MalformedCertificate", "", iam.upload_signing_certificate, UserName="ana", CertificateBody="nothing")
fails("MalformedCertificate", "", iam.upload_server_certificate, ServerCertificateName="c", CertificateBody="nothing", PrivateKey="nothing")

# last use
roles = boto3.client("sts", **with_code).assume_role(**ask)["Credentials"]
boto3.client("sts", aws_access_key_id=roles["AccessKeyId"], aws_secret_access_key=roles["SecretAccessKey"], aws_session_token=roles["SessionToken"]).get_caller_identity()
assert iam.get_role(RoleName="guarded")["Role"]["RoleLastUsed"]["Region"] == "us-east-1"
job = iam.generate_service_last_accessed_details(Arn=f"{ARN}:user/ana")["JobId"]
found = {s["ServiceNamespace"]: s for s in iam.get_service_last_accessed_details(JobId=job)["ServicesLastAccessed"]}
assert set(found) == {"iam"} and found["iam"]["LastAuthenticatedEntity"] == f"{ARN}:user/ana", found
who = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")["EntityDetailsList"]
assert who[0]["EntityInfo"]["Type"] == "USER", who
granting = iam.list_policies_granting_service_access(Arn=f"{ARN}:user/ana", ServiceNamespaces=["iam", "s3"])["PoliciesGrantingServiceAccess"]
assert [len(g["Policies"]) for g in granting] == [1, 0] and granting[0]["Policies"][0]["EntityName"] == "ana", granting
print("ok")
