//! The kinds of document and their names.

use moqi_document::Language;

/// Kind, Chinese name, English name; in the order of the lists.
const KINDS: &[(&str, &str, &str)] = &[
    ("sale", "买卖", "Sale"),
    ("lease", "租赁", "Lease"),
    ("loan", "借款", "Loan"),
    ("guarantee", "保证", "Guarantee"),
    ("employment", "劳动", "Employment"),
    ("nda", "保密", "Confidentiality"),
    ("technical-services", "技术服务", "Technical services"),
    ("services", "服务", "Services"),
    ("consultancy", "顾问", "Consultancy"),
    ("software-licence", "软件许可", "Software licence"),
    ("equity-transfer", "股权转让", "Equity transfer"),
    ("mandate", "委托代理", "Mandate"),
    ("cooperation", "合作", "Cooperation"),
    ("complaint", "起诉状", "Complaint"),
    ("defence", "答辩状", "Defence"),
];

/// All kinds with their names in one language.
pub fn names(language: Language) -> Vec<(&'static str, &'static str)> {
    KINDS
        .iter()
        .map(|(kind, zh, en)| (*kind, if language == Language::Zh { *zh } else { *en }))
        .collect()
}

/// Place of a kind in the lists; unknown kinds come last.
pub fn order(kind: &str) -> usize {
    KINDS
        .iter()
        .position(|(known, ..)| *known == kind)
        .unwrap_or(KINDS.len())
}
