//! Real programs: a file LibreOffice made, a file in Word's manner, and LibreOffice itself where it is installed.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use moqi_document::{Block, BlockKind, Prose, number, parse, references};

use super::*;
use crate::{Look, PageNumbers, read, write};

#[test]
fn a_file_libreoffice_made() {
    let read = whole(include_str!("libreoffice.rtf"));
    assert_eq!(
        read.value.text,
        concat!(
            "# 设备买卖合同\n\n出卖人：**华东公司**（以下简称“甲方”）\n\n## 价款\n\n1. 总价 100 元。\n2. 分期：\n   1. 首期；\n   2. 尾款。\n\n",
            "## 交付\n\n- 点一\n- 点二\n\n见第一条。[^1] [链接](https://example.com/a)\n\n### 细目\n\n*斜体* ~~删~~\n\n",
            "| 名称 | 数量 |\n| --- | --- |\n| 机床 & \\{件} | 12 |\n\n[^1]: 脚注文字。\n"
        )
    );
    assert_eq!(read.value.title.as_deref(), Some("设备买卖合同"));
    assert_eq!(left_out(&read), [("footer", 2), ("header", 1)]);
}

/// As Word for Windows in Chinese saves it: GBK bytes, associated properties, theme, a list with its words.
const WORD: &str = r#"{\rtf1\adeflang1025\ansi\ansicpg936\uc2\adeff0\deff0\stshfdbch13\stshfloch0\stshfhich0\deflang1033\deflangfe2052{\fonttbl{\f0\fbidi \froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman{\*\falt Times};}{\f13\fbidi \fnil\fcharset134\fprq2{\*\panose 02010600030101010101}\'cb\'ce\'cc\'e5{\*\falt SimSun};}{\f3\fbidi \froman\fcharset2\fprq2 Symbol;}}
{\colortbl;\red0\green0\blue0;}{\*\defchp \fs21\kerning2}{\*\defpap \qj }\noqfpromote {\stylesheet{\qj \li0\ri0\widctlpar \rtlch\fcs1 \af0\afs24 \ltrch\fcs0 \fs21\lang1033\langfe2052 \snext0 \sqformat \spriority0 Normal;}
{\s1\qj \li0\keepn\outlinelevel0 \rtlch\fcs1 \ab\af0\afs44 \ltrch\fcs0 \b\fs44\loch\f0\hich\af0\dbch\af13 \sbasedon0 \snext0 \slink15 \sqformat \spriority9 heading 1;}
{\*\cs10 \additive \ssemihidden Default Paragraph Font;}{\*\ts11\tsrowd\trftsWidthB3 \snext11 Normal Table;}{\*\cs15 \additive \b \sbasedon10 \slink1 \'b1\'ea\'cc\'e2 1 \'d7\'d6\'b7\'fb;}}
{\*\listtable{\list\listtemplateid-1{\listlevel\levelnfc37\levelnfcn37\leveljc0\leveljcn0\levelfollow0\levelstartat1\levelspace0\levelindent0{\leveltext\leveltemplateid-1\'04\'a3\'a8\'00\'a3\'a9;}{\levelnumbers\'02;}\rtlch\fcs1 \af0 \ltrch\fcs0 \fi-420\li420 }{\listname ;}\listid1270044}}{\*\listoverridetable{\listoverride\listid1270044\listoverridecount0\ls1}}
{\*\rsidtbl \rsid1}{\mmathPr\mmathFont34}{\info{\title \'ba\'cf\'cd\'ac}{\author Wang}{\operator Wang}{\creatim\yr2026\mo11}{\nofpages1}}{\*\xmlnstbl {\xmlns1 http://x}}\paperw11906\ltrsect
\sectd \ltrsect\linex0{\*\pnseclvl1\pnucrm\pnstart1\pnindent720\pnhang {\pntxta .}}\pard\plain \ltrpar\s1\qj \li0\keepn\outlinelevel0 \rtlch\fcs1 \ab\af0\afs44 \ltrch\fcs0 \b\fs44\lang1033\langfe2052\loch\af0\hich\af0\dbch\af13 {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 \loch\af0\hich\af0\dbch\f13 \'bc\'db\'bf\'ee}{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1
\par {\listtext\pard\plain\ltrpar \rtlch\fcs1 \af0 \ltrch\fcs0 \hich\af0\dbch\af13\loch\f0 \hich\f0 \'a3\'a8\loch\f0 \'d2\'bb\'a3\'a9\tab}}\pard\plain \ltrpar\qj \fi-420\li420{\*\pn \pnlvlbody\ilvl0\ls1\pnrnot0\pndbnumd }\ls1\rin0 \rtlch\fcs1 \af0 \ltrch\fcs0 \fs21 {\rtlch\fcs1 \ab\af0 \ltrch\fcs0 \b\insrsid1 \loch\af0\hich\af0\dbch\f13 \'d7\'dc\'bc\'db}{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 \hich\af0\dbch\f13\loch\f0  100 \loch\af0\hich\af0\dbch\f13 \'d4\'aa}{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 \u8364\'80\u12308 \'a9\'96
\par }\pard \ltrpar\qj \li0\itap0\pararsid1 {\field\fldedit{\*\fldinst {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 \hich\af0\dbch\af13\loch\f0  HYPERLINK "https://example.com" }{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 {\*\datafield 00d0c9ea79f9bace118c8200aa004ba90b02000000}}}{\fldrslt {\rtlch\fcs1 \af0 \ltrch\fcs0 \cs16\ul\cf2 \hich\af0\dbch\af13\loch\f0 here}}}\sectd \ltrsect{\rtlch\fcs1 \af0 \ltrch\fcs0 \hich\af0\dbch\af13\loch\f0 .\~}{\rtlch\fcs1 \af0 \ltrch\fcs0 \cs17\super\insrsid1 \chftn {\footnote \ltrpar \pard\plain \s18\ql {\rtlch\fcs1 \af0 \ltrch\fcs0 \cs17\super \chftn }{\rtlch\fcs1 \af0 \ltrch\fcs0  \hich\af0\dbch\f13\loch\f0 Tax \'cb\'b0.}}}{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1
\par \ltrrow}\trowd \irow0\ltrrow\ts11\trgaph108\cellx4148\cellx8296\pard\plain \ltrpar\qj\intbl {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 \hich\af0\dbch\af13\loch\f0 A}{\insrsid1 \cell \hich\af0\dbch\af13\loch\f0 B\cell }\pard\plain \intbl {\insrsid1 \trowd \irow0\ltrrow\ts11\cellx4148\cellx8296\row }\pard \ltrpar\qj \li0 {\insrsid1
\par }{\*\themedata 504b0304}{\*\latentstyles\lsdstimax376{\lsdlockedexcept \lsdqformat1 Normal;}}{\*\datastore 0105}}"#;

#[test]
fn a_file_in_the_manner_of_word() {
    let read = whole(WORD);
    assert_eq!(
        read.value.text,
        concat!(
            "## 价款 {.plain}\n\n1. **总价** 100 元€〔\n\n[here](https://example.com).\u{a0}[^1]\n\n",
            "| A | B |\n| --- | --- |\n\n[^1]: Tax 税.\n"
        )
    );
    assert_eq!(read.value.title.as_deref(), Some("合同"));
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

/// Converts files with LibreOffice into `folder`; false where it is not installed.
fn convert(to: &str, folder: &Path, files: &[std::path::PathBuf]) -> bool {
    let profile = folder.join("profile");
    Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.display()
        ))
        .args(["--headless", "--convert-to", to, "--outdir"])
        .arg(folder)
        .args(files)
        .output()
        .is_ok()
}

/// A folder of its own for a test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("moqi-rtf-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Words of the text as a reader sees it: letters and figures, one Chinese character a word.
fn words(text: &str) -> Vec<String> {
    let document = parse(text);
    let printed = references(&document, &number(&document));
    let mut plain = String::new();
    for prose in document
        .blocks
        .iter()
        .flat_map(|block| Prose::with_references(block, &printed))
    {
        plain.push_str(&prose.text);
        plain.push('\n');
    }
    let mut words = vec![String::new()];
    for c in plain.chars() {
        if u32::from(c) >= 0x2e80 && c.is_alphanumeric() {
            words.push(c.to_string());
            words.push(String::new());
        } else if c.is_alphanumeric() {
            words.last_mut().unwrap().push(c);
        } else {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How many of the runs of five words of `wanted` are in `found`.
fn recall(wanted: &str, found: &str) -> (usize, usize) {
    let mut there: HashMap<Vec<String>, usize> = HashMap::new();
    for five in words(found).windows(5) {
        *there.entry(five.to_vec()).or_default() += 1;
    }
    let wanted = words(wanted);
    let hits = wanted
        .windows(5)
        .filter(|five| {
            there
                .get_mut(*five)
                .filter(|count| **count > 0)
                .map(|count| *count -= 1)
                .is_some()
        })
        .count();
    (hits, wanted.len().saturating_sub(4))
}

/// Headings with their levels and items with their kinds, in order.
fn outline(blocks: &[Block]) -> Vec<(char, u8, String)> {
    blocks
        .iter()
        .filter_map(|block| {
            let (sign, level, content) = match &block.kind {
                BlockKind::Title(content) => ('t', 0, content),
                BlockKind::Heading { level, content, .. } => ('h', *level, content),
                BlockKind::Item {
                    depth,
                    ordered,
                    content,
                } => (if *ordered { 'n' } else { 'b' }, *depth, content),
                _ => return None,
            };
            Some((sign, level, moqi_document::plain(content)))
        })
        .collect()
}

const ENGLISH: &str = "---\ntitle: Supply Agreement\nlanguage: en\n---\n\n# Supply Agreement\n\nThis agreement is made between **Northern Tools Limited** (the “Seller”) and *Southern Works*.\n\n## Price {#price}\n\n1. The price is GBP 100,000.[^1]\n2. It is due:\n   1. on signing; and\n   2. on delivery.\n\n### Interest\n\n- daily interest\n- no ~~compound~~ interest\n\n## Delivery\n\nSee [](#price) and [the court](https://example.com/court).\\\nA second line.\n\n| Item | Quantity | Price |\n| --- | --- | --- |\n| Lathe & {tools} | 2 | 48,000.00 |\n| **Spares** | 1 | 4,000.00 |\n\n[^1]: Without value added tax, as the law stands.\n";
const CHINESE: &str = "---\ntitle: 设备买卖合同\nlanguage: zh\n---\n\n# 设备买卖合同\n\n出卖人：**华东公司**（以下简称“甲方”），买受人：*江南公司*。\n\n## 价款 {#price}\n\n1. 总价 100,000 元（大写：壹拾万元整）。[^1]\n2. 分期支付：\n   1. 首期于签订之日支付；\n   2. 尾款于验收之后支付。\n\n### 利息\n\n- 按日计算\n- 不计~~复利~~\n\n## 交付\n\n见[](#price)，另见[法院网站](https://example.com/court)。\\\n第二行文字。\n\n| 名称 | 数量 | 单价 |\n| --- | --- | --- |\n| 机床 & {工具} | 2 | 48,000.00 |\n| **备件** | 1 | 4,000.00 |\n\n[^1]: 不含增值税，按法律规定另行缴纳。\n";

#[test]
fn what_libreoffice_makes_of_our_files_reads_as_they_do() {
    let folder = folder("ours");
    let mut files = Vec::new();
    for (name, text) in [("en", ENGLISH), ("zh", CHINESE)] {
        let document = parse(text);
        let mut look = Look::for_document(&document);
        for page_numbers in [PageNumbers::OfPages, PageNumbers::Off] {
            look.page_numbers = page_numbers;
            let path = folder.join(format!("{name}{page_numbers:?}.docx"));
            std::fs::write(&path, write(&document, &look).unwrap().value).unwrap();
            files.push(path);
        }
    }
    if !convert("rtf", &folder, &files) {
        return println!("skipped: LibreOffice is not installed");
    }
    for path in files {
        let docx = read(&std::fs::read(&path).unwrap()).unwrap().value.text;
        let rtf = whole(std::fs::read(path.with_extension("rtf")).unwrap())
            .value
            .text;
        let (hits, all) = recall(&docx, &rtf);
        assert!(all > 60 && hits == all, "{hits} of {all} in\n{docx}\n{rtf}");
        assert_eq!(words(&docx), words(&rtf));
        let (docx, rtf) = (parse(&docx), parse(&rtf));
        assert_eq!(outline(&docx.blocks), outline(&rtf.blocks));
        assert_eq!(moqi_document::number(&docx), moqi_document::number(&rtf));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn real_contracts_through_libreoffice() {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        return println!("skipped: MOQI_DATA is not set");
    };
    let mut files: Vec<_> = std::fs::read_dir(Path::new(&data).join("standard-en"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "docx"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 10);
    let folder = folder("real");
    if !convert("rtf", &folder, &files) {
        return println!("skipped: LibreOffice is not installed");
    }
    let mut total = (0, 0);
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let docx = read(&std::fs::read(&path).unwrap()).unwrap().value.text;
        let bytes = std::fs::read(folder.join(&name).with_extension("rtf")).unwrap();
        let start = std::time::Instant::now();
        let rtf = whole(&bytes);
        let time = start.elapsed();
        let (hits, all) = recall(&docx, &rtf.value.text);
        let (wanted, found) = (
            outline(&parse(&docx).blocks),
            outline(&parse(&rtf.value.text).blocks),
        );
        assert!(wanted == found, "{name}: other headings or items");
        println!(
            "{name}: {hits} of {all}, {} headings and items, {} KB in {time:?}, {:?}",
            wanted.len(),
            bytes.len() / 1024,
            left_out(&rtf)
        );
        total = (total.0 + hits, total.1 + all);
        assert!(hits * 1000 >= all * 999, "{name}: {hits} of {all}");
    }
    println!("all: {} of {}", total.0, total.1);
    std::fs::remove_dir_all(folder).unwrap();
}
