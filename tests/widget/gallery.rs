//! The gallery of the demonstration: looked over by axe, and by whoever looks at the pictures of it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::page::tab;
use crate::support::tab::Tab;

/// The running demonstration; it ends with this value.
struct Demonstration {
    program: Child,
    /// Where its gallery is.
    gallery: String,
}

impl Demonstration {
    async fn start() -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_linkback"))
            .arg("demo")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(program.stdout.take().unwrap());
        let found = tokio::task::spawn_blocking(move || {
            let mut lines = said.lines().map_while(Result::ok);
            let gallery = lines.find(|line| line.ends_with("/gallery"));
            (gallery, lines)
        });
        let (gallery, _lines) = found.await.unwrap();
        Self {
            program,
            gallery: gallery
                .expect("it says where the gallery is")
                .trim()
                .to_owned(),
        }
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Goes to the gallery and waits until every element shows its mentions.
async fn visit(tab: &mut Tab, gallery: &str) {
    tab.goto(gallery).await;
    tab.wait(
        "[...document.querySelectorAll('linkback-mentions')].every(({ shadowRoot }) => \
         shadowRoot && !shadowRoot.querySelector('.loading') && shadowRoot.querySelector('slot'))",
    )
    .await;
}

/// axe-core, from npm; `None`, and a word about it, where that cannot be had.
fn axe(folder: &Path) -> Option<String> {
    let installed = Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "axe-core@4",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: axe-core (there is no npm here, or it cannot fetch)");
        return None;
    }
    std::fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).ok()
}

#[actix_web::test]
async fn axe_finds_nothing_wrong_in_light_or_dark() {
    let Some(mut tab) = tab().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(axe) = axe(folder.path()) else {
        return;
    };
    let demonstration = Demonstration::start().await;
    for scheme in ["light", "dark"] {
        tab.prefer(scheme).await;
        visit(&mut tab, &demonstration.gallery).await;
        // What is folded is looked at as well.
        tab.eval(
            "for (const { shadowRoot } of document.querySelectorAll('#plain linkback-mentions, #empty linkback-mentions')) \
             for (const one of shadowRoot.querySelectorAll('details')) one.open = true",
        )
        .await;
        tab.wait(
            "document.querySelector('#empty linkback-mentions').shadowRoot.querySelector('form')",
        )
        .await;
        tab.eval(&axe).await;
        let found = tab
            .eval(
                "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })\
                 .then(({ violations, passes }) => ({ passes: passes.length, violations: violations.map(({ id, help, nodes }) => \
                 ({ id, help, count: nodes.length, nodes: nodes.slice(0, 3).map(({ target, failureSummary }) => ({ target, failureSummary })) })) }))",
            )
            .await;
        assert_eq!(
            found["violations"],
            serde_json::json!([]),
            "{scheme}: {found:#}"
        );
        assert!(found["passes"].as_u64() > Some(20), "{scheme}: {found:#}");
        eprintln!("axe: {} rules held in {scheme}", found["passes"]);
    }
}

#[actix_web::test]
async fn a_thousand_mentions_are_read_a_page_at_a_time() {
    let Some(mut tab) = tab().await else { return };
    let demonstration = Demonstration::start().await;
    let page = format!("{}/thousand", demonstration.gallery);
    tab.goto(&page).await;
    let root = crate::page::ROOT;
    tab.wait(&format!("document.querySelector('linkback-mentions').shadowRoot && {root}.querySelector('.turns > li')")).await;
    let asked = |tab: &Tab| {
        tab.requests()
            .iter()
            .filter(|url| url.contains("/api/v1/mentions?"))
            .count()
    };
    assert_eq!(
        crate::page::texts(&mut tab, ".heading").await,
        ["1,000 mentions"]
    );
    assert_eq!(asked(&tab), 1);
    let before = crate::page::texts(&mut tab, ".label").await;
    assert_eq!(before[0], "500 likes", "{before:?}");
    let shown = crate::page::texts(&mut tab, ".turns > li").await.len();
    assert!((1..=20).contains(&shown), "{shown}");
    for step in 1..=2 {
        tab.eval(&format!("{root}.querySelector('.talk .next').click()"))
            .await;
        tab.wait(&format!(
            "{root}.querySelectorAll('.turns > li').length === {}",
            20 * (step + 1)
        ))
        .await;
    }
    assert_eq!(asked(&tab), 2, "the rest came at once");
    let labels = crate::page::texts(&mut tab, ".label").await;
    assert!(
        before.iter().all(|label| labels.contains(label)),
        "the headings knew all that there is: {before:?}, then {labels:?}"
    );
}

/// Where the pictures go.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[actix_web::test]
#[ignore = "makes pictures for people to look at, and leaves them: docs/embedding.md"]
async fn screenshots() {
    let Some(mut tab) = tab().await else { return };
    let demonstration = Demonstration::start().await;
    for (name, scheme, width, section) in [
        ("light", "light", 820, "plain"),
        ("dark", "dark", 820, "plain"),
        ("cards-light", "light", 820, "cards"),
        ("cards-dark", "dark", 1100, "cards"),
        ("compact", "light", 820, "compact"),
        ("narrow-light", "light", 360, "plain"),
        ("narrow-dark", "dark", 360, "cards"),
        ("right-to-left", "light", 820, "rtl"),
        ("right-to-left-narrow", "dark", 360, "rtl"),
        ("columns", "light", 820, "narrow"),
        ("languages", "light", 1100, "languages"),
        ("thousand", "light", 820, "thousand"),
        ("empty", "light", 820, "empty"),
        ("frame", "light", 820, "frame"),
    ] {
        tab.prefer(scheme).await;
        tab.resize(width, 900).await;
        visit(&mut tab, &demonstration.gallery).await;
        tab.eval(&format!(
            "document.getElementById('{section}').scrollIntoView()"
        ))
        .await;
        tab.eval("new Promise((done) => setTimeout(done, 500))")
            .await;
        let bounds = format!(
            "(({{ top, height }}) => [top + scrollY, height])(document.getElementById('{section}').getBoundingClientRect())"
        );
        let Value::Array(bounds) = tab.eval(&bounds).await else {
            panic!("no {section}")
        };
        let (top, height) = (bounds[0].as_f64().unwrap(), bounds[1].as_f64().unwrap());
        let picture = tab.screenshot(f64::from(width), top, height).await;
        let path = pictures().join(format!("{name}.png"));
        std::fs::write(&path, picture).unwrap();
        eprintln!("{}", path.display());
    }
}
