//! `leftover`: blanks and placeholders that were never filled in.
//!
//! Why: a contract signed with 【】, [●] or TBC in it has no agreed term in that place.
//! Blanks to sign on (signature blocks, 签字：____, By: ____) are meant to stay and are left alone, as are citations
//! such as `[2015] UKSC 67`, 【以下无正文】 and "[signature page follows]".
//!
//! Wrong: 交货日期为【】。 · the sum of [●] · {{price}}
//! Right: 交货日期为2026年12月31日。
//! Basis: none; checklist M12.

mod blanks;
mod forms;

use crate::facts::Facts;
use crate::facts::passage::{CHIP, Passage, Role};
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{CharSet, after, before, has_any, is_han, is_space, places};
use blanks::Blank;
use moqi_document::{BlockKind, InlineKind, Language, Span};

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "leftover",
    name: Words {
        zh: "遗留空白与占位符",
        en: "Blanks left over",
    },
    what: Words {
        zh: "查找【】、[ ]、____、XX、{{ }}、TBC、待定等未填写的内容。",
        en: "Looks for brackets, blanks, XX, {{ }}, TBC and other places that were never filled in.",
    },
    why: Words {
        zh: "留白的地方等于没有约定。",
        en: "Where a blank stays, nothing is agreed.",
    },
    severity: Severity::Error,
};

/// What the blanks and placeholders of this rule start with; most paragraphs have none of it.
static SIGNS: CharSet = CharSet::of("【[{_＿年XxＸ×╳T待");

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    chips(facts, findings);
    let masked = is_judgment(facts);
    for (index, passage) in facts.passages.iter().enumerate() {
        if passage.quote {
            forms::drafting_note(facts, index, passage, findings);
            continue;
        }
        forms::check(facts, index, passage, findings);
        if !passage.text.contains(|c| SIGNS.has(c)) {
            continue;
        }
        let found = findings.len();
        brackets(facts, index, passage, ('【', '】'), findings);
        brackets(facts, index, passage, ('[', ']'), findings);
        template_tags(facts, index, passage, findings);
        let taken: Vec<Span> = findings[found..].iter().map(|f| f.span).collect();
        let mut found_here: Vec<Blank> = Vec::new();
        blanks::underscores(&passage.text, &mut found_here);
        blanks::dates(&passage.text, &mut found_here);
        if !found_here.is_empty() && is_signing(passage) {
            found_here.clear();
        }
        if !masked {
            blanks::crosses(&passage.text, &mut found_here);
        }
        blanks::words(&passage.text, &mut found_here);
        for (range, zh, en) in found_here {
            let span = passage.span(&range);
            if taken
                .iter()
                .all(|t| span.end <= t.start || span.start >= t.end)
            {
                findings.push(facts.at(INFO.id, Severity::Error, index, &range, facts.say(zh, en)));
            }
        }
    }
    for block in &facts.document.blocks {
        if let BlockKind::Verbatim(text) = &block.kind
            && (text.contains("{{") || text.contains("{%"))
        {
            let message = facts.say(
                "模板标记没有处理，会原样印出。",
                "A template tag was left in and would be printed.",
            );
            findings.push(Finding {
                span: block.span,
                ..facts.at_title(INFO.id, Severity::Error, message)
            });
        }
    }
}

/// A judgment, as courts publish them: its ×× hide names and numbers, and nobody is to fill them in.
fn is_judgment(facts: &Facts<'_>) -> bool {
    facts.language == Language::Zh
        && !facts.is_complaint()
        && !facts.is_contract()
        && facts.says(&[
            "判决如下",
            "裁定如下",
            "审理终结",
            "本院认为",
            "本院予以",
            "本院应予",
            "公诉机关",
        ])
}

/// Fields that have no value yet.
fn chips(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let fields = &facts.document.meta.fields;
    let mut report = |content: &[moqi_document::Inline]| {
        for inline in content {
            let InlineKind::Field(expr) = &inline.kind else {
                continue;
            };
            let name = expr.split(['.', '|', ' ']).next().unwrap_or(expr);
            let label = fields
                .iter()
                .find(|f| f.name == name)
                .map_or(name, |f| f.label.as_str());
            let message = facts.say(
                format!("“{label}”还没有填写。"),
                format!("“{label}” is not filled in yet."),
            );
            findings.push(Finding {
                span: inline.span,
                ..facts.at_title(INFO.id, Severity::Error, message)
            });
        }
    };
    for block in &facts.document.blocks {
        match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph {
                content,
                quote: false,
                ..
            }
            | BlockKind::Footnote { content, .. } => report(content),
            BlockKind::Table(table) => table
                .rows
                .iter()
                .flatten()
                .for_each(|cell| report(&cell.content)),
            BlockKind::Signature(parties) => parties
                .iter()
                .flat_map(|p| &p.lines)
                .for_each(|line| report(line)),
            _ => {}
        }
    }
}

