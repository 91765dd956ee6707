//! TLS by the server itself. The certificates are for `localhost`, of two authorities that nobody trusts unless told to.

use std::sync::Arc;

use sut::client::{Client, ConnectError, Event, Events, TcpConnector};
use sut::server::{BadPair, Door, Tls};
use sut::session::Platform;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};

use super::Behind;
use crate::ends::system::{instance, sig};
use crate::ends::unopened::why_not;

const AUTHORITY: &[u8] = include_bytes!("../wss/authority.pem");
const PAIR: &[u8] = include_bytes!("../wss/localhost.pem");
const OTHER_AUTHORITY: &[u8] = include_bytes!("../wss/other-authority.pem");
const OTHER_PAIR: &[u8] = include_bytes!("../wss/other-localhost.pem");

async fn behind(tls: &Tls) -> Behind {
    Behind::a(Door { tls: Some(tls.clone()), ..Door::default() }).await
}

fn tls() -> Tls {
    Tls::new(PAIR, PAIR).unwrap()
}

fn connector(behind: &Behind, authority: &[u8]) -> TcpConnector {
    let address = format!("wss://localhost:{}/v1/ws", behind.address.port());
    TcpConnector::new(&address).unwrap().trusting(authority).unwrap()
}

async fn ready(behind: &Behind, authority: &[u8], user_id: &str) -> (Client, Events) {
    let (client, mut events) = instance(Platform::Web, connector(behind, authority));
    client.login(user_id, sig(user_id)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    (client, events)
}

/// What bob says reaches alice.
async fn check_that_they_speak((alice, bob): (&mut Events, &Client)) {
    let id = bob.send_message("alice", "hello").await.unwrap();
    let (from, to, text) = ("bob".to_owned(), "alice".to_owned(), "hello".to_owned());
    assert_eq!(alice.next().await, Some(Event::MessageReceived { from, to, id, text }));
}

#[tokio::test]
async fn clients_speak_over_tls_with_the_server_itself() {
    let behind = behind(&tls()).await;
    let (alice, mut events) = ready(&behind, AUTHORITY, "alice").await;
    let (bob, _events) = ready(&behind, AUTHORITY, "bob").await;
    check_that_they_speak((&mut events, &bob)).await;
    for client in [alice, bob] {
        client.logout().await.unwrap();
    }
}

/// The version that is agreed on, and the answer to a probe behind it.
async fn probed(behind: &Behind, spoken: &'static SupportedProtocolVersion) -> (Option<ProtocolVersion>, String) {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(AUTHORITY).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_protocol_versions(&[spoken]).unwrap().with_root_certificates(roots).with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), behind.stream().await).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (stream.get_ref().1.protocol_version(), answer)
}

#[tokio::test]
async fn tls_1_3_and_1_2_are_spoken_and_closed_with_a_word() {
    let behind = behind(&tls()).await;
    for spoken in [&version::TLS13, &version::TLS12] {
        let (agreed, answer) = probed(&behind, spoken).await;
        assert_eq!(agreed, Some(spoken.version));
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_the_next_and_open_links_go_on() {
    let tls = tls();
    let behind = behind(&tls).await;
    let (_alice, mut events) = ready(&behind, AUTHORITY, "alice").await;
    tls.renew(&Tls::new(OTHER_PAIR, OTHER_PAIR).unwrap());
    assert_eq!(why_not(connector(&behind, AUTHORITY)).await, Some(ConnectError::UnknownAuthority));
    let (bob, _events) = ready(&behind, OTHER_AUTHORITY, "bob").await;
    check_that_they_speak((&mut events, &bob)).await;
}

#[test]
fn what_is_wrong_with_a_pair_is_told_apart() {
    let broken = PAIR.iter().filter(|byte| **byte != b'M').copied().collect::<Vec<_>>();
    let rows: [(&[u8], &[u8], BadPair); 7] = [
        (b"", PAIR, BadPair::NoCertificate),
        (b"sdk_app_id = 1", PAIR, BadPair::NoCertificate),
        (&broken, PAIR, BadPair::Certificate),
        (PAIR, AUTHORITY, BadPair::NoKey),
        (PAIR, &PAIR[..PAIR.len() - 40], BadPair::Key("its PEM cannot be read".to_owned())),
        (AUTHORITY, PAIR, BadPair::Apart),
        (OTHER_PAIR, PAIR, BadPair::Apart),
    ];
    for (chain, key, why) in rows {
        assert_eq!(Tls::new(chain, key).unwrap_err(), why);
    }
}

#[tokio::test]
async fn whoever_does_not_shake_hands_in_time_or_speaks_no_tls_is_cut() {
    let behind = behind(&tls()).await;
    let mut silent = behind.stream().await;
    behind.fires("door 127.0.0.1").await;
    assert_eq!(silent.read(&mut [0; 8]).await.unwrap(), 0);
    let mut plain = behind.stream().await;
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{}", answer.escape_ascii());
}
