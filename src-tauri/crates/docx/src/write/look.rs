//! Looks: what a document looks like in Word, apart from its words.

use moqi_document::{BlockKind, Document, Inline, InlineKind, Language, Scheme};

/// The kinds of look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Chinese contract: 宋体 小四, headings 黑体, first line indented by two characters.
    ZhContract,
    /// Chinese pleading: 仿宋 三号, title 宋体 二号, margins of GB/T 9704.
    ZhPleading,
    /// Chinese official document: 仿宋 三号, title 小标宋 二号, margins, lines and page numbers of GB/T 9704-2012.
    ZhOfficial,
    /// English contract: Times New Roman 11 pt, justified, hanging numbers.
    EnContract,
    /// Plain text of either language, left-aligned, without header.
    Plain,
}

impl Family {
    /// The family of that name in front matter: `zh-contract`, `zh-pleading`, `zh-official`, `en-contract`, `plain`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "zh-contract" => Self::ZhContract,
            "zh-pleading" => Self::ZhPleading,
            "zh-official" => Self::ZhOfficial,
            "en-contract" => Self::EnContract,
            "plain" => Self::Plain,
            _ => return None,
        })
    }
}

/// Paper sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paper {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

impl Paper {
    /// Width and height in twips (twentieths of a point).
    pub(super) fn size(self) -> (i32, i32) {
        match self {
            Self::A4 => (11906, 16838),
            Self::Letter => (12240, 15840),
        }
    }
}

/// Fonts and size of a kind of text; `None` leaves the look's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HouseText {
    /// Font of Latin letters and digits.
    pub latin: Option<String>,
    /// Font of Chinese characters.
    pub chinese: Option<String>,
    /// Size in half points.
    pub size: Option<i32>,
}

/// The house style of a firm: what its own documents say of paper and type. Numbers, indents and spacing stay the look's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct House {
    /// Width and height of the paper in twips.
    pub paper: Option<(i32, i32)>,
    /// Margins in twips: top, right, bottom, left.
    pub margins: Option<[i32; 4]>,
    /// Body text.
    pub body: HouseText,
    /// Headings 1 to 5.
    pub headings: [HouseText; 5],
    /// The title.
    pub title: HouseText,
}

/// What is printed at the foot of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageNumbers {
    /// Nothing.
    Off,
    /// 第 X 页 共 Y 页, Page X of Y: no page can be taken out or put in unseen.
    OfPages,
    /// The number alone; pages before the text, such as those of the contents, count in small Roman figures.
    Number,
    /// The number between dashes, — 1 —, as GB/T 9704-2012, 7.5, prints it.
    Dashed,
}

impl PageNumbers {
    /// The one of that name in front matter: `off`, `pages`, `number`, `dashed`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "off" => Self::Off,
            "pages" => Self::OfPages,
            "number" => Self::Number,
            "dashed" => Self::Dashed,
            _ => return None,
        })
    }
}

/// What a reader of the file may change in Word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protection {
    /// Nothing.
    ReadOnly,
    /// Nothing; comments may be written.
    Comments,
    /// All, but every change is tracked.
    Changes,
    /// What stands in content controls.
    Forms,
}

impl Protection {
    /// The one of that name in front matter: `read-only`, `comments`, `changes`, `forms`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "read-only" => Self::ReadOnly,
            "comments" => Self::Comments,
            "changes" => Self::Changes,
            "forms" => Self::Forms,
            _ => return None,
        })
    }
}

/// How a document is to look, and what its file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Kind of look.
    pub family: Family,
    /// Language of numbers, page counts and proofing.
    pub language: Language,
    /// Paper.
    pub paper: Paper,
    /// A firm's own paper and type, over those of the family.
    pub house: Option<House>,
    /// Title in the properties of the file.
    pub title: Option<String>,
    /// Author in the properties of the file.
    pub author: Option<String>,
    /// Header on every page but the first; `None` for no header.
    pub header: Option<String>,
    /// What stands at the foot of every page.
    pub page_numbers: PageNumbers,
    /// The paper is printed on both sides: page numbers stand at the outer edge.
    pub two_sided: bool,
    /// A table of contents after the title, with headings down to this level, 1 to 5; `None` for none.
    pub contents: Option<u8>,
    /// Pages of the entries of the table of contents, in their order, where they are known; the others are estimated
    /// from the measures of the look.
    pub contents_pages: Vec<u32>,
    /// Schedules are sections of their own: their header names them, and one with a table too wide for the paper lies
    /// across it.
    pub schedule_sections: bool,
    /// What Word lets a reader change; without a password, so it guards against slips and not against intent.
    pub protection: Option<Protection>,
    /// Fields without a value become content controls that ask for it, rather than highlighted words.
    pub controls: bool,
    /// Creation time in the properties of the file, as W3CDTF (`2026-11-23T09:00:00Z`); never taken from
    /// a clock. A value of another shape is left out.
    pub created: Option<String>,
}

