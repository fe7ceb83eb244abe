//! What the ARNs look like that an action can be asked about.
//!
//! A proof goes over these. After the Service Authorization Reference, "Resource types" of each action:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use super::question::Question;
use super::set::{Pool, Set};
use super::word::{ANY, DASH, DIGIT, DOT, Item, Kinds, LOWER, SLASH, UNDERSCORE, UPPER, Word};

/// The resources of some actions; of several rows that name an action the first counts.
pub(super) struct Shape {
    /// Patterns in lower case.
    pub(super) actions: &'static [&'static str],
    /// What to call the resources.
    pub(super) name: &'static str,
    /// Those that make a good example.
    likely: &'static [&'static str],
    /// All there are.
    all: &'static [&'static str],
}

const S3_OBJECTS: &[&str] = &[
    "arn:{partitions}:s3:::{any-bucket}/{text}",
    "arn:{partitions}:s3:{regions}:{number}:accesspoint/{name}/object/{text}",
];
const S3_BUCKETS: &[&str] = &[
    "arn:{partitions}:s3:::{any-bucket}",
    "arn:{partitions}:s3:{regions}:{number}:accesspoint/{name}",
];
const S3_ALL: &[&str] = &["arn:{partitions}:s3:{regions}:{maybe-number}:{text}", "*"];
const ROLES: &[&str] = &["arn:{partitions}:iam::{number}:role/{text}"];
const LIKELY_ROLE: &[&str] = &["arn:{partition}:iam::{account}:role/{name}"];
const IAM_ALL: &[&str] = &[
    "arn:{partitions}:iam::{number}:{text}",
    "arn:{partitions}:iam::aws:{text}",
    "*",
];

pub(super) const SHAPES: [Shape; 12] = [
    Shape {
        actions: &["s3:listallmybuckets"],
        name: "the account",
        // S3 itself asks for all buckets: a policy about `arn:aws:s3:::*` lets them be listed.
        likely: &["arn:{partition}:s3:::*"],
        all: &["*", "arn:{partitions}:s3:::*"],
    },
    Shape {
        actions: &["s3:*accesspoint*", "s3:*job*", "s3:*storagelens*"],
        name: "everything in S3",
        likely: &["arn:{partition}:s3:{region}:{account}:{name}"],
        all: S3_ALL,
    },
    Shape {
        actions: &[
            "s3:createbucket*",
            "s3:deletebucket*",
            "s3:getbucket*",
            "s3:listbucket*",
            "s3:putbucket*",
            "s3:updatebucket*",
            "s3:get*configuration",
            "s3:put*configuration",
        ],
        name: "buckets",
        likely: &["arn:{partition}:s3:::{bucket}"],
        all: S3_BUCKETS,
    },
    Shape {
        actions: &[
            "s3:*object*",
            "s3:abortmultipartupload",
            "s3:listmultipartuploadparts",
            "s3:bypassgovernanceretention",
            "s3:initiatereplication",
            "s3:replicate*",
        ],
        name: "objects",
        likely: &["arn:{partition}:s3:::{bucket}/{key}"],
        all: S3_OBJECTS,
    },
    Shape {
        actions: &["s3:*"],
        name: "everything in S3",
        likely: &[
            "arn:{partition}:s3:::{bucket}",
            "arn:{partition}:s3:::{bucket}/{key}",
        ],
        all: S3_ALL,
    },
    Shape {
        actions: &["iam:passrole"],
        name: "roles",
        likely: LIKELY_ROLE,
        all: ROLES,
    },
    Shape {
        actions: &["sts:assumerole*"],
        name: "roles",
        likely: LIKELY_ROLE,
        all: ROLES,
    },
    Shape {
        actions: &["iam:*role*"],
        name: "everything in IAM",
        likely: LIKELY_ROLE,
        all: IAM_ALL,
    },
    Shape {
        actions: &["iam:*"],
        name: "everything in IAM",
        likely: &["arn:{partition}:iam::{account}:user/{name}"],
        all: IAM_ALL,
    },
    Shape {
        actions: &["mobiletargeting:*app*", "mobiletargeting:*job*"],
        name: "everything in Amazon Pinpoint",
        likely: &["arn:{partition}:mobiletargeting:{region}:{account}:apps/{name}"],
        all: &[
            "arn:{partitions}:mobiletargeting:{regions}:{number}:{text}",
            "*",
        ],
    },
    Shape {
        actions: &["mobiletargeting:*"],
        name: "everything in Amazon Pinpoint",
        likely: &["arn:{partition}:mobiletargeting:{region}:{account}:{name}"],
        all: &[
            "arn:{partitions}:mobiletargeting:{regions}:{number}:{text}",
            "*",
        ],
    },
    Shape {
        actions: &["*"],
        name: "every ARN",
        likely: &["arn:{partition}:{prefix}:{region}:{account}:{name}"],
        all: &[
            "arn:{partitions}:{service}:{regions}:{maybe-number}:{text}",
            "*",
        ],
    },
];

