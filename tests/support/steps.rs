//! What a server of the tests does with a connection, step by step.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

/// What a server does with a connection once it has read the request; at the end it closes.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes over and over, as fast as the client takes them, until it hangs up.
    Flood(Vec<u8>),
    /// Sends bytes over and over, with a pause, until the client hangs up.
    Drip(Vec<u8>, Duration),
    /// Says nothing until the client hangs up.
    Hang,
    /// Breaks the connection (RST).
    Reset,
}

/// Does one thing after the other; says whether the connection is to end in peace.
pub(crate) fn perform<S: Read + Write>(stream: &mut S, steps: Vec<Step>) -> bool {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                if stream
                    .write_all(&bytes)
                    .and_then(|()| stream.flush())
                    .is_err()
                {
                    return false;
                }
            }
            Step::Flood(bytes) => while stream.write_all(&bytes).is_ok() {},
            Step::Drip(bytes, pause) => {
                while stream
                    .write_all(&bytes)
                    .and_then(|()| stream.flush())
                    .is_ok()
                {
                    thread::sleep(pause);
                }
            }
            Step::Hang => while matches!(stream.read(&mut [0; 64]), Ok(1..)) {},
            Step::Reset => return false,
        }
    }
    true
}

/// Reads up to and with `end`, or to the end of what comes.
pub(crate) fn read_until<S: Read>(stream: &mut S, end: &[u8]) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(end) && matches!(stream.read(&mut byte), Ok(1)) {
        seen.push(byte[0]);
        // A TLS greeting has no lines; what is left unread of it makes the close a RST.
        if seen == [0x16] {
            break;
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}
