//! Where faults struck, as a person reads it. It strikes nothing.

use model::action::ActionKind;

use super::{aligned, grouped};
use crate::check::Checked;
use crate::faults::{self, ProtocolPhase, Unreachable};

/// Fault by phase: on how many replayed transitions a fault struck an instance in that phase; a dash where no state allows it.
pub fn faults(all: &[Checked]) -> String {
    let heading: Vec<_> = ["fault"].into_iter().chain(ProtocolPhase::ALL.map(ProtocolPhase::name)).collect();
    let cell = |kind, phase| match fault_count(all, kind, phase) {
        0 if faults::unreachable(kind, phase).is_some() => "–".to_owned(),
        count => grouped(count),
    };
    let row = |kind: ActionKind| {
        let cells = ProtocolPhase::ALL.map(|phase| cell(kind, phase));
        [kind.name().to_owned()].into_iter().chain(cells).collect()
    };
    let table = aligned(&heading, &faults::kinds().into_iter().map(row).collect::<Vec<_>>());
    let why = |cell: &Unreachable| format!("{} × {}: {}\n", cell.kind.name(), cell.phase.name(), cell.why);
    format!("{table}\n\n–  no state allows it:\n{}", faults::UNREACHABLE.iter().map(why).collect::<String>())
}

/// On how many replayed transitions a fault struck an instance in that phase.
pub fn fault_count(all: &[Checked], kind: ActionKind, phase: ProtocolPhase) -> usize {
    all.iter().filter_map(|checked| checked.coverage.faults.get(&(kind, phase))).sum()
}
