//! Reading a Word file: its words as our text, and what is anchored in them. The file is hostile input.
//!
//! A walk through the XML ([`walk`]) gives paragraphs and tables ([`story`]); [`compose`] counts the lists and makes
//! blocks; [`typed`] recognises numbers that were typed as words. What is not kept is named in a warning.

mod anchored;
mod compose;
mod contents;
mod controls;
mod error;
mod field;
mod foreign;
mod found;
mod ids;
pub(crate) mod label;
pub(crate) mod levels;
mod notes;
mod numbering;
pub(crate) mod package;
mod pins;
mod place;
pub(crate) mod raster;
mod refer;
mod scheme;
mod story;
mod styles;
mod symbol;
mod tidy;
mod typed;
mod walk;
mod xml;

use std::collections::HashMap;

pub use controls::{ControlFields, controls_as_fields};
pub use error::ReadError;
pub use found::*;

use moqi_document::{Block, BlockKind, Document, Meta, parse, print};

use compose::{Composed, Site, plain_block};
use package::Package;
use walk::{LeftOut, NoteKind, Walk};

use crate::warned::{Warned, Warning, WarningKind};

/// Reads a .docx file (also .docm, .dotx, .dotm) with every tracked change accepted.
///
/// # Errors
/// [`ReadError`] where the file is something else, unpacks to more than a document can hold, or its body is damaged.
/// A damaged part beside the body is a warning.
pub fn read(bytes: &[u8]) -> Result<Warned<ReadText>, ReadError> {
    read_with(bytes, &ReadOptions::default())
}

/// As [`read()`], for either side of the tracked changes.
///
/// # Errors
/// As [`read()`].
pub fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Warned<ReadText>, ReadError> {
    let mut file = File::open(bytes)?;
    let name = file.package.body();
    let body = file.package.part(&name)?.ok_or(ReadError::NotWord)?;
    let relations = file.or_default(&name, |package| package.relations(&name))?;
    let styles = file.parsed(&relations, "styles", styles::Styles::read)?;
    let numbering = file.parsed(&relations, "numbering", numbering::Numbering::read)?;
    let title = file.optional("docProps/core.xml")?;
    let title = match title {
        Some(part) => file.or_default("docProps/core.xml", |_| notes::title(&part))?,
        None => None,
    };

    let mut walk = Walk::new(options.changes, &styles, &relations);
    let pieces = walk.body(&name, &body)?;
    let pieces = walk.contents.without(pieces);
    drop(body);
    let mut composed = compose::compose(pieces, &styles, &numbering)?;
    if !composed.counts {
        typed::recognise(&mut composed.blocks, &mut composed.labels);
    }
    let in_text = file.notes(&relations, &mut walk, &mut composed)?;
    let comments = file.comments(&relations, &mut walk)?;
    let margins = file.margins(&relations, &mut walk)?;

    let scheme::Numbered { scheme, numbering } = scheme::numbered(&mut composed);
    let notes = walk.references.len();
    let left = refer::resolve(&mut composed, &numbering, &mut walk.pins, notes);
    let places = place::settle(&mut composed.blocks, &walk.pins, &walk.anchored.held());
    let text = print(&Document {
        meta: Meta {
            numbering: scheme,
            extra: walk
                .contents
                .levels
                .map(|levels| ("contents".to_owned(), vec![levels.to_string()]))
                .into_iter()
                .collect(),
            ..Meta::default()
        },
        blocks: std::mem::take(&mut composed.blocks),
        ..Document::default()
    });
    let mut blocks = parse(&text).blocks;
    let lines = Lines::of(&text, &blocks, &composed.spots, in_text);
    let spans = places.spans(&text, &mut blocks);
    drop(blocks);
    let comments = notes::threads(comments, &walk.anchored, |spot| lines.of_spot(spot));
    let Walk {
        anchored,
        left_out,
        contents,
        ..
    } = walk;
    let (changes, controls) = anchored.finish(|spot| lines.of_spot(spot), &spans);
    let labels = composed
        .labels
        .iter()
        .map(|found| ReadLabel {
            line: lines.of_site(found.site),
            label: found.label.clone(),
            typed: found.typed,
        })
        .collect();
    warn(
        &mut file.warnings,
        left_out,
        left,
        &composed,
        options.changes,
    );
    if contents.count() > 0 {
        file.warnings.push(Warning {
            span: None,
            kind: WarningKind::LeftOut {
                what: "table of contents",
                count: contents.count(),
            },
        });
    }
    let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    Ok(Warned {
        value: ReadText {
            language: styles.language(chinese),
            text,
            title,
            labels,
            comments,
            changes,
            controls,
            margins,
        },
        warnings: file.warnings,
    })
}

