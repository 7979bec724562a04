//! A web site with bad manners: plain sockets on the loopback, each answer a list of steps.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a stub that cannot do its part fails the test"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::steps::{Step, perform, read_until};

/// A site on an address of the loopback, at a free port.
pub(crate) struct StubSite {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl StubSite {
    /// Serves on 127.0.0.1 what `answer` says for a path.
    pub(crate) fn serve(answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self::on(listener, answer)
    }

    /// Serves on `listener` what `answer` says for a path.
    pub(crate) fn on(
        listener: TcpListener,
        answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let site = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
        };
        let requests = Arc::clone(&site.requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                thread::spawn(move || converse(stream, &requests, &*answer));
            }
        });
        site
    }

    /// Two sites on one port: one on 127.0.0.1, and one on 127.0.0.2 that must not be called.
    pub(crate) fn with_trap(
        answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> (Self, Self) {
        loop {
            let public = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = public.local_addr().unwrap().port();
            // Somebody else may have this port on the other address.
            if let Ok(inner) = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), port)) {
                let trap = Self::on(inner, |_| ok("text/html", b"the crown jewels"));
                return (Self::on(public, answer), trap);
            }
        }
    }

    /// The address that the site listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of `path` on this site, by address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The URL of `path` on this site, by `name`.
    pub(crate) fn url_as(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.address.port())
    }

    /// The requests that came, each as far as it was read: one for each connection.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Addresses from text.
pub(crate) fn ips(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|a| a.parse().unwrap()).collect()
}

/// A whole answer with these header lines (each ends with CRLF) and a `Content-Length`.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<Step> {
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// A page.
pub(crate) fn ok(content_type: &str, body: &[u8]) -> Vec<Step> {
    answer("200 OK", &format!("Content-Type: {content_type}\r\n"), body)
}

/// A redirect.
pub(crate) fn redirect(status: u16, location: &str) -> Vec<Step> {
    answer(
        &format!("{status} Elsewhere"),
        &format!("Location: {location}\r\n"),
        b"",
    )
}

fn converse(
    mut stream: TcpStream,
    requests: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> Vec<Step>,
) {
    // Recorded from the first moment: also a connection that sends nothing is one.
    let number = {
        let mut requests = requests.lock().unwrap();
        requests.push(String::new());
        requests.len() - 1
    };
    let line = read_until(&mut stream, b"\r\n");
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    requests.lock().unwrap()[number].clone_from(&line);
    let steps = answer(&path);
    // Closing a socket that holds unread bytes is what makes the kernel send a RST.
    let is_tls = line.starts_with('\u{16}');
    if !is_tls && !steps.iter().any(|step| matches!(step, Step::Reset)) {
        let head = read_until(&mut stream, b"\r\n\r\n");
        requests.lock().unwrap()[number].push_str(&head);
    }
    perform(&mut stream, steps);
}
