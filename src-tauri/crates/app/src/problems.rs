//! Trouble that other rooms report as data, in sentences for people.

use moqi_document::{AnswerProblem, AnswerProblemKind, Meta, Problem, ProblemKind, field_at};

use crate::error::{Error, Sentence};

/// What is wrong in a template.
pub fn sentence(kind: &ProblemKind) -> Sentence {
    match kind {
        ProblemKind::FrontMatter(words) => Sentence::new(
            format!("文件开头的说明无法读取：{words}"),
            format!("The front matter cannot be read: {words}"),
        ),
        ProblemKind::BadValue { key, expected } => Sentence::new(
            format!("“{key}”的值不对，应为 {expected}"),
            format!("The value of “{key}” should be {expected}"),
        ),
        ProblemKind::DuplicateId(id) => Sentence::new(
            format!("编号 {id} 用了两次"),
            format!("The id {id} is used twice"),
        ),
        ProblemKind::Template(words) => Sentence::new(
            format!("模板语句无法读取：{words}"),
            format!("The template tag or expression cannot be read: {words}"),
        ),
        ProblemKind::UnknownField(name) => Sentence::new(
            format!("字段 {name} 没有声明"),
            format!("The field {name} is not declared"),
        ),
        ProblemKind::DuplicateField(name) => Sentence::new(
            format!("字段 {name} 声明了两次"),
            format!("The field {name} is declared twice"),
        ),
        other => Sentence::new(format!("{other:?}"), format!("{other:?}")),
    }
}

/// A problem of a template as a refusal that names file, line and field.
pub fn as_error(file: &str, problem: &Problem) -> Error {
    let Sentence { zh, en } = sentence(&problem.kind);
    let (field_zh, field_en) = problem
        .field
        .as_ref()
        .map_or_else(Default::default, |field| {
            (format!("（字段 {field}）"), format!(" (field {field})"))
        });
    let line = problem.line;
    Error::input(
        format!("{file} 第 {line} 行{field_zh}：{zh}。"),
        format!("{file}, line {line}{field_en}: {en}."),
    )
    .hint("请修改范本后再试。", "Mend the template and try again.")
}

/// Whether an answer is only missing, which a draft may leave open.
pub fn is_missing(problem: &AnswerProblem) -> bool {
    problem.kind == AnswerProblemKind::Missing
}

/// A bad answer as a refusal that names the field.
pub fn answer_as_error(problem: &AnswerProblem, meta: &Meta) -> Error {
    let path = &problem.path;
    let label = field_at(meta, path)
        .map(|field| field.label.clone())
        .filter(|label| label != path);
    let name = label.map_or_else(|| path.clone(), |label| format!("{path} {label}"));
    let (zh, en) = match problem.kind {
        AnswerProblemKind::Missing => ("没有填写", "has no answer"),
        AnswerProblemKind::BadDate => (
            "不是日历上的日期，应如 2026-11-23",
            "is not a day of the calendar; write 2026-11-23",
        ),
        AnswerProblemKind::BadMoney => (
            "不是金额，应如 1200000.00，最多两位小数",
            "is not an amount; write 1200000.00, two decimals at most",
        ),
        AnswerProblemKind::BadNumber => ("不是数字", "is not a number"),
        AnswerProblemKind::BadPeriod => (
            "不是期限，应如 12 months",
            "is not a period; write 12 months",
        ),
        AnswerProblemKind::BadChoice => ("不在可选项之内", "is none of the options"),
        AnswerProblemKind::BadYesNo => ("应为 true 或 false", "should be true or false"),
        AnswerProblemKind::WrongShape => (
            "的形式不对（文本、分组或列表）",
            "has the wrong shape (text, group or list)",
        ),
        AnswerProblemKind::UnknownField => ("不是这份范本的字段", "is no field of this template"),
        _ => ("的答案无法使用", "has an answer that cannot be used"),
    };
    Error::input(
        format!("字段 {name} {zh}。"),
        format!("The field {name} {en}."),
    )
    .hint("请改正答案后再试。", "Correct the answer and try again.")
}
