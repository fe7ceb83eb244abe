//! How requests become operations, and how answers and faults are written, per protocol.

mod arriving;
mod body;
mod budget;
mod constraints;
mod document;
mod fault;
mod operation;
mod parts;
mod payload;
mod query;
pub(crate) mod response;
mod rest_json;
mod rest_xml;
mod table;
mod time;
mod xml;

pub(crate) use arriving::Arriving;
pub use body::Body;
pub(crate) use budget::Budget;
pub(crate) use constraints::{Constraints, Form, Rule, anything, is_document, is_word};
pub(crate) use document::collect;
pub use fault::{Fault, Place, ServiceFault, Unauthenticated};
pub(crate) use operation::operations;
pub use operation::{Answer, Call, Operation, Protocol, Row, call};
pub use parts::{Parts, Unreadable, Value};
pub(crate) use payload::Room;
pub use payload::{Payload, Stored};
pub use query::{Members, Query};
pub use rest_json::RestJson;
pub use rest_xml::{RestXml, XmlReply};
pub(crate) use table::{Table, decoded};
pub(crate) use time::{iam_time, millis_time};
pub(crate) use xml::{Tag, write as write_xml};

/// A response as every protocol makes it.
pub type Response = http::Response<Body>;
