//! The files that pages load: the widget with its parts and texts, and the style sheets.
//!
//! They stand in `assets/` as people write them. What is sent of them is made once, when the first of
//! them is asked for: `widget.js` is joined of its modules, and lines of comment are left out. It is kept
//! compressed as well as can be, which is worth the time for what every reader of every article loads.

use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::header::{self, Encoding, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};

use super::answer;
use super::error::ApiError;
use super::pages::{Language, STYLE_CSS};

/// The modules of `widget.js`, each after those that it uses.
const WIDGET: [&str; 4] = [
    include_str!("assets/widget/dom.js"),
    include_str!("assets/widget/texts.js"),
    include_str!("assets/widget/entry.js"),
    include_str!("assets/widget/mentions.js"),
];
const WIDGET_FORM: &str = include_str!("assets/widget/form.js");
const WIDGET_LIVE: &str = include_str!("assets/widget/live.js");
const WIDGET_FRAME: &str = include_str!("assets/widget/frame.js");
/// How the mentions look, in the widget and in the fragment.
const WIDGET_CSS: &str = include_str!("assets/widget/style.css");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// What is sent of a file.
struct Asset {
    /// Its path, without the slash at its beginning.
    path: String,
    content_type: &'static str,
    body: String,
    /// The same, compressed by Brotli.
    brotli: Vec<u8>,
    etag: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut assets = vec![
        Asset::new("style.css", CSS, STYLE_CSS.to_owned()),
        Asset::new("widget.js", JAVASCRIPT, widget()),
        Asset::new("widget/form.js", JAVASCRIPT, compact_js(WIDGET_FORM)),
        Asset::new("widget/live.js", JAVASCRIPT, compact_js(WIDGET_LIVE)),
        Asset::new("widget/frame.js", JAVASCRIPT, compact_js(WIDGET_FRAME)),
        Asset::new("widget/style.css", CSS, compact_css(WIDGET_CSS)),
    ];
    assets.extend(Language::ALL.into_iter().map(|language| {
        let path = format!("widget/texts/{}.json", language.tag());
        Asset::new(&path, JSON, compact_json(language.source()))
    }));
    assets
});

impl Asset {
    fn new(path: &str, content_type: &'static str, body: String) -> Self {
        let hash = Sha256::digest(body.as_bytes());
        let start = hash.iter().take(8);
        let etag = start.fold(String::from("W/\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        Self {
            path: path.to_owned(),
            content_type,
            brotli: brotli(&body),
            body,
            etag,
        }
    }
}

/// The custom elements `<linkback-mentions>` and `<linkback-count>`.
pub(super) async fn widget_js(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    answer_with(&request, "widget.js")
}

/// What the widget and the fragment load besides.
pub(super) async fn widget_part(
    request: HttpRequest,
    part: Path<String>,
) -> Result<HttpResponse, ApiError> {
    answer_with(&request, &format!("widget/{part}"))
}

/// The style sheet of our pages.
pub(super) async fn style(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    answer_with(&request, "style.css")
}

fn answer_with(request: &HttpRequest, path: &str) -> Result<HttpResponse, ApiError> {
    let asset = ASSETS.iter().find(|asset| asset.path == path);
    let asset = asset.ok_or(ApiError::NotFound("file"))?;
    if answer::is_unchanged(request, &asset.etag) {
        return Ok(answer::unchanged(&asset.etag));
    }
    let mut response = HttpResponse::Ok();
    response
        .content_type(asset.content_type)
        .insert_header((header::ETAG, asset.etag.as_str()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    if takes_brotli(request) {
        return Ok(response
            .insert_header((header::CONTENT_ENCODING, "br"))
            .insert_header((header::VARY, HeaderValue::from_static("accept-encoding")))
            .body(asset.brotli.as_slice()));
    }
    Ok(response.body(asset.body.as_str()))
}

fn takes_brotli(request: &HttpRequest) -> bool {
    use actix_web::http::header::{AcceptEncoding, Header as _};
    AcceptEncoding::parse(request).is_ok_and(|accepted| {
        let both = [Encoding::brotli(), Encoding::identity()];
        accepted.negotiate(both.iter()) == Some(Encoding::brotli())
    })
}

/// The script that articles load: its modules as one, with the style sheet and the English texts.
fn widget() -> String {
    let modules = WIDGET.join("\n");
    let joined: Vec<&str> = modules
        .lines()
        .filter(|line| !line.starts_with("import {"))
        .map(|line| line.strip_prefix("export ").unwrap_or(line))
        .collect();
    let css = serde_json::Value::from(compact_css(WIDGET_CSS)).to_string();
    compact_js(&joined.join("\n"))
        .replace("\"{{style.css}}\"", &css)
        .replace("\"{{texts/en.json}}\"", &core_texts(Language::En.source()))
}

/// A script without indentation, empty lines, and the lines that are comment only. Where a line ends with
/// a mark after which nothing can end, the next one follows on it.
fn compact_js(script: &str) -> String {
    let is_code = |line: &&str| {
        let is_comment = ["//", "/**", "*"].iter().any(|with| line.starts_with(with));
        !line.is_empty() && !is_comment
    };
    let mut out = String::with_capacity(script.len());
    for line in script.lines().map(str::trim).filter(is_code) {
        if !out.is_empty() && !out.ends_with(['{', '(', '[', ',', ';']) {
            out.push('\n');
        }
        push_without_spaces(line, &mut out);
    }
    out
}

/// Adds a line of a script without the spaces round marks, but for those inside of quotes.
///
/// Plus and minus are left alone, since two of them mean another thing.
fn push_without_spaces(line: &str, out: &mut String) {
    const MARKS: &str = "=>,{}()?:&|<!;";
    let mut quote = None;
    let mut is_escaped = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if quote.is_none() && letter == ' ' {
            let is_mark = |letter: Option<char>| letter.is_some_and(|one| MARKS.contains(one));
            if is_mark(out.chars().last()) || is_mark(letters.peek().copied()) {
                continue;
            }
        }
        if !is_escaped && matches!(letter, '"' | '\'' | '`') {
            quote = match quote {
                None => Some(letter),
                Some(open) if open == letter => None,
                open @ Some(_) => open,
            };
        }
        is_escaped = letter == '\\' && !is_escaped;
        out.push(letter);
    }
}

/// A style sheet without comments, indentation and the spaces that only people need.
fn compact_css(css: &str) -> String {
    let mut rest = css;
    let mut out = String::with_capacity(css.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines: Vec<&str> = out
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let mut compact = lines.concat();
    for mark in [" {", "{ ", ", ", "; ", ": ", " }", ";}"] {
        let short = if mark == ";}" { "}" } else { mark.trim() };
        compact = compact.replace(mark, short);
    }
    compact
}

/// JSON without its white space.
fn compact_json(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .map_or_else(|_not_json| json.to_owned(), |value| value.to_string())
}

/// The texts of a language without those of the form, which brings its own.
fn core_texts(json: &str) -> String {
    let mut texts = serde_json::from_str::<serde_json::Value>(json).unwrap_or_default();
    if let Some(texts) = texts.as_object_mut() {
        texts.remove("form");
    }
    texts.to_string()
}

/// `body`, compressed as well as Brotli can.
fn brotli(body: &str) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    // Writing to a Vec does not fail.
    let _ = writer.write_all(body.as_bytes());
    drop(writer);
    compressed
}

#[cfg(test)]
mod tests;
