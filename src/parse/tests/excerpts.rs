//! The words round the link, case by case.

use super::{entry, read};
use crate::model::Excerpt;

const A: &str = "<a href='https://ex.com/a'>";

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row for each case")]
fn the_words_round_the_link_are_shown() {
    let long = "One two three four five six seven eight nine ten. ".repeat(20);
    for (name, body, want) in [
        (
            "nested markup in the link",
            format!("<p>I have just read {A}the <b>very</b> <i>best</i></a> of all articles.</p>"),
            ("I have just read ", "the very best", " of all articles."),
        ),
        (
            "white space and line ends",
            format!("<p>\n  I have just\n read {A} this\n thing </a>, and\tliked it.\n</p>"),
            ("I have just read ", "this thing", " , and liked it."),
        ),
        (
            "two links in one paragraph",
            format!("<p>Either {A}this</a> or {A}that</a>, but what is it?</p>"),
            ("Either ", "this", " or that, but what is it?"),
        ),
        (
            "a card before the link in the text",
            format!("<div>{A}<div>A title</div><div>What it is about, in a box.</div></a></div><p>I read {A}this</a>, and more than once.</p>"),
            ("I read ", "this", ", and more than once."),
        ),
        (
            "pictures that are words, and marks of notes",
            format!("<p>I like <img class=wp-smiley src=x alt=':)'> {A}this</a><sup><a href='#n1'>1</a></sup> so much <img src=y alt='❤️'></p>"),
            ("I like :) ", "this", " so much ❤️"),
        ),
        (
            "empty lines in preformatted text",
            format!("<pre>On Monday Ann wrote:\n&gt; What do you read?\n\nI read this, and\nmore than once:\n\n  {A}https://ex.com/a</a>\n\nIt is short.\n\nBob</pre>"),
            ("I read this, and more than once: ", "https://ex.com/a", " It is short."),
        ),
        (
            "rows before that of a link",
            format!("<table><tr><td>Home | New | Old</td></tr><tr><td><table><tr><td>{A}A title</a> (ex.com)</td></tr></table></td></tr></table>"),
            ("", "A title", " (ex.com)"),
        ),
        (
            "a wrapped heading over a lone link",
            format!("<div><div><div><h2>October</h2></div></div><div><div>{A}A title</a></div></div></div>"),
            ("October: ", "A title", ""),
        ),
        (
            "who is quoted",
            format!("<blockquote><p>So it is.</p><footer>— <a class='p-author h-card' href=/x>Ann</a>, {A}A title</a></footer></blockquote>"),
            ("So it is. — Ann, ", "A title", ""),
        ),
        (
            "line break",
            format!("<p>The first line is here<br>{A}link</a><br>the last line</p>"),
            ("The first line is here ", "link", " the last line"),
        ),
        (
            "table cell",
            format!("<table><tr><td>Other cell<td>Here is a {A}link</a> within a table</table>"),
            ("Here is a ", "link", " within a table"),
        ),
        (
            "other blocks are not part of it",
            format!("<p>Before.</p><p>Here is a {A}link</a> within a paragraph.</p><p>After.</p>"),
            ("Here is a ", "link", " within a paragraph."),
        ),
        (
            "script, style and hidden text",
            format!("<p>Here <script>1</script><style>p{{}}</style><span hidden>no</span><b style='display: none'>no</b>is a {A}link</a> that one can see.</p>"),
            ("Here is a ", "link", " that one can see."),
        ),
        (
            "image link",
            format!("<p>A picture of the sea {A}<img src=x alt='The sea'></a> and more.</p>"),
            ("A picture of the sea ", "The sea", " and more."),
        ),
        (
            "image as the link",
            "<p>This picture is from there: <img src='https://ex.com/a' alt='The sea'> and more.</p>".to_owned(),
            ("This picture is from there: ", "The sea", " and more."),
        ),
        (
            "link without words",
            "<p>This picture is from there: <a href='https://ex.com/a' title='The sea'></a> and more.</p>".to_owned(),
            ("This picture is from there: ", "The sea", " and more."),
        ),
        (
            "right to left",
            format!("<p dir=rtl>قرأت اليوم {A}هذا المقال</a> وأعجبني كثيرا جدا.</p>"),
            ("قرأت اليوم ", "هذا المقال", " وأعجبني كثيرا جدا."),
        ),
        (
            "text without spaces",
            format!("<p>今天我读了{A}这篇文章</a>，觉得非常有意思，推荐给大家阅读一下吧。</p>"),
            ("今天我读了", "这篇文章", "，觉得非常有意思，推荐给大家阅读一下吧。"),
        ),
        (
            "characters that would reorder or hide",
            format!("<p>Just a link \u{202e}to {A}it\u{0}</a> and \u{2066}something else.</p>"),
            ("Just a link to ", "it", " and something else."),
        ),
        (
            "list of links under a heading",
            format!("<h2>Further reading</h2><ul><li><a href=/x>Other</a></li><li>{A}Title</a></li></ul>"),
            ("Further reading: ", "Title", ""),
        ),
        (
            "link alone in a paragraph of a text",
            format!("<div><p>There is something that you should read:</p><p>{A}Title</a></p><p>Good night.</p></div>"),
            ("There is something that you should read: ", "Title", " Good night."),
        ),
        (
            "link in the menu as well",
            format!("<nav><ul><li>{A}Menu</a></ul></nav><main><p>Here is a {A}link</a> within the text.</p></main>"),
            ("Here is a ", "link", " within the text."),
        ),
        (
            "link in the article's header as well",
            format!("<article><header><p>This answers {A}an article</a> of last week.</p></header><p>Here is a {A}link</a> within the text.</p></article>"),
            ("This answers ", "an article", " of last week."),
        ),
        (
            "link in the page's header as well",
            format!("<header><p>This answers {A}an article</a> of last week.</p></header><div><p>Here is a {A}link</a> within the text.</p></div>"),
            ("Here is a ", "link", " within the text."),
        ),
        (
            "link in the head as well",
            format!("<link rel=me href='https://ex.com/a'><p>Here is a {A}link</a> within the text.</p>"),
            ("Here is a ", "link", " within the text."),
        ),
        (
            "names and dates within a sentence",
            format!("<p>On <time>12 May</time> <a class=h-card href=/>Ann</a> showed us {A}this</a>, and we liked it.</p>"),
            ("On 12 May Ann showed us ", "this", ", and we liked it."),
        ),
        (
            "author and date of the note itself",
            format!("<article class=h-entry><a class='p-author h-card' href=/>Ann</a> I am still thinking about {A}this</a> today. <a class=u-url href=/1><time class=dt-published>12 May</time></a></article>"),
            ("I am still thinking about ", "this", " today."),
        ),
        (
            "byline between title and link",
            format!("<article><h1>Title</h1><p class=meta>by <span class=vcard>Ann</span>, <time>12 May</time></p><p>{A}Here</a></p><p>is what I have read today.</p><footer>Tags: a, b</footer></article>"),
            ("", "Here", " is what I have read today."),
        ),
        (
            "like without words",
            "<article class=h-entry><p><a class=p-author href=/>Ann</a></p><p>Liked <a class=u-like-of href='https://ex.com/a'>Title</a></p><p><time>12 May</time></p></article>".to_owned(),
            ("Liked ", "Title", ""),
        ),
        (
            "bookmark with words",
            "<article class=h-entry><p>Bookmarked <a class=u-bookmark-of href='https://ex.com/a'>Title</a></p><p class=e-content>To read again.</p></article>".to_owned(),
            ("Bookmarked ", "Title", " To read again."),
        ),
        (
            "quotation in a reply's context",
            format!("<article class=h-entry><div class='u-in-reply-to h-cite'><p class=p-content>The quoted words.</p>{A}Title</a></div><p class=e-content>I agree.</p></article>"),
            ("", "Title", " I agree."),
        ),
        (
            "item with a typed bullet",
            format!("<p>• The best of all is {A}this</a>, I think.</p>"),
            ("The best of all is ", "this", ", I think."),
        ),
        (
            "term of a list of definitions",
            format!("<dl><dt>{A}Title</a><dd>What it is about.<dt>Other<dd>Another.</dl>"),
            ("", "Title", " What it is about."),
        ),
        (
            "nested list under the words of an item",
            format!("<h2>All</h2><ul><li>Some books<ul><li>{A}Title</a></ul><li>Films</ul>"),
            ("Some books: ", "Title", ""),
        ),
        (
            "old page without blocks",
            format!("Hello. <b>I have</b> read {A}this</a> page.<br>Bye, and see you soon."),
            ("Hello. I have read ", "this", " page. Bye, and see you soon."),
        ),
    ] {
        let excerpt = entry(&body).excerpt.unwrap();
        let got = (&*excerpt.before, &*excerpt.linked, &*excerpt.after);
        assert_eq!(got, want, "{name}");
    }
    let excerpt = entry(&format!("<p>{long}{A}link</a> {long}</p>"))
        .excerpt
        .unwrap();
    assert!(excerpt.before.starts_with('…') && excerpt.after.ends_with('…'));
    assert!(excerpt.before.chars().count() <= 141 && excerpt.after.chars().count() <= 141);
    assert!(excerpt.before.ends_with("nine ten. ") && excerpt.after.starts_with(" One two"));
}

