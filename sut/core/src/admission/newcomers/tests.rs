//! KICK-12, row by row.

use super::super::tests::{NOW, app, online, session};
use super::super::{Admission, admit};
use super::*;
use crate::config::{Limits, Policy};
use crate::session::{Platform, Record};
use Platform::{Android, IPad, Mac, Web};

fn refusing() -> App {
    app(Policy::DUAL.refusing())
}

/// Who is online once that instance has logged in on its link 2; `None` if it is refused.
fn outcome(app: &App, before: Record, key: u8, platform: Platform) -> Option<Vec<u128>> {
    match admit(app, before, session(key, 2, platform), NOW) {
        Admission::Admitted { record, kicked, .. } => {
            assert_eq!((kicked, record.kicks), (vec![], vec![]));
            Some(record.sessions.iter().map(|session| session.key.0).collect())
        }
        Admission::Refused(why) => {
            assert_eq!(why, refusal());
            None
        }
        Admission::Superseded { highest: _ } => panic!("the login was superseded"),
    }
}

/// Who is online, who comes, and who is online then.
type Row<'a> = (&'a [Platform], Platform, Option<&'a [u128]>);

/// Web may have two instances online, Android three, every other platform one.
#[test]
fn a_newcomer_is_let_in_where_there_is_a_place_and_refused_where_there_is_none() {
    let rows: [Row<'_>; 8] = [
        (&[], Web, Some(&[9])),
        (&[Web], Web, Some(&[1, 9])),
        (&[Web, Web], Web, None),
        (&[Web, Web], Mac, Some(&[1, 2, 9])),
        (&[Mac], Mac, None),
        (&[Mac, Web], IPad, None),
        (&[Android, Android], Android, Some(&[1, 2, 9])),
        (&[Android, Android, Android], Android, None),
    ];
    for (before, newcomer, expected) in rows {
        let online = outcome(&refusing(), online(before), 9, newcomer);
        assert_eq!(online.as_deref(), expected, "{before:?} {newcomer}");
    }
}

#[test]
fn whoever_replaces_its_own_session_is_no_newcomer_though_the_limit_was_lowered() {
    assert_eq!(outcome(&refusing(), online(&[Web, Web]), 1, Web), Some(vec![2, 1]));
    let lowered = App { limits: Limits::default(), ..refusing() };
    assert_eq!(outcome(&lowered, online(&[Web, Web]), 1, Web), Some(vec![2, 1]));
}

#[test]
fn an_instance_that_comes_as_another_kind_needs_a_place_of_that_kind() {
    assert_eq!(outcome(&refusing(), online(&[Mac, Web]), 2, IPad), None);
    assert_eq!(outcome(&refusing(), online(&[Mac, Web]), 1, IPad), Some(vec![2, 1]));
}

#[test]
fn where_an_account_has_one_limit_a_newcomer_over_it_is_refused_whatever_it_is() {
    let app = app("multi+account=2+refuse".parse().unwrap());
    let rows: [Row<'_>; 5] = [
        (&[Web], Mac, Some(&[1, 9])),
        (&[Web, Mac], IPad, None),
        (&[Web, Mac], Mac, None),
        (&[Mac, Mac], Web, None),
        (&[], Web, Some(&[9])),
    ];
    for (before, newcomer, expected) in rows {
        assert_eq!(outcome(&app, online(before), 9, newcomer).as_deref(), expected, "{before:?} {newcomer}");
    }
    assert_eq!(outcome(&app, online(&[Web, Mac]), 2, Mac), Some(vec![1, 2]), "its own place");
    assert_eq!(outcome(&app, online(&[Web, Mac]), 2, IPad), Some(vec![1, 2]), "what it replaces makes room");
}
