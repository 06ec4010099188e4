//! Footnotes of ours behind the firm's separators; notes of the firm's old text go.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::OntoError;
use super::assemble::Given;
use super::body::{Wearer, rename};
use super::changes::{Changes, RELATIONSHIPS, add, content_types_of, from, ours};
use super::form::{Form, Source, parsed, relations, relations_of};
use super::parts::{self, Added, Ids};
use super::properties::markup;
use crate::write::tree::{Element, Node};

/// The notes of both.
pub(super) struct Notes<'a> {
    pub old: Vec<Range<usize>>,
    pub ours: Vec<Element<'a>>,
}

pub(super) fn footnotes(
    form: &mut Form<'_>,
    given: &Given<'_>,
    mut notes: Notes<'_>,
    wearer: &mut Wearer<'_>,
    ids: &mut Ids,
    changes: &mut Changes,
) -> Result<(), OntoError> {
    let own = ours(given.composed, "word/_rels/footnotes.xml.rels").unwrap_or_default();
    let own: BTreeMap<_, _> = parts::our_relations(own).into_iter().collect();
    let Some(source) = form.footnotes.clone() else {
        if let Some(text) = ours(given.composed, "word/footnotes.xml") {
            let content = content_types_of(given.composed);
            let content = content
                .get("word/footnotes.xml")
                .cloned()
                .unwrap_or_default();
            let name = add(
                form,
                "word/footnotes.xml",
                content,
                text.to_owned(),
                changes,
            );
            changes.relations.push(Added {
                id: ids.next(),
                kind: parts::relation_type("footnotes"),
                target: from(given.name, &name),
                external: false,
            });
            if let Some(text) = ours(given.composed, "word/_rels/footnotes.xml.rels") {
                let kind = RELATIONSHIPS.to_owned();
                changes
                    .added
                    .push((relations_of(&name), kind, text.to_owned()));
            }
        }
        return Ok(());
    };
    if notes.old.is_empty() && notes.ours.is_empty() {
        return Ok(());
    }
    let rels_name = relations_of(&source.name);
    let rels = form.part(&rels_name)?.unwrap_or_default();
    let rels = Source {
        name: rels_name.clone(),
        ..rels
    };
    let all = if rels.text.is_empty() {
        Vec::new()
    } else {
        relations(&parsed(&rels)?, &source.name)?
    };
    let mut ids = Ids::new(&all);
    let mut links = HashMap::new();
    let mut come = Vec::new();
    for (id, (kind, target)) in own {
        let now = ids.next();
        links.insert(id, now.clone());
        come.push(Added {
            id: now,
            kind,
            target,
            external: true,
        });
    }
    let tree = parsed(&source)?;
    let declared = tree.tag(0).contains("xmlns:r=");
    let mut text = String::new();
    wearer.relations = links;
    for note in &mut notes.ours {
        let mut inner = worn(note, wearer);
        if !declared {
            let space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
            inner = inner.replace(
                "<w:hyperlink r:id=",
                &format!("<w:hyperlink xmlns:r=\"{space}\" r:id="),
            );
        }
        text.push_str(&inner);
    }
    let mut edits: Vec<_> = notes
        .old
        .into_iter()
        .map(|range| (range, String::new()))
        .collect();
    edits.push(parts::appended(&tree, &text));
    let whole = parts::spliced(&source.text, &edits);
    let named = parts::named(&whole);
    let changed =
        parts::relationships(&rels, &all, |relation| named.contains(&relation.id), &come)?;
    if rels.text.is_empty() {
        let kind = RELATIONSHIPS.to_owned();
        changes
            .added
            .extend(changed.map(|text| (rels_name, kind, text)));
    } else {
        changes.change(&rels_name, changed);
    }
    changes.change(&source.name, Some(whole));
    Ok(())
}

/// A note of ours in the firm's styles and under its new id. Its paragraphs need no ids.
fn worn(note: &mut Element<'_>, wearer: &mut Wearer<'_>) -> String {
    let now = note
        .attribute("w:id")
        .and_then(|id| wearer.notes.get(id).cloned());
    for node in &mut note.children {
        if let Node::Element(child) = node {
            if child.name == "w:p" {
                child.attributes = "";
                child.added.clear();
            }
            wearer.element(child);
        }
    }
    if let Some(now) = now {
        rename(note, "w:id", &now);
    }
    markup(note)
}

/// Endnotes of the firm's old text go.
pub(super) fn endnotes(form: &mut Form<'_>, changes: &mut Changes) -> Result<(), OntoError> {
    let Some(source) = form.endnotes.clone() else {
        return Ok(());
    };
    let (old, _) = parts::notes(&source)?;
    if old.is_empty() {
        return Ok(());
    }
    let edits: Vec<_> = old
        .into_iter()
        .map(|range| (range, String::new()))
        .collect();
    let whole = parts::spliced(&source.text, &edits);
    let name = relations_of(&source.name);
    if let Some(rels) = form.part(&name)? {
        let all = relations(&parsed(&rels)?, &source.name)?;
        let named = parts::named(&whole);
        let changed =
            parts::relationships(&rels, &all, |relation| named.contains(&relation.id), &[])?;
        changes.change(&name, changed);
    }
    changes.change(&source.name, Some(whole));
    Ok(())
}

/// Our notes by id, and the ids they get behind the firm's separators.
pub(super) fn note_ids(notes: &[Element<'_>], first: Option<i64>) -> HashMap<String, String> {
    let ids = notes.iter().filter_map(|note| note.attribute("w:id"));
    ids.enumerate()
        .map(|(place, id)| {
            let now =
                first.map_or_else(|| id.to_owned(), |first| (first + place as i64).to_string());
            (id.to_owned(), now)
        })
        .collect()
}
