//! The objects of a page's JSON-LD scripts, where each stands, and what a reference to one means.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

/// Objects that are looked at in all scripts together.
const MAX_OBJECTS: usize = 500;
/// Values that are looked at to find them.
const MAX_VALUES: usize = 50_000;
/// Steps of a path that are shown.
const MAX_STEPS: usize = 12;
/// Bytes of a key that are shown.
const MAX_KEY: usize = 40;

/// An object and the way to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'v> {
    /// Its members.
    pub(super) members: &'v Map<String, Value>,
    /// Whether it stands for itself: at the top, in arrays there, in `@graph` and as `mainEntity`.
    pub(super) stands_alone: bool,
    way: Way<'v>,
}

/// The last step of the way to a value.
#[derive(Debug, Clone, Copy, Default)]
struct Way<'v> {
    /// The object that it is a member of.
    parent: Option<usize>,
    key: &'v str,
    /// Its place in the array that the member is.
    index: Option<usize>,
}

/// The objects, those nearer to the top first.
#[derive(Debug, Default)]
pub(super) struct Objects<'v> {
    all: Vec<Object<'v>>,
    by_id: HashMap<&'v str, usize>,
}

impl<'v> Objects<'v> {
    /// Finds the objects in the values of scripts.
    pub(super) fn of(values: &'v [Value]) -> Self {
        let mut found = Self::default();
        let mut waiting: VecDeque<(&Value, Way<'v>, bool)> = values
            .iter()
            .map(|value| (value, Way::default(), true))
            .collect();
        let mut seen = 0_usize;
        while let Some((value, way, stands_alone)) = waiting.pop_front() {
            seen = seen.saturating_add(1);
            if seen > MAX_VALUES || found.all.len() >= MAX_OBJECTS {
                break;
            }
            match value {
                Value::Array(items) => {
                    waiting.extend(items.iter().enumerate().map(|(at, item)| {
                        let index = Some(at);
                        (item, Way { index, ..way }, stands_alone)
                    }));
                }
                Value::Object(members) => {
                    let at = found.all.len();
                    found.all.push(Object {
                        members,
                        stands_alone,
                        way,
                    });
                    found.note_id(at, members);
                    waiting.extend(members.iter().map(|(key, member)| {
                        let way = Way {
                            parent: Some(at),
                            key,
                            index: None,
                        };
                        let is_part = matches!(key.as_str(), "@graph" | "mainEntity");
                        (member, way, stands_alone && is_part)
                    }));
                }
                _ => {}
            }
        }
        found
    }

    /// Of several objects with one id the first counts that says more than its id.
    fn note_id(&mut self, at: usize, members: &'v Map<String, Value>) {
        if let Some(Value::String(id)) = members.get("@id")
            && members.len() > 1
        {
            self.by_id.entry(id).or_insert(at);
        }
    }

    /// All of them, each with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Object<'v>)> {
        self.all.iter().enumerate()
    }

    /// The object of that number.
    pub(super) fn get(&self, at: usize) -> Option<&Object<'v>> {
        self.all.get(at)
    }

    /// The object that a value is or, as a reference (`{"@id": …}`), means. A reference leads no
    /// further than one step, so that none goes round in circles.
    pub(super) fn resolve(&self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let members = value.as_object()?;
        let id = members.get("@id").and_then(Value::as_str);
        let meant = id.filter(|_| members.len() <= 2).and_then(|id| {
            let at = self.by_id.get(id)?;
            self.all.get(*at)
        });
        Some(meant.map_or(members, |object| object.members))
    }

    /// The way to a member of an object: `@graph[1].author`.
    pub(super) fn path(&self, at: usize, key: &str) -> String {
        let mut steps = vec![key.to_owned()];
        let mut next = self.all.get(at);
        while let Some(object) = next {
            let way = object.way;
            let key = crate::parse::words::head(way.key, MAX_KEY);
            steps.push(match way.index {
                Some(index) => format!("{key}[{index}]"),
                None => key.to_owned(),
            });
            if steps.len() >= MAX_STEPS {
                break;
            }
            next = way.parent.and_then(|parent| self.all.get(parent));
        }
        steps.retain(|step| !step.is_empty());
        steps.reverse();
        steps.join(".")
    }
}
