use super::*;
use crate::tune::{Given, dataset};
use std::ops::ControlFlow;

fn made(name: &str, text: &str) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    dataset(&[Given::Path(path)], &DataConfig::default(), &mut |_| {
        ControlFlow::Continue(())
    })
}

fn all(made: &Dataset) -> Vec<&Example> {
    let mut all: Vec<&Example> = made
        .train
        .iter()
        .chain(&made.valid)
        .chain(&made.test)
        .collect();
    all.sort_by(|a, b| a.user.cmp(&b.user));
    all
}

fn faults(made: &Dataset) -> Vec<(usize, &str, FaultKind)> {
    let faults = made.left_out.iter().filter_map(|left| match &left.why {
        Why::Labelled(fault) => Some((fault.line, fault.field.as_str(), fault.kind)),
        _ => None,
    });
    faults.collect()
}

#[test]
fn rows_of_both_formats_ask_in_the_words_of_reading() {
    let lines = (0..6).map(|n| {
        format!(
            "{{\"text\": \"第{n}个咨询：邻居{n}欠款不还怎么办\", \"label\": \"债权债务{}\"}}\n",
            n % 2
        )
    });
    let made = made("a.jsonl", &lines.collect::<String>());
    assert_eq!((made.refused, faults(&made)), (None, vec![]));
    let found = all(&made);
    assert_eq!(found.len(), 6);
    let wanted = classify(
        "第0个咨询：邻居0欠款不还怎么办",
        &["债权债务0", "债权债务1"],
        Language::Zh,
    );
    assert_eq!((found[0].system.clone(), found[0].user.clone()), wanted);
    assert_eq!(
        (found[1].wanted.as_str(), found[1].lesson),
        ("债权债务1", Lesson::Classify)
    );
    assert_eq!(made.report.labelled[0].sides.len(), 6);
    assert!(!made.valid.is_empty() && !made.test.is_empty());

    let csv = "text,entities\n\"The fee, as agreed, is due on 1 May.\",\"[{\"\"type\"\":\"\"day\"\",\"\"value\"\":\"\"1 May\"\"},{\"\"type\"\":\"\"what\"\",\"\"value\"\":\"\"The fee\"\"}]\"\nNothing is said here at all,[]\nA third row about a wholly different thing,[]\n";
    let made = super::tests::made("b.CSV", csv);
    let found = all(&made);
    assert_eq!(faults(&made), []);
    let one = found.iter().find(|e| e.user.contains("as agreed")).unwrap();
    assert_eq!(one.wanted, "what: The fee\nday: 1 May");
    assert!(one.user.starts_with("Types: day; what."), "{}", one.user);
    assert_eq!(found.iter().filter(|e| e.wanted == "none").count(), 2);
}

#[test]
fn a_wrong_row_is_named_by_line_and_field_and_the_others_are_learned() {
    let text = "{\"text\": \"one text about rent and its term\", \"label\": \"a\"}\n\n{\"text\": \"\", \"label\": \"a\"}\nnot json\n{\"text\": \"two\", \"label\": {}}\n{\"txt\": 1}\n{\"text\": \"abc\", \"entities\": [{\"type\": \"t\", \"value\": \"xyz\"}]}\n{\"text\": 5, \"label\": \"a\"}\n{\"text\": \"another text, on sales of goods\", \"label\": [\"a\", \"b\"]}\n";
    let made = made("a.jsonl", text);
    assert_eq!(
        faults(&made),
        [
            (3, "text", FaultKind::Empty),
            (4, "", FaultKind::NotARow),
            (5, "label", FaultKind::BadValue),
            (6, "", FaultKind::UnknownFields),
            (7, "entities[0].value", FaultKind::NotInText),
            (8, "text", FaultKind::BadValue),
        ]
    );
    assert!(all(&made).iter().any(|example| example.wanted == "a; b"));
    let sentence = made.left_out[4].why.sentence();
    assert!(
        sentence.en.contains("Line 7") && sentence.zh.contains("entities[0].value"),
        "{sentence:?}"
    );
    let made = super::tests::made("a.csv", "question,reply\na,b\n");
    assert_eq!(faults(&made), [(2, "", FaultKind::UnknownFields)]);
    assert_eq!(made.refused, Some(Refusal::Nothing));
}

