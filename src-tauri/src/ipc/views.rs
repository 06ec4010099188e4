//! What the program says, in the shapes that cross. Every conversion names all parts, so that none is forgotten.

use moqi_app::document::{Answer, Answers, Field, FieldKind};
use moqi_app::{self as app, App, Language};

use super::nodes::nodes;
use super::*;

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::Zh => Lang::Zh,
            Language::En => Lang::En,
        }
    }
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Language {
        match lang {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        }
    }
}

/// What the window needs to start.
pub fn boot_of(app: &App) -> Boot {
    let kinds = app::kinds::names(app.language());
    Boot {
        version: env!("CARGO_PKG_VERSION").into(),
        language: app.language().into(),
        last_document: app.last_document(),
        home: app.home().root().display().to_string(),
        kinds: kinds
            .into_iter()
            .map(|(kind, name)| KindName {
                kind: kind.into(),
                name: name.into(),
            })
            .collect(),
    }
}

impl From<app::TemplateInfo> for TemplateCard {
    fn from(info: app::TemplateInfo) -> Self {
        let app::TemplateInfo {
            id,
            title,
            kind,
            language,
            summary,
            own,
        } = info;
        TemplateCard {
            id,
            title,
            kind,
            language: language.into(),
            summary,
            own,
        }
    }
}

/// A template for its form.
pub fn template_view(app: &App, opened: app::OpenedTemplate) -> TemplateView {
    let fields = field_views(&app.form_of(&opened, &Answers::new()));
    let app::OpenedTemplate {
        info,
        text,
        notes,
        basis,
        problems,
        document: _,
    } = opened;
    let language = app.language();
    let problems = problems
        .into_iter()
        .map(
            |app::TemplateProblem {
                 line,
                 field,
                 message,
             }| ProblemView {
                line,
                field,
                message: message.in_language(language).to_owned(),
            },
        )
        .collect();
    TemplateView {
        card: info.into(),
        text,
        fields,
        notes,
        basis,
        problems,
    }
}

/// The fields of a form.
pub fn field_views(form: &[app::FormField]) -> Vec<FieldView> {
    form.iter()
        .map(
            |app::FormField {
                 field,
                 language,
                 asked,
                 structural,
             }| field_view(field, *language, *asked, *structural),
        )
        .collect()
}

/// A part of a party: a text that nobody has to give.
fn part_view(name: &str, label: &str) -> FieldView {
    let mut label = label.to_owned();
    // English labels of parts are words of a sentence elsewhere; here they stand alone.
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    FieldView {
        name: name.to_owned(),
        label,
        kind: FieldType::Text,
        required: false,
        help: None,
        group: None,
        default: None,
        sample: None,
        options: Vec::new(),
        fields: Vec::new(),
        currency: None,
        asked: true,
        structural: false,
    }
}

fn field_view(field: &Field, language: app::Language, asked: bool, structural: bool) -> FieldView {
    let Field {
        name,
        label,
        kind,
        required,
        help,
        default,
        sample,
        when: _,
        group,
        span: _,
    } = field;
    let mut view = FieldView {
        name: name.clone(),
        label: label.clone(),
        kind: FieldType::Text,
        required: *required,
        help: help.clone(),
        group: group.clone(),
        default: default.as_ref().map(answer_view),
        sample: sample.as_ref().map(answer_view),
        options: Vec::new(),
        fields: Vec::new(),
        currency: None,
        asked,
        structural,
    };
    view.kind = match kind {
        FieldKind::Text => FieldType::Text,
        FieldKind::LongText => FieldType::LongText,
        FieldKind::Party => {
            view.fields = app::document::party_parts(language)
                .map(|(name, label)| part_view(name, label))
                .collect();
            FieldType::Party
        }
        FieldKind::Money { currency } => {
            view.currency = Some(currency.clone());
            FieldType::Money
        }
        FieldKind::Number => FieldType::Number,
        FieldKind::Date => FieldType::Date,
        FieldKind::Period => FieldType::Period,
        FieldKind::Choice(options) => {
            view.options = options
                .iter()
                .map(|option| OptionView {
                    value: option.value.clone(),
                    label: option.label.clone(),
                })
                .collect();
            FieldType::Choice
        }
        FieldKind::YesNo => FieldType::YesNo,
        FieldKind::Repeat(fields) => {
            view.fields = fields
                .iter()
                .map(|field| field_view(field, language, true, false))
                .collect();
            FieldType::Repeat
        }
    };
    view
}

