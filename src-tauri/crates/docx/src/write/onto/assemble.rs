//! The firm's package with our text in it: which parts change, which come and which go.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use moqi_document::Document;

use super::OntoError;
use super::body::Wearer;
use super::cast::Cast;
use super::changes::{Changes, RELATIONSHIPS, add, carried, elements, ours, put, tree_of};
use super::form::{Form, LARGEST_REWRITTEN, Relation, Source, parsed, relations, relations_of};
use super::lists::{self, Lists, Outline};
use super::notes::{Notes, endnotes, footnotes, note_ids};
use super::parts::{self, Added, DECLARATION, Ids};
use super::properties::{markup, value};
use super::roles::{self, Ours, Roles, Target};
use super::section::Page;
use super::sheet::Sheet;
use super::styles;
use super::title;
use super::usage::Usage;
use crate::fill::package::{Entry, repacked};
use crate::fill::tree::Tree;
use crate::read::package::key;
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
    /// The title of our text.
    pub title: Option<&'a str>,
    pub composed: &'a Composed,
    pub sheet: &'a Sheet,
    pub usage: &'a Usage<'a>,
    pub cast: &'a Cast,
    pub page: Option<&'a Page>,
    /// The firm's list that counts our clauses, and our list it counts instead of.
    pub outline: Option<&'a Outline>,
    pub outlined: Option<usize>,
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
        sections: 0,
        used: BTreeSet::new(),
    };
    let (text, background) = document(given, &mut wearer)?;
    changes.change(given.name, Some(text));
    let notes = Notes {
        old: old_notes,
        ours: our_notes,
    };
    footnotes(form, given, notes, &mut wearer, &mut ids, &mut changes)?;
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
        &mut ids,
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
        Some(own) => {
            let come = form.footnotes.is_none() && ours(composed, "word/footnotes.xml").is_some();
            parts::settings(own, settings, come)?
        }
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
        let kind = RELATIONSHIPS.to_owned();
        changes
            .added
            .extend(relations.map(|text| (name, kind, text)));
    } else {
        changes.change(&name, relations);
    }
    titles(form, given, &mut changes)?;
    properties(form, given, &mut changes)?;
    packed(form, given, changes)
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
        (Some(page), own) => {
            let lying = own.as_ref().and_then(|own| own.child("w:pgSz"));
            let lying = lying.is_some_and(|paper| paper.attribute("w:orient") == Some("landscape"));
            let kind = if wearer.sections > 0 { "nextPage" } else { "" };
            text.push_str(&page.markup(kind, lying, wearer.sections == 0));
        }
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
    ids: &mut Ids,
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
            put(form, given, "styles", None, Some(text), ids, changes);
        }
    }
    Ok(())
}

/// Headers and footers that print the title of the file.
fn titles(form: &mut Form<'_>, given: &Given<'_>, changes: &mut Changes) -> Result<(), OntoError> {
    let Some(words) = given.title else {
        return Ok(());
    };
    let ids: BTreeSet<&str> = given.page.into_iter().flat_map(Page::relations).collect();
    for relation in given
        .relations
        .iter()
        .filter(|own| ids.contains(own.id.as_str()))
    {
        let part = form.part(&relation.target)?;
        if let Some(part) = part.filter(|part| part.text.len() <= LARGEST_REWRITTEN) {
            changes.change(&part.name, title::retitled(&part, words)?);
        }
    }
    Ok(())
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
    let program = all
        .iter()
        .find(|relation| relation.kind == "extended-properties" && !relation.external);
    if let Some(part) = program.and_then(|own| form.part(&own.target).ok().flatten()) {
        changes.change(&part.name, parts::app_properties(&part)?);
    }
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
