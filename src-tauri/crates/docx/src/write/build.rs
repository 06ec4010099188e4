//! The body as docx-rs builds it, mended. Most of the time of writing goes into this, so a long body is built in stretches on
//! all processors. Where a stretch begins does not depend on the machine: equal documents give equal bytes.

use docx_rs as word;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use word::BuildXML;

use super::WriteError;
use super::mend::{Mender, Own};
use super::tree::{self, Element, Node};

/// Paragraphs and tables of a stretch.
const STRETCH: usize = 128;
/// Threads at most: the rest of the program works meanwhile.
const MOST_THREADS: usize = 4;
/// Ids of paragraphs that a stretch may use.
const IDS: u32 = 1 << 20;
/// Stretches at most, so that their ids stay below 2³¹, as Word wants them.
const MOST_STRETCHES: usize = 1 << 10;

const NAME: &str = "document.xml";

/// `word/document.xml` with these paragraphs and tables, markup of our own in its places, and this last section. The mender
/// goes on with ids that no stretch has.
pub(super) fn document(
    mut children: Vec<word::DocumentChild>,
    own: Own<'_>,
    section: &str,
    mender: &mut Mender<'_>,
) -> Result<String, WriteError> {
    let size = STRETCH.max(children.len().div_ceil(MOST_STRETCHES));
    let mut waiting = Vec::new();
    while children.len() > size {
        let first = (children.len() - 1) / size * size;
        waiting.push(children.split_off(first));
    }
    waiting.push(children);
    waiting.reverse();
    let count = waiting.len();
    let waiting: Vec<_> = waiting
        .into_iter()
        .map(|part| Mutex::new(Some(part)))
        .collect();
    let made: Vec<_> = (0..count).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(part), Some(place)) = (waiting.get(index), made.get(index)) else {
                return;
            };
            let Some(children) = part.lock().ok().and_then(|mut part| part.take()) else {
                return;
            };
            let stretch = stretch(children, Mender::from(index as u32 * IDS, own));
            if let Ok(mut place) = place.lock() {
                *place = stretch;
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 1..cores.min(MOST_THREADS).min(count) {
            scope.spawn(work);
        }
        work();
    });
    let mut out = String::new();
    let mut last = None;
    for (index, place) in made.into_iter().enumerate() {
        let stretch: Option<Stretch> = place.into_inner().ok().flatten();
        let stretch = stretch.ok_or(WriteError::Markup(NAME))?;
        if index == 0 {
            out.push_str(&stretch.opening);
        }
        out.push_str(&stretch.body);
        last = Some(stretch.paragraphs);
    }
    out.push_str(section);
    out.push_str("</w:body></w:document>");
    // Ids of notes follow those of the text.
    let next = match last {
        Some(only) if count == 1 => only,
        _ => count as u32 * IDS,
    };
    *mender = Mender::from(next, Own::default());
    Ok(out)
}

/// A stretch of the body, printed.
struct Stretch {
    /// The tags a document begins with.
    opening: String,
    /// What stands in its body, without sections.
    body: String,
    /// How far the ids of its paragraphs go.
    paragraphs: u32,
}

fn stretch(children: Vec<word::DocumentChild>, mut mender: Mender<'_>) -> Option<Stretch> {
    let document = word::Document {
        children,
        ..word::Document::new()
    };
    let built = document.build();
    let mut tree = tree::parse(std::str::from_utf8(&built).ok()?)?;
    mender.mend(&mut tree);
    let mut opening = String::new();
    tree.print_opening(&mut opening);
    let mut body = String::with_capacity(built.len());
    for node in &tree.children {
        if let Node::Element(found) = node {
            found.print_opening(&mut opening);
            // docx-rs mixes up headers where there are several sections; ours is put behind all stretches.
            for node in &found.children {
                match node {
                    Node::Element(Element {
                        name: "w:sectPr", ..
                    }) => {}
                    Node::Element(element) => element.print(&mut body),
                    Node::Text(text) => body.push_str(text),
                    Node::Raw(markup) => body.push_str(markup),
                }
            }
        }
    }
    Some(Stretch {
        opening,
        body,
        paragraphs: mender.paragraphs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(count: usize) -> Vec<word::DocumentChild> {
        (0..count)
            .map(|n| {
                let run = word::Run::new().add_text(format!("words {n}"));
                word::DocumentChild::Paragraph(Box::new(word::Paragraph::new().add_run(run)))
            })
            .collect()
    }

    #[test]
    fn a_body_in_stretches_is_the_whole_body_in_order() {
        for count in [0, 1, STRETCH, STRETCH + 1, 5 * STRETCH + 3] {
            let mut mender = Mender::default();
            let out = document(
                paragraphs(count),
                Own::default(),
                "<w:sectPr/>",
                &mut mender,
            )
            .unwrap();
            let found: Vec<usize> = out
                .split("words ")
                .skip(1)
                .map(|rest| rest[..rest.find('<').unwrap()].parse().unwrap())
                .collect();
            assert_eq!(found, (0..count).collect::<Vec<_>>());
            let ids: std::collections::BTreeSet<&str> = out
                .split("w14:paraId=\"")
                .skip(1)
                .map(|rest| &rest[..8])
                .collect();
            assert_eq!(ids.len(), count);
            assert!(
                ids.iter()
                    .all(|id| u32::from_str_radix(id, 16).unwrap() < 1 << 31)
            );
            let tree = tree::parse(&out).unwrap();
            let body = tree.child("w:body").unwrap();
            assert_eq!((tree.name, tree.children.len()), ("w:document", 1));
            assert_eq!(body.children.len(), count + 1);
            // What comes after has ids of its own.
            let mut note = tree::parse("<w:p/>").unwrap();
            mender.mend(&mut note);
            let mut printed = String::new();
            note.print(&mut printed);
            assert!(!ids.iter().any(|id| printed.contains(id)), "{printed}");
        }
    }
}