fn answer_view(answer: &Answer) -> AnswerView {
    match answer {
        Answer::Text(text) => AnswerView::Text(text.clone()),
        Answer::Bool(yes) => AnswerView::Bool(*yes),
        Answer::Group(group) => AnswerView::Group(answers_view(group)),
        Answer::List(rows) => AnswerView::List(rows.iter().map(answers_view).collect()),
    }
}

/// Answers as they cross.
pub fn answers_view(answers: &Answers) -> AnswersView {
    answers
        .iter()
        .map(|(name, answer)| (name.clone(), answer_view(answer)))
        .collect()
}

/// Answers as they come back.
pub fn answers_from(view: AnswersView) -> Answers {
    view.into_iter()
        .map(|(name, answer)| (name, answer_from(answer)))
        .collect()
}

fn answer_from(view: AnswerView) -> Answer {
    match view {
        AnswerView::Text(text) => Answer::Text(text),
        AnswerView::Bool(yes) => Answer::Bool(yes),
        AnswerView::Group(group) => Answer::Group(answers_from(group)),
        AnswerView::List(rows) => Answer::List(rows.into_iter().map(answers_from).collect()),
    }
}

impl From<app::ClauseInfo> for ClauseCard {
    fn from(info: app::ClauseInfo) -> Self {
        let app::ClauseInfo {
            id,
            title,
            topic,
            language,
            kinds,
            side,
            side_label,
            length,
            tags,
            notes,
            basis,
            excerpt,
            own,
        } = info;
        ClauseCard {
            id,
            title,
            topic,
            language: language.into(),
            kinds,
            side,
            side_label,
            length,
            tags,
            notes,
            basis,
            excerpt,
            own,
        }
    }
}

impl From<app::DocumentInfo> for DocumentCard {
    fn from(info: app::DocumentInfo) -> Self {
        let app::DocumentInfo {
            id,
            title,
            kind,
            language,
            updated_at,
            deleted,
        } = info;
        DocumentCard {
            id,
            title,
            kind,
            language: language.into(),
            updated_at,
            deleted,
        }
    }
}

/// A document for the editor.
pub fn document_view(app: &App, opened: app::OpenedDocument) -> DocumentView {
    let app::OpenedDocument {
        info,
        blocks,
        form,
        answers,
        state,
    } = opened;
    DocumentView {
        card: info.into(),
        nodes: nodes(&blocks),
        fields: field_views(&form),
        answers: answers_view(&answers),
        derived: derived(app, state),
    }
}

/// What was derived, in the language of the window.
pub fn derived(app: &App, state: app::State) -> Derived {
    let app::State {
        seq,
        derived,
        ignored,
        saved_at,
    } = state;
    let app::Derived {
        labels,
        references,
        chips,
        findings,
        words,
    } = derived;
    let language = app.language();
    let findings = findings
        .into_iter()
        .map(
            |app::Placed {
                 key,
                 finding,
                 quote,
                 place,
             }| {
                let moqi_app::Finding {
                    rule,
                    severity,
                    span: _,
                    message,
                    basis,
                    notes,
                    fix,
                } = finding;
                FindingView {
                    ignored: ignored.get(&key).cloned(),
                    key,
                    rule: rule.to_owned(),
                    rule_name: app::rule_name(rule, language).to_owned(),
                    severity: match severity {
                        app::Severity::Error => SeverityName::Error,
                        app::Severity::Warning => SeverityName::Warning,
                        app::Severity::Note => SeverityName::Note,
                    },
                    message,
                    basis,
                    notes,
                    quote,
                    place: place.map(
                        |app::Place {
                             block,
                             cell,
                             from,
                             to,
                         }| Place {
                            block,
                            cell,
                            from,
                            to,
                        },
                    ),
                    fix: fix.map(|fix| fix.title),
                }
            },
        )
        .collect();
    let chips = chip_views(chips);
    Derived {
        seq,
        labels,
        references,
        chips,
        findings,
        words,
        saved_at,
    }
}

fn chip_views(
    chips: std::collections::BTreeMap<String, app::Chip>,
) -> std::collections::BTreeMap<String, ChipView> {
    let view = |(expression, app::Chip { text, state, field }): (String, app::Chip)| {
        let state = match state {
            app::ChipState::Filled => ChipState::Filled,
            app::ChipState::Empty => ChipState::Empty,
            app::ChipState::Error => ChipState::Error,
        };
        (expression, ChipView { text, state, field })
    };
    chips.into_iter().map(view).collect()
}

