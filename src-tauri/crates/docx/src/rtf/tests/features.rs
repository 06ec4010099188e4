//! Every feature by itself.

use super::*;
use crate::ReadError;

#[test]
fn words_and_their_marks() {
    assert_eq!(
        body("\\pard A {\\b bold\\b0  and} {\\i it}{\\strike no}\\tab x\\line y\\par"),
        "A **bold** and *it*<del>no</del> x\\\ny\n"
    );
    // The marks of a style are not marks of words.
    assert_eq!(
        body("{\\stylesheet{\\s7\\b Strong;}}\\pard\\s7\\b All {\\b0 but} this\\par"),
        "All but this\n"
    );
}

#[test]
fn characters_of_every_kind() {
    assert_eq!(body("\\u21512\\'ba\\u21516 ?\\par"), "合同\n");
    assert_eq!(
        body("\\uc2\\u21512\\'ba\\'cf\\uc0\\u21516 x\\par"),
        "合同x\n"
    );
    assert_eq!(body("{\\uc2\\u21512 ab}\\u21516 cd\\par"), "合同d\n");
    assert_eq!(
        body("a\\u-10179 ?\\u-8704 ?b\\u-10179 ?c\\par"),
        "a😀b\u{fffd}c\n"
    );
    assert_eq!(
        body(
            "\\ldblquote a\\rdblquote\\lquote b\\rquote  c\\emdash d\\endash e\\~f\\_g\\-h\\bullet\\par"
        ),
        "“a”‘b’ c—d–e\u{a0}f-gh•\n"
    );
    assert_eq!(
        body("\\{\\}\\\\ caf\\'e9 \\u8211\\endash x\\par"),
        "\\{}\\\\ café –x\n"
    );
    assert_eq!(
        body("{\\f1 \\'ba\\'cf\\'cd\\'ac}{\\f2 \\'83\\\\\\'83\\'5c}\\par"),
        "合同ソソ\n"
    );
    assert_eq!(
        body(
            "{\\f3\\'fe}\\u-3928 ? {\\field{\\*\\fldinst SYMBOL 168 \\\\f \"Wingdings\"}{\\fldrslt}}\\par"
        ),
        "☑☐ ☐\n"
    );
    let gbk = b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 \xcb\xce\xcc\xe5;}}\\f0 \xba\xcf\xcd\xac\\par}";
    assert_eq!(whole(gbk).value.text, "合同\n");
    let big5 = b"{\\rtf1\\ansi\\ansicpg950 \\'a6X\\'ac\\'f9\\par}";
    assert_eq!(whole(big5).value.text, "合約\n");
    let dos = whole("{\\rtf1\\pc a\\'82b}");
    assert_eq!(left_out(&dos), [("character of an unknown code page", 1)]);
}

#[test]
fn headings_by_name_by_base_and_by_outline() {
    let text = body(
        "{\\stylesheet{Normal;}{\\s1 heading 1;}{\\s2\\sbasedon1 Clause Head;}{\\s3 \\f1\\'b1\\'ea\\'cc\\'e2 3;}{\\s9 Title;}}\
         \\pard\\s9 T\\par\\pard\\s1\\b A\\par\\pard\\s2 B\\par\\pard\\outlinelevel2 C\\par\\pard\\plain\\s0 D\\par",
    );
    assert_eq!(
        text,
        "# T\n\n## A {.plain}\n\n## B {.plain}\n\n#### C {.plain}\n\nD\n"
    );
    let chinese = whole(
        "{\\rtf1\\ansicpg936{\\stylesheet{\\s3 \\'b1\\'ea\\'cc\\'e2 2;}}\\pard\\s3 A\\par\\pard B\\par}",
    );
    assert_eq!(chinese.value.text, "### A {.plain}\n\nB\n");
}

