//! Journals of a real system, each corrupted in one way: rejected at the right line, and the right rule is named.

use conformance::validate::validate_texts;

use super::edit::{At, Edit, corrupt};
use super::story::{Story, recorded};

/// Whose journal is corrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Server,
    Clients,
}

use Side::{Clients, Server};

/// The journal; a text that the line holds, and which of the lines with it, from 0; what is done to it; where that must be noticed, and by
/// what law.
type Row = (Side, &'static str, usize, Edit, At, &'static str);

const KICKED: &str = "\"published\":{\"event\":{\"kicked-out\":{\"reason\":\"multipleAccount\"";

const ROWS: [Row; 50] = [
    (Clients, "\"sdk-ready\"", 1, Edit::Dropped, At::Next, "SEQUENCE"),
    (Server, "\"frame\":\"sync\"", 1, Edit::Doubled, At::Next, "SEQUENCE"),
    (Clients, "\"frame\":\"kick-ack\"", 0, Edit::Reordered, At::It, "SEQUENCE"),
    (Server, "\"commit\":3,\"event\":{\"commit\"", 0, Edit::Says("\"commit\":3", "\"commit\":4"), At::It, "COMMITS"),
    (Server, "\"commit\":3,\"event\":{\"commit\"", 0, Edit::Says("\"commit\":3,", ""), At::It, "COMMITS"),
    (Server, "\"event\":{\"took\":{\"frame\":\"sync\"", 2, Edit::Says("\"commit\":3", "\"commit\":2"), At::It, "COMMITS"),
    (Server, "\"reason\":\"multipleAccount\"}]", 0, Edit::Says("multipleAccount", "multipleDevice"), At::It, "KICK-2"),
    (Server, "\"reason\":\"multipleDevice\"}]", 0, Edit::Says("multipleDevice", "multipleAccount"), At::It, "KICK-1"),
    (Server, "\"reason\":\"multipleAccount\"}]", 0, Edit::OtherVictim, At::It, "KICK-2"),
    (Server, "\"reason\":\"REST_API_Kick\"}]", 0, Edit::OneVictimLess, At::It, "REST-1"),
    (Server, "\"notice\":{\"reason\":\"multipleAccount\"", 0, Edit::Says("multipleAccount", "userSigExpired"), At::It, "KICK-4"),
    (Server, "\"notice\":{\"reason\":\"multipleAccount\"", 0, Edit::Unmade, At::Turn, "KICK-4"),
    (Server, "\"reason\":\"REST_API_Kick\"}]", 0, Edit::Unmade, At::Turn, "REST-1"),
    (Server, "\"admitted\":{", 1, Edit::Unmade, At::Turn, "LOGOUT-1"),
    (Server, "\"login-answer\":{\"refused\":{\"code\":70003,", 0, Edit::Says("70003", "70009"), At::It, "LOGIN-8"),
    (Server, "\"login-answer\":{\"refused\":{\"code\":70003,", 0, Edit::Sets("refused", "null"), At::It, "LOGIN-8"),
    (Server, "\"outcome\":{\"resumed\"", 0, Edit::Says("{\"resumed\":{\"gap\":false}}", "\"readmitted\""), At::It, "LINK-5"),
    (Server, "\"told\":{\"reason\":\"multipleAccount\"", 0, Edit::Says("multipleAccount", "multipleDevice"), At::It, "LINK-5"),
    (Server, "\"logout-answer\"", 0, Edit::Repeated, At::Next, "LINK-9"),
    (Server, "\"sync-answer\":{\"online\":[\"Web\",\"Web\"]", 0, Edit::Says("[\"Web\",\"Web\"]", "[\"Web\"]"), At::It, "LINK-10"),
    (Server, "\"frame\":\"kick-ack\"", 0, Edit::Says("kick-ack", "sync"), At::It, "LINK"),
    (Server, "\"lost\":{\"close\":1001}", 0, Edit::Says("1001", "1000"), At::It, "LINK-6"),
    (Clients, KICKED, 0, Edit::Says("multipleAccount", "multipleDevice"), At::It, "KICK-4"),
    (Clients, KICKED, 0, Edit::Unmade, At::Turn, "KICK-4"),
    (Clients, KICKED, 0, Edit::Repeated, At::Next, "KICK-4"),
    (Clients, "\"sdk-not-ready\"", 0, Edit::Late, At::It, "KICK-4"),
    (Clients, "\"frame\":\"kick-ack\"", 0, Edit::Unmade, At::It, "KICK-8"),
    (Clients, "\"logged-in\"", 0, Edit::Repeated, At::Next, "LOGIN-1"),
    (Clients, "\"logged-in\"", 0, Edit::Unmade, At::Turn, "LOGIN-1"),
    (Clients, "\"sdk-ready\"", 0, Edit::Repeated, At::Next, "LOGIN-2"),
    (Clients, "{\"repeat\":", 0, Edit::Sets("Ok", "\"logged-in\""), At::It, "LOGIN-4"),
    (Clients, "\"code\":2025", 0, Edit::Says("2025", "2024"), At::It, "LOGIN-5"),
    (Clients, "\"code\":2024", 0, Edit::Says("2024", "2999"), At::It, "LOGIN-3"),
    (Clients, "\"net-state-change\":\"connected\"", 0, Edit::Unmade, At::Turn, "LINK-1"),
    (Server, "\"start\"", 0, Edit::Repeated, At::Next, "SEQUENCE"),
    (Clients, "\"start\"", 0, Edit::Repeated, At::Next, "SEQUENCE"),
    (Server, "\"start\"", 0, Edit::Followed(COMMIT), At::Next, "LINK-10"),
    (Server, "\"start\"", 0, Edit::Unmade, At::It, "SEQUENCE"),
    (Server, "\"commit\":3,\"event\":{\"commit\"", 0, Edit::Says("\"account\":\"a\"", "\"account\":\"b\""), At::It, "COMMITS"),
    (Server, "\"commit\":3,\"event\":{\"commit\"", 0, Edit::Late, At::It, "COMMITS"),
    (Server, "\"notice\":{\"reason\":\"multipleAccount\"", 0, Edit::Omits("account"), At::It, "COMMITS"),
    (Server, "\"frame\":\"kick-ack\"", 0, Edit::Omits("account"), At::It, "COMMITS"),
    (Server, "\"lost\":{\"close\":1001}", 0, Edit::Omits("account"), At::It, "COMMITS"),
    (Server, "\"timer\":\"lapse\"", 0, Edit::Omits("account"), At::It, "COMMITS"),
    (Server, "\"rest-kick\"", 0, Edit::Omits("account"), At::It, "COMMITS"),
    (Server, "\"took\":{\"frame\":\"login\"", 1, Edit::Omits("shown"), At::It, "LOGIN-8"),
    (Clients, "\"event\":\"up\"", 3, Edit::Epoch(1), At::It, "LINK-3"),
    (Clients, "\"event\":{\"settled\"", 0, Edit::Epoch(u64::MAX), At::It, "LINK-3"),
    (Server, "\"outcome\":\"readmitted\"", 0, Edit::BadUserSig, At::It, "LINK-5"),
    (Server, "\"resumed\":{\"key\"", 0, Edit::Sets("resumed", "null"), At::It, "LINK-2"),
];

