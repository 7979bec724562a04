//! The `srcset` attribute.

/// Splits a `srcset` (HTML Standard, §4.8.4.2.1): a comma within an address does not part.
pub(super) fn candidates(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (link, after) = rest.split_at_checked(end)?;
        let bare = link.trim_end_matches(',');
        if bare.len() < link.len() {
            rest = after;
            return Some((bare, ""));
        }
        let end = after.find(',').unwrap_or(after.len());
        let (descriptor, after) = after.split_at_checked(end)?;
        rest = after;
        Some((link, descriptor.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srcset_is_split_at_the_commas_that_part() {
        for (srcset, want) in [
            ("", vec![]),
            ("a.png", vec![("a.png", "")]),
            ("a.png 1x, b.png 2x", vec![("a.png", "1x"), ("b.png", "2x")]),
            (" a.png,b.png 2x ", vec![("a.png,b.png", "2x")]),
            (
                "/w_100,h_50/a.png 100w,\n\t/b.png 200w",
                vec![("/w_100,h_50/a.png", "100w"), ("/b.png", "200w")],
            ),
            (
                "a.jpg, b.jpg 2x,c,d.jpg 640w,, e.jpg",
                vec![
                    ("a.jpg", ""),
                    ("b.jpg", "2x"),
                    ("c,d.jpg", "640w"),
                    ("e.jpg", ""),
                ],
            ),
        ] {
            assert_eq!(candidates(srcset).collect::<Vec<_>>(), want, "{srcset}");
        }
    }
}
