//! Tags, as documents and as the `x-amz-tagging` header; what is allowed in them.

use super::{
    faults,
    schema::{self, Kind, Member, TAG, any, maybe},
    xml::Element,
};
use crate::wire::Fault;
use serde::{Deserialize, Serialize};

/// `<Tagging><TagSet>…`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tagging {
    #[serde(default)]
    pub(super) tag_set: Tags,
}

/// A list of tags.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tags {
    #[serde(rename = "Tag", default)]
    pub(super) tag: Vec<Tag>,
}

/// A tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: String,
}

/// What the tags hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Bucket,
    Object,
    /// A bucket that is being made.
    NewBucket,
    /// A bucket, in the words of S3 Control.
    Resource,
}

/// What may be wrong with a tag.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Key,
    Value,
    System,
    Twice,
}

impl Of {
    /// The most tags. Source: S3 User Guide, "Categorizing your objects using tags" and "Bucket tags".
    fn most(self) -> usize {
        match self {
            Self::Bucket | Self::NewBucket | Self::Resource => 50,
            Self::Object => 10,
        }
    }

    /// AWS's words.
    fn says(self, wrong: Wrong) -> &'static str {
        match (self, wrong) {
            (Self::Resource, Wrong::Key | Wrong::Value) => {
                "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters."
            }
            (Self::Resource | Self::NewBucket, Wrong::System) => {
                "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. Remove \"aws:\" from your tag keys and try again."
            }
            (Self::Resource | Self::NewBucket, Wrong::Twice) => {
                "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
            }
            (_, Wrong::Key) => "The TagKey you have provided is invalid",
            (_, Wrong::Value) => "The TagValue you have provided is invalid",
            (Self::Bucket, Wrong::System) => "System tags cannot be added/updated by requester",
            (Self::Object, Wrong::System) => "Your TagKey cannot be prefixed with aws:",
            (_, Wrong::Twice) => "Cannot provide multiple Tags with the same key",
        }
    }
}

/// A set that is not there is an empty one.
const MEMBERS: &[Member] = &[maybe("TagSet", Kind::Tree(&[any("Tag", TAG)]))];

impl Tagging {
    /// Reads a document.
    pub(super) fn read(document: &Element) -> Result<Self, Fault> {
        schema::check(document, "Tagging", MEMBERS)?;
        let set = document.child("TagSet");
        let tags = set.into_iter().flat_map(|set| set.all("Tag"));
        let text = |tag: &Element, name: &str| tag.value(name).unwrap_or_default().to_owned();
        let tag = tags.map(|tag| Tag {
            key: text(tag, "Key"),
            value: text(tag, "Value"),
        });
        Ok(Self {
            tag_set: Tags { tag: tag.collect() },
        })
    }

    /// The document for these tags.
    pub(super) fn of(tags: &[(String, String)]) -> Self {
        let tag = tags.iter().map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        });
        Self {
            tag_set: Tags { tag: tag.collect() },
        }
    }
}

/// Tags as they are stored.
pub(super) fn pairs(tags: &[Tag]) -> Vec<(String, String)> {
    tags.iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect()
}

/// Reads the `x-amz-tagging` header: a URL-encoded query.
pub(super) fn from_header(text: Option<&str>) -> Result<Vec<Tag>, Fault> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let mut tags: Vec<Tag> = form_urlencoded::parse(text.as_bytes())
        .map(|(key, value)| Tag {
            key: key.into_owned(),
            value: value.into_owned(),
        })
        .collect();
    let twice = |index: usize, tag: &Tag| tags.iter().take(index).any(|other| other.key == tag.key);
    let odd = text.split('&').any(|pair| pair.matches('=').count() > 1);
    if odd
        || tags
            .iter()
            .enumerate()
            .any(|(index, tag)| twice(index, tag))
    {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
        return Err(faults::invalid_argument(message, "x-amz-tagging", text));
    }
    check(&tags, Of::Object)?;
    // AWS keeps no order of these; sorting them is rolecall's choice.
    tags.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(tags)
}

/// Refuses more tags than there may be.
pub(super) fn check_count(count: usize, of: Of) -> Result<(), Fault> {
    if count <= of.most() {
        return Ok(());
    }
    let message = match of {
        Of::Object => "Object tags cannot be greater than 10",
        Of::Bucket | Of::NewBucket | Of::Resource => "Bucket tag count cannot be greater than 50",
    };
    Err(Fault::service(400, "BadRequest", message))
}

/// Refuses tags that AWS refuses.
pub(super) fn check(tags: &[Tag], of: Of) -> Result<(), Fault> {
    check_count(tags.len(), of)?;
    for (index, tag) in tags.iter().enumerate() {
        let invalid = |wrong: Wrong| {
            let fault = Fault::service(400, "InvalidTag", of.says(wrong));
            match (of, wrong) {
                (Of::Resource, _) | (Of::NewBucket, Wrong::System | Wrong::Twice) => fault,
                (_, Wrong::Value) => fault
                    .detail("TagKey", &*tag.key)
                    .detail("TagValue", &*tag.value),
                _ => fault.detail("TagKey", &*tag.key),
            }
        };
        if tag.key.is_empty() || tag.key.chars().count() > 128 || !tag.key.chars().all(is_tag_char)
        {
            return Err(invalid(Wrong::Key));
        }
        if tag.value.chars().count() > 256 || !tag.value.chars().all(is_tag_char) {
            return Err(invalid(Wrong::Value));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(Wrong::System));
        }
        if tags.iter().take(index).any(|other| other.key == tag.key) {
            return Err(invalid(Wrong::Twice));
        }
    }
    Ok(())
}

/// Letters, digits, spaces and a few signs. Source: S3 User Guide, "Categorizing your objects using tags".
fn is_tag_char(char: char) -> bool {
    char.is_alphanumeric() || char.is_whitespace() || "+-=._:/@".contains(char)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn headers_become_tags() {
        let tags = from_header(Some("a=b&c%20d=e%2Ff&g=")).unwrap();
        let pairs = pairs(&tags);
        assert_eq!(
            pairs,
            [("a", "b"), ("c d", "e/f"), ("g", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        for bad in ["a=b&a=c", "k1=v1,k2=v2", "aws:x=y", "a=b!"] {
            assert!(from_header(Some(bad)).is_err(), "{bad}");
        }
        let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(from_header(Some(&eleven.join("&"))).is_err());
    }
}
