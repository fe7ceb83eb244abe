//! The world is private to the door.
use rolecall_server::gate::Gate;

fn peek(gate: &Gate) {
    let _ = gate.world();
}

fn main() {}
