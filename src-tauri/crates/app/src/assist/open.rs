//! Open clauses of a draft: numbered headings with nothing under them, for a model to write.

use std::ops::ControlFlow;

use moqi_document::{Block, BlockKind, Document, HeadingStyle, parse, plain, print};

use super::scene::Scene;
use super::{Assist, Written};
use crate::base::Base;
use crate::draft::Drafted;
use crate::error::{Code, Error, Result};
use crate::prompt::{self, Task};
use crate::shipped::language_of;
use crate::{App, models};

impl App {
    /// Has the model that `id` names write the open clauses of a draft, each from the nearest clause of the firm's own that its
    /// style was taught, or else of the library, and gives the headings that were written. `base` is that model as it shall be
    /// used, from [`App::base_with`]. The draft of a lawyer who asks for no model has its open clauses left open.
    ///
    /// `wrote` hears the heading before its clause is written.
    ///
    /// # Errors
    /// A model that cannot be run, or does not write the draft's language.
    pub fn write_open_clauses(
        &self,
        drafted: &mut Drafted,
        id: &str,
        base: &Base,
        wrote: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        let mut document = parse(&drafted.text);
        let language = language_of(&document, &drafted.text);
        if matches!(base, Base::Here(_)) && !models::find(self.home(), id)?.speaks(language) {
            return Err(Error::new(
                Code::NoModel,
                format!("模型“{id}”不支持这份文书的语言。"),
                format!("The model “{id}” does not write the language of this document."),
            )
            .hint(
                "用 moqi models 查看各模型支持的语言。",
                "See moqi models for the languages of each.",
            ));
        }
        let house = self.house(base, language)?;
        let mut loaded = None;
        let mut written = Vec::new();
        // From the last to the first, so that the places of those that wait stay theirs.
        for at in open_clauses(&document).into_iter().rev() {
            let request = Assist {
                document: String::new(),
                task: Task::Draft,
                block: at,
                instruction: String::new(),
            };
            let scene = Scene::of(&document, &request)?;
            wrote(&scene.heading);
            let of_firm = house.precedents(&document, &scene, &drafted.answers);
            let nearest = match of_firm.into_iter().next() {
                Some(nearest) => Some(nearest),
                None => self
                    .precedents(&document, &request, &scene, language, &drafted.answers)?
                    .into_iter()
                    .next(),
            };
            let context =
                scene.context(&document, &request, nearest.map(|nearest| nearest.wording));
            let (system, user) = prompt::messages(Task::Draft, language, &context);
            let go_on = || ControlFlow::Continue(());
            let words = base.chat(
                &mut loaded,
                &system,
                &user,
                &mut |_: Written| go_on(),
                &mut || go_on(),
            )?;
            let blocks = prompt::blocks(&words, &scene.heading);
            if !blocks.is_empty() {
                document.blocks.splice(at + 1..at + 1, blocks);
                written.push(scene.heading);
            }
        }
        written.reverse();
        drafted.text = print(&document);
        Ok(written)
    }
}

/// Indices of the numbered headings of the first level that nothing stands under.
fn open_clauses(document: &Document) -> Vec<usize> {
    let open = |at: &usize| {
        let BlockKind::Heading {
            level: 1,
            style: HeadingStyle::Numbered,
            content,
        } = &document.blocks[*at].kind
        else {
            return false;
        };
        let ends = |block: &Block| {
            matches!(
                block.kind,
                BlockKind::Heading { level: 1, .. }
                    | BlockKind::Signature(_)
                    | BlockKind::PageBreak
            )
        };
        !plain(content).trim().is_empty() && document.blocks.get(at + 1).is_none_or(ends)
    };
    (0..document.blocks.len()).filter(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbered_headings_with_nothing_under_them_are_open() {
        let document = parse(
            "# T\n\n## Parties {.parties}\n\n## One\n\nwords\n\n## Two\n\n## Three\n\n### Sub\n\n## Four\n\n```signature\nA:\n```\n\n## List {.schedule}\n",
        );
        let headings: Vec<String> = open_clauses(&document)
            .into_iter()
            .map(|at| match &document.blocks[at].kind {
                BlockKind::Heading { content, .. } => plain(content),
                _ => String::new(),
            })
            .collect();
        assert_eq!(headings, ["Two", "Four"]);
    }
}
