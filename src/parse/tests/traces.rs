//! What each thing was read from, as `explain` tells it.

use std::fs;
use std::path::Path;

use super::facts::LINK;
use super::{html, read, target};
use crate::parse::read_source;

#[test]
fn every_step_names_the_element_it_is_from() {
    let steps = read(&format!(
        "<html lang=en><title>On links - Notes</title><link rel=canonical href=/c><link rel=icon href=/i.png>
         <meta property='og:site_name' content=Notes><meta property='og:image' content=/x.png>
         <script type='application/ld+json'>{{\"@graph\":[{{\"@type\":\"Article\",\"author\":[{{\"name\":\"Ann\"}}]}}]}}</script>
         <article class=post><h1 itemprop=headline>On links</h1><p class=entry-date>May 15, 2011</p>
         <a rel=tag href=/t>t</a>{LINK}</article>"
    ))
    .trace;
    let elements: Vec<_> = steps
        .iter()
        .map(|step| (step.field, step.element.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        elements,
        [
            ("link", "a"),
            ("title", "title"),
            ("site", "meta[property=\"og:site_name\"]"),
            (
                "author",
                "script[type=\"application/ld+json\"] @graph[0].author"
            ),
            ("published", "p.entry-date"),
            ("url", "link"),
            ("photo", "meta[property=\"og:image\"]"),
            ("icon", "link"),
            ("categories", "a"),
            ("excerpt", "a"),
            ("language", "html"),
        ]
    );
}

#[test]
fn every_step_of_every_page_names_the_element_it_is_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages");
    let mut count = 0;
    let mut nameless = Vec::new();
    for kind in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(kind.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "html") {
                continue;
            }
            count += 1;
            let page = html(fs::read(&path).unwrap());
            let wanted = target("https://ex.com/articles/why-we-link");
            let steps = read_source(&page, &wanted).trace;
            let bare = steps.iter().filter(|step| step.element.is_none());
            // That a link is in no entry is said of no element.
            let bare = bare.filter(|step| step.field != "entry");
            nameless.extend(bare.map(|step| format!("{}: {step:?}", path.display())));
        }
    }
    assert_eq!(nameless, Vec::<String>::new());
    assert!(count >= 50, "{count} pages");
}
