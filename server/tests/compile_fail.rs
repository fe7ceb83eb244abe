//! What must not compile: an operation without `access`, a permit that nobody earned.

#[test]
fn the_door_cannot_be_left_out() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
