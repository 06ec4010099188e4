//! The whole way, on the shipped templates and on the firm's documents of MOQI_DATA.

use super::*;
use duplicates::Shingles;

fn quietly(_: Event) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn shipped(language: Language) -> Vec<Given> {
    let templates = crate::shipped::templates().iter();
    templates
        .filter(|text| text.language() == language)
        .map(|text| Given::Text {
            title: text.title(),
            text: text.text.clone(),
        })
        .collect()
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
    let other = dataset(&given, &DataConfig { seed: 9, ..config }, &mut quietly);
    assert_ne!(one.report.documents, other.report.documents);
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
    for seed in 0..4 {
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
    }
}
