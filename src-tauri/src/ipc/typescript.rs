//! The TypeScript twin of the types that cross, generated and compared.

use std::path::Path;

use super::*;

/// The TypeScript twin of every type above, in the order of this file.
fn typescript() -> String {
    let config = ts_rs::Config::default();
    let mut out = String::from(
        "// Written by the test `ipc::typescript::typescript_twin_is_current` from src-tauri/src/ipc.rs. Do not edit.\n",
    );
    macro_rules! declare {
        ($($kind:ty),* $(,)?) => { $(
            out.push_str("\nexport ");
            out.push_str(&<$kind as TS>::decl(&config));
            out.push('\n');
        )* };
    }
    declare!(
        Node,
        HeadingAttrs,
        HeadingStyleName,
        ItemAttrs,
        ParagraphAttrs,
        FootnoteAttrs,
        RowNode,
        CellNode,
        CellAttrs,
        AlignName,
        PartyNode,
        LineNode,
        InlineNode,
        FieldAttrs,
        ReferenceAttrs,
        Mark,
        LinkAttrs,
        Lang,
        Failure,
        Boot,
        KindName,
        TemplateCard,
        TemplateView,
        ProblemView,
        FieldView,
        FieldType,
        OptionView,
        AnswerView,
        ClauseCard,
        DocumentCard,
        DocumentView,
        ImportProgress,
        ImportView,
        ImportedView,
        RefusedView,
        Change,
        Derived,
        ChipView,
        ChipState,
        Place,
        FindingView,
        SeverityName,
        Answered,
        ClauseInsert,
        VersionCard,
        WordPlace,
        Takes,
        ChangedView,
        ChangedKind,
        AssistTask,
        AssistRequest,
        Proposal,
        ProposalSource,
        AssistEvent,
        Outcome,
        Keystrokes,
        Frames,
        Measured,
        ModelView,
        FetchEvent,
        DeviceView,
        ServerView,
        UsedServer,
        AllowedServer,
        OffersView,
        OfferView,
        AcceptedView,
        ExportWish,
        ThreadView,
        SaidView,
        TuneWish,
        Effort,
        WallView,
        MatterView,
        TunePlan,
        TuneSource,
        SideName,
        LeftOutView,
        MaskedView,
        ShownMask,
        TuningView,
        TunePhase,
        TuneWork,
        LossPoint,
        TuneResult,
        FiguresView,
        SampleView,
        LeaksView,
        AdapterStateName,
        Decision,
        AdapterView,
        AdapterSource,
        HouseClauseView,
        MixPart,
        RunView,
        RunStatusName,
        RunDetail,
        RunSource,
        Exported,
        Hit,
        HitKind,
    );
    // A struct with a serde tag is named after the tag; the window wants the name of the type.
    for (tag, name) in [
        ("table_row", "RowNode"),
        ("signature_party", "PartyNode"),
        ("signature_line", "LineNode"),
    ] {
        out = out.replace(
            &format!("export type {tag} ="),
            &format!("export type {name} ="),
        );
        out = out.replace(&format!("Array<{tag}>"), &format!("Array<{name}>"));
    }
    out
}

#[test]
fn typescript_twin_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc.ts");
    let wanted = typescript();
    if std::env::var_os("MOQI_UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/ipc.ts is stale: run MOQI_UPDATE=1 cargo test -p moqi typescript_twin"
    );
}
