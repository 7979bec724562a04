//! Pages made to hold a worker. What is asserted is that there is a result, and how much of one;
//! never the time.

use serde_json::Value as Json;

use super::{microformats, microformats_of};
use crate::parse::microformats::{Item, parse_bytes};

fn size(json: &Json) -> usize {
    json.to_string().len()
}

/// How deep items stand in items.
fn depth(items: &[Item]) -> usize {
    let below = |item: &Item| {
        let values = item.properties.values().flatten();
        let nested = values
            .filter_map(|value| value.item())
            .map(|item| depth(std::slice::from_ref(item)));
        nested.max().unwrap_or(0).max(depth(&item.children))
    };
    items
        .iter()
        .map(below)
        .max()
        .map_or(0, |depth| depth.saturating_add(1))
}

#[test]
fn many_classes_on_one_element_are_all_read() {
    let classes: Vec<String> = (0..100_000).map(|n| format!("p-x{n}-a")).collect();
    let found = microformats(&format!(
        "<p class=h-card><b class='{}'>v</b>",
        classes.join(" ")
    ));
    assert!(found.complete);
    assert_eq!(found.items[0].properties.len(), 100_000);

    let same = "p-a ".repeat(100_000);
    let found = microformats(&format!("<p class=h-card><b class='{same}'>v</b>"));
    assert_eq!(found.items[0].all("a").len(), 100_000);

    let roots: Vec<String> = (0..100_000).map(|n| format!("h-x{n}-a")).collect();
    let found = microformats(&format!("<p class='{}'>v", roots.join(" ")));
    assert_eq!(found.items[0].types.len(), 100_000);

    let classic = "fn vcard n url photo ".repeat(20_000);
    let found = microformats(&format!("<p class=vcard><b class='{classic}'>v</b>"));
    assert_eq!(found.items[0].first("name").unwrap().text(), "v");
}

#[test]
fn a_relation_that_the_budget_leaves_out_is_told_of_no_address() {
    let words: Vec<String> = (0..2000).map(|n| format!("r{n}")).collect();
    let found = microformats(&format!(
        "<a rel='{}' href='https://ex.com/{}'>x</a>",
        words.join(" "),
        "a".repeat(4000)
    ));
    assert!(!found.complete && found.rels.len() < words.len());
    for (url, about) in found.rel_urls {
        assert!(about.rels.iter().all(|rel| found.rels[rel].contains(&url)));
    }
}

#[test]
fn many_siblings_are_all_read() {
    let found = microformats(&"<p class=h-card>v</p>".repeat(100_000));
    assert_eq!(found.items.len(), 100_000);
    let found = microformats(&format!(
        "<div class=h-feed>{}",
        "<p class='p-a h-card'>v</p>".repeat(100_000)
    ));
    assert_eq!(found.items[0].all("a").len(), 100_000);
    let links = "<a rel='me author' href=/a>v</a>".repeat(100_000);
    let found = microformats(&links);
    assert_eq!(found.rels["me"], ["https://ex.com/a"]);
}

#[test]
fn a_long_text_is_not_copied_for_each_of_many_properties() {
    let classes: Vec<String> = (0..10_000).map(|n| format!("p-x{n}-a")).collect();
    let text = "word ".repeat(100_000);
    let page = format!(
        "<p class=h-card><b class='{}'>{text}</b>",
        classes.join(" ")
    );
    let found = microformats(&page);
    assert!(!found.complete);
    assert!(size(&Json::from(&found)) < page.len() * 64 + (4 << 20));
}

#[test]
fn items_that_are_values_of_many_properties_do_not_double_at_each_level() {
    let level = "<div class='p-a p-b p-c p-d h-x'>";
    let page = format!("<div class=h-x>{}text", level.repeat(30));
    let found = microformats(&page);
    assert!(!found.complete);
    assert!(size(&Json::from(&found)) < page.len() * 64 + (16 << 20));
}

#[test]
fn deep_nesting_is_cut_where_readers_of_json_would_give_up() {
    for level in [
        "<div class=h-x>",
        "<div class='p-a h-x'>",
        "<div class='e-a h-x'>",
        "<div class=hentry>",
        "<span class='p-a h-x'>",
    ] {
        let found = microformats(&level.repeat(100_000));
        assert!(!found.complete);
        assert_eq!(depth(&found.items), 32, "{level}");
        let json = Json::from(&found).to_string();
        serde_json::from_str::<Json>(&json).unwrap();
    }
}

#[test]
fn properties_within_properties_do_not_multiply_the_text() {
    let page = format!(
        "<div class=h-x>{}{}",
        "<div class='p-a e-b'>".repeat(400),
        "word ".repeat(200_000)
    );
    let found = microformats(&page);
    assert!(size(&Json::from(&found)) < page.len() * 64 + (4 << 20));
}

#[test]
fn what_includes_itself_ends() {
    for page in [
        "<div class=vcard id=a itemref=a><b class=fn>v</b></div>",
        "<div class=vcard><b class=fn>v</b><a class=include href=#b>x</a></div><p id=b><a class=include href=#b>x</a>",
        "<div class=vcard><b class=fn>v</b><a class=include href=#b>x</a></div>\
         <p id=b><a class=include href=#c>x</a></p><p id=c><a class=include href=#b>x</a>",
    ] {
        let found = microformats(page);
        assert_eq!(found.items[0].first("name").unwrap().text(), "v", "{page}");
    }
}

