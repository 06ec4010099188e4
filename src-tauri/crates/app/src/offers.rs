//! A template made of a document or of a file: what it could ask for, and the text once a lawyer has said what it shall.

use std::path::{Path, PathBuf};

use moqi_document::{
    Answer, Control as SuggestedControl, FieldKind, Language, Suggestion, Tagged, from_tags, parse,
    print, suggest_with, templated,
};
use moqi_docx::{ControlKind, ReadControl};

use crate::error::Result;
use crate::library::OpenedTemplate;
use crate::{App, language_of, read};

/// What a template is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// An open document, by id.
    Document(String),
    /// A file of the firm.
    File(PathBuf),
}

/// What a text could ask for.
#[derive(Debug, Clone)]
pub struct Offers {
    /// Title the template would get.
    pub title: String,
    /// Language of the text.
    pub language: Language,
    /// Fields, in reading order.
    pub offers: Vec<Offer>,
    /// What the reader of the file has to say, in the language of the window.
    pub warnings: Vec<String>,
}

/// A field the template could have.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The field.
    pub suggestion: Suggestion,
    /// The words before its first place, on its line.
    pub before: String,
    /// The words after it.
    pub after: String,
}

/// A field the lawyer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The name under which it was offered.
    pub name: String,
    /// What the form is to ask.
    pub label: String,
    /// Its type as the command line names it; another than a simple one leaves what was offered.
    pub kind: String,
}

/// Words shown around a place, in characters.
const AROUND: usize = 40;

impl App {
    /// What a template made of this could ask for.
    ///
    /// # Errors
    /// The file cannot be read; the document is not open.
    pub fn template_offers(&self, material: &Material) -> Result<Offers> {
        let Source {
            text,
            title,
            controls,
            warnings,
        } = self.source(material)?;
        let offers = suggest_with(&text, &controls)
            .into_iter()
            .map(|suggestion| {
                let place = suggestion.places.first().copied().unwrap_or_default();
                Offer {
                    before: around(text.get(..place.start).unwrap_or_default(), true),
                    after: around(text.get(place.end..).unwrap_or_default(), false),
                    suggestion,
                }
            })
            .collect();
        Ok(Offers {
            title,
            language: language_of(&parse(&text), &text),
            offers,
            warnings,
        })
    }

    /// An own template made of this, with the accepted fields.
    ///
    /// # Errors
    /// As [`App::template_offers`]; the template cannot be saved.
    pub fn template_from(
        &self,
        material: &Material,
        title: &str,
        accepted: &[Accepted],
    ) -> Result<OpenedTemplate> {
        let source = self.source(material)?;
        let wanted: Vec<Suggestion> = suggest_with(&source.text, &source.controls)
            .into_iter()
            .filter_map(|offered| {
                let said = accepted.iter().find(|one| one.name == offered.name)?;
                Some(as_said(offered, said))
            })
            .collect();
        let title = match title.trim() {
            "" => source.title.as_str(),
            title => title,
        };
        self.put_new_template(&templated(&source.text, &wanted), title)
    }

    /// What became of the tags of another program.
    fn of_tags(&self, tagged: &Tagged) -> Vec<String> {
        if tagged.style.is_none() {
            return Vec::new();
        }
        let fields = parse(&tagged.text).meta.fields.len();
        let (made, kept) = match self.language() {
            Language::Zh => (
                format!("文件中的模板标签已转为 {fields} 个字段。"),
                "无法转换、保留原样的标签：",
            ),
            Language::En => (
                format!("Fields made of the template tags in the file: {fields}."),
                "Tags that stay as they are, because they cannot be converted: ",
            ),
        };
        let mut said = vec![made];
        if !tagged.kept.is_empty() {
            let tags: Vec<&str> = tagged
                .kept
                .iter()
                .map(|kept| kept.tag.as_str())
                .take(10)
                .collect();
            said.push(format!("{kept}{}", tags.join(" ")));
        }
        said
    }

    fn source(&self, material: &Material) -> Result<Source> {
        match material {
            Material::Document(id) => {
                let (text, ..) = self.snapshot(id)?;
                // The controls of the file it was imported from are still found where the text was not changed since.
                let original = self.original(id)?;
                let controls = original.and_then(|original| {
                    let read = read::read_bytes(Path::new(&original.name), original.bytes).ok()?;
                    Some(controls(&read.word.controls))
                });
                let fields = parse(&text).meta.fields.len();
                let kept = (fields > 0).then(|| match self.language() {
                    Language::Zh => format!("文书已有的 {fields} 个字段照样保留。"),
                    Language::En => {
                        format!("Fields the document has already, which stay: {fields}.")
                    }
                });
                Ok(Source {
                    title: self.document_title(id)?,
                    text,
                    controls: controls.unwrap_or_default(),
                    warnings: kept.into_iter().collect(),
                })
            }
            Material::File(path) => {
                let file = read::read_file(path)?;
                let mut warnings = file.said(self.language());
                let stem = || {
                    let stem = path.file_stem().unwrap_or_default();
                    stem.to_string_lossy().into_owned()
                };
                let tagged = from_tags(&file.text);
                warnings.extend(self.of_tags(&tagged));
                let mut text = tagged.text;
                // Somebody has said already what the controls are; a text with tags was moved away from their places.
                if tagged.style.is_none() {
                    let (with_fields, count) = with_controls(&text, &file.word.controls);
                    text = with_fields;
                    warnings.extend((count > 0).then(|| match self.language() {
                        Language::Zh => format!("文件中的内容控件已转为 {count} 个字段。"),
                        Language::En => {
                            format!("Fields made of the content controls in the file: {count}.")
                        }
                    }));
                }
                Ok(Source {
                    title: title_of(&text).or(file.title).unwrap_or_else(stem),
                    controls: Vec::new(),
                    text,
                    warnings,
                })
            }
        }
    }
}

