//! What a document says of its parties and of persons, with the labels it says it by: for whatever must know them all.

use super::Why;
use super::detail::details;
use super::known::known;
use super::lines::{Lines, Place};
use crate::model::Document;

/// Words that name a party, or tell something of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub words: String,
    /// 甲方, 联系人, `Registered office`, also with its side: 甲方地址.
    pub label: String,
    pub why: Why,
}

/// Most cells that are read under the heads of their columns.
const MOST_CELLS: usize = 2000;

/// The parties of a document and what it says of them, in order.
pub(crate) fn named(document: &Document) -> Vec<Named> {
    let lines = Lines::of(document);
    let mut found: Vec<Named> = known(&lines)
        .into_iter()
        .map(|known| Named {
            words: known.words,
            label: known.label,
            why: known.why,
        })
        .collect();
    // A table of persons has its labels on top.
    let cells = lines
        .all
        .iter()
        .filter(|line| line.place == Place::Cell && line.columns > 2);
    for line in cells.take(MOST_CELLS) {
        let Some(top) = lines.words(line.top) else {
            continue;
        };
        for detail in details(&line.prose.text, Some(top)) {
            found.push(Named {
                words: line.prose.text[detail.range].to_owned(),
                label: detail.label,
                why: detail.why,
            });
        }
    }
    found
}
