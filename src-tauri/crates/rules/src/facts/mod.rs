//! What the rules know: the document scanned once, so that no rule reads it again for itself.

pub(crate) mod amount;
pub(crate) mod day;
pub(crate) mod lead;
pub(crate) mod mention;
pub(crate) mod numeral;
pub(crate) mod outline;
pub(crate) mod party;
pub(crate) mod passage;
pub(crate) mod term;

use crate::finding::{Finding, Fix, Profile, Severity};
use amount::Amount;
use day::Day;
use mention::Mention;
use moqi_document::words::Date;
use moqi_document::{BlockKind, Document, Language, Numbering, Span};
use outline::Outline;
use party::Party;
use passage::{Passage, Role};
use std::ops::Range;
use term::Term;

/// A document with everything the rules look at.
pub(crate) struct Facts<'a> {
    pub(crate) document: &'a Document,
    /// Language of the document.
    pub(crate) language: Language,
    /// Language of messages.
    pub(crate) ui: Language,
    /// Kind of contract or pleading, where it is said or certain from the title.
    pub(crate) kind: Option<String>,
    pub(crate) strangers: &'a [String],
    pub(crate) today: Option<Date>,
    pub(crate) numbering: Numbering,
    pub(crate) passages: Vec<Passage>,
    /// The words of all passages, one a line, for looking up a word anywhere.
    pub(crate) words: String,
    /// The same in lower case (ASCII), byte for byte as long.
    pub(crate) lower: String,
    /// Where each passage starts in `words`.
    starts: Vec<usize>,
    pub(crate) outline: Outline,
    pub(crate) terms: Vec<Term>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) amounts: Vec<Amount>,
    pub(crate) days: Vec<Day>,
    pub(crate) parties: Vec<Party>,
    /// Where findings about the whole document stand: its title, or its first block.
    pub(crate) title: Span,
}

impl<'a> Facts<'a> {
    /// Scans a document.
    pub(crate) fn gather(document: &'a Document, profile: &'a Profile) -> Self {
        let numbering = moqi_document::number(document);
        let passages = passage::passages(document, &numbering);
        let outline = Outline::read(document, &numbering, &passages);
        let mut words = String::with_capacity(passages.iter().map(|p| p.text.len() + 1).sum());
        let mut starts = Vec::with_capacity(passages.len());
        let (mut terms, mut mentions, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut days, mut parties) = (Vec::new(), Vec::new());
        for (index, passage) in passages.iter().enumerate() {
            starts.push(words.len());
            words.push_str(&passage.text);
            words.push('\n');
            if passage.quote {
                continue;
            }
            term::terms(index, passage, &mut terms);
            mention::mentions(index, passage, &mut mentions);
            amount::amounts(index, passage, &mut amounts);
            day::days(index, passage, &mut days);
            party::parties(index, &passages, &mut parties);
        }
        let language = profile
            .language
            .or(document.meta.language)
            .unwrap_or_else(|| guess_language(&words));
        let said = profile.kind.clone().or_else(|| document.meta.kind.clone());
        Self {
            document,
            language,
            ui: profile.ui,
            kind: said.or_else(|| guess_kind(&title_words(document, &passages)).map(str::to_owned)),
            strangers: &profile.strangers,
            today: profile.today,
            lower: words.to_ascii_lowercase(),
            title: title_span(document),
            numbering,
            passages,
            words,
            starts,
            outline,
            terms,
            mentions,
            amounts,
            days,
            parties,
        }
    }

