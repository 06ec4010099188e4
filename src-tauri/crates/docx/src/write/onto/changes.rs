//! What changes in the firm's package, and what of our file comes into it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::OntoError;
use super::assemble::Given;
use super::form::{Form, Source};
use super::parts::{self, Added, Ids};
use crate::fill::tree::Tree;
use crate::read::package::{key, resolved};
use crate::write::tree::{self, Element, Node};
use crate::write::{Composed, WriteError};

/// The content type of relationships.
pub(super) const RELATIONSHIPS: &str = "application/vnd.openxmlformats-package.relationships+xml";

/// Changes to the package.
#[derive(Default)]
pub(super) struct Changes {
    /// Parts that change, by their names in small letters.
    pub changed: BTreeMap<String, String>,
    /// Parts that come: name, content type, text.
    pub added: Vec<(String, String, String)>,
    /// Parts that go, in small letters.
    pub gone: BTreeSet<String>,
    /// Relationships of the body that come.
    pub relations: Vec<Added>,
}

impl Changes {
    pub fn change(&mut self, name: &str, text: Option<String>) {
        if let Some(text) = text {
            self.changed.insert(key(name), text);
        }
    }
}

/// A part of ours.
pub(super) fn ours<'a>(composed: &'a Composed, name: &str) -> Option<&'a str> {
    let found = composed.parts.iter().find(|(part, _)| *part == name);
    found.map(|(_, text)| text.as_str())
}

pub(super) fn elements(parent: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    parent.children.into_iter().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        Node::Text(_) | Node::Raw(_) => None,
    })
}

pub(super) fn tree_of<'a>(
    composed: &'a Composed,
    name: &'static str,
) -> Result<Element<'a>, OntoError> {
    let part = ours(composed, name).ok_or(WriteError::Markup(name))?;
    Ok(tree::parse(part).ok_or(WriteError::Markup(name))?)
}

/// Our links and parts that the firm's file does not have: comments and the like. Gives our ids with the new ones.
pub(super) fn carried(
    form: &Form<'_>,
    given: &Given<'_>,
    ids: &mut Ids,
    changes: &mut Changes,
) -> HashMap<String, String> {
    let relations = ours(given.composed, "word/_rels/document.xml.rels").unwrap_or_default();
    let relations: BTreeMap<_, _> = parts::our_relations(relations).into_iter().collect();
    let types = content_types_of(given.composed);
    let mut links = HashMap::new();
    for (id, (kind, target)) in relations {
        let last = kind.rsplit('/').next().unwrap_or_default();
        match last {
            // The firm has these, or they are put in by themselves.
            "styles" | "numbering" | "settings" | "footnotes" | "fontTable" | "theme"
            | "webSettings" | "header" | "footer" => continue,
            "hyperlink" => {
                let now = ids.next();
                links.insert(id, now.clone());
                changes.relations.push(Added {
                    id: now,
                    kind,
                    target,
                    external: true,
                });
            }
            _ => {
                let name = resolved("word", &target);
                let known = given.relations.iter().any(|own| {
                    own.kind == last && !own.external && parts::stays(own, &HashSet::new())
                });
                let Some(text) = ours(given.composed, &name).filter(|_| !known) else {
                    continue;
                };
                let now = ids.next();
                links.insert(id, now.clone());
                let content = types
                    .get(&name)
                    .cloned()
                    .unwrap_or_else(|| "application/xml".to_owned());
                let name = add(form, &name, content, text.to_owned(), changes);
                changes.relations.push(Added {
                    id: now,
                    kind,
                    target: from(given.name, &name),
                    external: false,
                });
            }
        }
    }
    links
}

/// Adds a part, under another name where an entry of the firm's that stays has its own.
pub(super) fn add(
    form: &Form<'_>,
    name: &str,
    content: String,
    text: String,
    changes: &mut Changes,
) -> String {
    let mut free = name.to_owned();
    let old = key(name).contains("comments");
    if form.has(name) && old {
        changes.gone.insert(key(name));
    }
    let mut count = 1;
    while form.has(&free) && !old {
        free = match name.rsplit_once('/') {
            Some((folder, file)) => format!("{folder}/text{count}-{file}"),
            None => format!("text{count}-{name}"),
        };
        count += 1;
    }
    changes.added.push((free.clone(), content, text));
    free
}

/// A target as the relationships of a part name it.
pub(super) fn from(part: &str, target: &str) -> String {
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = target
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'));
    near.map_or_else(|| format!("/{target}"), str::to_owned)
}

/// Content types of our parts.
pub(super) fn content_types_of(composed: &Composed) -> HashMap<String, String> {
    let types = ours(composed, "[Content_Types].xml").unwrap_or_default();
    let Ok(tree) = Tree::parse("types", types.as_bytes()) else {
        return HashMap::new();
    };
    let all = tree.at(0).children.iter();
    all.filter_map(|&id| {
        let name = tree.attribute(id, "PartName")?;
        Some((
            name.trim_start_matches('/').to_owned(),
            tree.attribute(id, "ContentType")?,
        ))
    })
    .collect()
}

/// A part of the firm's that changes, or one of ours where it has none.
pub(super) fn put(
    form: &Form<'_>,
    given: &Given<'_>,
    kind: &str,
    firm: Option<Source>,
    text: Option<String>,
    ids: &mut Ids,
    changes: &mut Changes,
) {
    let Some(text) = text else { return };
    if let Some(firm) = firm {
        changes.change(&firm.name, Some(text));
        return;
    }
    let content =
        format!("application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml");
    let name = add(form, &format!("word/{kind}.xml"), content, text, changes);
    changes.relations.push(Added {
        id: ids.next(),
        kind: parts::relation_type(kind),
        target: from(given.name, &name),
        external: false,
    });
}