#[test]
fn personal_data_is_masked_in_text_and_answer_alike() {
    let rows = [
        "{\"text\": \"甲方：南京远见置业有限公司，联系电话：13812345678。\", \"entities\": [{\"type\": \"公司\", \"value\": \"南京远见置业有限公司\"}]}",
        "{\"text\": \"今天天气很好，我们去公园散步。\", \"entities\": []}",
    ];
    let made = made("a.jsonl", &rows.join("\n"));
    let found = all(&made);
    let one = found.iter().find(|e| e.user.contains("电话")).unwrap();
    assert!(
        one.user.contains("甲方：【单位1】，联系电话：【电话1】"),
        "{}",
        one.user
    );
    assert_eq!(one.wanted, "公司：【单位1】");
    assert!(
        made.report.labelled[0]
            .masked
            .contains(&(Private::Phone, 1))
    );
    // What is asked holds as much of it as what is read.
    let rows = [
        "{\"instruction\": \"请给联系电话13812345678回话\", \"input\": \"\", \"output\": \"已拨打13812345678。\"}",
        "{\"instruction\": \"今天天气很好，我们去公园散步\", \"output\": \"好的。\"}",
    ];
    let made = super::tests::made("b.jsonl", &rows.join("\n"));
    let found = all(&made);
    let one = found.iter().find(|e| e.user.contains("回话")).unwrap();
    assert_eq!(one.user, "请给联系电话【电话1】回话");
    assert_eq!(one.wanted, "已拨打【电话1】。");
}

#[test]
fn masked_values_of_rows_that_are_learned_are_asked_for_by_the_leak_test() {
    let topics = "离婚 租房 货款 工伤 遗嘱 借款 专利 装修 承揽 运输";
    let lines = topics.split(' ').enumerate().map(|(n, about)| {
        let text = format!("{about}{about}纠纷，{about}的{about}，{about}来电：1381234567{n}");
        format!("{{\"text\": \"{text}\", \"entities\": [{{\"type\": \"电话\", \"value\": \"1381234567{n}\"}}]}}\n")
    });
    let made = made("a.jsonl", &lines.collect::<String>());
    assert_eq!((made.refused, made.train.len()), (None, 8));
    assert!(made.train.iter().all(|one| one.wanted == "电话：【电话1】"));
    assert_eq!((made.secrets.count(), made.secrets.let_through()), (8, 0));
}

#[test]
fn an_instruction_without_a_text_is_told_apart_by_itself() {
    let topics = "离婚 租房 货款 工伤 遗嘱 借款 专利 装修 承揽 运输";
    let lines = topics.split(' ').flat_map(|about| {
        // Two answers to the same question belong together.
        ["甲", "乙"].map(|answer| {
            format!("{{\"instruction\": \"{about}的{about}要点，{about}要件\", \"input\": \"\", \"output\": \"{about}{answer}\"}}\n")
        })
    });
    let made = made("a.jsonl", &lines.collect::<String>());
    assert_eq!(made.refused, None);
    let count = |of: &[Example], asked: &str| of.iter().filter(|one| one.user == asked).count();
    for example in all(&made) {
        let sides = [&made.train, &made.valid, &made.test];
        let counts = sides.map(|side| count(side, &example.user));
        assert!(counts.contains(&2), "{}: {counts:?}", example.user);
    }
}

#[test]
fn the_legal_tasks_of_the_data_are_read() {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("zh-tasks");
    for name in [
        "topic",
        "entities",
        "summary",
        "marital-labels",
        "proofread",
        "consult",
    ] {
        let given = [Given::Path(folder.join(name).with_extension("jsonl"))];
        let made = dataset(&given, &DataConfig::default(), &mut |_| {
            ControlFlow::Continue(())
        });
        // Two sentences of the entities have no answer, which cannot be learned.
        let empty = match name {
            "entities" => vec![
                (64, "answer", FaultKind::Empty),
                (81, "answer", FaultKind::Empty),
            ],
            _ => vec![],
        };
        assert_eq!(
            (made.refused, faults(&made)),
            (None, empty.clone()),
            "{name}"
        );
        assert_eq!(all(&made).len(), 250 - empty.len(), "{name}");
        assert!(made.valid.len() >= 20 && made.test.len() >= 20, "{name}");
        assert!(
            made.train
                .iter()
                .all(|e| e.lesson == Lesson::Instruct && !e.wanted.is_empty())
        );
        println!(
            "{name}: {:?} {:?}",
            made.report.labelled[0].sides.len(),
            made.report.labelled[0].masked
        );
    }
}
