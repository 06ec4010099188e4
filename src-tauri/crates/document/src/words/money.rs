//! Amounts: figures, and the capital Chinese characters of bills and contracts.

use super::number::{forms, rough};

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const UNITS: [char; 3] = ['拾', '佰', '仟'];

/// An amount in figures from its smallest unit (分, cents): `money(120_000_000)` is `1,200,000.00`.
#[must_use]
pub fn money(minor: i128) -> String {
    let size = minor.unsigned_abs();
    let whole = (size / 100).to_string();
    let mut out = String::new();
    if minor < 0 {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&format!(".{:02}", size % 100));
    out
}

/// Reads an amount in figures into its smallest unit: `1,200,000.00`, `1200000`, `¥1,200.5`, `1200元`.
///
/// Commas must group by three or be absent; more than two decimals, or anything unread, is `None`.
#[must_use]
pub fn parse_money(text: &str) -> Option<i128> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let text = text
        .strip_prefix(['¥', '￥', '$', '£', '€'])
        .unwrap_or(text)
        .trim_start();
    let text = text.strip_suffix('元').unwrap_or(text).trim_end();
    let (whole, decimals) = text
        .split_once('.')
        .map_or((text, None), |(w, d)| (w, Some(d)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || (whole.contains(',') && first.len() > 3) {
        return None;
    }
    let mut number = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        number.push_str(group);
    }
    let cents = match decimals {
        None => 0,
        Some(d) if digits(d) && d.len() == 1 => d.parse::<i128>().ok()? * 10,
        Some(d) if digits(d) && d.len() == 2 => d.parse::<i128>().ok()?,
        Some(_) => return None,
    };
    let minor = number
        .parse::<i128>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)?;
    Some(if negative { -minor } else { minor })
}

/// An amount of 分 in capital characters: `rmb_upper(140_950)` is 壹仟肆佰零玖元伍角.
///
/// Source: 正确填写票据和结算凭证的基本规定 (annex to 支付结算办法). 整 stands after 元 only; the 零 that the text leaves
/// open (a zero in the 万 or 元 place before a full lower place) is left out. Amounts of 10^16 元 and more, which
/// no contract has, are given in figures.
#[must_use]
pub fn rmb_upper(fen: i128) -> String {
    let sign = if fen < 0 { "负" } else { "" };
    match u64::try_from(fen.unsigned_abs()) {
        Ok(0) => "零元整".to_owned(),
        Ok(n) if n < LIMIT => {
            let form = spellings(n).into_iter().next().unwrap_or_default();
            let end = if n.is_multiple_of(100) { "整" } else { "" };
            format!("{sign}{form}{end}")
        }
        _ => format!("{}元", money(fen)),
    }
}

/// 10^16 元, in 分.
const LIMIT: u64 = 1_000_000_000_000_000_000;

