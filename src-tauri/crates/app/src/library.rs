//! Templates and clauses, shipped and own.

use moqi_document::{Answers, Document, Language, Template, plain};

use crate::error::{Code, Error, Result, Sentence};
use crate::fields::{FormField, form};
use crate::memory::{self, OwnClause, OwnTemplate};
use crate::shipped::{self, Text};
use crate::{App, kinds, new_id, now, problems};

/// A template in the lists.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateInfo {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind of contract.
    pub kind: String,
    /// Language.
    pub language: Language,
    /// When to use it, in a sentence.
    pub summary: String,
    /// Made here rather than shipped.
    pub own: bool,
}

/// A template, read.
#[derive(Debug, Clone)]
pub struct OpenedTemplate {
    /// What the lists say of it.
    pub info: TemplateInfo,
    /// Its whole text.
    pub text: String,
    /// Guidance for the lawyer.
    pub notes: Vec<String>,
    /// Statutes it rests on.
    pub basis: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<TemplateProblem>,
    /// The text, read.
    pub document: Document,
}

impl OpenedTemplate {
    /// Its declared fields.
    pub fn fields(&self) -> &[moqi_document::Field] {
        &self.document.meta.fields
    }
}

/// Something wrong in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Line, from 1.
    pub line: usize,
    /// The field concerned.
    pub field: Option<String>,
    /// What is wrong.
    pub message: Sentence,
}

/// A clause in the lists.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseInfo {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Alternatives share it.
    pub topic: String,
    /// Language.
    pub language: Language,
    /// Kinds of contract it is for; `any` for all.
    pub kinds: Vec<String>,
    /// `neutral`, `party_a`, `party_b`.
    pub side: String,
    /// The side in words.
    pub side_label: Option<String>,
    /// `short`, `standard`, `long`.
    pub length: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Guidance for the lawyer.
    pub notes: Vec<String>,
    /// Statutes it rests on.
    pub basis: Vec<String>,
    /// First words of the body.
    pub excerpt: String,
    /// Made here rather than shipped.
    pub own: bool,
}

impl App {
    /// Templates whose title, kind or summary hold every word of the query; own ones first.
    pub fn templates(&self, query: &str, language: Option<Language>) -> Result<Vec<TemplateInfo>> {
        let own = memory::templates(&self.store()).map_err(|error| self.store_error(error))?;
        let own = own.into_iter().map(|row| {
            info(
                &Text {
                    id: row.id.clone(),
                    ..Text::new(&row.id, &row.text)
                },
                true,
            )
        });
        let shipped = shipped::templates().iter().map(|text| info(text, false));
        let words = wanted(query);
        Ok(own
            .chain(shipped)
            .filter(|info| language.is_none_or(|language| info.language == language))
            .filter(|info| {
                let kind = kinds::names(info.language)
                    .into_iter()
                    .find(|(kind, _)| *kind == info.kind)
                    .map_or("", |(_, name)| name);
                holds(&[&info.title, &info.summary, &info.kind, kind], &words)
            })
            .collect())
    }

    /// A template by id.
    pub fn template(&self, id: &str) -> Result<OpenedTemplate> {
        let (text, own) = self.template_text(id)?;
        Ok(opened(
            &Text {
                id: id.to_owned(),
                ..Text::new(id, &text)
            },
            own,
        ))
    }

    /// Name and text of a template: own, shipped, or a file.
    pub fn template_or_file(&self, id: &str) -> Result<(String, String)> {
        let path = std::path::Path::new(id);
        if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
        {
            return Ok((id.to_owned(), crate::files::read_text(path)?));
        }
        let shipped = shipped::templates().iter().find(|text| text.id == id);
        let name = shipped.map_or_else(|| id.to_owned(), |text| text.file.clone());
        Ok((name, self.template_text(id)?.0))
    }

    fn template_text(&self, id: &str) -> Result<(String, bool)> {
        if let Some(own) =
            memory::template(&self.store(), id).map_err(|error| self.store_error(error))?
        {
            return Ok((own.text, true));
        }
        let shipped = shipped::templates().iter().find(|text| text.id == id);
        shipped
            .map(|text| (text.text.clone(), false))
            .ok_or_else(|| {
                Error::new(
                    Code::NotFound,
                    format!("没有名为“{id}”的范本。"),
                    format!("There is no template “{id}”."),
                )
                .hint(
                    "运行 moqi templates 查看列表，或给出 .md 文件。",
                    "Run moqi templates to see the list, or name a .md file.",
                )
            })
    }

    /// The form of a template with some answers, before there is a document.
    pub fn preview_answers(&self, template: &str, answers: &Answers) -> Result<Vec<FormField>> {
        let opened = self.template(template)?;
        Ok(self.form_of(&opened, answers))
    }

    /// The form of an opened template.
    pub fn form_of(&self, opened: &OpenedTemplate, answers: &Answers) -> Vec<FormField> {
        form(&opened.document.meta, answers, Some(&opened.text))
    }

