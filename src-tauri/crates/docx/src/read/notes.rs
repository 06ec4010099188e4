//! Small parts beside the body: the threads of comments, and the title.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::ReadError;
use super::anchored::Anchored;
use super::found::ReadComment;
use super::story;
use super::walk::Note;
use super::xml::{Xml, attribute};

/// The comments of a file as they are written.
#[derive(Default)]
pub(super) struct Comments {
    pub(super) written: Vec<Note>,
    pub(super) answers: HashMap<String, Answer>,
}

/// What a thread says of the comment whose last paragraph is the key.
pub(super) struct Answer {
    parent: Option<String>,
    done: bool,
}

/// Reads which comments answer which, from `commentsExtended.xml`.
pub(super) fn answers(part: &[u8]) -> Result<HashMap<String, Answer>, ReadError> {
    let mut xml = Xml::new("word/commentsExtended.xml", part);
    let mut found = HashMap::new();
    while let Some(event) = xml.next()? {
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            continue;
        };
        if tag.local_name().as_ref() == "commentEx"
            && let Some(paragraph) = attribute(&tag, "paraId")
        {
            let answer = Answer {
                parent: attribute(&tag, "paraIdParent"),
                done: matches!(attribute(&tag, "done").as_deref(), Some("1" | "true")),
            };
            found.insert(paragraph, answer);
        }
    }
    Ok(found)
}

/// Comments with their words, places and threads.
pub(super) fn threads(
    comments: Comments,
    anchored: &Anchored,
    line: impl Fn(usize) -> usize,
) -> Vec<ReadComment> {
    let Comments { written, answers } = comments;
    let by_paragraph: HashMap<String, usize> = written
        .iter()
        .enumerate()
        .filter_map(|(place, note)| Some((note.last_paragraph.clone()?, place)))
        .collect();
    let heads: HashMap<&str, _> = anchored
        .comments
        .iter()
        .map(|head| (head.id.as_str(), head))
        .collect();
    written
        .into_iter()
        .enumerate()
        .map(|(place, note)| {
            let answer = note
                .last_paragraph
                .as_ref()
                .and_then(|paragraph| answers.get(paragraph));
            let parent = answer
                .and_then(|answer| by_paragraph.get(answer.parent.as_ref()?).copied())
                .filter(|parent| *parent != place);
            let (spot, quoted) = anchored.quoted(&note.id).unzip();
            let head = heads.get(note.id.as_str());
            ReadComment {
                author: head.map(|head| head.author.clone()).unwrap_or_default(),
                initials: head.map(|head| head.initials.clone()).unwrap_or_default(),
                date: head.and_then(|head| head.date.clone()),
                text: story::words(note.pieces),
                quoted: quoted.unwrap_or_default(),
                line: spot.map_or(0, &line),
                parent,
                done: answer.is_some_and(|answer| answer.done),
            }
        })
        .collect()
}

/// Reads the title in the core properties.
pub(super) fn title(part: &[u8]) -> Result<Option<String>, ReadError> {
    let mut xml = Xml::new("docProps/core.xml", part);
    let mut inside = false;
    let mut title = String::new();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => inside = tag.local_name().as_ref() == "title",
            Event::End(_) => inside = false,
            Event::Text(words) if inside => title.push_str(&words.xml10_content()),
            Event::GeneralRef(name) if inside => {
                let name = name.xml10_content();
                if let Ok(words) = quick_xml::escape::unescape(&format!("&{name};")) {
                    title.push_str(&words);
                }
            }
            _ => {}
        }
    }
    Ok(Some(title.trim().to_owned()).filter(|title| !title.is_empty()))
}
