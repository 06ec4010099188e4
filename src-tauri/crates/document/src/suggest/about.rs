//! Which side the lines of a form are about: what follows 甲方：____ is of 甲方 until another side or a heading comes.

use std::collections::HashMap;

use super::lines::{Line, Place};

/// The side that is being spoken of; in a table each column has its own.
#[derive(Default)]
pub(super) struct About {
    side: Option<String>,
    columns: HashMap<usize, String>,
}

impl About {
    /// Goes on to a line. A heading ends what was spoken of, a new table its columns.
    pub fn enter(&mut self, line: &Line) {
        match line.place {
            Place::Heading => *self = About::default(),
            Place::Cell if line.top.is_none() && line.column == 0 => self.columns.clear(),
            _ => {}
        }
    }

    /// Words of a line that say nothing of a side end what was spoken of.
    pub fn ends(&mut self, line: &Line, words: &str) {
        if line.place == Place::Body && !words.trim().is_empty() {
            self.side = None;
        }
    }

    /// The side of what stands on a line.
    pub fn side(&self, line: &Line) -> Option<&String> {
        match line.place {
            Place::Cell => self.columns.get(&line.column),
            _ => self.side.as_ref(),
        }
    }

    /// A line names a side.
    pub fn set(&mut self, line: &Line, side: &str) {
        match line.place {
            Place::Cell => {
                self.columns.insert(line.column, side.to_owned());
            }
            _ => self.side = Some(side.to_owned()),
        }
    }
}

/// A label with its side before it: 甲方地址, `Lender registered office`.
pub(super) fn of_side(side: &str, label: &str) -> String {
    if label.is_ascii() {
        let own = label.strip_prefix(side.to_lowercase().as_str());
        format!("{side} {}", own.unwrap_or(label).trim_start())
    } else {
        format!("{side}{label}")
    }
}
