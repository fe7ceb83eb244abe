# The guide's own commands, word for word, with the real AWS CLI: inside Exports/ an export succeeds,
# everywhere else it fails and says why.
set -euo pipefail

fail() { echo "FAILED: $*" >&2; exit 1; }
same() { [ "$1" = "$2" ] || fail "expected \`$2\`, got \`$1\`"; }
cp "$POLICIES"/s3policy.json "$POLICIES"/trustpolicy.json "$POLICIES"/trustpolicy-guarded.json .

# --- IAM, as on the page "IAM role for exporting endpoints or segments"
aws iam create-policy --policy-name s3ExportPolicy --policy-document file://s3policy.json > policy.out
python3 - <<'PY'
import json, re
policy = json.load(open("policy.out"))["Policy"]
assert policy["Arn"] == "arn:aws:iam::123456789012:policy/s3ExportPolicy", policy
assert policy["PolicyName"] == "s3ExportPolicy" and policy["Path"] == "/" and policy["DefaultVersionId"] == "v1", policy
assert policy["AttachmentCount"] == 0 and policy["IsAttachable"] is True, policy
assert re.fullmatch("ANPA[A-Z2-7]{17}", policy["PolicyId"]), policy
PY
aws iam create-role --role-name s3ExportRole --assume-role-policy-document file://trustpolicy.json > role.out
python3 - <<'PY'
import json, re
role = json.load(open("role.out"))["Role"]
assert role["Arn"] == "arn:aws:iam::123456789012:role/s3ExportRole" and role["Path"] == "/", role
assert re.fullmatch("AROA[A-Z2-7]{17}", role["RoleId"]), role
assert role["AssumeRolePolicyDocument"] == json.load(open("trustpolicy.json")), role
PY
aws iam attach-role-policy --policy-arn arn:aws:iam::123456789012:policy/s3ExportPolicy --role-name s3ExportRole
same "$(aws iam list-attached-role-policies --role-name s3ExportRole --query 'AttachedPolicies[0].PolicyName' --output text)" s3ExportPolicy

# --- a bucket, an app with endpoints
aws s3 mb s3://example-bucket > /dev/null
aws s3 mb s3://example-bucket-2 > /dev/null
APP=$(aws pinpoint create-app --create-application-request Name=demo --query ApplicationResponse.Id --output text)
cat > batch.json <<'JSON'
{"Item":[{"Id":"e-1","ChannelType":"EMAIL","Address":"ana@example.com","OptOut":"NONE"},
         {"Id":"e-2","ChannelType":"SMS","Address":"+12065550101","OptOut":"ALL"},
         {"Id":"e-3","ChannelType":"GCM","Address":"token-3"}]}
JSON
aws pinpoint update-endpoints-batch --application-id "$APP" --endpoint-batch-request file://batch.json > /dev/null

# --- exports
export_to() { # prefix, role: prints the job's final JSON
  local job state
  job=$(aws pinpoint create-export-job --application-id "$APP" \
    --export-job-request "S3UrlPrefix=$1,RoleArn=arn:aws:iam::123456789012:role/$2" --query ExportJobResponse.Id --output text)
  for _ in $(seq 50); do
    aws pinpoint get-export-job --application-id "$APP" --job-id "$job" > job.out
    state=$(python3 -c 'import json; print(json.load(open("job.out"))["ExportJobResponse"]["JobStatus"])')
    case $state in COMPLETED|FAILED) break ;; esac
    sleep 0.05
  done
  echo "$state"
}
failure() { python3 -c 'import json; print(json.load(open("job.out"))["ExportJobResponse"]["Failures"][0])'; }
objects() { aws s3 ls --recursive "s3://$1/" | wc -l | tr -d ' '; }

