//! The last paragraph of a body, whose mark cannot come or go.

use super::body::{Out, Paragraph};
use super::marks::State;

/// Makes the last paragraph one that both documents have: its mark cannot come or go. What was inserted or deleted at
/// the end then takes the mark of the paragraph before it, as it does when a person types there. A table has no such mark:
/// the empty paragraph behind one that comes or goes at the end comes or goes by its own, which our resolver follows and
/// LibreOffice does not, whichever mark is tracked.
pub(super) fn settle_end(out: &mut [Out]) {
    let first = out
        .iter()
        .rposition(|piece| match piece {
            Out::Markup(_) => true,
            Out::Paragraph(paragraph) => paragraph.mark == State::Same,
        })
        .map_or(0, |at| at + 1);
    let (before, tail) = out.split_at_mut(first);
    let mut tail: Vec<&mut Paragraph> = tail
        .iter_mut()
        .filter_map(|piece| match piece {
            Out::Paragraph(paragraph) => Some(paragraph),
            Out::Markup(_) => None,
        })
        .collect();
    let Some(end) = tail.len().checked_sub(1) else {
        return;
    };
    let last_of =
        |tail: &[&mut Paragraph], is: fn(State) -> bool| tail.iter().rposition(|p| is(p.mark));
    let (old, new) = (last_of(&tail, State::is_old), last_of(&tail, State::is_new));
    match (old, new) {
        (Some(x), Some(y)) => {
            // The earlier of the two runs into the paragraph after it, in either document.
            let earlier = x.min(y);
            let content = std::mem::take(&mut tail[earlier].content);
            tail[earlier + 1].content.insert_str(0, &content);
            let (was, is) = (tail[x].old.clone(), tail[y].new.clone());
            tail[end].old = was;
            tail[end].new = is;
            tail[end].mark = State::Same;
            tail[earlier].gone = true;
        }
        (only_old, _) => {
            let Some(Out::Paragraph(kept)) = before.last_mut() else {
                return;
            };
            // Each mark is now that of the paragraph before, and so is who changed it.
            kept.who = tail[0].who;
            for at in 0..end {
                tail[at].who = tail[at + 1].who;
            }
            if only_old.is_some() {
                tail[end].new = kept.new.clone();
                kept.mark = State::Deleted;
            } else {
                tail[end].old = kept.old.clone();
                kept.mark = State::Inserted;
            }
            tail[end].mark = State::Same;
        }
    }
}
