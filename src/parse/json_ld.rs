//! The few facts that JSON-LD scripts give about a page: author, date, title and site name.

use serde_json::{Map, Value};

/// A script longer than this is data, not a description of the page.
const MAX_SCRIPT_BYTES: usize = 256 * 1024;
/// Objects that are looked at in all scripts together.
const MAX_OBJECTS: usize = 500;

/// Types that describe what is to be read on the page.
const ARTICLES: [&str; 9] = [
    "Article",
    "BlogPosting",
    "NewsArticle",
    "TechArticle",
    "ScholarlyArticle",
    "SocialMediaPosting",
    "Report",
    "Review",
    "WebPage",
];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The author's name.
    pub(super) author: Option<String>,
    /// The author's page.
    pub(super) author_url: Option<String>,
    /// When it was published.
    pub(super) published: Option<String>,
    /// The title.
    pub(super) headline: Option<String>,
    /// The name of the site, or of the publisher.
    pub(super) site: Option<String>,
}

/// Reads the scripts; those that are not JSON are passed over.
pub(super) fn facts(scripts: &[&str]) -> Facts {
    let values: Vec<Value> = scripts
        .iter()
        .filter(|script| script.len() <= MAX_SCRIPT_BYTES)
        .filter_map(|script| serde_json::from_str(script.trim()).ok())
        .collect();
    let objects = objects(&values);
    let mut facts = Facts::default();
    for object in objects
        .iter()
        .filter(|o| ARTICLES.iter().any(|of| is(o, of)))
    {
        facts.note_article(object, &objects);
    }
    for object in objects.iter().filter(|object| is(object, "WebSite")) {
        fill(&mut facts.site, text(object, "name"));
    }
    facts
}

/// The objects that stand for themselves: at the top, in arrays there, and in `@graph`.
fn objects(values: &[Value]) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items.iter().rev()),
            Value::Object(object) => {
                found.push(object);
                waiting.extend(object.get("@graph"));
                waiting.extend(object.get("mainEntity"));
            }
            _ => {}
        }
        if found.len() >= MAX_OBJECTS {
            break;
        }
    }
    found
}

impl Facts {
    fn note_article(&mut self, object: &Map<String, Value>, all: &[&Map<String, Value>]) {
        fill(&mut self.published, text(object, "datePublished"));
        fill(&mut self.headline, text(object, "headline"));
        if let Some(publisher) = object.get("publisher").and_then(Value::as_object) {
            fill(&mut self.site, text(publisher, "name"));
        }
        if self.author.is_some() {
            return;
        }
        let author = match object.get("author") {
            Some(Value::Array(authors)) => authors.first(),
            author => author,
        };
        match author {
            Some(Value::String(name)) => self.author = Some(name.clone()),
            Some(Value::Object(author)) => {
                // In a graph the author is often named by a reference.
                let id = text(author, "@id");
                let author = match (text(author, "name"), &id) {
                    (None, Some(_)) => all
                        .iter()
                        .copied()
                        .find(|o| text(o, "@id") == id && o.contains_key("name"))
                        .unwrap_or(author),
                    _ => author,
                };
                self.author = text(author, "name");
                self.author_url = text(author, "url");
            }
            _ => {}
        }
    }
}

fn is(object: &Map<String, Value>, of: &str) -> bool {
    match object.get("@type") {
        Some(Value::String(name)) => name == of,
        Some(Value::Array(names)) => names.iter().any(|name| name == of),
        _ => false,
    }
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn fill(slot: &mut Option<String>, value: Option<String>) {
    if slot.is_none() {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_found_by_value_and_by_reference() {
        for script in [
            r#"{"@type":"BlogPosting","author":"Ann"}"#,
            r#"[{"@type":["Article","X"],"author":[{"name":"Ann"},{"name":"Bob"}]}]"#,
            r##"{"@graph":[{"@type":"Article","author":{"@id":"#a"}},{"@id":"#a","@type":"Person","name":"Ann"}]}"##,
        ] {
            assert_eq!(facts(&[script]).author.as_deref(), Some("Ann"), "{script}");
        }
        for script in ["", "{", "null", r#"{"@type":"Person","name":"Ann"}"#] {
            assert_eq!(facts(&[script]), Facts::default(), "{script}");
        }
    }
}
