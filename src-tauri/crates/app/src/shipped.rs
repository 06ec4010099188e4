//! Templates and clauses that ship inside the program.

use include_dir::{Dir, include_dir};
use moqi_document::{Document, Language, parse};
use std::sync::OnceLock;

/// The folder `templates/` of the checkout, inside the program.
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../templates");

/// One shipped text.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its id in the front matter.
    pub id: String,
    /// Path below `templates/`, for error messages.
    pub file: String,
    /// The whole text.
    pub text: String,
    /// The text, read.
    pub document: Document,
}

impl Text {
    /// Reads a text; the id falls back to the name.
    pub fn new(file: &str, text: &str) -> Text {
        let document = parse(text);
        let id = document
            .meta
            .id
            .clone()
            .unwrap_or_else(|| file.trim_end_matches(".md").replace('/', "-"));
        Text {
            id,
            file: file.to_owned(),
            text: text.to_owned(),
            document,
        }
    }

    /// Its title.
    pub fn title(&self) -> String {
        self.document
            .meta
            .title
            .clone()
            .unwrap_or_else(|| self.id.clone())
    }

    /// Its language; a text that does not say is Chinese when it holds Chinese characters.
    pub fn language(&self) -> Language {
        language_of(&self.document, &self.text)
    }

    /// The values of a free key of the front matter.
    pub fn values(&self, key: &str) -> Vec<String> {
        values(&self.document, key)
    }

    /// The first value of a free key.
    pub fn value(&self, key: &str) -> Option<String> {
        self.values(key).into_iter().next()
    }
}

/// The values of a free key of the front matter.
pub fn values(document: &Document, key: &str) -> Vec<String> {
    document
        .meta
        .extra
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, values)| values.clone())
        .unwrap_or_default()
}

/// The language of a document: what it says, else what it is written in.
pub fn language_of(document: &Document, text: &str) -> Language {
    document.meta.language.unwrap_or_else(|| {
        let han = text
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count();
        if han * 4 > text.chars().filter(|c| c.is_alphabetic()).count() {
            Language::Zh
        } else {
            Language::En
        }
    })
}

/// Shipped templates, in the order of their kinds.
pub fn templates() -> &'static [Text] {
    static TEMPLATES: OnceLock<Vec<Text>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let mut texts = read(|path| !path.contains("/clauses/"));
        texts.sort_by_key(|text| {
            let kind = text.document.meta.kind.clone().unwrap_or_default();
            (
                text.language() == Language::En,
                crate::kinds::order(&kind),
                text.id.clone(),
            )
        });
        texts
    })
}

/// Shipped clauses, alternatives of a topic side by side.
pub fn clauses() -> &'static [Text] {
    static CLAUSES: OnceLock<Vec<Text>> = OnceLock::new();
    CLAUSES.get_or_init(|| {
        let mut texts = read(|path| path.contains("/clauses/"));
        texts.sort_by_key(|text| {
            (
                text.language() == Language::En,
                text.value("topic"),
                text.id.clone(),
            )
        });
        texts
    })
}

/// Changes whenever a shipped text does.
pub fn fingerprint() -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for text in templates().iter().chain(clauses()) {
        hash.update(text.id.as_bytes());
        hash.update(text.text.as_bytes());
    }
    crate::models::hex(&hash.finalize())
}

fn read(wanted: impl Fn(&str) -> bool) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut folders = vec![&FILES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            if path.ends_with(".md")
                && wanted(&path)
                && let Some(text) = file.contents_utf8()
            {
                texts.push(Text::new(&path, text));
            }
        }
    }
    texts
}
