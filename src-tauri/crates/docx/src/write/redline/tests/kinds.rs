//! One pair of texts for each kind of change.

/// Name, old text, new text.
pub fn kinds() -> Vec<(&'static str, String, String)> {
    let table = |rows: &[&str]| {
        let columns = rows[0].matches('|').count() - 1;
        let line = format!("|{}", "---|".repeat(columns));
        let mut all = vec![rows[0], line.as_str()];
        all.extend(&rows[1..]);
        all.join("\n")
    };
    let prices = table(&[
        "| Item | Price |",
        "| Drawing | 300 |",
        "| Model | 1200 |",
        "| Sample | 90 |",
    ]);
    let grouped = table(&[
        "| Work | < | Price |",
        "| Design | Drawing | 300 |",
        "| ^ | Model | 1200 |",
        "| ^ | Sample | 90 |",
        "| Travel and everything else | < | 40 |",
    ]);
    let text = |parts: &[&str]| format!("---\nlanguage: en\n---\n\n{}\n", parts.join("\n\n"));
    let term = "## Term {#term}\n\n1. This Agreement runs for two years from the date of its signature.\n\n2. It ends without notice when the term under clause [](#term) is over.";
    let noted = "## Payment {#pay}\n\n1. The Client pays within thirty days of the invoice[^days].";
    let law = "## Law {#law}\n\n1. The laws of England and Wales govern this Agreement. Clause [](#term) stays in force.";
    let more = "## Notices\n\n1. A notice is in writing and is sent by hand or by post.\n\n2. It is received on the second working day after posting.\n\n3. A change of address is told to the other party at once.";
    let note = "[^days]: Days are working days.";
    let words = "1. The Client pays the agreed fees to the Supplier in cash.";
    let pair = |name, old: &[&str], new: &[&str]| (name, text(old), text(new));
    vec![
        pair(
            "words",
            &["# A", words],
            &["# A", &words.replace("cash", "coin")],
        ),
        pair(
            "bold",
            &["# A", words],
            &["# A", &words.replace("agreed fees", "**agreed fees**")],
        ),
        pair(
            "not bold",
            &["# A", &words.replace("agreed fees", "**agreed fees**")],
            &["# A", words],
        ),
        pair(
            "italic and struck",
            &["# A", words],
            &[
                "# A",
                &words
                    .replace("Client", "*Client*")
                    .replace("cash", "~~cash~~"),
            ],
        ),
        pair(
            "bold reference and note",
            &[
                "# A",
                term,
                &noted.replace("invoice", "invoice under clause [](#term)"),
                note,
            ],
            &[
                "# A",
                term,
                &noted.replace(
                    "within thirty days of the invoice[^days]",
                    "**within thirty days of the invoice under clause [](#term)[^days]**",
                ),
                note,
            ],
        ),
        pair(
            "level of a heading",
            &["# A", "## One", "## Two", "Words."],
            &["# A", "## One", "### Two", "Words."],
        ),
        pair(
            "style of a heading",
            &["# A", "## One", "Words."],
            &["# A", "## One {.plain}", "Words."],
        ),
        pair(
            "item to text",
            &[
                "# A",
                "## One",
                "1. First words here.",
                "2. Second words here.",
                "End.",
            ],
            &[
                "# A",
                "## One",
                "1. First words here.",
                "Second words here.",
                "End.",
            ],
        ),
        pair(
            "quote",
            &["# A", "Some words that stay.", "End."],
            &["# A", "> Some words that stay.", "End."],
        ),
        pair(
            "level of an item",
            &[
                "# A",
                "## One",
                "1. First words here.",
                "2. Second words here.",
                "End.",
            ],
            &[
                "# A",
                "## One",
                "1. First words here.\n   1. Second words here.",
                "End.",
            ],
        ),
        pair(
            "row inserted",
            &["# A", &prices, "End."],
            &[
                "# A",
                &prices.replace("| Model", "| Frame | 70 |\n| Model"),
                "End.",
            ],
        ),
        pair(
            "row deleted",
            &["# A", &prices, "End."],
            &["# A", &prices.replace("| Model | 1200 |\n", ""), "End."],
        ),
        pair(
            "cell changed",
            &["# A", &prices, "End."],
            &["# A", &prices.replace("1200", "**1300** and more"), "End."],
        ),
        pair(
            "column inserted",
            &["# A", &prices, "End."],
            &[
                "# A",
                &table(&[
                    "| Item | Number | Price |",
                    "| Drawing | two | 300 |",
                    "| Model | four | 1200 |",
                    "| Sample | six | 90 |",
                ]),
                "End.",
            ],
        ),
        pair(
            "column deleted, row inserted",
            &[
                "# A",
                &table(&[
                    "| Item | Number | Price |",
                    "| Drawing | two | 300 |",
                    "| Model | four | 1200 |",
                    "| Sample | six | 90 |",
                ]),
                "End.",
            ],
            &[
                "# A",
                &prices.replace("| Model", "| Frame | 70 |\n| Model"),
                "End.",
            ],
        ),
        pair(
            "column and row deleted",
            &[
                "# A",
                &table(&[
                    "| Item | Number | Price |",
                    "| Drawing | two | 300 |",
                    "| Model | four | 1200 |",
                    "| Sample | six | 90 |",
                ]),
                "End.",
            ],
            &["# A", &prices.replace("| Model | 1200 |\n", ""), "End."],
        ),
        pair(
            "cells merged across",
            &["# A", &prices, "End."],
            &["# A", &prices.replace("| 1200 |", "| < |"), "End."],
        ),
        pair(
            "cells parted, words changed",
            &[
                "# A",
                &prices.replace("| Model | 1200 |", "| ^ | 1200 |"),
                "End.",
            ],
            &["# A", &prices.replace("Model", "Frame"), "End."],
        ),
        pair(
            "row inserted into a merged cell",
            &["# A", &grouped, "End."],
            &[
                "# A",
                &grouped.replace("| ^ | Model", "| ^ | Frame | 70 |\n| ^ | Model"),
                "End.",
            ],
        ),
        pair(
            "row inserted beside a merged cell, words in it changed",
            &["# A", &grouped, "End."],
            &[
                "# A",
                &grouped
                    .replace("Design", "Design and build")
                    .replace("| Travel", "| Paper | < | 5 |\n| Travel"),
                "End.",
            ],
        ),
        pair(
            "column inserted into merged cells",
            &["# A", &grouped, "End."],
            &[
                "# A",
                &grouped
                    .replace("| Price |", "| Price | Due |")
                    .replace("0 |", "0 | May |")
                    .replace("|---|\n", "|---|---|\n"),
                "End.",
            ],
        ),
        pair(
            "table inserted",
            &["# A", "Before.", "End."],
            &["# A", "Before.", &prices, "End."],
        ),
        pair(
            "table deleted",
            &["# A", "Before.", &prices, "End."],
            &["# A", "Before.", "End."],
        ),
        pair(
            "table inserted at the end",
            &["# A", "Before."],
            &["# A", "Before.", &prices],
        ),
        pair(
            "table deleted at the end",
            &["# A", "Before.", &prices],
            &["# A", "Before."],
        ),
        pair(
            "table moved",
            &["# A", &prices, "The words that stand after it.", "End."],
            &["# A", "The words that stand after it.", &prices, "End."],
        ),
        pair(
            "plain clause moved",
            &[
                "# A",
                "## Term",
                "1. It runs for two years from the date of signature.",
                more,
                "End.",
            ],
            &[
                "# A",
                more,
                "## Term",
                "1. It runs for two years from the date of signature.",
                "End.",
            ],
        ),
        pair(
            "plain clause moved and edited",
            &[
                "# A",
                "## Term",
                "1. It runs for two years from the date of signature.",
                more,
                "End.",
            ],
            &[
                "# A",
                more,
                "## Term",
                "1. It runs for five years from the date of signature.",
                "End.",
            ],
        ),
        pair(
            "clause moved",
            &["# A", term, noted, law, "End.", note],
            &["# A", noted, law, term, "End.", note],
        ),
        pair(
            "clause moved to the end",
            &["# A", term, noted, law, note],
            &["# A", noted, law, term, note],
        ),
        pair(
            "clause moved and edited",
            &["# A", term, noted, law, "End.", note],
            &[
                "# A",
                noted,
                law,
                &term.replace("two years", "five full years"),
                "End.",
                note,
            ],
        ),
        pair(
            "note moved",
            &["# A", noted, term, law, "End.", note],
            &[
                "# A",
                term,
                law,
                &noted.replace("thirty", "sixty"),
                "End.",
                note,
            ],
        ),
        pair(
            "note deleted",
            &["# A", term, noted, law, note],
            &["# A", term, law],
        ),
        pair(
            "note inserted",
            &["# A", term, law],
            &["# A", term, noted, law, note],
        ),
        pair(
            "clause with a table moved",
            &[
                "# A",
                term,
                &prices,
                "The prices hold for the whole term of this Agreement.",
                noted,
                more,
                law,
                "End.",
                note,
            ],
            &[
                "# A",
                noted,
                more,
                law,
                term,
                &prices,
                "The prices hold for the whole term of this Agreement.",
                "End.",
                note,
            ],
        ),
    ]
}
