//! Pages that mark what they say with microdata or `RDFa`.

use super::entry;
use crate::model::{AuthoredTime, Entry};

const LINK: &str = "<p>Here is a <a href='https://ex.com/a'>link</a> within the text.</p>";

fn published(entry: &Entry) -> Option<&str> {
    entry.published.as_ref().map(AuthoredTime::as_str)
}

#[test]
fn an_item_of_microdata_says_what_the_article_is() {
    // As Jekyll's minima, Blogger and Genesis write it.
    let got = entry(&format!(
        "<title>Notes</title><body itemscope itemtype='http://schema.org/WebPage'>
         <article itemscope itemtype='http://schema.org/BlogPosting' class=post>
         <header><h1 itemprop='name headline'>On links</h1>
         <meta itemprop=url content='https://source.example/on-links'>
         <meta itemprop=dateModified content='2011-06-01'>
         <time datetime='2011-05-15T09:30:00+02:00' itemprop=datePublished>May 15</time>
         <span itemprop=author itemscope itemtype='http://schema.org/Person'>
         <a itemprop=url href='/ann'><span itemprop=name>Ann Other</span></a><img itemprop=image src=/ann.png></span></header>
         <div itemprop=image itemscope itemtype='https://schema.org/ImageObject'><img src=/x.png><meta itemprop=url content=/big.png></div>
         <div itemprop=articleBody>{LINK}<p>And more.</p></div>
         <meta itemprop=keywords content='links, webs'></article>"
    ));
    let author = got.author.clone().unwrap();
    assert_eq!(author.name.as_deref(), Some("Ann Other"));
    assert_eq!(author.url.as_deref(), Some("https://source.example/ann"));
    assert_eq!(
        author.photo.as_deref(),
        Some("https://source.example/ann.png")
    );
    assert_eq!(published(&got), Some("2011-05-15T09:30:00+02:00"));
    assert_eq!(got.updated.unwrap().as_str(), "2011-06-01");
    assert_eq!(got.photos[0].url, "https://source.example/big.png");
    assert_eq!(got.categories, ["links", "webs"]);
    assert_eq!(
        got.content.unwrap().text,
        "Here is a link within the text.\n\nAnd more."
    );
}

#[test]
fn rdfa_is_read_as_drupal_writes_it() {
    for markup in [
        "<div class=node typeof='sioc:Item foaf:Document' about=/n/1><span property='dc:title' content='On links'></span>
         <div class=meta><span property='dc:date dc:created' content='2011-05-15T09:30:00+02:00' rel='sioc:has_creator'>Submitted by
         <a typeof='sioc:UserAccount' property='foaf:name' href=/user/1>ann</a></span></div><div property='content:encoded'>LINK</div></div>",
        "<article typeof='schema:Article'><h1><span property='schema:name'>On links</span></h1>
         <span rel='schema:author'><span typeof='schema:Person' property='schema:name'>ann</span></span>
         <span property='schema:dateCreated' content='2011-05-15T09:30:00+02:00'></span><div property='schema:text'>LINK</div></article>",
    ] {
        let got = entry(&markup.replace("LINK", LINK));
        assert_eq!(got.title.as_deref(), Some("On links"));
        assert_eq!(got.author.clone().unwrap().name.as_deref(), Some("ann"));
        assert_eq!(published(&got), Some("2011-05-15T09:30:00+02:00"));
        assert!(got.content.unwrap().text.starts_with("Here is a link"));
    }
}

#[test]
fn one_of_several_items_speaks_for_itself_alone() {
    let head = "<title>Notes</title><meta name=author content=Ed><meta property='article:published_time' content='2001-01-01'>
        <meta property='og:image' content=/logo.png><meta property='og:description' content='All notes'>";
    let other = "<div itemscope itemtype='http://schema.org/BlogPosting'><h2 itemprop=headline>Other</h2></div>";
    let post = entry(&format!(
        "{head}{other}<div itemscope itemtype='http://schema.org/BlogPosting'><h2 itemprop=headline>On links</h2>
         <a itemprop=url href=/on-links>#</a><span itemprop=author>Ann</span>
         <time itemprop=datePublished datetime=2011-05-15></time>{LINK}</div>"
    ));
    assert_eq!(post.title.as_deref(), Some("On links"));
    assert_eq!(post.url, "https://source.example/on-links");
    assert_eq!(post.author.clone().unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(published(&post), Some("2011-05-15"));
    assert_eq!((post.summary.as_deref(), post.photos.len()), (None, 0));
    // Discourse and Stack Exchange mark answers; the page's title is that of what they answer.
    let answer = entry(&format!(
        "{head}<div itemscope itemtype='http://schema.org/QAPage'><div itemprop=mainEntity itemscope itemtype='http://schema.org/Question'>
         <h1 itemprop=name>Why link?</h1><span itemprop=author>Ann</span>
         <div id=a2 itemprop=suggestedAnswer itemscope itemtype='http://schema.org/Answer'><div itemprop=text>{LINK}</div>
         <span itemprop=author itemscope itemtype='http://schema.org/Person'><span itemprop=name>bob</span></span></div></div></div>"
    ));
    assert_eq!(answer.title.as_deref(), Some("Notes"));
    assert_eq!(answer.url, "https://source.example/post#a2");
    assert_eq!(answer.author.clone().unwrap().name.as_deref(), Some("bob"));
    assert_eq!(published(&answer), None);
}
