//! What is written down of commits.

use std::fs;

use futures_util::FutureExt;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::admission::Kicked;
use crate::admission::Occasion;
use crate::registry::memory::Memory;
use crate::server::machine::LinkId;
use crate::session::{Epoch, KeyDigest, Platform, Record, Session, SessionDigest};
use crate::timers::UnixMillis;

fn session(n: u8) -> Session {
    let (key, digest) = (KeyDigest(n.into()), SessionDigest(n.into()));
    let platform = if n == 1 { Platform::IPad } else { Platform::Web };
    Session { key, digest, epoch: Epoch(1), platform, expires_at: UnixMillis(0), issued_s: 0, node: None, admitted_at: None }
}

fn kicked(n: u8, reason: KickReason) -> Kicked {
    Kicked { session: session(n), reason }
}

/// A record after those kicks.
fn after(kicks: &[Kicked]) -> Record {
    let record = |victim: &Kicked| KickRecord { key: victim.session.key, digest: victim.session.digest, reason: victim.reason };
    Record { kicks: kicks.iter().map(record).collect(), ..Record::default() }
}

struct Written {
    folder: TempDir,
    log: KickLog,
}

impl Written {
    fn new() -> Written {
        let folder = tempdir().unwrap();
        let log = KickLog::open(&folder.path().join("kicks")).unwrap();
        Written { folder, log }
    }

    fn commits(&self, version: u64, admitted: Option<u8>, kicked: &[Kicked]) {
        let (at, kicked) = (UnixMillis(version + 99), kicked.to_vec());
        let occasion = Occasion::Login;
        let change = Change { at, occasion, admitted: admitted.map(session), resumed: None, kicked, dropped: Some(session(9)) };
        self.log.committed("alice", Version(version), &change);
    }

    fn lines(&self) -> Vec<String> {
        let written = fs::read_to_string(self.folder.path().join("kicks")).unwrap();
        written.lines().map(str::to_owned).collect()
    }
}

/// The line of a session that the commit before this version found; its newcomer, if it has one, is a Web session without an address.
fn line(version: u64, n: u8, (reason, cause): (&str, &str), newcomer: Option<u8>) -> String {
    let named = |n: u8| (SessionDigest(n.into()).fingerprint(), session(n).platform);
    let ((session, platform), at) = (named(n), version + 99);
    let newcomer =
        newcomer.map(named).map(|(s, p)| format!(r#","newcomer":{{"session":"{s}","platform":"{p}"}}"#)).unwrap_or_default();
    let who = format!(r#""account":"alice","version":{version},"session":"{session}","platform":"{platform}""#);
    format!(r#"{{"at_ms":{at},{who},"reason":"{reason}","cause":"{cause}"{newcomer}}}"#)
}

#[test]
fn every_kick_of_a_commit_is_a_line_with_its_time_reason_cause_and_both_platforms() {
    let written = Written::new();
    let logins = [kicked(1, KickReason::MultipleDevice), kicked(2, KickReason::MultipleAccount)];
    written.commits(1, Some(3), &logins);
    written.commits(2, None, &[kicked(3, KickReason::UserSigExpired)]);
    written.commits(3, None, &[kicked(4, KickReason::RestApi), kicked(5, KickReason::RestApi)]);
    let expected = [
        line(1, 1, ("multipleDevice", "login"), Some(3)),
        line(1, 2, ("multipleAccount", "login"), Some(3)),
        line(2, 3, ("userSigExpired", "expiry"), None),
        line(3, 4, ("REST_API_Kick", "rest"), None),
        line(3, 5, ("REST_API_Kick", "rest"), None),
    ];
    assert_eq!(written.lines(), expected);
}

#[test]
fn what_ends_without_a_kick_leaves_no_line() {
    let written = Written::new();
    written.commits(1, Some(1), &[]);
    assert_eq!(written.lines(), Vec::<String>::new());
}

#[test]
fn a_kick_record_that_stands_at_a_start_is_told_again() {
    let written = Written::new();
    let old = [kicked(1, KickReason::RestApi)];
    let registry = Memory::default();
    registry.commit("alice", Version(0), after(&old), Vec::new()).now_or_never().unwrap().unwrap();
    written.log.tell_again(&registry, UnixMillis(7)).now_or_never().unwrap().unwrap();
    let told = line(1, 1, ("REST_API_Kick", "rest"), None).replace("100", "7").replace(r#""platform":"iPad","#, "");
    assert_eq!(written.lines(), [told.replace('}', r#","again":true}"#)]);
}

#[test]
fn a_line_tells_from_where_the_links_of_both_come_as_long_as_they_have_one() {
    let written = Written::new();
    let addresses = written.log.addresses();
    let mut links: Vec<_> = (1..3).map(|n| addresses.link(LinkId(n.into()), [192, 0, 2, n].into())).collect();
    for (link, session) in links.iter_mut().zip([1, 3]) {
        link.speaks_for(SessionDigest(session));
    }
    let first = [kicked(1, KickReason::MultipleDevice)];
    written.commits(1, Some(3), &first);
    drop(links);
    written.commits(2, Some(4), &[kicked(3, KickReason::MultipleAccount)]);
    let with = |line: String, platform: &str, host: u8| {
        let platform = format!(r#""platform":"{platform}""#);
        line.replace(&platform, &format!(r#"{platform},"address":"192.0.2.{host}""#))
    };
    let told = with(with(line(1, 1, ("multipleDevice", "login"), Some(3)), "iPad", 1), "Web", 2);
    assert_eq!(written.lines(), [told, line(2, 3, ("multipleAccount", "login"), Some(4))]);
}
