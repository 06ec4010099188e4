//! Word: a document becomes a real .docx file, and the other way.
