//! A permit made by hand.
use rolecall_server::gate::Granted;

struct DeleteEverything;

fn main() {
    let _: Granted<'_, DeleteEverything> = Granted {
        gate: todo!(),
        actor: todo!(),
        each: todo!(),
        op: todo!(),
    };
}