/// A place to sign or date by hand.
fn is_signing(passage: &Passage) -> bool {
    const WORDS: &[&str] = &[
        "签字",
        "盖章",
        "签章",
        "签名",
        "签署",
        "签订日期",
        "日期",
        "具状人",
        "答辩人",
        "捺印",
        "Signature",
        "signature",
        "Signed",
        "By:",
        "Name:",
        "Title:",
        "Date:",
        "Witness",
        "Print",
        "SIGNED",
        "Seal",
    ];
    // A date on a line of its own is written by hand at signing.
    let rest =
        |c: char| is_space(c) || matches!(c, '_' | '年' | '月' | '日' | '＿') || c.is_ascii_digit();
    let short = passage.text.chars().count() <= 80;
    matches!(passage.role, Role::Signature { .. })
        || (short && has_any(&passage.text, WORDS))
        || passage.text.trim().chars().all(rest)
        || (matches!(passage.role, Role::Cell { .. })
            && passage
                .text
                .trim_matches(|c| is_space(c) || c == '_')
                .is_empty())
}

fn brackets(
    facts: &Facts<'_>,
    index: usize,
    passage: &Passage,
    pair: (char, char),
    findings: &mut Vec<Finding>,
) {
    let text = passage.text.as_str();
    let mut from = 0;
    while let Some(offset) = text[from..].find(pair.0) {
        let open = from + offset;
        let inside = open + pair.0.len_utf8();
        let Some(close) = text[inside..].find(pair.1).map(|c| inside + c) else {
            return;
        };
        from = inside;
        let end = close + pair.1.len_utf8();
        let content = text[inside..close].trim();
        if content.contains([pair.0, CHIP]) || is_meant(text, open, end, content) {
            continue;
        }
        from = end;
        let range = open..end;
        let words = &text[range.clone()];
        if is_answer(content) {
            let message = facts.say(
                format!("“{words}”已经填写，但括号没有去掉。"),
                format!("“{words}” is filled in, but its brackets were left."),
            );
            let mut finding = facts.at(INFO.id, Severity::Warning, index, &range, message);
            finding.fix = facts.replace(index, &range, content);
            findings.push(finding);
        } else {
            let (severity, message) = unfilled(facts, words, content);
            findings.push(facts.at(INFO.id, severity, index, &range, message));
        }
    }
}

/// How grave a bracket without an answer is, and what to say of it.
fn unfilled(facts: &Facts<'_>, words: &str, content: &str) -> (Severity, String) {
    let lower = content.to_ascii_lowercase();
    let note = [
        "drafting note",
        "note:",
        "note to",
        "起草说明",
        "注：",
        "提示：",
    ];
    let sentences =
        content.contains(". ") || content.contains('。') || content.chars().count() > 120;
    if note.iter().any(|word| lower.starts_with(word)) {
        let message = facts.say(
            "起草说明没有删除。",
            "A drafting note was left in the text.",
        );
        return (Severity::Error, message);
    }
    if sentences {
        let message = facts.say(
            "括号内的文字没有填写或取舍。",
            "This text in brackets is still to be filled in, kept or struck.",
        );
        return (Severity::Warning, message);
    }
    let message = facts.say(
        format!("占位符“{words}”没有填写。"),
        format!("The placeholder “{words}” is not filled in."),
    );
    (Severity::Error, message)
}

/// Brackets that belong in a finished text.
fn is_meant(text: &str, open: usize, end: usize, content: &str) -> bool {
    const PHRASES: &[&str] = &[
        "无正文",
        "签署页",
        "签字页",
        "此页",
        "本页",
        "signature page",
        "remainder of",
        "left blank",
        "intentionally",
        "reserved",
        "not used",
        "omitted",
        "end of",
        "sic",
        "emphasis",
        "…",
        "...",
        "page follows",
        "deleted",
        "schedule follows",
    ];
    let lower = content.to_ascii_lowercase();
    if has_any(&lower, PHRASES) || forms::is_caption(text, open, content) {
        return true;
    }
    // [2015] UKSC 67, [2018] 1 WLR 1, 【2020】最高法民终1号: a year and the name of reports.
    let year = content.len() == 4 && content.bytes().all(|b| b.is_ascii_digit());
    if year {
        let next = text[end..].trim_start();
        return next
            .starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || is_han(c));
    }
    // [t]he and a checkbox [x], [ x ]; an opening bracket glued to letters, as in arr[0].
    let letter = content.len() == 1 && content.bytes().all(|b| b.is_ascii_alphabetic());
    let glued = after(text, end).is_some_and(|c| c.is_ascii_alphabetic())
        || before(text, open).is_some_and(|c| c.is_ascii_alphabetic());
    let tick = matches!(content, "x" | "X" | "√" | "✓" | "✔")
        || (content.is_empty() && is_option(text, open, end));
    (letter && glued) || tick || (glued && content.len() <= 3)
}

