//! A name server on the loopback that says what it is told, lies and nonsense included. UDP alone: nobody
//! answers over TCP. RFC 1035 §4.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::TcpSocket;

pub(crate) const A: u16 = 1;
pub(crate) const CNAME: u16 = 5;
pub(crate) const TXT: u16 = 16;
pub(crate) const AAAA: u16 = 28;

/// Codes of an answer.
pub(crate) const OK: u8 = 0;
pub(crate) const SERVFAIL: u8 = 2;
pub(crate) const NXDOMAIN: u8 = 3;

/// A question, and the how-manieth of its kind it is, from 0.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// In lower case, without the last dot.
    pub(crate) name: String,
    pub(crate) kind: u16,
    pub(crate) nth: usize,
    /// The whole of it, as it came.
    pub(crate) bytes: Vec<u8>,
}

/// A record of an answer; it may be remembered for no time at all.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    name: String,
    kind: u16,
    data: Vec<u8>,
}

impl Record {
    pub(crate) fn kind(&self) -> u16 {
        self.kind
    }
}

/// A record of anything.
pub(crate) fn record(name: &str, kind: u16, data: &[u8]) -> Record {
    Record {
        name: name.to_owned(),
        kind,
        data: data.to_vec(),
    }
}

/// An address of `name`, of either kind.
pub(crate) fn address(name: &str, address: &str) -> Record {
    match address.parse().unwrap() {
        std::net::IpAddr::V4(v4) => record(name, A, &v4.octets()),
        std::net::IpAddr::V6(v6) => record(name, AAAA, &v6.octets()),
    }
}

/// The name that `name` stands for.
pub(crate) fn alias(name: &str, of: &str) -> Record {
    record(name, CNAME, &wire_name(of))
}

/// What is said to a question.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A code and records.
    Records(u8, Vec<Record>),
    /// As above, with the mark that there is more to be had over TCP.
    Truncated(Vec<Record>),
    /// As above, with the number of another question.
    OtherNumber(Vec<Record>),
    /// These bytes.
    Raw(Vec<u8>),
    /// Nothing.
    Silence,
}

pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
    /// Nobody listens here, and nobody else can.
    _tcp: TcpSocket,
}

impl NameServer {
    pub(crate) fn start(reply: impl Fn(&Question) -> Reply + Send + 'static) -> Self {
        let (tcp, socket) = loop {
            let tcp = TcpSocket::new_v4().unwrap();
            tcp.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            // Somebody else may have this port for UDP.
            if let Ok(socket) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                break (tcp, socket);
            }
        };
        let server = Self {
            address: socket.local_addr().unwrap(),
            asked: Arc::default(),
            _tcp: tcp,
        };
        let asked = Arc::clone(&server.asked);
        thread::spawn(move || {
            let mut counts: HashMap<(String, u16), usize> = HashMap::new();
            let mut buffer = [0; 4096];
            while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                let Some((name, kind)) = read_question(&buffer[..length]) else {
                    continue;
                };
                asked.lock().unwrap().push((name.clone(), kind));
                let count = counts.entry((name.clone(), kind)).or_default();
                let question = Question {
                    name,
                    kind,
                    nth: *count,
                    bytes: buffer[..length].to_vec(),
                };
                *count += 1;
                if let Some(answer) = write(&question, reply(&question)) {
                    // A datagram that is too large is not sent: silence.
                    let _ = socket.send_to(&answer, client);
                }
            }
        });
        server
    }

    /// How often the addresses (IPv4) of `name` were asked for.
    pub(crate) fn questions(&self, name: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|(n, kind)| n == name && *kind == A)
            .count()
    }
}

fn read_question(bytes: &[u8]) -> Option<(String, u16)> {
    let mut rest = bytes.get(12..)?;
    let mut labels = Vec::new();
    loop {
        let (&length, after) = rest.split_first()?;
        if length == 0 {
            rest = after;
            break;
        }
        let label = after.get(..usize::from(length))?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        rest = &after[usize::from(length)..];
    }
    let kind = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
    Some((labels.join("."), kind))
}

/// The end of the question in a packet that holds just one.
fn question_end(bytes: &[u8]) -> usize {
    let mut at = 12;
    while bytes[at] != 0 {
        at += 1 + usize::from(bytes[at]);
    }
    at + 5
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn write(question: &Question, reply: Reply) -> Option<Vec<u8>> {
    let (code, flags, number, records) = match reply {
        Reply::Records(code, records) => (code, 0, 0, records),
        Reply::Truncated(records) => (OK, 0x02, 0, records),
        Reply::OtherNumber(records) => (OK, 0, 1, records),
        Reply::Raw(bytes) => return Some(bytes),
        Reply::Silence => return None,
    };
    let mut bytes = question.bytes[..question_end(&question.bytes)].to_vec();
    bytes[1] ^= number;
    // An answer, by who knows, recursion asked for and to be had; one question, no authority, nothing more.
    bytes[2] = 0x85 | flags;
    bytes[3] = 0x80 | code;
    bytes[4..6].copy_from_slice(&1_u16.to_be_bytes());
    bytes[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
    bytes[8..12].fill(0);
    for record in records {
        bytes.extend(wire_name(&record.name));
        bytes.extend_from_slice(&record.kind.to_be_bytes());
        bytes.extend_from_slice(&[0, 1, 0, 0, 0, 0]);
        let length = u16::try_from(record.data.len()).unwrap();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend(record.data);
    }
    Some(bytes)
}
