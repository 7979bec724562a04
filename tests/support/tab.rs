//! A page in a real browser that is driven: keys, colour schemes, sizes, and what it asks the network for.
//!
//! Chromium is spoken to over a pipe, in the messages of its `DevTools` protocol, so that no port is opened and
//! nothing has to be installed but the browser.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::browser::FLAGS;

/// How long the browser may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the browser has said.
#[derive(Default)]
struct Heard {
    answers: HashMap<u64, Value>,
    events: Vec<Value>,
}

/// A running browser with one page; both end with this value.
pub(crate) struct Tab {
    browser: Child,
    pipe: ChildStdin,
    heard: Arc<Mutex<Heard>>,
    session: Option<String>,
    last: u64,
    _profile: TempDir,
}

impl Tab {
    /// Starts the browser at that path, with an empty page.
    pub(crate) async fn open(browser: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // Its messages come and go by the descriptors 3 and 4.
        let mut browser = Command::new("/bin/sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
            ])
            .arg(browser)
            .args(FLAGS)
            .args(["--hide-scrollbars", "--lang=en", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pipe = browser.stdin.take().unwrap();
        let mut said = BufReader::new(browser.stdout.take().unwrap());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let hearing = Arc::clone(&heard);
        // Ends when the browser does.
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while said.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                if let Ok(value) = serde_json::from_slice::<Value>(&message) {
                    let mut heard = hearing.lock().unwrap();
                    match value["id"].as_u64() {
                        Some(id) => drop(heard.answers.insert(id, value)),
                        None => heard.events.push(value),
                    }
                }
                message.clear();
            }
        });
        let mut tab = Self {
            browser,
            pipe,
            heard,
            session: None,
            last: 0,
            _profile: profile,
        };
        let page = tab
            .call("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let target = json!({"targetId": page["targetId"], "flatten": true});
        let attached = tab.call("Target.attachToTarget", target).await;
        tab.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Network.enable"] {
            tab.call(domain, json!({})).await;
        }
        tab.resize(1000, 800).await;
        tab
    }

    /// Calls a method of the protocol and returns its result.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.pipe.write_all(&bytes).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.heard.lock().unwrap().answers.remove(&id) {
                assert!(answer.get("error").is_none(), "{method}: {answer:#}");
                return answer["result"].clone();
            }
            assert!(Instant::now() < deadline, "no answer to {method}");
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Goes to a page and waits until it has loaded.
    pub(crate) async fn goto(&mut self, url: &str) {
        self.heard.lock().unwrap().events.clear();
        self.call("Page.navigate", json!({"url": url})).await;
        let deadline = Instant::now() + PATIENCE;
        while !self.events("Page.loadEventFired").iter().any(|_| true) {
            assert!(Instant::now() < deadline, "{url} does not load");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Runs a script before those of every page to come.
    pub(crate) async fn prepare(&mut self, script: &str) {
        let source = json!({"source": script});
        self.call("Page.addScriptToEvaluateOnNewDocument", source)
            .await;
    }

    /// What an expression comes to in the page; promises are waited for.
    pub(crate) async fn eval(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", params).await;
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}\n{thrown:#}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page.
    pub(crate) async fn wait(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.eval(&format!("Boolean({expression})")).await != true {
            if Instant::now() > deadline {
                let text = self
                    .eval("document.querySelector('linkback-mentions')?.shadowRoot?.textContent")
                    .await;
                panic!("waited too long for {expression}; there is: {text}");
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses a key: `Tab`, `Enter`, or a space.
    pub(crate) async fn press(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            " " => ("Space", 32, " "),
            other => panic!("{other} is not on this keyboard"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Types a text where the focus is.
    pub(crate) async fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Emulates a reader who prefers the `light` or the `dark` scheme.
    pub(crate) async fn prefer(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}))
            .await;
    }

    /// Sets the size of the window's inside.
    pub(crate) async fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// A picture of the page's part between two heights, as PNG.
    pub(crate) async fn screenshot(&mut self, width: f64, top: f64, height: f64) -> Vec<u8> {
        let clip = json!({"x": 0, "y": top, "width": width, "height": height, "scale": 1});
        let params = json!({"format": "png", "clip": clip, "captureBeyondViewport": true});
        let answer = self.call("Page.captureScreenshot", params).await;
        let data = answer["data"].as_str().unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap()
    }

    /// The addresses that the page has asked for since it was gone to.
    pub(crate) fn requests(&self) -> Vec<String> {
        let events = self.events("Network.requestWillBeSent");
        let urls = events
            .iter()
            .map(|e| e["params"]["request"]["url"].as_str().unwrap().to_owned());
        urls.collect()
    }

    /// What the page's scripts have thrown and nobody caught, and what its policy forbade.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let thrown = self.events("Runtime.exceptionThrown");
        let logged = self.events("Log.entryAdded");
        thrown.iter().chain(&logged).map(Value::to_string).collect()
    }

    fn events(&self, method: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard
            .events
            .iter()
            .filter(|e| e["method"] == method)
            .cloned()
            .collect()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
