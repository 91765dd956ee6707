//! What `kickproof scopes` says of a scope.

use super::printed;

#[test]
fn a_scope_is_listed_with_its_size_and_with_what_it_asks_of_a_foreign_system() {
    let table = printed(&["scopes"]);
    let row = |name: &str| table.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap().to_owned();
    let cells: Vec<_> = row("restart-cut").split("  ").map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[..4], ["restart-cut", "511", "3,566", "a1 Web"]);
    assert!(cells[7].starts_with("send ") && cells[7].contains(" restart "), "{cells:?}");
    assert!(row("refusals-two").starts_with("refusals-two  ") && row("refusals-two").contains("  315  "));
}
