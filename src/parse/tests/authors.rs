//! Who wrote an entry, by the authorship algorithm.

use super::entries::{entry_of, read};

#[test]
fn the_author_is_found_as_the_authorship_algorithm_says() {
    let link = "<p class=e-content><a href='{T}'>x</a></p>";
    for (body, name, url, page) in [
        (
            "<div class=h-entry><a class='p-author h-card' href=/ann>Ann</a>{L}</div>",
            Some("Ann"),
            Some("https://blog.example/ann"),
            None,
        ),
        (
            "<div class=h-entry><span class=p-author>Ann</span>{L}</div>",
            Some("Ann"),
            None,
            None,
        ),
        (
            "<div class=h-entry><a class=u-author href=/ann></a>{L}</div>",
            None,
            Some("https://blog.example/ann"),
            Some("https://blog.example/ann"),
        ),
        (
            "<div class=h-entry><a class=u-author href=/ann></a>{L}</div><a class=h-card href=/ann>Ann</a>",
            Some("Ann"),
            Some("https://blog.example/ann"),
            Some("https://blog.example/ann"),
        ),
        (
            "<div class=h-entry>{L}</div><a rel=author href=/ann>about me</a>",
            Some("about me"),
            Some("https://blog.example/ann"),
            Some("https://blog.example/ann"),
        ),
        (
            "<div class=h-entry>{L}</div><a class=h-card href='https://blog.example/'>Ann</a>",
            Some("Ann"),
            Some("https://blog.example/"),
            None,
        ),
        (
            "<div class=h-entry>{L}</div><a class=h-card href='https://friend.example/'>Friend</a>",
            None,
            None,
            None,
        ),
        (
            "<div class=h-entry><a class=u-author href='javascript:alert(1)'></a>{L}</div>",
            None,
            None,
            None,
        ),
        (
            "<a class=u-author href=/bob></a><div class=h-feed><span class=p-author>Ann</span><div class=h-entry>{L}</div></div>",
            Some("Ann"),
            None,
            None,
        ),
    ] {
        let reading = read(&body.replace("{L}", link));
        let asked = reading
            .author_page
            .as_ref()
            .map(|page| page.as_str().to_owned());
        let author = entry_of(reading).author.unwrap_or_default();
        assert_eq!(
            (
                author.name.as_deref(),
                author.url.as_deref(),
                asked.as_deref()
            ),
            (name, url, page),
            "{body}"
        );
    }
}
