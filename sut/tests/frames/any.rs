//! Any frame, cut off anywhere and damaged in any way.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;
use sut::code::{Code, Refusal};
use sut::protocol::{ClientFrame, Envelope, MessageId, ResumeOutcome, ServerFrame, VERSION, decode_client, decode_server, encode};
use sut::session::{Epoch, InstanceKey, KickReason, Platform, Secret};

/// One of the rulebook's or one's own.
fn a_platform() -> impl Strategy<Value = Platform> {
    let own = ["till", "a-platform_of-16"].map(|name| name.parse().unwrap());
    select([&Platform::ALL[..], &own].concat())
}

fn a_client_frame() -> impl Strategy<Value = ClientFrame> {
    let identity = (any::<u64>(), ".{0,40}", ".{0,200}", a_platform(), any::<u128>());
    prop_oneof![
        (identity, option::of(any::<u64>())).prop_map(|(identity, resumed)| {
            let (sdk_app_id, user_id, user_sig, platform, key) = identity;
            let key = InstanceKey(key);
            match resumed {
                None => ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key },
                Some(last_seq) => ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq },
            }
        }),
        (".{0,40}", any::<u128>(), option::of(".{0,200}")).prop_map(|(user_id, key, user_sig)| ClientFrame::Logout {
            user_id,
            key: InstanceKey(key),
            user_sig
        }),
        select(&[ClientFrame::Sync, ClientFrame::KickAck, ClientFrame::Ping, ClientFrame::Pong]),
        (any::<u128>(), ".{0,40}", "(?s).{0,200}").prop_map(|(id, to, text)| ClientFrame::Send { id: MessageId(id), to, text }),
        any::<u64>().prop_map(|seq| ClientFrame::MessageAck { seq }),
    ]
}

fn a_server_frame() -> impl Strategy<Value = ServerFrame> {
    let reads_back = |code: &Code| Code::try_from(code.number()) == Ok(*code);
    let codes: Vec<_> = Code::ALL.into_iter().filter(reads_back).collect();
    let refusal = || (select(codes.clone()), ".{0,80}").prop_map(|(code, text)| Refusal { code, text });
    let refused = || option::of(refusal());
    let reasons = [KickReason::MultipleAccount, KickReason::MultipleDevice, KickReason::UserSigExpired, KickReason::RestApi];
    prop_oneof![
        (refused(), any::<bool>()).prop_map(|(refused, gap)| ServerFrame::LoginAnswer { refused, gap }),
        prop_oneof![
            any::<bool>().prop_map(|gap| ResumeOutcome::Resumed { gap }),
            Just(ResumeOutcome::Readmitted),
            select(reasons.to_vec()).prop_map(|reason| ResumeOutcome::Told { reason }),
            refusal().prop_map(|refusal| ResumeOutcome::Refused { refusal }),
        ]
        .prop_map(|outcome| ServerFrame::ResumeAnswer { outcome }),
        select(&[ServerFrame::LogoutAnswer, ServerFrame::Pong, ServerFrame::Ping]),
        (vec(a_platform(), 0..30), any::<u64>())
            .prop_map(|(online, server_time_ms)| { ServerFrame::SyncAnswer { online, server_time_ms } }),
        (any::<u128>(), refused()).prop_map(|(id, refused)| ServerFrame::SendAnswer { id: MessageId(id), refused }),
        (any::<u64>(), any::<u128>(), ".{0,40}", ".{0,40}", "(?s).{0,200}")
            .prop_map(|(seq, id, from, to, text)| { ServerFrame::Message { seq, id: MessageId(id), from, to, text } }),
        select(reasons.to_vec()).prop_map(|reason| ServerFrame::Notice { reason }),
    ]
}

fn in_an_envelope<F: Debug>(frame: impl Strategy<Value = F>) -> impl Strategy<Value = Envelope<F>> {
    (any::<u128>(), any::<u64>(), frame).prop_map(|(session, epoch, frame)| Envelope {
        v: VERSION,
        session: Secret(session),
        epoch: Epoch(epoch),
        frame,
    })
}

fn corrupted<F: Serialize>(envelope: &Envelope<F>, damage: &[(Index, u8)]) -> Vec<u8> {
    let mut bytes = encode(envelope).into_bytes();
    for (at, byte) in damage {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    bytes
}

fn some_damage() -> impl Strategy<Value = Vec<(Index, u8)>> {
    vec((any::<Index>(), any::<u8>()), 1..8)
}

proptest! {
    #[test]
    fn what_a_client_says_is_read_as_it_was_meant(said in in_an_envelope(a_client_frame())) {
        prop_assert_eq!(decode_client(encode(&said)), Ok(said));
    }

    #[test]
    fn what_the_server_says_is_read_as_it_was_meant(said in in_an_envelope(a_server_frame())) {
        prop_assert_eq!(decode_server(encode(&said)), Ok(said));
    }

    #[test]
    fn a_truncated_client_frame_is_refused(said in in_an_envelope(a_client_frame())) {
        let whole = encode(&said).into_bytes();
        for length in 0..whole.len() {
            let error = decode_client(&whole[..length]).unwrap_err();
            prop_assert_eq!(error.close_code(), 1007);
        }
    }

    #[test]
    fn a_truncated_server_frame_is_refused(said in in_an_envelope(a_server_frame())) {
        let whole = encode(&said).into_bytes();
        for length in 0..whole.len() {
            let error = decode_server(&whole[..length]).unwrap_err();
            prop_assert_eq!(error.close_code(), 1007);
        }
    }

    #[test]
    fn a_damaged_client_frame_is_refused_or_says_something_else(
        said in in_an_envelope(a_client_frame()),
        damage in some_damage(),
    ) {
        let bytes = corrupted(&said, &damage);
        match decode_client(&bytes) {
            Ok(read) => prop_assert_eq!(decode_client(encode(&read)), Ok(read)),
            Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
        }
    }

    #[test]
    fn a_damaged_server_frame_is_refused_or_says_something_else(
        said in in_an_envelope(a_server_frame()),
        damage in some_damage(),
    ) {
        let bytes = corrupted(&said, &damage);
        match decode_server(&bytes) {
            Ok(read) => prop_assert_eq!(decode_server(encode(&read)), Ok(read)),
            Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
        }
    }

    #[test]
    fn any_bytes_at_all_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(decode_client(&bytes).is_err() && decode_server(&bytes).is_err());
    }
}
