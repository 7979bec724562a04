//! Hosts with several addresses: one that does not answer costs little while another does.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use linkback::fetch::FetchError;
use linkback::fetch::limits::Limits;
use linkback::fetch::policy::Policy;
use tokio::net::{TcpSocket, TcpStream};

use crate::stub_site::{StubSite, ok};
use crate::support::{Names, client, error, fetch_with, page};

/// An address where nobody takes a call: its queue is full, and the next one is left to ring.
struct Dead {
    _listener: tokio::net::TcpListener,
    _caller: TcpStream,
}

impl Dead {
    async fn at(address: SocketAddr) -> std::io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind(address)?;
        let listener = socket.listen(0)?;
        let caller = TcpStream::connect(address).await?;
        Ok(Self {
            _listener: listener,
            _caller: caller,
        })
    }
}

fn all_loopback() -> Policy {
    Policy::allowing(vec![
        "127.0.0.0/8".parse().unwrap(),
        "::1/128".parse().unwrap(),
    ])
}

/// A site on 127.0.0.1, and nobody at `dead` on the same port.
async fn site_beside(dead: &str) -> Option<(StubSite, Dead)> {
    let dead: IpAddr = dead.parse().unwrap();
    // A machine without IPv6 has no such address.
    std::net::TcpListener::bind((dead, 0)).ok()?;
    loop {
        let site = StubSite::serve(|_| ok("text/html", b"hello"));
        let address = SocketAddr::new(dead, site.address().port());
        // Somebody else may have this port on the other address.
        if let Ok(dead) = Dead::at(address).await {
            return Some((site, dead));
        }
    }
}

#[tokio::test]
async fn a_dead_address_of_one_family_does_not_cost_the_deadline_of_the_other() {
    let Some((site, _dead)) = site_beside("::1").await else {
        return;
    };
    // The deadline for the connection is longer than that for the whole.
    let limits = Limits {
        connect_timeout: Duration::from_secs(60),
        total_timeout: Duration::from_secs(15),
        ..Limits::default()
    };
    let names = Names::default().with("both.example", &[&["::1", "127.0.0.1"]]);
    let (client, _) = client(all_loopback(), limits, names);
    let fetched = fetch_with(&client, &site.url_as("both.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(page(fetched).body, b"hello");
}

#[tokio::test]
async fn a_dead_address_leaves_the_next_one_of_its_family_some_time() {
    let (site, _dead) = site_beside("127.0.0.4").await.unwrap();
    let limits = Limits {
        connect_timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    let names = Names::default()
        .with("two.example", &[&["127.0.0.4", "127.0.0.1"]])
        .with("dead.example", &[&["127.0.0.4"]]);
    let (client, _) = client(all_loopback(), limits, names);
    let fetched = fetch_with(&client, &site.url_as("two.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(page(fetched).body, b"hello");
    let fetched = fetch_with(&client, &site.url_as("dead.example", "/")).await;
    assert_eq!(error(fetched), FetchError::Timeout("connecting"));
}
