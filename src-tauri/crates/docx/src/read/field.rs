//! Complex fields: `begin`, an instruction, `separate`, the result, `end`; and the fields of a form.

/// Bytes of an instruction that are kept.
const LONGEST_INSTRUCTION: usize = 4_096;

/// A field that has begun.
pub(super) struct Field {
    /// The paragraph it, or its result, began in.
    pub(super) spot: usize,
    /// Inlines of that paragraph before it, or before its result.
    pub(super) at: usize,
    /// Its result has begun, or its instruction was lost at the end of a paragraph.
    pub(super) separated: bool,
    /// Where its result leads.
    pub(super) link: Option<String>,
    /// The reference its result is the words of.
    pub(super) aim: Option<usize>,
    /// It is a table of contents, whose entries are no references.
    pub(super) lists: bool,
    /// Levels of headings it lists, where they are those of the text.
    pub(super) levels: Option<u8>,
    /// It is a field of a form.
    pub(super) form: Option<Form>,
    instruction: String,
}

/// What a field says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Instruction {
    /// `HYPERLINK "address"`
    Link(String),
    /// `HYPERLINK \l "bookmark"`
    Jump(String),
    /// `REF bookmark`
    Reference(String),
    /// `NOTEREF bookmark`
    Note(String),
    /// `TOC`, with the levels of headings it lists; `TOA` or `INDEX`, which list something else.
    Contents(Option<u8>),
    Other,
}

impl Field {
    pub(super) fn begin(spot: usize, at: usize) -> Field {
        Field {
            spot,
            at,
            separated: false,
            link: None,
            aim: None,
            lists: false,
            levels: None,
            form: None,
            instruction: String::new(),
        }
    }

    pub(super) fn instruct(&mut self, words: &str) {
        if !self.separated && self.instruction.len() + words.len() <= LONGEST_INSTRUCTION {
            self.instruction.push_str(words);
        }
    }

    pub(super) fn instruction(&self) -> Instruction {
        let words = self.instruction.trim_start();
        let cut = words
            .find(|c: char| c.is_whitespace() || c == '"')
            .unwrap_or(words.len());
        let (name, rest) = words.split_at(cut);
        match name.to_ascii_uppercase().as_str() {
            "HYPERLINK" => match argument(rest) {
                Some(address) => Instruction::Link(address),
                None => rest
                    .find("\\l")
                    .and_then(|at| argument(&rest[at + 2..]))
                    .map_or(Instruction::Other, Instruction::Jump),
            },
            "REF" => argument(rest).map_or(Instruction::Other, Instruction::Reference),
            "NOTEREF" => argument(rest).map_or(Instruction::Other, Instruction::Note),
            "TOC" => Instruction::Contents(Some(super::contents::levels(rest))),
            "TOA" | "INDEX" => Instruction::Contents(None),
            // Word also takes the name of a bookmark alone.
            _ if name.starts_with("_Ref") => Instruction::Reference(name.to_owned()),
            _ => Instruction::Other,
        }
    }

    /// The result begins, in this paragraph after so many inlines.
    pub(super) fn separate(&mut self, spot: usize, at: usize) {
        self.separated = true;
        self.instruction = String::new();
        (self.spot, self.at) = (spot, at);
    }

    /// An instruction does not go on in another paragraph: where no result has come, its words are words.
    pub(super) fn end_of_paragraph(&mut self) {
        self.separated = true;
    }
}

/// The first word or quoted words, unless a switch stands in their place.
fn argument(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    let found = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split_whitespace().next()?,
    };
    (!found.is_empty() && !found.starts_with('\\')).then(|| found.to_owned())
}

/// A field of a form as Word had them before content controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// Its place among the controls.
    pub(super) control: usize,
    pub(super) kind: FormKind,
    /// Ticked, or the place of what is chosen, from 0.
    pub(super) state: Option<usize>,
    /// What counts where there is no state.
    pub(super) default: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormKind {
    Text,
    CheckBox,
    DropDown,
}

impl Form {
    pub(super) fn new(control: usize) -> Form {
        Form {
            control,
            kind: FormKind::Text,
            state: None,
            default: 0,
        }
    }

    pub(super) fn state(&self) -> usize {
        self.state.unwrap_or(self.default)
    }
}

/// Addresses that open a browser or a letter, and nothing else.
pub(super) fn is_safe(address: &str) -> bool {
    let lower = address
        .get(..8.min(address.len()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}
