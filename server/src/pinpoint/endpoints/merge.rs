//! What an update makes of an endpoint.
//!
//! Members that are sent replace, members that are not stay. Inside `Attributes`, `UserAttributes` and
//! `Metrics` the same holds name by name, and an attribute that is sent with no values goes.
//! Source: Amazon Pinpoint Developer Guide, "Adding endpoints"; the details are rolecall's choice.

use crate::{
    gate::Meta,
    pinpoint::shape::{Document, Member, Shape, inner, may, text},
    wire::{Fault, millis_time},
};
use jiff::Timestamp;
use serde_json::Value;

static ATTRIBUTES: Shape = Shape::Map(&Shape::List(&Shape::Text));
static CHANNELS: Shape = Shape::Word(&[
    "PUSH",
    "GCM",
    "APNS",
    "APNS_SANDBOX",
    "APNS_VOIP",
    "APNS_VOIP_SANDBOX",
    "ADM",
    "SMS",
    "VOICE",
    "EMAIL",
    "BAIDU",
    "CUSTOM",
    "IN_APP",
]);

/// `EndpointBatchItem`, which is `EndpointRequest` with an `Id`.
pub(in crate::pinpoint) static REQUEST: &[Member] = &[
    may("Id", &Shape::Text),
    may("Address", &Shape::Text),
    may("Attributes", &ATTRIBUTES),
    may("ChannelType", &CHANNELS),
    may(
        "Demographic",
        &Shape::Object(&[
            may("AppVersion", &Shape::Text),
            may("Locale", &Shape::Text),
            may("Make", &Shape::Text),
            may("Model", &Shape::Text),
            may("ModelVersion", &Shape::Text),
            may("Platform", &Shape::Text),
            may("PlatformVersion", &Shape::Text),
            may("Timezone", &Shape::Text),
        ]),
    ),
    may("EffectiveDate", &Shape::Text),
    may("EndpointStatus", &Shape::Word(&["ACTIVE", "INACTIVE"])),
    may(
        "Location",
        &Shape::Object(&[
            may("City", &Shape::Text),
            may("Country", &Shape::Text),
            may("Latitude", &Shape::Number),
            may("Longitude", &Shape::Number),
            may("PostalCode", &Shape::Text),
            may("Region", &Shape::Text),
        ]),
    ),
    may("Metrics", &Shape::Map(&Shape::Number)),
    may("OptOut", &Shape::Word(&["ALL", "NONE"])),
    may(
        "User",
        &Shape::Object(&[
            may("UserAttributes", &ATTRIBUTES),
            may("UserId", &Shape::Text),
        ]),
    ),
];

/// Whose update it is.
pub(super) struct Of<'a> {
    pub(super) app: &'a str,
    pub(super) id: &'a str,
    pub(super) meta: &'a Meta,
}

/// The endpoint after the update. Pinpoint fills `CohortId`, the dates and the two switches.
pub(super) fn updated(
    before: Option<Document>,
    sent: Document,
    of: Of<'_>,
) -> Result<Document, Fault> {
    check(&sent, of.id)?;
    let now = millis_time(of.meta.at);
    let mut endpoint = before.unwrap_or_else(|| {
        let fresh = [
            ("Id", of.id.to_owned()),
            ("ApplicationId", of.app.to_owned()),
            ("EndpointStatus", "ACTIVE".to_owned()),
            ("OptOut", "NONE".to_owned()),
            ("CohortId", cohort(of.id)),
            ("CreationDate", now.clone()),
        ];
        let text = |(name, text): (&str, String)| (name.to_owned(), Value::String(text));
        fresh.into_iter().map(text).collect()
    });
    let dated = sent.contains_key("EffectiveDate");
    merge(&mut endpoint, sent);
    endpoint.insert("RequestId".to_owned(), of.meta.id.to_string().into());
    if !dated {
        endpoint.insert("EffectiveDate".to_owned(), now.into());
    }
    let attributes = |document: Option<&Document>, name| {
        document
            .and_then(|document| inner(document, name))
            .map_or(0, Document::len)
    };
    let count = attributes(Some(&endpoint), "Attributes")
        + attributes(Some(&endpoint), "Metrics")
        + attributes(inner(&endpoint, "User"), "UserAttributes");
    if count > 250 {
        let why = format!(
            "the endpoint `{}` would have {count} attributes and metrics; it may have 250",
            of.id
        );
        return Err(Fault::malformed("Attributes", why));
    }
    Ok(endpoint)
}

/// Puts `sent` over `before`: objects member by member, everything else whole.
fn merge(before: &mut Document, sent: Document) {
    for (name, value) in sent {
        match (before.get_mut(&name), value) {
            (Some(Value::Object(before)), Value::Object(sent)) => merge(before, sent),
            (_, Value::Array(values)) if values.is_empty() => {
                before.shift_remove(&name);
            }
            (_, Value::Object(sent)) => {
                let mut fresh = Document::new();
                merge(&mut fresh, sent);
                before.insert(name, Value::Object(fresh));
            }
            (_, value) => {
                before.insert(name, value);
            }
        }
    }
}

