//! Where an entry was written, or where what it tells of takes place.

use crate::model::Location;
use crate::parse::facts::{MAX_NAME, web_address};
use crate::parse::microformats::{Item, Value};
use crate::parse::words::clean;

use super::fields::Fields;

impl Fields<'_, '_> {
    /// Where it was written or takes place.
    pub(super) fn location(&mut self) -> Option<Location> {
        let (name, location) = ["checkin", "location"].into_iter().find_map(|name| {
            let mut values = self.item.all(name).iter();
            Some((name, values.find_map(|value| self.place(value))?))
        })?;
        self.note(
            "location",
            name,
            location.name.as_deref().unwrap_or_default(),
        );
        Some(location)
    }

    fn place(&self, value: &Value) -> Option<Location> {
        let Some(item) = value.item() else {
            let text = clean(value.text(), MAX_NAME)?;
            let url = web_address(self.base, &text).filter(|_| text.contains("://"));
            return Some(match url {
                Some(url) => Location {
                    url: Some(url.into()),
                    ..Location::default()
                },
                None => Location {
                    name: Some(text),
                    ..Location::default()
                },
            });
        };
        let first = |of: &Item, name: &str| {
            of.all(name)
                .iter()
                .find_map(|value| clean(value.text(), MAX_NAME))
        };
        // An address and a position may stand in the place or in items of their own within it.
        let parts: Vec<&Item> = std::iter::once(item)
            .chain(
                ["adr", "geo"]
                    .iter()
                    .flat_map(|name| item.all(name).iter().filter_map(Value::item)),
            )
            .chain(&item.children)
            .collect();
        let number = |name: &str| {
            parts.iter().find_map(|part| {
                let degrees: f64 = first(part, name)?.parse().ok()?;
                degrees.is_finite().then_some(degrees)
            })
        };
        let coordinates = number("latitude")
            .zip(number("longitude"))
            .filter(|(latitude, longitude)| latitude.abs() <= 90.0 && longitude.abs() <= 180.0);
        let address = || {
            let names = ["street-address", "locality", "region", "country-name"];
            let lines: Vec<String> = names
                .iter()
                .filter_map(|name| parts.iter().find_map(|part| first(part, name)))
                .collect();
            (!lines.is_empty()).then(|| lines.join(", "))
        };
        // The name of a bare position is implied: its numbers.
        let has_words = |name: &String| name.chars().any(char::is_alphabetic);
        let location = Location {
            name: first(item, "name").filter(has_words).or_else(address),
            url: item
                .all("url")
                .iter()
                .find_map(|url| web_address(self.base, url.text()))
                .map(String::from),
            coordinates,
        };
        (location != Location::default()).then_some(location)
    }
}
