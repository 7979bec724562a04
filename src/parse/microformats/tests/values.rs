//! What the suite has no page for.

use serde_json::{Value as Json, json};

use super::{base, microformats, microformats_of};
use crate::parse::microformats::{Options, Space, Value, parse, parse_with};
use url::Url;

/// The properties of the first item.
fn properties(html: &str) -> Json {
    Json::from(&microformats(html).items[0])["properties"].clone()
}

#[test]
fn language_is_that_of_the_nearest_element_that_says_it() {
    let found = microformats_of(
        "<html lang=en><div class=h-entry><div class=e-content lang=de>x</div>\
         <div class=e-summary>y</div><div lang=''><p class='p-author h-card'>z",
    );
    let item = &found["items"][0];
    assert_eq!(item["lang"], "en");
    assert_eq!(item["properties"]["content"][0]["lang"], "de");
    assert_eq!(item["properties"]["summary"][0]["lang"], "en");
    assert_eq!(item["properties"]["author"][0].get("lang"), None);
}

#[test]
fn a_picture_may_have_several_sizes() {
    let photo = properties("<p class=h-x><img class=u-photo src=a srcset='b 2x, c 640w'>");
    let sizes = json!({ "2x": "https://ex.com/b", "640w": "https://ex.com/c" });
    assert_eq!(
        photo["photo"],
        json!([{ "value": "https://ex.com/a", "srcset": sizes }])
    );
}

#[test]
fn markup_is_made_absolute_and_loses_templates() {
    let found = properties(
        "<div class=h-x><div class=e-a> <a href=/x title='a &quot;b&quot;'>1&nbsp;<b>2</a>\
         <template><i>no</i></template><img srcset='/a, /b 2x'> </div>",
    );
    assert_eq!(
        found["a"][0]["html"],
        "<a href=\"https://ex.com/x\" title=\"a &quot;b&quot;\">1&nbsp;<b>2</b></a><b>\
         <img srcset=\"https://ex.com/a, https://ex.com/b 2x\"> </b>"
    );
}

#[test]
fn a_time_takes_the_date_of_the_one_before() {
    let found = properties(
        "<div class=h-event><time class=dt-start datetime=2020-01-02T10:00>x</time>\
         <p class=dt-end><b class=value>11:30</b></p>",
    );
    assert_eq!(found["end"], json!(["2020-01-02 11:30"]));
}

#[test]
fn collapsed_texts_are_fit_to_be_shown() {
    let page = "<div class=h-entry><div class='e-content p-name'> <p>One\n two</p><p>three<br>four \
                <b>fi</b>ve\u{202e}</p></div><b class=p-note>a\u{a0} b</b>";
    let options = Options {
        space: Space::Collapsed,
        ..Options::default()
    };
    let found = parse_with(page, &base(), &options);
    let entry = &found.items[0];
    assert_eq!(
        entry.first("name").unwrap().text(),
        "One two three four five"
    );
    assert_eq!(
        entry.first("content").unwrap().text(),
        "One two three four five"
    );
    assert_eq!(entry.first("note").unwrap().text(), "a b");
    let Some(Value::Html(content)) = entry.first("content") else {
        panic!("{entry:?}");
    };
    assert!(content.html.starts_with("<p>One\n two</p><p>"));
    let written = parse(page, &base());
    let name = written.items[0].first("name").unwrap();
    assert_eq!(name.text(), "One\n twothreefour five\u{202e}");
    assert_eq!(name.display(), "One twothreefour five");
}

#[test]
fn classic_recipes_and_reviews_are_read() {
    let found = properties(
        "<div class=hrecipe><b class=fn>Pie</b><i class=ingredient>Egg</i><p class=instructions>Mix</p>",
    );
    assert_eq!(found["name"], json!(["Pie"]));
    assert_eq!(found["ingredient"], json!(["Egg"]));
    assert_eq!(
        found["instructions"],
        json!([{ "html": "Mix", "value": "Mix" }])
    );
    // The word is too common to mean anything elsewhere.
    assert!(
        microformats("<li class=item><b class=fn>x</b>")
            .items
            .is_empty()
    );
}

#[test]
fn classic_classes_do_not_count_beside_those_of_today() {
    let found = properties("<div class='h-card vcard'><b class=fn>no</b><b class=p-name>yes</b>");
    assert_eq!(found, json!({ "name": ["yes"] }));
}

#[test]
fn items_answer_questions() {
    let found = microformats("<p class=h-entry><a class='u-author h-card' href=/a>Ann</a>");
    let entry = &found.items[0];
    assert!(entry.is("h-entry"));
    let author = entry.first("author").unwrap();
    assert_eq!(author.text(), "https://ex.com/a");
    assert_eq!(author.item().unwrap().first("name").unwrap().text(), "Ann");
    assert!(entry.first("name").is_none());
}

#[test]
fn without_a_base_links_stay_as_they_are() {
    let page = "<p class=h-x><a class=u-a href=b></a><a class=u-b href=''></a>";
    let found = parse(page, &Url::parse("about:blank").unwrap());
    assert_eq!(found.items[0].first("a").unwrap().text(), "b");
    assert_eq!(found.items[0].first("b").unwrap().text(), "");
}
