//! Links that say what an entry answers, and not what it says: `In reply to: …`.

use scraper::node::Element;

use crate::parse::document::{Ref, element, has_word, nodes};

use super::kind::{has_class, is_content, is_whole};

/// A marked line that says more than this beyond its link is part of the text.
const MAX_CHARS: usize = 60;
/// Nodes of an entry in which its text is looked for.
const MAX_STEPS: usize = 2000;

/// Classes of links to what an entry responds to, or of what stands round them.
const MARKS: [&str; 7] = [
    "in-reply-to",
    "reply-context",
    "u-bookmark-of",
    "u-in-reply-to",
    "u-like-of",
    "u-repost-of",
    "u-comment-of",
];

/// What stands before such a link, without marks.
const LABELS: [&str; 41] = [
    "a reply to",
    "a répondu à",
    "als antwort auf",
    "antwoord op",
    "antwort auf",
    "antwortete auf",
    "em resposta a",
    "en respuesta a",
    "en réponse à",
    "ha risposto a",
    "hat geantwortet auf",
    "in antwoord op",
    "in reply to",
    "in reply to a post by",
    "in response to",
    "in risposta a",
    "re",
    "reageerde op",
    "replied to",
    "replies to",
    "reply to",
    "replying to",
    "respondendo a",
    "respondeu a",
    "responding to",
    "respondió a",
    "response to",
    "respuesta a",
    "risposta a",
    "réponse à",
    "som svar på",
    "svar på",
    "svar til",
    "vastauksena",
    "w odpowiedzi na",
    "в ответ на",
    "ответ на",
    "回复",
    "回覆",
    "返信",
    "返信先",
];

/// Whether the line round `link` only says what the entry answers.
pub(super) fn is_context(link: Ref<'_>, before: &str, after: &str) -> bool {
    if is_label(before) && !has_words(after) {
        return true;
    }
    let mut marked = false;
    for element in within_entry(link) {
        if is_content(element) {
            return false;
        }
        marked |= has_class(element, &MARKS) || has_word(element, "rel", "in-reply-to");
    }
    let count = |text: &str| text.trim().chars().take(MAX_CHARS).count();
    marked && count(before).saturating_add(count(after)) < MAX_CHARS
}

/// Whether `text` is nothing but words like `In reply to`.
pub(super) fn is_label(text: &str) -> bool {
    // Much longer text need not be looked at.
    let text: String = text.chars().take(MAX_CHARS).collect();
    let label = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    LABELS.contains(&label.as_str())
}

/// Whether there is a letter or a digit in it.
pub(super) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// What is marked as the text of the entry in which `link` stands, if it is not round the link.
pub(super) fn content(link: Ref<'_>) -> Option<Ref<'_>> {
    let entry = link.ancestors().find(|&node| is_whole(node))?;
    let is_cited = |node: Ref<'_>| {
        node.ancestors()
            .take_while(|outer| outer.id() != entry.id())
            .filter_map(element)
            .any(|e| has_class(e, &MARKS) || has_class(e, &["h-cite"]))
    };
    let content = nodes(entry)
        .take(MAX_STEPS)
        .find(|&node| element(node).is_some_and(is_content) && !is_cited(node))?;
    link.ancestors()
        .all(|node| node.id() != content.id())
        .then_some(content)
}

/// The link and what is round it, up to the whole text.
fn within_entry(link: Ref<'_>) -> impl Iterator<Item = &Element> {
    std::iter::once(link)
        .chain(link.ancestors().take_while(|&node| !is_whole(node)))
        .filter_map(element)
}
