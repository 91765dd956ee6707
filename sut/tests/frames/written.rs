//! Each kind of frame as it is written, and read back.

use sut::code::{Code, Refusal};
use sut::protocol::{
    ClientFrame, Envelope, MAX_FRAME_BYTES, MessageId, ResumeOutcome, ServerFrame, VERSION, decode_client, decode_server, encode,
};
use sut::session::{Epoch, InstanceKey, KickReason, Platform, Secret};

use super::written;

fn envelope<F>(frame: F) -> Envelope<F> {
    Envelope { v: VERSION, session: Secret(0xab), epoch: Epoch(7), frame }
}

fn refusal() -> Refusal {
    Refusal { code: Code::SigExpired, text: "expired".to_owned() }
}

fn client_frames() -> Vec<(ClientFrame, &'static str)> {
    let (sdk_app_id, platform, key) = (14, Platform::IPad, InstanceKey(1));
    let (user_id, user_sig) = ("alice".to_owned(), "eJw_".to_owned());
    let (to, text) = ("bob".to_owned(), "hi".to_owned());
    vec![
        (
            ClientFrame::Login { sdk_app_id, user_id: user_id.clone(), user_sig: user_sig.clone(), platform, key },
            r#"{"login":{"sdk_app_id":14,"user_id":"alice","user_sig":"eJw_","platform":"iPad","key":"00000000000000000000000000000001"}}"#,
        ),
        (
            ClientFrame::Resume { sdk_app_id, user_id: user_id.clone(), user_sig: user_sig.clone(), platform, key, last_seq: 4 },
            r#"{"resume":{"sdk_app_id":14,"user_id":"alice","user_sig":"eJw_","platform":"iPad","key":"00000000000000000000000000000001","last_seq":4}}"#,
        ),
        (
            ClientFrame::Logout { user_id: user_id.clone(), key, user_sig: None },
            r#"{"logout":{"user_id":"alice","key":"00000000000000000000000000000001"}}"#,
        ),
        (
            ClientFrame::Logout { user_id, key, user_sig: Some(user_sig) },
            r#"{"logout":{"user_id":"alice","key":"00000000000000000000000000000001","user_sig":"eJw_"}}"#,
        ),
        (ClientFrame::Sync, r#""sync""#),
        (
            ClientFrame::Send { id: MessageId(2), to, text },
            r#"{"send":{"id":"00000000000000000000000000000002","to":"bob","text":"hi"}}"#,
        ),
        (ClientFrame::MessageAck { seq: 3 }, r#"{"message-ack":{"seq":3}}"#),
        (ClientFrame::KickAck, r#""kick-ack""#),
        (ClientFrame::Ping, r#""ping""#),
        (ClientFrame::Pong, r#""pong""#),
    ]
}

fn resume_answer(outcome: ResumeOutcome) -> ServerFrame {
    ServerFrame::ResumeAnswer { outcome }
}

fn server_frames() -> Vec<(ServerFrame, &'static str)> {
    let (from, to) = ("alice".to_owned(), "bob".to_owned());
    let refused = Some(refusal());
    vec![
        (ServerFrame::LoginAnswer { refused: None, gap: false }, r#"{"login-answer":{"refused":null,"gap":false}}"#),
        (ServerFrame::LoginAnswer { refused: None, gap: true }, r#"{"login-answer":{"refused":null,"gap":true}}"#),
        (
            ServerFrame::LoginAnswer { refused, gap: false },
            r#"{"login-answer":{"refused":{"code":70001,"text":"expired"},"gap":false}}"#,
        ),
        (resume_answer(ResumeOutcome::Resumed { gap: false }), r#"{"resume-answer":{"outcome":{"resumed":{"gap":false}}}}"#),
        (resume_answer(ResumeOutcome::Readmitted), r#"{"resume-answer":{"outcome":"readmitted"}}"#),
        (
            resume_answer(ResumeOutcome::Told { reason: KickReason::MultipleDevice }),
            r#"{"resume-answer":{"outcome":{"told":{"reason":"multipleDevice"}}}}"#,
        ),
        (
            resume_answer(ResumeOutcome::Refused { refusal: refusal() }),
            r#"{"resume-answer":{"outcome":{"refused":{"refusal":{"code":70001,"text":"expired"}}}}}"#,
        ),
        (ServerFrame::LogoutAnswer, r#""logout-answer""#),
        (
            ServerFrame::SyncAnswer { online: vec![Platform::Web, Platform::IPhone], server_time_ms: 9 },
            r#"{"sync-answer":{"online":["Web","iPhone"],"server_time_ms":9}}"#,
        ),
        (
            ServerFrame::SendAnswer { id: MessageId(2), refused: None },
            r#"{"send-answer":{"id":"00000000000000000000000000000002","refused":null}}"#,
        ),
        (
            ServerFrame::Message { seq: 1, id: MessageId(2), from, to, text: "hi".to_owned() },
            r#"{"message":{"seq":1,"id":"00000000000000000000000000000002","from":"alice","to":"bob","text":"hi"}}"#,
        ),
        (ServerFrame::Notice { reason: KickReason::RestApi }, r#"{"notice":{"reason":"REST_API_Kick"}}"#),
        (ServerFrame::Pong, r#""pong""#),
        (ServerFrame::Ping, r#""ping""#),
    ]
}

#[test]
fn every_client_frame_is_written_like_this() {
    for (frame, body) in client_frames() {
        assert_eq!(encode(&envelope(frame.clone())), written(body));
        assert_eq!(decode_client(written(body)), Ok(envelope(frame)));
    }
}

#[test]
fn every_server_frame_is_written_like_this() {
    for (frame, body) in server_frames() {
        assert_eq!(encode(&envelope(frame.clone())), written(body));
        assert_eq!(decode_server(written(body)), Ok(envelope(frame)));
    }
}

/// The page that documents the frames outside of Rust.
const PAGE: &str = include_str!("../../FRAMES.md");

/// The lines of the page's block of JSON behind that heading.
fn documented(heading: &str) -> Vec<&'static str> {
    let (_, section) = PAGE.split_once(heading).unwrap();
    let (_, block) = section.split_once("```json\n").unwrap();
    block.split_once("\n```").unwrap().0.lines().collect()
}

#[test]
fn the_page_of_frames_has_each_as_it_is_written() {
    let by_client: Vec<_> = client_frames().into_iter().map(|(frame, _)| encode(&envelope(frame))).collect();
    assert_eq!(documented("## From the client\n"), by_client);
    let by_server: Vec<_> = server_frames().into_iter().map(|(frame, _)| encode(&envelope(frame))).collect();
    assert_eq!(documented("## From the server\n"), by_server);
    assert!(PAGE.contains("at most 16,384 bytes") && MAX_FRAME_BYTES == 16_384);
}
