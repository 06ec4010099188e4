//! Defects planted in a good file.

use super::good::{bytes, swap, text};
use super::package::{Parts, pack};

const BODY: &str = "word/document.xml";
const STYLES: &str = "word/styles.xml";
const NUMBERING: &str = "word/numbering.xml";
const NOTES: &str = "word/footnotes.xml";
const SETTINGS: &str = "word/settings.xml";
const COMMENTS: &str = "word/comments.xml";
const REPLIES: &str = "word/commentsExtended.xml";
const RELATIONS: &str = "word/_rels/document.xml.rels";
const TYPES: &str = "[Content_Types].xml";

/// A small change of a good file.
pub enum Edit {
    /// In this part these words become those, once.
    Swap(&'static str, &'static str, &'static str),
    /// In this part all from these words up to those, with them, becomes the last.
    Cut(&'static str, &'static str, &'static str, &'static str),
    /// The part goes.
    Drop(&'static str),
    /// The part loses its second half.
    Half(&'static str),
    /// The part has this for its bytes.
    Bytes(&'static str, &'static [u8]),
    /// The part comes a second time.
    Twice(&'static str),
    /// The file loses its last bytes.
    Tail(usize),
}

/// A defect: its name, what our own checks must say of it (nothing where it is the judges' matter), and how it is made.
pub struct Defect(pub &'static str, pub Option<&'static str>, pub Edit);

use Edit::{Bytes, Cut, Drop, Half, Swap, Tail, Twice};

/// What both judges in Python miss: our own checks find these or nobody does.
pub const SEVEN: &[Defect] = &[
    Defect(
        "ref-to-no-bookmark",
        Some("there is no bookmark _Ref1x"),
        Swap(BODY, " REF _Ref100000001_pay \\r", " REF _Ref1x \\r"),
    ),
    Defect(
        "pageref-to-no-bookmark",
        Some("there is no bookmark _Toc9"),
        Swap(BODY, " PAGEREF _Ref100000001_pay ", " PAGEREF _Toc9 "),
    ),
    Defect(
        "link-field-to-no-bookmark",
        Some("there is no bookmark gone"),
        Swap(
            BODY,
            " TOC \\o \"1-3\" \\h \\z \\u ",
            " HYPERLINK \\l \"gone\" ",
        ),
    ),
    Defect(
        "anchor-to-no-bookmark",
        Some("there is no bookmark _Ref1y"),
        Swap(
            BODY,
            "w:anchor=\"_Ref100000002_total\"",
            "w:anchor=\"_Ref1y\"",
        ),
    ),
    Defect(
        "bookmark-name-twice",
        Some("the bookmark _Ref100000001_pay is there twice"),
        Swap(
            BODY,
            "w:name=\"_Ref100000006_list\"",
            "w:name=\"_Ref100000001_pay\"",
        ),
    ),
    Defect(
        "bookmark-without-end",
        Some("the bookmark 1 has no end"),
        Swap(BODY, "<w:bookmarkEnd w:id=\"1\"/>", ""),
    ),
    Defect(
        "bookmark-without-start",
        Some("the bookmark 5 ends without a start"),
        Swap(
            BODY,
            "<w:bookmarkStart w:id=\"5\" w:name=\"_Ref100000005_court\"/>",
            "",
        ),
    ),
    Defect(
        "field-without-end",
        Some("1 fields have no end"),
        Swap(BODY, "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>", ""),
    ),
    Defect(
        "field-without-begin",
        Some("a field ends that has not begun"),
        Swap(BODY, "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>", ""),
    ),
    Defect(
        "field-with-two-results",
        Some("result begins out of place"),
        Swap(
            BODY,
            "<w:fldChar w:fldCharType=\"separate\"/>",
            "<w:fldChar w:fldCharType=\"separate\"/><w:fldChar w:fldCharType=\"separate\"/>",
        ),
    ),
    Defect(
        "field-without-target",
        Some("a field says"),
        Swap(BODY, " REF _Ref100000001_pay \\r", " REF \\r"),
    ),
    Defect(
        "paragraph-id-twice",
        Some("the paragraph 00000002 is there twice"),
        Swap(BODY, "w14:paraId=\"00000003\"", "w14:paraId=\"00000002\""),
    ),
    Defect(
        "entry-twice",
        Some("the archive has word/styles.xml twice"),
        Twice(STYLES),
    ),
    Defect(
        "style-cycle",
        Some("based on itself in a circle"),
        Swap(
            STYLES,
            "<w:name w:val=\"Normal\"/>",
            "<w:name w:val=\"Normal\"/><w:basedOn w:val=\"BodyText\"/>",
        ),
    ),
    Defect(
        "style-linked-one-way",
        Some("a style of kind"),
        Swap(
            STYLES,
            "<w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"BodyText\"/>",
            "<w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"BodyText\"/><w:link w:val=\"BodyText\"/>",
        ),
    ),
];

/// The other kinds.
pub const OTHERS: &[Defect] = &[
    // The schema: order, required attributes, values, strangers.
    Defect(
        "paragraph-properties-disordered",
        None,
        Swap(
            BODY,
            "<w:pStyle w:val=\"Title\"/>",
            "<w:jc w:val=\"center\"/><w:pStyle w:val=\"Title\"/>",
        ),
    ),
    Defect(
        "run-properties-disordered",
        None,
        Swap(BODY, "<w:b/><w:bCs/>", "<w:bCs/><w:b/>"),
    ),
    Defect(
        "style-disordered",
        None,
        Swap(
            STYLES,
            "<w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/>",
            "<w:basedOn w:val=\"Normal\"/><w:name w:val=\"Title\"/>",
        ),
    ),
    Defect(
        "break-of-no-kind",
        None,
        Swap(
            BODY,
            "<w:br w:type=\"textWrapping\"/>",
            "<w:br w:type=\"wrapping\"/>",
        ),
    ),
    Defect(
        "alignment-of-no-kind",
        None,
        Swap(BODY, "<w:jc w:val=\"center\"/>", "<w:jc w:val=\"middle\"/>"),
    ),
    Defect(
        "paper-of-no-size",
        None,
        Swap(BODY, "<w:pgSz w:w=\"11906\"", "<w:pgSz w:w=\"wide\""),
    ),
    Defect("stranger-in-a-run", None, Swap(BODY, "<w:b/>", "<w:bold/>")),
    Defect(
        "words-outside-a-run",
        None,
        Swap(
            BODY,
            "<w:bookmarkEnd w:id=\"1\"/>",
            "<w:bookmarkEnd w:id=\"1\"/><w:t>x</w:t>",
        ),
    ),
    Defect(
        "footnote-reference-without-id",
        Some("there is no footnote"),
        Swap(
            BODY,
            "<w:footnoteReference w:id=\"1\"/>",
            "<w:footnoteReference/>",
        ),
    ),
    Defect(
        "field-character-without-type",
        Some("a field character of no type"),
        Swap(BODY, "<w:fldChar w:fldCharType=\"begin\"/>", "<w:fldChar/>"),
    ),
    // XML and the archive.
    Defect(
        "ampersand-unescaped",
        Some("document.xml is no XML"),
        Swap(BODY, "&gt;&amp;2", "&gt;&2"),
    ),
    Defect(
        "control-character",
        Some("0x0001 stands in it"),
        Swap(BODY, "一式两份", "一式\u{1}两份"),
    ),
    Defect(
        "control-character-referred-to",
        Some("0x0001 is referred to"),
        Swap(BODY, "一式两份", "一式&#x1;两份"),
    ),
    Defect(
        "not-utf-8",
        Some("settings.xml is no XML"),
        Bytes(SETTINGS, b"<w:settings xmlns:w=\"\xff\"/>"),
    ),
    Defect(
        "attribute-twice",
        Some("document.xml is no XML"),
        Swap(
            BODY,
            "<w:bookmarkEnd w:id=\"1\"/>",
            "<w:bookmarkEnd w:id=\"1\" w:id=\"1\"/>",
        ),
    ),
    Defect(
        "tags-crossed",
        Some("document.xml is no XML"),
        Swap(BODY, "</w:r></w:p>", "</w:p></w:r>"),
    ),
    Defect(
        "two-roots",
        Some("it has 2 roots"),
        Swap(STYLES, "</w:styles>", "</w:styles><w:styles/>"),
    ),
    Defect("part-cut", Some("document.xml is no XML"), Half(BODY)),
    Defect(
        "part-empty",
        Some("styles.xml is no XML"),
        Bytes(STYLES, b""),
    ),
    Defect("archive-cut", Some("the archive cannot be read"), Tail(300)),
    // The package.
    Defect(
        "no-document",
        Some("document.xml, which is missing"),
        Drop(BODY),
    ),
    Defect(
        "no-numbering",
        Some("numbering.xml, which is missing"),
        Drop(NUMBERING),
    ),
    Defect(
        "no-header",
        Some("header1.xml, which is missing"),
        Drop("word/header1.xml"),
    ),
    Defect(
        "no-relationships",
        Some("names relationships and has none"),
        Drop(RELATIONS),
    ),
    Defect("no-content-types", Some("has no content type"), Drop(TYPES)),
    Defect(
        "no-content-type",
        Some("numbering.xml is of type"),
        Cut(
            TYPES,
            "<Override PartName=\"/word/numbering.xml\"",
            "/>",
            "",
        ),
    ),
    Defect(
        "content-type-of-nothing",
        Some("a content type is given for word/gone.xml"),
        Swap(
            TYPES,
            "</Types>",
            "<Override PartName=\"/word/gone.xml\" ContentType=\"application/xml\"/></Types>",
        ),
    ),
    Defect(
        "relationship-to-nothing",
        Some("leads to word/gone.xml"),
        Swap(
            RELATIONS,
            "Target=\"theme/theme1.xml\"",
            "Target=\"gone.xml\"",
        ),
    ),
    Defect(
        "relationship-twice",
        Some("the relationship rIdLink1 twice"),
        Swap(RELATIONS, "Id=\"rIdTheme\"", "Id=\"rIdLink1\""),
    ),
    Defect(
        "relationship-missing",
        Some("names no relationship rIdLink7"),
        Swap(BODY, "r:id=\"rIdLink1\"", "r:id=\"rIdLink7\""),
    ),
    // Styles.
    Defect(
        "style-missing",
        Some("there is no paragraph style Tilte"),
        Swap(
            BODY,
            "<w:pStyle w:val=\"Title\"/>",
            "<w:pStyle w:val=\"Tilte\"/>",
        ),
    ),
    Defect(
        "style-of-another-kind",
        Some("there is no character style Title"),
        Swap(
            BODY,
            "<w:rStyle w:val=\"Hyperlink\"/>",
            "<w:rStyle w:val=\"Title\"/>",
        ),
    ),
    Defect(
        "style-based-on-nothing",
        Some("based on Norm, which is missing"),
        Swap(
            STYLES,
            "<w:basedOn w:val=\"Normal\"/>",
            "<w:basedOn w:val=\"Norm\"/>",
        ),
    ),
    Defect(
        "style-twice",
        Some("the style BodyText is defined twice"),
        Swap(
            STYLES,
            "w:styleId=\"BodyTextIndent\"",
            "w:styleId=\"BodyText\"",
        ),
    ),
    // Numbers.
    Defect(
        "number-missing",
        Some("there is no number 99"),
        Swap(BODY, "<w:numId w:val=\"3\"/>", "<w:numId w:val=\"99\"/>"),
    ),
    Defect(
        "number-of-no-list",
        Some("of the list 99, which is missing"),
        Cut(
            NUMBERING,
            "<w:abstractNumId w:val=\"",
            "/>",
            "<w:abstractNumId w:val=\"99\"/>",
        ),
    ),
    Defect(
        "number-twice",
        Some("the number 2 is defined twice"),
        Swap(NUMBERING, "<w:num w:numId=\"3\"", "<w:num w:numId=\"2\""),
    ),
    Defect(
        "list-twice",
        Some("the list 0 is defined twice"),
        Swap(
            NUMBERING,
            "<w:abstractNum w:abstractNumId=\"1\"",
            "<w:abstractNum w:abstractNumId=\"0\"",
        ),
    ),
    Defect(
        "level-twice",
        Some("the list 0 has level 1 twice"),
        Swap(NUMBERING, "<w:lvl w:ilvl=\"2\"", "<w:lvl w:ilvl=\"1\""),
    ),
    // Notes.
    Defect(
        "footnote-missing",
        Some("there is no footnote 7"),
        Swap(
            BODY,
            "<w:footnoteReference w:id=\"1\"/>",
            "<w:footnoteReference w:id=\"7\"/>",
        ),
    ),
    Defect(
        "footnote-twice",
        Some("has the note 1 twice"),
        Swap(NOTES, "<w:footnote w:id=\"2\">", "<w:footnote w:id=\"1\">"),
    ),
    Defect(
        "footnote-separator-missing",
        Some("has no separator"),
        Cut(
            NOTES,
            "<w:footnote w:type=\"separator\"",
            "</w:footnote>",
            "",
        ),
    ),
    Defect(
        "footnote-empty",
        Some("a story has no paragraph"),
        Cut(
            NOTES,
            "<w:footnote w:id=\"1\">",
            "</w:footnote>",
            "<w:footnote w:id=\"1\"/>",
        ),
    ),
    Defect(
        "separator-of-settings-missing",
        Some("the settings name the separator 8"),
        Swap(
            SETTINGS,
            "<w:footnote w:id=\"-1\"/>",
            "<w:footnote w:id=\"8\"/>",
        ),
    ),
    // Blocks.
    Defect(
        "row-without-cells",
        Some("a row has no cell"),
        Cut(BODY, "<w:tr>", "</w:tr>", "<w:tr/>"),
    ),
    Defect(
        "table-without-grid",
        Some("a table has no grid"),
        Cut(BODY, "<w:tblGrid>", "</w:tblGrid>", ""),
    ),
    Defect(
        "cell-without-paragraph",
        Some("a cell does not end in a paragraph"),
        Cut(BODY, "</w:tcPr>", "</w:tc>", "</w:tcPr></w:tc>"),
    ),
    Defect(
        "section-in-the-middle",
        Some("a section ends outside a paragraph"),
        Swap(BODY, "<w:tbl>", "<w:sectPr/><w:tbl>"),
    ),
    Defect(
        "paragraph-in-a-paragraph",
        None,
        Swap(
            BODY,
            "<w:bookmarkEnd w:id=\"1\"/>",
            "<w:bookmarkEnd w:id=\"1\"/><w:p/>",
        ),
    ),
    // Comments, changes, controls.
    Defect(
        "comment-missing",
        Some("of the comment 1, which is missing"),
        Swap(COMMENTS, "<w:comment w:id=\"1\"", "<w:comment w:id=\"6\""),
    ),
    Defect(
        "comment-twice",
        Some("has the comment 0 twice"),
        Swap(COMMENTS, "<w:comment w:id=\"1\"", "<w:comment w:id=\"0\""),
    ),
    Defect(
        "comment-range-without-end",
        Some("the comment range 0 has no end"),
        Swap(BODY, "<w:commentRangeEnd w:id=\"0\"/>", ""),
    ),
    Defect(
        "reply-to-nothing",
        Some("no comment has the paragraph 0000AAAA"),
        Swap(
            REPLIES,
            "w15:paraIdParent=\"00000B01\"",
            "w15:paraIdParent=\"0000AAAA\"",
        ),
    ),
    Defect(
        "change-twice",
        Some("the change \"901\" is there twice"),
        Swap(BODY, "<w:del w:id=\"902\"", "<w:del w:id=\"901\""),
    ),
    Defect(
        "change-of-nobody",
        None,
        Swap(
            BODY,
            "<w:ins w:id=\"901\" w:author=\"Moqi\"",
            "<w:ins w:id=\"901\"",
        ),
    ),
    Defect(
        "deleted-words-as-words",
        Some("deleted words stand as words"),
        Swap(BODY, "<w:delText>删</w:delText>", "<w:t>删</w:t>"),
    ),
    Defect(
        "words-deleted-by-nobody",
        Some("marked deleted outside a deletion"),
        Swap(BODY, "<w:t>增</w:t>", "<w:delText>增</w:delText>"),
    ),
    Defect(
        "half-a-move",
        Some("the move m1 has only one"),
        Swap(
            BODY,
            "<w:moveToRangeStart w:id=\"905\" w:name=\"m1\"",
            "<w:moveToRangeStart w:id=\"905\" w:name=\"m2\"",
        ),
    ),
    Defect(
        "control-twice",
        Some("the content control 7001 is there twice"),
        Swap(BODY, "<w:id w:val=\"7002\"/>", "<w:id w:val=\"7001\"/>"),
    ),
];

/// The good file with a defect.
pub fn plant(good: &Parts, edit: &Edit) -> Vec<u8> {
    let mut parts = good.clone();
    match edit {
        Swap(part, from, to) => swap(&mut parts, part, from, to),
        Cut(part, from, until, to) => {
            let whole = text(&mut parts, part);
            let Some(start) = whole.find(from) else {
                panic!("{from} is not in {part}")
            };
            let Some(end) = whole[start..].find(until) else {
                panic!("no {until} after {from}")
            };
            let end = start + end + until.len();
            let cut = format!("{}{to}{}", &whole[..start], &whole[end..]);
            *bytes(&mut parts, part) = cut.into_bytes();
        }
        Drop(part) => {
            bytes(&mut parts, part);
            parts.retain(|(name, _)| name != part);
        }
        Half(part) => {
            let bytes = bytes(&mut parts, part);
            bytes.truncate(bytes.len() / 2);
        }
        Bytes(part, new) => *bytes(&mut parts, part) = new.to_vec(),
        Twice(part) => {
            let again = bytes(&mut parts, part).clone();
            parts.push(((*part).to_owned(), again));
        }
        Tail(_) => {}
    }
    let mut docx = pack(&parts);
    if let Tail(count) = edit {
        docx.truncate(docx.len() - count);
    }
    docx
}
