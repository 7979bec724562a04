//! Whole scripts, and what they tell of the page at `https://blog.example/post`.

use url::Url;

use crate::model::PageKey;

use super::{Of, Told, parse};

/// What `read` makes of the scripts.
fn told<T>(scripts: &[&str], read: impl Fn(&Told<'_>) -> T) -> T {
    let url = Url::parse("https://blog.example/post").unwrap();
    let values = parse(scripts);
    read(&Told::of(&values, &url, &[PageKey::of(&url)]))
}

fn first(script: &str, of: Of, key: &str) -> Option<String> {
    told(&[script], |told| {
        let mut texts = told.texts(of, key).into_iter();
        texts.next().map(|text| text.value.into_owned())
    })
}

fn author(script: &str) -> Option<String> {
    told(&[script], |told| {
        let mut agents = told.agents(Of::Article, "author").into_iter();
        agents.next()?.value.name.map(std::borrow::Cow::into_owned)
    })
}

#[test]
fn an_author_is_found_by_value_and_by_reference() {
    for script in [
        r#"{"@type":"BlogPosting","author":"Ann"}"#,
        r#"[{"@type":["Article","X"],"author":[{"name":"Ann"},{"name":"Bob"}]}]"#,
        r#"{"@type":"http://schema.org/NewsArticle","author":{"@type":"Person","name":["Ann","Anna"]}}"#,
        r##"{"@graph":[{"@type":"Article","author":{"@id":"#a"}},{"@id":"#a","@type":"Person","name":"Ann"}]}"##,
        r##"{"@graph":[{"@type":"Article","author":[{"@id":"#a"}]},{"@type":"WebPage","creator":{"@id":"#a","name":"Ann"}}]}"##,
        r#"{"@type":"WebPage","mainEntity":{"@type":"Question","author":{"name":"Ann"}}}"#,
    ] {
        assert_eq!(author(script).as_deref(), Some("Ann"), "{script}");
    }
    for script in [
        "",
        "{",
        "null",
        r#"{"@type":"Person","name":"Ann"}"#,
        r#"{"@type":"Article","author":""}"#,
        r#"{"@type":"ItemList","itemListElement":[{"@type":"Article","author":"Ann"}]}"#,
        r##"{"@graph":[{"@type":"Article","author":{"@id":"#a"}},{"@id":"#a","author":{"@id":"#a"}}]}"##,
    ] {
        assert_eq!(author(script), None, "{script}");
    }
}

#[test]
fn the_object_that_is_the_page_stands_before_its_neighbours() {
    let other = r#"{"@type":"Article","headline":"Other","url":"https://blog.example/other"}"#;
    for (objects, want) in [
        (
            r#"{"@type":"Article","headline":"This","url":"https://blog.example/post/"}"#,
            Some("This"),
        ),
        (
            r#"{"@type":"Article","headline":"This","@id":"http://blog.example/post#article"}"#,
            Some("This"),
        ),
        (
            r#"{"@type":"Article","headline":"This","mainEntityOfPage":{"@type":"WebPage","@id":"/post"}}"#,
            Some("This"),
        ),
        (r#"{"@type":"Article","headline":"This"}"#, Some("This")),
        (
            r#"{"@type":"Article","headline":"Third","url":"https://blog.example/third"}"#,
            None,
        ),
    ] {
        let script = format!("[{other},{objects}]");
        assert_eq!(
            first(&script, Of::Article, "headline").as_deref(),
            want,
            "{objects}"
        );
    }
    // An only article is the page, whatever address it was given before the site moved.
    assert_eq!(
        first(other, Of::Article, "headline").as_deref(),
        Some("Other")
    );
}

#[test]
fn the_article_is_certain_where_nothing_else_can_be_meant() {
    for (script, certain) in [
        (r#"{"@type":"Article"}"#, true),
        (r#"[{"@type":"Article"},{"@type":"Article"}]"#, false),
        (
            r#"[{"@type":"Article"},{"@type":"Article","url":"/post"}]"#,
            true,
        ),
        (r#"{"@type":"Article","url":"/elsewhere"}"#, false),
        (r#"{"@type":"WebPage"}"#, false),
    ] {
        assert_eq!(
            told(&[script], |told: &Told<'_>| told.is_certain()),
            certain,
            "{script}"
        );
    }
}

#[test]
fn sites_and_publishers_are_told_apart_from_articles() {
    let script = r##"{"@graph":[
        {"@type":"Article","isPartOf":{"@id":"#site"},"publisher":{"@type":"Organization","name":"Press","logo":{"@type":"ImageObject","url":"/logo.png"}}},
        {"@type":["WebPage","FAQPage"],"name":"Post - Notes","datePublished":"2011-05-15"},
        {"@type":"WebSite","@id":"#site","name":"Notes"}]}"##;
    assert_eq!(first(script, Of::Site, "name").as_deref(), Some("Notes"));
    assert_eq!(
        first(script, Of::Publisher, "name").as_deref(),
        Some("Press")
    );
    assert_eq!(
        first(script, Of::Page, "datePublished").as_deref(),
        Some("2011-05-15")
    );
    let logo = told(&[script], |told| {
        let logo = told.links(Of::Publisher, "logo").remove(0);
        (logo.value.to_owned(), logo.path)
    });
    assert_eq!(
        logo,
        (
            "/logo.png".to_owned(),
            "@graph[0].publisher.logo".to_owned()
        )
    );
    let nested = r#"{"@type":"BlogPosting","isPartOf":{"@type":"Blog","name":"Notes"}}"#;
    assert_eq!(first(nested, Of::Site, "name").as_deref(), Some("Notes"));
}

#[test]
fn texts_are_read_in_every_form_they_have() {
    for (value, want) in [
        (r#""It&#8217;s &amp;amp; so""#, Some("It’s &amp; so")),
        (r#"["", "b"]"#, Some("b")),
        (r#"{"@type":"Thing","name":"c"}"#, Some("c")),
        (r#"{"@value":"d","@language":"en"}"#, Some("d")),
        ("7", None),
        ("null", None),
        ("{}", None),
    ] {
        let script = format!(r#"{{"@type":"Article","headline":{value}}}"#);
        assert_eq!(
            first(&script, Of::Article, "headline").as_deref(),
            want,
            "{value}"
        );
    }
}

#[test]
fn scripts_without_end_are_read_up_to_a_bound() {
    let many = format!(
        r#"{{"@graph":[{}{{"@type":"Article","headline":"Late"}}]}}"#,
        r#"{"@type":"Thing"},"#.repeat(2000)
    );
    assert_eq!(first(&many, Of::Article, "headline"), None);
    let long = format!(
        r#"{{"@type":"Article","headline":"Long","x":"{}"}}"#,
        "x".repeat(300_000)
    );
    assert_eq!(first(&long, Of::Article, "headline"), None);
    let keys = format!(
        r#"{{"{}":{{"@type":"Article"}},"@type":"Article","headline":"A"}}"#,
        "k".repeat(1000)
    );
    assert_eq!(first(&keys, Of::Article, "headline").as_deref(), Some("A"));
    let deep = format!("{}1{}", r#"{"mainEntity":"#.repeat(100), "}".repeat(100));
    assert_eq!(first(&deep, Of::Article, "headline"), None);
}