/// The title a text gives itself.
fn title_of(text: &str) -> Option<String> {
    let document = parse(text);
    let titled = document.blocks.iter().find_map(|block| match &block.kind {
        moqi_document::BlockKind::Title(words) => Some(moqi_document::plain(words)),
        _ => None,
    });
    document.meta.title.or(titled)
}

struct Source {
    text: String,
    title: String,
    controls: Vec<SuggestedControl>,
    warnings: Vec<String>,
}

/// A text whose controls are declared fields, and how many.
fn with_controls(text: &str, controls: &[ReadControl]) -> (String, usize) {
    let found = moqi_docx::controls_as_fields(text, controls);
    if found.fields.is_empty() {
        return (text.to_owned(), 0);
    }
    let mut document = parse(&found.text);
    let count = found.fields.len();
    let spoken = language_of(&document, &found.text);
    document.meta.language.get_or_insert(spoken);
    document.meta.fields.extend(found.fields);
    document.meta.raw = None;
    (print(&document), count)
}

/// The content controls of a Word file, as the suggestions want them.
fn controls(found: &[ReadControl]) -> Vec<SuggestedControl> {
    found
        .iter()
        .map(|control| SuggestedControl {
            line: control.line,
            label: control.alias.clone().or_else(|| control.tag.clone()),
            words: control.text.clone(),
            kind: match &control.kind {
                ControlKind::Date => Some(FieldKind::Date),
                ControlKind::CheckBox => Some(FieldKind::YesNo),
                ControlKind::DropDown(options) => Some(choice(options)),
                ControlKind::Text | ControlKind::Other => None,
            },
            placeholder: control.placeholder,
        })
        .collect()
}

fn choice(options: &[String]) -> FieldKind {
    let options = options.iter().map(|option| moqi_document::ChoiceOption {
        value: option.clone(),
        label: option.clone(),
    });
    FieldKind::Choice(options.collect())
}

/// A suggestion with the lawyer's label and type.
fn as_said(mut offered: Suggestion, said: &Accepted) -> Suggestion {
    if !said.label.trim().is_empty() {
        offered.label = said.label.trim().to_owned();
    }
    let kind = match said.kind.as_str() {
        "text" => FieldKind::Text,
        "longtext" => FieldKind::LongText,
        "number" => FieldKind::Number,
        "date" => FieldKind::Date,
        "period" => FieldKind::Period,
        "yesno" => FieldKind::YesNo,
        _ => return offered,
    };
    if std::mem::discriminant(&kind) != std::mem::discriminant(&offered.kind) {
        // A value of another type is no example any more, but words always are.
        offered.sample = match kind {
            FieldKind::Text | FieldKind::LongText if offered.sample.is_some() => {
                Some(Answer::Text(offered.found.clone()))
            }
            _ => None,
        };
        offered.filters = Vec::new();
        offered.kind = kind;
    }
    offered
}

