//! What the Explorer shows of a path: a picture with a mark a step from the model and one from the replay on the real client and server.
//! It decides nothing of the rules.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use conformance::explore::sides::{Row, System, both};
use conformance::explore::{Beside, ModelAndSystem, free, serve};
use conformance::svg;
use conformance::token::Trace;
use model::action::{Action, AppCall, Credential, InstanceId, LinkMove, ServerMove, Slot};
use model::observation::{Event, Item};
use model::scope::{Commits, Scope};
use model::scopes;
use model::{action::AccountId, observation::Reason};
use stateright::{Model, Path};

const A: AccountId = AccountId(0);

fn scope(name: &str) -> Scope {
    scopes::named(name).expect("the scope is there")
}

/// The scope's beginning.
fn beginning(name: &str) -> Trace {
    Trace { scope: scope(name), labels: Vec::new() }
}

/// The instance's login until `SDK_READY`.
fn login(seat: u8) -> Vec<Action> {
    let instance = InstanceId(seat);
    let (to_server, to_client) =
        (Action::Link(instance, LinkMove::ToServer(Slot::Current)), Action::Link(instance, LinkMove::ToClient));
    let login = Action::Call(instance, AppCall::Login { account: A, credential: Credential::Good });
    vec![login, Action::Link(instance, LinkMove::Open), to_server, to_client, to_server, to_client]
}

/// The page's story: a1 and a2 log in, then a3, and the notice comes to a1.
fn story() -> Vec<Action> {
    let notice = Action::Link(InstanceId(0), LinkMove::ToClient);
    [login(0), login(1), login(2), vec![notice]].concat()
}

fn picture(explored: &ModelAndSystem, actions: &[Action]) -> String {
    let mut shown = explored.init_states().remove(0);
    let mut moves = Vec::new();
    for action in actions {
        let mut offered = Vec::new();
        explored.actions(&shown, &mut offered);
        let made = offered.into_iter().find(|offered| offered.action == *action).expect("the path is offered");
        shown = explored.next_state(&shown, made.clone()).expect("what is offered leads on");
        moves.push(made);
    }
    let path = Path::from_actions(explored, explored.init_states().remove(0), &moves);
    explored.as_svg(path.expect("the path is the model's")).expect("every path has a picture")
}

/// The steps of the groups of that class.
fn marks(svg: &str, class: &str) -> Vec<usize> {
    let document = roxmltree::Document::parse(svg).expect("the picture is well-formed");
    let groups = document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "g")));
    let of_class = groups.filter(|group| group.attribute("class") == Some(class));
    of_class.map(|group| group.attribute("data-step").and_then(|step| step.parse().ok()).expect("a mark names its step")).collect()
}

#[test]
fn each_step_has_a_mark_from_the_model_and_an_agreeing_one_from_the_replay() {
    let svg = picture(&ModelAndSystem::new(scope("page-story"), None), &story());
    let steps: Vec<_> = (1..=story().len()).collect();
    assert_eq!(marks(&svg, "mark model"), steps);
    assert_eq!(marks(&svg, "mark system agrees"), steps);
    assert!(marks(&svg, "mark system differs").is_empty());
}

/// Bugs are planted only where debug assertions are.
#[cfg(debug_assertions)]
mod planted {
    use sut::planted::Planted;

    use super::*;

    /// In the story, the step in which a3's login comes to the server.
    const THIRD_LOGIN: usize = 15;

    #[test]
    fn under_a_planted_bug_the_sides_differ_at_the_step_that_shows_it_and_the_system_stops() {
        let svg = picture(&ModelAndSystem::new(scope("page-story"), Some(Planted::Kick2NewestKicked)), &story());
        assert_eq!(marks(&svg, "mark model"), (1..=story().len()).collect::<Vec<_>>());
        assert_eq!(marks(&svg, "mark system agrees"), (1..THIRD_LOGIN).collect::<Vec<_>>());
        assert_eq!(marks(&svg, "mark system differs"), [THIRD_LOGIN]);
        assert!(svg.contains("the first difference: stopped here"), "{svg}");
    }

    #[test]
    fn a_bug_is_planted_in_one_replay_only() {
        let scope = scope("page-story");
        let planted = both(&scope, &story(), Some(Planted::Kick2NewestKicked));
        assert_ne!(planted, both(&scope, &story(), None));
        assert_eq!(planted, both(&scope, &story(), Some(Planted::Kick2NewestKicked)));
    }
}

#[test]
fn an_empty_path_gives_a_picture_without_marks() {
    let svg = picture(&ModelAndSystem::new(scope("page-story"), None), &[]);
    assert_eq!(roxmltree::Document::parse(&svg).unwrap().root_element().tag_name().name(), "svg");
    assert!(!svg.contains("<g "), "{svg}");
}

#[test]
fn the_same_path_gives_the_same_bytes() {
    let explored = ModelAndSystem::new(scope("page-story"), None);
    assert_eq!(picture(&explored, &story()), picture(&explored, &story()));
}

#[test]
fn the_picture_names_the_steps_and_what_was_told() {
    let svg = picture(&ModelAndSystem::new(scope("page-story"), None), &story());
    for text in ["a1 login as a (good)", "deliver a3's login to the server", "deliver the notice to a1"] {
        assert_eq!(svg.matches(text).count(), 1, "{text} stands once, above both halves");
    }
    for text in ["a1: SDK_NOT_READY", "a1: KICKED_OUT multipleAccount"] {
        assert_eq!(svg.matches(text).count(), 2, "{text} stands once in each half");
    }
}

