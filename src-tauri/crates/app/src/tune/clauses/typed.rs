//! Numbers that were typed before a clause: 第一条, 1.1, （一）, (a), ARTICLE I.

/// A typed number and what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Typed<'a> {
    /// Numbers of one form count at one level.
    pub form: &'static str,
    /// The words behind it.
    pub rest: &'a str,
}

/// The number that words begin with.
pub(super) fn typed(words: &str) -> Option<Typed<'_>> {
    let words = words.trim_start();
    article(words)
        .or_else(|| named(words))
        .or_else(|| enclosed(words))
        .or_else(|| decimal(words))
        .or_else(|| counted(words))
}

/// Numerals as clauses are counted by.
pub(super) const ZH: &str = "一二三四五六七八九十百零〇";

fn after(rest: &str) -> &str {
    rest.trim_start_matches([
        ' ', '\t', '\u{3000}', '\u{a0}', '.', '．', '、', ':', '：', '–', '—', '-',
    ])
}

/// 第一条, 第2章, 第三部分
fn article(words: &str) -> Option<Typed<'_>> {
    let rest = words.strip_prefix('第')?;
    let number: usize = rest
        .chars()
        .take(8)
        .take_while(|c| ZH.contains(*c) || c.is_ascii_digit() || *c == ' ')
        .map(char::len_utf8)
        .sum();
    let tail = &rest[number..];
    let unit = ["条", "章", "节", "部分"]
        .iter()
        .find(|unit| number > 0 && tail.starts_with(**unit))?;
    let tail = &tail[unit.len()..];
    // 第五条约定的 is a sentence about an article.
    let parted = tail.starts_with([' ', '\u{3000}', '\t', '：', ':', '、', '\u{a0}']);
    parted.then(|| Typed {
        form: "第",
        rest: after(tail),
    })
}

/// `Article 3`, `SECTION IV`, `Clause 2.1`
fn named(words: &str) -> Option<Typed<'_>> {
    let (name, rest) = words.split_once([' ', '\u{a0}'])?;
    let low = name.to_ascii_lowercase();
    let form = ["article", "section", "clause", "part"]
        .into_iter()
        .find(|known| *known == low)?;
    let end = rest
        .find([' ', '\t', ':', '–', '—', '\u{a0}'])
        .unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches('.');
    let is_number = !number.is_empty()
        && number.len() <= 8
        && (number.chars().all(|c| c.is_ascii_digit() || c == '.')
            || number.chars().all(|c| "IVXLC".contains(c)));
    // `Section 3 applies` is a sentence about a section.
    let rest = after(&rest[end..]);
    let titled = rest.starts_with(char::is_uppercase);
    (is_number && titled).then_some(Typed { form, rest })
}

/// （一）, (1), (a), (iv), 1), a)
fn enclosed(words: &str) -> Option<Typed<'_>> {
    let opened = words.strip_prefix(['（', '(']);
    let rest = opened.unwrap_or(words);
    let end = rest
        .char_indices()
        .take(7)
        .find(|(_, c)| matches!(c, '）' | ')'))?
        .0;
    let inner = rest[..end].trim();
    let tail = after(rest[end..].trim_start_matches(['）', ')']));
    let all = |set: &str| !inner.is_empty() && inner.chars().all(|c| set.contains(c));
    let form = if all("0123456789") {
        "(1)"
    } else if all(ZH) {
        "（一）"
    } else if all("ivx") && inner.len() > 1 {
        "(i)"
    } else if inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_lowercase()) {
        "(a)"
    } else if inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_uppercase()) {
        "(A)"
    } else {
        return None;
    };
    Some(Typed { form, rest: tail })
}

/// `1.`, `1.1`, `2.3.4`, 1、 1．
fn decimal(words: &str) -> Option<Typed<'_>> {
    let end = words.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number = &words[..end];
    let dots = number.trim_end_matches('.').matches('.').count();
    let parts_fit = number
        .trim_end_matches('.')
        .split('.')
        .all(|part| (1..=2).contains(&part.len()));
    let tail = &words[end..];
    let parted = tail.starts_with([' ', '\t', '\u{3000}', '\u{a0}', '、', '．'])
        || (number.ends_with('.') || dots > 0) && tail.starts_with(|c: char| !c.is_ascii());
    // `30 days` and `2.5 万元` are amounts, not numbers of a clause.
    let marked = number.ends_with('.') || tail.starts_with(['、', '．']) || dots > 0;
    let rest = after(tail);
    let is_text = rest.starts_with(|c: char| {
        c.is_alphabetic() || matches!(c, '“' | '"' | '《' | '[' | '【' | '*')
    }) && !["万元", "亿元", "元", "倍", "年", "月", "日", "个月"]
        .iter()
        .any(|unit| rest.starts_with(unit));
    let form = ["1", "1.1", "1.1.1", "1.1.1.1"].get(dots)?;
    // A second level is the outermost of its clause.
    (parts_fit && parted && marked && is_text).then_some(Typed { form, rest })
}

/// 一、
fn counted(words: &str) -> Option<Typed<'_>> {
    let end: usize = words
        .chars()
        .take(4)
        .take_while(|c| ZH.contains(*c))
        .map(char::len_utf8)
        .sum();
    let rest = words[end..].strip_prefix(['、', '．'])?;
    (end > 0).then(|| Typed {
        form: "一、",
        rest: after(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_told_from_sentences() {
        for (words, wanted) in [
            ("第一条 标的", Some(("第", "标的"))),
            ("第十二章　附则", Some(("第", "附则"))),
            ("第五条约定的价款", None),
            ("Article 3 – Term", Some(("article", "Term"))),
            ("SECTION IV. REMEDIES", Some(("section", "REMEDIES"))),
            ("Section 3 applies.", None),
            ("（一）图纸", Some(("（一）", "图纸"))),
            ("(iv) the price", Some(("(i)", "the price"))),
            ("a) one", Some(("(a)", "one"))),
            ("1.1 The Seller", Some(("1.1", "The Seller"))),
            ("3、付款", Some(("1", "付款"))),
            ("2.甲方", Some(("1", "甲方"))),
            ("一、总则", Some(("一、", "总则"))),
            ("30 days after", None),
            ("2.5 万元", None),
            ("2026 年", None),
            ("Seller", None),
            ("", None),
        ] {
            let found = typed(words).map(|typed| (typed.form, typed.rest));
            assert_eq!(found, wanted, "{words}");
        }
    }
}
