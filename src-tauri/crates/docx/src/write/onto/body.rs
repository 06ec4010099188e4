//! Our paragraphs in the firm's styles and lists.

use std::collections::{BTreeSet, HashMap};

use moqi_document::{BlockKind, Document};

use super::lists::{Lists, Outline};
use super::properties::{Properties, markup, value};
use super::roles::{Ours, Roles, Target, start_of};
use super::section::Page;
use super::sheet::{Sheet, Start};
use super::usage::Usage;
use crate::write::tree::{Element, Node};

/// What the paragraphs depend on.
pub(super) struct Wearer<'a> {
    pub ours: &'a [Ours<'a>],
    pub roles: &'a Roles,
    pub lists: &'a Lists,
    pub outline: Option<&'a Outline>,
    pub sheet: &'a Sheet,
    pub usage: &'a Usage<'a>,
    /// Our relations and notes to those of the file.
    pub relations: HashMap<String, String>,
    pub notes: &'a HashMap<String, String>,
    /// What is added to ids of our paragraphs.
    pub paragraphs: u32,
    /// The firm's table style has a look of its own for header rows.
    pub first_row: bool,
    pub page: Option<&'a Page>,
    /// Sections of ours that have ended.
    pub sections: usize,
    /// Added styles that are used, by the ids we know them by.
    pub used: BTreeSet<String>,
}

/// A paragraph's number: our `w:num` and the level.
type Number<'a> = Option<(&'a str, &'a str)>;

