//! A permit for one operation made into a permit for another.
use rolecall_server::gate::Granted;

struct ReadOne;
struct DeleteEverything;

fn forge<'g>(earned: Granted<'g, ReadOne>) -> Granted<'g, DeleteEverything> {
    Granted {
        gate: earned.gate,
        actor: earned.actor,
        each: earned.each,
        op: std::marker::PhantomData,
    }
}

fn main() {}
