//! M17: parts, instalments, shares and columns that do not make their totals.

use super::{INFO, rows};
use crate::facts::Facts;
use crate::facts::amount::{Amount, Writing};
use crate::facts::passage::{Passage, Role};
use crate::finding::{Finding, Severity};
use crate::scan::{has_any, places, run_back, sentence_end, sentence_start, skip_spaces, tail};
use moqi_document::words::{money, parse_money};
use std::ops::Range;

/// Checks every sum of the document.
pub(super) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let total = total(facts);
    for (index, _) in facts.passages.iter().enumerate().filter(|(_, p)| !p.quote) {
        shares(facts, index, total, findings);
        parts(facts, index, findings);
    }
    percentages(facts, findings);
    columns(facts, findings);
}

const TOTALS: &[&str] = &[
    "合同总价款",
    "合同总价",
    "合同总金额",
    "合同总额",
    "合同价款总额",
    "总价款",
    "转让价款",
    "合同价款",
    "总金额",
    "总价",
];

/// The one total of the document, where it has exactly one.
fn total(facts: &Facts<'_>) -> Option<i128> {
    let mut value = None;
    for amount in facts
        .amounts
        .iter()
        .filter(|a| a.writing == Writing::Figures)
    {
        let text = &facts.passages[amount.passage].text;
        let lead = tail(text, amount.range.start, 14);
        let joint = TOTALS
            .iter()
            .find_map(|word| lead.rfind(word).map(|at| &lead[at + word.len()..]));
        let Some(joint) = joint else { continue };
        let plain = [
            "",
            "为",
            "：",
            "共计",
            "为：",
            "共",
            "合计",
            "（含税）为",
            "总计为",
            "计",
            "（含税）：",
            "为人民币",
            "人民币",
        ]
        .contains(&joint.trim());
        match (plain, value, amount.minor) {
            (false, ..) => {}
            (true, None, Some(minor)) => value = Some(minor),
            (true, Some(seen), Some(minor)) if seen == minor => {}
            _ => return None,
        }
    }
    value
}

/// 合同总价的30%，即人民币360,000元: the share must be that part of the one total.
fn shares(facts: &Facts<'_>, index: usize, total: Option<i128>, findings: &mut Vec<Finding>) {
    let text = facts.passages[index].text.as_str();
    if !text.contains(['%', '％']) || !has_any(text, TOTALS) {
        return;
    }
    for (at, mark) in text.char_indices().filter(|(_, c)| matches!(c, '%' | '％')) {
        let number = run_back(text, at, |c| c.is_ascii_digit() || c == '.');
        let lead = text[..number.start].trim_end().trim_end_matches('的');
        let Some(percent) =
            parse_money(&text[number.clone()]).filter(|_| TOTALS.iter().any(|w| lead.ends_with(w)))
        else {
            continue;
        };
        let rest = skip(
            text,
            at + mark.len_utf8(),
            &["，", ",", "（", "(", "即", "计", "为", "共计", "合计"],
        );
        let Some(amount) = facts
            .amounts_in(index, rest..text.len())
            .first()
            .filter(|a| a.range.start == rest && a.writing == Writing::Figures)
        else {
            continue;
        };
        let (Some(total), Some(minor)) = (total, amount.minor) else {
            continue;
        };
        let Some(product) = total.checked_mul(percent) else {
            continue;
        };
        if (product - minor * 10_000).abs() > 10_000 {
            let shown = &text[amount.range.clone()];
            let right = money(product / 10_000);
            let zh = format!(
                "总价{}的{}%是{right}元，不是“{shown}”。",
                money(total),
                &text[number.clone()]
            );
            let en = format!(
                "{}% of the total {} is {right}, not “{shown}”.",
                &text[number.clone()],
                money(total)
            );
            findings.push(facts.at(
                INFO.id,
                Severity::Error,
                index,
                &amount.range,
                facts.say(zh, en),
            ));
        }
    }
}

/// The offset after any of these words, each as often as it comes.
fn skip(text: &str, from: usize, words: &[&str]) -> usize {
    let mut at = skip_spaces(text, from);
    while let Some(word) = words.iter().find(|w| text[at..].starts_with(**w)) {
        at = skip_spaces(text, at + word.len());
    }
    at
}

