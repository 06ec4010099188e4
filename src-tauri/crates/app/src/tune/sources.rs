//! What a model is to learn from: files, folders and texts of the library become sources, or are left out with a reason.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use moqi_document::{Language, fill, instantiate, parse, sample_answers};
use moqi_docx::ReadError;
use sha2::{Digest, Sha256};

use super::Event;
use super::labelled::Fault;
use super::words::tokens;
use crate::error::{Error, Sentence};
use crate::models::hex;
use crate::{files, language_of, read};

/// Something to learn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// A text of the library, filled; a template may still have its fields.
    Text {
        /// What it is called.
        title: String,
        /// The text.
        text: String,
        /// Id of the document of this program that it is, where it is one.
        document: Option<String>,
    },
}

/// A document that can be learned from.
#[derive(Debug, Clone)]
pub struct Source {
    /// File name, or title of a text of the library.
    pub name: String,
    /// The file; `None` for a text of the library.
    pub path: Option<PathBuf>,
    /// Id of the document of this program that it is.
    pub document: Option<String>,
    /// SHA-256 of the file or of the text, in hex: what a run writes down of its data.
    pub hash: String,
    /// Its text. The fields of a template hold their samples.
    pub text: String,
    /// Its title where the file states one beside its text, else its name without the ending.
    pub title: String,
    /// Its language.
    pub language: Language,
    /// What the reader could not keep.
    pub warnings: Vec<Sentence>,
}

/// Something that is not learned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// File name, or title of a text of the library.
    pub name: String,
    /// The file; `None` for a text of the library.
    pub path: Option<PathBuf>,
    /// Why.
    pub why: Why,
}

/// Why something is not learned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It cannot be read; the sentence names it and says what to do.
    NotReadable(Sentence),
    /// It is protected by a password.
    Encrypted,
    /// It is a PDF: scanned, or with words that its pages only draw.
    Pdf,
    /// Its ending, in lower case, is of no kind that can be read.
    NotSupported(String),
    /// Nothing is in it.
    Empty,
    /// It has fewer than [`SHORTEST`] words (or Chinese characters); carries how many.
    TooShort(usize),
    /// The words are those of another source, named here.
    Duplicate(String),
    /// It has more than [`LARGEST_FILE`] bytes, or more text than a document can have; carries its bytes.
    TooLarge(u64),
    /// It is in this language, which was not asked for.
    WrongLanguage(Language),
    /// There are more than [`MOST_FILES`] files, or more than [`MOST_TEXT`] bytes of text, before it.
    TooMany,
    /// No passage of it can be learned: tables of values, signatures and notes are not.
    NothingToLearn,
    /// It is to be forgotten.
    Forgotten,
    /// It was learnt before and cannot be repeated.
    Gone,
    /// A row of a labelled file is wrong; the others are learned.
    Labelled(Fault),
}

impl Why {
    /// The reason as people read it, without the name of the file.
    pub fn sentence(&self) -> Sentence {
        let language = |language: &Language| match language {
            Language::Zh => ("中文", "Chinese"),
            Language::En => ("英文", "English"),
        };
        match self {
            Why::NotReadable(why) => why.clone(),
            Why::Encrypted => Sentence::new(
                "有打开密码；请去掉密码后另存",
                "It is protected by a password; take the password off and save it",
            ),
            Why::Pdf => Sentence::new(
                "PDF 文件（可能是扫描件）；请先转成 Word 文件",
                "It is a PDF, perhaps a scan; turn it into a Word file first",
            ),
            Why::NotSupported(ending) => Sentence::new(
                format!("不能读取 .{ending} 文件"),
                format!("Files of the kind .{ending} cannot be read"),
            ),
            Why::Empty => Sentence::new("没有文字", "Nothing is in it"),
            Why::TooShort(words) => Sentence::new(
                format!("太短：只有 {words} 个字"),
                format!("It is too short: {words} words"),
            ),
            Why::Duplicate(other) => Sentence::new(
                format!("与“{other}”文字相同"),
                format!("It has the same words as “{other}”"),
            ),
            Why::TooLarge(bytes) => Sentence::new(
                format!("太大：{} MB", bytes.div_ceil(1_000_000)),
                format!("It is too large: {} MB", bytes.div_ceil(1_000_000)),
            ),
            Why::WrongLanguage(found) => Sentence::new(
                format!("语言不同：{}", language(found).0),
                format!("It is in another language: {}", language(found).1),
            ),
            Why::TooMany => Sentence::new(
                "文件太多，没有读到它",
                "There are too many files; it was not reached",
            ),
            Why::NothingToLearn => Sentence::new(
                "没有可以学习的条款（只有数值表格、签署栏或批注）",
                "It has no clause to learn from: only tables of values, signatures or notes",
            ),
            Why::Forgotten => Sentence::new("已要求忘记它", "It is to be forgotten"),
            Why::Gone => Sentence::new(
                "以前学过，现已不在原处或已改动，不再复习",
                "It was learnt before and is gone or has changed, so it is not repeated",
            ),
            Why::Labelled(fault) => fault.sentence(),
        }
    }
}

