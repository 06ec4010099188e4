//! A gazetteer of what other documents gave away: a client who is introduced in one is masked in all.

use std::collections::BTreeMap;

use super::names::{Known, Mentions, key};
use super::{Find, Masked, Private};
use crate::suggest::{is_han, is_organisation};

/// What masking found in other documents, as far as it tells one from all others wherever it stands.
///
/// A surname, a company's short name, an amount or the name of a town is not among it: such words say something of somebody
/// in their own document only.
#[derive(Clone, Default)]
pub struct Gazetteer {
    mentions: Mentions,
}

/// Most values that are looked for.
const MOST: usize = 200_000;
/// The longest of them, in bytes.
const LONGEST: usize = 200;

impl Gazetteer {
    /// Of what was masked in documents.
    pub fn of<'a>(found: impl Iterator<Item = &'a Masked>) -> Gazetteer {
        let mut all = BTreeMap::new();
        for masked in found.filter(|masked| masked.identifies()).take(MOST) {
            let words = masked.words.trim();
            // `JOHN CARTER` is John Carter.
            for words in [words.to_owned(), words.to_uppercase()] {
                let known = Known::of(&words, masked.kind, &key(&words));
                all.entry(words).or_insert(known);
            }
        }
        Gazetteer {
            mentions: Mentions::of(&all),
        }
    }

    /// Whether any of it stands in a text.
    #[must_use]
    pub fn stands_in(&self, text: &str) -> bool {
        !self.mentions.in_line(text).is_empty()
    }

    pub(super) fn in_words(&self, words: &str) -> Vec<Find> {
        self.mentions.in_line(words)
    }
}

impl Masked {
    /// Whether it identifies one person, company or thing wherever it stands, so that it is masked in other documents too.
    #[must_use]
    pub fn identifies(&self) -> bool {
        let words = self.words.trim();
        if words.len() > LONGEST {
            return false;
        }
        let han = words.chars().filter(|c| is_han(*c)).count();
        let digits = words.chars().filter(char::is_ascii_digit).count();
        let parts = words.split_whitespace().count();
        match self.kind {
            // What only stands where a name is wanted may be anybody's words: “as notified in writing”.
            Private::Organisation => (han >= 6 || parts >= 2) && is_organisation(words),
            Private::Person => han >= 3 || (han == 0 && parts >= 2),
            Private::IdNumber | Private::Passport | Private::Registration => digits >= 6,
            Private::Account | Private::Phone => digits >= 7,
            Private::Email => words.contains('@'),
            // A town is everybody's; a house with its number is not.
            Private::Address => digits >= 1 && (han >= 6 || parts >= 3),
            Private::Amount | Private::Number => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{mask, mask_knowing};
    use crate::{parse, print};

    fn known(texts: &[&str]) -> Gazetteer {
        let found: Vec<Masked> = { texts.iter() }
            .flat_map(|text| mask(&parse(text), &[]).found)
            .collect();
        Gazetteer::of(found.iter())
    }

    #[test]
    fn whom_one_document_introduces_the_next_one_masks_too() {
        let contract =
            "# 买卖合同\n\n甲方：江州恒泰机械制造有限公司\n\n联系人：欧阳明德，电话：13912345678\n";
        let note = parse("# 备忘\n\n与欧阳明德谈妥，13912345678 可联系。\n");
        let gazetteer = known(&[contract]);
        let own = print(&mask(&note, &[]).document);
        assert!(own.contains("欧阳明德"), "{own}");
        let made = mask_knowing(&note, &["欧阳明德来函"], &gazetteer);
        let text = print(&made.document);
        assert!(!text.contains("欧阳明德"), "{text}");
        assert!(!made.others[0].contains("明德"), "{:?}", made.others);
        // What it says of itself keeps its number, and a value has one placeholder however it was found.
        let both = parse(&format!("{contract}\n与欧阳明德谈妥。\n"));
        assert_eq!(mask_knowing(&both, &[], &gazetteer), mask(&both, &[]));
    }

    #[test]
    fn a_longer_name_of_the_gazetteer_goes_before_a_part_of_it_that_is_somebody_elses() {
        let gazetteer = known(&[
            "# Loan\n\nThis agreement is made between John Carter (the “Lender”) and Mary Holt (the “Borrower”).\n",
        ]);
        assert!(gazetteer.stands_in("John Carter called."));
        let own = parse(
            "# Note\n\nThis agreement is made between Anna Carter (the “Buyer”) and Peter Lund (the “Seller”).\n\nPayment goes to John Carter.\n",
        );
        let text = print(&mask_knowing(&own, &[], &gazetteer).document);
        assert!(!text.contains("John"), "{text}");
    }

    #[test]
    fn words_that_are_many_peoples_stay() {
        let gazetteer = known(&[
            "# Loan\n\nBetween John Carter of 12 Mill Lane, Bath BA1 2AB, and Northgate Mills Ltd (“Northgate”).\n\nThe loan is USD 250,000.\n",
        ]);
        assert!(gazetteer.stands_in("As Northgate Mills Ltd told us."));
        assert!(gazetteer.stands_in("John Carter called."));
        assert!(gazetteer.stands_in("Signed: JOHN CARTER"));
        // Words in the place of a name.
        let vague = known(&["# 转让\n\n乙方：目标公司全体股东\n\n开户行：以乙方书面通知为准\n"]);
        assert!(!vague.stands_in("目标公司全体股东应当以乙方书面通知为准。"));
        for text in [
            "Northgate is a street.",
            "The carter brings USD 250,000.",
            "John called.",
            "Northgate Mills Ltdx",
            "Bath",
        ] {
            assert!(!gazetteer.stands_in(text), "{text}");
        }
        assert!(!Gazetteer::default().stands_in("John Carter"));
    }
}
