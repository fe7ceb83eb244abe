//! AWS IAM policies: parse, validate, decide and explain, without IO.

mod decision;
mod document;
mod evaluate;
mod explanation;
mod fault;
mod pattern;
mod principal;
mod request;

pub use decision::{Decision, Layer, Outcome, Place, UnknownLayer};
pub use document::{DuplicateKeys, Effect, NamedPrincipal, Part, Policy, PolicyKind, Statement};
pub use evaluate::{decide, explain};
pub use explanation::{
    Asked, Check, Explanation, Fit, Given, LayerNode, Near, Nearest, OriginNote, PartNode,
    PolicyNode, Says, StatementNode, Why,
};
pub use fault::{Fault, FaultCode, Faults};
pub use principal::{Principal, PrincipalKind};
pub use request::{Attached, Context, Entry, Layers, Origin, Request, Rule, Source, Value};
