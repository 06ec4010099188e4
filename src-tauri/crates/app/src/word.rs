//! What the Word room reports as data, in sentences for people.

use std::path::Path;

use moqi_document::Language;
use moqi_docx::{OntoError, ReadError, Warning, WarningKind, WriteError};

use crate::error::{Code, Error, Sentence};

/// What could not be expressed in Word, in one language.
pub fn warning(warning: &Warning, language: Language) -> String {
    sentence(warning).in_language(language).to_owned()
}

/// What could not be expressed in Word, or not be read from it.
pub fn sentence(warning: &Warning) -> Sentence {
    match &warning.kind {
        WarningKind::UnfilledField(name) => Sentence::new(
            format!("字段 {name} 没有内容，已在文中标出"),
            format!("The field {name} has no value; it is highlighted"),
        ),
        WarningKind::MissingTarget(id) => Sentence::new(
            format!("引用的条款 {id} 不存在，已在文中标出"),
            format!("The clause {id} that is referred to does not exist; it is highlighted"),
        ),
        WarningKind::MissingFootnote(label) => Sentence::new(
            format!("脚注 {label} 没有内容"),
            format!("The footnote {label} has no text"),
        ),
        WarningKind::UnusedFootnote(label) => Sentence::new(
            format!("脚注 {label} 没有被引用，未写入"),
            format!("Nothing refers to the footnote {label}; it was left out"),
        ),
        WarningKind::UnsafeLink(address) => Sentence::new(
            format!("链接 {address} 未保留，只保留文字"),
            format!("The link {address} was left out; its words are kept"),
        ),
        WarningKind::ControlCharacters(count) => Sentence::new(
            format!("去掉了 {count} 个控制字符"),
            format!("{count} control characters were left out"),
        ),
        WarningKind::LiteralNumber(number) => Sentence::new(
            format!("编号“{number}”在 Word 中以文字写入"),
            format!("The number “{number}” is written as text, not as a live number"),
        ),
        WarningKind::LeftOut { what, count } => left_out(what, *count),
        WarningKind::DamagedPart(name) => Sentence::new(
            format!("文件中的 {name} 已损坏，未读入"),
            format!("The part {name} of the file is damaged and was not read"),
        ),
        WarningKind::NoValue { name, .. } => Sentence::new(
            format!("“{name}”没有内容，保持原样"),
            format!("“{name}” has no value and stays as it is"),
        ),
        WarningKind::NotUnderstood(tag) => Sentence::new(
            format!("标签 {tag} 无法执行，保持原样"),
            format!("The tag {tag} cannot be carried out and stays as it is"),
        ),
        WarningKind::NotAChoice { value, .. } => Sentence::new(
            format!("“{value}”不在该处的可选项之内，保持原样"),
            format!("“{value}” is none of the choices there, which stay as they are"),
        ),
        WarningKind::Unbound(slot) => Sentence::new(
            format!("{slot} 原来显示文件中另存的数据，现在只显示填入的内容"),
            format!("{slot} showed data kept elsewhere in the file; now it shows its value"),
        ),
        WarningKind::HiddenWords(count) => Sentence::new(
            format!("{count} 处隐藏文字已作为正文读入"),
            format!("{count} runs of hidden words were read as text"),
        ),
        WarningKind::StaleSuggestion => Sentence::new(
            "一处建议已不适用于现在的文字，未写入",
            "A suggestion no longer fits the text; it was left out",
        ),
        WarningKind::OverlappingSuggestion => Sentence::new(
            "一处建议与另一处重叠，未写入",
            "A suggestion overlaps with another; it was left out",
        ),
        other => Sentence::new(format!("{other:?}"), format!("{other:?}")),
    }
}

/// Things of a Word file that are not read.
fn left_out(what: &str, count: usize) -> Sentence {
    let (zh, en) = match what {
        "drawing" => ("个图片或图形未读入", "pictures or drawings were not read"),
        "deletion" => (
            "处修订删除的文字未读入",
            "deletions of tracked changes were not read",
        ),
        "insertion" => (
            "处修订插入的文字未读入",
            "insertions of tracked changes were not read",
        ),
        "equation" => (
            "个公式只保留文字",
            "equations were read as their words only",
        ),
        "nested table" => (
            "个表格中的表格读为单元格中的行",
            "tables inside tables became lines of their cell",
        ),
        "number in a table" => (
            "个表格中的自动编号未写入正文",
            "automatic numbers in tables are not part of the text",
        ),
        "merged cell" => (
            "处合并单元格已拆开，文字保留一次",
            "merged cells were taken apart; their words stand once",
        ),
        "symbol" => (
            "个符号字体中的符号没有对应的文字，按原字符保留",
            "signs of a symbol font have no letter; they are kept as they came",
        ),
        "cross-reference" => (
            "处交叉引用读为文字，不再随编号变化",
            "cross-references were read as words and no longer follow the numbers",
        ),
        "link in the document" => (
            "处文件内部的链接只保留文字",
            "links inside the document were read as their words",
        ),
        "table of contents" => (
            "个目录不作为正文读入，导出时重新生成",
            "tables of contents were not read as text; an export makes them anew",
        ),
        "macro" => ("个宏未保留", "macros were left out"),
        "comment" => ("条批注没有可放的位置", "comments found no place"),
        other => (other, other),
    };
    Sentence::new(format!("{count} {zh}"), format!("{count} {en}"))
}