/// The largest file that is opened, in bytes: a thousand-page contract has less than a tenth of it.
pub const LARGEST_FILE: u64 = 100_000_000;
/// Files of one run.
pub const MOST_FILES: usize = 10_000;
/// Bytes of text of one run; a model learns from less.
pub const MOST_TEXT: usize = 200_000_000;
/// Words, or Chinese characters, that a source has at least.
pub const SHORTEST: usize = 40;
/// Bytes of text that one document has at most.
const LONGEST_TEXT: usize = 8_000_000;
/// Folders inside one another that are looked into.
const DEEPEST: usize = 32;

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Documents, in the order they were given; folders in the order of their names.
    pub documents: Vec<Source>,
    /// Files of labelled examples that were named themselves.
    pub labelled: Vec<PathBuf>,
    /// What is not learned from.
    pub left_out: Vec<LeftOut>,
    /// Files in folders that are of no kind of document: pictures, programs. They are only counted.
    pub others: usize,
    /// It was cancelled; the documents read until then stand here.
    pub cancelled: bool,
}

/// Reads what is given. One that cannot be read keeps none of the others. `report` hears [`Event::Read`]. `without` are the
/// hashes of what is left out, and so is whatever has the same words: the same paper is often there in several formats.
pub fn read_all(
    given: &[Given],
    language: Option<Language>,
    without: &[String],
    report: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Sources {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    for given in given {
        match given {
            Given::Path(path) => collect(path, 0, &mut found, &mut sources),
            Given::Text { .. } => found.push(given.clone()),
        }
    }
    let mut same: HashMap<[u8; 32], String> = HashMap::new();
    let mut forgotten: HashSet<[u8; 32]> = HashSet::new();
    let mut keys = Vec::new();
    let mut text = 0;
    let all = found.len();
    for (done, given) in found.into_iter().enumerate() {
        if report(Event::Read { done, all }).is_break() {
            sources.cancelled = true;
            return sources;
        }
        let (name, path) = match &given {
            Given::Path(path) => (name_of(path), Some(path.clone())),
            Given::Text { title, .. } => (title.clone(), None),
        };
        let read = match done < MOST_FILES && text < MOST_TEXT {
            true => one(given, language),
            false => Err(Why::TooMany),
        };
        let read = read.and_then(|source| {
            let key = Sha256::digest(tokens(&source.text).join(" ").as_bytes()).into();
            if without.contains(&source.hash) {
                forgotten.insert(key);
            }
            if forgotten.contains(&key) {
                return Err(Why::Forgotten);
            }
            match same.get(&key) {
                Some(other) => Err(Why::Duplicate(other.clone())),
                None => {
                    same.insert(key, source.name.clone());
                    keys.push(key);
                    Ok(source)
                }
            }
        });
        match read {
            Ok(source) => {
                text += source.text.len();
                sources.documents.push(source);
            }
            Err(why) => sources.left_out.push(LeftOut { name, path, why }),
        }
    }
    // A copy of what is to be forgotten may have come before it.
    let (copies, documents): (Vec<_>, Vec<_>) = std::mem::take(&mut sources.documents)
        .into_iter()
        .zip(keys)
        .partition(|(_, key)| forgotten.contains(key));
    sources.documents = documents.into_iter().map(|(source, _)| source).collect();
    let copies = copies.into_iter().map(|(source, _)| LeftOut {
        name: source.name,
        path: source.path,
        why: Why::Forgotten,
    });
    sources.left_out.extend(copies);
    // Nothing is left to stop after the last one.
    let _ = report(Event::Read { done: all, all });
    sources
}

fn one(given: Given, wanted: Option<Language>) -> std::result::Result<Source, Why> {
    let source = match given {
        Given::Path(path) => of_file(&path)?,
        Given::Text {
            title,
            text,
            document,
        } => Source {
            hash: hash_of(text.as_bytes()),
            name: title.clone(),
            path: None,
            document,
            language: Language::En,
            warnings: Vec::new(),
            text,
            title,
        },
    };
    if source.text.len() > LONGEST_TEXT {
        return Err(Why::TooLarge(source.text.len() as u64));
    }
    let text = with_samples(source.text);
    let document = parse(&text);
    let language = language_of(&document, &text);
    match tokens(&text).len() {
        0 => Err(Why::Empty),
        words if words < SHORTEST => Err(Why::TooShort(words)),
        _ if wanted.is_some_and(|wanted| wanted != language) => Err(Why::WrongLanguage(language)),
        _ => Ok(Source {
            text,
            language,
            ..source
        }),
    }
}

/// What a run writes down of a file's contents: their SHA-256, in hex.
pub fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A template with its samples for answers; any other text as it is.
pub(super) fn with_samples(text: String) -> String {
    let meta = parse(&text).meta;
    if meta.fields.is_empty() {
        return text;
    }
    let answers = sample_answers(&meta);
    fill(&instantiate(&text, &answers).text, &answers).text
}

fn of_file(path: &Path) -> std::result::Result<Source, Why> {
    let ending = read::ending(path);
    if read::known(path).is_err() {
        return Err(Why::NotSupported(ending));
    }
    // The size is looked at before a byte is read.
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    if size > LARGEST_FILE {
        return Err(Why::TooLarge(size));
    }
    let bytes = files::read_whole(path).map_err(why)?;
    if bytes.is_empty() {
        return Err(Why::Empty);
    }
    let hash = hash_of(&bytes);
    let read = read::read_bytes(path, bytes).map_err(why)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Source {
        name: name_of(path),
        path: Some(path.to_owned()),
        document: None,
        hash,
        title: read.title.unwrap_or_else(|| stem.into_owned()),
        text: read.text,
        language: Language::En,
        warnings: read.warnings,
    })
}