#[test]
fn a_megabyte_in_one_paragraph_is_cut_to_size() {
    let words = "word &amp; word ".repeat(60_000);
    let Excerpt {
        before,
        linked,
        after,
    } = entry(&format!("<p>{words}{A}{words}</a>{words}</p>"))
        .excerpt
        .unwrap();
    assert!(
        before.starts_with("…") && before.ends_with("& word "),
        "{before}"
    );
    assert!(linked.ends_with('…') && linked.chars().count() <= 101);
    assert!(
        after.ends_with("…") && after.starts_with(" word &"),
        "{after}"
    );
    for part in [before, after] {
        assert!(!part.contains("&amp;") && part.chars().count() <= 142);
    }
}

#[test]
fn entities_and_emoji_at_the_cut_stay_whole() {
    let family = "👨‍👩‍👧‍👦".repeat(200);
    let excerpt = entry(&format!("<p>{family}{A}x</a>{family}</p>"))
        .excerpt
        .unwrap();
    assert_eq!(excerpt.before, format!("…{}", "👨‍👩‍👧‍👦".repeat(140)));
    assert_eq!(excerpt.after, format!("{}…", "👨‍👩‍👧‍👦".repeat(140)));
    let ands = "&amp;".repeat(200);
    let excerpt = entry(&format!("<p>{ands}{A}x</a></p>")).excerpt.unwrap();
    assert_eq!(excerpt.before, format!("…{}", "&".repeat(140)));
}

