//! Who the parties are: names by their roles at the top, in the text and in the signature block.

use super::passage::{Passage, Role};
use crate::scan::{is_han, is_space, run, skip_spaces};
use std::ops::Range;

/// A role with the name it is given in one place.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    /// 甲方, 出卖人, Buyer …
    pub(crate) role: &'static str,
    /// A second role in brackets: 甲方（出卖人） gives 出卖人.
    pub(crate) also: Option<&'static str>,
    /// The name, or empty where none is given yet.
    pub(crate) name: String,
    /// Index of its passage.
    pub(crate) passage: usize,
    /// The name in the passage.
    pub(crate) range: Range<usize>,
    /// Stands in a signature block rather than at the top.
    pub(crate) signs: bool,
}

/// Roles that a line can start with. Longer ones first where one is the start of another.
pub(crate) const ROLES: &[&str] = &[
    "甲方",
    "乙方",
    "丙方",
    "丁方",
    "戊方",
    "出卖人",
    "买受人",
    "出卖方",
    "买受方",
    "卖方",
    "买方",
    "供方",
    "需方",
    "出租人",
    "承租人",
    "出租方",
    "承租方",
    "贷款人",
    "借款人",
    "出借人",
    "保证人",
    "债权人",
    "债务人",
    "用人单位",
    "劳动者",
    "委托人",
    "受托人",
    "委托方",
    "受托方",
    "转让方",
    "受让方",
    "披露方",
    "接收方",
    "许可方",
    "被许可方",
    "发包人",
    "承包人",
    "发包方",
    "承包方",
    "定作人",
    "承揽人",
    "抵押权人",
    "抵押人",
    "质权人",
    "出质人",
    "目标公司",
    "原告",
    "被告",
    "第三人",
    "上诉人",
    "被上诉人",
    "申请人",
    "被申请人",
    "答辩人",
    "被答辩人",
    "服务方",
    "甲方一",
    "甲方二",
];

/// The parties a passage names.
pub(crate) fn parties(index: usize, passages: &[Passage], found: &mut Vec<Party>) {
    let passage = &passages[index];
    let signing = matches!(passage.role, Role::Signature { .. });
    let mut line_start = 0;
    for line in passage.text.split('\n') {
        let start = line_start;
        line_start += line.len() + 1;
        let at = skip_spaces(&passage.text, start);
        let Some((role, after_role)) = role_at(&passage.text, at) else {
            continue;
        };
        let (notes, colon) = brackets(&passage.text, after_role);
        let marked = notes
            .iter()
            .any(|n| ["章", "签字", "签名", "签署"].iter().any(|w| n.contains(w)));
        let also = notes
            .iter()
            .find_map(|n| ROLES.iter().find(|r| **r == n.trim()).copied());
        let colon_at = skip_spaces(&passage.text, colon);
        let Some(mark) = passage.text[colon_at..]
            .chars()
            .next()
            .filter(|c| matches!(c, '：' | ':'))
        else {
            cell_pair(index, passages, role, also, found);
            continue;
        };
        let name_at = skip_spaces(&passage.text, colon_at + mark.len_utf8());
        let range = name(&passage.text, name_at);
        let prose = matches!(
            passage.role,
            Role::Item | Role::Body | Role::Cell { .. } | Role::Signature { .. }
        );
        if prose && !passage.quote {
            let text = passage.text[range.clone()].to_owned();
            found.push(Party {
                role,
                also,
                name: text,
                passage: index,
                range,
                signs: signing || marked,
            });
        }
    }
}

/// A table row 甲方 | 华东公司.
fn cell_pair(
    index: usize,
    passages: &[Passage],
    role: &'static str,
    also: Option<&'static str>,
    found: &mut Vec<Party>,
) {
    let Role::Cell { row, column } = passages[index].role else {
        return;
    };
    let Some(next) = passages
        .get(index + 1)
        .filter(|n| n.block == passages[index].block)
    else {
        return;
    };
    let beside =
        matches!(next.role, Role::Cell { row: r, column: c } if r == row && c == column + 1);
    let whole = passages[index].text.trim().len() == role.len();
    let range = name(&next.text, 0);
    if beside
        && whole
        && range.end == next.text.trim_end().len()
        && is_org(&next.text[range.clone()])
    {
        let text = next.text[range.clone()].to_owned();
        found.push(Party {
            role,
            also,
            name: text,
            passage: index + 1,
            range,
            signs: false,
        });
    }
}

fn role_at(text: &str, at: usize) -> Option<(&'static str, usize)> {
    // A role is two to four characters long and ends in one of these; most lines do not.
    let start = crate::scan::head(text, at, 5);
    if !start.contains(['方', '人', '告', '位', '者', '司']) {
        return None;
    }
    let role = ROLES
        .iter()
        .filter(|role| text[at..].starts_with(**role))
        .max_by_key(|role| role.len())?;
    Some((role, at + role.len()))
}

/// Bracketed notes after a role, and where they end: （出卖人）（盖章）.
fn brackets(text: &str, from: usize) -> (Vec<&str>, usize) {
    let mut notes = Vec::new();
    let mut at = from;
    loop {
        let start = skip_spaces(text, at);
        let Some(open) = text[start..]
            .chars()
            .next()
            .filter(|c| matches!(c, '（' | '('))
        else {
            return (notes, at);
        };
        let inside = start + open.len_utf8();
        let Some(close) = text[inside..].find(['）', ')']).filter(|c| *c <= 60) else {
            return (notes, at);
        };
        notes.push(&text[inside..inside + close]);
        at = inside
            + close
            + text[inside + close..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
    }
}

/// The name that starts at `at`: up to a mark, a space or an aside; 华东（上海）有限公司 is one name.
pub(crate) fn name(text: &str, at: usize) -> Range<usize> {
    let ends = |c: char| {
        is_space(c)
            || matches!(
                c,
                '，' | ','
                    | '。'
                    | '；'
                    | ';'
                    | '、'
                    | '：'
                    | ':'
                    | '_'
                    | '＿'
                    | '/'
                    | '【'
                    | '['
                    | super::passage::CHIP
            )
    };
    let mut end = at;
    loop {
        end = run(text, end, |c| {
            !ends(c) && !matches!(c, '（' | '(' | '）' | ')')
        })
        .end;
        let Some(open) = text[end..]
            .chars()
            .next()
            .filter(|c| matches!(c, '（' | '('))
        else {
            return at..end;
        };
        let inside = end + open.len_utf8();
        let Some(close) = text[inside..].find(['）', ')']).filter(|c| *c <= 24) else {
            return at..end;
        };
        let after = inside
            + close
            + text[inside + close..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
        let joined = text[after..].chars().next().is_some_and(is_han);
        let aside = ["简称", "盖章", "签", "章", "称"]
            .iter()
            .any(|w| text[inside..inside + close].contains(w));
        if !joined || aside || end == at {
            return at..end;
        }
        end = after;
    }
}

/// Whether a name is certainly that of an organisation.
pub(crate) fn is_org(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "公司",
        "厂",
        "中心",
        "事务所",
        "医院",
        "大学",
        "学院",
        "学校",
        "研究院",
        "研究所",
        "银行",
        "支行",
        "分行",
        "合伙企业（有限合伙）",
        "（有限合伙）",
        "合作社",
        "集团",
        "商行",
        "经营部",
        "委员会",
        "协会",
        "基金会",
        "局",
        "政府",
    ];
    name.chars().count() >= 4 && ENDS.iter().any(|end| name.ends_with(end)) && !name.contains("某")
}