    /// One of two texts, in the language of messages.
    pub(crate) fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self.ui {
            Language::Zh => zh.into(),
            Language::En => en.into(),
        }
    }

    /// A finding at a range of a passage.
    pub(crate) fn at(
        &self,
        rule: &'static str,
        severity: Severity,
        passage: usize,
        range: &Range<usize>,
        message: String,
    ) -> Finding {
        let span = self.passages[passage].span(range);
        Finding {
            rule,
            severity,
            span,
            message,
            basis: None,
            notes: Vec::new(),
            fix: None,
        }
    }

    /// A finding about the whole document.
    pub(crate) fn at_title(
        &self,
        rule: &'static str,
        severity: Severity,
        message: String,
    ) -> Finding {
        Finding {
            rule,
            severity,
            span: self.title,
            message,
            basis: None,
            notes: Vec::new(),
            fix: None,
        }
    }

    /// The fix that replaces one range of a passage, named by what it writes.
    pub(crate) fn replace(&self, passage: usize, range: &Range<usize>, text: &str) -> Option<Fix> {
        let edit = self.passages[passage].edit(range, text)?;
        Some(Fix {
            title: self.say(format!("改为“{text}”"), format!("Change to “{text}”")),
            edits: vec![edit],
        })
    }

    /// The fix that takes out one range of a passage.
    pub(crate) fn remove(&self, passage: usize, range: &Range<usize>) -> Option<Fix> {
        let words = self.passages[passage].text[range.clone()].trim().to_owned();
        let edit = self.passages[passage].edit(range, "")?;
        Some(Fix {
            title: self.say(format!("删除“{words}”"), format!("Delete “{words}”")),
            edits: vec![edit],
        })
    }

    /// The amounts of a passage that lie in a range of it, in order.
    pub(crate) fn amounts_in(&self, passage: usize, range: Range<usize>) -> &[Amount] {
        let place = |a: &Amount| (a.passage, a.range.start);
        let from = self
            .amounts
            .partition_point(|a| place(a) < (passage, range.start));
        let rest = &self.amounts[from..];
        &rest[..rest.partition_point(|a| a.passage == passage && a.range.end <= range.end)]
    }

    /// Whether any of the words stands anywhere; ASCII words in any case.
    pub(crate) fn says(&self, any: &[&str]) -> bool {
        crate::scan::has_any(&self.lower, any)
    }

    /// Where a place of a passage stands in `words` and `lower`.
    pub(crate) fn offset(&self, passage: usize, at: usize) -> usize {
        self.starts[passage] + at
    }

    /// Every place of a word, as passage and range.
    pub(crate) fn places_of(&self, word: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
        let found: Vec<usize> = crate::scan::places(&self.words, word).collect();
        let length = word.len();
        found.into_iter().map(move |at| {
            let passage = self.starts.partition_point(|start| *start <= at) - 1;
            let from = at - self.starts[passage];
            (passage, from..from + length)
        })
    }

    /// A complaint or a defence.
    pub(crate) fn is_complaint(&self) -> bool {
        matches!(self.kind.as_deref(), Some("complaint" | "defence"))
    }

    /// A kind that has parties on both sides, as opposed to a pleading or a letter.
    pub(crate) fn is_contract(&self) -> bool {
        self.kind.is_some() && !self.is_complaint()
    }
}

fn title_words(document: &Document, passages: &[Passage]) -> String {
    let title = passages
        .iter()
        .find(|p| p.role == Role::Title)
        .map(|p| p.text.clone());
    document.meta.title.clone().or(title).unwrap_or_default()
}

fn title_span(document: &Document) -> Span {
    let title = document
        .blocks
        .iter()
        .find(|block| matches!(block.kind, BlockKind::Title(_)));
    title
        .or(document.blocks.first())
        .map(|block| block.span)
        .unwrap_or_default()
}

/// A text with more Han characters than ASCII letters in its start is Chinese.
fn guess_language(words: &str) -> Language {
    let sample = words.chars().take(4000);
    let (han, latin) = sample.fold((0usize, 0usize), |(han, latin), c| {
        (
            han + usize::from(crate::scan::is_han(c)),
            latin + usize::from(c.is_ascii_alphabetic()),
        )
    });
    if han * 3 > latin {
        Language::Zh
    } else {
        Language::En
    }
}

/// The kind a title names for certain.
fn guess_kind(title: &str) -> Option<&'static str> {
    const TITLES: &[(&str, &str)] = &[
        ("起诉状", "complaint"),
        ("答辩状", "defence"),
        ("融资租赁合同", "finance-lease"),
        ("保理合同", "factoring"),
        ("施工合同", "construction"),
        ("抵押合同", "mortgage"),
        ("质押合同", "pledge"),
        ("承揽合同", "work"),
        ("物业服务合同", "property"),
        ("技术开发合同", "technology"),
        ("租赁合同", "lease"),
        ("买卖合同", "sale"),
        ("采购合同", "sale"),
        ("购销合同", "sale"),
        ("借款合同", "loan"),
        ("贷款合同", "loan"),
        ("保证合同", "guarantee"),
        ("劳动合同", "employment"),
        ("保密协议", "nda"),
        ("股权转让", "equity-transfer"),
        ("技术服务合同", "technical-services"),
        ("委托合同", "mandate"),
        ("合作协议", "cooperation"),
        ("合同", "contract"),
        ("协议", "contract"),
        ("non-disclosure agreement", "nda"),
        ("nondisclosure agreement", "nda"),
        ("confidentiality agreement", "nda"),
        ("licence agreement", "software-licence"),
        ("license agreement", "software-licence"),
        ("consultancy agreement", "consultancy"),
        ("services agreement", "services"),
        ("agreement", "contract"),
        ("contract", "contract"),
        ("deed", "contract"),
    ];
    let lower = title.to_lowercase();
    // A supplement, notice or draft commentary on a contract has no duty to be complete.
    if [
        "补充",
        "解除",
        "终止",
        "通知",
        "说明",
        "审查",
        "意见",
        "notice",
        "amendment",
        "letter",
        "memo",
        "termination",
        "guide",
        "checklist",
    ]
    .iter()
    .any(|w| lower.contains(w))
    {
        return None;
    }
    TITLES
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, kind)| *kind)
}
