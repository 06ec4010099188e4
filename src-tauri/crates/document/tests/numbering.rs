//! Labels and references of every scheme.

use moqi_document::{Prose, clauses, number, parse, references};

/// Labels in order, `-` for a block without.
fn labels(scheme: &str, body: &str) -> String {
    let document = parse(&format!("---\nnumbering: {scheme}\n---\n{body}"));
    let all = number(&document).labels;
    all.iter()
        .map(|l| l.as_ref().map_or("-", |l| &l.text))
        .collect::<Vec<_>>()
        .join(" ")
}

fn refs(scheme: &str, body: &str) -> String {
    let document = parse(&format!("---\nnumbering: {scheme}\n---\n{body}"));
    let all = references(&document, &number(&document));
    all.iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect::<Vec<_>>()
        .join(" ")
}

const DEEP: &str = "## a {#a}\n1. b {#b}\n   1. c {#c}\n      1. d {#d}\n         1. e {#e}\n            1. f {#f}\n";

#[test]
fn every_level_of_every_scheme() {
    assert_eq!(labels("zh-article", DEEP), "第一条 一、 （一） 1. （1） ①");
    assert_eq!(labels("zh-decimal", DEEP), "第一条 1.1 （1） ① ① ①");
    assert_eq!(labels("zh-pleading", DEEP), "- 1. （1） ① ① ①");
    assert_eq!(labels("zh-official", DEEP), "一、 （一） 1. （1） ① ①");
    assert_eq!(labels("en-decimal", DEEP), "1. 1.1 (a) (i) (A) (1)");
    assert_eq!(labels("none", DEEP), "- - - - - -");
    assert_eq!(
        refs("zh-article", DEEP),
        "a=第一条 b=第一条第一款 c=第一条第一款第（一）项 d=第一条第一款第（一）项第1目 e=第一条第一款第（一）项第1目（1） f=第一条第一款第（一）项第1目（1）①"
    );
    assert_eq!(
        refs("zh-decimal", DEEP),
        "a=第一条 b=1.1 c=1.1（1） d=1.1（1）① e=1.1（1）①① f=1.1（1）①①①"
    );
    assert_eq!(
        refs("zh-official", DEEP),
        "a=第一条 b=第一条第（一）项 c=第一条第（一）项第1目 d=第一条第（一）项第1目（1） e=第一条第（一）项第1目（1）① f=第一条第（一）项第1目（1）①①"
    );
    assert_eq!(
        labels(
            "zh-official",
            "## 总则\n## 附表 {.schedule}\n### 说明\n1. a\n## 附则\n"
        ),
        "一、 附件一 一、 （一） 二、"
    );
    assert_eq!(
        refs("en-decimal", DEEP),
        "a=1 b=1.1 c=1.1(a) d=1.1(a)(i) e=1.1(a)(i)(A) f=1.1(a)(i)(A)(1)"
    );
    assert_eq!(
        refs("zh-pleading", DEEP),
        "a=a b=第1项 c=第1项（1） d=第1项（1）① e=第1项（1）①① f=第1项（1）①①①"
    );
}

#[test]
fn headings_of_two_levels() {
    let body = "## a\n### b {#b}\n1. c {#c}\n2. d\n### e\n1. f\n## g\n### h\n";
    assert_eq!(
        labels("zh-article", body),
        "第一条 一、 （一） （二） 二、 （一） 第二条 一、"
    );
    assert_eq!(labels("en-decimal", body), "1. 1.1 (a) (b) 1.2 (a) 2. 2.1");
    assert_eq!(refs("en-decimal", body), "b=1.1 c=1.1(a)");
    assert_eq!(
        labels("zh-decimal", body),
        "第一条 1.1 （1） （2） 1.2 （1） 第二条 2.1"
    );
}

#[test]
fn without_a_numbered_heading() {
    let body = "1. a {#a}\n   1. b {#b}\n2. c\n\n## p {.plain}\n1. d\n\n## q\n1. e\n\n## r {.plain}\n\n## s\n";
    assert_eq!(
        labels("zh-article", body),
        "一、 （一） 二、 - 一、 第一条 一、 - 第二条"
    );
    assert_eq!(
        labels("zh-decimal", body),
        "1. （1） 2. - 1. 第一条 1.1 - 第二条"
    );
    assert_eq!(labels("en-decimal", body), "1. 1.1 2. - 1. 1. 1.1 - 2.");
    assert_eq!(refs("zh-article", body), "a=第一条 b=第一条第（一）项");
    assert_eq!(refs("en-decimal", body), "a=1 b=1.1");
}

