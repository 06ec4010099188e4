//! What a text could ask for, and what a lawyer takes of it.

use std::path::PathBuf;

use moqi_app as app;

use super::*;

/// What a template made of a document or file could ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OffersView {
    /// Title the template would get.
    pub title: String,
    pub language: Lang,
    pub offers: Vec<OfferView>,
    /// What the reader of the file has to say.
    pub warnings: Vec<String>,
}

/// A field the template could have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OfferView {
    pub name: String,
    pub label: String,
    /// As the command line names types: `text`, `date`, `money` …
    pub kind: String,
    /// `blank`, `bracket`, `box`, `control`, `party`, `contact`, `identifier`, `labelled`, `date`, `amount`, `percentage`,
    /// `period`.
    pub why: String,
    /// Ticked before the lawyer is asked.
    pub sure: bool,
    /// What stands in the first place, the words around it, and how many places there are.
    pub found: String,
    pub before: String,
    pub after: String,
    pub places: usize,
}

/// A field the lawyer wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AcceptedView {
    pub name: String,
    pub label: String,
    pub kind: String,
}

impl From<app::Offers> for OffersView {
    fn from(offers: app::Offers) -> Self {
        let app::Offers {
            title,
            language,
            offers,
            warnings,
        } = offers;
        OffersView {
            title,
            language: language.into(),
            offers: offers.into_iter().map(Into::into).collect(),
            warnings,
        }
    }
}

impl From<app::Offer> for OfferView {
    fn from(offer: app::Offer) -> Self {
        let app::Offer {
            suggestion,
            before,
            after,
        } = offer;
        OfferView {
            kind: app::kind_name(&suggestion.kind).to_owned(),
            why: format!("{:?}", suggestion.why).to_lowercase(),
            name: suggestion.name,
            label: suggestion.label,
            sure: suggestion.sure,
            found: suggestion.found,
            places: suggestion.places.len(),
            before,
            after,
        }
    }
}

impl From<AcceptedView> for app::Accepted {
    fn from(accepted: AcceptedView) -> Self {
        let AcceptedView { name, label, kind } = accepted;
        app::Accepted { name, label, kind }
    }
}

/// What a template is made of: an open document where one is named, else a file.
pub fn material(document: Option<String>, path: Option<String>) -> app::Material {
    match document {
        Some(id) => app::Material::Document(id),
        None => app::Material::File(PathBuf::from(path.unwrap_or_default())),
    }
}
