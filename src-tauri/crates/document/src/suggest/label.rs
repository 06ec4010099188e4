//! What a blank is called, and what kind of value it wants: guessed from the words around it.

use super::party::is_han;
use crate::model::FieldKind;

/// The words that name a value: those before it (`甲方：`, `Name:`), or those in parentheses after it
/// (`____ (initials)`). `None` where neither says anything.
#[must_use]
pub fn label_around(before: &str, after: &str) -> Option<String> {
    let tail = last_chars(before, 80);
    let tail = tail.rsplit('\n').next().unwrap_or(tail).trim_end();
    if let Some(before) = tail.strip_suffix([':', '：'])
        && let Some(label) = widely(before).or_else(|| clean(phrase(before, 60)))
    {
        return Some(label);
    }
    if let Some(inner) = in_parentheses(after) {
        return clean(inner);
    }
    // Words that lead up to the blank: 合同总价为人民币____元.
    let lead = tail.trim_end_matches([
        '“', '"', '‘', '(', '（', '¥', '￥', '$', '€', '£', ' ', '\u{3000}', '《', '第',
    ]);
    let lead = lead
        .strip_suffix("人民币")
        .or_else(|| lead.strip_suffix("RMB"))
        .unwrap_or(lead)
        .trim_end();
    let lead = lead.trim_end_matches(['为', '是', '在', '于', '至', '计', '共']);
    let phrase = phrase(lead, 24);
    let phrase = if phrase.is_ascii() {
        let words: Vec<&str> = phrase.split_whitespace().collect();
        let from = words.len().saturating_sub(3);
        let kept = words[from..].iter().skip_while(|word| is_small(word));
        let mut kept: Vec<&str> = kept.copied().collect();
        while kept.last().is_some_and(|word| is_small(word)) {
            kept.pop();
        }
        return clean(&kept.join(" "));
    } else {
        last_chars(phrase, 10)
    };
    clean(phrase)
}

/// The words in brackets as a label: without `insert`, 填写 and the like.
#[must_use]
pub fn label_of_hint(hint: &str) -> Option<String> {
    let mut rest = hint.trim();
    for word in [
        "please ", "Please ", "PLEASE ", "insert ", "Insert ", "INSERT ", "enter ", "Enter ",
        "ENTER ", "the ", "The ", "请", "填写", "填入", "输入", "插入", "此处",
    ] {
        rest = rest
            .strip_prefix(word)
            .unwrap_or(rest)
            .trim_start_matches([':', '：', ' ']);
    }
    clean(rest)
}

fn is_small(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "the"
            | "a"
            | "an"
            | "of"
            | "is"
            | "to"
            | "by"
            | "in"
            | "at"
            | "for"
            | "and"
            | "or"
            | "be"
            | "on"
            | "than"
            | "with"
            | "within"
    )
}

/// The label right before a colon: 甲方地址, `Company number`, also 地　　址 with spaces that make it wide.
pub(super) fn named(before: &str) -> Option<String> {
    let line = last_chars(before, 60);
    let line = line.rsplit('\n').next().unwrap_or(line).trim_end();
    let line = match line.rfind(['（', '(']) {
        Some(open) if !line[open..].contains(['）', ')']) => {
            line[open..].trim_start_matches(['（', '('])
        }
        _ => line,
    };
    widely(line).or_else(|| clean(phrase(line, 24)))
}

/// A label of single characters with spaces between them: 地　　址.
fn widely(line: &str) -> Option<String> {
    let is_single = |word: &&str| {
        let mut chars = word.chars();
        chars.next().is_some_and(is_han) && chars.next().is_none()
    };
    let last = line
        .rsplit(['，', '。', '；', '：', '、', ',', ';', ':'])
        .next();
    let wide: Vec<&str> = last
        .unwrap_or(line)
        .split_whitespace()
        .rev()
        .take(8)
        .take_while(is_single)
        .collect();
    (wide.len() >= 2).then(|| wide.into_iter().rev().collect())
}