    /// An own copy of a template; the shipped one stays.
    pub fn copy_template(&self, id: &str) -> Result<OpenedTemplate> {
        let (text, _) = self.template_text(id)?;
        let title = Text::new(id, &text).title();
        let title = match self.language() {
            Language::Zh => format!("{title}（副本）"),
            Language::En => format!("{title} (copy)"),
        };
        self.put_template(&new_id(), &retitled(&text, &title), Some(id))
    }

    /// A new own template of this text, under this title.
    pub(crate) fn put_new_template(&self, text: &str, title: &str) -> Result<OpenedTemplate> {
        self.put_template(&new_id(), &retitled(text, title), None)
    }

    /// Saves an own template, also while it still has problems; they come back with it.
    pub fn save_template(&self, id: &str, text: &str) -> Result<OpenedTemplate> {
        if memory::template(&self.store(), id)
            .map_err(|error| self.store_error(error))?
            .is_none()
        {
            return Err(Error::input(
                "随程序提供的范本不能直接修改。",
                "A template that ships with the program cannot be changed itself.",
            )
            .hint("请先复制一份再修改。", "Make a copy first and edit that."));
        }
        self.put_template(id, text, None)
    }

    fn put_template(&self, id: &str, text: &str, copy_of: Option<&str>) -> Result<OpenedTemplate> {
        let read = Text {
            id: id.to_owned(),
            ..Text::new(id, text)
        };
        let row = OwnTemplate {
            id: id.to_owned(),
            title: read.title(),
            kind: read.document.meta.kind.clone().unwrap_or_default(),
            language: read.language(),
            text: text.to_owned(),
            copy_of: copy_of.map(str::to_owned),
        };
        memory::put_template(&self.store(), &row, now())
            .map_err(|error| self.store_error(error))?;
        Ok(opened(&read, true))
    }

    /// Deletes an own template.
    pub fn delete_template(&self, id: &str) -> Result<()> {
        memory::delete_template(&self.store(), id).map_err(|error| self.store_error(error))
    }

    /// Clauses that hold every word of the query, for a kind and language; own ones first, alternatives side by side.
    pub fn clauses(
        &self,
        query: &str,
        kind: Option<&str>,
        language: Option<Language>,
        topic: Option<&str>,
    ) -> Result<Vec<ClauseInfo>> {
        let words = wanted(query);
        let mut found = Vec::new();
        for (text, own) in self.all_clauses()? {
            let info = clause_info(&text, own);
            let fits = language.is_none_or(|language| info.language == language)
                && kind.is_none_or(|kind| {
                    info.kinds.is_empty()
                        || info
                            .kinds
                            .iter()
                            .any(|known| known == kind || known == "any")
                })
                && topic.is_none_or(|topic| info.topic == topic);
            if fits
                && holds(
                    &[&info.title, &info.topic, &info.tags.join(" "), &text.text],
                    &words,
                )
            {
                found.push(info);
            }
        }
        Ok(found)
    }

    /// All clauses, own ones first.
    pub(crate) fn all_clauses(&self) -> Result<Vec<(Text, bool)>> {
        let own = memory::clauses(&self.store()).map_err(|error| self.store_error(error))?;
        let own = own.into_iter().map(|row| {
            (
                Text {
                    id: row.id.clone(),
                    ..Text::new(&row.id, &row.text)
                },
                true,
            )
        });
        Ok(own
            .chain(shipped::clauses().iter().map(|text| (text.clone(), false)))
            .collect())
    }

    /// The text of a clause.
    pub fn clause_text(&self, id: &str) -> Result<String> {
        if let Some(own) =
            memory::clause(&self.store(), id).map_err(|error| self.store_error(error))?
        {
            return Ok(own.text);
        }
        let shipped = shipped::clauses().iter().find(|text| text.id == id);
        shipped.map(|text| text.text.clone()).ok_or_else(|| {
            Error::new(
                Code::NotFound,
                format!("没有名为“{id}”的条款。"),
                format!("There is no clause “{id}”."),
            )
        })
    }

    /// Saves an own clause; without an id, a new one.
    pub fn save_clause(&self, id: Option<&str>, text: &str) -> Result<ClauseInfo> {
        if text.trim().is_empty() {
            return Err(Error::input("条款没有内容。", "The clause has no words."));
        }
        let id = id.map_or_else(new_id, str::to_owned);
        let read = Text {
            id: id.clone(),
            ..Text::new(&id, text)
        };
        let info = clause_info(&read, true);
        let row = OwnClause {
            id,
            title: info.title.clone(),
            language: info.language,
            topic: info.topic.clone(),
            text: text.to_owned(),
        };
        memory::put_clause(&self.store(), &row, now()).map_err(|error| self.store_error(error))?;
        Ok(info)
    }