impl<'a> Wearer<'a> {
    /// The children of the body, each with the block it comes from.
    pub fn body(
        &mut self,
        children: &mut [Element<'_>],
        origins: &[Option<usize>],
        document: &Document,
    ) {
        // Levels in the firm's list of the items that are open, by depth.
        let mut open: Vec<Option<usize>> = Vec::new();
        for (at, child) in children.iter_mut().enumerate() {
            let block = origins
                .get(at)
                .copied()
                .flatten()
                .and_then(|block| document.blocks.get(block));
            let kind = block.map(|block| &block.kind);
            if child.name != "w:p" {
                self.element(child);
                continue;
            }
            let level = self.paragraph(child);
            match kind {
                Some(BlockKind::Heading { .. }) => open.clear(),
                Some(BlockKind::Item { depth, .. }) => {
                    open.resize(usize::from(*depth), None);
                    open.push(level);
                }
                Some(BlockKind::Paragraph {
                    depth,
                    quote: false,
                    ..
                }) if *depth > 0 => {
                    let level = open.get(usize::from(*depth) - 1).copied().flatten();
                    if let Some(level) = level {
                        self.continued(child, level);
                    }
                }
                _ => {}
            }
        }
    }

    /// An element that is no paragraph of the body: table, note, what is inside.
    pub fn element(&mut self, element: &mut Element<'_>) {
        match element.name {
            "w:p" => {
                self.paragraph(element);
                return;
            }
            "w:tblPr" => self.table(element),
            "w:tcPr" if self.first_row => {
                element
                    .children
                    .retain(|node| !matches!(node, Node::Element(child) if child.name == "w:shd"));
            }
            _ => self.inside(element),
        }
        for node in &mut element.children {
            if let Node::Element(child) = node {
                self.element(child);
            }
        }
    }

    /// Renames what a run or mark refers to.
    fn inside(&mut self, element: &mut Element<'_>) {
        let renamed = match element.name {
            "w:rStyle" | "w:pStyle" | "w:tblStyle" => {
                let Some(style) = element.attribute("w:val") else {
                    return;
                };
                Some(("w:val", self.wear(style).id().to_owned()))
            }
            "w:footnoteReference" => element
                .attribute("w:id")
                .and_then(|id| Some(("w:id", self.notes.get(id)?.clone()))),
            // Answers to comments name the paragraphs of the comments.
            "w15:commentEx" | "w16cid:commentId" => {
                for name in ["w15:paraId", "w15:paraIdParent", "w16cid:paraId"] {
                    self.renumber(element, name);
                }
                return;
            }
            _ => ["r:id", "r:embed"].iter().find_map(|name| {
                let id = element.attribute(name)?;
                Some((*name, self.relations.get(id)?.clone()))
            }),
        };
        if let Some((name, now)) = renamed {
            rename(element, name, &now);
        }
    }

    /// What a style of ours becomes; one that has to be added is noted.
    fn wear(&mut self, style: &str) -> Target {
        let target = self.roles.target(style);
        if matches!(target, Target::Own(_)) {
            self.used.insert(style.to_owned());
        }
        target
    }

    fn table(&mut self, element: &mut Element<'_>) {
        let mut properties = Properties::of(Some(element));
        let Some(style) = value(element, "w:tblStyle") else {
            return;
        };
        let target = self.wear(style);
        properties.set(
            "w:tblStyle",
            format!(
                "<w:tblStyle w:val=\"{}\"/>",
                crate::write::text::escape(target.id())
            ),
        );
        if self.first_row {
            let look = "<w:tblLook w:val=\"0420\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"0\" w:noVBand=\"1\"/>";
            properties.set("w:tblLook", look.to_owned());
        }
        let printed = properties.print("w:tblPr");
        element.children = vec![Node::Raw(unwrapped(&printed, "w:tblPr").to_owned())];
    }

    /// A paragraph; gives its level where it counts in the firm's list.
    fn paragraph(&mut self, element: &mut Element<'_>) -> Option<usize> {
        self.renumber(element, "w14:paraId");
        let place = element
            .children
            .iter()
            .position(|node| matches!(node, Node::Element(child) if child.name == "w:pPr"));
        let own = element.child("w:pPr");
        let mut properties = Properties::of(own);
        let style = own
            .and_then(|own| value(own, "w:pStyle"))
            .unwrap_or("Normal");
        let direct = own.and_then(|own| own.child("w:numPr"));
        let direct = direct.and_then(|number| {
            Some((
                value(number, "w:numId")?,
                value(number, "w:ilvl").unwrap_or("0"),
            ))
        });
        let by_style = self.number_of(style);
        let mut outlined = None;
        let target = match direct.or(by_style) {
            Some((number, level)) if self.lists.in_outline.contains_key(number) => {
                let at: usize = level.parse().unwrap_or(0);
                outlined = Some(at);
                self.in_outline(style, number, at, &mut properties)
            }
            Some((number, level)) => {
                let target = self.wear(style);
                let bullets = style.starts_with("ListBullet");
                if matches!(target, Target::Firm(_)) && bullets {
                    properties.remove("w:numPr");
                } else if matches!(target, Target::Firm(_)) || direct.is_some() {
                    properties.set("w:numPr", self.number(number, level));
                }
                target
            }
            None => {
                let target = self.wear(style);
                if let Target::Firm(id) = &target
                    && self.sheet.listed(id).is_some()
                    && !style.starts_with("ListBullet")
                {
                    properties.set(
                        "w:numPr",
                        "<w:numPr><w:numId w:val=\"0\"/></w:numPr>".to_owned(),
                    );
                    properties.set_if_absent("w:ind", "<w:ind w:left=\"0\" w:firstLine=\"0\"/>");
                }
                target
            }
        };
        properties.set(
            "w:pStyle",
            format!(
                "<w:pStyle w:val=\"{}\"/>",
                crate::write::text::escape(target.id())
            ),
        );
        if let Some(section) = own.and_then(|own| own.child("w:sectPr")) {
            properties.set("w:sectPr", self.section(section));
        }
        let dress = match &target {
            Target::Firm(id) => self.roles.dress(id),
            Target::Own(_) => None,
        };
        if let Some(dress) = dress {
            for (name, markup) in &dress.paragraph {
                properties.set_if_absent(name, markup);
            }
        }
        // Word draws a justified line out to the margin even where the text breaks it.
        if breaks(element) {
            properties.set_if_absent("w:jc", "<w:jc w:val=\"left\"/>");
        }
        let run = dress.map_or(&[][..], |dress| dress.run.as_slice());
        if !run.is_empty() {
            // The number before a paragraph is drawn as its end is.
            let mut end = Properties::default();
            for (name, markup) in run {
                end.set(name, markup.clone());
            }
            properties.set("w:rPr", end.print("w:rPr"));
        }
        let printed = Node::Raw(properties.print("w:pPr"));
        match place {
            Some(place) => element.children[place] = printed,
            None => element.children.insert(0, printed),
        }
        for node in &mut element.children {
            if let Node::Element(child) = node {
                self.words(child, run);
            }
        }
        outlined
    }

    /// The number a style of ours gives its paragraphs.
    fn number_of(&self, style: &str) -> Number<'a> {
        let mut id = style;
        for _ in 0..8 {
            let found = self.ours.iter().find(|style| style.id == id)?;
            let number = found
                .element
                .child("w:pPr")
                .and_then(|properties| properties.child("w:numPr"));
            if let Some(number) = number {
                let id = value(number, "w:numId").filter(|id| *id != "0")?;
                return Some((id, value(number, "w:ilvl").unwrap_or("0")));
            }
            id = found.base;
        }
        None
    }