#[test]
fn schedules_parties_and_recitals() {
    let body = "## P {.parties}\n1. x {#x}\n2. y\n\n## R {.recitals}\n1. z {#z}\n   1. w {#w}\n2. v\n\n## A\n1. b\n\n## S {.schedule #s}\n1. c {#c}\n   1. d {#d}\n\n### T {#t}\n1. e {#e}\n\n## U {.schedule #u}\n1. f {#f}\n\n## B\n";
    assert_eq!(
        labels("en-decimal", body),
        "- (1) (2) - (A) (a) (B) 1. 1.1 Schedule 1 1. 1.1 1. 1.1 Schedule 2 1. 2."
    );
    assert_eq!(
        refs("en-decimal", body),
        "c=paragraph 1 of Schedule 1 d=paragraph 1.1 of Schedule 1 e=paragraph 1.1 of Schedule 1 f=paragraph 1 of Schedule 2 s=Schedule 1 t=paragraph 1 of Schedule 1 u=Schedule 2 w=(A)(a) x=(1) z=(A)"
    );
    assert_eq!(
        labels("zh-article", body),
        "- （1） （2） - （A） （a） （B） 第一条 一、 附件一 一、 （一） 一、 （一） 附件二 一、 第二条"
    );
    assert_eq!(
        refs("zh-article", body),
        "c=附件一第一条 d=附件一第一条第（一）项 e=附件一第一条第（一）项 f=附件二第一条 s=附件一 t=附件一第一条 u=附件二 w=（A）（a） x=（1） z=（A）"
    );
}

#[test]
fn lists_go_on_or_begin_again() {
    // A paragraph between items does not stop the count, one that ends in a colon opens a new list.
    assert_eq!(
        labels(
            "zh-article",
            "## a\n1. b\n\n正文\n\n2. c\n\n如下：\n\n1. d\n"
        ),
        "第一条 一、 - 二、 - 一、"
    );
    // Labels that carry their parent's number never repeat.
    assert_eq!(
        labels("en-decimal", "## a\n1. b\n\nas follows:\n\n1. c\n"),
        "1. 1.1 - 1.2"
    );
    assert_eq!(
        labels(
            "en-decimal",
            "## a\n1. b\n   1. c\n   2. d\n\n   and the Buyer shall:\n\n   1. e\n2. f\n"
        ),
        "1. 1.1 (a) (b) - (a) 1.2"
    );
    // Bullets take no number and end the deeper count.
    assert_eq!(
        labels("zh-article", "## a\n1. b\n- c\n  1. d\n- e\n  1. f\n"),
        "第一条 一、 - （一） - （一）"
    );
}

#[test]
fn many() {
    let body: String = (0..30).map(|i| format!("## h{i}\n")).collect();
    assert!(labels("zh-article", &body).ends_with("第二十九条 第三十条"));
    let items: String = (1..=28).map(|i| format!("   {i}. x\n")).collect();
    assert!(labels("en-decimal", &format!("## a\n1. b\n{items}")).ends_with("(y) (z) (aa) (bb)"));
}

#[test]
fn the_tree_of_clauses() {
    let document =
        parse("序\n\n## a {#a}\n1. b\n   1. c {#c}\n\n   续\n2. d\n\n正文\n\n### e\n## f\n");
    let tree = clauses(&document);
    fn show(all: &[moqi_document::Clause]) -> String {
        all.iter()
            .map(|c| format!("{}[{:?}]({})", c.heading, c.blocks, show(&c.children)))
            .collect::<Vec<_>>()
            .join(" ")
    }
    assert_eq!(
        show(&tree),
        "a[1..8](b[2..5](c[3..4]()) d[5..6]() e[7..8]()) f[8..9]()"
    );
    assert_eq!(
        (
            tree[0].id.as_deref(),
            tree[0].level,
            tree[0].children[0].level
        ),
        (Some("a"), 1, 2)
    );
}

#[test]
fn prose_knows_its_source() {
    let text =
        "## 甲 {#a}\n\n见[](#a)，价\\*款 **{{p}}** &amp;末\n下行\n\n| x | 丙\\|丁 |\n| - | - |\n";
    let document = parse(text);
    let all = references(&document, &number(&document));
    let prose = &Prose::with_references(&document.blocks[1], &all)[0];
    assert_eq!(prose.text, "见第一条，价*款 {{p}} &末下行");
    let source = |part: &str| {
        let at = prose.text.find(part).expect("part");
        let span = prose.source(at..at + part.len());
        &text[span.start..span.end]
    };
    for (part, expected) in [
        ("见", "见"),
        ("一条", "[](#a)"),
        ("价*款", "价\\*款"),
        ("*", "*"),
        ("{{p}}", "{{p}}"),
        ("&", "&amp;"),
        ("末下", "末\n下"),
        ("款 {{", "款 **{{p}}"),
    ] {
        assert_eq!(source(part), expected, "{part}");
    }
    assert!(
        Prose::of(&document.blocks[1])[0]
            .text
            .starts_with("见[](#a)，")
    );
    let cells = Prose::of(&document.blocks[2]);
    assert_eq!(cells[1].text, "丙|丁");
    let span = cells[1].source(0..cells[1].text.len());
    assert_eq!(&text[span.start..span.end], "丙\\|丁");
    assert_eq!(prose.source(5..5).start, prose.source(5..5).end);
    assert_eq!(Prose::line(&[], None).source(0..9), Default::default());
}