/// An empty box before one of several options, as in "[ ] Continues until terminated".
fn is_option(text: &str, open: usize, end: usize) -> bool {
    let lead = text[..open].trim_end_matches(|c| is_space(c) && c != '\n');
    let first =
        lead.is_empty() || lead.ends_with(['\n', '.', ':', ')', ']', ';', '。', '：', '；']);
    let option = text[end..].trim_start();
    let words = option.starts_with(|c: char| c.is_uppercase() || is_han(c));
    // One box of the list is ticked, so the others are meant to be empty. No list of options fills a paragraph
    // longer than this, and a megabyte of brackets is not to be read again for each of them.
    let ticked = || text.len() < 20_000 && has_any(text, &["[x]", "[X]", "[ x ]", "[ X ]"]);
    text[end..].starts_with(is_space) && !option.is_empty() && ((first && words) || ticked())
}

/// A value that was typed between the brackets: a figure, an amount, a day.
fn is_answer(content: &str) -> bool {
    let digits = content.chars().any(|c| c.is_ascii_digit());
    let unit = |c: char| {
        matches!(
            c,
            '年' | '月'
                | '日'
                | '个'
                | '元'
                | '万'
                | '天'
                | '份'
                | '台'
                | '%'
                | '％'
                | '.'
                | ','
                | ' '
                | '-'
                | '/'
                | '¥'
                | '￥'
                | '£'
                | '$'
        )
    };
    digits && content.chars().all(|c| c.is_ascii_digit() || unit(c))
}

fn template_tags(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        let mut closes = places(&passage.text, close).peekable();
        for at in places(&passage.text, open) {
            while closes.next_if(|c| *c < at).is_some() {}
            let end = closes.peek().map_or(at + open.len(), |c| c + close.len());
            let message = facts.say(
                "模板标记没有处理，会原样印出。",
                "A template tag was left in and would be printed.",
            );
            findings.push(facts.at(INFO.id, Severity::Error, index, &(at..end), message));
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
                "甲方应等待定作人确认，对待定作物应当谨慎。\n",
                "参见（2020）最高法民终1号，【2020】最高法民终2号。\n",
                "【以下无正文】\n",
                "【特别提示】本条款限制甲方的责任。\n\n见【（2020）最高法民终1号】案。\n",
                "原、被告于××××年××月××日结婚。\n\n本院认为，原告李××的请求应予支持，判决如下：\n",
                "甲方（盖章）：__________\n\n日期：____年__月__日\n",
                "```signature\n甲方（盖章）：________\n日期：　　年　月　日\n```\n",
                "See Cavendish v Makdessi [2015] UKSC 67 and Smith v Jones [2001] 1 WLR 5.\n",
                "“[t]he seller” [sic] shall pay. [Remainder of page intentionally left blank]\n",
                "By: ____________ Name: ____________\n",
                "Article XX of the Treaty, size XXL.\n",
                &format!(
                    "[x] As said. {} or [ ] not at all\n",
                    "Some more words of it. ".repeat(40)
                ),
                "- [x] Expires\n- [ ] Continues until terminated\n",
                "> 起草说明：【】处按实际填写。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                ("交货日期为【】。\n", &[("【】", "没有填写")]),
                (
                    "> 起草提示：定金过高，请核对后删除本提示。\n",
                    &[("起草提示：定金过高，请核对后删除本提示。", "起草人")],
                ),
                ("【填写提示】\n", &[("【填写提示】", "占位符")]),
                ("原、被告于XXXX年结婚。\n", &[("XXXX", "没有填写")]),
                (
                    "买受人为【买受人名称】。\n",
                    &[("【买受人名称】", "占位符")],
                ),
                (
                    "价款为____元，由XX公司支付。\n",
                    &[("____", "空白"), ("XX", "没有填写")],
                ),
                ("签订于    年  月  日的合同。\n", &[("年  月  日", "日期")]),
                ("交货地点：待定。\n", &[("待定", "没有确定")]),
                (
                    "价款为（　　）元，期限为〔 〕年，自［ ］起。\n",
                    &[("（　　）", "空"), ("〔 〕", "空"), ("［ ］", "空")],
                ),
                (
                    "按照错误！未找到引用源。的约定，由○○公司在（请填写）交货。\n",
                    &[
                        ("错误！未找到引用源", "失效"),
                        ("○○", "没有填写"),
                        ("（请填写）", "提示"),
                    ],
                ),
                (
                    "Subject to clause Error! Reference source not found.\n",
                    &[("Error! Reference source not found", "broken")],
                ),
                (
                    "The price is [●] and the term [insert term], TBC.\n",
                    &[
                        ("[●]", "placeholder"),
                        ("[insert term]", "placeholder"),
                        ("TBC", "settled"),
                    ],
                ),
                (
                    "This is between [Name] and [COMPANY].\n",
                    &[("[Name]", "placeholder"), ("[COMPANY]", "placeholder")],
                ),
                ("价款为{{price}}元。\n", &[("{{price}}", "还没有填写")]),
                ("付款期限为【30】日。\n", &[("【30】", "括号")]),
            ],
        );
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[
                ("付款期限为【30】日。\n", "改为“30”", "付款期限为30日。\n"),
                (
                    "Payment falls due after [30] days.\n",
                    "Change to “30”",
                    "Payment falls due after 30 days.\n",
                ),
            ],
        );
    }
}
