//! Addresses by their form: a house number in a street, with what stands before and behind it.

use super::{Find, Private};
use crate::suggest::is_han;

/// The addresses of some words.
pub(super) fn addresses(words: &str) -> Vec<Find> {
    let mut found: Vec<Find> = Vec::new();
    let mut at = 0;
    while let Some(c) = words[at..].chars().next() {
        let next = match c {
            '号' => chinese(words, at),
            '0'..='9' => english(words, at),
            'P' => box_number(words, at),
            _ => None,
        };
        match next {
            Some((start, end)) if found.last().is_none_or(|last| last.range.end <= start) => {
                found.push(Find::new(words, start..end, Private::Address));
                at = end;
            }
            _ => at += c.len_utf8(),
        }
    }
    found
}

/// Longest street before a house number, and longest building behind it, in characters.
const LONGEST_STREET: usize = 45;
const LONGEST_BUILDING: usize = 14;

/// 江苏省南京市建邺区江东中路100号远见大厦12层1203室: `at` is the sign behind the house number.
fn chinese(words: &str, at: usize) -> Option<(usize, usize)> {
    let is_number =
        |c: char| c.is_ascii_digit() || matches!(c, '-' | '—' | '之' | '甲' | '乙' | '丙');
    let head = words[..at].trim_end_matches([' ', '\u{3000}']);
    let street = head
        .trim_end_matches(is_number)
        .trim_end_matches([' ', '附', '第']);
    let number = &head[street.len()..];
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let road = street.chars().next_back()?;
    if !"路街道巷弄里村园区镇桥段胡同港湾坊条".contains(road) {
        return None;
    }
    // What leads up to the address is no part of it.
    let mut start = street.len();
    for (i, c) in street.char_indices().rev().take(LONGEST_STREET) {
        let part = is_han(c) || c.is_ascii_alphanumeric() || matches!(c, '·' | '-');
        let leads = matches!(
            c,
            '址' | '在' | '于' | '至' | '为' | '是' | '到' | '往' | '所' | '坐' | '寄'
        ) && !street[i..].starts_with("于洪")
            && !street[i..].starts_with("在园");
        if !part || leads {
            break;
        }
        start = i;
    }
    for said in [
        "购买", "取得", "享有", "经过", "要求", "判决", "租赁", "出租", "出售", "交付", "所地",
    ] {
        let end = street[start..].rfind(said).map(|i| start + i + said.len());
        start = end.unwrap_or(start);
    }
    let name = &street[start..];
    let is_place = name.chars().count() >= 3 || name.contains(['市', '区', '县']);
    // 财产线索见本合同附件街道: a sentence is no street.
    if !is_place
        || ["应当", "不得", "双方", "合同", "协议"]
            .iter()
            .any(|word| name.contains(word))
    {
        return None;
    }
    Some((start, building(words, at + '号'.len_utf8())))
}

/// Where the building, floor and room end that stand behind a house number.
fn building(words: &str, from: usize) -> usize {
    let mut end = from;
    loop {
        let rest = &words[end..];
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let rest = &rest[gap..];
        let mut taken = 0;
        for (count, (i, c)) in rest.char_indices().enumerate() {
            let after = i + c.len_utf8();
            let unit = [
                "号楼",
                "单元",
                "厂房",
                "大厦",
                "广场",
                "中心",
                "大楼",
                "公寓",
                "花园",
                "园区",
                "写字楼",
            ]
            .iter()
            .any(|unit| rest[..after].ends_with(unit));
            let small = matches!(
                c,
                '栋' | '幢' | '座' | '楼' | '层' | '室' | '房' | '铺' | '门' | '号' | 'F' | 'f'
            ) && rest[..i].ends_with(|c: char| {
                c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(c)
            });
            if unit || small {
                taken = after;
                if !rest[after..].starts_with(['楼', '室']) {
                    break;
                }
            }
            let part = is_han(c) || c.is_ascii_alphanumeric() || matches!(c, '-' | '#' | '·');
            if !part || count >= LONGEST_BUILDING {
                break;
            }
        }
        if taken == 0 {
            return end;
        }
        end += gap + taken;
    }
}

const STREETS: [&str; 46] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "way",
    "place",
    "pl",
    "square",
    "sq",
    "court",
    "ct",
    "promenade",
    "quay",
    "wharf",
    "row",
    "terrace",
    "crescent",
    "gardens",
    "highway",
    "hwy",
    "parkway",
    "pkwy",
    "close",
    "mews",
    "plaza",
    "broadway",
    "walk",
    "hill",
    "park",
    "circle",
    "cir",
    "trail",
    "turnpike",
    "embankment",
    "strand",
    "gate",
    "yard",
    "alley",
];

