//! The parts of the archive, with limits: a small file that unpacks to gigabytes is refused while it is unpacked.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::Event;

use super::ReadError;
use super::xml::{Xml, attribute};

/// Bytes of one part.
const LARGEST_PART: u64 = 64 << 20;
/// Bytes of all parts together.
const LARGEST_FILE: u64 = 256 << 20;
/// Entries of the archive.
const MOST_ENTRIES: usize = 4096;
/// Relationships of one part that are looked at.
const MOST_RELATIONS: usize = 65_536;

/// An open Word file.
pub(crate) struct Package<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
    /// Index of each part by its name in small letters: names of parts know no case.
    names: HashMap<String, usize>,
    /// Bytes unpacked so far.
    unpacked: u64,
}

/// A relationship of a part.
pub(crate) struct Relation {
    /// The last word of its type: `header`, `hyperlink` …, alike in both families of namespaces.
    pub(crate) kind: String,
    /// The part it leads to, or the address where `external`.
    pub(crate) target: String,
    pub(crate) external: bool,
}

impl<'a> Package<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Package<'a>, ReadError> {
        let archive =
            zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::NotAnArchive)?;
        if archive.len() > MOST_ENTRIES {
            return Err(ReadError::TooLarge("it has more than 4,096 parts"));
        }
        let names = (0..archive.len())
            .filter_map(|index| {
                let name = archive.name_for_index(index)?.ok()?;
                Some((key(&name), index))
            })
            .collect();
        Ok(Package {
            archive,
            names,
            unpacked: 0,
        })
    }

    /// Names of all entries as the archive has them, in its order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = String> {
        (0..self.archive.len()).filter_map(|index| {
            let name = self.archive.name_for_index(index)?.ok()?;
            Some(name.into_owned())
        })
    }

    /// Unpacks a part; `None` where there is none of that name.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(&index) = self.names.get(&key(name)) else {
            return Ok(None);
        };
        let bad = |why: &str| ReadError::BadXml {
            part: name.to_owned(),
            why: why.to_owned(),
        };
        let mut entry = self
            .archive
            .by_index(index)
            .map_err(|error| bad(&error.to_string()))?;
        // The size an archive states of itself is a claim; what counts is what comes out.
        let mut part = Vec::new();
        let read = entry.by_ref().take(LARGEST_PART + 1).read_to_end(&mut part);
        if part.len() as u64 > LARGEST_PART {
            return Err(ReadError::TooLarge("a part has more than 64 MB"));
        }
        read.map_err(|error| bad(&error.to_string()))?;
        self.unpacked += part.len() as u64;
        if self.unpacked > LARGEST_FILE {
            return Err(ReadError::TooLarge("it has more than 256 MB"));
        }
        Ok(Some(in_utf8(part)))
    }

    /// The name of the part with the body, as the package names it, or as Word does.
    pub(crate) fn body(&mut self) -> String {
        let found = self.relations("").ok().and_then(|relations| {
            let mut bodies = relations
                .into_values()
                .filter(|relation| relation.kind == "officeDocument" && !relation.external);
            bodies.next().map(|relation| relation.target)
        });
        found
            .filter(|name| self.names.contains_key(&key(name)))
            .unwrap_or_else(|| "word/document.xml".to_owned())
    }

    /// The relationships of a part by their ids; of the package for `""`.
    pub(crate) fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = format!("{folder}/_rels/{file}.rels");
        let mut found = HashMap::new();
        let Some(bytes) = self.part(&name)? else {
            return Ok(found);
        };
        let mut xml = Xml::new(&name, &bytes);
        while let Some(event) = xml.next()? {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                continue;
            };
            if tag.local_name().as_ref() != "Relationship" || found.len() >= MOST_RELATIONS {
                continue;
            }
            let (Some(id), Some(kind), Some(target)) = (
                attribute(&tag, "Id"),
                attribute(&tag, "Type"),
                attribute(&tag, "Target"),
            ) else {
                continue;
            };
            let external = attribute(&tag, "TargetMode").as_deref() == Some("External");
            let relation = Relation {
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: if external {
                    target
                } else {
                    resolved(folder, &target)
                },
                external,
            };
            found.insert(id, relation);
        }
        Ok(found)
    }
}

/// A name as parts are compared: some writers begin with a slash, or part folders as Windows does.
pub(crate) fn key(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase()
}

/// A target as a name from the root of the package. Steps above the root stay there.
pub(crate) fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A part in UTF-8; a few writers use UTF-16.
fn in_utf8(part: Vec<u8>) -> Vec<u8> {
    let decode = |unit: fn([u8; 2]) -> u16| {
        let units = part[2..]
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        text.into_bytes()
    };
    match part.get(..2) {
        Some([0xff, 0xfe]) => decode(u16::from_le_bytes),
        Some([0xfe, 0xff]) => decode(u16::from_be_bytes),
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn targets_are_resolved_inside_the_package() {
        assert_eq!(resolved("word", "header1.xml"), "word/header1.xml");
        assert_eq!(resolved("word", "/word/a.xml"), "word/a.xml");
        assert_eq!(resolved("word", "../../../etc/passwd"), "etc/passwd");
    }
}
