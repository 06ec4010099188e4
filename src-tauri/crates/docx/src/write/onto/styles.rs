//! Our styles that the firm lacks, in its type: they are based on its body text and headings and keep of their own only
//! what makes them what they are.

use std::collections::{BTreeSet, HashMap};

use super::cast::Cast;
use super::lists::Lists;
use super::properties::{Properties, value};
use super::roles::{Ours, Roles, Target, start_of};
use super::sheet::Sheet;
use crate::write::text::escape;

/// Styles of running text, which take the spacing and the edges of the firm's.
const TEXT: [&str; 10] = [
    "BodyText",
    "Addressee",
    "Clause",
    "ListItem",
    "ScheduleClause",
    "Party",
    "Recital",
    "ListBullet",
    "ListContinue",
    "Quote",
];
const NO_NUMBER: &str = "<w:numPr><w:numId w:val=\"0\"/></w:numPr>";

/// What the added styles depend on.
pub(super) struct Added<'a> {
    pub ours: &'a [Ours<'a>],
    pub roles: &'a Roles,
    pub sheet: &'a Sheet,
    pub cast: &'a Cast,
    pub lists: &'a Lists,
    /// Where text under a numbered heading starts, if the firm's list says so.
    pub under_heading: Option<i32>,
}

impl Added<'_> {
    /// The styles that are used, with all they need: those used first, then what they are based on.
    pub fn print(&self, used: &BTreeSet<String>) -> String {
        let by_new: HashMap<&str, &Ours<'_>> = self
            .ours
            .iter()
            .filter(|style| matches!(self.roles.target(style.id), Target::Own(_)))
            .map(|style| (style.id, style))
            .collect();
        let new_ids: HashMap<String, &str> = by_new
            .keys()
            .map(|id| (self.roles.target(id).id().to_owned(), *id))
            .collect();
        let mut wanted: Vec<&str> = Vec::new();
        let mut waiting: Vec<String> = used.iter().cloned().collect();
        while let Some(id) = waiting.pop() {
            let Some((&id, style)) = by_new.get_key_value(id.as_str()) else {
                continue;
            };
            if wanted.contains(&id) {
                continue;
            }
            wanted.push(id);
            let base = self.roles.bases.get(id).and_then(|base| new_ids.get(base));
            waiting.extend(base.map(|id| (*id).to_owned()));
            waiting.extend(value(&style.element, "w:next").map(str::to_owned));
        }
        // In the order our own files have them.
        let all = self.ours.iter().filter(|style| wanted.contains(&style.id));
        all.map(|style| self.style(style)).collect()
    }

    fn style(&self, style: &Ours<'_>) -> String {
        let target = self.roles.target(style.id);
        let id = target.id();
        let name = self
            .roles
            .names
            .get(style.id)
            .map_or(style.name, String::as_str);
        let base = self.roles.bases.get(style.id).map_or("", String::as_str);
        let custom = if name == style.name {
            style.element.attribute("w:customStyle")
        } else {
            Some("1")
        };
        let custom = custom.map_or(String::new(), |value| format!(" w:customStyle=\"{value}\""));
        // A file without styles of a kind gets the default of the kind as well.
        let alone = !self
            .sheet
            .styles
            .iter()
            .any(|other| other.kind == style.kind);
        let default = style.element.attribute("w:default").filter(|_| alone);
        let custom = default.map_or(custom, |_| " w:default=\"1\"".to_owned());
        let mut out = format!(
            "<w:style w:type=\"{}\"{custom} w:styleId=\"{}\"><w:name w:val=\"{}\"/>",
            style.kind,
            escape(id),
            escape(name)
        );
        if !base.is_empty() && base != id {
            out.push_str(&format!("<w:basedOn w:val=\"{}\"/>", escape(base)));
        }
        if let Some(next) = value(&style.element, "w:next") {
            let next = self.roles.target(next);
            out.push_str(&format!("<w:next w:val=\"{}\"/>", escape(next.id())));
        }
        for name in [
            "w:uiPriority",
            "w:semiHidden",
            "w:unhideWhenUsed",
            "w:qFormat",
        ] {
            if let Some(found) = style.element.child(name) {
                found.print(&mut out);
            }
        }
        let mut paragraph = Properties::of(style.element.child("w:pPr"));
        let mut run = Properties::of(style.element.child("w:rPr"));
        if style.kind == "paragraph" {
            self.fit(style, base, &mut paragraph, &mut run);
        }
        if !style.id.starts_with("Verbatim") {
            run.remove("w:rFonts");
            self.dress(style, &mut run);
        }
        out.push_str(&paragraph.print("w:pPr"));
        out.push_str(&run.print("w:rPr"));
        for name in ["w:tblPr", "w:trPr", "w:tcPr", "w:tblStylePr"] {
            if let Some(found) = style.element.child(name) {
                found.print(&mut out);
            }
        }
        out.push_str("</w:style>");
        out
    }

    /// What the firm sets by hand over a heading, but for its place, which belongs to its number.
    fn wear(&self, base: &str, paragraph: &mut Properties, run: &mut Properties) {
        let Some(dress) = self.roles.dress(base) else {
            return;
        };
        for (name, markup) in dress.paragraph.iter().filter(|(name, _)| name != "w:ind") {
            paragraph.set(name, markup.clone());
        }
        for (name, markup) in &dress.run {
            run.set(name, markup.clone());
        }
    }

    /// What the firm sets by hand is said by the style.
    fn dress(&self, style: &Ours<'_>, run: &mut Properties) {
        let dress = match (style.id, &self.cast.title_by_hand) {
            ("BodyText", _) => &self.cast.body.dress,
            ("Title", Some((_, dress))) => dress,
            _ => return,
        };
        for (name, markup) in &dress.run {
            run.set(name, markup.clone());
        }
    }

    fn fit(&self, style: &Ours<'_>, base: &str, paragraph: &mut Properties, run: &mut Properties) {
        let heading = style.id.strip_prefix("Heading");
        if let Some(numbered) = paragraph
            .get("w:numPr")
            .map(|markup| self.renumbered(markup))
        {
            match numbered {
                Some(markup) => paragraph.set("w:numPr", markup),
                None => paragraph.remove("w:numPr"),
            }
        }
        match style.id {
            "BodyText" => {
                *paragraph = Properties::default();
                for (name, markup) in &self.cast.body.dress.paragraph {
                    paragraph.set(name, markup.clone());
                }
                if self.cast.body.unnumbered {
                    paragraph.set("w:numPr", NO_NUMBER.to_owned());
                    paragraph.set("w:keepNext", "<w:keepNext w:val=\"0\"/>".to_owned());
                    paragraph.set(
                        "w:ind",
                        "<w:ind w:left=\"0\" w:firstLine=\"0\"/>".to_owned(),
                    );
                    paragraph.set("w:outlineLvl", "<w:outlineLvl w:val=\"9\"/>".to_owned());
                }
                *run = Properties::default();
                return;
            }
            "Title" if self.cast.title_by_hand.is_some() => {
                *paragraph = Properties::default();
                *run = Properties::default();
                let dress = self
                    .cast
                    .title_by_hand
                    .iter()
                    .flat_map(|(_, dress)| &dress.paragraph);
                for (name, markup) in dress {
                    paragraph.set(name, markup.clone());
                }
                paragraph.set_if_absent("w:keepNext", "<w:keepNext/>");
                return;
            }
            // Twins without number.
            id if id.ends_with("Plain") && heading.is_some() => {
                *paragraph = Properties::default();
                if self.sheet.listed(base).is_some() || self.is_own_numbered(base) {
                    paragraph.set("w:numPr", NO_NUMBER.to_owned());
                }
                paragraph.set(
                    "w:ind",
                    "<w:ind w:left=\"0\" w:firstLine=\"0\"/>".to_owned(),
                );
                self.wear(base, paragraph, run);
                return;
            }
            "ScheduleHeading" => {
                // It looks as the firm's first headings do, on a page of its own.
                for name in ["w:spacing", "w:jc"] {
                    paragraph.remove(name);
                }
                if self.sheet.listed(base).is_some() {
                    paragraph.set_if_absent("w:numPr", NO_NUMBER);
                }
                for name in ["w:sz", "w:szCs", "w:b", "w:bCs"] {
                    run.remove(name);
                }
                self.wear(base, paragraph, run);
                return;
            }
            _ => {}
        }
        // A heading the firm lacks, below one it has.
        if heading.is_some()
            && self
                .sheet
                .get(base)
                .is_some_and(|_| self.cast.headings.iter().flatten().any(|id| id == base))
        {
            for name in ["w:spacing", "w:jc", "w:keepNext", "w:keepLines"] {
                paragraph.remove(name);
            }
            if self.sheet.listed(base).is_some() {
                paragraph.set_if_absent("w:numPr", NO_NUMBER);
            }
            self.wear(base, paragraph, run);
            let dress = self.roles.dress(base);
            let above = dress
                .and_then(|dress| dress.size())
                .unwrap_or_else(|| self.sheet.size(base));
            let size = (above - 4).max(self.cast.size.min(above));
            for name in ["w:sz", "w:szCs"] {
                run.set(name, format!("<{name} w:val=\"{size}\"/>"));
            }
            for name in ["w:b", "w:bCs"] {
                run.remove(name);
            }
            return;
        }
        self.text(style, paragraph);
    }

    /// Text takes the spacing and edges of the firm's body text, and its own indents stand over those.
    fn text(&self, style: &Ours<'_>, paragraph: &mut Properties) {
        if TEXT.iter().any(|name| style.id.starts_with(name)) {
            for name in ["w:spacing", "w:jc"] {
                paragraph.remove(name);
            }
        }
        self.roles.settle(paragraph);
        if style.id == "BodyTextIndent"
            && let Some(left) = self.under_heading
        {
            paragraph.set(
                "w:ind",
                format!("<w:ind w:left=\"{left}\" w:firstLine=\"0\"/>"),
            );
        }
        let start = self.cast.start;
        let in_characters = start.first_chars.is_some() || start.left_chars.is_some();
        let none = if in_characters {
            "<w:ind w:left=\"0\" w:leftChars=\"0\" w:firstLine=\"0\" w:firstLineChars=\"0\"/>"
        } else {
            "<w:ind w:left=\"0\" w:firstLine=\"0\"/>"
        };
        if self.is_outlined(style) {
            // The firm's list says where they stand.
            paragraph.set("w:ind", none.to_owned());
            return;
        }
        match paragraph.get("w:ind") {
            Some(markup) if in_characters && start_of(markup).first_chars.is_none() => {
                let markup = markup.replacen(
                    "<w:ind ",
                    "<w:ind w:leftChars=\"0\" w:firstLineChars=\"0\" ",
                    1,
                );
                paragraph.set("w:ind", markup);
            }
            None if !start.is_flush() => paragraph.set("w:ind", none.to_owned()),
            _ => {}
        }
    }

    /// True for items that count in the firm's list.
    fn is_outlined(&self, style: &Ours<'_>) -> bool {
        style.id.starts_with("Clause") && self.lists.in_outline.values().any(|linked| *linked)
    }

    /// A number of ours in the firm's file; `None` where it counts in the firm's own list, which paragraphs say themselves.
    fn renumbered(&self, markup: &str) -> Option<String> {
        let (before, rest) = markup.split_once("<w:numId w:val=\"")?;
        let (id, after) = rest.split_once('"')?;
        if self.lists.in_outline.contains_key(id) {
            return None;
        }
        match self.lists.numbers.get(id) {
            Some(now) => Some(format!("{before}<w:numId w:val=\"{now}\"{after}")),
            None => Some(markup.to_owned()),
        }
    }

    /// True for an added style that numbers its paragraphs.
    fn is_own_numbered(&self, base: &str) -> bool {
        self.ours.iter().any(|style| {
            self.roles.target(style.id) == Target::Own(base.to_owned())
                && style
                    .element
                    .child("w:pPr")
                    .is_some_and(|p| p.child("w:numPr").is_some())
        })
    }
}
