//! An operation that does not say what it asks of the policies.
use rolecall_server::{
    gate::Granted,
    wire::{Fault, Operation},
};

struct DeleteEverything;

impl Operation for DeleteEverything {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteEverything";
    type Output = ();

    async fn run(self, _: Granted<'_, Self>) -> Result<(), Fault> {
        Ok(())
    }
}

fn main() {}