#[test]
fn a_link_without_words_in_an_entry_has_no_excerpt() {
    let got = entry(
        "<article class=h-entry><p class=e-content>I agree.</p><p><a class=u-in-reply-to href='https://ex.com/a'></a></p></article>",
    );
    assert_eq!(got.excerpt, None);
    assert_eq!(got.content.unwrap().text, "I agree.");
}

#[test]
fn a_link_in_the_head_has_no_excerpt() {
    assert_eq!(
        entry("<link rel=me href='https://ex.com/a'><p>Text").excerpt,
        None
    );
}

#[test]
fn the_language_is_that_of_the_link() {
    for (body, want) in [
        (format!("<html lang=de><p lang=fr>{A}x</a>"), Some("fr")),
        (format!("<html lang=de-AT><p>{A}x</a>"), Some("de-AT")),
        (
            format!("<html><meta property=og:locale content=de_DE><p>{A}x</a>"),
            Some("de-DE"),
        ),
        (
            format!("<html xml:lang=de><p xml:lang=fr-CH>{A}x</a>"),
            Some("fr-CH"),
        ),
        (format!("<html xml:lang=de lang=en><p>{A}x</a>"), Some("en")),
        (
            format!("<meta http-equiv=Content-Language content=de><p>{A}x</a>"),
            Some("de"),
        ),
        (
            format!("<meta http-equiv=Content-Language content='de, en'><p>{A}x</a>"),
            None,
        ),
        (format!("<html lang=de><p lang=''>{A}x</a>"), None),
        (format!("<html lang='no such language'><p>{A}x</a>"), None),
        (format!("<p>{A}x</a>"), None),
    ] {
        assert_eq!(entry(&body).language.as_deref(), want, "{body}");
    }
}

#[test]
fn the_trace_tells_each_step() {
    let reading = read(&format!(
        "<html lang=en><title>Title</title><p>Here is a {A}link</a> within the text."
    ));
    let fields: Vec<_> = reading.trace.iter().map(|step| step.field).collect();
    assert_eq!(fields, ["link", "title", "excerpt", "language"]);
    assert_eq!(reading.trace[0].found, "<a href=\"https://ex.com/a\">");
}
