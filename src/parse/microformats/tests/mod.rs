//! Tests of the parser, through its front door.

mod suite;