impl From<app::Change> for Change {
    fn from(change: app::Change) -> Self {
        let app::Change {
            from,
            remove,
            insert,
        } = change;
        Change {
            from,
            remove,
            insert: nodes(&insert),
        }
    }
}

/// Changes as they cross.
pub fn changes(list: Vec<app::Change>) -> Vec<Change> {
    list.into_iter().map(Into::into).collect()
}

/// The result of new answers.
pub fn answered(app: &App, result: app::Answered) -> Answered {
    let app::Answered {
        state,
        form,
        changes: list,
        conflicts,
    } = result;
    Answered {
        derived: derived(app, state),
        fields: field_views(&form),
        changes: changes(list),
        conflicts,
    }
}

/// A clause on its way into the text.
pub fn clause_insert(insert: app::ClauseInsert) -> ClauseInsert {
    let app::ClauseInsert { change, form } = insert;
    ClauseInsert {
        change: change.into(),
        fields: field_views(&form),
    }
}

impl From<app::VersionInfo> for VersionCard {
    fn from(info: app::VersionInfo) -> Self {
        let app::VersionInfo {
            id,
            created_at,
            label,
            reason,
            words,
        } = info;
        VersionCard {
            id,
            created_at,
            label,
            reason,
            words,
        }
    }
}

impl From<AssistTask> for app::Task {
    fn from(task: AssistTask) -> Self {
        match task {
            AssistTask::Draft => app::Task::Draft,
            AssistTask::Continue => app::Task::Continue,
            AssistTask::Rewrite => app::Task::Rewrite,
        }
    }
}

impl From<app::Proposal> for Proposal {
    fn from(proposal: app::Proposal) -> Self {
        let app::Proposal {
            change,
            source,
            chips,
            references,
        } = proposal;
        let source = match source {
            app::Source::Model { name, style } => ProposalSource::Model { name, style },
            app::Source::Server(name, address) => ProposalSource::Server { name, address },
            app::Source::House {
                document,
                heading,
                excerpt,
            } => ProposalSource::House {
                document,
                heading,
                excerpt,
            },
            app::Source::Clause(info) => ProposalSource::Clause {
                card: Box::new((*info).into()),
            },
        };
        Proposal {
            change: change.into(),
            source,
            chips: chip_views(chips),
            references,
        }
    }
}

impl From<app::Device> for DeviceView {
    fn from(device: app::Device) -> Self {
        let app::Device {
            choice,
            cards,
            running,
        } = device;
        DeviceView {
            choice: choice.to_owned(),
            cards,
            running,
        }
    }
}

/// The models of the list.
pub fn model_views(app: &App) -> Vec<ModelView> {
    let chosen = app.chosen_model();
    let language = app.language();
    app::models::list(app.home())
        .into_iter()
        .map(|model| {
            let fetchable = model.fetchable();
            let note = app::models::note(&model).map(|note| note.in_language(language).to_owned());
            let size = model.fetch_bytes();
            let tags = |tags: &[String]| {
                let lang = |tag: &String| if tag == "zh" { Lang::Zh } else { Lang::En };
                tags.iter().map(lang).collect()
            };
            let app::models::Model {
                entry,
                file,
                partial,
            } = model;
            ModelView {
                chosen: chosen.as_deref() == Some(entry.id.as_str()),
                id: entry.id,
                name: entry.name,
                languages: tags(&entry.languages),
                recommended: tags(&entry.recommended),
                terms: entry.terms.filter(|_| entry.accept),
                licence: entry.licence,
                about: entry.size_bytes == 0,
                size,
                partial,
                memory: entry.memory_bytes,
                installed: file.is_some(),
                fetchable,
                note,
            }
        })
        .collect()
}

impl From<app::Hit> for Hit {
    fn from(hit: app::Hit) -> Self {
        let app::Hit {
            kind,
            id,
            title,
            snippet,
            marks,
            language,
        } = hit;
        let kind = match kind {
            app::HitKind::Document => HitKind::Document,
            app::HitKind::Template => HitKind::Template,
            app::HitKind::Clause => HitKind::Clause,
        };
        Hit {
            kind,
            id,
            title,
            snippet,
            marks,
            language: language.into(),
        }
    }
}
