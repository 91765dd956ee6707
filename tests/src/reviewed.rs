//! What the reviewed reports say of a scope: what only a search can find out, looked up without one. That it is so is shown by the tests
//! of the reports. It searches nothing.

use model::scope::Scope;

const SCOPES: &str = include_str!("../../reports/snapshots/reports__whole__scopes.snap");
const ASKED: &str = include_str!("../../reports/snapshots/reports__asked.snap");

/// What is known of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// How many states it has, thousands apart.
    pub states: &'static str,
    /// How many transitions, thousands apart.
    pub transitions: &'static str,
    /// What it asks of a foreign system beyond what every scope asks.
    pub asked: &'static str,
}

/// What is known of a scope; `None` as long as its reports were not reviewed.
pub fn of(scope: &Scope) -> Option<Reviewed> {
    let mut sizes = row(SCOPES, scope)?;
    Some(Reviewed { states: sizes.next()?, transitions: sizes.next()?, asked: row(ASKED, scope)?.next()? })
}

/// What stands behind the scope's name in its row.
fn row(report: &'static str, scope: &Scope) -> Option<impl Iterator<Item = &'static str> + use<>> {
    let cells = |line: &'static str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    let mut row = report.lines().map(cells).find(|row| row.clone().next() == Some(scope.name))?;
    row.next();
    Some(row)
}

#[cfg(test)]
mod tests {
    use model::scopes;

    use super::*;

    #[test]
    fn every_scope_has_a_row_in_the_reviewed_reports() {
        let without: Vec<_> = scopes::all().into_iter().filter(|scope| of(scope).is_none()).map(|scope| scope.name).collect();
        assert_eq!(without, Vec::<&str>::new(), "`cargo test --test reports` writes their rows, `cargo insta review` takes them");
    }

    #[test]
    fn a_row_is_read_cell_by_cell() {
        let refusals = of(&scopes::named("refusals-two").expect("it is there"));
        assert_eq!(refusals, Some(Reviewed { states: "315", transitions: "4,894", asked: "-" }));
    }
}
