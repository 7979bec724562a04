//! JSON as pages have it: wrapped against readers that no longer exist, with line ends in its
//! strings, with a comma too many.

use serde_json::Value;

/// What scripts were wrapped in, at their beginning or at their end.
const WRAPPERS: [&str; 9] = [
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "/*",
    "*/",
    "//",
    ";",
    "\u{feff}",
];

/// The value of a script; none if it is not JSON, as far as a simple repair can tell.
pub(super) fn parse(script: &str) -> Option<Value> {
    let text = unwrapped(script);
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&mended(text)))
        .ok()
}

fn unwrapped(script: &str) -> &str {
    let mut text = script.trim();
    loop {
        let inner = WRAPPERS.iter().fold(text, |text, wrapper| {
            let text = text.strip_prefix(wrapper).unwrap_or(text);
            text.strip_suffix(wrapper).unwrap_or(text).trim()
        });
        if inner.len() == text.len() {
            return text;
        }
        text = inner;
    }
}

/// Control characters in strings as escapes, and no comma before what closes a list.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    // Where a comma stands after which nothing has come yet but white space.
    let mut comma: Option<usize> = None;
    for c in text.chars() {
        if in_string {
            match c {
                _ if escaped && c.is_ascii_graphic() => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            if c.is_control() {
                out.push_str(if escaped { "n" } else { "\\n" });
                escaped = false;
            } else {
                out.push(c);
            }
            continue;
        }
        match c {
            '"' => in_string = true,
            '}' | ']' => {
                if let Some(at) = comma {
                    out.truncate(at);
                }
            }
            _ => {}
        }
        if c == ',' {
            comma = Some(out.len());
        } else if !c.is_whitespace() {
            comma = None;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_pages_make_of_json_is_read_where_it_is_clear() {
        let want = json!({"a": "b"});
        for script in [
            "{\"a\":\"b\"}",
            "\u{feff}{\"a\":\"b\"};",
            "<!-- {\"a\":\"b\"} -->",
            "//<![CDATA[\n{\"a\":\"b\"}\n//]]>",
            "/* <![CDATA[ */ {\"a\":\"b\"} /* ]]> */",
            "<![CDATA[{\"a\":\"b\"}]]>",
            "{\"a\":\"b\",\n}",
        ] {
            assert_eq!(parse(script), Some(want.clone()), "{script}");
        }
        for (script, want) in [
            ("{\"a\":\"x\ny\"}", json!({"a": "x\ny"})),
            ("{\"a\":\"x\\\ny\"}", json!({"a": "x\ny"})),
            ("[1,2,]", json!([1, 2])),
            (r#"["a,]\",}",]"#, json!(["a,]\",}"])),
        ] {
            assert_eq!(parse(script), Some(want), "{script}");
        }
        for script in ["", "{", "a", "{'a':'b'}", "[1,,2]", "//", "<!--", ";;;;"] {
            assert_eq!(parse(script), None, "{script}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(parse(&deep), None);
    }
}