/// The bounds of one endpoint. Source: Amazon Pinpoint Developer Guide, "Quotas", endpoint quotas.
fn check(sent: &Document, id: &str) -> Result<(), Fault> {
    if id.is_empty() || id.chars().count() > 100 {
        return Err(Fault::malformed(
            "Id",
            "it must have from 1 to 100 characters",
        ));
    }
    let user = inner(sent, "User");
    let attributes = [("Attributes", Some(sent)), ("UserAttributes", user)];
    for (member, holder) in attributes {
        let named = holder.and_then(|holder| inner(holder, member));
        for (name, values) in named.into_iter().flatten() {
            if name.chars().count() > 50 {
                return Err(Fault::malformed(
                    format!("{member}.{name}"),
                    "the name is longer than 50 characters",
                ));
            }
            let mut values = values.as_array().into_iter().flatten();
            let long = |value: &Value| {
                value
                    .as_str()
                    .is_some_and(|text| text.chars().count() > 100)
            };
            if values.any(long) {
                return Err(Fault::malformed(
                    format!("{member}.{name}"),
                    "a value is longer than 100 characters",
                ));
            }
        }
    }
    if let Some(date) = text(sent, "EffectiveDate")
        && date.parse::<Timestamp>().is_err()
    {
        return Err(Fault::malformed(
            "EffectiveDate",
            format!("`{date}` is not a time in ISO 8601 format"),
        ));
    }
    Ok(())
}

/// `"0"` to `"99"`, the same for an id every time (FNV-1a).
fn cohort(id: &str) -> String {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash % 100).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::pinpoint::shape::read;
    use serde_json::json;
    use uuid::Uuid;

    fn meta(second: i64) -> Meta {
        Meta::internal(
            Uuid::nil(),
            Timestamp::from_second(second).unwrap(),
            "us-east-1".into(),
        )
    }

    fn update(before: Option<Document>, sent: Value, second: i64) -> Result<Document, Fault> {
        let sent = read(Some(&sent), REQUEST)?;
        updated(
            before,
            sent,
            Of {
                app: "a",
                id: "e-1",
                meta: &meta(second),
            },
        )
    }

    #[test]
    fn a_new_endpoint_gets_what_pinpoint_fills() {
        let new =
            Value::Object(update(None, json!({"ChannelType": "SMS", "Address": "+1"}), 0).unwrap());
        assert_eq!(new["OptOut"], "NONE");
        assert_eq!(new["EndpointStatus"], "ACTIVE");
        assert_eq!(new["CreationDate"], "1970-01-01T00:00:00.000Z");
        assert_eq!(new["EffectiveDate"], "1970-01-01T00:00:00.000Z");
        assert_eq!(new["ApplicationId"], "a");
        let cohort: u32 = new["CohortId"].as_str().unwrap().parse().unwrap();
        assert!(cohort < 100);
    }

    #[test]
    fn what_is_sent_replaces_and_the_rest_stays() {
        let first = json!({"Address": "a", "OptOut": "ALL", "Attributes": {"x": ["1"], "y": ["2"], "z": ["3"]},
            "User": {"UserId": "u", "UserAttributes": {"k": ["v"]}}, "Location": {"City": "Rome", "Country": "IT"}});
        let first = update(None, first, 0).unwrap();
        let second = json!({"Attributes": {"x": ["9", "8"], "z": []}, "Location": {"City": "Pisa"}, "User": {"UserId": "w"}});
        let second = Value::Object(update(Some(first), second, 60).unwrap());
        assert_eq!(second["Attributes"], json!({"x": ["9", "8"], "y": ["2"]}));
        assert_eq!(
            second["User"],
            json!({"UserId": "w", "UserAttributes": {"k": ["v"]}})
        );
        assert_eq!(second["Location"], json!({"City": "Pisa", "Country": "IT"}));
        assert_eq!(second["OptOut"], "ALL");
        assert_eq!(second["CreationDate"], "1970-01-01T00:00:00.000Z");
        assert_eq!(second["EffectiveDate"], "1970-01-01T00:01:00.000Z");
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        assert!(update(None, json!({"ChannelType": "FAX"}), 0).is_err());
        assert!(update(None, json!({"EffectiveDate": "yesterday"}), 0).is_err());
        assert!(update(None, json!({"Attributes": {"x": ["v".repeat(101)]}}), 0).is_err());
        assert!(
            update(
                None,
                json!({"User": {"UserAttributes": {"n".repeat(51): ["v"]}}}),
                0
            )
            .is_err()
        );
        let metrics: Document = (0..251).map(|n| (n.to_string(), json!(n))).collect();
        assert!(update(None, json!({"Metrics": metrics}), 0).is_err());
    }
}
