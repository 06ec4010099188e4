//! `money`: words that differ from figures, parts that differ from their total, 元 where 万元 was meant.
//!
//! Why: the court must choose one of two sums, and no statute says that words win in a contract.
//!
//! Wrong: 人民币壹佰万元整（¥1,200,000.00） · One Thousand Pounds (£1,200) · 支付合同总价的30%，…的60%（总共90%）
//! Right: 人民币壹佰贰拾万元整（¥1,200,000.00）
//! Basis: none for contracts; checklist M16, M17, M18. Amounts are whole 分 or cents throughout.

mod rows;
mod sums;

use crate::facts::Facts;
use crate::facts::amount::{Amount, Currency, Writing};
use crate::facts::numeral;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{after, before, is_space, run, run_back, skip_spaces};
use moqi_document::words::{money, rmb_upper};
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
    }
    sums::check(facts, findings);
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
            let value = moqi_document::words::parse_en_number(&text[range.clone()]);
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
        let known = moqi_document::words::en_number_word(&text[word.clone()]).is_some();
        if word.is_empty() || !(known || (start.is_some() && &text[word.clone()] == "and")) {
            return start.map(|start| start..end);
        }
        if known {
            start = Some(word.start);
        }
        at = word.start;
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
                    "| 名称 | 数量 | 单价（元） | 金额（元） |\n| --- | --- | --- | --- |\n| 甲 | 2 | 100.00 | 300.00 |\n| 乙 | 3 | 33.33 | 100.00 |\n",
                    &[("300.00", "200.00")],
                ),
                (
                    "| Item | Qty | Unit price | Amount |\n| --- | --- | --- | --- |\n| Tea | 12 | 8.50 | 120.00 |\n",
                    &[("120.00", "102.00")],
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
                (
                    "总价人民币拾万元整（¥100,000.00）。\n",
                    &[("拾万元整", "不规范")],
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
                (
                    "总价¥1,409.50（大写：壹仟肆佰零玖元伍分）。\n",
                    "改为“壹仟肆佰零玖元伍角”",
                    "总价¥1,409.50（大写：壹仟肆佰零玖元伍角）。\n",
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
