//! Whole documents: a sound contract is left in peace, planted faults are found, and damage never panics.

use moqi_document::{apply, parse};
use moqi_rules::{Finding, Profile, Severity, check};

const SALE: &str = include_str!("data/sale-zh.md");

fn findings(text: &str) -> Vec<Finding> {
    check(&parse(text), &Profile::default())
}

#[test]
fn a_sound_contract_has_nothing_but_notes() {
    let grave: Vec<_> = findings(SALE)
        .into_iter()
        .filter(|f| f.severity != Severity::Note)
        .collect();
    assert!(grave.is_empty(), "{grave:#?}");
}

#[test]
fn planted_faults_are_found_one_by_one() {
    for (right, wrong, rule) in [
        ("壹佰贰拾万元整", "壹佰贰拾壹万元整", "money"),
        (
            "合同总价的65%，即人民币780,000.00元",
            "合同总价的65%，即人民币700,000.00元",
            "money",
        ),
        ("1,200,000.00 |", "1,300,000.00 |", "money"),
        (
            "合同总价的65%，即人民币780,000.00元",
            "合同总价的60%，即人民币720,000.00元",
            "money",
        ),
        ("一式肆（4）份", "一式叁（4）份", "money"),
        ("2028年12月31日", "2027年12月31日", "date"),
        ("2026年12月31日前", "2026年11月31日前", "date"),
        ("[](#goods)", "[](#good)", "cross-reference"),
        (
            "双方应当协商解决",
            "按本合同第十九条解决",
            "cross-reference",
        ),
        (
            "甲方（盖章）：华东精密机械有限公司",
            "甲方（盖章）：华东精密器械有限公司",
            "party",
        ),
        ("91350100M000100Y43", "91350100M000100Y34", "identifier"),
        ("## 交付", "## 第三条 交付", "numbering"),
        ("运费由甲方承担", "运费由丙方承担", "defined-term"),
        ("（以下简称“设备”）", "（以下简称“机床组”）", "defined-term"),
        ("运至乙方指定地点", "运至【】", "leftover"),
        (
            "乙方有权解除本合同。",
            "乙方有权解除本合同。。",
            "punctuation",
        ),
        (
            "检验。\n",
            "检验。\n3. 本合同附件三为补充。\n",
            "cross-reference",
        ),
    ] {
        let text = SALE.replacen(right, wrong, 1);
        assert_ne!(text, SALE, "{right} is not in the contract");
        let fresh: Vec<_> = findings(&text)
            .into_iter()
            .filter(|f| f.severity != Severity::Note)
            .collect();
        assert!(
            fresh.iter().any(|f| f.rule == rule),
            "{wrong}: {rule} is silent: {fresh:#?}"
        );
        assert!(
            fresh.iter().all(|f| f.rule == rule),
            "{wrong}: other rules cry too: {fresh:#?}"
        );
    }
}

#[test]
fn every_fix_removes_its_finding_and_adds_none() {
    for finding in findings(SALE) {
        let Some(fix) = &finding.fix else { continue };
        let before = findings(SALE).len();
        let after = findings(&apply(SALE, &fix.edits));
        assert_eq!(after.len(), before - 1, "{finding:#?} {after:#?}");
    }
}

#[test]
fn damaged_texts_never_panic_and_spans_stay_inside() {
    let ends: Vec<usize> = SALE.char_indices().map(|(at, _)| at).step_by(7).collect();
    for (i, at) in ends.iter().enumerate() {
        // Cut at the end, and cut a hole of changing size in the middle.
        let hole = ends.get(i + 1 + i % 5).copied().unwrap_or(SALE.len());
        for text in [
            SALE[..*at].to_owned(),
            format!("{}{}", &SALE[..*at], &SALE[hole..]),
        ] {
            for finding in findings(&text) {
                assert!(
                    text.get(finding.span.start..finding.span.end).is_some(),
                    "{finding:?}"
                );
            }
        }
    }
    for text in [
        "",
        "第",
        "第第条条",
        "（（（",
        "\"“”\"",
        "年月日",
        "元元元",
        "1,2,3.4.5万元",
        "[[[]]]",
        "附件附件",
        "﷽ÀⅫ٣年٣月",
    ] {
        let _ = findings(text);
    }
}

#[test]
fn the_same_text_gives_the_same_findings() {
    let text = SALE.replace("甲方", "丙方");
    assert_eq!(findings(&text), findings(&text));
}
