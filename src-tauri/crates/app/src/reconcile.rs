//! Saving a document that another program has saved or deleted since it was read: neither text is lost.

use moqi_store::{Error as StoreError, Store};

use crate::memory::{self, Saved};

/// Saves a document. What another program saved meanwhile is kept as a version of it first; where another program
/// deleted it, it is there again.
pub(crate) fn save(store: &Store, saved: &mut Saved) -> std::result::Result<(), StoreError> {
    match memory::save(store, saved) {
        Ok(revision) => saved.revision = revision,
        Err(StoreError::Conflict) => {
            let other = memory::load(store, &saved.id)?.ok_or(StoreError::NotFound)?;
            memory::keep_version(
                store,
                &saved.id,
                "elsewhere",
                None,
                &other.text,
                &other.answers,
            )?;
            saved.revision = other.revision;
            saved.revision = memory::save(store, saved)?;
        }
        Err(StoreError::NotFound) => {
            memory::insert(store, saved)?;
            saved.revision = 1;
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first fault")]
mod tests {
    use moqi_document::{Answers, Language, parse};

    use crate::App;
    use crate::home::Home;

    fn app(folder: &std::path::Path) -> App {
        App::open(Home::at(folder).unwrap(), Language::En).unwrap()
    }

    #[test]
    fn two_programs_with_one_document_lose_no_word() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (app(folder.path()), app(folder.path()));
        let blank = one.create_document(None, Some("Note"), Language::En, &Answers::new());
        let id = blank.unwrap().info.id;
        let seq = two.open_document(&id).unwrap().state.seq;

        one.replace(&id, parse("# Note\n\nWords of the first.\n").blocks)
            .unwrap();
        let blocks = parse("# Note\n\nWords of the second.\n").blocks;
        let state = two.sync(&id, seq, 0, usize::MAX, blocks.clone());
        assert!(state.is_err(), "the range is none of the document's");
        two.replace(&id, blocks).unwrap();

        let third = app(folder.path());
        let (text, ..) = third.snapshot(&id).unwrap();
        assert!(text.contains("Words of the second."), "{text}");
        let versions = third.versions(&id).unwrap();
        let kept = versions
            .iter()
            .find(|kept| kept.reason == "elsewhere")
            .unwrap();
        let kept = third.version(&kept.id).unwrap();
        let words = format!("{:?}", kept.blocks);
        assert!(words.contains("Words of the first."), "{words}");

        // Deleted there, written in here: it comes back.
        third.delete_document(&id).unwrap();
        two.replace(&id, parse("# Note\n\nStill written.\n").blocks)
            .unwrap();
        let (text, ..) = app(folder.path()).snapshot(&id).unwrap();
        assert!(text.contains("Still written."), "{text}");
    }
}
