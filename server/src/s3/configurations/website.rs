//! Static website hosting. The configuration is kept; the website endpoint is not served.

use super::{Call, Configuration, not_found};
use crate::{
    s3::{
        Bucket, faults,
        schema::{Kind, Member, maybe, one, some},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketWebsite`
#[derive(Debug)]
pub(in crate::s3) struct Website;

const RULE: Kind = Kind::Tree(&[
    maybe(
        "Condition",
        Kind::Tree(&[
            maybe("HttpErrorCodeReturnedEquals", Kind::Text),
            maybe("KeyPrefixEquals", Kind::Text),
        ]),
    ),
    one(
        "Redirect",
        Kind::Tree(&[
            maybe("HostName", Kind::Text),
            maybe("HttpRedirectCode", Kind::Text),
            maybe("Protocol", Kind::Text),
            maybe("ReplaceKeyPrefixWith", Kind::Text),
            maybe("ReplaceKeyWith", Kind::Text),
        ]),
    ),
]);

impl Configuration for Website {
    const READ: Call = ("GetBucketWebsite", "s3:GetBucketWebsite");
    const WRITE: Call = ("PutBucketWebsite", "s3:PutBucketWebsite");
    const REMOVE: Call = ("DeleteBucketWebsite", "s3:DeleteBucketWebsite");
    const ROOT: &'static str = "WebsiteConfiguration";
    const MEMBERS: &'static [Member] = &[
        maybe("IndexDocument", Kind::Tree(&[one("Suffix", Kind::Text)])),
        maybe("ErrorDocument", Kind::Tree(&[one("Key", Kind::Text)])),
        maybe(
            "RedirectAllRequestsTo",
            Kind::Tree(&[one("HostName", Kind::Text), maybe("Protocol", Kind::Text)]),
        ),
        maybe("RoutingRules", Kind::Tree(&[some("RoutingRule", 50, RULE)])),
    ];

    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let message = "The specified bucket does not have a website configuration";
        not_found(bucket, "NoSuchWebsiteConfiguration", message)
    }

    fn check(document: &Element, _: &Bucket, _: &Aside<'_>) -> Result<(), Fault> {
        if let Some(all) = document.child("RedirectAllRequestsTo") {
            if document.children().len() > 1 {
                let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
                return Err(faults::invalid_argument(
                    message,
                    "RedirectAllRequestsTo",
                    "not null",
                ));
            }
            return check_protocol(all);
        }
        let Some(index) = document.child("IndexDocument") else {
            let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
            return Err(faults::invalid_argument(message, "IndexDocument", "null"));
        };
        let suffix = index.value("Suffix").unwrap_or_default();
        if suffix.is_empty() || suffix.contains('/') {
            let message = "The IndexDocument Suffix is not well formed";
            return Err(faults::invalid_argument(message, "IndexDocument", suffix));
        }
        let rules = document
            .child("RoutingRules")
            .map_or(&[][..], Element::children);
        rules.iter().try_for_each(check_rule)
    }
}

fn check_rule(rule: &Element) -> Result<(), Fault> {
    if rule
        .child("Condition")
        .is_some_and(|it| it.children().is_empty())
    {
        return Err(faults::invalid_request(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
        ));
    }
    let Some(redirect) = rule.child("Redirect") else {
        return Err(faults::malformed_xml());
    };
    check_protocol(redirect)?;
    if redirect.has("ReplaceKeyPrefixWith") && redirect.has("ReplaceKeyWith") {
        return Err(faults::invalid_request(
            "You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
        ));
    }
    let code = redirect.value("HttpRedirectCode");
    if code.is_some_and(|code| !(code.len() == 3 && code.starts_with('3') && code != "300")) {
        let message = format!(
            "The provided HTTP redirect code ({}) is not valid. Valid codes are 3XX except 300.",
            code.unwrap_or_default()
        );
        return Err(faults::invalid_request(message));
    }
    Ok(())
}

fn check_protocol(to: &Element) -> Result<(), Fault> {
    match to.value("Protocol") {
        None | Some("http" | "https") => Ok(()),
        Some(_) => Err(faults::invalid_request(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
        )),
    }
}
