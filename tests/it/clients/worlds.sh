# The AWS CLI in two worlds of one endpoint: AWS_ENDPOINT_URL with /_w/NAME behind it.
set -euo pipefail

fail() { echo "FAILED: $*" >&2; exit 1; }
same() { [ "$1" = "$2" ] || fail "expected \`$2\`, got \`$1\`"; }
HOME_URL=$AWS_ENDPOINT_URL
for world in one two; do
    export AWS_ENDPOINT_URL=$HOME_URL/_w/cli-$world
    aws s3 mb s3://same-name > mb.out
    echo "$world" | aws s3 cp - s3://same-name/Exports/file.txt
    aws iam create-user --user-name same > user.out
    same "$(aws sts get-caller-identity --query Account --output text)" 123456789012
done
same "$(AWS_ENDPOINT_URL=$HOME_URL/_w/cli-one aws s3 cp s3://same-name/Exports/file.txt -)" one
same "$(AWS_ENDPOINT_URL=$HOME_URL/_w/cli-two/ aws s3 cp s3://same-name/Exports/file.txt -)" two
same "$(AWS_ENDPOINT_URL=$HOME_URL aws iam list-users --query 'length(Users)')" 0
