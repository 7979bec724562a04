//! Target `date`: times that people and programs have written.

use linkback::parse::date::{authored, authored_in_mail_form};
use linkback::parse::microformats::{Value, parse};
use url::Url;

use super::shown::is_time;

/// Whatever is read as a time is one of three forms and is read as the same again; the lines, taken as
/// the parts of a time by the value class pattern, make at most one value, made of what was written.
pub fn date(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for time in [authored(text), authored_in_mail_form(text)]
        .iter()
        .flatten()
    {
        is_time(time);
    }
    in_parts(text);
}

fn in_parts(text: &str) {
    let mut page = String::from("<p class=h-event><b class=dt-start>");
    for line in text.lines() {
        page.push_str("<data class=value value=\"");
        page.push_str(&line.replace('&', "&amp;").replace('"', "&quot;"));
        page.push_str("\"></data>");
    }
    let base = Url::parse("https://blog.example/").unwrap();
    let found = parse(&page, &base);
    let [event] = found.items.as_slice() else {
        panic!("one item was written, and {} read", found.items.len());
    };
    for value in event.all("start") {
        let Value::Text(value) = value else {
            panic!("a time that is no text: {value:?}");
        };
        // Twelve hours become twenty-four, and colons may go: no more than that is made of it.
        assert!(value.len() <= text.len() + 16, "{value:?} of {text:?}");
        let made = |c: char| c.is_ascii_digit() || "TtZz+-:. ".contains(c);
        assert!(
            value.chars().all(|c| made(c) || text.contains(c)),
            "{value:?}"
        );
        if let Some(time) = authored(value) {
            is_time(&time);
        }
    }
}
