//! Complex fields: `begin`, an instruction, `separate`, the result, `end`.

/// Bytes of an instruction that are kept.
const LONGEST_INSTRUCTION: usize = 4_096;

/// A field that has begun.
pub(super) struct Field {
    /// The paragraph it began in.
    pub(super) spot: usize,
    /// Inlines of that paragraph before it.
    pub(super) at: usize,
    /// Its result has begun, or its instruction was lost at the end of a paragraph.
    pub(super) separated: bool,
    /// Where its result leads.
    pub(super) link: Option<String>,
    instruction: String,
}

impl Field {
    pub(super) fn begin(spot: usize, at: usize) -> Field {
        Field {
            spot,
            at,
            separated: false,
            link: None,
            instruction: String::new(),
        }
    }

    pub(super) fn instruct(&mut self, words: &str) {
        if !self.separated && self.instruction.len() + words.len() <= LONGEST_INSTRUCTION {
            self.instruction.push_str(words);
        }
    }

    /// The address of a `HYPERLINK "address"`.
    pub(super) fn address(&self) -> Option<String> {
        let rest = self.instruction.trim_start().strip_prefix("HYPERLINK")?;
        let rest = rest.trim_start();
        let address = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?,
            None => rest.split_whitespace().next()?,
        };
        // A switch in its place means a bookmark of the document.
        (!address.is_empty() && !address.starts_with('\\')).then(|| address.to_owned())
    }

    /// The result begins.
    pub(super) fn separate(&mut self, link: Option<String>) {
        self.separated = true;
        self.link = link;
        self.instruction = String::new();
    }

    /// An instruction does not go on in another paragraph: where no result has come, its words are words.
    pub(super) fn end_of_paragraph(&mut self) {
        self.separated = true;
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
