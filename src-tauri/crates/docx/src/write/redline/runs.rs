//! Tokens as runs again, with their changes around them.

use super::flat::{Control, Inner};
use super::marks::{Marks, State};
use super::remarks::{Edge, fates};
use super::steps::Step;

/// Runs of the steps, each stretch inside its link, its change and the comments on it. `shift` is added to the numbers of
/// deleted notes.
pub(super) fn runs(steps: &[Step<'_>], marks: &mut Marks, shift: usize) -> String {
    let mut out = String::new();
    let mut comments = marks.comments.on(steps);
    let fates = fates(steps);
    let mut at = 0;
    for held in steps.chunk_by(in_one_control) {
        let mut content = String::new();
        for linked in held.chunk_by(|a, b| a.token.link == b.token.link) {
            let mut inner = String::new();
            for stretch in linked.chunk_by(is_one_stretch) {
                let state = stretch[0].state;
                marks.sign(stretch[0].token.who);
                let mut words = String::new();
                for alike in stretch.chunk_by(|a, b| is_one_run(a, b)) {
                    words.push_str(&run(alike, state, marks, shift));
                }
                let edges = |edges: &mut dyn Iterator<Item = Edge>, marks: &mut Marks| {
                    edges
                        .map(|edge| edge.print(&fates, marks))
                        .collect::<String>()
                };
                inner.push_str(&comments.opening(at, marks));
                inner.push_str(&edges(&mut stretch[0].opens(), marks));
                marks.sign(stretch[0].token.who);
                inner.push_str(&marks.wrap(state, &words));
                at += stretch.len();
                inner.push_str(&edges(&mut stretch[stretch.len() - 1].closes(), marks));
                inner.push_str(&comments.closing(at, marks));
            }
            match linked.first().and_then(|step| step.token.link.as_deref()) {
                Some(link) => {
                    content.push_str(&format!("<w:hyperlink {link}>{inner}</w:hyperlink>"))
                }
                None => content.push_str(&inner),
            }
        }
        match held.iter().find_map(Step::control) {
            Some(control) => {
                marks.sign(held[0].token.who);
                out.push_str(&controlled(control, &content, whole_state(held), marks));
            }
            None => out.push_str(&content),
        }
    }
    out
}

/// The state of all steps, where it is one.
pub(super) fn whole_state(steps: &[Step<'_>]) -> State {
    let first = steps.first().map_or(State::Same, |step| step.state);
    match steps.iter().all(|step| step.state == first) {
        true => first,
        false => State::Same,
    }
}

/// True for words one after the other that stand in the same content control, or in none. The control of a value that was
/// replaced holds both.
fn in_one_control(a: &Step<'_>, b: &Step<'_>) -> bool {
    match (a.control(), b.control()) {
        (None, None) => true,
        (Some(a_is), Some(b_is)) => {
            let same = a.token.control.is_some() == b.token.control.is_some()
                && a.state.is_old() == b.state.is_old();
            match same {
                true => a_is.number == b_is.number,
                false => named(a_is) == named(b_is),
            }
        }
        _ => false,
    }
}

/// The properties of a control without its id.
fn named(control: &Control) -> (&str, &str) {
    let all = &*control.properties;
    let Some(start) = all.find("<w:id ") else {
        return (all, "");
    };
    let end = all[start..].find("/>").map_or(all.len(), |end| start + end);
    (&all[..start], &all[end..])
}

/// A content control. One whose words all come or go comes or goes with them, as Word has it.
fn controlled(control: &Control, content: &str, state: State, marks: &mut Marks) -> String {
    // Ids are used once in a file, and a control can be in both documents.
    let (before, after) = named(control);
    let id = marks.number();
    let properties = match after.is_empty() {
        true => before.to_owned(),
        false => format!("{before}<w:id w:val=\"{id}\"{after}"),
    };
    let kind = match state {
        State::Same => {
            return format!("<w:sdt>{properties}<w:sdtContent>{content}</w:sdtContent></w:sdt>");
        }
        state if state.is_new() => "Ins",
        _ => "Del",
    };
    // The opening and the closing tag are two changes.
    let mut edge = || {
        let attributes = marks.attributes();
        let id = marks.last();
        (
            format!("<w:customXml{kind}RangeStart {attributes}/>"),
            format!("<w:customXml{kind}RangeEnd w:id=\"{id}\"/>"),
        )
    };
    let (opening, closing) = (edge(), edge());
    format!(
        "{}<w:sdt>{properties}<w:sdtContent>{}{content}{}</w:sdtContent></w:sdt>{}",
        opening.0, opening.1, closing.0, closing.1
    )
}

/// True for words that one change holds, with no remark between them.
fn is_one_stretch(a: &Step<'_>, b: &Step<'_>) -> bool {
    a.state == b.state
        && a.who() == b.who()
        && a.closes().next().is_none()
        && b.opens().next().is_none()
}

/// True for words that stand in one run.
fn is_one_run(a: &Step<'_>, b: &Step<'_>) -> bool {
    let words = |step: &Step<'_>| matches!(step.token.inner, Inner::Words(_));
    words(a) && words(b) && a.token.look == b.token.look && a.before == b.before
}

/// Run properties that were others before.
fn changed_look(before: &str, now: &str, marks: &mut Marks) -> String {
    let before = if before.is_empty() {
        "<w:rPr/>"
    } else {
        before
    };
    let now = now
        .strip_prefix("<w:rPr>")
        .and_then(|look| look.strip_suffix("</w:rPr>"))
        .unwrap_or_default();
    format!(
        "<w:rPr>{now}<w:rPrChange {}>{before}</w:rPrChange></w:rPr>",
        marks.attributes()
    )
}

fn run(steps: &[Step<'_>], state: State, marks: &mut Marks, shift: usize) -> String {
    let first = &steps[0];
    let mut look = || match first.before {
        Some(before) => changed_look(before, &first.token.look, marks),
        None => first.token.look.clone(),
    };
    let markup = match &first.token.inner {
        Inner::Words(_) => {
            let words: String = steps
                .iter()
                .map(|step| match &step.token.inner {
                    Inner::Words(words) => words.as_str(),
                    _ => "",
                })
                .collect();
            format!(
                "<w:r>{}<w:t xml:space=\"preserve\">{words}</w:t></w:r>",
                look()
            )
        }
        Inner::Run(inner) => format!("<w:r>{}{inner}</w:r>", look()),
        Inner::Whole(whole, Some(number)) if state.is_old() => whole.replace(
            &format!("<w:footnoteReference w:id=\"{number}\""),
            &format!("<w:footnoteReference w:id=\"{}\"", number + shift),
        ),
        Inner::Whole(whole, Some(_)) => whole.clone(),
        Inner::Whole(whole, None) => {
            // Each run of a field says for itself what it looked like.
            let mut runs = whole.split("<w:r>");
            let mut out = runs.next().unwrap_or_default().to_owned();
            for rest in runs {
                out.push_str("<w:r>");
                out.push_str(&look());
                out.push_str(rest);
            }
            out
        }
    };
    // Words are escaped, so that these can only be tags.
    if state == State::Deleted {
        markup
            .replace("<w:t>", "<w:delText>")
            .replace("<w:t ", "<w:delText ")
            .replace("</w:t>", "</w:delText>")
            .replace("<w:instrText", "<w:delInstrText")
            .replace("</w:instrText>", "</w:delInstrText>")
    } else {
        markup
    }
}