#[test]
fn a_path_is_replayed_inside_a_runtime_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let svg = runtime.block_on(async { picture(&ModelAndSystem::new(scope("page-default"), None), &login(0)) });
    assert_eq!(marks(&svg, "mark system agrees"), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_system_that_ends_in_the_middle_differs_there() {
    let scope = scope("page-default");
    let mut rows = both(&scope, &login(0), None);
    rows[3].system = System::Ended;
    rows[4..].iter_mut().for_each(|row: &mut Row| row.system = System::NotAsked);
    let svg = svg::diagram(&scope, &rows);
    assert_eq!(marks(&svg, "mark system differs"), [4]);
    assert!(svg.contains("the system ended in the middle of this step"), "{svg}");
}

#[test]
fn what_a_side_says_is_never_taken_for_a_tag() {
    let scope = scope("page-default");
    let mut rows = both(&scope, &login(0), None);
    rows[0].name = "<script>&".to_owned();
    rows[5].system = System::Showed(Box::new({
        let mut strange = rows[5].model.clone();
        strange.strange.push("<b>\u{0}".to_owned());
        strange.told.push(Item::Published { instance: InstanceId(1), event: Event::KickedOut(Reason::MultipleDevice) });
        strange
    }));
    let svg = svg::diagram(&scope, &rows);
    assert_eq!(marks(&svg, "mark system differs"), [6]);
    assert!(svg.contains("&lt;script&gt;&amp;") && svg.contains("&lt;b&gt;\u{fffd}"), "{svg}");
}

#[test]
fn every_scope_gives_a_well_formed_picture() {
    for scope in scopes::all() {
        let mut way = login(0);
        if scope.commits == Commits::UnderWay {
            way.insert(3, Action::Server(ServerMove::Store(InstanceId(0))));
        }
        let svg = picture(&ModelAndSystem::new(scope.clone(), None), &way);
        let steps: Vec<_> = (1..=way.len()).collect();
        assert_eq!(marks(&svg, "mark system agrees"), steps, "{}", scope.name);
    }
}

#[test]
fn a_port_in_use_gives_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = serve(beginning("page-story"), address, Beside::Ours(None)).unwrap_err().to_string();
    let expected = format!(
        "cannot serve the Explorer on {address}: Address already in use (os error 98); --address names another, port 0 any free one"
    );
    assert_eq!(error, expected);
}

/// The Explorer of the page's story, as long as the process lives.
fn served() -> SocketAddr {
    let address = free(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port is free");
    let server = std::thread::spawn(move || serve(beginning("page-story"), address, Beside::Ours(None)));
    while TcpStream::connect(address).is_err() && !server.is_finished() {
        std::thread::yield_now();
    }
    address
}

#[test]
fn the_page_offers_moves_by_name_with_a_picture_and_lists_every_rule() {
    let address = served();
    let moves = get(address, "/.states/0");
    assert!(moves.contains(r#""action":"a1 login as a (good)""#), "{moves}");
    assert!(moves.contains(r#"class=\"mark system agrees\""#), "{moves}");
    let status = get(address, "/.status");
    for rule in model::rule::Rule::ALL {
        assert!(status.contains(&format!("{rule} {}", rule.text())), "{rule}");
    }
}

#[test]
fn the_page_its_files_and_what_it_asks_are_served_and_the_rest_is_stateright_s() {
    let address = served();
    assert!(get(address, "/").contains("<script src=\"kickproof.js\" type=\"module\"></script>"));
    assert!(get(address, "/kickproof.js").contains("text/javascript") && get(address, "/kickproof.css").contains("text/css"));
    assert!(get(address, "/stateright").contains("Stateright Explorer") && get(address, "/app.js").contains("window.app"));
    let place = get(address, "/api/place?at=page-story%3A+a1.login");
    assert!(place.contains(r#""word":"a1.open""#) && place.contains(r#""text":"logging in as a","is_new":true"#), "{place}");
    let found = get(address, "/api/find?at=page-story%3A&for=a1+told+KICKED_OUT");
    assert!(found.contains(r#""of":"moves","matching":1392,"total":591456"#), "{found}");
}

#[test]
fn what_cannot_be_asked_is_told_in_one_line() {
    let address = served();
    let told = |path: &str| {
        let answer = get(address, path);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    };
    assert!(
        told("/api/place?at=page-story%3A+a1.login+a1.opne")
            .starts_with("step 2 of the trace is 'a1.opne'; did you mean 'a1.open'?")
    );
    assert!(told("/api/place?at=page-stroy%3A").starts_with("unknown scope 'page-stroy'; did you mean 'page-story'?"));
    assert_eq!(told("/api/place"), "the question has no 'at'");
    assert!(told("/api/find?at=page-story%3A&for=").starts_with("nothing is asked; "));
    assert_eq!(told("/api/threats?at=page-story%3A&seat=b9"), "no instance of page-story is called 'b9'; there are a1 a2 a3");
    assert!(told("/api/rule?at=page-story%3A&rule=KICK-99").contains("KICK-99"));
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut connection = TcpStream::connect(address).expect("the page is served");
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("the page is served");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).expect("the page is served");
    String::from_utf8(answer).expect("the page is text")
}