impl Look {
    /// Width and height of the page in twips.
    pub(super) fn page(&self) -> (i32, i32) {
        let own = self.house.as_ref().and_then(|house| house.paper);
        own.unwrap_or_else(|| self.paper.size())
    }

    /// The look a document asks for in its front matter, else the usual one of its language and numbering.
    pub fn for_document(document: &Document) -> Self {
        Self::in_family(document, None)
    }

    /// As [`Look::for_document`], in another family than the document asks for; what else its front matter says stays.
    pub fn in_family(document: &Document, asked: Option<Family>) -> Self {
        let meta = &document.meta;
        let named = meta.look.as_deref().and_then(Family::from_name);
        let language = meta
            .language
            .unwrap_or_else(|| match (named, meta.numbering) {
                (Some(Family::EnContract), _) | (_, Some(Scheme::EnDecimal)) => Language::En,
                (Some(Family::ZhContract | Family::ZhPleading | Family::ZhOfficial), _)
                | (
                    _,
                    Some(
                        Scheme::ZhArticle
                        | Scheme::ZhDecimal
                        | Scheme::ZhPleading
                        | Scheme::ZhOfficial,
                    ),
                ) => Language::Zh,
                _ => language_of_words(document),
            });
        let family = named.unwrap_or(match (language, meta.numbering) {
            (Language::Zh, Some(Scheme::ZhPleading)) => Family::ZhPleading,
            (Language::Zh, Some(Scheme::ZhOfficial)) => Family::ZhOfficial,
            (Language::Zh, _) => Family::ZhContract,
            (Language::En, _) => Family::EnContract,
        });
        let title = meta
            .title
            .clone()
            .or_else(|| title_of(document))
            .filter(|title| !title.trim().is_empty());
        let mut look = Self {
            family,
            language,
            paper: Paper::A4,
            house: None,
            header: None,
            title,
            author: None,
            page_numbers: PageNumbers::OfPages,
            two_sided: false,
            contents: None,
            contents_pages: Vec::new(),
            schedule_sections: true,
            protection: None,
            controls: false,
            created: None,
        };
        look.wear(asked.unwrap_or(family));
        for (key, values) in &meta.extra {
            if let [value] = values.as_slice() {
                look.set(key, value.trim());
            }
        }
        look
    }

    /// Takes on a family with what goes with it: the header and the numbers of its pages.
    pub fn wear(&mut self, family: Family) {
        self.family = family;
        self.header = match family {
            Family::ZhContract | Family::EnContract => self.title.clone(),
            Family::ZhPleading | Family::ZhOfficial | Family::Plain => None,
        };
        let official = family == Family::ZhOfficial;
        self.two_sided = official;
        self.page_numbers = match official {
            true => PageNumbers::Dashed,
            false => PageNumbers::OfPages,
        };
    }

    /// What front matter says of the look beside its family. Other keys, and values that mean nothing, are passed over.
    fn set(&mut self, key: &str, value: &str) {
        let yes = matches!(value, "true" | "yes" | "是");
        match key {
            "header" => {
                self.header = match value {
                    "" | "none" | "off" | "false" => None,
                    words => Some(words.to_owned()),
                }
            }
            "page_numbers" => {
                self.page_numbers = PageNumbers::from_name(value).unwrap_or(self.page_numbers);
            }
            "two_sided" => self.two_sided = yes,
            "contents" => {
                let levels = value.parse().ok().filter(|levels| (1..=5).contains(levels));
                self.contents = if yes { Some(2) } else { levels };
            }
            "protection" => self.protection = Protection::from_name(value),
            _ => {}
        }
    }

    /// The same for a file whose changes are to be taken or left: it is not protected, because Word lets nobody do that in
    /// a protected file.
    pub(super) fn open(&self) -> Self {
        Self {
            protection: None,
            ..self.clone()
        }
    }
}

/// The words of the title block, without fields.
fn title_of(document: &Document) -> Option<String> {
    document.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Title(content) => Some(plain(content)),
        _ => None,
    })
}

/// Text of inline content, breaks as spaces.
fn plain(content: &[Inline]) -> String {
    let mut out = String::new();
    for inline in content {
        match &inline.kind {
            InlineKind::Text(text) => out.push_str(text),
            InlineKind::Break => out.push(' '),
            InlineKind::Field(_) | InlineKind::Reference(_) | InlineKind::FootnoteRef(_) => {}
        }
    }
    out
}

/// Chinese when the first blocks hold a Chinese character; a document without words counts as Chinese.
fn language_of_words(document: &Document) -> Language {
    let mut letters = false;
    for block in document.blocks.iter().take(20) {
        let content = match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. } => plain(content),
            _ => continue,
        };
        if content.chars().any(super::text::is_wide) {
            return Language::Zh;
        }
        letters |= content.chars().any(char::is_alphabetic);
    }
    if letters { Language::En } else { Language::Zh }
}