/// The last phrase of some words: from the last sign that ends one.
pub(super) fn phrase(words: &str, most: usize) -> &str {
    let all = words;
    let mut words = last_chars(words, most);
    // A word that the limit cuts is left out.
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if is_word(all[..all.len() - words.len()].chars().next_back()) && is_word(words.chars().next())
    {
        words = words.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    let cut = words
        .char_indices()
        .rfind(|(i, c)| {
            matches!(
                c,
                '，' | '。'
                    | '；'
                    | '、'
                    | '：'
                    | ','
                    | ';'
                    | ':'
                    | '\t'
                    | '|'
                    | '_'
                    | '＿'
                    | ']'
                    | '】'
                    | '\u{3000}'
            ) || (*c == ' ' && words[i + 1..].starts_with(' '))
                || (*c == '.' && words[i + 1..].starts_with(' '))
        })
        .map_or(0, |(i, c)| i + c.len_utf8());
    words[cut..].trim()
}

fn in_parentheses(after: &str) -> Option<&str> {
    let rest = after.trim_start_matches([' ', '\t', '\n']);
    let (rest, close) = match rest.strip_prefix('(') {
        Some(rest) => (rest, ')'),
        None => (rest.strip_prefix('（')?, '）'),
    };
    let end = rest.char_indices().take(40).find(|(_, c)| *c == close)?.0;
    Some(rest[..end].trim_matches(['“', '”', '"', ' ']))
        .filter(|inner| inner.chars().any(char::is_alphabetic))
}

/// A label without numbering, quotes and what a signatory does (盖章): `None` where no letter is left.
pub(super) fn clean(words: &str) -> Option<String> {
    let mut words = words.trim();
    // A number before the label: `1.`, `（一）`, `(a)`, `1、`.
    if let Some((number, rest)) = words.split_once(['.', '、', ')', '）'])
        && number.chars().count() <= 4
        && !rest.trim().is_empty()
        && number.chars().all(|c| {
            c.is_ascii_digit()
                || "(（一二三四五六七八九十".contains(c)
                || (c.is_ascii_lowercase() && number.starts_with('('))
        })
    {
        words = rest.trim();
    }
    for (open, close) in [('（', '）'), ('(', ')')] {
        if let Some(start) = words.find(open).filter(|start| *start > 0)
            && words.ends_with(close)
        {
            words = words[..start].trim_end();
        }
    }
    let words = words.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '*' | '#'
                    | '“'
                    | '”'
                    | '"'
                    | '‘'
                    | '’'
                    | '-'
                    | '·'
                    | '•'
                    | '>'
                    | ':'
                    | '：'
                    | '('
                    | '（'
                    | ')'
                    | '）'
                    | '.'
                    | ','
            )
    });
    (words.chars().any(char::is_alphabetic)).then(|| words.to_owned())
}

pub(crate) fn last_chars(words: &str, most: usize) -> &str {
    let cut = words
        .char_indices()
        .rev()
        .nth(most.saturating_sub(1))
        .map_or(0, |(i, _)| i);
    &words[cut..]
}

