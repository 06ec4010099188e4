//! How a person wants a document to leave the program: what is said beside the words, over what the document says itself.

use std::path::{Path, PathBuf};

use moqi_document::Document;
use moqi_docx::{Family, Look as DocxLook, PageNumbers, Protection};

use crate::error::{Error, Result};
use crate::files;

/// Wishes for a Word file or a PDF. What is not said is left to the front matter of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The look.
    pub look: Option<Look>,
    /// A table of contents.
    pub contents: Option<bool>,
    /// What stands at the foot of the pages.
    pub page_numbers: Option<PageNumbers>,
    /// The paper is printed on both sides.
    pub two_sided: Option<bool>,
    /// What Word lets a reader change.
    pub protection: Option<Protection>,
    /// Fields stand in content controls, filled or not.
    pub controls: bool,
    /// What the check finds stands in comments.
    pub findings: bool,
    /// The comments of the file the document was imported from stand at their words.
    pub comments: bool,
    /// What is suggested and not decided on stands in tracked changes of the program; contents, controls and other comments
    /// are then left out.
    pub suggestions: bool,
}

/// A look that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// One of the program's own.
    Family(Family),
    /// A firm's own Word file: its styles, lists, headers, footers and page, with the document's text in it.
    Firm {
        /// Where the file lies.
        path: PathBuf,
        /// The file.
        bytes: Vec<u8>,
    },
}

impl Look {
    /// The look with this name, or of a firm's own document where the name ends as Word files do.
    ///
    /// # Errors
    /// There is no such look, or the file cannot be read.
    pub fn named(name: &str) -> Result<Look> {
        let path = Path::new(name);
        if ["docx", "docm", "dotx", "dotm"].contains(&crate::read::ending(path).as_str()) {
            return Ok(Look::Firm {
                path: path.to_owned(),
                bytes: files::read_whole(path)?,
            });
        }
        Family::from_name(name).map(Look::Family).ok_or_else(|| {
            unknown(
                ("版式", "look"),
                name,
                ("zh-contract、zh-pleading、zh-official、en-contract、plain，或本所的一份 .docx 文件",
                "zh-contract, zh-pleading, zh-official, en-contract, plain, or a .docx file of your firm"),
            )
        })
    }
}

impl Wish {
    /// Takes a wish by its name: `look`, `page-numbers`, `protection`.
    ///
    /// # Errors
    /// There is no such value.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        match key {
            "look" => self.look = Some(Look::named(value)?),
            "page-numbers" => {
                let found = PageNumbers::from_name(value);
                self.page_numbers = Some(found.ok_or_else(|| {
                    unknown(
                        ("页码格式", "kind of page numbers"),
                        value,
                        ("off、pages、number、dashed", "off, pages, number, dashed"),
                    )
                })?);
            }
            _ => {
                let found = Protection::from_name(value);
                self.protection = Some(found.ok_or_else(|| {
                    unknown(
                        ("保护方式", "protection"),
                        value,
                        (
                            "read-only、comments、changes、forms",
                            "read-only, comments, changes, forms",
                        ),
                    )
                })?);
            }
        }
        Ok(())
    }

    /// The look of a document with these wishes.
    pub fn look(&self, document: &Document) -> DocxLook {
        let family = match &self.look {
            Some(Look::Family(family)) => Some(*family),
            _ => None,
        };
        let mut look = DocxLook::in_family(document, family);
        match self.contents {
            Some(true) => look.contents = look.contents.or(Some(2)),
            Some(false) => look.contents = None,
            None => {}
        }
        look.page_numbers = self.page_numbers.unwrap_or(look.page_numbers);
        look.two_sided = self.two_sided.unwrap_or(look.two_sided);
        look.protection = self.protection.or(look.protection);
        look.controls = self.controls;
        look
    }
}

fn unknown(what: (&str, &str), value: &str, usable: (&str, &str)) -> Error {
    Error::input(
        format!("没有名为“{value}”的{}。", what.0),
        format!("There is no {} “{value}”.", what.1),
    )
    .hint(
        format!("可用：{}。", usable.0),
        format!("Use {}.", usable.1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::parse;

    #[test]
    fn a_wish_goes_over_what_the_document_says() {
        let document = parse(
            "---\nlanguage: zh\ncontents: 3\nprotection: comments\npage_numbers: number\n---\n\n# 合同\n",
        );
        let plain = Wish::default().look(&document);
        assert_eq!(
            (plain.contents, plain.protection, plain.page_numbers),
            (Some(3), Some(Protection::Comments), PageNumbers::Number)
        );
        let mut wish = Wish {
            contents: Some(false),
            two_sided: Some(true),
            ..Wish::default()
        };
        wish.set("look", "zh-official").unwrap();
        wish.set("protection", "forms").unwrap();
        let look = wish.look(&document);
        assert_eq!(
            (look.family, look.contents, look.protection, look.two_sided),
            (Family::ZhOfficial, None, Some(Protection::Forms), true)
        );
        // What the document says of its pages stays in another look, unless something else is asked for.
        assert_eq!(look.page_numbers, PageNumbers::Number);
        wish.set("page-numbers", "off").unwrap();
        assert_eq!(wish.look(&document).page_numbers, PageNumbers::Off);
        for (key, value) in [("look", "x"), ("page-numbers", "x"), ("protection", "x")] {
            let error = wish.set(key, value).unwrap_err();
            assert!(error.hint.is_some(), "{key}");
        }
    }
}
