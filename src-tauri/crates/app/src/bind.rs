//! Which fields of a library clause are fields that the document has already, under a name of its own.

use std::collections::BTreeMap;

use moqi_document::{Block, BlockKind, Document, Field, FieldKind, InlineKind, Meta, plain};

use crate::derive::{field_name, for_each_inline};
use crate::fields::for_each_inline_mut;

/// The clause's names and the document's names for the same fields: those of one type and label, and the parties of
/// one side. A field that has the same name in both is not among them.
///
/// A side is what the clause's label begins with (甲方, First party) and how the document introduces its party: in a
/// line that begins so, or, where no line does, as the first or second party of the form.
pub fn same(document: &Document, clause: &Meta) -> BTreeMap<String, String> {
    let known = &document.meta.fields;
    let mut same = BTreeMap::new();
    for field in &clause.fields {
        if known.iter().any(|other| other.name == field.name) {
            continue;
        }
        let twin = known
            .iter()
            .find(|other| other.label == field.label && other.kind == field.kind);
        let found = twin.or_else(|| {
            let side = matches!(field.kind, FieldKind::Party).then(|| Side::of(&field.label))?;
            party(document, side?)
        });
        if let Some(found) = found {
            same.insert(field.name.clone(), found.name.clone());
        }
    }
    same
}

/// Puts the document's names into a block of the clause.
pub fn rename(block: &mut Block, same: &BTreeMap<String, String>) {
    for_each_inline_mut(block, &mut |inline| {
        if let InlineKind::Field(expression) = &mut inline.kind {
            *expression = renamed(expression, same);
        }
    });
}

/// The expression with its names changed; attributes and words in quotes stay.
fn renamed(expression: &str, same: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut quote = None;
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word: usize = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        if quote.is_none() && word > 0 {
            let (name, after) = rest.split_at(word);
            let attribute = out.trim_end().ends_with('.');
            let new = same.get(name).filter(|_| !attribute);
            out.push_str(new.map_or(name, String::as_str));
            rest = after;
            continue;
        }
        match quote {
            Some(open) if open == first => quote = None,
            None if matches!(first, '"' | '\'') => quote = Some(first),
            _ => {}
        }
        out.push(first);
        rest = &rest[first.len_utf8()..];
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

impl Side {
    fn of(label: &str) -> Option<Side> {
        let begins = |words: [&str; 2]| words.iter().any(|word| label.starts_with(word));
        if begins(["甲方", "First party"]) {
            Some(Side::First)
        } else if begins(["乙方", "Second party"]) {
            Some(Side::Second)
        } else {
            None
        }
    }
}

/// The document's party of a side.
fn party(document: &Document, side: Side) -> Option<&Field> {
    let parties: Vec<&Field> = document
        .meta
        .fields
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Party))
        .collect();
    let introduced = |field: &&Field| {
        document.blocks.iter().find_map(|block| {
            let BlockKind::Paragraph { content, .. } = &block.kind else {
                return None;
            };
            let mut named = false;
            for_each_inline(block, &mut |inline| {
                if let InlineKind::Field(expression) = &inline.kind {
                    let name = field_name(expression);
                    named |= name.trim_end_matches(".name") == field.name;
                }
            });
            named.then(|| Side::of(plain(content).trim_start()))?
        })
    };
    let sides: Vec<Option<Side>> = parties.iter().map(introduced).collect();
    if sides.iter().any(Option::is_some) {
        let at = sides.iter().position(|found| *found == Some(side))?;
        return Some(parties[at]);
    }
    parties.get(usize::from(side == Side::Second)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::parse;

    const CLAUSE: &str = "---\nid: c\ntitle: 通知\nlanguage: zh\nfields:\n  addr_a: {type: party, label: 甲方的送达信息}\n  addr_b: {type: party, label: 乙方的送达信息}\n  sum: {type: money, label: 合同总价}\n  days: {type: period, label: 付款期限}\n---\n\n## 通知\n\n甲方{{addr_a.name}}，乙方{{ addr_b.phone | upper }}，{{sum}}，{{days}}。\n";

    fn names(head: &str, body: &str) -> Vec<(String, String)> {
        let document = parse(&format!("---\nfields:\n{head}---\n\n{body}\n"));
        same(&document, &parse(CLAUSE).meta).into_iter().collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn parties_are_found_by_the_line_that_introduces_them() {
        let head =
            "  buyer: {type: party, label: 买受人}\n  seller: {type: party, label: 出卖人}\n";
        assert_eq!(
            names(
                head,
                "甲方（出卖人）：{{seller.name}}\n\n乙方（买受人）：{{buyer.name}}"
            ),
            pairs(&[("addr_a", "seller"), ("addr_b", "buyer")])
        );
        // Nothing says who 甲方 is: the order of the form does.
        assert_eq!(
            names(head, "{{seller.name}}与{{buyer.name}}"),
            pairs(&[("addr_a", "buyer"), ("addr_b", "seller")])
        );
        // Only one side is introduced: the other is not guessed.
        assert_eq!(
            names(head, "甲方：{{seller.name}}\n\n买受人：{{buyer.name}}"),
            pairs(&[("addr_a", "seller")])
        );
    }

    #[test]
    fn other_fields_are_the_same_by_type_and_label_only() {
        let head =
            "  total: {type: money, label: 合同总价}\n  pay: {type: text, label: 付款期限}\n";
        assert_eq!(names(head, "{{total}}"), pairs(&[("sum", "total")]));
        // A field of the same name needs no other name.
        assert_eq!(
            names(
                "  sum: {type: money, label: 价款}\n  total: {type: money, label: 合同总价}\n",
                "x"
            ),
            []
        );
    }

    #[test]
    fn only_names_are_renamed() {
        let same = BTreeMap::from([("a".to_owned(), "seller".to_owned())]);
        assert_eq!(renamed("a.name", &same), "seller.name");
        assert_eq!(
            renamed("b.a + ab | join(\"a\")", &same),
            "b.a + ab | join(\"a\")"
        );
        assert_eq!(
            renamed("f(a, 'a') ~ a.a", &same),
            "f(seller, 'a') ~ seller.a"
        );
    }
}
