//! Servers that mean harm: a table of what they do and what is to come of a fetch from them, and the
//! means to run each row on a port of its own.
//!
//! Whoever uses this has `steps` beside it.

mod bodies;
mod frames;
mod http;
mod http2;
mod identity;
mod redirects;
mod tls;

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::steps::{Step, perform, read_until};

pub(crate) use self::identity::{Identity, root_pem};
pub(crate) use self::tls::leads_to;

/// The pause of whoever sends byte by byte: far below any deadline for silence.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// Our own address, and another that may be called as well.
pub(crate) const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
pub(crate) const THERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// The address that must not be called.
pub(crate) const INWARD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What a server is spoken to by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// HTTP/1.1, `http:`.
    Plain,
    /// HTTP/1.1 over TLS, `https:`.
    Tls(Identity),
    /// HTTP/2 over TLS, `https:`.
    Http2,
    /// A bare socket behind `https:`.
    NoTls,
}

/// What a server was asked.
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Its own port.
    pub(crate) port: u16,
    /// Where something listens that must not be called.
    pub(crate) inward: SocketAddr,
}

type Answers = Arc<dyn Fn(&Asked) -> Vec<Step> + Send + Sync>;

/// One kind of harm.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    wire: Wire,
    /// The path that is fetched.
    path: &'static str,
    answers: Answers,
    /// How the words for what comes of it begin.
    pub(crate) want: &'static str,
}

impl Row {
    fn new(wire: Wire, name: &'static str, want: &'static str, steps: Vec<Step>) -> Self {
        Self::with(wire, name, want, move |_| steps.clone())
    }

    fn with(
        wire: Wire,
        name: &'static str,
        want: &'static str,
        answers: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            wire,
            path: "/",
            answers: Arc::new(answers),
            want,
        }
    }

    fn from(self, path: &'static str) -> Self {
        Self { path, ..self }
    }
}

/// All that we know of.
pub(crate) fn table() -> Vec<Row> {
    [
        http::rows(),
        bodies::rows(),
        redirects::rows(),
        tls::rows(),
        http2::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A row at work, until the process ends.
pub(crate) struct Harm {
    pub(crate) name: &'static str,
    pub(crate) want: &'static str,
    /// What to fetch.
    pub(crate) url: String,
}

/// Something that listens and must not be called.
pub(crate) struct Trap {
    pub(crate) address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Trap {
    pub(crate) fn set() -> Self {
        let listener = TcpListener::bind((INWARD, 0)).unwrap();
        let trap = Self {
            address: listener.local_addr().unwrap(),
            calls: Arc::default(),
        };
        let calls = Arc::clone(&trap.calls);
        thread::spawn(move || {
            for _ in listener.incoming() {
                calls.fetch_add(1, Ordering::SeqCst);
            }
        });
        trap
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// How many connections are open, as the servers see it.
#[derive(Default)]
pub(crate) struct Connections {
    open: Mutex<usize>,
    fewer: Condvar,
}

impl Connections {
    fn count(&self, change: isize) {
        let mut open = self.open.lock().unwrap();
        *open = open.checked_add_signed(change).unwrap();
        self.fewer.notify_all();
    }

    /// Waits for the last one to end, and says how many are left if that takes too long.
    pub(crate) fn left_after(&self, patience: Duration) -> usize {
        let open = self.open.lock().unwrap();
        let waited = self
            .fewer
            .wait_timeout_while(open, patience, |open| *open > 0);
        *waited.unwrap().0
    }
}

/// Puts every row to work.
pub(crate) fn unleash(rows: Vec<Row>, trap: &Trap, open: &Arc<Connections>) -> Vec<Harm> {
    rows.into_iter().map(|row| serve(row, trap, open)).collect()
}

fn serve(row: Row, trap: &Trap, open: &Arc<Connections>) -> Harm {
    let (here, there) = loop {
        let here = TcpListener::bind((HERE, 0)).unwrap();
        let port = here.local_addr().unwrap().port();
        // Somebody else may have this port on the other address.
        if let Ok(there) = TcpListener::bind((THERE, port)) {
            break (here, there);
        }
    };
    let port = here.local_addr().unwrap().port();
    let scheme = if row.wire == Wire::Plain {
        "http"
    } else {
        "https"
    };
    let harm = Harm {
        name: row.name,
        want: row.want,
        url: format!("{scheme}://{HERE}:{port}{}", row.path),
    };
    let tls = match row.wire {
        Wire::Plain | Wire::NoTls => None,
        Wire::Tls(identity) => Some(identity::server(identity, b"http/1.1")),
        Wire::Http2 => Some(identity::server(Identity::Good, b"h2")),
    };
    let host = Arc::new(Host {
        wire: row.wire,
        tls,
        answers: row.answers,
        port,
        inward: trap.address,
    });
    for listener in [here, there] {
        let (host, open) = (Arc::clone(&host), Arc::clone(open));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (host, open) = (Arc::clone(&host), Arc::clone(&open));
                open.count(1);
                thread::spawn(move || {
                    host.converse(stream);
                    open.count(-1);
                });
            }
        });
    }
    harm
}

struct Host {
    wire: Wire,
    tls: Option<Arc<ServerConfig>>,
    answers: Answers,
    port: u16,
    inward: SocketAddr,
}

impl Host {
    fn converse(&self, mut socket: TcpStream) {
        let Some(config) = &self.tls else {
            let path = if self.wire == Wire::NoTls {
                // As much as the first byte of a greeting; what is left unread makes the close a RST.
                read_until(&mut socket, b"\x16");
                String::new()
            } else {
                path_of(&read_until(&mut socket, b"\r\n"))
            };
            let steps = self.steps(path);
            if self.wire == Wire::Plain && !steps.iter().any(|step| matches!(step, Step::Reset)) {
                read_until(&mut socket, b"\r\n\r\n");
            }
            perform(&mut socket, steps);
            return;
        };
        let session = ServerConnection::new(Arc::clone(config)).unwrap();
        let mut stream = StreamOwned::new(session, socket);
        let path = if self.wire == Wire::Http2 {
            frames::read_request(&mut stream);
            String::new()
        } else {
            path_of(&read_until(&mut stream, b"\r\n\r\n"))
        };
        if perform(&mut stream, self.steps(path)) {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }

    fn steps(&self, path: String) -> Vec<Step> {
        (self.answers)(&Asked {
            path,
            port: self.port,
            inward: self.inward,
        })
    }
}

fn path_of(request_line: &str) -> String {
    request_line.split(' ').nth(1).unwrap_or("/").to_owned()
}

fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

fn flood(bytes: impl AsRef<[u8]>) -> Step {
    Step::Flood(bytes.as_ref().to_vec())
}

fn drip(bytes: impl AsRef<[u8]>) -> Step {
    Step::Drip(bytes.as_ref().to_vec(), PAUSE)
}

/// The head of a page, with more header lines.
fn head(lines: &str) -> Step {
    send(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{lines}\r\n"
    ))
}

/// An address as it stands in a URL.
fn at(address: IpAddr, port: u16) -> String {
    SocketAddr::new(address, port).to_string()
}