    /// Deletes an own clause.
    pub fn delete_clause(&self, id: &str) -> Result<()> {
        memory::delete_clause(&self.store(), id).map_err(|error| self.store_error(error))
    }
}

fn info(text: &Text, own: bool) -> TemplateInfo {
    TemplateInfo {
        id: text.id.clone(),
        title: text.title(),
        kind: text.document.meta.kind.clone().unwrap_or_default(),
        language: text.language(),
        summary: text.value("summary").unwrap_or_default(),
        own,
    }
}

fn opened(text: &Text, own: bool) -> OpenedTemplate {
    let read = Template::parse(&text.text);
    OpenedTemplate {
        info: info(text, own),
        text: text.text.clone(),
        notes: text.values("notes"),
        basis: text
            .values("basis")
            .into_iter()
            .chain(text.values("authority"))
            .collect(),
        problems: read
            .problems
            .iter()
            .map(|problem| TemplateProblem {
                line: problem.line,
                field: problem.field.clone(),
                message: problems::sentence(&problem.kind),
            })
            .collect(),
        document: read.document,
    }
}

pub(crate) fn clause_info(text: &Text, own: bool) -> ClauseInfo {
    let heading = text
        .document
        .blocks
        .iter()
        .find_map(|block| match &block.kind {
            moqi_document::BlockKind::Heading { content, .. }
            | moqi_document::BlockKind::Title(content) => Some(plain(content)),
            _ => None,
        });
    let title = text
        .document
        .meta
        .title
        .clone()
        .or(heading)
        .unwrap_or_else(|| excerpt(&text.document, 16));
    ClauseInfo {
        id: text.id.clone(),
        topic: text.value("topic").unwrap_or_else(|| title.clone()),
        title,
        language: text.language(),
        kinds: text.values("kinds"),
        side: text.value("side").unwrap_or_else(|| "neutral".into()),
        side_label: text.value("side_label"),
        length: text.value("length").unwrap_or_else(|| "standard".into()),
        tags: text.values("tags"),
        notes: text.values("notes"),
        basis: text
            .values("basis")
            .into_iter()
            .chain(text.values("authority"))
            .collect(),
        excerpt: excerpt(&text.document, 80),
        own,
    }
}

/// The first words of the body, without its heading; fields by their labels.
pub(crate) fn excerpt(document: &Document, limit: usize) -> String {
    let mut words = String::new();
    for block in &document.blocks {
        if matches!(
            block.kind,
            moqi_document::BlockKind::Heading { .. } | moqi_document::BlockKind::Title(_)
        ) {
            continue;
        }
        crate::derive::for_each_inline(block, &mut |inline| match &inline.kind {
            moqi_document::InlineKind::Text(text) => words.push_str(text),
            moqi_document::InlineKind::Field(expression) => {
                let name = crate::derive::field_name(expression);
                let label = moqi_document::field_at(&document.meta, &name)
                    .map_or(name.clone(), |field| field.label.clone());
                words.push_str(&format!("〔{label}〕"));
            }
            _ => {}
        });
        if words.chars().count() > limit {
            break;
        }
    }
    let cut: String = words.chars().take(limit).collect();
    if cut.len() < words.len() {
        format!("{cut}…")
    } else {
        cut
    }
}

/// The text with another title in its front matter; the words of the document itself stay.
fn retitled(text: &str, title: &str) -> String {
    let quoted = format!(
        "title: \"{}\"",
        title.replace('\\', "\\\\").replace('"', "\\\"")
    );
    let document = moqi_document::parse(text);
    let Some(raw) = &document.meta.raw else {
        return format!("---\n{quoted}\n---\n\n{text}");
    };
    let mut lines: Vec<&str> = raw
        .lines()
        .filter(|line| !line.starts_with("id:"))
        .collect();
    match lines.iter().position(|line| line.starts_with("title:")) {
        Some(at) => lines[at] = &quoted,
        None => lines.insert(0, &quoted),
    }
    let body = body_of(text);
    format!("---\n{}\n---\n{body}", lines.join("\n"))
}

/// What stands behind the front matter.
fn body_of(text: &str) -> &str {
    let after_first = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = after_first;
    for line in text[after_first..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "---" {
            return &text[at..];
        }
    }
    text
}

/// Words of a query, in lower case.
fn wanted(query: &str) -> Vec<String> {
    query.split_whitespace().map(str::to_lowercase).collect()
}

fn holds(texts: &[&str], words: &[String]) -> bool {
    words
        .iter()
        .all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_its_own_title_and_no_id() {
        let text = "---\nid: zh-sale\ntitle: 买卖\nkind: sale\n---\n\n# 买卖合同\n\n正文\n";
        let copy = retitled(text, "我的“买卖”");
        assert_eq!(
            copy,
            "---\ntitle: \"我的“买卖”\"\nkind: sale\n---\n\n# 买卖合同\n\n正文\n"
        );
        assert_eq!(retitled("正文", "T"), "---\ntitle: \"T\"\n---\n\n正文");
    }
}
