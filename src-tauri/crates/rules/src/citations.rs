//! The statute articles that findings rest on: one table, so that a test can check that each exists.

use moqi_document::Language;

/// A group of articles a finding can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cited {
    /// How periods in months and years end.
    Period,
    /// What contracts contain in general.
    Contents,
    /// When a contract in writing is formed.
    Formation,
    Sale,
    Lease,
    Loan,
    Guarantee,
    Mortgage,
    Pledge,
    FinanceLease,
    Factoring,
    Work,
    Construction,
    Technology,
    Property,
    Employment,
    /// What a complaint states.
    Complaint,
    /// The conditions of suing.
    Suing,
    /// What a defence states.
    Defence,
}

const CIVIL: (&str, &str) = ("民法典", "Civil Code");
const LABOUR: (&str, &str) = ("劳动合同法", "Labour Contract Law");
const PROCEDURE: (&str, &str) = ("民事诉讼法", "Civil Procedure Law");

/// Each with its law (short name in Chinese and English) and its article.
const TABLE: &[(Cited, (&str, &str), u32)] = &[
    (Cited::Period, CIVIL, 202),
    (Cited::Contents, CIVIL, 470),
    (Cited::Formation, CIVIL, 490),
    (Cited::Sale, CIVIL, 596),
    (Cited::Lease, CIVIL, 704),
    (Cited::Loan, CIVIL, 668),
    (Cited::Guarantee, CIVIL, 684),
    (Cited::Mortgage, CIVIL, 400),
    (Cited::Pledge, CIVIL, 427),
    (Cited::FinanceLease, CIVIL, 736),
    (Cited::Factoring, CIVIL, 762),
    (Cited::Work, CIVIL, 771),
    (Cited::Construction, CIVIL, 795),
    (Cited::Technology, CIVIL, 845),
    (Cited::Property, CIVIL, 938),
    (Cited::Employment, LABOUR, 17),
    (Cited::Complaint, PROCEDURE, 124),
    (Cited::Suing, PROCEDURE, 122),
    (Cited::Defence, PROCEDURE, 128),
];

/// Every article that a finding can cite: the short name of the law (`民法典`) and the number of the article.
#[must_use]
pub fn citations() -> Vec<(&'static str, u32)> {
    TABLE
        .iter()
        .map(|(_, law, article)| (law.0, *article))
        .collect()
}

/// An article as a finding prints it: `《民法典》第五百九十六条` or `Civil Code art. 596`.
pub(crate) fn basis(ui: Language, cited: Cited) -> String {
    let (_, law, article) = TABLE
        .iter()
        .find(|(c, _, _)| *c == cited)
        .unwrap_or(&TABLE[1]);
    match ui {
        Language::Zh => format!(
            "《{}》第{}条",
            law.0,
            moqi_document::words::zh_number(u64::from(*article))
        ),
        Language::En => format!("PRC {} art. {article}", law.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_prints_in_both_languages() {
        assert_eq!(basis(Language::Zh, Cited::Sale), "《民法典》第五百九十六条");
        assert_eq!(
            basis(Language::En, Cited::Employment),
            "PRC Labour Contract Law art. 17"
        );
        assert_eq!(citations().len(), TABLE.len());
    }
}