    fn number(&self, number: &str, level: &str) -> String {
        let now = self.lists.numbers.get(number).copied().unwrap_or_default();
        format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{now}\"/></w:numPr>")
    }

    /// A clause that counts in the firm's list: a heading, or an item where the firm writes clauses so, wears the style
    /// linked to the level.
    fn in_outline(
        &mut self,
        style: &str,
        number: &str,
        at: usize,
        properties: &mut Properties,
    ) -> Target {
        let level = self
            .outline
            .and_then(|outline| outline.levels.get(at)?.as_ref());
        let linked = level.and_then(|level| level.style.clone());
        let heading = style.starts_with("Heading");
        let linked =
            linked.filter(|id| self.sheet.get(id).is_some() && (heading || self.usage.runs(id)));
        let first = self.lists.in_outline.get(number).copied().unwrap_or(false);
        if let Some(id) = linked {
            if first {
                properties.remove("w:numPr");
            } else {
                properties.set("w:numPr", self.number(number, &at.to_string()));
            }
            return Target::Firm(id);
        }
        properties.set("w:numPr", self.number(number, &at.to_string()));
        // A level without edges of its own leaves them to its style.
        let style_of = level.and_then(|level| level.style.as_deref());
        if let (Some(level), Some(id)) = (level, style_of)
            && level.start == Start::default()
        {
            let start = self.sheet.start(id);
            let (left, first) = (start.left.unwrap_or(0), start.first.unwrap_or(0));
            let first = if first < 0 {
                format!("w:hanging=\"{}\"", -first)
            } else {
                format!("w:firstLine=\"{first}\"")
            };
            properties.set_if_absent("w:ind", &format!("<w:ind w:left=\"{left}\" {first}/>"));
        }
        self.wear(style)
    }

    /// A paragraph that continues an item of the firm's list starts where the item's words do.
    fn continued(&self, element: &mut Element<'_>, level: usize) {
        let found = self
            .outline
            .and_then(|outline| outline.levels.get(level)?.as_ref());
        let Some(found) = found else { return };
        let style = found
            .style
            .as_deref()
            .map(|id| self.sheet.start(id))
            .unwrap_or_default();
        let by_hand = found.style.as_deref().and_then(|id| self.roles.dress(id));
        let by_hand =
            by_hand.and_then(|dress| dress.paragraph.iter().find(|(name, _)| name == "w:ind"));
        let by_hand = by_hand
            .map(|(_, markup)| start_of(markup))
            .unwrap_or_default();
        let left = by_hand.or(style).or(found.start).left.unwrap_or(0).max(0);
        let Some(Node::Raw(raw)) = element.children.first_mut() else {
            return;
        };
        let indent = format!("<w:ind w:left=\"{left}\" w:firstLine=\"0\"/>");
        let inner = unwrapped(raw, "w:pPr").to_owned();
        if inner.contains("<w:ind ") {
            return;
        }
        // Only alignment and what follows it stand behind indents.
        let place = ["<w:jc ", "<w:outlineLvl ", "<w:rPr>", "<w:sectPr>"]
            .iter()
            .filter_map(|sign| inner.find(sign))
            .min()
            .unwrap_or(inner.len());
        *raw = format!(
            "<w:pPr>{}{indent}{}</w:pPr>",
            &inner[..place],
            &inner[place..]
        );
    }

    /// The end of a section of ours.
    fn section(&mut self, section: &Element<'_>) -> String {
        self.sections += 1;
        let Some(page) = self.page else {
            return markup(section);
        };
        let kind = value(section, "w:type").unwrap_or("");
        let lying = section
            .child("w:pgSz")
            .and_then(|paper| paper.attribute("w:orient"))
            == Some("landscape");
        page.markup(kind, lying, self.sections == 1)
    }

    /// Runs and what is around them.
    fn words(&mut self, element: &mut Element<'_>, dress: &[(String, String)]) {
        if element.name == "w:r" && !dress.is_empty() && element.child("w:t").is_some() {
            let own = element.child("w:rPr");
            let styled = own.is_some_and(|own| own.child("w:rStyle").is_some());
            let mut properties = Properties::of(own);
            for (name, markup) in dress {
                // A character style says its own colour.
                if !(styled && name == "w:color") {
                    properties.set_if_absent(name, markup);
                }
            }
            if let Some(style) = own.and_then(|own| value(own, "w:rStyle")) {
                let target = self.wear(style);
                properties.set(
                    "w:rStyle",
                    format!(
                        "<w:rStyle w:val=\"{}\"/>",
                        crate::write::text::escape(target.id())
                    ),
                );
            }
            let printed = Node::Raw(properties.print("w:rPr"));
            match element
                .children
                .iter()
                .position(|node| matches!(node, Node::Element(child) if child.name == "w:rPr"))
            {
                Some(place) => element.children[place] = printed,
                None => element.children.insert(0, printed),
            }
        } else {
            self.inside(element);
        }
        for node in &mut element.children {
            match node {
                Node::Element(child) if child.name == "w:p" => self.element(child),
                Node::Element(child) => self.words(child, dress),
                // Properties that were printed above name no other style.
                Node::Raw(_) | Node::Text(_) => {}
            }
        }
    }

    /// Gives a paragraph an id no part of the firm's has.
    fn renumber(&self, element: &mut Element<'_>, name: &str) {
        let id = element
            .attribute(name)
            .and_then(|id| u32::from_str_radix(id, 16).ok());
        if let Some(id) = id.filter(|_| self.paragraphs > 0) {
            let now = format!("{:08X}", id.wrapping_add(self.paragraphs) & 0x7FFF_FFFF);
            rename(element, name, &now);
        }
    }
}

/// True where a line ends before the paragraph does.
fn breaks(element: &Element<'_>) -> bool {
    element.children.iter().any(|node| match node {
        Node::Element(child) if child.name == "w:br" => child
            .attribute("w:type")
            .is_none_or(|kind| kind == "textWrapping"),
        Node::Element(child) => breaks(child),
        Node::Text(_) | Node::Raw(_) => false,
    })
}

/// Puts another value in the place of an attribute's.
pub(super) fn rename(element: &mut Element<'_>, name: &str, now: &str) {
    if let Some(value) = element.attribute(name) {
        let own = format!("{name}=\"{value}\"");
        let now = format!("{name}=\"{}\"", crate::write::text::escape(now));
        let whole = element.attributes.replacen(&own, &now, 1);
        element.attributes = "";
        element.added = whole;
    }
}

/// What stands between the tags of an element.
fn unwrapped<'m>(markup: &'m str, name: &str) -> &'m str {
    markup
        .strip_prefix(&format!("<{name}>"))
        .and_then(|rest| rest.strip_suffix(&format!("</{name}>")))
        .unwrap_or_default()
}
