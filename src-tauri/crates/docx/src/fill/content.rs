//! Words as Word's XML: the content of a run, and of a content control that is filled.

use super::control::{Shown, properties};
use super::field::prefix;
use super::render::copy;
use super::tree::{Id, Tree};

/// Words as the content of a run: line ends are breaks.
pub(super) fn text(words: &str, prefix: &str) -> String {
    let mut out = String::new();
    let mut open = false;
    let close = |out: &mut String, open: &mut bool| {
        if std::mem::take(open) {
            out.push_str(&format!("</{prefix}t>"));
        }
    };
    for c in words.chars() {
        match c {
            '\n' | '\t' => {
                close(&mut out, &mut open);
                let name = if c == '\n' { "br" } else { "tab" };
                out.push_str(&format!("<{prefix}{name}/>"));
                continue;
            }
            _ if !open => {
                open = true;
                out.push_str(&format!("<{prefix}t xml:space=\"preserve\">"));
            }
            _ => {}
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    close(&mut out, &mut open);
    out
}

/// A control with its words in place of what it held: in the looks of its first run, without the placeholder's.
/// `None` where its content has no place for words.
pub(super) fn filled_control(
    tree: &Tree<'_>,
    id: Id,
    shown: &Shown,
    fresh: bool,
) -> Option<String> {
    let element = tree.at(id);
    let own = tree.child(id, "sdtPr")?;
    let content = tree.child(id, "sdtContent")?;
    let prefix = prefix(element.full);
    let find = |name: &str| {
        tree.inside(content)
            .find(|i| tree.elements[*i].name == name)
            .map(|i| i as Id)
    };
    let placeholder = tree.child(own, "showingPlcHdr").is_some();
    let first = find("r");
    let mut looks = String::new();
    // A placeholder is grey; the words that take its place look as the control says.
    let of_control = tree.child(own, "rPr").filter(|_| placeholder);
    if let Some(of) = of_control.or_else(|| tree.child(first?, "rPr")) {
        looks.push_str(&without_placeholder(tree, of));
    }
    let run = format!(
        "<{prefix}r>{looks}{}</{prefix}r>",
        text(&shown.words, prefix)
    );
    let mut out = String::new();
    for &child in &element.children {
        if child == own {
            out.push_str(&properties(tree, own, shown, fresh));
        } else if child == content {
            out.push_str(&filled_content(
                tree,
                content,
                element.parent,
                find("p"),
                &run,
                prefix,
                fresh,
            )?);
        } else {
            copy(&mut out, tree, child, fresh);
        }
    }
    Some(format!("{}{out}</{}>", tree.tag(id), element.full))
}

fn without_placeholder(tree: &Tree<'_>, looks: Id) -> String {
    let element = tree.at(looks);
    let mut out = format!("<{}>", element.full);
    for &child in &element.children {
        let style = tree.at(child).name == "rStyle"
            && tree.attribute(child, "val").is_some_and(|style| {
                let style = style.to_ascii_lowercase();
                // The style's id as Word writes it in English, and in Chinese: 占位符文本 is `a3` or the like.
                style.contains("placeholder")
                    || style.contains("占位符")
                    || (style.starts_with('a') && style[1..].bytes().all(|b| b.is_ascii_digit()))
            });
        if !style {
            out.push_str(tree.text(&tree.at(child).span));
        }
    }
    out.push_str(&format!("</{}>", element.full));
    out
}

fn filled_content(
    tree: &Tree<'_>,
    content: Id,
    parent: Option<Id>,
    paragraph: Option<Id>,
    run: &str,
    prefix: &str,
    fresh: bool,
) -> Option<String> {
    let element = tree.at(content);
    let open = format!("<{}>", element.full);
    let close = format!("</{}>", element.full);
    let Some(paragraph) = paragraph else {
        let inline = parent.is_some_and(|p| {
            !matches!(
                tree.at(p).name,
                "body"
                    | "tc"
                    | "tr"
                    | "tbl"
                    | "hdr"
                    | "ftr"
                    | "txbxContent"
                    | "footnote"
                    | "endnote"
            )
        });
        return inline.then(|| format!("{open}{run}{close}")).or_else(|| {
            let block = parent.is_some_and(|p| !matches!(tree.at(p).name, "tr" | "tbl"));
            block.then(|| format!("{open}<{prefix}p>{run}</{prefix}p>{close}"))
        });
    };
    let mut words = tree
        .tag(paragraph)
        .trim_end_matches("/>")
        .trim_end_matches('>')
        .to_owned();
    words.push('>');
    if let Some(properties) = tree.child(paragraph, "pPr") {
        copy(&mut words, tree, properties, fresh);
    }
    words.push_str(run);
    words.push_str(&format!("</{}>", tree.at(paragraph).full));
    // A cell around the paragraph stays, with its own properties.
    let mut at = tree.at(paragraph).parent?;
    while at != content {
        let around = tree.at(at);
        if around.name != "tc" {
            return None;
        }
        let own = tree
            .child(at, "tcPr")
            .map_or("", |own| tree.text(&tree.at(own).span));
        words = format!("{}{own}{words}</{}>", tree.tag(at), around.full);
        at = around.parent?;
    }
    Some(format!("{open}{words}{close}"))
}