/// The words of a line next to a place, without the marks of our text.
fn around(text: &str, before: bool) -> String {
    let line = match before {
        true => text.rsplit('\n').next(),
        false => text.split('\n').next(),
    };
    let mut words: Vec<char> = line.unwrap_or_default().chars().collect();
    words.retain(|c| !matches!(c, '\\' | '*' | '~' | '`'));
    let words: String = match before {
        true => words[words.len().saturating_sub(AROUND)..].iter().collect(),
        false => words[..words.len().min(AROUND)].iter().collect(),
    };
    match before {
        true => words.trim_start_matches(['#', '-', ' ']).to_owned(),
        false => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Home;
    use moqi_document::Answers;

    const TEXT: &str = "# 设备买卖合同\n\n甲方：华东精密机械有限公司\n\n乙方：江南制造有限公司\n\n## 价款\n\n1. 总价为人民币____元，于2026年12月1日前支付。\n2. 华东精密机械有限公司开具发票。\n";

    fn app() -> (tempfile::TempDir, App) {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        (folder, app)
    }

    #[test]
    fn what_is_accepted_becomes_the_fields_of_a_template_and_the_rest_stays() {
        let (folder, app) = app();
        let path = folder.path().join("买卖.docx");
        let word = app
            .word(TEXT, &Answers::new(), &Default::default())
            .unwrap();
        std::fs::write(&path, word.bytes).unwrap();
        let material = Material::File(path);
        let offers = app.template_offers(&material).unwrap();
        assert_eq!(
            (offers.title.as_str(), offers.language),
            ("设备买卖合同", Language::Zh)
        );
        let party = offers
            .offers
            .iter()
            .find(|offer| offer.suggestion.found == "华东精密机械有限公司")
            .expect("the first party");
        assert!(party.suggestion.sure && party.suggestion.places.len() == 2);
        assert_eq!(party.before, "甲方：");
        let blank = offers
            .offers
            .iter()
            .find(|offer| offer.suggestion.found.starts_with('_'))
            .expect("the blank");
        let accepted = [
            Accepted {
                name: party.suggestion.name.clone(),
                label: "卖方名称".into(),
                kind: "text".into(),
            },
            Accepted {
                name: blank.suggestion.name.clone(),
                label: String::new(),
                kind: "number".into(),
            },
        ];
        let made = app
            .template_from(&material, "买卖合同范本", &accepted)
            .unwrap();
        assert_eq!(made.info.title, "买卖合同范本");
        assert!(made.problems.is_empty(), "{:?}", made.problems);
        let fields = &made.document.meta.fields;
        assert_eq!(fields.len(), 2, "{fields:?}");
        assert_eq!(
            (fields[0].label.as_str(), &fields[1].kind),
            ("卖方名称", &FieldKind::Number)
        );
        assert_eq!(made.text.matches("{{").count(), 3);
        assert!(made.text.contains("2026年12月1日") && made.text.contains("江南制造有限公司"));
    }

    #[test]
    fn the_tags_of_another_program_become_fields() {
        let (folder, app) = app();
        let path = folder.path().join("letter.md");
        std::fs::write(
            &path,
            "# Engagement\n\nDear {{ client.name }},\n\n{% if retainer %}\n\nThe retainer is {{ retainer_amount }}.\n\n{% endif %}\n\nYours\n",
        )
        .unwrap();
        let material = Material::File(path);
        let offers = app.template_offers(&material).unwrap();
        assert!(
            offers.warnings[0].contains("3 个字段"),
            "{:?}",
            offers.warnings
        );
        let made = app.template_from(&material, "", &[]).unwrap();
        assert_eq!(made.info.title, "Engagement");
        assert!(
            made.problems.is_empty(),
            "{:?}\n{}",
            made.problems,
            made.text
        );
        let names: Vec<&str> = made
            .document
            .meta
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(made.text.contains("{% if retainer %}"), "{}", made.text);
    }

    #[test]
    fn the_controls_of_a_word_file_become_fields() {
        let (folder, app) = app();
        let source = "---\nlanguage: zh\nfields:\n  rent: {type: text, label: 月租金}\n---\n\n# 租赁合同\n\n租金为{{rent}}。\n";
        let wish = crate::Wish {
            controls: true,
            ..Default::default()
        };
        let path = folder.path().join("租赁.docx");
        let bytes = app.word(source, &Answers::new(), &wish).unwrap().bytes;
        std::fs::write(&path, bytes).unwrap();
        let material = Material::File(path);
        let offers = app.template_offers(&material).unwrap();
        assert!(offers.warnings.iter().any(|said| said.contains("1 个字段")));
        let made = app.template_from(&material, "", &[]).unwrap();
        assert!(made.problems.is_empty(), "{:?}", made.problems);
        assert_eq!(made.document.meta.fields[0].label, "月租金");
        assert!(made.text.contains("租金为{{rent}}。"), "{}", made.text);
    }

    #[test]
    fn a_document_has_the_offers_of_its_file() {
        let (folder, app) = app();
        let source = "---\nlanguage: zh\nfields:\n  rent: {type: text, label: 月租金}\n---\n\n# 租赁合同\n\n租金为{{rent}}。\n";
        let wish = crate::Wish {
            controls: true,
            ..Default::default()
        };
        let answers = crate::answers::from_json_text(r#"{"rent": "五千元"}"#, "answers").unwrap();
        let path = folder.path().join("租赁.docx");
        std::fs::write(&path, app.word(source, &answers, &wish).unwrap().bytes).unwrap();
        let imported = app.import_file(&path).unwrap();
        let material = Material::Document(imported.document.id.clone());
        app.open_document(&imported.document.id).unwrap();
        let offers = app.template_offers(&material).unwrap();
        let found: Vec<_> = offers
            .offers
            .iter()
            .map(|offer| {
                (
                    offer.suggestion.label.as_str(),
                    offer.suggestion.found.as_str(),
                )
            })
            .collect();
        assert!(found.contains(&("月租金", "五千元")), "{found:?}");
    }
}
