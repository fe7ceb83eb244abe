//! The credential scope and the rules of the service that checks it.

use std::time::Duration;

use crate::refusal::{Place, Refusal};
use crate::time::{self, SignedAt};

/// What a signature is good for: `date/region/service/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// `YYYYMMDD`.
    pub date: &'a str,
    /// The Region, such as `us-east-1`.
    pub region: &'a str,
    /// The signing name of the service, such as `s3` or `mobiletargeting`.
    pub service: &'a str,
    /// Always `aws4_request` in a scope that verifies.
    pub terminator: &'a str,
}

/// Which Regions a scope may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions<'a> {
    /// Any name that has the form of a Region.
    Any,
    /// Only this one.
    Only(&'a str),
    /// One of these.
    OneOf(&'a [&'a str]),
}

/// How one service signs.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The signing name that the scope must carry.
    pub service: &'a str,
    /// Which Regions the scope may name.
    pub regions: Regions<'a>,
    /// Whether `.`, `..` and empty segments are removed from the path first; not for S3.
    pub normalize_path: bool,
    /// Whether the path is encoded once more on top of what was sent; not for S3.
    pub double_encode: bool,
    /// How far the signing time may be from the server's, both ways.
    pub skew: Duration,
    /// Whether the session token stays out of the signature and is added afterwards. No service
    /// that rolecall serves works so; it is a documented variant and AWS's vectors cover it.
    pub token_unsigned: bool,
}

impl<'a> Rules<'a> {
    /// All services but S3: normalised and doubly encoded path, five minutes.
    pub const fn standard(service: &'a str, regions: Regions<'a>) -> Self {
        Self {
            service,
            regions,
            normalize_path: true,
            double_encode: true,
            skew: Duration::from_secs(5 * 60),
            token_unsigned: false,
        }
    }

    /// S3: the path as it is, fifteen minutes.
    pub const fn s3(regions: Regions<'a>) -> Self {
        Self {
            service: "s3",
            regions,
            normalize_path: false,
            double_encode: false,
            skew: Duration::from_secs(15 * 60),
            token_unsigned: false,
        }
    }
}

impl Scope<'_> {
    /// Checks the scope against the service's rules and against the signing time.
    pub(crate) fn check(
        &self,
        place: Place,
        signed_at: &SignedAt,
        rules: &Rules<'_>,
    ) -> Result<(), Refusal> {
        let got = |text: &str| text.to_owned();
        if self.terminator != "aws4_request" {
            return Err(Refusal::ScopeTerminator {
                place,
                got: got(self.terminator),
            });
        }
        if self.service != rules.service {
            return Err(Refusal::ScopeService {
                place,
                got: got(self.service),
                expected: got(rules.service),
            });
        }
        if !rules.regions.allow(self.region) {
            return Err(Refusal::ScopeRegion {
                place,
                got: got(self.region),
                expected: rules.regions.expected().map(got),
            });
        }
        if !time::is_date(self.date) {
            return Err(Refusal::ScopeDateFormat {
                place,
                got: got(self.date),
            });
        }
        if self.date != signed_at.date() {
            return Err(Refusal::ScopeDate {
                place,
                got: got(self.date),
                signed_at: *signed_at,
            });
        }
        Ok(())
    }
}

impl Regions<'_> {
    fn allow(&self, region: &str) -> bool {
        match self {
            Self::Any => has_form_of_region(region),
            Self::Only(only) => region == *only,
            Self::OneOf(all) => all.contains(&region),
        }
    }

    /// The Region to name in a refusal, when there is only one.
    fn expected(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::Only(only) => Some(only),
            Self::OneOf(all) => all.first().copied(),
        }
    }
}

/// Letters, digits and hyphens, beginning with a letter: `us-east-1`, `aws-global`.
fn has_form_of_region(region: &str) -> bool {
    region.starts_with(|c: char| c.is_ascii_lowercase())
        && !region.ends_with('-')
        && region
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.date, self.region, self.service, self.terminator
        )
    }
}