const LISTS: &str = "{\\*\\listtable{\\list\\listtemplateid9{\\listlevel\\levelnfc0{\\leveltext\\'02\\'00.;}}{\\listlevel\\levelnfc4{\\leveltext\\'02\\'01);}}\\listid50}\
    {\\list{\\listlevel\\levelnfc23{\\leveltext\\'01\\u8226 ?;}}{\\listlevel\\levelnfc255{\\leveltext\\'00;}}\\listid60}}\
    {\\*\\listoverridetable{\\listoverride\\listid50\\listoverridecount0\\ls1}{\\listoverride\\listid60\\listoverridecount0\\ls2}\
    {\\listoverride\\listid60\\listoverridecount1{\\lfolevel\\listoverrideformat{\\listlevel\\levelnfc0}}\\ls3}}{\\stylesheet{\\s1 heading 1;}}";

#[test]
fn lists_by_table_override_and_the_old_way() {
    let text = body(&format!(
        "{LISTS}\\pard{{\\listtext 1.\\tab}}\\ls1\\ilvl0 one\\par\\pard{{\\listtext a)\\tab}}\\ls1\\ilvl1 sub\\par\
         \\pard{{\\listtext \\'b7\\tab}}\\ls2\\ilvl0 dot\\par\\pard\\ls2\\ilvl1 none\\par\\pard\\ls3\\ilvl0 own\\par\\pard\\ls0 out\\par"
    ));
    assert_eq!(text, "1. one\n   1. sub\n- dot\n\nnone\n\n2. own\n\nout\n");
    let old = body(
        "\\pard{\\pntext\\f3\\'b7\\tab}{\\*\\pn\\pnlvlblt\\pnf3{\\pntxtb\\'b7}}a\\par{\\pntext\\f3\\'b7\\tab}b\\par\
         \\pard{\\pntext 1.\\tab}{\\*\\pn\\pnlvlbody\\pndec{\\pntxta .}}c\\par\\pard d\\par",
    );
    assert_eq!(old, "- a\n- b\n\n1. c\n\nd\n");
}

#[test]
fn items_count_below_the_heading_of_their_list() {
    let text = body(&format!(
        "{LISTS}\\pard\\s1\\ls1\\ilvl0 Fee\\par\\pard\\ls1\\ilvl1 Due\\par\\pard\\s1\\ls1\\ilvl0 Term\\par"
    ));
    assert_eq!(text, "## Fee\n\n1. Due\n\n## Term\n");
    // One style on several levels leaves the level to the list.
    let text = body(&format!(
        "{LISTS}\\pard\\s1\\ls1\\ilvl0 Fee\\par\\pard\\s1\\ls1\\ilvl1 Due\\par"
    ));
    assert_eq!(text, "## Fee\n\n### Due\n");
}

#[test]
fn tables_with_wide_cells_and_tables_inside() {
    let text = body(
        "\\trowd\\cellx2000\\cellx3000\\pard\\intbl Wide\\cell c\\cell\\row\
         \\trowd\\cellx1000\\cellx2010\\cellx3000\\pard\\intbl a\\par b\\cell {\\b x}\\cell y|\\cell\\row\\pard After\\par",
    );
    assert_eq!(
        text,
        "| Wide | < | c |\n| --- | --- | --- |\n| a<br>b | **x** | y\\| |\n\nAfter\n"
    );
    // Cells merged by their marks, in both directions.
    let merged = body(
        "\\trowd\\clvmgf\\cellx1000\\clmgf\\cellx2000\\clmrg\\cellx3000\\pard\\intbl Side\\cell Head\\cell\\cell\\row\
         \\trowd\\clvmrg\\cellx1000\\cellx2000\\cellx3000\\pard\\intbl\\cell a\\cell b\\cell\\row\
         \\trowd\\cellx1000\\cellx2000\\cellx3000\\pard\\intbl <\\cell ^\\cell c\\cell\\row\\pard",
    );
    assert_eq!(
        merged,
        "| Side | Head | < |\n| --- | --- | --- |\n| ^ | a | b |\n| \\< | \\^ | c |\n"
    );
    let nested = body(
        "\\trowd\\cellx2000\\pard\\intbl out\\par\\pard\\intbl\\itap2 in1\\nestcell in2\\nestcell{\\*\\nesttableprops\\trowd\\cellx500\\cellx900\\nestrow}\
         {\\nonesttables\\par NONE}\\pard\\intbl\\itap1 end\\cell\\row\\pard After\\par",
    );
    assert_eq!(nested, "| out<br>in1<br>in2<br>end |\n| --- |\n\nAfter\n");
    // A row without an end, and a hundred cells in one: every word is there.
    let many: String = (0..100).map(|n| format!("w{n}\\cell ")).collect();
    let text = body(&format!("\\pard\\intbl {many}\\row\\pard\\intbl last"));
    assert!(
        (0..100).all(|n| text.contains(&format!("w{n}"))) && text.contains("last"),
        "{text}"
    );
}

