//! What the sanitiser lets through is inert in a real browser: no script runs, nothing is asked for, no
//! style reaches the page. Where there is no browser, it says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use linkback::parse::sanitise::piece;
use support::browser;
use support::source_site::{SourcePage, SourceSite};
use url::Url;

/// What must be seen to work where nothing is sanitised.
const CONTROL: &str = "<img src=x onerror=ran()><style>#sentinel{color:rgb(255,0,0)}</style>";

/// What reads one way within one of these reads another way outside.
const OUTER: [&str; 6] = [
    "<svg>{}</svg>",
    "<math>{}</math>",
    "<svg><title>{}</title></svg>",
    "<svg><foreignObject>{}</foreignObject></svg>",
    "<math><mtext><table><mglyph>{}</mglyph></table></mtext></math>",
    "<form><math><mtext></form><form><mglyph>{}</math>",
];
const INNER: [&str; 9] = [
    "style", "title", "textarea", "noscript", "noembed", "xmp", "iframe", "script", "noframes",
];

/// Tries each string three ways and puts what it saw where the printed document shows it.
const SPY: &str = r#"
let runs = 0;
window.ran = () => { runs += 1; };
window.onerror = () => { runs += 1; };
const color = () => getComputedStyle(document.getElementById("sentinel")).color;
const plain = "rgb(1, 2, 3)";
const seen = { foreign: [] };
const LIST = new Set("A ABBR B BLOCKQUOTE BR CITE CODE DD DEL DFN DL DT EM H1 H2 H3 H4 H5 H6 HR I INS KBD LI MARK OL P PRE Q RP RT RUBY S SAMP SMALL STRONG SUB SUP TIME U UL VAR WBR".split(" "));
const ATTRIBUTES = new Set(["href", "rel", "title", "datetime", "lang", "dir"]);
function check(root, source) {
  for (const element of root.querySelectorAll("*")) {
    const wrong = !LIST.has(element.tagName) || element.namespaceURI !== "http://www.w3.org/1999/xhtml"
      || [...element.attributes].some((a) => !ATTRIBUTES.has(a.name))
      || (element.tagName === "A" && !/^https?:$/.test(element.protocol));
    if (wrong) seen.foreign.push([element.outerHTML.slice(0, 200), source]);
  }
}
const cases = JSON.parse(document.getElementById("cases").textContent);
for (const html of cases) {
  const once = document.body.appendChild(document.createElement("div"));
  once.innerHTML = html;
  check(once, html);
  const twice = document.body.appendChild(document.createElement("div"));
  twice.innerHTML = once.innerHTML;
  check(twice, html);
}
for (const parsed of document.querySelectorAll(".parsed")) check(parsed, "as parsed");
setTimeout(() => {
  seen.runs = runs;
  seen.restyled = color() !== plain;
  seen.cases = cases.length;
  seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => !name.endsWith("/spy.js"));
  document.querySelector("output").dataset.seen = JSON.stringify(seen);
}, 1000);
"#;

fn hostile() -> Vec<String> {
    let mut all = Vec::new();
    for file in ["owasp.txt", "mutation.txt"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/sanitise")
            .join(file);
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("# "));
        all.extend(lines.map(|line| line.replace("\\u0000", "\0").replace("\\u2028", "\u{2028}")));
    }
    for outer in OUTER {
        for inner in INNER {
            let breakers = [
                format!("<{inner}><a title=\"</{inner}><img src=x onerror=ran()>\">"),
                format!("<{inner}><img src=x onerror=ran()></{inner}>"),
            ];
            all.extend(breakers.map(|inner| outer.replace("{}", &inner)));
        }
    }
    all
}

/// A page that holds each piece as markup and all of them as data for the spy.
fn page(pieces: &[String]) -> SourcePage {
    let mut body = String::from(
        "<!doctype html><meta charset=utf-8><title>t</title><link rel=icon href=data:,><style>#sentinel{color:rgb(1,2,3)}</style><p id=sentinel>s</p><output></output>",
    );
    for piece in pieces {
        write!(body, "<div class=parsed>{piece}</div>").unwrap();
    }
    let data = serde_json::to_string(pieces)
        .unwrap()
        .replace('<', "\\u003c");
    write!(
        body,
        "<script type=application/json id=cases>{data}</script><script src=/spy.js></script>"
    )
    .unwrap();
    SourcePage::html(&body)
}

#[actix_web::test]
async fn what_is_let_through_is_inert_in_a_browser() {
    let Some(browser) = browser::find() else {
        eprintln!("skipped: there is no chromium here");
        return;
    };
    let base = Url::parse("https://source.example/post").unwrap();
    let hostile = hostile();
    assert!(hostile.len() >= 200, "{}", hostile.len());
    let clean: Vec<String> = hostile
        .iter()
        .filter_map(|source| piece(source, &base).content?.html)
        .map(|html| html.as_str().to_owned())
        .collect();
    assert!(clean.len() >= 10, "some of it is markup: {}", clean.len());
    let site = SourceSite::start();
    let mut spy = SourcePage::html(SPY);
    spy.content_type = "text/javascript".to_owned();
    site.put("/spy.js", spy);
    let seen = async |path: &str, pieces: &[String]| {
        let url = site.put(path, page(pieces));
        let dom = browser::dom(browser, &url).await;
        browser::data(&dom, "seen").unwrap_or_else(|| panic!("nothing was seen:\n{dom}"))
    };

    let control = seen("/control", &[CONTROL.to_owned()]).await;
    assert!(control["runs"].as_u64().unwrap() > 0, "{control:#}");
    assert_eq!(control["restyled"], true);
    assert_ne!(control["requests"], serde_json::json!([]));
    assert_ne!(control["foreign"], serde_json::json!([]));

    let got = seen("/clean", &clean).await;
    assert_eq!(got["cases"], clean.len());
    assert_eq!(got["foreign"], serde_json::json!([]));
    assert_eq!(got["runs"], 0, "{got:#}");
    assert_eq!(got["restyled"], false);
    assert_eq!(got["requests"], serde_json::json!([]));
}
