//! The whole way, on the shipped templates and on the firm's documents of MOQI_DATA.

use std::ops::ControlFlow;

use super::*;
use crate::shipped::Text;
use duplicates::Shingles;

fn quietly(_: Event) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A text that ships, as it is given to a dataset.
pub(super) fn given(text: &Text) -> Given {
    Given::Text {
        title: text.title(),
        text: text.text.clone(),
        document: None,
    }
}

/// The dataset of the first so many shipped templates.
pub(super) fn of_templates(count: usize, config: &DataConfig) -> Dataset {
    let templates = crate::shipped::templates().iter().take(count);
    let given: Vec<Given> = templates.map(given).collect();
    dataset(&given, config, &mut quietly)
}

fn shipped(language: Language) -> Vec<Given> {
    let templates = crate::shipped::templates().iter();
    let templates = templates.filter(|text| text.language() == language);
    templates.map(given).collect()
}

#[test]
fn the_same_files_and_seed_give_the_same_bytes() {
    let given = shipped(Language::Zh);
    let config = DataConfig::default();
    let (one, two) = (
        dataset(&given, &config, &mut quietly),
        dataset(&given, &config, &mut quietly),
    );
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    // Two seeds may part a dozen documents alike by chance; five hardly do.
    let sides = |seed| -> Vec<Side> {
        let config = DataConfig {
            seed,
            ..config.clone()
        };
        let made = dataset(&given, &config, &mut quietly);
        made.report.documents.iter().map(|one| one.side).collect()
    };
    assert!((1..6).any(|seed| sides(seed) != sides(0)));
}

#[test]
fn a_client_whom_one_document_introduces_is_learnt_from_none() {
    let text = |title: &str, text: String| Given::Text {
        title: title.into(),
        text,
        document: None,
    };
    let mut all = shipped(Language::Zh);
    let more = "双方应当就供货的数量、质量、期限和验收办法逐项核对，核对结果以书面形式确认，并由各自的经办人妥善保存备查。".repeat(4);
    let sale = "# 供货合同\n\n甲方：江州恒泰机械制造有限公司\n\n联系人：欧阳明德，电话：13912345678\n\n## 供货\n\n甲方应当按月供货。";
    all.push(text("供货合同", format!("{sale}{more}\n")));
    for number in 1..=4 {
        let clause = format!("其第{number}次来函所述各项要求均应在五日内答复。");
        let note = format!(
            "# 备忘录{number}\n\n## 联系\n\n与欧阳明德谈妥，{clause}请拨打13912345678。\n\n## 事项\n\n{more}\n"
        );
        all.push(text("备忘录", note));
    }
    let made = dataset(&all, &DataConfig::default(), &mut quietly);
    let examples = [&made.train, &made.valid, &made.test].into_iter().flatten();
    let notes: Vec<&Example> = examples.filter(|one| one.heading == "联系").collect();
    assert_eq!(notes.len(), 4);
    for one in notes {
        let learnt = format!("{} {}", one.user, one.wanted);
        assert!(!learnt.contains("欧阳"), "{learnt}");
        assert!(one.wanted.contains("谈妥"), "{learnt}");
    }
    assert!({ made.clauses.iter() }.all(|one| !one.text.contains("欧阳")));
    // So it is where the document that introduces him was learnt before.
    let sale = |given: &&Given| matches!(given, Given::Text { title, .. } if title == "供货合同");
    let notes: Vec<Given> = all.iter().filter(|one| !sale(one)).cloned().collect();
    for (identifiers, told) in [(made.identifiers.clone(), 0), (Vec::new(), 4)] {
        let config = DataConfig {
            identifiers,
            ..DataConfig::default()
        };
        let made = dataset(&notes, &config, &mut quietly);
        let clauses = made
            .clauses
            .iter()
            .filter(|one| one.text.contains("欧阳明德"));
        assert_eq!(clauses.count(), told);
    }
    // Who keeps personal data keeps all of it.
    let kept = DataConfig {
        personal: Personal::Kept,
        ..DataConfig::default()
    };
    let made = dataset(&all, &kept, &mut quietly);
    let examples = [&made.train, &made.valid, &made.test].into_iter().flatten();
    assert_eq!(
        { examples }
            .filter(|one| one.wanted.contains("欧阳明德"))
            .count(),
        4
    );
}

