#![doc = include_str!("../README.md")]

mod action;
mod arn;
mod compile;
mod condition;
mod date;
mod decision;
mod document;
mod evaluate;
mod explanation;
mod fault;
pub mod findings;
mod index;
mod inspect;
mod json;
pub mod judge;
pub mod known;
mod operand;
mod operator;
mod pattern;
mod principal;
mod prove;
mod raw;
mod record;
mod remedy;
mod request;
mod show;
mod stored;
mod trace;
mod trouble;
mod trustee;
mod validate;
mod why;
mod worded;

pub use decision::{Decision, Layer, Outcome, Place, UnknownLayer};
pub use document::{DuplicateKeys, Effect, Part, Policy, PolicyKind, Statement};
pub use evaluate::{decide, explain};
pub use explanation::{
    Asked, Check, Explanation, Fit, Given, LayerNode, Near, OriginNote, PartNode, PolicyNode, Says,
    StatementNode,
};
pub use fault::{Fault, FaultCode, Faults};
pub use inspect::{Condition, NamedPrincipal, Pattern};
pub use principal::{Principal, PrincipalKind};
pub use prove::{
    Access, Because, Counterexample, Free, Owned, Proof, Question, Reach, Requirement, Term,
    TooLarge, Verdict, granted_access, may_reach, new_access, prove,
};
pub use remedy::{Change, Edit, Remedy, advise, remedy};
pub use request::{Attached, Context, Entry, Layers, Origin, Request, Room, Rule, Source, Value};
pub use show::{Excerpt, Mark};
pub use trustee::Grant;
pub use why::{Nearest, Why};
