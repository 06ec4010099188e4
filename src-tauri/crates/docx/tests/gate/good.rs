//! The good file that defects are planted in.

use moqi_document::{Language, Scheme};
use moqi_docx::{Look, write};

use super::package::{Parts, unpack};
use super::samples::everything;

const BODY: &str = "word/document.xml";
const RELATIONS: &str = "word/_rels/document.xml.rels";
const TYPES: &str = "[Content_Types].xml";

/// The file the defects are planted in: the Chinese sample, and what a file may hold beyond our samples.
pub fn good() -> Parts {
    let document = everything(Language::Zh, Scheme::ZhArticle);
    let written = write(&document, &Look::for_document(&document)).unwrap();
    let mut parts = unpack(&written.value).unwrap();
    let who = "w:author=\"Moqi\" w:date=\"2026-11-23T09:00:00Z\"";
    let field = |instruction: &str, result: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\">{instruction}</w:instrText></w:r>\
             <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>{result}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let page = field(" PAGEREF _Ref100000001_pay \\h ", "<w:r><w:t>1</w:t></w:r>");
    let entry = format!(
        "<w:hyperlink w:anchor=\"_Ref100000001_pay\" w:history=\"1\"><w:r><w:t>价款</w:t></w:r><w:r><w:tab/></w:r>{page}</w:hyperlink>"
    );
    let contents = field(" TOC \\o \"1-3\" \\h \\z \\u ", &entry);
    let control = |id: u32| {
        format!(
            "<w:sdt><w:sdtPr><w:alias w:val=\"买受人\"/><w:tag w:val=\"buyer\"/><w:id w:val=\"{id}\"/><w:text/></w:sdtPr>\
             <w:sdtContent><w:p><w:r><w:t>江南制造有限公司</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
    };
    let remarks: String = (0..2)
        .map(|id| {
            format!(
                "<w:commentRangeStart w:id=\"{id}\"/><w:r><w:t>议</w:t></w:r><w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r>"
            )
        })
        .collect();
    let more = format!(
        "<w:p>{contents}</w:p>{}{}<w:p>{remarks}</w:p>\
         <w:p><w:ins w:id=\"901\" {who}><w:r><w:t>增</w:t></w:r></w:ins><w:del w:id=\"902\" {who}><w:r><w:delText>删</w:delText></w:r></w:del>\
         <w:moveFromRangeStart w:id=\"903\" w:name=\"m1\" {who}/><w:moveFrom w:id=\"904\" {who}><w:r><w:t>移</w:t></w:r></w:moveFrom><w:moveFromRangeEnd w:id=\"903\"/>\
         <w:moveToRangeStart w:id=\"905\" w:name=\"m1\" {who}/><w:moveTo w:id=\"906\" {who}><w:r><w:t>移</w:t></w:r></w:moveTo><w:moveToRangeEnd w:id=\"905\"/></w:p>",
        control(7001),
        control(7002),
    );
    // Before the last section, so that it stands at the end of the body.
    let mut body = text(&mut parts, BODY);
    let end = body.rfind("<w:sectPr>").unwrap();
    body.insert_str(end, &more);
    *bytes(&mut parts, BODY) = body.into_bytes();
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let main = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let newer = "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";
    let comments: String = (0..2)
        .map(|id| {
            format!(
                "<w:comment w:id=\"{id}\" {who} w:initials=\"M\"><w:p w14:paraId=\"00000B0{}\"><w:r><w:t>批注</w:t></w:r></w:p></w:comment>",
                id + 1
            )
        })
        .collect();
    let w14 =
        "xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" mc:Ignorable=\"w14\"";
    let w15 =
        "xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\" mc:Ignorable=\"w15\"";
    let mut add = |name: &str, text: String| parts.push((name.to_owned(), text.into_bytes()));
    add(
        "word/comments.xml",
        format!("<w:comments {main} {newer} {w14}>{comments}</w:comments>"),
    );
    add(
        "word/commentsExtended.xml",
        format!(
            "<w15:commentsEx {newer} {w15}><w15:commentEx w15:paraId=\"00000B01\" w15:done=\"0\"/>\
             <w15:commentEx w15:paraId=\"00000B02\" w15:paraIdParent=\"00000B01\" w15:done=\"0\"/></w15:commentsEx>"
        ),
    );
    let types: String = ["comments", "commentsExtended"]
        .map(|kind| {
            format!("<Override PartName=\"/word/{kind}.xml\" ContentType=\"{word}.{kind}+xml\"/>")
        })
        .concat();
    swap(&mut parts, TYPES, "</Types>", &format!("{types}</Types>"));
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments";
    let later = "http://schemas.microsoft.com/office/2011/relationships/commentsExtended";
    let relations = format!(
        "<Relationship Id=\"rIdComments\" Type=\"{office}\" Target=\"comments.xml\"/>\
         <Relationship Id=\"rIdReplies\" Type=\"{later}\" Target=\"commentsExtended.xml\"/></Relationships>"
    );
    swap(&mut parts, RELATIONS, "</Relationships>", &relations);
    parts
}

/// In a part these words become those, once.
pub fn swap(parts: &mut Parts, part: &str, from: &str, to: &str) {
    let whole = text(parts, part);
    assert!(whole.contains(from), "{from} is not in {part}");
    *bytes(parts, part) = whole.replacen(from, to, 1).into_bytes();
}

/// A part as text.
pub fn text(parts: &mut Parts, part: &str) -> String {
    String::from_utf8(bytes(parts, part).clone()).unwrap()
}

/// A part, to be changed.
pub fn bytes<'a>(parts: &'a mut Parts, part: &str) -> &'a mut Vec<u8> {
    match parts.iter_mut().find(|(name, _)| name == part) {
        Some((_, bytes)) => bytes,
        None => panic!("there is no {part}"),
    }
}
