//! Measures of a look: fonts, sizes, spacing and indents. Lengths are twips (1/20 pt), sizes half points.

use super::look::{Family, House, HouseText, Look};
use moqi_document::{Language, Scheme};

/// Fonts of a kind of text: Western and Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fonts<'a> {
    /// Latin letters and digits.
    pub latin: &'a str,
    /// Chinese characters.
    pub chinese: &'a str,
}

/// How lines of a paragraph are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// In 240ths of a line.
    Multiple(i32),
    /// Exactly so many twips.
    Exactly(i32),
}

/// Where numbered text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// As statutes print it: every level starts two characters in, and later lines go to the margin.
    Flow,
    /// Numbers hang before the text, deeper levels further in.
    Hang,
}

/// All measures of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Design<'a> {
    /// Body text.
    pub body: Fonts<'a>,
    /// Headings 1 to 5.
    pub headings: [Fonts<'a>; 5],
    /// Title.
    pub title: Fonts<'a>,
    /// Size of body text.
    pub size: i32,
    /// Size of the title.
    pub title_size: i32,
    /// Sizes of headings 1 to 5.
    pub heading_sizes: [i32; 5],
    /// Whether the title is bold.
    pub title_bold: bool,
    /// Whether headings are bold.
    pub heading_bold: bool,
    /// Spacing of lines.
    pub lines: Lines,
    /// Space after a paragraph.
    pub after: i32,
    /// Space before and after a heading.
    pub around_heading: (i32, i32),
    /// Body text is set to both margins.
    pub justified: bool,
    /// First lines of body text start two characters in.
    pub first_line: bool,
    /// Position of numbered text.
    pub shape: Shape,
    /// Step from one level to the next.
    pub step: i32,
    /// Unnumbered text under a numbered heading stands where the heading's words stand.
    pub body_follows_heading: bool,
    /// Margins: top, right, bottom, left.
    pub margins: [i32; 4],
    /// Distance of the footer from the lower edge of the paper.
    pub footer: i32,
    /// Language.
    pub language: Language,
}

const SONG: Fonts<'static> = Fonts {
    latin: "Times New Roman",
    chinese: "宋体",
};
const HEI: Fonts<'static> = Fonts {
    latin: "Times New Roman",
    chinese: "黑体",
};
const FANG: Fonts<'static> = Fonts {
    latin: "Times New Roman",
    chinese: "仿宋_GB2312",
};
const KAI: Fonts<'static> = Fonts {
    latin: "Times New Roman",
    chinese: "楷体_GB2312",
};
const XIAO_BIAO_SONG: Fonts<'static> = Fonts {
    latin: "Times New Roman",
    chinese: "方正小标宋简体",
};
const SANS_HEI: Fonts<'static> = Fonts {
    latin: "Calibri",
    chinese: "黑体",
};
const SANS: Fonts<'static> = Fonts {
    latin: "Calibri",
    chinese: "宋体",
};

impl<'a> Design<'a> {
    /// The measures of a look for a document numbered by `scheme`, in the type of the firm's house style.
    pub fn new(look: &'a Look, scheme: Scheme) -> Self {
        let design = Self::of_family(look, scheme);
        match &look.house {
            Some(house) => design.dressed(house),
            None => design,
        }
    }

    fn dressed(mut self, house: &'a House) -> Self {
        let fonts = |text: &'a HouseText, own: Fonts<'a>| Fonts {
            latin: text.latin.as_deref().unwrap_or(own.latin),
            chinese: text.chinese.as_deref().unwrap_or(own.chinese),
        };
        self.body = fonts(&house.body, self.body);
        self.title = fonts(&house.title, self.title);
        self.size = house.body.size.unwrap_or(self.size);
        self.title_size = house.title.size.unwrap_or(self.title_size);
        for (depth, text) in house.headings.iter().enumerate() {
            self.heading_sizes[depth] = text.size.unwrap_or(self.heading_sizes[depth]);
            self.headings[depth] = fonts(text, self.headings[depth]);
        }
        self.margins = house.margins.unwrap_or(self.margins);
        // Lines of an exact height are made for their family's size.
        if house.body.size.is_some() && matches!(self.lines, Lines::Exactly(_)) {
            self.lines = Lines::Multiple(360);
        }
        self
    }