const BUCKET: Kinds = LOWER | DIGIT | DASH | DOT;
const ANY_BUCKET: Kinds = BUCKET | UPPER | UNDERSCORE;
const NAME: Kinds = LOWER | UPPER | DIGIT | DASH | DOT | UNDERSCORE;
const KEY: Kinds = NAME | SLASH;

/// What a word in braces stands for. Buckets in us-east-1 from before 2018 may have upper case and underscores;
/// that names have three characters at least is left out, since a proof over more is a proof.
const CLASSES: [(&str, &[Item]); 10] = [
    ("partitions", &[Item::One(LOWER), Item::Many(LOWER | DASH)]),
    (
        "service",
        &[Item::One(LOWER), Item::Many(LOWER | DIGIT | DASH)],
    ),
    ("regions", &[Item::Many(LOWER | DIGIT | DASH)]),
    ("number", &[Item::One(DIGIT); 12]),
    ("maybe-number", &[Item::Many(DIGIT)]),
    ("text", &[Item::One(ANY), Item::Many(ANY)]),
    (
        "name",
        &[Item::One(LOWER | UPPER | DIGIT), Item::Many(NAME)],
    ),
    ("key", &[Item::One(KEY), Item::Many(KEY)]),
    (
        "bucket",
        &[
            Item::One(LOWER | DIGIT),
            Item::One(BUCKET),
            Item::Many(BUCKET),
            Item::One(LOWER | DIGIT),
        ],
    ),
    (
        "any-bucket",
        &[Item::One(ANY_BUCKET), Item::Many(ANY_BUCKET)],
    ),
];

impl Shape {
    pub(super) fn likely(&self, question: &Question<'_>, action: &str, pool: &mut Pool) -> Set {
        Set::any(
            self.likely
                .iter()
                .map(|text| pool.add(word(text, question, action))),
        )
    }

    pub(super) fn all(&self, question: &Question<'_>, action: &str, pool: &mut Pool) -> Set {
        Set::any(
            self.all
                .iter()
                .map(|text| pool.add(word(text, question, action))),
        )
    }
}

fn word(shape: &str, question: &Question<'_>, action: &str) -> Word {
    let mut items = Vec::new();
    for piece in shape.split_inclusive(['{', '}']) {
        match piece.strip_suffix('}') {
            None => items.extend(piece.trim_end_matches('{').chars().map(Item::Char)),
            Some(name) => match CLASSES.iter().find(|(known, _)| *known == name) {
                Some((_, class)) => items.extend_from_slice(class),
                None => items.extend(example(name, question, action).chars().map(Item::Char)),
            },
        }
    }
    Word(items)
}

/// A fixed value for a part where any one will do.
fn example<'a>(name: &str, question: &Question<'a>, action: &'a str) -> &'a str {
    match name {
        "partition" => question.principal.partition().unwrap_or("aws"),
        "account" => question
            .resource_account
            .or(question.principal.account())
            .unwrap_or("123456789012"),
        "region" => match question.principal.partition() {
            Some("aws-cn") => "cn-north-1",
            Some("aws-us-gov") => "us-gov-west-1",
            _ => "us-east-1",
        },
        _ => action.split(':').next().unwrap_or_default(),
    }
}