/// 总价为100万元，其中…60万元，…50万元: parts that exceed their total, or do not make it where the last is the rest.
fn parts(facts: &Facts<'_>, index: usize, findings: &mut Vec<Finding>) {
    let text = facts.passages[index].text.as_str();
    for at in places(text, "其中") {
        let (from, to) = (sentence_start(text, at), sentence_end(text, at));
        let here: Vec<&Amount> = facts
            .amounts_in(index, from..to)
            .iter()
            .filter(|a| a.writing == Writing::Figures)
            .collect();
        let Some(whole) = here.iter().rfind(|a| a.range.end <= at) else {
            continue;
        };
        let named = tail(text, whole.range.start, 12);
        let members: Vec<_> = here.iter().filter(|a| a.range.start > at).collect();
        let words = &text[at..to];
        let all: Option<Vec<i128>> = members.iter().map(|a| a.minor).collect();
        let (Some(minor), Some(values)) = (whole.minor, all) else {
            continue;
        };
        let unsure = has_any(
            words,
            &[
                "每",
                "税",
                "违约",
                "单价",
                "不超过",
                "以上",
                "以下",
                "%",
                "％",
            ],
        ) || values.len() < 2;
        if unsure || !has_any(named, &["总", "共计", "合计", "价款"]) {
            continue;
        }
        let sum: i128 = values.iter().sum();
        let closed = has_any(words, &["尾款", "余款", "剩余", "其余"]);
        if sum > minor || (closed && sum != minor) {
            let range = whole.range.start..members.last().map_or(whole.range.end, |a| a.range.end);
            let zh = format!(
                "各部分之和为{}元，与总额{}元不符。",
                money(sum),
                money(minor)
            );
            let en = format!(
                "The parts make {}, the total is {}.",
                money(sum),
                money(minor)
            );
            findings.push(facts.at(INFO.id, Severity::Error, index, &range, facts.say(zh, en)));
        }
    }
}

/// Payments in shares of the price under one clause that do not make 100%.
fn percentages(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let heading = |passage: &Passage| matches!(passage.role, Role::Heading);
    let Some(first) = facts.passages.iter().position(heading) else {
        return;
    };
    let mut start = first + 1;
    for clause in facts.passages[start..].split(heading) {
        clause_percentages(facts, start, clause, findings);
        start += clause.len() + 1;
    }
}

fn clause_percentages(
    facts: &Facts<'_>,
    start: usize,
    clause: &[Passage],
    findings: &mut Vec<Finding>,
) {
    let has_share = |passage: &Passage| passage.text.contains(['%', '％']);
    if !clause.iter().any(has_share) {
        return;
    }
    let mut group: Vec<(usize, Range<usize>, i128)> = Vec::new();
    let mut certain = true;
    for (index, passage) in (start..).zip(clause) {
        let text = passage.text.as_str();
        if !has_share(passage) {
            certain &= !has_any(text, &["余款", "尾款", "剩余", "其余", "余额"]);
            continue;
        }
        let (pays, other) = payments(text);
        certain &= !other || pays.is_empty();
        certain &= !has_any(
            text,
            &[
                "余款", "剩余", "其余", "余额", "或", "每月", "每期", "每年", "如果", "若", "逾期",
                "退",
            ],
        );
        group.extend(pays.into_iter().map(|(range, value)| (index, range, value)));
    }
    finish(facts, &group, certain, findings);
}

/// The shares of the price that a passage pays, in hundredths of a percent, and whether it has other percentages.
fn payments(text: &str) -> (Vec<(Range<usize>, i128)>, bool) {
    const BASES: &[&str] = &[
        "总价",
        "总价款",
        "总额",
        "总金额",
        "合同价款",
        "价款",
        "合同价",
        "服务费",
        "费用总额",
        "转让款",
        "转让价款",
    ];
    let mut found = Vec::new();
    let mut other = false;
    for (at, mark) in text.char_indices().filter(|(_, c)| matches!(c, '%' | '％')) {
        let number = run_back(text, at, |c| c.is_ascii_digit() || c == '.');
        let lead = text[..number.start].trim_end().trim_end_matches('的');
        let sentence = &text[sentence_start(text, at)..at];
        let pays = BASES.iter().any(|w| lead.ends_with(w))
            && has_any(
                &text[sentence_start(text, at)..sentence_end(text, at)],
                &["支付", "付款", "付清", "付至"],
            );
        let penalty = has_any(
            sentence,
            &[
                "违约",
                "逾期",
                "利息",
                "罚",
                "滞纳",
                "税",
                "定金",
                "保证金",
                "赔偿",
                "折扣",
                "付至",
            ],
        );
        match parse_money(&text[number.clone()]) {
            Some(value) if pays && !penalty => {
                found.push((number.start..at + mark.len_utf8(), value))
            }
            _ => other = true,
        }
    }
    (found, other)
}

