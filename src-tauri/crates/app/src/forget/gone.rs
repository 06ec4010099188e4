//! What is gone without another in its place, and why.

use crate::error::Sentence;

/// An adapter that was deleted and not learnt again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why it was not learnt again, as a sentence about it.
    pub why: Sentence,
}

/// Why an adapter cannot be learnt again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It gives away what it must not.
    Leaks,
    /// One that it was made of is gone.
    PartGone,
    /// Nobody knows any more how it was made.
    NoRecord,
    /// The other documents are too few to learn from and to measure the result with.
    TooLittleLeft,
}

impl Why {
    pub fn sentence(self) -> Sentence {
        match self {
            Why::Leaks => Sentence::new(
                "未通过泄露检验，不予保留。",
                "It does not pass the test for leaks, so it is not kept.",
            ),
            Why::PartGone => Sentence::new(
                "构成它的文风已不在，无法重新制作。",
                "A style that it was made of is gone, so it cannot be made again.",
            ),
            Why::NoRecord => Sentence::new(
                "没有记录说明它是怎样训练的，无法重新训练。",
                "No record says how it was learnt, so it cannot be learnt again.",
            ),
            Why::TooLittleLeft => Sentence::new(
                "没有这份文件，剩下的内容不足以学习。",
                "Without this document too little is left to learn from.",
            ),
        }
    }
}
