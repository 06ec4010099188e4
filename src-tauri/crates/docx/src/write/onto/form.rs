//! A firm's own file as a form: its parts, and what leads from one to another.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::OntoError;
use crate::ReadError;
use crate::fill::tree::{Id, Tree, attributes};
use crate::read::package::{Package, key, resolved};

/// Bytes of a part that is rewritten, the body aside: real styles and lists stay below 3 MB.
pub(super) const LARGEST_REWRITTEN: usize = 8 << 20;
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A part and its text.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    /// Name from the root of the package.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// A relationship.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub id: String,
    /// The last word of its type.
    pub kind: String,
    /// The part it leads to, or an address outside.
    pub target: String,
    pub external: bool,
    /// The element.
    pub element: Id,
}

/// The firm's file.
pub(super) struct Form<'a> {
    package: Package<'a>,
    /// Names of all entries.
    pub names: Vec<String>,
    pub types: Source,
    pub document: Source,
    /// Relationships of the body.
    pub relations: Source,
    pub styles: Option<Source>,
    pub numbering: Option<Source>,
    pub footnotes: Option<Source>,
    pub endnotes: Option<Source>,
    pub settings: Option<Source>,
}

impl<'a> Form<'a> {
    /// Opens a file and the parts that may change.
    pub fn open(bytes: &'a [u8]) -> Result<Self, OntoError> {
        let mut package = crate::read::open(bytes)?;
        let names: Vec<String> = package.entries().collect();
        let types = required(&mut package, "[Content_Types].xml")?;
        let document = package.body();
        let document = required(&mut package, &document)?;
        let name = relations_of(&document.name);
        let relations = optional(&mut package, &name)?.unwrap_or_default();
        let mut form = Self {
            package,
            names,
            types,
            document,
            relations: Source { name, ..relations },
            styles: None,
            numbering: None,
            footnotes: None,
            endnotes: None,
            settings: None,
        };
        usual(&form.document, "w:document")?;
        let all = form.body_relations()?;
        let mut part = |kind: &str, root: &str| -> Result<Option<Source>, OntoError> {
            let of_kind = |relation: &&Relation| relation.kind == kind && !relation.external;
            let Some(found) = all.iter().find(of_kind) else {
                return Ok(None);
            };
            let found = optional(&mut form.package, &found.target)?;
            if let Some(found) = &found {
                usual(found, root)?;
            }
            Ok(found)
        };
        let styles = part("styles", "w:styles")?;
        let numbering = part("numbering", "w:numbering")?;
        let footnotes = part("footnotes", "w:footnotes")?;
        let endnotes = part("endnotes", "w:endnotes")?;
        let settings = part("settings", "w:settings")?;
        Ok(Self {
            styles,
            numbering,
            footnotes,
            endnotes,
            settings,
            ..form
        })
    }

    /// Relationships of the body.
    pub fn body_relations(&self) -> Result<Vec<Relation>, OntoError> {
        if self.relations.text.is_empty() {
            return Ok(Vec::new());
        }
        relations(&parsed(&self.relations)?, &self.document.name)
    }

    /// A part by name.
    pub fn part(&mut self, name: &str) -> Result<Option<Source>, OntoError> {
        optional(&mut self.package, name)
    }

    /// True where there is an entry of that name.
    pub fn has(&self, name: &str) -> bool {
        let wanted = key(name);
        self.names.iter().any(|name| key(name) == wanted)
    }

    /// Names of the parts that can be reached from the package, as `changed` has it; `gone` cannot. In small letters.
    pub fn reached(
        &mut self,
        changed: &BTreeMap<String, String>,
        gone: &BTreeSet<String>,
    ) -> Result<HashSet<String>, OntoError> {
        let mut waiting = vec![String::new()];
        let mut seen = HashSet::new();
        while let Some(part) = waiting.pop() {
            let name = relations_of(&part);
            let source = match changed.get(&key(&name)) {
                Some(text) => Some(Source {
                    name: name.clone(),
                    text: text.clone(),
                }),
                None if gone.contains(&key(&name)) => None,
                // A part whose own relationships are damaged leads nowhere.
                None => optional(&mut self.package, &name).ok().flatten(),
            };
            let Some(source) = source.filter(|source| !source.text.is_empty()) else {
                continue;
            };
            let Ok(tree) = parsed(&source) else { continue };
            for relation in relations(&tree, &part)? {
                let target = key(&relation.target);
                if !relation.external && !gone.contains(&target) && seen.insert(target) {
                    waiting.push(relation.target);
                }
            }
        }
        Ok(seen)
    }
}

/// The name of the relationships of a part; of the package for `""`.
pub(super) fn relations_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, file)) => format!("{folder}/_rels/{file}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

/// The relationships of a part.
pub(super) fn relations(tree: &Tree<'_>, part: &str) -> Result<Vec<Relation>, OntoError> {
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut all = Vec::new();
    for &element in &tree.at(0).children {
        let value = |name: &str| tree.attribute(element, name);
        let (Some(id), Some(kind), Some(target)) = (value("Id"), value("Type"), value("Target"))
        else {
            continue;
        };
        let external = value("TargetMode").as_deref() == Some("External");
        all.push(Relation {
            id,
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: if external {
                target
            } else {
                resolved(folder, &target)
            },
            external,
            element,
        });
    }
    Ok(all)
}

/// A part as elements with their places.
pub(super) fn parsed(source: &Source) -> Result<Tree<'_>, OntoError> {
    Ok(Tree::parse(&source.name, source.text.as_bytes())?)
}

fn optional(package: &mut Package<'_>, name: &str) -> Result<Option<Source>, OntoError> {
    let Some(bytes) = package.part(name)? else {
        return Ok(None);
    };
    let small = name.ends_with(".rels") || name == "[Content_Types].xml";
    if small && bytes.len() > LARGEST_REWRITTEN {
        return Err(OntoError::Form(ReadError::TooLarge(
            "its relationships or content types have more than 8 MB",
        )));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        OntoError::Form(ReadError::BadXml {
            part: name.to_owned(),
            why: "it is not UTF-8".to_owned(),
        })
    })?;
    Ok(Some(Source {
        name: name.to_owned(),
        text: in_one_encoding(text),
    }))
}

fn required(package: &mut Package<'_>, name: &str) -> Result<Source, OntoError> {
    optional(package, name)?.ok_or(OntoError::Form(ReadError::NotWord))
}

/// A part that was read from UTF-16 says so in its first line, and is written in UTF-8.
fn in_one_encoding(text: String) -> String {
    let body = text.trim_start_matches('\u{FEFF}');
    let declaration = body
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    match declaration {
        Some((declaration, rest)) if declaration.to_ascii_lowercase().contains("utf-16") => {
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{rest}")
        }
        _ if body.len() < text.len() => body.to_owned(),
        _ => text,
    }
}

/// Refuses what is written unlike Word writes it: another prefix, or the namespaces of Strict Open XML.
fn usual(source: &Source, root: &str) -> Result<(), OntoError> {
    if root != "w:document" && source.text.len() > LARGEST_REWRITTEN {
        return Err(OntoError::Form(ReadError::TooLarge(
            "its styles, lists, notes or settings have more than 8 MB",
        )));
    }
    let tree = parsed(source)?;
    let main = attributes(tree.tag(0)).any(|(name, value)| name == "xmlns:w" && value == MAIN);
    if tree.at(0).full == root && main {
        Ok(())
    } else {
        Err(OntoError::Unusual)
    }
}
