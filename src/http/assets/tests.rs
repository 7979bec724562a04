use std::io::Read as _;

use super::*;

/// What a reader's browser loads for the widget may weigh so much.
const BUDGET: usize = 8 * 1024;

fn sent(path: &str) -> &'static Asset {
    ASSETS.iter().find(|asset| asset.path == path).unwrap()
}

#[test]
fn the_widget_is_small_and_never_parses_markup() {
    for asset in ASSETS.iter().filter(|a| a.path.starts_with("widget")) {
        let size = asset.brotli.len();
        assert!(size <= BUDGET, "{}: {size} bytes, compressed", asset.path);
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "setHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "eval(",
            "new Function",
            ".style",
            "localStorage",
            "document.cookie",
        ] {
            assert!(
                !asset.body.contains(forbidden),
                "{}: {forbidden}",
                asset.path
            );
        }
    }
    let widget = sent("widget.js");
    eprintln!("widget.js: {} bytes by Brotli", widget.brotli.len());
    assert!(widget.body.contains("nofollow ugc noopener"));
}

#[test]
fn what_is_compressed_is_what_was_written() {
    for asset in &*ASSETS {
        let mut plain = String::new();
        let mut reader = brotli::Decompressor::new(asset.brotli.as_slice(), 4096);
        reader.read_to_string(&mut plain).unwrap();
        assert_eq!(plain, asset.body, "{}", asset.path);
    }
}

#[test]
fn the_widget_is_one_file_with_its_style_sheet_and_english_texts() {
    let widget = &sent("widget.js").body;
    assert!(!widget.contains("{{"), "a placeholder is left");
    assert!(
        widget.contains("sheet.replaceSync(\":host{display:block}"),
        "{widget}"
    );
    assert!(widget.contains("\"none\":\"No mentions yet.\""), "{widget}");
    assert!(
        !widget.contains("\nimport ") && !widget.contains("\nexport "),
        "{widget}"
    );
}

#[test]
fn what_is_left_out_of_scripts_and_sheets_is_for_people_only() {
    let script = "// why\n\nconst a = \"// no  comment = this\"; // kept\n  /**\n   * a doc\n   */\n\
         if (b ?? 'it\\'s = so') {\n    return `${a} = ${b}`;\n}\n";
    assert_eq!(
        compact_js(script),
        "const a=\"// no  comment = this\";// kept\nif(b??'it\\'s = so'){return `${a} = ${b}`;}"
    );
    assert_eq!(
        compact_css("/* why */\na, b {\n  color: red;\n  & :is(p, q) > i { margin: 0 }\n}\n"),
        "a,b{color:red;& :is(p,q) > i{margin:0}}"
    );
}

#[test]
fn everything_that_a_part_loads_is_there() {
    let all: String = ASSETS.iter().map(|asset| asset.body.as_str()).collect();
    for path in ["widget/form.js", "widget/live.js"] {
        assert!(all.contains(&format!("\"{path}\"")), "{path}");
        sent(path);
    }
    for language in Language::ALL {
        sent(&format!("widget/texts/{}.json", language.tag()));
        assert!(
            sent("widget.js")
                .body
                .contains(&format!("\"{}\"", language.tag()))
        );
    }
}