/// Opens the archive, or says what else the file is.
pub(crate) fn open(bytes: &[u8]) -> Result<Package<'_>, ReadError> {
    match foreign::foreign(bytes) {
        Some(error) => Err(error),
        None => Package::open(bytes),
    }
}

/// A file being read, and what was noticed.
struct File<'a> {
    package: Package<'a>,
    warnings: Vec<Warning>,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<File<'a>, ReadError> {
        Ok(File {
            package: open(bytes)?,
            warnings: Vec::new(),
        })
    }

    /// Damage in a part beside the body costs what that part says, and is named; too much is too much anywhere.
    fn or_default<T: Default>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Package<'a>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        match read(&mut self.package) {
            Err(ReadError::BadXml { .. }) => {
                self.warnings.push(Warning {
                    span: None,
                    kind: WarningKind::DamagedPart(name.to_owned()),
                });
                Ok(T::default())
            }
            other => other,
        }
    }

    fn optional(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.or_default(name, |package| package.part(name))
    }

    /// The part a relationship of this kind leads to, or Word's usual name for it.
    fn related(
        &mut self,
        relations: &HashMap<String, package::Relation>,
        kind: &str,
    ) -> Result<Option<(String, Vec<u8>)>, ReadError> {
        // Ids make the choice the same each time where a damaged file has two.
        let found = relations
            .iter()
            .filter(|(_, relation)| relation.kind == kind && !relation.external)
            .min_by_key(|(id, _)| id.as_str());
        let name = found.map_or_else(
            || format!("word/{kind}.xml"),
            |(_, relation)| relation.target.clone(),
        );
        Ok(self.optional(&name)?.map(|part| (name, part)))
    }

    fn parsed<T: Default>(
        &mut self,
        relations: &HashMap<String, package::Relation>,
        kind: &str,
        read: impl FnOnce(&[u8]) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        match self.related(relations, kind)? {
            Some((name, part)) => self.or_default(&name, |_| read(&part)),
            None => Ok(T::default()),
        }
    }

    /// Appends the notes the body refers to, in that order. Returns how many spots are in the text.
    fn notes(
        &mut self,
        relations: &HashMap<String, package::Relation>,
        walk: &mut Walk<'_>,
        composed: &mut Composed,
    ) -> Result<usize, ReadError> {
        let mut found = HashMap::new();
        let references = walk.references.clone();
        for (kind, name) in [
            (NoteKind::Footnote, "footnotes"),
            (NoteKind::Endnote, "endnotes"),
        ] {
            if !references.iter().any(|(of, _)| *of == kind) {
                continue;
            }
            if let Some((name, part)) = self.related(relations, name)? {
                self.or_default(&name, |_| walk.part(&name, &part).map(drop))?;
            }
            for note in std::mem::take(&mut walk.notes) {
                found.entry((kind, note.id)).or_insert(note.pieces);
            }
        }
        for (place, key) in references.iter().enumerate() {
            let label = (place + 1).to_string();
            let site = Site {
                block: composed.blocks.len(),
                row: 0,
            };
            let pieces = found.remove(key).unwrap_or_else(|| {
                self.warnings.push(Warning {
                    span: None,
                    kind: WarningKind::MissingFootnote(label.clone()),
                });
                Vec::new()
            });
            let spots = &mut composed.spots;
            let content = compose::flat(pieces, |paragraph| {
                for &spot in &paragraph.spots {
                    if spots.len() <= spot {
                        spots.resize(spot + 1, None);
                    }
                    spots[spot] = Some(site);
                }
            });
            let block: Block = plain_block(BlockKind::Footnote { label, content });
            composed.blocks.push(block);
        }
        Ok(walk.spots())
    }

    fn comments(
        &mut self,
        relations: &HashMap<String, package::Relation>,
        walk: &mut Walk<'_>,
    ) -> Result<notes::Comments, ReadError> {
        let Some((name, part)) = self.related(relations, "comments")? else {
            return Ok(notes::Comments::default());
        };
        self.or_default(&name, |_| walk.part(&name, &part).map(drop))?;
        let answers = self.parsed(relations, "commentsExtended", notes::answers)?;
        Ok(notes::Comments {
            written: std::mem::take(&mut walk.notes),
            answers,
        })
    }

    fn margins(
        &mut self,
        relations: &HashMap<String, package::Relation>,
        walk: &mut Walk<'_>,
    ) -> Result<Vec<ReadMargin>, ReadError> {
        let mut texts: HashMap<String, String> = HashMap::new();
        let mut margins = Vec::new();
        let mut bytes = 0;
        for reference in std::mem::take(&mut walk.margins) {
            let Some(relation) = reference.relation.and_then(|id| relations.get(&id)) else {
                continue;
            };
            let name = &relation.target;
            if !texts.contains_key(name) {
                let part = self.optional(name)?.unwrap_or_default();
                let pieces = self.or_default(name, |_| walk.part(name, &part))?;
                texts.insert(name.clone(), story::words(pieces));
            }
            let text = texts.get(name).cloned().unwrap_or_default();
            // Thousands of sections may name one header.
            bytes += text.len() + 64;
            if bytes > MOST_MARGINS {
                return Err(ReadError::TooLarge(
                    "its headers and footers have more than 16 MB of words",
                ));
            }
            margins.push(ReadMargin {
                place: if reference.header {
                    MarginPlace::Header
                } else {
                    MarginPlace::Footer
                },
                which: match reference.pages.as_deref() {
                    Some("first") => MarginPages::First,
                    Some("even") => MarginPages::Even,
                    _ => MarginPages::Default,
                },
                section: reference.section,
                text,
            });
        }
        Ok(margins)
    }
}

