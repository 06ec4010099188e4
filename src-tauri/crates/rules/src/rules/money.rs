//! `money`: words that differ from figures, parts that differ from their total, 元 where 万元 was meant.
//!
//! Why: the court must choose one of two sums, and no statute says that words win in a contract.
//!
//! Wrong: 人民币壹佰万元整（¥1,200,000.00） · One Thousand Pounds (£1,200) · 支付合同总价的30%，…的60%（总共90%）
//! Right: 人民币壹佰贰拾万元整（¥1,200,000.00）
//! Basis: none for contracts; checklist M16, M17, M18. Amounts are whole 分 or cents throughout.

use crate::facts::Facts;
use crate::facts::amount::{Amount, Currency, Writing};
use crate::facts::numeral;
use crate::facts::passage::Role;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{
    after, before, has_any, is_space, places, run, run_back, sentence_end, sentence_start,
    skip_spaces, tail,
};
use moqi_document::words::{money, parse_money, rmb_upper};
use std::ops::Range;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "money",
    name: Words {
        zh: "金额",
        en: "Amounts",
    },
    what: Words {
        zh: "核对大小写金额、分期与总额、比例之和、元与万元。",
        en: "Checks words against figures, instalments against totals, percentages that must make 100, and units.",
    },
    why: Words {
        zh: "金额自相矛盾，就没有约定的价款。",
        en: "Where sums contradict each other, no price is agreed.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for pair in facts.amounts.windows(2) {
        let [first, second] = pair else { continue };
        if first.passage == second.passage
            && first.writing != second.writing
            && are_one(facts, first, second)
        {
            compare(facts, first, second, findings);
        }
    }
    for (index, passage) in facts.passages.iter().enumerate().filter(|(_, p)| !p.quote) {
        counts(facts, index, &passage.text, findings);
        shares(facts, index, findings);
        parts(facts, index, findings);
    }
    percentages(facts, findings);
    columns(facts, findings);
}

/// Whether words and figures stand for one sum: nothing between them but brackets and 大写.
fn are_one(facts: &Facts<'_>, first: &Amount, second: &Amount) -> bool {
    let text = &facts.passages[first.passage].text;
    let Some(between) = text.get(first.range.end..second.range.start) else {
        return false;
    };
    if between.chars().count() > 20 || !between.contains(['（', '(', '：', ':', '写', '/', '即'])
    {
        return false;
    }
    let mut rest: String = between
        .chars()
        .filter(|c| {
            !is_space(*c) && !matches!(c, '（' | '(' | '：' | ':' | '，' | ',' | '/' | '）')
        })
        .collect();
    // （¥1,000）（大写：…） is one sum; ）、 starts another.
    for word in [
        "大写金额",
        "小写金额",
        "大写",
        "小写",
        "人民币",
        "金额",
        "RMB",
        "CNY",
        "¥",
        "￥",
        "即",
        "为",
        "计",
        "元",
        "sterling",
        "USdollars",
        "整",
    ] {
        rest = rest.replace(word, "");
    }
    rest.is_empty()
}

fn compare(facts: &Facts<'_>, first: &Amount, second: &Amount, findings: &mut Vec<Finding>) {
    let text = &facts.passages[first.passage].text;
    let (words, figures) = if first.writing == Writing::Words {
        (first, second)
    } else {
        (second, first)
    };
    let Some(right) = figures.minor else { return };
    let spelled = &text[words.number.clone()];
    let range = words.number.clone();
    if words
        .currency
        .zip(figures.currency)
        .is_some_and(|(a, b)| a != b)
    {
        let message = facts.say(
            format!(
                "“{}”与“{}”币种不同。",
                &text[words.range.clone()],
                &text[figures.range.clone()]
            ),
            format!(
                "“{}” and “{}” are in different currencies.",
                &text[words.range.clone()],
                &text[figures.range.clone()]
            ),
        );
        findings.push(facts.at(
            INFO.id,
            Severity::Error,
            first.passage,
            &(first.range.start..second.range.end),
            message,
        ));
        return;
    }
    let shown = &text[figures.range.clone()];
    let wanted =
        if words.currency == Some(Currency::Cny) && text[words.range.clone()].contains('元') {
            Some(rmb_upper(right))
        } else {
            english_words(spelled, right)
        };
    let (severity, message) = match words.minor {
        Some(value) if value == right => return,
        None if spelled.contains(['零', '〇']) && !words.capital => return,
        None => (
            Severity::Warning,
            facts.say(format!("大写金额“{spelled}”的写法不规范，无法与“{shown}”核对。"), format!("The amount in words “{spelled}” is not well formed and cannot be checked against {shown}.")),
        ),
        Some(value) => {
            let unit = value == right * 10_000 || right == value * 10_000;
            let zh = format!("大写“{spelled}”与小写“{shown}”不一致{}。", if unit { "，相差一万倍，可能混淆了元与万元" } else { "" });
            let en = format!("The words “{spelled}” say {}, the figures say {}.", money(value), money(right));
            (Severity::Error, facts.say(zh, en))
        }
    };
    let mut finding = facts.at(INFO.id, severity, words.passage, &range, message);
    if words
        .minor
        .is_some_and(|value| figures.scaled && right == value * 10_000)
    {
        finding.fix = without_scale(facts, figures);
    } else {
        finding.fix = wanted.and_then(|wanted| facts.replace(words.passage, &range, &wanted));
    }
    findings.push(finding);
}

