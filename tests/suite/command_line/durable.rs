//! `kickproof serve` over its end and beyond: data folders, callbacks, settings that change. The other tests of a server that runs
//! are in `served`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition};
use tempfile::tempdir;
use tokio::time::timeout;

use super::failure;
use super::served::{administer, ready, ready_as};
use crate::serving::{APP, KEY, PATIENCE, Serving};

const DONE: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

/// Where alice is online.
async fn status_of_alice(serving: &Serving) -> String {
    let asked = r#"{"To_Account":["alice"],"IsNeedDetail":1}"#;
    let answer = administer(serving, "admin", "openim/query_online_status", asked).await;
    answer.split_once("QueryResult").unwrap().1.to_owned()
}

/// Takes the next callback: its id and its body.
fn take_callback(listener: &TcpListener) -> (String, String) {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = BufReader::new(stream);
    let head: Vec<_> = stream.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let header = |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let mut body = vec![0; header("content-length: ").parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    let mut stream: TcpStream = stream.into_inner();
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").unwrap();
    (header("callback-id: "), String::from_utf8(body).unwrap())
}

/// Takes callbacks up to the second one, the first perhaps more than once.
fn take_two(listener: &TcpListener) -> Vec<(String, String)> {
    let mut taken = vec![take_callback(listener)];
    while taken.last().is_some_and(|(id, _)| *id == taken[0].0) {
        taken.push(take_callback(listener));
    }
    taken
}

#[tokio::test]
async fn sessions_and_callbacks_survive_a_sigkill() {
    let folder = tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}/hook");
    let args = ["--administrator", "admin", "--limit", "Web=2", "--webhook", &url, "--data", folder.path().to_str().unwrap()];
    let serving = Serving::start(&args);
    let _first = ready(&serving).await;
    let _second = ready(&serving).await;
    serving.kill();
    let serving = Serving::start(&args);
    let web = r#"{"Platform":"Web","Status":"Online"}"#;
    let online = format!(r#"":[{{"To_Account":"alice","Status":"Online","Detail":[{web},{web}]}}]}}"#);
    assert_eq!(status_of_alice(&serving).await, online);
    let listener = TcpListener::bind(address).unwrap();
    let taking = tokio::task::spawn_blocking(move || take_two(&listener));
    let taken = timeout(PATIENCE, taking).await.unwrap().unwrap();
    assert!(taken.iter().all(|(id, _)| id.starts_with("alice/")), "{taken:?}");
    let register = r#""Info":{"Action":"Login","To_Account":"alice","Reason":"Register"}}"#;
    assert!(taken.iter().all(|(_, body)| body.ends_with(register)), "{taken:?}");
}

#[test]
fn a_data_folder_is_made_for_its_owner_and_nothing_above_it() {
    let folder = tempdir().unwrap();
    let made = folder.path().join("data");
    Serving::start(&["--data", made.to_str().unwrap()]).end("TERM");
    let mode = fs::metadata(made.join("registry.redb")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let nowhere = folder.path().join("no/such");
    let path = nowhere.to_str().unwrap();
    let (status, line) = failure(&["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0", "--data", path]);
    let expected = format!(
        "{path}: the data folder is not there, nor is the folder that it would be made in, which must be made first; --data names another \
         folder"
    );
    assert_eq!((status, line, folder.path().join("no").exists()), (1, expected, false));
}

#[test]
fn a_server_without_a_data_folder_says_what_a_restart_forgets() {
    let said = "without --data a restart forgets who is online, who was kicked and what changed; clients log in anew";
    Serving::start_logging("warn", &[]).logged(said);
}

#[test]
fn a_data_folder_in_use_is_said_in_one_line() {
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let _serving = Serving::start(&["--data", path]);
    let (status, line) = failure(&["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0", "--data", path]);
    let expected = format!("{path}/registry.redb: another process uses this data folder; --data names another folder");
    assert_eq!((status, line), (1, expected));
}

/// Writes over the rows of an account what is no part of a record.
fn spoil(folder: &Path, user_id: &str) {
    let database = Database::open(folder.join("registry.redb")).unwrap();
    let changing = database.begin_write().unwrap();
    let mut rows = changing.open_table(TableDefinition::<&[u8], &[u8]>::new("accounts")).unwrap();
    let keys = rows.iter().unwrap().map(|row| row.unwrap().0.value().to_vec()).collect::<Vec<_>>();
    let is_of_account = |key: &&Vec<u8>| key.windows(user_id.len()).any(|window| window == user_id.as_bytes());
    for key in keys.iter().filter(is_of_account) {
        rows.insert(key.as_slice(), b"no part of a record".as_slice()).unwrap();
    }
    drop(rows);
    changing.commit().unwrap();
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_said_at_the_start_and_costs_nobody_else_anything() {
    let folder = tempdir().unwrap();
    let (data, kicks) = (folder.path().join("data"), folder.path().join("kicks"));
    let args = ["--administrator", "admin", "--data", data.to_str().unwrap(), "--log", kicks.to_str().unwrap()];
    let serving = Serving::start(&args);
    let (_alice, _mallory) = (ready(&serving).await, ready_as(&serving, "mallory").await.unwrap());
    serving.kill();
    spoil(&data, "mallory");
    let serving = Serving::start_logging("error", &args);
    let why = "account=\"mallory\" why=\"the record of mallory cannot be read: its rows are not what is written here\"";
    let log = serving.logged(why);
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(status_of_alice(&serving).await.contains(r#""Status":"Online""#));
    assert_eq!(ready_as(&serving, "mallory").await.unwrap_err().code.number(), 70169);
    let _alice = ready(&serving).await;
    serving.end("TERM");
}

#[test]
fn a_bad_url_or_period_is_a_mistake_in_the_arguments() {
    let rows = [
        (["serve", "--webhook", "https://backend"], "TLS is not spoken here, let a proxy do it"),
        (["serve", "--webhook", "backend"], "it must begin with http://"),
        (["serve", "--change-period", "3001"], "3001 is out of range; 0..=3000 is allowed"),
        (["serve", "--change-period", "-1"], "-1 is out of range; 0..=3000 is allowed"),
    ];
    for (args, why) in rows {
        let (status, line) = failure(&args);
        assert!(status == 2 && line.contains(why), "{line}");
    }
}

#[tokio::test]
async fn a_sighup_loads_limits_and_a_bad_file_changes_nothing() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("kickproof.toml");
    let limit = |limit: u8| fs::write(&file, format!("change_period_s = 0\n[limits]\nWeb = {limit}\n")).unwrap();
    limit(1);
    let serving = Serving::start_logging("info", &["--administrator", "admin", "--config", file.to_str().unwrap()]);
    limit(11);
    serving.hang_up();
    let log = serving.logged("SIGHUP: nothing is changed");
    assert!(log.contains("limits: a limit of 11 for Web is out of range; 1..=10 is allowed"), "{log}");
    limit(2);
    serving.hang_up();
    serving.logged("from now on these terms decide");
    let (_first, _second) = (ready(&serving).await, ready(&serving).await);
    assert_eq!(status_of_alice(&serving).await.matches(r#""Web""#).count(), 2);
    serving.end("TERM");
}

#[tokio::test]
async fn a_limit_set_by_an_administrator_outlives_the_process_until_the_file_is_loaded_anew() {
    let folder = tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("kickproof.toml"));
    fs::write(&file, "change_period_s = 0\n").unwrap();
    let args = ["--administrator", "admin", "--data", data.to_str().unwrap(), "--config", file.to_str().unwrap()];
    let serving = Serving::start_logging("info", &args);
    assert_eq!(administer(&serving, "admin", "im_open_login_svc/set_login_policy", r#"{"Limits":{"Web":2}}"#).await, DONE);
    serving.kill();
    fs::write(&file, "change_period_s = 0\npolicy = \"multi\"\n[limits]\nWeb = 1\nMac = 3\n").unwrap();
    let serving = Serving::start_logging("info", &args);
    let log = serving.logged("the server listens");
    let start = log.lines().find(|line| line.contains("the server listens")).unwrap();
    let in_force = "policy: Policy { classes: Multi, counted: Platforms, newcomers: Kick }, limits: Limits { by_platform: [2, 1, 1, 1, 1, 3, 1]";
    assert!(start.contains(in_force), "the file decides but where an administrator spoke: {start}");
    let (_first, _second) = (ready(&serving).await, ready(&serving).await);
    assert_eq!(status_of_alice(&serving).await.matches(r#""Web""#).count(), 2);
    serving.hang_up();
    serving.logged("from now on these terms decide");
    let _third = ready(&serving).await;
    assert_eq!(status_of_alice(&serving).await.matches(r#""Web""#).count(), 1);
}

#[tokio::test]
async fn a_sighup_without_a_file_loads_what_the_flags_say() {
    let args = ["--administrator", "admin", "--limit", "Web=2", "--change-period", "0"];
    let serving = Serving::start_logging("info", &args);
    assert_eq!(administer(&serving, "admin", "im_open_login_svc/set_login_policy", r#"{"Limits":{"Web":3}}"#).await, DONE);
    serving.logged("by_platform: [3, 1");
    serving.hang_up();
    let log = serving.logged("SIGHUP: these terms will take effect");
    assert!(log.lines().any(|line| line.contains("SIGHUP: these") && line.contains("by_platform: [2, 1")), "{log}");
    serving.end("TERM");
}

#[test]
fn callbacks_that_go_with_the_process_are_warned_of() {
    let folder = tempdir().unwrap();
    let webhook = ["--webhook", "http://127.0.0.1:9/callbacks"];
    let serving = Serving::start_logging("warn", &webhook);
    serving.logged("without --data callbacks go with the process");
    serving.end("TERM");
    let kept = Serving::start_logging("warn", &[&webhook[..], &["--data", folder.path().to_str().unwrap()]].concat());
    assert_eq!(kept.end("TERM"), "");
}