#[test]
fn includes_that_double_at_each_level_are_cut() {
    let levels = (0..30).map(|n| {
        let next = format!("<a class=include href=#i{}>x</a>", n + 1);
        format!("<p id=i{n}>{}</p>", next.repeat(40))
    });
    let page = format!(
        "<div class=vcard><a class=include href=#i0></a></div>{}<p id=i30><b class=note>v</b></p>",
        levels.collect::<String>()
    );
    let found = microformats(&page);
    assert!(!found.complete);
    assert!(size(&Json::from(&found)) < 64 << 20);
}

#[test]
fn long_attributes_that_are_included_often_are_cut() {
    let page = format!(
        "<div class=vcard>{}</div><p id=i>{}</p><b id=j class='{}'>v</b>",
        "<a class=include href=#i></a>".repeat(2_000),
        "<a class=include href=#j></a>".repeat(2_000),
        "x ".repeat(50_000)
    );
    assert!(!microformats(&page).complete);
}

#[test]
fn what_is_nested_too_deep_does_not_hide_what_follows() {
    let nested = format!("{}{}", "<div class=h-x>".repeat(40), "</div>".repeat(40));
    let found = microformats(&format!("{nested}<p class=h-y>v</p>"));
    assert!(!found.complete);
    assert!(found.items[1].is("h-y"));
}

#[test]
fn a_language_that_is_none_is_not_copied_to_every_item() {
    let lang = "x".repeat(100_000);
    let page = format!("<div lang={lang}>{}", "<p class=h-x>v</p>".repeat(1_000));
    assert!(size(&microformats_of(&page)) < page.len());
}

#[test]
fn short_links_on_a_long_base_are_cut() {
    let page = format!(
        "<base href='/{}'><div class=h-x>{}",
        "b".repeat(100_000),
        "<a class=u-a href=?>".repeat(20_000)
    );
    let found = microformats(&page);
    assert!(!found.complete);
    assert!(size(&Json::from(&found)) < page.len() * 64 + (4 << 20));
}

#[test]
fn broken_bytes_become_replacement_characters() {
    let body = b"<meta charset=utf-8><p class=h-card>\xff\xfe\xc3( \x00 v";
    let found = parse_bytes(body, Some("utf-8"), &super::base());
    let name = found.items[0].first("name").unwrap();
    assert!(name.text().contains('\u{fffd}'), "{name:?}");
    for byte in 0..=255_u8 {
        parse_bytes(
            &[b"<p class=h-".as_slice(), &[byte; 64]].concat(),
            None,
            &super::base(),
        );
    }
}

#[test]
fn a_page_that_is_cut_anywhere_gives_a_result() {
    let page = "<base href=/b/><div class='h-entry x' id=i lang=en><h1 class=p-name>A – b</h1>\
                <a class='u-url dt-a' href='é?q=1'><img class=u-photo alt=\"\" srcset='a 2x, b' src=x></a>\
                <time class=dt-published><b class=value>2020-01-02</b> <i class=value>7:05pm</i></time>\
                <div class='e-content p-summary h-x'><p>t<br>u<template>z</template><svg><a href=/></svg></div>\
                <div class='vcard' itemref='i j'><i class=fn>w</i></div><a rel='me' href=>";
    for (at, _) in page.char_indices() {
        let (before, after) = page.split_at(at);
        let found = microformats(before);
        assert!(found.complete, "{at}");
        // What leaves is what JSON can carry.
        serde_json::from_str::<Json>(&Json::from(&found).to_string()).unwrap();
        microformats_of(after);
    }
}

#[test]
fn any_soup_of_tags_gives_a_result() {
    const TAGS: [&str; 20] = [
        "div", "p", "a", "img", "b", "table", "tr", "td", "template", "svg", "object", "time",
        "abbr", "data", "area", "select", "form", "script", "base", "math",
    ];
    const ATTRIBUTES: [&str; 28] = [
        "class=h-card",
        "class='h-entry h-x'",
        "class='p-name u-url'",
        "class='p-a h-x'",
        "class='e-content p-a dt-b'",
        "class='value'",
        "class=value-title",
        "class=dt-start",
        "class='vcard hentry'",
        "class='fn url'",
        "class=include",
        "class='hreview item'",
        "class=geo",
        "class='adr p-adr'",
        "id=i",
        "id=j",
        "itemref='i j'",
        "href=#i",
        "data=#j",
        "headers='j i'",
        "href='/ü'",
        "src=",
        "srcset='a,b 2x'",
        "title=' 7pm '",
        "datetime='2020-01-02 3:04Z'",
        "value=http://[",
        "alt",
        "rel='me tag bookmark'",
    ];
    // A generator of our own (Knuth's MMIX), so that each run has the same soups.
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33)
            .unwrap()
            .checked_rem(below)
            .unwrap()
    };
    for _ in 0..1_500 {
        let mut soup = String::new();
        for _ in 0..random(80) {
            let tag = TAGS[random(TAGS.len())];
            match random(4) {
                0 => soup.extend(["</", tag, ">"]),
                1 => soup.push_str(["12:30", " é ", "2020-02-30", "-08:00"][random(4)]),
                _ => {
                    let one = ATTRIBUTES[random(ATTRIBUTES.len())];
                    let other = ATTRIBUTES[random(ATTRIBUTES.len())];
                    soup.extend(["<", tag, " ", one, " ", other, ">"]);
                }
            }
        }
        let found = microformats(&soup);
        assert!(
            found.items.iter().all(|item| !item.types.is_empty()),
            "{soup}"
        );
        serde_json::from_str::<Json>(&Json::from(&found).to_string()).unwrap();
    }
}