    fn of_family(look: &Look, scheme: Scheme) -> Self {
        let hang = matches!(scheme, Scheme::ZhDecimal | Scheme::EnDecimal);
        let shape = if hang { Shape::Hang } else { Shape::Flow };
        match look.family {
            Family::ZhContract => Self {
                body: SONG,
                headings: [HEI; 5],
                title: HEI,
                size: 24,
                title_size: 36,
                heading_sizes: [24; 5],
                title_bold: true,
                heading_bold: true,
                lines: Lines::Multiple(360),
                after: 0,
                around_heading: (120, 0),
                justified: true,
                first_line: true,
                shape,
                step: 720,
                body_follows_heading: false,
                margins: [1440, 1588, 1440, 1588],
                footer: 992,
                language: look.language,
            },
            // GB/T 9704-2012: margins and the text area of 5.2.1 (37 mm above, 28 mm left, 156 × 225 mm); 22 lines of 28
            // characters in 仿宋 三号 (5.2.2 and 5.2.3). An official document has its title in 小标宋 二号 (7.3.1), headings
            // in 黑体, 楷体, 仿宋 (7.3.3), and the page number's dash 7 mm below the text (7.5), which puts the foot of
            // its line 24.6 mm above the edge.
            Family::ZhPleading | Family::ZhOfficial => {
                let official = look.family == Family::ZhOfficial;
                Self {
                    body: FANG,
                    headings: match official {
                        true => [HEI, KAI, FANG, FANG, FANG],
                        false => [HEI; 5],
                    },
                    title: if official { XIAO_BIAO_SONG } else { SONG },
                    size: 32,
                    title_size: 44,
                    heading_sizes: [32; 5],
                    title_bold: !official,
                    heading_bold: false,
                    lines: Lines::Exactly(580),
                    after: 0,
                    around_heading: (0, 0),
                    justified: true,
                    first_line: true,
                    shape,
                    step: 960,
                    body_follows_heading: false,
                    margins: [2098, 1474, 1985, 1588],
                    footer: if official { 1395 } else { 992 },
                    language: look.language,
                }
            }
            Family::EnContract => Self {
                body: SONG,
                headings: [SONG; 5],
                title: SONG,
                size: 22,
                title_size: 32,
                heading_sizes: [22; 5],
                title_bold: true,
                heading_bold: true,
                lines: Lines::Multiple(264),
                after: 140,
                around_heading: (200, 140),
                justified: true,
                first_line: false,
                shape: if look.language == Language::En {
                    Shape::Hang
                } else {
                    shape
                },
                step: 720,
                body_follows_heading: true,
                margins: [1440, 1440, 1440, 1440],
                footer: 992,
                language: look.language,
            },
            Family::Plain => Self {
                body: SANS,
                headings: [SANS_HEI; 5],
                title: SANS_HEI,
                size: 22,
                title_size: 32,
                heading_sizes: [28, 24, 22, 22, 22],
                title_bold: true,
                heading_bold: true,
                lines: Lines::Multiple(288),
                after: 120,
                around_heading: (240, 120),
                justified: false,
                first_line: false,
                shape: if look.language == Language::En {
                    Shape::Hang
                } else {
                    shape
                },
                step: 720,
                body_follows_heading: false,
                margins: [1440, 1440, 1440, 1440],
                footer: 992,
                language: look.language,
            },
        }
    }

    /// Width of two characters of body text, in twips.
    pub fn two_characters(&self) -> i32 {
        self.size * 10 * 2
    }

    /// Size of text in tables: a little below the body, and never above 12 pt.
    pub fn table_size(&self) -> i32 {
        self.size.min(27) - 3
    }

    /// How body text starts: two characters in, or at the margin.
    pub fn first_line(&self) -> Indent {
        if self.first_line {
            Indent {
                left: 0,
                first: self.two_characters(),
                first_chars: 200,
            }
        } else {
            Indent::default()
        }
    }

    /// The `w:spacing` of body text with that space before and after.
    pub fn spacing(&self, before: i32, after: i32) -> String {
        let (line, rule) = match self.lines {
            Lines::Multiple(line) => (line, "auto"),
            Lines::Exactly(line) => (line, "exact"),
        };
        format!(
            "<w:spacing w:before=\"{before}\" w:after=\"{after}\" w:line=\"{line}\" w:lineRule=\"{rule}\"/>"
        )
    }
}

impl Fonts<'_> {
    /// The `w:rFonts` element.
    pub fn markup(self) -> String {
        format!(
            "<w:rFonts w:ascii=\"{0}\" w:hAnsi=\"{0}\" w:eastAsia=\"{1}\" w:cs=\"{0}\"/>",
            self.latin, self.chinese
        )
    }
}

/// Where the first and the later lines of a paragraph start, in twips from the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Indent {
    /// Later lines.
    pub left: i32,
    /// First line, relative to the later ones; negative hangs.
    pub first: i32,
    /// The first line starts so many hundredths of a character in; rules over `first`.
    pub first_chars: i32,
}

impl Indent {
    /// The `w:ind` element.
    pub fn markup(self) -> String {
        let left = self.left;
        match (self.first, self.first_chars) {
            (first, _) if first < 0 => {
                format!("<w:ind w:left=\"{left}\" w:hanging=\"{}\"/>", -first)
            }
            (first, 0) => format!("<w:ind w:left=\"{left}\" w:firstLine=\"{first}\"/>"),
            (first, chars) => format!(
                "<w:ind w:left=\"{left}\" w:firstLineChars=\"{chars}\" w:firstLine=\"{first}\"/>"
            ),
        }
    }
}
