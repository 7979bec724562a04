//! The `linkback` program.

fn main() {}