/// 1,200,000万元 beside 壹佰贰拾万元整: the 万 is the slip.
fn without_scale(facts: &Facts<'_>, figures: &Amount) -> Option<crate::finding::Fix> {
    let text = &facts.passages[figures.passage].text;
    let at = figures.number.end + text[figures.number.end..figures.range.end].find('万')?;
    let range = figures.number.start..at + '万'.len_utf8();
    let plain = text[figures.number.clone()].to_owned();
    facts.replace(figures.passage, &range, &plain)
}

/// The right English words, in the capitals of the wrong ones.
fn english_words(spelled: &str, minor: i128) -> Option<String> {
    let whole = u64::try_from(minor / 100)
        .ok()
        .filter(|_| minor % 100 == 0 && spelled.is_ascii())?;
    Some(dressed(spelled, &moqi_document::words::en_words(whole)))
}

fn dressed(like: &str, words: &str) -> String {
    let letters = like.bytes().filter(u8::is_ascii_alphabetic);
    if letters.clone().count() > 1 && letters.clone().all(|b| b.is_ascii_uppercase()) {
        return words.to_ascii_uppercase();
    }
    let titled = like
        .split([' ', '-'])
        .filter(|w| *w != "and")
        .all(|w| w.starts_with(|c: char| c.is_ascii_uppercase()));
    if !like.starts_with(|c: char| c.is_ascii_uppercase()) {
        return words.to_owned();
    }
    let mut out = String::new();
    let mut start = true;
    for (i, word) in words.split_inclusive([' ', '-']).enumerate() {
        let upper = (titled || i == 0) && start && word.trim_end() != "and";
        out.push_str(&if upper {
            word[..1].to_ascii_uppercase() + &word[1..]
        } else {
            word.to_owned()
        });
        start = true;
    }
    out
}

