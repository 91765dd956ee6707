//! Partitions, the rulebook's and one's own.

use super::*;

const VENDORS: [Classes; 4] = [Classes::Single, Classes::Dual, Classes::Triple, Classes::Multi];

fn own(word: &str) -> Classes {
    word.parse().unwrap()
}

#[test]
fn the_vendors_classes_are_partitions_of_the_rulebooks_platforms() {
    for classes in VENDORS {
        let mut platforms = classes.of_the_rulebook().concat();
        platforms.sort();
        assert_eq!(platforms, Platform::ALL, "{classes}");
        assert_eq!(classes.platforms(), Platform::ALL);
    }
}

#[test]
fn the_classes_are_those_of_the_rulebook() {
    let written = |classes: Classes| {
        let class = |class: &&[Platform]| class.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(" ");
        classes.of_the_rulebook().iter().map(class).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(written(Classes::Single), "Android iPhone iPad Windows Mac Linux Web");
    assert_eq!(written(Classes::Dual), "Android iPhone iPad Windows Mac Linux | Web");
    assert_eq!(written(Classes::Triple), "Android iPhone iPad | Windows Mac Linux | Web");
    assert_eq!(written(Classes::Multi), "Android | iPhone | iPad | Windows | Mac | Linux | Web");
}

#[test]
fn classes_of_ones_own_are_written_as_they_are_read() {
    for word in ["own=till", "own=till=2,office.phone,tablet=3.kiosk", "own=Web.iPhone,Android=255"] {
        assert_eq!(own(word).to_string(), word);
    }
}

#[test]
fn two_platforms_of_ones_own_are_of_one_class_where_they_stand_in_one() {
    let classes = own("own=till,office.phone,tablet.kiosk");
    let platform = |name: &str| name.parse::<Platform>().unwrap();
    for (one, other, expected) in [
        ("till", "office", true),
        ("office", "till", true),
        ("tablet", "phone", true),
        ("kiosk", "kiosk", true),
        ("till", "phone", false),
        ("kiosk", "tablet", false),
        ("Web", "till", false),
        ("Web", "iPhone", false),
    ] {
        assert_eq!(classes.are_of_one_class(platform(one), platform(other)), expected, "{one} {other}");
    }
}

#[test]
fn a_partition_that_is_none_is_refused() {
    let bad = |word: &str| word.parse::<Partition>().unwrap_err();
    let till = "till".parse().unwrap();
    assert_eq!(bad("till,till"), BadPartition::Twice(till));
    assert_eq!(bad("till.phone,till"), BadPartition::Twice(till));
    assert_eq!(bad("till=0"), BadPartition::Limit(till, 0));
    assert_eq!(bad("till=256"), BadPartition::Limit(till, 256));
    for word in ["", "till.", "till,,phone", "a b", "web"] {
        assert!(matches!(bad(word), BadPartition::Platform(_)), "{word}");
    }
    let many = (0..=MOST_PLATFORMS).map(|number| format!("p{number}")).collect::<Vec<_>>();
    assert_eq!(bad(&many.join(",")), BadPartition::TooMany);
    assert_eq!(bad(&many.join(".")), BadPartition::TooMany);
    assert!(many[1..].join(".").parse::<Partition>().is_ok());
    assert_eq!(Partition::of(&[]), Err(BadPartition::NoClass));
    assert_eq!(Partition::of(&[vec![(till, 1)], vec![]]), Err(BadPartition::Empty(1)));
}