same "$(export_to s3://example-bucket/Exports/ s3ExportRole)" COMPLETED
same "$(objects example-bucket)" 1
KEY=$(aws s3api list-objects-v2 --bucket example-bucket --query 'Contents[0].Key' --output text)
case $KEY in Exports/*.gz) ;; *) fail "the export is at $KEY" ;; esac
aws s3 cp "s3://example-bucket/$KEY" export.gz > /dev/null
python3 - <<'PY'
import gzip, json
lines = [json.loads(line) for line in gzip.open("export.gz", "rt")]
assert [line["Id"] for line in lines] == ["e-1", "e-2", "e-3"], lines
assert lines[0]["Address"] == "ana@example.com" and lines[1]["OptOut"] == "ALL" and all(line["CreationDate"] for line in lines), lines
PY

for prefix in "" Elsewhere/ exports/ ExportsOld/ x/Exports/; do
  same "$(export_to "s3://example-bucket/$prefix" s3ExportRole)" FAILED
  case $(failure) in
    *"arn:aws:sts::123456789012:assumed-role/s3ExportRole/"*"is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::example-bucket/$prefix"*"because no identity-based policy allows the s3:PutObject action"*) ;;
    *) fail "$(failure)" ;;
  esac
done
same "$(export_to s3://example-bucket-2/Exports/ s3ExportRole)" FAILED
same "$(export_to s3://no-such-bucket-anywhere/Exports/ s3ExportRole)" FAILED
case $(failure) in *"The specified bucket does not exist"*) ;; *) fail "$(failure)" ;; esac
same "$(objects example-bucket)" 1
same "$(objects example-bucket-2)" 0

# --- the newer trust policy: as printed it admits nobody, with the words replaced only this app
aws iam create-role --role-name guarded --assume-role-policy-document file://trustpolicy-guarded.json > /dev/null
aws iam attach-role-policy --policy-arn arn:aws:iam::123456789012:policy/s3ExportPolicy --role-name guarded
same "$(export_to s3://example-bucket/Exports/ guarded)" FAILED
case $(failure) in *"pinpoint.amazonaws.com"*"sts:AssumeRole"*"role/guarded"*) ;; *) fail "$(failure)" ;; esac
sed "s/applicationId/$APP/; s/accountId/123456789012/g; s/:region:/:us-east-1:/" trustpolicy-guarded.json > mine.json
aws iam update-assume-role-policy --role-name guarded --policy-document file://mine.json
same "$(export_to s3://example-bucket/Exports/ guarded)" COMPLETED
OTHER=$(aws pinpoint create-app --create-application-request Name=other --query ApplicationResponse.Id --output text)
MINE=$APP; APP=$OTHER
same "$(export_to s3://example-bucket/Exports/ guarded)" FAILED
APP=$MINE

# --- a role whose policy was taken away
aws iam detach-role-policy --policy-arn arn:aws:iam::123456789012:policy/s3ExportPolicy --role-name s3ExportRole
same "$(export_to s3://example-bucket/Exports/ s3ExportRole)" FAILED

# --- somebody else needs both permissions
aws iam create-user --user-name runner > /dev/null
KEYS=$(aws iam create-access-key --user-name runner --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
as_runner() { AWS_ACCESS_KEY_ID=${KEYS%%$'\t'*} AWS_SECRET_ACCESS_KEY=${KEYS##*$'\t'} "$@"; }
try() { as_runner aws pinpoint create-export-job --application-id "$APP" --export-job-request S3UrlPrefix=s3://example-bucket/Exports/,RoleArn=arn:aws:iam::123456789012:role/guarded 2>&1 || true; }
allow() { aws iam put-user-policy --user-name runner --policy-name p --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[$1],\"Resource\":\"*\"}]}"; }
case $(try) in *"is not authorized to perform: mobiletargeting:CreateExportJob on resource"*) ;; *) fail "$(try)" ;; esac
allow '"mobiletargeting:CreateExportJob"'
case $(try) in *"is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/guarded because no identity-based policy allows the iam:PassRole action"*) ;; *) fail "$(try)" ;; esac
allow '"mobiletargeting:CreateExportJob","iam:PassRole"'
case $(try) in *'"JobStatus": "CREATED"'*) ;; *) fail "$(try)" ;; esac