/// thirty (60) days, 一式肆（3）份: a number in words beside another in figures.
fn counts(facts: &Facts<'_>, index: usize, text: &str, findings: &mut Vec<Finding>) {
    for open in text
        .char_indices()
        .filter(|(_, c)| matches!(c, '(' | '（'))
        .map(|(at, c)| (at, at + c.len_utf8()))
    {
        let digits = run(text, open.1, |c| c.is_ascii_digit());
        let Ok(right) = text[digits.clone()].parse::<u64>() else {
            continue;
        };
        if !text[digits.end..].starts_with([')', '）']) {
            continue;
        }
        let end = text[..open.0].trim_end_matches(is_space).len();
        let han = run_back(text, end, numeral::is_chinese_numeral);
        let close = skip_spaces(
            text,
            digits.end + after(text, digits.end).map_or(1, char::len_utf8),
        );
        const UNITS: &str = "份日天个月年次人套台名页部期家周";
        let unit = after(text, close).is_some_and(|c| UNITS.contains(c));
        let (range, value) = if !han.is_empty()
            && unit
            && !matches!(before(text, han.start), Some('第' | '附' | '之'))
        {
            (han.clone(), numeral::chinese(&text[han.clone()]))
        } else {
            let Some(range) = english_before(text, end) else {
                continue;
            };
            let value = numeral::english(&text[range.clone()]);
            (range, value)
        };
        let Some(said) = value.filter(|said| *said != right) else {
            continue;
        };
        let words = &text[range.clone()];
        let is_english = words.is_ascii();
        // "twenty (20%)" and "clause one (2)" are other things; a unit of time or count must follow.
        if is_english && !text[close..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let message = facts.say(
            format!("文字“{words}”（{said}）与数字“{right}”不一致。"),
            format!("The words say “{words}”, the figures say {right}."),
        );
        let wanted = match is_english {
            true => dressed(words, &moqi_document::words::en_words(right)),
            false
                if words.contains(['壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖', '拾']) =>
            {
                rmb_upper(i128::from(right) * 100)
                    .trim_end_matches(['整', '元'])
                    .to_owned()
            }
            false => moqi_document::words::zh_number(right),
        };
        let mut finding = facts.at(INFO.id, Severity::Error, index, &range, message);
        finding.fix = facts.replace(index, &range, &wanted);
        findings.push(finding);
    }
}

/// The number words that end at `end`.
fn english_before(text: &str, end: usize) -> Option<Range<usize>> {
    let mut start = None;
    let mut at = end;
    loop {
        let trimmed = text[..at].trim_end_matches([' ', '-']).len();
        let word = run_back(text, trimmed, |c| c.is_ascii_alphabetic());
        let known = numeral::english_word(&text[word.clone()]).is_some();
        if word.is_empty() || !(known || (start.is_some() && &text[word.clone()] == "and")) {
            return start.map(|start| start..end);
        }
        if known {
            start = Some(word.start);
        }
        at = word.start;
    }
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
fn shares(facts: &Facts<'_>, index: usize, findings: &mut Vec<Finding>) {
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
            .amounts
            .iter()
            .find(|a| a.passage == index && a.range.start == rest && a.writing == Writing::Figures)
        else {
            continue;
        };
        let (Some(total), Some(minor)) = (total(facts), amount.minor) else {
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
            .amounts
            .iter()
            .filter(|a| {
                a.passage == index
                    && a.range.start >= from
                    && a.range.end <= to
                    && a.writing == Writing::Figures
            })
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
    let mut group: Vec<(usize, Range<usize>, i128)> = Vec::new();
    let mut certain = true;
    let mut clause = usize::MAX;
    for (index, passage) in facts.passages.iter().enumerate() {
        if matches!(passage.role, Role::Heading) {
            finish(facts, &group, certain, findings);
            (group, certain, clause) = (Vec::new(), true, passage.block);
            continue;
        }
        let text = passage.text.as_str();
        if clause == usize::MAX || !text.contains(['%', '％']) {
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
        }
        start = end;
    }
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
    let value = |i: usize| {
        let text = facts.passages[i]
            .text
            .trim()
            .trim_end_matches('元')
            .trim_start_matches(['¥', '￥', '$', '£', '€']);
        parse_money(text)
    };
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

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "总价为人民币壹佰贰拾万元整（¥1,200,000.00）。\n",
                "总价120万元（大写：人民币壹佰贰拾万元整），定金人民币200,000.00元（大写：贰拾万元整）。\n",
                "保险金一百万元（1,000,000元），一式肆（4）份，三十（30）日内。\n",
                "pay One Thousand Two Hundred Pounds (£1,200) within thirty (30) days under section two (2).\n",
                "# 合同\n\n## 付款\n\n1. 签约后支付合同总价的30%；\n2. 交货后支付合同总价的70%，逾期每日支付价款0.05%的违约金。\n",
                "# 合同\n\n## 付款\n\n1. 签约后支付合同总价的30%；\n2. 余款在验收后付清，质保金为合同总价的5%。\n",
                "合同总价为1,200,000.00元。签约后支付合同总价的30%，即人民币360,000.00元。\n",
                "总价为100万元，其中首付款60万元，尾款40万元。\n",
                "| 名称 | 金额 |\n|---|---|\n| 甲 | 100.00 |\n| 乙 | 200.00 |\n| 合计 | 300.00 |\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "总价为人民币壹佰万元整（¥1,200,000.00）。\n",
                    &[("壹佰万元整", "不一致")],
                ),
                (
                    "总价1,200,000万元（大写：壹佰贰拾万元整）。\n",
                    &[("壹佰贰拾万元整", "万元")],
                ),
                (
                    "总价人民币壹佰贰拾万零元整（¥1,200,000.00）。\n",
                    &[("壹佰贰拾万零元整", "不规范")],
                ),
                (
                    "总价人民币壹佰贰拾万元整（$1,200,000.00）。\n",
                    &[("人民币壹佰贰拾万元整（$1,200,000.00", "币种")],
                ),
                ("一式肆（3）份。\n", &[("肆", "不一致")]),
                (
                    "pay One Thousand Pounds (£1,200) within thirty (60) days.\n",
                    &[("One Thousand", "1,200.00"), ("thirty", "60")],
                ),
                (
                    "# 合同\n\n## 付款\n\n1. 签约后支付合同总价的30%；\n2. 交货后支付合同总价的60%。\n",
                    &[("60%", "90%")],
                ),
                (
                    "合同总价为1,200,000.00元。签约后支付合同总价的30%，即人民币300,000.00元。\n",
                    &[("人民币300,000.00元", "360,000.00")],
                ),
                (
                    "总价为100万元，其中首付款60万元，尾款50万元。\n",
                    &[("100万元，其中首付款60万元，尾款50万元", "1,100,000.00")],
                ),
                (
                    "| 名称 | 金额 |\n|---|---|\n| 甲 | 100.00 |\n| 乙 | 200.00 |\n| 合计 | 310.00 |\n",
                    &[("310.00", "300.00")],
                ),
            ],
        );
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[
                (
                    "总价为人民币壹佰万元整（¥1,200,000.00）。\n",
                    "改为“壹佰贰拾万元整”",
                    "总价为人民币壹佰贰拾万元整（¥1,200,000.00）。\n",
                ),
                (
                    "总价1,200,000万元（大写：壹佰贰拾万元整）。\n",
                    "改为“1,200,000”",
                    "总价1,200,000元（大写：壹佰贰拾万元整）。\n",
                ),
                ("一式肆（3）份。\n", "改为“叁”", "一式叁（3）份。\n"),
                (
                    "Pay One Thousand Pounds (£1,200).\n",
                    "Change to “One Thousand Two Hundred”",
                    "Pay One Thousand Two Hundred Pounds (£1,200).\n",
                ),
                (
                    "Pay within thirty (60) days.\n",
                    "Change to “sixty”",
                    "Pay within sixty (60) days.\n",
                ),
            ],
        );
    }
}
