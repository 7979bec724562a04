//! A real browser that loads a page and prints what became of it.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long it may take to start, load a page and print it.
const BROWSER_PATIENCE: Duration = Duration::from_secs(60);

/// How every browser is run: without a window, and asking for nothing by itself.
pub(crate) const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
];

/// The browser, if there is one.
pub(crate) fn find() -> Option<&'static str> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
        .into_iter()
        .find(|path| std::path::Path::new(path).exists())
}

/// The document at `url` after its scripts have run.
pub(crate) async fn dom(browser: &str, url: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let printed = profile.path().join("dom.html");
    let mut running = Command::new(browser)
        .args(FLAGS)
        .args(["--virtual-time-budget=8000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(File::create(&printed).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + BROWSER_PATIENCE;
    while running.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            let _ = running.kill();
            let _ = running.wait();
            panic!("the browser does not end");
        }
        sleep(Duration::from_millis(50)).await;
    }
    std::fs::read_to_string(&printed).unwrap()
}

/// The JSON that a script has put into the first attribute `data-NAME`.
pub(crate) fn data(dom: &str, name: &str) -> Option<serde_json::Value> {
    let (_, rest) = dom.split_once(&format!("data-{name}=\""))?;
    let (json, _) = rest.split_once('"')?;
    let json = json
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&");
    Some(serde_json::from_str(&json).unwrap())
}
