//! That the reader's table of the rules has each, in the order of the model's. What a rule says is not looked at.

use std::fs;

use model::rule::Rule;

use super::top;

/// The rules that the rows of a text's tables begin with, in order.
fn rows(text: &str) -> Vec<&str> {
    let firsts = text.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    firsts.map(str::trim).map(|cell| cell.trim_matches(['`', '*'])).filter(|cell| is_a_rules_name(cell)).collect()
}

fn is_a_rules_name(cell: &str) -> bool {
    let parts = cell.split_once('-');
    parts.is_some_and(|(family, number)| {
        !family.is_empty() && family.bytes().all(|letter| letter.is_ascii_uppercase()) && number.parse::<u8>().is_ok()
    })
}

fn names() -> Vec<&'static str> {
    Rule::ALL.into_iter().map(Rule::name).collect()
}

#[test]
fn the_readers_table_stands_in_the_order_of_the_rules() {
    let text = fs::read_to_string(top().join("README.md")).expect("there is a README");
    assert_eq!(rows(&text), names());
}

fn table(names: &[&str]) -> String {
    let rows = names.iter().map(|name| format!("| {name} | S, D | what {name} says |\n"));
    format!("# Rules\n\n| rule | origin | text |\n|---|---|---|\n{}\n| words | more |\n", rows.collect::<String>())
}

#[test]
fn a_table_is_read_row_by_row() {
    assert_eq!(rows(&table(&names())), names());
}

#[test]
fn a_rule_left_out_added_or_moved_is_noticed() {
    let (mut less, mut more, mut moved) = (names(), names(), names());
    less.remove(7);
    more.push("MSG-9");
    moved.swap(3, 4);
    assert!([less, more, moved].iter().all(|other| rows(&table(other)) != names()));
}