/// `31 Promenade, Cheltenham GL50 1LE`, `1200 Market Street, Suite 5, Wilmington, DE 19801`
fn english(words: &str, at: usize) -> Option<(usize, usize)> {
    let before = words[..at].chars().next_back();
    if before.is_some_and(|c| {
        c.is_alphanumeric() || matches!(c, '.' | ',' | '$' | '£' | '€' | '-' | '/' | '§')
    }) {
        return None;
    }
    let number = words[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = at + number;
    // 221B, 12-14
    let tail = words[end..]
        .chars()
        .take(5)
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-');
    end += tail.count();
    if number > 6 || end - at > 9 {
        return None;
    }
    let mut street = None;
    let mut seen = String::new();
    for count in 0..6 {
        let rest = words[end..].strip_prefix([' ', '\u{a0}'])?;
        let from = words.len() - rest.len();
        let len = rest
            .find([' ', '\u{a0}', ',', ';', '(', ')', '\n'])
            .unwrap_or(rest.len());
        let word = &rest[..len];
        let first = word.chars().next()?;
        if !first.is_uppercase() && !first.is_ascii_digit() {
            break;
        }
        let bare = word.trim_end_matches('.').to_lowercase();
        end = from + len;
        // `12 Court` alone is none; `31 Promenade` is.
        let alone = matches!(
            bare.as_str(),
            "promenade" | "broadway" | "strand" | "embankment"
        );
        if STREETS.contains(&bare.as_str()) && (count > 0 || alone) {
            street = Some(end);
        }
        seen.push_str(&bare);
        seen.push(' ');
        if words[end..].starts_with([',', ';', '(', '\n'])
            || word.ends_with('.') && count > 0 && street.is_some()
        {
            break;
        }
    }
    let end = street?;
    if [
        "supreme",
        "district",
        "superior",
        "high court",
        "business",
        "calendar",
    ]
    .iter()
    .any(|word| seen.contains(word))
    {
        return None;
    }
    Some((unit(words, at), town(words, end)))
}

/// Where the unit begins that stands before a house number: `Unit 6, 48 Granary Wharf`.
fn unit(words: &str, at: usize) -> usize {
    let Some(head) = words[..at].strip_suffix(", ") else {
        return at;
    };
    let start = head
        .rfind([',', ';', ':', '(', '\n'])
        .map_or(0, |at| at + 1);
    let part = head[start..].trim_start();
    let parts: Vec<&str> = part.rsplitn(3, ' ').collect();
    match parts.as_slice() {
        [number, name, ..]
            if [
                "Unit",
                "Suite",
                "Flat",
                "Floor",
                "Room",
                "Apt",
                "Apartment",
                "Office",
            ]
            .contains(name)
                && number.len() <= 5 =>
        {
            name.as_ptr() as usize - words.as_ptr() as usize
        }
        _ => at,
    }
}

/// Where the town, the state and the code end that stand behind a street.
fn town(words: &str, from: usize) -> usize {
    let mut end = from;
    for _ in 0..6 {
        let rest = &words[end..];
        let Some(rest) = rest.strip_prefix([',', ' ', '\n']) else {
            break;
        };
        let start = words.len() - rest.trim_start_matches(' ').len();
        let rest = &words[start..];
        let len = rest
            .char_indices()
            .find(|(i, c)| {
                matches!(c, ',' | ';' | '(' | ')' | '\n' | '|' | '“' | '"')
                    || (*c == '.' && !rest[i + 1..].starts_with(|c: char| c.is_alphanumeric()))
            })
            .map_or(rest.len(), |(i, _)| i);
        let segment = &rest[..len];
        let parts: Vec<&str> = segment.split_whitespace().collect();
        let fits = |word: &str| {
            word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
                || matches!(word, "of" | "upon" | "on" | "de" | "la")
        };
        let is_word = |word: &&str| {
            matches!(
                word.trim_end_matches([':', '.']).to_lowercase().as_str(),
                "attention" | "attn" | "email" | "telephone" | "tel" | "phone" | "the" | "each"
            )
        };
        let fitting = parts
            .iter()
            .take_while(|word| fits(word) && !is_word(word))
            .count();
        if parts.is_empty() || fitting == 0 || fitting > 6 {
            break;
        }
        if fitting < parts.len() {
            // `Boston MA 02110 and the Seller`: the segment goes on as a sentence.
            let last = parts[fitting - 1];
            let stop = last.as_ptr() as usize - words.as_ptr() as usize + last.len();
            return match last.contains(|c: char| c.is_ascii_digit()) || fitting == 1 {
                true => stop,
                false => end,
            };
        }
        end = start + segment.trim_end().len();
        if !words[end..].starts_with(',') {
            break;
        }
    }
    end
}

/// `P.O. Box 123, Wilmington, DE 19801`
fn box_number(words: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &words[at..];
    let lead = ["P.O. Box ", "PO Box ", "P. O. Box "]
        .into_iter()
        .find(|lead| rest.starts_with(lead))?;
    let digits = rest[lead.len()..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    (digits > 0).then(|| (at, town(words, at + lead.len() + digits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, wanted: &[&str]) {
        let found = addresses(words);
        let found: Vec<_> = found.iter().map(|f| &words[f.range.clone()]).collect();
        assert_eq!(found, wanted, "{words}");
    }

    #[test]
    fn addresses_are_found_whole() {
        check(
            "房屋位于江苏省南京市建邺区江东中路100号远见大厦12层1203室，面积200平方米；寄至苏州市工业园区星湖街328号。",
            &[
                "江苏省南京市建邺区江东中路100号远见大厦12层1203室",
                "苏州市工业园区星湖街328号",
            ],
        );
        check(
            "住所：北京市海淀区中关村大街1号2号楼3单元401室",
            &["北京市海淀区中关村大街1号2号楼3单元401室"],
        );
        check(
            "offices at 1200 Market Street, Suite 500, Wilmington, DE 19801, and 31 Promenade, Cheltenham GL50 1LE (the “Lender”)",
            &[
                "1200 Market Street, Suite 500, Wilmington, DE 19801",
                "31 Promenade, Cheltenham GL50 1LE",
            ],
        );
        check(
            "at 5 West 42nd St., New York, NY 10036.",
            &["5 West 42nd St., New York, NY 10036"],
        );
        check(
            "P.O. Box 123, Dover, DE 19901",
            &["P.O. Box 123, Dover, DE 19901"],
        );
    }

    #[test]
    fn numbers_of_other_things_are_no_addresses() {
        for words in [
            "财税〔2016〕36号",
            "第12号",
            "合同编号2026-1号",
            "10 Business Days",
            "5 Supreme Court",
            "Section 12 Court costs",
            "30 days after",
            "国务院令第743号",
            "12 months",
        ] {
            check(words, &[]);
        }
    }
}
