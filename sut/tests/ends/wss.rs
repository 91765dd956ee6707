//! The same behind a proxy that ends TLS: Python's, which is OpenSSL's. Its certificate is for `localhost` and of an authority that nobody
//! trusts unless it is told to; both are good until 2126, and their keys are known to everybody.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use sut::client::{ConnectError, Event, TcpConnector};
use sut::session::Platform;
use tokio::net::TcpListener;

use super::system::{instance, server, sig};
use super::unopened::{free_port, why_not};

const AUTHORITY: &[u8] = include_bytes!("wss/authority.pem");

/// A server behind a proxy; both end with it.
struct Behind {
    proxy: Child,
    port: u16,
}

impl Behind {
    async fn a_proxy() -> Behind {
        Behind::a_proxy_that_shows("localhost.pem").await
    }

    async fn a_proxy_that_shows(certificate: &str) -> Behind {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { server().listen(listener, std::future::pending()).await });
        Behind::a_proxy_to(port, certificate)
    }

    fn a_proxy_to(port: u16, certificate: &str) -> Behind {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ends/wss");
        let mut command = Command::new("python3");
        command.current_dir(folder).args(["proxy.py", certificate, &port.to_string()]);
        let mut proxy = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(proxy.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        Behind { proxy, port }
    }

    fn address(&self, host: &str) -> String {
        format!("wss://{host}:{}/v1/ws", self.port)
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        self.proxy.kill().unwrap();
        self.proxy.wait().unwrap();
    }
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_logs_in_and_speaks_through_tls() {
    let behind = Behind::a_proxy().await;
    let connector = TcpConnector::new(&behind.address("localhost")).unwrap().trusting(AUTHORITY).unwrap();
    let (first, mut first_events) = instance(Platform::Web, connector.clone());
    first.login("alice", sig("alice")).await.unwrap();
    assert_eq!(first_events.next().await, Some(Event::SdkReady));

    let (second, mut second_events) = instance(Platform::Web, connector);
    second.login("bob", sig("bob")).await.unwrap();
    assert_eq!(second_events.next().await, Some(Event::SdkReady));
    let id = second.send_message("alice", "hello").await.unwrap();
    let (from, to, text) = ("bob".to_owned(), "alice".to_owned(), "hello".to_owned());
    assert_eq!(first_events.next().await, Some(Event::MessageReceived { from, to, id, text }));
    for client in [first, second] {
        client.logout().await.unwrap();
        client.destroy().await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_or_for_another_name_opens_no_link_and_is_told_apart() {
    let behind = Behind::a_proxy().await;
    let unknown = TcpConnector::new(&behind.address("localhost")).unwrap();
    let other_name = TcpConnector::new(&behind.address("127.0.0.1")).unwrap().trusting(AUTHORITY).unwrap();
    for (connector, why) in [(unknown, ConnectError::UnknownAuthority), (other_name, ConnectError::OtherName)] {
        assert_eq!(why_not(connector).await, Some(why));
    }
}

#[tokio::test]
async fn an_authoritys_certificate_as_the_servers_own_opens_no_link_though_it_is_trusted() {
    let behind = Behind::a_proxy_that_shows("self-signed.pem").await;
    let trusted = include_bytes!("wss/self-signed.pem");
    let connector = TcpConnector::new(&behind.address("localhost")).unwrap().trusting(trusted).unwrap();
    assert_eq!(why_not(connector).await, Some(ConnectError::AuthoritysOwn));
}

#[tokio::test]
async fn a_port_where_no_tls_is_spoken_is_told_and_so_is_a_proxy_that_no_server_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { server().listen(listener, std::future::pending()).await });
    let plain = TcpConnector::new(&format!("wss://localhost:{port}")).unwrap();
    let Some(ConnectError::Tls(why)) = why_not(plain).await else { panic!("no error of TLS") };
    assert_eq!(why.lines().count(), 1, "{why}");

    let behind = Behind::a_proxy_to(free_port().await, "localhost.pem");
    let connector = TcpConnector::new(&behind.address("localhost")).unwrap().trusting(AUTHORITY).unwrap();
    let Some(ConnectError::Other(why)) = why_not(connector).await else { panic!("no other error") };
    assert!(!why.is_empty() && why.lines().count() == 1, "{why:?}");
}

#[test]
fn what_is_no_root_certificate_is_refused_in_one_line() {
    let broken = AUTHORITY.iter().filter(|byte| **byte != b'M').copied().collect::<Vec<_>>();
    let cut = &AUTHORITY[..AUTHORITY.len() / 2];
    let rows: [(&str, &[u8], &str); 4] = [
        ("wss://localhost", b"", "there is none"),
        ("wss://localhost", cut, "one cannot be read"),
        ("wss://localhost", &broken, "one cannot be read"),
        ("ws://localhost", AUTHORITY, "nothing is verified without TLS, where the address begins with wss://"),
    ];
    for (address, pem, why) in rows {
        let error = TcpConnector::new(address).unwrap().trusting(pem).unwrap_err().to_string();
        let expected = format!("no root certificates are taken: {why}; in PEM each begins with -----BEGIN CERTIFICATE-----");
        assert_eq!(error, expected);
    }
}