/// A commit that nothing led to.
const COMMIT: &str = "{\"server\":{\"node\":1,\"seq\":2,\"account\":\"a\",\"commit\":1,\"event\":{\"commit\":{\"at\":0,\"occasion\":\"login\",\"admitted\":null,\"resumed\":null,\"kicked\":[],\"dropped\":null}}}}";

/// The number of the line that is told, and the name of the law; the text of the finding for the message.
fn told(story: &Story) -> (Side, usize, String, String) {
    let [server, clients] = [&story.server, &story.clients].map(|lines| lines.join("\n").into_bytes());
    let texts = [("server".to_owned(), server.as_slice()), ("clients".to_owned(), clients.as_slice())];
    let Some(finding) = validate_texts(&texts, 2).unwrap().finding else {
        return (Server, 0, "nothing".to_owned(), "everything is explained".to_owned());
    };
    let side = if finding.file == "server" { Server } else { Clients };
    let law = finding.law.to_string();
    (side, finding.place.line, law.split(':').next().unwrap().to_owned(), finding.to_string())
}

fn check(good: &Story, (side, text, which, edit, at, law): &Row) -> Option<String> {
    let mut story = good.clone();
    let lines = if *side == Server { &mut story.server } else { &mut story.clients };
    let holds = lines.iter().enumerate().filter(|(_, line)| line.contains(text));
    let number = holds.map(|(number, _)| number).nth(*which).unwrap_or_else(|| panic!("no line {which} holds {text}"));
    let line = corrupt(lines, number, *edit, *at);
    let (found_side, found, found_law, finding) = told(&story);
    let right = (found_side, found, found_law.as_str()) == (*side, line, *law);
    (!right).then(|| format!("{text} {edit:?}: expected {side:?} line {line} by {law}\n{finding}\n"))
}

#[test]
fn a_commit_that_has_no_number_is_not_called_0() {
    let mut story = recorded();
    let number = story.server.iter().position(|line| line.contains("\"commit\":3,\"event\":{\"commit\"")).unwrap();
    corrupt(&mut story.server, number, Edit::Says("\"commit\":3,", ""), At::It);
    let (.., finding) = told(&story);
    assert!(finding.contains("no commit"), "{finding}");
}

#[test]
fn every_corruption_is_rejected_at_the_right_line_by_the_right_rule() {
    let good = recorded();
    let wrong: Vec<_> = ROWS.iter().filter_map(|row| check(&good, row)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}