/// Words for the sides of a contract, Chinese and English, with the name of their field.
pub(crate) const SIDES: &[(&str, &str)] = &[
    ("甲方", "party_a"),
    ("乙方", "party_b"),
    ("丙方", "party_c"),
    ("丁方", "party_d"),
    ("出卖人", "seller"),
    ("买受人", "buyer"),
    ("卖方", "seller"),
    ("买方", "buyer"),
    ("出租人", "lessor"),
    ("承租人", "lessee"),
    ("出租方", "lessor"),
    ("承租方", "lessee"),
    ("出借人", "lender"),
    ("贷款人", "lender"),
    ("借款人", "borrower"),
    ("委托人", "client"),
    ("受托人", "agent"),
    ("委托方", "client"),
    ("受托方", "agent"),
    ("转让方", "transferor"),
    ("受让方", "transferee"),
    ("保证人", "guarantor"),
    ("债权人", "creditor"),
    ("债务人", "debtor"),
    ("用人单位", "employer"),
    ("劳动者", "employee"),
    ("原告", "plaintiff"),
    ("被告", "defendant"),
    ("发包人", "employer"),
    ("承包人", "contractor"),
    ("发包方", "employer"),
    ("承包方", "contractor"),
    ("供方", "supplier"),
    ("需方", "buyer"),
    ("许可方", "licensor"),
    ("被许可方", "licensee"),
    ("披露方", "discloser"),
    ("接收方", "recipient"),
    ("答辩人", "respondent"),
    ("被答辩人", "claimant"),
    ("申请人", "applicant"),
    ("被申请人", "respondent"),
    ("上诉人", "appellant"),
    ("被上诉人", "appellee"),
    ("申请执行人", "applicant"),
    ("被执行人", "judgment_debtor"),
    ("第三人", "third_party"),
    ("转让人", "transferor"),
    ("受让人", "transferee"),
    ("抵押人", "mortgagor"),
    ("抵押权人", "mortgagee"),
    ("出质人", "pledgor"),
    ("质权人", "pledgee"),
    ("担保人", "guarantor"),
    ("投资方", "investor"),
    ("投资人", "investor"),
    ("目标公司", "target_company"),
    ("服务方", "provider"),
    ("采购方", "buyer"),
    ("购买方", "buyer"),
    ("销售方", "seller"),
    ("出卖方", "seller"),
    ("供应商", "supplier"),
    ("建设单位", "employer"),
    ("施工单位", "contractor"),
    ("用工单位", "employer"),
    ("代理方", "agent"),
    ("赠与人", "donor"),
    ("受赠人", "donee"),
    ("seller", "seller"),
    ("buyer", "buyer"),
    ("purchaser", "purchaser"),
    ("vendor", "vendor"),
    ("lessor", "lessor"),
    ("lessee", "lessee"),
    ("landlord", "landlord"),
    ("tenant", "tenant"),
    ("lender", "lender"),
    ("borrower", "borrower"),
    ("employer", "employer"),
    ("employee", "employee"),
    ("company", "company"),
    ("client", "client"),
    ("customer", "customer"),
    ("provider", "provider"),
    ("supplier", "supplier"),
    ("licensor", "licensor"),
    ("licensee", "licensee"),
    ("contractor", "contractor"),
    ("consultant", "consultant"),
    ("guarantor", "guarantor"),
    ("discloser", "discloser"),
    ("recipient", "recipient"),
];

/// The field name of the side of a contract that a label is: 甲方, Seller, `name of the employer`, Party A.
#[must_use]
pub fn side(label: &str) -> Option<String> {
    let low = label.trim().to_lowercase();
    let mut words = low.as_str();
    for part in [
        "full ",
        "legal ",
        "registered ",
        "company ",
        "name ",
        "of ",
        "the ",
    ] {
        let rest = words.strip_prefix(part).unwrap_or(words);
        if !rest.is_empty() {
            words = rest;
        }
    }
    let words = words
        .trim_end_matches("名称")
        .trim_end_matches("姓名")
        .trim_end_matches("’s name")
        .trim_end_matches("'s name")
        .trim_end_matches(" name");
    if let Some(letter) = words.strip_prefix("party ") {
        let one = letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_alphanumeric());
        return one.then(|| format!("party_{letter}"));
    }
    SIDES
        .iter()
        .find(|(side, _)| *side == words)
        .map(|(_, name)| (*name).to_owned())
}

