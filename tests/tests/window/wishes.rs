//! Exports with wishes.

use std::path::Path;

use moqi_tests::part;
use moqi_tests::window::Window;

/// Exports again with contents, controls around the fields, and in the look of official documents.
pub async fn dressed(window: &Window) {
    window.click("export-options-open").await;
    for (select, value) in [("wish-look", "zh-official"), ("wish-protection", "forms")] {
        window.find(select).await;
        let choose = format!(
            "const s = document.querySelector('[data-testid={select}]'); s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        );
        window.script(&choose).await;
    }
    for tick in ["wish-contents", "wish-controls"] {
        window.click(tick).await;
    }
    window.picture("zh-export-options");
    window.click("export-now").await;
    let path = window.words("export-path").await;
    let path = Path::new(path.trim());
    let body = part(path, "word/document.xml");
    for wanted in [" TOC \\o ", "<w:tag w:val=\"seller.name\"/>", "<w:date>"] {
        assert!(body.contains(wanted), "no {wanted}");
    }
    let settings = part(path, "word/settings.xml");
    assert!(settings.contains("w:edit=\"forms\"") && settings.contains("<w:evenAndOddHeaders/>"));
    window.click("export-close").await;
}
