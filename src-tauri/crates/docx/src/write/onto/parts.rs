//! The parts around the text: relationships, content types, settings, properties of the file, notes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write;
use std::ops::Range;

use super::OntoError;
use super::form::{Relation, Source, parsed};
use crate::fill::tree::{Id, Tree, attributes};
use crate::read::package::key;
use crate::write::text::escape;

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
pub(super) const DECLARATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Relationships that words name: without these words nothing leads to their targets.
const NAMED: [&str; 20] = [
    "header",
    "footer",
    "hyperlink",
    "image",
    "chart",
    "chartEx",
    "oleObject",
    "package",
    "diagramData",
    "diagramLayout",
    "diagramQuickStyle",
    "diagramColors",
    "diagramDrawing",
    "aFChunk",
    "subDocument",
    "control",
    "video",
    "audio",
    "media",
    "printerSettings",
];
/// Relationships that belong to the old text, and those of macros, which a .docx file cannot hold.
const OLD: [&str; 8] = [
    "people",
    "comments",
    "commentsExtended",
    "commentsIds",
    "commentsExtensible",
    "vbaProject",
    "wordVbaData",
    "keyMapCustomizations",
];

/// A source with some ranges replaced, in order.
pub(super) fn spliced(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    let mut at = 0;
    for (range, with) in edits {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(with);
        at = range.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The edit that puts markup at the end of a root.
pub(super) fn appended(tree: &Tree<'_>, markup: &str) -> (Range<usize>, String) {
    let root = tree.at(0);
    if root.inner.start == root.span.end {
        // `<a/>` is opened.
        let tag = tree.tag(0).trim_end_matches("/>");
        let whole = format!("{tag}>{markup}</{}>", root.full);
        return (root.span.clone(), whole);
    }
    (root.inner.end..root.inner.end, markup.to_owned())
}

/// A relationship to be added.
pub(super) struct Added {
    pub id: String,
    /// The whole type.
    pub kind: String,
    pub target: String,
    pub external: bool,
}

impl Added {
    fn markup(&self) -> String {
        let mode = if self.external {
            " TargetMode=\"External\""
        } else {
            ""
        };
        format!(
            "<Relationship Id=\"{}\" Type=\"{}\" Target=\"{}\"{mode}/>",
            escape(&self.id),
            escape(&self.kind),
            escape(&self.target)
        )
    }
}

/// The type of a relationship of the usual family.
pub(super) fn relation_type(kind: &str) -> String {
    format!("{RELATIONS}/{kind}")
}

/// True for a relationship of the body that stays when its text goes; `named` are the ids still named.
pub(super) fn stays(relation: &Relation, named: &HashSet<String>) -> bool {
    let kind = relation.kind.as_str();
    !OLD.contains(&kind) && (!NAMED.contains(&kind) || named.contains(&relation.id))
}

/// Relationships without those that go, with those that come; `None` where they need not change.
pub(super) fn relationships(
    source: &Source,
    all: &[Relation],
    stays: impl Fn(&Relation) -> bool,
    added: &[Added],
) -> Result<Option<String>, OntoError> {
    let come: String = added.iter().map(Added::markup).collect();
    if source.text.is_empty() {
        let whole = format!(
            "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">{come}</Relationships>"
        );
        return Ok((!come.is_empty()).then_some(whole));
    }
    let tree = parsed(source)?;
    let mut edits: Vec<_> = all
        .iter()
        .filter(|relation| !stays(relation))
        .map(|relation| (tree.at(relation.element).span.clone(), String::new()))
        .collect();
    if edits.is_empty() && come.is_empty() {
        return Ok(None);
    }
    if !come.is_empty() {
        let edit = appended(&tree, &come);
        // A root that is opened anew holds nothing that could go.
        edits.push(edit);
    }
    Ok(Some(spliced(&source.text, &edits)))
}

/// The content types: a template or a file with macros becomes a document; parts that went have none, new ones have
/// theirs.
pub(super) fn content_types(
    source: &Source,
    document: &str,
    gone: &BTreeSet<String>,
    added: &[(String, String)],
) -> Result<Option<String>, OntoError> {
    let tree = parsed(source)?;
    let mut edits = Vec::new();
    let main = format!("{WORD}.document.main+xml");
    let mut known = HashSet::new();
    let mut has_main = false;
    for &id in &tree.at(0).children {
        if tree.at(id).name != "Override" {
            continue;
        }
        let part = tree.attribute(id, "PartName").unwrap_or_default();
        let part = key(&part);
        let span = tree.at(id).span.clone();
        if part == key(document) {
            has_main = true;
            let kind = tree.attribute(id, "ContentType").unwrap_or_default();
            if kind != main {
                let name = tree.attribute(id, "PartName").unwrap_or_default();
                edits.push((span, override_of(&name, &main)));
            }
        } else if gone.contains(&part) && !added.iter().any(|(name, _)| key(name) == part) {
            edits.push((span, String::new()));
        } else {
            known.insert(part);
        }
    }
    let mut come = String::new();
    if !has_main {
        come.push_str(&override_of(&format!("/{document}"), &main));
    }
    for (name, kind) in added {
        if !known.contains(&key(name)) {
            come.push_str(&override_of(&format!("/{name}"), kind));
        }
    }
    // A default of our own kinds may be missing in a file without XML parts of its own.
    if edits.is_empty() && come.is_empty() {
        return Ok(None);
    }
    if !come.is_empty() {
        edits.push(appended(&tree, &come));
    }
    Ok(Some(spliced(&source.text, &edits)))
}

fn override_of(part: &str, kind: &str) -> String {
    format!(
        "<Override PartName=\"{}\" ContentType=\"{}\"/>",
        escape(part),
        escape(kind)
    )
}

/// Children of `w:settings` in the order of CT_Settings, up to the last of those that are put in.
const SETTINGS: [&str; 39] = [
    "writeProtection",
    "view",
    "zoom",
    "removePersonalInformation",
    "removeDateAndTime",
    "doNotDisplayPageBoundaries",
    "displayBackgroundShape",
    "printPostScriptOverText",
    "printFractionalCharacterWidth",
    "printFormsData",
    "embedTrueTypeFonts",
    "embedSystemFonts",
    "saveSubsetFonts",
    "saveFormsData",
    "mirrorMargins",
    "alignBordersAndEdges",
    "bordersDoNotSurroundHeader",
    "bordersDoNotSurroundFooter",
    "gutterAtTop",
    "hideSpellingErrors",
    "hideGrammaticalErrors",
    "activeWritingStyle",
    "proofState",
    "formsDesign",
    "attachedTemplate",
    "linkStyles",
    "stylePaneFormatFilter",
    "stylePaneSortMethod",
    "documentType",
    "mailMerge",
    "revisionView",
    "trackRevisions",
    "doNotTrackMoves",
    "doNotTrackFormatting",
    "documentProtection",
    "updateFields",
    "hdrShapeDefaults",
    "footnotePr",
    "endnotePr",
];
/// Children that stand between protection and the updating of fields do not matter but to be passed.
const LATE: [&str; 3] = ["updateFields", "hdrShapeDefaults", "footnotePr"];
/// What stands behind all of them.
const BEHIND: [&str; 12] = [
    "endnotePr",
    "compat",
    "docVars",
    "rsids",
    "mathPr",
    "attachedSchema",
    "themeFontLang",
    "clrSchemeMapping",
    "decimalSymbol",
    "listSeparator",
    "shapeDefaults",
    "docId",
];

/// The settings with what our text needs; the protection of the old text and its mailing go. `None` where they need not
/// change.
pub(super) fn settings(
    source: &Source,
    ours: &str,
    footnotes: bool,
) -> Result<Option<String>, OntoError> {
    let tree = parsed(source)?;
    let own = Tree::parse("settings.xml", ours.as_bytes())?;
    let mut edits = Vec::new();
    let taken = |name: &str| {
        let id = own.child(0, name)?;
        let off = matches!(own.attribute(id, "val").as_deref(), Some("0" | "false"));
        (!off).then(|| own.text(&own.at(id).span))
    };
    for &id in &tree.at(0).children {
        let name = tree.at(id).name;
        let replaced = ["trackRevisions", "updateFields"].contains(&name) && taken(name).is_some();
        if replaced || ["documentProtection", "mailMerge"].contains(&name) {
            edits.push((tree.at(id).span.clone(), String::new()));
        }
    }
    for name in [
        "trackRevisions",
        "documentProtection",
        "updateFields",
        "footnotePr",
    ] {
        let wanted = name != "footnotePr" || (footnotes && tree.child(0, name).is_none());
        let Some(markup) = taken(name).filter(|_| wanted) else {
            continue;
        };
        let place = SETTINGS
            .iter()
            .position(|known| *known == name)
            .unwrap_or(0);
        let late = LATE.contains(&name);
        let next = tree.at(0).children.iter().copied().find(|&id| {
            let other = tree.at(id).name;
            match SETTINGS.iter().position(|known| *known == other) {
                Some(at) => at > place,
                None => !late || BEHIND.contains(&other),
            }
        });
        match next {
            Some(id) => {
                let start = tree.at(id).span.start;
                edits.push((start..start, markup.to_owned()));
            }
            None => edits.push(appended(&tree, markup)),
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    Ok(Some(spliced(&source.text, &edits)))
}

/// The properties of the file: ours, with what the firm files its papers under.
pub(super) fn core_properties(firm: Option<&Source>, ours: &str) -> String {
    let mut kept = String::new();
    if let Some(tree) = firm.and_then(|firm| parsed(firm).ok()) {
        for (name, full) in [
            ("subject", "dc:subject"),
            ("keywords", "cp:keywords"),
            ("category", "cp:category"),
        ] {
            let words = tree
                .child(0, name)
                .map(|id| tree.words(id))
                .unwrap_or_default();
            let words = crate::write::text::clean(&words).0.into_owned();
            if !words.trim().is_empty() && !ours.contains(&format!("<{full}>")) {
                let _ = write!(kept, "<{full}>{}</{full}>", escape(&words));
            }
        }
    }
    let end = "</cp:coreProperties>";
    format!(
        "{DECLARATION}{}",
        ours.replacen(end, &format!("{kept}{end}"), 1)
    )
}

/// What a file counts of its text, and the titles in it: those of the old text.
const COUNTED: [&str; 9] = [
    "Pages",
    "Words",
    "Characters",
    "CharactersWithSpaces",
    "Lines",
    "Paragraphs",
    "TotalTime",
    "HeadingPairs",
    "TitlesOfParts",
];

/// The properties of the program that wrote the file, without what they tell of the old text.
pub(super) fn app_properties(source: &Source) -> Result<Option<String>, OntoError> {
    let tree = parsed(source)?;
    let old = tree.at(0).children.iter().map(|&id| tree.at(id));
    let old = old.filter(|element| COUNTED.contains(&element.name));
    let edits: Vec<_> = old
        .map(|element| (element.span.clone(), String::new()))
        .collect();
    Ok((!edits.is_empty()).then(|| spliced(&source.text, &edits)))
}

/// Where the notes of the firm's own text stand, and the ids of the others: separators.
pub(super) fn notes(source: &Source) -> Result<(Vec<Range<usize>>, i64), OntoError> {
    let tree = parsed(source)?;
    let mut old = Vec::new();
    let mut last = 0;
    for &id in &tree.at(0).children {
        let kind = tree.attribute(id, "type");
        let number = tree
            .attribute(id, "id")
            .and_then(|id| id.parse::<i64>().ok());
        if kind.is_none_or(|kind| kind == "normal") {
            old.push(tree.at(id).span.clone());
        } else {
            last = last.max(number.unwrap_or(0).clamp(0, 1 << 30));
        }
    }
    Ok((old, last + 1))
}

/// Ids of relationships that markup names.
pub(super) fn named(markup: &str) -> HashSet<String> {
    let mut all = HashSet::new();
    for sign in [
        "r:id=\"",
        "r:embed=\"",
        "r:link=\"",
        "r:pict=\"",
        "r:href=\"",
    ] {
        for (at, _) in markup.match_indices(sign) {
            let rest = &markup[at + sign.len()..];
            all.extend(rest.split_once('"').map(|(id, _)| id.to_owned()));
        }
    }
    all
}

/// The opening tag of the body's part: our namespaces, and those of the firm that mean the same.
pub(super) fn opening(ours: &str, firm: &Tree<'_>) -> String {
    let mut spaces: Vec<(&str, &str)> = Vec::new();
    let mut ignorable: Vec<&str> = Vec::new();
    let ours = format!("w:document {ours}");
    let both = [
        attributes(&ours).collect::<Vec<_>>(),
        attributes(firm.tag(0)).collect(),
    ];
    for (name, value) in both.iter().flatten().copied() {
        if name == "mc:Ignorable" {
            ignorable.extend(value.split_whitespace());
        } else if name.starts_with("xmlns:") && !spaces.iter().any(|(known, _)| *known == name) {
            spaces.push((name, value));
        }
    }
    let mut out = "<w:document".to_owned();
    for (name, value) in &spaces {
        let _ = write!(out, " {name}=\"{}\"", value.replace('"', "&quot;"));
    }
    let declared = |prefix: &&str| {
        spaces
            .iter()
            .any(|(name, _)| name.strip_prefix("xmlns:") == Some(*prefix))
    };
    let mut prefixes: Vec<&str> = Vec::new();
    for prefix in ignorable.into_iter().filter(declared) {
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    if !prefixes.is_empty() && declared(&"mc") {
        let _ = write!(out, " mc:Ignorable=\"{}\"", prefixes.join(" "));
    }
    out.push('>');
    out
}

/// Fresh ids of relationships.
pub(super) struct Ids {
    used: HashSet<String>,
    next: usize,
}

impl Ids {
    pub fn new(all: &[Relation]) -> Self {
        Self {
            used: all.iter().map(|relation| relation.id.clone()).collect(),
            next: 1,
        }
    }

    pub fn next(&mut self) -> String {
        loop {
            let id = format!("rIdText{}", self.next);
            self.next += 1;
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// Ids of the paragraphs of a part.
pub(super) fn paragraph_ids(markup: &str) -> impl Iterator<Item = u32> {
    markup.match_indices("paraId=\"").filter_map(|(at, sign)| {
        let rest = markup.get(at + sign.len()..)?;
        u32::from_str_radix(rest.get(..8)?, 16).ok()
    })
}

/// How far our ids must move so that none is the firm's.
pub(super) fn shift(ours: &HashSet<u32>, firm: &HashSet<u32>) -> u32 {
    let mut shift = 0u32;
    for _ in 0..512 {
        let meets = |id: &u32| firm.contains(&(id.wrapping_add(shift) & 0x7FFF_FFFF));
        if !ours.iter().any(meets) {
            break;
        }
        shift = shift.wrapping_add(0x0040_0001);
    }
    shift
}

/// Relations of ours by id: the whole type, and the target.
pub(super) fn our_relations(part: &str) -> HashMap<String, (String, String)> {
    let Ok(tree) = Tree::parse("ours.rels", part.as_bytes()) else {
        return HashMap::new();
    };
    let mut all = HashMap::new();
    for &id in &tree.at(0).children {
        let value = |name: &str| tree.attribute(id as Id, name).unwrap_or_default();
        all.insert(value("Id"), (value("Type"), value("Target")));
    }
    all
}
