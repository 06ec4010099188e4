//! Text to document and back.

use moqi_document::{
    Block, BlockKind, Document, Inline, InlineKind, number, parse, plain, print, references,
};

const CONTRACT: &str = include_str!("data/sale.md");

fn short(block: &Block) -> String {
    let id = block
        .id
        .as_ref()
        .map(|id| format!(" #{id}"))
        .unwrap_or_default();
    let words = |c: &[Inline]| {
        c.iter()
            .map(|i| {
                let m = &i.marks;
                let mut s = plain(std::slice::from_ref(i));
                if let InlineKind::FootnoteRef(label) = &i.kind {
                    s = format!("[^{label}]");
                }
                for (on, sign) in [
                    (m.strong, "B"),
                    (m.emphasis, "I"),
                    (m.strike, "S"),
                    (m.code, "C"),
                ] {
                    if on {
                        s = format!("{sign}<{s}>");
                    }
                }
                if let Some(href) = &m.link {
                    s = format!("L<{s}|{href}>");
                }
                s
            })
            .collect::<String>()
            .replace('\n', "⏎")
    };
    match &block.kind {
        BlockKind::Title(c) => format!("title{id}: {}", words(c)),
        BlockKind::Heading {
            level,
            style,
            content,
        } => format!("h{level} {style:?}{id}: {}", words(content)),
        BlockKind::Item {
            depth,
            ordered,
            content,
        } => {
            format!(
                "item{depth}{}{id}: {}",
                if *ordered { "." } else { "-" },
                words(content)
            )
        }
        BlockKind::Paragraph {
            depth,
            quote,
            content,
        } => {
            format!(
                "p{depth}{}: {}",
                if *quote { ">" } else { "" },
                words(content)
            )
        }
        BlockKind::Table(t) => t
            .rows
            .iter()
            .map(|r| {
                format!(
                    "|{}|",
                    r.iter()
                        .map(|c| words(&c.content))
                        .collect::<Vec<_>>()
                        .join("|")
                )
            })
            .collect::<Vec<_>>()
            .join(" "),
        BlockKind::Signature(parties) => parties
            .iter()
            .map(|p| {
                format!(
                    "sig: {}",
                    p.lines
                        .iter()
                        .map(|l| words(l))
                        .collect::<Vec<_>>()
                        .join(" / ")
                )
            })
            .collect::<Vec<_>>()
            .join(" ; "),
        BlockKind::PageBreak => "page".into(),
        BlockKind::Footnote { label, content } => format!("note {label}: {}", words(content)),
        BlockKind::Verbatim(text) => format!("verbatim: {text}").replace('\n', "⏎"),
    }
}

fn shorts(document: &Document) -> Vec<String> {
    document.blocks.iter().map(short).collect()
}

fn check(text: &str, expected: &[&str]) {
    let document = parse(text);
    assert_eq!(shorts(&document), expected, "{text}");
    let printed = print(&document);
    assert_eq!(shorts(&parse(&printed)), expected, "printed:\n{printed}");
    assert_eq!(print(&parse(&printed)), printed);
}

#[test]
fn blocks() {
    check(
        "# 买卖合同\n\n## 标的 {#goods}\n\n### 数量{#qty .plain}\n",
        &[
            "title: 买卖合同",
            "h1 Numbered #goods: 标的",
            "h2 Plain #qty: 数量",
        ],
    );
    check(
        "## 附件 {.schedule #s1}\n正文",
        &["h1 Schedule #s1: 附件", "p0: 正文"],
    );
    check(
        "1. 一 {#a}\n\n   续\n\n   1. 深\n      - 点\n2. 二\n\n末",
        &[
            "item0. #a: 一",
            "p1: 续",
            "item1.: 深",
            "item2-: 点",
            "item0.: 二",
            "p0: 末",
        ],
    );
    check(
        "> 说明一\n>\n> 说明二\n\n---\n\n> 1. 甲\n> 2. 乙\n",
        &[
            "p0>: 说明一",
            "p0>: 说明二",
            "page",
            "p0>: 1. 甲",
            "p0>: 2. 乙",
        ],
    );
    check(
        "| 名称 | 价 |\n| :-- | --: |\n| 机床 | {{price | money}} |\n| a | b | c |\n",
        &["|名称|价| |机床|{{price | money}}| |a|b c|"],
    );
    check(
        "```signature\n甲方：{{a.name}}\n签字：____\n\n乙方（盖章）：*x*\n日期：\\\\\n```\n",
        &["sig: 甲方：{{a.name}} / 签字：____ ; sig: 乙方（盖章）：*x* / 日期：\\"],
    );
    check(
        "注[^1]与[^无]\n\n[^1]: 脚注\n\n    第二段\n",
        &["p0: 注[^1]与[^无]", "note 1: 脚注⏎第二段"],
    );
    check(
        "```\nfn *x*\n\n{{a}}\n```\n\n<div>\n甲\n</div>\n\n<!-- 备注 -->\n",
        &[
            "verbatim: fn *x*⏎⏎{{a}}",
            "verbatim: <div>⏎甲⏎</div>",
            "verbatim: <!-- 备注 -->",
        ],
    );
    check(
        "1. > 引\n2. ```\n   c\n   ```\n3. # 题\n   - x",
        &[
            "item0.: ",
            "p1>: 引",
            "item0.: ",
            "verbatim: c",
            "item0.: 题",
            "item1-: x",
        ],
    );
    check(
        "{% if a_b %}\n1. 甲\n{% endif %}\n2. 乙\n{%for x in y%}\n",
        &[
            "verbatim: {% if a_b %}",
            "item0.: 甲",
            "verbatim: {% endif %}",
            "item0.: 乙",
            "verbatim: {%for x in y%}",
        ],
    );
    check(
        "1. 甲\n\n   | a |\n   | - |\n\n   1. 乙\n",
        &["item0.: 甲", "|a|", "item1.: 乙"],
    );
    check(
        "1. 甲\n   ```\n{% if 甲 %}\n   乙\n   ```\n",
        &["item0.: 甲", "verbatim: {% if 甲 %}⏎乙"],
    );
    check(
        "标题\n===\n\n乙\n---\n",
        &["title: 标题", "h1 Numbered: 乙"],
    );
}

