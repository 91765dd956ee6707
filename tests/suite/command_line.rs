//! The command line as its users meet it: the built binary as a process, its exit status, and its lines.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod configured;
mod crowded;
mod durable;
mod lines;
mod nodes;
mod outside;
mod page;
pub(crate) mod redis;
mod reloaded;
mod scopes;
pub(crate) mod served;
mod usersig;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use crate::serving::{APP, KEY, kickproof, watched};

/// Runs a command to its end.
fn run(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    watched(child.id(), || child.wait_with_output()).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The one line of a command that fails, and its exit status.
fn failure(args: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = run(kickproof().args(args));
    assert_eq!(text(stdout), "", "{args:?}");
    let stderr = text(stderr);
    let line = stderr.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{args:?}: {stderr}");
    (status.code().unwrap(), line.strip_prefix("error: ").unwrap().to_owned())
}

/// What a command that succeeds prints.
fn printed(args: &[&str]) -> String {
    let Output { status, stdout, stderr } = run(kickproof().args(args));
    assert_eq!((status.code(), text(stderr).as_str()), (Some(0), ""), "{args:?}");
    text(stdout)
}

/// `serve` with a configuration file of that content; the file's name is left out of the line.
fn failure_with_file(content: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kickproof.toml");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap();
    let (status, line) = failure(&["serve", "--config", path]);
    (status, line.replace(path, "FILE"))
}

#[test]
fn every_help_explains_itself_and_has_an_example() {
    let commands =
        ["check", "conform", "explore", "mutants", "policies", "replay", "scopes", "rules", "serve", "soak", "usersig", "validate"];
    let whole = printed(&["--help"]);
    for command in commands {
        let help = printed(&[command, "--help"]);
        let (explained, example) = help.split_once("\nExample").unwrap();
        let about = explained.lines().next().unwrap();
        assert!(example.contains(&format!("kickproof {command}")), "{help}");
        assert!(whole.contains(&format!("  {command} ")), "{whole}");
        assert!(about.len() > 20 && !about.starts_with("Usage"), "{help}");
    }
    assert!(whole.contains("\nExamples:\n  kickproof\n"), "{whole}");
}

#[test]
fn a_journal_is_explained_or_its_first_line_that_is_not_is_told() {
    assert_eq!(failure(&["validate", "/no/journal"]).0, 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    fs::write(&path, "\n\n").unwrap();
    let (status, told) = failure(&["validate", path.to_str().unwrap()]);
    assert_eq!((status, told.contains("no line stands in any of the files")), (2, true), "{told}");
    let start =
        r#"{"client":{"instance":"000000000000000000000000000000aa","seq":1,"epoch":0,"event":{"start":{"platform":"Web"}}}}"#;
    fs::write(&path, start).unwrap();
    assert!(printed(&["validate", path.to_str().unwrap()]).starts_with("EXPLAINED: 1 events of 1 instances"));
    fs::write(&path, start.replace("\"seq\":1", "\"seq\":2")).unwrap();
    let rejected = run(kickproof().args(["validate", path.to_str().unwrap()]));
    assert_eq!(rejected.status.code(), Some(1));
    assert!(text(rejected.stdout).contains("journal.jsonl, line 1: no run of the model explains it"));
}

#[test]
fn an_unknown_scope_is_refused_with_the_one_that_may_be_meant() {
    let rows: [&[&str]; 5] = [
        &["--scope", "page-stor"],
        &["check", "--scope", "page-stor"],
        &["rules", "--scope", "page-stor"],
        &["explore", "--scope", "page-stor"],
        &["conform", "--scope", "page-stor", "--", "true"],
    ];
    for args in rows {
        let (status, line) = failure(args);
        assert_eq!(status, 2, "{args:?}");
        let expected = ": unknown scope 'page-stor'; did you mean 'page-story'? `kickproof scopes` lists all; see --help";
        assert!(line.ends_with(expected), "{line}");
    }
    let unknown = "unknown scope 'page-stor'; did you mean 'page-story'? `kickproof scopes` lists all";
    assert_eq!(failure(&["replay", "page-stor:", "a1.login"]), (2, unknown.to_owned()));
}

#[test]
fn the_replay_in_the_readme_ends_as_is_said_there() {
    let (_, behind) = include_str!("../../README.md").split_once("-- replay ").unwrap();
    let (trace, behind) = behind.split_once('\n').unwrap();
    let (_, said) = behind.split_once("and ends with `").unwrap();
    assert_eq!(printed(&[&["replay"], &trace.split(' ').collect::<Vec<_>>()[..]].concat()).lines().last(), said.split('`').next());
}

#[test]
fn a_replay_is_printed_as_the_test_that_was_pasted() {
    assert_eq!(
        printed(&["replay", "page-story: a1.login a1.open a1.up a2.login", "--as-test"]),
        include_str!("harness/pasted/agreeing.rs")
    );
}

#[test]
fn a_replay_is_drawn_into_a_file_or_told_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("story.svg");
    printed(&["replay", "page-story: a1.login a1.open a1.up a2.login", "--svg", file.to_str().unwrap()]);
    assert!(fs::read_to_string(&file).unwrap().contains("agrees in all 4 steps"));
    fs::remove_file(&file).unwrap();
    let test = printed(&["replay", "page-story: a1.login a1.open a1.up a2.login", "--as-test", "--svg", file.to_str().unwrap()]);
    assert_eq!(test, include_str!("harness/pasted/agreeing.rs"));
    assert!(fs::read_to_string(&file).unwrap().contains("agrees in all 4 steps"));
    let (status, line) =
        failure(&["replay", "page-story: a1.login a1.open a1.up a2.login", "--svg", folder.path().to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(line.ends_with("; --svg names another file"), "{line}");
}

#[cfg(not(debug_assertions))]
#[test]
fn a_release_build_says_which_command_runs_the_mutants() {
    let line = "a release build has no planted bugs; `cargo run -- mutants` builds one that has them, and runs them";
    assert_eq!(failure(&["mutants"]), (1, line.to_owned()));
}

#[test]
fn a_policy_that_there_is_not_is_one_line_that_names_those_there_are() {
    let rows: [(&[&str], &str); 4] = [
        (
            &["check", "--policy", "quad"],
            "invalid value 'quad' for '--policy <NAME|FILE>': unknown policy 'quad'; it would be one of single, dual, triple, multi, single+refuse, dual+refuse, triple+refuse, multi+refuse, or like own=till,office.phone=2 with platforms of one's own, each also with +account=2 for one limit an account; see --help",
        ),
        (
            &["check", "--scope", "page-story@refuse"],
            "invalid value 'page-story@refuse' for '--scope <NAME>': unknown policy 'refuse'; it would be one of single, dual, triple, multi, single+refuse, dual+refuse, triple+refuse, multi+refuse, or like own=till,office.phone=2 with platforms of one's own, each also with +account=2 for one limit an account; see --help",
        ),
        (
            &["serve", "--policy", "dual+kick"],
            "invalid value 'dual+kick' for '--policy <NAME|FILE>': \"dual+kick\" is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse behind it; see --help",
        ),
        (
            &["serve", "--policy", "quad"],
            "invalid value 'quad' for '--policy <NAME|FILE>': \"quad\" is no policy; single, dual, triple and multi are, each also with +account=2 or +refuse \
             behind it; see --help",
        ),
    ];
    for (args, expected) in rows {
        assert_eq!(failure(args), (2, expected.to_owned()), "{args:?}");
    }
}

#[test]
fn an_argument_that_is_not_understood_is_one_line_that_says_what_would_be_right() {
    let rows: [(&[&str], &str); 16] = [
        (&["chekc"], "unrecognized subcommand 'chekc' tip: a similar subcommand exists: 'check'; see --help"),
        (
            &["check", "--driver", "socks"],
            "invalid value 'socks' for '--driver <DRIVER>': unknown driver 'socks': it would be machines, stack, sockets or browser; see --help",
        ),
        (&["replay"], "the following required arguments were not provided: <TRACE>...; see --help"),
        (
            &["replay", "page-story"],
            "'page-story' is no trace: it would be a scope, a colon and steps, like page-story: a1.login a1.open",
        ),
        (
            &["serve", "--administrator", "al ice"],
            "invalid value 'al ice' for '--administrator <USER_ID>': administrators: \"al ice\" is no userID; one is 1 to 32 bytes of \
             printable ASCII without spaces; see --help",
        ),
        (
            &["usersig", "--sdk-app-id", "1", "--key", "k", "al ice"],
            "invalid value 'al ice' for '<USER_ID>': a userID is 1 to 32 bytes of printable ASCII without spaces; see --help",
        ),
        (
            &["check", "--threads", "abc"],
            "invalid value 'abc' for '--threads <N>': it would be a whole number from 1 to 64; see --help",
        ),
        (
            &["soak", "--events", "0", "/tmp"],
            "invalid value '0' for '--events <N>': it would be a whole number, at least 1; see --help",
        ),
        (
            &["soak", "--nodes", "4", "--faults", "kill-node,fire", "/tmp"],
            "invalid value 'fire' for '--faults <KIND>': no fault is named \"fire\"; kill-node, freeze-node, cut-off-node, \
             lost-notices, out-of-memory, read-only, loading, kill-primary, two-primaries are; see --help",
        ),
        (&["soak", "--rounds", "2", "/tmp"], "the following required arguments were not provided: --nodes <N>; see --help"),
        (
            &["soak", "--nodes", "2", "--events", "9", "/tmp"],
            "the argument '--nodes <N>' cannot be used with '--events <N>'; see --help",
        ),
        (
            &["serve", "--usersig-ahead", "1.5"],
            "invalid value '1.5' for '--usersig-ahead <SECONDS>': it would be a whole number; see --help",
        ),
        (
            &["serve", "--change-period", "soon"],
            "invalid value 'soon' for '--change-period <SECONDS>': it would be a whole number of seconds; see --help",
        ),
        (
            &["serve", "--listen", "8080"],
            "invalid value '8080' for '--listen <ADDR>': \"8080\" is no address: a host and a port are needed; one would be \
             127.0.0.1:8080 or localhost:8080; see --help",
        ),
        (
            &["explore", "--address", "localhost"],
            "invalid value 'localhost' for '--address <ADDR>': \"localhost\" is no address: a host and a port are needed; one would be \
             127.0.0.1:8080 or localhost:8080; see --help",
        ),
        (
            &["conform", "--answer-limit", "0", "--", "true"],
            "invalid value '0' for '--answer-limit <MS>': it would be a whole number from 1 to 4294967295; see --help",
        ),
    ];
    for (args, expected) in rows {
        assert_eq!(failure(args), (2, expected.to_owned()), "{args:?}");
    }
}

#[test]
fn a_scope_of_which_a_driver_sees_nothing_is_not_green_there() {
    let output = run(kickproof().args(["check", "--scope", "callbacks-expiry", "--driver", "sockets"]));
    let (said, told) = (text(output.stdout), text(output.stderr));
    assert!(said.contains("RED: 1 of 1 scopes VERIFIED"), "{said}");
    let why = "error: not green: callbacks-expiry: no callback is seen on the sockets, and it is about more; ";
    assert_eq!((output.status.code(), told.lines().last().map(|last| last.starts_with(why))), (Some(1), Some(true)), "{told}");
}

#[test]
fn a_trace_of_which_a_driver_sees_nothing_is_not_replayed_there() {
    let expected = "no callback is seen on the sockets, and scope callbacks-expiry is about more; the stack sees it";
    assert_eq!(failure(&["replay", "callbacks-expiry: a1.login a1.open a1.up", "--driver", "sockets"]), (2, expected.to_owned()));
}

#[test]
fn a_check_whose_progress_cannot_be_written_goes_on() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let checked = kickproof().args(["check", "--scope", "restart-cut", "--driver", "machines"]).stderr(full).output().unwrap();
    assert_eq!(checked.status.code(), Some(0));
    assert!(text(checked.stdout).contains("\nGREEN: 1 of 1 scopes VERIFIED"));
}

#[test]
fn a_soak_replaces_no_journal_and_tells_of_one_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("server.jsonl");
    fs::write(&kept, "kept").unwrap();
    let (status, line) = failure(&["soak", "--events", "50", folder.path().to_str().unwrap()]);
    assert_eq!((status, line.contains("File exists (os error 17); name a folder")), (1, true), "{line}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
    let small = folder.path().join("small");
    let shell = format!("trap '' XFSZ; ulimit -f 8; exec {} soak --events 500 --accounts 2 $0", env!("CARGO_BIN_EXE_kickproof"));
    let Output { status, stdout, stderr } = run(Command::new("bash").args(["-c", &shell, small.to_str().unwrap()]));
    let told = text(stderr);
    assert_eq!((status.code(), text(stdout).as_str()), (Some(1), ""), "{told}");
    assert!(
        told.ends_with(": File too large (os error 27); name a folder that can be written and has no journals yet\n"),
        "{told}"
    );
}

#[test]
fn an_error_that_holds_what_a_stranger_wrote_is_one_line() {
    let (status, line) = failure(&["validate", "a\nb"]);
    assert_eq!((status, line.starts_with(r"a\nb cannot be read: ")), (2, true), "{line}");
}

#[test]
fn a_bug_that_cannot_be_planted_is_refused_with_one_that_can() {
    let why = match conformance::planting::IS_POSSIBLE {
        true => "no planted bug is named \"kick2-no-limits\"; did you mean 'kick2-no-limit'? `kickproof mutants --names` lists all",
        false => "a release build has no planted bugs; leave --release out",
    };
    let expected = format!("invalid value 'kick2-no-limits' for '--planted <NAME>': {why}; see --help");
    assert_eq!(failure(&["check", "--planted", "kick2-no-limits"]), (2, expected));
}

#[test]
fn scopes_and_rules_list_every_one_on_a_line_of_its_own() {
    let firsts = |table: String| table.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
    let scopes = model::scopes::all();
    let expected: Vec<_> = ["scope"].into_iter().chain(scopes.iter().map(|scope| scope.name)).collect();
    assert_eq!(firsts(printed(&["scopes"])), expected);
    let rules = model::rule::Rule::ALL.map(model::rule::Rule::name);
    let expected: Vec<_> = ["rule"].into_iter().chain(rules).collect();
    assert_eq!(firsts(printed(&["rules", "--names"])), expected);
}

#[test]
fn mutants_are_named_without_being_run_whatever_the_build() {
    let table = printed(&["mutants", "--names"]);
    let names: Vec<_> = conformance::mutants::all().iter().map(|mutant| mutant.change.name()).collect();
    let unreplayed = conformance::mutants::UNREPLAYED.map(|killer| killer.bug.name());
    let expected: Vec<_> = names.iter().map(String::as_str).chain(unreplayed).collect();
    let listed: Vec<_> =
        table.lines().skip(1).map(|line| line.split("  ").filter(|word| !word.is_empty()).nth(1).unwrap().trim()).collect();
    assert_eq!(listed, expected);
}

#[test]
fn a_port_in_use_is_one_line_and_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (status, line) = failure(&["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", &address]);
    let expected = format!(
        "cannot listen on {address}: Address already in use (os error 98); --listen names another address, port 0 any free one"
    );
    assert_eq!((status, line), (1, expected));
}

#[test]
fn a_server_that_does_not_start_leaves_nothing_behind() {
    let (taken, folder) = (TcpListener::bind("127.0.0.1:0").unwrap(), tempfile::tempdir().unwrap());
    let address = taken.local_addr().unwrap().to_string();
    let named = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, log, journal) = (named("data"), named("log"), named("journal"));
    let serve = ["serve", "--sdk-app-id", "1", "--key", "key", "--listen", &address, "--log", &log];
    for made in [["--data", &data], ["--journal", &journal]] {
        let (_, line) = failure(&[&serve[..], &made].concat());
        assert!(line.contains("Address already in use"), "{line}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_of_a_server_with_a_data_folder_is_refused_wherever_the_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [file, data, journal] =
        ["kickproof.toml", "data", "journal"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    fs::write(&file, format!("sdk_app_id = 1\nsecret_key = \"key\"\nlisten = \"127.0.0.1:0\"\ndata = \"{data}\"\n")).unwrap();
    let (status, line) = failure(&["serve", "--config", &file, "--journal", &journal]);
    assert_eq!((status, line.starts_with("--journal begins with the server, and ")), (2, true), "{line}");
}

#[test]
fn a_log_filter_that_is_none_is_refused() {
    let args = ["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0"];
    let Output { status, stdout: _, stderr } = run(kickproof().args(args).env("KICKPROOF_LOG", "sut=loud"));
    assert_eq!(status.code(), Some(2));
    assert!(text(stderr).starts_with("error: KICKPROOF_LOG is no filter: "));
}

#[test]
fn a_user_sig_that_was_made_is_judged_good_and_shown() {
    let app = ["usersig", "--sdk-app-id", APP, "--key", KEY, "--time", "1700000000"];
    let made = printed(&[&app[..], &["--expire", "60", "--userbuf", "room 1", "alice"]].concat());
    let judged = printed(&[&app[..], &["--verify", made.trim_end(), "alice"]].concat());
    let expected = "identifier  alice\nsdk_app_id  1400000000\nissued      1700000000\nexpires     1700000060, 60 s later\n\
                    userbuf     \"room 1\"\n";
    assert_eq!(judged, expected);
}

#[test]
fn a_user_sig_of_a_wrong_key_is_refused() {
    let app = ["usersig", "--sdk-app-id", APP, "--key", KEY];
    let made = printed(&[&app[..], &["alice"]].concat());
    let other = ["usersig", "--sdk-app-id", APP, "--key", "other", "--verify", made.trim_end(), "alice"];
    let expected = "refused with 70009: the UserSig's signature is wrong; sign with the app's secret key";
    assert_eq!(failure(&other), (1, expected.to_owned()));
}

#[test]
fn a_key_may_come_by_the_environment_and_a_flag_wins_over_it() {
    let judge = |made: &[u8]| {
        let made = text(made.to_vec());
        printed(&["usersig", "--sdk-app-id", APP, "--key", KEY, "--verify", made.trim_end(), "alice"])
    };
    let by_environment = run(kickproof().args(["usersig", "--sdk-app-id", APP, "alice"]).env("KICKPROOF_KEY", KEY));
    assert!(judge(&by_environment.stdout).starts_with("identifier  alice\n"));
    let args = ["usersig", "--sdk-app-id", APP, "--key", KEY, "alice"];
    let by_flag = run(kickproof().args(args).env("KICKPROOF_KEY", "other"));
    assert!(judge(&by_flag.stdout).starts_with("identifier  alice\n"));
}
