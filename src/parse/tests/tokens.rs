//! What is read in the short way becomes the tree that html5ever's tokenizer would have made of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::parse::document::Document;

/// Pieces that tokens are made of, the odd ones above all.
const PIECES: [&str; 142] = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i class=x>",
    "</i>",
    "<a href=\"/x?a=1&amp;b=2\">",
    "</a>",
    "<a href='/x?a=1&b=2&copy=3&notit;x&reg'>",
    "<div id=a class='b c' data-x=\"1\">",
    "</div>",
    "<br>",
    "<br/>",
    "<img src=a alt=\"\">",
    "<img\nsrc = \"a\"\talt>",
    "<P CLASS=X>",
    "</P >",
    "</p\n>",
    "</p x>",
    "</p/>",
    "<p/x>",
    "<p / >",
    "<p x=1 x=2>",
    "<p x='1'y=2>",
    "<p x=\"a\">",
    "<p x=a/>",
    "<p x=a'b>",
    "<p x=>",
    "<p =x>",
    "<p x==y>",
    "<p \"x>",
    "<p x<y>",
    "<p x`=`>",
    "<pre>\n",
    "<pre>\r\n",
    "<pre>&#10;",
    "</pre>",
    "<listing>\n\n",
    "<textarea>\n<b>",
    "</textarea>",
    "<title>a &amp; <b>",
    "</title>",
    "<script>if (a < b && c > d) \"</p>\"",
    "<script><!-- <script> ",
    "</script>",
    "</SCRIPT >",
    "<style>a > b",
    "</style>",
    "<xmp><p>",
    "</xmp>",
    "<iframe><p>",
    "</iframe>",
    "<noscript><p>",
    "</noscript>",
    "<noembed>",
    "</noembed>",
    "<noframes>",
    "</noframes>",
    "<plaintext>",
    "<svg>",
    "</svg>",
    "<svg><title>",
    "<svg><script>",
    "<math>",
    "</math>",
    "<mi>",
    "<annotation-xml encoding=\"text/html\">",
    "<foreignObject>",
    "<![CDATA[ <p> ]]>",
    "<svg viewBox='0' xlink:href=x>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</table>",
    "<caption>",
    "<col>",
    "<select>",
    "<option>",
    "</select>",
    "<template>",
    "</template>",
    "<frameset>",
    "<frame>",
    "<head>",
    "<body class=z>",
    "</body>",
    "<html lang=en>",
    "</html>",
    "<!--",
    "-->",
    "<!-- x -->",
    "<!-- > -->",
    "<!-->",
    "<!--->",
    "--!>",
    "<!doctype html>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\">",
    "<!x>",
    "<?x?>",
    "</>",
    "</ x>",
    "<>",
    "< p>",
    "<",
    ">",
    "&",
    "&amp",
    "&amp;",
    "&lt;b&gt;",
    "&copy",
    "&copy;",
    "&notit;",
    "&notin;",
    "&x",
    "&xyzzy;",
    "AT&T",
    "&#65;",
    "&#x41;",
    "&#X2019;",
    "&#0;",
    "&#128;",
    "&#13;",
    "&#xd800;",
    "&#99999999;",
    "&#;",
    "&#x;",
    "&#65",
    "&NotEqualTilde;",
    "\r",
    "\r\n",
    "\n",
    " ",
    "\0",
    "\u{c}",
    "\u{feff}",
    "é",
    "漢字🎉",
    "<é>",
    "<p é=ü>",
    "text",
    "a longer text that stands in a piece of its own",
];

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let number = usize::try_from(self.0 >> 33).unwrap();
        number.checked_rem(end).unwrap_or(0)
    }
}

fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(Path::new("html").as_os_str()) {
                pages.push(String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
            }
        }
    }
    pages.sort();
    assert!(pages.len() >= 80, "{}", pages.len());
    pages
}

fn assert_same(text: &str) {
    Document::parse(text).assert_same(&Document::parse_plainly(text));
}

#[test]
fn every_page_becomes_the_same_tree_either_way() {
    for page in pages() {
        assert_same(&page);
        assert_same(&page.replace('\n', "\r\n"));
    }
}

#[test]
fn pages_with_odd_pieces_in_them_become_the_same_tree_either_way() {
    let pages = pages();
    let mut dice = Dice(0x2011_0515);
    for page in &pages {
        let mut page = page.clone();
        for _ in 0..8 {
            let mut at = dice.below(page.len());
            while !page.is_char_boundary(at) {
                at -= 1;
            }
            match dice.below(4) {
                0 if at > page.len() / 2 => page.truncate(at),
                1 => {
                    page.remove(at);
                }
                _ => page.insert_str(at, PIECES[dice.below(PIECES.len())]),
            }
            assert_same(&page);
        }
    }
}

#[test]
fn a_token_that_is_read_in_two_pieces_is_one() {
    for (before, after) in [
        ("<script>", "</script><!-- </x> <p> --><p>y<b>"),
        ("<title>", "</title ><!-- <p> --><p>y<b>"),
        ("<p>", "<!-- <b> --><i>y</i>"),
        ("<!--", "--><i>y</i>"),
        ("<p title='", "'>&amp;<i x=1>y</i>"),
        ("<p>&x ", "&amp;<i x=1>y</i>"),
        ("<p>&x ", "é漢<i>\r\n</i>"),
    ] {
        // Pieces have about 4 KB.
        for len in 4096 - 48..4096 {
            assert_same(&format!("{before}{}{after}", "x".repeat(len)));
        }
    }
}

#[test]
fn any_sequence_of_odd_pieces_becomes_the_same_tree_either_way() {
    for one in PIECES {
        assert_same(one);
        for other in PIECES {
            assert_same(&format!("{one}{other}x<p>y"));
        }
    }
    let mut dice = Dice(0x6874_6d6c);
    for _ in 0..3000 {
        let len = 2 + dice.below(30);
        let text: String = (0..len).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        assert_same(&text);
    }
}