#[test]
fn words() {
    check(
        "**甲方：**乙方**（丙）**丁*斜*~~删~~`码`",
        &["p0: B<甲方：>乙方B<（丙）>丁I<斜>S<删>C<码>"],
    );
    check(
        "**Price:**100 and **(a)**b",
        &["p0: B<Price:>100 and B<(a)>b"],
    );
    check(
        "见[](#a_b_c)和{{x_y | default('|')}}以及\\{{z}}",
        &["p0: 见[](#a_b_c)和{{x_y | default('|')}}以及{{z}}"],
    );
    check(
        "甲方\n乙方\nfoo\nbar，\n{{x}}\n{{y}}",
        &["p0: 甲方乙方 foo bar，{{x}}{{y}}"],
    );
    check("甲\\\n乙  \n丙<br>丁", &["p0: 甲⏎乙⏎丙⏎丁"]);
    check("签字：______ 日期：__\n", &["p0: 签字：______ 日期：__"]);
    check("________________\n", &["p0: ________________"]);
    check(
        "3~5日，7~9日；单价*(1+税率)*数量",
        &["p0: 3~5日，7~9日；单价*(1+税率)*数量"],
    );
    check(
        "[甲方]: 见下\n\n[乙](见{{x}})与[丙](https://x.cn/路?a=1&b=2)",
        &[
            "p0: [甲方]: 见下",
            "p0: [乙](见{{x}})与L<丙|https://x.cn/路?a=1&b=2>",
        ],
    );
    check(
        "&amp;&lt; &#20013; a&b AT&T; ![图](a.png) <span>x</span>",
        &["p0: &< 中 a&b AT&T; ![图](a.png) <span>x</span>"],
    );
    check(
        "<https://例.cn/> <a@b.cn>",
        &["p0: L<https://例.cn/|https://例.cn/> L<a@b.cn|mailto:a@b.cn>"],
    );
    check("{{{x}}} {{}} {{ }} {{a", &["p0: {{{x}}} {{}} {{ }} {{a"]);
    check(
        "<{{a}}> <b c='{{d}}'> <___:x> ![{{e}}](f)",
        &["p0: <{{a}}> <b c='{{d}}'> <___:x> ![{{e}}](f)"],
    );
    check("正文 {#x}", &["p0: 正文 {#x}"]);
    check("## a_b {#c} d", &["h1 Numbered: a_b {#c} d"]);
    check("***粗斜***", &["p0: I<B<粗斜>>"]);
}

#[test]
fn spans_are_exact() {
    let text = "---\ntitle: x\n---\n## 标的 {#a}\n\n1. 甲\\*乙 {{f}} &amp; [](#a)\n\n> 引\n";
    let document = parse(text);
    let spans: Vec<&str> = document
        .blocks
        .iter()
        .map(|b| &text[b.span.start..b.span.end])
        .collect();
    assert_eq!(
        spans,
        ["## 标的 {#a}", "1. 甲\\*乙 {{f}} &amp; [](#a)", "引"]
    );
    let BlockKind::Item { content, .. } = &document.blocks[1].kind else {
        panic!()
    };
    let parts: Vec<&str> = content
        .iter()
        .map(|i| &text[i.span.start..i.span.end])
        .collect();
    assert_eq!(parts, ["甲", "*乙 ", "{{f}}", " ", "&amp;", " ", "[](#a)"]);
}

#[test]
fn labels_and_references() {
    let document = parse(CONTRACT);
    let numbering = number(&document);
    let labels: Vec<String> = numbering
        .labels
        .iter()
        .flatten()
        .map(|l| l.text.clone())
        .collect();
    assert_eq!(
        labels.join(" "),
        "第一条 一、 二、 （一） （二） 第二条 一、 第三条 附件一 一、 二、"
    );
    let all = references(&document, &numbering);
    assert_eq!(all["goods"], "第一条");
    assert_eq!(all["qty"], "第一条第二款第（一）项");
    assert_eq!(all["list"], "附件一");
}

#[test]
fn fields_stay_fields_wherever_they_stand() {
    let text = "<{{a}}> <b c='{{b}}'> ![{{c}}](f) `{{d}}` {{e}}. [{{f}}](https://x) **{{g}}** | {{h | i}}\n";
    let mut found = Vec::new();
    for block in &parse(text).blocks {
        if let BlockKind::Paragraph { content, .. } = &block.kind {
            found.extend(content.iter().filter_map(|i| match &i.kind {
                InlineKind::Field(expr) => Some(expr.clone()),
                _ => None,
            }));
        }
    }
    assert_eq!(found, ["a", "b", "c", "d", "e", "f", "g", "h | i"]);
}