/// Why a file could not be read.
pub(super) fn why(error: Error) -> Why {
    let cause = error.source.as_ref();
    match cause.and_then(|cause| cause.downcast_ref::<ReadError>()) {
        Some(ReadError::Encrypted) => Why::Encrypted,
        Some(ReadError::Pdf) => Why::Pdf,
        Some(ReadError::Empty) => Why::Empty,
        _ => Why::NotReadable(Sentence::new(
            error.sentence(Language::Zh),
            error.sentence(Language::En),
        )),
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The files of a path. Hidden files, the lock files of Word (`~$…`) and links are passed over inside folders.
fn collect(path: &Path, depth: usize, found: &mut Vec<Given>, sources: &mut Sources) {
    if !path.is_dir() {
        match read::ending(path).as_str() {
            "jsonl" | "csv" if depth == 0 => sources.labelled.push(path.to_owned()),
            _ => found.push(Given::Path(path.to_owned())),
        }
        return;
    }
    if depth >= DEEPEST {
        return;
    }
    let entries = match files::seen_in(path) {
        Ok(entries) => entries,
        Err(error) => {
            sources.left_out.push(LeftOut {
                name: name_of(path),
                path: Some(path.to_owned()),
                why: why(Error::io(path, error)),
            });
            return;
        }
    };
    for (path, folder) in entries {
        // A document of another kind is named among what is left out; a picture is only counted.
        if folder || read::known(&path).is_ok() {
            collect(&path, depth + 1, found, sources);
        } else {
            sources.others += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::Answers;

    const CONTRACT: &str = "# 买卖合同\n\n## 标的\n\n甲方向乙方出售机床一台，规格、数量、单价见附件一，机床应当符合国家标准和双方确认的样品。\n\n## 价款\n\n乙方应当在收到机床之日起十日内付清全部价款。\n";

    fn read(given: &[Given], language: Option<Language>) -> Sources {
        read_all(given, language, &[], &mut |_| ControlFlow::Continue(()))
    }

    fn whys(sources: &Sources) -> Vec<(&str, &Why)> {
        let left = sources.left_out.iter();
        left.map(|left| (left.name.as_str(), &left.why)).collect()
    }

    #[test]
    fn a_folder_is_read_and_what_is_left_out_has_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        let app = crate::App::open(
            crate::Home::at(folder.path().join(".home")).unwrap(),
            Language::En,
        )
        .unwrap();
        let word = app
            .word(CONTRACT, &Answers::new(), &Default::default())
            .unwrap();
        put("b/合同.docx", &word.bytes);
        put("a.md", CONTRACT.replace("机床", "车床").as_bytes());
        put("c/copy.txt", CONTRACT.replace(['#', '\n'], " ").as_bytes());
        put(
            "english.txt",
            "This agreement is made between the parties. "
                .repeat(12)
                .as_bytes(),
        );
        put("empty.md", b"");
        put("blank.txt", b" \n\n ");
        put("short.md", "# 合同\n\n略。\n".as_bytes());
        put("scan.pdf", b"%PDF-1.7 x");
        put("broken.docx", b"PK\x03\x04 not a zip");
        put("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old");
        put("picture.png", b"x");
        put(".hidden.md", CONTRACT.as_bytes());
        put("~$lock.docx", b"x");
        std::fs::File::create(folder.path().join("huge.docx"))
            .and_then(|file| file.set_len(200_000_000))
            .unwrap();
        let given = [Given::Path(folder.path().to_owned())];
        let all = read(&given, Some(Language::Zh));
        let names: Vec<&str> = all.documents.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["a.md", "合同.docx"]);
        assert_eq!(all.others, 1);
        let reasons = whys(&all);
        let of = |name: &str| reasons.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        assert_eq!(of("blank.txt"), Why::Empty);
        assert_eq!(of("empty.md"), Why::Empty);
        assert_eq!(of("short.md"), Why::TooShort(3));
        assert_eq!(of("scan.pdf"), Why::Pdf);
        assert_eq!(of("huge.docx"), Why::TooLarge(200_000_000));
        assert_eq!(of("english.txt"), Why::WrongLanguage(Language::En));
        assert_eq!(of("copy.txt"), Why::Duplicate("合同.docx".into()));
        for name in ["broken.docx", "old.doc"] {
            let Why::NotReadable(sentence) = of(name) else {
                panic!("{:?}", of(name));
            };
            assert!(
                sentence.en.contains(name) && sentence.zh.contains(name),
                "{sentence:?}"
            );
        }
        assert_eq!(reasons.len(), 9);
        for (_, why) in reasons {
            assert!(!why.sentence().zh.is_empty() && !why.sentence().en.is_empty());
        }
    }

    #[test]
    fn what_is_named_and_is_not_there_or_of_no_kind_is_left_out() {
        let given = ["nowhere.md", "picture.xyz"].map(|name| Given::Path(name.into()));
        let all = read(&given, None);
        assert!(matches!(whys(&all)[0].1, Why::NotReadable(_)), "{all:?}");
        assert_eq!(whys(&all)[1].1, &Why::NotSupported("xyz".into()));
        assert!(read(&[], None).documents.is_empty());
    }

    #[test]
    fn a_template_is_read_with_its_samples() {
        let text = format!(
            "---\nlanguage: zh\nfields:\n  price: {{type: money, label: 总价, sample: '1200.00'}}\n---\n{CONTRACT}\n{{% if price %}}\n总价{{{{price}}}}元。\n{{% endif %}}\n"
        );
        let given = [Given::Text {
            title: "买卖".into(),
            text,
            document: None,
        }];
        let all = read(&given, None);
        assert!(
            all.documents[0].text.contains("总价1,200.00元"),
            "{}",
            all.documents[0].text
        );
    }

    #[test]
    fn what_is_to_be_forgotten_is_left_out_with_all_that_has_its_words() {
        let text = |title: &str, text: String| Given::Text {
            title: title.into(),
            text,
            document: None,
        };
        let given = [
            text("before", CONTRACT.replace("机床", "**机床**")),
            text("it", CONTRACT.into()),
            text("other", CONTRACT.replace("机床", "车床")),
            text("after", CONTRACT.replace("\n\n", "\n\n\n")),
        ];
        let hash = hex(&Sha256::digest(CONTRACT.as_bytes()));
        let all = read_all(&given, None, &[hash], &mut |_| ControlFlow::Continue(()));
        let names: Vec<&str> = all.documents.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["other"]);
        let left = whys(&all);
        assert!(
            left.len() == 3 && left.iter().all(|(_, why)| **why == Why::Forgotten),
            "{left:?}"
        );
    }

    #[test]
    fn a_break_stops_before_the_next_file() {
        let given: Vec<Given> = (0..5)
            .map(|n| Given::Text {
                title: n.to_string(),
                text: CONTRACT.replace("机床", &format!("机床{n}")),
                document: None,
            })
            .collect();
        let all = read_all(&given, None, &[], &mut |event| match event {
            Event::Read { done: 2, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        assert!(all.cancelled);
        assert_eq!(all.documents.len(), 2);
    }
}