/// A document that could not be written.
pub fn write_error(error: WriteError) -> Error {
    Error::new(
        Code::Internal,
        format!("没能生成 Word 文件：{error}。"),
        format!("The Word file could not be made: {error}."),
    )
    .caused_by(error)
}

/// A firm's file that cannot be the look of a document.
pub fn onto_error(path: &Path, error: OntoError) -> Error {
    match error {
        OntoError::Form(error) => as_error(path, error),
        OntoError::Write(error) => write_error(error),
        _ => Error::input(
            format!("{} 不能用作版式：它不是 Word 通常写出的文件。", path.display()),
            format!(
                "{} cannot be a look: it is not written as Word writes its files.",
                path.display()
            ),
        )
        .hint(
            "请在 Word 中打开，另存为“Word 文档 (*.docx)”（不要选“严格 Open XML”）后再试。",
            "Open it in Word, save it as a Word document (.docx), not as Strict Open XML, and try again.",
        ),
    }
}

/// A Word file that cannot be read.
pub fn as_error(path: &Path, error: ReadError) -> Error {
    const SAVE: (&str, &str) = (
        "请在 Word 或 WPS 中打开并另存为 .docx 后再试。",
        "Open it in Word or WPS, save it as .docx and try again.",
    );
    let (zh, en, hint) = match &error {
        ReadError::NotAnArchive => (
            "不是 .docx 文件，或文件不完整",
            "is not a .docx file, or was cut short",
            SAVE,
        ),
        ReadError::NotWord => ("里没有 Word 文档", "holds no Word document", SAVE),
        ReadError::Encrypted => (
            "有打开密码",
            "is protected by a password",
            (
                "请在 Word 或 WPS 中输入密码打开，去掉密码后另存为 .docx。",
                "Open it with its password, take the password off and save it as .docx.",
            ),
        ),
        ReadError::OldWord => (
            "是 Word 97–2003 的 .doc 文件",
            "is a .doc file of Word 97 to 2003",
            SAVE,
        ),
        ReadError::Wps => (
            "是 .wps 文件",
            "is a .wps file of WPS Writer or Works",
            SAVE,
        ),
        ReadError::OtherOle => (
            "是 Office 文件，但不是 Word 文档",
            "is an Office file, but not of Word",
            SAVE,
        ),
        ReadError::Rtf => ("是 RTF 文件", "is rich text (RTF)", SAVE),
        ReadError::Html => ("是网页（HTML）", "is a web page (HTML)", SAVE),
        ReadError::Pdf => (
            "是 PDF 文件",
            "is a PDF file",
            (
                "能选中文字的 PDF 请在 Word 中打开并另存为 .docx；扫描件请先做文字识别。",
                "A PDF whose words can be selected opens in Word and can be saved as .docx; a scan needs text recognition first.",
            ),
        ),
        ReadError::Empty => ("是空文件", "is empty", SAVE),
        ReadError::TooLarge(_) => (
            "太大，解压后超过一份文书所能有的大小",
            "is too large: it unpacks to more than a document can hold",
            SAVE,
        ),
        ReadError::BadXml { .. } => ("已损坏", "is damaged", SAVE),
        _ => ("无法读取", "cannot be read", SAVE),
    };
    let part = match &error {
        ReadError::BadXml { part, .. } => part.as_str(),
        _ => "",
    };
    let part = |before: &str, after: &str| match part {
        "" => String::new(),
        part => format!("{before}{part}{after}"),
    };
    Error::input(
        format!("{} {zh}{}。", path.display(), part("（", "）")),
        format!("{} {en}{}.", path.display(), part(" (", ")")),
    )
    .hint(hint.0, hint.1)
    .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_names_the_file_and_says_what_to_do_in_both_languages() {
        let bad = ReadError::BadXml {
            part: "word/document.xml".into(),
            why: "x".into(),
        };
        for (error, zh, en) in [
            (ReadError::NotAnArchive, "不完整", "cut short"),
            (ReadError::Encrypted, "密码", "password"),
            (ReadError::OldWord, "Word 97", "Word 97"),
            (ReadError::Pdf, "文字识别", "text recognition"),
            (bad, "word/document.xml", "word/document.xml"),
        ] {
            let made = as_error("合同.docx".as_ref(), error);
            for (language, words) in [(Language::Zh, zh), (Language::En, en)] {
                let said = made.sentence(language);
                assert!(said.contains("合同.docx") && said.contains(words), "{said}");
            }
        }
    }
}