/// Reads an amount in capital characters into 分.
///
/// Accepted: 人民币 before it; 圆 圓 for 元; the traditional 萬 億 貳 參 陸; 整 or 正, or neither, after 元 and 角 (never
/// after 分); the optional 零 at a zero 万 or 元 place. Everything else is `None`: 一二三, 廿, 毛, 〇, a missing 壹
/// before 拾, a missing or doubled 零.
#[must_use]
pub fn parse_rmb_upper(text: &str) -> Option<i128> {
    let text = text.trim();
    let text = text
        .strip_prefix("人民币")
        .or_else(|| text.strip_prefix("人民幣"))
        .unwrap_or(text);
    let (negative, text) = match text.strip_prefix('负') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if text.chars().count() > 80 {
        return None;
    }
    let plain: String = text
        .chars()
        .map(|c| match c {
            '圆' | '圓' => '元',
            '萬' => '万',
            '億' => '亿',
            '貳' => '贰',
            '參' | '叄' => '叁',
            '陸' => '陆',
            '正' => '整',
            c => c,
        })
        .collect();
    let (body, closed) = match plain.strip_suffix('整') {
        Some(body) => (body, true),
        None => (plain.as_str(), false),
    };
    if body == "零元" {
        return Some(0);
    }
    if closed && body.ends_with('分') {
        return None;
    }
    let (yuan, rest) = match body.split_once('元') {
        Some((head, rest)) => (rough(head, &DIGITS, &UNITS)?, rest),
        None => (0, body),
    };
    let rest = rest.trim_start_matches('零');
    let (jiao, rest) = match rest.split_once('角') {
        Some((digit, rest)) => (one(digit)?, rest),
        None => (0, rest),
    };
    let fen = match rest.trim_start_matches('零').strip_suffix('分') {
        Some(digit) => one(digit)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    let total = yuan.checked_mul(100)?.checked_add(jiao * 10 + fen)?;
    if total == 0 || total >= LIMIT || !spellings(total).iter().any(|s| s == body) {
        return None;
    }
    Some(if negative {
        -i128::from(total)
    } else {
        i128::from(total)
    })
}

fn one(digit: &str) -> Option<u64> {
    let mut chars = digit.chars();
    let c = chars.next()?;
    if chars.next().is_some() {
        return None;
    }
    DIGITS
        .iter()
        .position(|d| *d == c)
        .filter(|d| *d > 0)
        .map(|d| d as u64)
}

/// All accepted spellings of `0 < fen < LIMIT`, without 整, the usual one first.
fn spellings(fen: u64) -> Vec<String> {
    let (yuan, jiao, fen) = (fen / 100, (fen / 10) % 10, fen % 10);
    let heads = if yuan == 0 {
        vec![String::new()]
    } else {
        forms(yuan, &DIGITS, &UNITS)
            .into_iter()
            .map(|f| f + "元")
            .collect()
    };
    let mut all = Vec::new();
    for head in heads {
        match (jiao, fen) {
            (0, 0) => all.push(head),
            (0, f) => {
                let zero = if yuan > 0 { "零" } else { "" };
                all.push(format!("{head}{zero}{}分", DIGITS[f as usize]));
            }
            (j, f) => {
                let mut tail = format!("{}角", DIGITS[j as usize]);
                if f > 0 {
                    tail.push(DIGITS[f as usize]);
                    tail.push('分');
                }
                all.push(format!("{head}{tail}"));
                if yuan > 0 && yuan.is_multiple_of(10) {
                    all.push(format!("{head}零{tail}"));
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rules() {
        for (figures, words) in [
            ("1,409.50", "壹仟肆佰零玖元伍角"),
            ("6,007.14", "陆仟零柒元壹角肆分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("16,409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("100,000.00", "壹拾万元整"),
            ("1,200,000.00", "壹佰贰拾万元整"),
            ("1,680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("107,000.53", "壹拾万柒仟元伍角叁分"),
            ("0.05", "伍分"),
            ("0.50", "伍角"),
            ("0.00", "零元整"),
            ("100,001,000.00", "壹亿零壹仟元整"),
            ("1,000,000,000,000.00", "壹万亿元整"),
        ] {
            let fen = parse_money(figures).expect("figures");
            assert_eq!(rmb_upper(fen), words);
            assert_eq!(parse_rmb_upper(words), Some(fen), "{words}");
            assert_eq!(money(fen), figures);
        }
    }

    #[test]
    fn accepted_and_refused_spellings() {
        for (words, fen) in [
            ("人民币壹佰贰拾万圆整", 120_000_000),
            ("壹佰贰拾万元正", 120_000_000),
            ("壹佰贰拾万元", 120_000_000),
            ("壹仟肆佰零玖元伍角整", 140_950),
            ("壹仟陆佰捌拾元零叁角贰分", 168_032),
            ("壹拾万零柒仟元伍角叁分", 10_700_053),
            ("壹拾萬柒仟圓零伍角叁分", 10_700_053),
            ("陸仟零柒元壹角肆分", 600_714),
        ] {
            assert_eq!(parse_rmb_upper(words), Some(fen), "{words}");
        }
        for bad in [
            "一百元整",
            "廿元整",
            "伍毛",
            "壹佰〇伍元整",
            "拾万元整",
            "壹佰伍元整",
            "壹佰零零伍元整",
            "叁佰贰拾伍元肆分",
            "叁佰贰拾伍元零肆分整",
            "",
            "元",
            "零",
            "壹",
            "壹佰贰拾万元整整",
            "壹角壹元",
        ] {
            assert_eq!(parse_rmb_upper(bad), None, "{bad}");
        }
    }

    #[test]
    fn figures() {
        for (text, minor) in [
            ("1200000.00", 120_000_000),
            ("¥1,200.5", 120_050),
            ("1200元", 120_000),
            (" 0.01 ", 1),
            ("-3", -300),
        ] {
            assert_eq!(parse_money(text), Some(minor), "{text}");
        }
        for bad in [
            "", "1.234", "1,20", "12,3456", "1234,567", "abc", "1.", ".5", "1e5", "１２", "--1",
            "+1",
        ] {
            assert_eq!(parse_money(bad), None, "{bad}");
        }
        assert_eq!(money(-120_050), "-1,200.50");
        assert!(!money(i128::MIN).is_empty() && !rmb_upper(i128::MIN).is_empty());
    }

    #[test]
    fn random_amounts_round_trip() {
        let mut seed = 0x9E37_79B9_7F4A_7C15u64;
        for round in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let fen = i128::from(seed % 10u64.pow(1 + round % 17));
            assert_eq!(parse_rmb_upper(&rmb_upper(fen)), Some(fen));
            assert_eq!(parse_money(&money(fen)), Some(fen));
            for form in spellings(u64::try_from(fen.max(1)).expect("small")) {
                assert_eq!(parse_rmb_upper(&form), Some(fen.max(1)), "{form}");
            }
        }
    }
}
