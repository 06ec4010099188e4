//! An XML part, event by event: a limit of depth, no document type, and an end that is its end.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadError;

/// Elements inside one another; a real document stays below 40.
const DEEPEST: usize = 256;

/// A part being read.
pub(super) struct Xml<'a> {
    part: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Xml<'a> {
    pub(super) fn new(part: &'a str, bytes: &'a [u8]) -> Xml<'a> {
        let mut reader = Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        reader.config_mut().check_end_names = true;
        Xml {
            part,
            reader,
            depth: 0,
        }
    }

    /// The next event, or `None` at the end of a whole part.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, ReadError> {
        let bad = |why: String| ReadError::BadXml {
            part: self.part.to_owned(),
            why,
        };
        let event = self
            .reader
            .read_event()
            .map_err(|error| bad(error.to_string()))?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(bad("its elements are nested too deeply".into()));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => return Err(bad("it declares a document type".into())),
            Event::Eof if self.depth > 0 => return Err(bad("it ends in the middle".into())),
            Event::Eof => return Ok(None),
            _ => {}
        }
        Ok(Some(event))
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    // Looking for an attribute that is there twice takes quadratic time, which a hostile file would use.
    let found = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|found| found.key.local_name().as_ref() == name)?;
    let raw = found.value;
    Some(
        quick_xml::escape::unescape(&raw)
            .map(Cow::into_owned)
            .unwrap_or_else(|_| raw.clone().into_owned()),
    )
}

/// The `val` of a property.
pub(super) fn value(tag: &BytesStart<'_>) -> Option<String> {
    attribute(tag, "val")
}

/// The `val` of a property as a number.
pub(super) fn number<N: std::str::FromStr>(tag: &BytesStart<'_>) -> Option<N> {
    value(tag)?.trim().parse().ok()
}

/// A switch is on unless it says otherwise.
pub(super) fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(value(tag).as_deref(), Some("0" | "false" | "off" | "none"))
}