#[test]
fn one_document_is_refused_and_a_break_leaves_no_examples() {
    let given = &shipped(Language::Zh)[..1];
    let made = dataset(given, &DataConfig::default(), &mut quietly);
    assert_eq!(made.refused, Some(Refusal::OneDocument));
    assert!(made.train.is_empty() && made.test.is_empty());
    let made = dataset(
        &shipped(Language::Zh),
        &DataConfig::default(),
        &mut |event| match event {
            Event::Made { done: 2, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        },
    );
    assert!(made.cancelled && made.train.is_empty());
    let made = dataset(&[], &DataConfig::default(), &mut quietly);
    assert_eq!(made.refused, Some(Refusal::Nothing));
}

#[test]
fn the_firms_documents_are_parted_without_near_duplicates_across() {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA is not set");
        return;
    };
    let given = [Given::Path(std::path::Path::new(&data).join("firm-en"))];
    let start = std::time::Instant::now();
    for seed in 0..2 {
        let config = DataConfig {
            seed,
            ..DataConfig::default()
        };
        let made = dataset(&given, &config, &mut quietly);
        let took = start.elapsed();
        assert!(made.left_out.is_empty(), "{:?}", made.left_out);
        assert_eq!(made.sources.len(), 40);
        let shingles: Vec<Shingles> = made.sources.iter().map(|s| Shingles::of(&s.text)).collect();
        let mut pairs = Vec::new();
        for a in 0..40 {
            for b in 0..a {
                let likeness = shingles[a].likeness(&shingles[b]);
                pairs.push(likeness);
                // Compared directly, not by the index that parted them.
                if made.report.documents[a].side != made.report.documents[b].side {
                    assert!(
                        likeness < NEAR,
                        "{} {}",
                        made.sources[a].name,
                        made.sources[b].name
                    );
                }
            }
        }
        pairs.sort_by(f64::total_cmp);
        let count = |side| {
            made.report
                .documents
                .iter()
                .filter(|d| d.side == side)
                .count()
        };
        println!(
            "seed {seed}: {took:?}, documents {}/{}/{}, examples {}/{}/{}, {:?}, families {:?}, likeness median {:.3}, most {:.3?}",
            count(Side::Train),
            count(Side::Valid),
            count(Side::Test),
            made.train.len(),
            made.valid.len(),
            made.test.len(),
            made.report.shared,
            made.report.families,
            pairs[pairs.len() / 2],
            &pairs[pairs.len() - 4..],
        );
        assert_eq!(count(Side::Train), 32);
        assert!(made.report.shared.novel >= 20, "{:?}", made.report.shared);
        assert!(made.train.len() > 500);
        let drafts: Vec<&Example> = made
            .train
            .iter()
            .filter(|e| e.lesson == Lesson::Draft)
            .collect();
        assert!(drafts.iter().any(|e| e.heading == "Non-Competition"));
        // Two seeds may part the few that are alike by luck; twenty more do not.
        let texts: Vec<&str> = made.sources.iter().map(|s| s.text.as_str()).collect();
        let more = if seed == 0 { 0..20 } else { 0..0 };
        for seed in more {
            let sides = split::split(&texts, &[], split::shortest_held_out(&texts), seed)
                .unwrap()
                .sides;
            for a in 0..40 {
                for b in 0..a {
                    assert!(sides[a] == sides[b] || shingles[a].likeness(&shingles[b]) < NEAR);
                }
            }
        }
    }
}

#[test]
fn no_masked_value_is_left_in_any_example() {
    let given: Vec<Given> = shipped(Language::Zh)
        .into_iter()
        .chain(shipped(Language::En))
        .collect();
    let made = dataset(&given, &DataConfig::default(), &mut quietly);
    let masked: usize = made
        .report
        .documents
        .iter()
        .flat_map(|d| &d.masked)
        .map(|(_, n)| n)
        .sum();
    assert!(masked > 200, "{masked}");
    for (index, learned) in made.report.documents.iter().enumerate() {
        assert!(learned.shown.len() <= MOST_SHOWN);
        // A short name can be a word as well; what is long can only be the value.
        let long = learned
            .shown
            .iter()
            .filter(|m| m.words.chars().count() >= 6);
        let words: Vec<&str> = long.map(|m| m.words.as_str()).collect();
        let all = made.train.iter().chain(&made.valid).chain(&made.test);
        for example in all.filter(|example| example.source == index) {
            for word in &words {
                assert!(
                    !example.wanted.contains(word) && !example.user.contains(word),
                    "{word} in {}",
                    example.wanted
                );
            }
        }
    }
    let kept = DataConfig {
        personal: Personal::Kept,
        ..DataConfig::default()
    };
    let made = dataset(&given, &kept, &mut quietly);
    assert!(
        made.report
            .documents
            .iter()
            .all(|d| d.masked.is_empty() && d.shown.is_empty())
    );
    assert!(made.train.iter().any(|e| e.wanted.contains("有限公司")));
}

#[test]
fn one_form_filled_in_for_two_clients_is_one_text() {
    let form = |buyer: &str, price: &str| {
        let clauses = (0..12).map(|n| format!("## 第{n}项\n\n{buyer}应当按照约定履行第{n}项义务，价款为人民币{price}元，并通知对方第{n}次。\n\n"));
        format!(
            "# 买卖合同\n\n甲方：{buyer}\n\n{}",
            clauses.collect::<String>()
        )
    };
    let text = |title: &str, text: String| Given::Text {
        title: title.to_owned(),
        text,
        document: None,
    };
    let other = "# 租赁合同\n\n## 租期\n\n出租人将房屋出租给承租人使用，租期三年，自交付之日起算，届满前三十日可以续租。\n\n## 租金\n\n承租人应当按季支付租金。\n";
    let given = [
        text("a", form("南京远见置业有限公司", "1,200,000")),
        text("b", form("苏州恒川精密机械制造有限公司", "85,000")),
        text("c", other.to_owned()),
    ];
    let made = dataset(&given, &DataConfig::default(), &mut quietly);
    assert_eq!(made.report.families, [vec![0, 1]]);
    assert_eq!(made.report.documents[0].side, made.report.documents[1].side);
}

#[test]
fn in_the_firms_templates_nothing_is_masked_but_amounts() {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA is not set");
        return;
    };
    let given = [Given::Path(std::path::Path::new(&data).join("firm-en"))];
    let made = dataset(&given, &DataConfig::default(), &mut quietly);
    for (source, learned) in made.sources.iter().zip(&made.report.documents) {
        for masked in &learned.shown {
            assert_eq!(
                masked.kind,
                Private::Amount,
                "{}: {}",
                source.name,
                masked.words
            );
        }
    }
}
