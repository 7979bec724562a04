//! A site of a test's own making.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// An actix-web application on a free port; it ends with this value.
pub(crate) struct AppSite {
    pub(crate) address: SocketAddr,
    server: ServerHandle,
}

impl AppSite {
    /// Starts what `routes` says at a loopback address, or at all of this machine.
    pub(crate) fn start(
        address: impl Into<IpAddr>,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let server = HttpServer::new(move || App::new().configure(routes.clone()))
            .workers(1)
            .disable_signals()
            .bind((address.into(), 0))
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            server: handle,
        }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for AppSite {
    fn drop(&mut self) {
        // Polled once, the future tells the server to stop; nobody needs to wait for it.
        drop(tokio::spawn(self.server.stop(false)));
    }
}