fn finish(
    facts: &Facts<'_>,
    group: &[(usize, Range<usize>, i128)],
    certain: bool,
    findings: &mut Vec<Finding>,
) {
    let sum: i128 = group.iter().map(|(_, _, value)| value).sum();
    // One share is a deposit or an advance; a sum far from 100 counts other things too.
    let far = !(5_000..=15_000).contains(&sum);
    if !certain || group.len() < 2 || sum == 10_000 || far {
        return;
    }
    let Some((passage, range, _)) = group.last() else {
        return;
    };
    let shown = money(sum)
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned();
    let message = facts.say(
        format!("各期付款比例合计{shown}%，不是100%。"),
        format!("The shares of payment make {shown}%, not 100%."),
    );
    findings.push(facts.at(INFO.id, Severity::Error, *passage, range, message));
}

/// A table column of amounts whose last row, 合计 or Total, is not their sum.
fn columns(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut start = 0;
    while start < facts.passages.len() {
        let block = facts.passages[start].block;
        let end = start
            + facts.passages[start..]
                .iter()
                .position(|p| p.block != block)
                .unwrap_or(facts.passages.len() - start);
        if matches!(facts.passages[start].role, Role::Cell { .. }) {
            table(facts, start..end, findings);
            rows::check(facts, start..end, findings);
        }
        start = end;
    }
}

/// The figure of a cell in hundredths, with or without the sign or name of its currency.
pub(super) fn figure(cell: &str) -> Option<i128> {
    let figure = cell.trim().trim_end_matches('元');
    parse_money(figure.trim_start_matches(['¥', '￥', '$', '£', '€']))
}

fn table(facts: &Facts<'_>, cells: Range<usize>, findings: &mut Vec<Finding>) {
    let place = |i: usize| match facts.passages[i].role {
        Role::Cell { row, column } => Some((row, column)),
        _ => None,
    };
    let last = cells
        .clone()
        .filter_map(place)
        .map(|(row, _)| row)
        .max()
        .unwrap_or(0);
    let total_row = cells.clone().any(|i| {
        let text = facts.passages[i].text.trim();
        place(i).is_some_and(|(row, _)| row == last)
            && (["合计", "总计", "共计", "Total", "TOTAL", "合计：", "Total:"].contains(&text))
    });
    if !total_row || last < 3 {
        return;
    }
    let value = |i: usize| figure(&facts.passages[i].text);
    for i in cells
        .clone()
        .filter(|i| place(*i).is_some_and(|(row, _)| row == last))
    {
        let (Some(total), Some((_, column))) = (value(i), place(i)) else {
            continue;
        };
        let header = cells
            .clone()
            .find(|h| place(*h) == Some((0, column)))
            .map_or("", |h| facts.passages[h].text.as_str());
        let summed = has_any(
            header,
            &[
                "金额", "总价", "小计", "价款", "合计", "Amount", "amount", "Total", "Fee", "Price",
            ],
        ) && !has_any(header, &["单价", "Unit", "unit"]);
        let column_cells: Vec<usize> = cells
            .clone()
            .filter(|c| place(*c).is_some_and(|(row, col)| col == column && row > 0 && row < last))
            .collect();
        let values: Option<Vec<i128>> = column_cells.iter().map(|c| value(*c)).collect();
        let Some(values) = values.filter(|v| v.len() == last - 1 && summed) else {
            continue;
        };
        let sum: i128 = values.iter().sum();
        if sum != total {
            let range = 0..facts.passages[i].text.len();
            let message = facts.say(
                format!("本列之和为{}，与合计{}不符。", money(sum), money(total)),
                format!(
                    "This column makes {}, the total says {}.",
                    money(sum),
                    money(total)
                ),
            );
            findings.push(facts.at(INFO.id, Severity::Error, i, &range, message));
        }
    }
}
