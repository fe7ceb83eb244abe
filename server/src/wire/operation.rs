//! An operation, and the one generic function that turns a request into a call of it.

use super::{Fault, Parts, Payload, Response};
use crate::gate::{Access, Actor, Facts, Gate, Granted};
use futures_util::TryFutureExt as _;
use serde::de::DeserializeOwned;
use std::{pin::Pin, sync::Arc};

/// An operation of a service: its input, what it asks of the policies, and what it does.
pub trait Operation: Sized + Send + 'static {
    /// The service as IAM names it: `iam`, `sts`, `s3`, `mobiletargeting`.
    const SERVICE: &'static str;
    /// The operation's name in the API.
    const NAME: &'static str;
    /// The body is an object's content: it is handed over as a stream and not read before `run`.
    const STREAMS: bool = false;
    /// Nobody signs it: the request itself proves who asks. The one way for a caller without credentials into a
    /// query service; `access` names the caller that the demand is asked for.
    const UNSIGNED: bool = false;
    /// The answer.
    type Output: Send;

    /// What the caller must be allowed to do. It has no default, so no operation can leave it out.
    ///
    /// # Errors
    /// What AWS says before it asks the policies: a member out of its bounds, a bucket that is not there.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault>;

    /// Does it. The permit is the only handle to state.
    fn run(self, cx: Granted<'_, Self>)
    -> impl Future<Output = Result<Self::Output, Fault>> + Send;

    /// Takes the content of a streaming operation.
    fn attach(&mut self, _: Payload) {}
}

/// How a protocol writes answers and faults.
pub trait Protocol<T> {
    /// Writes an answer.
    fn reply(
        service: &'static str,
        operation: &'static str,
        actor: &Actor,
        status: u16,
        output: T,
    ) -> Response;
}

/// A request that is authenticated and routed.
#[derive(Debug)]
pub struct Call<'c> {
    /// The door.
    pub gate: &'c Arc<Gate>,
    /// Who calls.
    pub actor: &'c Actor,
    /// The named parts.
    pub parts: Parts<'c>,
    /// The content, for a streaming operation.
    pub payload: Payload,
    /// The status of success.
    pub status: u16,
}

/// The answer that is on its way.
pub type Answer<'c> = Pin<Box<dyn Future<Output = Result<Response, Fault>> + Send + 'c>>;

/// One operation of a service's table.
#[derive(Clone, Copy)]
pub struct Row {
    /// The service as IAM names it.
    pub service: &'static str,
    /// The operation's name in the API.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path in Smithy's syntax; `#header` at the end means that the header must be there.
    pub path: &'static str,
    /// The status of success.
    pub status: u16,
    /// The body is an object's content.
    pub streams: bool,
    /// It is served to callers without credentials.
    pub unsigned: bool,
    /// Reads, admits and runs it.
    pub call: for<'c> fn(Call<'c>) -> Answer<'c>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{} {} {}",
            self.service, self.name, self.method, self.path
        )
    }
}

/// The way of every request that comes over the wire, for every service and protocol.
pub fn call<'c, P, O>(call: Call<'c>) -> Answer<'c>
where
    O: Operation + DeserializeOwned,
    P: Protocol<O::Output>,
{
    let (actor, status) = (call.actor, call.status);
    match begin::<O>(call) {
        // As a block it would have room for the operation twice: before it begins, and while it waits.
        Ok(running) => Box::pin(
            running.map_ok(move |output| P::reply(O::SERVICE, O::NAME, actor, status, output)),
        ),
        Err(fault) => refused(fault),
    }
}

/// What need not wait is done at once, so that only the operation itself is in the answer that is on its way.
fn begin<'c, O: Operation + DeserializeOwned>(
    call: Call<'c>,
) -> Result<impl Future<Output = Result<O::Output, Fault>> + Send + use<'c, O>, Fault> {
    let mut op: O = call.parts.read()?;
    op.attach(call.payload);
    call.gate.begin_op(call.actor, op)
}

fn refused<'c>(fault: Fault) -> Answer<'c> {
    Box::pin(std::future::ready(Err(fault)))
}

/// A service's table: protocol, service, then `METHOD "path" status => Operation` rows.
macro_rules! operations {
    ($protocol:ty, $service:literal; $($method:ident $path:literal $status:literal => $op:ty),* $(,)?) => {
        &[$($crate::wire::Row {
            service: $service,
            name: <$op as $crate::wire::Operation>::NAME,
            method: stringify!($method),
            path: $path,
            status: $status,
            streams: <$op as $crate::wire::Operation>::STREAMS,
            unsigned: <$op as $crate::wire::Operation>::UNSIGNED,
            call: $crate::wire::call::<$protocol, $op>,
        }),*]
    };
}
pub(crate) use operations;
