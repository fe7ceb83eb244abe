//! Verifies AWS Signature Version 4, and the Version 2 of S3 for those who ask for it by name ([`Signed2`]).
//!
//! Pure: no input or output, no clock, no store of keys. The caller reads the request, looks up the
//! secret of [`Signed::access_key`], and asks [`Signed::verify`]; every No is a [`Refusal`] which
//! knows the code, the message and the details of each family of services.
//!
//! ```text
//! find(head) -> Signed -> SigningKey::derive(secret, scope) -> verify -> Verified -> Chunked (body)
//! ```
//!
//! Sources: IAM User Guide, "Create a signed AWS API request" and "Troubleshoot Signature Version 4
//! requests"; Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)" with its
//! pages on the header, on query parameters, on multiple chunks, on trailing headers and on POST.
//! Where those are silent, the comment says "rolecall's choice".

mod canonical;
mod chunked;
mod find;
mod form;
mod hex;
mod key;
mod payload;
mod refusal;
mod scope;
mod time;
mod verify;
mod version2;

pub use chunked::{Chunked, Trailers};
pub use find::{Head, How, Signed, SignedHeaders, find};
pub use form::{Form, FormFields, sign_form};
pub use key::SigningKey;
pub use payload::{BodyKind, Payload, unsigned_body};
pub use refusal::{BadExpires, Family, Mismatch, Place, Refusal};
pub use scope::{Regions, Rules, Scope};
pub use time::SignedAt;
pub use verify::{Seed, Verified};
pub use version2::{Signed2, verify_form2};

/// The algorithm of Signature Version 4.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
