//! What goes on with Word files, in the shapes that cross: imports, changes since a version, places to fill.

use moqi_app as app;

use super::*;

/// What an import did, in the language of the window.
pub fn import_view(import: app::Import, language: app::Language) -> ImportView {
    let app::Import {
        imported,
        refused,
        others,
        cancelled,
    } = import;
    let name = |path: &std::path::Path| {
        path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    let imported = imported.into_iter().map(|one| ImportedView {
        file: name(&one.path),
        card: one.document.into(),
        known: one.known,
        warnings: one.warnings,
    });
    let refused = refused.into_iter().map(|one| RefusedView {
        file: name(&one.path),
        failure: crate::window::failure(&one.why, language),
    });
    ImportView {
        imported: imported.collect(),
        refused: refused.collect(),
        others,
        cancelled,
    }
}

impl From<app::Listed> for ChangedView {
    fn from(listed: app::Listed) -> Self {
        // The window shows the words; the places are for those that mark them in the text.
        let app::Listed {
            kind,
            quote,
            old: _,
            new: _,
        } = listed;
        let kind = match kind {
            app::ListedKind::Inserted => ChangedKind::Inserted,
            app::ListedKind::Deleted => ChangedKind::Deleted,
            app::ListedKind::Replaced => ChangedKind::Replaced,
            app::ListedKind::Moved => ChangedKind::Moved,
            app::ListedKind::Formatted => ChangedKind::Formatted,
        };
        ChangedView { kind, quote }
    }
}

impl From<app::WordPlace> for WordPlace {
    fn from(place: app::WordPlace) -> Self {
        let app::WordPlace {
            id,
            name,
            text,
            before,
            after,
            takes,
        } = place;
        let (takes, choices) = match takes {
            app::Takes::Words => (Takes::Words, Vec::new()),
            app::Takes::Blank => (Takes::Blank, Vec::new()),
            app::Takes::Date => (Takes::Date, Vec::new()),
            app::Takes::Choice(choices) => (Takes::Choice, choices),
            app::Takes::YesNo => (Takes::YesNo, Vec::new()),
            app::Takes::Rows(columns) => (Takes::Rows, columns),
        };
        WordPlace {
            id,
            name,
            text,
            before,
            after,
            takes,
            choices,
        }
    }
}
