//! The instruction of a field, as far as it names a bookmark.

/// What a field points to.
#[derive(Debug, PartialEq)]
pub enum Aim {
    /// Nothing within the document.
    None,
    /// A bookmark, by its name.
    Bookmark(String),
    /// It should name a bookmark and does not, or it says nothing.
    Broken,
}

/// Reads an instruction: `REF name \r \h`, `PAGEREF name`, `HYPERLINK \l "name"`, `TOC \b name`.
pub fn aim(instruction: &str) -> Aim {
    let words = words(instruction);
    let after = |switch: &str| {
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(switch))?;
        Some(words.get(at + 1).cloned())
    };
    let named = |name: Option<String>| match name.filter(|name| !name.starts_with('\\')) {
        Some(name) => Aim::Bookmark(name),
        None => Aim::Broken,
    };
    let Some(name) = words.first() else {
        return Aim::Broken;
    };
    match name.to_uppercase().as_str() {
        "REF" | "PAGEREF" | "NOTEREF" => named(words.get(1).cloned()),
        "HYPERLINK" => match after("\\l") {
            // An address before the switch is another file's, and so is the bookmark.
            Some(_) if words.get(1).is_some_and(|word| !word.starts_with('\\')) => Aim::None,
            Some(name) => named(name),
            None if words.len() < 2 => Aim::Broken,
            None => Aim::None,
        },
        "TOC" => after("\\b").map_or(Aim::None, named),
        _ => Aim::None,
    }
}

/// Words, one in quotation marks without them.
fn words(instruction: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, piece) in instruction.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn instructions_name_their_bookmarks() {
    let bookmark = |name: &str| Aim::Bookmark(name.into());
    for (instruction, wanted) in [
        (" REF _Ref1 \\r \\h ", bookmark("_Ref1")),
        ("pageref _Toc1", bookmark("_Toc1")),
        (" REF \\h ", Aim::Broken),
        (" HYPERLINK \\l \"a b\" \\h", bookmark("a b")),
        (" HYPERLINK \"https://a.b\" \\l \"c\"", Aim::None),
        (" HYPERLINK \"https://a.b\"", Aim::None),
        (" TOC \\o \"1-3\" \\b part", bookmark("part")),
        (" TOC \\o \"1-3\" \\h", Aim::None),
        (" PAGE ", Aim::None),
        ("  ", Aim::Broken),
    ] {
        assert_eq!(aim(instruction), wanted, "{instruction}");
    }
}