/// The kind of value that a label and the words around a blank ask for; [`FieldKind::Text`] where nothing says more.
#[must_use]
pub fn kind_around(label: &str, before: &str, after: &str) -> FieldKind {
    let low = label.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    let word = |wanted: &[&str]| {
        low.split(|c: char| !c.is_alphanumeric())
            .any(|w| wanted.contains(&w))
    };
    let before = before.trim_end();
    let after = after.trim_start();
    if side(label).is_some() {
        return FieldKind::Party;
    }
    if has(&["是否"]) || (low.starts_with("whether") && !low.contains(" or ")) {
        return FieldKind::YesNo;
    }
    if has(&["号码", "编号", "账号", "帐号", "代码"])
        || word(&["no", "phone", "email", "address", "title"])
    {
        return FieldKind::Text;
    }
    if has(&[
        "日期",
        "生效日",
        "签订日",
        "届满日",
        "起始日",
        "到期日",
        "出生年月",
    ]) || word(&["date", "dated", "birthday"])
    {
        return FieldKind::Date;
    }
    let money = |currency: &str| FieldKind::Money {
        currency: currency.to_owned(),
    };
    for (sign, currency) in [
        ("¥", "CNY"),
        ("￥", "CNY"),
        ("人民币", "CNY"),
        ("RMB", "CNY"),
        ("CNY", "CNY"),
        ("US$", "USD"),
        ("USD", "USD"),
        ("$", "USD"),
        ("€", "EUR"),
        ("EUR", "EUR"),
        ("£", "GBP"),
        ("GBP", "GBP"),
    ] {
        // An amount in capitals (人民币____（大写）) is words, not a number.
        if before.ends_with(sign) && !after.starts_with("（大写") {
            return money(currency);
        }
    }
    if after.starts_with("万元") || after.starts_with("亿元") {
        return FieldKind::Number;
    }
    if after.starts_with('元') {
        return money("CNY");
    }
    for unit in [
        "%",
        "％",
        "‰",
        "日内",
        "天",
        "个",
        "份",
        "台",
        "套",
        "年",
        "月",
        "工作日",
        "日",
        "days",
        "day",
        "months",
        "month",
        "years",
        "year",
        "percent",
        "business days",
        "hours",
    ] {
        if after.starts_with(unit) {
            return FieldKind::Number;
        }
    }
    if has(&[
        "金额",
        "价款",
        "总价",
        "单价",
        "租金",
        "费用",
        "报酬",
        "酬金",
        "违约金",
        "定金",
        "押金",
        "保证金",
        "注册资本",
        "工资",
        "借款本金",
    ]) {
        return money("CNY");
    }
    if word(&[
        "amount",
        "price",
        "fee",
        "fees",
        "salary",
        "rent",
        "deposit",
        "consideration",
    ]) {
        return money("USD");
    }
    if has(&["数量", "份数", "比例", "面积", "税率", "利率", "number of"])
        || word(&["quantity", "percentage", "rate"])
    {
        return FieldKind::Number;
    }
    FieldKind::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_called_by_the_words_around_it() {
        for (before, after, label) in [
            ("甲方：", "", Some("甲方")),
            ("1. 乙方（盖章）：", "", Some("乙方")),
            ("Name: ", "", Some("Name")),
            ("合同总价为人民币", "元", Some("合同总价")),
            ("the State of ", ".", Some("State")),
            ("", " (Employer initials)", Some("Employer initials")),
            ("", "", None),
            ("……。", "", None),
        ] {
            assert_eq!(
                label_around(before, after).as_deref(),
                label,
                "{before} {after}"
            );
        }
        assert_eq!(label_of_hint("insert the date").as_deref(), Some("date"));
        assert_eq!(label_of_hint("请填写甲方名称").as_deref(), Some("甲方名称"));
    }

    #[test]
    fn kinds_follow_labels_and_units() {
        let money = |c: &str| FieldKind::Money { currency: c.into() };
        for (label, before, after, kind) in [
            ("甲方", "甲方：", "", FieldKind::Party),
            ("Full legal name of the employee", "", "", FieldKind::Party),
            (
                "Title of the authorized signatory signing for the employer",
                "",
                "",
                FieldKind::Text,
            ),
            ("Effective date of this agreement", "", "", FieldKind::Date),
            ("总价", "人民币", "元", money("CNY")),
            ("sum", "the sum of $", " ", money("USD")),
            ("期限", "", "个工作日", FieldKind::Number),
            (
                "Whether the recipient is a worker",
                "",
                "",
                FieldKind::YesNo,
            ),
            ("合同编号", "", "", FieldKind::Text),
        ] {
            assert_eq!(kind_around(label, before, after), kind, "{label}");
        }
    }
}
