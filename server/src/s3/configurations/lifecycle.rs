//! Lifecycle rules. They are kept and their expiry date is told; nothing expires by itself.

use super::{Call, Configuration, not_found};
use crate::{
    gate::Granted,
    s3::{
        Bucket, faults,
        get_object::http_time,
        object::Object,
        schema::{self, Kind, Member, STATUS, TAG, any, maybe, one, some},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// `…BucketLifecycleConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Lifecycle;

/// Under which the choice of the smallest object that moves is kept.
const SMALLEST: &str = "TransitionDefaultMinimumObjectSize";
const SMALLEST_HEADER: &str = "x-amz-transition-default-minimum-object-size";
/// The choice of whoever does not choose. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.
const SMALLEST_DEFAULT: &str = "all_storage_classes_128K";

const CLASS: Kind = Kind::OneOf(&[
    "GLACIER",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
]);

const FILTER: Kind = Kind::Tree(&[
    maybe("Prefix", Kind::Text),
    maybe("Tag", TAG),
    maybe("ObjectSizeGreaterThan", Kind::Whole),
    maybe("ObjectSizeLessThan", Kind::Whole),
    maybe(
        "And",
        Kind::Tree(&[
            maybe("Prefix", Kind::Text),
            any("Tag", TAG),
            maybe("ObjectSizeGreaterThan", Kind::Whole),
            maybe("ObjectSizeLessThan", Kind::Whole),
        ]),
    ),
]);

const RULE: Kind = Kind::Tree(&[
    maybe("ID", Kind::Text),
    maybe("Prefix", Kind::Text),
    maybe("Filter", FILTER),
    one("Status", STATUS),
    maybe(
        "Expiration",
        Kind::Only(&[
            maybe("Date", Kind::Date),
            maybe("Days", Kind::Whole),
            maybe("ExpiredObjectDeleteMarker", Kind::Flag),
        ]),
    ),
    any(
        "Transition",
        Kind::Tree(&[
            maybe("Date", Kind::Date),
            maybe("Days", Kind::Whole),
            one("StorageClass", CLASS),
        ]),
    ),
    any(
        "NoncurrentVersionTransition",
        Kind::Tree(&[
            one("NoncurrentDays", Kind::Whole),
            maybe("NewerNoncurrentVersions", Kind::Whole),
            one("StorageClass", CLASS),
        ]),
    ),
    maybe(
        "NoncurrentVersionExpiration",
        Kind::Tree(&[
            maybe("NoncurrentDays", Kind::Whole),
            maybe("NewerNoncurrentVersions", Kind::Whole),
        ]),
    ),
    maybe(
        "AbortIncompleteMultipartUpload",
        Kind::Tree(&[one("DaysAfterInitiation", Kind::Whole)]),
    ),
]);

/// The actions of a rule, and the member of each that must be positive.
const ACTIONS: [(&str, &str); 5] = [
    ("Expiration", "Days"),
    ("Transition", ""),
    ("NoncurrentVersionTransition", ""),
    ("NoncurrentVersionExpiration", "NoncurrentDays"),
    ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
];

impl Configuration for Lifecycle {
    const READ: Call = (
        "GetBucketLifecycleConfiguration",
        "s3:GetLifecycleConfiguration",
    );
    const WRITE: Call = (
        "PutBucketLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    );
    const REMOVE: Call = ("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration");
    const ROOT: &'static str = "LifecycleConfiguration";
    const MEMBERS: &'static [Member] = &[some("Rule", 1000, RULE)];

    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let message = "The lifecycle configuration does not exist";
        not_found(bucket, "NoSuchLifecycleConfiguration", message)
    }

    fn check(document: &Element, _: &Bucket, aside: &Aside<'_>) -> Result<(), Fault> {
        match aside.headers.get(SMALLEST_HEADER) {
            None | Some("varies_by_storage_class" | SMALLEST_DEFAULT) => {}
            Some(other) => {
                let message = format!("Invalid TransitionDefaultMinimumObjectSize found: {other}");
                return Err(faults::invalid_request(message));
            }
        }
        let mut ids = Vec::new();
        for rule in document.all("Rule") {
            let id = rule.value("ID").unwrap_or_default();
            if id.chars().count() > 255 {
                let message = "ID length should not exceed allowed limit of 255";
                return Err(faults::invalid_argument(message, "ID", id));
            }
            if !id.is_empty() && ids.contains(&id) {
                let message = "Rule ID must be unique. Found same ID for more than one rule";
                return Err(faults::invalid_argument(message, "ID", id));
            }
            ids.push(id);
            check_rule(rule)?;
        }
        Ok(())
    }

    /// Rules without an id get one.
    fn settle(mut document: Element, bucket: &mut Bucket, aside: &Aside<'_>) -> Element {
        for rule in document.children_mut() {
            if rule.value("ID").unwrap_or_default().is_empty() {
                rule.prepend(Element::leaf("ID", aside.new_id()));
            }
        }
        let smallest = aside
            .headers
            .get(SMALLEST_HEADER)
            .unwrap_or(SMALLEST_DEFAULT);
        bucket
            .documents
            .set(SMALLEST, Element::leaf(SMALLEST, smallest));
        document
    }

    fn header(bucket: &Bucket) -> Option<(&'static str, String)> {
        let smallest = bucket
            .documents
            .one(SMALLEST)
            .map_or(SMALLEST_DEFAULT, Element::text);
        Some((SMALLEST_HEADER, smallest.to_owned()))
    }
}

/// Source of the words: answers recorded from AWS.
fn check_rule(rule: &Element) -> Result<(), Fault> {
    let filter = rule.child("Filter");
    if rule.has("Prefix") == filter.is_some()
        || filter.is_some_and(|filter| filter.children().len() > 1)
    {
        return Err(faults::malformed_xml());
    }
    check_tags(rule)?;
    if !ACTIONS.iter().any(|(action, _)| rule.has(action)) {
        return Err(faults::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    for (action, member) in ACTIONS {
        for found in rule.all(action) {
            check_date(found)?;
            if found.number(member).is_some_and(|number| number < 1) {
                let message = format!("'{member}' for {action} action must be a positive integer");
                return Err(invalid(message));
            }
        }
    }
    if rule
        .child("NoncurrentVersionExpiration")
        .is_some_and(|it| it.children().is_empty())
    {
        return Err(faults::malformed_xml());
    }
    check_transitions(rule)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidArgument", message)
}

/// The tags that a rule is about.
fn tags(rule: &Element) -> impl Iterator<Item = (&str, &str)> + Clone {
    let filter = rule.child("Filter").into_iter();
    let places = filter.flat_map(|filter| std::iter::once(filter).chain(filter.child("And")));
    places
        .flat_map(|place| place.all("Tag"))
        .filter_map(|tag| Some((tag.value("Key")?, tag.value("Value")?)))
}

fn check_tags(rule: &Element) -> Result<(), Fault> {
    let mut keys: Vec<_> = tags(rule).map(|(key, _)| key).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < count {
        return Err(faults::invalid_request(
            "Duplicate Tag Keys are not allowed.",
        ));
    }
    if count == 0 {
        return Ok(());
    }
    if rule.has("AbortIncompleteMultipartUpload") {
        return Err(faults::invalid_request(
            "AbortIncompleteMultipartUpload cannot be specified with Tags.",
        ));
    }
    let marker = rule
        .child("Expiration")
        .map(|it| it.has("ExpiredObjectDeleteMarker"));
    if marker == Some(true) {
        return Err(faults::invalid_request(
            "ExpiredObjectDeleteMarker cannot be specified with Tags.",
        ));
    }
    Ok(())
}

fn check_date(action: &Element) -> Result<(), Fault> {
    let Some(text) = action.value("Date") else {
        return Ok(());
    };
    let at = schema::moment(text).ok_or_else(faults::malformed_xml)?;
    if at.as_second() % DAY == 0 && at.subsec_nanosecond() == 0 {
        return Ok(());
    }
    let message = "'Date' must be at midnight GMT";
    Err(faults::invalid_argument(message, "Date", at.to_string()))
}

/// Transitions happen at a date or after days, in time for what comes after them.
fn check_transitions(rule: &Element) -> Result<(), Fault> {
    let expiration = rule.child("Expiration");
    for transition in rule.all("Transition") {
        if transition.has("Date") == transition.has("Days") {
            return Err(faults::malformed_xml());
        }
        let class = transition.value("StorageClass").unwrap_or_default();
        let Some(days) = transition.number("Days") else {
            continue;
        };
        if days < 0 {
            return Err(invalid("'Days' in Transition action must be nonnegative"));
        }
        if days < 30 && matches!(class, "STANDARD_IA" | "ONEZONE_IA") {
            let message = format!(
                "'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'"
            );
            return Err(invalid(message));
        }
        if expiration
            .and_then(|it| it.number("Days"))
            .is_some_and(|end| end <= days)
        {
            let message = format!(
                "'Days' in the Expiration action for filter '(prefix={})' must be greater than 'Days' in the Transition action",
                prefix(rule)
            );
            return Err(invalid(message));
        }
    }
    Ok(())
}

fn prefix(rule: &Element) -> &str {
    let filter = rule.child("Filter");
    let of_filter = || {
        let filter = filter?;
        filter
            .value("Prefix")
            .or_else(|| filter.child("And")?.value("Prefix"))
    };
    rule.value("Prefix").or_else(of_filter).unwrap_or_default()
}

const DAY: i64 = 24 * 60 * 60;

/// `x-amz-expiration`: when the object ends, and by which rule. The earliest rule counts.
pub(in crate::s3) fn expiration(
    bucket: &Bucket,
    key: &str,
    object: &Object,
    modified: Timestamp,
) -> Option<String> {
    let rules = bucket.documents.one(Lifecycle::ROOT)?.all("Rule");
    let ends = rules
        .filter(|rule| rule.value("Status") == Some("Enabled") && applies(rule, key, object))
        .filter_map(|rule| Some((end(rule, modified)?, rule.value("ID")?)));
    let (at, id) = ends.min_by_key(|(at, _)| *at)?;
    let id = utf8_percent_encode(id, ID_SIGNS);
    Some(format!(
        "expiry-date=\"{}\", rule-id=\"{id}\"",
        http_time(at)
    ))
}

/// The same for an object that is written now.
pub(in crate::s3) fn expiration_of_new<O>(
    cx: &Granted<'_, O>,
    bucket: &str,
    key: &str,
    object: &Object,
) -> Option<String> {
    let bucket = cx.read(|world| world.law.buckets.get(bucket).cloned())?;
    expiration(&bucket, key, object, cx.now())
}

/// What stands in a rule's id as it is; the rest is URL-encoded.
const ID_SIGNS: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*');

/// The midnight after the days, or the date.
fn end(rule: &Element, modified: Timestamp) -> Option<Timestamp> {
    let expiration = rule.child("Expiration")?;
    if let Some(date) = expiration.value("Date") {
        return schema::moment(date);
    }
    midnight_after(modified, expiration.number("Days")?)
}

/// The first midnight after so many days.
pub(in crate::s3) fn midnight_after(at: Timestamp, days: i64) -> Option<Timestamp> {
    let last = at.as_second().checked_add(days.checked_mul(DAY)?)?;
    let midnight = last.div_euclid(DAY).checked_add(1)?.checked_mul(DAY)?;
    Timestamp::from_second(midnight).ok()
}

fn applies(rule: &Element, key: &str, object: &Object) -> bool {
    let tagged = |(key, value): (&str, &str)| {
        object
            .extras
            .tags
            .iter()
            .any(|(k, v)| k == key && v == value)
    };
    let filter = rule.child("Filter");
    let places = filter
        .into_iter()
        .flat_map(|it| std::iter::once(it).chain(it.child("And")));
    let size = i64::try_from(object.blob.len()).unwrap_or(i64::MAX);
    let sized = |place: &Element| {
        place
            .number("ObjectSizeGreaterThan")
            .is_none_or(|least| size > least)
            && place
                .number("ObjectSizeLessThan")
                .is_none_or(|most| size < most)
    };
    key.starts_with(prefix(rule)) && tags(rule).all(tagged) && { places }.all(sized)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::s3::object::Extras;

    fn rule(inside: &str) -> Element {
        let text = format!("<Rule><ID>a b</ID><Status>Enabled</Status>{inside}</Rule>");
        crate::s3::xml::read(&text).unwrap()
    }

    #[test]
    fn filters_pick_objects() {
        let tagged = Object {
            extras: Extras {
                tags: vec![("team".to_owned(), "red".to_owned())],
                ..Extras::default()
            }
            .into(),
            blob: crate::world::Blob::new(vec![bytes::Bytes::from_static(b"12345").into()]),
            ..Object::default()
        };
        let plain = Object::default();
        let fits = |filter: &str, key: &str, object: &Object| applies(&rule(filter), key, object);
        assert!(fits("<Filter/>", "k", &plain));
        assert!(fits("<Prefix>a/</Prefix>", "a/b", &plain));
        assert!(!fits("<Filter><Prefix>a/</Prefix></Filter>", "b", &plain));
        let tag = "<Tag><Key>team</Key><Value>red</Value></Tag>";
        assert!(fits(&format!("<Filter>{tag}</Filter>"), "k", &tagged));
        assert!(!fits(&format!("<Filter>{tag}</Filter>"), "k", &plain));
        let sized = |least: u8| {
            format!(
                "<Filter><And>{tag}<ObjectSizeGreaterThan>{least}</ObjectSizeGreaterThan></And></Filter>"
            )
        };
        assert!(!fits(&sized(5), "k", &tagged));
        assert!(fits(&sized(4), "k", &tagged));
    }

    #[test]
    fn objects_end_at_midnight() {
        let rule = rule("<Filter/><Expiration><Days>2</Days></Expiration>");
        let at = end(&rule, "2026-11-20T14:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(at.to_string(), "2026-11-23T00:00:00Z");
    }

    #[test]
    fn rules_are_checked() {
        let code = |inside: &str| match check_rule(&rule(inside)) {
            Ok(()) => "ok",
            Err(Fault::Service(fault)) => fault.code,
            Err(_) => "other",
        };
        let days = "<Expiration><Days>7</Days></Expiration>";
        assert_eq!(code(&format!("<Filter/>{days}")), "ok");
        assert_eq!(code(days), "MalformedXML");
        assert_eq!(code(&format!("<Prefix/><Filter/>{days}")), "MalformedXML");
        assert_eq!(code("<Filter/>"), "InvalidRequest");
        assert_eq!(
            code("<Filter/><Expiration><Days>0</Days></Expiration>"),
            "InvalidArgument"
        );
        assert_eq!(
            code("<Filter/><Expiration><Date>2030-01-01T02:00:00Z</Date></Expiration>"),
            "InvalidArgument"
        );
        let soon =
            "<Transition><Days>1</Days><StorageClass>STANDARD_IA</StorageClass></Transition>";
        assert_eq!(code(&format!("<Filter/>{soon}")), "InvalidArgument");
        let late = "<Transition><Days>7</Days><StorageClass>GLACIER</StorageClass></Transition>";
        assert_eq!(code(&format!("<Filter/>{days}{late}")), "InvalidArgument");
    }
}
