//! The operations that can be called, as data: where each one goes and what its parameters are.
//!
//! A row is `name, HTTP, parameters`. HTTP is written as Smithy writes it (empty for the query
//! protocol). A parameter is its name in the API and marks:
//!
//! | mark | meaning |
//! | --- | --- |
//! | `!` | required |
//! | `[]` | a list; `[]{}` a list of structures |
//! | `{}` | a structure or a map |
//! | `?` `#` `&` | a boolean, a whole number, bytes |
//! | `@h` | travels as header `h`; `@h*` as one header for each entry |
//! | `=q` | travels in the query string as `q` |
//! | `=` alone | is the body |
//!
//! A parameter that stands in the path of its row travels there.

mod table;

use std::fmt;

use self::table::{IAM, PINPOINT, S3, STS};

/// A service of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Security Token Service.
    Sts,
    /// Amazon S3.
    S3,
    /// Amazon Pinpoint.
    Pinpoint,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 4] = [Service::Iam, Service::Sts, Service::S3, Service::Pinpoint];

    /// The name used in a scenario and on the AWS command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::S3 => "s3",
            Service::Pinpoint => "pinpoint",
        }
    }

    /// The name in the scope of a signature and before the colon of an action.
    #[must_use]
    pub fn signing_name(self) -> &'static str {
        match self {
            Service::Pinpoint => "mobiletargeting",
            other => other.name(),
        }
    }

    /// The service of a name; Pinpoint also answers to the prefix of its actions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.name() == name || service.signing_name() == name)
    }

    /// The operations of the service.
    pub fn operations(self) -> impl Iterator<Item = &'static Operation> {
        let rows: &'static [Operation] = match self {
            Service::Iam => IAM,
            Service::Sts => STS,
            Service::S3 => S3,
            Service::Pinpoint => PINPOINT,
        };
        rows.iter()
    }

    /// The operation of that name.
    #[must_use]
    pub fn operation(self, name: &str) -> Option<&'static Operation> {
        self.operations().find(|operation| operation.name == name)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The name in the API.
    pub name: &'static str,
    /// Method and path; empty for the query protocol.
    pub(super) http: &'static str,
    members: &'static str,
}

impl Operation {
    /// The parameters.
    pub fn members(&self) -> impl Iterator<Item = Member> + use<> {
        let path = self.http;
        self.members
            .split_whitespace()
            .map(|text| Member::parse(text, path))
    }

    /// The parameter of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name == name)
    }
}

/// What a parameter looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A boolean.
    Flag,
    /// A whole number.
    Number,
    /// Bytes.
    Blob,
    /// A list of texts.
    List,
    /// A list of structures.
    Structures,
    /// A structure or a map.
    Structure,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the form of a query operation.
    Form,
    /// In the path.
    Path,
    /// In a header.
    Header(&'static str),
    /// In one header for each entry, which begin so.
    Headers(&'static str),
    /// In the query string.
    Query(&'static str),
    /// As the body.
    Body,
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in the API.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it looks like.
    pub shape: Shape,
    /// Where it travels.
    pub place: Place,
}

impl Member {
    fn parse(text: &'static str, path: &str) -> Self {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .unwrap_or(text.len());
        let (name, mut marks) = text.split_at(end);
        let mut take = |mark: &str| match marks.strip_prefix(mark) {
            Some(rest) => {
                marks = rest;
                true
            }
            None => false,
        };
        let required = take("!");
        let shape = match () {
            () if take("[]{}") => Shape::Structures,
            () if take("[]") => Shape::List,
            () if take("{}") => Shape::Structure,
            () if take("?") => Shape::Flag,
            () if take("#") => Shape::Number,
            () if take("&") => Shape::Blob,
            () => Shape::Text,
        };
        let in_path = || {
            let wanted = |close: &str| path.contains(&format!("{{{name}{close}"));
            wanted("}") || wanted("+}")
        };
        let place = match (marks.strip_prefix('@'), marks.strip_prefix('=')) {
            (Some(header), _) => match header.strip_suffix('*') {
                Some(prefix) => Place::Headers(prefix),
                None => Place::Header(header),
            },
            (_, Some("")) => Place::Body,
            (_, Some(query)) => Place::Query(query),
            _ if in_path() => Place::Path,
            _ => Place::Form,
        };
        Member {
            name,
            required,
            shape,
            place,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_row_can_be_read() {
        for service in Service::ALL {
            let rest = matches!(service, Service::S3 | Service::Pinpoint);
            for operation in service.operations() {
                let what = format!("{service}:{}", operation.name);
                assert_eq!(!operation.http.is_empty(), rest, "{what}");
                let members: Vec<Member> = operation.members().collect();
                for member in &members {
                    assert!(
                        member.name.chars().all(char::is_alphanumeric),
                        "{what} {member:?}"
                    );
                    assert_eq!(member.place != Place::Form, rest, "{what} {member:?}");
                }
                let bodies = members.iter().filter(|m| m.place == Place::Body).count();
                assert!(bodies <= 1, "{what}");
                let labels = operation.http.matches('{').count();
                let paths = members.iter().filter(|m| m.place == Place::Path).count();
                assert_eq!(labels, paths, "{what}");
                let same = service
                    .operations()
                    .filter(|other| other.name == operation.name);
                assert_eq!(same.count(), 1, "{what}");
            }
        }
    }

    #[test]
    fn marks_mean_what_they_say() {
        let tags = Service::Iam
            .operation("TagRole")
            .unwrap()
            .member("Tags")
            .unwrap();
        assert_eq!(
            (tags.required, tags.shape, tags.place),
            (true, Shape::Structures, Place::Form)
        );
        let put = Service::S3.operation("PutObject").unwrap();
        assert_eq!(put.member("Body").unwrap().shape, Shape::Blob);
        assert_eq!(
            put.member("Metadata").unwrap().place,
            Place::Headers("x-amz-meta-")
        );
        assert_eq!(put.member("Key").unwrap().place, Place::Path);
        let part = Service::S3
            .operation("UploadPart")
            .unwrap()
            .member("PartNumber")
            .unwrap();
        assert_eq!(
            (part.required, part.shape, part.place),
            (true, Shape::Number, Place::Query("partNumber"))
        );
    }
}
