//! Service principals: AWS knows them all, rolecall knows how their names are made and the most common ones.

/// What their names end in, by partition. Source: IAM User Guide, "AWS JSON policy elements: Principal".
const ENDS: [&str; 8] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".aws.ic.gov",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
];

/// The common ones with names long enough that one letter off is a slip of the pen and no other service.
const COMMON: [&str; 38] = [
    "airflow",
    "apigateway",
    "appstream",
    "appsync",
    "athena",
    "autoscaling",
    "backup",
    "bedrock",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "cognito-idp",
    "config",
    "connect",
    "delivery",
    "dynamodb",
    "ecs-tasks",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "events",
    "firehose",
    "guardduty",
    "inspector",
    "kinesis",
    "lambda",
    "logging",
    "organizations",
    "pinpoint",
    "redshift",
    "sagemaker",
    "scheduler",
    "states",
    "transfer",
];

/// Why no service can have this name. That an unknown service is taken unless it is one letter off a common one is
/// rolecall's choice: AWS refuses all that it does not know.
pub(super) fn problem(value: &str) -> Option<&'static str> {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let named = ENDS.iter().find_map(|end| value.strip_suffix(end));
    let Some(name) = named.filter(|name| plain && !name.is_empty()) else {
        return Some("is not a service such as `pinpoint.amazonaws.com`");
    };
    let first = name.split('.').next().unwrap_or(name);
    let slip = |known: &str| {
        strsim::damerau_levenshtein(known, first) == 1
            && !first.ends_with(|last: char| last.is_ascii_digit())
    };
    let slipped = !COMMON.contains(&first) && COMMON.iter().any(|known| slip(known));
    slipped.then_some("is one letter off the name of a service")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_by_their_names() {
        for good in [
            "pinpoint.amazonaws.com",
            "pinpoint.us-east-1.amazonaws.com",
            "delivery.logs.amazonaws.com",
            "alexa-appkit.amazon.com",
            "ec2.amazonaws.com.cn",
            "inspector2.amazonaws.com",
            "something-new.amazonaws.com",
            "dms.amazonaws.com",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "pinpoint",
            ".amazonaws.com",
            "pinpoint.example.com",
            "pinpont.amazonaws.com",
            "pinpiont.amazonaws.com",
            "lamda.amazonaws.com",
            "*.amazonaws.com",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }
}