#[test]
fn footnotes_endnotes_and_links() {
    let text = body(
        "\\pard Fee{\\super\\chftn{\\*\\footnote\\pard\\plain{\\super\\chftn} First {\\b note}\\par second.}} due{\\footnote\\ftnalt\\chftn  End.}.\\par\
         {\\field{\\*\\fldinst{ HYPERLINK \"https://a.cn/\" }}{\\fldrslt{\\ul the {\\b court}}}} and {\\field{\\*\\fldinst HYPERLINK \"file:///x\"}{\\fldrslt file}} \
         {\\field{\\*\\fldinst { IF {\\field{\\*\\fldinst DATE}{\\fldrslt 2020}} = 1 }}{\\fldrslt result}}\\par",
    );
    assert_eq!(
        text,
        "Fee[^1] due[^2].\n\n[the **court**](https://a.cn/) and file result\n\n[^1]: First **note** second.\n\n[^2]: End.\n"
    );
}

#[test]
fn what_is_left_out_is_named() {
    let read = whole(
        "{\\rtf1{\\info{\\title NDA}{\\author Me}}{\\header\\pard Head\\par}{\\headerf\\par}{\\footer{\\field{\\*\\fldinst PAGE}{\\fldrslt 1}}}\
         {\\*\\pgdsctbl{\\pgdsc0{\\header Head\\par}}}\\pard Keep{\\deleted gone\\par}{\\revised new}{\\v secret} {\\*\\annotation{\\*\\atnref 1} Why}\
         {\\*\\shppict{\\pict\\pngblip 89504e47}}{\\nonshppict{\\pict 0a}}{\\object{\\*\\objdata 01}{\\result shown}}{\\shp{\\*\\shpinst{\\shptxt box}}}\
         {\\*\\unknown lost}{\\*\\bkmkstart B}end\\par}",
    );
    assert_eq!(read.value.text, "Keepnew end\n");
    assert_eq!(read.value.title.as_deref(), Some("NDA"));
    assert_eq!(
        left_out(&read),
        [
            ("comment", 1),
            ("deletion", 1),
            ("drawing", 2),
            ("footer", 1),
            ("header", 1),
            ("hidden text", 1),
            ("object", 1)
        ]
    );
    let files = whole("{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"file:///x\"}{\\fldrslt f}}}");
    assert_eq!(
        files.warnings[0].kind,
        WarningKind::UnsafeLink("file:///x".into())
    );
}

#[test]
fn titles_in_both_forms() {
    let read = whole("{\\rtf1{\\info{\\upr{\\title ??}{\\*\\ud{\\title \\u21512 ?\\u21516 ?}}}}x}");
    assert_eq!(read.value.title.as_deref(), Some("合同"));
    assert_eq!(whole("{\\rtf1 x}").value.title, None);
}

#[test]
fn pages() {
    assert_eq!(
        body("\\pard A\\page B\\par\\page\\page\\pard\\pagebb C\\par"),
        "A\n\n---\n\nB\n\n---\n\nC\n"
    );
}

#[test]
fn foreign_and_cut_files() {
    assert!(matches!(read_rtf(b""), Err(ReadError::NotWord)));
    assert!(matches!(read_rtf(b"{\\b x}"), Err(ReadError::NotWord)));
    for cut in ["{\\rtf1 words", "{\\rtf1 words}more", "{\\rtf1 {words"] {
        let read = whole(cut);
        assert_eq!(read.value.text, "words\n", "{cut}");
        assert_eq!(left_out(&read), [("end of the file", 1)], "{cut}");
    }
    assert!(
        whole("\u{feff}\r\n{\\rtf1 words}\r\n\0\0")
            .warnings
            .is_empty()
    );
}
