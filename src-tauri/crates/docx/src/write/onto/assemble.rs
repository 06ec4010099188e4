//! The firm's package with our text in it: which parts change, which come and which go.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use moqi_document::Document;

use super::OntoError;
use super::body::{Wearer, rename};
use super::form::{Form, Relation, Source, parsed, relations, relations_of};
use super::lists::{self, Lists, Outline};
use super::parts::{self, Added, DECLARATION, Ids};
use super::properties::{markup, value};
use super::roles::{self, Cast, Ours, Roles, Target};
use super::section::Page;
use super::sheet::Sheet;
use super::styles;
use super::usage::Usage;
use crate::fill::package::{Entry, repacked};
use crate::fill::tree::Tree;
use crate::read::package::{key, resolved};
use crate::write::tree::{self, Element, Node};
use crate::write::{Composed, WriteError};

/// What is known of the firm's file and of our text.
pub(super) struct Given<'a> {
    /// The firm's file.
    pub firm: &'a [u8],
    /// Name of the part with its body, and that part.
    pub name: &'a str,
    pub text: &'a Tree<'a>,
    pub relations: &'a [Relation],
    pub document: &'a Document,
    pub composed: &'a Composed,
    pub sheet: &'a Sheet,
    pub usage: &'a Usage<'a>,
    pub cast: &'a Cast,
    pub page: Option<&'a Page>,
    /// The firm's list that counts our clauses, and our list it counts instead of.
    pub outline: Option<&'a Outline>,
    pub outlined: Option<usize>,
}

/// Changes to the package.
#[derive(Default)]
struct Changes {
    /// Parts that change, by their names in small letters.
    changed: BTreeMap<String, String>,
    /// Parts that come: name, content type, text.
    added: Vec<(String, String, String)>,
    /// Parts that go, in small letters.
    gone: BTreeSet<String>,
    /// Relationships of the body that come.
    relations: Vec<Added>,
}

impl Changes {
    fn change(&mut self, name: &str, text: Option<String>) {
        if let Some(text) = text {
            self.changed.insert(key(name), text);
        }
    }
}

/// A part of ours.
fn ours<'a>(composed: &'a Composed, name: &str) -> Option<&'a str> {
    let mut parts = composed.parts.iter().map(|(name, text)| {
        let name: &str = name.as_ref();
        (name, text.as_str())
    });
    parts.find(|(part, _)| *part == name).map(|(_, text)| text)
}

fn elements(parent: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    parent.children.into_iter().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        Node::Text(_) | Node::Raw(_) => None,
    })
}

fn tree_of<'a>(composed: &'a Composed, name: &'static str) -> Result<Element<'a>, OntoError> {
    let part = ours(composed, name).ok_or(WriteError::Markup(name))?;
    Ok(tree::parse(part).ok_or(WriteError::Markup(name))?)
}

