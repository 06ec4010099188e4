//! Rows of a table of goods: quantity times unit price must make the amount.

use super::INFO;
use super::sums::figure;
use crate::facts::Facts;
use crate::facts::passage::Role;
use crate::finding::{Finding, Severity};
use crate::scan::has_any;
use moqi_document::words::money;
use std::collections::BTreeMap;
use std::ops::Range;

/// Checks the rows of one table, given its cells as a range of passages.
///
/// Only where the first row names one quantity, one unit price and one amount in the same unit, and no discount or
/// separate tax, is the product certain.
pub(super) fn check(facts: &Facts<'_>, cells: Range<usize>, findings: &mut Vec<Finding>) {
    let mut grid: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for i in cells {
        if let Role::Cell { row, column } = facts.passages[i].role {
            grid.insert((row, column), i);
        }
    }
    let text = |i: usize| facts.passages[i].text.trim();
    let headers: Vec<(usize, &str)> = grid
        .range((0, 0)..(1, 0))
        .map(|((_, column), i)| (*column, text(*i)))
        .collect();
    let foreign = [
        "折扣", "优惠", "税率", "税额", "iscount", "VAT", "Tax", "tax",
    ];
    if headers.iter().any(|(_, h)| has_any(h, &foreign)) {
        return;
    }
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut found = headers.iter().filter(|(_, h)| fits(h));
        found.next().filter(|_| found.next().is_none())
    };
    let is_price = |h: &str| has_any(h, &["单价", "Unit price", "Unit Price"]);
    let is_amount =
        |h: &str| has_any(h, &["金额", "小计", "总价", "合价", "价款", "Amount"]) && !is_price(h);
    let quantity = only(&|h| h.starts_with("数量") || ["Quantity", "Qty"].contains(&h));
    let (Some((quantity, _)), Some((price, price_unit)), Some((amount, amount_unit))) =
        (quantity, only(&is_price), only(&is_amount))
    else {
        return;
    };
    if price_unit.contains('万') != amount_unit.contains('万') {
        return;
    }
    let last = grid.keys().map(|(row, _)| *row).max().unwrap_or(0);
    for row in 1..=last {
        let value = |column: usize| figure(text(*grid.get(&(row, column))?));
        let (Some(count), Some(each), Some(said)) =
            (value(*quantity), value(*price), value(*amount))
        else {
            continue;
        };
        // All three are in hundredths.
        let Some(product) = count.checked_mul(each) else {
            continue;
        };
        // A unit price that was rounded may leave less than one cent for each piece.
        if (product - said.saturating_mul(100)).abs() <= count.max(100) {
            continue;
        }
        let Some(cell) = grid.get(&(row, *amount)) else {
            continue;
        };
        let right = money(product / 100);
        let message = facts.say(
            format!("数量乘以单价是{right}，不是“{}”。", text(*cell)),
            format!(
                "Quantity times unit price is {right}, not “{}”.",
                text(*cell)
            ),
        );
        let whole = 0..facts.passages[*cell].text.len();
        findings.push(facts.at(INFO.id, Severity::Error, *cell, &whole, message));
    }
}
