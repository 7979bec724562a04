//! [`Folder`]: files that are written only where they differ, each as a whole or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::model::PageKey;

/// Where the pages' files are, in the folder.
const PAGES: &str = "pages";

/// Letters of a page's path in the name of its file: enough to know it by.
const MAX_SLUG: usize = 40;

/// Hexadecimal digits of the hash in a name.
const HASH_DIGITS: usize = 16;

/// A folder of exported files.
pub(super) struct Folder {
    root: PathBuf,
    written: usize,
}

impl Folder {
    /// The folder at `root`, made where it is missing.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join(PAGES))?;
        Ok(Self {
            root: root.to_owned(),
            written: 0,
        })
    }

    /// Writes a page's file.
    pub(super) fn page(&mut self, name: &str, text: &str) -> io::Result<()> {
        let path = self.root.join(PAGES).join(format!("{name}.json"));
        self.write(&path, text)
    }

    /// Writes the file that says which page is in which.
    pub(super) fn index(&mut self, text: &str) -> io::Result<()> {
        let path = self.root.join("index.json");
        self.write(&path, text)
    }

    /// How many files were written so far.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    /// Removes files of pages that are not among `names`, and no other files; how many.
    pub(super) fn sweep(&self, names: &BTreeSet<String>) -> io::Result<usize> {
        let mut removed = 0_usize;
        for file in fs::read_dir(self.root.join(PAGES))? {
            let file = file?;
            let full = file.file_name();
            let Some(name) = full.to_str().and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            if is_ours(name) && !names.contains(name) {
                fs::remove_file(file.path())?;
                removed = removed.saturating_add(1);
            }
        }
        Ok(removed)
    }

    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        // What cannot be read is written anew, and fails there if it must.
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".linkback-");
        // As others' files: the generator may run as somebody else. The process's mask is applied.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(path.parent().unwrap_or(&self.root))?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        self.written = self.written.saturating_add(1);
        Ok(())
    }
}

/// The name of a page's file, without `.json`: letters of its path, to know it by, and a hash, by which it differs
/// from every other.
// SECURITY: whoever writes a link chooses the path. Of what they choose only letters, digits and hyphens
// remain, in one case, and few; and the end is never theirs, so that no name means anything to a system.
pub(super) fn name(page: &PageKey) -> String {
    let hash = Sha256::digest(page.as_str().as_bytes());
    let hash = hash
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .take(HASH_DIGITS)
        .collect::<String>();
    let path = page
        .as_str()
        .split_once('/')
        .map_or("", |(_host, path)| path);
    let mut slug = String::new();
    for c in path.chars() {
        if slug.len() == MAX_SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "home" } else { slug };
    format!("{slug}-{hash}")
}

/// Whether a file of that name is one that we have written.
fn is_ours(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(slug, hash)| {
        !slug.is_empty()
            && hash.len() == HASH_DIGITS
            && hash
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TargetUrl;

    fn name_of(target: &str) -> String {
        name(&TargetUrl::parse(target).unwrap().page_key())
    }

    #[test]
    fn a_name_is_safe_on_every_system_and_no_other_pages() {
        let long = format!("https://blog.example/{}", "é/".repeat(500));
        let mut names = BTreeSet::new();
        let targets = [
            "https://blog.example/",
            "https://blog.example/../../etc/passwd",
            "https://blog.example/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "https://blog.example/a//b%5Cc:d*e?f=<g>|\"h",
            "https://blog.example/CON",
            "https://blog.example/con",
            "https://blog.example/nul.",
            "https://blog.example/?q=1",
            "https://blog.example/.hidden",
            "https://other.example/con",
            "https://blog.example/%E6%97%A5%E6%9C%AC",
            &long,
        ];
        for target in targets {
            let name = name_of(target);
            assert!(name.len() <= MAX_SLUG + 1 + HASH_DIGITS, "{name}");
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(
                name.bytes().all(is_plain) && !name.starts_with('-'),
                "{name}"
            );
            assert!(is_ours(&name), "{name}");
            names.insert(name);
        }
        assert_eq!(names.len(), targets.len());
        assert_eq!(
            name_of("http://blog.example/con/"),
            name_of("https://blog.example/con#x")
        );
        assert!(name_of("https://blog.example/2026/Ten-Steps/").starts_with("2026-ten-steps-"));
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut ours = Folder::open(folder.path()).unwrap();
        ours.page("a-0123456789abcdef", "{}").unwrap();
        ours.page("b-0123456789abcdef", "{}").unwrap();
        let theirs = folder.path().join("pages/notes-2026.json");
        fs::write(&theirs, "x").unwrap();
        let keep = BTreeSet::from(["b-0123456789abcdef".to_owned()]);
        assert_eq!(ours.sweep(&keep).unwrap(), 1);
        assert!(theirs.exists());
        assert!(folder.path().join("pages/b-0123456789abcdef.json").exists());
        assert_eq!(ours.written(), 2);
        ours.page("b-0123456789abcdef", "{}").unwrap();
        assert_eq!(ours.written(), 2, "it is what it was");
    }
}