/// The firm's file with our text.
pub(super) fn assemble(form: &mut Form<'_>, given: &Given<'_>) -> Result<Vec<u8>, OntoError> {
    let composed = given.composed;
    let mut changes = Changes::default();
    let our_styles = tree_of(composed, "word/styles.xml")?;
    let our_lists = lists::ours(ours(composed, "word/numbering.xml"))?;
    let style_list = roles::ours(&our_styles);
    let lists = {
        let firm = form.numbering.as_ref().map(parsed).transpose()?;
        Lists::new(
            firm.as_ref(),
            our_lists.as_ref(),
            given.outline,
            given.outlined,
        )
    };
    let roles = Roles::new(
        &style_list,
        given.sheet,
        given.usage,
        given.cast,
        given.outline,
    );
    let mut ids = Ids::new(given.relations);
    let links = carried(form, given, &mut ids, &mut changes);

    let (old_notes, first_note) = form
        .footnotes
        .as_ref()
        .map_or(Ok((Vec::new(), 1)), parts::notes)?;
    let mut our_notes = match ours(composed, "word/footnotes.xml") {
        Some(_) => elements(tree_of(composed, "word/footnotes.xml")?).collect(),
        None => Vec::new(),
    };
    our_notes.retain(|note: &Element<'_>| note.attribute("w:type").is_none());
    let note_ids = note_ids(&our_notes, form.footnotes.is_some().then_some(first_note));
    let first_row = given
        .cast
        .table
        .as_deref()
        .is_some_and(|id| given.sheet.chain(id).any(|style| style.first_row));
    let mut wearer = Wearer {
        ours: &style_list,
        roles: &roles,
        lists: &lists,
        outline: given.outline,
        sheet: given.sheet,
        usage: given.usage,
        relations: links,
        notes: &note_ids,
        paragraphs: shift(form, given),
        first_row,
        page: given.page,
        used: BTreeSet::new(),
    };
    let (text, background) = document(given, &mut wearer)?;
    changes.change(given.name, Some(text));
    let notes = Notes {
        old: old_notes,
        ours: our_notes,
    };
    footnotes(form, given, notes, &mut wearer, &mut changes)?;
    endnotes(form, &mut changes)?;
    wearer.relations.clear();
    for (_, _, text) in &mut changes.added {
        if let Some(mut root) = tree::parse(text) {
            wearer.element(&mut root);
            *text = format!("{DECLARATION}{}", markup(&root));
        }
    }

    let mut used = std::mem::take(&mut wearer.used);
    linked_styles(our_lists.as_ref(), given.outlined, &roles, &mut used);
    style_sheet(
        form,
        given,
        &style_list,
        &roles,
        &lists,
        &used,
        &our_styles,
        &mut changes,
    )?;
    let numbering = lists.part(
        form.numbering.as_ref(),
        our_lists.as_ref(),
        given.outline,
        &roles,
    )?;
    put(
        form,
        given,
        "numbering",
        form.numbering.clone(),
        numbering,
        &mut ids,
        &mut changes,
    );
    let settings = ours(composed, "word/settings.xml").unwrap_or_default();
    let settings = match &form.settings {
        Some(own) => parts::settings(
            own,
            settings,
            changes
                .added
                .iter()
                .any(|(name, ..)| name.contains("footnotes")),
        )?,
        None => Some(format!("{DECLARATION}{settings}")),
    };
    put(
        form,
        given,
        "settings",
        form.settings.clone(),
        settings,
        &mut ids,
        &mut changes,
    );

    let mut named = parts::named(&background);
    named.extend(
        given
            .page
            .into_iter()
            .flat_map(Page::relations)
            .map(str::to_owned),
    );
    let relations = parts::relationships(
        &form.relations,
        given.relations,
        |relation| parts::stays(relation, &named),
        &changes.relations,
    )?;
    let name = form.relations.name.clone();
    if form.relations.text.is_empty() {
        let kind = "application/vnd.openxmlformats-package.relationships+xml".to_owned();
        changes
            .added
            .extend(relations.map(|text| (name, kind, text)));
    } else {
        changes.change(&name, relations);
    }
    properties(form, given, &mut changes)?;
    packed(form, given, changes)
}

/// Our links and parts that the firm's file does not have: comments and the like. Gives our ids with the new ones.
fn carried(
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
fn add(
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
fn from(part: &str, target: &str) -> String {
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = target
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'));
    near.map_or_else(|| format!("/{target}"), str::to_owned)
}

/// Content types of our parts.
fn content_types_of(composed: &Composed) -> HashMap<String, String> {
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

/// Our notes by id, and the ids they get behind the firm's separators.
fn note_ids(notes: &[Element<'_>], first: Option<i64>) -> HashMap<String, String> {
    let ids = notes.iter().filter_map(|note| note.attribute("w:id"));
    ids.enumerate()
        .map(|(place, id)| {
            let now =
                first.map_or_else(|| id.to_owned(), |first| (first + place as i64).to_string());
            (id.to_owned(), now)
        })
        .collect()
}

/// How far the ids of our paragraphs move.
fn shift(form: &mut Form<'_>, given: &Given<'_>) -> u32 {
    let mut own = HashSet::new();
    for (_, text) in &given.composed.parts {
        own.extend(parts::paragraph_ids(text));
    }
    let mut firm = HashSet::new();
    let names = form.names.clone();
    for name in names {
        let lower = key(&name);
        if lower.starts_with("word/") && lower.ends_with(".xml") && lower != key(given.name) {
            let part = form.part(&name).ok().flatten();
            firm.extend(
                part.iter()
                    .flat_map(|part| parts::paragraph_ids(&part.text)),
            );
        }
    }
    parts::shift(&own, &firm)
}

/// The part with the body, and what the firm has behind the text.
fn document(given: &Given<'_>, wearer: &mut Wearer<'_>) -> Result<(String, String), OntoError> {
    const NAME: &str = "word/document.xml";
    let root = tree_of(given.composed, NAME)?;
    let mut text = format!(
        "{DECLARATION}{}",
        parts::opening(root.attributes, given.text)
    );
    let background = given
        .text
        .child(0, "background")
        .map_or("", |id| given.text.text(&given.text.at(id).span));
    text.push_str(background);
    text.push_str("<w:body>");
    let body = elements(root)
        .find(|child| child.name == "w:body")
        .ok_or(WriteError::Markup(NAME))?;
    let (mut children, mut sections): (Vec<_>, Vec<_>) =
        elements(body).partition(|child| child.name != "w:sectPr");
    wearer.body(&mut children, &given.composed.origins, given.document);
    for child in &children {
        child.print(&mut text);
    }
    match (given.page, sections.pop()) {
        (Some(page), _) => text.push_str(&page.markup()),
        (None, Some(mut section)) => {
            section.children.retain(
                |node| !matches!(node, Node::Element(child) if child.name.ends_with("Reference")),
            );
            section.print(&mut text);
        }
        (None, None) => {}
    }
    text.push_str("</w:body></w:document>");
    Ok((text, background.to_owned()))
}

/// The notes of both.
struct Notes<'a> {
    old: Vec<std::ops::Range<usize>>,
    ours: Vec<Element<'a>>,
}

fn footnotes(
    form: &mut Form<'_>,
    given: &Given<'_>,
    mut notes: Notes<'_>,
    wearer: &mut Wearer<'_>,
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
            let id = "rIdFootnotes".to_owned();
            changes.relations.push(Added {
                id: if given.relations.iter().any(|own| own.id == id) {
                    "rIdTextFootnotes".to_owned()
                } else {
                    id
                },
                kind: parts::relation_type("footnotes"),
                target: from(given.name, &name),
                external: false,
            });
            if let Some(text) = ours(given.composed, "word/_rels/footnotes.xml.rels") {
                let kind = "application/vnd.openxmlformats-package.relationships+xml".to_owned();
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
        let kind = "application/vnd.openxmlformats-package.relationships+xml".to_owned();
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
fn endnotes(form: &mut Form<'_>, changes: &mut Changes) -> Result<(), OntoError> {
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

/// Added styles that levels of our lists are linked to.
fn linked_styles(
    lists: Option<&Element<'_>>,
    outlined: Option<usize>,
    roles: &Roles,
    used: &mut BTreeSet<String>,
) {
    let outlined = outlined.map(|index| index.to_string());
    let children = lists.map_or(&[][..], |lists| lists.children.as_slice());
    for node in children {
        let Node::Element(list) = node else { continue };
        if list.name != "w:abstractNum" || list.attribute("w:abstractNumId") == outlined.as_deref()
        {
            continue;
        }
        for node in &list.children {
            if let Node::Element(level) = node
                && let Some(style) = value(level, "w:pStyle")
                && matches!(roles.target(style), Target::Own(_))
            {
                used.insert(style.to_owned());
            }
        }
    }
}

/// The styles part with those of ours that are used.
#[allow(
    clippy::too_many_arguments,
    reason = "each is made by another step above"
)]
fn style_sheet(
    form: &Form<'_>,
    given: &Given<'_>,
    ours: &[Ours<'_>],
    roles: &Roles,
    lists: &Lists,
    used: &BTreeSet<String>,
    root: &Element<'_>,
    changes: &mut Changes,
) -> Result<(), OntoError> {
    let under_heading = given.outline.and_then(|outline| {
        let level = outline.levels[0].as_ref()?;
        let style = level
            .style
            .as_deref()
            .map(|id| given.sheet.start(id))
            .unwrap_or_default();
        Some(style.or(level.start).left.unwrap_or(0).max(0))
    });
    let added = styles::Added {
        ours,
        roles,
        sheet: given.sheet,
        cast: given.cast,
        lists,
        under_heading,
    };
    let come = added.print(used);
    match &form.styles {
        Some(_) if come.is_empty() => {}
        Some(own) => {
            let edit = parts::appended(&parsed(own)?, &come);
            changes.change(&own.name, Some(parts::spliced(&own.text, &[edit])));
        }
        None => {
            let defaults = root.child("w:docDefaults").map(markup).unwrap_or_default();
            let text = format!(
                "{DECLARATION}<w:styles {}>{defaults}{come}</w:styles>",
                root.attributes
            );
            let mut ids = Ids::new(given.relations);
            put(form, given, "styles", None, Some(text), &mut ids, changes);
        }
    }
    Ok(())
}

/// A part of the firm's that changes, or one of ours where it has none.
fn put(
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

/// The properties of the file, and what else the package names of the old text: its picture, its signatures.
fn properties(
    form: &mut Form<'_>,
    given: &Given<'_>,
    changes: &mut Changes,
) -> Result<(), OntoError> {
    const ROOT: &str = "_rels/.rels";
    let ours = ours(given.composed, "docProps/core.xml").unwrap_or_default();
    let rels = form.part(ROOT)?.unwrap_or_default();
    let rels = Source {
        name: ROOT.to_owned(),
        ..rels
    };
    let all = if rels.text.is_empty() {
        Vec::new()
    } else {
        relations(&parsed(&rels)?, "")?
    };
    let known = all
        .iter()
        .find(|relation| relation.kind == "core-properties" && !relation.external);
    let mut come = Vec::new();
    match known {
        Some(relation) => {
            let own = form.part(&relation.target)?;
            let text = parts::core_properties(own.as_ref(), ours);
            if form.has(&relation.target) {
                changes.change(&relation.target, Some(text));
            }
        }
        None => {
            let kind = "application/vnd.openxmlformats-package.core-properties+xml".to_owned();
            let text = parts::core_properties(None, ours);
            let name = add(form, "docProps/core.xml", kind, text, changes);
            come.push(Added {
                id: Ids::new(&all).next(),
                kind: "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties".to_owned(),
                target: name,
                external: false,
            });
        }
    }
    if all.iter().any(|relation| relation.kind == "officeDocument") {
        let stays =
            |relation: &Relation| !["thumbnail", "origin"].contains(&relation.kind.as_str());
        let changed = parts::relationships(&rels, &all, stays, &come)?;
        changes.change(ROOT, changed);
    }
    Ok(())
}

/// The archive with its changes, without parts that nothing leads to any more.
fn packed(
    form: &mut Form<'_>,
    given: &Given<'_>,
    mut changes: Changes,
) -> Result<Vec<u8>, OntoError> {
    let before = form.reached(&BTreeMap::new(), &BTreeSet::new())?;
    let after = form.reached(&changes.changed, &changes.gone)?;
    for part in before.difference(&after) {
        let rels = key(&relations_of(part));
        for name in [part.clone(), rels] {
            if !changes.added.iter().any(|(added, ..)| key(added) == name) {
                changes.changed.remove(&name);
            }
            changes.gone.insert(name);
        }
    }
    let added: Vec<(String, String)> = changes
        .added
        .iter()
        .filter(|(name, ..)| !name.ends_with(".rels"))
        .map(|(name, kind, _)| (name.clone(), kind.clone()))
        .collect();
    let types = parts::content_types(&form.types, given.name, &changes.gone, &added)?;
    changes.change("[Content_Types].xml", types);
    let entry = |_: usize, name: &str| {
        let name = key(name);
        match changes.changed.get(&name) {
            Some(text) => Entry::Replaced(text.as_bytes()),
            None if changes.gone.contains(&name) => Entry::Gone,
            None => Entry::Kept,
        }
    };
    let added: Vec<(String, Vec<u8>)> = changes
        .added
        .iter()
        .map(|(name, _, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    Ok(repacked(given.firm, entry, &added)?)
}