/// Bytes of words of all headers and footers, counted for each section that names them.
const MOST_MARGINS: usize = 16 << 20;

/// The lines of the text things stand on.
struct Lines {
    /// First line of each block.
    blocks: Vec<usize>,
    spots: Vec<usize>,
}

impl Lines {
    fn of(text: &str, blocks: &[Block], spots: &[Option<Site>], in_text: usize) -> Lines {
        let mut line = 1;
        let mut from = 0;
        let blocks = blocks
            .iter()
            .map(|block| {
                let start = block.span.start.max(from);
                let between = text.get(from..start).unwrap_or_default();
                line += between.bytes().filter(|byte| *byte == b'\n').count();
                from = start;
                line
            })
            .collect();
        let mut lines = Lines {
            blocks,
            spots: Vec::new(),
        };
        // A paragraph that went has the line of the one before it.
        let mut last = 1;
        lines.spots = (0..in_text)
            .map(|spot| {
                if let Some(site) = spots.get(spot).copied().flatten() {
                    last = lines.of_site(site);
                }
                last
            })
            .collect();
        lines
    }

    fn of_site(&self, site: Site) -> usize {
        let line = self.blocks.get(site.block).or(self.blocks.last());
        // The line under the header row of a table holds no words.
        line.map_or(1, |line| line + site.row + usize::from(site.row > 0))
    }

    /// 0 for a spot outside the text.
    fn of_spot(&self, spot: usize) -> usize {
        self.spots.get(spot).copied().unwrap_or(0)
    }
}

/// Names what was met and is not kept.
fn warn(
    warnings: &mut Vec<Warning>,
    left_out: LeftOut,
    left: refer::Left,
    composed: &Composed,
    side: Changes,
) {
    let changed = match side {
        Changes::Accepted => "deletion",
        Changes::Rejected => "insertion",
    };
    let counts = [
        ("drawing", left_out.drawings),
        (changed, left_out.changed),
        ("equation", left_out.equations),
        ("nested table", composed.nested),
        ("number in a table", composed.in_cells),
        ("merged cell", composed.unmerged),
        ("symbol", left_out.symbols),
        ("cross-reference", left.fields),
        ("link in the document", left.links),
    ];
    let mut say = |kind| warnings.push(Warning { span: None, kind });
    for (what, count) in counts {
        if count > 0 {
            say(WarningKind::LeftOut { what, count });
        }
    }
    if left_out.hidden_runs > 0 {
        say(WarningKind::HiddenWords(left_out.hidden_runs));
    }
    left_out
        .unsafe_links
        .into_iter()
        .for_each(|link| say(WarningKind::UnsafeLink(link)));
}

#[cfg(test)]
mod tests;
